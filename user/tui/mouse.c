// SPDX-License-Identifier: GPL-2.0-only
#include "mouse.h"

#define MODIFIERS  (4U | 8U | 16U) /* Shift, Meta, Ctrl: do not matter */
#define LEFT       0U
#define WHEEL_UP   64U
#define WHEEL_DOWN 65U

/* No screen is larger. */
#define LARGEST 65535U

void mouse_begin(struct mouse *m, enum mouse_form form)
{
	*m = (struct mouse){.form = form};
}

static void complete(struct mouse *m, struct input *in)
{
	unsigned int x = m->numbers[1], y = m->numbers[2];

	m->form = MOUSE_NONE;
	if (!x || !y)
		return;
	switch (m->numbers[0] & ~MODIFIERS) {
	case LEFT:
		in->key = K_CLICK;
		break;
	case WHEEL_UP:
		in->key = K_WHEEL_UP;
		break;
	case WHEEL_DOWN:
		in->key = K_WHEEL_DOWN;
		break;
	default:
		return;
	}
	in->x = x - 1;
	in->y = y - 1;
}

static bool sgr_byte(struct mouse *m, unsigned char c, struct input *in)
{
	unsigned int *number = &m->numbers[m->n];

	if (c >= '0' && c <= '9') {
		*number = *number * 10 + (c - '0');
		if (*number > LARGEST)
			*number = LARGEST;
	} else if (c == ';' && m->n < 2) {
		m->n++;
	} else if (c == 'M' && m->n == 2) {
		complete(m, in);
	} else {
		/* 'm': what was pressed has counted already */
		m->form = MOUSE_NONE;
		return c == 'm';
	}
	return true;
}

bool mouse_byte(struct mouse *m, unsigned char c, struct input *in)
{
	*in = (struct input){K_NONE, 0, 0};
	if (m->form == MOUSE_SGR)
		return sgr_byte(m, c, in);
	if (c < ' ') {
		m->form = MOUSE_NONE;
		return false;
	}
	m->numbers[m->n++] = c - ' ';
	if (m->n == 3)
		complete(m, in);
	return true;
}
