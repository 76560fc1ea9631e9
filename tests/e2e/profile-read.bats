#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2030,SC2031 # of ledger.bash
# vmperf profile report on files of perf record, in the forms that it writes: what perf script finds in them, exactly.
bats_require_minimum_version 1.5.0
load ledger.bash

setup() {
	at_top || return 1
	perf record -q -e cpu-clock -o "$T/try" true 2>"$T/err" || skip "perf cannot record here: $(head -1 "$T/err")"
}

teardown() {
	end_guests
}

# some seconds of forks, programs, mappings, page faults
# shellcheck disable=SC2016 # that bash expands it
work=(bash -c 'end=$((SECONDS + 2)); while [ $SECONDS -lt $end ]; do ls -R /usr/share/doc >/dev/null | cat; done' work)

# same FILE [SAMPLES]: both find the same, of many samples
same() {
	local n

	n=$(tests/e2e/profile_same.py "$1" "$vmperf") || {
		head -20 <<<"$n"
		return 1
	}
	[ "${n% *}" -gt "${2:-200}" ] || {
		echo "$n samples, processes"
		return 1
	}
}

# recorded ARGUMENT...: perf record with these, beside some work
recorded() {
	perf record -q -o "$T/perf.data" "$@" -- "${work[@]}" 2>"$T/err" || {
		cat "$T/err"
		return 1
	}
}

@test "all CPUs" {
	recorded -e cpu-clock -F 1999 -a
	same "$T/perf.data"
}

@test "one command, a fixed period" {
	recorded -e cpu-clock -c 700000
	same "$T/perf.data"
}

@test "call chains" {
	recorded -e cpu-clock -F 1999 -a -g
	same "$T/perf.data"
}

@test "packed" {
	recorded -e cpu-clock -F 1999 -a -g -z
	perf report --header-only -i "$T/perf.data" 2>/dev/null | grep -q 'compressed : Zstd' || skip "perf does not pack here"
	same "$T/perf.data"
}

@test "build-ids with mappings" {
	recorded -e cpu-clock -F 1999 -a --buildid-mmap
	same "$T/perf.data"
}

@test "several events" {
	recorded -e cpu-clock,task-clock,page-faults,context-switches -a
	same "$T/perf.data"
}

@test "groups, read with each sample" {
	recorded -e '{cpu-clock,page-faults}:S' -F 1999 || skip "perf cannot read groups here"
	same "$T/perf.data" 5
}

@test "all that a sample can have" {
	recorded -e cpu-clock -F 997 --call-graph dwarf,1024 -d -W --phys-data --data-page-size --code-page-size --all-cgroups \
		--namespaces --switch-events --running-time || skip "perf cannot: $(<"$T/err")"
	same "$T/perf.data" 30
}

@test "a stream, from a file and from a pipe" {
	perf record -q -o - -e cpu-clock,page-faults -F 1999 -a -- "${work[@]}" 2>"$T/err" >"$T/perf.data"
	same "$T/perf.data"
	"$vmperf" profile report --all -f csv "$T/perf.data" >"$T/file.csv"
	# shellcheck disable=SC2002 # a pipe is what is meant
	cat "$T/perf.data" | "$vmperf" profile report --all -f csv - >"$T/pipe.csv"
	diff "$T/file.csv" "$T/pipe.csv"
}

@test "perf kvm: a guest and its host" {
	[ -e /dev/kvm ] || skip "this host has no /dev/kvm"
	[ "$(uname -m)" = x86_64 ] || skip "spinguest is for x86"
	mkfifo "$T/in"
	"$fixture/spinguest" 'user_a@400000=1' <"$T/in" >"$T/out" 2>&1 &
	pid=$!
	guests+=("$pid")
	exec {fd}>"$T/in"
	tests/vm/payload/await line "$T/out" ready
	perf kvm --host --guest record -q -e cpu-clock -F 1999 -a -o "$T/perf.data" -- "${work[@]}" 2>"$T/err"
	same "$T/perf.data"
	# it is a VM of itself, by its samples
	"$vmperf" profile report "$T/perf.data" --vm "$pid" -f csv --sort pid,vcpu,mode >"$T/csv"
	grep -q ",$pid,0,guest user" "$T/csv"
}

@test "a file in a pipe, a directory of threads and no file: one line each" {
	recorded -e cpu-clock
	# shellcheck disable=SC2002 # a pipe is what is meant
	cat "$T/perf.data" | refused 1 'in a pipe' profile report -
	refused 1 'No such file' profile report "$T/none"
	mkdir "$T/dir"
	refused 1 'directory' profile report "$T/dir"
	refused 1 'no perf.data file' profile report /bin/true
}

@test "perf record that was killed leaves what it had written" {
	perf record -q -e cpu-clock -F 1999 -a -o "$T/perf.data" 2>"$T/err" &
	recorder=$!
	guests+=("$recorder")
	# nothing announces what perf has written
	for _ in {1..600}; do
		[ "$(stat -c %s "$T/perf.data" 2>/dev/null || echo 0)" -lt 300000 ] || break
		sleep 0.05
	done
	kill -KILL "$recorder"
	wait "$recorder" || true
	"$vmperf" profile report --all "$T/perf.data" -f json >"$T/json" 2>"$T/err"
	[ "$(jq '[.events[].samples] | add' "$T/json")" -gt 0 ]
	[ "$(grep -c 'did not finish' "$T/err")" = 1 ]
}
