# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154 # the variables are those of lib.sh
# What comes and goes while vmperf runs: VMs, KVM's modules, room for vCPUs.

add_tests kvm_later
add_common_tests before_start killed too_many_vcpus vendor_reloaded

# a VM that is there, and has run, before vmperf starts
test_before_start() {
	mkfifo "$T/in"
	kvmguest --hold --rounds 2 cpuid=70 io=7 <"$T/in" >"$T/out" 2>&1 &
	exec 3>"$T/in"
	/payload/await line "$T/out" 'round 1' || wrong 'the guest did not start'
	measure -- "echo >$T/in; /payload/await line $T/out 'round 2'"
	exec 3>&-
	wait $!
	expect 'cpuid of the second round' "$(count_of cpuid)" 70
	expect 'io of the second round and its two marks' "$(count_of io)" 9
	expect 'the VM by its pid' "$(column vm 3)" $!
	no_loss
}

test_killed() {
	mkfifo "$T/in"
	measure -- "kvmguest --hold cpuid=300 io=5 <$T/in >$T/out 2>&1 &
		exec 3>$T/in
		/payload/await line $T/out 'round 1'
		kill -9 \$!; wait \$!; true"
	expect 'cpuid of the killed VM' "$(count_of cpuid)" 300
	expect 'io of the killed VM' "$(count_of io)" 7
	expect 'ended' "$(column vm 4)" true
	no_loss
}

test_too_many_vcpus() {
	measure --max-vcpus 1 -- "$(guest -c 3 cpuid=100)"
	lost=$(loss slots)
	[ "${lost:-0}" -ge 200 ] || wrong "three vCPUs in one slot: lost '$lost' events, want 200 and more"
	expect 'cpuid of the one vCPU' "$(count_of cpuid)" 100
}

test_kvm_later() {
	rmmod "$vendor" || wrong "$vendor cannot be unloaded"
	rmmod kvm || wrong 'kvm cannot be unloaded'
	measure -- "insmod /mod/kvm.ko && insmod $vendor_ko && /payload/await attached && $(guest cpuid=300 io=30)"
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
