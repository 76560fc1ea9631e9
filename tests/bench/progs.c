// SPDX-License-Identifier: GPL-2.0-only
/*
 * progs: the BPF programs and maps that are loaded now, as the kernel describes
 * them.  One a line:
 *   prog NAME INSTRUCTIONS THAT THE VERIFIER WENT THROUGH (from 5.16 on), BYTES
 *     OF BPF AFTER IT, BYTES OF MACHINE CODE
 *   map NAME ENTRIES, BYTES ACCOUNTED (fdinfo's memlock)
 */
#include <bpf/bpf.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The memory of the map behind this descriptor; 0 where the kernel does not tell. */
static unsigned long memlock(int fd)
{
	unsigned long bytes = 0;
	char path[64], line[128];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "r");
	if (!f)
		return 0;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "memlock: %lu", &bytes) == 1)
			break;
	fclose(f);
	return bytes;
}

int main(void)
{
	__u32 id = 0;

	while (!bpf_prog_get_next_id(id, &id)) {
		struct bpf_prog_info p;
		__u32 len = sizeof(p);
		int fd = bpf_prog_get_fd_by_id(id);

		memset(&p, 0, sizeof(p));
		/* gone meanwhile */
		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &p, &len))
			printf("prog %s %u %u %u\n", p.name, p.verified_insns, p.xlated_prog_len,
			       p.jited_prog_len);
		close(fd);
	}
	id = 0;
	while (!bpf_map_get_next_id(id, &id)) {
		struct bpf_map_info m;
		__u32 len = sizeof(m);
		int fd = bpf_map_get_fd_by_id(id);

		memset(&m, 0, sizeof(m));
		if (fd < 0)
			continue;
		if (!bpf_obj_get_info_by_fd(fd, &m, &len))
			printf("map %s %u %lu\n", m.name, m.max_entries, memlock(fd));
		close(fd);
	}
	return fflush(stdout) ? 1 : 0;
}
