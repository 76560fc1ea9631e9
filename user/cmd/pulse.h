/* SPDX-License-Identifier: GPL-2.0-only */
/* What the sampler's thread hands over to the one that shows it. */
#ifndef VMPERF_CMD_PULSE_H
#define VMPERF_CMD_PULSE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "../model/view.h"
#include "../record/record.h"
#include "../tui/history.h"

/* A sample is the later one of one view and the earlier one of the next. */
struct sample_ref {
	struct sample s;
	atomic_int refs;
};

struct sample_ref *sample_ref_new(void);
struct sample_ref *sample_ref_take(struct sample_ref *r);
/* NULL is fine. */
void sample_ref_drop(struct sample_ref *r);

/* One of them. */
struct pulse {
	struct view *view;      /* NULL: the one before still holds; the first time: it waits for KVM */
	struct sample_ref *ref; /* what view points into */
	bool restart;           /* digests are all that there is to be known of the past */
	unsigned int ndigests;  /* since the last one, the newest last */
	struct digest *digests[HISTORY]; /* to be taken over */
	uint32_t index, count;           /* of a record */
	uint64_t first_ns, last_ns;      /* its ends */
	bool ended;                      /* there will be no more: live_turn() has said why */
	unsigned int answers;            /* so many questions were taken up before it was made */
	char recording[RECORD_ERROR];    /* the file that is written; "" none */
	uint64_t recorded_bytes;         /* its size */
	char message[RECORD_ERROR];      /* something that was asked for has failed, or is done; "" nothing */
};

/* Drops what was not taken out of it; NULL is fine. */
void pulse_free(struct pulse *p);

/* Holds the newest one that was not taken yet. */
struct pulse_box {
	pthread_mutex_t lock;
	int fd; /* readable while there is one */
	struct pulse *pulse;
};

bool pulse_box_open(struct pulse_box *b);
void pulse_box_close(struct pulse_box *b);

/* One that nobody has taken yet leaves to p what p does not have itself: digests, the view, a message. */
void pulse_put(struct pulse_box *b, struct pulse *p);

/* NULL: none since the last one. */
struct pulse *pulse_take(struct pulse_box *b);

/* For descriptors of eventfd(): readable from now on, or no more. */
void pulse_wake(int fd);
void pulse_calm(int fd);

#endif
