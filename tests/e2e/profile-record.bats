#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154,SC2034 # of ledger.bash
# vmperf profile record with guests of our own under this host's KVM, its files read by perf and byte by byte.
bats_require_minimum_version 1.5.0
load ledger.bash

setup() {
	at_top || return 1
	[ -e /dev/kvm ] || skip "this host has no /dev/kvm"
	file=$T/perf.data.kvm
	export HOME=$T
}

teardown() {
	end_guests
	! mountpoint -q "$T/small" || umount "$T/small"
}

# record ARGUMENT...: into $file, what it says in $T/err; of --vm $name, by its own options
record() {
	"$vmperf" profile record --no-libvirt --vm "$name" "$@" 2>"$T/err" || {
		local status=$?

		cat "$T/err"
		return $status
	}
}

# start ARGUMENT...: the same in the background, once it samples
start() {
	rm -f "$T/err"
	env --default-signal=INT,HUP "$vmperf" profile record -v --no-libvirt --vm "$name" "$@" 2>"$T/err" &
	recorder=$!
	guests+=("$recorder")
	tests/vm/payload/await line "$T/err" 'vmperf: sampling'
}

# spin NAME [OPERATION]: a guest that is busy, in its vCPU thread's user space too, until teardown
spin() {
	name=$1
	guest --rounds 0 --slow-ns 20000 "${2:-io=100000}" -- -name guest="$name"
	await line "$T/out" ready
}

samples() { tests/e2e/perf_samples.py "$@"; }

# said: how many samples vmperf said there were
said() { sed -n 's/^vmperf: .*: \([0-9]*\) samples\? of 1 VM, .*/\1/p' "$T/err"; }

# quiet COMMAND...: succeeds, with no word on standard error; its output is in $T/perf
quiet() {
	"$@" >"$T/perf" 2>"$T/perf.err" </dev/null || return 1
	[ ! -s "$T/perf.err" ] || {
		cat "$T/perf.err"
		return 1
	}
}

needs_perf() {
	command -v perf >/dev/null || skip "needs perf"
}

# by_perf FILE: what samples prints, as perf tells it
by_perf() {
	quiet perf script -D -i "$1" || return 1
	sed -n 's/.*PERF_RECORD_SAMPLE(IP, 0x\([0-9a-f]*\)): \([0-9]*\)\/\([0-9]*\): \(0x[0-9a-f]*\) period: \([0-9]*\) .*/\1 \2 \3 \4 \5/p' \
		"$T/perf" | sed 's/^400\([0-9]\)/\1/'
}

@test "perf finds the samples that were written, all of them, and no fault with the file" {
	needs_perf
	spin all
	record -d 1s "$file"
	samples "$file" >"$T/samples"
	[ "$(wc -l <"$T/samples")" = "$(said)" ]
	# a busy vCPU at 997 samples a second; how many depends on the CPU time that it got
	[ "$(said)" -gt 50 ]
	[ -z "$(awk -v pid="$pid" '$2 != pid' "$T/samples")" ]
	# of equal times either one may come first
	by_perf "$file" | sort >"$T/by-perf"
	sort "$T/samples" | diff "$T/by-perf" -
	for command in 'report --stdio' 'script' 'evlist -v' 'report --header-only' 'buildid-list'; do
		# shellcheck disable=SC2086 # words
		quiet perf $command -i "$file"
	done
	# by mode, what was said of the VM adds up to all
	told=$(sed -n "s/^vmperf: all ($pid): \([0-9]*\) samples\?: .*/\1/p" "$T/err")
	[ "$told" = "$(said)" ]
}

@test "perf knows host, event, times, threads, mappings and build-ids by it" {
	needs_perf
	spin known
	record -d 1s -F 499 -e cpu-clock "$file"
	quiet perf report --header-only -i "$file"
	for line in "hostname : $(hostname)" "os release : $(uname -r)" "arch : $(uname -m)" "nrcpus online : $(nproc --all)" \
		"cmdline : $vmperf profile record --no-libvirt --vm known -d 1s -F 499 -e cpu-clock $file "; do
		grep -qF "# $line" "$T/perf"
	done
	quiet perf evlist -F -i "$file"
	[ "$(<"$T/perf")" = "cpu-clock: sample_freq=499" ]
	# within the second that it took, as perf's clock has it
	quiet perf report --header-only -i "$file"
	[ "$(awk '/sample duration/ { print ($5 > 0 && $5 <= 2000) }' "$T/perf")" = 1 ]
	# --slow-ns spins in the VMM's vCPU thread, which kvmguest calls as QEMU does
	quiet perf report --stdio -i "$file" --sort comm,dso,sym
	grep -Eq '^ +[0-9.]+% +CPU 0/KVM +\[kernel.kallsyms\] +\[k\] [a-z_]' "$T/perf"
	grep -Eq '^ +[0-9.]+% +CPU 0/KVM +kvmguest +\[\.\] [a-z_]' "$T/perf"
	id=$(file "$(readlink -f "$fixture/kvmguest")" | sed -n 's/.*BuildID\[sha1\]=\([0-9a-f]*\).*/\1/p')
	[ -n "$id" ]
	quiet perf buildid-list -i "$file"
	grep -qxF "$id $(readlink -f "$fixture/kvmguest")" "$T/perf"
	# a guest's kernel, of which only that it was hit is known, has no id in perf's list
	"$vmperf" profile buildid-list "$file" | sort >"$T/ids"
	grep '^[0-9a-f]' "$T/perf" | sort | diff - "$T/ids"
}

@test "-g: the callers" {
	needs_perf
	spin callers
	record -d 1s -g "$file"
	samples "$file" >"$T/samples"
	by_perf "$file" | sort >"$T/by-perf"
	sort "$T/samples" | diff "$T/by-perf" -
	# of the host's kernel: the system call, at the end of all chains, which KVM_RUN is
	quiet perf script -F comm,ip,sym -i "$file"
	grep -q 'do_syscall_64\|invoke_syscall\|el0_svc' "$T/perf"
}

@test "what is there is kept as FILE.old; the file is its owner's" {
	spin kept
	record -d 100ms "$file"
	cp "$file" "$T/first"
	record -d 100ms "$file"
	cmp "$T/first" "$file.old"
	[ "$(stat -c %a "$file")" = 600 ]
}

@test "without FILE it is perf.data.kvm" {
	cd "$T"
	name='*' run -0 "$vmperf" profile record --no-libvirt -d 100ms
	[ -s perf.data.kvm ]
}

@test "Ctrl-C, SIGTERM and SIGHUP end it well: status 0, a file with an end" {
	spin ended
	for signal in INT TERM HUP; do
		start "$T/$signal"
		kill -$signal "$recorder"
		wait "$recorder"
		samples --end "$T/$signal"
		[ "$(samples "$T/$signal" | wc -l)" = "$(said)" ]
	done
}

@test "COMMAND's status is its own, and its end that of the recording; a command that is not there: 127" {
	spin command
	run -7 "$vmperf" profile record --no-libvirt --vm command "$file" -- sh -c 'exit 7'
	samples --end "$file"
	run -127 "$vmperf" profile record --no-libvirt --vm command "$file" -- /nowhere/at-all
}

@test "a VM that comes meanwhile is sampled, too, with its mappings" {
	needs_perf
	name=late
	start "$file"
	guest --rounds 0 --slow-ns 20000 io=100000 -- -name guest=late
	await line "$T/out" ready
	# until there are samples of its user space in the file
	n=0
	until samples "$file" 2>/dev/null | grep -q '^2 '; do
		[ $((n += 1)) -lt 3000 ]
		tests/vm/payload/await line "$T/err" 'vmperf: sampling'
	done
	kill -INT "$recorder"
	wait "$recorder"
	grep -q "^vmperf: late ($pid): " "$T/err"
	quiet perf report --stdio -i "$file" --sort comm,dso,sym
	grep -Eq '^ +[0-9.]+% +CPU 0/KVM +kvmguest +\[\.\] [a-z_]' "$T/perf"
}

@test "a recorder that is killed leaves a file of which perf says so, and vmperf shows what it has" {
	spin killed
	start "$file"
	n=0
	until [ "$(samples "$file" 2>/dev/null | wc -l)" -gt 10 ]; do
		[ $((n += 1)) -lt 3000 ]
	done
	kill -9 "$recorder"
	wait "$recorder" || true
	run -1 samples --end "$file"
	count=$(samples "$file" | wc -l)
	if command -v perf >/dev/null; then
		run perf report --stdio -i "$file"
		[[ $output == *"data size field is 0"* ]]
	fi
	"$vmperf" profile report --format json --sort pid "$file" 2>"$T/err" >"$T/json"
	[ "$(jq '[.rows[].samples] | add' "$T/json")" = "$count" ]
	grep -q "$file" "$T/err"
}

@test "no room: one line, status 1, and what was written can be read" {
	mkdir "$T/small"
	mount -t tmpfs -o size=100k tmpfs "$T/small"
	spin full
	run -1 "$vmperf" profile record --no-libvirt --vm full -F 5000 "$T/small/a"
	[[ $output == *"vmperf: $T/small/a: cannot be written: No space left on device"* ]]
	[ "$(grep -c 'No space' <<<"$output")" = 1 ]
	# how many were sampled is not what the file has
	[[ $output != *" samples"* ]]
	samples --end "$T/small/a"
	[ "$(samples "$T/small/a" | wc -l)" -gt 100 ]
	if command -v perf >/dev/null; then
		by_perf "$T/small/a" | sort >"$T/by-perf"
		samples "$T/small/a" | sort | diff "$T/by-perf" -
	fi
}

@test "what cannot be written: one line, status 1" {
	refused 1 'No such file or directory' profile record "$T/none/a"
	refused 1 'plain file' profile record /dev/full
	[ -c /dev/full ]
	refused 1 'plain file' profile record "$T"
	ln -s "$T/elsewhere" "$T/link"
	refused 1 'plain file' profile record "$T/link"
	[ ! -e "$T/elsewhere" ]
}

@test "no such VM: status 1, a file without samples" {
	name=nobody run -1 "$vmperf" profile record --no-libvirt --vm nobody -d 100ms "$file"
	[[ $output == *"no VM was called nobody "* ]]
	[ "$(samples "$file" | wc -l)" = 0 ]
	samples --end "$file"
}

@test "no privileges: one line, status 1, and FILE is as it was" {
	echo before >"$file"
	run -1 "$fixture/nocap" "$vmperf" profile record "$file"
	[ "${#lines[@]}" = 1 ]
	[[ $output == "vmperf: "*"lacks CAP_"* ]]
	[ "$(<"$file")" = before ]
}

@test "all privileges are given up while it samples" {
	spin dropped
	start "$file"
	for task in "/proc/$recorder/task"/*; do
		[ -z "$(awk '/^Cap[A-Z][a-z]*:/ && $2 !~ /^0*$/' "$task/status")" ]
	done
	kill -INT "$recorder"
	wait "$recorder"
}

@test "wrong usage: one line, status 2" {
	refused 2 'one FILE only' profile record a b
	refused 2 'a command must follow --' profile record a --
	refused 2 'out of range' profile record -F 0 a
	refused 2 'one FILE only' profile buildid-list a b
	refused 1 "$T/none" profile buildid-list "$T/none"
	refused 1 'cannot be sampled' profile record -e no-such-event "$file"
	[ ! -e "$file" ]
}

@test "a guest under QEMU: by its name, its VMM's functions" {
	needs_perf
	command -v qemu-system-x86_64 >/dev/null || skip "needs QEMU"
	name=qemu-recorded
	mkfifo "$T/in"
	qemu-system-x86_64 -accel kvm -display none -nodefaults -name guest=$name,debug-threads=on -monitor stdio \
		<"$T/in" >"$T/out" 2>&1 &
	pid=$!
	guests+=("$pid")
	exec {keep}>"$T/in"
	await line "$T/out" QEMU
	record "$file" -- sh -c "for i in \$(seq 200); do echo info registers; done >'$T/in'; sleep 1"
	grep -q "^vmperf: $name ($pid): [0-9]* sample" "$T/err"
	[ "$(samples "$file" | wc -l)" = "$(said)" ]
	quiet perf report --stdio -i "$file" --sort comm,dso,sym
	samples "$file" | awk -v pid="$pid" '$2 != pid { exit 1 }'
}
