#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""profile_same.py FILE VMPERF: whether vmperf profile report --all finds in a perf.data file what perf script does,
exactly: samples and periods by event, process, thread and mode, by mapped file, by address of kernels and guests.
Prints what differs, or how many samples there are, of how many processes; status 1 when anything differs."""
import collections
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile

# perf shows mode 5, a guest's user space, as "KGg": each mode whose bits are in it; the last letter is it
MODES = {"K": "sys", "U": "user", "G": "guest sys", "g": "guest user", "H": "other", "": "other"}
LINE = re.compile(r"^\s*(-?\d+)/(-?\d+)\s+([KUHGg]*)\s+(\d+)\s+(\S+):\s+([0-9a-f]+)(?:\s+\((.*)\))?$")

file, vmperf = sys.argv[1:]


def run(*argv):
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if done.returncode:
        sys.exit(f"{argv}: {done.stderr.decode(errors='replace')}")
    return done.stdout.decode(errors="replace")


def module(dso):
    """The short name of what perf tells as a path; what no file is behind has other names here."""
    if dso == "[unknown]" or dso is None:
        return "[unknown]"
    if re.match(r"(/tmp/perf-\d+\.map|\[JIT\] tid \d+|//anon|\[heap\]|\[stack\])$", dso):
        return "//anon"
    return os.path.basename(dso.removesuffix(" (deleted)")).removesuffix(" (deleted)")


def add(sums, key, samples, period):
    sums[key][0] += samples
    sums[key][1] += period


def ours(sort):
    text = run(vmperf, "profile", "report", "--all", "--percent-limit", "0", "-f", "csv", "--sort", sort, file)
    return list(csv.DictReader(io.StringIO(text)))


def theirs():
    # perf passes over guests without a directory of this name
    with tempfile.TemporaryDirectory() as root:
        for r in ours("pid"):
            os.makedirs(f"{root}/{r['pid']}", exist_ok=True)
        return run("perf", "script", f"--guestmount={root}", "-G", "-F", "pid,tid,misc,period,event,ip,dso", "-i", file)


threads, files, places = [collections.defaultdict(lambda: [0, 0]) for _ in range(3)]
idle = total = 0
for line in theirs().splitlines():
    m = LINE.match(line)
    if not m:
        # an empty line ends a call chain
        if line.strip():
            sys.exit(f"not understood: {line}")
        continue
    pid, tid, mode, period, event, ip, dso = m.groups()
    pid, tid, mode, period = int(pid) % 2**32, int(tid) % 2**32, MODES[mode[-1:]], int(period)
    if pid == 0:
        idle += 1
        continue
    total += 1
    add(threads, (event, pid, tid, mode), 1, period)
    if mode == "user":
        add(files, (pid, module(dso)), 1, period)
    else:
        add(places, (pid, mode, int(ip, 16)), 1, period)

got_threads, got_files, got_places = [collections.defaultdict(lambda: [0, 0]) for _ in range(3)]
for r in ours("event,pid,tid,mode"):
    add(got_threads, (r["event"], int(r["pid"]), int(r["tid"]), r["mode"]), int(r["samples"]), int(r["period"]))
for r in ours("pid,mode,module"):
    if r["mode"] == "user":
        add(got_files, (int(r["pid"]), module(r["module"])), int(r["samples"]), int(r["period"]))
for r in ours("pid,mode,address"):
    if r["mode"] != "user":
        add(got_places, (int(r["pid"]), r["mode"], int(r["address"], 16)), int(r["samples"]), int(r["period"]))

wrong = 0
for what, a, b in ("threads", threads, got_threads), ("files", files, got_files), ("places", places, got_places):
    for key in sorted(set(a) | set(b), key=str):
        if a.get(key) != b.get(key):
            print(f"{what} {key}: perf {a.get(key)}, vmperf {b.get(key)}")
            wrong += 1
foreign = json.loads(run(vmperf, "profile", "report", "--all", "-f", "json", file))["foreign"]
if foreign != idle:
    print(f"perf has {idle} samples of the idle task, vmperf left out {foreign}")
    wrong += 1
if not wrong:
    print(total, len({k[1] for k in threads}))
sys.exit(1 if wrong else 0)
