// SPDX-License-Identifier: GPL-2.0-only
/*
 * rows FILE: what vmperf snapshot --format json printed, as lines for awk:
 *	loss NAME N
 *	vm WHO PID ENDED VCPUS OBSERVED_NS LEDGER_NS EXITS USERSPACE_EXITS
 *	vcpu WHO ID TID - OBSERVED_NS LEDGER_NS EXITS USERSPACE_EXITS
 *	exit WHO ISA CODE COUNT VMM_NS MAX_NS IN_HISTOGRAM REASON
 * WHO is a VM's place in the result, or that, a vCPU's number and its thread ("0" "0/3/1234");
 * LEDGER_NS is the sum over the visible states; "null" stands where null is.
 * (A test machine has no jq: starting that takes longer than a guest runs.)
 */
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *file;

static void __attribute__((noreturn)) die(const char *what)
{
	fprintf(stderr, "rows: %s: %s\n", file, what);
	exit(1);
}

/* A member that has to be there. */
static const json_t *get(const json_t *object, const char *key)
{
	const json_t *j = json_object_get(object, key);

	if (!j)
		die(key);
	return j;
}

static void print(const json_t *j)
{
	switch (json_typeof(j)) {
	case JSON_INTEGER:
		printf(" %" JSON_INTEGER_FORMAT, json_integer_value(j));
		break;
	case JSON_STRING:
		printf(" %s", json_string_value(j));
		break;
	case JSON_TRUE:
		printf(" true");
		break;
	case JSON_FALSE:
		printf(" false");
		break;
	case JSON_NULL:
		printf(" null");
		break;
	default:
		die("neither a number nor text");
	}
}

static void print_member(const json_t *object, const char *key)
{
	print(get(object, key));
}

static json_int_t sum_of_members(const json_t *object)
{
	json_int_t sum = 0;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value) sum += json_integer_value(value);
	return sum;
}

static void print_exits(const char *who, const json_t *set)
{
	const json_t *exits = get(set, "exits");
	const json_t *e, *bucket;
	size_t i, k;

	json_array_foreach(exits, i, e)
	{
		json_int_t in_histogram = 0;

		json_array_foreach(get(e, "histogram"), k, bucket) in_histogram +=
			json_integer_value(get(bucket, "count"));
		printf("exit %s", who);
		print_member(e, "isa");
		print_member(e, "code");
		print_member(e, "count");
		print_member(e, "vmm_ns");
		print_member(e, "max_ns");
		printf(" %" JSON_INTEGER_FORMAT, in_histogram);
		print_member(e, "reason");
		putchar('\n');
	}
}

/* What VMs and vCPUs have in common. */
static void print_set(const char *who, const json_t *set)
{
	print_member(set, "observed_ns");
	printf(" %" JSON_INTEGER_FORMAT, sum_of_members(get(set, "ledger_ns")));
	print_member(set, "exit_count");
	print_member(set, "userspace_exit_count");
	putchar('\n');
	print_exits(who, set);
}

static void print_vm(size_t index, const json_t *vm)
{
	const json_t *vcpus = get(vm, "vcpus"), *c;
	char who[64];
	size_t i;

	snprintf(who, sizeof(who), "%zu", index);
	printf("vm %s", who);
	print_member(vm, "pid");
	print_member(vm, "ended");
	printf(" %zu", json_array_size(vcpus));
	print_set(who, vm);
	json_array_foreach(vcpus, i, c)
	{
		snprintf(who, sizeof(who), "%zu/%" JSON_INTEGER_FORMAT "/%" JSON_INTEGER_FORMAT, index,
			 json_integer_value(get(c, "id")), json_integer_value(get(c, "tid")));
		printf("vcpu %s", who);
		print_member(c, "id");
		print_member(c, "tid");
		printf(" -");
		print_set(who, c);
	}
}

int main(int argc, char **argv)
{
	json_error_t error;
	const char *name;
	json_t *root, *n;
	size_t i;

	if (argc != 2) {
		fputs("usage: rows FILE\n", stderr);
		return 2;
	}
	file = argv[1];
	root = json_load_file(file, JSON_REJECT_DUPLICATES, &error);
	if (!root)
		die(error.text);
	if (json_integer_value(get(root, "schema")) != 1)
		die("schema is not 1");
	json_object_foreach((json_t *)get(root, "loss"), name, n)
	{
		printf("loss %s", name);
		print(n);
		putchar('\n');
	}
	for (i = 0; i < json_array_size(get(root, "vms")); i++)
		print_vm(i, json_array_get(get(root, "vms"), i));
	json_decref(root);
	return 0;
}
