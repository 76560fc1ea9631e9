#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # of ledger.bash
# Random keys, resizes, stops for a minute in all, on a vmperf with sanitizers: no report, no death, no
# hang, the terminal as it was.  SEED=N does what a run has done that printed it; RANDOM_SECONDS=N each.
bats_require_minimum_version 1.5.0
load ../e2e/ledger.bash

setup() {
	at_top || return 1
	case $BATS_TEST_DESCRIPTION in
	*guest*) [ -e /dev/kvm ] || skip "this host has no /dev/kvm" ;;
	esac
	unshare -m true || skip "no mount namespace can be made here"
	sanitized=$B-san/vmperf
	[ -e "$sanitized" ] || sanitized=$vmperf
	grep -q __asan_init "$sanitized" || {
		echo "no vmperf with sanitizers: make sanitized"
		return 1
	}
	seed=${SEED:-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
	mkdir "$T/scratch"
}

teardown() {
	end_guests
}

# random_on TERM LOCALE ARGUMENT...: keys for a vmperf with these.  Whatever path is typed as a record's
# name, nothing outside of the scratch directory can be written.
random_on() {
	local term=$1 locale=$2 status=0

	shift 2
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare -m sh -c 'mount --bind "$0" "$0" && mount -o remount,bind,ro / && cd "$0" && exec "$@"' "$T/scratch" \
		env -u NO_COLOR -u COLORTERM TERM="$term" LC_ALL="$locale" TZ=UTC HOME="$T/scratch" XDG_CONFIG_HOME="$T/scratch/config" \
		ASAN_OPTIONS="log_path=$T/scratch/report:detect_stack_use_after_return=1" \
		UBSAN_OPTIONS="log_path=$T/scratch/report:print_stacktrace=1" \
		"$B/tests/tui/random" --seed "$seed" --seconds "${RANDOM_SECONDS:-15}" -- "$sanitized" "$@" >"$T/told" || status=$?
	cat "$T/told"
	grep -HE . "$T/scratch"/report* || [ "$status" = 0 ] || return 1
	[ -z "$(compgen -G "$T/scratch/report*")" ] || return 1
	sed 's/^/# /' "$T/told" >&3
}

# lives: guests that come and go, one after another, each with a name of its own
lives() {
	local i

	for ((i = 0; ; i++)); do
		"$fixture/kvmguest" --rounds 20 -c $((i % 3 + 1)) --pace 200 io=10 mmiow=5 cpuid=5 -- -name "guest=life-$i" \
			</dev/null >/dev/null 2>&1 || return
	done
}

@test "random keys on guests that come and go" {
	lives 3>&- &
	guests+=($!)
	"$fixture/kvmguest" --rounds 0 -c 2 --halt-ns 5000000 halt=1 </dev/zero >/dev/null 2>&1 &
	guests+=($!)
	random_on xterm-256color C.UTF-8 -i 100ms -e page-faults,context-switches
}

@test "random keys in a record of a dozen VMs, and of what no host has" {
	"$B/tests/tui/made" "$T/record" "$seed"
	random_on xterm-256color C.UTF-8 --replay "$T/record" --speed 4
}

@test "random keys in a record, on a terminal without colours, in the C locale" {
	"$B/tests/tui/made" "$T/record" "$seed"
	random_on vt100 C --replay "$T/record" --speed 16
}

@test "random keys on guests, on the Linux console" {
	"$fixture/kvmguest" --rounds 0 -c 2 --pace 400 io=30 </dev/zero >/dev/null 2>&1 &
	guests+=($!)
	random_on linux C.UTF-8 -i 200ms
}
