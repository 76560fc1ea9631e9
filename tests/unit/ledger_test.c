// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ledger's state machine, the very code that runs in the kernel, by
 * stories: story.h has their notation.  Each is told to the complete functions,
 * and to the fast ones first; after each event the ledger must balance.
 */
#include "story.h"

struct story {
	const char *events, *want;
};

static const struct story stories[] = {
	/* the usual life */
	{"B100", "running"},
	{"B100 E130", "running 30; guest"},
	{"B100 E100", "guest"},
	{"B100 E100 X150:7b", "guest 50; 7b*1; kvm/7b"},
	{"B100 E100 X150:7b E180", "guest 50; 7b*1 kvm 30 max 30 h4=1; guest"},
	{"B100 E100 X150:7b U160:2", "guest 50; 7b*1 kvm 10; u2*1; vmm/7b"},
	{"B100 E100 X150:7b U160:2 E200", "guest 50; 7b*1 kvm 10 vmm 40 max 50 h5=1; u2*1 40; guest"},
	{"B100 E100 X150:7b E180 X200:72 U210:2 E400 Z500",
	 "guest 170; 7b*1 kvm 30 max 30 h4=1; 72*1 kvm 10 vmm 190 max 200 h7=1; u2*1 190; running"},
	{"B100 E100 X150:7b E180 X200:7b E210 X300:7b E345",
	 "guest 160; 7b*3 kvm 85 max 45 h3=1 h4=1 h5=1; guest"},
	{"B100 E100 X110:1 E120 X130:2 E140 X150:1 E160",
	 "guest 30; 1*2 kvm 20 max 10 h3=2; 2*1 kvm 10 max 10 h3=1; guest"},
	/* the maximum is the longest, not the last */
	{"B100 E100 X110:1 E150 X160:1 E165", "guest 20; 1*2 kvm 45 max 40 h2=1 h5=1; guest"},

	/* it is not known where a thread is before its first entry or exit */
	{"B100 X150:7b", "running 50; 7b*1; kvm/7b"},
	{"B100 X150:7b E170", "running 50; 7b*1 kvm 20 max 20 h4=1; guest"},
	{"B100 U150:2", "running 50; u2*1; running"},
	{"B100 U150:2 U160:2 E170 X180:7b", "guest 10 running 70; 7b*1; u2*2; kvm/7b"},
	{"B100 U150:2 O160:sleep I190 X200:1", "blocked 30 running 70; 1*1; u2*1; kvm/1"},
	{"B100 Z150", "running 50; running"},

	/* a thread that is off the CPU when we begin */
	{"B100:idle", "idle in running"},
	{"B100:idle W150 I170 E190", "idle 50 wait 20 running 20; guest"},
	{"B100:blocked I150 U170:2", "blocked 50 running 20; u2*1; running"},
	{"B100:wait I150 X170:7b E180", "wait 50 running 20; 7b*1 kvm 10 max 10 h3=1; guest"},
	{"B100:wait W120 I150 Z170", "wait 50 running 20; running"},
	/* the halt had begun before */
	{"B100:idle W150 I170 H180:slept/500/40 E190",
	 "idle 50 wait 20 running 20; halts*1 500 max 500 h8=1; wakes*1 40 max 40 h5=1; guest"},
	/* its first event tells that it is on the CPU */
	{"B100:blocked E150", "blocked 50; guest"},
	{"B100:idle X150:7b E160", "idle 50; 7b*1 kvm 10 max 10 h3=1; guest"},
	{"B100:wait U150:2 E170", "wait 50 running 20; u2*1; guest"},
	{"B100:idle Z150", "idle 50; running"},

	/* a second exit: the first was ended by no entry, but it was an exit and took its time */
	{"B100 E100 X150:7b X160:72", "guest 50; 7b*1 kvm 10; 72*1; unpaired 1; kvm/72"},
	{"B100 E100 X150:7b X160:7b E165", "guest 50; 7b*2 kvm 15 max 5 h2=1; unpaired 1; guest"},
	{"B100 E100 X150:7b U155:2 X160:72 E170",
	 "guest 50; 7b*1 kvm 5 vmm 5; 72*1 kvm 10 max 10 h3=1; u2*1 5; unpaired 1; guest"},
	{"B100 E100 X150:7b X160:7b X170:7b E180", "guest 50; 7b*3 kvm 30 max 10 h3=1; unpaired 2; guest"},
	/* a second entry: its exit was never told, the guest's time goes on */
	{"B100 E100 E150", "guest 50; unpaired 1; guest"},
	{"B100 E100 E150 E170 X180:1", "guest 80; 1*1; unpaired 2; kvm/1"},

	/* to user space in each state; KVM_RUN again and again is the same exit */
	{"B100 E100 X150:7b U160:2 U200:62 E300",
	 "guest 50; 7b*1 kvm 10 vmm 140 max 150 h7=1; u2*1 40; u62*1 100; guest"},
	{"B100 E100 X150:7b U160:2 U200:2 U210:2 E300",
	 "guest 50; 7b*1 kvm 10 vmm 140 max 150 h7=1; u2*3 140; guest"},
	/* an entry that failed: no exit, its time stands under "other" */
	{"B100 E100 U120:9", "guest 20; u9*1; unpaired 1; vmm/other"},
	{"B100 E100 U120:9 E200", "guest 20; other*0 vmm 80 max 80 h6=1; u9*1 80; unpaired 1; guest"},
	/* all places, the last three are ours */
	{"B100 E100 X110:1 U120:0 E130 X140:1 U150:61 E160 X170:1 U180:63 E190",
	 "guest 30; 1*3 kvm 30 vmm 30 max 20 h4=3; u0*1 10; u61*1 10; u63*1 10; guest"},

	/* preempted: it waits, in the guest's time or in its exit's; handling is what was on the CPU */
	{"B100 E100 O120:wait", "guest 20; wait in guest"},
	{"B100 E100 O120:wait I170 X180:7b", "guest 30 wait 50; 7b*1; kvm/7b"},
	{"B100 E100 X110:1 O120:wait", "guest 10; 1*1 kvm 10; wait in kvm/1"},
	{"B100 E100 X110:1 O120:wait I170 E175", "guest 10; 1*1 kvm 15 wait 50 max 15 h3=1; guest"},
	{"B100 E100 X110:1 U115:2 O120:wait I170 E175",
	 "guest 10; 1*1 kvm 5 vmm 10 wait 50 max 15 h3=1; u2*1 10; guest"},
	{"B100 E100 X110:1 O110:wait I170 E170", "guest 10; 1*1 wait 60 h0=1; guest"},
	{"B100 E100 X110:1 O120:wait I130 O140:wait I160 E161",
	 "guest 10; 1*1 kvm 21 wait 30 max 21 h4=1; guest"},
	{"B100 O120:wait I170 O180:wait I200", "wait 70 running 30; running"},

	/* sleeping: blocked until it is woken, then it waits */
	{"B100 E100 X110:1 O120:sleep", "guest 10; 1*1 kvm 10; blocked in kvm/1"},
	{"B100 E100 X110:1 O120:sleep W150 I170 E175",
	 "guest 10; 1*1 kvm 15 blocked 30 wait 20 max 15 h3=1; guest"},
	{"B100 E100 X110:1 U115:2 O120:sleep W150 I170 E175",
	 "guest 10; 1*1 kvm 5 vmm 10 blocked 30 wait 20 max 15 h3=1; u2*1 10; guest"},
	{"B100 E100 X110:1 U115:2 O120:sleep W150 I170 O175:sleep W190 I190 U200:62 E210",
	 "guest 10; 1*1 kvm 5 vmm 30 blocked 45 wait 20 max 35 h5=1; u2*1 20; u62*1 10; guest"},
	/* a page fault of the guest's memory, in the guest's time where no exit is seen */
	{"B100 E100 O120:sleep W130 I140 X150:1", "guest 30 blocked 10 wait 10; 1*1; kvm/1"},
	/* woken when it did not sleep: nothing; and nothing of it is left for the next sleep */
	{"B100 E100 X110:1 W115 O120:sleep I170 E175", "guest 10; 1*1 kvm 15 blocked 50 max 15 h3=1; guest"},
	{"B100 E100 W105 X110:1 E120", "guest 10; 1*1 kvm 10 max 10 h3=1; guest"},
	{"B100 E100 X110:1 O120:wait W140 I170 E175", "guest 10; 1*1 kvm 15 wait 50 max 15 h3=1; guest"},
	{"B100 E100 X110:1 O120:sleep W130 I140 O150:sleep I160 E170",
	 "guest 10; 1*1 kvm 30 blocked 20 wait 10 max 30 h4=1; guest"},
	/* the waker's clock is a little behind, or ahead */
	{"B100 E100 X110:1 O120:sleep W118 I170 E175", "guest 10; 1*1 kvm 15 wait 50 max 15 h3=1; guest"},
	{"B100 E100 X110:1 O120:sleep W173 I170 E175", "guest 10; 1*1 kvm 15 blocked 50 max 15 h3=1; guest"},
	{"B100 E100 X110:1 O120:sleep W120 I120 E125", "guest 10; 1*1 kvm 15 max 15 h3=1; guest"},

	/* halted: polled in vain, slept, woken, back, and late */
	{"B100 E100 X110:78 O170:halt/50/7", "guest 10; 78*1; halting 60; idle in kvm/78"},
	{"B100 E100 X110:78 O170:halt/50/7 W300 I320 H330:slept/215/57 E350",
	 "guest 10; 78*1 kvm 40 poll 50 idle 130 wait 20 max 40 h5=1; halts*1 215 max 215 h7=1; "
	 "wakes*1 50 max 50 h5=1; guest"},
	/* slept at once: KVM did not poll */
	{"B100 E100 X110:78 O120:halt/0/7 W300 I320 H330:slept/215/7 E350",
	 "guest 10; 78*1 kvm 40 idle 180 wait 20 max 40 h5=1; halts*1 215 max 215 h7=1; "
	 "wakes*1 50 max 50 h5=1; guest"},
	/* KVM polled longer than it was there, says its sum: all is poll, no more */
	{"B100 E100 X110:78 O170:halt/50/0 W300 I320 H330:slept/215/900 E350",
	 "guest 10; 78*1 kvm 30 poll 60 idle 130 wait 20 max 30 h4=1; halts*1 215 max 215 h7=1; "
	 "wakes*1 50 max 50 h5=1; guest"},
	/* woken while it polled: late is what comes after */
	{"B100 E100 X110:78 H170:polled/50", "guest 10; 78*1 kvm 10 poll 50; halts*1 50 max 50 h5=1; kvm/78"},
	{"B100 E100 X110:78 H170:polled/50 E180",
	 "guest 10; 78*1 kvm 20 poll 50 max 20 h4=1; halts*1 50 max 50 h5=1; wakes*1 10 max 10 h3=1; guest"},
	{"B100 E100 X110:78 H170:polled/0 E180",
	 "guest 10; 78*1 kvm 70 max 70 h6=1; halts*1 0 h0=1; wakes*1 10 max 10 h3=1; guest"},
	/* the poll began before the last event: no more of it than since then */
	{"B100 E100 X110:78 O120:wait I130 H170:polled/55 E180",
	 "guest 10; 78*1 kvm 20 poll 40 wait 10 max 20 h4=1; halts*1 55 max 55 h5=1; "
	 "wakes*1 10 max 10 h3=1; guest"},
	/* several sleeps in one halt: woken in vain, and again */
	{"B100 E100 X110:78 O170:halt/50/7 W200 I220 O230:halt/50/7 W300 I320 H330:slept/215/57 E350",
	 "guest 10; 78*1 kvm 50 poll 50 idle 100 wait 40 max 50 h5=1; halts*1 215 max 215 h7=1; "
	 "wakes*1 50 max 50 h5=1; guest"},
	/* preempted after the wake-up: it is late since it was woken */
	{"B100 E100 X110:78 O120:halt/0/0 W200 I210 O215:wait I300 H310:slept/195/0 E320",
	 "guest 10; 78*1 kvm 35 idle 80 wait 95 max 35 h5=1; halts*1 195 max 195 h7=1; "
	 "wakes*1 120 max 120 h6=1; guest"},
	/* no wake-up was seen: it was woken when it came back, at the latest */
	{"B100 E100 X110:78 O120:halt/0/0 I210 H220:slept/105/0 E230",
	 "guest 10; 78*1 kvm 30 idle 90 max 30 h4=1; halts*1 105 max 105 h6=1; wakes*1 20 max 20 h4=1; "
	 "guest"},
	/* slept, but its switches were not seen: late since the halt's end */
	{"B100 E100 X110:78 H220:slept/105/0 E230",
	 "guest 10; 78*1 kvm 120 max 120 h6=1; halts*1 105 max 105 h6=1; wakes*1 10 max 10 h3=1; guest"},
	/* woken before it had left the CPU: what KVM polled in vain is told by its sum before, if that is
	   known */
	{"B100 E100 X110:78 H220:slept/60/50 E230 X240:78 H320:slept/70/90 E330",
	 "guest 20; 78*2 kvm 170 poll 40 max 120 h5=1 h6=1; halts*2 130 max 70 h5=1 h6=1; wakes*2 20 max 10 "
	 "h3=2; "
	 "guest"},
	{"B100 E100 X110:78 H220:slept/60/50 E230 X300:78 H320:slept/70/90 E330",
	 "guest 80; 78*2 kvm 150 max 120 h4=1 h6=1; halts*2 130 max 70 h5=1 h6=1; wakes*2 20 max 10 h3=2; "
	 "guest"},
	/* the wake-up of an earlier sleep is not this halt's */
	{"B100 E100 X110:1 O120:sleep W150 I160 E170 X200:78 H260:slept/50/0 E270",
	 "guest 40; 1*1 kvm 20 blocked 30 wait 10 max 20 h4=1; 78*1 kvm 70 max 70 h6=1; "
	 "halts*1 50 max 50 h5=1; wakes*1 10 max 10 h3=1; guest"},
	/* ended by a signal: the guest was not woken */
	{"B100 E100 X110:78 O120:halt/0/0 W200 I210 H220:slept/105/0 U230:62 E240",
	 "guest 10; 78*1 kvm 30 vmm 10 idle 80 wait 10 max 40 h5=1; u62*1 10; halts*1 105 max 105 h6=1; "
	 "guest"},
	/* and halted again by the next KVM_RUN, with no entry in between: two halts, not three */
	{"B100 E100 X110:78 O120:halt/0/0 W200 I210 H220:slept/105/0 U230:62 O240:halt/5/0 W300 I310 "
	 "H320:slept/85/5 E330",
	 "guest 10; 78*1 kvm 30 vmm 25 poll 5 idle 140 wait 20 max 55 h5=1; u62*1 25; "
	 "halts*2 190 max 105 h6=2; wakes*1 30 max 30 h4=1; guest"},
	/* a halt that nothing ended: what was before the sleep was handling, for all that is known */
	{"B100 E100 X110:78 O170:halt/50/7 W300 I320 E350",
	 "guest 10; 78*1 kvm 90 idle 130 wait 20 max 90 h6=1; guest"},
	{"B100 E100 X110:78 O170:halt/50/7 W300 I320 U330:62 E350",
	 "guest 10; 78*1 kvm 70 vmm 20 idle 130 wait 20 max 90 h6=1; u62*1 20; guest"},
	{"B100 E100 X110:78 O170:halt/50/7 W300 I320 X350:1",
	 "guest 10; 78*1 kvm 90 idle 130 wait 20; 1*1; unpaired 1; kvm/1"},

	/* a VMM that sleeps by itself until the guest is to go on: halted, too */
	{"B100 E100 X110:78 U120:5 O130:sleep", "guest 10; 78*1 kvm 10 vmm 10; u5*1 10; idle in vmm/78"},
	{"B100 E100 X110:78 U120:5 O130:sleep W200 I210 E230",
	 "guest 10; 78*1 kvm 10 vmm 30 idle 70 wait 10 max 40 h5=1; u5*1 30; halts*1 70 max 70 h6=1; "
	 "wakes*1 30 max 30 h4=1; guest"},
	{"B100 E100 X110:78 U120:5 O130:wait I200 O210:sleep I220 E230",
	 "guest 10; 78*1 kvm 10 vmm 30 idle 10 wait 70 max 40 h5=1; u5*1 30; halts*1 10 max 10 h3=1; "
	 "wakes*1 10 max 10 h3=1; guest"},
	{"B100 E100 X110:78 U120:5 O130:sleep W200 I210 U220:62 E230",
	 "guest 10; 78*1 kvm 10 vmm 30 idle 70 wait 10 max 40 h5=1; u5*1 20; u62*1 10; "
	 "halts*1 70 max 70 h6=1; guest"},
	/* not in KVM on the way back: that exit is another */
	{"B100 E100 X110:78 U120:5 E130 X140:1 O150:sleep I160 E170",
	 "guest 20; 78*1 kvm 10 vmm 10 max 20 h4=1; 1*1 kvm 20 blocked 10 max 20 h4=1; u5*1 10; guest"},

	/* a KVM without entries and exits */
	{"B100 U150:2 O160:sleep W170 I180 U200:2", "blocked 10 wait 10 running 80; u2*2; running"},
	{"B100 O150:halt/30/7 W200 I220 H230:slept/110/37 O250:wait I270 H290:polled/15 U300:2",
	 "poll 45 idle 50 wait 40 running 65; u2*1; halts*2 125 max 110 h3=1 h6=1; running"},
	{"B100 O150:halt/30/7", "halting 50; idle in running"},
	{"B100 O150:halt/30/7 W200 I220 Z230", "idle 50 wait 20 running 60; running"},

	/* the thread ends in each state */
	{"B100 E100 Z150", "guest 50; running"},
	{"B100 E100 X150:7b Z160", "guest 50; 7b*1 kvm 10; running"},
	{"B100 E100 X150:7b U160:2 Z200", "guest 50; 7b*1 kvm 10 vmm 40; u2*1 40; running"},
	{"B100 E100 X110:1 O120:wait Z140", "guest 10; 1*1 kvm 10 wait 20; running"},
	{"B100 E100 X110:1 O120:sleep W130 Z140", "guest 10; 1*1 kvm 10 blocked 10 wait 10; running"},
	{"B100 E100 X110:78 O120:halt/9/0 Z140", "guest 10; 78*1 kvm 10 idle 20; running"},
	{"B100 E100 O120:wait Z140", "guest 20 wait 20; running"},

	/* switches that were not seen */
	{"B100 E100 X110:1 O120:sleep O150:wait I160 E170",
	 "guest 10; 1*1 kvm 20 blocked 30 wait 10 max 20 h4=1; guest"},
	{"B100 E100 X110:1 I120 E125", "guest 10; 1*1 kvm 15 max 15 h3=1; guest"},
	{"B100 E100 I120 X130:1", "guest 30; 1*1; kvm/1"},
	{"B100 E100 X110:1 O120:sleep W130 E140",
	 "guest 10; 1*1 kvm 10 blocked 10 wait 10 max 10 h3=1; guest"},
	{"B100 E100 O120:wait X140:1 E150", "guest 20 wait 20; 1*1 kvm 10 max 10 h3=1; guest"},
	{"B100 E100 X110:78 O120:halt/0/0 H140:slept/15/0 E150",
	 "guest 10; 78*1 kvm 20 idle 20 max 20 h4=1; halts*1 15 max 15 h3=1; wakes*1 10 max 10 h3=1; guest"},
	/* and an exit that was not: a halt in the guest's time */
	{"B100 E100 O120:halt/9/0 W130 I140 H150:slept/25/9 E160",
	 "guest 40 idle 10 wait 10; halts*1 25 max 25 h4=1; unpaired 1; guest"},

	/* no time between two events */
	{"B100 E100 X100:7b E100 X100:7b U100:2 E100", "7b*2 h0=2; u2*1; guest"},
	{"B100 E100 X150:7b E151 X160:7b E161", "guest 59; 7b*2 kvm 2 max 1 h0=2; guest"},

	/* backwards by a few ns: the sums come right, a single time is 0 */
	{"B100 E100 X97:7b", "guest -3; 7b*1; kvm/7b"},
	{"B100 E100 X97:7b E110 X120:7b", "guest 7; 7b*2 kvm 13 max 13 h3=1; kvm/7b"},
	{"B100 E100 X150:7b E145 X160:7b E170", "guest 65; 7b*2 kvm 5 max 10 h0=1 h3=1; backwards 1; guest"},
	{"B100 E100 X150:7b U148:2 E149", "guest 50; 7b*1 kvm -2 vmm 1 h0=1; u2*1 1; backwards 1; guest"},
	{"B100 E100 X150:7b U160:2 E155", "guest 50; 7b*1 kvm 10 vmm -5 max 5 h2=1; u2*1 -5; guest"},
	{"B100 E100 Z98", "guest -2; running"},
	{"B100 E100 X110:1 O120:wait I117 E130", "guest 10; 1*1 kvm 23 wait -3 max 23 h4=1; guest"},
	{"B100 E100 X110:78 O108:halt/50/0 W200 I210 H220:slept/90/50 E230",
	 "guest 10; 78*1 kvm 20 poll -2 idle 92 wait 10 max 20 h4=1; halts*1 90 max 90 h6=1; "
	 "wakes*1 30 max 30 h4=1; guest"},

	/* codes of all kinds */
	{"B100 E100 X110:0 E120", "guest 10; 0*1 kvm 10 max 10 h3=1; guest"},
	{"B100 E100 X110:0 E120 X130:0 E141", "guest 20; 0*2 kvm 21 max 11 h3=2; guest"},
	{"B100 E100 X110:ffffffff E120 X130:ffffffff E140", "guest 20; ffffffff*2 kvm 20 max 10 h3=2; guest"},
	{"B100 E100 X110:80000001 E120 X130:f0000000 E140 X150:1 E160",
	 "guest 30; 80000001*1 kvm 10 max 10 h3=1; f0000000*1 kvm 10 max 10 h3=1; 1*1 kvm 10 max 10 h3=1; "
	 "guest"},
	/* the same low bits */
	{"B100 E100 X110:400 E120 X130:0 E140 X150:400 E161 X170:0 E182",
	 "guest 39; 400*2 kvm 21 max 11 h3=2; 0*2 kvm 22 max 12 h3=2; guest"},
	{"B100 E100 X110:ff E120 X130:ffffffff E140 X150:ff E161",
	 "guest 30; ff*2 kvm 21 max 11 h3=2; ffffffff*1 kvm 10 max 10 h3=1; guest"},
	/* VMX */
	{"B100 E100 X110:30 E120 X130:1 E140 X150:30 U155:6 E170",
	 "guest 30; 30*2 kvm 15 vmm 15 max 20 h3=1 h4=1; 1*1 kvm 10 max 10 h3=1; u6*1 15; guest"},
	/* a day */
	{"B100 E100 X86400000000100:78 E172800000000100",
	 "guest 86400000000000; 78*1 kvm 86400000000000 max 86400000000000 h31=1; guest"},
};

static struct vmp_slot slot;

static const char *tell(const char *events, bool fast_first)
{
	const char *p = events;
	uint64_t last = 0;

	while (*p) {
		struct event ev = story_event(&p);

		story_tell(&slot, fast_first, &ev);
		/* who wakes the thread is another: only what is woken_ns may change */
		if (ev.kind != 'W')
			last = ev.now;
		if (*story_broken(&slot, last))
			ck_abort_msg("%s: before \"%s\": %s", events, p, story_broken(&slot, last));
	}
	return story_describe(&slot);
}

START_TEST(told)
{
	const struct story *s = &stories[_i];

	for (int fast_first = 0; fast_first <= 1; fast_first++) {
		const char *got = tell(s->events, fast_first);

		if (strcmp(got, s->want))
			ck_abort_msg("%s (%s):\n#  got  %s\n#  want %s", s->events,
				     fast_first ? "fast first" : "complete", got, s->want);
	}
}
END_TEST

START_TEST(ends)
{
	tell("B90 E100 X150:7b Z160", false);
	ck_assert_uint_eq(slot.first_ns, 90);
	ck_assert_uint_eq(slot.end_ns, 160);
}
END_TEST

/* What tells a KVM that fires entries and exits from one that does not. */
START_TEST(entered)
{
	tell("B100 U110:2 O120:halt/5/5 W130 I140 H150:slept/20/10", false);
	ck_assert_uint_eq(slot.entered, 0);
	tell("B100 E110", false);
	ck_assert_uint_eq(slot.entered, 1);
	tell("B100 X110:7b", false);
	ck_assert_uint_eq(slot.entered, 1);
}
END_TEST

/* What a reader takes to tell poll from kvm in a halt that is not over. */
START_TEST(halting)
{
	tell("B100 E100 X110:78 O170:halt/50/7", false);
	ck_assert_uint_eq(slot.halt_ns, 60);
	ck_assert_uint_eq(slot.poll_ns, 50);
}
END_TEST

/* The codes that find no place are one sum; those that have one keep it. */
START_TEST(too_many_codes)
{
	const uint32_t codes = VMP_EXITS + 40;
	struct event ev = {.kind = 'B', .now = 1000, .code = VMP_RUNNING, .at = ""};

	story_tell(&slot, _i, &ev);
	ev.kind = 'E';
	story_tell(&slot, _i, &ev);
	for (int round = 0; round < 3; round++) {
		for (uint32_t code = 0; code < codes; code++) {
			ev = (struct event){.kind = 'X', .now = ev.now + 3, .code = code * 0x101, .at = ""};
			story_tell(&slot, _i, &ev);
			ck_assert_str_eq(story_broken(&slot, ev.now), "");
			ev = (struct event){.kind = 'E', .now = ev.now + 16, .at = ""};
			story_tell(&slot, _i, &ev);
			ck_assert_str_eq(story_broken(&slot, ev.now), "");
		}
	}
	ck_assert_uint_eq(slot.used, VMP_EXITS);
	for (uint32_t i = 1; i < VMP_EXITS; i++) {
		ck_assert_uint_eq(slot.exit[i].code, (i - 1) * 0x101);
		ck_assert_uint_eq(story_count(&slot, i), 3);
		ck_assert_uint_eq(slot.exit[i].ns[VMP_KVM], 48);
	}
	ck_assert_uint_eq(story_count(&slot, 0), 3 * (codes - (VMP_EXITS - 1)));
	ck_assert_uint_eq(slot.exit[0].ns[VMP_KVM], 16 * story_count(&slot, 0));

	/* code 0 when the table is full of others */
	tell("B100 E100", _i);
	ev.now = 100;
	for (uint32_t code = 1; code < VMP_EXITS; code++) {
		ev.kind = 'X';
		ev.code = code;
		story_tell(&slot, _i, &ev);
		ev.kind = 'E';
		story_tell(&slot, _i, &ev);
	}
	for (int i = 0; i < 2; i++) {
		ev = (struct event){.kind = 'X', .now = ev.now, .at = ""};
		story_tell(&slot, _i, &ev);
		ev = (struct event){.kind = 'E', .now = ev.now + 1, .at = ""};
		story_tell(&slot, _i, &ev);
	}
	ck_assert_uint_eq(story_count(&slot, 0), 2);
	for (uint32_t i = 1; i < VMP_EXITS; i++)
		ck_assert_uint_eq(story_count(&slot, i), 1);
}
END_TEST

/* The usual cases are those of the fast functions: else they save nothing. */
START_TEST(fast_is_taken)
{
	tell("B10", false);
	ck_assert(!ledger_exit_fast(&slot, 50, 0x7b));
	ck_assert(!ledger_exit_fast(&slot, 50, 0));
	ck_assert(!ledger_exit_fast(&slot, 50, ~0U));
	ck_assert(!ledger_entry_fast(&slot, 50));
	ck_assert_uint_eq(slot.since, 10);
	ledger_entry(&slot, 100);
	ck_assert(!ledger_exit_fast(&slot, 110, 0x7b)); /* not seen before */
	ck_assert(!ledger_entry_fast(&slot, 110));
	ledger_exit(&slot, 110, 0x7b);
	ck_assert(!ledger_exit_fast(&slot, 120, 0x7b));
	ck_assert(!ledger_entry_fast(&slot, 120)); /* no bucket to guess yet */
	ledger_entry(&slot, 120);
	for (uint64_t now = 200; now < 1000; now += 100) {
		ck_assert(ledger_exit_fast(&slot, now, 0x7b));
		ck_assert(ledger_entry_fast(&slot, now + 8 + now % 7));
	}
	ck_assert(ledger_exit_fast(&slot, 1000, 0x7b));
	ck_assert(!ledger_entry_fast(&slot, 1016)); /* another bucket */
	ck_assert(!ledger_entry_fast(&slot, 1007));
	ck_assert(!ledger_entry_fast(&slot, 999));
	ck_assert_uint_eq(slot.since, 1000);
	ck_assert_str_eq(story_broken(&slot, 1000), "");
}
END_TEST

/* An exit of which a part is charged is nothing for the fast functions, off the CPU and on it again. */
START_TEST(fast_is_not_taken)
{
	static const char *const told_before[] = {
		"U201:2",
		"O201:wait",
		"O201:sleep",
		"O201:halt/5/0",
		"O200:wait I200",
		"O201:wait I202",
		"O201:sleep W202 I203",
		"O201:halt/5/0 W202 I203",
		"O201:halt/5/0 W202 I203 H204:slept/3/0",
		"H201:polled/1",
		"H201:slept/1/0",
		"U201:2 O202:sleep I203",
		"I201",
	};
	char events[128];

	for (size_t i = 0; i < sizeof(told_before) / sizeof(told_before[0]); i++) {
		struct vmp_slot before;

		snprintf(events, sizeof(events), "B100 E100 X110:7b E120 X200:7b %s", told_before[i]);
		tell(events, true);
		before = slot;
		for (uint64_t ns = 1; ns < 40; ns++) {
			if (ledger_entry_fast(&slot, slot.since + ns))
				ck_abort_msg("%s: a fast entry", events);
			if (ledger_exit_fast(&slot, slot.since + ns, 0x7b))
				ck_abort_msg("%s: a fast exit", events);
		}
		ck_assert_mem_eq(&before, &slot, sizeof(slot));
		/* the next one is usual again */
		ledger_entry(&slot, 300);
		ck_assert(ledger_exit_fast(&slot, 310, 0x7b));
	}
}
END_TEST

/* Back in the guest after it was preempted there, all is as before. */
START_TEST(fast_again)
{
	tell("B100 E100 X110:7b E120 O130:wait", true);
	ck_assert(!ledger_exit_fast(&slot, 140, 0x7b));
	ledger_in(&slot, 150);
	ck_assert(ledger_exit_fast(&slot, 160, 0x7b));
	ck_assert(ledger_entry_fast(&slot, 170));
	ck_assert_str_eq(story_describe(&slot), "guest 30 wait 20; 7b*2 kvm 20 max 10 h3=2; guest");
	tell("B100 E100 X110:7b E120 O130:sleep W140 I150", true);
	ck_assert(ledger_exit_fast(&slot, 160, 0x7b));
}
END_TEST

/* Against the definition: 2^k <= ns < 2^(k+1), 0 with 1, the last has all above. */
START_TEST(buckets)
{
	ck_assert_uint_eq(hist_bucket(0), 0);
	for (uint32_t k = 0; k < 64; k++) {
		uint32_t want = k < VMP_HIST ? k : VMP_HIST - 1;
		uint64_t low = 1ULL << k;

		ck_assert_uint_eq(hist_bucket(low), want);
		ck_assert_uint_eq(hist_bucket(low | (low - 1)), want);
		ck_assert_uint_eq(hist_bucket(low | low >> 1), want);
	}
	ck_assert_uint_eq(hist_bucket(UINT64_MAX), VMP_HIST - 1);
}
END_TEST

/* mode and state, there and back */
START_TEST(modes)
{
	for (uint32_t state = 0; state < VMP_STATES; state++) {
		for (uint32_t place = 0; place < VMP_EXITS; place++) {
			uint32_t mode = VMP_MODE(state, place);

			ck_assert_uint_eq(VMP_MODE_STATE(mode), state);
			ck_assert_uint_eq(VMP_MODE_PLACE(mode), place);
			ck_assert_uint_eq(VMP_MODE_STATE(mode | VMP_MODE_SPLIT), state);
			ck_assert_uint_eq(VMP_MODE_PLACE(mode | VMP_MODE_SPLIT), place);
			/* the one comparison of the fast entry */
			ck_assert_int_eq(mode < VMP_EXITS, state == VMP_KVM);
			ck_assert_uint_ge(mode | VMP_MODE_SPLIT, VMP_EXITS);
		}
	}
}
END_TEST

int main(void)
{
	struct unit u = unit_new("ledger");

	tcase_add_loop_test(u.tcase, told, 0, sizeof(stories) / sizeof(stories[0]));
	UNIT_ADD(u, ends);
	UNIT_ADD(u, entered);
	UNIT_ADD(u, halting);
	tcase_add_loop_test(u.tcase, too_many_codes, 0, 2);
	UNIT_ADD(u, fast_is_taken);
	UNIT_ADD(u, fast_is_not_taken);
	UNIT_ADD(u, fast_again);
	UNIT_ADD(u, buckets);
	UNIT_ADD(u, modes);
	return unit_run(u);
}
