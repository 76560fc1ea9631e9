// SPDX-License-Identifier: GPL-2.0-only
/* What libvirt's XML of domains tells: real ones, and such as no libvirt would write. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "host/domain_xml.h"
#include "host/meta.h"
#include "lib/buf.h"

/* All metadata of a domain as one text, absent ones as "-". */
static char *meta_text(char *const meta[META_KINDS])
{
	struct buf b = {0};

	for (int i = 0; i < META_KINDS; i++)
		buf_printf(&b, "%s%s", i ? "|" : "", meta[i] ? meta[i] : "-");
	return b.data;
}

static void is_meta(char *const meta[META_KINDS], const char *want)
{
	char *got = meta_text(meta);

	ck_assert_str_eq(got, want);
	free(got);
}

START_TEST(kubevirt_names)
{
	static const char *const none[] = {"",    "_",   "a_",    "_b",    "ab",   "a_b_c",
					   "A_b", "a_B", "a b_c", "a.b_c", "a_b/", "a_b\n"};
	char *meta[META_KINDS] = {0}, name[400];

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		meta_kubevirt(meta, none[i]);
		is_meta(meta, "-|-|-|-|-|-");
	}
	meta_kubevirt(meta, "default_testvmi-1.x");
	is_meta(meta, "-|-|-|-|default|testvmi-1.x");
	meta_clear(meta);
	/* as long as Kubernetes has them, and one more */
	memset(name, 'n', sizeof(name));
	name[63] = '_';
	name[64 + 253] = '\0';
	meta_kubevirt(meta, name);
	ck_assert_uint_eq(strlen(meta[META_NAMESPACE]), 63);
	ck_assert_uint_eq(strlen(meta[META_VMI]), 253);
	meta_clear(meta);
	name[64 + 253] = 'n';
	name[65 + 253] = '\0';
	meta_kubevirt(meta, name);
	ck_assert_ptr_null(meta[META_VMI]);
	name[63] = 'n';
	name[64] = '_';
	name[100] = '\0';
	meta_kubevirt(meta, name);
	ck_assert_ptr_null(meta[META_VMI]);
}
END_TEST

START_TEST(long_texts_are_cut)
{
	char text[600], *meta[META_KINDS] = {0};

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	meta_set(meta, META_TITLE, text);
	ck_assert_uint_eq(strlen(meta[META_TITLE]), META_MAX);
	/* not inside a character */
	memcpy(text + META_MAX - 1, "\xc3\xa9", 2);
	meta_set(meta, META_TITLE, text);
	ck_assert_uint_eq(strlen(meta[META_TITLE]), META_MAX - 1);
	meta_set(meta, META_TITLE, "");
	ck_assert_ptr_null(meta[META_TITLE]);
	meta_set(meta, META_TITLE, NULL);
	ck_assert_ptr_null(meta[META_TITLE]);
}
END_TEST

#if WITH_LIBVIRT
#define NOVA_1_0 "http://openstack.org/xmlns/libvirt/nova/1.0"
#define NOVA_1_1 "http://openstack.org/xmlns/libvirt/nova/1.1"

/* Parses a block of just that size: reading past the end is seen. */
static bool parse(const char *text, size_t len, struct domain_xml *x)
{
	char *copy = malloc(len ? len : 1);
	bool ok;

	memcpy(copy, text, len);
	ok = domain_xml_parse(copy, len, x);
	free(copy);
	return ok;
}

static void expect(const char *text, const char *machine, enum vpmu pmu, const char *meta)
{
	struct domain_xml x;

	ck_assert(parse(text, strlen(text), &x));
	ck_assert_str_eq(x.machine, machine);
	ck_assert_int_eq(x.pmu, pmu);
	is_meta(x.meta, meta);
	domain_xml_clear(&x);
}

static void refused(const char *text, size_t len)
{
	struct domain_xml x, none = {0};

	ck_assert(!parse(text, len, &x));
	ck_assert(!memcmp(&x, &none, sizeof(x)));
}

START_TEST(of_libvirt)
{
	struct domain_xml x;
	static const char text[] =
		"<domain type='kvm' id='3'>\n  <name>web</name>\n"
		"  <uuid>4dc6b0a4-9dad-41d1-80b4-00c04fd430c8</uuid>\n"
		"  <title>Web shop &amp; more</title>\n  <description>&lt;title>no&lt;/title></description>\n"
		"  <memory unit='KiB'>4194304</memory>\n  <vcpu placement='static'>4</vcpu>\n"
		"  <iothreads>2</iothreads>\n  <cputune>\n    <vcpupin vcpu='0' cpuset='2'/>\n"
		"    <iothreadpin iothread='2' cpuset='0-1'/>\n    <iothreadpin iothread='1' cpuset='3'/>\n"
		"    <iothreadpin iothread='-1' cpuset='3'/>\n    <iothreadpin cpuset='3'/>\n"
		"    <iothreadpin iothread='4294967296' cpuset='3'/>\n    <iothreadpin iothread='7'/>\n"
		"    <iothreadpin iothread='1x' cpuset='3'/>\n  </cputune>\n"
		"  <os>\n    <type arch='x86_64' machine='pc-q35-7.2'>hvm</type>\n    <boot dev='hd'/>\n  "
		"</os>\n"
		"  <features>\n    <acpi/>\n    <apic/>\n    <pmu state='off'/>\n  </features>\n"
		"  <cpu mode='host-passthrough' check='none' migratable='on'/>\n  <devices/>\n</domain>\n";

	expect(text, "pc-q35-7.2", VPMU_OFF, "Web shop & more|-|-|-|-|-");
	ck_assert(parse(text, sizeof(text) - 1, &x));
	ck_assert_uint_eq(x.npins, 2);
	ck_assert_uint_eq(x.pins[0].kind, PIN_IOTHREAD);
	ck_assert_uint_eq(x.pins[0].id, 2);
	ck_assert_str_eq(x.pins[0].cpus, "0-1");
	ck_assert_uint_eq(x.pins[1].id, 1);
	ck_assert_str_eq(x.pins[1].cpus, "3");
	domain_xml_clear(&x);
	domain_xml_clear(&x);
}
END_TEST

START_TEST(of_nova)
{
	expect("<domain type='kvm' id='1'><name>instance-0000001c</name><metadata>"
	       "<nova:instance xmlns:nova='" NOVA_1_1 "'><nova:package version='27.1.0'/>"
	       "<nova:name>shop-db-1</nova:name><nova:creationTime>2023-10-01 09:10:11</nova:creationTime>"
	       "<nova:flavor name='m1.large'><nova:memory>8192</nova:memory><nova:disk>80</nova:disk>"
	       "<nova:swap>0</nova:swap><nova:ephemeral>0</nova:ephemeral><nova:vcpus>4</nova:vcpus></"
	       "nova:flavor>"
	       "<nova:owner><nova:user uuid='8f2a'>ops</nova:user><nova:project "
	       "uuid='77aa'>shop</nova:project>"
	       "</nova:owner><nova:root type='image' uuid='1234'/><nova:ports><nova:port uuid='5'>"
	       "<nova:ip type='fixed' address='10.0.0.9' ipVersion='4'/></nova:port></nova:ports>"
	       "</nova:instance></metadata><os><type arch='x86_64' machine='pc-i440fx-jammy'>hvm</type></os>"
	       "<features><acpi/><vmcoreinfo state='on'/></features></domain>",
	       "pc-i440fx-jammy", VPMU_UNKNOWN, "-|shop-db-1|m1.large|shop|-|-");
	/* 1.0, and another prefix */
	expect("<domain><metadata><n:instance xmlns:n='" NOVA_1_0 "'><n:name>a</n:name>"
	       "<n:flavor "
	       "name='f'/><n:owner><n:project>p</n:project></n:owner></n:instance></metadata></domain>",
	       "", VPMU_UNKNOWN, "-|a|f|p|-|-");
	/* what is missing, empty or of another namespace is none */
	expect("<domain><metadata><n:instance xmlns:n='" NOVA_1_1 "'><n:name/><name>b</name>"
	       "<n:flavor/><n:owner><n:user>u</n:user></n:owner></n:instance></metadata></domain>",
	       "", VPMU_UNKNOWN, "-|-|-|-|-|-");
	expect("<domain><metadata><n:instance "
	       "xmlns:n='urn:x'><n:name>a</n:name></n:instance></metadata></domain>",
	       "", VPMU_UNKNOWN, "-|-|-|-|-|-");
	expect("<domain><n:instance xmlns:n='" NOVA_1_1 "'><n:name>a</n:name></n:instance></domain>", "",
	       VPMU_UNKNOWN, "-|-|-|-|-|-");
}
END_TEST

START_TEST(of_kubevirt)
{
	expect("<domain type='kvm' id='1'>\n  <name>default_vmi-ephemeral</name>\n  <metadata>\n"
	       "    <kubevirt xmlns=\"http://kubevirt.io\">\n      "
	       "<uid>616dde5c-1fec-11e9-b766-525500d15501</uid>\n"
	       "      <graceperiod>\n        <deletionGracePeriodSeconds>0</deletionGracePeriodSeconds>\n"
	       "      </graceperiod>\n    </kubevirt>\n  </metadata>\n"
	       "  <os>\n    <type arch='x86_64' machine='pc-q35-3.0'>hvm</type>\n  </os>\n"
	       "  <features>\n    <acpi/>\n    <pmu state='on'/>\n  </features>\n</domain>",
	       "pc-q35-3.0", VPMU_ON, "-|-|-|-|default|vmi-ephemeral");
	expect("<domain><name>a_b</name><metadata><k:kubevirt "
	       "xmlns:k='http://kubevirt.io'/></metadata></domain>",
	       "", VPMU_UNKNOWN, "-|-|-|-|a|b");
	/* a name of that form alone says nothing */
	expect("<domain><name>a_b</name></domain>", "", VPMU_UNKNOWN, "-|-|-|-|-|-");
	expect("<domain><name>a b</name><metadata><k:kubevirt "
	       "xmlns:k='http://kubevirt.io'/></metadata></domain>",
	       "", VPMU_UNKNOWN, "-|-|-|-|-|-");
}
END_TEST

START_TEST(odd_but_right)
{
	char text[200], zeros[80];

	expect("<domain/>", "", VPMU_UNKNOWN, "-|-|-|-|-|-");
	expect("<?xml version='1.0' encoding='UTF-8'?><domain><features><pmu/></features></domain>", "",
	       VPMU_ON, "-|-|-|-|-|-");
	expect("<domain><features><pmu state='perhaps'/></features></domain>", "", VPMU_UNKNOWN,
	       "-|-|-|-|-|-");
	expect("<domain><title><![CDATA[<!DOCTYPE a>]]>&#233;</title></domain>", "", VPMU_UNKNOWN,
	       "<!DOCTYPE a>\xc3\xa9|-|-|-|-|-");
	expect("<domain><title>a</title><title>b</title></domain>", "", VPMU_UNKNOWN, "a|-|-|-|-|-");
	/* never a part of a type */
	snprintf(text, sizeof(text), "<domain><os><type machine='%063d'/></os></domain>", 0);
	snprintf(zeros, sizeof(zeros), "%063d", 0);
	expect(text, zeros, VPMU_UNKNOWN, "-|-|-|-|-|-");
	snprintf(text, sizeof(text), "<domain><os><type machine='%064d'/></os></domain>", 0);
	expect(text, "", VPMU_UNKNOWN, "-|-|-|-|-|-");
	/* libvirt's own elements have no namespace */
	expect("<domain><x:title xmlns:x='urn:x'>a</x:title></domain>", "", VPMU_UNKNOWN, "-|-|-|-|-|-");
}
END_TEST

START_TEST(no_domain)
{
	static const char *const bad[] = {
		"",
		" ",
		"x",
		"<",
		"<domain>",
		"<domain></domains>",
		"<domainsnapshot/>",
		"<x:domain xmlns:x='urn:x'/>",
		"<domain/><domain/>",
		"<domain><title>&nbsp;</title></domain>",
		"<domain><title>\xff\xfe</title></domain>",
		"<domain><title>\xc3</title></domain>",
		"<domain><title>a\x01</title></domain>",
		"<domain><title a='1' a='2'/></domain>",
		"<domain><n:x/><title/>",
	};
	static const char nul[] = "<domain><title>a\0</title></domain>";

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(bad[i], strlen(bad[i]));
	refused(nul, sizeof(nul) - 1);
}
END_TEST

/* Entities: those that grow without end, in texts and in attributes; those from elsewhere. */
START_TEST(no_dtd)
{
	struct buf b = {0};

	buf_printf(&b, "<!DOCTYPE domain [<!ENTITY e0 'aaaaaaaaaa'>");
	for (int i = 1; i < 12; i++) {
		buf_printf(&b, "<!ENTITY e%d '", i);
		for (int j = 0; j < 10; j++)
			buf_printf(&b, "&e%d;", i - 1);
		buf_printf(&b, "'>");
	}
	buf_printf(&b, "]><domain a='&e11;'><title>&e11;</title></domain>");
	refused(b.data, b.len);
	buf_free(&b);
#define REFUSED(text) refused(text, strlen(text))
	REFUSED("<!DOCTYPE domain [<!ENTITY x 'y'>]><domain><title>&x;</title></domain>");
	REFUSED("<!DOCTYPE domain [<!ENTITY x SYSTEM "
		"'file:///etc/passwd'>]><domain><title>&x;</title></domain>");
	REFUSED("<!DOCTYPE domain SYSTEM 'file:///etc/passwd'><domain/>");
	REFUSED("<!DOCTYPE domain PUBLIC 'a' 'http:/x'><domain/>");
	REFUSED("<!DOCTYPE domain [<!ENTITY % p SYSTEM 'http:/x'>%p;]><domain/>");
	REFUSED("<!DOCTYPE domain><domain/>");
}
END_TEST

START_TEST(large_and_deep)
{
	struct domain_xml x;
	struct buf b = {0};
	size_t n;

	/* as large as is taken: the title is cut, the rest of no use */
	buf_printf(&b, "<domain><title>");
	n = DOMAIN_XML_MAX - b.len - strlen("</title></domain>");
	for (size_t i = 0; i < n; i++)
		buf_add(&b, "x", 1);
	buf_printf(&b, "</title></domain>");
	ck_assert_uint_eq(b.len, DOMAIN_XML_MAX);
	ck_assert(domain_xml_parse(b.data, b.len, &x));
	ck_assert_uint_eq(strlen(x.meta[META_TITLE]), META_MAX);
	domain_xml_clear(&x);
	buf_add(&b, "\n", 1);
	refused(b.data, b.len);
	while (b.len < 10U << 20)
		buf_add(&b, "\n\n\n\n", 4);
	refused(b.data, b.len);
	b.len = 0;
	for (int i = 0; i < 300000; i++)
		buf_printf(&b, "<domain>");
	refused(b.data, b.len);
	for (int i = 0; i < 100000; i++)
		buf_printf(&b, "</domain>");
	refused(b.data, b.len);
	/* many pins: each is one */
	b.len = 0;
	buf_printf(&b, "<domain><cputune>");
	for (int i = 0; i < 2000; i++)
		buf_printf(&b, "<iothreadpin iothread='%d' cpuset='0'/>", i);
	buf_printf(&b, "</cputune></domain>");
	ck_assert(domain_xml_parse(b.data, b.len, &x));
	ck_assert_uint_eq(x.npins, 2000);
	ck_assert_uint_eq(x.pins[1999].id, 1999);
	domain_xml_clear(&x);
	buf_free(&b);
}
END_TEST
#else
START_TEST(built_without)
{
	struct domain_xml x;

	ck_assert(!domain_xml_parse("<domain/>", 9, &x));
	domain_xml_clear(&x);
}
END_TEST
#endif

int main(void)
{
	struct unit u = unit_new("domain_xml");

	UNIT_ADD(u, kubevirt_names);
	UNIT_ADD(u, long_texts_are_cut);
#if WITH_LIBVIRT
	UNIT_ADD(u, of_libvirt);
	UNIT_ADD(u, of_nova);
	UNIT_ADD(u, of_kubevirt);
	UNIT_ADD(u, odd_but_right);
	UNIT_ADD(u, no_domain);
	UNIT_ADD(u, no_dtd);
	UNIT_ADD(u, large_and_deep);
#else
	UNIT_ADD(u, built_without);
#endif
	return unit_run(u);
}
