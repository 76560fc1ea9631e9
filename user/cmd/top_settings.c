// SPDX-License-Identifier: GPL-2.0-only
#include "top_settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../lib/mem.h"
#include "../lib/output.h"
#include "../tui/settings.h"

/* Nobody chooses that much. */
#define SETTINGS_MAX 65536

/* The directory (XDG Base Directory Specification); false: the environment names none. */
static bool directory(struct buf *b)
{
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	/* a relative one is to be ignored, says the specification */
	if (config && config[0] == '/')
		buf_printf(b, "%s/vmperf", config);
	else if (home && home[0] == '/')
		buf_printf(b, "%s/.config/vmperf", home);
	return b->len;
}

void top_settings_load(struct ui *ui)
{
	char *text = mem_zalloc(SETTINGS_MAX + 1, 1);
	struct buf path = {0};
	ssize_t len = -1;
	int fd = -1;

	if (directory(&path)) {
		buf_puts(&path, "/settings");
		/* whatever stands there: opening it must not wait */
		fd = open(path.data, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	}
	if (fd >= 0) {
		len = read(fd, text, SETTINGS_MAX);
		close(fd);
	}
	if (len > 0) {
		unsigned int wrong = settings_read(ui, text);

		if (wrong)
			ui_say(ui, "%s: line %u makes no sense and was left out", path.data, wrong);
	}
	buf_free(&path);
	free(text);
}

/* Makes all directories of path; it ends without "/". */
static void make_directories(char *path)
{
	for (char *c = strchr(path + 1, '/'); c; c = strchr(c + 1, '/')) {
		*c = '\0';
		/* those that cannot be made are missed when the file is written */
		if (mkdir(path, 0700))
			errno = 0;
		*c = '/';
	}
	if (mkdir(path, 0700))
		errno = 0;
}

/* Another one is written, then takes the file's place: it is never there in half. */
static bool replace(const char *path, const struct buf *text)
{
	struct buf made = {0};
	bool ok;
	int fd;

	buf_printf(&made, "%s.XXXXXX", path);
	fd = mkstemp(made.data);
	ok = fd >= 0 && output_all(fd, text->data, text->len);
	if (fd >= 0 && close(fd))
		ok = false;
	ok = ok && !rename(made.data, path);
	if (!ok && fd >= 0) {
		int err = errno;

		unlink(made.data);
		errno = err;
	}
	buf_free(&made);
	return ok;
}

bool top_settings_save(struct ui *ui)
{
	struct buf path = {0}, text = {0};
	bool ok;

	if (!directory(&path)) {
		ui_say(ui, "settings are not kept: neither XDG_CONFIG_HOME nor HOME names a directory");
		return false;
	}
	make_directories(path.data);
	buf_puts(&path, "/settings");
	settings_write(&text, ui);
	ok = replace(path.data, &text);
	if (!ok)
		ui_say(ui, "settings are not kept: %s: %s", path.data, strerror(errno));
	buf_free(&path);
	buf_free(&text);
	return ok;
}
