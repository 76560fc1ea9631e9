#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# Which VM is which: real QEMU domains under a real libvirtd, under none, and other VMMs.

# shellcheck disable=SC2016 # what others expand
# shellcheck disable=SC2030,SC2031 # each test is a process of its own
# shellcheck disable=SC2094 # vmperf's messages are what its command waits for
bats_require_minimum_version 1.5.0
load libvirtd
load ledger.bash

setup_file() {
	local missing
	missing=$(lv_missing)
	export LV_MISSING=$missing BATS_TEST_TIMEOUT=240
	[ -n "$missing" ] || lv_setup
}

teardown_file() {
	[ -n "$LV_MISSING" ] || lv_teardown
}

setup() {
	[ -z "$LV_MISSING" ] || skip "$LV_MISSING"
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	build=$PWD/${B:-build}
	[[ ${B:-} != /* ]] || build=$B
	vmperf=$build/vmperf
	kvmguest=$build/tests/fixture/kvmguest
	json=$BATS_TEST_TMPDIR/json
	mine=() # processes of this test
	LV_PID=$(cat "$LV_DIR/pid")
	kill -0 "$LV_PID" || lv_start
}

teardown() {
	local p
	[ -z "$LV_MISSING" ] || return 0
	LV_PID=$(cat "$LV_DIR/pid")
	kill -CONT "$LV_PID" 2>/dev/null || true
	for p in $(lv_pids) "${mine[@]}"; do
		kill -KILL "$p" 2>/dev/null || true
	done
	for p in "${mine[@]}"; do
		gone "$p"
	done
	# the next test may use the same names
	lv_settled
}

# Each test's domains have UUIDs of their own.
uuid() {
	printf '%08x-9dad-41d1-80b4-%012x' "$BATS_TEST_NUMBER" "$1"
}

# snapshot ARGUMENT...: into $json, and balanced
snapshot() {
	lv "$vmperf" snapshot --format json "$@" >"$json" 3>&- && balanced "$json"
}

# snapshot_with_api [SHELL-COMMAND]: like snapshot, but ends when libvirt's names are there,
# and SHELL-COMMAND has been run after that; vmperf is then its $PPID.
snapshot_with_api() {
	said=$BATS_TEST_TMPDIR/said
	: >"$said"
	lv timeout 100 "$vmperf" -v snapshot --format json -- \
		sh -c 'tail -n +1 -f "$0" | grep -q -m1 "libvirt: connected to" && eval "$1"' "$said" "${1:-:}" \
		>"$json" 2>"$said" 3>&- && balanced "$json"
}

# field PID FIELD: of the VM with this pid in $json
field() {
	jq -r --argjson pid "$1" ".vms[] | select(.pid == \$pid) | .$2" "$json"
}

# named PID NAME [UUID [VMM]]
named() {
	local got
	got=$(field "$1" name && echo .)
	if [ "$got" != "$2"$'\n'. ]; then
		echo "pid $1 is named ${got%$'\n'.}, not $2"
		jq -c '.vms[] | [.pid, .name, .uuid, .vmm]' "$json"
		return 1
	fi
	[ -z "${3:-}" ] || [ "$(field "$1" uuid)" = "$3" ]
	[ "$(field "$1" vmm)" = "${4:-qemu}" ]
}

absent() {
	[ "$(field "$1" name)" = "" ]
}

# start ARGV0 PROGRAM ARGUMENT...: in the background, with its pid in the variable pid
start() {
	(exec -a "$1" "${@:2}") </dev/null >/dev/null 2>&1 3>&- &
	pid=$!
	mine+=("$pid")
}

# Until each of these processes holds a VM.
have_vm() {
	local p deadline=$((SECONDS + 60))
	for p in "$@"; do
		until [ -n "$(find "/proc/$p/fd" -lname 'anon_inode:kvm-vcpu:0' 2>/dev/null)" ]; do
			[ "$SECONDS" -lt $deadline ]
		done
	done
}

# qemu ARGUMENT...: QEMU by hand
qemu() {
	start "$@" -accel kvm -m 16 -display none -nodefaults -S
}

@test "odd names of domains" {
	local long utf8 i
	long=$(printf 'n%.0s' {1..200})
	utf8='naïve 名前 😀'
	local names=('two words' "it's \"quoted\"" 'a,b,,c' 'x=y' 'guest=evil,debug-threads=off' "$utf8" 'back\slash\x1b'
		'-name' '$(id);`id`|&' '<b>&amp;' '%s%n' '*' "$long" 'trailing.pid')
	local pids=()
	for i in "${!names[@]}"; do
		lv_create "${names[i]}" "$(uuid "$i")" --paused
		[ -n "$pid" ]
		pids+=("$pid")
	done
	snapshot_with_api
	for i in "${!names[@]}"; do
		named "${pids[i]}" "${names[i]}" "$(uuid "$i")"
	done
	# and the same without libvirt's API
	snapshot --interval 50ms --no-libvirt
	for i in "${!names[@]}"; do
		named "${pids[i]}" "${names[i]}" "$(uuid "$i")"
	done
	# and for somebody who reads
	run lv "$vmperf" snapshot --interval 50ms
	[[ $output == *'two words'* && $output == *'back\x5cslash'* ]]
}

@test "a domain is selected by its whole name, its UUID or its pid, never by a part" {
	lv_create web "$(uuid 1)" --paused
	local one=$pid
	lv_create web2 "$(uuid 2)" --paused
	local two=$pid
	snapshot --interval 50ms --vm web
	named "$one" web
	absent "$two"
	snapshot --interval 50ms --vm "$(uuid 2)"
	named "$two" web2
	absent "$one"
	snapshot --interval 50ms --vm "$one"
	named "$one" web
	absent "$two"
	run lv "$vmperf" snapshot --interval 50ms --vm we
	[[ $output != *web* ]] || [[ $output == *"no VM"* ]]
}

@test "where names come from: the API, else the state file, else QEMU's arguments" {
	# a wish of the domain's owner: QEMU calls itself otherwise
	lv_create right "$(uuid 1)" --paused -name wrong
	local p=$pid
	tr '\0' '\n' <"/proc/$p/cmdline" | grep -qx wrong
	snapshot_with_api
	named "$p" right "$(uuid 1)"
	snapshot --interval 50ms --no-libvirt
	named "$p" right "$(uuid 1)"
	lv mv /run/libvirt/qemu/right.pid /run/libvirt/qemu/right.away
	snapshot --interval 50ms --no-libvirt
	named "$p" wrong "$(uuid 1)"
	snapshot_with_api
	named "$p" right "$(uuid 1)"
	lv mv /run/libvirt/qemu/right.away /run/libvirt/qemu/right.pid
}

@test "another QEMU with a domain's UUID is not that domain" {
	lv_create domain "$(uuid 1)" --paused
	local p=$pid
	qemu qemu-system-x86_64 qemu-system-x86_64 -name copy -uuid "$(uuid 1)"
	have_vm "$pid"
	snapshot_with_api
	named "$p" domain
	named "$pid" copy
}

@test "no thread has a capability while libvirt is asked" {
	lv_create domain "$(uuid 1)" --paused
	export caps=$BATS_TEST_TMPDIR/caps
	snapshot_with_api 'grep -h ^Cap /proc/$PPID/task/*/status >"$caps"'
	named "$pid" domain
	# the main thread and libvirt's at least
	[ "$(grep -c CapEff "$caps")" -ge 2 ]
	run ! grep -E 'Cap[IPEA][a-z]+:.*[1-9a-f]' "$caps"
}

@test "a domain started while vmperf measures; ended and started again under its name" {
	lv_create again "$(uuid 1)" --paused
	local first=$pid
	kill -KILL "$first"
	gone "$first"
	lv_settled
	export -f lv lv_virsh lv_create lv_write_domain lv_xml lv_pid lv_pids
	snapshot -- bash -c "lv_create again $(uuid 1) && echo \$pid >$BATS_TEST_TMPDIR/pid"
	local second
	second=$(cat "$BATS_TEST_TMPDIR/pid")
	[ "$second" != "$first" ]
	named "$second" again "$(uuid 1)"
	absent "$first"
}

@test "QEMU killed while vmperf measures" {
	lv_create victim "$(uuid 1)"
	local p=$pid
	lv_create other "$(uuid 2)" --paused
	export -f gone
	snapshot -- bash -c "kill -KILL $p && gone $p"
	named "$pid" other
	# what it did before is still told, under its name
	[ -z "$(field "$p" name)" ] || named "$p" victim "$(uuid 1)"
	snapshot --interval 50ms
	absent "$p"
	named "$pid" other
}

@test "libvirtd ends, is killed, and comes back while vmperf measures: names stay" {
	lv_create steady "$(uuid 1)" --paused
	local p=$pid
	export -f gone
	snapshot -- bash -c "kill -TERM $LV_PID && gone $LV_PID"
	named "$p" steady "$(uuid 1)"
	# absent
	snapshot --interval 300ms
	named "$p" steady "$(uuid 1)"
	lv_start
	snapshot_with_api
	named "$p" steady "$(uuid 1)"
	snapshot -- bash -c "kill -KILL $LV_PID && gone $LV_PID"
	named "$p" steady "$(uuid 1)"
	lv_start
	[ -d "/proc/$p" ]
	# back while vmperf waits for it: it connects by itself
	lv_kill TERM
	export -f lv lv_virsh lv_start
	said=$BATS_TEST_TMPDIR/again
	: >"$said"
	lv timeout 100 "$vmperf" -v snapshot --format json -- bash -c '
		lv_start && tail -n +1 -f "$0" | grep -q -m1 "libvirt: connected to"' "$said" >"$json" 2>"$said" 3>&-
	named "$p" steady "$(uuid 1)"
}

@test "libvirtd stopped by SIGSTOP: nothing waits for it" {
	lv_create steady "$(uuid 1)" --paused
	local before=$SECONDS
	kill -STOP "$LV_PID"
	snapshot --interval 300ms
	named "$pid" steady "$(uuid 1)"
	# far below the 15 s and more after which libvirt itself gives up
	[ $((SECONDS - before)) -lt 10 ]
	kill -CONT "$LV_PID"
	# stopped in the middle of it
	snapshot -- sh -c 'kill -STOP "$0"' "$LV_PID"
	named "$pid" steady "$(uuid 1)"
	kill -CONT "$LV_PID"
	snapshot_with_api
	named "$pid" steady "$(uuid 1)"
}

@test "the system's libvirtd and one that is not there" {
	lv_create domain "$(uuid 1)" --paused
	snapshot --interval 300ms --connect 'qemu+unix:///system?socket=/run/none'
	named "$pid" domain "$(uuid 1)"
	snapshot --interval 300ms --connect 'nonsense:///'
	named "$pid" domain "$(uuid 1)"
}

@test "a domain of a user's own libvirtd" {
	lv_session_start
	mine+=("$pid")
	lv_write_domain "o'wn, d=omain" "$(uuid 1)" /run/user/65534
	lv_session virsh -q -c qemu:///session create /run/user/65534/domain.xml --paused
	pid=$(lv sh -c 'cat /run/user/65534/libvirt/qemu/run/o*.pid')
	mine+=("$pid")
	[ "$(stat -c %u "/proc/$pid")" = 65534 ]
	snapshot --interval 50ms
	named "$pid" "o'wn, d=omain" "$(uuid 1)"
	snapshot_with_api
	named "$pid" "o'wn, d=omain" "$(uuid 1)"
}

# create_pinned NAME UUID: a domain that runs, with 2 vCPUs and 2 iothreads, some of them pinned
create_pinned() {
	lv_write_domain "$1" "$2" "$LV_DIR"
	lv sed -i "s|<vcpu>.*</vcpu>|<vcpu>2</vcpu><iothreads>2</iothreads><cputune><vcpupin vcpu='1' cpuset='0'/>\
		<emulatorpin cpuset='1'/><iothreadpin iothread='2' cpuset='0'/></cputune>|" "$LV_DIR/domain.xml"
	lv_virsh create "$LV_DIR/domain.xml"
	pid=$(lv_pid "$2")
}

# Stops a process, until nothing of it runs any more.
stand_still() {
	local t
	kill -STOP "$1"
	for t in "/proc/$1/task"/*; do
		until grep -q '^State:.T' "$t/status"; do
			:
		done
	done
	until [ "$(cat "/proc/$1/task"/*/schedstat)" = "${before:-}" ]; do
		before=$(cat "/proc/$1/task"/*/schedstat)
	done
}

# total_of PID FIELD NAMES: of the threads whose names fit; field 1: on the CPU, 2: waited.  The process's
# first thread is called "first": QEMU may have another with its name, call_rcu, made before names are on.
total_of() {
	local sum=0 t name
	for t in "/proc/$1/task"/*; do
		name=$(cat "$t/comm")
		[ "${t##*/}" != "$1" ] || name=first
		[[ ! $name =~ ^($3)$ ]] || sum=$((sum + $(cut -d' ' -f"$2" "$t/schedstat")))
	done
	echo "$sum"
}

# of_class PID CLASS FIELD
of_class() {
	field "$1" "threads[] | select(.class == \"$2\").$3"
}

@test "threads of a domain by class: their totals are the kernel's, their pinning libvirt's" {
	[ "$(nproc)" -ge 2 ] || skip "one CPU only"
	create_pinned pinned "$(uuid 1)"
	lv_done "$(uuid 1)"
	stand_still "$pid"
	snapshot_with_api
	jq -c --argjson pid "$pid" '.vms[] | select(.pid == $pid) | .threads[], .pinning' "$json"
	[ "$(field "$pid" 'pinning | tojson')" = \
		'{"vcpus":[{"id":1,"cpus":"0"}],"emulator":"1","iothreads":[{"id":2,"cpus":"0"}]}' ]
	local class names
	while read -r class names; do
		[ "$(of_class "$pid" "$class" total.cpu_ns)" = "$(total_of "$pid" 1 "$names")" ]
		[ "$(of_class "$pid" "$class" total.wait_ns)" = "$(total_of "$pid" 2 "$names")" ]
	done <<-'EOT'
		vcpu CPU [01]/KVM
		iothread IO iothread[12]
		emulator first|IO mon_iothread|call_rcu
	EOT
	[ "$(of_class "$pid" vcpu count)" = 2 ]
	[ "$(of_class "$pid" iothread count)" = 2 ]
	# no thread is left out, none is told twice: those of the process, and what the kernel runs beside it
	local inside beside
	inside=$(find "/proc/$pid/task" -mindepth 1 -maxdepth 1 | wc -l)
	beside=$(cat /proc/[0-9]*/comm 2>/dev/null | grep -cE "^kvm-(pit/|nx-lpage-recovery-)$pid\$") || true
	[ "$(field "$pid" 'threads | map(.count) | add')" = $((inside + beside)) ]
}

@test "a domain that is suspended is blocked all the time; resumed it is not" {
	lv_create paused "$(uuid 1)"
	lv_done "$(uuid 1)"
	lv_virsh suspend paused
	snapshot --interval 0.2 --vm "$pid"
	jq -c '.vms[0] | .verdict, .ledger_ns, .observed_ns' "$json"
	[ "$(field "$pid" ledger_ns.blocked)" -gt 0 ]
	[ "$(field "$pid" ledger_ns.blocked)" = "$(field "$pid" observed_ns)" ]
	[ "$(field "$pid" verdict.state)" = paused ]
	lv_virsh resume paused
	snapshot --interval 0.2 --vm "$pid"
	jq -c '.vms[0] | .verdict, .ledger_ns, .observed_ns' "$json"
	[ "$(field "$pid" ledger_ns.blocked)" -lt "$(field "$pid" observed_ns)" ]
	[ "$(field "$pid" verdict.state)" != paused ]
}

@test "a domain is pinned otherwise while vmperf measures" {
	[ "$(nproc)" -ge 2 ] || skip "one CPU only"
	create_pinned pinned "$(uuid 1)"
	# one change at a time, each as soon as the one before has been read
	snapshot_with_api '
		n=0
		pin() {
			n=$((n + 1))
			virsh -q -c qemu:///system "$@" --live || exit 1
			until [ "$(grep -c "libvirt: a domain was read again" "$0")" -ge $n ]; do
				sleep 0.05
			done
		}
		pin vcpupin pinned 1 1
		pin vcpupin pinned 0 0
		pin vcpupin pinned 1 0-1
		pin emulatorpin pinned 0'
	[ "$(field "$pid" 'pinning | tojson')" = \
		'{"vcpus":[{"id":0,"cpus":"0"}],"emulator":"0","iothreads":[{"id":2,"cpus":"0"}]}' ]
}

@test "a QEMU that hangs: what libvirt knows of the others is still told" {
	[ "$(nproc)" -ge 2 ] || skip "one CPU only"
	create_pinned first "$(uuid 1)"
	stand_still "$pid"
	local hung=$pid
	create_pinned second "$(uuid 2)"
	snapshot_with_api
	named "$hung" first "$(uuid 1)"
	named "$pid" second "$(uuid 2)"
	[ "$(field "$hung" pinning.emulator)" = 1 ]
	[ "$(field "$pid" pinning.emulator)" = 1 ]
}

@test "QEMU by hand: names with control bytes, commas, 255 bytes; none at all" {
	local nl=$'a\nb' esc=$'\e[31mred\a' long raw=$'caf\xc3\xa9 \xff' pids=()
	long=$(printf 'x%.0s' {1..255})
	local args=("$nl" "guest=$esc" "$long" 'guest=a,,b=c,debug-threads=on' 'debug-threads=on,guest=late' 'bare,process=p')
	local names=("$nl" "$esc" "$long" 'a,b=c' 'late' 'bare')
	local i
	for i in "${!args[@]}"; do
		qemu qemu-system-x86_64 qemu-system-x86_64 -name "${args[i]}" -uuid "$(uuid "$i")"
		pids+=("$pid")
	done
	qemu qemu-system-x86_64 qemu-system-x86_64 -name "$raw"
	local broken=$pid
	qemu /usr/local/bin/qemu-system-x86_64 qemu-system-x86_64
	local none=$pid
	have_vm "${pids[@]}" "$broken" "$none"
	snapshot --interval 50ms
	for i in "${!names[@]}"; do
		named "${pids[i]}" "${names[i]}" "$(uuid "$i")"
	done
	named "$none" "qemu-system-x86_64-$none"
	# JSON is UTF-8, whatever the name is
	[[ $(field "$broken" name) == 'café '* ]]
	# nothing of it reaches a terminal
	# these only: others' figures take columns, and names get what is left
	run lv "$vmperf" snapshot --interval 50ms "${pids[@]/#/--vm=}"
	[[ $output == *'\x1b[31mred\x07'* ]]
	[[ $output != *$'\e'* ]]
	[[ $output == *'a\x0ab'* ]]
}

@test "other VMMs" {
	local argv0s=(/usr/bin/firecracker cloud-hypervisor crosvm /opt/my-vmm /usr/bin/kvm) pids=() i
	local args=('--id fc-1 --api-sock /run/x' "--platform uuid=$(uuid 7)" 'run --name c,r=s' '--id no'
		'-id 100 -name prox,debug-threads=on -no-shutdown')
	mkfifo "$BATS_TEST_TMPDIR/hold"
	exec 8<>"$BATS_TEST_TMPDIR/hold"
	export KVMGUEST="--wait io=1"
	for i in "${!argv0s[@]}"; do
		# shellcheck disable=SC2086 # a list of words
		(exec -a "${argv0s[i]}" "$kvmguest" ${args[i]}) <&8 >/dev/null 2>&1 3>&- &
		pids+=($!)
		mine+=($!)
	done
	have_vm "${pids[@]}"
	snapshot --interval 50ms
	named "${pids[0]}" fc-1 "" firecracker
	named "${pids[1]}" "cloud-hypervisor-${pids[1]}" "$(uuid 7)" cloud-hypervisor
	named "${pids[2]}" 'c,r=s' "" crosvm
	named "${pids[3]}" "my-vmm-${pids[3]}" "" my-vmm
	named "${pids[4]}" prox "" qemu
	exec 8>&-
}

@test "user-space exits of a domain are those that perf counts" {
	command -v perf >/dev/null || skip "perf is not installed"
	lv_create counted "$(uuid 1)" --paused
	local tid got want
	tid=$(grep -l '^CPU 0/KVM$' "/proc/$pid/task"/*/comm | cut -d/ -f5)
	[ -n "$tid" ]
	export -f lv lv_done
	# the guest's work begins after both have begun, and is over before either ends
	lv timeout 120 perf stat -x, -o "$BATS_TEST_TMPDIR/perf" -a -e kvm:kvm_userspace_exit \
		--filter "common_pid == $tid" -- \
		"$vmperf" snapshot --format json --vm counted -- \
		bash -c "virsh -q -c qemu:///system resume counted && lv_done $(uuid 1)" >"$json" 3>&-
	balanced "$json"
	named "$pid" counted "$(uuid 1)"
	want=$(grep kvm_userspace_exit "$BATS_TEST_TMPDIR/perf" | cut -d, -f1)
	got=$(field "$pid" 'userspace_exits | map(.count) | add')
	echo "perf $want, vmperf $got"
	[ "$got" = "$want" ]
	# the boot sector's own are 1000 reads and 2 writes
	[ "$(field "$pid" 'userspace_exits[] | select(.reason == "IO").count')" -ge 1002 ]
	[ "$(jq '[.loss[]] | add' "$json")" = 0 ]
}

@test "user-space exits of a small VMM are those that perf and it count" {
	command -v perf >/dev/null || skip "perf is not installed"
	mkfifo "$BATS_TEST_TMPDIR/go"
	exec 8<>"$BATS_TEST_TMPDIR/go"
	"$kvmguest" --wait -c 2 in=500 io=500 <&8 >"$BATS_TEST_TMPDIR/guest" 2>&1 3>&- &
	pid=$!
	mine+=("$pid")
	have_vm "$pid"
	local tid filter=
	for tid in "/proc/$pid/task"/*; do
		filter+="${filter:+ || }common_pid == ${tid##*/}"
	done
	export -f gone
	lv timeout 120 perf stat -x, -o "$BATS_TEST_TMPDIR/perf" -a -e kvm:kvm_userspace_exit \
		--filter "$filter" -- \
		"$vmperf" snapshot --format json --vm "$pid" -- \
		bash -c "echo >$BATS_TEST_TMPDIR/go; gone $pid" >"$json" 3>&-
	exec 8>&-
	balanced "$json"
	cat "$BATS_TEST_TMPDIR/guest"
	local got want
	want=$(grep kvm_userspace_exit "$BATS_TEST_TMPDIR/perf" | cut -d, -f1)
	got=$(field "$pid" 'userspace_exits | map(.count) | add')
	echo "perf $want, vmperf $got"
	[ "$got" = "$want" ]
	[ "$(field "$pid" 'userspace_exits[] | select(.reason == "IO").count')" -ge 2000 ]
	named "$pid" "kvmguest-$pid" "" kvmguest
}

# create_described NAME UUID: a domain with a title, nova's metadata, and no virtual PMU
create_described() {
	lv_write_domain "$1" "$2" "$LV_DIR"
	lv sed -i "s|<memory |<title>A \&lt;title\&gt;</title><metadata>\
		<nova:instance xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.1'><nova:name>db-1</nova:name>\
		<nova:flavor name='m1.small'/><nova:owner><nova:project uuid='7'>shop</nova:project></nova:owner>\
		</nova:instance></metadata>&|; s|<devices>|<features><acpi/><pmu state='off'/></features>&|" \
		"$LV_DIR/domain.xml"
	lv_virsh create "$LV_DIR/domain.xml" --paused
	pid=$(lv_pid "$2")
}

# vpmu_when_off: what a QEMU with pmu=off has on this host
vpmu_when_off() {
	local set=/sys/module/kvm/parameters/enable_pmu
	if [ "$(cat $set 2>/dev/null)" = N ] || { [ -e $set ] && [ -e /sys/module/kvm_intel ]; }; then
		echo off
	else
		echo null
	fi
}

@test "machine type, virtual PMU, title and metadata of domains" {
	create_described nova "$(uuid 1)"
	local nova=$pid
	lv_write_domain default_vmi-1 "$(uuid 2)" "$LV_DIR"
	lv sed -i "s|<memory |<metadata><kubevirt xmlns='http://kubevirt.io'><uid/></kubevirt></metadata>&|" \
		"$LV_DIR/domain.xml"
	lv_virsh create "$LV_DIR/domain.xml" --paused
	pid=$(lv_pid "$(uuid 2)")
	lv_create bare_name "$(uuid 3)" --paused
	local bare
	bare=$(lv_pid "$(uuid 3)")
	pid=$(lv_pid "$(uuid 2)")
	snapshot_with_api
	jq -c '.vms[] | [.name, .machine, .vpmu, .metadata]' "$json"
	[ "$(field "$nova" 'metadata | tojson')" = \
		'{"title":"A <title>","instance":"db-1","flavor":"m1.small","project":"shop","namespace":null,"vmi":null}' ]
	[ "$(field "$pid" 'metadata | [.namespace, .vmi, .title] | tojson')" = '["default","vmi-1",null]' ]
	[ "$(field "$bare" 'metadata | map(select(. != null)) | length')" = 0 ]
	# of the running domain: "pc" is the newest of its kind
	local machine
	machine=$(lv_virsh dumpxml nova | sed -n "s/.*machine='\([^']*\)'.*/\1/p")
	[[ $machine == pc-i440fx-* ]]
	[ "$(field "$nova" machine)" = "$machine" ]
	[ "$(field "$nova" vpmu)" = "$(vpmu_when_off)" ]
	# without libvirt's API: what the process was told
	snapshot --interval 50ms --no-libvirt
	[ "$(field "$nova" machine)" = "$machine" ]
	[ "$(field "$nova" vpmu)" = "$(vpmu_when_off)" ]
	[ "$(field "$nova" metadata.title)" = null ]
}

@test "title and metadata of a domain change while vmperf measures" {
	create_described nova "$(uuid 1)"
	# one change at a time, each as soon as the one before has been read
	snapshot_with_api '
		n=0
		change() {
			n=$((n + 1))
			virsh -q -c qemu:///system "$@" --live || exit 1
			until [ "$(grep -c "libvirt: a domain was read again" "$0")" -ge $n ]; do
				sleep 0.05
			done
		}
		change desc nova --title "Another one"
		change metadata nova http://openstack.org/xmlns/libvirt/nova/1.1 --key nova \
			--set "<instance><name>db-2</name><flavor name=\"m1.large\"/></instance>"'
	jq -c '.vms[] | [.name, .metadata]' "$json"
	[ "$(field "$pid" 'metadata | tojson')" = \
		'{"title":"Another one","instance":"db-2","flavor":"m1.large","project":null,"namespace":null,"vmi":null}' ]
}
