#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # of bats
# What fleets install: rules, runbooks, dashboard. Each query of them is asked of a real Prometheus, and names
# only what the exporter has.
bats_require_minimum_version 1.5.0

setup() {
	local tool

	cd "$BATS_TEST_DIRNAME/../.." || return 1
	vmperf=${B:-build}/vmperf
	T=$BATS_TEST_TMPDIR
	rules=user/share/prometheus/vmperf.rules.yml
	dashboard=user/share/grafana/vmperf.json
	began=()
	for tool in promtool prometheus curl python3; do
		command -v $tool >/dev/null || skip "$tool is not installed"
	done
}

teardown() {
	[ "${#began[@]}" = 0 ] || kill -9 "${began[@]}" 2>/dev/null || true
	wait
}

# says what it finds wrong
check() {
	python3 tests/e2e/share_check.py "$@"
}

# pages: what the exporter writes: of a record, with all that it can be asked for; of made-up hosts, which
# have what the record lacks
pages() {
	# an address that no host has
	! "$vmperf" export --listen 192.0.2.1:0 2>&1 | grep -q 'built without' || skip "vmperf was built without HTTP"
	"$vmperf" export --replay tests/golden/screen.vmperf --speed 10 --per-vcpu --histograms '*' \
		--listen "unix:$T/http" 2>"$T/err" &
	began+=($!)
	tests/vm/payload/await line "$T/err" 'vmperf: serving on' || {
		cat "$T/err"
		return 1
	}
	# the second page has the time that the first took
	curl -sSf --unix-socket "$T/http" vmperf/metrics >"$T/live"
	until grep -q '^vmperf_scrape_duration_seconds ' "$T/live"; do
		curl -sSf --unix-socket "$T/http" vmperf/metrics >"$T/live" || return 1
	done
	pages=("$T/live" tests/golden/*.prom)
}

# prometheus_of FILE: one that has what FILE says, below $url
prometheus_of() {
	promtool tsdb create-blocks-from openmetrics "$1" "$T/db" >"$T/blocks" || return 1
	echo '{}' >"$T/prometheus.yml"
	: >"$T/log"
	prometheus --config.file="$T/prometheus.yml" --storage.tsdb.path="$T/db" \
		--storage.tsdb.retention.time=100y --web.listen-address=127.0.0.1:0 >"$T/log" 2>&1 &
	began+=($!)
	tests/vm/payload/await line "$T/log" '.*Server is ready to receive web requests' || {
		cat "$T/log"
		return 1
	}
	url=http://$(sed -n 's/.*msg="Listening on".* address=\([0-9.:]*\).*/\1/p' "$T/log")
}

@test "rules: promtool finds nothing wrong" {
	promtool check rules "$rules"
}

@test "rules: exact numbers, and alerts on their history but not on its near miss" {
	promtool test rules user/share/prometheus/*.test.yml
}

# mutant LINE TEXT: with that instead of the line's threshold a test of the rules fails
mutant() {
	local test

	sed "$1s/> [0-9.]*$/$2/" "$rules" >"$T/rules/vmperf.rules.yml"
	if cmp -s "$rules" "$T/rules/vmperf.rules.yml"; then
		return 1
	fi
	for test in "$T"/rules/vmperf.rules.test.yml "$T"/rules/vmperf-past.rules.test.yml; do
		promtool test rules "$test" >"$T/out" 2>&1 || return 0
	done
	echo "no test has failed with $2 instead of $(sed -n "$1p" "$rules") in line $1"
	return 1
}

@test "rules: each threshold has an alert above it, and a near miss below" {
	mkdir "$T/rules"
	cp user/share/prometheus/*.test.yml "$T/rules"
	mapfile -t lines < <(sed -n '/name: vmperf-vm-alerts/,$ { /^ *> [0-9]/= }' "$rules")
	[ "${#lines[@]}" -ge 12 ]
	for line in "${lines[@]}"; do
		mutant "$line" '> 1e9'
		mutant "$line" '>= 0'
	done
}

@test "runbooks: each alert has its section, each section is an alert's" {
	check runbooks "$rules" user/share/prometheus/runbooks.md
}

@test "dashboard: consistent, and nothing in it is of one Grafana" {
	check dashboard "$dashboard"
	check colours "$dashboard" user/tui/theme.c
}

@test "dashboard: promtool finds nothing wrong with its queries" {
	check rules "$dashboard" >"$T/queries.yml"
	promtool check rules "$T/queries.yml"
}

@test "rules and dashboard name series and labels that the exporter has" {
	pages
	check names "$rules" "${pages[@]}"
	check names "$dashboard" "${pages[@]}"
	# what the next test asks for is no invention
	python3 tests/e2e/share_pages.py >"$T/made"
	check pages "$T/made" "${pages[@]}"
}

@test "dashboard: each query of it has a figure, in a Prometheus that knows two hosts" {
	python3 tests/e2e/share_pages.py >"$T/made"
	prometheus_of "$T/made"
	check evaluate "$dashboard" "$url" 1700001800
}
