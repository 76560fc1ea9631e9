#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""What a Prometheus has scraped, by its API; URL is in the environment.

prometheus.py next JOB [N] [UP]      until N (1) scrapes that began after now are in, with this value of up (1), and,
                                     if that is 1, pages of their own; prints the time of the last one
prometheus.py value TIME QUERY       the one value at this time; nothing where there is none
prometheus.py list LABEL TIME QUERY  that label of each series, a line each, sorted
prometheus.py until TEXT QUERY       until the query has a value that is, as a text, this one; prints its time
prometheus.py steady FROM TO JOB QUERY
                                     each series of the query has a sample of each scrape in that time (status 1: not)
prometheus.py compare JOB RECORD     counters have grown between scrapes as in a record of the same time
prometheus.py explained JOB          each family of a target has a type and a help text
"""
import itertools
import json
import os
import sys
import time
import urllib.parse
import urllib.request

import read_record

# Each vmperf reads the clock itself at each switch of a vCPU's thread; it may be interrupted before it does.
APART_NS = 20000
# Prometheus moves the time of a scrape by up to 2 ms, so that times differ by the interval, and rounds it to 1 ms.
MOVED = 0.003
DEADLINE = 60


def api(what, **parameters):
    """The data of an answer."""
    query = urllib.parse.urlencode({k: v for k, v in parameters.items() if v is not None})
    with urllib.request.urlopen(f"{os.environ['URL']}/api/v1/{what}?{query}", timeout=30) as answer:
        return json.load(answer)["data"]


def instant(query, at=None):
    """Series of an instant query: (labels, value, time)."""
    return [(s["metric"], s["value"][1], s["value"][0]) for s in api("query", query=query, time=at)["result"]]


def raw(selector, begin, end):
    """Series as they were scraped: (labels, {time: value})."""
    # a range does not have its first moment in later versions
    data = api("query", query=f"{selector}[{max(round((end - begin) * 1000), 1) + 1}ms]", time=end)
    return [(s["metric"], {t: v for t, v in s["values"] if t >= begin}) for s in data["result"]]


def until(found):
    """What found() has found; nothing announces it."""
    end = time.monotonic() + DEADLINE
    while time.monotonic() < end:
        ret = found()
        if ret is not None:
            return ret
        time.sleep(0.05)
    sys.exit(f"waited in vain for {sys.argv[1:]}")


def pages(job, begin, end):
    """Times of scrapes that got a page of their own: where making one takes long it is given out for a while."""
    series = raw(f'vmperf_scrapes_total{{job="{job}"}}', begin, end)
    counts = sorted((t, v) for _, values in series for t, v in values.items())
    return [t for (_, before), (t, n) in zip(counts, counts[1:]) if n != before]


def following(job, n=1, up=1):
    """The time of the nth scrape that begins after now."""
    begin = time.time()

    def found():
        end = time.time()
        # the one before begin is there to compare with
        fresh = pages(job, begin - 5, end) if up else None
        times = sorted(t for _, values in raw(f'up{{job="{job}"}}', begin, end) for t, v in values.items()
                       if t > begin + MOVED and float(v) == up and (fresh is None or t in fresh))
        return times[n - 1] if len(times) >= n else None
    return until(found)


def steady(begin, end, job, query):
    """No gap."""
    (_, up), = raw(f'up{{job="{job}"}}', begin, end)
    want = sorted(t for t, v in up.items() if v == "1")
    series = raw(query, begin, end)
    for labels, values in series:
        if sorted(values) != want:
            print(labels, "has", sorted(values), "of", want)
    return len(want) > 1 and series and all(sorted(values) == want for _, values in series)


STATES = ["guest", "kvm", "vmm", "poll", "idle", "blocked", "wait", "running"]
# of a vCPU in a record
VCPU = {
    "vmperf_userspace_exits_total": lambda v: sum(v["uexits"][::2]),
    "vmperf_halts_total": lambda v: sum(v["halts.hist"]),
    "vmperf_cpu_moves_total": lambda v: v["moves"],
}


def recorded(sample):
    """(name, domain, state): number, as in the record; seconds as nanoseconds; switches of threads; vCPUs, by domain."""
    ret, switches, vcpus_of = {}, {}, {}
    for vm in sample["vms"]:
        domain = vm["name"].decode()
        vcpus = [vm["gone"], *vm["vcpus"]]
        for i, state in enumerate(STATES):
            ret["vmperf_vcpu_seconds_total", domain, state] = sum(v["ledger"][i] for v in vcpus)
        for name, get in VCPU.items():
            ret[name, domain, ""] = sum(get(v) for v in vcpus)
        switches[domain] = sum(t["switches"] for t in vm["threads"]) + sum(vm["gone_threads"][2::4])
        vcpus_of[domain] = len(vm["vcpus"])
    return ret, switches, vcpus_of


def scraped(job, begin, end):
    """The same numbers by time: of those scrapes that were no copy of the one before."""
    ret = {}
    for name in ["vmperf_vcpu_seconds_total", *VCPU]:
        for labels, values in raw(f'{name}{{job="{job}"}}', begin, end):
            key = name, labels["domain"], labels.get("state", "")
            for t, v in values.items():
                # of all vCPUs, reasons …; the text has all of a nanosecond
                number = round(float(v) * 1e9) if name.endswith("seconds_total") else int(v)
                ret.setdefault(t, {}).setdefault(key, 0)
                ret[t][key] += number
    return {t: ret[t] for t in pages(job, begin, end) if t in ret}


def observed(grown, domain):
    """All states together."""
    return sum(n for (name, of, _), n in grown.items() if name == "vmperf_vcpu_seconds_total" and of == domain)


def compare(job, path):
    """
    Between two scrapes each counter must have grown at least as much as between the first sample of the record after the
    one and the last before the other, and at most as much as between those around both; and the whole of each vCPU's
    time is in states.
    """
    record = [s for _, s in read_record.samples(path)]
    spans = [(s["real_ns"] - (s["mono_ns"] - s["begin_ns"]), s["real_ns"], *recorded(s)) for s in record]
    begin, end = spans[0][0] / 1e9, spans[-1][1] / 1e9
    scrapes = scraped(job, begin, end)
    (_, took), = raw(f'scrape_duration_seconds{{job="{job}"}}', begin, end)
    # when its sample was taken: not before, not after
    when = {t: (round((t - MOVED) * 1e9), round((t + MOVED + float(took[t])) * 1e9)) for t in scrapes}
    checked, wrong = 0, []

    def check(what, least, grown, most):
        nonlocal checked
        checked += 1
        if not least <= grown <= most:
            wrong.append((*what, least, grown, most))

    for a, b in itertools.combinations(sorted(scrapes), 2):
        before = [s for s in spans if s[1] < when[a][0]][-1:]
        after = [s for s in spans if s[0] > when[b][1]][:1]
        inside = [s for s in spans if s[0] > when[a][1] and s[1] < when[b][0]]
        if not (before and after and inside):
            continue
        grown = {key: value - scrapes[a].get(key, 0) for key, value in scrapes[b].items()}
        for key, value in grown.items():
            name, domain, _ = key
            apart = 0
            if name == "vmperf_vcpu_seconds_total":
                apart = APART_NS * (after[0][3][domain] - before[0][3].get(domain, 0) + 1)
            check((a, b, key), inside[-1][2].get(key, 0) - inside[0][2].get(key, 0) - apart, value,
                  after[0][2].get(key, 0) - before[0][2].get(key, 0) + apart)
        for domain, n in before[0][4].items():
            check((a, b, domain), n * (when[b][0] - when[a][1]), observed(grown, domain),
                  n * (when[b][1] - when[a][0]))
    for w in wrong:
        print(*w)
    print(len(scrapes), "scrapes,", checked, "growths,", len(wrong), "wrong")
    return checked and not wrong


def explained(job):
    """Types and help texts, of all that has series."""
    families = {}
    for m in api("targets/metadata", match_target=f'{{job="{job}"}}'):
        families[m["metric"]] = m
    names = {labels["__name__"] for labels, _, _ in instant(f'{{job="{job}", __name__=~"vmperf_.*|process_.*"}}')}
    for name in sorted(names):
        m = families.get(name)
        counter = name.endswith("_total")
        if not m or not m["help"] or m["type"] != ("counter" if counter else "gauge"):
            print(name, m)
            names.discard(name)
    return names


def main():
    """See above."""
    what, *rest = sys.argv[1:]
    if what == "next":
        print(following(rest[0], *map(int, rest[1:])))
    elif what == "value":
        values = [v for _, v, _ in instant(rest[1], rest[0])]
        print(*values, sep="\n", end="\n" if values else "")
    elif what == "list":
        labels = [s.get(rest[0], "") for s, _, _ in instant(rest[2], rest[1])]
        print(*sorted(labels), sep="\n", end="\n" if labels else "")
    elif what == "until":
        print(until(lambda: next((t for _, v, t in instant(rest[1]) if v == rest[0]), None)))
    elif what == "steady":
        return 0 if steady(float(rest[0]), float(rest[1]), *rest[2:]) else 1
    elif what == "compare":
        return 0 if compare(*rest) else 1
    elif what == "explained":
        return 0 if explained(*rest) else 1
    else:
        sys.exit(__doc__)
    return 0


if __name__ == "__main__":
    sys.exit(main())
