// SPDX-License-Identifier: GPL-2.0-only
/*
 * floor empty|clock COMMAND...: runs COMMAND while the floor programs are
 * attached to kvm_exit and kvm_entry; its status is COMMAND's.
 */
#include <bpf/libbpf.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "floor.skel.h"

int main(int argc, char **argv)
{
	struct floor_bpf *f = floor_bpf__open();
	struct bpf_program *exit_prog, *entry_prog;
	int status;

	if (argc < 3 || !f) {
		fprintf(stderr, "usage: floor empty|clock COMMAND...\n");
		return 2;
	}
	exit_prog = strcmp(argv[1], "empty") ? f->progs.clock_exit : f->progs.empty_exit;
	entry_prog = strcmp(argv[1], "empty") ? f->progs.clock_entry : f->progs.empty_entry;
	bpf_program__set_autoload(exit_prog, true);
	bpf_program__set_autoload(entry_prog, true);
	if (floor_bpf__load(f) || !bpf_program__attach(exit_prog) || !bpf_program__attach(entry_prog)) {
		fprintf(stderr, "floor: cannot load or attach\n");
		return 1;
	}
	if (!fork()) {
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (wait(&status) < 0 || !WIFEXITED(status))
		return 1;
	return WEXITSTATUS(status);
}
