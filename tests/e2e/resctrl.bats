#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # of ledger.bash
# Cache occupancy and memory bandwidth of VMs from a made-up resctrl: a file
# system of the test's own (tests/fixture/resctrlfs), in a mount namespace.  What
# the kernel's would show for real traffic is not tested here.
bats_require_minimum_version 1.5.0
load ledger.bash

setup() {
	at_top || return 1
	[ -e /dev/kvm ] || skip "this host has no /dev/kvm"
	[ -e /dev/fuse ] || skip "needs /dev/fuse"
}

teardown() {
	end_guests
}

# made_up RMIDS: a resctrl, at /sys/fs/resctrl for what is run by inside, at $tree for the test; it shows $T/values
made_up() {
	mkfifo "$T/served"
	: >"$T/values"
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare -m --propagation private sh -c 'mount -t tmpfs made-up /sys/fs && mkdir /sys/fs/resctrl &&
		exec "$@"' sh "$fixture/resctrlfs" /sys/fs/resctrl "$T/values" "$1" >"$T/served" &
	server=$!
	guests+=("$server")
	read -r line <"$T/served"
	[ "$line" = ready ]
	tree=/proc/$server/root/sys/fs/resctrl
}

inside() {
	nsenter -m -t "$server" "$@"
}

# start NAME: a guest that works until the test ends; $pid is its process
start() {
	mkfifo "$T/$1.in" "$T/$1.out"
	"$fixture/kvmguest" --pace 100 --rounds 0 io=10 -- -name "guest=$1" <"$T/$1.in" >"$T/$1.out" &
	pid=$!
	guests+=("$pid")
	exec {keep}>"$T/$1.in" {out}<"$T/$1.out"
	read -r -u "$out" line
	[[ $line == ready* ]]
}

# value VM EVENT: of the snapshot $T/json
value() {
	jq --arg vm "$1" --arg event "$2" '.vms[] | select(.name == $vm).events[] | select(.event == $event).value' "$T/json"
}

# The host may have other VMs, which have groups, too: what is looked at are those of this test's.

# a COMMAND for vmperf, run between its two samples: notes the guest's groups and their threads, then sets the values
# shellcheck disable=SC2016 # the inner shell expands it
meanwhile=(sh -c 'cd /sys/fs/resctrl/mon_groups && ls -d vmperf-*-"$1" >"$0/groups" && cat vmperf-*-"$1"/tasks >"$0/tasks"
	cp "$0/later" "$0/values"')

# own_groups: those of the guest
own_groups() {
	(cd "$tree/mon_groups" && shopt -s nullglob && echo vmperf-*-"$pid")
}

@test "occupancy and bandwidth of a guest are those of a group with all its threads, which is removed" {
	made_up 8
	start web
	printf '%s\n' "mon_groups/vmperf-*-$pid 0 4096 1000 900" "mon_groups/vmperf-*-$pid 1 100 50 40" >"$T/values"
	printf '%s\n' "mon_groups/vmperf-*-$pid 0 8192 3500 1000" "mon_groups/vmperf-*-$pid 1 1 57 42" >"$T/later"
	inside "$vmperf" snapshot --events cmt,mbmt,mbml --format json -- "${meanwhile[@]}" "$T" "$pid" >"$T/json"
	[ "$(value web cmt)" = 8193 ]
	[ "$(value web mbmt)" = 2507 ]
	[ "$(value web mbml)" = 102 ]
	[ "$(wc -l <"$T/groups")" = 1 ]
	printf '%s\n' "/proc/$pid/task"/* | sed 's|.*/||' | sort >"$T/threads"
	[ "$(wc -l <"$T/threads")" -gt 1 ]
	# kernel threads that work for the guest are no threads of its process
	[ -z "$(sort "$T/tasks" | comm -13 - "$T/threads")" ]
	[ -z "$(ls "$tree/mon_groups")" ]
}

@test "a guest in a monitoring group of libvirt is read there, and stays there" {
	made_up 8
	start web
	mkdir "$tree/qemu-1-web" "$tree/qemu-1-web/mon_groups/vcpus_0"
	for t in "/proc/$pid/task"/*; do
		echo "${t##*/}" >"$tree/qemu-1-web/tasks"
		echo "${t##*/}" >"$tree/qemu-1-web/mon_groups/vcpus_0/tasks"
	done
	sort "$tree/qemu-1-web/mon_groups/vcpus_0/tasks" >"$T/before"
	echo "qemu-1-web/mon_groups/vcpus_0 1 77 1000000 0" >"$T/values"
	echo "qemu-1-web/mon_groups/vcpus_0 1 78 1000005 0" >"$T/later"
	inside "$vmperf" snapshot --events cmt,mbmt --format json -- cp "$T/later" "$T/values" >"$T/json"
	[ "$(value web cmt)" = 78 ]
	[ "$(value web mbmt)" = 5 ]
	sort "$tree/qemu-1-web/mon_groups/vcpus_0/tasks" | cmp "$T/before"
}

@test "without a monitoring ID a guest has no value, others have theirs" {
	# one is the root's
	made_up 2
	start first
	start second
	echo "mon_groups/vmperf-* 0 5 0 0" >"$T/values"
	inside "$vmperf" snapshot --events cmt --format json -- true >"$T/json" 2>"$T/err"
	[ "$(jq -c '[.vms[].events[0].value | numbers]' "$T/json")" = '[5]' ]
	[ "$(jq '[.vms[].events[0].value | nulls] | length > 0' "$T/json")" = true ]
	[ "$(grep -c 'all 2 monitoring IDs are in use' "$T/err")" = 1 ]
	[ "$(wc -l <"$T/err")" = 1 ]
}

# held: a vmperf that measures until it is killed or $hold is written to; $held is its pid
held() {
	mkfifo "$T/up" "$T/hold"
	# whoever waits for it goes on when this test ends
	exec {hold}<>"$T/hold"
	# shellcheck disable=SC2016 # the inner shell expands it
	nsenter -m -t "$server" "$vmperf" snapshot --events cmt -- sh -c 'echo >"$0/up"; read -r _ <"$0/hold"' "$T" \
		>/dev/null 2>&1 3>&- {hold}>&- &
	held=$!
	guests+=("$held")
	read -r _ <"$T/up"
}

@test "a vmperf that is told to end leaves no group behind" {
	made_up 8
	start web
	held
	[[ $(own_groups) == vmperf-$held-*-$pid ]]
	kill -TERM "$held"
	wait "$held" || true
	[ -z "$(ls "$tree/mon_groups")" ]
}

@test "what a killed vmperf has left behind is removed by the next, and not by one beside it" {
	made_up 8
	start web
	held
	left=$(own_groups)
	[[ $left == vmperf-$held-*-$pid ]]
	cp "$T/values" "$T/later"
	inside "$vmperf" snapshot --events cmt -- "${meanwhile[@]}" "$T" "$pid"
	[ "$(cat "$T/groups")" = "$left" ]
	kill -9 "$held"
	wait "$held" || true
	echo >&"$hold"
	[ "$(own_groups)" = "$left" ]
	inside "$vmperf" snapshot --events cmt -- "${meanwhile[@]}" "$T" "$pid"
	[ "$(wc -l <"$T/groups")" = 1 ]
	[ "$(cat "$T/groups")" != "$left" ]
	[ -z "$(ls "$tree/mon_groups")" ]
}

@test "what the hardware cannot tell at the moment is null" {
	made_up 8
	start web
	echo "mon_groups/vmperf-* 1 5 Unavailable 0" | tee "$T/later" >"$T/values"
	inside "$vmperf" snapshot --events cmt,mbmt,mbml --format json -- true >"$T/json"
	[ "$(value web cmt)" = 5 ]
	[ "$(value web mbmt)" = null ]
	[ "$(value web mbml)" = 0 ]
}

@test "where resctrl is not there vmperf says so and goes on" {
	start web
	# this host's, if it has one, is hidden
	unshare -m --propagation private sh -c "mount -t tmpfs made-up /sys/fs && exec '$vmperf' snapshot --events cmt --format json -- true" \
		>"$T/json" 2>"$T/err"
	[ "$(value web cmt)" = null ]
	[ "$(grep -c '^vmperf: warning: cmt is not counted: .*resctrl' "$T/err")" = 1 ]
}

@test "doctor tells what resctrl has" {
	made_up 8
	run inside "$vmperf" doctor
	[[ $output == *"resctrl"*"8 monitoring IDs: cmt mbmt mbml"* ]]
}

@test "only VMs that --vm means take a group" {
	made_up 8
	start other
	start web
	# shellcheck disable=SC2016 # the inner shell expands it
	inside "$vmperf" snapshot --vm web --events cmt --format json -- sh -c 'ls /sys/fs/resctrl/mon_groups >"$0/groups"' "$T" >"$T/json"
	grep -qx "vmperf-.*-$pid" "$T/groups"
	[ "$(wc -l <"$T/groups")" = 1 ]
}
