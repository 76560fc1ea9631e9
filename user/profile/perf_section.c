// SPDX-License-Identifier: GPL-2.0-only
#include "perf_section.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/mem.h"

struct perf_section_vm *perf_section_vm(struct perf_section_vms *s, uint32_t pid, uint64_t start_ns)
{
	struct perf_section_vm *vm;

	for (uint32_t i = 0; i < s->nvms; i++)
		if (s->vms[i].pid == pid && s->vms[i].start_ns == start_ns)
			return &s->vms[i];
	s->vms = mem_resize(s->vms, (size_t)s->nvms + 1, sizeof(*s->vms));
	vm = &s->vms[s->nvms++];
	*vm = (struct perf_section_vm){.pid = pid, .start_ns = start_ns, .name = mem_strdup("")};
	return vm;
}

void perf_section_thread(struct perf_section_vm *vm, uint32_t tid, int32_t vcpu)
{
	uint32_t i = 0;

	while (i < vm->nthreads && vm->threads[i].tid != tid)
		i++;
	if (i == vm->nthreads) {
		vm->threads = mem_resize(vm->threads, (size_t)i + 1, sizeof(*vm->threads));
		vm->threads[i].tid = tid;
		vm->nthreads++;
	}
	vm->threads[i].vcpu = vcpu;
}

static void vm_clear(struct perf_section_vm *vm)
{
	free(vm->name);
	free(vm->threads);
}

void perf_section_clear(struct perf_section_vms *s)
{
	for (uint32_t i = 0; i < s->nvms; i++)
		vm_clear(&s->vms[i]);
	free(s->vms);
	*s = (struct perf_section_vms){0};
}

/* jansson fails for want of memory only: all strings are checked before. */
static void set(json_t *object, const char *key, json_t *value)
{
	if (json_object_set_new(object, key, mem_checked(value)))
		mem_checked(NULL);
}

static void append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, mem_checked(value)))
		mem_checked(NULL);
}

static json_t *number(uint64_t u)
{
	return json_integer(u < INT64_MAX ? (json_int_t)u : INT64_MAX);
}

static void set_name(json_t *object, const char *name)
{
	json_t *text = json_string(name);
	struct buf hex = {0};

	if (text) {
		set(object, "name", text);
		return;
	}
	for (const char *c = name; *c; c++)
		buf_printf(&hex, "%02x", (unsigned char)*c);
	set(object, "name_hex", json_string(hex.data));
	buf_free(&hex);
}

static json_t *print_vm(const struct perf_section_vm *vm)
{
	json_t *j = mem_checked(json_object()), *threads = mem_checked(json_array());

	set(j, "pid", number(vm->pid));
	set(j, "start_ns", number(vm->start_ns));
	set_name(j, vm->name);
	set(j, "uuid", json_string(vm->uuid));
	set(j, "boot_id", vm->boot_id[0] ? json_string(vm->boot_id) : json_null());
	for (uint32_t i = 0; i < vm->nthreads; i++) {
		json_t *t = mem_checked(json_object());

		set(t, "tid", number(vm->threads[i].tid));
		set(t, "vcpu", vm->threads[i].vcpu < 0 ? json_null() : json_integer(vm->threads[i].vcpu));
		append(threads, t);
	}
	set(j, "threads", threads);
	return j;
}

static int add_chunk(const char *data, size_t len, void *arg)
{
	buf_add(arg, data, len);
	return 0;
}

void perf_section_print(const struct perf_section_vms *s, struct buf *ret)
{
	json_t *root = mem_checked(json_object()), *vms = mem_checked(json_array());

	set(root, "vmperf", json_integer(1));
	if (s->begin_ns)
		set(root, "begin_ns", number(s->begin_ns));
	for (uint32_t i = 0; i < s->nvms; i++)
		append(vms, print_vm(&s->vms[i]));
	set(root, "vms", vms);
	if (json_dump_callback(root, add_chunk, ret, JSON_COMPACT | JSON_ENSURE_ASCII))
		mem_checked(NULL);
	json_decref(root);
}

/* A whole number of 0 to max. */
static bool parse_number(const json_t *j, uint64_t max, uint64_t *ret)
{
	json_int_t n = json_integer_value(j);

	if (!json_is_integer(j) || n < 0 || (uint64_t)n > max)
		return false;
	*ret = (uint64_t)n;
	return true;
}

/* As libvirt and the kernel print them; ret is "" where it is null or "". */
static bool parse_uuid(const json_t *j, char ret[37])
{
	const char *s = json_string_value(j);

	ret[0] = '\0';
	if (!j || json_is_null(j) || (s && !*s))
		return true;
	if (!s || strlen(s) != 36)
		return false;
	for (int i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !isxdigit((unsigned char)s[i]) || isupper((unsigned char)s[i]))
			return false;
	}
	memcpy(ret, s, 37);
	return true;
}

static char *parse_hex(const char *hex)
{
	size_t n = strlen(hex) / 2;
	char *name = mem_zalloc(n + 1, 1);

	for (size_t i = 0; i < n; i++) {
		const char two[] = {hex[2 * i], hex[2 * i + 1], '\0'};

		if (!isxdigit((unsigned char)two[0]) || !isxdigit((unsigned char)two[1]) ||
		    !strcmp(two, "00")) {
			free(name);
			return NULL;
		}
		name[i] = (char)strtoul(two, NULL, 16);
	}
	return name;
}

/* NULL: it has none, or one that is no name. */
static char *parse_name(const json_t *vm)
{
	const char *text = json_string_value(json_object_get(vm, "name"));
	const char *hex = json_string_value(json_object_get(vm, "name_hex"));

	if (text)
		return strlen(text) <= PERF_SECTION_NAME ? mem_strdup(text) : NULL;
	if (!hex || strlen(hex) % 2 || strlen(hex) / 2 > PERF_SECTION_NAME)
		return NULL;
	return parse_hex(hex);
}

static bool parse_threads(const json_t *threads, struct perf_section_vm *vm)
{
	size_t n = json_array_size(threads);

	if (!threads)
		return true;
	if (!json_is_array(threads) || n > PERF_SECTION_THREADS)
		return false;
	vm->threads = mem_zalloc(n, sizeof(*vm->threads));
	vm->nthreads = (uint32_t)n;
	for (size_t i = 0; i < n; i++) {
		const json_t *t = json_array_get(threads, i);
		const json_t *v = json_object_get(t, "vcpu");
		uint64_t tid, vcpu = 0;

		if (!parse_number(json_object_get(t, "tid"), INT32_MAX, &tid) ||
		    !(json_is_null(v) || parse_number(v, INT32_MAX, &vcpu)))
			return false;
		vm->threads[i].tid = (uint32_t)tid;
		vm->threads[i].vcpu = json_is_null(v) ? -1 : (int32_t)vcpu;
	}
	return true;
}

static bool parse_vm(const json_t *j, struct perf_section_vm *vm)
{
	uint64_t pid;

	vm->name = parse_name(j);
	if (!vm->name || !parse_number(json_object_get(j, "pid"), INT32_MAX, &pid) || !pid ||
	    !parse_number(json_object_get(j, "start_ns"), INT64_MAX, &vm->start_ns) ||
	    !parse_uuid(json_object_get(j, "uuid"), vm->uuid) ||
	    !parse_uuid(json_object_get(j, "boot_id"), vm->boot_id))
		return false;
	vm->pid = (uint32_t)pid;
	return parse_threads(json_object_get(j, "threads"), vm);
}

static bool parse_vms(const json_t *root, struct perf_section_vms *ret)
{
	const json_t *vms = json_object_get(root, "vms"), *begin = json_object_get(root, "begin_ns");
	size_t n = json_array_size(vms);
	uint64_t version;

	if (!parse_number(json_object_get(root, "vmperf"), 1, &version) || !version || !json_is_array(vms) ||
	    n > PERF_SECTION_VMS || (begin && !parse_number(begin, INT64_MAX, &ret->begin_ns)))
		return false;
	ret->vms = mem_zalloc(n, sizeof(*ret->vms));
	ret->nvms = (uint32_t)n;
	for (size_t i = 0; i < n; i++)
		if (!parse_vm(json_array_get(vms, i), &ret->vms[i]))
			return false;
	return true;
}

bool perf_section_parse(const char *text, size_t len, struct perf_section_vms *ret)
{
	json_t *root;
	bool ok;

	*ret = (struct perf_section_vms){0};
	if (len > PERF_SECTION_MAX)
		return false;
	root = json_loadb(text, len, 0, NULL);
	ok = root && parse_vms(root, ret);
	json_decref(root);
	if (!ok)
		perf_section_clear(ret);
	return ok;
}
