#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The exporter's page for people as a browser shows it: of a record, so that neither root nor KVM is needed.
bats_require_minimum_version 1.5.0

setup() {
	local tool

	cd "$BATS_TEST_DIRNAME/../.." || return 1
	vmperf=${B:-build}/vmperf
	T=$BATS_TEST_TMPDIR
	for tool in chromium curl jq python3; do
		command -v $tool >/dev/null || skip "$tool is not installed"
	done
	# an address that no host has
	! "$vmperf" export --listen 192.0.2.1:0 2>&1 | grep -q 'built without' || skip "vmperf was built without HTTP"
	"$vmperf" export --replay tests/golden/screen.vmperf --speed 10 --listen 127.0.0.1:0 2>"$T/err" 3>&- &
	exporter=$!
	tests/vm/payload/await line "$T/err" 'vmperf: serving on'
	url=$(sed -n 's|^vmperf: serving on \(http.*\)/metrics$|\1|p' "$T/err")
}

teardown() {
	[ -z "${exporter:-}" ] || kill "$exporter"
}

# browse URL: its DOM is $T/dom; what the console says, $T/console; what the page itself asks for, $T/asked
browse() {
	timeout 100 chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
		--host-resolver-rules='MAP * ~NOTFOUND, EXCLUDE 127.0.0.1' --user-data-dir="$T/browser" \
		--enable-logging=stderr --v=0 --log-net-log="$T/net" --dump-dom "$1" >"$T/dom" 2>"$T/chromium" 3>&-
	grep ':CONSOLE' "$T/chromium" >"$T/console" || true
	# what Chromium asks for by itself has no origin
	jq -r '.events[].params | select(.url? and .initiator? and .initiator != "not an origin").url' "$T/net" >"$T/asked"
}

# links: where those of $T/dom lead, as a browser resolves them
links() {
	python3 - "$url/" "$T/dom" <<-'X'
		import html.parser, sys, urllib.parse
		class P(html.parser.HTMLParser):
		    def handle_starttag(self, tag, attrs):
		        if tag == "a":
		            print(urllib.parse.urljoin(sys.argv[1], dict(attrs)["href"]))
		P().feed(open(sys.argv[2], encoding="utf-8").read())
	X
}

@test "the page needs nothing from elsewhere, and the console is empty" {
	# a page that does is seen
	printf '<img src="http://localhost:1/x.png"><script>console.error("seen")</script>' >"$T/page.html"
	browse "file://$T/page.html"
	grep -q seen "$T/console"
	grep -qF http://localhost:1/x.png "$T/asked"
	# ours does not
	browse "$url/"
	grep -qF '<h1>vmperf</h1>' "$T/dom"
	[ ! -s "$T/console" ]
	[ ! -s "$T/asked" ]
}

@test "each link of the page leads somewhere, and all VMs and probes are there" {
	browse "$url/"
	[ "$(links | sort)" = "$(printf '%s\n' "$url/-/healthy" "$url/-/ready" "$url/metrics")" ]
	for link in $(links); do
		[ "$(curl -sS -o "$T/body" -w '%{http_code}' "$link")" = 200 ]
	done
	curl -sS "$url/metrics" >"$T/page"
	while read -r name; do
		grep -qF ">$name<" "$T/dom"
	done < <(sed -n 's/^vmperf_vcpus{domain="\([^"]*\)".*/\1/p; s/^vmperf_probe_active{probe="\([^"]*\)".*/\1/p' "$T/page")
	[ "$(grep -c '^vmperf_vcpus{' "$T/page")" = "$(sed -n 's/.*VMs: \([0-9]*\), vCPUs: .*/\1/p' "$T/dom")" ]
}
