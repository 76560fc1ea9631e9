// SPDX-License-Identifier: GPL-2.0-only
#include "format.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

static const unsigned char magic[8] = {0x89, 'V', 'M', 'P', 'R', 0x0d, 0x0a, 0x1a};

static void put_bytes(unsigned char *to, uint64_t v, int n)
{
	for (int i = 0; i < n; i++)
		to[i] = (unsigned char)(v >> 8 * i);
}

static uint64_t get_bytes(const unsigned char *from, int n)
{
	uint64_t v = 0;

	for (int i = 0; i < n; i++)
		v |= (uint64_t)from[i] << 8 * i;
	return v;
}

uint32_t format_crc(const void *data, size_t n)
{
	return (uint32_t)crc32_z(0, data, n);
}

void format_file(unsigned char to[RECORD_FILE_SIZE], uint32_t version)
{
	memcpy(to, magic, sizeof(magic));
	put_bytes(to + 8, version, 4);
	put_bytes(to + 12, format_crc(to, 12), 4);
}

int64_t format_parse_file(const unsigned char from[RECORD_FILE_SIZE])
{
	if (memcmp(from, magic, sizeof(magic)) != 0)
		return -1;
	if (get_bytes(from + 12, 4) != format_crc(from, 12))
		return 0;
	return (int64_t)get_bytes(from + 8, 4);
}

void format_head(unsigned char to[RECORD_HEAD_SIZE], const struct record_head *h)
{
	put_bytes(to, h->type, 4);
	put_bytes(to + 4, h->flags, 4);
	put_bytes(to + 8, h->stored, 4);
	put_bytes(to + 12, h->raw, 4);
	put_bytes(to + 16, h->mono_ns, 8);
	put_bytes(to + 24, h->real_ns, 8);
	put_bytes(to + 32, h->crc, 4);
	put_bytes(to + 36, format_crc(to, 36), 4);
}

bool format_parse_head(const unsigned char from[RECORD_HEAD_SIZE], struct record_head *ret)
{
	ret->type = (uint32_t)get_bytes(from, 4);
	ret->flags = (uint32_t)get_bytes(from + 4, 4);
	ret->stored = (uint32_t)get_bytes(from + 8, 4);
	ret->raw = (uint32_t)get_bytes(from + 12, 4);
	ret->mono_ns = get_bytes(from + 16, 8);
	ret->real_ns = get_bytes(from + 24, 8);
	ret->crc = (uint32_t)get_bytes(from + 32, 4);
	return get_bytes(from + 36, 4) == format_crc(from, 36) && ret->raw <= RECORD_MAX_RAW &&
	       ret->stored <= RECORD_MAX_STORED;
}

bool format_fail(char error[RECORD_ERROR], const char *path, const char *fmt, ...)
{
	size_t len = strlen(path), skip = len > 200 ? len - 200 : 0;
	char why[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	/* not in the middle of a character; the end of a long path tells more than its beginning */
	while (skip && ((unsigned char)path[skip] & 0xc0) == 0x80)
		skip++;
	snprintf(error, RECORD_ERROR, "%s%s: %s", skip ? "..." : "", path + skip, why);
	return false;
}
