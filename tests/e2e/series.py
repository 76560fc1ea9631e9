#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""Pages of metrics, as a Prometheus client's own parser reads them.

series.py value FILE NAME [LABEL=VALUE...]  the sum of the series that match; nothing where there is none
series.py count FILE [LABEL=VALUE...]       how many match
series.py labels FILE [LABEL=VALUE...]      a line for each: its name and labels, without their values
series.py grown OLD NEW                     status 1, and a line for each, where a counter of OLD is lower in NEW
series.py whole FILE N                      reads FILE until N versions of it were seen; each must be whole
"""
import sys

from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client import parser as text


def samples(data):
    """(type, name, labels, value) of each series of a page."""
    form = openmetrics if data.endswith("# EOF\n") else text
    for family in form.text_string_to_metric_families(data):
        for s in family.samples:
            yield family.type, s.name, s.labels, s.value


def read(path):
    """A file's text."""
    with open(path, encoding="utf-8") as f:
        return f.read()


def matching(data, want):
    """Those with these labels; one without a value matches series that do not have it."""
    pairs = [w.partition("=") for w in want]
    for kind, name, labels, value in samples(data):
        if all(labels.get(k, "") == v for k, _, v in pairs):
            yield kind, name, labels, value


def grown(old, new):
    """What went back."""
    after = {(n, tuple(sorted(l.items()))): v for _, n, l, v in samples(new)}
    bad = [(n, l, v) for k, n, l, v in samples(old) if k in ("counter", "histogram")
           and after.get((n, tuple(sorted(l.items()))), v) < v]
    for n, l, v in bad:
        print(n, l, v, "went back to", after[n, tuple(sorted(l.items()))])
    return not bad


def whole(path, n):
    """Each version ends as the second does (only the first tells of none before it), and who has that one open
    keeps it."""
    while "vmperf_scrape_duration_seconds" not in read(path):
        pass
    with open(path, encoding="utf-8") as f:
        first = f.read()
        seen = {first}
        last = [name for _, name, _, _ in samples(first)][-1]
        while len(seen) < n:
            data = read(path)
            if data in seen:
                continue
            seen.add(data)
            names = [name for _, name, _, _ in samples(data)]
            if not data.endswith("\n") or names[-1:] != [last]:
                print("half a page:", data[-200:])
                return False
        f.seek(0)
        return f.read() == first


def main():
    """See above."""
    what, path, *rest = sys.argv[1:]
    if what == "value":
        values = [v for _, n, _, v in matching(read(path), rest[1:]) if n == rest[0]]
        if values:
            print(f"{sum(values):.17g}")
    elif what == "count":
        print(sum(1 for _ in matching(read(path), rest)))
    elif what == "labels":
        print("\n".join(sorted({" ".join([n, *sorted(l)]) for _, n, l, _ in matching(read(path), rest)})))
    elif what == "grown":
        return 0 if grown(read(path), read(rest[0])) else 1
    elif what == "whole":
        return 0 if whole(path, int(rest[0])) else 1
    else:
        sys.exit(__doc__)
    return 0


if __name__ == "__main__":
    sys.exit(main())
