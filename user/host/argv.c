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

/* More of what the arguments say than names. */
struct more {
	bool config;        /* a file says more */
	bool pmu_elsewhere; /* another option may say more of the PMU */
	bool cpu;           /* -cpu is there */
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

/* Is "KEY=" at the beginning of an option list's item? */
static bool has_key(const char *s, size_t len, const char *key)
{
	size_t klen = strlen(key);

	return len > klen && !memcmp(s, key, klen) && s[klen] == '=';
}

static void qemu_machine(struct argv_names *n, struct more *m, const char *s, size_t len)
{
	struct buf value = {0};
	bool first;

	for (first = true; len; first = false) {
		bool type = has_key(s, len, "type");
		size_t key = 0, skip = type ? sizeof("type=") - 1 : 0;

		while (key < len && s[key] != '=' && s[key] != ',')
			key++;
		/* what runs confidentially has its PMU from elsewhere */
		m->pmu_elsewhere |= has_key(s, len, "confidential-guest-support");
		type |= first && (key == len || s[key] == ',');
		value.len = 0;
		skip += qemu_value(s + skip, len - skip, type ? &value : NULL);
		/* half a type would be another's */
		if (type) {
			size_t n_value = value.len < sizeof(n->machine) ? value.len : 0;

			memcpy(n->machine, n_value ? value.data : "", n_value);
			n->machine[n_value] = '\0';
		}
		s += skip;
		len -= skip;
	}
	buf_free(&value);
}

/* The names that QEMU knows for them (qapi/qapi-util.c). */
static enum argv_pmu on_off(const char *s, size_t len)
{
	if (is(s, len, "on") || is(s, len, "yes") || is(s, len, "true") || is(s, len, "y"))
		return ARGV_PMU_ON;
	if (is(s, len, "off") || is(s, len, "no") || is(s, len, "false") || is(s, len, "n"))
		return ARGV_PMU_OFF;
	return ARGV_PMU_UNKNOWN;
}

/* Features are split at each comma: there is no way to write one. */
static void qemu_cpu(struct argv_names *n, const char *s, size_t len)
{
	bool plus = false, minus = false, said = false;
	bool first;

	for (first = true; len; first = false) {
		const char *comma = memchr(s, ',', len);
		size_t item = comma ? (size_t)(comma - s) : len;
		bool set = has_key(s, item, "pmu"), bare = is(s, item, "pmu");

		if (first)
			n->pmu = is(s, item, "host") || is(s, item, "max") ? ARGV_PMU_MAX : ARGV_PMU_MODEL;
		else if (set || bare)
			n->pmu = bare ? ARGV_PMU_ON : on_off(s + 4, item - 4);
		said |= !first && (set || bare);
		plus |= !first && is(s, item, "+pmu");
		minus |= !first && is(s, item, "-pmu");
		item += comma != NULL;
		s += item;
		len -= item;
	}
	if (plus || minus)
		n->pmu = said ? ARGV_PMU_UNKNOWN : minus ? ARGV_PMU_OFF : ARGV_PMU_ON;
}

/* QEMU 1.5 and before gave every model a PMU, and so do machine types that are like theirs. */
static bool is_old(const char *machine)
{
	static const char *const old[] = {"pc-0.", "pc-1.", "pc-i440fx-1.", "pc-q35-1.", "rhel"};

	for (size_t i = 0; i < sizeof(old) / sizeof(old[0]); i++)
		if (!strncmp(machine, old[i], strlen(old[i])))
			return true;
	return false;
}

static void qemu_smbios(struct argv_names *n, const char *s, size_t len)
{
	bool system = false, kubevirt = false;

	while (len) {
		struct buf item = {0};
		size_t skip = qemu_value(s, len, &item);

		system |= is(item.len ? item.data : "", item.len, "type=1");
		kubevirt |= is(item.len ? item.data : "", item.len, "manufacturer=KubeVirt") ||
			    is(item.len ? item.data : "", item.len, "family=KubeVirt");
		buf_free(&item);
		s += skip;
		len -= skip;
	}
	n->kubevirt |= system && kubevirt;
}

static bool names_pmu(const char *s, size_t len)
{
	return len >= 3 && memmem(s, len, "pmu", 3) != NULL;
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

/* The rest of QEMU's options. */
static void take_qemu(struct argv_names *n, struct more *m, const char *opt, size_t olen, const char *val,
		      size_t vlen)
{
	if (is(opt, olen, "machine") || is(opt, olen, "M")) {
		qemu_machine(n, m, val, vlen);
	} else if (is(opt, olen, "cpu")) {
		qemu_cpu(n, val, vlen);
		m->cpu = true;
	} else if (is(opt, olen, "smbios")) {
		qemu_smbios(n, val, vlen);
	} else if (is(opt, olen, "global")) {
		m->pmu_elsewhere |= names_pmu(val, vlen);
	} else if (is(opt, olen, "readconfig")) {
		m->config = true;
	}
}

/* An option and its value, of any VMM. */
static void take(struct argv_names *n, struct more *m, enum grammar g, const char *opt, size_t olen,
		 const char *val, size_t vlen)
{
	if (is(opt, olen, "uuid"))
		set_uuid(n, val, vlen);
	else if (is(opt, olen, "name") && g == QEMU)
		qemu_name(n, val, vlen);
	else if (g == PLAIN && (is(opt, olen, "name") || is(opt, olen, "id")))
		set_name(n, val, vlen);
	else if (g == PLAIN && is(opt, olen, "platform"))
		platform(n, val, vlen);
	else if (g == QEMU)
		take_qemu(n, m, opt, olen, val, vlen);
}

/* Does the option's value stand in the next argument? */
static bool has_value(enum grammar g, const char *opt, size_t len)
{
	static const char *const read[] = {"machine", "M", "cpu", "global", "readconfig"};
	size_t i;

	if (is(opt, len, "name") || is(opt, len, "uuid"))
		return true;
	if (g == PLAIN)
		return is(opt, len, "id") || is(opt, len, "platform");
	for (i = 0; i < sizeof(read) / sizeof(read[0]); i++)
		if (is(opt, len, read[i]))
			return true;
	for (i = 0; i < sizeof(free_text) / sizeof(free_text[0]); i++)
		if (is(opt, len, free_text[i]))
			return true;
	return false;
}

/* When all has been read. */
static void finish(struct argv_names *n, const struct more *m, bool is_qemu)
{
	if (!m->cpu && is_qemu)
		n->pmu = ARGV_PMU_MODEL;
	if (n->pmu == ARGV_PMU_MODEL && is_old(n->machine))
		n->pmu = ARGV_PMU_UNKNOWN;
	if (m->config || m->pmu_elsewhere)
		n->pmu = ARGV_PMU_UNKNOWN;
	if (m->config)
		n->machine[0] = '\0';
}

void argv_parse(const char *cmdline, size_t len, struct argv_names *ret)
{
	const char *p = cmdline, *end = cmdline + len, *opt = NULL;
	enum grammar g = QEMU;
	struct more more = {0};
	size_t optlen = 0;
	bool first, is_qemu = false;

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
			is_qemu = v && g == QEMU;
			free(exe);
		} else if (opt) {
			take(ret, &more, g, opt, optlen, arg, alen);
			opt = NULL;
		} else {
			const char *eq;

			optlen = alen;
			opt = option(arg, &optlen);
			eq = opt && g == PLAIN ? memchr(opt, '=', optlen) : NULL;
			if (eq)
				take(ret, &more, g, opt, (size_t)(eq - opt), eq + 1,
				     (size_t)(opt + optlen - eq - 1));
			if (eq || (opt && !has_value(g, opt, optlen)))
				opt = NULL;
		}
	}
	finish(ret, &more, is_qemu);
}

void argv_names_clear(struct argv_names *n)
{
	free(n->name);
	*n = (struct argv_names){0};
}
