#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""prom_json.py PAGE JSON: whether a page of metrics says what vmperf's JSON of the same view says, and no more.

Prints what differs, and the number of series that were compared.
"""
import json
import sys
from fractions import Fraction

from prometheus_client import parser


def seconds(ns):
    """As a client's float has it."""
    return float(Fraction(ns, 10**9))


def clean(text):
    """Without control characters."""
    return "".join(c if c >= " " else f"\\x{ord(c):02x}" for c in text)


def lines(page):
    """The same as a client's parser reads them: {(name, labels): value}."""
    with open(page, encoding="utf-8") as f:
        families = list(parser.text_string_to_metric_families(f.read()))
    return {(s.name, frozenset(s.labels.items())): s.value for m in families for s in m.samples}


class Want:
    """What the page should have."""

    def __init__(self):
        self.series = {}

    def add(self, name, value, labels):
        """A figure; None is not visible, so it has no series."""
        if value is not None:
            self.series["vmperf_" + name, frozenset(labels.items())] = value

    def exits(self, vm, at):
        """Exit reasons, of both kinds."""
        for e in vm["exits"] or []:
            by = dict(at, reason=e["reason"])
            self.add("exits_total", e["count"], by)
            for state in ("kvm", "vmm", "poll", "idle", "blocked", "wait"):
                if e[state + "_ns"]:
                    self.add("exit_seconds_total", seconds(e[state + "_ns"]), dict(by, state=state))
        for e in vm["userspace_exits"] or []:
            by = dict(at, reason=e["reason"])
            self.add("userspace_exits_total", e["count"], by)
            if e["ns"] is not None:
                self.add("userspace_exit_seconds_total", seconds(e["ns"]), by)

    def threads(self, vm, at):
        """By class."""
        for c in vm["threads"] or []:
            by = dict(at, **{"class": c["class"]})
            self.add("threads", c["count"], by)
            self.add("thread_cpu_seconds_total", seconds(c["cpu_ns"]), by)
            self.add("thread_wait_seconds_total", seconds(c["wait_ns"]), by)
            self.add("thread_switches_total", c["switches"], by)
            self.add("thread_migrations_total", c["migrations"], by)

    def events(self, vm, at):
        """Of all threads."""
        for e in vm["events"]:
            if e["event"] == "cmt":
                continue
            by = dict(at, event=clean(e["event"]), mode=e["mode"])
            self.add("events_total", e["value"], by)
            if e["running_ratio"] is not None:
                self.add("event_running_ratio", float(f"{e['running_ratio']:.9g}"), by)

    def vm(self, vm):
        """One VM."""
        at = {"domain": vm["name"], "uuid": vm["uuid"] or ""}
        for state, ns in vm["ledger_ns"].items():
            if ns is not None:
                self.add("vcpu_seconds_total", seconds(ns), dict(at, state=state))
        for group, one in (("halts", "halt"), ("wakes", "wake")):
            if vm[group]:
                self.add(group + "_total", vm[group]["count"], at)
                self.add(one + "_seconds_total", seconds(vm[group]["ns"]), at)
        for figure in ("cpu_moves", "node_moves"):
            if vm["placement"]:
                self.add(figure + "_total", vm["placement"][figure], at)
        self.add("unpaired_exits_total", vm["unpaired"], at)
        for flag, n in (vm["exit_flags"] or {}).items():
            self.add("exit_flags_total", n, dict(at, flag=flag))
        self.add("llc_occupancy_bytes", (vm["derived"] or {}).get("llc_occupancy_bytes"), at)
        self.exits(vm, at)
        self.threads(vm, at)
        self.events(vm, at)
        self.add("vcpus", len(vm["vcpus"]), at)
        info = {"vmm": vm["vmm"], "machine": vm["machine"], "vpmu": vm["vpmu"] or "unknown", **at}
        for key, value in vm["metadata"].items():
            info[{"instance": "instance_name", "namespace": "vmi_namespace"}.get(key, key)] = value
        self.add("vm_info", 1, {k: v for k, v in info.items() if v is not None})


def main():
    """See above."""
    got, want = lines(sys.argv[1]), Want()
    with open(sys.argv[2], encoding="utf-8") as f:
        view = json.load(f)
    for vm in view["vms"]:
        want.vm(vm)
    want.add("vms", sum(not vm["ended"] for vm in view["vms"]), {})
    for cause, n in view["loss"].items():
        want.add("loss_total", n, {"cause": cause})
    for p in view["probes"]:
        want.add("probe_active", int(p["state"] == "active"), {"probe": p["name"], "state": p["state"]})
    for (name, labels), value in got.items():
        if name == "vmperf_build_info":
            labels = dict(labels)
            ok = labels["kernel"] == view["host"]["kernel"]
        else:
            ok = want.series.pop((name, labels), None) == value
        if not ok:
            print("not so:", name, sorted(dict(labels).items()), value)
            return 1
    for name, labels in want.series:
        print("missing:", name, sorted(labels))
        return 1
    print(len(got))
    return 0


if __name__ == "__main__":
    sys.exit(main())
