// SPDX-License-Identifier: GPL-2.0-only
/*
 * keys record FILE VMS: writes a record of so many VMs of 4 vCPUs, with 10
 * exit reasons each, that all do something in each of its 120 seconds.
 *
 * keys type KEYS TIMES COMMAND...: runs COMMAND in a terminal of 200x60, types
 * each of KEYS (characters) that often in turn, and prints how long it took until the
 * last byte of the answer was there: "MEDIAN P99 MAX ANSWERED" in microseconds,
 * and how many keys were answered at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../../user/record/record.h"
#include "../unit/samples.h"

#define REASONS   10
#define SECONDS   120
/* An answer is over when nothing came for so long; no answer at all within the other. */
#define QUIET_MS  4
#define ANSWER_MS 1000

static int make_record(const char *path, uint32_t nvms)
{
	const struct record_options o = {.max_files = 1};
	char error[RECORD_ERROR];
	struct record_writer *w;
	struct sample s;
	uint64_t cut;

	w = record_create(path, &o, &cut, error);
	if (!w) {
		fprintf(stderr, "keys: %s\n", error);
		return 1;
	}
	sample_host(&s, "kvm_amd", "x86_64", ALL_STATES);
	for (uint32_t i = 0; i < nvms; i++) {
		char name[32];
		struct sample_vm *vm;

		snprintf(name, sizeof(name), "vm-%05u", i);
		vm = sample_vm(&s, name, "", 1000 + i);
		for (int j = 0; j < 4; j++)
			sample_vcpu(vm, VMP_ISA_SVM);
	}
	for (int t = 0; t < SECONDS; t++) {
		for (uint32_t i = 0; i < nvms; i++) {
			for (uint32_t j = 0; j < s.vms[i].nvcpus; j++) {
				struct sample_vcpu *v = &s.vms[i].vcpus[j];
				uint64_t was = v->observed_ns;

				for (uint64_t r = 0; r < REASONS; r++)
					sample_exits(v, 0x60 + r, 100 + (i * 7 + r * 3 + (uint64_t)t) % 50,
						     1000 << r % 8, 0);
				sample_state(v, VMP_GUEST, SECOND - (v->observed_ns - was));
			}
		}
		s.begin_ns = s.mono_ns += SECOND;
		s.real_ns += SECOND;
		if (!record_add(w, &s, error)) {
			fprintf(stderr, "keys: %s\n", error);
			return 1;
		}
	}
	sample_free(&s);
	return record_close(w, error) ? 0 : 1;
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Takes what comes until nothing does; when the last byte came, 0: none did. */
static uint64_t answer(int fd, int first_ms, int quiet_ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	uint64_t last = 0;
	char bytes[65536];

	while (poll(&p, 1, last ? quiet_ms : first_ms) > 0 && read(fd, bytes, sizeof(bytes)) > 0)
		last = now_us();
	return last;
}

static int larger(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static int type(const char *keys, unsigned int times, char **command)
{
	struct winsize size = {.ws_col = 200, .ws_row = 60};
	uint64_t *took = calloc((size_t)times * strlen(keys), sizeof(*took));
	unsigned int n = 0;
	pid_t pid;
	int fd;

	pid = forkpty(&fd, NULL, NULL, &size);
	if (pid < 0 || !took)
		return 1;
	if (!pid) {
		setenv("TERM", "xterm-256color", 1);
		execvp(command[0], command);
		_exit(127);
	}
	/* until it has begun, and shows all */
	answer(fd, 20000, 500);
	for (unsigned int t = 0; t < times; t++) {
		for (const char *k = keys; *k; k++) {
			uint64_t from = now_us(), to;

			if (write(fd, k, 1) != 1)
				return 1;
			to = answer(fd, ANSWER_MS, QUIET_MS);
			if (to)
				took[n++] = to - from;
		}
	}
	kill(pid, SIGTERM);
	close(fd);
	waitpid(pid, NULL, 0);
	if (!n)
		return 1;
	qsort(took, n, sizeof(*took), larger);
	printf("%lu %lu %lu %u\n", took[n / 2], took[n - 1 - n / 100], took[n - 1], n);
	free(took);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 4 && !strcmp(argv[1], "record"))
		return make_record(argv[2], (uint32_t)strtoul(argv[3], NULL, 10));
	if (argc > 4 && !strcmp(argv[1], "type"))
		return type(argv[2], (unsigned int)strtoul(argv[3], NULL, 10), argv + 4);
	fprintf(stderr, "usage: keys record FILE VMS | keys type KEYS TIMES COMMAND...\n");
	return 2;
}
