# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154 # the variables are those of lib.sh
# Records are read where they were not made: one that the first version made here, and those
# of here on the host, by the matrix.

add_common_tests record_from_elsewhere record_for_elsewhere

# tests/unit/record_test.c made it of made-up samples; its last session is what is shown
test_record_from_elsewhere() {
	vmperf snapshot --replay record-v1.vmperf --format json >"$T/json" 2>"$T/err"
	expect 'status of vmperf' $? 0
	document 2 record-v1.json >"$T/want"
	[ -s "$T/want" ] || wrong 'nothing is wanted'
	cmp "$T/json" "$T/want" >"$T/cmp" 2>&1 || wrong "other JSON than elsewhere: $(cat "$T/cmp")"
	show "$T/err"
}

# what the guest did is spread over many samples, which are differences to each other
test_record_for_elsewhere() {
	timeout 120 vmperf record --no-libvirt -i 20ms "$T/guest.vmperf" -- \
		sh -c "$(guest -c 2 --rounds 20 "$in_vmm=200" "$in_kvm=300" "$(halts 5)")" 2>"$T/err"
	expect 'status of vmperf record' $? 0
	at_least 'samples' "$(sed -n 's/^vmperf: .*: \([0-9]*\) samples of .*/\1/p' "$T/err")" 5
	vmperf snapshot --replay "$T/guest.vmperf" --format json >"$T/json" 2>>"$T/err"
	expect 'status of vmperf snapshot' $? 0
	measured
	exact
	hand_out "$T/guest.vmperf" "$T/json"
}

# hand_out RECORD JSON: on the host the record must give this JSON, too
hand_out() {
	_name=$(basename "$1")
	cp "$1" "/tmp/out/$_name" || wrong "cannot keep $_name"
	cp "$2" "/tmp/out/$_name.json" || wrong "cannot keep $_name.json"
	echo "VM out $_name"
}
