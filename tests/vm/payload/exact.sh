# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154 # the variables are those of lib.sh
# The counts are the guest's own and the kernel's.

add_tests oracle exact_counts reason_names two_vcpus new_threads
add_common_tests slow_vmm two_vms

# halts N: without an interrupt controller
halts() {
	case $isa in
	arm64) echo "--halt-ns 10000 halt=$1" ;;
	*) echo "hlt=$1" ;;
	esac
}

every="mmior=40 mmiow=50 pages=80 hypercall=90 pause=100 $(halts 20)"
case $isa in
arm64) every="$every idreg=500" ;;
*) every="$every io=200 in=30 cpuid=500 rdmsr=60 wrmsr=70" ;;
esac

# the fixture does what it says: without vmperf, by the kernel's own count
test_oracle() {
	hist_start
	eval "$(guest "$every")"
	hist_counts | no_interrupts >"$T/hist"
	hist_stop
	want_counts >"$T/want"
	expect 'exits by code' "$(tr '\n' ';' <"$T/hist")" "$(tr '\n' ';' <"$T/want")"
	[ -s "$T/want" ] || wrong 'the guest did nothing'
	show "$T/done"
}

test_exact_counts() {
	hist_start
	measure -- "$(guest "$every")"
	hist_counts >"$T/hist"
	hist_stop
	exact
	# all of them here, with the interrupts
	expect 'exits by code, as the tracepoint has them' "$(json_counts | tr '\n' ';')" "$(tr '\n' ';' <"$T/hist")"
	expect 'isa' "$(column exit 3 | tr ' ' '\n' | sort -u)" "$isa"
	expect 'VMs' "$(column vm 2)" 0
	# a histogram has each exit that was finished; the last one never was
	expect 'exits in no histogram' \
		"$(awk '$1 == "exit" && $2 == "0" { n += $5 - $8 } END { print n + 0 }' "$T/rows")" 1
}

test_reason_names() {
	case $isa in
	arm64) some='hypercall=1 idreg=1 mmiow=3' ;;
	*) some='io=1 cpuid=1 rdmsr=1 mmiow=3' ;;
	esac
	measure -- "$(guest "$some" "$(halts 1)")"
	awk '$1 == "exit" && $2 == "0" { print $4, $9 }' "$T/rows" | no_interrupts >"$T/names"
	case $isa in
	svm) printf '%s\n' '114 cpuid' '120 hlt' '123 io' '124 msr' '1024 npf' ;;
	vmx)
		printf '%s\n' '10 CPUID' '12 HLT' '30 IO_INSTRUCTION' '31 MSR_READ' '48 EPT_VIOLATION' \
			'49 EPT_MISCONFIG'
		;;
	arm64) printf '%s\n' '1 WFx' '22 HVC64' '24 SYS64' '32 IABT_LOW' '36 DABT_LOW' ;;
	esac >"$T/want"
	expect 'names' "$(tr '\n' ';' <"$T/names")" "$(tr '\n' ';' <"$T/want")"
}

test_two_vcpus() {
	# still there at the end: arm64's tracepoints do not tell a vCPU's number, it is looked up
	mkfifo "$T/in"
	exec 3<>"$T/in"
	hist_start
	measure -- "kvmguest --hold -c 2 --first-id 3 $in_vmm=100 $in_kvm=300 <$T/in >$T/done 2>&1 3>&- &
		/payload/await line $T/done 'round 1'"
	hist_counts >"$T/hist"
	hist_stop
	exec 3>&-
	/payload/await line "$T/done" 'done' || wrong 'the guest did not end'
	# not as the guest has them: of two that fault at once one may have to do it again
	expect 'exits by code, as the tracepoint has them' "$(json_counts | tr '\n' ';')" "$(tr '\n' ';' <"$T/hist")"
	no_loss
	expect 'vCPUs' "$(column vcpu 3 | tr ' ' '\n' | sort -n | tr '\n' ' ')" '3 4 '
	for v in 3 4; do
		expect "$in_kvm of vCPU $v" "$(count_of "$in_kvm" "0/$v")" 300
	done
}

# a slot is given back and used again, a vCPU goes from thread to thread
test_new_threads() {
	measure -- "$(guest -c 2 --rethread --rounds 5 "$in_vmm=20" "$in_kvm=30" "$(halts 2)")"
	exact
}

# time that the VMM takes is the VMM's
test_slow_vmm() {
	measure -- "$(guest --slow-ns 2000000 "$in_vmm=50")"
	exact
	# another thread may have had the CPU meanwhile
	at_least '50 exits of 2 ms in the VMM' "$(part 0 "$in_vmm" vmm wait)" 100000000
	at_least 'the longest of them' \
		"$(awk -v c="$(code_of "$in_vmm")" '$1 == "exit" && $2 == "0" && $4 == c { print $7 }' "$T/rows")" 2000000
}

# the names in the arguments are those of a QEMU; each has its own counts
test_two_vms() {
	# long enough to be named: vmperf and both of them share two CPUs
	measure -- "KVMGUEST='--pace 500 $in_kvm=100 $in_vmm=10' kvmguest -name guest=one >>$T/done </dev/null &
		KVMGUEST='--pace 500 $in_kvm=200 $in_vmm=20' kvmguest -name guest=two >>$T/done </dev/null & wait"
	exact
	expect 'VMs' "$(column vm 2)" '0 1'
	for i in 0 1; do
		count_of "$in_kvm" "$i"
	done | sort -n >"$T/each"
	expect "$in_kvm of each" "$(tr '\n' ' ' <"$T/each")" '100 200 '
}
