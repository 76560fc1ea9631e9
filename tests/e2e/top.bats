#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # of ledger.bash and tui.bash
# vmperf's terminal UI in a real terminal, on real guests: each key, each view.
bats_require_minimum_version 1.5.0
load ledger.bash
load tui.bash

setup() {
	at_top || return 1
	case $BATS_TEST_DESCRIPTION in
	*guest*) [ -e /dev/kvm ] || skip "this host has no /dev/kvm" ;;
	esac
	mkdir "$T/home"
}

teardown() {
	close_terminal
	end_guests
}

# running NAME OPTIONS: a guest that runs until the test ends
running() {
	mkfifo "$T/$1.in"
	KVMGUEST="--rounds 0 $2" "$fixture/kvmguest" -name "guest=$1" <>"$T/$1.in" >"$T/$1.out" 2>&1 &
	guests+=($!)
}

# Three guests that differ: many exits to the VMM on two vCPUs, few, none but halts.
three_guests() {
	running busy '-c 2 --pace 400 io=30 mmiow=10'
	running quiet '--pace 40 io=10'
	running asleep '--halt-ns 100000000 halt=1'
}

# top [BEFORE] [OPTIONS]: vmperf in a terminal, of the test's own guests
top() {
	case " ${2:-}" in
	*--replay* | *--all*) set -- "${1:-}" "${2/--all/}" ;;
	*) set -- "${1:-}" "${2:-} $([ "${#guests[@]}" = 0 ] || printf -- '--vm %s ' "${guests[@]}")" ;;
	esac
	open_terminal "${SIZE:-100x30}" "${1:+$1 }'$vmperf' $2 2>'$T/err'"
}

# in_order NAMES: so the rows stand
in_order() {
	[ "$(sed -nE 's/^(busy|quiet|asleep) .*/\1/p' | tr '\n' ' ')" = "$1 " ]
}

# click X Y: as a terminal tells it (xterm's control sequences, "normal tracking mode")
click() {
	printf '\\033[M \\x%02x\\x%02x\\033[M#\\x%02x\\x%02x' $(($1 + 32)) $(($2 + 32)) $(($1 + 32)) $(($2 + 32)) >"$T/click.format"
	# shellcheck disable=SC2059 # it is one
	printf "$(cat "$T/click.format")" >"$T/click"
	in_tmux load-buffer "$T/click"
	in_tmux paste-buffer -r
}

@test "vmperf alone shows all guests, and q gives the terminal back" {
	three_guests
	top "" --all
	shows "quiet "
	shows "busy "
	shows "asleep "
	typed q
	ended 0
	close_terminal
	top
	shows "3 VMs"
	shows "4 vCPUs"
	shows F10Quit
	[ "$(in_tmux display-message -p '#{alternate_on}')" = 1 ]
	typed q
	ended 0
	[ "$(in_tmux display-message -p '#{alternate_on}')" = 0 ]
	[ ! -s "$T/err" ]
}

@test "while it shows guests no thread of it holds a capability" {
	three_guests
	top
	shows "busy "
	pid=$(pgrep -x vmperf -P "$(in_tmux display-message -p '#{pane_pid}')")
	grep -hE '^Cap' "/proc/$pid/task/"*/status >"$T/caps"
	[ "$(grep -c ^CapEff "$T/caps")" -gt 1 ]
	[ "$(grep -vcE '[[:space:]]0+$' "$T/caps")" = 0 ]
	typed F10
	ended 0
}

@test "Enter goes into a guest, its vCPU, an exit reason; Esc comes back" {
	three_guests
	top
	shows "busy "
	typed / b u s y Enter
	shows_no "quiet "
	typed Enter
	shows "busy  1overview"
	shows "2 vCPUs"
	shows "─ vCPUs"
	shows "─ user-space exits"
	typed Down Enter
	shows "vCPU 1"
	typed Escape
	shows "2 vCPUs"
	typed 4
	shows MMIO
	typed Enter
	shows "› "
	shows "─ vCPUs"
	typed Escape Escape Escape Escape
	shows "asleep "
	typed Escape
	shows "asleep "
}

@test "each view of all guests, and of one" {
	three_guests
	top "" "--events page-faults,context-switches"
	shows "busy "
	typed 2
	until_screen grep -qE '^busy +1 '
	typed 3
	shows "exit"
	typed 4
	until_screen grep -qE '^busy +MMIO '
	typed 5
	until_screen grep -qE '^busy +emulator '
	typed 6
	until_screen grep -qE '^busy +page-faults '
	typed 7
	shows "moves/s"
	typed 8
	until_screen grep -qE '^busy +2( |$)'
	typed 9
	shows "kvm_userspace_exit"
	shows "active"
	typed 1
	shows "verdict"
	typed Home Enter
	shows 1overview
	for view in "2:vCPU" "4:reason" "5:emulator" "6:page-faults" "7:CPUs" "9:Probes"; do
		typed "${view%%:*}"
		shows "${view#*:}"
	done
}

# calls NAME: of the process that opens events, so far
calls() {
	grep -cE "^$(cat "$T/opener") +$1" "$T/strace" || true
}

until_calls() {
	local end=$((SECONDS + 30))

	until [ "$(calls "$1")" -ge "$2" ]; do
		[ "$SECONDS" -lt "$end" ] || {
			echo "$1: $(calls "$1") of $2"
			return 1
		}
		sleep 0.05
	done
}

@test "what is hidden is not collected: events are open while a view of guests shows them, no longer" {
	three_guests
	top "strace -f -o '$T/strace' -e trace=perf_event_open,bpf" "-e page-faults,context-switches"
	shows "busy "
	pgrep -x vmperf-opener -n >"$T/opener"
	n=$((2 * $(nproc)))
	# nothing shows them
	until_calls 'bpf\(BPF_MAP_DELETE_ELEM' $n
	[ "$(calls 'bpf\(BPF_MAP_DELETE_ELEM')" = $n ]
	[ "$(calls perf_event_open)" = 0 ]
	typed 6
	until_calls perf_event_open $n
	until_screen grep -qE '^busy +context-switches .* [0-9.]+k? +100%'
	[ "$(calls perf_event_open)" = $n ]
	[ "$(calls 'bpf\(BPF_MAP_UPDATE_ELEM')" = $n ]
	typed 1
	until_calls 'bpf\(BPF_MAP_DELETE_ELEM' $((2 * n))
	typed q
	ended 0
	[ "$(calls 'bpf\(BPF_MAP_DELETE_ELEM')" = $((2 * n)) ]
}

@test "sorting: by a column, the other way round, by a click on its title" {
	three_guests
	SIZE=160x30 top
	shows "asleep "
	typed s
	shows "user/s"
	typed Escape
	# by name
	typed s Home Down Enter
	until_screen in_order "asleep busy quiet"
	typed r
	until_screen in_order "quiet busy asleep"
	click 1 "$(screen | grep -nE '^VM' | cut -d: -f1)"
	until_screen in_order "asleep busy quiet"
	# a row is selected by a click, and looked into by two
	y=$(screen | grep -nE '^quiet ' | cut -d: -f1)
	click 1 "$y"
	click 1 "$y"
	shows "quiet  1overview"
}

@test "a filter: typed, kept, cleared, left with Esc" {
	three_guests
	top
	shows "asleep "
	typed /
	typed Q u
	shows_no "asleep "
	shows "quiet "
	typed Escape
	shows "asleep "
	typed F3
	typed u i e Enter
	shows_no "busy "
	typed "\\"
	shows "busy "
	typed / n o n e Enter
	shows_no "quiet "
	typed Escape
	shows "quiet "
}

@test "pause holds the screen still, and going on shows the present guests" {
	three_guests
	top "" "-i 100ms --all"
	shows "asleep "
	typed p
	shows PAUSED
	screen >"$T/one"
	running late '--pace 40 io=10'
	# some intervals later
	until [ "$(own_rounds late)" -gt 2 ]; do sleep 0.05; done
	screen >"$T/two"
	cmp "$T/one" "$T/two"
	typed Down
	typed Up
	shows_no "late "
	# what is asked for is shown all the same: totals are of more than the interval that was held
	typed t
	shows TOTALS
	until_screen is_of_other "$(measured_time <"$T/one")"
	typed w C-u "$T/paused.vmperf" Enter
	shows REC
	typed w
	shows "paused.vmperf is closed"
	typed t p
	shows "late "
	shows_no PAUSED
}

# measured_time: what the figures of a screen are of
measured_time() {
	sed -nE '1s/.* ([0-9.]+m?s)  [0-9:]{8} *$/\1/p'
}

is_of_other() {
	[ "$(measured_time)" != "$1" ]
}

own_rounds() { grep -c ^round "$T/$1.out"; }

@test "the interval is changed and kept, so are columns, theme and sorting: a guest's list looks the same next time" {
	three_guests
	top
	shows "busy "
	typed +
	shows "500ms"
	typed - -
	shows "2.00s"
	typed c
	shows "[x]"
	# the second one, vCPUs, is taken out
	typed Home Down Space Escape
	until_screen grep -qE '^VM +CPU'
	typed q
	ended 0
	grep -q '^interval' "$T/home/.config/vmperf/settings"
	close_terminal
	top
	grep -qx 'interval_ms = 2000' "$T/home/.config/vmperf/settings"
	until_screen grep -qE '^VM +CPU'
	# a row for each vCPU
	typed H
	until_screen is_count 2 '^busy '
	typed H
	until_screen is_count 1 '^busy '
}

# is_count N REGEX: so many lines
is_count() {
	[ "$(grep -cE -- "$2")" = "$1" ]
}

@test "explain, help, totals, theme" {
	three_guests
	top "" "-i 200ms"
	shows "busy "
	typed Right Right e
	shows "vCPU"
	typed Escape
	typed '?'
	shows "This help"
	typed Escape
	typed t
	shows TOTALS
	typed t
	shows_no TOTALS
	coloured_screen >"$T/default"
	typed T
	typed T T
	shows "busy "
}

# chosen TEXT: Enter on the selected row leads to this place; comes back
chosen() {
	typed Enter
	shows "$1  1overview"
	typed Escape
	shows_no 1overview
}

@test "each key of the table, under each of its names, on guests" {
	three_guests
	SIZE=100x12 top "" "-i 200ms"
	shows "asleep "
	typed s Home Down Enter
	until_screen in_order "asleep busy quiet"
	for keys in "j k" "Down Up"; do
		typed Home "${keys% *}"
		chosen busy
		typed "${keys#* }"
		chosen asleep
	done
	for keys in "G g" "End Home"; do
		typed "${keys% *}"
		chosen quiet
		typed "${keys#* }"
		chosen asleep
	done
	typed I
	until_screen in_order "quiet busy asleep"
	typed r
	until_screen in_order "asleep busy quiet"
	for key in F1 '?' h; do
		typed "$key"
		shows "This help"
		typed q
		shows_no "This help"
	done
	# longer than the screen
	typed h
	shows "This help"
	for keys in "NPage PPage" "C-f C-b"; do
		typed "${keys% *}"
		shows_no "This help"
		typed "${keys#* }"
		shows "This help"
	done
	typed Escape
	for key in F2 c; do
		typed "$key"
		shows "[x]"
		typed Escape
		shows_no "[x]"
	done
	for key in / F3 F4; do
		typed "$key" b u s y Enter
		shows_no "quiet "
		typed "\\"
		shows "quiet "
	done
	for key in F5 t; do
		typed "$key"
		shows TOTALS
		typed "$key"
		shows_no TOTALS
	done
	for key in p Space; do
		typed "$key"
		shows PAUSED
		typed "$key"
		shows_no PAUSED
	done
	for key in = +; do
		typed "$key"
		shows 100ms
		typed _ -
		shows 500ms
		typed +
	done
	typed Home Right Right e
	shows "CPU"
	typed Left Escape
	typed Down Enter
	shows "busy  1overview"
	# from the vCPUs to the exits, where Enter leads into a reason
	typed Tab Enter
	shows "busy ›"
	for key in BSpace Escape; do
		typed "$key"
		shows_no "busy ›"
		shows "busy  1overview"
		typed Enter
		shows "busy ›"
	done
	typed Escape Escape
	shows_no 1overview
	# something else has written to the terminal
	in_tmux send-keys -R
	typed C-l
	shows F10Quit
	shows "busy "
	coloured_screen >"$T/one"
	typed T T
	until_screen grep -q F10Quit
	until ! cmp -s "$T/one" <(coloured_screen); do sleep 0.05; done
	grep -qx 'theme = dark' "$T/home/.config/vmperf/settings"
	typed F10
	ended 0
}

@test "w writes a record of the guests, which --replay plays: forth, back, to a time, to the end" {
	three_guests
	top "cd '$T';" "-i 200ms"
	shows "busy "
	typed w
	shows ".vmperf"
	typed C-u t e s t Enter
	until_screen grep -q 'REC'
	[ -e "$T/test" ]
	size=$(stat -c %s "$T/test")
	until [ "$(stat -c %s "$T/test")" -gt $((size + 2000)) ]; do sleep 0.05; done
	typed w
	shows closed
	typed q
	ended 0
	"$vmperf" snapshot --replay "$T/test" --format json >"$T/json"
	balanced "$T/json"
	[ "$(jq '[.vms[].name] | sort | join(" ")' "$T/json")" = '"asleep busy quiet"' ]
	close_terminal
	end_guests
	top "" "--replay '$T/test' --speed 100"
	shows REPLAY
	shows "busy "
	# it stops at the end
	until_screen grep -qE 'REPLAY +([0-9]+)/\1 '
	n=$(screen | sed -nE 's@.*REPLAY +([0-9]+)/.*@\1@p')
	[ "$n" -gt 3 ]
	typed '['
	until_screen grep -qE "REPLAY .*$((n - 1))/$n"
	typed '['
	until_screen grep -qE "REPLAY .*$((n - 2))/$n"
	typed ']'
	until_screen grep -qE "REPLAY .*$((n - 1))/$n"
	typed ,
	until_screen grep -qE "REPLAY .*$((n - 2))/$n"
	typed .
	until_screen grep -qE "REPLAY .*$((n - 1))/$n"
	typed '{'
	until_screen grep -qE "REPLAY .*[12]/$n"
	typed '}'
	until_screen grep -qE "REPLAY .*$n/$n"
	typed q
	ended 0
	close_terminal
	top "" "--replay '$T/test' --at end"
	until_screen grep -qE "REPLAY .*$n/$n"
	typed Enter
	shows 1overview
}

@test "any size, at any moment: guests are shown, and nothing breaks" {
	three_guests
	top "" "-i 200ms"
	shows "busy "
	for size in 40x10 400x100 60x20 10x3 1x1 80x24; do
		in_tmux resize-window -x "${size%x*}" -y "${size#*x}"
		typed Enter
		typed 3
		typed Escape
		typed '?'
		typed Escape
	done
	typed 1
	shows "busy "
	[ "$(screen | wc -l)" -le 24 ]
	in_tmux resize-window -x 40 -y 10
	shows "busy"
	typed q
	ended 0
}

@test "Ctrl-Z gives the terminal to the shell, fg takes it back: guests are shown again" {
	three_guests
	open_terminal 100x30 "sh -im"
	typed "$vmperf" Enter
	shows "busy "
	typed C-z
	shows "Stopped"
	[ "$(in_tmux display-message -p '#{alternate_on}')" = 0 ]
	pid=$(pgrep -x vmperf -P "$(pgrep -P "$(in_tmux display-message -p '#{pane_pid}')" -x sh)")
	[ "$(ps -o stat= -p "$pid" | cut -c1)" = T ]
	typed fg Enter
	shows "busy "
	shows F10Quit
	typed Down Up
	typed q
	until [ "$(in_tmux display-message -p '#{alternate_on}')" = 0 ]; do sleep 0.05; done
}

@test "it is killed: the terminal is as it was" {
	running one '--pace 100 io=10'
	for signal in TERM INT HUP SEGV ABRT; do
		top
		shows "F10Quit"
		pid=$(pgrep -x vmperf -P "$(in_tmux display-message -p '#{pane_pid}')")
		kill -$signal "$pid"
		shows "the command has ended"
		cmp "$T/before" "$T/after"
		[ "$(in_tmux display-message -p '#{alternate_on}')" = 0 ]
		case $signal in
		SEGV) [ "$(cat "$T/status")" = 139 ] ;;
		ABRT) [ "$(cat "$T/status")" = 134 ] ;;
		*) [ "$(cat "$T/status")" = 0 ] ;;
		esac
		close_terminal
	done
}

@test "no UTF-8, no colours: all the same guests are there, in ASCII" {
	three_guests
	TUI_LOCALE=C TUI_TERM=vt100 top
	shows "busy "
	[ "$(screen | LC_ALL=C grep -c '[^ -~]')" = 0 ]
	coloured_screen >"$T/mono"
	run ! grep -qE $'\033\\[[0-9;]*(3[0-7]|4[0-7]|38|48)' "$T/mono"
	# the parts of the ledger are letters
	until_screen grep -qE '^busy .*[bpwrgkvi]{5}'
	close_terminal
	TUI_TERM=xterm-256color top "NO_COLOR=1"
	shows "busy "
	coloured_screen >"$T/mono"
	run ! grep -qE $'\033\\[[0-9;]*(3[0-7]|4[0-7]|38|48)' "$T/mono"
	close_terminal
	TUI_TERM=xterm-256color top
	shows "busy "
	coloured_screen >"$T/colours"
	grep -qE $'\033\\[[0-9;]*38;5' "$T/colours"
	for term in linux screen xterm-direct tmux-256color; do
		close_terminal
		top "TERM=$term"
		shows "busy "
		typed q
		ended 0
	done
}

@test "guests with hostile names are shown harmlessly" {
	mkfifo "$T/in"
	KVMGUEST='--rounds 0 --pace 50 io=10' "$fixture/kvmguest" -name $'guest=a\033]0;evil\007\033[31mb "q"' <>"$T/in" >"$T/out" &
	guests+=($!)
	top
	shows '\x1b'
	title=$(in_tmux display-message -p '#{pane_title}')
	[[ $title != *evil* ]]
	typed Enter
	shows '\x1b'
}

@test "without a terminal: one line that names vmperf snapshot, status 1" {
	run bash -c '"$0" </dev/null 2>&1' "$vmperf"
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 1 ]
	[[ $output == "vmperf: "*"vmperf snapshot"* ]]
	top ">'$T/into'"
	shows "the command has ended"
	[ "$(cat "$T/status")" = 1 ]
	[ ! -s "$T/into" ]
}

@test "a terminal that is not known, no privilege: one line, status 1, the terminal untouched" {
	top "TERM=none-such"
	ended 1
	[ "$(wc -l <"$T/err")" = 1 ]
	close_terminal
	top "TERM=dumb"
	ended 1
	[ "$(wc -l <"$T/err")" = 1 ]
	close_terminal
	top "setpriv --bounding-set -all --inh-caps -all"
	ended 1
	[ "$(wc -l <"$T/err")" = 1 ]
	grep -q "lacks CAP_" "$T/err"
}

@test "settings that make no sense are left out, and a home that cannot be written is told of" {
	mkdir -p "$T/home/.config/vmperf"
	{
		printf 'theme = pink\n'
		head -c 100000 /dev/urandom
	} >"$T/home/.config/vmperf/settings"
	top
	shows "makes no sense"
	typed q
	ended 0
	close_terminal
	rm -rf "${T:?}/home"
	: >"$T/home"
	top
	shows "F10Quit"
	typed +
	shows "not kept"
	typed q
	ended 0
}
