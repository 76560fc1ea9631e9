#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# README's picture of the terminal UI is what it shows today.

@test "make screenshot draws README's picture" {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	make --no-print-directory B="${B:-build}" OUT="$BATS_TEST_TMPDIR/screen.svg" screenshot
	# make screenshot accepts a change, once somebody has looked at it
	cmp tests/golden/screen.svg "$BATS_TEST_TMPDIR/screen.svg"
	grep -qF '(tests/golden/screen.svg)' README.md
}
