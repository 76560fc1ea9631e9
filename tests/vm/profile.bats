#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Profiles where guests have kernels of their own kind: in emulated AMD machines (with perf in them, too) and an Intel
# one, of spinguests in user space, in kernel mode and in both.
bats_require_minimum_version 1.5.0

machines=(6.1-svm 6.12-svm 7.2-svm 6.12-vmx)

# boot MACHINE DIR: what it printed is in DIR/MACHINE
boot() {
	case $1 in
	*-svm) tests/vm/run -t 600 -s 2 -a tsc=reliable -k "${1%-svm}-amd64-cloud" "$2/with-perf" ;;
	*-vmx) tests/vm/run-vmx -t 900 -k "${1%-vmx}-amd64-cloud" "$2/without" ;;
	esac >"$2/$1" 2>&1
}

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	local B=${B:-build} dir=$BATS_FILE_TMPDIR m p more

	for p in with-perf without; do
		mkdir "$dir/$p"
		cp tests/vm/profile.payload/* tests/vm/payload/await "$dir/$p/"
		more=()
		# the Intel machine is slow
		if [ $p = without ]; then : >"$dir/$p/few"; else more=("$(command -v perf)"); fi
		tests/vm/mkpayload "$dir/$p" "$B/vmperf" "$B/tests/fixture/spinguest" "${more[@]}"
	done
	for m in "${machines[@]}"; do
		while [ "$(jobs -rp | wc -l)" -ge 2 ]; do
			wait -n || true
		done
		boot "$m" "$dir" 3>&- &
	done
	wait
}

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	# shellcheck source-path=SCRIPTDIR source=profile.payload/functions
	. tests/vm/profile.payload/functions
	T=$BATS_TEST_TMPDIR
}

# machine M: what it gave is in $T/M
machine() {
	local log=$BATS_FILE_TMPDIR/$1

	echo "# $1"
	mkdir -p "$T/$1"
	tr -d '\r' <"$log" >"$T/log"
	grep -q '^VM exit=0' "$T/log" || {
		tail -40 "$T/log"
		return 1
	}
	awk -v dir="$T/$1" '/^FILE / { f = dir "/" $2 ".gz64"; next } /^END$/ { close(f); f = ""; next } f { print >f }' "$T/log"
	for f in "$T/$1"/*.gz64; do
		base64 -d "$f" | gzip -dc >"${f%.gz64}" || return 1
	done
	cd "$T/$1" || return 1
}

check() {
	"$BATS_TEST_DIRNAME/../e2e/profile_check.py" "$@"
}

# round NAME: $a and $b are its VMs, NAME.counts has them as vmperf tells
round() {
	read -r _ a b <"$1.pids"
	cat "$1.log"
	grep -q '^status 0' "$1.log"
	# shellcheck disable=SC2086 # words
	check ours $a $b <"$1.json" >"$1.counts"
}

# shares MODE FILE PID FUNCTION...: of this mode; "": as addresses have it
shares() {
	local mode=$1 file=$2 pid=$3 f list=()

	shift 3
	for f in "$@"; do
		case $mode$f in
		*@4*) list+=("${mode:-guest user}:$f") ;;
		*) list+=("${mode:-guest sys}:$f") ;;
		esac
	done
	check shares "$file" "$pid" "${list[@]}"
}

# same COLUMN PERF OURS: both have the same samples: the guests' by symbol (3) or address (4), the host's by mode, as
# perf finds no files of the host's modules there; nor at times those of a guest's: what perf names nowhere in a
# guest's samples has no name here, either (that our names are right is looked at above)
same() {
	local f

	for f in "$2" "$3"; do
		awk -F'\t' -v OFS='\t' -v c="$1" 'NR == FNR { named[$1 OFS $c] = 1; next }
			{ name = named[$1 OFS $c] ? $c : "[unknown]"; k = $1 OFS $2 OFS ($2 ~ /^guest/ ? name : "")
				samples[k] += $5; period[k] += $6 }
			END { for (k in samples) print k, samples[k], period[k] }' "$2" "$f" | sort >"$f.sums"
		[ -s "$f.sums" ] || return 1
	done
	diff "$2.sums" "$3.sums"
}

# what has a kernel's address of its functions, as NAME=TURNS
kernel_names() {
	printf '%s\n' "$@" | sed -nE 's/^([a-z_]+)(\[.*)?@[fc].*=/\1=/p'
}

@test "user space, kernel, 32 bits: each function has its mode, its share, and its name where it is a kernel's" {
	for m in 6.1-svm 6.12-svm 7.2-svm; do
		machine "$m"
		for mode in user kernel; do
			guest_mode="guest ${mode/kernel/sys}"
			round $mode
			# shellcheck disable=SC2086
			{
				shares "$guest_mode" $mode.counts "$a" $functions_a
				shares "$guest_mode" $mode.counts "$b" $functions_b
			}
			if [ $mode = user ]; then
				[ -z "$(awk -F'\t' '$2 == "guest user" && $3 != "[unknown]"' $mode.counts)" ]
			else
				# shellcheck disable=SC2046,SC2086
				{
					check named $mode.counts "$a" $(kernel_names $functions_a)
					check named $mode.counts "$b" $(kernel_names $functions_b)
				}
			fi
			round $mode-32
			# shellcheck disable=SC2086
			shares "$guest_mode" $mode-32.counts "$a" $functions_32
			# shellcheck disable=SC2046,SC2086
			[ $mode = user ] || check named $mode-32.counts "$a" $(kernel_names $functions_32)
		done
	done
}

@test "kernel and user space of one guest: the mode of each function" {
	for m in 6.12-svm 7.2-svm 6.12-vmx; do
		machine "$m"
		round mixed
		# shellcheck disable=SC2086
		shares '' mixed.counts "$a" $functions_a
		# shellcheck disable=SC2046,SC2086
		check named mixed.counts "$a" $(kernel_names $functions_a)
		[ -z "$(awk -F'\t' '$2 == "guest user" && $3 != "[unknown]"' mixed.counts)" ]
	done
	# 6.1 tells the guest's mode of when its vCPU was preempted last
	machine 6.1-svm
	round mixed
	# shellcheck disable=SC2046,SC2086
	check named mixed.counts "$a" $(kernel_names $functions_a)
}

@test "perf says of our file what vmperf says, of its own file too" {
	for m in 6.1-svm 6.12-svm 7.2-svm; do
		machine "$m"
		for r in user kernel mixed user-32 kernel-32 perf; do
			round $r
			# shellcheck disable=SC2086 # words
			check perf $a $b <$r.script >$r.perf
			# perf takes the guests' files only for guests in a file's table of build-ids: of its own file by names,
			# of ours, whose guests have no agents to ask, by addresses
			if [ $r = perf ]; then same 3 $r.perf $r.counts; else same 4 $r.perf $r.counts; fi
		done
	done
}

@test "live: the functions by name; over a reboot the right names or none" {
	for m in "${machines[@]}"; do
		machine "$m"
		cat live.log live.out
		grep -q '^status 0' live.log
		read -r _ a _ <live.pids
		check live "$a" "$functions_a" "$functions_again" <live.out
	done
}
