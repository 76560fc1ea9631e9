#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # of ledger.bash
# vmperf record, and snapshot --replay of what it wrote, with guests of our own under this host's KVM.
bats_require_minimum_version 1.5.0
load ledger.bash

setup() {
	at_top || return 1
	case $BATS_TEST_DESCRIPTION in
	*guest*) [ -e /dev/kvm ] || skip "this host has no /dev/kvm" ;;
	esac
	rec=$T/a.vmperf
}

teardown() {
	end_guests
	! mountpoint -q "$T/small" || umount "$T/small"
}

own_count() { sed -n 's/^done .* userspace=\([0-9]*\).*/\1/p' "$@"; }

# start ARGUMENT...: records in the background until it is told to end; its messages are in $T/err
start() {
	# not what one before has said
	rm -f "$T/err"
	env --default-signal=INT,HUP "$vmperf" record -v "$@" 2>"$T/err" &
	recorder=$!
	guests+=("$recorder")
	tests/vm/payload/await line "$T/err" 'vmperf: recording'
}

# ends STATUS: what start began
ends() {
	local status=0

	wait "$recorder" || status=$?
	[ "$status" = "$1" ]
}

# replay FILE ARGUMENT...: into $T/json, and balanced
replay() {
	"$vmperf" snapshot --format json --replay "$@" >"$T/json" && balanced "$T/json"
}

# records FILE...: how many samples vmperf said it had written
samples() { sed -n 's/^vmperf: .*: \([0-9]*\) samples\? of .*/\1/p' "$T/err"; }

@test "what a guest did is in the record one by one" {
	"$vmperf" record "$rec" -i 50ms --vm exact -- "$fixture/kvmguest" --pace 50 io=20 mmiow=10 -- -name guest=exact \
		>"$T/out" 2>"$T/err"
	[ "$(wc -l <"$T/err")" = 1 ]
	[[ $(<"$T/err") == "vmperf: $rec: "*" samples of 1 VM, "* ]]
	own=$(own_count "$T/out")
	[ "$own" -gt 30 ]
	replay "$rec"
	[ "$(jq '.vms | length' "$T/json")" = 1 ]
	[ "$(jq '.vms[0].userspace_exit_count' "$T/json")" = "$own" ]
	[ "$(jq '.vms[0].userspace_exits[] | select(.reason == "MMIO").count' "$T/json")" = 10 ]
	[ "$(jq '[.loss[]] | add' "$T/json")" = 0 ]
	for by in vm vcpu exit thread event; do
		"$vmperf" snapshot --replay "$rec" --by $by >"$T/table"
		tr '\n' ' ' <"$T/table" | grep -q "record *$rec, from .* to "
		[ $by = event ] || grep -q '^(ended) exact' "$T/table"
	done
}

@test "what a guest did until a time" {
	"$vmperf" record "$rec" -i 20ms --vm until -- "$fixture/kvmguest" --pace 50 io=30 -- -name guest=until \
		>"$T/out" 2>"$T/err"
	before=0
	for at in +100ms +200ms -100ms end; do
		replay "$rec" --at="$at" --interval 1d
		count=$(jq '.vms[0].userspace_exit_count' "$T/json")
		[ "$count" -ge "$before" ]
		before=$count
	done
	[ "$before" = "$(own_count "$T/out")" ]
	# without the last interval
	replay "$rec" --at end --interval 10ms
	[ "$(jq .interval_ns "$T/json")" -lt 500000000 ]
	[ "$(jq '.vms[0].userspace_exit_count // 0' "$T/json")" -lt "$before" ]
}

@test "Ctrl-C and SIGTERM end it well: with a last sample, a closing line, status 0" {
	for signal in INT TERM HUP; do
		start -i 1d "$T/$signal"
		kill -$signal "$recorder"
		wait "$recorder"
		[[ $(tail -1 "$T/err") == "vmperf: $T/$signal: 2 samples of "* ]]
		replay "$T/$signal"
	done
}

@test "a signal that is ignored does not end it: nohup" {
	env --ignore-signal=HUP --default-signal=INT "$vmperf" record -v -i 1d "$rec" 2>"$T/err" &
	recorder=$!
	guests+=("$recorder")
	tests/vm/payload/await line "$T/err" 'vmperf: recording'
	# SIGHUP is 1
	[ $((0x$(awk '$1 == "SigBlk:" { print $2 }' "/proc/$recorder/status") & 1)) = 0 ]
	kill -HUP "$recorder"
	kill -0 "$recorder"
	kill -INT "$recorder"
	wait "$recorder"
}

@test "--duration ends it; COMMAND's status is its own" {
	"$vmperf" record "$rec" -i 100ms --duration 250ms 2>"$T/err"
	# at 0, 100, 200 and 250 ms, less those that a busy host missed
	[ "$(samples)" -ge 2 ] && [ "$(samples)" -le 4 ]
	replay "$rec"
	[ "$(jq '.interval_ns >= 250000000' "$T/json")" = true ]
	run -7 "$vmperf" record "$rec" -- sh -c 'exit 7'
}

@test "recording again appends: the last run is shown, --at reaches the first; a guest's counts are each run's" {
	guest --hold --rounds 3 --sched io=100 -- -name guest=twice
	await line "$T/out" 'round 1'
	for n in 2 3; do
		"$vmperf" record "$rec" -i 10ms --vm twice -- sh -c "echo >'$T/in'; tests/vm/payload/await line '$T/out' 'round $n'" \
			2>"$T/err"
		replay "$rec"
		# one more ends the round
		[ "$(jq '.vms[0].userspace_exits[] | select(.reason == "IO").count' "$T/json")" = 101 ]
		[ "$n" = 3 ] || {
			begin=$(jq '.time_ns - .interval_ns' "$T/json")
			end=$(jq .time_ns "$T/json")
		}
	done
	[ "$(jq .time_ns "$T/json")" -gt "$end" ]
	# the whole first run, and its first interval
	replay "$rec" --at +$((end - begin + 100000000))ns --interval 1d
	[ "$(jq .time_ns "$T/json")" = "$end" ]
	[ "$(jq '.vms[0].userspace_exits[] | select(.reason == "IO").count' "$T/json")" = 101 ]
	replay "$rec" --at start
	[ "$(jq .time_ns "$T/json")" -le "$end" ]
}

@test "a record whose recorder was killed can be read, and is gone on with" {
	start -i 10ms "$rec"
	n=0
	until "$vmperf" snapshot --replay "$rec" >"$T/table" 2>/dev/null; do
		[ $((n += 1)) -lt 3000 ]
	done
	kill -9 "$recorder"
	wait "$recorder" || true
	replay "$rec"
	"$vmperf" record "$rec" -i 10ms --duration 50ms 2>"$T/err"
	replay "$rec"
}

@test "a cut-off end is left out, and said; what is damaged is refused with one line" {
	# the last sample needs all before it
	"$vmperf" record "$rec" -i 10ms --duration 100ms 2>"$T/err"
	size=$(stat -c %s "$rec")
	head -c $((size - 3)) "$rec" >"$T/cut"
	"$vmperf" snapshot --replay "$T/cut" >"$T/table" 2>"$T/warning"
	[ "$(wc -l <"$T/warning")" = 1 ]
	grep -q 'bytes are no whole sample' "$T/warning"
	# the next one cuts them off
	"$vmperf" record "$T/cut" -i 10ms --duration 10ms 2>"$T/warning"
	grep -q 'cut off' "$T/warning"
	"$vmperf" snapshot --replay "$T/cut" >"$T/table" 2>"$T/warning"
	[ ! -s "$T/warning" ]
	for at in 0 9 $((size / 2)); do
		cp "$rec" "$T/flipped"
		byte=$(dd if="$rec" bs=1 skip=$at count=1 status=none | od -An -tu1)
		# shellcheck disable=SC2059 # an octal number
		printf "\\$(printf %03o $((byte ^ 64)))" | dd of="$T/flipped" bs=1 seek=$at conv=notrunc status=none
		refused 1 "$T/flipped" snapshot --replay "$T/flipped"
	done
	: >"$T/empty"
	refused 1 "$T/empty" snapshot --replay "$T/empty"
}

@test "where standard descriptors are closed messages do not get into the record" {
	"$vmperf" record -v "$rec" -i 10ms --duration 50ms <&- >&- 2>&-
	replay "$rec"
	run -1 bash -c "'$vmperf' snapshot --replay '$rec' >&-"
	[[ $output == *"cannot write to standard output"* ]]
}

@test "what is no record is not touched" {
	echo 'a letter' >"$T/letter"
	refused 1 "$T/letter" record "$T/letter" --duration 10ms
	[ "$(cat "$T/letter")" = 'a letter' ]
	refused 1 "$T/letter" snapshot --replay "$T/letter"
	refused 1 'No such file or directory' record "$T/none/a.vmperf"
	refused 1 'No such file or directory' snapshot --replay "$T/none/a.vmperf"
	refused 1 directory record "$T"
	refused 1 device record /dev/null
	[ -c /dev/null ]
}

@test "wrong usage: one line, status 2" {
	refused 2 'FILE is missing' record
	refused 2 'FILE is missing' record -- true
	refused 2 'one FILE only' record a b
	refused 2 'an argument is empty' record ''
	refused 2 'a command must follow --' record a --
	refused 2 'out of range' record a --max-files 0
	refused 2 'is not a size' record a --max-size 1MB
	refused 2 '--at is a time in a record' snapshot --at end
	"$vmperf" record "$rec" -i 10ms --duration 50ms 2>"$T/err"
	refused 2 '-- COMMAND makes no sense with --replay' snapshot --replay "$rec" -- true
	refused 2 '--events makes no sense' snapshot --replay "$rec" --events none
	refused 2 '--max-vcpus makes no sense' snapshot --replay "$rec" --max-vcpus 4
	refused 2 '--no-libvirt makes no sense' snapshot --replay "$rec" --no-libvirt
	refused 2 'is not a time' snapshot --replay "$rec" --at noon
	refused 2 'once only' snapshot --replay "$rec" --at start --at end
	refused 1 'nothing was recorded at' snapshot --replay "$rec" --at +1h
	refused 1 'nothing was recorded at' snapshot --replay "$rec" --at @1000000000
	refused 2 '' snapshot --replay "$rec" --at
}

@test "--vm chooses among the guests that were recorded" {
	KVMGUEST='--rounds 0 --hold io=1' "$fixture/kvmguest" -name guest=chosen-1 <"/dev/zero" >"$T/web" &
	guests+=($!)
	guest --hold io=1 -- -name guest=dropped-1
	await line "$T/out" ready
	tests/vm/payload/await line "$T/web" ready
	"$vmperf" record "$rec" -i 50ms --duration 100ms 2>"$T/err"
	replay "$rec" --vm 'chosen*'
	[ "$(jq -r '.vms[].name' "$T/json")" = chosen-1 ]
	run -1 bash -c "'$vmperf' snapshot --replay '$rec' --vm nobody 2>&1 >/dev/null"
	[[ $output == "vmperf: no VM is called nobody"* ]]
	# and when it records
	"$vmperf" record "$T/db" -i 50ms --duration 100ms --vm 'dropped*' 2>"$T/err"
	replay "$T/db"
	[ "$(jq -r '.vms[].name' "$T/json")" = dropped-1 ]
	run -1 bash -c "'$vmperf' record '$T/db' -i 50ms --duration 100ms --vm nobody 2>&1"
	[[ $output == *"vmperf: no VM is called nobody "*"VMs here: "* ]]
	[ "${output##*VMs here: }" -ge 2 ]
}

@test "--max-size begins a new file, after all privileges were dropped, and keeps so many" {
	# whatever else there is on this host: a sample is small
	guest --hold io=10
	"$vmperf" record "$rec" -i 10ms --duration 1s --vm "$pid" --max-size 3k --max-files 3 2>"$T/err"
	grep -q 'times a new file' "$T/err"
	for f in "$rec" "$rec.1" "$rec.2"; do
		[ "$(stat -c %s "$f")" -le 3000 ]
	done
	replay "$rec.1"
	replay "$rec.2"
	[ ! -e "$rec.3" ]
}

@test "what guests did while a new file began is in one of them, once" {
	"$vmperf" record "$rec" -i 20ms --vm turns --max-size 2k --max-files 1000 -- \
		"$fixture/kvmguest" --pace 50 io=40 mmiow=10 -- -name guest=turns >"$T/out" 2>"$T/err"
	sum=0
	for f in "$rec" "$rec".*; do
		replay "$f"
		sum=$((sum + $(jq '[.vms[].userspace_exit_count] | add // 0' "$T/json")))
	done
	[ -e "$rec.2" ]
	[ "$sum" = "$(own_count "$T/out")" ]
}

@test "where no new file can be made: one line, and the old one can be read" {
	# root without capabilities may not write into others' directories
	install -d -o nobody "$T/others"
	guest --hold io=10
	run -1 "$vmperf" record "$T/others/a" -i 10ms --duration 2s --vm "$pid" --max-size 3k
	[ "${#lines[@]}" = 1 ]
	[[ $output == *"$T/others/a"* ]]
	[[ $output == *denied* ]]
	replay "$T/others/a"
}

@test "a full disk: one line, status 1, and what was written can be read" {
	mkdir "$T/small"
	mount -t tmpfs -o size=16k none "$T/small" || skip "cannot mount a tmpfs"
	run -1 "$vmperf" record "$T/small/a" -i 10ms --duration 1m
	[ "${#lines[@]}" = 1 ]
	[[ $output == *"No space left on device"* ]]
	replay "$T/small/a"
	umount "$T/small"
}

@test "a limit of file sizes: one line, status 1, what was written can be read; COMMAND has the signal as ever" {
	# 16 kB
	run -1 bash -c "ulimit -f 16; '$vmperf' record '$rec' -i 10ms --duration 1m"
	[ "${#lines[@]}" = 1 ]
	[[ $output == *"File too large"* ]]
	replay "$rec"
	# SIGXFSZ is 25
	run "$vmperf" record "$T/b" -- grep -E '^Sig(Blk|Ign)' /proc/self/status
	[[ $output =~ SigBlk:[[:space:]]*([0-9a-f]+).*SigIgn:[[:space:]]*([0-9a-f]+) ]]
	[ $(((0x${BASH_REMATCH[1]} | 0x${BASH_REMATCH[2]}) >> 24 & 1)) = 0 ]
}

@test "a file that is removed meanwhile: one line, status 1" {
	start -i 10ms "$rec"
	rm "$rec"
	ends 1
	grep -v 'vmperf: recording\|events are counted' "$T/err" >"$T/lines"
	[ "$(wc -l <"$T/lines")" = 1 ]
	grep -q 'has been removed while it was written' "$T/lines"
}

@test "COMMAND goes on after --duration, and its status is vmperf's; interrupted twice, it is not waited for" {
	mkfifo "$T/go"
	"$vmperf" record "$rec" --duration 50ms -- sh -c "read -r x <'$T/go'; exit 9" 2>"$T/err" &
	recorder=$!
	guests+=("$recorder")
	tests/vm/payload/await line "$T/err" "vmperf: $rec"
	kill -0 "$recorder"
	echo >"$T/go"
	ends 9
	: >"$T/out"
	env --default-signal=INT,HUP "$vmperf" record "$rec" -- sh -c "trap '' INT; echo up \$\$; read -r x <'$T/go'" >"$T/out" 2>"$T/err" &
	recorder=$!
	guests+=("$recorder")
	tests/vm/payload/await line "$T/out" up
	kill -INT "$recorder"
	kill -HUP "$recorder"
	ends 0
	kill -0 "$(cut -d ' ' -f 2 "$T/out")"
	echo >"$T/go"
}

# same_sums FILE: between the first and the last sample of its last run each VM has, by the reader that
# knows nothing of vmperf, what vmperf says: time, exits, user-space exits, halts
same_sums() {
	replay "$1"
	jq -c '[.vms[] | [.name, .observed_ns, .exit_count // 0, .userspace_exit_count, .halts.count // 0]] | sort' \
		"$T/json" >"$T/want"
	tests/e2e/read_record.py "$1" | jq -sc '
		def sums: [.vms[] | .name as $name | [.gone, .vcpus[]] | [$name, (map(.observed_ns) | add),
			([.[].exits[].count] | add // 0), ([.[].uexits | .[range(0; length; 2)]] | add),
			([.[]["halts.hist"][]] | add)]] | sort;
		[(map(select(.flags % 2 == 1)) | last | sums), (last | sums)] | transpose |
			map([.[0][0], (range(1; 5) as $i | .[1][$i] - .[0][$i])])' >"$T/got"
	diff "$T/want" "$T/got"
}

@test "another program reads a record of guests by the description of its format, and gets the same" {
	command -v python3 >/dev/null || skip "python3 is not installed"
	guest --hold --rounds 2 io=200 mmiow=7 -- -name guest=read-1
	await line "$T/out" 'round 1'
	"$vmperf" record "$rec" -i 20ms --vm 'read-*' -- sh -c "echo >'$T/in'; tests/vm/payload/await line '$T/out' 'round 2'" 2>"$T/err"
	same_sums "$rec"
	[ "$(jq '.[0][3]' "$T/got")" -gt 200 ]
	# with exits, which this host's KVM may not show
	cp tests/golden/record-v1.vmperf "$rec"
	same_sums "$rec"
	[ "$(jq '.[0][2]' "$T/got")" -gt 1000 ]
	# of the second version, with what is known of VMs beyond their names
	cp tests/golden/record-v2.vmperf "$rec"
	same_sums "$rec"
	python3 tests/e2e/read_record.py "$rec" | jq -s 'last | .vms | map([.name, .machine, .vpmu, .meta])' >"$T/want"
	"$vmperf" snapshot --replay "$rec" --format json | jq '.vms | sort_by(.name) |
		map([.name, .machine // "", {off: 1, on: 2}[.vpmu // ""] // 0,
			[.metadata | .title, .instance, .flavor, .project, .namespace, .vmi | . // ""]])' >"$T/got"
	jq 'sort' "$T/want" | diff - <(jq 'sort' "$T/got")
	jq -e 'map(select(.[1] != "" and .[2] > 0)) | length == 2' "$T/got"
}

@test "two do not write into one file" {
	start -i 1d "$rec"
	refused 1 'another vmperf' record "$rec" --duration 10ms
	kill -INT "$recorder"
	wait "$recorder"
	replay "$rec"
}

@test "while it records vmperf holds no capability" {
	"$vmperf" record "$rec" -- sh -c "grep -E '^Cap' /proc/\$PPID/status >$T/caps" 2>"$T/err"
	[ "$(grep -c . "$T/caps")" = 5 ]
	run ! grep -qvE '[[:space:]]0+$' "$T/caps"
}

@test "what opens events meanwhile does not keep the record open" {
	# shellcheck disable=SC2016 # the inner shell expands it
	"$vmperf" record "$rec" --events context-switches -- sh -c 'for p in /proc/[0-9]*; do
		grep -qx "PPid:.$PPID" $p/status 2>/dev/null && grep -qx vmperf-opener $p/comm && readlink $p/fd/* >"$0"; done' \
		"$T/fds" 2>"$T/err" || true
	[ -s "$T/fds" ]
	cat "$T/fds"
	run ! grep -qF "$rec" "$T/fds"
}

@test "without privilege: one line, and no file is left behind" {
	install -d -m 777 "$T/all"
	chmod 711 "$T" "$T/.." "$BATS_RUN_TMPDIR"
	install -m 755 "$vmperf" "$T/vmperf"
	run setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all --inh-caps=-all "$T/vmperf" record "$T/all/a"
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 1 ]
	[ ! -e "$T/all/a" ]
}

@test "a record is shown without privilege and without KVM" {
	"$vmperf" record "$rec" -i 10ms --duration 50ms 2>"$T/err"
	chmod 711 "$T" "$T/.." "$BATS_RUN_TMPDIR"
	chmod 644 "$rec"
	install -m 755 "$vmperf" "$T/vmperf"
	for command in "snapshot --replay $rec" "diff $rec $rec" "diff $rec --at start --at end"; do
		# shellcheck disable=SC2086 # words
		run setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all --inh-caps=-all "$T/vmperf" $command
		[ "$status" = 0 ]
		[[ $output == vmperf* ]]
	done
}

@test "what the terminal UI cannot show of a record is one line" {
	command -v script >/dev/null || skip "script is not installed"
	"$vmperf" record "$rec" -i 10ms --duration 50ms 2>"$T/err"
	said() {
		local want=$1 status=0

		script -qec "$vmperf --replay $2" /dev/null </dev/null >"$T/tty" || status=$?
		cat "$T/tty"
		[ "$status" = "$want" ] && [ "$(wc -l <"$T/tty")" = 1 ] && grep -qF -- "$3" "$T/tty"
	}
	said 2 "$rec --at noon" 'is not a time'
	said 1 "$rec --at @99" 'nothing was recorded at @99, but from '
	said 1 "$T/none" 'No such file or directory'
	said 1 "$vmperf" 'is no record of vmperf'
}

@test "its progress is a line of the terminal that is rewritten" {
	command -v script >/dev/null || skip "script is not installed"
	script -qec "stty cols 100; cd $T; $vmperf record a -i 10ms --duration 1200ms" /dev/null >"$T/tty"
	# all but the closing line are written over
	[ "$(wc -l <"$T/tty")" = 1 ]
	tr '\r' '\n' <"$T/tty" >"$T/lines"
	[ "$(grep -c 'Ctrl-C ends' "$T/lines")" -ge 2 ]
	grep -q '^vmperf: a: [0-9]* samples of .*Ctrl-C ends' "$T/lines"
	tail -1 "$T/tty" | grep -q 'vmperf: a: [0-9]* samples of'
	# and no longer than that
	script -qec "stty cols 30; cd $T; LC_ALL=C $vmperf record a -i 10ms --duration 600ms" /dev/null | tr '\r' '\n' >"$T/lines"
	grep -q 'vmperf: a: [0-9]* samples of .*~' "$T/lines"
	[ "$(grep '~' "$T/lines" | sed 's/\x1b\[K//' | wc -L)" -le 29 ]
}
