/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bytes of a record, all numbers little endian:
 *
 *   file header, 16 bytes
 *      0  8  89 56 4d 50 52 0d 0a 1a ("VMPR" among bytes that text modes change)
 *      8  4  version: 1 or 2
 *     12  4  CRC-32 (zlib's crc32()) of the 12 bytes before
 *   frames, up to the end of the file, each: header, 40 bytes, and payload
 *      0  4  type: 1 a sample; what has another one is skipped
 *      4  4  flags: bit 0 the first sample of a session, bit 1 a whole sample (the first one of a
 *            session is); without bit 1 it is the difference to the sample before; bit 2 none of
 *            its VMs has ended
 *      8  4  bytes of the payload
 *     12  4  bytes of what is compressed in it, at most 64 MB
 *     16  8  CLOCK_MONOTONIC of the sample, ns
 *     24  8  CLOCK_REALTIME of the sample, ns since 1970
 *     32  4  CRC-32 of the payload
 *     36  4  CRC-32 of the 36 bytes before
 *   the payload: one zstd frame with a packed sample
 *
 * A frame is written at once, and the next one only after it, so that what a
 * crash has cut off is the last frame: its header or payload is not all there,
 * its payload has another CRC, or all bytes from some frame's place on are 0.
 * Whatever else does not fit is damage.
 *
 * All frames of a file are of the version that its header has; who adds to a
 * file of an older version leaves out what that has no place for.
 *
 * A packed sample is made of
 *   number   LEB128: 7 bits a byte, the lowest first, bit 7: more follow
 *   diff     a number d that stands for a difference: d / 2 if it is even,
 *            -(d + 1) / 2 if odd; added, modulo 2^64, to the same member of the
 *            item before (or 0, if there is none)
 *   text     a number n; 0: as before; else n - 1 bytes, no NUL among them
 *   list     a number of items, and these
 *   ref      before an item of a list: a number r; 0: there is none before it;
 *            else r - 1 places, beginning again at the end, after the one that
 *            the last ref of this list meant (the first place at first)
 *   diffs?   a number: 0 not known; 1: diffs follow, as many as is said below
 *
 *   6 numbers: how many states, histogram buckets, user-space exits, flags,
 *     losses and thread classes there are (the dimensions of what is in []);
 *   version 2: a number: how many kinds of metadata
 *   fields_sample; diffs? ncpus: cpu_node
 *   list of probes: fields_probe
 *   list of events: fields_event; text name
 *   list of VMs: ref; fields_vm; text name;
 *     version 2: fields_vm2; texts, as many as there are kinds of metadata (no bytes: none);
 *     a vCPU: the gone ones;
 *     list of vCPUs: ref; a vCPU
 *     list of threads: ref; fields_thread; diffs? 3 * nevents: events
 *     diffs? 3 * classes * nevents: gone_events; diffs? 3 * nevents: events
 *     list of pins: fields_pin; text cpus
 *   a vCPU: fields_vcpu; diffs? ncpus: cpu_ns; diffs? 3 * nevents: events;
 *     list of exits: ref (to none, if isa is not as before); fields_exit
 *
 * fields.c has the tables, model/sample.h and bpf/vmperf.h what they mean.
 * Each member is a diff, or a text where it is one; arrays are diffs.  Probes,
 * events and pins are differences to those at the same place before.
 */
#ifndef VMPERF_RECORD_FORMAT_H
#define VMPERF_RECORD_FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record.h"

#define RECORD_VERSION     2
#define RECORD_FILE_SIZE   16 /* of the file header */
#define RECORD_HEAD_SIZE   40 /* of a frame's header */
#define RECORD_MAX_RAW     (64U << 20)
/* zstd makes what it cannot compress a little longer */
#define RECORD_MAX_STORED  (RECORD_MAX_RAW + (1U << 20))
/*
 * Whole samples are that many apart: to step back, all from the last whole one
 * on are unpacked, each of which takes 20 ms with 1,000 VMs.
 */
#define RECORD_WHOLE_EVERY 20

enum { RECORD_SAMPLE = 1 };
enum { RECORD_BEGIN = 1, RECORD_WHOLE = 2, RECORD_NONE_ENDED = 4 };

struct record_head {
	uint32_t type, flags;
	uint32_t stored, raw;
	uint64_t mono_ns, real_ns;
	uint32_t crc; /* of the payload */
};

void format_file(unsigned char to[RECORD_FILE_SIZE], uint32_t version);
/* The version; 0: it is damaged; -1: it is no record's at all. */
int64_t format_parse_file(const unsigned char from[RECORD_FILE_SIZE]);
void format_head(unsigned char to[RECORD_HEAD_SIZE], const struct record_head *h);
/* False: it is damaged. */
bool format_parse_head(const unsigned char from[RECORD_HEAD_SIZE], struct record_head *ret);
uint32_t format_crc(const void *data, size_t n);

/* Writes "PATH: why"; false. */
bool format_fail(char error[RECORD_ERROR], const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
