// SPDX-License-Identifier: GPL-2.0-only
/* The modes of a profile: their looks, and how a weight is split into them. */
#include <stdio.h>
#include <string.h>

#include "../lib/units.h"
#include "bar.h"
#include "profile_draw.h"

#define FULL_BLOCK 0x2588

/* The ledger's colours: the guest's are calm, the host's are warm. */
static const enum vmp_state looks[PROFILE_MODES] = {
	[PROFILE_SYS] = VMP_KVM,         [PROFILE_USER] = VMP_VMM,   [PROFILE_GUEST_SYS] = VMP_GUEST,
	[PROFILE_GUEST_USER] = VMP_POLL, [PROFILE_OTHER] = VMP_IDLE,
};

/* From the left: what the guest gets comes first. */
static const enum profile_mode order[PROFILE_MODES] = {
	PROFILE_GUEST_USER, PROFILE_GUEST_SYS, PROFILE_USER, PROFILE_SYS, PROFILE_OTHER,
};

enum style profile_mode_style(enum profile_mode m)
{
	return (enum style)(STYLE_STATE + looks[m]);
}

char profile_mode_letter(enum profile_mode m)
{
	return "suSUo"[m];
}

void profile_bar(struct screen *s, unsigned int x, unsigned int y, unsigned int w,
		 const struct profile_weight modes[PROFILE_MODES])
{
	uint64_t parts[VMP_STATES] = {0};
	unsigned int cells[VMP_STATES];
	bool blocks = s->colour && s->utf8;

	_Static_assert((unsigned int)PROFILE_MODES <= (unsigned int)VMP_STATES, "bar_cells() takes so many");
	for (int m = 0; m < PROFILE_MODES; m++)
		parts[m] = modes[m].period;
	bar_cells(parts, w, cells);
	for (int i = 0; i < PROFILE_MODES; i++) {
		enum profile_mode m = order[i];

		screen_fill(s, x, y, cells[m], profile_mode_style(m),
			    blocks ? FULL_BLOCK : (uint32_t)profile_mode_letter(m));
		x += cells[m];
	}
}

void profile_legend(struct screen *s, unsigned int x, unsigned int y, unsigned int w,
		    const struct profile_weight modes[PROFILE_MODES])
{
	char text[PROFILE_MODES][UNITS_SIZE * 2];
	unsigned int width[PROFILE_MODES] = {0}, all = 0;
	double sum = 0;

	for (int m = 0; m < PROFILE_MODES; m++)
		sum += (double)modes[m].period;
	for (int m = 0; m < PROFILE_MODES; m++) {
		char share[UNITS_SIZE];

		if (!modes[m].period)
			continue;
		units_ratio((double)modes[m].period / sum, share);
		snprintf(text[m], sizeof(text[m]), "%s %s", profile_mode_name((enum profile_mode)m), share);
		width[m] = (unsigned int)strlen(text[m]);
		all += width[m] + 2;
	}
	while (all > w + 2) {
		int least = -1;

		for (int m = 0; m < PROFILE_MODES; m++)
			if (width[m] && (least < 0 || modes[m].period < modes[least].period))
				least = m;
		if (least < 0)
			break;
		all -= width[least] + 2;
		width[least] = 0;
	}
	for (int i = 0; i < PROFILE_MODES; i++) {
		enum profile_mode m = order[i];

		if (width[m])
			x = screen_text(s, x, y, width[m], profile_mode_style(m), text[m]) + 2;
	}
}
