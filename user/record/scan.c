// SPDX-License-Identifier: GPL-2.0-only
#include "scan.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum scan_result bad(struct scan *s, char error[RECORD_ERROR])
{
	format_fail(error, s->path, "damaged at byte %llu; \"head -c %llu FILE >NEW\" keeps what is before",
		    (unsigned long long)s->at, (unsigned long long)s->at);
	return SCAN_BAD;
}

/* All n bytes, or fewer at the file's end; -1: errno tells why. */
static ssize_t read_at(int fd, void *to, size_t n, uint64_t at)
{
	size_t have = 0;

	while (have < n) {
		ssize_t got = pread(fd, (char *)to + have, n - have, (off_t)(at + have));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (!got)
			break;
		have += (size_t)got;
	}
	return (ssize_t)have;
}

/* n bytes at s->at; NULL: the file has become shorter, or error tells why. */
static const unsigned char *look(struct scan *s, size_t n, char error[RECORD_ERROR])
{
	if (s->at < s->window_at || s->at + n > s->window_at + s->window_len) {
		ssize_t got = read_at(s->fd, s->window, sizeof(s->window), s->at);

		if (got < 0) {
			format_fail(error, s->path, "cannot be read: %s", strerror(errno));
			got = 0;
		}
		s->window_at = s->at;
		s->window_len = (size_t)got;
		if (s->window_len < n)
			return NULL;
	}
	return s->window + (s->at - s->window_at);
}

enum scan_result scan_begin(struct scan *s, int fd, const char *path, char error[RECORD_ERROR])
{
	unsigned char whole[RECORD_FILE_SIZE];
	const unsigned char *head;
	struct stat st;
	int64_t version;

	memset(s, 0, sizeof(*s));
	s->fd = fd;
	s->path = path;
	*error = '\0';
	if (fstat(fd, &st) < 0) {
		format_fail(error, path, "cannot be read: %s", strerror(errno));
		return SCAN_BAD;
	}
	s->size = (uint64_t)st.st_size;
	head = look(s, s->size < sizeof(whole) ? (size_t)s->size : sizeof(whole), error);
	if (!head) {
		if (!*error)
			format_fail(error, path, "is being cut off by another program");
		return SCAN_BAD;
	}
	for (uint32_t v = 1; s->size < sizeof(whole) && v <= RECORD_VERSION; v++) {
		format_file(whole, v);
		if (!memcmp(head, whole, (size_t)s->size))
			return SCAN_END;
	}
	version = s->size < sizeof(whole) ? -1 : format_parse_file(head);
	if (version < 0)
		format_fail(error, path, "is no record of vmperf");
	else if (!version)
		format_fail(error, path, "damaged in its first %d bytes", RECORD_FILE_SIZE);
	else if (version > RECORD_VERSION)
		format_fail(error, path, "a newer vmperf wrote it (format %lld, this one knows %d)",
			    (long long)version, RECORD_VERSION);
	else
		s->at = RECORD_FILE_SIZE;
	s->version = *error ? 0 : (uint32_t)version;
	return *error ? SCAN_BAD : SCAN_FRAME;
}

/* All that is left is 0: room was made for bytes that never got there. */
static bool zeros_left(struct scan *s)
{
	unsigned char part[65536];

	for (uint64_t at = s->at; at < s->size;) {
		ssize_t n = read_at(s->fd, part, sizeof(part), at);

		if (n <= 0)
			return false;
		for (ssize_t i = 0; i < n; i++)
			if (part[i])
				return false;
		at += (uint64_t)n;
	}
	return true;
}

/* The last frame is the only one whose payload may have been cut off without the file being shorter. */
static bool last_is_whole(struct scan *s, const struct scan_frame *f)
{
	char error[RECORD_ERROR];
	struct buf b = {0};
	bool ok = scan_payload(s->fd, s->path, f, &b, error);

	buf_free(&b);
	return ok;
}

enum scan_result scan_next(struct scan *s, struct scan_frame *ret, char error[RECORD_ERROR])
{
	*error = '\0';
	while (s->size - s->at >= RECORD_HEAD_SIZE) {
		const unsigned char *head = look(s, RECORD_HEAD_SIZE, error);
		uint64_t end;

		if (!head)
			return *error ? SCAN_BAD : SCAN_END;
		ret->at = s->at;
		if (!format_parse_head(head, &ret->head))
			return zeros_left(s) ? SCAN_END : bad(s, error);
		end = s->at + RECORD_HEAD_SIZE + ret->head.stored;
		if (end > s->size || (end == s->size && !last_is_whole(s, ret)))
			return SCAN_END;
		s->at = end;
		if (ret->head.type == RECORD_SAMPLE)
			return SCAN_FRAME;
	}
	return SCAN_END;
}

bool scan_payload(int fd, const char *path, const struct scan_frame *f, struct buf *ret,
		  char error[RECORD_ERROR])
{
	uint64_t at = f->at + RECORD_HEAD_SIZE, left = f->head.stored;
	unsigned char part[65536];
	size_t from = ret->len;

	while (left) {
		ssize_t n = read_at(fd, part, left < sizeof(part) ? left : sizeof(part), at);

		if (n < 0)
			return format_fail(error, path, "cannot be read: %s", strerror(errno));
		if (!n)
			return format_fail(error, path, "has been cut off at byte %llu",
					   (unsigned long long)at);
		buf_add(ret, part, (size_t)n);
		at += (uint64_t)n;
		left -= (uint64_t)n;
	}
	if (format_crc(ret->len ? ret->data + from : "", f->head.stored) != f->head.crc)
		return format_fail(error, path, "the sample at byte %llu is damaged",
				   (unsigned long long)f->at);
	return true;
}
