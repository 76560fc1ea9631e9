// SPDX-License-Identifier: GPL-2.0-only
#include "vmm_maps.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "../lib/log.h"

void vmm_maps_read(struct vmm_maps *m, struct maps_reader *r, uint32_t pid)
{
	struct maps now;
	int err;

	if (m->fresh)
		return;
	m->fresh = true;
	err = r ? maps_reader_read(r, pid, &now) : maps_read(&now, "", pid);
	if (err || !now.n) {
		/* it has ended: what it had is what its samples are of */
		log_info("what process %u has mapped cannot be read: %s", pid, strerror(err ? -err : ESRCH));
		maps_free(&now);
		return;
	}
	maps_free(&m->before);
	m->before = m->now;
	m->now = now;
}

static bool same_place(const struct map *a, const struct map *b)
{
	return a->start - a->offset == b->start - b->offset && a->major == b->major && a->minor == b->minor &&
	       a->inode == b->inode && !strcmp(a->path, b->path);
}

const struct map *vmm_maps_find(const struct vmm_maps *m, uint64_t addr)
{
	const struct map *now = maps_find(&m->now, addr), *was = maps_find(&m->before, addr);

	if (now && was)
		return same_place(now, was) ? now : NULL;
	return now ? now : was;
}

bool vmm_maps_is_here(const struct map *m)
{
	struct stat st;

	/* btrfs and overlayfs tell stat() another device: the inode must do */
	return m->path[0] == '/' && !m->deleted && !stat(m->path, &st) && S_ISREG(st.st_mode) &&
	       st.st_ino == m->inode;
}

void vmm_maps_free(struct vmm_maps *m)
{
	maps_free(&m->now);
	maps_free(&m->before);
}
