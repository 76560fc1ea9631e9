// SPDX-License-Identifier: GPL-2.0-only
#include "progress.h"

#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "../lib/buf.h"
#include "../lib/clock.h"
#include "../lib/output.h"
#include "../out/text.h"

#define HALF_A_SECOND 500000000ULL

struct progress progress_open(void)
{
	struct progress p = {0};
	struct winsize w;

	if (isatty(STDERR_FILENO))
		p.width = ioctl(STDERR_FILENO, TIOCGWINSZ, &w) || !w.ws_col ? 80 : w.ws_col;
	return p;
}

bool progress_is_due(struct progress *p)
{
	uint64_t now = clock_now(CLOCK_MONOTONIC);

	if (!p->width || now - p->told_ns < HALF_A_SECOND)
		return false;
	p->told_ns = now;
	return true;
}

void progress_tell(struct progress *p, const char *path, const char *text)
{
	struct buf all = {0}, line = {0};

	buf_puts(&all, "vmperf: ");
	text_safe(&all, path, output_utf8());
	buf_printf(&all, ": %s; Ctrl-C ends", text);
	text_fit(&line, all.data, p->width - 1, false, output_utf8());
	buf_puts(&line, "\033[K\r");
	if (write(STDERR_FILENO, line.data, line.len) < 0)
		p->width = 0;
	buf_free(&all);
	buf_free(&line);
}

void progress_clear(struct progress *p)
{
	static const char clear[] = "\033[K";

	if (p->width && write(STDERR_FILENO, clear, sizeof(clear) - 1) < 0)
		p->width = 0;
}
