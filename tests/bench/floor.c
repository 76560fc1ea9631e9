// SPDX-License-Identifier: GPL-2.0-only
/*
 * floor NAME COMMAND...: runs COMMAND while the pair NAME of floor.bpf.c is
 * attached.  Status: COMMAND's, 1 if this kernel does not take the pair, 2 for
 * wrong usage.
 */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "floor.skel.h"

static int fail(const char *what, const char *name)
{
	fprintf(stderr, "floor: cannot %s %s\n", what, name);
	return 1;
}

int main(int argc, char **argv)
{
	struct floor_bpf *f = floor_bpf__open();
	struct bpf_program *pair[2], *p;
	int status, n = 0;
	size_t len;

	if (argc < 3 || !f) {
		fprintf(stderr, "usage: floor NAME COMMAND...\n");
		return 2;
	}
	len = strlen(argv[1]);
	bpf_object__for_each_program(p, f->obj)
	{
		const char *name = bpf_program__name(p);

		if (strncmp(name, argv[1], len) || name[len] != '_' || n == 2)
			continue;
		bpf_program__set_autoload(p, true);
		pair[n++] = p;
	}
	if (n != 2)
		return fail("find", argv[1]);
	if (floor_bpf__load(f))
		return fail("load", argv[1]);
	for (int i = 0; i < 2; i++)
		if (!bpf_program__attach(pair[i]))
			return fail("attach", argv[1]);
	if (!fork()) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (wait(&status) < 0 || !WIFEXITED(status))
		return fail("run", argv[2]);
	return WEXITSTATUS(status);
}
