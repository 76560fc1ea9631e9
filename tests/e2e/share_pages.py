#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""A made-up half hour of two hosts, as OpenMetrics with times: all that vmperf's exporter can show.

Host a has its VMs' own series, host b those of vCPUs (--per-vcpu).  VM web moves from a to b.
"""
BEGIN, STEPS, STEP = 1700000000, 121, 15
MOVED = 80  # the step at which web is on b

STATES = {"guest": 0.4, "kvm": 0.05, "vmm": 0.02, "poll": 0.03, "idle": 0.35, "blocked": 0.05, "wait": 0.08,
          "running": 0.02}
# per second: exits, and seconds of each state that is not 0
EXITS = {"io": (100, {"kvm": 0.001, "vmm": 0.02, "blocked": 0.04}), "msr": (2000, {"kvm": 0.04, "wait": 0.01}),
         "hlt": (50, {"kvm": 0.001, "poll": 0.03, "idle": 0.35, "wait": 0.01})}
UEXITS = {"IO": (90, 0.018), "MMIO": (10, 0.002)}
BUCKETS = ("1.023e-06", "4.095e-06", "1.6383e-05", "6.5535e-05", "0.000262143", "0.001048575", "0.004194303",
           "0.016777215", "+Inf")
EVENTS = {("cycles", "guest"): 1e9, ("cycles", "host"): 2e8, ("instructions", "guest"): 15e8,
          ("instructions", "host"): 1e8, ("cache-misses", "guest"): 3e6, ("cache-misses", "host"): 5e5}
WHOLE = {("mbmt", "both"): 2e8, ("mbml", "both"): 15e7}
CLASSES = {"vcpu": 2, "emulator": 1, "iothread": 1, "vhost": 2, "worker": 0, "kvm": 1, "other": 1}
INFO = {"vmm": "qemu", "machine": "pc-q35-9.2", "vpmu": "on", "title": "made up", "flavor": "m1.small", "project": "test"}

families = {}


def series(name, kind, labels, at):
    """Adds one series: at(step) is its value, None where it is not there."""
    text = ",".join(f'{k}="{v}"' for k, v in labels.items() if v is not None)
    family = families.setdefault("vmperf_" + name if not name.startswith("process_") else name, (kind, []))
    for step in range(STEPS):
        value = at(step)
        if value is not None:
            family[1].append((text, step, value))


def counter(name, labels, rate, first, last):
    series(name, "counter", labels, lambda s: rate * STEP * (s - first) if first <= s <= last else None)


def gauge(name, labels, value, first=0, last=STEPS):
    series(name, "gauge", labels, lambda s: value if first <= s <= last else None)


def histogram(labels, rate, first, last):
    family = families.setdefault("vmperf_exit_handling_seconds", ("histogram", []))
    text = ",".join(f'{k}="{v}"' for k, v in labels.items())
    for step in range(first, min(last + 1, STEPS)):
        n = rate * STEP * (step - first)
        for i, le in enumerate(BUCKETS):
            family[1].append((f'{text},le="{le}"', step, n * (i + 1) // len(BUCKETS), "_bucket"))
        family[1].append((text, step, n, "_count"))
        family[1].append((text, step, n * 2e-5, "_sum"))


def threads_of(vm, share, first, last):
    """What a vCPU, or a VM with all of them, has: share is its part of the VM's."""
    for state, rate in STATES.items():
        counter("vcpu_seconds", {**vm, "state": state}, rate * share, first, last)
    for reason, (rate, states) in EXITS.items():
        counter("exits", {**vm, "reason": reason}, rate * share, first, last)
        for state, ns in states.items():
            counter("exit_seconds", {**vm, "reason": reason, "state": state}, ns * share, first, last)
    for reason, (rate, ns) in UEXITS.items():
        counter("userspace_exits", {**vm, "reason": reason}, rate * share, first, last)
        counter("userspace_exit_seconds", {**vm, "reason": reason}, ns * share, first, last)
    histogram({**vm, "reason": "msr"}, int(2000 * share), first, last)
    for name, rate in (("halts", 50), ("halt_seconds", 0.38), ("wakes", 50), ("wake_seconds", 0.001), ("cpu_moves", 3),
                       ("node_moves", 0.1), ("unpaired_exits", 0.01)):
        counter(name, vm, rate * share, first, last)
    for flag in ("bus_lock", "enclave", "failed_entry", "other"):
        counter("exit_flags", {**vm, "flag": flag}, 0.1 * share, first, last)
    for (event, mode), rate in EVENTS.items():
        counter("events", {**vm, "event": event, "mode": mode}, rate * share, first, last)
        gauge("event_running_ratio", {**vm, "event": event, "mode": mode}, 0.5, first, last)


def vm_of(host, name, uuid, vcpus, first=0, last=STEPS):
    vm = {"job": "vmperf", "instance": host, "domain": name, "uuid": uuid}
    if host == "a":
        threads_of(vm, vcpus, first, last)
    else:
        for i in range(vcpus):
            threads_of({**vm, "vcpu": i}, 1, first, last)
        threads_of({**vm, "vcpu": "ended"}, 0, first, last)
        for (event, mode), rate in EVENTS.items():
            counter("events", {**vm, "event": event, "mode": mode}, rate / 10, first, last)
    for (event, mode), rate in WHOLE.items():
        counter("events", {**vm, "event": event, "mode": mode}, rate, first, last)
    gauge("llc_occupancy_bytes", vm, 4 << 20, first, last)
    gauge("vcpus", vm, vcpus, first, last)
    gauge("vm_info", {**vm, **INFO}, 1, first, last)
    for name, count in CLASSES.items():
        gauge("threads", {**vm, "class": name}, count, first, last)
        for what, rate in (("cpu_seconds", 0.3), ("wait_seconds", 0.02), ("switches", 500), ("migrations", 2)):
            counter("thread_" + what, {**vm, "class": name}, rate * count, first, last)


def host_of(host, vms):
    at = {"job": "vmperf", "instance": host}
    gauge("vms", at, vms)
    gauge("vms_in_other", at, 1)
    gauge("build_info", {**at, "version": "0.1.0", "kernel": "6.12.0", "kvm": "kvm_intel"}, 1)
    for probe, state in (("kvm_exit", "active"), ("kvm_entry", "active"), ("sched_wakeup", "failed")):
        gauge("probe_active", {**at, "probe": probe, "state": state}, int(state == "active"))
    for cause in ("slots", "missed"):
        counter("loss", {**at, "cause": cause}, 0.1, 0, STEPS)
    for name, rate in (("scrapes", 1 / STEP), ("http_requests", 1 / STEP), ("http_errors", 0), ("process_cpu_seconds", 0.01)):
        counter(name, at, rate, 0, STEPS)
    gauge("scrape_duration_seconds", at, 0.004)
    gauge("process_resident_memory_bytes", at, 9 << 20)
    gauge("process_open_fds", at, 40)
    gauge("process_start_time_seconds", at, BEGIN - 60)


def main():
    host_of("a", 2)
    host_of("b", 1)
    vm_of("a", "web", "00000000-0000-0000-0000-000000000001", 2, 0, MOVED)
    vm_of("b", "web", "00000000-0000-0000-0000-000000000001", 2, MOVED + 1)
    vm_of("a", "plain", None, 1)
    vm_of("b", "db", "00000000-0000-0000-0000-000000000002", 4)
    for name, (kind, samples) in families.items():
        print(f"# TYPE {name} {kind}")
        suffix = "_total" if kind == "counter" else ""
        for labels, step, value, *own in samples:
            print(f"{name}{own[0] if own else suffix}{{{labels}}} {value:.9g} {BEGIN + step * STEP}")
    print("# EOF")


if __name__ == "__main__":
    main()
