# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154 # the variables are those of lib.sh
# The threads of VMs: what the kernel runs for them differs between kernels.

add_common_tests bpf_threads

# vhost's worker must not be skipped: only here is one to be had
test_bpf_threads() {
	[ -e /dev/vhost-net ] || wrong 'no /dev/vhost-net'
	tap_of threads_test
	grep "^# .*vhost-.* is a" "$T/tap"
	grep -q "^ok [0-9]* - vhost's worker\$" "$T/tap" || wrong 'there was no vhost worker'
}
