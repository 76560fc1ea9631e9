#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""as_kernel.py FILE...: in a perf.data file, samples of a guest's user space at addresses of kernels become samples
of its kernel.  A KVM that emulates the kernels of guests has no others, and perf names only these.
Prints how many; those of no guest stay as they are."""
import struct
import sys

SAMPLE, COMPRESSED = 9, 81
MODE, GUEST_KERNEL, GUEST_USER = 7, 4, 5
IDENTIFIER, IP = 1 << 16, 1 << 0
KERNELS = 0xffff800000000000


def change(path):
    with open(path, "r+b") as f:
        data = bytearray(f.read())
        if data[:8] != b"PERFILE2":
            sys.exit(f"{path} is no perf.data file")
        attrs, _, at, size = struct.unpack_from("<4Q", data, 24)
        # struct perf_event_attr: type, size, config, sample_period, sample_type
        sample_type, = struct.unpack_from("<Q", data, attrs + 24)
        if not sample_type & IP:
            sys.exit(f"{path}: its samples have no address")
        ip_at = 16 if sample_type & IDENTIFIER else 8
        end, n = at + size, 0
        while at < end:
            kind, misc, length = struct.unpack_from("<IHH", data, at)
            if kind == COMPRESSED or length < 8:
                sys.exit(f"{path}: a record that cannot be read")
            if kind == SAMPLE and misc & MODE == GUEST_USER:
                ip, = struct.unpack_from("<Q", data, at + ip_at)
                if ip >= KERNELS:
                    struct.pack_into("<H", data, at + 4, misc & ~MODE | GUEST_KERNEL)
                    n += 1
            at += length
        f.seek(0)
        f.write(data)
    return n


print(sum(change(path) for path in sys.argv[1:]))
