// SPDX-License-Identifier: GPL-2.0-only
#include "output.h"

#include <errno.h>
#include <langinfo.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "log.h"

bool output_all(int fd, const char *data, size_t len)
{
	while (len) {
		ssize_t n = write(fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			/* 0 for a request of more than 0 bytes is no success either */
			errno = n ? errno : ENOSPC;
			return false;
		}
		data += n;
		len -= (size_t)n;
	}
	return true;
}

bool output_write(const char *data, size_t len)
{
	if (output_all(STDOUT_FILENO, data, len))
		return true;
	log_err("cannot write to standard output: %s (%s)", strerror(errno),
		errno == ENOSPC ? "make room there" : "check where it goes");
	return false;
}

bool output_colored(enum output_color mode)
{
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (mode != OUTPUT_COLOR_AUTO)
		return mode == OUTPUT_COLOR_ALWAYS;
	return isatty(STDOUT_FILENO) && !(no && *no) && term && strcmp(term, "dumb");
}

bool output_utf8(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

unsigned int output_width(void)
{
	struct winsize w;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) ? 0 : w.ws_col;
}
