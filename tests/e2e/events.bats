#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # of ledger.bash
# vmperf events on this host: what it says can be counted is what the kernel counts.
bats_require_minimum_version 1.5.0
load ledger.bash

setup() {
	at_top || return 1
	case $BATS_TEST_DESCRIPTION in
	*"as root"*) [ "$(id -u)" = 0 ] || skip "it needs root" ;;
	esac
}

# names GROUP STATE: events of a group that are available (true) or not (false)
names() {
	"$vmperf" events --format json "$1" | jq -r ".events[] | select(.available == $2).event"
}

@test "as root: perf counts what is available, and does not support the rest" {
	command -v perf >/dev/null || skip "perf is not installed"
	for group in hardware cache software; do
		for state in true false; do
			names "$group" "$state" >"$T/names"
			[ -s "$T/names" ] || continue
			perf stat -a -x, -o "$T/perf" -e "$(paste -sd, "$T/names")" -- true
			grep -v '^#' "$T/perf" | grep -c . >"$T/lines"
			[ "$(cat "$T/lines")" = "$(grep -c . "$T/names")" ]
			if [ "$state" = true ]; then
				run -1 grep 'not supported' "$T/perf"
			else
				[ "$(grep -c '<not supported>' "$T/perf")" = "$(cat "$T/lines")" ]
			fi
		done
	done
}

@test "as root: software events and the time stamp counter can be counted" {
	[ "$(names software false)" = "" ]
	[ "$(names software true | grep -c .)" = 10 ]
	[ -e /sys/bus/event_source/devices/msr/events/tsc ] || skip "this host has no PMU msr"
	run -0 "$vmperf" events --format json msr/tsc/
	[ "$(jq -c '.events | map([.event, .counter, .modes, .available])' <<<"$output")" = '[["msr/tsc/","msr",["both"],true]]' ]
}

@test "every name and alias finds its event, libvirt's among them" {
	"$vmperf" events -f json >"$T/all"
	libvirt=(cmt mbmt mbml cpu_cycles instructions cache_references cache_misses branch_instructions branch_misses
		bus_cycles stalled_cycles_frontend stalled_cycles_backend ref_cpu_cycles cpu_clock task_clock page_faults
		context_switches cpu_migrations page_faults_min page_faults_maj alignment_faults emulation_faults)
	for name in "${libvirt[@]}"; do
		[ "$(jq --arg n "$name" '[.events[] | select(.event == $n or (.aliases | index([$n])))] | length' "$T/all")" = 1 ]
	done
	mapfile -t names < <(jq -r '.events[] | .event, .aliases[]' "$T/all")
	[ "${#names[@]}" -gt 80 ]
	"$vmperf" events -f json "${names[@]}" >"$T/again"
	cmp "$T/all" <(jq --argjson m "$(jq .no_model_events "$T/all")" --indent 1 '.no_model_events = $m' "$T/again")
}

@test "patterns stand before and after options; case does not matter" {
	run -0 "$vmperf" events 'l1-DCACHE*' --format json 'CYC*'
	[ "$(jq -r '.events[].event' <<<"$output" | sort | paste -sd' ')" = "L1-dcache-load-misses L1-dcache-loads L1-dcache-prefetch-misses L1-dcache-prefetches L1-dcache-store-misses L1-dcache-stores cycles" ]
	run -0 "$vmperf" events software -- 'mbm?'
	[[ $output == *page-faults* && $output == *mbmt* && $output == *mbml* && $output != *cmt* ]]
}

@test "an event that has no row is tried, one that is none is named with the nearest" {
	run -0 "$vmperf" events --format json r1a8
	[ "$(jq -r '.events[] | .event + " " + .group' <<<"$output")" = "r1a8 raw" ]
	run -1 --separate-stderr "$vmperf" events cycels
	[ -z "$output" ]
	[ "$stderr" = "vmperf: cycels: there is no such event (did you mean cycles?)" ]
	run -1 --separate-stderr "$vmperf" events 'nothing*' cs
	[[ $output == *context-switches* ]]
	[ "$stderr" = "vmperf: no event is called nothing* (vmperf events lists all)" ]
}

@test "as root: without capabilities what cannot be seen is unknown, not missing" {
	[ "$(cat /proc/sys/kernel/perf_event_paranoid)" -gt 0 ] || skip "anybody may count here"
	run -0 "$fixture/nocap" "$vmperf" events --format json software cmt
	[ "$(jq '[.events[] | select(.group == "software" and .available == null and .modes == null and (.reason | contains("CAP_PERFMON")))] | length' <<<"$output")" = 10 ]
	[ "$(jq '.events[] | select(.event == "cmt").available | type' <<<"$output")" = '"boolean"' ]
	run -0 "$fixture/nocap" "$vmperf" events
	[[ $output == *"run vmperf as root"* ]]
}

@test "a terminal of 80 columns is enough" {
	LC_ALL=C run -0 script -qec "stty cols 80; '$vmperf' events --color never" /dev/null
	[[ $output == *LLC-load-misses* ]]
	[ "$(tr -d '\r' <<<"$output" | awk 'length > 80')" = "" ]
}
