#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # of ledger.bash
# Where the time of vCPUs goes, by the kernel's own account, under this host's KVM.
bats_require_minimum_version 1.8.0
load ledger.bash

setup_file() {
	# bounds are measured before each test; a host that is a VM itself may lose its CPU for longer than it did then
	export BATS_TEST_RETRIES=2
}

setup() {
	at_top || return 1
	[ -e /dev/kvm ] || skip "this host has no /dev/kvm"
	[ "$(nproc)" -gt 1 ] || skip "needs two CPUs"
}

teardown() {
	end_guests
}

spin=(spin=4000000000 spin=4000000000 spin=4000000000)

@test "two vCPUs on one CPU wait for each other as long as the scheduler says" {
	second_round -c 2 --cpus 1 spin=100000
	agrees 0
	agrees 1
	[ "$(sched 0 wait_ns)" -gt 0 ]
	[ "$(sched 1 wait_ns)" -gt 0 ]
	[ "$(ns 0 idle poll)" = 0 ]
}

@test "halts are idle: their number, their time" {
	second_round --cpus 1 --halt-poll-ns 0 --halt-ns 5000000 halt=20
	agrees 0
	[ "$(jq '.vms[0].halts.count' "$T/json")" = 20 ]
	[ "$(jq '.vms[0].halts.ns' "$T/json")" = "$(sched 0 halt_wait_ns)" ]
	[ "$(ns 0 poll)" = 0 ]
	# KVM's time of a halt begins before the thread leaves the CPU, and ends when it is back
	[ "$(ns 0 idle)" -le "$(sched 0 halt_wait_ns)" ]
	[ "$(ns 0 idle)" -ge $((100000000 - $(bound 20 0))) ]
}

@test "halts that KVM polls through are poll" {
	second_round --cpus 1 --halt-poll-ns 100000000 --halt-ns 1000000 halt=30
	agrees 0
	polled=$(sched 0 halt_poll_success_ns halt_poll_fail_ns) slept=$(sched 0 halt_wait_ns)
	halted=$(jq '.vms[0].halts.ns' "$T/json")
	[ "$polled" -gt 0 ]
	[ "$halted" -ge $((polled + slept)) ]
	[ "$(ns 0 poll)" -le $((halted - slept)) ]
	[ "$(ns 0 poll wait running)" -ge "$polled" ]
	[ "$(ns 0 idle)" -le "$slept" ]
}

@test "without an interrupt controller in the kernel halts are idle where entries can be seen, else blocked" {
	second_round --cpus 1 --block-ns 1000000 hlt=50
	agrees 0
	if [ "$(jq '.vms[0].ledger_ns.guest' "$T/json")" = null ]; then
		[ "$(ns 0 blocked)" -ge 50000000 ]
		[ "$(ns 0 idle)" = 0 ]
	else
		[ "$(ns 0 idle)" -ge 50000000 ]
		[ "$(jq '.vms[0].halts.count' "$T/json")" = 50 ]
	fi
}

@test "a VMM that sleeps is blocked, one that spins is not" {
	second_round --cpus 1 --block-ns 1000000 io=50
	agrees 0
	[ "$(ns 0 blocked)" -ge 50000000 ]
	[ "$(ns 0 idle poll)" = 0 ]
	kill -9 "$pid"
	wait "$pid" || true
	exec {keep}>&-
	rm "$T/in"
	second_round --cpus 1 --slow-ns 1000000 io=50
	agrees 0
	[ "$(ns 0 vmm running wait)" -ge 50000000 ]
	[ "$(ns 0 idle poll)" = 0 ]
}

@test "a vCPU that never leaves its guest waits for a hog" {
	guest --cpus 1 "${spin[@]}"
	await running "$pid"
	snapshot "$T/json" --vm "$pid" -- sh -c "'$fixture/hog' 1 5000000 10000000 20 >'$T/hog'"
	whole 0
	[ "$(ns 0 idle blocked poll)" = 0 ]
	had=$(sed 's/.*cpu_ns=\([0-9]*\) .*/\1/' "$T/hog")
	[ "$had" -ge 100000000 ]
	[ "$(ns 0 wait)" -ge $((had - $(bound 20 "$(observed 0)"))) ]
}

@test "a vCPU that sleeps all the time is idle all the time" {
	guest --halt-ns 1000000000000 halt=1
	await halted "$pid"
	stat=$(echo "/proc/$pid/task"/*/comm | xargs grep -l '^CPU ')
	stat=${stat%comm}schedstat
	read -r cpu wait runs <"$stat"
	snapshot "$T/json" --vm "$pid" --interval 0.1
	read -r cpu2 wait2 runs2 <"$stat"
	whole 0
	# KVM itself wakes a new VM's vCPUs once, for their clock
	awake=$((cpu2 + wait2 - cpu - wait + (runs2 > runs ? $(bound $((runs2 - runs)) 0) : 0)))
	echo "idle $(ns 0 idle) of $(observed 0), awake $awake"
	[ $(($(observed 0) - $(ns 0 idle))) -le $awake ]
}

@test "a vCPU that is stopped all the time is blocked all the time" {
	guest "${spin[@]}"
	await running "$pid"
	kill -STOP "$pid"
	await stopped "$pid"
	snapshot "$T/json" --vm "$pid" --interval 0.1
	whole 0
	[ "$(ns 0 blocked)" = "$(observed 0)" ]
	snapshot "$T/json" --vm "$pid" -- sh -c "kill -CONT $pid; tests/vm/payload/await running $pid"
	whole 0
	[ "$(ns 0 blocked)" -gt 0 ]
	[ "$(ns 0 guest kvm wait running)" -gt 0 ]
	[ "$(ns 0 idle poll)" = 0 ]
}

@test "a vCPU that has never run has no time" {
	guest -c 2 --wait io=1
	await line "$T/out" ready
	snapshot "$T/json" --vm "$pid" --interval 0.05
	[ "$(jq -c '[.vms[0].vcpus[] | [.id, .observed_ns]] | sort' "$T/json")" = '[[0,0],[1,0]]' ]
}

@test "a vCPU that is moved to another CPU: moves and time on each" {
	guest --cpus 0 "${spin[@]}"
	await running "$pid"
	tid=$(jq -r '.vms[0].vcpus[0].tid' <("$vmperf" snapshot --format json --vm "$pid" --interval 0.01))
	snapshot "$T/json" --vm "$pid" -- sh -c "for c in 1 0 1; do
		taskset -pc \$c $tid >/dev/null && tests/vm/payload/await cpu $tid \$c || exit; done"
	whole 0
	[ "$(jq -c '.vms[0].placement | [.cpu_moves, .cpus]' "$T/json")" = '[3,"0-1"]' ]
}
