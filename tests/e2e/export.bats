#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # of ledger.bash
# shellcheck disable=SC2030,SC2031 # each test is a process of its own
# vmperf export on this host, with guests of our own under its KVM.
bats_require_minimum_version 1.5.0
load ledger.bash

setup() {
	local tool

	login=() # curl's options
	at_top || return 1
	for tool in curl python3; do
		command -v $tool >/dev/null || skip "$tool is not installed"
	done
	/usr/bin/python3 -c 'import prometheus_client' 2>/dev/null || skip "python3-prometheus-client is not installed"
	# an address that no host has
	"$vmperf" export --listen 192.0.2.1:0 2>&1 | grep -q 'built without' && skip "vmperf was built without HTTP"
	case $BATS_TEST_DESCRIPTION in
	systemd*) LISTEN_FDS=1 "$vmperf" export --listen 192.0.2.1:0 2>&1 | grep -q 'built without' &&
		skip "vmperf was built without libsystemd" ;;
	esac
	case $BATS_TEST_DESCRIPTION in
	*guest*) [ -e /dev/kvm ] || skip "this host has no /dev/kvm" ;;
	esac
}

teardown() {
	end_guests
}

series() {
	tests/e2e/series.py "$@"
}

# lacks PATTERN FILE
lacks() {
	! grep -q -- "$@"
}

# capless PID: it holds no capability, in any thread
capless() {
	cat "/proc/$1/status" "/proc/$1"/task/*/status | grep -E '^Cap' >"$T/caps"
	[ "$(wc -l <"$T/caps")" -ge 10 ] && ! grep -vE '[[:space:]]0+$' "$T/caps"
}

# exporting ARGUMENT...: in the background, on a port of its own, until the test ends; its pid is $exporter, its
# messages are in $T/err, it serves below $url
exporting() {
	: >"$T/err"
	"$vmperf" export --listen 127.0.0.1:0 "$@" >"$T/printed" 2>"$T/err" &
	exporter=$!
	guests+=("$exporter")
	tests/vm/payload/await line "$T/err" 'vmperf: serving on' || {
		cat "$T/err"
		return 1
	}
	url=$(sed -n 's|^vmperf: serving on \(http.*\)/metrics$|\1|p' "$T/err")
}

# ends STATUS: what exporting began; it was told to, and waits for nobody
ends() {
	local status=0 end=$((SECONDS + 5))

	while grep -qs '^State:.[^ZX]' "/proc/$exporter/status"; do
		[ "$SECONDS" -lt "$end" ] || { echo "it still runs"; return 1; }
		sleep 0.02
	done
	wait "$exporter" || status=$?
	[ "$status" = "$1" ] || { cat "$T/err"; return 1; }
}

# scrape FILE: a page that was made now, not the one before
scrape() {
	local was end=$((SECONDS + 20))

	was=$(curl -sS "${login[@]}" "$url/metrics" | sed -n 's/^vmperf_scrapes_total //p')
	until curl -sS -f "${login[@]}" "$url/metrics" >"$1" &&
		[ "$(sed -n 's/^vmperf_scrapes_total //p' "$1")" != "$was" ]; do
		[ "$SECONDS" -lt "$end" ] || { echo "no new page"; return 1; }
		sleep 0.05
	done
}

# named NAME OPTIONS: a guest that runs until the test ends, or its stdin, $T/NAME.in, does; its output is $T/NAME.out
named() {
	mkfifo "$T/$1.in"
	: >"$T/$1.out"
	KVMGUEST="$2" "$fixture/kvmguest" -name "guest=$1" <"$T/$1.in" >"$T/$1.out" &
	guests+=($!)
	# its end must not be the end of what this test has open
	exec {keep}>"$T/$1.in"
	tests/vm/payload/await line "$T/$1.out" ready
}

# answer PATH CURL-OPTION...: status and type; the body is $T/body
answer() {
	curl -sS -o "$T/body" -w '%{http_code} %{content_type}\n' "${login[@]}" "${@:2}" "$url$1"
}

@test "pages, their formats and types" {
	exporting --no-libvirt
	[ "$(answer /metrics)" = "200 text/plain; version=0.0.4; charset=utf-8" ]
	[ "$(series value "$T/body" vmperf_build_info version="$("$vmperf" --version | cut -d' ' -f2)")" = 1 ]
	[ "$(tail -1 "$T/body")" != "# EOF" ]
	[ "$(answer /metrics -H 'Accept: application/openmetrics-text;version=1.0.0')" = \
		"200 application/openmetrics-text; version=1.0.0; charset=utf-8" ]
	[ "$(tail -1 "$T/body")" = "# EOF" ]
	[ "$(series value "$T/body" vmperf_build_info)" = 1 ]
	[ "$(answer /)" = "200 text/html; charset=utf-8" ]
	grep -q '^<h1>vmperf</h1>' "$T/body"
	[ "$(answer /-/healthy)" = "200 text/plain; charset=utf-8" ]
	[[ $(answer /nonsense) == "404 text/plain"* ]]
	[[ $(answer /metrics/) == "404 "* ]]
	[[ $(answer /metrics?format=x) == "200 "* ]]
	[ "$(curl -sS -I "$url/metrics" | grep -c '^HTTP/1.1 200')" = 1 ]
	[[ $(answer /metrics -X POST) == "405 "* ]]
	curl -sS --compressed "$url/metrics" | grep -q '^vmperf_build_info'
	kill "$exporter"
	ends 0
	# all that it has said
	[ "$(wc -l <"$T/err")" = 1 ]
	[ ! -s "$T/printed" ]
}

@test "no format is behind another one" {
	exporting --no-libvirt
	# all at once, so that pages are given out that were made before
	for _ in $(seq 50); do
		printf 'next\nurl = %s/metrics\nnext\nurl = %s/metrics\nheader = "Accept: application/openmetrics-text"\n' "$url" "$url"
	done | tail -n +2 | curl -sS -K - | sed -n 's/^vmperf_scrapes_total //p' >"$T/scrapes"
	[ "$(wc -l <"$T/scrapes")" = 100 ]
	sort -nc "$T/scrapes"
	kill "$exporter"
	ends 0
}

@test "what a guest did is counted one by one, and ends with it" {
	named exact '--hold --rounds 3 io=20 mmiow=7'
	tests/vm/payload/await line "$T/exact.out" 'round 1'
	named another '--hold --rounds 0 io=1'
	exporting --vm "${guests[0]}"
	scrape "$T/first"
	[ "$(series value "$T/first" vmperf_vcpus domain=exact)" = 1 ]
	[ "$(series value "$T/first" vmperf_vm_info domain=exact vmm=kvmguest)" = 1 ]
	[ "$(series value "$T/first" vmperf_vms)" = 1 ]
	[ "$(series count "$T/first" domain=another)" = 0 ]
	# what was before it began is not counted
	[ "$(series count "$T/first" domain=exact reason=MMIO)" = 0 ]
	echo >"$T/exact.in"
	tests/vm/payload/await line "$T/exact.out" 'round 2'
	scrape "$T/second"
	[ "$(series value "$T/second" vmperf_userspace_exits_total domain=exact reason=MMIO)" = 7 ]
	series grown "$T/first" "$T/second"
	# the whole of its time is in states
	[ "$(series count "$T/second" domain=exact state=idle)" -gt 0 ]
	curl -sS "$url/" | grep -q '<th scope="row">exact</th>'
	kill "${guests[0]}"
	wait "${guests[0]}" || true
	scrape "$T/third"
	scrape "$T/third"
	[ "$(series count "$T/third" domain=exact)" = 0 ]
	[ "$(series value "$T/third" vmperf_vms)" = 0 ]
	[ "$(series value "$T/third" vmperf_build_info)" = 1 ]
}

@test "a guest has the series, names and labels, that snapshot --format prom has" {
	named alike '--hold --rounds 0 io=5'
	tests/vm/payload/await line "$T/alike.out" 'round 1'
	exporting --vm "${guests[0]}"
	echo >"$T/alike.in"
	scrape "$T/page"
	series labels "$T/page" domain=alike >"$T/exported"
	[ "$(wc -l <"$T/exported")" -gt 10 ]
	"$vmperf" snapshot --format prom --interval 0.1 --vm "${guests[0]}" >"$T/snapshot"
	series labels "$T/snapshot" domain=alike >"$T/shown"
	# what did not happen at all may have no series in either
	[ "$(comm -12 "$T/exported" "$T/shown" | wc -l)" -ge $(($(wc -l <"$T/shown") - 6)) ]
	# each of them
	[ "$(grep -c ' domain\( .*\)\? uuid' "$T/exported")" = "$(wc -l <"$T/exported")" ]
}

@test "names of guests that try to get out of the pages do not" {
	local name=$'<script>alert(1)</script>"} 1\n# HELP \\ {x="\x1b[31m'

	KVMGUEST='--hold io=1' "$fixture/kvmguest" -name "guest=$name" </dev/zero >"$T/out" &
	guests+=($!)
	tests/vm/payload/await line "$T/out" 'ready'
	exporting --vm "${guests[0]}"
	answer /metrics
	[ "$(series value "$T/body" vmperf_vcpus)" = 1 ]
	want=${name//$'\n'/\\x0a}
	[ "$(series value "$T/body" vmperf_vcpus domain="${want//$'\x1b'/\\x1b}")" = 1 ]
	answer /
	lacks '<script' "$T/body"
	grep -qF '&lt;script&gt;' "$T/body"
	LC_ALL=C lacks $'[\x01-\x08\x0b-\x1f\x7f]' "$T/body"
	# as a browser understands it
	command -v chromium >/dev/null || skip "chromium is not installed"
	timeout 60 chromium --headless --no-sandbox --disable-gpu --user-data-dir="$T/browser" --dump-dom "$url/" \
		>"$T/dom" 2>"$T/browser.err"
	lacks '<script' "$T/dom"
	grep -qF '<th scope="row">&lt;script&gt;alert(1)&lt;/script&gt;"} 1\x0a# HELP \ {x="\x1b[31m</th>' "$T/dom"
	[ "$(grep -c '<tbody>' "$T/dom")" = 2 ]
}

@test "while it serves it holds no capability, in any thread" {
	exporting
	curl -sS -f "$url/metrics" >"$T/page"
	capless "$exporter"
}

@test "it takes all descriptors that it may have" {
	ulimit -Sn 100
	exporting --no-libvirt
	read -r _ _ _ soft hard _ < <(grep '^Max open files' "/proc/$exporter/limits")
	[ "$hard" -gt 100 ]
	[ "$soft" = "$hard" ]
}

@test "an address that is taken, or none: one line, and the status" {
	exporting --no-libvirt
	refused 1 "cannot listen on ${url#http://}: Address already in use" export --listen "${url#http://}"
	grep -qF 'another vmperf export?' "$T/refused"
	refused 1 "cannot listen on 192.0.2.1:0" export --listen 192.0.2.1:0
	refused 2 "'nonsense' is no address" export --listen nonsense
	refused 2 "--exits: 'some' is not known" export --exits some
	refused 2 "--speed makes no sense without --replay" export --speed 2
	refused 2 "--max-series" export --max-series -1
	refused 2 "--web.config.file makes no sense with --textfile alone" export --textfile "$T/x.prom" --web.config.file x
	refused 2 "unexpected argument" export /metrics
	refused 1 "$T/nothing" export --listen 127.0.0.1:0 --web.config.file "$T/nothing"
	refused 1 "cannot write /nonexistent/x.prom" export --textfile /nonexistent/x.prom
	# what is no file of ours is not replaced, and not removed
	mkfifo "$T/fifo.prom"
	refused 1 "cannot write $T/fifo.prom: it is there already, and no plain file" export --textfile "$T/fifo.prom"
	ln -s fifo.prom "$T/link.prom"
	refused 1 "cannot write $T/link.prom: it is there already" export --textfile "$T/link.prom"
	[ -p "$T/fifo.prom" ] && [ -L "$T/link.prom" ]
	mkdir "$T/ro"
	# shellcheck disable=SC2016 # the inner shell expands it
	run unshare --mount --propagation private sh -c 'mount -t tmpfs -o ro tmpfs "$1" && "$0" export --textfile "$1/x.prom" 2>&1' \
		"$vmperf" "$T/ro"
	[ "$status" = 1 ]
	[[ $output == *"cannot write $T/ro/x.prom: Read-only file system ("*"ReadWritePaths="* ]]
	mkdir "$T/theirs"
	chown 65534 "$T/theirs"
	chmod 755 "$T/theirs"
	refused 1 "without capabilities, as vmperf runs" export --no-libvirt --textfile "$T/theirs/x.prom"
	refused 1 "$T/nothing" export --listen 127.0.0.1:0 --replay "$T/nothing"
	# the first one did not notice
	[[ $(answer /-/ready) == "200 "* ]]
}

@test "a VM or an event that is not there is said to be missing, and it goes on" {
	exporting --no-libvirt --vm nobody --vm nobody-else --events nothing
	[ "$(sed '/serving on/d' "$T/err")" = "\
vmperf: warning: nothing is not counted: there is no such event (vmperf events lists what can be counted)
vmperf: no VM is called nobody yet (--vm takes a name, glob, UUID or pid)
vmperf: no VM is called nobody-else yet (--vm takes a name, glob, UUID or pid)" ]
	[[ $(answer /metrics) == "200 "* ]]
}

@test "more vCPUs of guests than there is room for: it is said, once, and it is counted" {
	"$fixture/kvmguest" -c 2 --rounds 0 --pace 100 io=1 -- -name guest=crowd </dev/zero >"$T/out" &
	guests+=($!)
	tests/vm/payload/await line "$T/out" 'ready'
	exporting --no-libvirt --max-vcpus 1
	until scrape "$T/page" && [ "$(series value "$T/page" vmperf_loss_total cause=slots)" -ge 1 ]; do
		kill -0 "$exporter"
	done
	scrape "$T/page"
	[ "$(grep -c 'no room for more vCPU threads: .*--max-vcpus' "$T/err")" = 1 ]
}

@test "without capabilities: one line that names what is missing" {
	run bash -c "'$fixture/nocap' '$vmperf' export --listen 127.0.0.1:0 2>&1"
	[ "$status" = 1 ]
	[ "$(wc -l <<<"$output")" = 1 ]
	[[ $output == *CAP_* ]]
}

@test "SIGTERM and SIGINT end it at once, though a client does not read" {
	local signal

	for signal in TERM INT; do
		: >"$T/err"
		env --default-signal=INT "$vmperf" export --no-libvirt --listen 127.0.0.1:0 2>"$T/err" &
		exporter=$!
		guests+=("$exporter")
		tests/vm/payload/await line "$T/err" 'vmperf: serving on'
		url=$(sed -n 's|^vmperf: serving on \(http.*\)/metrics$|\1|p' "$T/err")
		# as many pages as fit into the sockets and more, none of them read
		python3 - "${url##*:}" "$T/asked" <<-'X' &
			import socket, sys
			s = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
			s.setblocking(False)
			try:
			    while True:
			        s.send(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 100)
			except BlockingIOError:
			    open(sys.argv[2], "w").write("asked\n")
			s.setblocking(True)
			import signal
			signal.pause()
		X
		guests+=($!)
		tests/vm/payload/await line "$T/asked" asked
		rm "$T/asked"
		# the others do not notice
		[[ $(answer /metrics) == "200 "* ]]
		kill -$signal "$exporter"
		ends 0
	done
}

@test "SIGHUP reads the web configuration again; a broken one changes nothing" {
	command -v htpasswd >/dev/null || skip "htpasswd is not installed"
	printf 'basic_auth_users:\n  ann: %s\n' "$(htpasswd -nbBC 4 '' one | tr -d ':\n')" >"$T/web.yml"
	exporting --no-libvirt --web.config.file "$T/web.yml"
	[[ $(answer /metrics) == "401 "* ]]
	[[ $(answer /metrics -u ann:one) == "200 "* ]]
	printf 'basic_auth_users:\n  ann: %s\n' "$(htpasswd -nbBC 4 '' two | tr -d ':\n')" >"$T/web.yml"
	kill -HUP "$exporter"
	tests/vm/payload/await line "$T/err" "vmperf: $T/web.yml is read again"
	[[ $(answer /metrics -u ann:one) == "401 "* ]]
	login=(-u ann:two)
	scrape "$T/page"
	# totals of HTTP do not begin anew
	[ "$(series value "$T/page" vmperf_http_requests_total)" -ge 4 ]
	[ "$(series value "$T/page" vmperf_http_errors_total)" = 2 ]
	echo 'nonsense: [' >"$T/web.yml"
	kill -HUP "$exporter"
	until grep -q 'what was read before stays' "$T/err"; do
		kill -0 "$exporter"
		sleep 0.05
	done
	[[ $(answer /metrics) == "200 "* ]]
	[ "$(grep -c 'what was read before stays' "$T/err")" = 1 ]
	kill "$exporter"
	ends 0
}

@test "--textfile: nobody ever sees half of it, and it ends with vmperf" {
	mkdir "$T/dir"
	"$vmperf" export --no-libvirt --textfile "$T/dir/vm.prom" --interval 0.1 2>"$T/err" &
	exporter=$!
	guests+=("$exporter")
	tests/vm/payload/await line "$T/err" 'vmperf: writing'
	[ "$(stat -c %a "$T/dir/vm.prom")" = 644 ]
	# node_exporter has these itself
	lacks '^process_' "$T/dir/vm.prom"
	lacks '^vmperf_http_' "$T/dir/vm.prom"
	timeout 60 tests/e2e/series.py whole "$T/dir/vm.prom" 10
	# no HTTP
	[ "$(find "/proc/$exporter/fd" -lname 'socket:*' | wc -l)" -le 1 ]
	# once for each change of state
	mv "$T/dir" "$T/away"
	tests/vm/payload/await line "$T/err" "vmperf: cannot write $T/dir/vm.prom: No such file or directory"
	mv "$T/away" "$T/dir"
	tests/vm/payload/await line "$T/err" "vmperf: $T/dir/vm.prom is written again"
	kill "$exporter"
	ends 0
	[ "$(find "$T/dir" -type f | wc -l)" = 0 ]
	[ "$(wc -l <"$T/err")" = 3 ]
}

@test "--textfile of another name is warned of; with --listen both are there" {
	exporting --no-libvirt --textfile "$T/vm.txt"
	grep -q '^vmperf: warning: .*names end in .prom' "$T/err"
	[ "$(series value "$T/vm.txt" vmperf_build_info)" = 1 ]
	[[ $(answer /metrics) == "200 "* ]]
}

@test "unix: sockets, and those of one that was killed" {
	for i in 1 2; do
		: >"$T/err"
		"$vmperf" export --no-libvirt --listen "unix:$T/sock" 2>"$T/err" &
		exporter=$!
		guests+=("$exporter")
		tests/vm/payload/await line "$T/err" "vmperf: serving on unix:$T/sock"
		[ "$(stat -c '%a %F' "$T/sock")" = "660 socket" ]
		curl -sS -f --unix-socket "$T/sock" x/-/ready
		refused 1 "cannot listen on unix:$T/sock: Address already in use" export --listen "unix:$T/sock"
		[ $i = 2 ] || kill -KILL "$exporter"
		[ $i = 1 ] || kill -TERM "$exporter"
		wait "$exporter" || true
	done
	[ ! -e "$T/sock" ]
}

@test "systemd's sockets" {
	command -v systemd-socket-activate >/dev/null || skip "systemd-socket-activate is not installed"
	systemd-socket-activate -l "$T/sock" "$vmperf" export --no-libvirt 2>"$T/err" &
	exporter=$!
	guests+=("$exporter")
	tests/vm/payload/await line "$T/err" 'Listening on'
	# it is started by the first one who asks
	curl -sS -f --unix-socket "$T/sock" x/-/ready
	grep -q "^vmperf: serving on unix:$T/sock" "$T/err"
	[ "$(grep -c 'serving on' "$T/err")" = 1 ]
	# its default address is not taken
	[ "$(find "/proc/$exporter/fd" -lname 'socket:*' | wc -l)" -ge 1 ]
	lacks 10177 "$T/err"
	kill "$exporter"
	ends 0
	# that is systemd's
	[ -e "$T/sock" ]
}

@test "systemd is told: ready once attached, alive, its status, reloading, stopping" {
	tests/e2e/told.py "$T/notify" "$T/told" &
	guests+=($!)
	until [ -S "$T/notify" ]; do
		sleep 0.02
	done
	# so that HTTP has a thread of its own, too
	login=(-u ann:one)
	# shellcheck disable=SC2016 # a hash of bcrypt
	printf 'basic_auth_users:\n  ann: $2y$04$UZfksoBgUHB3rbhvYztAJuenU2NSgKYM.e7WUsSYMJhak8kqD5izq\n' >"$T/web.yml"
	# hidden: as where KVM is not loaded
	export NOTIFY_SOCKET=$T/notify WATCHDOG_USEC=200000
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare --mount --propagation private sh -c '
		mount -t tmpfs tmpfs /sys/class/misc
		exec "$@"' sh "$vmperf" export --no-libvirt --listen 127.0.0.1:0 --web.config.file "$T/web.yml" 2>"$T/err" &
	exporter=$!
	guests+=("$exporter")
	tests/vm/payload/await line "$T/err" 'vmperf: waiting for KVM'
	url=$(sed -n 's|^vmperf: serving on \(http.*\)/metrics$|\1|p' "$T/err")
	# it serves, and says what it waits for
	[[ $(answer /-/ready) == "503 "* ]]
	grep -qi kvm "$T/body"
	[[ $(answer /-/healthy) == "200 "* ]]
	[[ $(answer /metrics) == "200 "* ]]
	[ "$(series value "$T/body" vmperf_build_info)" = 1 ]
	[[ $(answer /) == "200 "* ]]
	grep -q 'Nothing is measured yet' "$T/body"
	tests/vm/payload/await line "$T/told" 'STATUS='
	tests/vm/payload/await line "$T/told" 'WATCHDOG=1'
	lacks READY "$T/told"
	nsenter --mount="/proc/$exporter/ns/mnt" umount /sys/class/misc
	tests/vm/payload/await line "$T/told" 'READY=1'
	tests/vm/payload/await line "$T/told" 'STATUS=[0-9]* VM'
	[[ $(answer /-/ready) == "200 "* ]]
	capless "$exporter"
	scrape "$T/page"
	[ "$(series value "$T/page" vmperf_probe_active probe=sched_switch)" = 1 ]
	kill -HUP "$exporter"
	tests/vm/payload/await line "$T/told" 'RELOADING=1'
	tests/vm/payload/await line "$T/told" 'MONOTONIC_USEC=[0-9]'
	until [ "$(grep -c READY=1 "$T/told")" = 2 ]; do
		sleep 0.02
	done
	# again and again
	alive=$(grep -c WATCHDOG=1 "$T/told")
	tests/vm/payload/await line "$T/told" 'WATCHDOG=1'
	until [ "$(grep -c WATCHDOG=1 "$T/told")" -gt "$alive" ]; do
		sleep 0.02
	done
	kill "$exporter"
	ends 0
	tests/vm/payload/await line "$T/told" 'STOPPING=1'
	[ "$(grep -c READY=1 "$T/told")" = 2 ]
}

@test "systemd's units: nothing to complain about, and closed" {
	command -v systemd-analyze >/dev/null || skip "systemd-analyze is not installed"
	mkdir "$T/bin"
	ln -s "$vmperf" "$T/bin/vmperf"
	env -u MAKEFLAGS -u MAKELEVEL make -s B="$T/units" WITH_HTTP=1 WITH_SYSTEMD=1 bindir="$T/bin" units
	cd "$T/units/systemd"
	run systemd-analyze verify --man=no ./vmperf-exporter.service ./vmperf-exporter.socket
	[ "$status" = 0 ]
	[ -z "$output" ]
	# at most 2.5 of 10
	systemd-analyze security --offline=true --threshold=25 ./vmperf-exporter.service >"$T/security"
}

@test "--max-series with 20 guests: the rest is one, other" {
	local i many=many-$$-$BATS_TEST_NUMBER

	for i in {1..20}; do
		KVMGUEST='--rounds 0 --pace 20 io=1' "$fixture/kvmguest" -name "guest=$many-$i" </dev/zero >"$T/out.$i" &
		guests+=($!)
	done
	for i in {1..20}; do
		tests/vm/payload/await line "$T/out.$i" ready
	done
	exporting --no-libvirt --vm "$many-*" --max-series 300
	scrape "$T/page"
	[ "$(series value "$T/page" vmperf_vms)" = 20 ]
	[ "$(series value "$T/page" vmperf_vms_in_other)" -gt 0 ]
	[ "$(series count "$T/page" domain=other)" -gt 0 ]
	[ "$(series count "$T/page")" -le 400 ]
	scrape "$T/next"
	series grown "$T/page" "$T/next"
	# all of them are in the sums
	kill "$exporter"
	ends 0
	exporting --no-libvirt --vm "$many-*"
	scrape "$T/page"
	[ "$(series value "$T/page" vmperf_vms_in_other)" = 0 ]
	[ "$(series count "$T/page" domain=other)" = 0 ]
}

@test "a libvirtd that takes connections and never answers changes nothing" {
	python3 - "$T/libvirt" <<-'X' &
		import os, socket, sys, signal
		s = socket.socket(socket.AF_UNIX)
		s.bind(sys.argv[1] + ".new")
		s.listen(16)
		os.rename(sys.argv[1] + ".new", sys.argv[1])
		signal.pause()
	X
	guests+=($!)
	until [ -S "$T/libvirt" ]; do
		sleep 0.02
	done
	named hung '--hold --rounds 0 io=5'
	exporting --connect "qemu+unix:///system?socket=$T/libvirt" --vm "${guests[1]}"
	scrape "$T/page"
	[ "$(series value "$T/page" vmperf_vcpus domain=hung)" = 1 ]
	scrape "$T/next"
	series grown "$T/page" "$T/next"
	kill "$exporter"
	ends 0
}

@test "--replay serves a record of a guest as if it were now, and stays at its end" {
	# a name of its own: of two guests with one name neither has it alone
	local name=played-$$

	named "$name" '--hold --rounds 3 io=20 mmiow=7'
	tests/vm/payload/await line "$T/$name.out" 'round 1'
	"$vmperf" record "$T/rec" -i 20ms --vm "$name" -- sh -c "echo >'$T/$name.in'; tests/vm/payload/await line '$T/$name.out' 'round 2'" \
		2>"$T/err"
	exporting --replay "$T/rec" --speed 100
	tests/vm/payload/await line "$T/err" "vmperf: $T/rec: this is its end"
	[[ $(answer /-/ready) == "200 "* ]]
	scrape "$T/page"
	[ "$(series value "$T/page" vmperf_userspace_exits_total domain="$name" reason=MMIO)" = 7 ]
	scrape "$T/next"
	[ "$(series value "$T/next" vmperf_userspace_exits_total domain="$name" reason=MMIO)" = 7 ]
	answer /
	grep -qF "of a record, $T/rec" "$T/body"
	capless "$exporter"
	kill "$exporter"
	ends 0
}
