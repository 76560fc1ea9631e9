# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154 # the variables are those of lib.sh
# What comes and goes while vmperf runs: VMs, KVM's modules, room for vCPUs.

# arm64's KVM is no module
add_x86_tests kvm_later
add_common_tests before_start killed too_many_vcpus
[ "$isa" = arm64 ] || add_common_tests vendor_reloaded

# a VM that is there, and has run, before vmperf starts
test_before_start() {
	mkfifo "$T/in"
	kvmguest --hold --rounds 2 "$in_kvm=70" "$in_vmm=7" <"$T/in" >"$T/out" 2>&1 &
	exec 3>"$T/in"
	/payload/await line "$T/out" 'round 1' || wrong 'the guest did not start'
	measure -- "echo >$T/in; /payload/await line $T/out 'round 2'"
	exec 3>&-
	wait $!
	expect "$in_kvm of the second round" "$(count_of "$in_kvm")" 70
	expect "$in_vmm of the second round and its two marks" "$(count_of "$in_vmm")" 9
	expect 'the VM by its pid' "$(column vm 3)" $!
	no_loss
}

test_killed() {
	mkfifo "$T/in"
	measure -- "kvmguest --hold $in_kvm=300 $in_vmm=5 <$T/in >$T/out 2>&1 &
		exec 3>$T/in
		/payload/await line $T/out 'round 1'
		kill -9 \$!; wait \$!; true"
	expect "$in_kvm of the killed VM" "$(count_of "$in_kvm")" 300
	expect "$in_vmm of the killed VM and its two marks" "$(count_of "$in_vmm")" 7
	expect 'ended' "$(column vm 4)" true
	no_loss
}

test_too_many_vcpus() {
	measure --max-vcpus 1 -- "$(guest -c 3 "$in_kvm=100")"
	lost=$(loss slots)
	[ "${lost:-0}" -ge 200 ] || wrong "three vCPUs in one slot: lost '$lost' events, want 200 and more"
	expect "$in_kvm of the one vCPU" "$(count_of "$in_kvm")" 100
}

test_kvm_later() {
	rmmod "$vendor" || wrong "$vendor cannot be unloaded"
	rmmod kvm || wrong 'kvm cannot be unloaded'
	measure -v -- "insmod /mod/kvm.ko && insmod $vendor_ko &&
		/payload/await line $T/err 'vmperf: events are counted' && $(guest cpuid=300 io=30)"
	[ -d /sys/module/kvm ] || insmod /mod/kvm.ko
	[ -d "/sys/module/$vendor" ] || insmod "$vendor_ko"
	exact
}

test_vendor_reloaded() {
	measure -- "$(guest cpuid=300 io=30)
		rmmod $vendor && insmod $vendor_ko || exit 1
		$(guest cpuid=200 io=20)"
	exact
}
