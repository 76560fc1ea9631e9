/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Themes: what styles look like.  All are told apart by people who see fewer
 * colours (the set of Okabe and Ito, and brightness).  Pure.
 */
#ifndef VMPERF_TUI_THEME_H
#define VMPERF_TUI_THEME_H

#include <stddef.h>

#include "screen.h"

enum theme_name {
	THEME_DEFAULT, /* the terminal's own background, dark or light */
	THEME_LIGHT,
	THEME_DARK,
	THEMES,
};

/* "default", "light", "dark": as --theme and the settings have them, with "|" between for the option table */
#define THEME_CHOICES "default|light|dark"

#define THEME_NONE (-1) /* the terminal's own */

/* A colour for each kind of terminal. */
struct theme_colour {
	int rgb; /* 0xrrggbb */
	int c256;
	int c8; /* 0 to 7 */
};

enum theme_attr { ATTR_BOLD = 1, ATTR_DIM = 2, ATTR_UNDERLINE = 4, ATTR_REVERSE = 8 };

struct theme_look {
	struct theme_colour fg, bg; /* all THEME_NONE: the terminal's own */
	unsigned int attr;          /* with colours */
	unsigned int mono;          /* attributes where there are none */
};

/* What a cell of this style on this back looks like. */
struct theme_look theme_look(enum theme_name t, enum style style, enum back back);

/* How many colours there are. */
enum theme_depth { DEPTH_NONE, DEPTH_8, DEPTH_256, DEPTH_TRUE };

/* The same for so many: a number of a palette, or 0xrrggbb of true colour; THEME_NONE: the terminal's own. */
struct theme_ink {
	int fg, bg;
	unsigned int attr;
};

struct theme_ink theme_ink(enum theme_name t, enum theme_depth depth, enum style style, enum back back);

#endif
