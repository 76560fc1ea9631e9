// SPDX-License-Identifier: GPL-2.0-only
#include "profile_options.h"

#include <stdlib.h>
#include <string.h>

#include "../lib/log.h"
#include "../lib/mem.h"
#include "selection.h"

static const char *const modes[PROFILE_MODES] = {
	[PROFILE_SYS] = "sys",
	[PROFILE_USER] = "user",
	[PROFILE_GUEST_SYS] = "guest-sys",
	[PROFILE_GUEST_USER] = "guest-user",
	[PROFILE_OTHER] = "other",
};

static bool take_modes(const struct settings *s, const char *command, uint32_t *ret)
{
	for (uint32_t i = 0; i < s->modes.n; i++) {
		uint32_t mode = 0;

		while (mode < PROFILE_MODES && strcmp(s->modes.items[i], modes[mode]) != 0)
			mode++;
		if (mode == PROFILE_MODES) {
			log_err("%s: --mode '%.60s' is not known; it is one of "
				"sys|user|guest-sys|guest-user|other",
				command, s->modes.items[i]);
			return false;
		}
		*ret |= 1U << mode;
	}
	return true;
}

/* Digits, with a point between them maybe, "%" behind them maybe. */
static bool take_limit(const char *text, double *ret)
{
	size_t len = strspn(text, "0123456789.");
	char *end;

	if (!len || len > 30 || (text[len] && strcmp(text + len, "%") != 0))
		return false;
	*ret = strtod(text, &end);
	return end == text + len && *ret <= 100;
}

bool profile_options(const struct settings *s, const char *command, struct profile_choice *ret)
{
	char word[64];

	*ret = (struct profile_choice){
		.filter = {.event = PROFILE_NONE, .vms = s->vms.items, .nvms = s->vms.n}};
	if (!profile_keys_parse(s->sort, &ret->keys, word)) {
		log_err("%s: --sort does not know '%s'; it takes vm, pid, vcpu, tid, comm, mode, module, "
			"symbol, "
			"address, event",
			command, word);
		return false;
	}
	if (!take_limit(s->percent_limit, &ret->filter.limit)) {
		log_err("%s: --percent-limit takes a number from 0 to 100, not '%.60s'", command,
			s->percent_limit);
		return false;
	}
	return take_modes(s, command, &ret->filter.modes);
}

struct names_options profile_names_options(const struct settings *s)
{
	return (struct names_options){
		.guest_kallsyms = s->guest_kallsyms,
		.guest_modules = s->guest_modules,
		.guest_vmlinux = s->guest_vmlinux,
		.guest_mount = s->guest_mount,
		.kallsyms = s->kallsyms,
		.vmlinux = s->vmlinux,
		.root = "",
	};
}

void profile_vms_meet(const struct settings *s, const struct profile *p, bool *met)
{
	for (uint32_t i = 0; i < s->vms.n; i++)
		for (uint32_t j = 0; j < p->nvms && !met[i]; j++)
			met[i] = profile_vm_is(&p->vms[j], s->vms.items[i]);
}

bool profile_vms_check(const struct settings *s, const struct profile *p)
{
	bool *met = mem_zalloc(s->vms.n, sizeof(*met)), ok;

	profile_vms_meet(s, p, met);
	ok = selection_check(&s->vms, met, p->nvms);
	free(met);
	return ok;
}
