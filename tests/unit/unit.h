/* SPDX-License-Identifier: GPL-2.0-only */
/* The frame of a unit test program: its main, TAP on standard output. */
#ifndef VMPERF_TESTS_UNIT_H
#define VMPERF_TESTS_UNIT_H

#include <check.h>
#include <stdlib.h>

/* One suite with one case; tests are added by UNIT_ADD. */
struct unit {
	Suite *suite;
	TCase *tcase;
};

static inline struct unit unit_new(const char *name)
{
	struct unit u = {suite_create(name), tcase_create(name)};

	suite_add_tcase(u.suite, u.tcase);
	/* under a sanitizer, or with many other tests at once, the default of 4 s is short */
	tcase_set_timeout(u.tcase, 60);
	return u;
}

/*
 * ck_assert() where there are a hundred thousand of them: each of those takes a
 * system call, to tell where the test is.
 */
#define MANY(cond)                                                                                           \
	do {                                                                                                 \
		if (!(cond))                                                                                 \
			ck_assert(cond);                                                                     \
	} while (0)

#define UNIT_ADD(u, fn) tcase_add_test((u).tcase, fn)

/* Runs all; the exit status of the program. */
static inline int unit_run(struct unit u)
{
	SRunner *sr = srunner_create(u.suite);
	int failed;

	srunner_set_tap(sr, "-");
	srunner_run_all(sr, CK_SILENT);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
