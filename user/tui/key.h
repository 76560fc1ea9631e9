/* SPDX-License-Identifier: GPL-2.0-only */
/* What is typed, and THE table of keys: what each does, and the help on it. */
#ifndef VMPERF_TUI_KEY_H
#define VMPERF_TUI_KEY_H

#include <stdint.h>

/* A key that types a character is its code point, Ctrl-L is 12 and so on; the others: */
enum key {
	K_NONE = 0, /* nothing was typed */
	K_TAB = 9,
	K_ENTER = 13,
	K_ESC = 27,
	K_ERASE = 127,
	K_SPECIAL = 0x110000, /* above all code points */
	K_UP,
	K_DOWN,
	K_LEFT,
	K_RIGHT,
	K_PAGE_UP,
	K_PAGE_DOWN,
	K_HOME,
	K_END,
	K_DELETE,
	K_F1, /* F2 and so on follow */
	K_F12 = K_F1 + 11,
	K_CLICK,  /* the mouse, at x, y */
	K_DOUBLE, /* twice */
	K_WHEEL_UP,
	K_WHEEL_DOWN,
};

struct input {
	uint32_t key;      /* enum key, or a code point */
	unsigned int x, y; /* of the mouse; else 0 */
};

/* What keys do. */
enum act {
	ACT_NONE,
	ACT_UP,
	ACT_DOWN,
	ACT_LEFT, /* to the column before */
	ACT_RIGHT,
	ACT_PAGE_UP,
	ACT_PAGE_DOWN,
	ACT_FIRST,
	ACT_LAST,
	ACT_PANEL, /* to the next panel of an overview */
	ACT_ENTER, /* into what the selected row is about */
	ACT_BACK,
	ACT_FILTER,
	ACT_CLEAR, /* the filter */
	ACT_SORT,
	ACT_REVERSE,
	ACT_TOTALS, /* since the start, or of the last interval */
	ACT_PAUSE,
	ACT_FASTER, /* a shorter interval; a replay's speed */
	ACT_SLOWER,
	ACT_COLUMNS,
	ACT_VCPUS, /* a row for each vCPU, or for each VM */
	ACT_VIEW,  /* 1 to 9 */
	ACT_EXPLAIN,
	ACT_RECORD,
	ACT_THEME,
	ACT_HELP,
	ACT_STEP_BACK, /* in a replay: by one interval */
	ACT_STEP,
	ACT_JUMP_BACK, /* by a minute */
	ACT_JUMP,
	ACT_REPAINT,
	ACT_QUIT,
	/* of a profile only */
	ACT_GROUP, /* by symbol, module, vCPU */
	ACT_MODES,
	ACT_WINDOW, /* how long a time is summed up */
	ACT_ZERO,
	ACTS,
};

/* A row of the table. */
struct key_row {
	enum act act;
	uint32_t keys[4];  /* those that do it, the one to be shown first; 0 ends them */
	const char *label; /* in the footer, one short word; NULL: it is not there */
	const char *help;  /* a sentence without its full stop */
	int rank;          /* in the footer: where room is short those of the highest rank go first */
};

extern const struct key_row key_rows[];
extern const unsigned int key_rows_count;

/* What a key does by a table; ACT_NONE: nothing. */
enum act key_find(const struct key_row *rows, unsigned int n, uint32_t key);

/* What a key does on a page, where nothing is being typed. */
enum act key_act(uint32_t key);

/* "F1", "PgUp", "Enter", "/", "^L".  Returns ret. */
#define KEY_TEXT 16
const char *key_text(uint32_t key, char ret[KEY_TEXT]);

#endif
