/* SPDX-License-Identifier: GPL-2.0-only */
/* Dialogs: help, explanations, choices, lines that are typed.  Pure. */
#ifndef VMPERF_TUI_DRAW_DIALOG_H
#define VMPERF_TUI_DRAW_DIALOG_H

#include "draw_text.h"

/* Over all that has been drawn; footer: where lines are typed. */
void draw_dialog(struct draw *d, struct area footer);

#endif
