// SPDX-License-Identifier: GPL-2.0-only
#include "landing.h"

#include "../lib/units.h"
#include "../model/metric.h"
#include "../model/tally.h"
#include "../model/verdict.h"
#include "html.h"

/* States in the table; it is too narrow for all. */
static const enum vmp_state shown[] = {VMP_GUEST, VMP_KVM, VMP_VMM, VMP_IDLE, VMP_BLOCKED, VMP_WAIT};

#define NSHOWN (sizeof(shown) / sizeof(*shown))

/* Contrast is 7:1 at least, on light and on dark. */
static const char head[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\">\n"
	"<head>\n"
	"<meta charset=\"utf-8\">\n"
	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	"'unsafe-inline'; img-src "
	"data:\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<meta name=\"color-scheme\" content=\"light dark\">\n"
	"<link rel=\"icon\" href=\"data:,\">\n"
	"<title>vmperf</title>\n"
	"<style>\n"
	":root { color-scheme: light dark; --text: #1a1a1a; --back: #fff; --line: #767676; --link: #003f9e; "
	"--bad: #8f0000; }\n"
	"@media (prefers-color-scheme: dark) {\n"
	" :root { --text: #eee; --back: #14171a; --line: #8a8a8a; --link: #9cc4ff; --bad: #ffb3b3; }\n"
	"}\n"
	"body { font: 1rem/1.5 system-ui, sans-serif; color: var(--text); background: var(--back); "
	"max-width: 72rem; "
	"margin: 0 auto; padding: 1rem; }\n"
	"a { color: var(--link); }\n"
	".scroll { overflow-x: auto; }\n"
	"table { border-collapse: collapse; }\n"
	"caption { text-align: left; font-weight: bold; padding: .5rem 0; max-width: calc(100vw - 2rem); }\n"
	"th, td { text-align: left; padding: .25rem .75rem; border-bottom: 1px solid var(--line); }\n"
	"th[scope=row] { font-weight: normal; overflow-wrap: anywhere; min-width: 10rem; max-width: 24rem; "
	"}\n"
	".n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }\n"
	".v { white-space: nowrap; }\n"
	".bad { color: var(--bad); font-weight: bold; }\n"
	"</style>\n"
	"</head>\n"
	"<body>\n"
	"<header>\n"
	"<h1>vmperf</h1>\n";

static void introduction(struct buf *b, const struct view *v, const struct landing *l)
{
	buf_puts(b, "<p>Where the time of this host's virtual machines goes: figures of ");
	html_text(b, v->host.hostname);
	buf_puts(b, " (Linux ");
	html_text(b, v->host.kernel);
	if (v->host.kvm_vendor[0]) {
		buf_puts(b, ", ");
		html_text(b, v->host.kvm_vendor);
	}
	buf_puts(b, ") for Prometheus, by vmperf ");
	html_text(b, l->version);
	buf_puts(b, ".</p>\n</header>\n<main>\n");
	if (l->replay) {
		buf_puts(b, "<p>They are of a record, ");
		html_text(b, l->replay);
		buf_puts(b, ", not of now.</p>\n");
	}
	if (l->waiting) {
		buf_puts(b, "<p class=\"bad\" role=\"status\">Nothing is measured yet: ");
		html_text(b, l->waiting);
		buf_puts(b, "</p>\n");
	}
	buf_puts(b, "<ul>\n"
		    "<li><a href=\"metrics\">/metrics</a>: all figures, to be scraped</li>\n"
		    "<li><a href=\"-/healthy\">/-/healthy</a>: whether this program lives</li>\n"
		    "<li><a href=\"-/ready\">/-/ready</a>: whether it measures</li>\n"
		    "</ul>\n");
}

static void share(struct buf *b, const struct view *v, const struct view_set *set, enum vmp_state state)
{
	char number[UNITS_SIZE];

	buf_puts(b, "<td class=\"n\">");
	/* what cannot be seen here is no zero */
	if (!(v->visible & 1U << state) || !set->observed_ns)
		buf_puts(b, "<span aria-label=\"not known\">-</span>");
	else
		html_text(b, units_ratio((double)set->ledger[state] / (double)set->observed_ns, number));
	buf_puts(b, "</td>");
}

static void vm_row(struct buf *b, const struct view *v, const struct view_vm *vm, uint32_t others)
{
	struct verdict verdict = verdict_of(&vm->set, v->visible);
	char words[VERDICT_SIZE];

	buf_puts(b, "<tr><th scope=\"row\">");
	if (tally_is_other(vm))
		buf_printf(b, "%u others", others);
	else
		html_text(b, *vm->name ? vm->name : "(no name)");
	buf_printf(b, "</th><td class=\"n\">%u</td><td class=\"%s\">", vm->nvcpus,
		   verdict.level == VERDICT_ALARM ? "v bad" : "v");
	html_text(b, verdict_text(&verdict, words));
	buf_puts(b, "</td>");
	for (size_t i = 0; i < NSHOWN; i++)
		share(b, v, &vm->set, shown[i]);
	buf_puts(b, "</tr>\n");
}

static void vms(struct buf *b, const struct view *v, uint32_t others)
{
	uint32_t n = v->nvms < LANDING_VMS ? v->nvms : LANDING_VMS;

	buf_puts(b, "<h2>VMs</h2>\n");
	if (!n) {
		buf_puts(b, "<p>There are none.</p>\n");
		return;
	}
	buf_printf(b,
		   "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"vms\">\n"
		   "<table>\n<caption id=\"vms\">VMs: %u, vCPUs: %u; the time of their vCPUs since vmperf or "
		   "they "
		   "began</caption>\n"
		   "<thead><tr><th scope=\"col\">VM</th><th scope=\"col\" class=\"n\">vCPUs</th>"
		   "<th scope=\"col\">verdict</th>",
		   v->nvms + others - (others ? 1 : 0), v->nvcpus);
	for (size_t i = 0; i < NSHOWN; i++)
		buf_printf(b, "<th scope=\"col\" class=\"n\">%s</th>", ledger_state_name(shown[i]));
	buf_puts(b, "</tr></thead>\n<tbody>\n");
	for (uint32_t i = 0; i < n; i++)
		vm_row(b, v, &v->vms[i], others);
	buf_puts(b, "</tbody>\n</table>\n</div>\n");
	if (n < v->nvms)
		buf_printf(b, "<p>And %u more.</p>\n", v->nvms - n);
}

static const char *status_name(enum probe_status s)
{
	switch (s) {
	case PROBE_ACTIVE:
		return "active";
	case PROBE_UNAVAILABLE:
		return "unavailable";
	case PROBE_FAILED:
		return "failed";
	default:
		return "off";
	}
}

static void probes(struct buf *b, const struct view *v)
{
	buf_puts(b, "<h2>Probes</h2>\n");
	if (v->invisible_why && *v->invisible_why) {
		buf_puts(b, "<p>");
		html_text(b, v->invisible_why);
		buf_puts(b, "</p>\n");
	}
	if (!v->nprobes)
		return;
	buf_puts(b, "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"probes\">\n"
		    "<table>\n<caption id=\"probes\">What is looked at in the kernel</caption>\n"
		    "<thead><tr><th scope=\"col\">probe</th><th scope=\"col\">state</th>"
		    "<th scope=\"col\">why</th></tr></thead>\n<tbody>\n");
	for (unsigned int i = 0; i < v->nprobes; i++) {
		const struct probe_info *p = &v->probes[i];

		buf_puts(b, "<tr><th scope=\"row\">");
		html_text(b, p->name);
		buf_printf(b, "</th><td%s>%s</td><td>", p->status == PROBE_FAILED ? " class=\"bad\"" : "",
			   status_name(p->status));
		html_text(b, p->reason);
		buf_puts(b, "</td></tr>\n");
	}
	buf_puts(b, "</tbody>\n</table>\n</div>\n");
}

void out_landing(struct buf *b, const struct view *v, const struct landing *l)
{
	buf_puts(b, head);
	introduction(b, v, l);
	if (!l->waiting)
		vms(b, v, l->others);
	probes(b, v);
	buf_puts(b, "</main>\n</body>\n</html>\n");
}
