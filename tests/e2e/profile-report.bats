#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034,SC2016 # of ledger.bash; inner shells expand
# vmperf profile report and diff of files that perf itself has made: perf's own counts, and the formats.
bats_require_minimum_version 1.5.0
load ledger.bash

setup() {
	at_top || return 1
	[ "$(id -u)" = 0 ] || skip "perf record -a needs root"
	perf record -q -o "$T/try" -e cpu-clock true >"$T/out" 2>&1 || skip "perf record does not work here"
	case $BATS_TEST_DESCRIPTION in
	*guest*) [ -e /dev/kvm ] || skip "this host has no /dev/kvm" ;;
	esac
	case $BATS_TEST_DESCRIPTION in
	*browser*) command -v chromium >/dev/null || skip "chromium is not installed" ;;
	esac
}

teardown() {
	end_guests
}

# report ARGUMENT...: what it says of names that are missing is not looked at
report() {
	"$vmperf" profile report "$@" 2>"$T/err" || {
		cat "$T/err"
		return 1
	}
}

# perf_rows FILE KEYS ARGUMENT...: perf's rows by these keys
perf_rows() {
	perf kvm --host --guest report -i "$1" --no-children -g none --stdio --no-demangle -t '|' -F "sample,$2" "${@:3}" 2>"$T/err"
}

# record_perf FILE ARGUMENT...: perf's samples of a loop that calls the kernel and libraries
record_perf() {
	# I: not the idle task, which is no process to vmperf
	perf record -q -e cpu-clock:I -F 999 -o "$T/$1" "${@:2}" -- sh -c \
		'i=0; while [ $i -lt 300 ]; do i=$((i + 1)); /bin/true; done; find /usr/bin /etc >/dev/null' 2>"$T/err"
}

# record_guest FILE: all that there is for a second, a guest that is busy among it; its pid is $pid
record_guest() {
	guest --rounds 0 spin=100000 -- -name guest=profile-report
	perf kvm --host --guest record -q -e cpu-clock:I -F 999 -a -o "$T/$1" sleep 1 2>"$T/err"
}

@test "rows of perf record's file are those of perf report, sample by sample" {
	record_perf data -a -g
	report --all "$T/data" --sort module,symbol --percent-limit 0 --format csv >"$T/ours"
	perf_rows "$T/data" dso,sym >"$T/perf"
	tests/e2e/profile_rows.py "$T/ours" "$T/perf"
	# a count that differs is found
	sed -i '$s/^\([^,]*\),\([0-9]*\),/\1,1\2,/' "$T/ours"
	run -1 tests/e2e/profile_rows.py "$T/ours" "$T/perf"
}

@test "rows of perf kvm record's file with a guest are those of perf kvm report, by thread names, too" {
	record_guest data
	report --all "$T/data" --sort module,symbol --percent-limit 0 --format csv >"$T/ours"
	perf_rows "$T/data" dso,sym >"$T/perf"
	tests/e2e/profile_rows.py "$T/ours" "$T/perf"
	# of the VM only: perf has its threads by their own names
	report "$T/data" --vm "$pid" --mode sys --mode user --sort comm,module,symbol --percent-limit 0 --format csv >"$T/ours"
	perf_rows "$T/data" comm,dso,sym --pid "$pid" >"$T/perf"
	# samples of the guest have no thread in perf
	grep -v '| *\[unknown\] *|' "$T/perf" >"$T/host"
	tests/e2e/profile_rows.py "$T/ours" "$T/host"
}

@test "all formats have the same samples; rows, rest and modes add up" {
	record_perf data -a -g
	total=$(perf script -i "$T/data" -F time 2>"$T/err" | wc -l)
	report --all "$T/data" --format json >"$T/json"
	[ "$(jq .total.samples "$T/json")" = "$total" ]
	[ "$(jq '([.rows[].samples] | add) + .rest.samples' "$T/json")" = "$total" ]
	[ "$(jq '([.rows[].period] | add) + .rest.period == .total.period' "$T/json")" = true ]
	[ "$(jq '[.vms[].modes[].samples] | add' "$T/json")" = "$total" ]
	[ "$(jq '[.vms[] | .samples == ([.modes[].samples] | add)] | all' "$T/json")" = true ]
	[ "$(jq '[.rows[].share] | . == (sort | reverse) and min >= 0.005' "$T/json")" = true ]
	report --all "$T/data" --format csv --percent-limit 0 >"$T/csv"
	[ "$(python3 -c 'import csv, sys; print(sum(int(r["samples"]) for r in csv.DictReader(open(sys.argv[1]))))' "$T/csv")" = "$total" ]
	# stacks weigh what the rows weigh
	report --all "$T/data" --format folded >"$T/folded"
	[ "$(awk '{ n += $NF } END { printf "%d", n }' "$T/folded")" = "$(jq .total.period "$T/json")" ]
	[ "$(grep -cv '^[^;]*;[a-z ]*;.* [0-9]*$' "$T/folded")" = 0 ]
	# there are callers
	grep -q ';.*;.*;.*;' "$T/folded"
	report --all "$T/data" >"$T/table"
	[ "$(LC_ALL=C.UTF-8 wc -L <"$T/table")" -le 80 ]
	grep -q "$total samples" <(tr -s ' \n' ' ' <"$T/table")
	run ! grep -q $'\033' "$T/table"
	report --all "$T/data" --color always | grep -q $'\033'
}

@test "--vm, --mode and --sort choose; what is no VM is left out and told" {
	record_guest data
	report "$T/data" --format json >"$T/json"
	[ "$(jq --argjson pid "$pid" '[.vms[].pid] | index($pid) != null' "$T/json")" = true ]
	[ "$(jq '.foreign > 0' "$T/json")" = true ]
	report "$T/data" --vm "$pid" --sort mode --percent-limit 0 --format json >"$T/one"
	[ "$(jq -c '[.vms[].pid]' "$T/one")" = "[$pid]" ]
	[ "$(jq '.keys' -c "$T/one")" = '["mode"]' ]
	# each mode alone is its part of the whole
	for mode in sys user guest-sys guest-user; do
		report "$T/data" --vm "$pid" --mode $mode --sort mode --format json >"$T/mode"
		[ "$(jq .total.samples "$T/mode")" = \
			"$(jq --arg m "${mode/-/_}" '.vms[0].modes[$m].samples' "$T/one")" ]
	done
	run -1 bash -c "'$vmperf' profile report '$T/data' --vm nobody 2>&1 >/dev/null | grep 'no VM is called nobody'; exit \${PIPESTATUS[0]}"
	[ -n "$output" ]
}

@test "diff: a file with itself has not changed, two files have" {
	record_perf a -a
	"$vmperf" profile diff --all "$T/a" "$T/a" --format json 2>"$T/err" >"$T/json"
	[ "$(jq '(.rows | length > 0) and ([.rows[].change | . == 0] | all)' "$T/json")" = true ]
	perf record -q -e cpu-clock:I -F 999 -a -o "$T/b" -- sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i + 1)); done' 2>"$T/err"
	"$vmperf" profile diff --all "$T/a" "$T/b" --sort module --percent-limit 0 --format json 2>"$T/err" >"$T/json"
	# shares are those of the reports
	for side in before:a after:b; do
		report --all "$T/${side#*:}" --sort module --percent-limit 0 --format json >"$T/report"
		[ "$(jq -c "[.rows[] | select(.${side%:*}) | {module, n: .${side%:*}.samples}] | sort" "$T/json")" = \
			"$(jq -c '[.rows[] | {module, n: .samples}] | sort' "$T/report")" ]
	done
	[ "$(jq '[.rows[].change | fabs] | . == (sort | reverse)' "$T/json")" = true ]
	"$vmperf" profile diff --all "$T/a" "$T/b" 2>"$T/err" | grep -q '^before'
	"$vmperf" profile diff --all "$T/a" "$T/b" --format csv 2>"$T/err" | head -1 | grep -q '^before,'
}

# browse FILE: its DOM is $T/dom; what the console says, $T/console; what it asks for, $T/asked
browse() {
	timeout 100 chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
		--host-resolver-rules='MAP * ~NOTFOUND' --user-data-dir="$T/browser" --window-size=1200,900 \
		--enable-logging=stderr --v=0 --log-net-log="$T/net" --dump-dom "file://$1" >"$T/dom" 2>"$T/chromium" 3>&-
	grep ':CONSOLE' "$T/chromium" >"$T/console" || true
	jq -r '.events[].params | select(.url? and .initiator? and .initiator != "not an origin").url' "$T/net" >"$T/asked"
}

# act SCRIPT: the page as it is after this; what is put by say() is in $T/said.  The page takes no script but its
# own, so the copy has no such rule.
act() {
	{
		sed 's/<meta http-equiv="Content-Security-Policy"[^>]*>//' "$T/page.html"
		cat <<-X
			<pre id="said"></pre><script>
			const say = text => { document.getElementById("said").textContent += text + "\n"; };
			const canvas = document.getElementById("canvas"), ROW = 21;
			const mouse = (type, x, row) => {
				const box = canvas.getBoundingClientRect();
				canvas.dispatchEvent(new MouseEvent(type, { clientX: box.left + x, clientY: box.top + row * ROW + 5, bubbles: true }));
			};
			const press = key => canvas.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
			$1
			</script>
		X
	} >"$T/acted.html"
	browse "$T/acted.html"
	[ ! -s "$T/console" ] || {
		cat "$T/console"
		return 1
	}
	python3 - "$T/dom" >"$T/said" <<-'X'
		import html, re, sys
		print(html.unescape(re.search(r'<pre id="said">(.*?)</pre>', open(sys.argv[1], encoding="utf-8").read(), re.S)[1]), end="")
	X
}

@test "the flame graph in a browser: no errors, nothing from elsewhere; a click zooms, search tells its share" {
	record_perf data -a -g
	report --all "$T/data" --format html --percent-limit 0 >"$T/page.html"
	report --all "$T/data" --format json --percent-limit 0 >"$T/json"
	browse "$T/page.html"
	cat "$T/console"
	[ ! -s "$T/console" ]
	[ ! -s "$T/asked" ]
	grep -q 'data-zoom="all"' "$T/dom"
	# the heaviest is the first of the second row
	heaviest=$(jq -r '.vms[0].name' "$T/json")
	act '
		say(canvas.dataset.zoom);
		mouse("mousemove", 5, 1);
		say(document.getElementById("tip").hidden + " " + document.getElementById("tip").firstChild.textContent);
		mouse("click", 5, 1);
		say(canvas.dataset.zoom);
		mouse("click", 5, 0);
		say(canvas.dataset.zoom);
		press("ArrowDown"); press("Enter");
		say(canvas.dataset.zoom);
		press("Backspace");
		say(canvas.dataset.zoom);
		mouse("click", 5, 2);
		say(canvas.dataset.zoom);
		press("Escape");
		say(canvas.dataset.zoom);
		const search = document.getElementById("search");
		search.value = "[KERNEL]";
		search.dispatchEvent(new Event("input"));
		say(document.getElementById("found").textContent);
	'
	cat "$T/said"
	mapfile -t said <"$T/said"
	[ "${said[0]}" = all ]
	[[ "${said[1]}" == "false $heaviest"* ]]
	[[ "${said[2]}" == "$heaviest"* ]]
	[ "${said[3]}" = all ]
	[[ "${said[4]}" == "$heaviest"* ]]
	[ "${said[5]}" = all ]
	[[ " sys user guest sys guest user " == *" ${said[6]} "* ]]
	[ "${said[7]}" = all ]
	[[ "${said[8]}" =~ ^[0-9]+\ found:\ [0-9.]+%$ ]]
	# what is in the kernel or was called by it is at least what hit it
	[ "$(jq --arg found "${said[8]##* }" '[.rows[] | select(.module == "[kernel]").share] | add * 100 <=
		($found | rtrimstr("%") | tonumber) + 0.01' "$T/json")" = true ]
}

@test "hostile names in a browser are text, and nothing else" {
	cp tests/golden/profile-hostile.html "$T/page.html"
	browse "$T/page.html"
	[ ! -s "$T/console" ]
	[ ! -s "$T/asked" ]
	run ! grep -q '<img' "$T/dom"
	act 'say(document.querySelectorAll("img, main script:not([type])").length);
		mouse("mousemove", 5, 3);
		say(document.getElementById("tip").querySelectorAll("*").length);
		say(document.getElementById("tip").textContent);'
	cat "$T/said"
	[ "$(sed -n 1p "$T/said")" = 0 ]
	[ "$(sed -n 2p "$T/said")" = 1 ]
	grep -qF '</script><img src=x onerror=alert(1)>;\x0a`7' "$T/said"
}

@test "wrong usage: one line, status 2; what cannot be read: one line, status 1" {
	refused 2 'one file can be shown' profile report a b
	refused 2 "--sort does not know 'colour'" profile report --sort vm,colour
	refused 2 'a number from 0 to 100' profile report --percent-limit 101
	refused 2 "--mode 'guest' is not known" profile report --mode guest
	refused 2 'one of table|json|csv|folded|html' profile report --format xml
	refused 2 'it takes two files' profile diff a
	refused 2 'one of table|json|csv' profile diff a b --format html
	refused 1 'perf.data.kvm' profile report
	refused 1 'No such file' profile report "$T/none"
	refused 1 'no perf.data file' profile report "$vmperf"
	refused 1 'no perf.data file' profile diff --all "$vmperf" "$T/try"
	refused 1 'No such file' profile report "$T/try" --guestkallsyms "$T/none"
	run -1 bash -c "'$vmperf' profile report --all '$T/try' 2>'$T/err' >/dev/full"
	grep -q 'No space left' "$T/err"
}
