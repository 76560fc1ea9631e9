// SPDX-License-Identifier: GPL-2.0-only
/*
 * rows FILE: what vmperf snapshot --format json printed, as lines for awk:
 *	interval NS SKEW_NS
 *	loss NAME N
 *	vm WHO PID ENDED VCPUS OBSERVED_NS LEDGER_NS EXITS USERSPACE_EXITS STATES
 *	vcpu WHO ID TID - OBSERVED_NS LEDGER_NS EXITS USERSPACE_EXITS STATES
 *	exit WHO ISA CODE COUNT VMM_NS MAX_NS IN_HISTOGRAM REASON STATES
 *	bucket WHO CODE LE_NS COUNT REASON (of that one's histogram)
 *	uexit WHO CODE COUNT NS REASON
 *	halts WHO COUNT NS MAX_NS IN_HISTOGRAM (and "wakes")
 *	place WHO MOVES NODE_MOVES CPUS NODES
 *	cpu WHO CPU NODE NS
 *	event WHO EVENT MODE CLASS VALUE RATIO
 *	thread WHO CLASS COUNT CPU_NS WAIT_NS SWITCHES MIGRATIONS
 * WHO is a VM's place in the result, or that, a vCPU's number and its thread ("0" "0/3/1234");
 * STATES are the nanoseconds in guest, kvm, vmm, poll, idle, blocked, wait and running (an
 * exit has no guest and no running: "-"); LEDGER_NS is the sum over the visible ones; "null"
 * stands where null is.
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
	case JSON_REAL:
		printf(" %.9g", json_real_value(j));
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

/* The states in the order above, named KEY with this ending. */
static void print_states(const json_t *object, const char *ending, int exit)
{
	static const char *const states[] = {"guest", "kvm",     "vmm",  "poll",
					     "idle",  "blocked", "wait", "running"};
	char key[32];

	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		snprintf(key, sizeof(key), "%s%s", states[i], ending);
		if (exit && (i == 0 || i == 7))
			printf(" -");
		else
			print_member(object, key);
	}
}

static json_int_t in_histogram(const json_t *object)
{
	const json_t *bucket;
	json_int_t n = 0;
	size_t i;

	json_array_foreach(get(object, "histogram"), i, bucket) n += json_integer_value(get(bucket, "count"));
	return n;
}

static json_int_t sum_of_members(const json_t *object)
{
	json_int_t sum = 0;
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)object, key, value) sum += json_integer_value(value);
	return sum;
}

static void print_buckets(const char *who, const json_t *e)
{
	const json_t *b;
	size_t i;

	json_array_foreach(get(e, "histogram"), i, b)
	{
		printf("bucket %s", who);
		print_member(e, "code");
		print_member(b, "le_ns");
		print_member(b, "count");
		print_member(e, "reason");
		putchar('\n');
	}
}

static void print_exits(const char *who, const json_t *set)
{
	const json_t *e;
	size_t i;

	json_array_foreach(get(set, "exits"), i, e)
	{
		printf("exit %s", who);
		print_member(e, "isa");
		print_member(e, "code");
		print_member(e, "count");
		print_member(e, "vmm_ns");
		print_member(e, "max_ns");
		printf(" %" JSON_INTEGER_FORMAT, in_histogram(e));
		print_member(e, "reason");
		print_states(e, "_ns", 1);
		putchar('\n');
		print_buckets(who, e);
	}
	json_array_foreach(get(set, "userspace_exits"), i, e)
	{
		printf("uexit %s", who);
		print_member(e, "code");
		print_member(e, "count");
		print_member(e, "ns");
		print_member(e, "reason");
		putchar('\n');
	}
}

static void print_times(const char *who, const json_t *set, const char *kind)
{
	const json_t *t = get(set, kind);

	if (json_is_null(t))
		return;
	printf("%s %s", kind, who);
	print_member(t, "count");
	print_member(t, "ns");
	print_member(t, "max_ns");
	printf(" %" JSON_INTEGER_FORMAT "\n", in_histogram(t));
}

static void print_placement(const char *who, const json_t *set)
{
	const json_t *p = get(set, "placement"), *c;
	size_t i;

	if (json_is_null(p))
		return;
	printf("place %s", who);
	print_member(p, "cpu_moves");
	print_member(p, "node_moves");
	print_member(p, "cpus");
	print_member(p, "nodes");
	putchar('\n');
	json_array_foreach(get(p, "cpu_ns"), i, c)
	{
		printf("cpu %s", who);
		print_member(c, "cpu");
		print_member(c, "node");
		print_member(c, "ns");
		putchar('\n');
	}
}

static void print_threads(const char *who, const json_t *vm)
{
	const json_t *t;
	size_t i;

	json_array_foreach(get(vm, "threads"), i, t)
	{
		printf("thread %s", who);
		print_member(t, "class");
		print_member(t, "count");
		print_member(t, "cpu_ns");
		print_member(t, "wait_ns");
		print_member(t, "switches");
		print_member(t, "migrations");
		putchar('\n');
	}
}

static void print_events(const char *who, const json_t *set)
{
	const json_t *e;
	size_t i;

	json_array_foreach(get(set, "events"), i, e)
	{
		printf("event %s", who);
		print_member(e, "event");
		print_member(e, "mode");
		print_member(e, "class");
		print_member(e, "value");
		print_member(e, "running_ratio");
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
	print_states(get(set, "ledger_ns"), "", 0);
	putchar('\n');
	print_exits(who, set);
	print_times(who, set, "halts");
	print_times(who, set, "wakes");
	print_placement(who, set);
	print_events(who, set);
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
	print_threads(who, vm);
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
	printf("interval");
	print_member(root, "interval_ns");
	print_member(root, "skew_ns");
	putchar('\n');
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
