// SPDX-License-Identifier: GPL-2.0-only
#include "domain_xml.h"

#include <stdlib.h>
#include <string.h>

#include "meta.h"

void domain_xml_clear(struct domain_xml *x)
{
	meta_clear(x->meta);
	for (uint32_t i = 0; i < x->npins; i++)
		free(x->pins[i].cpus);
	free(x->pins);
	*x = (struct domain_xml){0};
}

#if WITH_LIBVIRT

#include <libxml/parser.h>
#include <libxml/tree.h>

#include "../lib/mem.h"

/* "": of no namespace, as all of libvirt's own elements */
static bool is(const xmlNode *n, const char *ns, const char *name)
{
	const char *has = n->ns && n->ns->href ? (const char *)n->ns->href : "";

	return n->type == XML_ELEMENT_NODE && !strcmp((const char *)n->name, name) && !strcmp(has, ns);
}

/* The first child of that name; NULL: none, or there is no parent. */
static xmlNode *child(const xmlNode *n, const char *ns, const char *name)
{
	xmlNode *c = n ? n->children : NULL;

	while (c && !is(c, ns, name))
		c = c->next;
	return c;
}

/* xmlFree() it; NULL: no such attribute, or no node. */
static char *attribute(xmlNode *n, const char *name)
{
	return n ? (char *)xmlGetNoNsProp(n, (const xmlChar *)name) : NULL;
}

static void take_text(struct domain_xml *x, enum meta_kind kind, const xmlNode *n)
{
	char *text = n ? (char *)xmlNodeGetContent(n) : NULL;

	if (text)
		meta_set(x->meta, kind, text);
	xmlFree(text);
}

/* What nova/virt/libvirt/config.py of nova writes; 1.1 has more, none of it of use here. */
static void take_nova(struct domain_xml *x, const xmlNode *metadata)
{
	static const char *const versions[] = {
		"http://openstack.org/xmlns/libvirt/nova/1.1",
		"http://openstack.org/xmlns/libvirt/nova/1.0",
	};

	for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
		const xmlNode *instance = child(metadata, versions[i], "instance");
		char *flavor;

		if (!instance)
			continue;
		take_text(x, META_INSTANCE, child(instance, versions[i], "name"));
		take_text(x, META_PROJECT,
			  child(child(instance, versions[i], "owner"), versions[i], "project"));
		flavor = attribute(child(instance, versions[i], "flavor"), "name");
		meta_set(x->meta, META_FLAVOR, flavor);
		xmlFree(flavor);
		return;
	}
}

static void take_os(struct domain_xml *x, const xmlNode *domain)
{
	char *machine = attribute(child(child(domain, "", "os"), "", "type"), "machine");
	char *pmu = attribute(child(child(domain, "", "features"), "", "pmu"), "state");

	/* half a name would be another's */
	if (machine && strlen(machine) < sizeof(x->machine))
		strcpy(x->machine, machine);
	/* <pmu/> is on, as libvirt reads it */
	if (pmu ? !strcmp(pmu, "on") : child(child(domain, "", "features"), "", "pmu") != NULL)
		x->pmu = VPMU_ON;
	else if (pmu && !strcmp(pmu, "off"))
		x->pmu = VPMU_OFF;
	xmlFree(machine);
	xmlFree(pmu);
}

static void take_pins(struct domain_xml *x, const xmlNode *domain)
{
	const xmlNode *tune = child(domain, "", "cputune");

	for (xmlNode *n = tune ? tune->children : NULL; n; n = n->next) {
		char *id, *cpus, *end = NULL;
		unsigned long number = 0;

		if (!is(n, "", "iothreadpin"))
			continue;
		id = attribute(n, "iothread");
		cpus = attribute(n, "cpuset");
		if (id && *id >= '0' && *id <= '9')
			number = strtoul(id, &end, 10);
		if (end && !*end && number <= UINT32_MAX && cpus) {
			x->pins = mem_resize(x->pins, x->npins + 1, sizeof(*x->pins));
			x->pins[x->npins++] =
				(struct sample_pin){PIN_IOTHREAD, (uint32_t)number, mem_strdup(cpus)};
		}
		xmlFree(id);
		xmlFree(cpus);
	}
}

static void take(struct domain_xml *x, const xmlNode *domain)
{
	const xmlNode *metadata = child(domain, "", "metadata");

	take_os(x, domain);
	take_pins(x, domain);
	take_text(x, META_TITLE, child(domain, "", "title"));
	take_nova(x, metadata);
	/* an element that is there even when it has nothing to say (virtwrap/api/schema.go of KubeVirt) */
	if (child(metadata, "http://kubevirt.io", "kubevirt")) {
		const xmlNode *n = child(domain, "", "name");
		char *name = n ? (char *)xmlNodeGetContent(n) : NULL;

		if (name)
			meta_kubevirt(x->meta, name);
		xmlFree(name);
	}
}

/* libvirt never writes a DTD: entities could make much of little, or lead elsewhere. */
static void no_dtd(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
	(void)name;
	(void)external;
	(void)system;
	xmlStopParser(ctx);
}

bool domain_xml_parse(const char *text, size_t len, struct domain_xml *ret)
{
	xmlParserCtxt *ctxt;
	xmlNode *root;
	xmlDoc *doc;
	bool ok;

	*ret = (struct domain_xml){0};
	if (!len || len > DOMAIN_XML_MAX)
		return false;
	ctxt = xmlNewParserCtxt();
	if (!ctxt)
		return false;
	ctxt->sax->internalSubset = no_dtd;
	doc = xmlCtxtReadMemory(ctxt, text, (int)len, NULL, "UTF-8",
				XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	root = doc ? xmlDocGetRootElement(doc) : NULL;
	ok = root && is(root, "", "domain");
	if (ok)
		take(ret, root);
	xmlFreeDoc(doc);
	xmlFreeParserCtxt(ctxt);
	return ok;
}

#else

bool domain_xml_parse(const char *text, size_t len, struct domain_xml *ret)
{
	(void)text;
	(void)len;
	*ret = (struct domain_xml){0};
	return false;
}

#endif
