# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034,SC2154 # the variables are those of lib.sh
# The BPF programs on made-up vCPUs where the kernel has the vendors' types, and
# that each of them loads.

add_tests bpf_load
add_x86_tests bpf_exit
add_tests bpf_profile
# what only the kernel decides, not the vendor, was tested in the fast machine
[ "$isa" = vmx ] || add_tests bpf_sched bpf_index bpf_event bpf_others bpf_arm64

# tap_of PROGRAM [WORD]: each of its tests is one here; it must come to its end
tap_of() {
	timeout 120 "$@" >"$T/tap" 2>&1
	_status=$? _notes='' _n=0 _failed=0
	while IFS= read -r _line; do
		case $_line in
		'#'*) _notes="$_notes${_line#\#   }
" ;;
		'ok '* | 'not ok '*)
			_n=$((_n + 1)) bad=
			case $_line in
			not*)
				_failed=1
				wrong "$_notes"
				;;
			esac
			verdict "$1: ${_line#* - }"
			_notes=
			;;
		esac
	done <"$T/tap"
	bad=
	expect 'tests that ran' "$_n" "$(sed -n 's/^1\.\.//p' "$T/tap")"
	[ $_n -gt 0 ] || wrong 'no test ran'
	expect status $_status $_failed
	show "$T/tap"
}

test_bpf_exit() {
	case $isa in
	svm) tap_of exit_test ;;
	vmx) tap_of exit_test VMX ;;
	esac
}

# the only place with all of the vendors' types: what vmperf may choose here must not be skipped
test_bpf_load() {
	case $isa in
	svm)
		tap_of load_test
		_p=kvm_exit_svm_read
		;;
	vmx)
		tap_of load_test 'with all others'
		_p=kvm_exit_vmx_read
		;;
	arm64)
		tap_of load_test
		_p=kvm_exit
		;;
	esac
	grep -q "^ok [0-9]* - $_p with all others\$" "$T/tap" || wrong "$_p was not loaded"
	grep '^# .* instructions' "$T/tap" | sort -u
}

test_bpf_sched() {
	tap_of sched_test
}

test_bpf_index() {
	tap_of index_test
}

test_bpf_event() {
	tap_of event_test
}

test_bpf_others() {
	tap_of others_test
}

test_bpf_arm64() {
	tap_of arm64_test
}

# Samples: summed in the kernel where it hands BPF the guest's ip, which 6.1 does not, and where
# its privilege level can be read, which Intel's cannot.  Bochs is slow, and so is counting
# instructions: fewer of them.
test_bpf_profile() {
	case $isa-$(uname -r) in
	vmx-*) tap_of profile_test '' ring 100 ;;
	arm64-6.1.*) tap_of profile_test '' ring 200 ;;
	arm64-*) tap_of profile_test '' summed 200 ;;
	*-6.1.*) tap_of profile_test '' ring 1000 ;;
	*) tap_of profile_test '' summed 1000 ;;
	esac
}
