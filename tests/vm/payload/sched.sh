# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034,SC2119,SC2120,SC2154 # the variables are those of lib.sh
# Where the time goes that a vCPU is not in its guest, by the kernel's own account.

add_tests one_cpu_for_two halts
add_common_tests polls spins_all_the_time sleeps_all_the_time stopped_all_the_time never_ran
add_common_tests vmm_spins vmm_sleeps
# without an interrupt controller arm64's KVM halts a vCPU itself; that machine has one CPU
[ "$isa" = arm64 ] || add_common_tests halts_in_the_vmm nodes
measured_bound='one_cpu_for_two halts polls vmm_spins vmm_sleeps halts_in_the_vmm'

# minutes; each is as long as it can be
long_spin='spin=4000000000 spin=4000000000 spin=4000000000 spin=4000000000 spin=4000000000 spin=4000000000'
last_cpu=$(($(grep -c ^processor /proc/cpuinfo) - 1))
cost_cpu=$last_cpu
# shellcheck source-path=SCRIPTDIR source=account.sh
. ./account.sh

# hold OPTIONS...: a guest that has done its first round and waits; $pid
hold() {
	mkfifo "$T/in"
	# shellcheck disable=SC2086
	kvmguest --hold --sched --rounds 2 "$@" <"$T/in" >"$T/out" 2>&1 &
	pid=$!
	exec 3>"$T/in"
	/payload/await line "$T/out" 'round 1' || wrong 'the guest did not start'
	show "$T/out"
}

# second_round OPTIONS...: measures it; the vCPUs sleep in their VMM before and after
second_round() {
	measure "$@" -- "echo >$T/in; /payload/await line $T/out 'round 2'"
	exec 3>&-
	wait "$pid"
	no_loss
}

# free OPTIONS...: a guest that runs on its own; $pid
free() {
	mkfifo "$T/in"
	kvmguest "$@" <"$T/in" >"$T/out" 2>&1 &
	pid=$!
	exec 3>"$T/in"
}

end() {
	show "$T/out"
	kill -9 "$pid"
	wait "$pid"
	exec 3>&-
}

# observed WHO: for how long
observed() {
	row "$1" | awk '{ n = $6 } END { printf "%.0f\n", n }'
}

# of_halts ROW N: column N of the VM's halts or wakes
of_halts() {
	awk -v row="$1" -v n="$2" '$1 == row && $2 == "0" { v = $n } END { printf "%.0f\n", v }' "$T/rows"
}

# agrees VCPU: time on the CPU and time waiting for it are those of its schedstat
agrees() {
	_bound=$(bound $(($(sched "$1" runs) + 1)) "$(observed "0/$1")")
	_cpu=$(sched "$1" cpu_ns) _wait=$(sched "$1" wait_ns)
	_got_cpu=$(state "0/$1" guest kvm vmm poll running) _got_wait=$(state "0/$1" wait)
	# the scheduler leaves out interrupts, which may come in the vCPU twice as often as in the measurement
	_interrupts=$((2 * $(cost 2) * _got_cpu / 1000000))
	echo "VM vCPU $1: cpu $_got_cpu - $_cpu = $((_got_cpu - _cpu)), wait $_got_wait - $_wait = $((_got_wait - _wait)), bound $_bound, interrupts $_interrupts"
	at_least "vCPU $1: on the CPU" "$_got_cpu" $((_cpu - _bound))
	at_most "vCPU $1: on the CPU" "$_got_cpu" $((_cpu + _bound + _interrupts))
	at_least "vCPU $1: wait" "$_got_wait" $((_wait - _bound))
	at_most "vCPU $1: wait" "$_got_wait" $((_wait + _bound))
	[ "$_cpu" -gt 0 ] || wrong "vCPU $1 never ran"
	whole "0/$1"
}

test_one_cpu_for_two() {
	hold -c 2 --cpus "$last_cpu" spin=20000000
	second_round
	agrees 0
	agrees 1
	# while one has the CPU the other waits
	for v in 0 1; do
		[ "$(sched $v wait_ns)" -gt 0 ] || wrong "vCPU $v never waited"
		expect "idle of vCPU $v" "$(state 0/$v idle poll)" 0
	done
}

test_halts() {
	hold --cpus "$last_cpu" --halt-poll-ns 0 --halt-ns 5000000 halt=20
	second_round
	agrees 0
	expect 'exits' "$(count_of "$halt")" 20
	expect 'halts' "$(of_halts halts 3)" 20
	expect 'time of halts' "$(of_halts halts 4)" "$(sched 0 halt_wait_ns)"
	expect 'wakes' "$(of_halts wakes 3)" 20
	expect 'poll' "$(state 0 poll)" 0
	expect 'idle in other exits' $(($(state 0 idle) - $(part 0 "$halt" idle))) 0
	expect 'blocked in halts' "$(part 0 "$halt" blocked vmm)" 0
	# each of 5 ms began when KVM had counted it
	at_least 'time in halts' "$(part 0 "$halt" idle wait kvm)" 100000000
	at_least 'idle' "$(state 0 idle)" $((100000000 - $(part 0 "$halt" wait kvm)))
	at_most 'idle' "$(state 0 idle)" "$(sched 0 halt_wait_ns)"
}

# the window in which KVM polls grows in the first round
test_polls() {
	hist_start kvm_vcpu_wakeup waited
	hold --cpus "$last_cpu" --halt-poll-ns 100000000 --halt-ns 1000000 halt=30
	hist_counts kvm_vcpu_wakeup >"$T/first"
	second_round
	agrees 0
	hist_counts kvm_vcpu_wakeup | cat "$T/first" - >"$T/hist"
	hist_stop kvm_vcpu_wakeup waited
	polled=$(sched 0 halt_poll_success_ns halt_poll_fail_ns) slept=$(sched 0 halt_wait_ns)
	expect 'halts' "$(of_halts halts 3)" $(($(sum_of 2 "$T/hist") - 2 * $(sum_of 2 "$T/first")))
	halted=$(of_halts halts 4)
	[ "$polled" -gt 0 ] || wrong 'KVM did not poll'
	# KVM counts a poll to its last look at the clock, a halt to its end
	at_least 'halts' "$halted" $((polled + slept))
	at_most 'poll' "$(state 0 poll)" $((halted - slept))
	# a poll from which the CPU is taken away was kvm up to then
	[ "$(part 0 "$halt" wait)" -gt 0 ] || at_least 'poll' "$(state 0 poll)" "$polled"
	at_least 'poll' "$(part 0 "$halt" poll kvm wait)" "$polled"
	at_most 'idle' "$(state 0 idle)" "$slept"
	expect 'poll in other exits' $(($(state 0 poll) - $(part 0 "$halt" poll))) 0
}

test_spins_all_the_time() {
	# shellcheck disable=SC2086 # words
	free --cpus "$last_cpu" $long_spin
	/payload/await running "$pid" || wrong 'the guest does not run'
	measure -- "hog $last_cpu 5000000 10000000 20 >$T/hog"
	end
	whole 0/0
	expect 'idle, blocked and poll' "$(state 0 idle blocked poll)" 0
	at_least 'wait' "$(state 0 wait)" \
		$(($(tr ' ' '\n' <"$T/hog" | awk -F= '$1 == "cpu_ns" { n = $2 } END { print n + 0 }') - $(bound 20 "$(observed 0/0)")))
	at_least 'guest, kvm and running' "$(state 0 guest kvm running)" 1
	show "$T/hog"
}

test_sleeps_all_the_time() {
	free --halt-ns 1000000000000 halt=1
	/payload/await halted "$pid" || wrong 'the guest does not halt'
	_stat=$(grep -l '^CPU ' "/proc/$pid/task"/*/comm)
	_stat=${_stat%comm}schedstat
	cat "$_stat" >"$T/awake"
	measure -- 'usleep 100000'
	cat "$_stat" >>"$T/awake"
	end
	whole 0/0
	# KVM itself wakes a new VM's vCPUs once, for their clock
	_awake=$(awk '{ ns = $1 + $2 - ns } END { printf "%.0f\n", ns }' "$T/awake")
	_runs=$(awk '{ runs = $3 - runs } END { print runs }' "$T/awake")
	[ "$_runs" = 0 ] || _awake=$((_awake + $(bound "$_runs" 0)))
	at_least 'idle' "$(state 0/0 idle)" $(($(observed 0/0) - _awake))
}

test_stopped_all_the_time() {
	# shellcheck disable=SC2086 # words
	free $long_spin
	/payload/await running "$pid" || wrong 'the guest does not run'
	kill -STOP "$pid"
	/payload/await stopped "$pid" || wrong 'the guest does not stop'
	measure -- 'usleep 100000'
	whole 0/0
	expect 'blocked' "$(state 0/0 blocked)" "$(observed 0/0)"
	# and on it goes
	measure -- "kill -CONT $pid; /payload/await running $pid"
	end
	whole 0/0
	expect 'idle and poll' "$(state 0 idle poll)" 0
	at_least 'blocked' "$(state 0 blocked)" 1
	at_least 'guest, kvm, running and wait' "$(state 0 guest kvm running wait)" 1
}

test_never_ran() {
	free -c 2 --wait "$in_vmm=1"
	/payload/await line "$T/out" ready
	measure -- 'usleep 50000'
	end
	expect 'vCPUs, time observed' "$(awk '$1 == "vcpu" { print $3, $6 }' "$T/rows" | tr '\n' ';')" '0 0;1 0;'
}

test_vmm_spins() {
	hold --slow-ns 1000000 "$in_vmm=50"
	second_round
	agrees 0
	at_least "vmm of $in_vmm exits" "$(part 0 "$in_vmm" vmm wait)" 50000000
	at_most "blocked of $in_vmm exits" "$(part 0 "$in_vmm" blocked)" "$(state 0 blocked)"
	expect 'idle and poll' "$(state 0 idle poll)" 0
}

test_vmm_sleeps() {
	hold --block-ns 1000000 "$in_vmm=50"
	second_round
	agrees 0
	at_least "blocked in $in_vmm exits" "$(part 0 "$in_vmm" blocked)" 50000000
	expect 'idle and poll' "$(state 0 idle poll)" 0
}

# without an interrupt controller in the kernel
test_halts_in_the_vmm() {
	hold --block-ns 1000000 hlt=50
	second_round
	agrees 0
	at_least 'idle in halts' "$(part 0 "$halt" idle)" 50000000
	expect 'idle in other exits' $(($(state 0 idle) - $(part 0 "$halt" idle))) 0
	expect 'blocked and poll in halts' "$(part 0 "$halt" blocked poll)" 0
	expect 'halts' "$(of_halts halts 3)" 50
}

# one node a CPU: each move is one to another node
test_nodes() {
	# shellcheck disable=SC2086 # words
	free --cpus 0 $long_spin
	/payload/await running "$pid" || wrong 'the guest does not run'
	tid=$(grep -l '^CPU ' "/proc/$pid/task"/*/comm | cut -d/ -f5)
	measure -- "for cpu in 1 0 1; do
			taskset -p \$((1 << cpu)) $tid >/dev/null
			/payload/await cpu $tid \$cpu || exit 1
		done"
	end
	whole 0/0
	expect 'moves, to other nodes, CPUs, nodes' \
		"$(awk '$1 == "place" && $2 ~ "/" { print $3, $4, $5, $6 }' "$T/rows")" '3 3 0-1 0-1'
	expect 'node of each CPU' "$(awk '$1 == "cpu" && $2 ~ "/" && $5 { print $3, $4 }' "$T/rows" | tr '\n' ';')" '0 0;1 1;'
}
