/* SPDX-License-Identifier: GPL-2.0-only */
/* Goes through the frames of a record's file by their headers. */
#ifndef VMPERF_RECORD_SCAN_H
#define VMPERF_RECORD_SCAN_H

#include "../lib/buf.h"
#include "format.h"

#define SCAN_WINDOW 4096

struct scan {
	int fd;
	const char *path; /* for errors */
	uint64_t size;    /* of the file when it began */
	uint32_t version; /* of its header; 0: that is not all there */
	uint64_t at;      /* up to there all is whole */
	uint64_t window_at;
	size_t window_len;
	unsigned char window[SCAN_WINDOW];
};

/* Where a sample is. */
struct scan_frame {
	uint64_t at; /* its header */
	struct record_head head;
};

enum scan_result {
	SCAN_FRAME,
	SCAN_END, /* what there is from at on has been cut off */
	SCAN_BAD, /* error tells why */
};

/* SCAN_FRAME: it is a record that can be read.  SCAN_END: it is empty, or cut off in the file header. */
enum scan_result scan_begin(struct scan *s, int fd, const char *path, char error[RECORD_ERROR]);

/* The next sample's frame. */
enum scan_result scan_next(struct scan *s, struct scan_frame *ret, char error[RECORD_ERROR]);

/* Adds the frame's payload; false: error tells why. */
bool scan_payload(int fd, const char *path, const struct scan_frame *f, struct buf *ret,
		  char error[RECORD_ERROR]);

#endif
