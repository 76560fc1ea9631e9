// SPDX-License-Identifier: GPL-2.0-only
#include "rig.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct made_bpf *rig;
static int slots_fd, free_fd;
static struct ring_buffer *news;
static int64_t last_news;
static unsigned int tests, failed;
static bool bad;
static const char *only = "";
static char said[4096]; /* libbpf's last words, shown when loading fails */

void wrong(const char *fmt, ...)
{
	va_list ap;

	bad = true;
	va_start(ap, fmt);
	printf("#   ");
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
}

bool wrong_yet(void)
{
	return bad;
}

void expect(const char *what, uint64_t got, uint64_t want)
{
	if (got != want)
		wrong("%s: got %lld (%#llx), want %lld (%#llx)", what, (long long)got,
		      (unsigned long long)got, (long long)want, (unsigned long long)want);
}

void tap_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	printf("# ");
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
}

void tap_only(const char *word)
{
	only = word;
}

void tap_test(const char *name, const char *skip, void (*test)(void))
{
	if (!strstr(name, only))
		return;
	tests++;
	bad = false;
	if (!skip) {
		test();
		rig_close();
	}
	failed += bad;
	printf("%sok %u - %s%s%s\n", bad ? "not " : "", tests, name, skip ? " # SKIP " : "",
	       skip ? skip : "");
	fflush(stdout);
}

int tap_end(void)
{
	printf("1..%u\n", tests);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int keep_words(enum libbpf_print_level level, const char *fmt, va_list ap)
{
	size_t n = strlen(said);

	if (level == LIBBPF_DEBUG)
		return 0;
	/* the end tells what was wrong */
	if (n > sizeof(said) / 2) {
		memmove(said, said + n / 2, n - n / 2 + 1);
		n = strlen(said);
	}
	vsnprintf(said + n, sizeof(said) - n, fmt, ap);
	return 0;
}

void rig_listen(void)
{
	libbpf_set_print(keep_words);
	said[0] = '\0';
}

void rig_heard(void)
{
	for (char *save, *line = strtok_r(said, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		printf("#   %s\n", line);
}

static int on_news(void *ctx, void *data, size_t size)
{
	(void)ctx, (void)size;
	last_news = *(uint32_t *)data;
	return -ECANCELED; /* one at a time: the rest stays in the ring */
}

void rig_maps(int slots, int free_slots, int news_map, uint32_t n)
{
	slots_fd = slots;
	free_fd = free_slots;
	for (uint32_t i = 0; i < n; i++)
		expect("giving a slot", (uint64_t)bpf_map_update_elem(free_fd, NULL, &i, BPF_ANY), 0);
	news = ring_buffer__new(news_map, on_news, NULL, NULL);
}

static void size_events(const struct rig_options *o, uint32_t slots, uint32_t cpus)
{
	rig->rodata->nevents = o->events;
	bpf_map__set_max_entries(rig->maps.event_fds, o->events * cpus);
	bpf_map__set_max_entries(rig->maps.event_cpus, cpus);
	bpf_map__set_max_entries(rig->maps.event_counts, slots + o->others);
	bpf_map__set_max_entries(rig->maps.others, o->others);
	bpf_map__set_max_entries(rig->maps.free_others, o->others);
	bpf_map__set_max_entries(rig->maps.seeds, slots + o->others);
}

struct made_bpf *rig_open(const struct rig_options *o)
{
	uint32_t n = o->slots ? o->slots : 8;
	int cpus;

	rig_listen();
	rig = made_bpf__open();
	if (!rig) {
		wrong("cannot open the object: %s", strerror(errno));
		exit(tap_end());
	}
	for (size_t i = 0; i < sizeof(o->programs) / sizeof(o->programs[0]) && o->programs[i]; i++)
		bpf_program__set_autoload(bpf_object__find_program_by_name(rig->obj, o->programs[i]), true);
	bpf_map__set_max_entries(rig->maps.slots, n);
	bpf_map__set_max_entries(rig->maps.free_slots, n);
	bpf_map__set_max_entries(rig->maps.cpu_ns, n);
	bpf_map__set_max_entries(rig->maps.seeds, n);
	cpus = libbpf_num_possible_cpus();
	bpf_map__set_value_size(rig->maps.cpu_ns, (uint32_t)cpus * sizeof(uint64_t));
	bpf_map__set_value_size(rig->maps.cpu_node, (uint32_t)cpus * sizeof(uint32_t));
	rig->rodata->ncpus = (uint32_t)cpus;
	rig->rodata->nslots = n;
	rig->rodata->vendor_isa = o->isa;
	rig->rodata->made = !o->kernel_layout;
	rig->rodata->made_vt = o->vt;
	if (o->events)
		size_events(o, n, (uint32_t)cpus);
	if (made_bpf__load(rig)) {
		wrong("cannot load: %s", strerror(errno));
		rig_heard();
		rig_close();
		return NULL;
	}
	rig_maps(bpf_map__fd(rig->maps.slots), bpf_map__fd(rig->maps.free_slots), bpf_map__fd(rig->maps.news),
		 n);
	for (uint32_t i = 0; i < o->others; i++)
		expect("giving a number",
		       (uint64_t)bpf_map_update_elem(bpf_map__fd(rig->maps.free_others), NULL, &i, BPF_ANY),
		       0);
	rig->bss->gate = !o->closed;
	return rig;
}

void rig_close(void)
{
	ring_buffer__free(news);
	made_bpf__destroy(rig);
	news = NULL;
	rig = NULL;
}

void rig_attach_end(void)
{
	rig->links.sched_process_exit = bpf_program__attach(rig->progs.sched_process_exit);
	if (!rig->links.sched_process_exit)
		wrong("cannot attach to sched_process_exit: %s", strerror(errno));
}

void rig_seed(uint32_t tid, int32_t what)
{
	struct bpf_link *link = bpf_program__attach_iter(rig->progs.seed_threads, NULL);
	int seeds = bpf_map__fd(rig->maps.seeds), fd = link ? bpf_iter_create(bpf_link__fd(link)) : -1;
	char c;

	bpf_map_update_elem(seeds, &tid, &what, BPF_ANY);
	if (fd < 0 || read(fd, &c, 1))
		wrong("cannot look at all threads: %s", strerror(errno));
	close(fd);
	bpf_link__destroy(link);
	bpf_map_delete_elem(seeds, &tid);
}

int64_t run_program(struct bpf_program *prog, uint64_t a, uint64_t b)
{
	uint64_t args[] = {a, b, 0, 0};
	LIBBPF_OPTS(bpf_test_run_opts, o, .ctx_in = args, .ctx_size_in = sizeof(args));
	int err = bpf_prog_test_run_opts(bpf_program__fd(prog), &o);

	if (err) {
		wrong("cannot run %s: %s", bpf_program__name(prog), strerror(-err));
		return -1;
	}
	return o.retval;
}

struct vmp_slot rig_slot(uint32_t i)
{
	struct vmp_slot s;

	memset(&s, 0, sizeof(s));
	if (bpf_map_lookup_elem(slots_fd, &i, &s))
		wrong("cannot read slot %u: %s", i, strerror(errno));
	return s;
}

uint64_t rig_cpu_ns(uint32_t i)
{
	uint64_t ns[4096] = {0}, sum = 0;

	if (bpf_map_lookup_elem(bpf_map__fd(rig->maps.cpu_ns), &i, ns))
		wrong("cannot read the times of slot %u by CPU: %s", i, strerror(errno));
	for (size_t k = 0; k < sizeof(ns) / sizeof(ns[0]); k++)
		sum += ns[k];
	return sum;
}

uint64_t charged(const struct vmp_slot *s)
{
	uint64_t ns = s->halt_ns;

	for (uint32_t k = 0; k < VMP_STATES; k++)
		ns += state_ns(s, k);
	return ns;
}

uint64_t state_ns(const struct vmp_slot *s, uint32_t state)
{
	uint64_t ns = s->ns[state];

	for (uint32_t i = 0; i < s->used && i < VMP_EXITS; i++)
		ns += s->exit[i].ns[state];
	return ns;
}

void rig_recycle(uint32_t i)
{
	static const struct vmp_slot empty;

	expect("clearing a slot", (uint64_t)bpf_map_update_elem(slots_fd, &i, &empty, BPF_ANY), 0);
	expect("giving a slot back", (uint64_t)bpf_map_update_elem(free_fd, NULL, &i, BPF_ANY), 0);
}

int64_t rig_news(void)
{
	time_t limit = time(NULL) + 60; /* for a test that fails */

	last_news = -1;
	/* it may wake for a record that is not complete yet */
	while (last_news < 0 && !bad && time(NULL) < limit)
		ring_buffer__poll(news, 1000);
	return last_news;
}

uint64_t exits_of(const struct vmp_slot *s, uint64_t code)
{
	uint32_t state = VMP_MODE_STATE(s->mode);
	uint64_t n = 0;

	for (uint32_t i = 0; i < s->used && i < VMP_EXITS; i++) {
		if (s->exit[i].code != code)
			continue;
		n += s->exit[i].count;
		for (int k = 0; k < VMP_HIST; k++)
			n += s->exit[i].hist[k];
		if ((state == VMP_KVM || state == VMP_VMM) && VMP_MODE_PLACE(s->mode) == i)
			n++;
	}
	return n;
}

uint64_t exits_all(const struct vmp_slot *s)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < s->used && i < VMP_EXITS; i++)
		n += exits_of(s, s->exit[i].code);
	return n;
}

struct worker {
	pthread_t thread;
	sem_t go, done;
	struct bpf_program *prog; /* NULL: end */
	uint64_t a, b;
	int64_t result;
	uint32_t tid;
};

static void *work(void *arg)
{
	struct worker *w = arg;

	w->tid = (uint32_t)gettid();
	for (;;) {
		sem_post(&w->done);
		while (sem_wait(&w->go))
			;
		if (!w->prog)
			return NULL;
		w->result = run_program(w->prog, w->a, w->b);
	}
}

struct worker *worker_new(void)
{
	struct worker *w = calloc(1, sizeof(*w));
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, 128 * 1024);
	if (!w || sem_init(&w->go, 0, 0) || sem_init(&w->done, 0, 0) ||
	    pthread_create(&w->thread, &attr, work, w)) {
		wrong("no thread: %s", strerror(errno));
		exit(EXIT_FAILURE);
	}
	sem_wait(&w->done);
	return w;
}

int64_t worker_run(struct worker *w, struct bpf_program *prog, uint64_t a, uint64_t b)
{
	w->prog = prog;
	w->a = a;
	w->b = b;
	sem_post(&w->go);
	while (sem_wait(&w->done))
		;
	return w->result;
}

uint32_t worker_tid(const struct worker *w)
{
	return w->tid;
}

void worker_end(struct worker *w)
{
	w->prog = NULL;
	sem_post(&w->go);
	pthread_join(w->thread, NULL);
	free(w);
}
