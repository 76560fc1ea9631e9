// SPDX-License-Identifier: GPL-2.0-only
#include "key.h"

#include <stdio.h>

#define CTRL(c) ((c)&31)

/* In the order of the help; labels in that of the footer. */
const struct key_row key_rows[] = {
	{ACT_HELP, {K_F1, '?', 'h'}, "Help", "This help", 1},
	{ACT_COLUMNS, {K_F1 + 1, 'c'}, "Columns", "Choose the page's columns and their order", 12},
	{ACT_FILTER,
	 {K_F1 + 2, '/', K_F1 + 3},
	 "Filter",
	 "Show only rows that have a text: in the VM's name, UUID or pid, in the reason, class or event",
	 5},
	{ACT_TOTALS, {K_F1 + 4, 't'}, "Totals", "Totals since the start, or the last interval alone", 9},
	{ACT_SORT, {K_F1 + 5, 's'}, "Sort", "Choose what is sorted by; so does a click on a title", 6},
	{ACT_EXPLAIN, {'e'}, "Explain", "What the selected cell means", 8},
	{ACT_PAUSE, {'p', ' '}, "Pause", "Stop the screen, or go on", 7},
	{ACT_ENTER, {K_ENTER}, "Open", "Look into the selected VM, vCPU or exit reason", 3},
	{ACT_BACK,
	 {K_ESC, K_ERASE, CTRL('h')},
	 "Back",
	 "Back to where Enter came from; the filter goes first",
	 2},
	{ACT_RECORD, {'w'}, "Record", "Write samples to a file, or stop writing", 10},
	{ACT_VIEW,
	 {'1'},
	 NULL,
	 "1 VMs, 2 vCPUs, 3 exits, 4 user-space exits, 5 threads, 6 events, 7 placement, 8 hardware, 9 host",
	 0},
	{ACT_UP, {K_UP, 'k'}, NULL, "To the row above", 0},
	{ACT_DOWN, {K_DOWN, 'j'}, NULL, "To the row below", 0},
	{ACT_LEFT, {K_LEFT}, NULL, "To the column before", 0},
	{ACT_RIGHT, {K_RIGHT}, NULL, "To the next column", 0},
	{ACT_PAGE_UP, {K_PAGE_UP, CTRL('b')}, NULL, "Up by a screen", 0},
	{ACT_PAGE_DOWN, {K_PAGE_DOWN, CTRL('f')}, NULL, "Down by a screen", 0},
	{ACT_FIRST, {K_HOME, 'g'}, NULL, "To the first row, whatever row that becomes", 0},
	{ACT_LAST, {K_END, 'G'}, NULL, "To the last row", 0},
	{ACT_PANEL, {K_TAB}, NULL, "In an overview: between its vCPUs and its exits", 0},
	{ACT_CLEAR, {'\\'}, NULL, "Show all rows again", 0},
	{ACT_REVERSE, {'r', 'I'}, NULL, "Sort the other way round", 0},
	{ACT_VCPUS, {'H'}, NULL, "A row for each vCPU, or for each VM", 0},
	{ACT_FASTER, {'+', '='}, "Faster", "Measure more often; play a record faster", 11},
	{ACT_SLOWER, {'-', '_'}, "Slower", "Measure less often; play a record slower", 11},
	{ACT_STEP_BACK, {'[', ','}, "Earlier", "In a record: one sample back", 4},
	{ACT_STEP, {']', '.'}, "Later", "In a record: one sample forth", 4},
	{ACT_JUMP_BACK, {'{'}, "-1m", "In a record: a minute back", 10},
	{ACT_JUMP, {'}'}, "+1m", "In a record: a minute forth", 10},
	{ACT_THEME, {'T'}, NULL, "The next theme: default, light, dark", 0},
	{ACT_REPAINT, {CTRL('l')}, NULL, "Paint the screen anew", 0},
	{ACT_QUIT, {K_F1 + 9, 'q'}, "Quit", "Leave vmperf", 1},
};

const unsigned int key_rows_count = sizeof(key_rows) / sizeof(*key_rows);

enum act key_find(const struct key_row *rows, unsigned int n, uint32_t key)
{
	for (unsigned int i = 0; i < n; i++)
		for (unsigned int k = 0; k < sizeof(rows[i].keys) / sizeof(*rows[i].keys); k++)
			if (key != K_NONE && rows[i].keys[k] == key)
				return rows[i].act;
	return ACT_NONE;
}

enum act key_act(uint32_t key)
{
	return key >= '1' && key <= '9' ? ACT_VIEW : key_find(key_rows, key_rows_count, key);
}

const char *key_text(uint32_t key, char ret[KEY_TEXT])
{
	static const struct {
		uint32_t key;
		const char *text;
	} names[] = {
		{K_TAB, "Tab"},      {K_ENTER, "Enter"},     {K_ESC, "Esc"},   {' ', "Space"},
		{K_UP, "Up"},        {K_DOWN, "Down"},       {K_LEFT, "Left"}, {K_RIGHT, "Right"},
		{K_PAGE_UP, "PgUp"}, {K_PAGE_DOWN, "PgDn"},  {K_HOME, "Home"}, {K_END, "End"},
		{K_DELETE, "Del"},   {K_ERASE, "Backspace"},
	};

	*ret = '\0';
	for (unsigned int i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (names[i].key == key)
			snprintf(ret, KEY_TEXT, "%s", names[i].text);
	if (*ret)
		return ret;
	if (key >= K_F1 && key <= K_F12)
		snprintf(ret, KEY_TEXT, "F%u", (unsigned int)(key - K_F1 + 1));
	else if (key && key < ' ')
		snprintf(ret, KEY_TEXT, "^%c", (char)(key + '@'));
	else if (key > ' ' && key < K_ERASE)
		snprintf(ret, KEY_TEXT, "%c", (char)key);
	return ret;
}
