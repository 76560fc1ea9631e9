# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154 # the variables are those of lib.sh
# Privileged only to start.

add_tests no_capability_left
add_common_tests command_keeps_its_own without_capabilities command_status

# while it measures it has none; COMMAND's parent is vmperf
test_no_capability_left() {
	measure -- "cat /proc/\$PPID/status >$T/status_of; $(guest "$in_kvm=300")"
	expect 'program' "$(awk '/^Name:/ { print $2 }' "$T/status_of")" vmperf
	for c in CapInh CapPrm CapEff CapBnd CapAmb; do
		expect $c "$(awk -v c="$c:" '$1 == c { print $2 }' "$T/status_of")" 0000000000000000
	done
	expect NoNewPrivs "$(awk '/^NoNewPrivs:/ { print $2 }' "$T/status_of")" 1
	exact
}

test_command_keeps_its_own() {
	measure -- "cat /proc/self/status >$T/status_of"
	for c in CapPrm CapEff CapBnd NoNewPrivs; do
		expect "$c of COMMAND" "$(awk -v c="$c:" '$1 == c { print $2 }' "$T/status_of")" \
			"$(awk -v c="$c:" '$1 == c { print $2 }' /proc/self/status)"
	done
}

test_without_capabilities() {
	nocap vmperf snapshot --no-libvirt -i 10ms >"$T/out" 2>"$T/err"
	expect status $? 1
	expect 'lines on stderr' "$(wc -l <"$T/err")" 1
	expect 'lines on stdout' "$(wc -l <"$T/out")" 0
	grep -q 'CAP_' "$T/err" || wrong 'the missing capability is not named'
	show "$T/err"
}

test_command_status() {
	timeout 120 vmperf snapshot --no-libvirt -- sh -c 'exit 7' >"$T/out" 2>"$T/err"
	expect 'status of COMMAND' $? 7
	grep -q 'no VMs' "$T/out" || wrong 'it does not say that there are no VMs'
	show "$T/out"
}
