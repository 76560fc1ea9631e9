#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2016,SC2030,SC2031 # of the files that are loaded; what others expand
# Which events vmperf snapshot counts, what it says of those that it cannot, and with which rights.
bats_require_minimum_version 1.5.0
load ledger.bash
load counts.bash

setup() {
	at_top || return 1
	[ -w /dev/kvm ] || skip "this host has no /dev/kvm"
	unset VMPERF_EVENTS
	vm
}

teardown() {
	end_guests
}

# vm: one that stays; $pid
vm() {
	give faults 1 0
	await line "$T/out" ready
}

# said ARGUMENTS...: $T/json, and what it says of it on stderr in $said; its status in $status
said() {
	status=0
	said=$("$vmperf" snapshot --format json -i 0.05 --vm "$pid" "$@" 2>&1 >"$T/json") || status=$?
	echo "$status: $said"
}

# refused WHY EVENTS...: said of each in its own line, all of the rest is there
refused() {
	local why=$1 e

	shift
	[ "$status" = 0 ]
	[ "$(wc -l <<<"$said")" = $# ]
	for e in "$@"; do
		grep -qF "vmperf: warning: $e is not counted: $why" <<<"$said"
		jq -e --arg e "$e" --arg why "$why" '
			(.events[] | select(.event == $e) | .counted == false and (.reason | startswith($why))) and
			all(.vms[0], .vms[0].threads[], .vms[0].vcpus[]; .events[] | select(.event == $e) |
				.value == null and .running_ratio == null)' "$T/json"
	done
	jq -e '.vms[0].threads | length >= 1' "$T/json"
}

# names: what is counted
names() {
	jq -r '[.events[] | select(.counted).event] | join(" ")' "$T/json"
}

@test "an error of perf_event_open: its reason, and all the rest" {
	while IFS=: read -r error why; do
		status=0
		said=$("$fixture/deny" "$error" "$vmperf" snapshot --format json -i 0.05 --vm "$pid" \
			--events page-faults,cpu-clock 2>&1 >"$T/json") || status=$?
		echo "$error: $status: $said"
		refused "$why" page-faults cpu-clock
	done <<-EOT
		ESRCH:the kernel knows nothing of what it is to count (ESRCH)
		EBUSY:another user has the PMU for itself
		EACCES:the kernel allows it only to root or CAP_PERFMON here
		EPERM:the kernel allows it only to root or CAP_PERFMON here
		EOPNOTSUPP:its PMU cannot count it in this way
		ENOENT:this kernel does not have it
		EINVAL:the kernel does not take these settings of it
		EMFILE:perf_event_open failed: Too many open files
		ENOSYS:this kernel has no perf events
	EOT
}

@test "an event that is not counted: in the table, in CSV, and strictly" {
	deny() { "$fixture/deny" EBUSY "$vmperf" snapshot -i 0.05 --vm "$pid" --events page-faults,cpu-clock "$@"; }
	deny 2>"$T/err" >"$T/table"
	cat "$T/table"
	[ ! -s "$T/err" ]
	[ "$(grep -c '^page-faults: not counted: another user has the PMU for itself' "$T/table")" = 1 ]
	"$vmperf" snapshot -i 0.05 --vm "$pid" --by event --events page-faults,nothing >"$T/table"
	cat "$T/table"
	grep -qE '^ +nothing +-( |$)' "$T/table"
	deny --by event --format csv 2>/dev/null >"$T/csv"
	cat "$T/csv"
	[ "$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i }
		NR > 1 { n++; if ($at["value"] $at["per_second"] $at["running_ratio"] != "") print }
		END { print n }' "$T/csv")" -ge 2 ]
	status=0
	deny --events-strict >"$T/out2" 2>"$T/err" || status=$?
	[ "$status" = 1 ]
	[ ! -s "$T/out2" ]
	diff "$T/err" - <<-EOT
		vmperf: page-faults cannot be counted: another user has the PMU for itself: end it (perf, a profiler, the NMI watchdog)
		vmperf: cpu-clock cannot be counted: another user has the PMU for itself: end it (perf, a profiler, the NMI watchdog)
	EOT
}

@test "an event that one CPU does not have is counted on the others" {
	grep -q ',\|-' /sys/devices/system/cpu/online || skip "one CPU only"
	for cpu in 0 1; do
		"$fixture/deny" -c $cpu ENOENT "$vmperf" snapshot -v --format json -i 0.05 --vm "$pid" \
			--events page-faults >"$T/json" 2>"$T/err"
		grep -q "^vmperf: page-faults cannot be counted on CPU $cpu: " "$T/err"
		[ "$(names)" = page-faults ]
	done
}

@test "names that mean nothing" {
	said --events page-fault
	refused 'there is no such event (did you mean page-faults?)' page-fault
	said --events page-faults:x,page-faults
	refused "the modifier 'x' is not supported" page-faults:x
	[ "$(names)" = page-faults ]
	said --events '{page-faults,cpu-clock}'
	refused 'groups are not supported' '{page-faults,cpu-clock}'
	said --events page-faults:G,cpu-clock:H
	refused 'it counts guest and host in one number' page-faults:G cpu-clock:H
	said --events nowhere/x/
	refused "there is no PMU 'nowhere' here" nowhere/x/
	said --events $'\e[31mred,page-faults'
	[ "$status" = 0 ]
	[[ $said != *$'\e'* ]]
	[ "$(jq -r '.events[0].event' "$T/json")" = $'\e[31mred' ]
}

@test "which list: the option, else the environment, else the host's file" {
	said --events page-faults
	[ "$(names)" = page-faults ]
	said --events cpu-clock --events task-clock
	[ "$(names)" = task-clock ]
	export VMPERF_EVENTS=page-faults:u,cpu-clock
	said
	[ "$(names)" = "page-faults:u cpu-clock" ]
	said --events task-clock
	[ "$(names)" = task-clock ]
	export VMPERF_EVENTS=none
	said
	[ "$status:$said:$(names)" = "0::" ]
	unset VMPERF_EVENTS
	said --events ''
	[ "$status" = 2 ]
	[[ $said == *--events* ]]
	# a file in a mount namespace of its own
	hosts() {
		mkdir -p "$T/etc"
		unshare -m --propagation private bash -c 'mount -t tmpfs tmpfs "$0/etc" && cp -a /etc/. "$0/etc" &&
			mkdir -p "$0/etc/vmperf" && cat >"$0/etc/vmperf/events" && mount --bind "$0/etc" /etc && exec "$@"' \
			"$T" "$vmperf" snapshot --format json -i 0.05 --vm "$pid" "$@" >"$T/json"
	}
	printf '# of this host\npage-faults # all\n\n  cpu-clock,task-clock\n' | hosts
	[ "$(names)" = "page-faults cpu-clock task-clock" ]
	printf 'page-faults\n' | VMPERF_EVENTS=cpu-clock hosts
	[ "$(names)" = cpu-clock ]
	printf 'page-faults\n' | VMPERF_EVENTS=cpu-clock hosts --events task-clock
	[ "$(names)" = task-clock ]
}

@test "the same event twice, and more than can be counted" {
	said --events page-faults,cpu-clock,page-faults,page_faults,faults
	[ "$status:$said" = "0:" ]
	[ "$(names | tr ' ' '\n' | sort | uniq -d)" = "" ]
	list=
	for e in page-faults minor-faults major-faults context-switches cpu-clock; do
		for m in '' :u :k :h :uk :uh :kh; do
			list+=$e$m,
		done
	done
	said --events "$list"
	[ "$(names | wc -w)" = 32 ]
	refused 'too many events at once' cpu-clock:uk cpu-clock:uh cpu-clock:kh
	summed
}

@test "no events were asked for: nothing is said, and without a PMU of the CPUs none is counted" {
	said
	[ "$status:$said" = "0:" ]
	if ! perf stat -x, -e cycles true 2>&1 | grep -q '^[0-9]'; then
		[ "$(names)" = "" ]
	fi
	said --events none
	[ "$status:$said:$(names)" = "0::" ]
}

@test "vmperf itself has no capability; one process has that for events, and ends with it" {
	no=0000000000000000
	"$vmperf" snapshot --events page-faults --vm "$pid" -- bash -c '
		for p in $PPID $(cat /proc/$PPID/task/$PPID/children); do
			[ $p = $$ ] || { cat /proc/$p/comm && grep -E "^(Cap|NoNewPrivs)" /proc/$p/status && echo $p >>"$0/pids"; }
		done >"$0/caps"' "$T"
	# in this order: inheritable, permitted, effective, bounding, ambient; CAP_PERFMON is 38, CAP_SYS_ADMIN 21
	kept=0000004000000000
	[ "$(cat /proc/sys/kernel/perf_event_paranoid)" -le 2 ] || kept=0000000000200000
	[ "$(cut -f2 "$T/caps" | xargs)" = "vmperf $no $no $no $no $no 1 vmperf-opener $no $kept $kept $no $no 1" ]
	while read -r p; do
		[ ! -e "/proc/$p" ]
	done <"$T/pids"
	# none without events
	"$vmperf" snapshot --events none --vm "$pid" -- sh -c 'cat /proc/$PPID/task/$PPID/children >"$0/children"' "$T"
	[ "$(wc -w <"$T/children")" = 1 ]
}

# objects PID: what it holds in the kernel of BPF
objects() {
	sed -n 's/^\(prog\|map\|link\)_id:[[:space:]]*/\1 /p' "/proc/$1/fdinfo"/* | sort -u
}

@test "killed, it leaves nothing: no process, no program, no map" {
	mkfifo "$T/news"
	"$vmperf" snapshot -v --events page-faults,cpu-clock -i 1d >/dev/null 2>"$T/news" &
	v=$!
	guests+=("$v")
	grep -m1 -q measuring "$T/news"
	opener=$(cat "/proc/$v/task/$v/children")
	[ "$(cat "/proc/${opener// /}/comm")" = vmperf-opener ]
	objects "$v" >"$T/objects"
	[ "$(cut -d' ' -f1 "$T/objects" | sort -u | xargs)" = "link map prog" ]
	while read -r kind id; do
		PATH=$PATH:/usr/sbin bpftool "$kind" show id "$id" >/dev/null
	done <"$T/objects"
	kill -KILL "$v"
	wait "$v" || true
	for n in {1..600}; do
		left=
		[ ! -e "/proc/${opener// /}" ] || left=process
		while read -r kind id; do
			# the kernel frees them when nobody can be using them any more
			! PATH=$PATH:/usr/sbin bpftool "$kind" show id "$id" >/dev/null 2>&1 || left+=" $kind $id"
		done <"$T/objects"
		[ -n "$left" ] || break
		sleep 0.05
	done
	echo "left: $left"
	[ -z "$left" ]
}

@test "without rights: one line" {
	run bash -c "setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
		'$vmperf' snapshot -i 0.05 --events page-faults 2>&1 >'$T/out2'"
	echo "$output"
	[ "$status" = 1 ]
	[ "$(wc -l <<<"$output")" = 1 ]
	[[ $output == *CAP_* ]]
	[ ! -s "$T/out2" ]
}
