# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154 # the variables are those of lib.sh
# vmperf events, where there is a PMU: six general counters and one for cycles,
# which know cycles and instructions, but neither caches nor branches.

if [ "$isa" = arm64 ]; then
	add_tests what_can_be_counted
	add_common_tests free_counters
fi

test_what_can_be_counted() {
	vmperf events --color never hardware >"$T/out" 2>&1
	for e in cycles instructions; do
		grep -q "^$e  *guest host " "$T/out" || wrong "$e is not counted, guest and host apart"
	done
	for e in branches branch-misses cache-misses; do
		grep -q "^$e  *- " "$T/out" || wrong "$e can be counted"
	done
	grep -q "^PMU: armv8_pmuv3; 6 general counters, 6 free now; one more for cycles$" "$T/out" ||
		wrong 'other counters than the six and the one'
	show "$T/out"
}

# free_while EVENTS: the counters that are free while vmperf counts these
free_while() {
	vmperf snapshot --no-libvirt -e "$1" -- sh -c "vmperf events -f json cycles >$T/json" >"$T/out" 2>"$T/err"
	sed -n 's/^ *"free_counters": \(.*\),/\1/p' "$T/json"
	# what it held is free when the kernel has closed it, soon after its end
	n=600
	until vmperf events -f json cycles | grep -q '"free_counters": 6,' || [ $n = 0 ]; do
		n=$((n - 1))
		sleep 0.05
	done
}

# each is counted twice: guest and host
test_free_counters() {
	expect 'one event' "$(free_while r8)" 4
	expect 'three' "$(free_while r8,r8:u,r8:k)" 0
	expect 'more than there are' "$(free_while r8,r8:u,r8:k,r23)" 0
	expect 'cycles in one mode, in the counter that is theirs' "$(free_while cycles:H)" 6
	expect 'cycles in both' "$(free_while cycles)" 5
	expect 'none' "$(free_while none)" 6
}
