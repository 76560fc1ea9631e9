// SPDX-License-Identifier: GPL-2.0-only
/*
 * samples summed|ring|other FREQ COMMAND...: runs COMMAND, a kvmguest with
 * --wait, while VMs are sampled FREQ times a second as vmperf profile does it;
 * other: while all but COMMAND are, so that no sample is kept.  Prints what
 * COMMAND prints and, at the end, "samples NUMBER LOST".
 * Status: 1 if this kernel does not take it or the number is impossible, 2 for
 * wrong usage.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/pmu.h"
#include "probe/sampling.h"

static int fail(const char *what, const char *why)
{
	fprintf(stderr, "samples: %s: %s\n", what, why);
	return 1;
}

static bool none(uint32_t pid, uint64_t start_ns, const char *comm, void *arg)
{
	(void)pid;
	(void)start_ns;
	(void)comm;
	(void)arg;
	return false;
}

static void on_hit(const struct sampling_hit *h, void *arg)
{
	*(uint64_t *)arg += h->sum.samples;
}

/* COMMAND between two pipes; false: it could not be started. */
static bool start(char **argv, FILE **out, int *in)
{
	int to[2], from[2];
	pid_t pid;

	if (pipe(to) || pipe(from))
		return false;
	pid = fork();
	if (!pid) {
		dup2(to[0], 0);
		dup2(from[1], 1);
		close(to[1]);
		close(from[0]);
		execvp(argv[0], argv);
		_exit(127);
	}
	close(to[0]);
	close(from[1]);
	*in = to[1];
	*out = fdopen(from[0], "r");
	return pid > 0 && *out;
}

int main(int argc, char **argv)
{
	struct sampling_options o = {0};
	struct sampling *s;
	uint64_t n = 0;
	char line[256];
	int status, in;
	bool other;
	FILE *out;

	if (argc < 4) {
		fprintf(stderr, "usage: samples summed|ring|other FREQ COMMAND...\n");
		return 2;
	}
	other = !strcmp(argv[1], "other");
	o.way = !strcmp(argv[1], "ring") ? SAMPLING_RING : other ? SAMPLING_BEST : SAMPLING_SUMMED;
	o.freq = (uint32_t)strtoul(argv[2], NULL, 10);
	o.pmus = pmus_read("");
	if (sampling_open(&o, &s, line, sizeof(line)))
		return fail(argv[1], line);
	/* its first line: the VM is there, and waits */
	if (!start(argv + 3, &out, &in) || !fgets(line, sizeof(line), out))
		return fail(argv[3], "does not start");
	if (sampling_look(s, other ? none : NULL, NULL, NULL) || sampling_start(s))
		return fail(argv[1], "cannot be started");
	if (write(in, "\n", 1) != 1)
		return fail(argv[3], "does not wait");
	while (fgets(line, sizeof(line), out))
		fputs(line, stdout);
	if (wait(&status) < 0 || status)
		return fail(argv[3], "failed");
	sampling_stop(s);
	sampling_read(s, on_hit, &n);
	printf("samples %llu %llu\n", (unsigned long long)n, (unsigned long long)sampling_lost(s));
	status = !n != other || sampling_lost(s);
	sampling_close(s);
	return status ? fail(argv[1], "did not count") : 0;
}
