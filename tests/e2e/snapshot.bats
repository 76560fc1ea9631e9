#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # of ledger.bash
# vmperf snapshot on this host, with guests of our own under its KVM.
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

# start NAME OPTIONS: a guest that runs until the test ends; its pid is the last of guests
start() {
	mkfifo "$T/$1.in" "$T/$1.out"
	KVMGUEST="$2" "$fixture/kvmguest" -name "guest=$1" <"$T/$1.in" >"$T/$1.out" &
	guests+=($!)
	exec {keep}>"$T/$1.in" {out}<"$T/$1.out"
	read -r -u "$out" line
	[[ $line == ready* ]]
}

# A guest that ends at once may be gone before its name is read: these live half a second.
brief=(--pace 50 io=25)
own_count() { sed -n 's/^done .* userspace=\([0-9]*\).*/\1/p' <<<"$1"; }

# user-space exits are exact on every KVM
@test "a guest's user-space exits are counted one by one" {
	run "$vmperf" snapshot --format json --vm exact -- "$fixture/kvmguest" --pace 50 io=20 mmiow=10 -- -name guest=exact
	[ "$status" = 0 ]
	own=$(own_count "$output")
	json=$(sed -n '/^{/,$p' <<<"$output")
	balanced - <<<"$json"
	[ "$own" -gt 30 ]
	[ "$(jq '.vms[0].userspace_exit_count' <<<"$json")" = "$own" ]
	[ "$(jq '.vms[0].userspace_exits[] | select(.reason == "MMIO").count' <<<"$json")" = 10 ]
	[ "$(jq '[.loss[]] | add' <<<"$json")" = 0 ]
}

@test "while it measures vmperf holds no capability, and its guest COMMAND keeps those of the caller" {
	"$vmperf" snapshot -- sh -c "
		grep -E '^(Cap|NoNewPrivs)' /proc/\$PPID/status >$T/vmperf
		for t in /proc/\$PPID/task/*/status; do grep -E '^Cap' \$t; done >$T/threads
		grep -E '^Cap(Prm|Eff|Bnd)' /proc/self/status >$T/command"
	grep -E '^Cap(Prm|Eff|Bnd)' /proc/self/status >"$T/caller"
	[ "$(grep -c . "$T/vmperf")" = 6 ]
	grep -q '^NoNewPrivs:[[:space:]]*1$' "$T/vmperf"
	[ "$(grep -hE '^Cap' "$T/vmperf" "$T/threads" | grep -vcE '[[:space:]]0+$')" = 0 ]
	cmp "$T/caller" "$T/command"
}

@test "COMMAND's status is vmperf's" {
	run -7 "$vmperf" snapshot -- sh -c 'exit 7'
	[ "$status" = 7 ]
	run "$vmperf" snapshot -- sh -c 'kill -9 $$'
	[ "$status" = 137 ]
	[[ $output == *"no VMs"* || $output == *"VM"* ]]
}

@test "a COMMAND that cannot be started: one line, status 127 or 126" {
	run -127 bash -c "'$vmperf' snapshot -- /nonexistent/program 2>&1 >$T/out"
	[ "$status" = 127 ]
	[ "$(wc -l <<<"$output")" = 1 ]
	[[ $output == "vmperf: cannot start /nonexistent/program: No such file or directory" ]]
	run bash -c "'$vmperf' snapshot -- /etc/passwd 2>&1 >$T/out"
	[ "$status" = 126 ]
	[[ $output == "vmperf: cannot start /etc/passwd: Permission denied" ]]
}

@test "Ctrl-C ends the interval early and prints" {
	mkfifo "$T/news"
	# a shell's background jobs ignore it
	env --default-signal=INT "$vmperf" snapshot --interval 1d -v >"$T/out" 2>"$T/news" &
	guests+=($!)
	# told that it measures
	grep -m1 -q 'measuring' "$T/news"
	kill -INT $!
	wait $!
	grep -q '^vmperf: .*Linux' "$T/out"
}

@test "SIGTERM ends the interval early too" {
	mkfifo "$T/news"
	"$vmperf" snapshot --interval 1d -v >"$T/out" 2>"$T/news" &
	guests+=($!)
	grep -m1 -q 'measuring' "$T/news"
	kill -TERM $!
	wait $!
	grep -q '^vmperf: .*Linux' "$T/out"
}

@test "--vm takes a guest's name, a glob, a pid; what matches nothing is an error" {
	start web-1 '--rounds 0 --hold io=1'
	pid=${guests[-1]}
	start db-1 '--rounds 0 --hold io=1'
	names() {
		snapshot "$T/json" --interval 0.1 "$@" || return
		jq -rc '[.vms[].name] | sort' "$T/json"
	}
	[ "$(names --vm web-1)" = '["web-1"]' ]
	[ "$(names --vm 'w*')" = '["web-1"]' ]
	[ "$(names --vm "$pid")" = '["web-1"]' ]
	[ "$(names --vm web-1 --vm 'db*')" = '["db-1","web-1"]' ]
	run bash -c "'$vmperf' snapshot --interval 0.1 --vm web 2>&1 >/dev/null"
	[ "$status" = 1 ]
	[[ $output == "vmperf: no VM is called web"* ]]
}

@test "guests with hostile names come out whole and harmless" {
	esc=$(printf 'a\033[31mb\nc\td')
	long=$(printf 'x%.0s' {1..255})
	for name in "$esc" 'quote" back\slash' 'comma,,and=equal' 'Grüße 東京' "$long"; do
		guests=()
		mkfifo "$T/in" "$T/out"
		KVMGUEST='--hold io=1' "$fixture/kvmguest" -name "guest=$name,debug-threads=on" <"$T/in" >"$T/out" &
		guests+=($!)
		exec {keep}>"$T/in" {out}<"$T/out"
		read -r -u "$out" line
		snapshot "$T/json" --interval 0.1 --vm "${guests[0]}"
		jq -e '.vms | length == 1' "$T/json"
		want=${name//,,/,}
		diff <(jq -r '.vms[0].name' "$T/json") <(echo "$want")
		for f in table csv; do
			"$vmperf" snapshot --interval 0.1 --format $f --vm "${guests[0]}" >"$T/text"
			! LC_ALL=C grep -q $'[\x01-\x08\x0b-\x1f\x7f]' "$T/text"
		done
		exec {keep}>&- {out}<&-
		wait "${guests[0]}" || true
		rm "$T/in" "$T/out"
	done
}

@test "a guest that ends within the interval, and one that has never run, are shown" {
	mkfifo "$T/in" "$T/out"
	KVMGUEST='--wait io=1' "$fixture/kvmguest" -name guest=still-born <"$T/in" >"$T/out" &
	guests+=($!)
	exec {keep}>"$T/in" {out}<"$T/out"
	read -r -u "$out" line
	"$vmperf" snapshot --format json -- "$fixture/kvmguest" "${brief[@]}" -- -name guest=short | sed -n '/^{/,$p' >"$T/json"
	balanced "$T/json"
	[ "$(jq '.vms[] | select(.name == "short").ended' "$T/json")" = true ]
	[ "$(jq -r '.vms[] | select(.name == "still-born") | .ended, .userspace_exit_count' "$T/json" | xargs)" = "false 0" ]
}

@test "two at once see the same guest" {
	run "$vmperf" snapshot --format json --vm both -- "$vmperf" snapshot --format json --vm both -- \
		"$fixture/kvmguest" "${brief[@]}" -- -name guest=both
	[ "$status" = 0 ]
	own=$(own_count "$output")
	sed -n '/^{/,$p' <<<"$output" >"$T/both"
	# one after the other
	while read -r one; do
		balanced - <<<"$one"
	done < <(jq -c . "$T/both")
	counts=$(jq '.vms[0].userspace_exit_count' "$T/both" | xargs)
	[ "$counts" = "$own $own" ]
}

@test "10,000 processes on the host: the guest among them is found" {
	run "$fixture/crowd" 10000 "$vmperf" snapshot --format json --vm needle -- \
		"$fixture/kvmguest" "${brief[@]}" -- -name guest=needle
	[ "$status" = 0 ]
	sed -n '/^{/,$p' <<<"$output" >"$T/json"
	balanced "$T/json"
	[ "$(jq -r '.vms[0].userspace_exit_count' "$T/json")" = "$(own_count "$output")" ]
}

@test "without capabilities: one line that names what is missing, status 1" {
	run bash -c "'$fixture/nocap' '$vmperf' snapshot --interval 0.1 2>&1 >$T/out"
	[ "$status" = 1 ]
	[ "$(wc -l <<<"$output")" = 1 ]
	[[ $output == *CAP_* ]]
	[ ! -s "$T/out" ]
}

@test "the table of a guest fits 80 columns, and has no colour when it is piped" {
	start a-rather-long-name-of-a-guest-that-does-not-fit '--rounds 0 --hold io=1'
	for by in vm vcpu exit; do
		"$vmperf" snapshot --interval 0.1 --by $by >"$T/out"
		[ "$(LC_ALL=C.UTF-8 wc -L <"$T/out")" -le 80 ]
		! grep -q $'\033' "$T/out"
	done
	"$vmperf" snapshot --interval 0.1 --color always | grep -q $'\033'
}
