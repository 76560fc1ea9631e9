# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154 # $T and $cost_cpu are those of the file that reads this one
# The scheduler's own account of kvmguest's vCPUs, which it prints to $T/out, and what
# the ledger may differ from it by.  The tests under this host's KVM (tests/e2e) read
# this file, too.  $cost_cpu is the CPU that the vCPUs are on, hog the command.

# sched VCPU NAME...: by how much the kernel's counters grew in the second round, summed
sched() {
	_v=$1
	shift
	awk -v v="vcpu=$_v" -v names="$*" 'BEGIN { n = split(names, some) }
		$1 == "sched" && $2 == v {
			round++
			for (i = 3; i <= NF; i++) {
				split($i, kv, "=")
				for (k = 1; k <= n; k++)
					if (some[k] == kv[1]) sum += round == 1 ? -kv[2] : kv[2]
			}
		}
		END { printf "%.0f\n", sum }' "$T/out"
}

# What the scheduler's account and the ledger may differ by.
# The scheduler reads its clock when it begins to choose the next thread, or takes
# the reading of the wake-up just before (rq_clock_skip_update()); our program reads
# it when that one is chosen.  What lies between is charged to the one state here
# and to the other there, once when a thread comes and once when it goes.  A thread
# that only sleeps takes longer than that, each time, by the scheduler's account.
# The two clocks go at the same speed but for what NTP may slew: 500 ppm.
# A CPU of a test machine is a thread of its host, and stops for a while when that
# gives its CPU to others: that may be just there, twice in a test.
cost() {
	[ -s "$T/cost" ] || hog cost "$cost_cpu" >"$T/cost"
	awk -v n="$1" '{ print $n + 0 }' "$T/cost"
}

# bound TIMES NS: so often on the CPU in so much time
bound() {
	echo $((2 * $1 * $(cost 1) + $2 / 2000 + 2 * $(cost 3)))
}
