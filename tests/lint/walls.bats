#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The lint of walls finds what it is for: violations planted in a tree of our own.

setup() {
	lint=$BATS_TEST_DIRNAME/walls
	tree=$BATS_TEST_TMPDIR/tree
	mkdir -p "$tree"/{bpf,vmlinux,user/{cmd,lib,model,out,host,probe,tui},tests/golden}
	cd "$tree" || return 1
	put bpf/vmperf.h '#include <linux/types.h>'
	put bpf/hist.bpf.h 'int hist;'
	put bpf/exit.bpf.c '#include "vmlinux.h"' '#include <bpf/bpf_helpers.h>' '#include "hist.bpf.h"' '#include "vmperf.h"'
	put vmlinux/vmlinux.h 'struct task_struct;'
	put user/lib/buf.h 'struct buf;'
	put user/lib/log.h 'void log_err(void);'
	put user/model/view.h '#include "../lib/buf.h"' '#include "../../bpf/vmperf.h"'
	put user/out/text.c '#include "../model/view.h"' '#include <stdio.h>' 'int f(char *s) { return snprintf(s, 1, "time (x)"); }'
	put user/host/proc.c '#include <libvirt/libvirt.h>' 'const char *p = "/proc/self";'
	put user/probe/probe.c '#include <bpf/libbpf.h>' '#include "exit.skel.h"' '#include "../host/vms.h"'
	put user/host/vms.h '/* reads "/proc/1/fd" */'
	put user/cmd/top.c '#include "../probe/probe.h"' '#include "../lib/log.h"'
	put user/tui/term.c '#include <curses.h>'
	put Makefile 'all:'
}

# put FILE LINE...: a file with an SPDX line (line 1) and these
put() {
	local f=$1
	shift
	case $f in
	Makefile) echo '# SPDX-License-Identifier: GPL-2.0-only' ;;
	*) echo '/* SPDX-License-Identifier: GPL-2.0-only */' ;;
	esac >"$f"
	printf '%s\n' "$@" >>"$f"
}

# finds [FILE:LINE TEXT]...: the lint fails and names each place, with this reason
finds() {
	run "$lint" "$tree"
	echo "$output"
	[ "$status" = 1 ]
	while [ $# -gt 0 ]; do
		grep -F -- "$1: " <<<"$output" | grep -qF -- "$2"
		shift 2
	done
}

@test "a tree without violations passes" {
	run "$lint" "$tree"
	echo "$output"
	[ "$status" = 0 ]
	[ -z "$output" ]
}

@test "libbpf and skeletons outside user/probe" {
	put user/cmd/bad.c 'int x;' '#include <bpf/libbpf.h>' '#include "exit.skel.h"'
	finds user/cmd/bad.c:3 'only user/probe includes libbpf' \
		user/cmd/bad.c:4 'only user/probe includes skeletons'
}

@test "libpfm4 in more than one file" {
	put user/host/pfm.c '#include <perfmon/pfmlib.h>'
	put user/host/bad.c '#include <perfmon/pfmlib_perf_event.h>'
	finds user/host/bad.c:2 'only user/host/pfm.c includes libpfm4'
	run grep -c . <<<"$output"
	[ "$output" = 1 ]
}

@test "/proc, /sys and libvirt outside user/host" {
	put user/probe/bad.c '#include <libvirt/libvirt.h>' 'const char *a = "/proc/self/stat";' \
		'const char *b = "/sys/kernel";' 'void *c = dlopen("libvirt.so.0");'
	finds user/probe/bad.c:2 'only user/host' user/probe/bad.c:3 'only user/host' \
		user/probe/bad.c:4 'only user/host' user/probe/bad.c:5 'only user/host'
}

@test "curses and HTTP in more than one file" {
	put user/tui/bad.c '#include <ncurses.h>'
	finds user/tui/bad.c:2 'only one file'
	rm user/tui/bad.c
	put user/cmd/a.c '#include <microhttpd.h>'
	run "$lint" "$tree"
	[ "$status" = 0 ]
	put user/cmd/b.c '#include <microhttpd.h>'
	finds user/cmd/b.c:2 'only one file'
}

@test "a header of the kernel side besides vmperf.h" {
	put user/probe/bad.c '#include "../../bpf/hist.bpf.h"'
	finds user/probe/bad.c:2 'only header that both sides include'
	put user/probe/bad.c '#include "../../vmlinux/vmlinux.h"'
	finds user/probe/bad.c:2 'only header that both sides include'
}

@test "the kernel side includes user space" {
	put bpf/bad.bpf.c '#include <stdio.h>' '#include "../user/lib/buf.h"'
	finds bpf/bad.bpf.c:2 'kernel side' \
		bpf/bad.bpf.c:3 'kernel side'
}

@test "a lower layer includes an upper one" {
	put user/cmd/cmd.h 'struct cmd;'
	put user/probe/probe.h 'struct probe;'
	put user/out/text.h 'struct text;'
	put user/lib/bad.c '#include "../model/view.h"'
	put user/model/bad.c '#include "../host/vms.h"'
	put user/host/bad.c '#include "../probe/probe.h"'
	put user/out/bad.c '#include "../host/vms.h"'
	put user/probe/bad.c '#include "../out/text.h"'
	put user/tui/bad.c '#include "../cmd/cmd.h"'
	finds user/lib/bad.c:2 'user/lib does not know user/model' user/model/bad.c:2 'user/model does not know user/host' \
		user/host/bad.c:2 'user/host does not know user/probe' user/out/bad.c:2 'user/out does not know user/host' \
		user/probe/bad.c:2 'user/probe does not know user/out' user/tui/bad.c:2 'user/tui does not know user/cmd'
}

@test "input, output and clocks in what is pure" {
	put user/model/bad.c '#include <unistd.h>' '#include "../lib/log.h"' 'long f(void) { return time(NULL); }'
	put user/out/bad.c '#include <sys/stat.h>' 'int g(void) { return fputs("", stdout); }' \
		'int h(void) { printf("x"); return 0; }' 'char *e(void) { return getenv("A"); }'
	finds user/model/bad.c:2 pure user/model/bad.c:3 pure user/model/bad.c:4 pure \
		user/out/bad.c:2 pure user/out/bad.c:3 pure user/out/bad.c:4 pure user/out/bad.c:5 pure
}

@test "no SPDX line" {
	echo 'int x;' >user/lib/bad.c
	finds user/lib/bad.c:1 'no SPDX line'
	rm user/lib/bad.c
	# data cannot carry one
	echo '{}' >tests/golden/x.json
	run "$lint" "$tree"
	[ "$status" = 0 ]
}

@test "trailing blanks, carriage returns, no newline at the end, odd names" {
	put user/lib/bad.c 'int x; ' 'int y;'$'\r'
	finds user/lib/bad.c:2 'trailing blanks' \
		user/lib/bad.c:3 'trailing blanks'
	put user/lib/bad.c ''
	printf 'int z;' >>user/lib/bad.c
	finds user/lib/bad.c 'no newline'
	mv user/lib/bad.c user/lib/Bad.c
	finds user/lib/Bad.c 'capitals'
	mv user/lib/Bad.c 'user/lib/b d.c'
	finds 'user/lib/b d.c' 'a name of other than'
}

@test "a path of one machine, a host that is not listed" {
	# put together, so that the lint does not find them here
	put user/lib/bad.c "/* see /""work/x */" "/* /""home/me/x */" "/* https:/""/mirror.example.net/x */"
	finds user/lib/bad.c:2 'a path of one machine' \
		user/lib/bad.c:3 'a path of one machine' \
		user/lib/bad.c:4 'mirror.example.net'
}
