#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""read_record.py FILE: the samples of a record, one JSON object a line, with numbers as they were packed.

Written from user/record/format.h alone, and with the tables that it names: what that says must be enough."""
import json
import os
import re
import struct
import subprocess
import sys
import zlib

DIMS = ["STATES", "HIST", "UEXITS", "FLAGS", "LOSSES", "CLASSES", "META"]


def tables(path):
    """fields.c: by table, (name, what it is, dimension, numbers for each of it)"""
    ret = {}
    for name, body in re.findall(r"const struct field (fields_\w+)\[\] = \{(.*?)END,", open(path).read(), re.S):
        ret[name[7:]] = [(member, kind, DIMS.index(dim[4:]) if dim else None, int(n or 1)) for kind, member, dim, n in
                         re.findall(r"(U64|U32|BOOL|ENUM|ARRAY|TEXT)\(\w+, ([^,)]+)(?:, (DIM_\w+), (\d+))?", body)]
    return ret


FIELDS = tables(os.path.join(os.path.dirname(__file__), "../../user/record/fields.c"))


class Packed:
    def __init__(self, data, version):
        self.data, self.version, self.at = data, version, 0

    def number(self):
        v = shift = 0
        while True:
            c = self.data[self.at]
            self.at += 1
            v |= (c & 127) << shift
            shift += 7
            if c < 128:
                return v

    def diff(self, before):
        d = self.number()
        return (before + (-(d + 1) // 2 if d & 1 else d // 2)) % 2**64

    def text(self, before):
        n = self.number()
        if not n:
            return before
        self.at += n - 1
        return self.data[self.at - n + 1:self.at]

    def diffs(self, before, n):
        return [self.diff(before[i] if i < len(before) else 0) for i in range(n)]

    def known(self, before, n):
        return self.diffs(before or [], n) if self.number() else None

    def fields(self, table, before, item):
        for member, kind, dim, n in FIELDS[table]:
            if kind == "TEXT":
                item[member] = self.text(before.get(member, b""))
            elif dim is None:
                item[member] = self.diff(before.get(member, 0))
            else:
                item[member] = self.diffs(before.get(member, []), n * self.dims[dim])
        return item

    def refs(self, before):
        """for each item of a list: the one before, {} for none"""
        place = 0
        for _ in range(self.number()):
            r = self.number()
            if not r:
                yield {}
                continue
            at = (place + r - 1) % len(before)
            place = at + 1
            yield before[at]

    def places(self, before):
        for i in range(self.number()):
            yield before[i] if i < len(before) else {}

    def vcpu(self, before):
        v = self.fields("vcpu", before, {})
        v["cpu_ns"] = self.known(before.get("cpu_ns"), v["ncpus"])
        v["events"] = self.known(before.get("events"), 3 * v["nevents"])
        exits = before.get("exits", []) if before.get("isa", 0) == v["isa"] else []
        v["exits"] = [self.fields("exit", x, {}) for x in self.refs(exits)]
        return v

    def vm(self, before):
        m = self.fields("vm", before, {})
        m["name"] = self.text(before.get("name", b""))
        if self.version >= 2:
            self.fields("vm2", before, m)
            kinds = before.get("meta", [b""] * self.dims[6])
            m["meta"] = [self.text(kinds[i]) for i in range(self.dims[6])]
        m["gone"] = self.vcpu(before.get("gone", {}))
        m["vcpus"] = [self.vcpu(x) for x in self.refs(before.get("vcpus", []))]
        m["threads"] = []
        for x in self.refs(before.get("threads", [])):
            t = self.fields("thread", x, {})
            t["events"] = self.known(x.get("events"), 3 * t["nevents"])
            m["threads"].append(t)
        m["gone_events"] = self.known(before.get("gone_events"), 3 * self.dims[5] * m["nevents"])
        m["events"] = self.known(before.get("events"), 3 * m["nevents"])
        m["pins"] = [{**self.fields("pin", x, {}), "cpus": self.text(x.get("cpus", b""))}
                     for x in self.places(before.get("pins", []))]
        return m

    def sample(self, before):
        self.dims = [self.number() for _ in DIMS[:6 if self.version < 2 else 7]]
        s = self.fields("sample", before, {})
        s["cpu_node"] = self.known(before.get("cpu_node"), s["ncpus"])
        s["probes"] = [self.fields("probe", x, {}) for x in self.places(before.get("probes", []))]
        s["events"] = [{**self.fields("event", x, {}), "name": self.text(x.get("name", b""))}
                       for x in self.places(before.get("events", []))]
        s["vms"] = [self.vm(x) for x in self.refs(before.get("vms", []))]
        assert self.at == len(self.data)
        return s


def samples(path):
    data = open(path, "rb").read()
    magic, version, crc = struct.unpack_from("<8sII", data)
    assert magic == b"\x89VMPR\r\n\x1a" and version in (1, 2) and crc == zlib.crc32(data[:12])
    at, s = 16, {}
    while at < len(data):
        kind, flags, stored, raw, mono, real, crc, head = struct.unpack_from("<IIIIQQII", data, at)
        assert head == zlib.crc32(data[at:at + 36])
        payload = data[at + 40:at + 40 + stored]
        at += 40 + stored
        assert crc == zlib.crc32(payload)
        if kind != 1:
            continue
        unpacked = subprocess.run(["zstd", "-dcq"], input=payload, stdout=subprocess.PIPE, check=True).stdout
        assert len(unpacked) == raw
        s = Packed(unpacked, version).sample({} if flags & 2 else s)
        assert s["mono_ns"] == mono and s["real_ns"] == real
        yield flags, s


if __name__ == "__main__":
    for f, s in samples(sys.argv[1]):
        print(json.dumps({"flags": f, **s}, default=lambda b: b.decode("utf-8", "backslashreplace")))
