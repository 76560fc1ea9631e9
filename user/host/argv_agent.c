// SPDX-License-Identifier: GPL-2.0-only
#include "argv_agent.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../lib/buf.h"
#include "../lib/mem.h"

#define PORT "org.qemu.guest_agent.0"

/* The value of a key in "first,key=value,…", where ",," is a comma (QEMU: util/qemu-option.c); free() it. */
static char *value_of(const char *list, const char *key)
{
	size_t klen = strlen(key);
	char *found = NULL;

	while (*list) {
		struct buf item = {0};

		for (; *list; list++) {
			if (*list == ',' && *++list != ',')
				break;
			buf_add(&item, list, 1);
		}
		/* the last one counts */
		if (item.len > klen && !strncmp(item.data, key, klen) && item.data[klen] == '=') {
			free(found);
			found = mem_strdup(item.data + klen + 1);
		}
		buf_free(&item);
	}
	return found;
}

static bool is_on(const char *list, const char *key)
{
	char *v = value_of(list, key);
	bool on = v && (!strcmp(v, "on") || !strcmp(v, "yes") || !strcmp(v, "true") || !strcmp(v, "y"));
	size_t klen = strlen(key);

	/* alone it is on, too */
	for (const char *p = list; !v && (p = strchr(p, ',')); p++)
		on |= !strncmp(p + 1, key, klen) && (!p[1 + klen] || p[1 + klen] == ',');
	free(v);
	return on;
}

/* The chardev of the agent's port, when device is that; free() it. */
static char *chardev_of(const char *device)
{
	char *name, *id;

	if (device[0] == '{') {
		json_t *o = json_loads(device, 0, NULL);
		const char *n = json_string_value(json_object_get(o, "name")),
			   *c = json_string_value(json_object_get(o, "chardev"));

		id = n && c && !strcmp(n, PORT) ? mem_strdup(c) : NULL;
		json_decref(o);
		return id;
	}
	name = value_of(device, "name");
	id = name && !strcmp(name, PORT) ? value_of(device, "chardev") : NULL;
	free(name);
	return id;
}

/* The path, when that is the chardev of this id, and QEMU listens. */
static char *path_of(const char *chardev, const char *id)
{
	char *its, *path = NULL;

	if (strncmp(chardev, "socket,", 7))
		return NULL;
	its = value_of(chardev, "id");
	if (its && !strcmp(its, id) && is_on(chardev, "server") && !is_on(chardev, "abstract"))
		path = value_of(chardev, "path");
	free(its);
	return path;
}

/* The values of one option; id NULL: the chardev of the agent's port is looked for, else the path of id. */
static char *look(const char *cmdline, size_t len, const char *option, const char *id)
{
	const char *p = cmdline, *end = cmdline + len;
	bool is_value = false;
	char *found = NULL;

	while (p < end && !found) {
		size_t n = strnlen(p, (size_t)(end - p));
		char *arg = mem_strndup(p, n);
		const char *name = arg + (arg[0] == '-') + (arg[0] == '-' && arg[1] == '-');

		if (is_value)
			found = id ? path_of(arg, id) : chardev_of(arg);
		is_value = !is_value && name != arg && !strcmp(name, option);
		free(arg);
		p += n + 1;
	}
	return found;
}

char *argv_agent_socket(const char *cmdline, size_t len)
{
	char *id = look(cmdline, len, "device", NULL);
	char *path = id ? look(cmdline, len, "chardev", id) : NULL;

	free(id);
	return path;
}
