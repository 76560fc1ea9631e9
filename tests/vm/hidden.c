// SPDX-License-Identifier: GPL-2.0-only
/*
 * hidden EVENTS SCRIPT: measures EVENTS while SCRIPT (for sh) runs, three times; the second
 * time nobody looks at them, as when the terminal UI shows none.  Prints what vmperf
 * snapshot --format json does, for each of the three.
 */
#include <stdio.h>
#include <sys/wait.h>

#include "cmd/child.h"
#include "cmd/live.h"
#include "model/metric.h"
#include "model/view.h"
#include "out/out.h"

static void print(const struct sample *from, const struct sample *to)
{
	const struct out_options o = {0};
	struct view *v = view_build(from, to);
	struct buf b = {0};

	out_json(&b, v, &o);
	fwrite(b.data, 1, b.len, stdout);
	buf_free(&b);
	view_free(v);
}

int main(int argc, char **argv)
{
	char *script[] = {"sh", "-c", argc == 3 ? argv[2] : NULL, NULL};
	struct settings s = {.no_libvirt = true};
	struct child child[3] = {0};
	struct live *l;
	int status = 1;

	if (argc != 3) {
		fputs("usage: hidden EVENTS SCRIPT\n", stderr);
		return 2;
	}
	s.events = argv[1];
	/* they keep the privileges that live_open() gives up */
	for (int i = 0; i < 3; i++)
		if (child_fork(&child[i], script))
			return 1;
	l = live_new(&s, false);
	if (live_open(l) != LIVE_READY)
		goto out;
	for (int i = 0; i < 3; i++) {
		struct sample from, to;

		live_needs(l, i == 1 ? 0 : METRIC_NEEDS_ALL);
		if (!live_sample(l, &from))
			goto out;
		child_go(&child[i]);
		waitpid(child[i].pid, &status, 0);
		if (status || !live_sample(l, &to)) {
			sample_free(&from);
			goto out;
		}
		print(&from, &to);
		sample_free(&from);
		sample_free(&to);
	}
out:
	live_free(l);
	return status != 0;
}
