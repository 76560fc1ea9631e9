// SPDX-License-Identifier: GPL-2.0-only
#include "agent_guest.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "argv.h"

#define KALLSYMS_MAX (64U << 20)
#define SMALL_MAX    (1U << 20)

/* A guest that reboots this often in between has no symbols of a boot. */
#define TRIES 3

void agent_guest_free(struct agent_guest *g)
{
	buf_free(&g->kallsyms);
	buf_free(&g->modules);
	buf_free(&g->version);
	buf_free(&g->notes);
	*g = (struct agent_guest){0};
}

/* No such file in a guest: it may be no Linux at all. */
static int not_linux(struct agent *a, char why[AGENT_WHY_SIZE])
{
	char os[64];

	agent_os(a, os);
	if (os[0])
		snprintf(why, AGENT_WHY_SIZE,
			 "the guest is no Linux with these files: its agent calls it %.60s", os);
	else
		snprintf(why, AGENT_WHY_SIZE, "the guest is no Linux: it has no such files in /proc");
	return -ENOSYS;
}

int agent_guest_boot(struct agent *a, char boot[37], char why[AGENT_WHY_SIZE])
{
	struct buf b = {0};
	int err = agent_read(a, "/proc/sys/kernel/random/boot_id", 64, &b, why);

	boot[0] = '\0';
	if (b.len && b.data[b.len - 1] == '\n')
		b.data[--b.len] = '\0';
	/* Windows' words are its own */
	if (err == -ENOENT || err == -EIO) {
		err = not_linux(a, why);
	} else if (!err && (strlen(b.len ? b.data : "") != b.len || !argv_uuid(b.len ? b.data : "", boot))) {
		snprintf(why, AGENT_WHY_SIZE, "what the guest calls its boot id is no UUID");
		err = -EPROTO;
	}
	buf_free(&b);
	return err;
}

/* A file that not all kernels have. */
static int read_optional(struct agent *a, const char *path, struct buf *ret, char why[AGENT_WHY_SIZE])
{
	int err = agent_read(a, path, SMALL_MAX, ret, why);

	return err == -ENOENT ? 0 : err;
}

int agent_guest_modules(struct agent *a, struct buf *ret, char why[AGENT_WHY_SIZE])
{
	return read_optional(a, "/proc/modules", ret, why);
}

bool agent_guest_has_addresses(const struct buf *k)
{
	const char *p = k->len ? k->data : "", *end = p + k->len;

	while (p < end) {
		const char *nl = memchr(p, '\n', (size_t)(end - p));

		for (; p < end && *p == '0'; p++)
			;
		if (p < end && ((*p >= '1' && *p <= '9') || (*p >= 'a' && *p <= 'f')))
			return true;
		p = nl ? nl + 1 : end;
	}
	return false;
}

static int read_once(struct agent *a, struct agent_guest *g, char why[AGENT_WHY_SIZE])
{
	int err = agent_read(a, "/proc/kallsyms", KALLSYMS_MAX, &g->kallsyms, why);

	if (err == -ENOENT) {
		snprintf(why, AGENT_WHY_SIZE, "the guest's kernel has no /proc/kallsyms (CONFIG_KALLSYMS)");
		return -ENOSYS;
	}
	if (!err && !agent_guest_has_addresses(&g->kallsyms)) {
		snprintf(why, AGENT_WHY_SIZE,
			 "the guest's kernel shows its agent no addresses (kernel.kptr_restrict is 2, or the "
			 "agent "
			 "has no CAP_SYSLOG)");
		return -EACCES;
	}
	if (!err)
		err = agent_guest_modules(a, &g->modules, why);
	if (!err)
		err = read_optional(a, "/proc/version", &g->version, why);
	/* an agent that is confined may have the symbols, but not this */
	if (!err && read_optional(a, "/sys/kernel/notes", &g->notes, why) == -ETIMEDOUT)
		err = -ETIMEDOUT;
	return err;
}

int agent_guest_read(struct agent *a, struct agent_guest *ret, char why[AGENT_WHY_SIZE])
{
	char after[37] = "";
	int err = 0;

	*ret = (struct agent_guest){0};
	for (int i = 0; i < TRIES; i++) {
		agent_guest_free(ret);
		err = agent_guest_boot(a, ret->boot, why);
		if (!err)
			err = read_once(a, ret, why);
		if (!err)
			err = agent_guest_boot(a, after, why);
		if (err || !strcmp(ret->boot, after))
			break;
		snprintf(why, AGENT_WHY_SIZE, "the guest reboots again and again");
		err = -EAGAIN;
	}
	if (err)
		agent_guest_free(ret);
	return err;
}
