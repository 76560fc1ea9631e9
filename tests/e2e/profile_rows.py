#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""profile_rows.py OURS PERF: whether our rows are perf's.

OURS: vmperf profile report --format csv --sort [comm,]module,symbol
PERF: perf report --stdio --no-demangle -t '|' -F sample,[comm,]dso,sym
Prints rows that differ, status 1 if any do.
"""
import collections
import csv
import re
import sys


def ours(path):
    with open(path, newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    counts = collections.Counter()
    for row in rows:
        module, symbol = row["module"], row["symbol"]
        if module == "[vdso]" or symbol.endswith("@plt"):
            symbol = "[unknown]"
        # perf has no word for guests of which it knows nothing
        if module in ("[guest kernel]", "[guest user]") and symbol == "[unknown]":
            module = "[unknown]"
        counts[(row.get("comm", ""), module, symbol)] += int(row["samples"])
    return counts


def module_of(dso):
    dso = dso.strip().removesuffix(" (deleted)")
    if dso.startswith("[guest.kernel.kallsyms"):
        return "[guest kernel]"
    if dso.startswith("[JIT] tid "):
        return "//anon"
    if dso.startswith("[kernel"):
        return "[kernel]"
    # modules of the kernel
    if re.fullmatch(r"\[[\w.]+\]", dso) and dso not in ("[unknown]", "[vdso]", "[vsyscall]"):
        return dso[1:-1]
    return dso if dso.startswith("//") else dso.rsplit("/", 1)[-1]


def symbol_of(text, dso):
    """Jump tables have made-up names, and perf takes the vDSO of its own process for that of the file."""
    text = re.sub(r"^\[.\] ", "", text.strip())
    if text.endswith("@plt") or dso.strip() == "[vdso]":
        return "[unknown]"
    return "[unknown]" if re.fullmatch(r"(0x)?[0-9a-f]{8,}", text) else text


def perfs(path):
    counts = collections.Counter()
    with open(path, encoding="utf-8") as f:
        for line in f:
            fields = line.rstrip("\n").split("|")
            if line.startswith("#") or len(fields) < 3:
                continue
            comm = fields[1].strip() if len(fields) > 3 else ""
            counts[(comm, module_of(fields[-2]), symbol_of(fields[-1], fields[-2]))] += int(fields[0])
    return counts


def main():
    a, b = ours(sys.argv[1]), perfs(sys.argv[2])
    different = sorted(key for key in a.keys() | b.keys() if a[key] != b[key])
    for key in different:
        print(f"{key}: {a[key]} by vmperf, {b[key]} by perf")
    print(f"{len(a)} rows, {sum(a.values())} samples; perf: {len(b)} rows, {sum(b.values())} samples")
    sys.exit(1 if different or not a else 0)


main()
