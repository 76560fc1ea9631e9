/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of the profile's view, and what keys make of it.  Pure: no terminal,
 * no clock, no I/O; profile_ui_key() tells what the loop has to do.
 *
 * Above stands a list: of VMs, or of the threads of one; below it the functions
 * of what is selected there.  Enter goes into it: from VMs to the threads of one,
 * from those to the functions alone.
 */
#ifndef VMPERF_TUI_PROFILE_STATE_H
#define VMPERF_TUI_PROFILE_STATE_H

#include "../model/profile_rows.h"
#include "key.h"
#include "state.h"
#include "theme.h"

/* What the loop shows. */
struct profile_moment {
	const struct profile *profile; /* named; of all that ui->sum says; NULL: nothing yet */
	const char *waiting;           /* then: what for; NULL: the first interval */
	const char *event;             /* that samples; NULL: not known yet */
	uint32_t freq;                 /* samples a second and CPU */
	const char *chosen;            /* which VMs are shown, as --vm has it; NULL: all */
	const char *note; /* what is missing, and what to do about it; lines; "" nothing; NULL: as "" */
	uint64_t real_ns; /* CLOCK_REALTIME: its end; 0: not known */
	uint64_t lost;    /* samples, since the start */
};

/* What is summed up: the loop keeps the sums. */
enum profile_sum {
	PROFILE_SUM_WINDOW, /* the last PROFILE_WINDOW intervals */
	PROFILE_SUM_LAST,   /* the last one alone */
	PROFILE_SUM_ALL,    /* since the start, or the key z */
	PROFILE_SUMS,
};

#define PROFILE_WINDOW 10

/* What functions are grouped by. */
enum profile_group { PROFILE_GROUP_SYMBOL, PROFILE_GROUP_MODULE, PROFILE_GROUP_VCPU, PROFILE_GROUPS };

enum profile_level { PROFILE_LEVEL_VMS, PROFILE_LEVEL_VM, PROFILE_LEVEL_FUNCTIONS };

/* A row above: a VM, a thread, or all of them. */
struct profile_item {
	uint64_t key;                                      /* 0: all */
	uint32_t vm, thread;                               /* places; PROFILE_NONE: all */
	int32_t vcpu;                                      /* of a thread that runs one; else -1 */
	struct profile_weight modes[PROFILE_MODES], total; /* whatever modes are shown */
	/* the function of the modes that are shown; NULL: none; raw bytes of the profile */
	const char *hottest, *module;
};

/* A row below. */
struct profile_function {
	uint64_t key;
	uint32_t vm, thread; /* thread: by vCPU only */
	enum profile_mode mode;
	const char *module, *symbol; /* raw bytes of the profile; symbol NULL: by module alone */
	struct profile_weight sum;
};

/* A place in a list. */
struct profile_cursor {
	uint64_t key; /* of the row; 0: whatever stands there */
	unsigned int row;
	unsigned int top; /* the first row that is shown; set by drawing */
};

struct profile_ui {
	struct profile_moment now;
	enum profile_level level;
	uint32_t pid; /* the VM that was gone into; 0: none */
	uint64_t start_ns;
	char name[UI_TEXT]; /* its raw name, for when it has ended; a long one is cut */
	uint32_t tid;       /* the thread; 0: all */
	int32_t vcpu;       /* that it runs, -1: none */
	struct profile_cursor vms, threads, functions;
	bool below; /* keys move in the functions */
	enum profile_group group;
	uint32_t modes; /* that are shown, bits; 0: all */
	double limit;   /* percent: functions below it are summed up in rest */
	enum profile_sum sum;
	bool paused;
	uint64_t interval_ns;
	char filter[UI_TEXT]; /* functions without this text are not shown; "" none */
	char input[UI_TEXT];  /* the same while it is typed */
	enum profile_dialog { PROFILE_NO_DIALOG, PROFILE_HELP, PROFILE_SEARCH } dialog;
	unsigned int dialog_top;
	enum theme_name theme;
	char message[UI_TEXT]; /* in the footer; gone with the next key */
	/* made by profile_ui_rows() */
	struct profile_item *items;
	unsigned int nitems;
	struct profile_function *list;
	unsigned int nlist;
	unsigned int hidden;               /* by the filter */
	struct profile_weight total, rest; /* of what is selected above; what is below the limit */
	/* as drawn last: what the mouse and PgUp go by */
	struct profile_layout {
		unsigned int w, h, items_y, items_h, list_y, list_h, footer_y, dialog_h;
		struct ui_button buttons[ACTS];
		unsigned int nbuttons;
	} layout;
};

/* What the loop has to do. */
enum profile_todo {
	PROFILE_TODO_NOTHING,
	PROFILE_TODO_QUIT,
	PROFILE_TODO_SUM,      /* ui->sum has changed: another moment */
	PROFILE_TODO_ZERO,     /* all sums begin anew */
	PROFILE_TODO_PAUSE,    /* ui->paused has changed */
	PROFILE_TODO_INTERVAL, /* ui->interval_ns has */
	PROFILE_TODO_REPAINT,
};

extern const struct key_row profile_key_rows[];
extern const unsigned int profile_key_rows_count;

void profile_ui_init(struct profile_ui *ui);
void profile_ui_free(struct profile_ui *ui);

/* The next moment; its pointers hold until the one after it. */
void profile_ui_moment(struct profile_ui *ui, const struct profile_moment *m);

/* What a key does.  All are drawn anew after it. */
enum profile_todo profile_ui_key(struct profile_ui *ui, const struct input *in);

/* Makes items and list anew, keeps what is selected.  For whoever changed what they depend on. */
void profile_ui_rows(struct profile_ui *ui);

/* The places of the VM and of the thread whose functions are shown; PROFILE_NONE: all.  False: it has no
 * samples here. */
bool profile_ui_chosen(const struct profile_ui *ui, uint32_t *vm, uint32_t *thread);

/* "all modes", "host", "guest", "guest sys", "sys, guest sys" */
void profile_ui_modes(const struct profile_ui *ui, struct buf *b);

/* A line for the footer. */
void profile_ui_say(struct profile_ui *ui, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
