#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""perf_samples.py FILE: the samples of a perf.data file of vmperf, byte by byte and not by perf: a line
"MODE PID TID IP PERIOD" each, in the order of their times.  perf_samples.py --end FILE: whether its data has an end."""
import struct
import sys

SAMPLE = 9
# IDENTIFIER, IP, TID, TIME, CPU, PERIOD, perhaps CALLCHAIN
TYPES = (1 << 16 | 1 << 0 | 1 << 1 | 1 << 2 | 1 << 7 | 1 << 8, 1 << 5)

end = sys.argv[1] == "--end"
with open(sys.argv[-1], "rb") as f:
    data = f.read()
magic, _, attr_size, attrs, attrs_size, at, size = struct.unpack_from("<8s6Q", data)
assert magic == b"PERFILE2" and attrs_size == attr_size
if end:
    sys.exit(0 if size else 1)
sample_type, = struct.unpack_from("<Q", data, attrs + 24)
assert sample_type & ~TYPES[1] == TYPES[0], hex(sample_type)
# not finished: as far as there are records
stop = at + size if size else len(data)
found = []
while at < stop:
    kind, misc, length = struct.unpack_from("<IHH", data, at)
    assert length >= 8 and length % 8 == 0 and at + length <= stop, at
    if kind == SAMPLE:
        ip, pid, tid, time = struct.unpack_from("<QIIQ", data, at + 16)
        period, = struct.unpack_from("<Q", data, at + 48)
        found.append((time, f"{misc & 7} {pid} {tid} {ip:#x} {period}"))
    at += length
for _, line in sorted(found, key=lambda x: x[0]):
    print(line)
