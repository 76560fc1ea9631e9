/* SPDX-License-Identifier: GPL-2.0-only */
/* Commands: what the command line sets, and the two tables of it. */
#ifndef VMPERF_CMD_CMD_H
#define VMPERF_CMD_CMD_H

#include <stdbool.h>
#include <stdint.h>

#include "../lib/options.h"
#include "../lib/output.h"

/* Exit statuses of every command; snapshot with a COMMAND ends with that one's. */
enum { STATUS_DONE = 0, STATUS_FAILED = 1, STATUS_USAGE = 2 };

/* Values of the choices, in the order of the option table. */
enum format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV, FORMAT_PROM };
enum tables { TABLES_BOTH, TABLES_VM, TABLES_EXIT };
enum profile_format {
	PROFILE_FORMAT_TABLE,
	PROFILE_FORMAT_JSON,
	PROFILE_FORMAT_CSV,
	PROFILE_FORMAT_FOLDED,
	PROFILE_FORMAT_HTML,
};
enum by { BY_VM, BY_VCPU, BY_EXIT, BY_THREAD, BY_EVENT };

/* The command line; each member is set by one row of the option table unless said otherwise. */
struct settings {
	bool help, version;
	int verbose;             /* how often -v was given */
	uint64_t interval_ns;    /* 10 ms to 1 day; of top 0: as saved */
	struct options_list vms; /* patterns: a name or glob, UUID or pid; none: all VMs */
	enum by by;
	enum tables tables; /* --by of diff */
	enum format format;
	uint32_t top;        /* exit reasons shown per VM; of diff: rows of a table */
	uint32_t max_vcpus;  /* 0: chosen from the vCPUs and the CPUs that exist */
	const char *events;  /* a list; NULL: see event_choice.h */
	bool events_strict;  /* one that cannot be counted is an error */
	bool no_libvirt;     /* do not ask libvirtd */
	const char *connect; /* libvirt's URI; NULL: the system's */
	enum output_color color;
	const char *replay;             /* a record to be shown instead of measuring; NULL: none */
	const char *speed;              /* of a record that is played; NULL: as it was */
	int theme;                      /* 0: as saved, else enum theme_name and 1 */
	struct options_list at;         /* times, as record_when() takes them */
	uint64_t duration_ns;           /* 0: until it is told to end */
	uint64_t max_size;              /* bytes of a record; 0: any */
	uint32_t max_files;             /* records that rotation leaves */
	struct options_list listen;     /* addresses, as listen_add() takes them */
	const char *web_config;         /* of HTTP: TLS and users; NULL: neither */
	const char *textfile;           /* written each interval_ns; NULL: none */
	bool per_vcpu;                  /* series of vCPUs instead of VMs */
	const char *exits;              /* as export_exits() takes it */
	struct options_list histograms; /* patterns of the exit reasons that have some */
	uint32_t max_series;            /* 0: any number */
	const char *sample_event;       /* of a profile; NULL: cycles, else cpu-clock */
	uint32_t freq;                  /* samples a second and CPU */
	bool stacks;                    /* the host's callers, too */
	bool text;                      /* no terminal UI */
	bool all;                       /* of a perf file: all processes, VMs or not */
	const char *sort;               /* keys, as profile_keys_parse() takes them */
	const char *percent_limit;      /* rows of a smaller share are summed up; see profile_options.h */
	struct options_list modes;      /* of samples, see profile_options.h; none: all */
	enum profile_format profile_format;
	/* symbols of guests and of the host; NULL: not given; see user/profile/names.h */
	const char *guest_kallsyms, *guest_modules, *guest_vmlinux, *guest_mount, *kallsyms, *vmlinux;
	bool no_guest_agent;
	const char *output;        /* a directory; NULL: the cache */
	struct options_list words; /* set by main(): what stands between the options, where that is taken */
	char *const *argv;         /* set by main(): what stands after "--", ended by NULL; NULL: nothing */
};

/* Bits of the commands in the option table. */
enum {
	CMD_MAIN = 1 << 0, /* vmperf itself: before a command's name */
	CMD_SNAPSHOT = 1 << 1,
	CMD_DOCTOR = 1 << 2,
	CMD_EVENTS = 1 << 3,
	CMD_RECORD = 1 << 4,
	CMD_DIFF = 1 << 5,
	CMD_TOP = 1 << 6,
	CMD_EXPORT = 1 << 7,
	CMD_PROFILE = 1 << 8, /* live */
	CMD_PROFILE_RECORD = 1 << 9,
	CMD_PROFILE_REPORT = 1 << 10,
	CMD_PROFILE_DIFF = 1 << 11,
	CMD_PROFILE_BUILDIDS = 1 << 12,
	CMD_PROFILE_SYMBOLS = 1 << 13,
};

struct command {
	const char *name;    /* "profile record": of a group, two words */
	const char *summary; /* one line, for the list of commands */
	const char *usage;   /* what follows "vmperf NAME" */
	const char *text;    /* a paragraph for --help, lines of at most 80 columns */
	uint32_t bit;
	bool takes_argv;                      /* "-- COMMAND" */
	bool takes_words;                     /* between the options */
	int (*run)(const struct settings *s); /* returns the exit status */
};

/* THE command table; a name that is NULL ends it.  The first is what vmperf alone does. */
extern const struct command cmd_commands[];

/* THE option table. */
extern const struct option_def cmd_options[];

int cmd_top(const struct settings *s);
int cmd_snapshot(const struct settings *s);
int cmd_record(const struct settings *s);
int cmd_export(const struct settings *s);
int cmd_diff(const struct settings *s);
int cmd_profile(const struct settings *s);
int cmd_profile_record(const struct settings *s);
int cmd_profile_report(const struct settings *s);
int cmd_profile_diff(const struct settings *s);
int cmd_profile_buildids(const struct settings *s);
int cmd_profile_symbols(const struct settings *s);
int cmd_doctor(const struct settings *s);
int cmd_events(const struct settings *s);

#endif
