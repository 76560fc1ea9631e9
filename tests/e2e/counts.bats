#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2016 # of the files that are loaded; what others expand
# What events count on this host, against perf stat.  Each VM sleeps while
# vmperf and perf begin and end, one within the other, so all that it does is in both.
bats_require_minimum_version 1.5.0
load ledger.bash
load counts.bash

setup() {
	at_top || return 1
	[ -w /dev/kvm ] || skip "this host has no /dev/kvm"
	command -v perf >/dev/null || skip "perf is not installed"
	export T pid
}

teardown() {
	end_guests
}

@test "page faults are the pages that a VM touches; threads that come and end are counted" {
	give faults 1000 3
	await line "$T/out" ready
	# once, so that the rest of it is there
	work touched
	whole 3 "$software" touched
	[ "$(counted page-faults emulator)" = 1000 ]
	[ "$(counted page-faults other)" = 3000 ]
	[ "$(counted page-faults)" = "$(of_perf page-faults)" ]
	[ "$(counted cpu-migrations)" = "$(of_perf cpu-migrations)" ]
}

@test "two at once count the same" {
	give faults 500 2
	await line "$T/out" ready
	work touched
	busy_cpus
	measured page-faults,context-switches,cpu-migrations bash -c "'$vmperf' snapshot --vm $pid --format json \
		--events page-faults,context-switches,cpu-migrations -- bash -c 'work touched' >'$T/inner'"
	counts() { jq -c '[.vms[0], .vms[0].threads[] | .events | map(.value)]' "$1"; }
	[ "$(counts "$T/json")" = "$(counts "$T/inner")" ]
	near page-faults "$(counted page-faults)" 1500 1500 0
}

@test "a guest that sleeps and works: what perf stat -p counts" {
	give kvmguest --hold --rounds 0 -c 2 --pace 400 io=40 mmiow=40
	await line "$T/out" "round 1"
	work round
	whole 0 "$software,msr/tsc/" round
	[ "$(of_process page-faults)" = "$(of_perf page-faults)" ]
	[ "$(of_process cpu-migrations)" = "$(of_perf cpu-migrations)" ]
	# 80 operations of each in parts of four, and a sleep after each
	[ "$(counted context-switches vcpu)" -ge 40 ]
	# what lies between perf's reading and vmperf's at a switch is one's or the other's
	b=$(bound "$(counted context-switches)" "$(of_perf cpu-clock)")
	for e in cpu-clock task-clock; do
		near $e "$(of_process $e)" "$(of_perf $e)" "$b" "$b"
	done
	mhz=$(($(counted msr/tsc/) * 1000 / $(counted cpu-clock)))
	b=$((b * mhz / 1000))
	near msr/tsc/ "$(of_process msr/tsc/)" "$(of_perf msr/tsc/)" "$b" "$b"
}

@test "a vCPU that never leaves its CPU is counted in each reading" {
	give kvmguest --hold --rounds 0 --cpus 1 spin=4000000000 spin=4000000000
	# nothing else is let onto its CPU, for as long as the kernel allows that
	until vcpu=$(grep -l "^$mark\." "/proc/$pid/task"/*/comm); do sleep 0.05; done
	vcpu=${vcpu%/comm}
	chrt -f -p 1 "${vcpu##*/}"
	still=0
	for n in {1..20}; do
		snapshot "$T/json" --vm "$pid" --events context-switches,msr/tsc/,cpu-clock -i 0.1
		summed
		[ "$(counted context-switches vcpu)" = 0 ] || continue
		# it did not leave its CPU: all that is known of it was read while it was there
		still=$((still + 1))
		all=$(ns 0 running guest kvm vmm)
		near cpu-clock "$(counted cpu-clock vcpu)" "$all" "$(jq .skew_ns "$T/json")" "$(jq .skew_ns "$T/json")"
		[ "$(counted msr/tsc/ vcpu)" -gt "$(counted cpu-clock vcpu)" ]
		perf_stat -C 1 -e msr/tsc/,cpu-clock sleep 0.1
		want=$(($(of_perf msr/tsc/) * 1000 / ($(of_perf cpu-clock) / 1000)))
		near 'ticks in a second' $(($(counted msr/tsc/ vcpu) * 1000 / ($(counted cpu-clock vcpu) / 1000))) \
			"$want" $((want / 1000)) $((want / 1000))
	done
	echo "$still of 20 readings without a switch"
	[ "$still" -ge 3 ]
}

@test "a VM that starts within the interval" {
	busy_cpus
	snapshot "$T/json" --vm new --events "$software" -- bash -c \
		"perf_stat -e $software '$fixture/kvmguest' --pace 100 io=50 -- -name guest=new >'$T/out'"
	summed
	cat "$T/perf"
	# it sleeps after each operation, and is known from its first one on
	near switches "$(counted context-switches vcpu)" 50 1 "$(of_perf context-switches)"
	[ "$(counted context-switches)" -le $(($(of_perf context-switches) + 2)) ]
	near cpu-clock "$(counted cpu-clock)" 1 0 "$(of_perf cpu-clock)"
	[ "$(counted page-faults)" -lt "$(of_perf page-faults)" ]
}

@test "a VM that ends within the interval" {
	give faults 700 2
	await line "$T/out" ready
	work touched
	busy_cpus
	measured "$software" bash -c "work touched; kill $pid; while grep -qs '^State:.[^ZX]' /proc/$pid/status; do sleep 0.05; done"
	[ "$(jq '.vms[0].ended' "$T/json")" = true ]
	# what it did itself, and at its end
	near page-faults "$(counted page-faults)" 2100 0 5
	near switches "$(counted context-switches)" 3 0 100
}
