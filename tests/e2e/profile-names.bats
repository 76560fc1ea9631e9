#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2016 # of ledger.bash; the inner shell expands it
# Names of samples: what perf itself calls the same addresses; debug files; files that are other ones now.
bats_require_minimum_version 1.5.0
load ledger.bash

setup() {
	at_top || return 1
	[ "$(id -u)" = 0 ] || skip "perf record -a needs root"
	perf record -q -o "$T/try" -e cpu-clock true >"$T/out" 2>&1 || skip "perf record does not work here"
	case $BATS_TEST_DESCRIPTION in
	*debug*) command -v gcc objcopy >"$T/out" || skip "gcc is not installed" ;;
	esac
}

teardown() {
	[ -z "${server:-}" ] || kill "$server"
	end_guests
}

# record_host FILE: what calls the kernel in many ways
record_host() {
	perf record -q -e cpu-clock -F 4999 -a -o "$1" -- sh -c \
		'dd if=/dev/zero of=/dev/null bs=4k count=200000; find /usr/share /proc/sys; i=0; while [ $i -lt 100 ]; do i=$((i + 1)); /bin/true; done' \
		>"$T/out" 2>&1
}

# ours FILE ARGUMENT...: "ADDRESS SYMBOL" of each address in the host's kernel
ours() {
	"$vmperf" profile report --all "$1" --mode sys --sort address,symbol --percent-limit 0 --format json "${@:2}" 2>"$T/err" |
		jq -r '.rows[] | "\(.address | ltrimstr("0x")) \(.symbol // "[unknown]")"' | sort -u
}

# perfs FILE ARGUMENT...: the same of perf
perfs() {
	perf script -i "$1" -F ip,sym --no-demangle "${@:2}" 2>"$T/err" | awk '$1 ~ /^ffff/ { print $1, $2 }' | sort -u
}

# BPF programs, which come and go, perf knows by records of its own.
# same FILE ARGUMENT...: perf has no idle task's samples out of VMs' way: what both have is compared, and is not little
same() {
	ours "$@" >"$T/ours"
	perfs "$@" >"$T/perf"
	join "$T/ours" "$T/perf" >"$T/both"
	[ "$(wc -l <"$T/both")" = "$(wc -l <"$T/ours")" ]
	[ "$(wc -l <"$T/both")" -gt 100 ]
	awk '$3 !~ /^bpf_/ && $2 != $3 { print; bad = 1 } END { exit bad }' "$T/both"
}

@test "each address in the host's kernel is called what perf calls it" {
	record_host "$T/data"
	same "$T/data"
	[ "$(awk '{ print $2 }' "$T/ours" | sort -u | wc -l)" -gt 30 ]
	# most have a name
	[ "$(grep -c unknown "$T/ours")" -lt $(($(wc -l <"$T/ours") / 10)) ]
}

@test "of several symbols at one address the one is shown that perf shows" {
	record_host "$T/data"
	# each function has a second name now, of another kind
	for second in 'T aaa_' 'T __' 'W zz_zz_' 't _' 'D data_' 'b bss_' 'T a'; do
		awk -v s="$second" '
			NF == 3 && $2 ~ /[tT]/ && NR % 2 { print $1, s $3; print; next }
			NF == 3 && $2 ~ /[tT]/ { print; print $1, s $3; next }
			{ print }' /proc/kallsyms >"$T/kallsyms"
		same "$T/data" --kallsyms "$T/kallsyms"
		grep -q " ${second#* }" "$T/ours"
	done
}

@test "symbols that are hidden, and a kernel that is another one, name nothing and are told" {
	record_host "$T/data"
	sed 's/^[0-9a-f]*/0000000000000000/' /proc/kallsyms >"$T/kallsyms"
	ours "$T/data" --kallsyms "$T/kallsyms" >"$T/ours"
	[ "$(awk '{ print $2 }' "$T/ours" | sort -u)" = "[unknown]" ]
	grep -q "kernel.kptr_restrict" "$T/err"
	[ "$(grep -c "host's kernel" "$T/err")" = 1 ]
}

# build NAME: $T/spin, which spins in a function of that name, with a build-id of its own
build() {
	printf 'static __attribute__((noinline)) long %s(long n) { long s = 0; for (long i = 0; i < n; i++) { s += i; __asm__("" : "+r"(s)); } return s; }\nint main(void) { return (int)%s(400000000L) & 1; }\n' \
		"$1" "$1" >"$T/spin.c"
	gcc -O1 -Wl,--build-id=sha1 -o "$T/spin" "$T/spin.c"
}

# hot: the function of $T/spin that has most of its samples
hot() {
	"$vmperf" profile report --all "$T/data" --mode user --sort module,symbol --format json 2>"$T/err" |
		jq -r '[.rows[] | select(.module == "spin")][0].symbol // "[unknown]"'
}

@test "functions of a program: its own symbols, its debug file's, none of another build's" {
	build spins_here
	cp "$T/spin" "$T/whole"
	perf record -q -e cpu-clock -o "$T/data" "$T/spin" >"$T/out" 2>&1 || true
	[ "$(hot)" = spins_here ]
	# the file that was recorded, without its symbols
	objcopy --only-keep-debug "$T/whole" "$T/spin.debug"
	(cd "$T" && objcopy --strip-all --add-gnu-debuglink=spin.debug whole spin)
	if ldd "$vmperf" | grep -q libdw; then
		[ "$(hot)" = spins_here ]
		mkdir "$T/.debug"
		mv "$T/spin.debug" "$T/.debug"
		[ "$(hot)" = spins_here ]
		# packed within the program, as Fedora has it
		mv "$T/.debug/spin.debug" "$T/other.debug"
		xz -k "$T/other.debug"
		(cd "$T" && objcopy --strip-all --add-section .gnu_debugdata=other.debug.xz whole spin)
		[ "$(hot)" = spins_here ]
		mv "$T/other.debug" "$T/.debug/spin.debug"
	fi
	# a debug file of another build is none
	build spins_elsewhere
	rm -f "$T/spin.debug" "$T/.debug/spin.debug"
	objcopy --only-keep-debug "$T/spin" "$T/spin.debug"
	(cd "$T" && objcopy --strip-all --add-gnu-debuglink=spin.debug whole spin)
	[ "$(hot)" = "[unknown]" ]
	grep -q "has only the symbols that it exports" "$T/err"
	# another program is there now
	build spins_elsewhere
	[ "$(hot)" = "[unknown]" ]
	grep -q "is another file than was recorded" "$T/err"
	cp "$T/whole" "$T/spin"
	[ "$(hot)" = spins_here ]
}

@test "functions of a program: a debuginfod server's" {
	ldd "$vmperf" | grep -q libdw || skip "vmperf was built without libdw"
	build spins_here
	perf record -q -e cpu-clock -o "$T/data" "$T/spin" >"$T/out" 2>&1 || true
	mkdir "$T/served" "$T/home"
	objcopy --only-keep-debug "$T/spin" "$T/served/spin.debug"
	strip "$T/spin"
	export HOME=$T/home DEBUGINFOD_CACHE_PATH=$T/home/cache
	unset DEBUGINFOD_URLS
	[ "$(hot)" = "[unknown]" ]
	grep -q "or set DEBUGINFOD_URLS" "$T/err"
	# a port that is free, or was a moment ago
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("", 0)); print(s.getsockname()[1])')
	debuginfod -F -p "$port" -t 0 -d :memory: "$T/served" >"$T/server" 2>&1 3>&- &
	server=$!
	# it has read its files when it says so, if asked
	timeout 30 sh -c 'until curl -s "$1/metrics" | grep -q "^scanned_files_total{source=\"file\"} 1"; do sleep 0.05; done' \
		sh "http://localhost:$port"
	export DEBUGINFOD_URLS=http://localhost:$port
	[ "$(hot)" = spins_here ]
	grep -q 'buildid/.*/debuginfo 200' "$T/server"
	# a server that is not there any more; what it had said is kept
	kill "$server"
	wait "$server" || true
	server=
	[ "$(hot)" = spins_here ]
	rm -r "$T/home/cache"
	[ "$(hot)" = "[unknown]" ]
	grep -q "nothing came from DEBUGINFOD_URLS" "$T/err"
}
