// SPDX-License-Identifier: GPL-2.0-only
/* Names in files that VMMs have mapped. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../host/maps.h"
#include "../lib/mem.h"
#include "names_parts.h"

static const char gone[] = " (deleted)";

/* Its length without " (deleted)". */
static size_t path_length(const char *path, bool *deleted)
{
	size_t len = strlen(path), n = sizeof(gone) - 1;

	*deleted = len > n && !strcmp(path + len - n, gone);
	return *deleted ? len - n : len;
}

char *names_module_of(const struct profile_object *o)
{
	bool deleted;
	size_t len = path_length(o->path, &deleted);
	const char *p = o->path;
	const char *slash = memrchr(p, '/', len);
	char *ret, *ko;

	if (o->path[0] == '/' && o->path[1] != '/' && slash && slash[1]) {
		len -= (size_t)(slash + 1 - p);
		p = slash + 1;
	}
	if (!len)
		return mem_strdup("[unknown]");
	if (o->kind == PROFILE_KERNEL && len > 2 && p[0] == '[' && p[len - 1] == ']')
		return mem_strndup(p + 1, len - 2);
	ret = mem_strndup(p, len);
	ko = o->kind == PROFILE_KERNEL ? strstr(ret, ".ko") : NULL;
	if (ko) {
		*ko = '\0';
		for (char *c = ret; *c; c++)
			if (*c == '-')
				*c = '_';
	}
	return ret;
}

/* Its first bytes: perf fills shorter ones up with zeros. */
static bool has_build_id(const struct elf_image *e, const struct file_names *f)
{
	uint8_t id[ELF_BUILD_ID];
	size_t n = elf_build_id(e, id);

	return n && n <= f->build_id_size && !memcmp(id, f->build_id, n);
}

/* Takes the file at path; false: it is another one, or cannot be read. */
static bool take(struct file_names *f, const char *path)
{
	struct elf_image *e = elf_open(path, f->why);

	if (!e) {
		f->lack = LACK_FILE;
		return false;
	}
	if (f->build_id_size && !has_build_id(e, f)) {
		f->lack = LACK_OTHER;
		elf_free(e);
		return false;
	}
	f->elf = e;
	f->lack = elf_has_symtab(e) ? LACK_NOTHING : LACK_SYMBOLS;
	return true;
}

static bool was_changed(const char *path, uint64_t end_ns)
{
	struct stat st;

	return end_ns && !stat(path, &st) && (uint64_t)st.st_ctim.tv_sec > end_ns / 1000000000U;
}

static void begin(struct file_names *f, const struct profile_object *o, const char *why)
{
	f->path = mem_strdup(o->path);
	f->build_id_size = o->build_id_size <= PROFILE_BUILD_ID ? o->build_id_size : PROFILE_BUILD_ID;
	memcpy(f->build_id, o->build_id, f->build_id_size);
	f->lack = LACK_FILE;
	snprintf(f->why, sizeof(f->why), "%s", why);
}

void file_names_leave(struct file_names *f, const struct profile_object *o)
{
	begin(f, o, "is one file too many: those before it have more symbols than there is room for");
}

size_t file_names_bytes(const struct file_names *f)
{
	return f->elf ? symtab_bytes(elf_symtab(f->elf)) : 0;
}

void file_names_open(struct file_names *f, const char *root, const struct profile_object *o, uint32_t pid,
		     uint64_t end_ns)
{
	char *path, real[PATH_MAX];
	bool deleted, done = false;
	size_t len = path_length(o->path, &deleted);

	begin(f, o, "is no file");
	if (o->path[0] != '/')
		return;
	path = mem_strndup(o->path, len);
	if (deleted && !f->build_id_size) {
		snprintf(f->why, sizeof(f->why), "was removed");
	} else if (snprintf(real, sizeof(real), "%s%s", root, path) < (int)sizeof(real)) {
		if (!f->build_id_size && was_changed(real, end_ns))
			f->lack = LACK_CHANGED;
		else
			done = take(f, real);
	}
	/* another root than ours, or a file that has no name any more: only its build-id proves it */
	if (!done && pid && f->build_id_size && maps_file_named(root, pid, path, real, sizeof(real)))
		take(f, real);
	free(path);
}

void file_names_free(struct file_names *f)
{
	elf_free(f->elf);
	free(f->path);
}

const char *file_names_find(const struct file_names *f, uint64_t offset)
{
	const struct symbol *s = NULL;
	uint64_t address;

	if (f->elf && elf_address(f->elf, offset, &address))
		s = symtab_find(elf_symtab(f->elf), address);
	return s ? s->name : NULL;
}
