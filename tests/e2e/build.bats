#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The build: install and uninstall, without the optional parts, the same bytes from two directories.

bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	export ONE=$BATS_FILE_TMPDIR/one TWO=$BATS_FILE_TMPDIR/a-longer/two
	for d in "$ONE" "$TWO"; do
		mkdir -p "$d"
		tests/lint/files | tar -cf - -T - | tar -xf - -C "$d"
	done
	# nothing of the make that runs this test
	unset MAKEFLAGS MAKELEVEL MFLAGS B SAN V WERROR
}

build() { # DIRECTORY VARIABLE...
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u B make -s -j"$(nproc)" -C "$@"
}

@test "two directories give the same bytes" {
	build "$ONE"
	build "$TWO"
	cmp "$ONE/build/vmperf" "$TWO/build/vmperf"
	for o in "$ONE"/build/bpf/*.o; do
		cmp "$o" "$TWO/build/bpf/${o##*/}"
	done
	diff -r "$ONE/build/completions" "$TWO/build/completions"
	[ ! -e "$ONE/build/man" ] || diff -r "$ONE/build/man" "$TWO/build/man"
	run ! grep -qF "$BATS_FILE_TMPDIR" "$ONE/build/vmperf"
}

@test "nothing is built anew when nothing changed, a changed header is noticed" {
	before=$(stat -c %Y.%y "$ONE/build/vmperf")
	build "$ONE"
	[ "$(stat -c %Y.%y "$ONE/build/vmperf")" = "$before" ]
	touch "$ONE/bpf/vmperf.h"
	run env -u MAKEFLAGS -u MAKELEVEL -u B make -C "$ONE" -n
	[[ $output == *"build/bpf/exit.bpf.o"* ]]
	[[ $output == *"build/user/probe/probe.o"* ]]
	run env -u MAKEFLAGS -u MAKELEVEL -u B make -C "$ONE" -n CFLAGS=-O1 V=1
	[[ $output == *"-O1"*"user/main.c"* ]]
}

@test "install goes where it is told, uninstall leaves no file" {
	build "$ONE" install DESTDIR="$BATS_TEST_TMPDIR/d" prefix=/usr
	[ -x "$BATS_TEST_TMPDIR/d/usr/bin/vmperf" ]
	run "$BATS_TEST_TMPDIR/d/usr/bin/vmperf" --version
	[ "$status" = 0 ]
	build "$ONE" uninstall DESTDIR="$BATS_TEST_TMPDIR/d" prefix=/usr
	[ -z "$(find "$BATS_TEST_TMPDIR/d" -type f)" ]
}

@test "WITH_LIBVIRT=0 and WITH_PFM4=0 build without them" {
	build "$TWO" WITH_LIBVIRT=0 WITH_PFM4=0 WERROR=1
	run "$TWO/build/vmperf" --version
	[ "$status" = 0 ]
	run ! grep -q virConnectOpen "$TWO/build/vmperf"
	run ! grep -q pfm_initialize "$TWO/build/vmperf"
}

@test "make help names the targets" {
	run build "$ONE" help
	[ "$status" = 0 ]
	for t in install uninstall check unit lint clean; do
		[[ $output == *"make $t "* ]]
	done
}
