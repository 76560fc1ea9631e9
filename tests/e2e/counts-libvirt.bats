#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2016,SC2030,SC2031 # of the files that are loaded; what others expand
# The same events of a libvirt domain by vmperf, by perf stat -p and by virsh domstats --perf.
bats_require_minimum_version 1.5.0
load libvirtd
load ledger.bash
load counts.bash

events=(page-faults context-switches cpu-migrations cpu-clock task-clock)

setup_file() {
	local missing
	missing=$(lv_missing)
	command -v perf >/dev/null || missing="perf is not installed"
	export LV_MISSING=$missing
	[ -n "$missing" ] || lv_setup
}

teardown_file() {
	[ -n "$LV_MISSING" ] || lv_teardown
}

setup() {
	[ -z "$LV_MISSING" ] || skip "$LV_MISSING"
	at_top
	LV_PID=$(cat "$LV_DIR/pid")
	export T pid name LV_PID
}

teardown() {
	[ -n "$LV_MISSING" ] || kill -KILL "$pid" "${guests[@]}" || true
}

# domain NAME [EVENTS]: it is stopped, and sleeps; EVENTS, by libvirt's names, are in its XML
domain() {
	local uuid t e perf=

	name=$1
	uuid=$(printf '%08x-9dad-41d1-80b4-000000000000' "$BATS_TEST_NUMBER")
	lv_write_domain "$name" "$uuid" "$LV_DIR"
	for e in ${2:-}; do
		perf+="<event name='$e' enabled='yes'/>"
	done
	[ -z "$perf" ] || sed -i "s#<devices>#<perf>$perf</perf><devices>#" "$LV_DIR/domain.xml"
	lv_virsh create "$LV_DIR/domain.xml"
	pid=$(lv_pid "$uuid")
	lv_done "$uuid"
	lv_virsh suspend "$name"
	asleep "$pid"
	for t in "/proc/$pid/task"/*; do
		filter+="${filter:+ || }next_pid == ${t##*/}"
	done
	export filter
}

monitor() {
	lv_virsh qemu-monitor-command "$name" --hmp "$1" >/dev/null
}

# busy: the main loop reads memory of the guest that was not touched yet; the vCPU runs for a while; then all
# sleep again
busy() {
	monitor "pmemsave 0 0x800000 $LV_DIR/memory" && monitor cont && monitor 'info registers' && monitor stop &&
		asleep "$pid"
}

# work: that, with domstats before and after in $T/before and $T/after, and what the main thread does in $T/main
work() {
	lv_virsh domstats --perf "$name" >"$T/before" &&
		LC_ALL=C perf stat -x, -o "$T/main" -t "$pid" -e "$software" bash -c busy &&
		lv_virsh domstats --perf "$name" >"$T/after"
}
export -f lv lv_virsh monitor busy work

# of_virsh EVENT: by perf's name; the difference
of_virsh() {
	awk -F= -v e="perf.${1//-/_}" '{ sub(/^ +/, "", $1) } $1 == e { v = $2 - v } END { printf "%.0f\n", v }' \
		"$T/before" "$T/after"
}

@test "events that a domain has in its XML: libvirt opens them before QEMU has threads, which inherit them" {
	domain early "${events[*]//-/_}"
	whole 0 "$software"
	cat "$T/before" "$T/after"
	for e in page-faults context-switches cpu-migrations; do
		[ "$(of_virsh $e)" = "$(of_perf $e)" ]
		[ "$(of_process $e)" = "$(of_perf $e)" ]
	done
	b=$(bound "$(counted context-switches)" "$(of_perf cpu-clock)")
	for e in cpu-clock task-clock; do
		near "$e, perf" "$(of_process $e)" "$(of_perf $e)" "$b" "$b"
		near "$e, virsh" "$(of_process $e)" "$(of_virsh $e)" "$b" "$b"
	done
	[ "$(counted context-switches vcpu)" -ge 1 ]
	[ "$(counted context-switches emulator)" -ge 3 ]
}

# libvirt opens them for the pid (virPerfEventEnable()): inherited by threads that start later, of which
# there are none here.
@test "events that virsh enables on a domain that runs: libvirt counts QEMU's main thread only" {
	domain late
	lv_virsh perf late --enable "$(IFS=, && echo "${events[*]//-/_}")"
	whole 0 "$software"
	cat "$T/before" "$T/after" "$T/main"
	for e in page-faults context-switches cpu-migrations; do
		[ "$(of_process $e)" = "$(of_perf $e)" ]
		[ "$(of_virsh $e)" = "$(of_perf $e "$T/main")" ]
		# QEMU has other threads of its own
		[ "$(of_virsh $e)" -le "$(counted $e emulator)" ]
	done
	b=$(bound "$(counted context-switches)" "$(of_perf cpu-clock)")
	for e in cpu-clock task-clock; do
		near "$e, virsh" "$(of_virsh $e)" "$(of_perf $e "$T/main")" "$b" "$b"
	done
	[ "$(counted context-switches)" -gt "$(of_virsh context-switches)" ]
}
