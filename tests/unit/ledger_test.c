// SPDX-License-Identifier: GPL-2.0-only
/*
 * The ledger's state machine: the very code that runs in the kernel.
 *
 * A story is a row of events, each with its time in decimal:
 *   E100       kvm_entry at 100 ns
 *   X150:7b    kvm_exit at 150 ns with the code 0x7b
 *   U160:2     kvm_userspace_exit at 160 ns, place 2
 *   Z200       the thread ends at 200 ns
 * and what the slot then holds, all that is not 0:
 *   guest 50   ns in the guest
 *   7b*1       exits of the code, as a reader counts them; then its ns in kvm and
 *              vmm, the maximum, and hK=N for N handling times in bucket K
 *   u2*1 40    exits to user space by place, and their ns in the VMM
 * "other" is the sum of what has no place of its own; the open state is open/CODE.
 * Each story is told to the complete functions, and to the fast ones first, as
 * the hooks do; after each event the ledger must balance.
 */
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "../../bpf/ledger.bpf.h"
#include "unit.h"

enum how { COMPLETE, FAST_FIRST };

static struct vmp_slot slot;

static void event(struct vmp_slot *s, enum how how, char kind, uint64_t now, uint32_t code)
{
	switch (kind) {
	case 'E':
		if (how == COMPLETE || !ledger_entry_fast(s, now))
			ledger_entry(s, now);
		break;
	case 'X':
		if (how == COMPLETE || !ledger_exit_fast(s, now, code))
			ledger_exit(s, now, code);
		break;
	case 'U':
		ledger_userspace(s, now, code);
		break;
	case 'Z':
		ledger_end(s, now);
		break;
	default:
		ck_abort_msg("no such event: %c", kind);
	}
}

static bool open_exit(const struct vmp_slot *s)
{
	return VMP_MODE_STATE(s->mode) == VMP_KVM || VMP_MODE_STATE(s->mode) == VMP_VMM;
}

/* Exits of one place, as a reader of the slot counts them. */
static uint64_t count_of(const struct vmp_slot *s, uint32_t place)
{
	const struct vmp_exit *e = &s->exit[place];
	uint64_t n = e->count + (open_exit(s) && VMP_MODE_PLACE(s->mode) == place);

	for (int k = 0; k < VMP_HIST; k++)
		n += e->hist[k];
	return n;
}

static uint64_t balance(const struct vmp_slot *s)
{
	uint64_t sum = s->guest_ns;

	for (int i = 0; i < VMP_EXITS; i++)
		for (int k = 0; k < VMP_STATES; k++)
			sum += s->exit[i].ns[k];
	return sum;
}

/* Empty if what must hold of any slot at any time holds; else what does not. */
static const char *broken(const struct vmp_slot *s, uint64_t now)
{
	uint64_t vmm = 0, uexits = 0;

	if (s->begin != now || s->since != now)
		return "begin and since are not the event's time";
	if (balance(s) != (s->first_ns ? now - s->first_ns : 0))
		return "the states do not add up to the time observed";
	if (s->used < 1 || s->used > VMP_EXITS)
		return "used is out of range";
	if (s->exit[0].code != VMP_CODE_OTHER)
		return "exit[0] is not \"other\"";
	for (uint32_t i = s->used; i < VMP_EXITS; i++)
		if (count_of(s, i) || s->exit[i].max_ns)
			return "a place that is not taken has counts";
	for (int i = 0; i < VMP_EXITS; i++)
		vmm += s->exit[i].ns[VMP_VMM];
	for (int i = 0; i < VMP_UEXITS; i++)
		uexits += s->uexits[i].ns;
	if (vmm != uexits)
		return "the VMM's time by exit and by user-space exit differ";
	return "";
}

static void append(char *text, size_t size, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void append(char *text, size_t size, const char *fmt, ...)
{
	size_t n = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + n, size - n, fmt, ap);
	va_end(ap);
}

static void code_name(const struct vmp_slot *s, uint32_t place, char name[24])
{
	if (place)
		snprintf(name, 24, "%llx", (unsigned long long)s->exit[place].code);
	else
		snprintf(name, 24, "other");
}

/* All that the slot holds, as the stories have it. */
static const char *describe(const struct vmp_slot *s)
{
	static const char *const states[] = {"guest", "kvm", "vmm", "?", "?", "?", "?", "none"};
	static char text[16384];
	const char *sep = "";
	char name[24];

	text[0] = '\0';
	if (s->guest_ns) {
		append(text, sizeof(text), "guest %lld", (long long)s->guest_ns);
		sep = "; ";
	}
	for (uint32_t i = 0; i < VMP_EXITS; i++) {
		const struct vmp_exit *e = &s->exit[i];

		if (!count_of(s, i) && !e->ns[VMP_KVM] && !e->ns[VMP_VMM])
			continue;
		code_name(s, i, name);
		append(text, sizeof(text), "%s%s*%llu", sep, name, (unsigned long long)count_of(s, i));
		if (e->ns[VMP_KVM])
			append(text, sizeof(text), " kvm %lld", (long long)e->ns[VMP_KVM]);
		if (e->ns[VMP_VMM])
			append(text, sizeof(text), " vmm %lld", (long long)e->ns[VMP_VMM]);
		if (e->max_ns)
			append(text, sizeof(text), " max %llu", (unsigned long long)e->max_ns);
		for (int k = 0; k < VMP_HIST; k++)
			if (e->hist[k])
				append(text, sizeof(text), " h%d=%llu", k, (unsigned long long)e->hist[k]);
		sep = "; ";
	}
	for (int i = 0; i < VMP_UEXITS; i++) {
		if (!s->uexits[i].count && !s->uexits[i].ns)
			continue;
		append(text, sizeof(text), "%su%d*%llu", sep, i, (unsigned long long)s->uexits[i].count);
		if (s->uexits[i].ns)
			append(text, sizeof(text), " %lld", (long long)s->uexits[i].ns);
		sep = "; ";
	}
	if (s->unpaired) {
		append(text, sizeof(text), "%sunpaired %llu", sep, (unsigned long long)s->unpaired);
		sep = "; ";
	}
	if (s->backwards) {
		append(text, sizeof(text), "%sbackwards %llu", sep, (unsigned long long)s->backwards);
		sep = "; ";
	}
	append(text, sizeof(text), "%s%s", sep, states[VMP_MODE_STATE(s->mode) & 7]);
	if (open_exit(s)) {
		code_name(s, VMP_MODE_PLACE(s->mode), name);
		append(text, sizeof(text), "/%s", name);
	}
	return text;
}

struct story {
	const char *events, *want;
};

static const struct story stories[] = {
	/* the usual life */
	{"", "none"},
	{"E100", "guest"},
	{"E100 X150:7b", "guest 50; 7b*1; kvm/7b"},
	{"E100 X150:7b E180", "guest 50; 7b*1 kvm 30 max 30 h4=1; guest"},
	{"E100 X150:7b U160:2", "guest 50; 7b*1 kvm 10; u2*1; vmm/7b"},
	{"E100 X150:7b U160:2 E200", "guest 50; 7b*1 kvm 10 vmm 40 max 50 h5=1; u2*1 40; guest"},
	{"E100 X150:7b E180 X200:72 U210:2 E400 Z500",
	 "guest 170; 7b*1 kvm 30 max 30 h4=1; 72*1 kvm 10 vmm 190 max 200 h7=1; u2*1 190; none"},
	{"E100 X150:7b E180 X200:7b E210 X300:7b E345",
	 "guest 160; 7b*3 kvm 85 max 45 h3=1 h4=1 h5=1; guest"},
	{"E100 X110:1 E120 X130:2 E140 X150:1 E160",
	 "guest 30; 1*2 kvm 20 max 10 h3=2; 2*1 kvm 10 max 10 h3=1; guest"},
	/* the maximum is the longest, not the last */
	{"E100 X110:1 E150 X160:1 E165", "guest 20; 1*2 kvm 45 max 40 h2=1 h5=1; guest"},

	/* what began before we looked is dropped */
	{"X50:7b", "none"},
	{"X50:7b E100", "guest"},
	{"X50:7b X60:72 E100 X150:7b", "guest 50; 7b*1; kvm/7b"},
	{"U50:2", "u2*1; none"},
	{"U50:2 E100 X110:7b", "guest 10; 7b*1; u2*1; kvm/7b"},
	{"X40:7b U50:2 U60:62 E100", "u2*1; u62*1; guest"},
	{"Z50", "none"},
	{"X40:7b Z50", "none"},

	/* a second exit: the first was ended by no entry, but it was an exit and took its time */
	{"E100 X150:7b X160:72", "guest 50; 7b*1 kvm 10; 72*1; unpaired 1; kvm/72"},
	{"E100 X150:7b X160:7b E165", "guest 50; 7b*2 kvm 15 max 5 h2=1; unpaired 1; guest"},
	{"E100 X150:7b U155:2 X160:72 E170",
	 "guest 50; 7b*1 kvm 5 vmm 5; 72*1 kvm 10 max 10 h3=1; u2*1 5; unpaired 1; guest"},
	{"E100 X150:7b X160:7b X170:7b E180", "guest 50; 7b*3 kvm 30 max 10 h3=1; unpaired 2; guest"},

	/* a second entry: its exit was never told, the guest's time goes on */
	{"E100 E150", "guest 50; unpaired 1; guest"},
	{"E100 E150 E170 X180:1", "guest 80; 1*1; unpaired 2; kvm/1"},

	/* to user space in each state; KVM_RUN again and again is the same exit */
	{"E100 X150:7b U160:2 U200:62 E300",
	 "guest 50; 7b*1 kvm 10 vmm 140 max 150 h7=1; u2*1 40; u62*1 100; guest"},
	{"E100 X150:7b U160:2 U200:2 U210:2 E300",
	 "guest 50; 7b*1 kvm 10 vmm 140 max 150 h7=1; u2*3 140; guest"},
	/* an entry that failed: no exit, its time stands under "other" */
	{"E100 U120:9", "guest 20; u9*1; unpaired 1; vmm/other"},
	{"E100 U120:9 E200", "guest 20; other*0 vmm 80 max 80 h6=1; u9*1 80; unpaired 1; guest"},
	/* all places, the last three are ours */
	{"E100 X110:1 U120:0 E130 X140:1 U150:61 E160 X170:1 U180:63 E190",
	 "guest 30; 1*3 kvm 30 vmm 30 max 20 h4=3; u0*1 10; u61*1 10; u63*1 10; guest"},

	/* the thread ends in each state */
	{"E100 Z150", "guest 50; none"},
	{"E100 X150:7b Z160", "guest 50; 7b*1 kvm 10; none"},
	{"E100 X150:7b U160:2 Z200", "guest 50; 7b*1 kvm 10 vmm 40; u2*1 40; none"},

	/* no time between two events */
	{"E100 X100:7b E100 X100:7b U100:2 E100", "7b*2 h0=2; u2*1; guest"},
	{"E100 X150:7b E151 X160:7b E161", "guest 59; 7b*2 kvm 2 max 1 h0=2; guest"},

	/* backwards by a few ns: the sums come right, a single time is 0 */
	{"E100 X97:7b", "guest -3; 7b*1; kvm/7b"},
	{"E100 X97:7b E110 X120:7b", "guest 7; 7b*2 kvm 13 max 13 h3=1; kvm/7b"},
	{"E100 X150:7b E145 X160:7b E170", "guest 65; 7b*2 kvm 5 max 10 h0=1 h3=1; backwards 1; guest"},
	{"E100 X150:7b U148:2 E149", "guest 50; 7b*1 kvm -2 vmm 1 h0=1; u2*1 1; backwards 1; guest"},
	{"E100 X150:7b U160:2 E155", "guest 50; 7b*1 kvm 10 vmm -5 max 5 h2=1; u2*1 -5; guest"},
	{"E100 Z98", "guest -2; none"},

	/* codes of all kinds */
	{"E100 X110:0 E120", "guest 10; 0*1 kvm 10 max 10 h3=1; guest"},
	{"E100 X110:0 E120 X130:0 E141", "guest 20; 0*2 kvm 21 max 11 h3=2; guest"},
	{"E100 X110:ffffffff E120", "guest 10; ffffffff*1 kvm 10 max 10 h3=1; guest"},
	{"E100 X110:ffffffff E120 X130:ffffffff E140", "guest 20; ffffffff*2 kvm 20 max 10 h3=2; guest"},
	{"E100 X110:80000001 E120 X130:f0000000 E140 X150:1 E160",
	 "guest 30; 80000001*1 kvm 10 max 10 h3=1; f0000000*1 kvm 10 max 10 h3=1; 1*1 kvm 10 max 10 h3=1; "
	 "guest"},
	/* the same low bits */
	{"E100 X110:400 E120 X130:0 E140 X150:400 E161 X170:0 E182",
	 "guest 39; 400*2 kvm 21 max 11 h3=2; 0*2 kvm 22 max 12 h3=2; guest"},
	{"E100 X110:403 E120 X130:3 E140 X150:403 E161 X170:3 E182",
	 "guest 39; 403*2 kvm 21 max 11 h3=2; 3*2 kvm 22 max 12 h3=2; guest"},
	{"E100 X110:ff E120 X130:ffffffff E140 X150:ff E161",
	 "guest 30; ff*2 kvm 21 max 11 h3=2; ffffffff*1 kvm 10 max 10 h3=1; guest"},
	/* VMX */
	{"E100 X110:30 E120 X130:1 E140 X150:30 U155:6 E170",
	 "guest 30; 30*2 kvm 15 vmm 15 max 20 h3=1 h4=1; 1*1 kvm 10 max 10 h3=1; u6*1 15; guest"},
	/* PVM */
	{"E100 X110:10000 E120 X130:50000 E140",
	 "guest 20; 10000*1 kvm 10 max 10 h3=1; 50000*1 kvm 10 max 10 h3=1; guest"},
	/* a day */
	{"E100 X86400000000100:78 E172800000000100",
	 "guest 86400000000000; 78*1 kvm 86400000000000 max 86400000000000 h31=1; guest"},
};

static const char *tell(const struct story *story, enum how how)
{
	const char *p = story->events;

	memset(&slot, 0, sizeof(slot));
	ledger_init(&slot, 1);
	while (*p) {
		unsigned long long now;
		unsigned int code = 0;
		char kind = *p;
		int n = 0;

		if (sscanf(p + 1, "%llu%n", &now, &n) != 1)
			ck_abort_msg("bad story at: %s", p);
		p += 1 + n;
		if (*p == ':') {
			n = 0;
			if (sscanf(p, kind == 'U' ? ":%u%n" : ":%x%n", &code, &n) != 1)
				ck_abort_msg("bad story at: %s", p);
			p += n;
		}
		event(&slot, how, kind, now, code);
		if (*broken(&slot, now))
			ck_abort_msg("%s: before \"%s\": %s", story->events, p, broken(&slot, now));
		while (*p == ' ')
			p++;
	}
	return describe(&slot);
}

START_TEST(told)
{
	const struct story *s = &stories[_i];

	for (enum how how = COMPLETE; how <= FAST_FIRST; how++) {
		const char *got = tell(s, how);

		if (strcmp(got, s->want))
			ck_abort_msg("%s (%s):\n#  got  %s\n#  want %s", s->events,
				     how ? "fast first" : "complete", got, s->want);
	}
}
END_TEST

START_TEST(ends)
{
	tell(&(struct story){"E100 X150:7b Z160", ""}, COMPLETE);
	ck_assert_uint_eq(slot.end_ns, 160);
	ck_assert_uint_eq(slot.first_ns, 100);
	tell(&(struct story){"X50:7b Z60", ""}, COMPLETE);
	ck_assert_uint_eq(slot.end_ns, 60);
	ck_assert_uint_eq(slot.first_ns, 0);
}
END_TEST

/* The codes that find no place are one sum; those that have one keep it. */
START_TEST(too_many_codes)
{
	for (enum how how = COMPLETE; how <= FAST_FIRST; how++) {
		const uint32_t codes = VMP_EXITS + 40;
		uint64_t now = 1000;

		memset(&slot, 0, sizeof(slot));
		ledger_init(&slot, 1);
		event(&slot, how, 'E', now, 0);
		for (int round = 0; round < 3; round++) {
			for (uint32_t code = 0; code < codes; code++) {
				event(&slot, how, 'X', now += 3, code * 0x101);
				ck_assert_str_eq(broken(&slot, now), "");
				event(&slot, how, 'E', now += 16, 0);
				ck_assert_str_eq(broken(&slot, now), "");
			}
		}
		ck_assert_uint_eq(slot.used, VMP_EXITS);
		for (uint32_t i = 1; i < VMP_EXITS; i++) {
			ck_assert_uint_eq(slot.exit[i].code, (i - 1) * 0x101);
			ck_assert_uint_eq(count_of(&slot, i), 3);
			ck_assert_uint_eq(slot.exit[i].ns[VMP_KVM], 48);
		}
		ck_assert_uint_eq(count_of(&slot, 0), 3 * (codes - (VMP_EXITS - 1)));
		ck_assert_uint_eq(slot.exit[0].ns[VMP_KVM], 16 * count_of(&slot, 0));
		ck_assert_uint_eq(slot.exit[0].code, VMP_CODE_OTHER);
		/* code 0 when the table is full of others */
		memset(&slot, 0, sizeof(slot));
		ledger_init(&slot, 1);
		event(&slot, how, 'E', 100, 0);
		for (uint32_t code = 1; code < VMP_EXITS; code++) {
			event(&slot, how, 'X', 100, code);
			event(&slot, how, 'E', 100, 0);
		}
		for (int i = 0; i < 2; i++) {
			event(&slot, how, 'X', 100, 0);
			event(&slot, how, 'E', 101, 0);
		}
		ck_assert_uint_eq(count_of(&slot, 0), 2);
		for (uint32_t i = 1; i < VMP_EXITS; i++)
			ck_assert_uint_eq(count_of(&slot, i), 1);
	}
}
END_TEST

/* The usual cases are those of the fast functions: else they save nothing. */
START_TEST(fast_is_taken)
{
	memset(&slot, 0, sizeof(slot));
	ledger_init(&slot, 1);
	ck_assert(!ledger_exit_fast(&slot, 50, 0x7b));
	ck_assert(!ledger_exit_fast(&slot, 50, 0));
	ck_assert(!ledger_exit_fast(&slot, 50, ~0U));
	ck_assert(!ledger_entry_fast(&slot, 50));
	ck_assert_uint_eq(slot.since, 1);
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
	ledger_userspace(&slot, 1001, 2);
	ck_assert(!ledger_entry_fast(&slot, 1009)); /* not KVM's alone */
	ck_assert(!ledger_exit_fast(&slot, 1009, 0x7b));
	ck_assert_str_eq(broken(&slot, 1001), "");
}
END_TEST

/* A generator of our own: the same events on every machine (xorshift64). */
static uint64_t seed;

static uint64_t random_below(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

static uint32_t random_code(void)
{
	static const uint32_t odd[] = {0,    0xff,       0x100,      0x400, 0x403,  3,
				       0x7b, 0x80000001, 0xf0000000, ~0U,   ~0U - 1};

	switch (random_below(16)) {
	case 0: /* rare ones, more than there are places */
		return (uint32_t)random_below(500);
	case 1:
	case 2:
	case 3:
		return odd[random_below(sizeof(odd) / sizeof(odd[0]))];
	default:
		return 0x70 + (uint32_t)random_below(6);
	}
}

static uint64_t random_step(void)
{
	switch (random_below(20)) {
	case 0:
		return -random_below(9);
	case 1:
		return 0;
	case 2:
		return 1ULL << random_below(40);
	default:
		return 1000 + random_below(1500);
	}
}

/* What the kernel side should have counted, kept the simple way. */
struct tally {
	uint32_t codes[VMP_EXITS];
	uint64_t exits[VMP_EXITS];
	uint64_t userspace[VMP_UEXITS];
	uint32_t used;
};

static void tally_exit(struct tally *t, uint32_t code)
{
	uint32_t i = 1;

	while (i < t->used && t->codes[i] != code)
		i++;
	if (i == t->used && t->used < VMP_EXITS)
		t->codes[t->used++] = code;
	t->exits[i < VMP_EXITS ? i : 0]++;
}

/*
 * Long lives of any order: the fast functions and the complete ones leave the
 * same slot behind each event, byte for byte, and each exit is counted once.
 */
START_TEST(random_lives)
{
	static struct vmp_slot fast;
	static struct tally t;
	uint64_t now = 1000000, first = (uint64_t)_i * 0x9e3779b97f4a7c15 + 1;
	bool entered = false;
	char kind = 'E';

	seed = first;
	memset(&t, 0, sizeof(t));
	t.used = 1;
	memset(&slot, 0, sizeof(slot));
	memset(&fast, 0, sizeof(fast));
	ledger_init(&slot, 1);
	ledger_init(&fast, 1);
	for (int n = 0; n < 4000; n++) {
		uint32_t code = 0;

		/* mostly in order */
		if (random_below(10) == 0)
			kind = "EXU"[random_below(3)];
		else if (kind == 'X' && random_below(3) == 0)
			kind = 'U';
		else
			kind = kind == 'E' ? 'X' : 'E';
		if (n == 3999)
			kind = 'Z';
		now += random_step();
		if (kind == 'X') {
			code = random_code();
			if (entered)
				tally_exit(&t, code);
		} else if (kind == 'U') {
			code = (uint32_t)random_below(VMP_UEXITS);
			t.userspace[code]++;
		} else {
			entered = true;
		}
		event(&slot, COMPLETE, kind, now, code);
		event(&fast, FAST_FIRST, kind, now, code);
		if (*broken(&slot, now))
			ck_abort_msg("seed %#llx, event %d: %s", (unsigned long long)first, n,
				     broken(&slot, now));
		if (memcmp(&slot, &fast, sizeof(slot)))
			ck_abort_msg("seed %#llx, event %d (%c): the fast functions leave another slot",
				     (unsigned long long)first, n, kind);
	}
	for (uint32_t i = 0; i < VMP_EXITS; i++) {
		if (count_of(&slot, i) != t.exits[i] || (i && i < t.used && slot.exit[i].code != t.codes[i]))
			ck_abort_msg("seed %#llx, place %u: %llu exits of %llx, want %llu of %x",
				     (unsigned long long)first, i, (unsigned long long)count_of(&slot, i),
				     (unsigned long long)slot.exit[i].code, (unsigned long long)t.exits[i],
				     t.codes[i]);
	}
	for (int i = 0; i < VMP_UEXITS; i++)
		ck_assert_uint_eq(slot.uexits[i].count, t.userspace[i]);
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
	for (uint32_t state = 0; state <= VMP_NONE; state++) {
		for (uint32_t place = 0; place < VMP_EXITS; place++) {
			uint32_t mode = VMP_MODE(state, place);

			ck_assert_uint_eq(VMP_MODE_STATE(mode), state);
			ck_assert_uint_eq(VMP_MODE_PLACE(mode), place);
			/* the one comparison of the fast entry */
			ck_assert_int_eq(mode < VMP_EXITS, state == VMP_KVM);
		}
	}
}
END_TEST

int main(void)
{
	struct unit u = unit_new("ledger");

	tcase_add_loop_test(u.tcase, told, 0, sizeof(stories) / sizeof(stories[0]));
	UNIT_ADD(u, ends);
	UNIT_ADD(u, too_many_codes);
	UNIT_ADD(u, fast_is_taken);
	tcase_add_loop_test(u.tcase, random_lives, 0, 50);
	UNIT_ADD(u, buckets);
	UNIT_ADD(u, modes);
	return unit_run(u);
}
