#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Symbols of a real Linux guest by its real guest agent, through a real libvirtd.
# The guest is emulated (TCG), which takes no KVM; vmperf knows VMs by their KVM
# files, so the domain's emulator is holdvm, a QEMU with an empty KVM VM open.

# shellcheck disable=SC2030,SC2031 # each test is a process of its own
bats_require_minimum_version 1.5.0
load libvirtd

agent_missing() {
	[ "$(uname -m)" = x86_64 ] || { echo "only on x86-64"; return; }
	PATH=$PATH:/usr/sbin command -v qemu-ga >/dev/null || { echo "qemu-ga is not installed"; return; }
	# as cmd/guests.c asks through it
	ldconfig -p | grep -q libvirt-qemu.so.0 || { echo "no libvirt-qemu.so.0"; return; }
	lv_missing
}

setup_file() {
	local missing
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	missing=$(agent_missing)
	export AGENT_MISSING=$missing BATS_TEST_TIMEOUT=400
	[ -z "$missing" ] || return 0
	lv_setup || return 1
	tests/vm/mkguest 6.12-amd64-cloud "$LV_DIR/initrd" 2>&1 | tail -1 >"$LV_DIR/kernel" || return 1
	command -v qemu-system-x86_64 >"$LV_DIR/emulator.command"
}

teardown_file() {
	[ -n "$AGENT_MISSING" ] || lv_teardown
}

setup() {
	[ -z "$AGENT_MISSING" ] || skip "$AGENT_MISSING"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	build=$PWD/${B:-build}
	[[ ${B:-} != /* ]] || build=$B
	vmperf=$build/vmperf
	install "$build/tests/fixture/holdvm" "$LV_DIR/emulator"
	out=$BATS_TEST_TMPDIR/out
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	LV_PID=$(cat "$LV_DIR/pid")
	kill -0 "$LV_PID" || lv_start
}

teardown() {
	local p
	[ -z "$AGENT_MISSING" ] || return 0
	kill -CONT "$LV_PID" 2>/dev/null || true
	for p in $(lv_pids); do
		kill -KILL "$p" 2>/dev/null || true
	done
	lv_settled
}

uuid() {
	printf '%08x-a9e7-41d1-80b4-%012x' "$BATS_TEST_NUMBER" "$1"
}

# domain NAME UUID [XML]: a domain that boots the guest, with XML among its devices; its pid in
# the variable pid; its console is $LV_DIR/UUID.
domain() {
	local channel="<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0'/></channel>"
	lv tee "$LV_DIR/domain.xml" >/dev/null <<-X
		<domain type='qemu'>
		 <name>$(lv_xml "$1")</name><uuid>$2</uuid>
		 <memory unit='MiB'>256</memory><vcpu>1</vcpu>
		 <os><type arch='x86_64' machine='pc'>hvm</type>
		  <kernel>$(cat "$LV_DIR/kernel")</kernel><initrd>$LV_DIR/initrd</initrd>
		  <cmdline>console=ttyS0 quiet rdinit=/init work=none</cmdline></os>
		 <features><acpi/></features><cpu mode='custom'><model>Haswell-noTSX</model></cpu>
		 <devices>
		  <emulator>$LV_DIR/emulator</emulator>
		  <controller type='usb' model='none'/><memballoon model='none'/>
		  <serial type='file'><source path='$LV_DIR/$2'/></serial>
		  ${3-$channel}
		 </devices>
		</domain>
	X
	lv_virsh create "$LV_DIR/domain.xml" || return 1
	pid=$(lv_pid "$2")
	[ -n "$pid" ]
}

# booted UUID N: waits until the guest has booted N times
booted() {
	local deadline=$((SECONDS + 200))
	until [ "$(tr -d '\r' <"$LV_DIR/$1" | grep -cx 'up none')" -ge "$2" ]; do
		[ "$SECONDS" -lt "$deadline" ] || { tail -5 "$LV_DIR/$1"; return 1; }
		sleep 0.1
	done
}

# console UUID KEY: what the guest last said of itself
console() {
	tr -d '\r' <"$LV_DIR/$1" | sed -n "s/^$2 //p" | tail -1
}

# symbols ARGUMENT...: of the VM $pid
symbols() {
	lv timeout 250 "$vmperf" profile symbols --vm "$pid" "$@" 3>&-
}

# symbols_of UUID ARGUMENT...: when libvirt knows that the agent runs, which it may learn a moment later
symbols_of() {
	local deadline=$((SECONDS + 60))
	until symbols "${@:2}" >"$BATS_TEST_TMPDIR/line"; do
		[ "$SECONDS" -lt "$deadline" ] || { cat "$BATS_TEST_TMPDIR/line"; return 1; }
	done
	cat "$BATS_TEST_TMPDIR/line"
	grep -q "boot $(console "$1" boot)," "$BATS_TEST_TMPDIR/line"
}

# has UUID DIRECTORY: there is the root of that guest, as the guest itself sees it
has() {
	local f
	[ "$(cat "$2/proc/sys/kernel/random/boot_id")" = "$(console "$1" boot)" ]
	[ "$(sha256sum <"$2/proc/kallsyms" | cut -d ' ' -f 1)" = "$(console "$1" kallsyms)" ]
	grep -q '^vhost_net ' "$2/proc/modules"
	grep -q "^Linux version $(basename "$(dirname "$(cat "$LV_DIR/kernel")")") " "$2/proc/version"
	# the note of the build-id: name of 4 bytes, type 3, GNU
	grep -qaP '\x04\0\0\0\x14\0\0\0\x03\0\0\0GNU\0' "$2/sys/kernel/notes"
	# nobody else may know where the guest's kernel is
	[ "$(stat -Lc %a "$2")" = 700 ]
	find "$2/" -type f >"$BATS_TEST_TMPDIR/files"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/files")" = 5 ]
	while read -r f; do
		[ "$(stat -c %a "$f")" = 600 ]
	done <"$BATS_TEST_TMPDIR/files"
}

@test "symbols of a guest, which then boots anew" {
	local id first cache=$XDG_CACHE_HOME/vmperf/guests
	id=$(uuid 1)
	domain 'one <&' "$id"
	booted "$id" 1
	symbols_of "$id" -o "$out"
	[[ "$(cat "$BATS_TEST_TMPDIR/line")" =~ ^'one <& ('"$pid"'): '[0-9]+' symbols, '[0-9]+' modules, boot ' ]]
	[[ "$(cat "$BATS_TEST_TMPDIR/line")" == *", Linux version "* ]]
	[ "$(sed 's/.*: \([0-9]*\) symbols.*/\1/' "$BATS_TEST_TMPDIR/line")" = "$(wc -l <"$out/$pid/proc/kallsyms")" ]
	has "$id" "$out/$pid"
	[ ! -e "$cache/boots" ]
	symbols_of "$id"
	has "$id" "$cache/$pid"
	first=$(console "$id" boot)
	[ "$(readlink "$cache/$pid")" = "boots/$first" ]
	# another boot: nothing of the one before is taken for it
	lv_virsh reset "$id"
	booted "$id" 2
	[ "$(console "$id" boot)" != "$first" ]
	symbols_of "$id" -o "$out"
	has "$id" "$out/$pid"
	symbols_of "$id"
	has "$id" "$cache/$pid"
	[ "$(readlink "$cache/$pid")" = "boots/$(console "$id" boot)" ]
	[ -d "$cache/boots/$first" ]
}

# no_symbols WHY: none of the VM $pid, for that reason, and nothing is left that says otherwise
no_symbols() {
	run --separate-stderr symbols -o "$out"
	echo "$output"
	[ "$status" = 1 ]
	[ "${#lines[@]}" = 1 ]
	[[ "$output" == *"($pid): no symbols: "*"$1"* ]]
	[ ! -e "$out/$pid" ]
}

@test "guests without an agent" {
	local id
	id=$(uuid 1)
	domain none "$id" ""
	no_symbols "no channel org.qemu.guest_agent.0"
	# what another VM with this pid has left
	mkdir -p "$out/$pid/proc"
	no_symbols "no channel org.qemu.guest_agent.0"
	kill -KILL "$pid"
	lv_settled
	# a channel, and nobody there yet
	id=$(uuid 2)
	domain --- "$id"
	kill -STOP "$pid"
	no_symbols "no guest agent answers"
}

@test "a libvirtd that is down or does not answer" {
	local id
	id=$(uuid 1)
	domain down "$id"
	kill -STOP "$LV_PID"
	no_symbols "not answered yet"
	kill -CONT "$LV_PID"
	lv_kill KILL
	lv sh -c 'rm -f /run/libvirt/*-sock*'
	no_symbols "no libvirt runs"
	run --separate-stderr symbols --no-libvirt
	[ "$status" = 1 ]
	[[ "$output" == *"libvirt is not asked (--no-libvirt)"* ]]
}

@test "VMs that are not there" {
	run --separate-stderr lv "$vmperf" profile symbols --vm none-of-these
	[ "$status" = 1 ]
	# shellcheck disable=SC2154 # run sets it
	[[ "$stderr" == *"none-of-these"* ]]
}
