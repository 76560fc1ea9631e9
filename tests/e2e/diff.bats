#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # of ledger.bash
# vmperf diff of records of guests of our own, and its command line.
bats_require_minimum_version 1.5.0
load ledger.bash

setup() {
	at_top || return 1
	case $BATS_TEST_DESCRIPTION in
	*guest*) [ -e /dev/kvm ] || skip "this host has no /dev/kvm" ;;
	esac
}

teardown() {
	end_guests
}

# record FILE ARGUMENT...: for a short time
record() {
	"$vmperf" record "$T/$1" -i 100ms "${@:2}" 2>"$T/err" || {
		cat "$T/err"
		return 1
	}
}

# count FILE: user-space exits by port of the guest diff-busy in a record
count() {
	"$vmperf" snapshot --replay "$T/$1" --vm diff-busy --format json |
		jq '[.vms[].userspace_exits[] | select(.reason == "IO").count] | add // 0'
}

# An idle guest and one that waits to be told: afterwards it leaves the CPU in each of its exits.
@test "the guest that became busy comes first, with its rates exact" {
	mkfifo "$T/q"
	KVMGUEST='--hold io=1' "$fixture/kvmguest" -name guest=diff-quiet <"$T/q" >"$T/quiet" &
	guests+=($!)
	exec {quiet}>"$T/q"
	guest --hold --rounds 2 --block-ns 2000000 io=200 -- -name guest=diff-busy
	await line "$T/out" 'round 1'
	tests/vm/payload/await line "$T/quiet" 'round 1'
	record before --duration 500ms --vm 'diff-*'
	record after --vm 'diff-*' -- sh -c "echo >'$T/in'; tests/vm/payload/await line '$T/out' 'round 2'"
	exec {quiet}>&-

	"$vmperf" diff "$T/before" "$T/after" --format json >"$T/json"
	jq -c '.vms[] | .name, .lost_share, .userspace_exits_per_second' "$T/json"
	[ "$(jq -r '[.vms[].name] | join(" ")' "$T/json")" = "diff-busy diff-quiet" ]
	[ "$(jq -r '.vms[0].uuid' "$T/json")" = null ]
	[ "$(jq '.vms[0].pid | .before == .after and .before == '"$pid" "$T/json")" = true ]
	# each exit was counted: the rate times the time is their number
	[ "$(count before)" = 0 ]
	[ "$(count after)" = 201 ]
	[ "$(jq '.after.interval_ns as $ns | .vms[0].userspace_exits[] | select(.reason == "IO").per_second |
		.before == 0 and (.after * $ns / 1e9 | round) == 201 and .change == .after and .ratio == null' "$T/json")" = true ]

	"$vmperf" diff "$T/before" "$T/after" >"$T/table"
	cat "$T/table"
	[ "$(LC_ALL=C.UTF-8 wc -L <"$T/table")" -le 80 ]
	run ! grep -q $'\033' "$T/table"
	grep -m1 -A1 '^VM ' "$T/table" | tail -1 | grep -q '^diff-busy '
	run ! grep -q diff-quiet "$T/table"
	"$vmperf" diff "$T/before" "$T/after" --top 0 | grep -q '^diff-quiet'
	[ "$("$vmperf" diff "$T/before" "$T/after" --by vm | grep -c '^VM ')" = 1 ]
	[ "$("$vmperf" diff "$T/before" "$T/after" --by exit --top 0 | grep -c '^VM .*exit')" = 1 ]

	# the other way round what grew has shrunk
	"$vmperf" diff "$T/after" "$T/before" --format json >"$T/back"
	[ "$(jq '.vms[0].lost_share.change' "$T/json")" = "$(jq '-.vms[0].lost_share.change' "$T/back")" ]
}

@test "two times of one record of guests, one of which went and one came" {
	guest --hold io=1 -- -name guest=diff-goes
	await line "$T/out" 'round 1'
	record one --duration 300ms --vm 'diff-*'
	end_guests
	rm "$T/in" "$T/out"
	guest --hold io=1 -- -name guest=diff-comes
	await line "$T/out" 'round 1'
	record one --duration 300ms --vm 'diff-*'
	"$vmperf" diff "$T/one" --at start --at end --interval 100ms >"$T/table"
	cat "$T/table"
	grep -q '^only in A: diff-goes$' "$T/table"
	grep -q '^only in B: diff-comes$' "$T/table"
	tr '\n' ' ' <"$T/table" | grep -q "A *$T/one at start, *from .*B *$T/one at end, *from "
	"$vmperf" diff "$T/one" --at start --at end --interval 100ms --format json >"$T/json"
	[ "$(jq -c '[.vms[] | [.name, .pid.before == null, .pid.after == null]] | sort' "$T/json")" = \
		'[["diff-comes",true,false],["diff-goes",false,true]]' ]
	[ "$(jq '.after.time_ns > .before.time_ns' "$T/json")" = true ]
	[ "$(jq -r '.vms[] | select(.name == "diff-goes").idle_share.after' "$T/json")" = null ]
	# --vm chooses in both
	"$vmperf" diff "$T/one" --at start --at end --vm '*-goes' --format json >"$T/json"
	[ "$(jq -r '.vms[].name' "$T/json")" = diff-goes ]
	run -1 bash -c "'$vmperf' diff '$T/one' --at start --at end --vm nobody 2>&1 >/dev/null"
	[[ $output == "vmperf: no VM is called nobody"* ]]
}

@test "the same twice has not changed" {
	record a --duration 200ms
	"$vmperf" diff "$T/a" "$T/a" >"$T/table"
	grep -q '^nothing changed much' "$T/table"
	"$vmperf" diff "$T/a" "$T/a" --format json | jq -e '[.vms[].lost_share.change | . == 0] | all'
}

@test "wrong usage: one line, status 2; what cannot be read: one line, status 1" {
	record a --duration 200ms
	refused 2 'records are missing' diff
	refused 2 'two times of one record' diff "$T/a"
	refused 2 'two times of one record' diff "$T/a" --at end
	refused 2 'two records can be compared' diff "$T/a" "$T/a" "$T/a"
	refused 2 'two times at most' diff "$T/a" "$T/a" --at end --at end --at end
	refused 2 'is not a time' diff "$T/a" --at end --at noon
	refused 2 'one of both|vm|exit' diff "$T/a" "$T/a" --by vcpu
	refused 2 'one of table|json' diff "$T/a" "$T/a" --format csv
	refused 2 'unknown option --events' diff "$T/a" "$T/a" --events none
	refused 1 'No such file' diff "$T/a" "$T/none"
	refused 1 'no record' diff "$T/a" "$vmperf"
	run -1 bash -c "'$vmperf' diff '$T/a' '$T/a' 2>&1 >/dev/full"
	[ "${#lines[@]}" = 1 ]
}
