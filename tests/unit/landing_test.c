// SPDX-License-Identifier: GPL-2.0-only
/* The exporter's page for people: byte by byte, and that no text becomes part of its form. */
#include "out/landing.h"

#include "hosts.h"

#include "golden.h"
#include "model/tally.h"
#include "unit.h"

/* What tries to get out of where it is put. */
#define HOSTILE                                                                                              \
	"</th></td></p></title><script>alert(1)</script>\"' onload='x' --><img src=x "                       \
	"onerror=alert(2)>&lt;&#60;\033[31m"
#define HARMLESS "harmless"

static void host(struct pair *p, const char *text)
{
	both(p, "kvm_amd", "x86_64", ALL_STATES);
	for (uint32_t i = 0; i < 3; i++) {
		struct sample_vcpu *v = sample_vcpu(sample_vm(&p->b, text, "", 100 + i), VMP_ISA_SVM);

		sample_exits(v, 0x72, 100 - i, 10 * US, 0);
		sample_rest(v, 2 * SECOND);
	}
	snprintf(p->b.host.hostname, sizeof(p->b.host.hostname), "%s", text);
	snprintf(p->b.host.kernel, sizeof(p->b.host.kernel), "%s", text);
	snprintf(p->b.host.kvm_vendor, sizeof(p->b.host.kvm_vendor), "%s", text);
	snprintf(p->b.invisible_why, sizeof(p->b.invisible_why), "%s", text);
	snprintf(p->b.probes[0].name, sizeof(p->b.probes[0].name), "%s", text);
	snprintf(p->b.probes[0].reason, sizeof(p->b.probes[0].reason), "%s", text);
	p->b.probes[0].status = PROBE_FAILED;
}

static void make(struct pair *p, const struct landing *l, struct buf *b)
{
	struct view *v = view_build(&p->a, &p->b);

	out_landing(b, v, l);
	view_free(v);
	sample_free(&p->a);
	sample_free(&p->b);
}

/* All tags of a page, one a line; what stands between them is text, without a character that means something.
 */
static void form(const struct buf *page, struct buf *ret)
{
	static const char *const entities[] = {"&lt;", "&gt;", "&amp;", "&quot;", "&#39;"};
	const char *p = page->data;

	while (*p) {
		const char *end = p + 1;

		if (*p == '&') {
			bool known = false;

			for (size_t i = 0; i < sizeof(entities) / sizeof(*entities); i++)
				known |= !strncmp(p, entities[i], strlen(entities[i]));
			ck_assert_msg(known, "%.20s", p);
		} else if (*p == '<') {
			end = strchr(p, '>');
			ck_assert_ptr_nonnull(end);
			buf_add(ret, p, (size_t)(++end - p));
			buf_puts(ret, "\n");
		} else {
			MANY((unsigned char)*p >= ' ' || *p == '\n');
		}
		p = end;
	}
}

START_TEST(text_is_text)
{
	struct buf hostile = {0}, harmless = {0}, a = {0}, b = {0};
	struct pair p;

	host(&p, HOSTILE);
	make(&p, &(struct landing){.version = HOSTILE, .replay = HOSTILE}, &hostile);
	host(&p, HARMLESS);
	make(&p, &(struct landing){.version = HARMLESS, .replay = HARMLESS}, &harmless);
	form(&hostile, &a);
	form(&harmless, &b);
	ck_assert_str_eq(a.data, b.data);
	ck_assert_ptr_nonnull(
		strstr(hostile.data, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39; onload="));
	ck_assert_ptr_nonnull(strstr(hostile.data, "&amp;lt;&amp;#60;\\x1b[31m"));
	buf_free(&a);
	buf_free(&b);
	buf_free(&hostile);
	buf_free(&harmless);
	/* while it waits */
	host(&p, HOSTILE);
	make(&p, &(struct landing){.version = "1", .waiting = HOSTILE}, &hostile);
	host(&p, HARMLESS);
	make(&p, &(struct landing){.version = "1", .waiting = HARMLESS}, &harmless);
	form(&hostile, &a);
	form(&harmless, &b);
	ck_assert_str_eq(a.data, b.data);
	buf_free(&a);
	buf_free(&b);
	buf_free(&hostile);
	buf_free(&harmless);
}
END_TEST

/* Each tag that opens is closed, in order. */
START_TEST(tags_are_closed)
{
	static const char *const alone[] = {"!DOCTYPE", "meta", "link"};
	struct buf page = {0}, tags = {0};
	char open[64][16], name[16];
	unsigned int depth = 0;
	struct pair p;

	host(&p, HOSTILE);
	make(&p, &(struct landing){.version = "1"}, &page);
	form(&page, &tags);
	for (const char *t = tags.data; *t; t = strchr(t, '\n') + 1) {
		bool is_alone = false;

		ck_assert_int_eq(sscanf(t, "<%15[/!a-zA-Z0-9]", name), 1);
		for (size_t i = 0; i < sizeof(alone) / sizeof(*alone); i++)
			is_alone |= !strcmp(name, alone[i]);
		if (*name == '/') {
			ck_assert_uint_gt(depth, 0);
			ck_assert_str_eq(name + 1, open[--depth]);
		} else if (!is_alone) {
			ck_assert_uint_lt(depth, 64);
			strcpy(open[depth++], name);
		}
	}
	ck_assert_uint_eq(depth, 0);
	buf_free(&page);
	buf_free(&tags);
}
END_TEST

/* Nothing is fetched from anywhere. */
START_TEST(nothing_from_elsewhere)
{
	struct buf page = {0};
	struct pair p;

	host(&p, HARMLESS);
	make(&p, &(struct landing){.version = "1"}, &page);
	ck_assert_ptr_null(strstr(page.data, "//"));
	ck_assert_ptr_null(strstr(page.data, "src="));
	ck_assert_ptr_null(strstr(page.data, "url("));
	ck_assert_ptr_null(strstr(page.data, "@import"));
	ck_assert_ptr_null(strstr(page.data, "<script"));
	buf_free(&page);
}
END_TEST

START_TEST(many_vms)
{
	struct buf page = {0};
	struct pair p;

	both(&p, "kvm_amd", "x86_64", ALL_STATES);
	for (uint32_t i = 0; i < LANDING_VMS + 7; i++)
		sample_rest(sample_vcpu(sample_vm(&p.b, "x", "", 100 + i), VMP_ISA_SVM), 2 * SECOND);
	make(&p, &(struct landing){.version = "1"}, &page);
	ck_assert_ptr_nonnull(strstr(page.data, "<p>And 7 more.</p>"));
	ck_assert_ptr_nonnull(strstr(page.data, ">VMs: 207, vCPUs: 207;"));
	buf_free(&page);
}
END_TEST

/* Those that are summed up are one row, and many VMs. */
START_TEST(others)
{
	struct buf page = {0};
	struct pair p;

	both(&p, "kvm_amd", "x86_64", ALL_STATES);
	sample_rest(sample_vcpu(sample_vm(&p.b, "one", "", 100), VMP_ISA_SVM), 2 * SECOND);
	sample_rest(sample_vcpu(sample_vm(&p.b, TALLY_OTHER, "", 101), VMP_ISA_SVM), 2 * SECOND);
	make(&p, &(struct landing){.version = "1", .others = 20}, &page);
	ck_assert_ptr_nonnull(strstr(page.data, ">VMs: 21, vCPUs: 2;"));
	ck_assert_ptr_nonnull(strstr(page.data, "<th scope=\"row\">20 others</th>"));
	ck_assert_ptr_nonnull(strstr(page.data, "<th scope=\"row\">one</th>"));
	buf_free(&page);
}
END_TEST

/* By the made-up hosts of the other formats. */
START_TEST(goldens)
{
	struct buf page = {0};
	struct pair p;

	mixed(&p);
	make(&p, &(struct landing){.version = "1.2"}, &page);
	golden_same("landing.html", &page);
	buf_free(&page);
	no_kvm(&p);
	make(&p, &(struct landing){.version = "1.2", .waiting = "KVM is not loaded"}, &page);
	golden_same("landing-waiting.html", &page);
	buf_free(&page);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("landing");

	UNIT_ADD(u, text_is_text);
	UNIT_ADD(u, tags_are_closed);
	UNIT_ADD(u, nothing_from_elsewhere);
	UNIT_ADD(u, many_vms);
	UNIT_ADD(u, others);
	UNIT_ADD(u, goldens);
	return unit_run(u);
}
