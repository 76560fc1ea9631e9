# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154,SC2086 # the variables are those of lib.sh, or several words
# The exporter: its totals are what guests did, and what others of the same time say.

# Intel's machine is too slow for what differs in names only
[ $isa = vmx ] || add_tests exported_exits
add_common_tests exported_histograms

# exporter OPTIONS...: one that writes $T/vm.prom; $exporter
exporter() {
	vmperf export --textfile "$T/vm.prom" --interval 100ms "$@" 2>"$T/exporter" &
	exporter=$!
	/payload/await line "$T/exporter" 'vmperf: writing' || wrong 'the exporter did not start'
	show "$T/exporter"
}

written() {
	sed -n 's/^vmperf_scrapes_total //p' "$T/vm.prom"
}

# page FILE: of now; the next one may have been begun before
page() {
	later=$(($(written) + 2))
	n=600
	until [ "$(written)" -ge $later ]; do
		n=$((n - 1))
		[ $n -gt 0 ] || {
			wrong 'no new page was written'
			break
		}
		sleep 0.05
	done
	cp "$T/vm.prom" "$1"
}

end_exporter() {
	kill "$exporter"
	wait "$exporter"
	expect 'status of the exporter' $? 0
	[ ! -e "$T/vm.prom" ] || wrong 'its file is still there'
}

# ready_guest OPTIONS...: one that begins when it gets a line, and waits after its round; $pid
ready_guest() {
	mkfifo "$T/in"
	kvmguest --wait --hold --rounds 1 "$@" <"$T/in" >"$T/done" 2>&1 &
	pid=$!
	exec 3>"$T/in"
	/payload/await line "$T/done" ready || wrong 'the guest did not start'
	its_round="echo >$T/in; /payload/await line $T/done 'round 1'"
}

end_guest() {
	exec 3>&-
	wait "$pid"
}

# by_reason PAGE: "REASON COUNT" of the exits in it
by_reason() {
	sed -n 's/^vmperf_exits_total{.*reason="\(.*\)"} \(.*\)/\1 \2/p' "$1" | sort
}

# json_by_reason: the same of the VM in the result
json_by_reason() {
	awk '$1 == "exit" && $2 == "0" { n[$9] += $5 } END { for (r in n) if (n[r]) print r, n[r] }' "$T/rows" | sort
}

# in a file, and by HTTP: but arm64's vmperf is linked without
test_exported_exits() {
	address=127.0.0.1:10177 http=''
	[ $isa = arm64 ] || http="--listen $address"
	ifconfig lo up
	exporter --no-libvirt $http
	ready_guest $every
	measure -- "$its_round"
	page "$T/page"
	[ -z "$http" ] || wget -q -O "$T/page.http" http://$address/metrics || wrong 'no page is served'
	end_guest
	exact
	json_by_reason >"$T/want"
	at_least 'reasons' "$(wc -l <"$T/want")" 5
	for p in "$T"/page*; do
		by_reason "$p" >"$T/got"
		cmp -s "$T/got" "$T/want" ||
			wrong "exits in ${p##*/}: got '$(tr '\n' ';' <"$T/got")', want '$(tr '\n' ';' <"$T/want")'"
	done
	expect 'VMs' "$(sed -n 's/^vmperf_vms //p' "$T/page")" 1
	end_exporter
}

# histograms_of PAGE: "REASON bucket LE N", "REASON count N" and "REASON sum NS" of all of its histograms
histograms_of() {
	sed -n -e 's/^vmperf_exit_handling_seconds_bucket{.*reason="\(.*\)",le="\(.*\)"} \(.*\)/\1 bucket \2 \3/p' \
		-e 's/^vmperf_exit_handling_seconds_count{.*reason="\(.*\)"} \(.*\)/\1 count \2/p' \
		-e 's/^vmperf_exit_handling_seconds_sum{.*reason="\(.*\)"} \(.*\)/\1 sum \2/p' "$1" |
		awk '$2 == "sum" { printf "%s sum %.0f\n", $1, $3 * 1e9; next } { print }'
}

# json_histograms: the same, from the buckets of the result, which are finer
json_histograms() {
	awk 'BEGIN { n = split("1023 4095 16383 65535 262143 1048575 4194303 16777215", last)
			split("1.023e-06 4.095e-06 1.6383e-05 6.5535e-05 0.000262143 0.001048575 0.004194303 0.016777215", le) }
		$1 == "exit" && $2 == "0" { sum[$9] += $11 + $12; all[$9] += 0; if (!($9 in seen)) { seen[$9]; order[++m] = $9 } }
		$1 == "bucket" && $2 == "0" {
			all[$6] += $5
			for (i = 1; i <= n; i++)
				if ($4 != "null" && $4 <= last[i]) in_[$6, i] += $5
		}
		END {
			for (k = 1; k <= m; k++) {
				r = order[k]
				for (i = 1; i <= n; i++) print r, "bucket", le[i], in_[r, i] + 0
				print r, "bucket +Inf", all[r]
				printf "%s sum %.0f\n", r, sum[r]
				print r, "count", all[r]
			}
		}' "$T/rows"
}

# Of a record both are made of the same; what is live sees the same exits, with times of its own.
test_exported_histograms() {
	exporter --no-libvirt --histograms '*'
	ready_guest $every
	timeout 120 vmperf record --no-libvirt -i 50ms "$T/record" -- sh -c "$its_round" 2>"$T/err"
	expect 'status of vmperf record' $? 0
	page "$T/live"
	end_guest
	end_exporter
	vmperf snapshot --replay "$T/record" --format json >"$T/json" 2>>"$T/err"
	measured
	exact
	exporter --histograms '*' --replay "$T/record" --speed 1000
	/payload/await line "$T/exporter" "vmperf: $T/record: this is its end" || wrong 'the record does not end'
	page "$T/page"
	end_exporter
	json_histograms | sort >"$T/want"
	at_least 'reasons' "$(grep -c ' count ' "$T/want")" 5
	histograms_of "$T/page" | sort >"$T/got"
	diff "$T/want" "$T/got" >"$T/diff" || wrong "histograms of the record: $(head -20 "$T/diff")"

	# live: no exit is missing, buckets only grow, and the sum is the time that the exits' series have
	histograms_of "$T/live" >"$T/got"
	grep ' count ' "$T/want" >"$T/counts"
	expect 'live: counts' "$(grep ' count ' "$T/got" | sort | tr '\n' ';')" "$(tr '\n' ';' <"$T/counts")"
	expect 'live: bounds of buckets' "$(awk '$2 == "bucket" { print $1, $3 }' "$T/got" | sort)" \
		"$(awk '$2 == "bucket" { print $1, $3 }' "$T/want" | sort)"
	awk '$2 == "bucket" { if ($1 == r && $4 < n) print $0, "after", n; r = $1; n = $4 }
		$2 == "count" && ($1 != r || $3 != n) { print $0, "after", n }' "$T/got" >"$T/shrunk"
	[ ! -s "$T/shrunk" ] || wrong "live: buckets that shrink: $(cat "$T/shrunk")"
	sed -n 's/^vmperf_exit_seconds_total{.*reason="\(.*\)",state="\(kvm\|vmm\)"} \(.*\)/\1 \3/p' "$T/live" |
		awk '{ n[$1] += $2 * 1e9 } END { for (r in n) printf "%s sum %.0f\n", r, n[r] }' | sort >"$T/sums"
	expect 'live: sums' "$(grep ' sum ' "$T/got" | sort | tr '\n' ';')" "$(tr '\n' ';' <"$T/sums")"
}
