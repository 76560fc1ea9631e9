// SPDX-License-Identifier: GPL-2.0-only
/* What keys and the mouse make of the profile's view. */
#include "profile_made.h"

/* No key does two things; all have a help. */
START_TEST(key_table)
{
	bool done[ACTS] = {false};

	for (unsigned int i = 0; i < profile_key_rows_count; i++) {
		const struct key_row *r = &profile_key_rows[i];

		ck_assert(!done[r->act]);
		done[r->act] = true;
		ck_assert(r->help && r->help[strlen(r->help) - 1] != '.');
		for (unsigned int k = 0; k < 4 && r->keys[k]; k++)
			ck_assert_int_eq(key_find(profile_key_rows, profile_key_rows_count, r->keys[k]),
					 r->act);
	}
	ck_assert(done[ACT_GROUP] && done[ACT_MODES] && done[ACT_WINDOW] && done[ACT_ZERO]);
}
END_TEST

/* The name of the row above that is selected. */
static const char *selected(const struct made_ui *m)
{
	const struct profile_item *it =
		&m->ui.items[m->ui.level == PROFILE_LEVEL_VM ? m->ui.threads.row : m->ui.vms.row];

	if (it->thread != PROFILE_NONE)
		return m->profile->threads[it->thread].comm;
	return it->key ? m->profile->vms[it->vm].name : "all";
}

static uint64_t samples_below(const struct made_ui *m)
{
	uint64_t n = m->ui.rest.samples;

	for (unsigned int i = 0; i < m->ui.nlist; i++)
		n += m->ui.list[i].sum.samples;
	return n;
}

static const char *first(const struct made_ui *m)
{
	ck_assert_uint_gt(m->ui.nlist, 0);
	return m->ui.list[0].symbol;
}

/* Functions are those of what is selected above; VMs stand with the heaviest first, vCPUs by number. */
START_TEST(lists)
{
	struct made_ui m;

	made_open(&m, made_busy());
	ck_assert_uint_eq(m.ui.nitems, 5);
	ck_assert_str_eq(selected(&m), "all");
	ck_assert_uint_eq(m.ui.total.samples, 2653);
	ck_assert_uint_eq(samples_below(&m), 2653);
	ck_assert_ptr_null(m.ui.items[0].hottest);
	made_press(&m, 'j');
	ck_assert_str_eq(selected(&m), "web-frontend");
	ck_assert_uint_eq(m.ui.total.samples, 1680);
	ck_assert_str_eq(first(&m), "copy_user_generic");
	ck_assert_uint_eq(m.ui.list[0].sum.samples, 790);
	ck_assert_str_eq(m.ui.items[1].hottest, "copy_user_generic");
	made_press(&m, 'j');
	ck_assert_str_eq(selected(&m), "db");
	ck_assert_str_eq(first(&m), "[unknown]");
	ck_assert_uint_eq(m.ui.total.samples, 923);
	made_press(&m, 'G');
	ck_assert_str_eq(selected(&m), "asleep");
	ck_assert_uint_eq(m.ui.nlist, 0);
	made_press(&m, 'k');
	made_press(&m, 'k');
	made_press(&m, 'k');
	made_press(&m, K_ENTER);
	ck_assert_int_eq(m.ui.level, PROFILE_LEVEL_VM);
	ck_assert_uint_eq(m.ui.nitems, 5);
	ck_assert_uint_eq(m.ui.total.samples, 1680);
	made_press(&m, 'j');
	ck_assert_str_eq(selected(&m), "CPU 0/KVM");
	ck_assert_uint_eq(m.ui.total.samples, 1150);
	made_press(&m, 'j');
	ck_assert_str_eq(selected(&m), "CPU 1/KVM");
	ck_assert_uint_eq(m.ui.total.samples, 390);
	ck_assert_str_eq(first(&m), "[unknown]");
	made_press(&m, 'j');
	ck_assert_str_eq(selected(&m), "vhost-4001");
	made_press(&m, K_ENTER);
	ck_assert_int_eq(m.ui.level, PROFILE_LEVEL_FUNCTIONS);
	ck_assert_uint_eq(m.ui.nitems, 0);
	ck_assert_uint_eq(m.ui.nlist, 1);
	ck_assert_str_eq(first(&m), "handle_tx");
	made_press(&m, K_ESC);
	ck_assert_str_eq(selected(&m), "vhost-4001");
	made_press(&m, K_ESC);
	ck_assert_str_eq(selected(&m), "web-frontend");
	made_press(&m, K_ESC);
	ck_assert_int_eq(m.ui.level, PROFILE_LEVEL_VMS);
	made_close(&m);
}
END_TEST

/* What is selected stays so, wherever its row goes; a VM that has ended leaves its place empty. */
START_TEST(moments)
{
	struct profile *p = made_busy();
	struct made_ui m;

	made_open(&m, made_busy());
	made_press(&m, 'j');
	made_press(&m, 'j');
	made_hits(p, profile_thread(p, profile_vm(p, 4002, 12, "", ""), 4020, 0, ""), PROFILE_GUEST_USER,
		  "[guest user]", NULL, 5000);
	made_show(&m, p);
	ck_assert_uint_eq(m.ui.vms.row, 1);
	ck_assert_str_eq(selected(&m), "db");
	made_press(&m, K_ENTER);
	made_press(&m, 'j');
	ck_assert_uint_eq(m.ui.total.samples, 5923);
	/* a process that has its pid now is another VM */
	p = made_host();
	made_hits(p, profile_thread(p, profile_vm(p, 4002, 99, "other", ""), 4020, 0, ""), PROFILE_SYS, "kvm",
		  "f", 7);
	made_show(&m, p);
	ck_assert_uint_eq(m.ui.nitems, 0);
	ck_assert_uint_eq(m.ui.nlist, 0);
	ck_assert_str_eq(m.ui.name, "db");
	made_press(&m, K_ENTER);
	made_show(&m, made_busy());
	ck_assert_uint_eq(m.ui.total.samples, 923);
	made_show(&m, made_none());
	made_press(&m, K_ESC);
	ck_assert_int_eq(m.ui.level, PROFILE_LEVEL_VMS);
	ck_assert_uint_eq(m.ui.nitems, 0);
	made_close(&m);
}
END_TEST

/* Each set of modes has its own sum; all of them add up to all. */
START_TEST(modes)
{
	static const uint64_t want[] = {2653, 223, 2430, 163, 60, 1020, 1410, 2653};
	struct made_ui m;

	made_open(&m, made_busy());
	for (unsigned int i = 0; i < sizeof(want) / sizeof(*want); i++) {
		ck_assert_uint_eq(m.ui.total.samples, want[i]);
		/* the split stays whole */
		ck_assert_uint_eq(m.ui.items[0].total.samples, 2653);
		for (unsigned int k = 0; k < m.ui.nlist; k++)
			ck_assert(!m.ui.modes || m.ui.modes & 1U << m.ui.list[k].mode);
		made_press(&m, 'm');
	}
	/* what --mode has chosen is none of these */
	m.ui.modes = 1U << PROFILE_SYS | 1U << PROFILE_GUEST_USER;
	profile_ui_rows(&m.ui);
	ck_assert_uint_eq(m.ui.total.samples, 163 + 1410);
	made_press(&m, 'm');
	ck_assert_uint_eq(m.ui.modes, 0);
	made_close(&m);
}
END_TEST

/* Whatever they are grouped by, no sample is lost or counted twice. */
START_TEST(groups)
{
	static const unsigned int want[] = {11, 10, 13};
	struct made_ui m;

	made_open(&m, made_busy());
	for (unsigned int i = 0; i < PROFILE_GROUPS; i++) {
		ck_assert_uint_eq(samples_below(&m), 2653);
		ck_assert_uint_eq(m.ui.nlist, want[i]);
		ck_assert(!m.ui.list[0].symbol == (i == PROFILE_GROUP_MODULE));
		ck_assert((m.ui.list[0].thread != PROFILE_NONE) == (i == PROFILE_GROUP_VCPU));
		made_press(&m, 's');
	}
	ck_assert_int_eq(m.ui.group, PROFILE_GROUP_SYMBOL);
	/* below the limit: 0.5 % of 2653 */
	m.ui.limit = 0.5;
	profile_ui_rows(&m.ui);
	ck_assert_uint_eq(m.ui.rest.samples, 3);
	ck_assert_uint_eq(samples_below(&m), 2653);
	made_close(&m);
}
END_TEST

START_TEST(search)
{
	struct made_ui m;

	made_open(&m, made_busy());
	for (const char *c = "/POLL"; *c; c++)
		made_press(&m, (unsigned char)*c);
	ck_assert_int_eq(m.ui.dialog, PROFILE_SEARCH);
	ck_assert_uint_eq(m.ui.nlist, 2);
	ck_assert_uint_eq(m.ui.hidden, 9);
	/* the total is that of all */
	ck_assert_uint_eq(m.ui.total.samples, 2653);
	made_press(&m, K_ERASE);
	ck_assert_str_eq(m.ui.filter, "POL");
	made_press(&m, K_ENTER);
	ck_assert_int_eq(m.ui.dialog, PROFILE_NO_DIALOG);
	ck_assert_uint_eq(m.ui.nlist, 2);
	made_press(&m, K_ESC);
	ck_assert_uint_eq(m.ui.hidden, 0);
	for (const char *c = "/zzz"; *c; c++)
		made_press(&m, (unsigned char)*c);
	ck_assert_uint_eq(m.ui.nlist, 0);
	made_press(&m, K_ESC);
	ck_assert_uint_eq(m.ui.nlist, 11);
	made_close(&m);
}
END_TEST

/* What the loop has to do. */
START_TEST(todos)
{
	struct made_ui m;

	made_open(&m, made_busy());
	ck_assert_int_eq(made_press(&m, 'q'), PROFILE_TODO_QUIT);
	ck_assert_int_eq(made_press(&m, 'z'), PROFILE_TODO_ZERO);
	ck_assert_int_eq(made_press(&m, 'w'), PROFILE_TODO_SUM);
	ck_assert_int_eq(m.ui.sum, PROFILE_SUM_LAST);
	made_press(&m, 'w');
	ck_assert_int_eq(m.ui.sum, PROFILE_SUM_ALL);
	made_press(&m, 'w');
	ck_assert_int_eq(m.ui.sum, PROFILE_SUM_WINDOW);
	ck_assert_int_eq(made_press(&m, 'p'), PROFILE_TODO_PAUSE);
	ck_assert(m.ui.paused);
	ck_assert_int_eq(made_press(&m, '+'), PROFILE_TODO_INTERVAL);
	ck_assert_uint_eq(m.ui.interval_ns, 1000000000);
	made_press(&m, '-');
	made_press(&m, '-');
	ck_assert_uint_eq(m.ui.interval_ns, 3000000000);
	ck_assert_int_eq(made_press(&m, 12), PROFILE_TODO_REPAINT);
	made_press(&m, '?');
	/* closes the help alone */
	ck_assert_int_eq(made_press(&m, 'q'), PROFILE_TODO_NOTHING);
	ck_assert_int_eq(m.ui.dialog, PROFILE_NO_DIALOG);
	made_close(&m);
}
END_TEST

static enum profile_todo click(struct made_ui *m, uint32_t key, unsigned int x, unsigned int y)
{
	return profile_ui_key(&m->ui, &(struct input){.key = key, .x = x, .y = y});
}

/* What is clicked on is what stands there. */
START_TEST(clicks)
{
	struct made_ui m;
	const struct profile_layout *l = &m.ui.layout;

	made_open(&m, made_busy());
	made_draw(&m, 80, 24, MADE_TEXT);
	click(&m, K_CLICK, 3, l->items_y + 2);
	ck_assert_str_eq(selected(&m), "db");
	made_draw(&m, 80, 24, MADE_TEXT);
	click(&m, K_CLICK, 3, l->list_y + 1);
	ck_assert(m.ui.below);
	ck_assert_uint_eq(m.ui.functions.row, 1);
	click(&m, K_DOUBLE, 3, l->items_y + 1);
	ck_assert_int_eq(m.ui.level, PROFILE_LEVEL_VM);
	ck_assert_str_eq(m.ui.name, "web-frontend");
	made_draw(&m, 80, 24, MADE_TEXT);
	for (unsigned int i = 0; i < l->nbuttons; i++)
		if (l->buttons[i].act == ACT_QUIT)
			ck_assert_int_eq(
				click(&m, K_CLICK, l->buttons[i].x + l->buttons[i].w - 1, l->footer_y),
				PROFILE_TODO_QUIT);
	made_close(&m);
}
END_TEST

/* The same numbers in every run. */
static uint32_t next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*seed >> 33);
}

static void holds(const struct profile_ui *ui)
{
	const struct profile *p = ui->now.profile;

	MANY(!ui->nitems || ui->vms.row < ui->nitems || ui->level != PROFILE_LEVEL_VMS);
	MANY(!ui->nitems || ui->threads.row < ui->nitems || ui->level != PROFILE_LEVEL_VM);
	MANY(!ui->nlist || ui->functions.row < ui->nlist);
	MANY(strnlen(ui->filter, UI_TEXT) < UI_TEXT && strnlen(ui->input, UI_TEXT) < UI_TEXT);
	MANY(ui->theme < THEMES && ui->sum < PROFILE_SUMS && ui->group < PROFILE_GROUPS);
	MANY(ui->interval_ns >= 100000000 && ui->interval_ns <= 60000000000);
	for (unsigned int i = 0; i < ui->nlist; i++)
		MANY(ui->list[i].vm < p->nvms);
}

START_TEST(random_keys)
{
	static struct profile *(*const hosts[])(void) = {made_busy, made_none, made_idle, made_many,
							 made_crowd};
	uint64_t seed = (uint64_t)_i;
	struct made_ui m;

	made_open(&m, NULL);
	for (int i = 0; i < 4000; i++) {
		struct input in = {.x = next(&seed) % 200, .y = next(&seed) % 60};

		switch (next(&seed) % 5) {
		case 0:
			in.key = next(&seed) % 0x120000;
			break;
		case 1:
			in.key = K_UP + next(&seed) % (K_WHEEL_DOWN - K_UP + 1);
			break;
		case 2:
			in.key = K_ENTER;
			break;
		default:
			in.key = next(&seed) % 128;
			break;
		}
		profile_ui_key(&m.ui, &in);
		holds(&m.ui);
		if (next(&seed) % 64 == 0)
			made_show(&m, next(&seed) % 8 ? hosts[next(&seed) % 5]() : NULL);
		holds(&m.ui);
		if (next(&seed) % 8 == 0)
			made_draw(&m, next(&seed) % 150 + 1, next(&seed) % 50 + 1,
				  (enum made_look)(next(&seed) % 3));
	}
	made_close(&m);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("profile_ui");

	UNIT_ADD(u, key_table);
	UNIT_ADD(u, lists);
	UNIT_ADD(u, moments);
	UNIT_ADD(u, modes);
	UNIT_ADD(u, groups);
	UNIT_ADD(u, search);
	UNIT_ADD(u, todos);
	UNIT_ADD(u, clicks);
	tcase_add_loop_test(u.tcase, random_keys, 0, 8);
	return unit_run(u);
}
