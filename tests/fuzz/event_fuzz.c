// SPDX-License-Identifier: GPL-2.0-only
/*
 * events_parse(): whatever the list and the formats that sysfs has, each word
 * is resolved or has one line why not.  The first line of the input is the
 * format of the terms, the rest the list.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/events.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char root[] = "/tmp/vmperf-fuzz-XXXXXX";
static char format[PATH_MAX], event[PATH_MAX];

static void must(int ok)
{
	if (!ok)
		abort();
}

static void put(const char *path, const void *data, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	close(fd);
}

static void clear(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	must(!system(command));
}

static void make_tree(void)
{
	static const char *const dirs[] = {"/sys",
					   "/sys/bus",
					   "/sys/bus/event_source",
					   "/sys/bus/event_source/devices",
					   "/sys/bus/event_source/devices/cpu",
					   "/sys/bus/event_source/devices/cpu/format",
					   "/sys/bus/event_source/devices/cpu/events"};
	char path[PATH_MAX];

	must(mkdtemp(root) != NULL);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", root, dirs[i]);
		must(!mkdir(path, 0700));
	}
	snprintf(format, sizeof(format), "%s%s/f", root, dirs[5]);
	snprintf(event, sizeof(event), "%s%s/e", root, dirs[6]);
	atexit(clear);
}

static void check(const struct event_choice *c)
{
	const struct event_spec *e = &c->spec;

	must(*c->word && strlen(c->error) < sizeof(c->error) && !strchr(c->error, '\n'));
	must(!e->name == !!*c->error);
	if (!e->name)
		return;
	must(*e->name && strlen(e->name) <= strlen(c->word) + 1);
	must(!(e->guest && e->host) && (e->core || !(e->guest || e->host)));
	must(e->group < EVENT_GROUPS && e->kind < EVENT_KINDS);
	must(!(e->exclude_user && e->exclude_kernel && e->exclude_hv));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct pmu cpu = {.name = (char *)"cpu", .type = 4, .core = true, .cpus = (char *)""};
	struct pmus p = {.root = root, .n = 1, .items = &cpu};
	const uint8_t *end = memchr(data, '\n', size);
	struct events ev;
	char *list;

	if (!end || size > 1024)
		return 0;
	if (!*format)
		make_tree();
	put(format, data, (size_t)(end - data));
	put(event, data, (size_t)(end - data));
	end++;
	size -= (size_t)(end - data);
	list = malloc(size + 1);
	must(list != NULL);
	memcpy(list, end, size);
	list[size] = '\0';
	events_parse(&p, list, &ev);
	for (size_t i = 0; i < ev.n; i++)
		check(&ev.items[i]);
	events_free(&ev);
	free(list);
	return 0;
}
