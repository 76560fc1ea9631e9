// SPDX-License-Identifier: GPL-2.0-only
/*
 * check [-l] [-x TYPE]... OBJECT [VMLINUX_BTF [MODULE_BTF...]]: compares the
 * types of these headers (check.bpf.c, compiled to OBJECT) with a kernel's BTF:
 * files from /sys/kernel/btf, or .ko files of the same kernel.
 *   -l       only lists the types of OBJECT
 *   -x TYPE  need not be there (a vendor's, whose module is not)
 * One line for each difference; status 1 when there is any.
 *
 * NAME___x is another form of NAME: one of all its forms must match.  A type
 * that is part of such a form only need not be there.
 */
#include <bpf/btf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_BTFS     8
#define MAX_OPTIONAL 32

static struct btf *local;
static struct btf *kernel[MAX_BTFS]; /* vmlinux, then modules based on it */
static int nkernel;
static const char *optional[MAX_OPTIONAL];
static int noptional;
static bool quiet; /* looking only */
static unsigned int differences, compared;

/* Notes a difference; false, for the caller to return. */
static bool differs(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static bool differs(const char *fmt, ...)
{
	va_list ap;

	if (quiet)
		return false;
	differences++;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	return false;
}

static const char *name_at(const struct btf *b, __u32 off)
{
	const char *s = btf__name_by_offset(b, off);

	return s ? s : "";
}

/* The type behind typedefs, const, volatile …; NULL: void. */
static const struct btf_type *strip(const struct btf *b, __u32 id)
{
	const struct btf_type *t = btf__type_by_id(b, id);

	while (t && (btf_is_mod(t) || btf_is_typedef(t)))
		t = btf__type_by_id(b, t->type);
	return !t || btf_is_void(t) ? NULL : t;
}

/* Without what follows ___ */
static size_t essential(const char *name)
{
	const char *end = strstr(name, "___");

	return end && end != name ? (size_t)(end - name) : strlen(name);
}

static bool same_name(const char *a, const char *b)
{
	size_t n = essential(a);

	return n == essential(b) && !strncmp(a, b, n);
}

static bool is_flavor(const char *name)
{
	return essential(name) != strlen(name);
}

static const char *kind(const struct btf_type *t)
{
	switch (t ? btf_kind(t) : BTF_KIND_UNKN) {
	case BTF_KIND_UNKN:
		return "void";
	case BTF_KIND_INT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		return "integer";
	case BTF_KIND_PTR:
		return "pointer";
	case BTF_KIND_ARRAY:
		return "array";
	case BTF_KIND_STRUCT:
		return "struct";
	case BTF_KIND_UNION:
		return "union";
	case BTF_KIND_FUNC_PROTO:
		return "function";
	case BTF_KIND_FWD:
		/* a pointer's target that is defined elsewhere */
		return btf_kflag(t) ? "union" : "struct";
	default:
		return "other";
	}
}

/* where: what is compared, for the message */
static bool compare(const char *where, __u32 lid, const struct btf *kb, __u32 kid)
{
	const struct btf_type *l = strip(local, lid), *k = strip(kb, kid);
	char deeper[256];

	if (strcmp(kind(l), kind(k)))
		return differs("%s: %s here, %s in the kernel", where, kind(l), kind(k));
	if (!l)
		return true;
	switch (btf_kind(l)) {
	case BTF_KIND_INT:
	case BTF_KIND_ENUM:
	case BTF_KIND_ENUM64:
		if (l->size != k->size)
			return differs("%s: %u bytes here, %u in the kernel", where, l->size, k->size);
		return true;
	case BTF_KIND_PTR:
		snprintf(deeper, sizeof(deeper), "%s, what it points to", where);
		return compare(deeper, l->type, kb, k->type);
	case BTF_KIND_ARRAY: {
		const struct btf_array *la = btf_array(l), *ka = btf_array(k);

		/* a part of it will do; [] has no length */
		if (ka->nelems && la->nelems > ka->nelems)
			return differs("%s: %u elements here, %u in the kernel", where, la->nelems,
				       ka->nelems);
		snprintf(deeper, sizeof(deeper), "%s[]", where);
		return compare(deeper, la->type, kb, ka->type);
	}
	default:
		/* its fields are compared where it stands itself */
		if (!same_name(name_at(local, l->name_off), name_at(kb, k->name_off)))
			return differs("%s: %s %s here, %s in the kernel", where, kind(l),
				       name_at(local, l->name_off), name_at(kb, k->name_off));
		return true;
	}
}

/* Finds a member by name, in nameless members too; its type in *id, whether it is a bit field in *bits. */
static bool find_member(const struct btf *b, const struct btf_type *t, const char *name, __u32 *id,
			bool *bits)
{
	const struct btf_member *m = btf_members(t);

	for (__u32 i = 0; i < btf_vlen(t); i++) {
		const char *s = name_at(b, m[i].name_off);
		const struct btf_type *inner;

		if (*s) {
			if (strcmp(s, name))
				continue;
			*id = m[i].type;
			*bits = btf_member_bitfield_size(t, i) != 0;
			return true;
		}
		inner = strip(b, m[i].type);
		if (inner && btf_is_composite(inner) && find_member(b, inner, name, id, bits))
			return true;
	}
	return false;
}

static bool compare_fields(const struct btf_type *l, const struct btf *kb, const struct btf_type *k)
{
	const struct btf_member *m = btf_members(l);
	const char *type = name_at(local, l->name_off);
	bool ret = true;

	for (__u32 i = 0; i < btf_vlen(l); i++) {
		const char *name = name_at(local, m[i].name_off);
		char where[256];
		bool bits;
		__u32 id;

		snprintf(where, sizeof(where), "%s.%s", type, name);
		if (!find_member(kb, k, name, &id, &bits))
			ret = differs("%s: the kernel has no such field", where);
		else if (bits)
			ret = differs("%s: a bit field in the kernel", where);
		else
			ret &= compare(where, m[i].type, kb, id);
	}
	return ret;
}

/*
 * As libbpf looks for a type: in modules only when vmlinux has none of the
 * name.  One of several with the name will do; else all differ, and say how.
 */
static bool compare_struct(const struct btf_type *l)
{
	const char *name = name_at(local, l->name_off);
	bool was = quiet, found = false;

	for (int i = 0; i < nkernel && !(found && i == 1); i++) {
		for (__u32 id = i ? btf__type_cnt(kernel[0]) : 1; id < btf__type_cnt(kernel[i]); id++) {
			const struct btf_type *k = btf__type_by_id(kernel[i], id);
			bool same;

			if (btf_kind(k) != btf_kind(l) || !same_name(name, name_at(kernel[i], k->name_off)))
				continue;
			found = quiet = true;
			same = compare_fields(l, kernel[i], k);
			quiet = was;
			if (same)
				return true;
			compare_fields(l, kernel[i], k);
		}
	}
	return found ? false : differs("%s %s: the kernel has no such type", kind(l), name);
}

static bool is_optional(const char *name)
{
	for (int i = 0; i < noptional; i++)
		if (same_name(optional[i], name))
			return true;
	return false;
}

/* A type that is part of another form of a type. */
static bool in_flavor_only(const struct btf_type *of)
{
	bool in_flavor = false;

	for (__u32 id = 1; id < btf__type_cnt(local); id++) {
		const struct btf_type *t = btf__type_by_id(local, id);

		if (!btf_is_composite(t))
			continue;
		for (__u32 i = 0; i < btf_vlen(t); i++) {
			if (strip(local, btf_members(t)[i].type) != of)
				continue;
			if (!is_flavor(name_at(local, t->name_off)))
				return false;
			in_flavor = true;
		}
	}
	return in_flavor;
}

static bool kernel_has(const struct btf_type *l)
{
	for (int i = 0; i < nkernel; i++)
		if (btf__find_by_name_kind(kernel[i], name_at(local, l->name_off), btf_kind(l)) > 0)
			return true;
	return false;
}

static bool is_form(__u32 id, const char *name)
{
	const struct btf_type *t = btf__type_by_id(local, id);

	return btf_is_composite(t) && same_name(name, name_at(local, t->name_off));
}

/* All forms of the type whose first one is at id. */
static void check_struct(__u32 id)
{
	const struct btf_type *first = btf__type_by_id(local, id);
	const char *name = name_at(local, first->name_off);
	unsigned int forms = 0;
	bool match = false;

	for (__u32 i = 1; i < id; i++)
		if (is_form(i, name))
			return; /* it was checked with that one */
	compared++;
	quiet = true;
	for (__u32 i = id; i < btf__type_cnt(local); i++) {
		if (!is_form(i, name))
			continue;
		forms++;
		match |= compare_struct(btf__type_by_id(local, i));
	}
	quiet = false;
	if (match || ((is_optional(name) || (forms == 1 && in_flavor_only(first))) && !kernel_has(first)))
		return;
	for (__u32 i = id; i < btf__type_cnt(local); i++)
		if (is_form(i, name))
			compare_struct(btf__type_by_id(local, i));
}

/* The prototype behind a btf_trace_ typedef. */
static const struct btf_type *prototype(const struct btf *b, __u32 id)
{
	const struct btf_type *t = strip(b, id);

	t = t && btf_is_ptr(t) ? strip(b, t->type) : NULL;
	return t && btf_is_func_proto(t) ? t : NULL;
}

/* A program is given the leading arguments; there may be more. */
static void check_trace(__u32 id)
{
	const char *name = name_at(local, btf__type_by_id(local, id)->name_off);
	const struct btf_type *l = prototype(local, id), *k = NULL;
	const struct btf *kb = NULL;

	for (int i = 0; i < nkernel && !k; i++) {
		__s32 kid = btf__find_by_name_kind(kernel[i], name, BTF_KIND_TYPEDEF);

		kb = kernel[i];
		k = kid > 0 ? prototype(kb, (__u32)kid) : NULL;
	}
	compared++;
	if (!l || !k) {
		differs("%s: %s", name,
			l ? "the kernel has no such tracepoint" : "no pointer to a function here");
		return;
	}
	if (btf_vlen(l) > btf_vlen(k)) {
		differs("%s: %u arguments here, %u in the kernel", name, btf_vlen(l), btf_vlen(k));
		return;
	}
	for (__u32 i = 0; i < btf_vlen(l); i++) {
		char where[256];

		snprintf(where, sizeof(where), "%s, argument %u", name, i);
		compare(where, btf_params(l)[i].type, kb, btf_params(k)[i].type);
	}
}

static void check_enum(__u32 id)
{
	const struct btf_type *l = btf__type_by_id(local, id), *k;
	const char *name = name_at(local, l->name_off);
	__s32 kid = btf__find_by_name_kind(kernel[0], name, BTF_KIND_ENUM);

	compared++;
	k = kid > 0 ? btf__type_by_id(kernel[0], (__u32)kid) : NULL;
	if (!k) {
		differs("enum %s: the kernel has no such type", name);
		return;
	}
	for (__u32 i = 0; i < btf_vlen(l); i++) {
		const char *value = name_at(local, btf_enum(l)[i].name_off);
		__u32 j = 0;

		while (j < btf_vlen(k) && strcmp(value, name_at(kernel[0], btf_enum(k)[j].name_off)))
			j++;
		if (j == btf_vlen(k))
			differs("%s: the kernel's enum %s has no such value", value, name);
		else if (btf_enum(l)[i].val != btf_enum(k)[j].val)
			differs("%s: %d here, %d in the kernel", value, btf_enum(l)[i].val,
				btf_enum(k)[j].val);
	}
}

static bool is_trace(const struct btf_type *t)
{
	return btf_is_typedef(t) && !strncmp(name_at(local, t->name_off), "btf_trace_", 10);
}

static void check_all(bool list)
{
	for (__u32 id = 1; id < btf__type_cnt(local); id++) {
		const struct btf_type *t = btf__type_by_id(local, id);
		const char *name = name_at(local, t->name_off);

		if (!is_trace(t) && (!*name || !(btf_is_composite(t) || btf_is_enum(t))))
			continue;
		if (list)
			puts(name);
		else if (is_trace(t))
			check_trace(id);
		else if (btf_is_enum(t))
			check_enum(id);
		else
			check_struct(id);
	}
}

static struct btf *parse(const char *file, struct btf *base)
{
	struct btf *b = btf__parse_split(file, base);

	if (!b) {
		fprintf(stderr, "check: %s has no BTF that can be read%s: %s\n", file,
			base ? " on that of the vmlinux given" : "", strerror(errno));
		exit(2);
	}
	return b;
}

int main(int argc, char **argv)
{
	bool list = false;
	int o;

	while ((o = getopt(argc, argv, "lx:")) != -1) {
		if (o == 'l')
			list = true;
		else if (o == 'x' && noptional < MAX_OPTIONAL)
			optional[noptional++] = optarg;
		else
			return 2;
	}
	argc -= optind;
	argv += optind;
	if (argc < 2 - list || argc > MAX_BTFS + 1) {
		fprintf(stderr, "usage: check [-l] [-x TYPE]... OBJECT VMLINUX_BTF [MODULE_BTF...]\n");
		return 2;
	}
	local = parse(argv[0], NULL);
	for (int i = 1; i < argc; i++)
		kernel[nkernel++] = parse(argv[i], i > 1 ? kernel[0] : NULL);
	check_all(list);
	if (!list) {
		if (!compared) {
			fprintf(stderr, "check: %s has no types\n", argv[0]);
			return 2;
		}
		printf("%u types and tracepoints, %u differences\n", compared, differences);
	}
	while (nkernel > 0)
		btf__free(kernel[--nkernel]);
	btf__free(local);
	return differences ? 1 : 0;
}
