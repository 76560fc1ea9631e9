#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # of ledger.bash and tui.bash
# vmperf profile, live: its tables and its view in a real terminal, on real guests.
bats_require_minimum_version 1.5.0
load ledger.bash
load tui.bash

setup() {
	at_top || return 1
	case $BATS_TEST_DESCRIPTION in
	*guest*) [ -e /dev/kvm ] || skip "this host has no /dev/kvm" ;;
	esac
	mkdir "$T/home"
	# what the names of the VMs have of their own: others run the same tests
	own=$$
}

teardown() {
	close_terminal
	[ -z "${live:-}" ] || kill "$live" 2>/dev/null || true
	end_guests
}

# running NAME OPTIONS: a guest that runs until the test ends, called NAME-PID OF THE TEST
running() {
	mkfifo "$T/$1.in"
	: >"$T/$1.out"
	KVMGUEST="--rounds 0 $2" "$fixture/kvmguest" -name "guest=$1-$own" <>"$T/$1.in" >"$T/$1.out" 2>&1 &
	guests+=($!)
	tests/vm/payload/await line "$T/$1.out" ready
}

# One whose instructions the host emulates or runs without an end, one that asks its VMM for each of them.
two_guests() {
	running spinning 'spin=1000000'
	running asking 'io=1000000'
}

# tables ARGUMENT...: the text of the test's own guests into $T/tables, until the test ends it; $live
tables() {
	"$vmperf" profile --text --no-libvirt --vm "*-$own" "$@" >"$T/tables" 2>"$T/err" &
	live=$!
}

# becomes COMMAND...: until it succeeds; what never comes is an error, no end of waiting
becomes() {
	local end=$((SECONDS + 60))

	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || {
			echo "never: $*"
			cat "$T/tables" "$T/err" || true
			return 1
		}
		sleep 0.05
	done
}

# table_has REGEX: until one of the tables has such a line
table_has() {
	becomes grep -qE -- "$1" "$T/tables"
}

# last_table_has ONE ANOTHER: the last table has the one VM and not the other
last_table_has() {
	[ "$(tac "$T/tables" | sed -n '/^VM /q;p' | grep -c "^$2-$own")" = 0 ] &&
		tac "$T/tables" | grep -m 1 -B 100 '^VM ' | grep -q "^$1-$own"
}

has_cpu_time() { [ "$(ps -o cputimes= -p "$1")" -ge 1 ]; }
has_rounds() { [ "$(grep -c ^round "$1")" -gt "$2" ]; }
no_view() { [ "$(in_tmux display-message -p '#{alternate_on}')" = 0 ]; }

# told SIGNAL: it ends with status 0, and leaves no process behind
told() {
	local children

	children=$(pgrep -P "$live" | tr '\n' ' ')
	kill "-$1" "$live"
	wait "$live"
	for child in $children; do
		[ ! -e "/proc/$child" ]
	done
	live=
}

# view OPTIONS [SIZE]: the terminal's
view() {
	open_terminal "${2:-100x30}" "'$vmperf' profile --no-libvirt --vm '*-$own' -i 500ms $1 2>'$T/err'"
}

@test "two guests at once: each has its own rows, the split of each adds up" {
	two_guests
	"$vmperf" profile --text --no-libvirt --vm "*-$own" -d 2 --percent-limit 0 >"$T/tables" 2>"$T/err"
	for name in spinning asking; do
		grep -qE "^$name-$own +[0-9]" "$T/tables"
		# rows of functions: a share, samples, the VM, …
		grep -qE "^ *[0-9.]+% +[0-9]+ +$name-$own " "$T/tables"
	done
	# the first table alone: each VM's rows have as many samples as its line says
	awk -v own="$own" '
		/^$/ { part++; next }
		part == 1 && $1 ~ "-" own "$" { want[$1] = $2 }
		part == 2 && $1 ~ "%$" { for (i = 3; i < 6; i++) if ($i ~ "-" own "$") got[$i] += $2 }
		part == 3 { exit }
		END {
			for (vm in want) { n++; if (want[vm] != got[vm]) { print vm, want[vm], got[vm]; bad = 1 } }
			exit bad || n != 2
		}' "$T/tables"
	# the one that asks its VMM has samples of it
	"$vmperf" profile --text --no-libvirt --vm "asking-$own" -d 2 --mode user --sort module,symbol --percent-limit 0 >"$T/user"
	grep -qE '^ *[0-9.]+% +[0-9]+ +kvmguest ' "$T/user"
}

@test "functions of the host have names, although no thread holds a capability; nor any process more than one" {
	two_guests
	tables -i 500ms
	table_has "^ *[0-9.]+% +[0-9]+ +(spinning|asking)-$own +sys +\[kernel\] +[a-z_0-9]*(kvm|emul|vcpu|ioctl|syscall)"
	# what its VMM has mapped takes a privilege, which a process has that does nothing else
	table_has "^ *[0-9.]+% +[0-9]+ +asking-$own +user +kvmguest +[a-z_]+"
	[ "$(awk '/^CapEff/ { print $2 }' /proc/"$live"/task/*/status | sort -u)" = 0000000000000000 ]
	child=$(pgrep -P "$live")
	[ "$(cat "/proc/$child/comm")" = vmperf-maps ]
	# CAP_SYS_PTRACE
	[ "$(awk '/^CapEff/ { print $2 }' "/proc/$child/status")" = 0000000000080000 ]
	[ "$(awk '/^CapBnd/ { print $2 }' "/proc/$child/status")" = 0000000000000000 ]
	told TERM
}

@test "a guest that comes is shown, one that ends is no more" {
	running first 'spin=1000000'
	tables -i 300ms
	table_has "^first-$own +[0-9]"
	running second 'spin=1000000'
	table_has "^second-$own +[1-9]"
	kill "${guests[0]}"
	# a table later than its end that has the other one alone
	becomes last_table_has second first
	told HUP
}

@test "who ends it before the first table gets what there is; a pipe that nobody reads ends it" {
	running spinning 'spin=1000000'
	tables -i 1h -v
	becomes grep -q sampling "$T/err"
	# some samples are there once the guest has had CPU time
	becomes has_cpu_time "${guests[0]}"
	told TERM
	grep -qE "^spinning-$own +[0-9]" "$T/tables"
	# long before the interval ends
	mkfifo "$T/pipe"
	"$vmperf" profile --text --no-libvirt -i 1h >"$T/pipe" 2>"$T/err" &
	live=$!
	exec {reader}<"$T/pipe"
	exec {reader}<&-
	wait "$live"
	live=
	[ ! -s "$T/err" ]
}

@test "no VM: tables that say so; one that was asked for and never came is an error" {
	run -1 --separate-stderr "$vmperf" profile --text --no-libvirt -d 300ms --vm "nobody-$own"
	[[ $output == *"0 VMs"* ]]
	[[ $stderr == *"no VM was called nobody-$own"* ]]
}

@test "what cannot be sampled is told in one line" {
	# the kernel lowers its limit where sampling takes too long; at first it is the option's
	if [ "$(cat /proc/sys/kernel/perf_event_max_sample_rate)" -lt 100000 ]; then
		refused 1 "perf_event_max_sample_rate" profile --text -d 1 --freq 100000
	fi
	refused 2 "freq" profile --text -d 1 --freq 100001
	refused 2 "freq" profile --text -d 1 --freq 0
	refused 1 "nonsense" profile --text -d 1 --event nonsense
	refused 1 "one event" profile --text -d 1 --event cpu-clock,page-faults
	refused 1 "resctrl" profile --text -d 1 --event cmt
	refused 2 "--mode" profile --text -d 1 --mode nonsense
	refused 2 "--sort" profile --text -d 1 --sort nonsense
	refused 2 "--percent-limit" profile --text -d 1 --percent-limit 101
	refused 1 "$T/none" profile --text -d 1 --guestkallsyms "$T/none"
	# shellcheck disable=SC2016 # the inner shell expands it
	run -1 --separate-stderr "$fixture/nocap" "$vmperf" profile --text -d 1
	[ -z "$output" ]
	[ "${#stderr_lines[@]}" = 1 ]
	[[ $stderr == *"this user lacks CAP_"* ]]
}

@test "the view: guests, their split, functions; into one, its vCPU, and back; q gives the terminal back" {
	two_guests
	view
	until_screen grep -qE "^spinning-$own +[0-9.]+%"
	until_screen grep -qE "^asking-$own +[0-9.]+%"
	shows "all VMs"
	shows F10Quit
	# not the split, which may hold letters of the mode alone
	typed Down
	name=$(screen | grep -oE "^(spinning|asking)-$own" | head -1)
	typed Enter
	shows "vCPU 0"
	until_screen grep -qE "^$name  functions"
	typed Down Enter
	shows "$name › vCPU 0"
	typed Escape Escape
	until_screen grep -qE "^asking-$own +[0-9.]+%"
	typed q
	ended 0
	[ ! -s "$T/err" ]
}

@test "the view of guests: modes, groups, windows, a search, help, zero, pause" {
	two_guests
	view
	until_screen grep -qE "^asking-$own +[0-9.]+%"
	typed m
	until_screen grep -qE '^all VMs  functions  host '
	typed m m m m m m
	shows "all modes"
	typed s
	until_screen grep -qE '^all VMs  modules '
	typed s s w
	shows "the last interval"
	typed w
	shows "since the start"
	typed w
	shows "the last 10 intervals"
	typed /
	typed n o n e s u c h
	shows "The search hides all functions"
	typed Escape
	shows_no "The search hides"
	typed '?'
	shows "Into the selected VM"
	typed Escape
	typed z
	shows "all sums begin anew"
	typed p
	shows PAUSED
	running late 'spin=1000'
	# PAUSED may be seen while the rest is still being drawn
	becomes has_rounds "$T/late.out" 2
	screen >"$T/one"
	# some intervals later
	becomes has_rounds "$T/late.out" $((2 * $(grep -c ^round "$T/late.out")))
	screen >"$T/two"
	diff "$T/one" "$T/two"
	typed p
	shows "late-$own"
	# another size, also one with hardly any room
	in_tmux resize-window -x 38 -y 10
	shows "late-$own"
	in_tmux resize-window -x 120 -y 40
	shows "since" || shows "intervals"
	typed q
	ended 0
}

@test "the view of guests without colours, in ASCII alone; --duration ends it" {
	two_guests
	TUI_LOCALE=C view "--color never" 80x24
	until_screen grep -qE "^asking-$own +[0-9.]+%"
	screen | LC_ALL=C run ! grep -q '[^ -~]'
	coloured_screen >"$T/screen"
	run ! grep -qE $'\033\[[0-9;]*(3[0-7]|38;[0-9;]*)m' "$T/screen"
	typed F10
	ended 0
	close_terminal
	view "-d 1"
	ended 0
}

@test "the view ends cleanly when it is told to, and holds no capability" {
	view
	shows "No VM has such a name"
	pid=$(pgrep -x vmperf -P "$(in_tmux display-message -p '#{pane_pid}')")
	grep -hE '^CapEff' "/proc/$pid/task/"*/status >"$T/caps"
	[ "$(grep -vcE '[[:space:]]0+$' "$T/caps")" = 0 ]
	kill -TERM "$pid"
	ended 0
}

@test "Ctrl-Z gives the terminal to the shell, fg takes the view back" {
	open_terminal 100x30 "sh -im"
	typed "$vmperf profile --no-libvirt --vm nobody-$own" Enter
	shows "No VM has such a name"
	typed C-z
	shows "Stopped"
	[ "$(in_tmux display-message -p '#{alternate_on}')" = 0 ]
	typed fg Enter
	shows "No VM has such a name"
	typed q
	becomes no_view
}
