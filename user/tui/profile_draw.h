/* SPDX-License-Identifier: GPL-2.0-only */
/* The profile's view, drawn into cells.  Pure. */
#ifndef VMPERF_TUI_PROFILE_DRAW_H
#define VMPERF_TUI_PROFILE_DRAW_H

#include "draw_text.h"
#include "profile_state.h"

/* Draws everything, at the size of s; writes ui->layout, and the cursors' first rows. */
void profile_ui_draw(struct profile_ui *ui, struct screen *s);

/* Its parts, in files of their own. */

/* What a mode looks like; the letter stands for it where there are no colours: s u S U o. */
enum style profile_mode_style(enum profile_mode m);
char profile_mode_letter(enum profile_mode m);

/* The split of a weight into modes as a bar, w cells wide. */
void profile_bar(struct screen *s, unsigned int x, unsigned int y, unsigned int w,
		 const struct profile_weight modes[PROFILE_MODES]);

/* What the parts of the bar are, with their shares; those that do not fit are left out, the smallest first.
 */
void profile_legend(struct screen *s, unsigned int x, unsigned int y, unsigned int w,
		    const struct profile_weight modes[PROFILE_MODES]);

/* The two lists, with their titles. */
void profile_draw_items(struct profile_ui *ui, struct screen *s, struct area a);
void profile_draw_functions(struct profile_ui *ui, struct screen *s, struct area a);

void profile_draw_help(struct profile_ui *ui, struct screen *s);

#endif
