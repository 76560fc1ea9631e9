// SPDX-License-Identifier: GPL-2.0-only
/*
 * Samples of guests that spin at known addresses, both ways at once.
 *
 * profile_test [BINS [WAY [N [WORD]]]]: where spinguest and kvmguest are ("" in PATH), the way
 * that must be the best one here ("summed", "ring"), how many samples a test takes,
 * only the tests with WORD in their names.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "probe/features.h"
#include "probe/privilege.h"
#include "probe/sampling.h"
#include "rig.h"

#define HOT    0x401000ULL /* three of four turns */
#define COLD   0x402000ULL
#define KERNEL 0xffffffff80402000ULL /* what COLD is, in a guest's kernel */
#define SPREAD 0x1000ULL             /* a function, and nothing else */
#define FEW    500                   /* who asks for fewer samples has a slow machine */

/* Neither divides the other, nor is a multiple of any tick: no sample is bound to hit what another hits. */
static const uint32_t freqs[] = {997, 1009};

static const char *bins = "", *best = "";
static uint64_t enough = 2000;
static struct pmus *pmus;
static bool no_summed;

struct guest {
	pid_t pid;
	int in;
};

static struct guest start(const char *program, const char *const *args)
{
	struct guest g = {-1, -1};
	int in[2], out[2];
	char path[4096], line[256] = "";
	const char *argv[16] = {program};

	for (size_t i = 0; args[i]; i++)
		argv[i + 1] = args[i];
	snprintf(path, sizeof(path), "%s%s%s", bins, *bins ? "/" : "", program);
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC)) {
		wrong("no pipe: %s", strerror(errno));
		return g;
	}
	g.pid = fork();
	if (!g.pid) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execvp(path, (char *const *)argv);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	g.in = in[1];
	if (read(out[0], line, sizeof(line) - 1) <= 0 || strncmp(line, "ready", 5))
		wrong("%s does not start", program);
	/* what else it prints is small: the pipe takes it, for as long as this process lives */
	return g;
}

static void end(struct guest g)
{
	int status;

	close(g.in);
	if (g.pid > 0 && (waitpid(g.pid, &status, 0) != g.pid || !WIFEXITED(status) || WEXITSTATUS(status)))
		wrong("a guest ended badly");
}

/* Its modes and functions are known: see HOT and COLD. */
static struct guest start_spinner(void)
{
#ifdef __x86_64__
	static const char *const args[] = {"--user", "hot@0x401000=3", "cold@0x402000=1", NULL};

	return start("spinguest", args);
#else
	static const char *const args[] = {"--rounds", "0", "spin=100000000", NULL};

	return start("kvmguest", args);
#endif
}

/* Half of its time is the kernel's and the VMM's. */
static struct guest start_busy_vmm(void)
{
#ifdef __x86_64__
	static const char *const args[] = {"--rounds", "0", "--slow-ns", "2000", "io=100000", NULL};
#else
	static const char *const args[] = {"--rounds", "0", "--slow-ns", "2000", "mmiow=100000", NULL};
#endif
	return start("kvmguest", args);
}

/* What one way found. */
struct found {
	uint64_t n, period, modes[VMP_HIT_MODES], hot, cold, kernel, stacks, deep;
	uint32_t hits;
	pid_t want;
	uint64_t foreign;
};

static void on_hit(const struct sampling_hit *h, void *arg)
{
	struct found *f = arg;

	f->hits++;
	f->n += h->sum.samples;
	f->period += h->sum.period;
	f->modes[h->at.mode & 3] += h->sum.samples;
	if (h->at.mode >= VMP_HIT_MODES || !h->sum.samples)
		wrong("a hit in mode %u with %llu samples", h->at.mode, (unsigned long long)h->sum.samples);
	if (h->at.mode >= VMP_HIT_GUEST_SYS && h->at.ip - HOT < SPREAD)
		f->hot += h->sum.samples;
	if (h->at.mode >= VMP_HIT_GUEST_SYS && h->at.ip - COLD < SPREAD)
		f->cold += h->sum.samples;
	if (h->at.mode >= VMP_HIT_GUEST_SYS && h->at.ip - KERNEL < SPREAD)
		f->kernel += h->sum.samples;
	if ((pid_t)h->at.tgid != f->want)
		f->foreign += h->sum.samples;
	if (h->nstack) {
		f->stacks += h->sum.samples;
		if (h->nstack > 4)
			f->deep += h->sum.samples;
	}
}

static bool take_one(uint32_t pid, uint64_t start_ns, const char *comm, void *arg)
{
	(void)start_ns, (void)comm;
	return (pid_t)pid == *(const pid_t *)arg;
}

static struct sampling *open_way(enum sampling_way way, const struct sampling_options *more)
{
	struct sampling_options o = more ? *more : (struct sampling_options){0};
	struct sampling *s;
	char why[300];

	o.pmus = pmus;
	o.way = way;
	if (!o.freq)
		o.freq = freqs[way == SAMPLING_RING];
	if (sampling_open(&o, &s, why, sizeof(why)))
		wrong("cannot open way %d: %s", way, why);
	return s;
}

static void look(struct sampling *s, pid_t pid)
{
	int err = sampling_look(s, take_one, NULL, &pid);

	if (err)
		wrong("cannot look for VMs: %s", strerror(-err));
}

static void take_in(struct sampling *s, struct found *f)
{
	int err = sampling_read(s, on_hit, f);

	if (err)
		wrong("cannot read: %s", strerror(-err));
}

/* Both at once, for as long as each needs to have enough; b: NULL, only one. */
static void sample(struct sampling *a, struct found *fa, struct sampling *b, struct found *fb)
{
	time_t limit = time(NULL) + 100; /* for a test that fails */

	if (sampling_start(a) || (b && sampling_start(b)))
		wrong("cannot start: %s", strerror(errno));
	while ((fa->n < enough || (b && fb->n < enough)) && !wrong_yet() && time(NULL) < limit) {
		/* no descriptor tells of so few samples */
		poll(NULL, 0, 20);
		take_in(a, fa);
		if (b)
			take_in(b, fb);
	}
	sampling_stop(a);
	if (b)
		sampling_stop(b);
	take_in(a, fa);
	if (b)
		take_in(b, fb);
	if (fa->n < enough || (b && fb->n < enough))
		wrong("only %llu and %llu samples", (unsigned long long)fa->n,
		      (unsigned long long)(b ? fb->n : 0));
}

/*
 * Whether two shares may be one: the difference of two binomial shares has the
 * variance p (1 - p) (1/n + 1/m); 4.5 times its root is passed once in 150,000
 * runs.  One is added to each count, so that a mode that hardly ever was there has
 * a variance, too.
 */
static void same_share(const char *what, uint64_t k, uint64_t n, uint64_t l, uint64_t m)
{
	double p = (double)(k + l + 1) / (double)(n + m + 2),
	       d = (double)k / (double)n - (double)l / (double)m;

	tap_note("%s: %llu of %llu, %llu of %llu", what, (unsigned long long)k, (unsigned long long)n,
		 (unsigned long long)l, (unsigned long long)m);
	if (d * d > 4.5 * 4.5 * p * (1 - p) * (1 / (double)n + 1 / (double)m))
		wrong("%s: %llu of %llu is not the share of %llu of %llu", what, (unsigned long long)k,
		      (unsigned long long)n, (unsigned long long)l, (unsigned long long)m);
}

/*
 * What all samples weigh is the CPU's time of one guest in the same seconds, or its
 * cycles.  How many of them hit it has, at most, the variance of a Poisson count.
 */
static void same_weight(const struct found *a, const struct found *b)
{
	double d = (double)a->period / (double)b->period - 1;

	tap_note("weight: %llu, %llu", (unsigned long long)a->period, (unsigned long long)b->period);
	if (d * d > 4.5 * 4.5 * (1 / (double)a->n + 1 / (double)b->n))
		wrong("the samples weigh %llu in one way, %llu in the other", (unsigned long long)a->period,
		      (unsigned long long)b->period);
}

/* A share that is known, in parts of 4; see same_share(). */
static void share_is(const char *what, uint64_t k, uint64_t n, unsigned int quarters)
{
	double p = quarters / 4.0, d = n ? (double)k / (double)n - p : 1;

	tap_note("%s: %llu of %llu", what, (unsigned long long)k, (unsigned long long)n);
	if (!n || d * d > 4.5 * 4.5 * p * (1 - p) / (double)n)
		wrong("%s: %llu of %llu is not %u of 4", what, (unsigned long long)k, (unsigned long long)n,
		      quarters);
}

/* A process that is no VM, and busy. */
static pid_t start_hog(void)
{
	pid_t pid = fork();

	if (!pid)
		for (;;)
			__asm__ volatile("");
	return pid;
}

static void end_hog(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void check_one(struct sampling *s, const struct found *f)
{
	expect("samples of others", f->foreign, 0);
	expect("samples lost", sampling_lost(s), 0);
	if (f->modes[VMP_HIT_GUEST_SYS] + f->modes[VMP_HIT_GUEST_USER] < f->n / 2)
		wrong("hardly any sample hit the guest");
#ifdef __x86_64__
	expect("in the guest's kernel", f->modes[VMP_HIT_GUEST_SYS], 0);
	share_is("hot", f->hot, f->hot + f->cold, 3);
#else
	expect("in the guest's user space", f->modes[VMP_HIT_GUEST_USER], 0);
#endif
}

static void both_ways(void)
{
	struct guest g = start_spinner();
	pid_t hog = start_hog();
	struct sampling *ring = open_way(SAMPLING_RING, NULL), *summed = open_way(SAMPLING_SUMMED, NULL);
	struct found fr = {.want = g.pid}, fs = {.want = g.pid};

	if (ring && summed) {
		look(ring, g.pid);
		look(summed, g.pid);
		sample(ring, &fr, summed, &fs);
		tap_note("%u hits of %llu samples", fs.hits, (unsigned long long)fs.n);
		check_one(ring, &fr);
		check_one(summed, &fs);
		for (int m = 0; m < VMP_HIT_MODES; m++) {
			static const char *const names[] = {"sys", "user", "guest sys", "guest user"};

			same_share(names[m], fr.modes[m], fr.n, fs.modes[m], fs.n);
		}
		same_share("hot", fr.hot, fr.n, fs.hot, fs.n);
		same_weight(&fr, &fs);
	}
	sampling_close(ring);
	sampling_close(summed);
	end_hog(hog);
	end(g);
}

static void one_way(enum sampling_way way)
{
	struct guest g = start_spinner();
	pid_t hog = start_hog();
	struct sampling *s = open_way(way, NULL);
	struct found f = {.want = g.pid};

	if (s) {
		look(s, g.pid);
		sample(s, &f, NULL, NULL);
		check_one(s, &f);
	}
	sampling_close(s);
	end_hog(hog);
	end(g);
}

static void ring_alone(void)
{
	one_way(SAMPLING_RING);
}

static void the_best(void)
{
	struct sampling *s = open_way(SAMPLING_BEST, NULL);
	const struct sampling_info *i;

	if (!s)
		return;
	i = sampling_info(s);
	tap_note("%s, %s%s%s", i->event, i->way == SAMPLING_RING ? "ring" : "summed", *i->why ? ": " : "",
		 i->why);
	if (*best && (i->way == SAMPLING_RING) != !strcmp(best, "ring"))
		wrong("the best way is not %s", best);
	if (*best && (i->way == SAMPLING_RING) != !!strstr(i->why, "not summed"))
		wrong("it does not say why: %s", i->why);
	if (strcmp(i->event, "cycles") &&
	    (strcmp(i->event, "cpu-clock") || !strstr(i->why, "instead of cycles")))
		wrong("%s, and it does not say why: %s", i->event, i->why);
#ifdef __aarch64__
	/* these machines have a PMU */
	expect("cycles", (uint64_t)strcmp(i->event, "cycles"), 0);
#endif
	expect("a descriptor to wait for", sampling_fd(s) >= 0, i->way == SAMPLING_RING);
	sampling_close(s);
}

static bool before(int major, int minor)
{
	struct utsname u;
	int a, b;

	return !uname(&u) && sscanf(u.release, "%d.%d", &a, &b) == 2 &&
	       (a < major || (a == major && b < minor));
}

/* The privilege level of the guest: a part of its turns is its kernel's. */
static void guest_modes(void)
{
	static const char *const args[] = {"--mixed", "hot@0x401000=3", "cold@0xffffffff80402000=1", NULL};
	struct guest g = start("spinguest", args);
	struct sampling *ring = open_way(SAMPLING_RING, NULL);
	struct sampling *summed = no_summed ? NULL : open_way(SAMPLING_SUMMED, NULL);
	struct found fr = {.want = g.pid}, fs = {.want = g.pid};

	if (ring)
		look(ring, g.pid);
	if (summed)
		look(summed, g.pid);
	if (!wrong_yet())
		sample(ring, &fr, summed, &fs);
	if (!wrong_yet()) {
		/* by address: the way from one to the other is its kernel's, too */
		share_is("user space", fr.hot, fr.hot + fr.kernel, 3);
		/* 6.1's KVM tells perf another mode than the sample's, 6.12's does not */
		if (!before(6, 12)) {
			if (fr.modes[VMP_HIT_GUEST_SYS] < fr.n / 10)
				wrong("hardly any sample in the guest's kernel");
			if (fr.hot > fr.modes[VMP_HIT_GUEST_USER])
				wrong("its user space's function was sampled in its kernel");
		}
		if (summed)
			for (int m = 0; m < VMP_HIT_MODES; m++)
				same_share(m == VMP_HIT_GUEST_SYS ? "guest sys" : "mode", fr.modes[m], fr.n,
					   fs.modes[m], fs.n);
	}
	sampling_close(ring);
	sampling_close(summed);
	end(g);
}

/* Of two guests the one that is taken; then the other one. */
static void taken_one(enum sampling_way way)
{
	struct guest a = start_spinner(), b = start_spinner();
	struct sampling *s = open_way(way, NULL);
	struct found fa = {.want = a.pid}, fb = {.want = b.pid}, between = {0};

	if (s) {
		look(s, a.pid);
		sample(s, &fa, NULL, NULL);
		look(s, b.pid);
		/* what was sampled up to then */
		take_in(s, &between);
		sample(s, &fb, NULL, NULL);
		expect("of the second, before", fa.foreign, 0);
		expect("of the first, after", fb.foreign, 0);
	}
	sampling_close(s);
	end(a);
	end(b);
}

static void taken_ring(void)
{
	taken_one(SAMPLING_RING);
}

static void taken_summed(void)
{
	taken_one(SAMPLING_SUMMED);
}

/* A map with one place: each read finds one place at most, all other samples are counted as lost. */
static void full_map(void)
{
	const struct sampling_options one = {.room = 1}, ample = {.freq = freqs[0]};
	struct guest g = start_spinner();
	struct sampling *s = open_way(SAMPLING_SUMMED, &one), *all = open_way(SAMPLING_SUMMED, &ample);
	struct found f = {.want = g.pid}, fa = {.want = g.pid};
	uint32_t most = 0;
	double kept;

	if (s && all) {
		look(s, g.pid);
		look(all, g.pid);
		if (sampling_start(all) || sampling_start(s))
			wrong("cannot start");
		while (fa.n < enough && !wrong_yet()) {
			uint32_t before = f.hits;

			poll(NULL, 0, 100);
			take_in(s, &f);
			take_in(all, &fa);
			if (f.hits - before > most)
				most = f.hits - before;
		}
		sampling_stop(s);
		take_in(s, &f);
		expect("places at most", most, 1);
		expect("lost, with room for all", sampling_lost(all), 0);
		if (fa.hits < 2 || !sampling_lost(s))
			wrong("nothing was lost of %llu samples in %u places", (unsigned long long)fa.n,
			      fa.hits);
		/* what was kept and lost is what there was: see same_weight() */
		kept = (double)f.n + (double)sampling_lost(s);
		tap_note("%llu kept, %llu lost, %llu in all", (unsigned long long)f.n,
			 (unsigned long long)sampling_lost(s), (unsigned long long)fa.n);
		if ((kept - (double)fa.n) * (kept - (double)fa.n) > 4.5 * 4.5 * (kept + (double)fa.n))
			wrong("some samples were neither kept nor lost");
	}
	sampling_close(s);
	sampling_close(all);
	end(g);
}

struct records {
	uint64_t bytes, samples, lost, bad;
	struct sampling *s;
};

static void on_record(uint32_t cpu, const void *record, size_t size, void *arg)
{
	const struct perf_event_header *h = record;
	struct records *r = arg;
	uint64_t id;

	r->bytes += size;
	r->bad += h->size != size || cpu >= sampling_info(r->s)->ncpus;
	if (h->type == PERF_RECORD_LOST) {
		memcpy(&id, h + 1, sizeof(id));
		r->lost++;
	} else if (h->type == PERF_RECORD_SAMPLE) {
		memcpy(&id, h + 1, sizeof(id));
		r->samples++;
		r->bad += size < 56;
	} else {
		return;
	}
	r->bad += id != sampling_ids(r->s)[cpu];
}

/* Nobody reads: half full it wakes its reader; full it counts what does not fit. */
static void full_ring(void)
{
	const struct sampling_options fast = {.freq = 20000};
	struct guest g = start_spinner();
	struct sampling *s = open_way(SAMPLING_RING, &fast);
	struct found f = {.want = g.pid};
	struct records r = {.s = s};
	struct pollfd p = {.events = POLLIN};

	if (s) {
		look(s, g.pid);
		p.fd = sampling_fd(s);
		expect("readable before the start", (uint64_t)poll(&p, 1, 0), 0);
		if (sampling_start(s) || poll(&p, 1, 60000) != 1)
			wrong("nobody was woken");
		if (sampling_records(s, on_record, &r))
			wrong("cannot read the records");
		if (r.bytes < 200 << 10)
			wrong("woken by %llu bytes", (unsigned long long)r.bytes);
		expect("samples", r.samples > 0, 1);
		expect("records of no CPU, or with another's id", r.bad, 0);
		expect("records that tell of losses", r.lost, 0);
		/* as long as another one takes for three times what fits in */
		if (!wrong_yet() && !no_summed) {
			struct sampling *clock = open_way(SAMPLING_SUMMED, &fast);

			look(clock, g.pid);
			sampling_start(clock);
			while (f.n < 40000 && !wrong_yet()) {
				poll(NULL, 0, 50);
				take_in(clock, &f);
			}
			sampling_close(clock);
			sampling_records(s, on_record, &r);
			/* the kernel tells of it when there is room again */
			if (poll(&p, 1, 60000) != 1)
				wrong("nobody was woken again");
			sampling_records(s, on_record, &r);
			tap_note("%llu records, %llu samples lost", (unsigned long long)r.samples,
				 (unsigned long long)sampling_lost(s));
			expect("some were lost", sampling_lost(s) > 0, 1);
			expect("records of no CPU, or with another's id", r.bad, 0);
		}
	}
	sampling_close(s);
	end(g);
}

/*
 * The host's callers, in either way.  By a clock, of which each event has its own:
 * of two events of cycles one has another counter, whose interrupts an emulated PMU
 * may hold back until the kernel is entered.
 */
static void host_stacks(void)
{
	const struct event_spec clock = {.name = (char *)"cpu-clock",
					 .group = EVENT_SOFTWARE,
					 .type = PERF_TYPE_SOFTWARE,
					 .config = PERF_COUNT_SW_CPU_CLOCK};
	const struct sampling_options with = {.event = &clock, .stacks = true};
	struct guest g = start_busy_vmm();
	struct sampling *ring = open_way(SAMPLING_RING, &with);
	struct sampling *summed = no_summed ? NULL : open_way(SAMPLING_SUMMED, &with);
	struct found fr = {.want = g.pid}, fs = {.want = g.pid};

	if (ring)
		look(ring, g.pid);
	if (summed)
		look(summed, g.pid);
	if (!wrong_yet())
		sample(ring, &fr, summed, &fs);
	if (!wrong_yet()) {
		tap_note("sys %llu user %llu of %llu, with stacks %llu, deep %llu",
			 (unsigned long long)fr.modes[VMP_HIT_SYS],
			 (unsigned long long)fr.modes[VMP_HIT_USER], (unsigned long long)fr.n,
			 (unsigned long long)fr.stacks, (unsigned long long)fr.deep);
		/* the VMM's own have frame pointers or not, as it was compiled; where the kernel is
		 * entered and left there are few callers */
		if (fr.deep < fr.modes[VMP_HIT_SYS] / 4)
			wrong("the kernel's callers are not there");
		if (summed) {
			if (!fs.deep || fs.stacks < fs.modes[VMP_HIT_USER] / 2)
				wrong("summed, hardly any has callers");
			/* rounds of a VMM are not drawn by chance: no bound is known for how two samples of
			 * them differ, and they do by more than chance at times */
			if (!fs.modes[VMP_HIT_SYS] || !fs.modes[VMP_HIT_USER])
				wrong("summed, a mode of the host's is missing");
		}
	}
	sampling_close(ring);
	sampling_close(summed);
	end(g);
}

/* In a process that has given up all capabilities after sampling_open(). */
static void unprivileged(void)
{
	struct guest g = start_spinner();
	struct found fr = {.want = g.pid}, fs = {.want = g.pid};
	int status;
	pid_t child = fork();

	if (!child) {
		struct sampling *ring = open_way(SAMPLING_RING, NULL);
		struct sampling *summed = no_summed ? NULL : open_way(SAMPLING_SUMMED, NULL);

		if (!ring || privilege_drop())
			_exit(1);
		look(ring, g.pid);
		if (summed)
			look(summed, g.pid);
		sample(ring, &fr, summed, &fs);
		fflush(stdout);
		_exit(wrong_yet());
	}
	if (waitpid(child, &status, 0) != child || status)
		wrong("it does not work without capabilities");
	end(g);
}

static void too_fast(void)
{
	const struct sampling_options o = {.pmus = pmus, .freq = 1000000000};
	struct sampling *s;
	char why[300] = "";

	if (sampling_open(&o, &s, why, sizeof(why)) != PROBE_ERROR || s)
		wrong("a billion samples a second were taken");
	if (!strstr(why, "perf_event_max_sample_rate"))
		wrong("it does not say why not: %s", why);
	sampling_close(s);
}

static void summed_refused(void)
{
	const struct sampling_options o = {.pmus = pmus, .freq = 100, .way = SAMPLING_SUMMED};
	struct sampling *s;
	char why[300] = "";

	if (sampling_open(&o, &s, why, sizeof(why)) != PROBE_ERROR || s)
		wrong("summed, where the best way is the ring");
	tap_note("%s", why);
	sampling_close(s);
}

int main(int argc, char **argv)
{
	const char *root = geteuid() ? "needs root" : access("/dev/kvm", R_OK) ? "needs /dev/kvm" : NULL;
	const char *summed = root, *refused = root, *modes = root, *slow = root;
	struct sampling_options o = {.freq = 100, .way = SAMPLING_SUMMED};
	static char here[4096];
	struct sampling *s;
	char why[300];

	snprintf(here, sizeof(here), "%s/../fixture", *argv ? dirname(strdup(argv[0])) : ".");
	bins = argc > 1 ? argv[1] : here;
	best = argc > 2 ? argv[2] : "";
	if (!slow && argc > 3 && strtoull(argv[3], NULL, 10) < FEW)
		slow = "this machine is too slow for so many samples";
	enough = argc > 3 ? strtoull(argv[3], NULL, 10) : enough;
	if (argc > 4)
		tap_only(argv[4]);
	rig_listen();
	o.pmus = pmus = pmus_read("");
	if (!root) {
		no_summed = sampling_open(&o, &s, why, sizeof(why)) != PROBE_OK;
		sampling_close(s);
		if (no_summed)
			summed = "samples cannot be summed here";
		else
			refused = "samples can be summed here";
		/* a kernel that is emulated instruction by instruction is never in guest mode */
		if (features_vmlinux("vcpu_pvm"))
			modes = "this KVM runs guests' kernels by emulation";
	}
#ifndef __x86_64__
	modes = "this guest has only a kernel";
#endif
	features_close();
	tap_test("the best way", root, the_best);
	tap_test("summed where it cannot be", refused, summed_refused);
	tap_test("more samples a second than may be", root, too_fast);
	tap_test("both ways in the same seconds", summed, both_ways);
	tap_test("the ring alone", root, ring_alone);
	tap_test("a guest's kernel and user space", modes, guest_modes);
	tap_test("one of two guests, ring", slow, taken_ring);
	tap_test("one of two guests, summed", summed, taken_summed);
	tap_test("a full map", summed, full_map);
	tap_test("a full ring", slow, full_ring);
	tap_test("the host's callers", root, host_stacks);
	tap_test("without capabilities", slow, unprivileged);
	pmus_free(pmus);
	return tap_end();
}
