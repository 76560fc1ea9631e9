// SPDX-License-Identifier: GPL-2.0-only
#include "log.h"

#include <stdio.h>
#include <string.h>

#include "buf.h"

static int verbose;

void log_set_verbose(int level)
{
	verbose = level;
}

int log_verbose(void)
{
	return verbose;
}

static void emit(const char *kind, const char *fmt, va_list ap)
{
	struct buf text = {0}, line = {0};

	buf_vprintf(&text, fmt, ap);
	while (text.len && text.data[text.len - 1] == '\n')
		text.data[--text.len] = '\0';
	buf_printf(&line, "vmperf: %s", kind);
	if (text.len)
		buf_escape(&line, text.data, text.len);
	buf_puts(&line, "\n");
	/* one write, so that lines of several threads do not mix */
	fwrite(line.data, 1, line.len, stderr);
	fflush(stderr);
	buf_free(&text);
	buf_free(&line);
}

void log_err(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit("", fmt, ap);
	va_end(ap);
}

void log_warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	emit("warning: ", fmt, ap);
	va_end(ap);
}

void log_vat(int level, const char *fmt, va_list ap)
{
	if (verbose >= level)
		emit("", fmt, ap);
}

void log_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vat(0, fmt, ap);
	va_end(ap);
}

void log_info(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_vat(1, fmt, ap);
	va_end(ap);
}
