/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The UI's state, and what keys make of it.  Pure: no terminal, no clock, no
 * I/O; ui_key() changes the state and tells what the loop has to do.
 */
#ifndef VMPERF_TUI_STATE_H
#define VMPERF_TUI_STATE_H

#include "column.h"
#include "history.h"
#include "key.h"
#include "theme.h"

/* The longest text that can be typed. */
#define UI_TEXT 256

/* What the loop shows, and where it is from. */
struct moment {
	const struct view *view; /* NULL: nothing yet */
	const char *waiting;     /* then: what for */
	const struct history *history;
	const char *chosen; /* which VMs are shown, as --vm has it; NULL: all */
	bool replay;
	uint32_t index, count;      /* of a replay: sample's number, from 0, and how many there are */
	uint64_t first_ns, last_ns; /* its ends (CLOCK_REALTIME) */
	const char *source;         /* the record's name */
};

/* A place that Enter leads to and Esc leaves. */
struct place {
	enum page page;
	uint32_t pid;       /* of the VM; 0: all */
	uint32_t tid;       /* of the vCPU; 0: the whole VM */
	char name[UI_TEXT]; /* of the VM, raw, for when it has ended; a long one is cut */
	/* PAGE_REASON */
	uint32_t isa;
	uint64_t code;
	bool user;
	/* the selected row, by its key and, when that is gone, its number; key 0: whatever row stands there
	 */
	uint64_t key;
	unsigned int row;
	unsigned int top;     /* the first row that is shown; set by drawing */
	char filter[UI_TEXT]; /* of a place that has been left, and the one before while one is typed */
};

#define PLACES 8

/* What has been chosen for a page; kept from run to run. */
struct page_choice {
	const struct column *columns[COLUMNS_MAX];
	unsigned int ncolumns;
	const struct column *sort; /* NULL: alarms first, then as the view has it, most lost time first */
	bool reverse;
	unsigned int column; /* the selected one */
	unsigned int left;   /* the first one that is shown after the first; set by drawing */
};

enum dialog {
	DIALOG_NONE,
	DIALOG_HELP,
	DIALOG_EXPLAIN, /* the selected cell */
	DIALOG_COLUMNS,
	DIALOG_SORT,
	DIALOG_FILTER, /* a line at the bottom */
	DIALOG_RECORD, /* a line at the bottom: the file's name */
};

struct ui {
	struct moment now;
	struct place places[PLACES];
	unsigned int depth; /* places[depth] is shown */
	struct page_choice pages[PAGES];
	bool by_vcpu;         /* rows of VMs are told by vCPU */
	char filter[UI_TEXT]; /* of this place: rows whose names do not have it are not shown; "" none */
	enum dialog dialog;
	unsigned int dialog_row, dialog_top; /* the selected line of a dialog; how far it is scrolled, set by
						drawing, of help by keys, too */
	/* lines of DIALOG_COLUMNS, DIALOG_SORT (there NULL is the view's own order) */
	const struct column *list[COLUMNS_MAX + 1];
	unsigned int nlist;
	enum page dialog_page; /* the page whose columns these are */
	char input[UI_TEXT];   /* what has been typed into a line */
	bool totals, paused;
	uint64_t interval_ns;
	double speed; /* of a replay */
	enum theme_name theme;
	char message[UI_TEXT];   /* the last one, in the footer; gone with the next key */
	char recording[UI_TEXT]; /* the file that is being written; "" none */
	uint64_t recorded_bytes;
	/* as drawn last: what the mouse and PgUp go by */
	struct ui_layout {
		unsigned int w, h;
		unsigned int rows_x, rows_y, rows_w, rows_h; /* where the rows are */
		unsigned int titles_y;                       /* of columns' titles; 0: none */
		unsigned int footer_y;
		unsigned int dialog_y, dialog_h; /* lines of the dialog's list or text; 0 high: none */
		struct ui_span {
			unsigned int x, w, column; /* place in the page's choice */
		} spans[COLUMNS_MAX];
		unsigned int nspans;
		struct ui_button {
			unsigned int x, w;
			enum act act;
		} buttons[ACTS]; /* in the footer */
		unsigned int nbuttons;
		unsigned int tabs_y;
		struct ui_tab {
			unsigned int x, w;
			enum page page;
		} tabs[PAGES]; /* the pages' names */
		unsigned int ntabs;
		/* of an overview: where the rows of the panel are that has not the selection; the first one's
		 * number */
		unsigned int other_x, other_y, other_w, other_h, other_row;
	} layout;
	/* made by ui_rows(); an overview has its vCPUs' first, then its exits' */
	struct row *rows;
	unsigned int nrows;
	unsigned int hidden; /* by the filter */
};

/* What the loop has to do. */
enum todo {
	TODO_NOTHING,
	TODO_QUIT,
	TODO_INTERVAL, /* ui->interval_ns has changed; a replay: ui->speed */
	TODO_TOTALS,   /* ui->totals has */
	TODO_PAUSE,    /* ui->paused has */
	TODO_STEP,     /* of a replay: by ret->steps samples, 0 none, or by ret->seconds */
	TODO_RECORD,   /* begin to write ui->input, or end it when ui->recording is set */
	TODO_SAVE,     /* the settings have changed */
	TODO_REPAINT,
};

struct ui_todo {
	enum todo what;
	int steps;
	int seconds;
};

void ui_init(struct ui *ui);

/* The next moment; pointers in it hold until the one after it.  Rows are made anew. */
void ui_moment(struct ui *ui, const struct moment *m);

/* What a key does.  All are drawn anew after it. */
struct ui_todo ui_key(struct ui *ui, const struct input *in);

/* Makes ui->rows: of the place, filtered, sorted; keeps the selection.  For whoever changed what they depend
 * on. */
void ui_rows(struct ui *ui);

/* The selected row; NULL: there is none. */
const struct row *ui_selected(const struct ui *ui);

/* The page whose columns the selected row has: in an overview PAGE_VCPUS or PAGE_EXITS. */
enum page ui_table(const struct ui *ui);

/* False: this column of the choice has nothing to say in this place, on this host. */
bool ui_column_shown(const struct ui *ui, const struct column *c);

/* Whether a column is among the page's choice. */
bool ui_chosen(const struct ui *ui, enum page p, const struct column *c);

/* The VM, and the vCPU, of the place; NULL: all, or it has ended. */
const struct view_vm *ui_vm(const struct ui *ui);
const struct view_vcpu *ui_vcpu(const struct ui *ui);

/* What must be collected for what is shown: METRIC_NEEDS_*. */
uint32_t ui_needs(const struct ui *ui);

/* A line for the footer. */
void ui_say(struct ui *ui, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void ui_free(struct ui *ui);

#endif
