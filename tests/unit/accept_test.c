// SPDX-License-Identifier: GPL-2.0-only
/* Content negotiation: what clients really send, weights, versions, nonsense. */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "http/accept.h"

#define OPEN(header)  ck_assert_msg(accept_openmetrics(header), "%s", #header)
#define PLAIN(header) ck_assert_msg(!accept_openmetrics(header), "%s", #header)
#define GZIP(header)  ck_assert_msg(accept_gzip(header), "%s", #header)
#define BARE(header)  ck_assert_msg(!accept_gzip(header), "%s", #header)

START_TEST(prometheus)
{
	/* 2.x */
	OPEN("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
	     "text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
	OPEN("application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1");
	/* 3.x, with names in UTF-8 taken too */
	OPEN("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
	     "application/openmetrics-text;version=0.0.1;q=0.4,text/"
	     "plain;version=1.0.0;escaping=allow-utf-8;q=0.3,"
	     "text/plain;version=0.0.4;q=0.2,*/*;q=0.1");
	/* told to prefer the text format */
	PLAIN("text/plain;version=0.0.4;q=0.5,application/openmetrics-text;version=1.0.0;q=0.4,*/*;q=0.1");
	/* with protobuf first, which we have not */
	OPEN("application/"
	     "vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.5,"
	     "application/openmetrics-text;version=1.0.0;q=0.4,text/plain;version=0.0.4;q=0.2,*/*;q=0.1");
}
END_TEST

START_TEST(others)
{
	PLAIN(NULL);
	PLAIN("");
	PLAIN("*/*");
	PLAIN("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8");
	PLAIN("text/plain");
	OPEN("application/openmetrics-text");
	OPEN("APPLICATION/OpenMetrics-Text ; Version=\"1.0.0\" ; Q=1");
	OPEN("application/openmetrics-text;charset=utf-8;version=1.0.0");
}
END_TEST

START_TEST(weights)
{
	OPEN("text/plain;q=0.5, application/openmetrics-text;q=0.501");
	PLAIN("text/plain;q=0.501, application/openmetrics-text;q=0.5");
	OPEN("application/openmetrics-text;q=0.5,text/plain;q=0.5");
	PLAIN("text/plain;q=0.5,application/openmetrics-text;q=0.5");
	PLAIN("application/openmetrics-text;q=0");
	PLAIN("application/openmetrics-text;q=0.000");
	OPEN("application/openmetrics-text;q=0.001");
	PLAIN("*/*,application/openmetrics-text;q=0.9");
	PLAIN("text/*;q=0.7,application/openmetrics-text;q=0.6");
	/* no weights: they do not count */
	PLAIN("application/openmetrics-text;q=2");
	PLAIN("application/openmetrics-text;q=1.001");
	PLAIN("application/openmetrics-text;q=0.1234");
	PLAIN("application/openmetrics-text;q=-1");
	PLAIN("application/openmetrics-text;q=.5");
	PLAIN("application/openmetrics-text;q=0x1");
	PLAIN("application/openmetrics-text;q=");
}
END_TEST

START_TEST(versions)
{
	PLAIN("application/openmetrics-text;version=2.0.0");
	PLAIN("application/openmetrics-text;version=1.0.0.0");
	PLAIN("application/openmetrics-text;version=");
	/* a version of the text format that is not ours does not stand against OpenMetrics */
	OPEN("text/plain;version=1.0.0,application/openmetrics-text;version=1.0.0;q=0.1");
	/* what stands in quotes is one value */
	PLAIN("text/plain;a=\",application/openmetrics-text,\"");
	PLAIN("text/plain;a=\"\\\",application/openmetrics-text\"");
}
END_TEST

START_TEST(encodings)
{
	BARE(NULL);
	BARE("");
	GZIP("gzip");
	GZIP("GZip");
	GZIP("x-gzip");
	GZIP("deflate, gzip;q=1.0, *;q=0.5");
	GZIP("gzip;q=0.001");
	BARE("gzip;q=0");
	BARE("gzip;q=0.0, *");
	GZIP("*");
	BARE("*;q=0");
	BARE("identity");
	BARE("br, deflate");
	BARE("identity, gzip;q=0.5");
	GZIP("identity;q=0.5, gzip");
	GZIP("identity, gzip");
	BARE("gzip2");
	BARE("agzip");
	BARE("gzip;q=nan");
}
END_TEST

/* Whatever it is, it ends, and says the same again. */
START_TEST(absurd)
{
	static const char *const words[] = {"application/openmetrics-text",
					    ";",
					    ",",
					    "=",
					    "\"",
					    "\\",
					    "q",
					    "0.5",
					    " ",
					    "\t",
					    "*/*",
					    "version",
					    "1.0.0",
					    "\xff",
					    "gzip"};
	unsigned int seed = 1;
	char line[4096];

	for (int i = 0; i < 20000; i++) {
		size_t len = 0;
		bool is;

		while (len + 40 < sizeof(line) && (seed = seed * 1103515245 + 12345) >> 16 & 63)
			len += (size_t)snprintf(line + len, sizeof(line) - len, "%s",
						words[(seed >> 8) % (sizeof(words) / sizeof(words[0]))]);
		line[len] = '\0';
		is = accept_openmetrics(line);
		MANY(is == accept_openmetrics(line));
		MANY(!is || strcasestr(line, "openmetrics"));
		MANY(!accept_gzip(line) || strstr(line, "gzip") || strchr(line, '*'));
	}
	memset(line, ',', sizeof(line) - 1);
	line[sizeof(line) - 1] = '\0';
	PLAIN(line);
	BARE(line);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("accept");

	UNIT_ADD(u, prometheus);
	UNIT_ADD(u, others);
	UNIT_ADD(u, weights);
	UNIT_ADD(u, versions);
	UNIT_ADD(u, encodings);
	UNIT_ADD(u, absurd);
	return unit_run(u);
}
