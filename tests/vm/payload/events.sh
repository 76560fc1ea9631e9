# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=sh disable=SC2154 # the variables are those of lib.sh
# What events count, where there is a PMU and each instruction takes 1 ns: exactly what
# the guest's code makes of it (tests/fixture/guest_arm64.c).

[ "$isa" != arm64 ] || add_tests guest_instructions exits_that_are_no_instructions guest_and_host too_many_events \
	hidden_and_shown

# A round of one operation, the second and later: the jump to the start, three pairs of
# moves, and each turn; the exit that ends it never completes.
round_of() {
	echo $((1 + 6 + $1))
}

# event NAME MODE [COLUMN]: of vCPU 0, its value, or its ratio (7)
event() {
	awk -v e="$1" -v m="$2" -v n="${3:-6}" '$1 == "event" && index($2, "0/0/") == 1 && $3 == e && $4 == m { print $n }' "$T/rows"
}

# the loop's two instructions are all of a turn
test_guest_instructions() {
	hold spin=1000000
	second_round --events instructions,cycles
	for e in instructions cycles; do
		expect "$e of the guest" "$(event $e guest)" "$(round_of 2000000)"
		expect "ratio of $e" "$(event $e guest 7)" 1
		# so its other threads have none
		expect "$e of the VM's guest" \
			"$(awk -v e=$e '$1 == "event" && $2 == "0" && $3 == e && $4 == "guest" && $5 == "null" { print $6 }' "$T/rows")" \
			"$(round_of 2000000)"
		[ "$(event $e host)" -gt 0 ] || wrong "no $e of the host"
	done
}

# nor does the access that KVM and the VMM do for it
test_exits_that_are_no_instructions() {
	hold mmiow=1000
	second_round --events instructions
	expect 'instructions of the guest' "$(event instructions guest)" "$(round_of 2000)"
	expect 'exits' "$(count_of mmiow)" 1001
	# a thousand exits to the VMM take more than a thousand instructions each
	at_least 'instructions of the host' "$(event instructions host)" 1000000
}

# the VMM's loop is the host's, and what both have makes up the time on the CPU
test_guest_and_host() {
	hold --slow-ns 1000000 mmiow=50
	second_round --events instructions,instructions:u
	_on=$(state 0/0 guest kvm vmm poll running)
	_host=$(event instructions host) _guest=$(event instructions guest)
	expect 'instructions of the guest' "$_guest" "$(round_of 100)"
	expect "of them in user mode, which it never was in" "$(event instructions:u guest)" 0
	at_least 'instructions of the host and the guest' $((_host + _guest)) $((_on - _on / 100))
	at_most 'instructions of the host and the guest' $((_host + _guest)) $((_on + _on / 100))
	at_least 'of the VMM' "$(event instructions:u host)" $((_host - _host / 20))
	at_most 'of the VMM' "$(event instructions:u host)" "$_host"
}

# eight for six counters: each has one for a part of the time
test_too_many_events() {
	hold spin=20000000
	second_round --events r8:G,r8:Gk,r8:Gu,r1b:G,r8:H,r8:Hk,r8:Hu,r1b:H
	expect 'events with all of the time' "$(awk '$1 == "event" && $2 ~ "/" && $7 == 1' "$T/rows" | wc -l)" 0
	_want=$(round_of 40000000)
	for e in r8 r8:k; do
		at_least "$e of the guest, scaled" "$(event $e guest)" $((_want - _want / 100))
		at_most "$e of the guest, scaled" "$(event $e guest)" $((_want + _want / 100))
	done
	expect 'r8:u of the guest' "$(event r8:u guest)" 0
}

# Three rounds, each between two samples; in the second nobody looks at events: their counters are
# given back, and what the guest does then belongs to no other time.
test_hidden_and_shown() {
	hold --rounds 4 spin=1000000
	# what is hidden is closed when the kernel comes to it
	cat >"$T/round" <<-X
		n=\$((\$(grep -c ^round $T/out) + 1))
		echo >$T/in
		/payload/await line $T/out "round \$n"
		for try in \$(seq 100); do
			free=\$(vmperf events -f json cycles | sed -n 's/^ *"free_counters": \(.*\),/\1/p')
			if [ \$n != 3 ] || [ "\$free" = 6 ]; then break; fi
			sleep 0.05
		done
		echo "\$free" >>$T/counters
	X
	hidden r8,cycles "sh $T/round" >"$T/all" 2>"$T/err"
	expect 'status of hidden' $? 0
	exec 3>&-
	wait "$pid"
	for n in 1 2 3; do
		document $n "$T/all" >"$T/json"
		measured
		no_loss
		for e in r8 cycles; do
			if [ $n = 2 ]; then
				expect "$e while it is hidden" "$(event $e guest) $(event $e host)" '0 0'
				continue
			fi
			expect "$e of the guest in round $n" "$(event $e guest)" "$(round_of 2000000)"
			expect "ratio of $e in round $n" "$(event $e guest 7)" 1
			[ "$(event $e host)" -gt 0 ] || wrong "no $e of the host in round $n"
		done
	done
	# a general one each for r8's guest and host, and for one of cycles'
	expect 'free counters' "$(tr '\n' ' ' <"$T/counters")" '3 6 3 '
}
