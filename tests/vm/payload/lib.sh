# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2034,SC2119,SC2120 # used by the files that read this one
# What the tests inside a machine share.

T=/tmp/test
tests=0 failed=0 bad='' all_tests=''
TRACE=/sys/kernel/tracing
vendor=kvm_amd isa=svm
grep -qw vmx /proc/cpuinfo && vendor=kvm_intel isa=vmx
# operations of kvmguest: one that KVM handles, one that the VMM does, a halt; and how the
# kernel's own count tells exits apart
in_kvm=cpuid in_vmm=io halt=hlt exit_keys=exit_reason
[ "$(uname -m)" != aarch64 ] || isa=arm64 in_kvm=idreg in_vmm=mmiow halt=wfi exit_keys=ret,esr_ec
vendor_ko=/mod/$(echo $vendor | tr _ -).ko

# add_tests NAME...: test_NAME is a test
add_tests() {
	all_tests="$all_tests $*"
}

# add_common_tests NAME...: tests of what is the same on each vendor's processors; the
# slow machines, Intel's and arm64's but one, run them only when the file "every" is there
add_common_tests() {
	case $isa-$(uname -r) in
	svm-* | arm64-6.12.*) add_tests "$@" ;;
	*) [ ! -f every ] || add_tests "$@" ;;
	esac
}

# add_x86_tests NAME...: tests of what is so on x86 only
add_x86_tests() {
	[ $isa = arm64 ] || add_tests "$@"
}

# Tests whose bound was measured before them.  The host may take the emulated CPU away at any
# instruction, for longer than it did then: what is wrong three times is wrong.
measured_bound=''

# A guest of the emulated AMD CPU now and then faults on one page for ever, whoever looks on
# (seen with 6.1): it does nothing, and its test is run once more.
guest_looped() {
	[ $isa = svm ] && awk '$1 == "exit" && $4 == 1024 && $5 > 100000 { found = 1 } END { exit !found }' "$T/rows" 2>/dev/null
}

# run_test NAME
run_test() {
	tries=1 looped=''
	case " $measured_bound " in *" $1 "*) tries=3 ;; esac
	while :; do
		rm -rf "$T"
		mkdir -p "$T"
		bad=
		read -r up _ </proc/uptime
		echo "VM test $1 at $up"
		"test_$1"
		tries=$((tries - 1))
		if [ -n "$bad" ] && [ $tries = 0 ] && [ -z "$looped" ] && guest_looped; then
			looped=1 tries=1
		fi
		if [ -z "$bad" ] || [ $tries = 0 ]; then
			break
		fi
		echo "# $1 again, for: $(printf '%s' "$bad" | head -1)"
	done
	verdict "$1"
}

# verdict NAME: the test's line; $bad holds what was wrong
verdict() {
	tests=$((tests + 1))
	if [ -z "$bad" ]; then
		echo "ok $tests - $1"
	else
		echo "not ok $tests - $1"
		printf '%s' "$bad" | sed 's/^/#   /'
		failed=1
	fi
}

# wrong TEXT: the running test has failed
wrong() {
	bad="$bad$1
"
}

# expect WHAT GOT WANT
expect() {
	[ "$2" = "$3" ] || wrong "$1: got '$2', want '$3'"
}

# show FILE: its first lines are part of the report when the test has failed
show() {
	[ -z "$bad" ] || bad="$bad$(head -20 "$1" 2>/dev/null | cut -c1-300)
"
}

# measure OPTIONS... -- SCRIPT: vmperf snapshot while SCRIPT (for sh) runs; $T/json,
# $T/rows (see rows.c) and $T/err are what it printed; each result is balanced
measure() {
	_o=
	while [ "$1" != -- ]; do
		_o="$_o $1"
		shift
	done
	# shellcheck disable=SC2086
	timeout 120 vmperf snapshot --no-libvirt --format json $_o -- sh -c "$2" >"$T/json" 2>"$T/err"
	expect 'status of vmperf' $? 0
	measured
}

# measured: $T/rows from $T/json
measured() {
	rows "$T/json" >"$T/rows" 2>>"$T/err" || wrong 'the JSON cannot be read'
	balanced
	show "$T/err"
}

# document N FILE: the Nth JSON object of several
document() {
	awk -v n="$1" 'index($0, "{") == 1 { i++ } i == n' "$2"
}

# guest OPTIONS...: the text that runs kvmguest in a script; what it did goes to $T/done
guest() {
	echo "kvmguest $* </dev/null >>$T/done 2>&1"
}

# did WORD: the sum of "WORD=N" in the done lines
did() {
	grep '^done' "$T/done" | tr ' ' '\n' | awk -F= -v w="$1" '$1 == w { n += $2 } END { print n + 0 }'
}

# want_counts: "CODE COUNT" as the guests' done lines make one expect
want_counts() {
	awk -v isa=$isa '
		/^done/ {
			for (i = 2; i <= NF; i++) {
				split($i, kv, "=")
				n[kv[1]] += kv[2]
			}
		}
		function put(code, count) { if (count) print code, count }
		END {
			mmio = n["mmior"] + n["mmiow"]
			# marks and ticks are port writes, or MMIO; each vCPU has its own page of code
			io = n["io"] + n["in"] + n["marks"] + n["ticks"]
			if (isa == "arm64") {
				put(1, n["halt"])
				put(22, n["hypercall"])
				put(24, n["idreg"])
				put(32, n["vcpus"])
				put(36, mmio + io + n["halt"] + n["pages"])
			} else if (isa == "svm") {
				put(114, n["cpuid"])
				put(120, n["hlt"])
				put(123, io)
				put(124, n["rdmsr"] + n["wrmsr"])
				put(129, n["hypercall"])
				put(1024, mmio + n["pages"] + n["vcpus"])
			} else {
				put(10, n["cpuid"])
				put(12, n["hlt"])
				put(18, n["hypercall"])
				put(30, io)
				put(31, n["rdmsr"])
				put(32, n["wrmsr"])
				# the first MMIO access of a VM is a violation, the rest are misconfigurations
				put(48, n["pages"] + n["vcpus"] + (mmio > 0))
				put(49, mmio - (mmio > 0))
			}
		}' "$T/done" | sort -n
}

# no_interrupts: drops the counts of interrupts of the host (SVM 0x60, VMX 1, arm64
# no trap), which no guest causes
no_interrupts() {
	awk -v isa=$isa '$1 != (isa == "svm" ? 96 : isa == "arm64" ? 128 : 1)' | sort -n
}

# json_counts [WHO]: "CODE COUNT" of all VMs of the result, or of one VM ("0") or vCPU ("0/3")
json_counts() {
	awk -v who="${1:-}" '$1 == "exit" && (who == "" ? $2 !~ "/" : $2 == who || who ~ "/" && index($2, who "/") == 1) && $5 { n[$4] += $5 }
		END { for (c in n) print c, n[c] }' "$T/rows" | sort -n
}

# column ROW N: the values of column N of the rows of this kind
column() {
	awk -v row="$1" -v n="$2" '$1 == row { printf "%s%s", sep, $n; sep = " " }' "$T/rows"
}

# hist_start [EVENT FIELD], hist_counts [EVENT], hist_stop [EVENT FIELD]: the kernel's own
# count of a tracepoint's events by a field; of exits by reason
hist_start() {
	echo "hist:keys=${2:-$exit_keys}" >"$TRACE/events/kvm/${1:-kvm_exit}/trigger"
}

hist_counts() {
	awk 'index($0, "{") == 1 {
			gsub("[{},]", "")
			# arm64: the class of a trap, which is 2
			if ($3 == "esr_ec:") print $2 == 2 ? $4 : 128 + $2, $6
			else print $2, $4
		}' "$TRACE/events/kvm/${1:-kvm_exit}/hist" | sort -n
}

hist_stop() {
	echo "!hist:keys=${2:-$exit_keys}" >"$TRACE/events/kvm/${1:-kvm_exit}/trigger"
}

# sum_of N FILE: of its column N
sum_of() {
	awk -v n="$1" '{ sum += $n } END { printf "%.0f\n", sum }' "$2"
}

# row WHO: the row of a VM ("0") or a vCPU ("0/3")
row() {
	awk -v who="$1" '($1 == "vm" || $1 == "vcpu") && ($2 == who || who ~ "/" && index($2, who "/") == 1)' "$T/rows"
}

# state WHO STATE...: the sum of these states of a VM or vCPU; "null" counts as 0
state() {
	_who=$1
	shift
	row "$_who" | sum_states "$*"
}

# part WHO OP STATE...: the same of the exits of one kind
part() {
	_who=$1 _code=$(code_of "$2")
	shift 2
	awk -v who="$_who" -v c="$_code" '$1 == "exit" && $4 == c && ($2 == who || who ~ "/" && index($2, who "/") == 1)' \
		"$T/rows" | sum_states "$*"
}

# sum_states "STATE...": of the rows on stdin
sum_states() {
	awk -v states="$1" 'BEGIN {
			split("guest kvm vmm poll idle blocked wait running", all)
			n = split(states, some)
			for (i in all) at[all[i]] = 9 + i
		}
		{ for (i = 1; i <= n; i++) sum += $at[some[i]] }
		END { printf "%.0f\n", sum }'
}

# at_least WHAT GOT WANT, at_most WHAT GOT WANT
at_least() {
	[ "${2:--1}" -ge "$3" ] || wrong "$1: got '$2', want at least '$3'"
}

at_most() {
	[ "${2:-x}" -le "$3" ] || wrong "$1: got '$2', want at most '$3'"
}

# balanced: in each ledger of the result the eight states add up to the time
# observed, which is no longer than the interval; exits and user-space exits have
# all of kvm and vmm and no more than all of the other states; what is said of all
# exits is the sum over the reasons, and of a VM the sum over its vCPUs at least; the
# time on the CPU is that on each CPU, added up.
balanced() {
	awk '$1 == "interval" { most = $2 + $3 }
		$1 == "vm" || $1 == "vcpu" {
			total[$2] = $8
			if ($6 != $7) print $1, $2, "ledger", $7, "of", $6, "ns"
			if ($1 == "vcpu" && $6 > most) print $1, $2, "observed", $6, "of", most, "ns"
			for (i = 10; i <= 17; i++) {
				state[$2, i] = $i
				if ($i < 0) print $1, $2, "state", i, "negative", $i
				if ($1 == "vcpu") { split($2, w, "/"); of_vm[w[1], i] += $i }
			}
			vm[$2] = $1 == "vm"
		}
		$1 == "exit" { sum[$2] += $5; for (i = 11; i <= 16; i++) part[$2, i] += $i }
		$1 == "cpu" { on[$2] += $5 }
		$1 == "uexit" { vmm[$2] += $5 }
		$1 == "halts" || $1 == "wakes" { if ($3 != $6) print $1, $2, "histogram", $6, "of", $3 }
		END {
			for (w in total) {
				if (sum[w] != total[w]) print w, "exits", sum[w], "of", total[w]
				if (part[w, 11] != state[w, 11]) print w, "kvm of exits", part[w, 11], "of", state[w, 11]
				if (part[w, 12] != state[w, 12]) print w, "vmm of exits", part[w, 12], "of", state[w, 12]
				on_cpu = state[w, 10] + state[w, 11] + state[w, 12] + state[w, 13] + state[w, 17]
				if (on[w] != on_cpu) print w, "on CPUs", on[w], "of", on_cpu
				if (vmm[w] != state[w, 12]) print w, "vmm of user-space exits", vmm[w], "of", state[w, 12]
				for (i = 13; i <= 16; i++)
					if (part[w, i] > state[w, i]) print w, "state", i, "of exits", part[w, i], "of", state[w, i]
				for (i = 10; vm[w] && i <= 17; i++)
					if (of_vm[w, i] > state[w, i]) print w, "state", i, "of vCPUs", of_vm[w, i], "of", state[w, i]
			}
		}' "$T/rows" >"$T/unbalanced"
	[ ! -s "$T/unbalanced" ] || wrong "unbalanced: $(cat "$T/unbalanced")"
}

# whole WHO: this vCPU was observed for all of the interval
whole() {
	awk -v who="$1/" '$1 == "interval" { ns = $2; skew = $3 }
		$1 == "vcpu" && index($2, who) == 1 { n++; d = $6 - ns; if (d < 0) d = -d; if (d > skew) print $6, "of", ns, "skew", skew }
		END { if (n != 1) print n + 0, "vCPUs" }' "$T/rows" >"$T/not_whole"
	[ ! -s "$T/not_whole" ] || wrong "vCPU $1 was not observed for the whole interval: $(cat "$T/not_whole")"
}

# loss NAME: how much of it
loss() {
	awk -v name="$1" '$1 == "loss" && $2 == name { n = $3 } END { print n + 0 }' "$T/rows"
}

# no_loss: nothing was lost.  Where tracepoints are guarded by SRCU (from 7.0 on), a
# program in which a thread is preempted is skipped in the next thread of that CPU.
no_loss() {
	expect 'what was lost' "$(awk '$1 == "loss" && $2 != "missed" && $3 { print $2, $3 }' "$T/rows")" ''
	[ "$(loss missed)" = 0 ] || grep -qw tracepoint_srcu /proc/kallsyms || wrong "runs that were missed: $(loss missed)"
}

# exact: the result has what the guests did, no more and no less
exact() {
	want_counts >"$T/want"
	json_counts | no_interrupts >"$T/got"
	cmp -s "$T/want" "$T/got" ||
		wrong "exits by code: got '$(tr '\n' ';' <"$T/got")', want '$(tr '\n' ';' <"$T/want")'"
	[ -s "$T/want" ] || {
		wrong 'the guest did nothing'
		show "$T/done"
	}
	# interrupts are on at these: each that is missing has to be known as missed
	want=$(($(did userspace) + $(did interrupted)))
	got=$(awk '$1 == "vm" { n += $9 } END { print n + 0 }' "$T/rows")
	if [ "$got" -gt $want ] || [ $((got + $(loss missed))) -lt $want ]; then
		wrong "exits to the VMM: got $got, want $want"
	fi
	no_loss
}

# code_of OP: its exit code here
code_of() {
	case $1-$isa in
	cpuid-svm) echo 114 ;;
	cpuid-vmx) echo 10 ;;
	io-svm) echo 123 ;;
	io-vmx) echo 30 ;;
	hlt-svm) echo 120 ;;
	hlt-vmx) echo 12 ;;
	wfi-arm64) echo 1 ;;
	idreg-arm64) echo 24 ;;
	mmiow-arm64) echo 36 ;;
	esac
}

# count_of OP [WHO]: exits of this kind in the result
count_of() {
	json_counts "${2:-}" | awk -v c="$(code_of "$1")" '$1 == c { n = $2 } END { print n + 0 }'
}

# after all others: the kernel had nothing to complain about
test_kernel_log() {
	dmesg >"$T/dmesg"
	grep -E 'WARNING|BUG:|Oops|general protection|stall|Call Trace|unable to handle|KASAN|UBSAN' "$T/dmesg" >"$T/found"
	expect 'lines of the kernel log that tell of trouble' "$(wc -l <"$T/found")" 0
	show "$T/found"
}
