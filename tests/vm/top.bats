#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# The terminal UI where exits are seen: in an emulated AMD machine, in a terminal
# there, while KVM is loaded under it.
bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	local B=${B:-build} dir=$BATS_FILE_TMPDIR f

	mkdir "$dir/payload"
	cat >"$dir/payload/run" <<-'X'
		#!/bin/sh
		export PATH=$PWD:$PATH TERMINFO=/terminfo LC_ALL=C.UTF-8 HOME=/tmp
		mkdir -p /dev/pts
		mount -t devpts devpts /dev/pts -o ptmxmode=666
		ln -sf pts/ptmx /dev/ptmx
		# shown TEXT: until the screen has it; then it is printed, with a mark before each line
		shown() {
			n=0
			until tmux capture-pane -p | grep -qF -- "$1"; do
				n=$((n + 1))
				[ $n -lt 300 ] || { echo "not shown: $1"; break; }
				sleep 0.1
			done
			tmux capture-pane -p | sed "s/^/$2: /"
		}
		rmmod kvm_amd && rmmod kvm || exit 1
		tmux -f /dev/null new-session -d -x 100 -y 30 "vmperf; echo status \$?; sleep 1000"
		shown 'Waiting for KVM' waiting
		insmod /mod/kvm.ko && insmod /mod/kvm-amd.ko || exit 1
		KVMGUEST='--rounds 0 cpuid=1000' kvmguest -name guest=late </dev/zero >/dev/null &
		shown 'KVM: cpuid' list
		grep -h ^CapEff /proc/"$(pidof vmperf | cut -d' ' -f1)"/task/*/status | sed 's/^/privilege: /'
		tmux send-keys Enter
		shown '─ exits' overview
		# its exits, and the one that takes most time
		tmux send-keys 3
		shown 'p99' exits
		tmux send-keys Home Enter
		shown 'late › cpuid' reason
		tmux send-keys q
		shown status end
	X
	chmod +x "$dir/payload/run"
	tests/vm/mkpayload "$dir/payload" "$B/vmperf" "$B/tests/fixture/kvmguest" "$(command -v tmux)"
	for f in linux screen tmux-256color; do
		install -D "$(find /lib/terminfo /usr/share/terminfo -name $f | head -1)" "$dir/payload/sys/terminfo/${f:0:1}/$f"
	done
	mkdir -p "$dir/payload/sys/usr/lib/locale"
	cp -r /usr/lib/locale/C.utf8 "$dir/payload/sys/usr/lib/locale/"
	tests/vm/run -t 200 -s 2 -k 6.12-amd64-cloud "$dir/payload" >"$dir/out" 2>&1 || true
}

# screen MARK: as it was then
screen() {
	sed -n "s/^$1: //p" "$BATS_FILE_TMPDIR/out" | tr -d '\r'
}

setup() {
	grep -q '^VM exit=0' "$BATS_FILE_TMPDIR/out" || {
		tail -40 "$BATS_FILE_TMPDIR/out"
		return 1
	}
}

@test "without KVM it says what it waits for" {
	screen waiting | grep -qF 'Waiting for KVM to be loaded.'
}

@test "KVM is loaded, a guest starts: it is there, and told what its time is" {
	screen list | grep -qE '^late .* KVM: cpuid [0-9]+%'
	screen list; screen list | grep -qE 'guest [0-9.]+%  kvm [0-9.]+%'
	run ! grep -q 'not visible' <(screen list)
}

@test "no thread holds a capability any more" {
	[ "$(screen privilege | grep -c .)" -gt 1 ]
	[ "$(screen privilege | grep -vcE '[[:space:]]0+$')" = 0 ]
}

@test "its exits: rate, share of time, mean, quantiles, the longest" {
	screen overview | grep -qE '^cpuid +[0-9.]+k '
	# on a host that is busy some of them take milliseconds
	screen exits | grep -E '^(late +)?cpuid +[0-9.]+k +[0-9.]+% +([0-9.]+[um]s +){3}' || {
		screen exits
		return 1
	}
}

@test "one reason: its histogram, and over time, and which vCPUs have it" {
	screen reason | grep -qF 'handling times'
	screen reason | grep -qE '^ *[0-9.]+us .*█'
	screen reason | grep -qF '─ vCPUs'
}

@test "it ends with status 0" {
	screen end | grep -qx 'status 0'
}
