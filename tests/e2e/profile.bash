# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 # T, fixture, vmperf, guests are those of ledger.bash
# What the tests of profiles ask: spinguests, perf beside vmperf, counts of both.

load ledger.bash

# other sampling times than perf's, so that neither always meets the other's interrupt
sampling=(--no-libvirt --event cpu-clock --freq 997) perf_freq=1013

# functions of two guests, other ones at the same addresses; as spinguest takes them
a=('hot_a@ffffffff81000100=70' 'warm_a@ffffffff81000200=20' 'net_a[virtio_net]@ffffffffc0000100=6' 'user_a@400000=4')
b=('hot_b@ffffffff81000100=30' 'warm_b@ffffffff81000200=60' 'blk_b[virtio_blk]@ffffffffc0000100=6' 'user_b@400000=4')
# and their symbols
a_named=(hot_a=70 warm_a=20 net_a=6)
b_named=(hot_b=30 warm_b=60 blk_b=6)
declare -gA pids=() stdin=()

# vm NAME: what this VM is called; others run the same tests
vm() {
	echo "$1-$$"
}

# spin NAME ARGUMENT...: a spinguest whose root is in $T/root; its pid is ${pids[NAME]}, its output $T/NAME.out
spin() {
	local name=$1 fd

	shift
	mkfifo "$T/$name.in"
	"$fixture/spinguest" --root "$T/root" --name "$name" "$@" -- -name guest="$(vm "$name")" <"$T/$name.in" >"$T/$name.out" 2>&1 &
	pids[$name]=$!
	guests+=($!)
	exec {fd}>"$T/$name.in"
	stdin[$name]=$fd
	tests/vm/payload/await line "$T/$name.out" ready || {
		cat "$T/$name.out"
		return 1
	}
}

# two: spinguests a and b
two() {
	spin a "${a[@]}" && spin b "${b[@]}"
}

check() {
	tests/e2e/profile_check.py "$@"
}

# with_perf FILE COMMAND...: what takes a command as vmperf does (COMMAND... -- perf ...), with perf beside it for 4 s
# into FILE; a guest whose kernel has no samples is in its table of build-ids, too, or perf does not tell guests apart
with_perf() {
	local file=$1

	shift
	"$@" -- perf kvm --host --guest --guestmount="$T/root" record --buildid-all -q -e cpu-clock -F $perf_freq -a \
		-o "$file" sleep 4 >"$T/perf.out" 2>&1 || {
		cat "$T/perf.out"
		return 1
	}
}

# enough FILE ARGUMENT...: vmperf profile record into FILE until each of the VMs meant has some hundreds of samples: on a
# busy host they have little time
enough() {
	local seconds

	for seconds in 2 4 8 16; do
		"$vmperf" profile record "$1" "${sampling[@]}" --duration ${seconds}s "${@:2}" || return 1
		"$vmperf" profile report "$1" --format json --percent-limit 0 --sort pid 2>"$T/err" >"$T/report" || return 1
		[ "$(jq '[.rows[].samples] | min // 0' "$T/report")" -lt 300 ] || return 0
	done
}

# perf_counts FILE OUT [--no-address] PID...: what perf says of them
perf_counts() {
	local file=$1 out=$2

	shift 2
	perf script --guestmount="$T/root" -F pid,tid,misc,period,ip,sym -i "$file" 2>"$T/perf.err" | check perf "$@" >"$out"
}

# our_counts FILE OUT SORT ARGUMENT...: what vmperf says, by pid, mode, symbol and what SORT adds
our_counts() {
	local file=$1 out=$2 sort=$3

	shift 3
	"$vmperf" profile report "$file" --guestmount "$T/root" --format json --percent-limit 0 --sort "pid,mode,symbol$sort" "$@" \
		>"$T/report" && check ours "${pids[@]}" <"$T/report" >"$out"
}

# same_samples PLACE PERF OURS: both have the same samples of each VM, mode and PLACE, an expression of awk
same_samples() {
	local f

	for f in "$2" "$3"; do
		awk -F'\t' -v OFS='\t' '{ k = $1 OFS $2 OFS '"$1"'; samples[k] += $5; period[k] += $6 }
			END { for (k in samples) print k, samples[k], period[k] }' "$f" | sort >"$f.sums"
		[ -s "$f.sums" ] || return 1
	done
	diff "$2.sums" "$3.sums"
}

# same_but_names PERF OURS: the guests' at each address, the host's of each symbol
same_but_names() {
	# shellcheck disable=SC2016 # awk expands it
	same_samples '($2 ~ /^guest/ ? $4 : $3)' "$@"
}
