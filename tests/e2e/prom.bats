#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # of ledger.bash
# vmperf snapshot --format prom, and pages of made-up hosts: as others read them.
bats_require_minimum_version 1.5.0
load ledger.bash

setup() {
	at_top || return 1
	case $BATS_TEST_DESCRIPTION in
	*Prometheus\'*) command -v promtool >/dev/null || skip "promtool is not installed" ;;
	*) /usr/bin/python3 -c 'import prometheus_client' 2>/dev/null || skip "python3-prometheus-client is not installed" ;;
	esac
	case $BATS_TEST_DESCRIPTION in
	*guest*) [ -e /dev/kvm ] || skip "this host has no /dev/kvm" ;;
	esac
}

teardown() {
	end_guests
}

# says_the_same ARGUMENTS: the page and the JSON of one record; prints the number of series
says_the_same() {
	"$vmperf" snapshot --format prom "$@" >"$T/page" || return 1
	"$vmperf" snapshot --format json "$@" >"$T/json" || return 1
	tests/e2e/prom_json.py "$T/page" "$T/json"
}

@test "a page has each figure of the JSON of the same time, and no other" {
	local host

	run says_the_same --replay tests/golden/screen.vmperf
	echo "$output"
	[ "$status" = 0 ]
	[ "$output" -gt 500 ]
	run says_the_same --replay tests/golden/screen.vmperf --interval 2s --at end --vm 'db*'
	echo "$output"
	[ "$status" = 0 ]
	[ "$(jq '.vms | length' "$T/json")" -ge 1 ]
	# made-up hosts: without exits, with events, with metadata
	for host in vmx user software intel full no-kvm; do
		run tests/e2e/prom_json.py "tests/golden/$host.prom" "tests/golden/$host.json"
		echo "$host: $output"
		[ "$status" = 0 ]
	done
	# it would see a difference
	sed -i 's/^\(vmperf_exits_total.*\) \([0-9]*\)$/\1 1\2/' "$T/page"
	run -1 tests/e2e/prom_json.py "$T/page" "$T/json"
}

@test "Prometheus' own check has nothing to say of any page" {
	local page

	for page in tests/golden/*.prom; do
		[[ $page != *-open.prom ]] || continue
		run promtool check metrics <"$page"
		echo "$page: $output"
		[ "$status" = 0 ]
		[ -z "$output" ]
	done
	"$vmperf" snapshot --replay tests/golden/screen.vmperf --format prom >"$T/page"
	run promtool check metrics <"$T/page"
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "a client's parsers read every line, also with names that try to break out of labels" {
	local page

	for page in tests/golden/*.prom; do
		run tests/e2e/series.py count "$page"
		echo "$page: $output"
		[ "$status" = 0 ]
		[ "$output" = "$(grep -vc '^#' "$page")" ]
	done
	# as text and as OpenMetrics the names are the same
	tests/e2e/series.py labels tests/golden/names.prom >"$T/text"
	tests/e2e/series.py labels tests/golden/names-open.prom >"$T/open"
	cmp "$T/text" "$T/open"
	[ "$(tests/e2e/series.py value tests/golden/names.prom vmperf_vcpus 'domain=say "hi", you')" = 1 ]
	[ "$(tests/e2e/series.py value tests/golden/names.prom vmperf_vcpus 'domain=bad \xff\xc0\xaf utf8 \ here')" = 1 ]
	[ "$(tests/e2e/series.py value tests/golden/names.prom vmperf_vcpus 'domain=two\x0alines\x0d')" = 1 ]
}

@test "a guest's exits to user space are counted one by one, and a record of it says the same" {
	local odd="prom \"\\"

	"$fixture/kvmguest" --pace 20 io=50 mmiow=10 -- -name "guest=$odd" >"$T/out" &
	guests+=($!)
	"$vmperf" record "$T/rec.vmperf" --vm "$!" --interval 200ms -d 3s
	run says_the_same --replay "$T/rec.vmperf"
	echo "$output"
	[ "$status" = 0 ]
	[ "$(jq -r '.vms[].name' "$T/json")" = "$odd" ]
	end_guests
	run "$vmperf" snapshot --format prom --vm exact -- "$fixture/kvmguest" --pace 50 io=20 mmiow=10 -- -name guest=exact
	[ "$status" = 0 ]
	sed -n '/^# HELP/,$p' <<<"$output" >"$T/page"
	[ "$(tests/e2e/series.py value "$T/page" vmperf_userspace_exits_total domain=exact)" = \
		"$(sed -n 's/^done .* userspace=\([0-9]*\).*/\1/p' <<<"$output")" ]
	[ "$(tests/e2e/series.py value "$T/page" vmperf_userspace_exits_total domain=exact reason=MMIO)" = 10 ]
}
