#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The HTTP server (user/http) as tests/http/serve serves a file: limits, TLS, users; no root, no BPF.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	local t=$BATS_FILE_TMPDIR

	seq -f 'vmperf_exits_total{domain="a virtual machine",uuid="",reason="io"} %g' 4000 >"$t/page"
	# a CA, a server's, a client's and a stranger's certificate
	authority "$t/ca" ca
	authority "$t/other" other
	signed "$t/server" localhost DNS:localhost,IP:127.0.0.1
	signed "$t/client" prometheus DNS:prometheus.example,IP:192.0.2.7,URI:spiffe://example/prometheus
	htpasswd -bnBC 5 ann 'o ne:€' >"$t/ann"
}

# authority NAME SUBJECT: a key and its own certificate
authority() {
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.pem" -subj "/CN=$2" -days 2 2>/dev/null
}

# signed NAME SUBJECT NAMES: a key and a certificate by the CA
signed() {
	openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$2" \
		-addext "subjectAltName=$3" 2>/dev/null &&
		openssl x509 -req -in "$1.csr" -CA "$BATS_FILE_TMPDIR/ca.pem" -CAkey "$BATS_FILE_TMPDIR/ca.key" \
			-CAcreateserial -copy_extensions copy -days 2 -out "$1.pem" 2>/dev/null
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	serve=${B:-build}/tests/http/serve
	[ -x "$serve" ] || skip "built without HTTP"
	t=$BATS_FILE_TMPDIR T=$BATS_TEST_TMPDIR pid='' scheme=http
	page=$t/page
}

teardown() {
	[ -z "$pid" ] || kill "$pid" 2>/dev/null || true
}

# start [OPTION...]: a server of $page, on a port that is free and on a socket; their addresses
# are then in $at and $unix
start() {
	unix=unix:$T/socket
	rm -f "$T/ready" "$T/socket"
	mkfifo "$T/ready"
	(
		[ -z "${descriptors:-}" ] || ulimit -n "$descriptors"
		exec "$serve" --listen 127.0.0.1:0 --listen "$unix" "$@" "$page"
	) >"$T/ready" 2>"$T/err" 3>&- &
	pid=$!
	exec 9<"$T/ready"
	read -r -t 30 -u 9 _ at
	[ -n "$at" ]
}

# ends: told to, it does, with nothing to say, which a sanitizer would have
ends() {
	kill "$pid"
	wait "$pid"
	pid=
	[ ! -s "$T/err" ]
}

# config: standard input as a web config beside the certificates
config() {
	cat >"$t/web-$BATS_TEST_NUMBER.yml"
	start --web.config.file "$t/web-$BATS_TEST_NUMBER.yml"
}

client() {
	python3 tests/http/client.py "$at" "$@"
}

# get [OPTION...] PATH: by curl, with the CA
get() {
	curl -sS --max-time 60 --cacert "$t/ca.pem" "${@:1:$#-1}" "$scheme://$at${*: -1}"
}

@test "a page: its headers, HEAD, keep-alive, HTTP/1.0, a Unix socket" {
	start
	get -D "$T/head" /page | cmp - "$t/page"
	sed -i 's/\r//' "$T/head"
	grep -qx 'HTTP/1.1 200 OK' "$T/head"
	grep -qx 'Content-Type: text/plain; version=0.0.4; charset=utf-8' "$T/head"
	grep -qx 'X-Content-Type-Options: nosniff' "$T/head"
	grep -qx 'Vary: Accept, Accept-Encoding' "$T/head"
	grep -qx "Content-Length: $(stat -c %s "$t/page")" "$T/head"
	grep -q '^Date: ' "$T/head"
	[ "$(grep -ciE '^(Server|Content-Encoding|Connection):' "$T/head")" = 0 ]
	# HEAD has the same, the second that it was made in aside
	get --head /page | sed 's/\r//' | grep -v ^Date >"$T/head2"
	grep -v ^Date "$T/head" | cmp - "$T/head2"
	[ "$(get -o /dev/null -w '%{num_connects} ' "http://$at/page" -o /dev/null /page)" = "1 0 " ]
	get --http1.0 /page | cmp - "$t/page"
	curl -sS --unix-socket "$T/socket" http://localhost/page | cmp - "$t/page"
	[ "$(get -o "$T/none" -w '%{http_code} %{size_download}' /empty)" = "200 0" ]
	[ "$(get /nothing)" = "404 Not Found" ]
	ends
}

@test "gzip only for who takes it, and the same after gunzip" {
	start
	get -D "$T/head" -H 'Accept-Encoding: br, gzip;q=0.5' /page >"$T/zipped"
	grep -q '^Content-Encoding: gzip' "$T/head"
	[ "$(stat -c %s "$T/zipped")" -lt $(($(stat -c %s "$t/page") / 4)) ]
	gunzip <"$T/zipped" | cmp - "$t/page"
	get -H 'Accept-Encoding: gzip;q=0' /page | cmp - "$t/page"
	get -H 'Accept-Encoding: br' /page | cmp - "$t/page"
	# not worth it
	[ "$(get -H 'Accept-Encoding: gzip' /openmetrics)" = no ]
	# two headers of a name are one
	[ "$(get -H 'Accept: text/plain;q=0.5' -H 'Accept: application/openmetrics-text;q=0.6' /openmetrics)" = yes ]
	ends
}

@test "what is not taken: other methods, bodies, too much of anything, no HTTP" {
	start
	for m in POST PUT DELETE OPTIONS TRACE PATCH FOO; do
		[ "$(get -X $m -D "$T/head" -o /dev/null -w '%{http_code}' /page)" = 405 ]
		grep -q '^Allow: GET, HEAD' "$T/head"
	done
	[ "$(get -X GET -d body -o /dev/null -w '%{http_code}' /page)" = 413 ]
	[ "$(get -X GET -d body -H 'Transfer-Encoding: chunked' -o /dev/null -w '%{http_code}' /page)" = 413 ]
	# where the next request begins must not be a matter of opinion
	for length in 0 00; do
		client status 200 "GET /page HTTP/1.1\r\nHost: x\r\nContent-Length: $length\r\n\r\n"
		client status 413 "GET /page HTTP/1.1\r\nHost: x\r\nContent-Length: $length\r\nContent-Length: 5\r\n\r\nhello"
		client status 413 "GET /page HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: $length\r\n\r\nhello"
		client status 413 "GET /page HTTP/1.1\r\nHost: x\r\nContent-Length: $length\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
	done
	client big 200 16000
	client big 431 16500
	client big 431 300000
	client tiny 200 100
	client tiny 431 10000
	client uri 404 4000
	client uri 414 4200
	client uri 414 100000
	client status 404 'GET /page%00 HTTP/1.1\r\nHost: x\r\n\r\n'
	client status 200 'GET /p%61%67e?a=%00 HTTP/1.1\r\nHost: x\r\n\r\n'
	client status 400 'GET /page HTTP/1.1\r\n\r\n'
	client status 400 'GET /page HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n'
	client status 400 'GET /page HTTP/1.0\r\nHost: x\r\nHost: x\r\n\r\n'
	client status 400 'GET /page HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nhello'
	client status 400 'GET /page HTTP/1.1\r\nHost: x\r\nTransfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n'
	client status 200 'GET /page HTTP/1.0\r\n\r\n'
	client status 400 'GET * HTTP/1.1\r\nHost: x\r\n\r\n'
	client garbage 1
	client garbage 2
	ends
}

@test "what was counted: each answer, and those that are errors" {
	start
	get /page >/dev/null
	get /nothing >/dev/null
	get -X POST /page >/dev/null
	# by the library itself
	client status 400 'GET /page HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'
	[ "$(get /counts)" = "4 3" ]
	[ "$(get /counts)" = "5 3" ]
	ends
}

@test "a hundred requests in one write, and a hundred clients at once" {
	start
	client pipelined
	client at_once 100
	ends
}

@test "half-open connections above the limit cost the oldest of them, and nobody else" {
	start
	client half_open 400
	ends
}

@test "half-open connections that take all descriptors cost the oldest of them, and nobody else" {
	# far more than who comes every ten connections needs, whatever bats itself has open
	descriptors=64
	start
	client half_open 100
	ends
}

@test "a client that closes its side: within a request it is ended, behind it it is answered" {
	start
	client half_closed 100
	ends
}

@test "clients that never read, each a page of its own of 7 MB, hold up nobody and hold no more than 128 MiB" {
	seq 1000000 >"$T/large"
	page=$T/large
	start
	client deaf 200
	peak=$(awk '/VmHWM/ { print $2 }' "/proc/$pid/status")
	echo "$peak kB"
	# besides those: the file, the page that is being made, the program
	[ "$peak" -lt $((192 * 1024)) ] || [ -n "${ASAN_OPTIONS:-}" ]
	ends
}

@test "ten thousand requests, and no byte of memory more" {
	start
	client many 2000
	before=$(awk '/VmRSS/ { print $2 }' "/proc/$pid/status")
	client many 10000
	after=$(awk '/VmRSS/ { print $2 }' "/proc/$pid/status")
	echo "$before kB, then $after kB"
	[ $((after - before)) -lt 256 ] || [ -n "${ASAN_OPTIONS:-}" ]
	[ "$(find "/proc/$pid/fd" -mindepth 1 | wc -l)" -lt 20 ]
	ends
}

@test "a request that takes too long, an idle connection and an answer that nobody takes end" {
	seq 2000000 >"$T/large"
	page=$T/large
	start
	client slow
	ends
}

tls_config() {
	printf 'tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n'
}

@test "TLS: versions, and a plain request at its port" {
	config < <(tls_config)
	scheme=https
	get /page | cmp - "$t/page"
	get --tlsv1.3 /page | cmp - "$t/page"
	get --tls-max 1.2 /page | cmp - "$t/page"
	run get --tls-max 1.1 --ciphers DEFAULT@SECLEVEL=0 /page
	[ "$status" = 35 ]
	run curl -s --max-time 60 "http://$at/page"
	[ "$status" != 0 ]
	# HTTP/1.1 is what a client of HTTP/2 gets
	[ "$(get --http2 -o /dev/null -w '%{http_version} %{http_code}' /page)" = "1.1 200" ]
	ends
}

@test "TLS: only the versions, suites and curves that the config names" {
	config <<-X
		$(tls_config)
		  max_version: TLS12
		  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]
		  curve_preferences: [CurveP384]
	X
	scheme=https
	run get --tlsv1.3 /page
	[ "$status" = 35 ]
	run get --ciphers ECDHE-RSA-AES128-GCM-SHA256 /page
	[ "$status" = 35 ]
	run get --curves X25519 /page
	[ "$status" = 35 ]
	get --ciphers ECDHE-RSA-AES256-GCM-SHA384 --curves P-384 /page | cmp - "$t/page"
	ends
}

# let_in CERTIFICATE: whether (yes, no) a client with it (none: without) gets its page; the same of both TLS
let_in() {
	local max show=() got='' now

	[ "$1" = none ] || show=(--cert "$t/$1.pem" --key "$t/$1.key")
	for max in 1.2 1.3; do
		now=no
		get --tls-max $max "${show[@]}" -f /page 2>/dev/null | cmp -s - "$t/page" && now=yes
		[ "${got:-$now}" = $now ] || now=differs
		got=$now
	done
	echo "$got"
}

# each TYPE [LINE]: what a client without a certificate, with a stranger's and with the CA's gets
each() {
	config < <(
		tls_config
		echo "  client_auth_type: $1"
		case $1 in *Verif*) echo "  client_ca_file: ca.pem" ;; esac
		echo "  ${2:-}"
	)
	echo "$(let_in none) $(let_in other) $(let_in client)"
	# who is refused gets as far as no request
	[ "$(get --cert "$t/client.pem" --key "$t/client.key" /counts | cut -d' ' -f2)" = 0 ] && ends
}

@test "client certificates: each client_auth_type" {
	scheme=https
	[ "$(each NoClientCert)" = "yes yes yes" ]
	[ "$(each RequestClientCert)" = "yes yes yes" ]
	[ "$(each RequireAnyClientCert)" = "no yes yes" ]
	[ "$(each VerifyClientCertIfGiven)" = "yes no yes" ]
	[ "$(each RequireAndVerifyClientCert)" = "no no yes" ]
}

@test "client certificates: the names that are allowed" {
	scheme=https
	for san in prometheus.example 192.0.2.7 spiffe://example/prometheus; do
		[ "$(each RequireAndVerifyClientCert "client_allowed_sans: [a, '$san']")" = "no no yes" ]
	done
	for san in example prometheus.example. 192.0.2.70 prometheus; do
		config <<-X
			$(tls_config)
			  client_auth_type: RequireAndVerifyClientCert
			  client_ca_file: ca.pem
			  client_allowed_sans: ['$san']
		X
		[ "$(let_in client)" = no ]
		ends
	done
}

users() {
	echo "basic_auth_users:"
	sed -n 's/\(.*\):\(.*\)/  \1: \2/p' "$t/ann"
}

@test "users: who has the password, and nobody else" {
	config < <(users)
	for _ in 1 2; do
		get -u 'ann:o ne:€' /page | cmp - "$t/page"
	done
	for who in 'ann:o ne:' 'ann:o ne:€x' 'ann:' ':o ne:€' 'bob:o ne:€' 'Ann:o ne:€'; do
		[ "$(get -u "$who" /page)" = "401 Unauthorized" ]
	done
	[ "$(get -D "$T/head" /page)" = "401 Unauthorized" ]
	grep -q '^WWW-Authenticate: Basic realm=' "$T/head"
	[ "$(get -H 'Authorization: Bearer x' /page)" = "401 Unauthorized" ]
	# 1 = keep-alive goes on after a password was looked at
	[ "$(get -u ann:wrong -o /dev/null -w '%{num_connects} ' "http://$at/page" -o /dev/null /page)" = "1 0 " ]
	ends
}

@test "users: wrong passwords in a loop hold up nobody" {
	config <<-X
		basic_auth_users:
		  $(sed 's/:/: /' "$t/ann" | head -1)
		  slow: \$2y\$18\$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG
	X
	get -u 'ann:o ne:€' /page | cmp - "$t/page"
	# this one waits for seconds, and has asked before the others do
	exec 8<>/dev/tcp/"${at%:*}"/"${at#*:}"
	printf 'GET /page HTTP/1.1\r\nHost: x\r\nAuthorization: Basic c2xvdzp4\r\n\r\n' >&8
	for _ in $(seq 20); do
		get -u 'ann:o ne:€' /page | cmp - "$t/page"
	done
	exec 8>&-
	# nor does the end wait for it
	ends
}

@test "users: who guesses keeps nobody else out" {
	config < <(htpasswd -bnBC 10 ann one | sed -n 's/\(.*\):\(.*\)/basic_auth_users: {\1: "\2"}/p')
	client guessed one 40
	ends
}

@test "users: who waits too long for a password to be looked at is told so, and makes room" {
	config <<-X
		basic_auth_users:
		  slow: \$2y\$18\$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG
	X
	client judged_late 252
	ends
}

@test "what the config adds to each answer, and how many there may be" {
	config <<-X
		http_server_config:
		  headers: {X-Frame-Options: deny, X-Content-Type-Options: nosniff}
		rate_limit: {interval: 1h, burst: 3}
	X
	get -D "$T/head" /page | cmp - "$t/page"
	[ "$(grep -c '^X-Frame-Options: deny' "$T/head")" = 1 ]
	[ "$(grep -c '^X-Content-Type-Options: nosniff' "$T/head")" = 1 ]
	[ "$(get -o /dev/null -w '%{http_code} ' "http://$at/page" -o /dev/null "http://$at/page" -o /dev/null /page)" = "200 200 429 " ]
	ends
}

@test "a config that cannot be: one line, status 1" {
	for line in 'basic_auth_users: {ann: secret}' 'tls_server_config: {cert_file: nothing.pem}' 'x: y'; do
		echo "$line" >"$T/web.yml"
		run -1 "$serve" --listen 127.0.0.1:0 --web.config.file "$T/web.yml" "$t/page"
		[ "${#lines[@]}" = 1 ]
		[[ $output == "serve: $T/web.yml:1: "* ]]
	done
	run -1 "$serve" --listen 127.0.0.1:0 --web.config.file "$T/none.yml" "$t/page"
	[ "$output" = "serve: cannot read $T/none.yml: No such file or directory" ]
}
