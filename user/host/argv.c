// SPDX-License-Identifier: GPL-2.0-only
#include "argv.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/buf.h"
#include "../lib/mem.h"

enum grammar {
	QEMU,  /* and everything unknown: vendors name their QEMU as they like */
	PLAIN, /* long options, values as they stand */
};

static const struct vmm {
	const char *exe;
	bool prefix; /* anything may follow exe */
	const char *name;
	enum grammar grammar;
} vmms[] = {
	{"qemu", false, "qemu", QEMU},
	{"qemu-", true, "qemu", QEMU},
	{"kvm", false, "qemu", QEMU},
	{"kvm-spice", false, "qemu", QEMU},
	{"firecracker", false, "firecracker", PLAIN},
	{"firecracker-", true, "firecracker", PLAIN},
	{"cloud-hypervisor", false, "cloud-hypervisor", PLAIN},
	{"cloud-hypervisor-", true, "cloud-hypervisor", PLAIN},
	{"crosvm", false, "crosvm", PLAIN},
	{"lkvm", false, "lkvm", PLAIN},
	{"lkvm-static", false, "lkvm", PLAIN},
};

/* QEMU's options whose argument is text of the user's own: it may look like an option. */
static const char *const free_text[] = {
	"append", "bios",   "cdrom",    "chroot",  "D",     "drive",    "dtb",    "fda",
	"fdb",    "hda",    "hdb",      "hdc",     "hdd",   "incoming", "initrd", "kernel",
	"L",      "loadvm", "mem-path", "pidfile", "runas", "smbios",
};

static bool is(const char *arg, size_t len, const char *what)
{
	return len == strlen(what) && !memcmp(arg, what, len);
}

/* The option's name without its dashes; NULL when arg is no option. */
static const char *option(const char *arg, size_t *len)
{
	size_t dashes = *len && arg[0] == '-';

	if (dashes && *len > 1 && arg[1] == '-')
		dashes = 2;
	if (!dashes || *len == dashes)
		return NULL;
	*len -= dashes;
	return arg + dashes;
}

/* How long a text may be when it has to end within max: a cut leaves no half UTF-8 character. */
static size_t cut(const char *s, size_t len, size_t max)
{
	if (len <= max)
		return len;
	len = max;
	while (len && len + 3 > max && (s[len] & 0xc0) == 0x80)
		len--;
	return len;
}

static void set_name(struct argv_names *n, const char *s, size_t len)
{
	free(n->name);
	len = cut(s, len, ARGV_NAME_MAX);
	n->name = len ? mem_strndup(s, len) : NULL;
}

/* One value of a QEMU option list: up to a comma that stands alone.  Returns where the rest begins. */
static size_t qemu_value(const char *s, size_t len, struct buf *ret)
{
	size_t i;

	for (i = 0; i < len; i++) {
		if (s[i] == ',' && (++i >= len || s[i] != ','))
			break;
		if (ret)
			buf_add(ret, s + i, 1);
	}
	return i;
}

static void qemu_name(struct argv_names *n, const char *s, size_t len)
{
	struct buf value = {0};
	bool first;
	size_t key;

	for (first = true; len; first = false) {
		for (key = 0; key < len && s[key] != '=' && s[key] != ',';)
			key++;
		bool bare = key == len || s[key] == ',';
		bool known = !bare && (is(s, key, "process") || is(s, key, "debug-threads"));
		bool guest = !bare && is(s, key, "guest");
		bool wanted = guest || (first && !known);
		size_t skip = guest || known ? key + 1 : 0;

		value.len = 0;
		skip += qemu_value(s + skip, len - skip, wanted ? &value : NULL);
		if (wanted)
			set_name(n, value.len ? value.data : "", value.len);
		s += skip;
		len -= skip;
	}
	buf_free(&value);
}

static void set_uuid(struct argv_names *n, const char *s, size_t len)
{
	char text[37], uuid[37];

	if (len != 36)
		return;
	memcpy(text, s, len);
	text[len] = '\0';
	if (argv_uuid(text, uuid))
		memcpy(n->uuid, uuid, sizeof(uuid));
}

/* cloud-hypervisor --platform num_pci_segments=…,uuid=… */
static void platform(struct argv_names *n, const char *s, size_t len)
{
	static const char key[] = "uuid=";
	const size_t klen = sizeof(key) - 1;

	while (len) {
		const char *comma = memchr(s, ',', len);
		size_t item = comma ? (size_t)(comma - s) : len;

		if (item > klen && !memcmp(s, key, klen))
			set_uuid(n, s + klen, item - klen);
		item += comma != NULL;
		s += item;
		len -= item;
	}
}

static const struct vmm *find_vmm(const char *exe)
{
	size_t i;

	for (i = 0; i < sizeof(vmms) / sizeof(vmms[0]); i++) {
		const struct vmm *v = &vmms[i];

		if (v->prefix ? !strncmp(exe, v->exe, strlen(v->exe)) : !strcmp(exe, v->exe))
			return v;
	}
	return NULL;
}

const char *argv_basename(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

void argv_vmm(const char *exe, char *ret, size_t size)
{
	const char *name = argv_basename(exe);
	const struct vmm *v = find_vmm(name);
	size_t len;

	if (!size)
		return;
	if (v)
		name = v->name;
	len = cut(name, strlen(name), size - 1);
	memcpy(ret, name, len);
	ret[len] = '\0';
}

bool argv_uuid(const char *text, char ret[37])
{
	bool zero = true;
	size_t i;

	ret[0] = '\0';
	if (strlen(text) != 36)
		return false;
	for (i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? text[i] != '-' : !isxdigit((unsigned char)text[i])) {
			ret[0] = '\0';
			return false;
		}
		zero = zero && (dash || text[i] == '0');
		ret[i] = (char)tolower((unsigned char)text[i]);
	}
	/* what QEMU has when no UUID was given */
	ret[zero ? 0 : 36] = '\0';
	return !zero;
}

/* An option and its value, of any VMM. */
static void take(struct argv_names *n, enum grammar g, const char *opt, size_t olen, const char *val,
		 size_t vlen)
{
	if (is(opt, olen, "uuid"))
		set_uuid(n, val, vlen);
	else if (is(opt, olen, "name") && g == QEMU)
		qemu_name(n, val, vlen);
	else if (g == PLAIN && (is(opt, olen, "name") || is(opt, olen, "id")))
		set_name(n, val, vlen);
	else if (g == PLAIN && is(opt, olen, "platform"))
		platform(n, val, vlen);
}

/* Does the option's value stand in the next argument? */
static bool has_value(enum grammar g, const char *opt, size_t len)
{
	size_t i;

	if (is(opt, len, "name") || is(opt, len, "uuid"))
		return true;
	if (g == PLAIN)
		return is(opt, len, "id") || is(opt, len, "platform");
	for (i = 0; i < sizeof(free_text) / sizeof(free_text[0]); i++)
		if (is(opt, len, free_text[i]))
			return true;
	return false;
}

void argv_parse(const char *cmdline, size_t len, struct argv_names *ret)
{
	const char *p = cmdline, *end = cmdline + len, *opt = NULL;
	enum grammar g = QEMU;
	size_t optlen = 0;
	bool first;

	*ret = (struct argv_names){0};
	for (first = true; p < end; first = false) {
		const char *arg = p;
		const char *nul = memchr(p, '\0', (size_t)(end - p));
		size_t alen = (size_t)((nul ? nul : end) - arg);

		p = nul ? nul + 1 : end;
		if (first) {
			char *exe = mem_strndup(arg, alen);
			const struct vmm *v = find_vmm(argv_basename(exe));

			argv_vmm(exe, ret->vmm, sizeof(ret->vmm));
			g = v ? v->grammar : QEMU;
			free(exe);
		} else if (opt) {
			take(ret, g, opt, optlen, arg, alen);
			opt = NULL;
		} else {
			const char *eq;

			optlen = alen;
			opt = option(arg, &optlen);
			eq = opt && g == PLAIN ? memchr(opt, '=', optlen) : NULL;
			if (eq)
				take(ret, g, opt, (size_t)(eq - opt), eq + 1,
				     (size_t)(opt + optlen - eq - 1));
			if (eq || (opt && !has_value(g, opt, optlen)))
				opt = NULL;
		}
	}
}

void argv_names_clear(struct argv_names *n)
{
	free(n->name);
	*n = (struct argv_names){0};
}
