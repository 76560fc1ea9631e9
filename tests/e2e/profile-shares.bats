#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # of profile.bash
# Profiles of guests that spin at known addresses with known shares (spinguest), against these and against perf.
# Their code is a guest's user space, which is all that each KVM runs natively.  Where names are looked at, as_kernel.py
# makes the samples those of kernels; tests/vm/profile.bats has real kernels.
bats_require_minimum_version 1.5.0
load profile.bash

setup() {
	at_top || return 1
	[ -e /dev/kvm ] || skip "this host has no /dev/kvm"
	[ "$(uname -m)" = x86_64 ] || skip "spinguest is for x86"
	mkdir "$T/root"
}

teardown() {
	end_guests
}

@test "a recording has each VM's functions with their shares, and is as perf's of the same seconds" {
	two
	with_perf "$T/perf.data" "$vmperf" profile record "$T/ours.data" "${sampling[@]}"
	perf_counts "$T/perf.data" "$T/perf.counts" "${pids[@]}"
	our_counts "$T/ours.data" "$T/ours.counts" ,address
	for counts in perf ours; do
		check shares "$T/$counts.counts" "${pids[a]}" "${a[@]/#/guest user:}"
		check shares "$T/$counts.counts" "${pids[b]}" "${b[@]/#/guest user:}"
	done
	for vm in a b; do
		check alike mode "$T/perf.counts" "$T/ours.counts" "${pids[$vm]}"
		# no address of the guest's user space has a name
		[ -z "$(awk -F'\t' -v pid="${pids[$vm]}" '$1 == pid && $2 == "guest user" && $3 != "[unknown]"' "$T/ours.counts")" ]
	done
}

@test "names of two kernels at the same addresses, by --guestmount: our file and perf's, read by us and by perf" {
	two
	with_perf "$T/perf.data" "$vmperf" profile record "$T/ours.data" "${sampling[@]}"
	[ "$(tests/e2e/as_kernel.py "$T/perf.data")" -gt 400 ]
	[ "$(tests/e2e/as_kernel.py "$T/ours.data")" -gt 400 ]
	for file in perf ours; do
		our_counts "$T/$file.data" "$T/$file.by-us" ''
		check named "$T/$file.by-us" "${pids[a]}" "${a_named[@]}"
		check named "$T/$file.by-us" "${pids[b]}" "${b_named[@]}"
	done
	perf_counts "$T/perf.data" "$T/perf.by-perf" --no-address "${pids[@]}"
	diff "$T/perf.by-perf" "$T/perf.by-us"
	# perf takes the guests' files only for guests in a file's table of build-ids: these have no agents that would
	# have told vmperf; so what is the guests' by address, and the rest by name
	perf_counts "$T/ours.data" "$T/ours.by-perf" "${pids[@]}"
	our_counts "$T/ours.data" "$T/ours.by-us" ,address
	same_but_names "$T/ours.by-perf" "$T/ours.by-us"
	our_counts "$T/ours.data" "$T/ours.by-us" ''
	for vm in a b; do
		check alike symbol "$T/perf.by-us" "$T/ours.by-us" "${pids[$vm]}"
		check alike mode "$T/perf.by-us" "$T/ours.by-us" "${pids[$vm]}"
	done
	# the modules are those of each
	"$vmperf" profile report "$T/ours.data" --guestmount "$T/root" -f json --percent-limit 0 --sort pid,module,symbol >"$T/json"
	[ "$(jq -r '.rows[] | select(.symbol == "net_a" or .symbol == "blk_b" or .symbol == "hot_a") |
		"\(.pid) \(.symbol) \(.module)"' "$T/json" | sort)" = "$(printf '%s\n' "${pids[a]} hot_a [guest kernel]" \
		"${pids[a]} net_a virtio_net" "${pids[b]} blk_b virtio_blk" | sort)" ]
}

@test "one set of symbols for the only guest: --guestkallsyms and --guestmodules" {
	spin a "${a[@]}"
	enough "$T/ours.data" --vm "${pids[a]}"
	tests/e2e/as_kernel.py "$T/ours.data"
	proc=$T/root/${pids[a]}/proc
	our_counts "$T/ours.data" "$T/mounted" ,module
	"$vmperf" profile report "$T/ours.data" --guestkallsyms "$proc/kallsyms" --guestmodules "$proc/modules" -f json \
		--percent-limit 0 --sort pid,mode,symbol,module >"$T/report"
	check ours "${pids[a]}" <"$T/report" >"$T/given"
	check named "$T/given" "${pids[a]}" "${a_named[@]}"
	diff "$T/mounted" "$T/given"
}

@test "symbols that the guest hides are no names, and it is said" {
	two
	enough "$T/ours.data" --vm "${pids[a]}" --vm "${pids[b]}"
	tests/e2e/as_kernel.py "$T/ours.data"
	# as a guest's kptr_restrict has it
	sed -i -E 's/^[0-9a-f]+/0000000000000000/' "$T/root/${pids[a]}/proc/kallsyms"
	our_counts "$T/ours.data" "$T/counts" '' 2>"$T/err"
	[ "$(awk -F'\t' -v pid="${pids[a]}" '$1 == pid && $2 ~ "^guest" { print $3 }' "$T/counts" | sort -u)" = '[unknown]' ]
	check named "$T/counts" "${pids[b]}" "${b_named[@]}"
	cat "$T/err"
	[ "$(wc -l <"$T/err")" = 1 ]
	grep -q "$(vm a) .*kptr_restrict" "$T/err"
}

@test "--vm: of a recording, of a report" {
	two
	"$vmperf" profile record "$T/one.data" "${sampling[@]}" --duration 1s --vm "$(vm b)"
	"$vmperf" profile record "$T/both.data" "${sampling[@]}" --duration 1s
	"$vmperf" profile report "$T/one.data" -f json --sort pid --percent-limit 0 >"$T/report"
	[ "$(jq -r '.rows[].pid' "$T/report")" = "${pids[b]}" ]
	"$vmperf" profile report "$T/both.data" -f json --sort pid --percent-limit 0 --vm "$(vm a)" >"$T/report"
	[ "$(jq -r '.rows[].pid' "$T/report")" = "${pids[a]}" ]
	[ "$(jq '.total.samples' "$T/report")" -gt 0 ]
}

@test "live: shares of each interval, and their sum" {
	two
	"$vmperf" profile --text "${sampling[@]}" --interval 1s --duration 4s --percent-limit 0 --sort pid,mode,symbol,address \
		--vm "${pids[a]}" --vm "${pids[b]}" >"$T/tables"
	[ "$(grep -c '^vmperf profile:' "$T/tables")" -ge 3 ]
	check tables <"$T/tables" >"$T/counts"
	check shares "$T/counts" "${pids[a]}" "${a[@]/#/guest user:}"
	check shares "$T/counts" "${pids[b]}" "${b[@]/#/guest user:}"
	[ "$(cut -f1 "$T/counts" | sort -u | wc -l)" = 2 ]
}

@test "a VMM's own time, its kernel's and the guest's: as perf has them" {
	guest --rounds 0 --slow-ns 20000 io=1000
	pids[k]=$pid
	tests/vm/payload/await line "$T/out" 'round 1'
	with_perf "$T/perf.data" "$vmperf" profile record "$T/ours.data" "${sampling[@]}" --vm "$pid"
	perf_counts "$T/perf.data" "$T/perf.counts" "$pid"
	# perf's own file: what a VMM does is not drawn by chance, so files of not quite the same seconds may differ
	our_counts "$T/perf.data" "$T/same.counts" '' --vm "$pid"
	same_samples '""' "$T/perf.counts" "$T/same.counts"
	our_counts "$T/ours.data" "$T/ours.counts" ''
	cat "$T/ours.counts"
	# and it is what it spends its time in
	[ "$(awk -F'\t' '$2 == "user" { n += $5 } END { print n + 0 }' "$T/ours.counts")" -ge 100 ]
}
