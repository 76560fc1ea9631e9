#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # of ledger.bash
# shellcheck disable=SC2030,SC2031 # each test is a process of its own
# vmperf export as a real Prometheus sees it, with guests of our own under this host's KVM.
bats_require_minimum_version 1.5.0
load libvirtd
load ledger.bash

setup_file() {
	local missing

	missing=$(lv_missing)
	export LV_MISSING=$missing
	[ -n "$missing" ] || lv_setup
}

teardown_file() {
	[ -n "$LV_MISSING" ] || lv_teardown
}

setup() {
	local tool

	at_top || return 1
	for tool in prometheus curl python3 zstd jq; do
		command -v $tool >/dev/null || skip "$tool is not installed"
	done
	# an address that no host has
	! "$vmperf" export --listen 192.0.2.1:0 2>&1 | grep -q 'built without' || skip "vmperf was built without HTTP"
	[ -e /dev/kvm ] || skip "this host has no /dev/kvm"
	rules=() where=()
	# others may run the same tests on this host at the same time
	id=$$
	: >"$T/jobs"
}

teardown() {
	local p

	end_guests
	[ -n "$LV_MISSING" ] || for p in $(lv_pids); do
		kill -KILL "$p" 2>/dev/null || true
	done
}

prom() {
	URL=$url python3 tests/e2e/prometheus.py "$@"
}

# scrapes JOB ARGUMENT...: an exporter, its pid is $exporter, its address $at; Prometheus, when it is started, scrapes it
# as that job, with what is on standard input (YAML). $at, if set, is the address to serve on.
scrapes() {
	local job=$1

	: >"$T/$job.err"
	"${where[@]}" "$vmperf" export --listen "${at:-127.0.0.1:0}" "${@:2}" 2>"$T/$job.err" 3>&- &
	exporter=$!
	guests+=("$exporter")
	tests/vm/payload/await line "$T/$job.err" 'vmperf: serving on' || {
		cat "$T/$job.err"
		return 1
	}
	at=$(sed -n 's|^vmperf: serving on https*://\(.*\)/metrics$|\1|p' "$T/$job.err")
	printf ' - job_name: %s\n   static_configs: [{targets: ["%s"]}]\n' "$job" "$at" >>"$T/jobs"
	[ -t 0 ] || cat >>"$T/jobs"
}

# watch: starts Prometheus; it answers at $url
watch() {
	{
		printf 'global: {scrape_interval: 1s, evaluation_interval: 1s}\nrule_files: [%s]\nscrape_configs:\n' "${rules[*]}"
		cat "$T/jobs"
	} >"$T/prometheus.yml"
	: >"$T/log"
	prometheus --config.file="$T/prometheus.yml" --storage.tsdb.path="$T/db" --web.listen-address=127.0.0.1:0 \
		>"$T/log" 2>&1 3>&- &
	guests+=($!)
	tests/vm/payload/await line "$T/log" '.*Server is ready to receive web requests' || {
		cat "$T/log"
		return 1
	}
	url=http://$(sed -n 's/.*msg="Listening on".* address=\([0-9.:]*\).*/\1/p' "$T/log")
}

# content: Prometheus has nothing to say against what it scrapes
content() {
	! grep -iE 'level=(warn|error)' "$T/log"
	[ "$(curl -sSf "$url/api/v1/targets" | jq '[.data.activeTargets[] | select(.health != "up" or .lastError != "")] | length')" = 0 ]
}

# named NAME OPTIONS: a guest NAME.$id that runs until the test ends, or its stdin, $T/NAME.in, does; its output is $T/NAME.out,
# its pid $pid
named() {
	mkfifo "$T/$1.in"
	: >"$T/$1.out"
	KVMGUEST="$2" "$fixture/kvmguest" -name "guest=$1.$id" <"$T/$1.in" >"$T/$1.out" 3>&- &
	pid=$!
	guests+=("$pid")
	# its end must not be the end of what this test has open
	exec {keep}>"$T/$1.in"
	tests/vm/payload/await line "$T/$1.out" ready
}

@test "counters grow as in a record of the same time, by TLS and per vCPU, too" {
	command -v openssl >/dev/null || skip "openssl is not installed"
	named busy '--rounds 0 -c 2 --pace 200 io=20'
	named halts '--rounds 0 --halt-ns 5000000 halt=1000'
	named spins '--rounds 0 spin=10000000'
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$T/key.pem" -out "$T/cert.pem" -subj /CN=host -days 2 \
		-addext subjectAltName=DNS:exporter.example 2>/dev/null
	# shellcheck disable=SC2016 # a hash of bcrypt, of "one"
	printf 'tls_server_config: {cert_file: cert.pem, key_file: key.pem}\nbasic_auth_users:\n  ann: %s\n' \
		'$2y$04$UZfksoBgUHB3rbhvYztAJuenU2NSgKYM.e7WUsSYMJhak8kqD5izq' >"$T/web.yml"
	scrapes plain --no-libvirt --vm "busy.$id" --vm "halts.$id" --vm "spins.$id" </dev/null
	at=
	scrapes closed --no-libvirt --vm "busy.$id" --vm "halts.$id" --vm "spins.$id" --per-vcpu --web.config.file "$T/web.yml" <<-X
		   scheme: https
		   basic_auth: {username: ann, password: one}
		   tls_config: {ca_file: $T/cert.pem, server_name: exporter.example}
	X
	"$vmperf" record -v "$T/rec" --no-libvirt -i 50ms --vm "busy.$id" --vm "halts.$id" --vm "spins.$id" 2>"$T/err" &
	recorder=$!
	guests+=("$recorder")
	tests/vm/payload/await line "$T/err" 'vmperf: recording'
	watch
	prom next plain 6
	prom next closed
	kill "$recorder"
	wait "$recorder"
	prom compare plain "$T/rec"
	prom compare closed "$T/rec"
	prom explained plain
	prom explained closed
	content
}

# total TIME SELECTOR: the sum of these series then
total() {
	prom value "$1" "sum($2)"
}

@test "what a guest did between scrapes is what it says itself, and what a snapshot says" {
	named exact '--wait --hold --rounds 3 -c 2 --halt-ns 1000000 io=50 mmiow=7 halt=5'
	scrapes plain --no-libvirt --vm "exact.$id" </dev/null
	watch
	prom next plain
	echo >"$T/exact.in"
	tests/vm/payload/await line "$T/exact.out" 'round 1'
	first=$(prom next plain)
	snapshot "$T/json" --no-libvirt --vm "exact.$id" -- \
		sh -c "echo >'$T/exact.in'; tests/vm/payload/await line '$T/exact.out' 'round 2'"
	second=$(prom next plain)
	for reason in IO MMIO; do
		before=$(total "$first" "vmperf_userspace_exits_total{reason=\"$reason\"}")
		after=$(total "$second" "vmperf_userspace_exits_total{reason=\"$reason\"}")
		own=$(jq ".vms[0].userspace_exits[] | select(.reason == \"$reason\").count" "$T/json")
		echo "$reason: $before, $after; a snapshot has $own"
		[ $((after - before)) = "$own" ]
	done
	# of two vCPUs
	[ $((after - before)) = 14 ]
	[ $(($(total "$second" vmperf_halts_total) - $(total "$first" vmperf_halts_total))) = 10 ]
	[ "$(jq '.vms[0].halts.count' "$T/json")" = 10 ]
	echo >"$T/exact.in"
	tests/vm/payload/await line "$T/exact.out" 'round 3'
	third=$(prom next plain)
	echo >"$T/exact.in"
	wait "$pid"
	[ "$(total "$third" vmperf_userspace_exits_total)" = \
		"$(sed -n 's/^done .* userspace=\([0-9]*\).*/\1/p' "$T/exact.out")" ]
	content
}

@test "rates are those at which a guest works" {
	named known '--wait --rounds 0 --pace 500 io=100000'
	scrapes plain --no-libvirt --vm "known.$id" </dev/null
	watch
	echo >"$T/known.in"
	last=$(prom next plain 6)
	# its ticks are exits, too: one for each five operations
	rate=$(prom value "$last" "sum(rate(vmperf_userspace_exits_total{domain=\"known.$id\"}[4500ms]))")
	# it is never early, but for five operations; late for as long as it waits for a CPU, and then makes up for it
	awk -v rate="$rate" 'BEGIN { print rate; exit !(rate > 600 * 0.8 && rate < 600 * 1.05) }'
}

@test "series of a guest that ended are stale at the next scrape; no other one has a gap" {
	named stays '--hold --rounds 2 io=5'
	tests/vm/payload/await line "$T/stays.out" 'round 1'
	named ends '--rounds 0 --pace 100 io=5'
	scrapes plain --no-libvirt --vm "stays.$id" --vm "ends.$id" </dev/null
	watch
	first=$(prom next plain 2)
	[ "$(prom list domain "$first" vmperf_vcpus | xargs)" = "ends.$id stays.$id" ]
	kill "$pid"
	wait "$pid" || true
	last=$(prom next plain)
	[ "$(prom list domain "$last" '{domain!=""}' | sort -u)" = "stays.$id" ]
	[ "$(prom value "$last" vmperf_vms)" = 1 ]
	last=$(prom next plain 2)
	prom steady "$first" "$last" plain "{job=\"plain\",domain=~\"|stays.$id\"}"
	content
}

# several NAME N: guests NAME-$id-1 …, which run until they are killed; their pids are $many
several() {
	local i

	many=()
	for i in $(seq "$2"); do
		KVMGUEST='--rounds 0 --pace 20 io=20' "$fixture/kvmguest" -name "guest=$1-$id-$i" </dev/zero >"$T/$1-$i.out" 3>&- &
		many+=($!)
	done
	guests+=("${many[@]}")
	for i in $(seq "$2"); do
		tests/vm/payload/await line "$T/$1-$i.out" ready
	done
}

@test "50 guests; half of them go, and others come; the exporter dies, and comes back" {
	several old 50
	scrapes plain --no-libvirt --vm "old-$id-*" --vm "new-$id-*" </dev/null
	watch
	time=$(prom next plain)
	[ "$(prom list domain "$time" vmperf_vcpus)" = "$(seq -f "old-$id-%.0f" 50 | sort)" ]
	[ "$(prom value "$time" vmperf_vms)" = 50 ]
	# all of them work
	prom until 50 'count(vmperf_userspace_exits_total{reason="IO"} > 20)'
	kill "${many[@]:0:25}"
	wait "${many[@]:0:25}" || true
	several new 25
	time=$(prom next plain)
	[ "$(prom list domain "$time" vmperf_vcpus)" = "$({ seq -f "old-$id-%.0f" 26 50; seq -f "new-$id-%.0f" 25; } | sort)" ]
	[ "$(prom list domain "$time" '{domain!=""}' | sort -u | wc -l)" = 50 ]
	kill -9 "$exporter"
	time=$(prom next plain 1 0)
	[ "$(prom list __name__ "$time" '{domain!=""}' | wc -l)" = 0 ]
	scrapes again --no-libvirt --vm "old-$id-*" --vm "new-$id-*" </dev/null
	time=$(prom next plain 2)
	[ "$(prom list domain "$time" vmperf_vcpus | wc -l)" = 50 ]
	# all of them begin anew, once
	[ "$(prom value "$time" 'count(resets(vmperf_vcpu_seconds_total{domain=~"old-.*",state="blocked"}[10m]) == 1)')" = 25 ]
	[ "$(curl -sSf "$url/api/v1/targets" | jq -r '.data.activeTargets[].lastError')" = "" ]
}

@test "libvirt domains: hostile names, undefined while they run, renamed" {
	local uuid name other

	[ -z "$LV_MISSING" ] || skip "$LV_MISSING"
	LV_PID=$(cat "$LV_DIR/pid")
	uuid=$(printf '0000000a-9dad-41d1-80b4-%012x' "$id")
	name=$'it\'s "quoted", a\\b {c="d"} <script>é #1'
	other=$'} 1\n# HELP x"y\\n\x1b[31m\xff'$id
	where=(nsenter "--mount=/proc/$LV_KEEPER/ns/mnt" --)
	scrapes plain </dev/null
	watch
	lv_write_domain "$name" "$uuid" "$LV_DIR"
	lv_virsh define "$LV_DIR/domain.xml"
	lv_virsh start "$name"
	qemu-system-x86_64 -name "guest=${other//,/,,}" -accel kvm -m 16 -display none -nodefaults -S 3>&- &
	guests+=($!)
	lv_done "$uuid"
	prom until 1 "count(vmperf_vm_info{uuid=\"$uuid\",vmm=\"qemu\",machine!=\"\",vpmu!=\"\"})"
	prom until 1 'count(vmperf_vcpus{domain=~".*HELP.*'"$id"'"})'
	first=$(prom next plain)
	[ "$(prom list domain "$first" "vmperf_vcpus{uuid=\"$uuid\"}")" = "$name" ]
	[ "$(prom list domain "$first" 'vmperf_vcpus{domain=~".*HELP.*'"$id"'"}')" = '} 1\x0a# HELP x"y\n\x1b[31m\xff'"$id" ]
	# it is the same VM still
	lv_virsh undefine "$name"
	last=$(prom next plain 2)
	prom steady "$first" "$last" plain "{job=\"plain\",uuid=\"$uuid\"}"
	content
	# with a name of its own it is another one
	lv_virsh destroy "$name"
	time=$(prom next plain)
	[ "$(prom list __name__ "$time" "{uuid=\"$uuid\"}")" = "" ]
	lv_virsh define "$LV_DIR/domain.xml"
	lv_virsh domrename "$name" "$name, renamed"
	lv_virsh start "$name, renamed"
	prom until 1 "count(vmperf_vcpus{uuid=\"$uuid\"})"
	time=$(prom next plain)
	[ "$(prom list domain "$time" "{uuid=\"$uuid\"}" | sort -u)" = "$name, renamed" ]
	content
}

@test "alerts: none of healthy guests; one of a starved guest" {
	local guest='--rounds 0 --halt-ns 20000000 halt=1000'

	# the same rules, but for the time that they look back and wait
	sed 's/\[5m\]/[10s]/; s/for: .*/for: 2s/' user/share/prometheus/vmperf.rules.yml >"$T/rules.yml"
	rules=("$T/rules.yml")
	named healthy "$guest"
	# whatever else this host does, it never waits for a CPU for long
	chrt --all-tasks -f -p 10 "$pid" || skip "no real-time scheduling here"
	scrapes plain --no-libvirt --vm "healthy.$id" --vm "starved.$id" </dev/null
	watch
	# each of them has a value, for longer than alerts wait
	prom until 1 'count(instance_domain_state:vmperf_vcpu_seconds:ratio_rate5m{domain="'"healthy.$id"'",state="wait"})'
	last=$(prom next plain 6)
	[ "$(prom list alertname "$last" 'ALERTS{domain!=""}')" = "" ]
	prom list alertname "$last" ALERTS
	# two that never rest, on one CPU
	named starved '--rounds 0 -c 2 --cpus 1 spin=1000000'
	prom until 1 'count(ALERTS{alertname="VmperfVMStarvedOfCPU",alertstate="firing",domain="'"starved.$id"'",state="wait"})'
	time=$(prom next plain)
	[ "$(prom list domain "$time" 'ALERTS{alertstate="firing",domain!=""}' | sort -u)" = "starved.$id" ]
	kill -9 "$exporter"
	prom until 1 'count(ALERTS{alertname="VmperfDown",alertstate="firing",job="plain"})'
}
