# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 # T, fixture, vmperf, guests and keep are those of ledger.bash
# What the tests of events ask of a snapshot's JSON, and of perf stat.

# What both vmperf and perf count by these names.
software=page-faults,context-switches,cpu-migrations,cpu-clock,task-clock

# counted EVENT [CLASS]: of the only VM in $T/json, all of it or one class; null: there is no value
counted() {
	jq --arg e "$1" --arg c "${2:-}" '.vms | if length == 1 then .[0] else error("\(length) VMs") end |
		if $c == "" then . else .threads[] | select(.class == $c) end |
		.events[] | select(.event == $e).value' "$T/json"
}

# of_process EVENT: what threads of the process have; the kernel's own for the VM are none of its
of_process() {
	jq --arg e "$1" '[.vms[0].threads[] | select(.class != "kvm" and .class != "vhost") |
		.events[] | select(.event == $e).value] | add' "$T/json"
}

# summed: in $T/json a VM has what its classes have, its vCPUs' class no less than its vCPUs,
# and a part of the time in which an event was counted where there is a value.  Prints what is wrong.
summed() {
	local wrong

	wrong=$(jq -r '
		def values: [.events[] | {key: "\(.event):\(.mode)", value: .value}] | from_entries;
		def sum($sets): reduce $sets[] as $s ({}; reduce ($s | to_entries[]) as $e (.; .[$e.key] += $e.value));
		(.loss | select(.events != 0) | "lost: \(.)"),
		(.events | map(select(.counted))) as $counted |
		.vms[] | .name as $n | values as $all |
		(sum([.threads[] | values]) | select(. != $all) | "\($n): classes have \(.), all \($all)"),
		(sum([.vcpus[] | values]) as $v | (.threads[] | select(.class == "vcpu") | values) as $c |
			$v | to_entries[] | select(.value > $c[.key]) | "\($n): vCPUs have more than their class: \(.)"),
		(., .threads[], .vcpus[] | .events[] | select(.event as $e | any($counted[]; .event == $e)) |
			select(.value == null or .running_ratio == 0 or .running_ratio > 1 or
				(.value > 0 and .running_ratio == null)) | "\($n): \(.)")
	' "$T/json") || return 1
	[ -z "$wrong" ] || {
		echo "$wrong"
		return 1
	}
}

# perf_stat OPTIONS COMMAND...: perf stat, into $T/perf
perf_stat() {
	LC_ALL=C perf stat -x, -o "$T/perf" "$@"
}

# of_perf EVENT [FILE]: what perf stat has counted; clocks are in ms there, with two digits
of_perf() {
	awk -F, -v e="$1" '$3 == e { printf "%.0f\n", $1 * ($2 == "msec" ? 1000000 : 1) }' "${2:-$T/perf}"
}

# asleep PID: until all its threads are off their CPUs, and not waiting for one
asleep() {
	local n

	for n in {1..600}; do
		! sed 's/.*) //' "/proc/$1/task"/*/stat | grep -q '^R' && return
		sleep 0.05
	done
	return 1
}

# give FIXTURE ARGUMENTS...: on its own, as guest() of ledger.bash does with kvmguest; its threads' names begin
# with $mark, which nobody else's do; see arrivals for $filter
give() {
	local options=()

	mark=t$BASHPID
	[ "$1" != kvmguest ] || options=(--name "$mark" --threads "$mark.%d")
	mkfifo "$T/in"
	: >"$T/out"
	ln -s "$fixture/$1" "$T/$mark"
	export filter="next_comm ~ \"$mark*\""
	"$T/$mark" "${options[@]}" "${@:2}" <"$T/in" >"$T/out" 2>&1 &
	pid=$!
	guests+=("$pid")
	exec {keep}>"$T/in"
}

# work TEXT: a line to the fixture's stdin, until its output has one more line that begins with TEXT, and it
# sleeps again
work() {
	local n before

	asleep "$pid"
	before=$(grep -c "^$1" "$T/out" || true)
	echo >"$T/in"
	for n in {1..600}; do
		[ "$(grep -c "^$1" "$T/out")" = "$before" ] || break
		sleep 0.05
	done
	[ "$n" -lt 600 ] && asleep "$pid"
}

# measured EVENTS COMMAND...: $T/json has what happened meanwhile, of $pid
measured() {
	local events=$1

	shift
	snapshot "$T/json" --vm "$pid" --events "$events" -- "$@" && summed
}
# arrivals COMMAND...: $T/arrivals has how often the kernel's tracepoint told that a thread that $filter means came
# onto a CPU
arrivals() {
	perf stat -x, -o "$T/arrivals" -a -e sched:sched_switch --filter "$filter" "$@"
}

# busy_cpus: no CPU is idle until the test ends, at no cost to others
busy_cpus() {
	local cpu

	for ((cpu = 0; cpu < $(nproc); cpu++)); do
		chrt -i 0 taskset -c "$cpu" sh -c 'while :; do :; done' &
		guests+=($!)
		# their end is no news
		disown
	done
}

# whole ENDED EVENTS TEXT: measured() as $pid works (see there), and perf stat with it, into $T/perf; ENDED of its
# threads end.  A few kernels leave out the tracepoint sched_switch now and then, most when a CPU was idle.  perf
# counts a thread's departures without it, though not the last one of a thread that ends; where the tracepoint
# told of fewer arrivals than that, vmperf cannot know better: once more.
whole() {
	local n told

	busy_cpus
	for n in {1..10}; do
		measured "$2" bash -c "arrivals bash -c \"perf_stat -p $pid -e $2 bash -c 'work $3'\"" || return
		told=$(awk -F, '/sched_switch/ { print $1 }' "$T/arrivals")
		cat "$T/perf"
		[ "$told" != $(($(of_perf context-switches) + $1)) ] || break
		echo "$told arrivals told"
	done
	# vmperf counts arrivals, too: the kernel counts a switch after its tracepoint
	[ "$(of_process context-switches)" = "$told" ]
}
export software
export -f asleep work perf_stat arrivals
