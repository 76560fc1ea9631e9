# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034,SC2154 # T, fixture, vmperf, guests and keep are the test's
# What the tests of this directory ask of a ledger, and guests for it.

load ../vm/payload/account.sh
cost_cpu=1

hog() {
	"$fixture/hog" "$@"
}

# balanced FILE (- is stdin): in each ledger of the JSON the eight states add up to the time
# observed, which is no longer than the interval; the time on the CPU is that on
# each CPU; a VM has no less than its vCPUs.  Prints what is wrong.
balanced() {
	local wrong

	wrong=$(jq -r '
		["guest", "kvm", "vmm", "poll", "idle", "blocked", "wait", "running"] as $states |
		def sum: map(numbers) | add // 0;
		def check($who):
			(if (.ledger_ns | keys) != ($states | sort) then "\($who): states \(.ledger_ns | keys)" else empty end),
			(([.ledger_ns[]] | sum) as $n | if $n != .observed_ns then "\($who): \($n) of \(.observed_ns) ns" else empty end),
			(.ledger_ns[] | numbers | if . < 0 then "\($who): a state of \(.) ns" else empty end),
			(if .placement then
				([.placement.cpu_ns[].ns] | sum) as $on |
				(.ledger_ns | [.guest, .kvm, .vmm, .poll, .running] | sum) as $n |
				if $on != $n then "\($who): on CPUs \($on) of \($n) ns" else empty end
			else empty end),
			(.halts, .wakes | objects |
				([.histogram[].count] | sum) as $n |
				if $n != .count then "\($who): \($n) of \(.count) in a histogram" else empty end);
		(.interval_ns + .skew_ns) as $most |
		.vms[] | . as $vm | check(.name),
			(.vcpus[] | check("\($vm.name)/\(.tid)"),
				(if .observed_ns > $most then "\($vm.name)/\(.tid): \(.observed_ns) of \($most) ns" else empty end)),
			($states[] as $s | ([.vcpus[].ledger_ns[$s]] | sum) as $n |
				if $n > ($vm.ledger_ns[$s] // 0) then "\($vm.name): vCPUs have \($n) ns in \($s)" else empty end)
	' "${1/#-//dev/stdin}") || return 1
	[ -z "$wrong" ] || {
		echo "$wrong"
		return 1
	}
}

# snapshot FILE ARGUMENTS: into FILE, and balanced
snapshot() {
	local file=$1

	shift
	"$vmperf" snapshot --format json "$@" >"$file" && balanced "$file"
}

# refused STATUS TEXT ARGUMENT...: one line with TEXT on standard error, nothing on standard output
refused() {
	local want=$1 text=$2

	shift 2
	# shellcheck disable=SC2016 # the inner shell expands it
	run -"$want" bash -c '"$@" 2>"$0"' "$T/refused" "$vmperf" "$@"
	cat "$T/refused"
	[ -z "$output" ] && [ "$(wc -l <"$T/refused")" = 1 ] && grep -qF -- "$text" "$T/refused"
}

# guest OPTIONS: kvmguest on its own; $pid, its stdin is $keep, its output $T/out
guest() {
	mkfifo "$T/in"
	: >"$T/out"
	"$fixture/kvmguest" "$@" <"$T/in" >"$T/out" 2>&1 &
	pid=$!
	guests+=("$pid")
	exec {keep}>"$T/in"
}

# at_top: in the project, with what it has built; guests is for the pids of those that teardown ends
at_top() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	B=${B:-build}
	[[ $B == /* ]] || B=$PWD/$B
	vmperf=$B/vmperf
	fixture=$B/tests/fixture
	T=$BATS_TEST_TMPDIR
	[ "$(id -u)" = 0 ] || skip "needs root"
	guests=()
}

end_guests() {
	[ -z "${keep:-}" ] || exec {keep}>&-
	kill -9 "${guests[@]}" 2>/dev/null || true
	wait
}

# await WHAT...: see there
await() {
	tests/vm/payload/await "$@" || {
		cat "$T/out"
		return 1
	}
}

# stolen: what the hypervisor took from CPU 1, where this host is a VM itself, in ns, by
# ticks; the scheduler leaves it out of a thread's time (CONFIG_PARAVIRT_TIME_ACCOUNTING)
stolen() {
	awk -v hz="$(getconf CLK_TCK)" '$1 == "cpu1" { printf "%.0f\n", $9 * 1e9 / hz }' /proc/stat
}

# second_round OPTIONS: $T/json has the second round of such a guest; its vCPUs sleep before and after
second_round() {
	guest --hold --sched --rounds 2 "$@"
	await line "$T/out" 'round 1'
	steal=$(stolen)
	snapshot "$T/json" --vm "$pid" -- sh -c "echo >'$T/in'; tests/vm/payload/await line '$T/out' 'round 2'"
	# both readings may lack a tick
	steal=$(($(stolen) - steal + 1000000000 / $(getconf CLK_TCK)))
}

# ns VCPU STATE...: their sum
ns() {
	local vcpu=$1

	shift
	jq --argjson id "$vcpu" '[.vms[0].vcpus[] | select(.id == $id).ledger_ns | .[$ARGS.positional[]] | numbers] | add // 0' \
		--args "$@" <"$T/json"
}

observed() {
	jq --argjson id "$1" '.vms[0].vcpus[] | select(.id == $id).observed_ns' "$T/json"
}

# whole VCPU: observed for all of the interval
whole() {
	near "vCPU $1 observed" "$(observed "$1")" "$(jq .interval_ns "$T/json")" \
		"$(jq .skew_ns "$T/json")" "$(jq .skew_ns "$T/json")"
}

# near WHAT GOT WANT BELOW ABOVE
near() {
	echo "$1: got $2, want $3 - $4 .. + $5"
	[ "$2" -ge $(($3 - $4)) ] && [ "$2" -le $(($3 + $5)) ]
}

# agrees VCPU, pinned to CPU 1: time on the CPU and time waiting for it are those of its schedstat
agrees() {
	local b on

	b=$(bound $(($(sched "$1" runs) + 1)) "$(observed "$1")")
	on=$(ns "$1" guest kvm vmm poll running)
	near "on the CPU" "$on" "$(sched "$1" cpu_ns)" "$b" $((b + steal + 2 * $(cost 2) * on / 1000000)) &&
		near wait "$(ns "$1" wait)" "$(sched "$1" wait_ns)" "$b" "$b" && whole "$1"
}
