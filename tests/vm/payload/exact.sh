# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154 # the variables are those of lib.sh
# The counts are the guest's own and the kernel's.

add_tests oracle exact_counts reason_names two_vcpus new_threads
add_common_tests slow_vmm two_vms
every='io=200 in=30 mmior=40 mmiow=50 hlt=20 cpuid=500 rdmsr=60 wrmsr=70 pages=80 hypercall=90 pause=100'

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
	measure -- "$(guest io=1 hlt=1 cpuid=1 rdmsr=1 mmiow=3)"
	awk '$1 == "exit" && $2 == "0" { print $4, $9 }' "$T/rows" | no_interrupts >"$T/names"
	if [ "$isa" = svm ]; then
		printf '%s\n' '114 cpuid' '120 hlt' '123 io' '124 msr' '1024 npf' >"$T/want"
	else
		printf '%s\n' '10 CPUID' '12 HLT' '30 IO_INSTRUCTION' '31 MSR_READ' '48 EPT_VIOLATION' \
			'49 EPT_MISCONFIG' >"$T/want"
	fi
	expect 'names' "$(tr '\n' ';' <"$T/names")" "$(tr '\n' ';' <"$T/want")"
}

test_two_vcpus() {
	measure -- "$(guest -c 2 --first-id 3 io=100 cpuid=300)"
	exact
	expect 'vCPUs' "$(column vcpu 3 | tr ' ' '\n' | sort -n | tr '\n' ' ')" '3 4 '
	for v in 3 4; do
		expect "cpuid of vCPU $v" "$(count_of cpuid "0/$v")" 300
	done
}

# a slot is given back and used again, a vCPU goes from thread to thread
test_new_threads() {
	measure -- "$(guest -c 2 --rethread --rounds 5 io=20 cpuid=30 hlt=2)"
	exact
}

# time that the VMM takes is the VMM's
test_slow_vmm() {
	measure -- "$(guest --slow-ns 2000000 io=50)"
	exact
	awk -v c="$(code_of io)" '$1 == "exit" && $2 == "0" && $4 == c { print $6, $7 }' "$T/rows" >"$T/ns"
	read -r ns max <"$T/ns"
	[ "${ns:-0}" -ge 100000000 ] || wrong "50 exits of 2 ms in the VMM: vmm_ns is '$ns'"
	[ "${max:-0}" -ge 2000000 ] || wrong "an exit took 2 ms: max_ns is '$max'"
}

# the names in the arguments are those of a QEMU; each has its own counts
test_two_vms() {
	# long enough to be named: vmperf and both of them share two CPUs
	measure -- "KVMGUEST='--pace 500 cpuid=100 io=10' kvmguest -name guest=one >>$T/done </dev/null &
		KVMGUEST='--pace 500 cpuid=200 io=20' kvmguest -name guest=two >>$T/done </dev/null & wait"
	exact
	expect 'VMs' "$(column vm 2)" '0 1'
	for i in 0 1; do
		count_of cpuid "$i"
	done | sort -n >"$T/each"
	expect 'cpuid of each' "$(tr '\n' ' ' <"$T/each")" '100 200 '
}
