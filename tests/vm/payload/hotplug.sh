# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154,SC2034 # the variables are those of lib.sh
# A CPU that goes takes its events along; when it comes back they are counted again.

ONLINE=/sys/devices/system/cpu/cpu1/online
# what a CPU has in 1 ns: the emulated arm64 CPUs run at 1 GHz
clock_event=cpu-clock
[ "$isa" != arm64 ] || clock_event=cycles

if [ -w "$ONLINE" ]; then
	# arm64's machine with two CPUs is for this only
	[ "$isa" != arm64 ] || all_tests=''
	add_tests cpu_comes_back
	measured_bound="$measured_bound cpu_comes_back"
fi

# clock_of_vcpus: what it counted for both
clock_of_vcpus() {
	awk -v e="$clock_event" '$1 == "event" && $2 ~ "/" && $3 == e { n += $6 } END { printf "%.0f\n", n }' "$T/rows"
}

# Two vCPUs that only spin, so both CPUs are busy.  What is lost is at most what one CPU has
# from its return until vmperf's next look, a second later: less than a quarter.
test_cpu_comes_back() {
	free -c 2 --rounds 0 spin=20000000
	/payload/await line "$T/out" 'round 1' || wrong 'the guest did not start'
	measure --events "$clock_event" -- "echo 0 >$ONLINE && echo 1 >$ONLINE && sleep 5"
	exec 3>&-
	wait "$pid"
	on=$(state 0 guest kvm vmm poll running)
	at_least 'time that both were on a CPU' "$on" 6000000000
	at_least 'of it counted' "$(clock_of_vcpus)" $((on - on / 4))
	at_most 'of it counted' "$(clock_of_vcpus)" $((on + on / 50))
	expect 'the CPU is back' "$(cat "$ONLINE")" 1
}
