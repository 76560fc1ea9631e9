#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The command line of the built program: usage, help, statuses, a full disk, no privilege.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	vmperf=$PWD/${B:-build}/vmperf
	[[ ${B:-} != /* ]] || vmperf=$B/vmperf
}

# refused TEXT ARGUMENT...: status 2, nothing on standard output, one line with TEXT on standard error
refused() {
	local text=$1 err
	shift
	err=$BATS_TEST_TMPDIR/err
	run bash -c '"$@" 2>"$0"' "$err" "$vmperf" "$@"
	[ "$status" = 2 ]
	[ -z "$output" ]
	[ "$(wc -l <"$err")" = 1 ]
	grep -qF -- "$text" "$err"
	grep -q '^vmperf: ' "$err"
}

@test "without a command it is top: options are taken for its, and without a terminal it says so" {
	run bash -c '"$0" 2>/dev/null </dev/null' "$vmperf"
	[ "$status" = 1 ]
	[ -z "$output" ]
	run bash -c '"$0" -v --theme light </dev/null' "$vmperf"
	[ "$status" = 1 ]
	[[ $output == *"needs a terminal"*"vmperf snapshot"* ]]
	refused "did you mean" --replai x
	refused "--speed makes no sense without --replay" --speed 2
	refused "--events makes no sense with --replay" --replay x --events cycles
	refused "--no-libvirt makes no sense with --replay" --replay x --no-libvirt
	refused "--speed takes a number" top --replay x --speed fast
	refused "--at can be given once" --replay x --at 1 --at 2
}

@test "--help names every command, and each has a help of its own that fits 80 columns" {
	run "$vmperf" --help
	[ "$status" = 0 ]
	commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p' <<<"$output")
	[[ $commands == *doctor* ]]
	for c in $commands; do
		run "$vmperf" "$c" --help
		[ "$status" = 0 ]
		[[ $output == "Usage: vmperf $c "* ]]
		[ "$(awk 'length > 80' <<<"$output")" = "" ]
		run "$vmperf" "$c" -h
		[ "$status" = 0 ]
	done
}

@test "--version" {
	run "$vmperf" --version
	[ "$status" = 0 ]
	[[ $output =~ ^vmperf\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	version=$output
	run "$vmperf" -V
	[ "$output" = "$version" ]
}

@test "wrong usage: one line that says what to do, status 2" {
	refused "did you mean doctor?" doctr
	refused "unknown command" /bin/true
	refused "unknown command" ""
	refused "unknown command 'profile recordd' (did you mean profile record?)" profile recordd
	refused "unknown command 'profile frobnicate' (vmperf --help lists the commands)" profile frobnicate --help
	refused "unexpected argument 'more'" profile --text more
	refused "unknown option --frobnicate" --frobnicate
	refused "did you mean --format?" doctor --fromat json
	refused "one of table|json)" doctor --format=csv
	refused "needs a value" doctor --format
	refused "unexpected argument 'more'" doctor more
	refused "unexpected argument 'more'" doctor -- more
	refused "takes no value" doctor --verbose=3
}

@test "wrong usage of snapshot" {
	refused "out of range (from 10ms to 1d)" snapshot --interval 0
	refused "out of range" snapshot --interval 1ms
	refused "out of range" snapshot --interval=9999999999999999999999
	refused "not a time" snapshot --interval=-1
	refused "needs a value" snapshot --interval -1
	refused "not a time" snapshot --interval nan
	refused "one of vm|vcpu|exit" snapshot --by cpu
	refused "one of table|json|csv" snapshot --format xml
	refused "out of range" snapshot --max-vcpus 65537
	refused "empty" snapshot --vm ""
	refused "a command to measure follows --" snapshot true
	refused "a command must follow --" snapshot --
}

@test "an argument with escape sequences is shown escaped" {
	refused '\x1b[31m' $'\e[31mred'
	refused '\x0a' $'two\nlines'
	refused '\x1b[31m' doctor $'--\e[31m'
}

@test "a full disk: one line, status 1" {
	for args in --help --version doctor "doctor --format json"; do
		# shellcheck disable=SC2086 # words
		run bash -c '"$@" 2>&1 >/dev/full' x "$vmperf" $args
		[ "$status" = 1 ]
		[ "${#lines[@]}" = 1 ]
		[[ $output == "vmperf: cannot write to standard output: No space left on device"* ]]
	done
}

@test "doctor prints lines of at most 80 columns, no colour into a pipe, status 0" {
	run "$vmperf" doctor
	[ "$status" = 0 ]
	[[ $output == "ok        kernel "* ]]
	[[ $output != *$'\e'* ]]
	[ "$(awk 'length > 80' <<<"$output")" = "" ]
	[[ ${lines[-1]} =~ ^[0-9]+\ ok,\ [0-9]+\ degraded,\ [0-9]+\ missing$ ]]
}

@test "doctor colours a terminal, unless NO_COLOR says not to" {
	command -v script >/dev/null || skip "script is not installed"
	run env -u NO_COLOR TERM=xterm script -qec "$vmperf doctor" /dev/null
	[[ $output == *$'\e[32mok'* ]]
	run env NO_COLOR=1 TERM=xterm script -qec "$vmperf doctor" /dev/null
	[[ $output != *$'\e'* ]]
	run env -u NO_COLOR TERM=dumb script -qec "$vmperf doctor" /dev/null
	[[ $output != *$'\e'* ]]
	run env NO_COLOR=1 "$vmperf" doctor --color=always
	[[ $output == *$'\e[32mok'* ]]
	run env -u NO_COLOR TERM=xterm script -qec "$vmperf doctor --color=never" /dev/null
	[[ $output != *$'\e'* ]]
}

@test "doctor --format json is JSON of schema 1 with five members a check" {
	command -v perl >/dev/null || skip "perl is not installed"
	"$vmperf" doctor --format json >"$BATS_TEST_TMPDIR/j"
	run perl -MJSON::PP -0777 -ne '
		my $j = decode_json($_);
		die "schema" unless $j->{schema} == 1;
		die "few" unless @{$j->{checks}} > 10;
		for my $c (@{$j->{checks}}) {
			die "members" unless join(",", sort keys %$c) eq "name,reason,remedy,status,value";
			die "status" unless $c->{status} =~ /^(ok|degraded|missing)$/;
			die "no reason: $c->{name}" if $c->{status} ne "ok" && $c->{reason} eq "";
		}
		print "fine";' "$BATS_TEST_TMPDIR/j"
	[ "$output" = fine ]
}

@test "doctor works unprivileged, and says which capability is missing" {
	[ "$(id -u)" = 0 ] || skip "needs root to give up privileges"
	# from a directory that everybody may enter
	install -m 755 "$vmperf" "$BATS_TEST_TMPDIR/vmperf"
	chmod 711 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.." "$BATS_RUN_TMPDIR"
	run setpriv --reuid 65534 --regid 65534 --clear-groups --bounding-set=-all --inh-caps=-all \
		"$BATS_TEST_TMPDIR/vmperf" doctor
	[ "$status" = 0 ]
	[[ $output == *"missing   capabilities"* ]]
	[[ $output == *"as root"* ]]
}
