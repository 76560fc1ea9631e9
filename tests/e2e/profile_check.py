#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Samples of VMs: what perf and vmperf make of them, against what spinguest did and against each other.

  profile_check.py perf PID... <SCRIPT       what perf script -F pid,tid,misc,period,ip,sym printed of these VMs
  profile_check.py ours [PID...] <JSON       what vmperf profile report -f json printed, of these VMs or of all
  profile_check.py tables [PID...] <TEXT     the same of the tables of vmperf profile --sort pid,mode,symbol[,address]
All print a line a place: pid, mode, symbol, address ("-" in ours where it is not asked for), samples, period; perf's
with one argument "--no-address" before the pids have none either, so that both compare.

  profile_check.py shares COUNTS PID FUNCTION...  the VM's samples in these functions, NAME@ADDRESS=TURNS as spinguest
                                             takes them, have the shares of the turns; MODE:NAME@... of this mode only
  profile_check.py named COUNTS PID NAME=TURNS... the same by symbols
  profile_check.py live PID FUNCTIONS FUNCTIONS <TEXT  tables of vmperf profile --sort pid,mode,symbol over a reboot
                                             after which the others ran: each table has the names and shares of
                                             the one or of the other boot, or no names
  profile_check.py alike KEY COUNTS COUNTS PID two samples of the same: KEY is mode, symbol or address

A guest's turns are drawn independently (see spin_x86.c) and samples are hundreds of turns apart, so the number of
samples in a function is binomial, and of two such samples it is hypergeometric given their sum.  Both tails are
computed exactly; less than 1e-8 is wrong.  A test makes less than 50 such checks: one in 10^6 fails by chance.
"""
import collections
import json
import math
import re
import sys

ALARM = 1e-8
FEWEST = 200  # of a VM: fewer tell nothing
MODES = {"K": "sys", "U": "user", "G": "guest sys", "g": "guest user"}


def lchoose(n, k):
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def tail(log_p, lowest, k, highest):
    """The smaller of P(X <= k) and P(X >= k)."""
    def total(numbers):
        return math.fsum(math.exp(log_p(i)) for i in numbers)
    return min(total(range(lowest, k + 1)), total(range(k, highest + 1)))


def binomial(k, n, p):
    return tail(lambda i: lchoose(n, i) + i * math.log(p) + (n - i) * math.log1p(-p), 0, k, n)


def hypergeometric(k, n, other_k, other_n):
    """k of n and other_k of other_n are of one kind."""
    kind, both = k + other_k, n + other_n
    return tail(lambda i: lchoose(n, i) + lchoose(other_n, kind - i) - lchoose(both, kind),
                max(0, kind - other_n), k, min(n, kind))


def put(counts):
    for (pid, mode, symbol, address), (samples, period) in sorted(counts.items()):
        print(pid, mode, symbol, address, samples, period, sep="\t")


def get(path, pid):
    with open(path, encoding="utf-8") as f:
        rows = [line.rstrip("\n").split("\t") for line in f]
    rows = [r for r in rows if r[0] == pid]
    n = sum(int(r[4]) for r in rows)
    if n < FEWEST:
        sys.exit(f"{path}: {n} samples of {pid}")
    return rows


def perf(arguments):
    addresses = arguments[0] != "--no-address"
    counts = collections.defaultdict(lambda: [0, 0])
    for line in sys.stdin:
        m = re.fullmatch(r"\s*(-?\d+)/\S+\s+(\w+)\s+(\d+)\s+([0-9a-f]+) (.*)", line.rstrip("\n"))
        if not m:
            sys.exit(f"perf script says: {line}")
        pid, misc, period, address, symbol = m.groups()
        if pid in arguments:
            # the guest's user space has the bits of all, and its own letter at the end
            c = counts[pid, MODES[misc[-1]], symbol, "0x" + address.lstrip("0") if addresses else "-"]
            c[0] += 1
            c[1] += int(period)
    put(counts)


def ours(pids):
    counts = collections.defaultdict(lambda: [0, 0])
    report = json.load(sys.stdin)
    if report["rest"]["samples"]:
        sys.exit("the report has left out rows")
    for row in report["rows"]:
        if not pids or str(row["pid"]) in pids:
            c = counts[str(row["pid"]), row["mode"], row.get("symbol") or "[unknown]", row.get("address", "-")]
            c[0] += row["samples"]
            c[1] += row["period"]
    put(counts)


def read_tables():
    """The rows of each table: samples, pid, mode, symbol, address or "-"."""
    tables = []
    for line in sys.stdin:
        if line.startswith("vmperf profile:"):
            tables.append([])
        m = re.fullmatch(r" *[0-9.]+% +(\d+) +(\d+) (sys|user|guest sys|guest user) +(\S+)(?: +(0x[0-9a-f]+))?\s*", line)
        if m:
            tables[-1].append((int(m[1]), m[2], m[3], m[4], m[5] or "-"))
    return tables


def from_tables(pids):
    counts = collections.defaultdict(lambda: [0, 0])
    for samples, *place in sum(read_tables(), []):
        if not pids or place[0] in pids:
            counts[tuple(place)][0] += samples
    put(counts)


def live(arguments):
    pid, boots, seen = arguments[0], [], []
    for functions in arguments[1:]:
        found = re.findall(r"([a-z_]+)(?:\[\w+\])?@[c-f]\w*=(\d+)", functions)
        boots.append({name: int(turns) for name, turns in found})
    for table in read_tables():
        got = collections.Counter()
        for samples, row_pid, mode, symbol, _ in table:
            if row_pid == pid and mode == "guest sys":
                got[symbol] += samples
        of = [i for i, boot in enumerate(boots) if any(got[name] for name in boot if name not in boots[1 - i])]
        print(f"table of boot {of}: {dict(got)}")
        if len(of) > 1:
            sys.exit("names of two boots in one table")
        if of and sum(got.values()) >= FEWEST:
            bad, _ = checked(got, boots[of[0]])
            if bad:
                sys.exit("names of one boot for samples of another")
        seen += of
    if seen != sorted(seen) or set(seen) != {0, 1}:
        sys.exit(f"boots in this order: {seen}")


def checked(got, want):
    """got: samples by name; want: turns by name.  Whether they are wrong, and how many there are."""
    n, turns, bad = sum(got[name] for name in want), sum(want.values()), False
    for name, t in want.items():
        p = binomial(got[name], n, t / turns)
        print(f"{name}: {got[name]} of {n}, want {n * t / turns:.1f}, probability {p:.2g}")
        bad |= p < ALARM
    return bad, n


def check(got, want):
    bad, n = checked(got, want)
    if n < FEWEST:
        sys.exit(f"only {n} samples in the functions")
    sys.exit(bad)


def shares(arguments):
    rows, got, want = get(*arguments[:2]), {}, {}
    for spec in arguments[2:]:
        m = re.fullmatch(r"(?:([a-z ]+):)?([^@]+)@([0-9a-f]+)=(\d+)", spec)
        mode, name, at, turns = m.groups()
        begin = int(at, 16)
        want[name] = int(turns)
        got[name] = sum(int(r[4]) for r in rows if begin <= int(r[3], 16) < begin + 16 and mode in (None, r[1]))
    check(got, want)


def named(arguments):
    rows = get(*arguments[:2])
    want = {name: int(turns) for name, turns in (a.split("=") for a in arguments[2:])}
    check({name: sum(int(r[4]) for r in rows if r[2] == name) for name in want}, want)


def alike(arguments):
    key, one, two, pid = arguments
    column = {"mode": 1, "symbol": 2, "address": 3}[key]
    sums, bad = [collections.Counter(), collections.Counter()], False
    for counter, path in zip(sums, (one, two)):
        for r in get(path, pid):
            counter[r[column]] += int(r[4])
    n, other_n = (sum(c.values()) for c in sums)
    for name in sorted(sums[0] | sums[1]):
        k, other_k = sums[0][name], sums[1][name]
        p = hypergeometric(k, n, other_k, other_n)
        if p < 0.01:
            print(f"{name}: {k} of {n}, {other_k} of {other_n}, probability {p:.2g}")
        bad |= p < ALARM
    sys.exit(bad)


{"perf": perf, "ours": ours, "tables": from_tables, "live": live, "shares": shares, "named": named, "alike": alike}[sys.argv[1]](sys.argv[2:])
