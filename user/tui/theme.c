// SPDX-License-Identifier: GPL-2.0-only
#include "theme.h"

/* What a style is drawn on, as far as the choice of its colour goes. */
enum ground { ON_OWN, ON_DARK, ON_LIGHT, GROUNDS };

struct tone {
	int rgb, c256;
};

#define OWN                                                                                                  \
	{                                                                                                    \
		THEME_NONE, THEME_NONE                                                                       \
	}

/*
 * The ledger: guest is the calm green, kvm and vmm are warm, blocked and wait
 * strike; the hues are Okabe's and Ito's, brighter or darker where the ground
 * asks for it.  Heat goes from the ground's brightness away from it.
 */
static const struct tone tones[GROUNDS][STYLES] = {
	/* ON_OWN: what shows on black and on white */
	{
		[STYLE_PLAIN] = OWN,
		[STYLE_DIM] = {0x767676, 243},
		[STYLE_BOLD] = OWN,
		[STYLE_WARN] = {0xb87000, 130},
		[STYLE_ALARM] = {0xdc2020, 160},
		[STYLE_TITLE] = OWN,
		[STYLE_KEY] = {0x0080c0, 31},
		[STYLE_INPUT] = OWN,
		[STYLE_SPARK] = {0x0087af, 31},
		[STYLE_STATE + VMP_GUEST] = {0x009e73, 35},
		[STYLE_STATE + VMP_KVM] = {0xdea900, 178},
		[STYLE_STATE + VMP_VMM] = {0xd7af87, 180},
		[STYLE_STATE + VMP_POLL] = {0x1bbafb, 39},
		[STYLE_STATE + VMP_IDLE] = {0x6c6c6c, 242},
		[STYLE_STATE + VMP_BLOCKED] = {0xcc65a3, 169},
		[STYLE_STATE + VMP_WAIT] = {0xd55e00, 166},
		[STYLE_STATE + VMP_RUNNING] = {0x006cb4, 25},
		[STYLE_HEAT] = {0x5f00af, 55},
		[STYLE_HEAT + 1] = {0x870087, 90},
		[STYLE_HEAT + 2] = {0xaf0087, 126},
		[STYLE_HEAT + 3] = {0xd70087, 162},
		[STYLE_HEAT + 4] = {0xd75f5f, 167},
		[STYLE_HEAT + 5] = {0xff5f5f, 203},
		[STYLE_HEAT + 6] = {0xff875f, 209},
		[STYLE_HEAT + 7] = {0xffaf5f, 215},
	},
	/* ON_DARK */
	{
		[STYLE_PLAIN] = {0xe4e4e4, 254},
		[STYLE_DIM] = {0x9e9e9e, 247},
		[STYLE_BOLD] = {0xffffff, 231},
		[STYLE_WARN] = {0xffb000, 214},
		[STYLE_ALARM] = {0xff7a4d, 209},
		[STYLE_TITLE] = {0x87d7ff, 117},
		[STYLE_KEY] = {0xffd75f, 221},
		[STYLE_INPUT] = {0xffffff, 231},
		[STYLE_SPARK] = {0x56b4e9, 74},
		[STYLE_STATE + VMP_GUEST] = {0x009e73, 35},
		[STYLE_STATE + VMP_KVM] = {0xe69f00, 178},
		[STYLE_STATE + VMP_VMM] = {0xf0e442, 221},
		[STYLE_STATE + VMP_POLL] = {0x56b4e9, 74},
		[STYLE_STATE + VMP_IDLE] = {0x6c6c6c, 242},
		[STYLE_STATE + VMP_BLOCKED] = {0xcc79a7, 175},
		[STYLE_STATE + VMP_WAIT] = {0xd55e00, 166},
		[STYLE_STATE + VMP_RUNNING] = {0x0072b2, 25},
		[STYLE_HEAT] = {0x5f0087, 54},
		[STYLE_HEAT + 1] = {0x870087, 90},
		[STYLE_HEAT + 2] = {0xaf0087, 126},
		[STYLE_HEAT + 3] = {0xd70087, 162},
		[STYLE_HEAT + 4] = {0xd75f5f, 167},
		[STYLE_HEAT + 5] = {0xff875f, 209},
		[STYLE_HEAT + 6] = {0xffaf5f, 215},
		[STYLE_HEAT + 7] = {0xffff87, 228},
	},
	/* ON_LIGHT */
	{
		[STYLE_PLAIN] = {0x1c1c1c, 234},
		[STYLE_DIM] = {0x626262, 241},
		[STYLE_BOLD] = {0x000000, 16},
		[STYLE_WARN] = {0x8a5a00, 94},
		[STYLE_ALARM] = {0xb00020, 124},
		[STYLE_TITLE] = {0x004f87, 24},
		[STYLE_KEY] = {0x5f3a87, 60},
		[STYLE_INPUT] = {0x000000, 16},
		[STYLE_SPARK] = {0x006cb4, 25},
		[STYLE_STATE + VMP_GUEST] = {0x009e73, 35},
		[STYLE_STATE + VMP_KVM] = {0xd8a200, 178},
		[STYLE_STATE + VMP_VMM] = {0x80733a, 95},
		[STYLE_STATE + VMP_POLL] = {0x14a8e4, 38},
		[STYLE_STATE + VMP_IDLE] = {0xb2b2b2, 249},
		[STYLE_STATE + VMP_BLOCKED] = {0xcc65a3, 169},
		[STYLE_STATE + VMP_WAIT] = {0xd55e00, 166},
		[STYLE_STATE + VMP_RUNNING] = {0x006cb4, 25},
		[STYLE_HEAT] = {0xffff87, 228},
		[STYLE_HEAT + 1] = {0xffaf5f, 215},
		[STYLE_HEAT + 2] = {0xff875f, 209},
		[STYLE_HEAT + 3] = {0xd75f5f, 167},
		[STYLE_HEAT + 4] = {0xd70087, 162},
		[STYLE_HEAT + 5] = {0xaf0087, 126},
		[STYLE_HEAT + 6] = {0x870087, 90},
		[STYLE_HEAT + 7] = {0x5f0087, 54},
	},
};

_Static_assert(STYLE_STATE == 9 && STYLES == 25, "the rows below are in the order of the styles");

/* The same for 8 colours, by the background's; bold makes two of one. */
static const struct ground8 {
	int bg;
	int fg[STYLES];
} grounds8[] = {
	{THEME_NONE, {-1, -1, -1, 3, 1, -1, 6, -1, 6, 2, 3, 5, 6, 4, 1, 1, -1, 4, 4, 5, 5, 1, 1, 3, 3}},
	{0, {7, 6, 7, 3, 1, 6, 3, 7, 6, 2, 3, 5, 6, 4, 1, 1, 7, 4, 4, 5, 5, 1, 1, 3, 3}},
	{4, {7, 6, 7, 3, 1, 7, 3, 7, 6, 2, 3, 5, 6, 0, 1, 1, 7, 0, 4, 5, 5, 1, 1, 3, 3}},
	{7, {0, 0, 0, 5, 1, 4, 4, 0, 4, 2, 3, 5, 6, 4, 1, 1, 0, 4, 4, 5, 5, 1, 1, 3, 3}},
};

/* Attributes, with colours and without. */
static const struct {
	unsigned char attr, mono;
} attributes[STYLES] = {
	[STYLE_DIM] = {0, ATTR_DIM},
	[STYLE_BOLD] = {ATTR_BOLD, ATTR_BOLD},
	[STYLE_WARN] = {0, ATTR_UNDERLINE},
	[STYLE_ALARM] = {ATTR_BOLD, ATTR_BOLD | ATTR_UNDERLINE},
	[STYLE_TITLE] = {ATTR_BOLD, ATTR_BOLD},
	[STYLE_KEY] = {ATTR_BOLD, ATTR_BOLD},
	[STYLE_INPUT] = {0, ATTR_UNDERLINE},
	[STYLE_STATE + VMP_IDLE] = {0, ATTR_DIM},
	[STYLE_STATE + VMP_WAIT] = {ATTR_BOLD, ATTR_BOLD},
	[STYLE_HEAT] = {0, ATTR_DIM},
	[STYLE_HEAT + 1] = {ATTR_BOLD, ATTR_DIM},
	[STYLE_HEAT + 3] = {ATTR_BOLD, 0},
	[STYLE_HEAT + 5] = {ATTR_BOLD, ATTR_BOLD},
	[STYLE_HEAT + 6] = {0, ATTR_BOLD},
	[STYLE_HEAT + 7] = {ATTR_BOLD, ATTR_BOLD},
};

struct ground_look {
	struct theme_colour bg;
	enum ground ground;
};

/* The selected cell is as bright as its row is dark: on a terminal of few colours, too. */
static const struct ground_look backs[THEMES][BACKS] = {
	/* none, bar, row, cell, dialog */
	{
		{{THEME_NONE, THEME_NONE, THEME_NONE}, ON_OWN},
		{{0x3a3a3a, 237, 7}, ON_DARK},
		{{0x10285c, 17, 4}, ON_DARK},
		{{0xffffff, 231, 7}, ON_LIGHT},
		{{0x303030, 236, 0}, ON_DARK},
	},
	{
		{{0xffffff, 231, 7}, ON_LIGHT},
		{{0xe4e4e4, 254, 0}, ON_LIGHT},
		{{0xd7d7ff, 189, 4}, ON_LIGHT},
		{{0x121212, 233, 0}, ON_DARK},
		{{0xeeeeee, 255, 7}, ON_LIGHT},
	},
	{
		{{0x121212, 233, 0}, ON_DARK},
		{{0x3a3a3a, 237, 7}, ON_DARK},
		{{0x10285c, 17, 4}, ON_DARK},
		{{0xffffff, 231, 7}, ON_LIGHT},
		{{0x303030, 236, 0}, ON_DARK},
	},
};

static int colour8(int bg, enum style style)
{
	for (size_t i = 0; i < sizeof(grounds8) / sizeof(grounds8[0]); i++) {
		if (grounds8[i].bg == bg)
			return grounds8[i].fg[style];
	}
	return THEME_NONE;
}

struct theme_look theme_look(enum theme_name t, enum style style, enum back back)
{
	/* in two colours a line is told by reversing it, the cell in it by not doing so */
	static const unsigned char mono[BACKS] = {
		[BACK_BAR] = ATTR_REVERSE,
		[BACK_ROW] = ATTR_REVERSE,
		[BACK_CELL] = ATTR_BOLD | ATTR_UNDERLINE,
	};
	const struct ground_look *b = &backs[t][back];
	/* a state's colour is the same wherever it stands */
	const enum ground ground = style < STYLE_STATE ? b->ground : backs[t][BACK_NONE].ground;
	const struct tone *tone = &tones[ground][style];

	return (struct theme_look){
		.fg = {tone->rgb, tone->c256, colour8(b->bg.c8, style)},
		.bg = b->bg,
		.attr = attributes[style].attr,
		.mono = attributes[style].mono | mono[back],
	};
}

static int colour(const struct theme_colour *c, enum theme_depth depth)
{
	switch (depth) {
	case DEPTH_TRUE:
		return c->rgb;
	case DEPTH_256:
		return c->c256;
	case DEPTH_8:
		return c->c8;
	default:
		return THEME_NONE;
	}
}

struct theme_ink theme_ink(enum theme_name t, enum theme_depth depth, enum style style, enum back back)
{
	struct theme_look l = theme_look(t, style, back);

	return (struct theme_ink){
		.fg = colour(&l.fg, depth),
		.bg = colour(&l.bg, depth),
		.attr = depth == DEPTH_NONE ? l.mono : l.attr,
	};
}
