#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Checks of what fleets install: user/share/grafana, user/share/prometheus.

  share_check.py dashboard FILE          its own consistency
  share_check.py rules FILE              prints its queries as a rules file, for promtool check rules
  share_check.py names FILE PAGE...      each series and label that its queries use is in the pages
  share_check.py pages MADE PAGE...      the same of a made-up page
  share_check.py colours FILE THEME      its states have the colours of the terminal UI's dark theme, all eight
  share_check.py runbooks RULES RUNBOOKS each alert leads to a section that says what it must
  share_check.py evaluate FILE URL TIME  each query has a value at that time in that Prometheus

FILE is a dashboard (.json) or a file of rules (.yml).  What is wrong is printed, a line each; status 1 then.
"""
import json
import math
import re
import sys
import urllib.parse
import urllib.request

# Of Prometheus itself, of node_exporter; and what Prometheus adds to all.
FOREIGN = {"up": set(), "ALERTS": {"alertname", "alertstate", "severity"}, "node_textfile_mtime_seconds": {"file"}}
TARGET = {"job", "instance"}
WORDS = {"by", "without", "on", "ignoring", "group_left", "group_right", "and", "or", "unless", "offset", "bool", "inf", "nan"}
# What Grafana puts in; a variable that nothing is chosen of is all.
GRAFANA = {"__rate_interval": "5m", "__interval": "1m", "__range": "30m"}


def replaced(expr, variables):
    def value(m):
        name = m.group(1) or m.group(2)
        if name in GRAFANA:
            return GRAFANA[name]
        if name not in variables:
            raise SystemExit(f"a query uses ${name}, which is no variable: {expr}")
        return ".*"
    return re.sub(r"\$(?:\{(\w+)(?::\w+)?\}|(\w+))", value, expr)


def panels_of(dashboard):
    for panel in dashboard["panels"]:
        yield panel
        yield from panel.get("panels", [])


def queries(path):
    """(where, expr, labels of its legend) of all queries of a dashboard or a file of rules."""
    if path.endswith(".yml"):
        for name, expr in rules_of(path):
            yield name, expr, []
        return
    dashboard = json.load(open(path, encoding="utf-8"))
    variables = {v["name"]: v for v in dashboard["templating"]["list"]}
    for panel in panels_of(dashboard):
        for target in panel.get("targets", []):
            legend = re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", ""))
            yield f'{panel["title"]} {target["refId"]}', replaced(target["expr"], variables), legend
    for note in dashboard["annotations"]["list"]:
        yield "annotation " + note["name"], replaced(note["expr"], variables), []
    for name, v in variables.items():
        if v["type"] == "query":
            m = re.fullmatch(r"label_values\((.*), (\w+)\)", v["query"]["query"])
            yield "variable " + name, f"count by ({m.group(2)}) ({replaced(m.group(1), variables)})", [m.group(2)]


def rules_of(path):
    """(record or alert, expr): of a file as ours is written, where expr is a line or a folded block."""
    name = None
    lines = open(path, encoding="utf-8").read().split("\n")
    for i, line in enumerate(lines):
        if m := re.match(r" *- (?:record|alert): (\S+)", line):
            name = m.group(1)
        elif m := re.match(r"( *)expr: (.*)", line):
            expr = m.group(2)
            if expr == ">-":
                block = []
                for more in lines[i + 1:]:
                    if not more.startswith(m.group(1) + "  "):
                        break
                    block.append(more.strip())
                expr = " ".join(block)
            yield name, expr


def names(expr):
    """The series of a query, each with the labels it is asked for, and the labels of its groupings."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', '""', expr)
    used, groups = {}, set()
    for m in re.finditer(r"\{([^}]*)\}", bare):
        labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", m.group(1)))
        before = re.search(r"([a-zA-Z_:][\w:]*)\s*$", bare[:m.start()])
        if before:
            used.setdefault(before.group(1), set()).update(labels)
        else:  # {__name__=~"a|b", …}
            text = re.search(r'__name__=~?"([^"]*)"', expr)
            for name in text.group(1).split("|"):
                used.setdefault(name, set()).update(labels - {"__name__"})
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]", " ", bare)
    for m in re.finditer(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)", bare):
        groups.update(re.findall(r"\w+", m.group(1)))
    bare = re.sub(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)", " ", bare)
    for m in re.finditer(r"(?<![\w.:])([a-zA-Z_:][\w:]*)(?!\s*\(|[\w:])", bare):
        if m.group(1) not in WORDS:
            used.setdefault(m.group(1), set())
    return used, groups


def series_of(pages):
    """The labels of each series of pages in Prometheus' text format or OpenMetrics."""
    have = {}
    for page in pages:
        for line in open(page, encoding="utf-8"):
            if m := re.match(r"([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ", line):
                labels = re.findall(r'(\w+)="(?:[^"\\]|\\.)*"', m.group(2) or "")
                have.setdefault(m.group(1), set()).update(labels)
    return have


def check_names(path, pages):
    have = series_of(pages) | FOREIGN
    recorded = {name for name, _ in rules_of(path)} if path.endswith(".yml") else set()
    for where, expr, _ in queries(path):
        used, groups = names(expr)
        if not used:
            yield f"{where}: no series in {expr}"
        known = set(TARGET)
        for name, labels in used.items():
            if name in recorded:
                # what it was made of has been checked; its labels are among all that there are
                known |= set().union(*have.values())
                continue
            if name not in have:
                yield f"{where}: no series {name}"
                continue
            known |= have[name]
            for label in sorted(labels - have[name] - TARGET):
                yield f"{where}: {name} has no label {label}"
        for label in sorted(groups - known):
            yield f"{where}: none of its series has a label {label}"


def check_pages(made, pages):
    have = series_of(pages)
    for name, labels in series_of([made]).items():
        if name not in have:
            yield f"the exporter has no series {name}"
        else:
            for label in sorted(labels - have[name] - TARGET):
                yield f"the exporter's {name} has no label {label}"


def members(node, key):
    """All values of that key, however deep."""
    for name, child in node.items() if isinstance(node, dict) else enumerate(node):
        if name == key:
            yield child
        if isinstance(child, (dict, list)):
            yield from members(child, key)


def check_dashboard(path):
    dashboard = json.load(open(path, encoding="utf-8"))
    seen, placed = set(), []
    if dashboard.get("id") is not None or "__inputs" in dashboard or not dashboard["editable"]:
        yield "it must be editable, without an id and __inputs"
    sources = [v["name"] for v in dashboard["templating"]["list"] if v["type"] == "datasource"]
    if sources != ["datasource"]:
        yield f"variables for the data source: {sources}"
    for source in members(dashboard, "datasource"):
        if source != {"type": "prometheus", "uid": "${datasource}"}:
            yield f"a data source of its own: {source}"
    for panel in panels_of(dashboard):
        where = f'panel {panel["id"]} "{panel["title"]}"'
        if panel["id"] in seen:
            yield f"{where}: its id is another's"
        seen.add(panel["id"])
        p = panel["gridPos"]
        if p["x"] < 0 or p["x"] + p["w"] > 24 or p["w"] < 1 or p["h"] < 1:
            yield f"{where}: outside of the grid"
        for other, o in placed:
            if p["x"] < o["x"] + o["w"] and o["x"] < p["x"] + p["w"] and p["y"] < o["y"] + o["h"] and o["y"] < p["y"] + p["h"]:
                yield f"{where}: overlaps {other}"
        placed.append((where, p))
        if panel["type"] == "row":
            continue
        for member in ("title", "description", "targets"):
            if not panel.get(member):
                yield f"{where}: no {member}"
        defaults = panel["fieldConfig"]["defaults"]
        if panel["type"] in ("stat", "timeseries") and not defaults.get("unit"):
            yield f"{where}: no unit"
        ids = [t["refId"] for t in panel["targets"]]
        if len(set(ids)) != len(ids):
            yield f"{where}: refIds {ids}"
        for target in panel["targets"]:
            if panel["type"] == "timeseries" and not target.get("legendFormat"):
                yield f"{where}: a query without a legend"
            if panel["type"] == "table" and (target.get("format") != "table" or not target.get("instant")):
                yield f"{where}: a table's query is instant, in format table"


def check_colours(path, theme):
    text = open(theme, encoding="utf-8").read().split("/* ON_DARK */", 1)[1].split("/* ON_LIGHT */", 1)[0]
    want = {state.lower(): "#" + rgb for state, rgb in re.findall(r"STYLE_STATE \+ VMP_(\w+)\] = \{0x(\w{6}),", text)}
    ledgers = 0
    for panel in panels_of(json.load(open(path, encoding="utf-8"))):
        if not any("{{state}}" == t.get("legendFormat") for t in panel.get("targets", [])):
            continue
        ledgers += 1
        have = {o["matcher"]["options"]: p["value"]["fixedColor"] for o in panel["fieldConfig"]["overrides"]
                for p in o["properties"] if p["id"] == "color"}
        if have != want:
            yield f'panel "{panel["title"]}": {have} is not {want}'
    if not ledgers or len(want) != 8:
        yield f"{ledgers} ledgers, {len(want)} colours"


def check_runbooks(rules, runbooks):
    book = open(runbooks, encoding="utf-8").read()
    sections = dict(re.findall(r"^### (\w+)\n(.*?)(?=^##|\Z)", book, re.M | re.S))
    alerts = re.split(r"^ *- alert: ", open(rules, encoding="utf-8").read(), flags=re.M)[1:]
    for alert in alerts:
        name = alert.split("\n", 1)[0]
        alert = alert.split("\n  - name:", 1)[0]
        for want in ("severity: ", "summary: ", "description: "):
            if want not in alert:
                yield f"{name}: no {want}"
        if not re.search(r"description: .*\$labels\.(instance|domain)", alert):
            yield f"{name}: its description does not say whose"
        if name.startswith("VmperfVM") and not re.search(r"description: .*\$labels\.domain.*\$labels\.instance", alert):
            yield f"{name}: its description does not name VM and host"
        if f'runbook: "runbooks.md#{name.lower()}"' not in alert:
            yield f"{name}: its runbook is not runbooks.md#{name.lower()}"
        section = sections.pop(name, None)
        if section is None:
            yield f"{name}: runbooks.md has no such section"
            continue
        for want in ("**Means**", "**Look at**", "**Do**"):
            if want not in section:
                yield f"{name}: its section does not say {want}"
    for name in sections:
        yield f"runbooks.md: {name} is no alert"


def check_evaluate(path, url, time):
    for where, expr, legend in queries(path):
        data = urllib.parse.urlencode({"query": expr, "time": time}).encode()
        try:
            with urllib.request.urlopen(url + "/api/v1/query", data) as answer:
                result = json.load(answer)["data"]["result"]
        except urllib.error.HTTPError as e:
            yield f"{where}: {json.load(e)['error']}"
            continue
        values = [float(r["value"][1]) for r in result]
        # there are no rules in that Prometheus, so no alerts
        if not values and "ALERTS" not in expr:
            yield f"{where}: nothing for {expr}"
        if any(map(math.isnan, values)) or any(map(math.isinf, values)):
            yield f"{where}: not a number, for {expr}"
        for label in legend:
            if not any(label in r["metric"] for r in result):
                yield f"{where}: nothing has the label {label} of its legend"
        print(f"# {where}: {len(values)} values", file=sys.stderr)


def as_rules(path):
    print("groups:\n  - name: queries\n    rules:")
    for i, (_, expr, _) in enumerate(queries(path)):
        print(f"      - record: query_{i}\n        expr: {json.dumps(expr)}")


def main():
    what, *args = sys.argv[1:]
    if what == "rules":
        as_rules(*args)
        return 0
    if what in ("names", "pages"):
        args = [args[0], args[1:]]
    wrong = list(globals()["check_" + what](*args))
    for line in wrong:
        print(line)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
