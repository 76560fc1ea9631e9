// SPDX-License-Identifier: GPL-2.0-only
/* Files by a guest agent, which is made up here and says odd things; agent_ga_test.c has the real one. */
#include "made_up_agent.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/agent_guest.h"

#define LONG_MS  30000
/* what does not come is not waited for longer; what comes may take that long */
#define SHORT_MS 500

/* Answers by the list in arg, one command after the other, the last one again and again. */
static bool by_list(struct made_up_agent *m, const json_t *command, struct buf *reply)
{
	const char *const *list = m->arg, *text = list[m->step];

	(void)command;
	if (list[m->step + 1])
		m->step++;
	if (!text[0])
		return false;
	buf_printf(reply, "%s\n", text);
	return true;
}

static struct agent *connected(const struct made_up_agent *m, int timeout_ms)
{
	char why[AGENT_WHY_SIZE] = "";
	struct agent *a = agent_socket(m->path, (uint32_t)getpid(), timeout_ms, why);

	ck_assert_msg(a != NULL, "%s", why);
	return a;
}

/* Reads a file from an agent that answers by this list; the result. */
static int read_by(const char *const *list, size_t max, int timeout_ms, struct buf *ret,
		   char why[AGENT_WHY_SIZE], struct buf *heard)
{
	struct made_up_agent m = {.answer = by_list, .arg = (void *)(uintptr_t)list};
	struct agent *a;
	int err;

	made_up_start(&m);
	a = connected(&m, timeout_ms);
	err = agent_read(a, "/a \"file\"", max, ret, why);
	agent_free(a);
	shutdown(m.listens, SHUT_RDWR);
	pthread_join(m.thread, NULL);
	m.thread = 0;
	if (heard && m.heard.len)
		buf_add(heard, m.heard.data, m.heard.len);
	made_up_end(&m);
	return err;
}

#define OPENED "{\"return\": 7}"
#define CLOSED "{\"return\": {}}"

START_TEST(a_file)
{
	/* a part may be short, or nothing, before the end; what comes with the end counts */
	static const char *const list[] = {
		OPENED,
		"{\"return\": {\"count\": 1, \"buf-b64\": \"YQ==\", \"eof\": false}}",
		"{\"return\": {\"count\": 0, \"buf-b64\": \"\", \"eof\": false}}",
		"{\"return\": {\"count\": 3, \"buf-b64\": \"YgAK\", \"eof\": true}}",
		CLOSED,
		NULL,
	};
	static const char want[] =
		"{\"execute\":\"guest-file-open\",\"arguments\":{\"path\":\"/a "
		"\\\"file\\\"\",\"mode\":\"r\"}}\n"
		"{\"execute\":\"guest-file-read\",\"arguments\":{\"handle\":7,\"count\":262144}}\n"
		"{\"execute\":\"guest-file-read\",\"arguments\":{\"handle\":7,\"count\":262144}}\n"
		"{\"execute\":\"guest-file-read\",\"arguments\":{\"handle\":7,\"count\":262144}}\n"
		"{\"execute\":\"guest-file-close\",\"arguments\":{\"handle\":7}}\n";
	char why[AGENT_WHY_SIZE];
	struct buf b = {0}, heard = {0};

	buf_puts(&b, "x");
	ck_assert_int_eq(read_by(list, 4, LONG_MS, &b, why, &heard), 0);
	ck_assert_uint_eq(b.len, 5);
	ck_assert_mem_eq(b.data, "xab\0\n", 5);
	ck_assert_str_eq(heard.data, want);
	buf_free(&b);
	buf_free(&heard);
}
END_TEST

START_TEST(refusals)
{
	static const struct {
		const char *answer, *why;
		int err;
	} r[] = {
		{"{\"error\": {\"class\": \"GenericError\", \"desc\": \"failed to open file '/a' (mode: "
		 "'r'): No such file or directory\"}}",
		 "No such file", -ENOENT},
		{"{\"error\": {\"class\": \"GenericError\", \"desc\": \"failed to open file '/a' (mode: "
		 "'r'): Permission denied\"}}",
		 "Permission denied", -EACCES},
		{"{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"Command guest-file-open has been "
		 "disabled: the command is not allowed\"}}",
		 "block-rpcs", -EOPNOTSUPP},
		{"{\"error\": {\"class\": \"CommandNotFound\", \"desc\": \"The command guest-file-open has "
		 "not been found\"}}",
		 "BLOCK_RPCS", -EOPNOTSUPP},
		{"{\"error\": {\"class\": \"GenericError\", \"desc\": \"too many open files\"}}", "too many",
		 -EIO},
		{"{\"error\": {}}", "without a description", -EIO},
		{"{\"error\": 1}", "without a description", -EIO},
	};

	for (size_t i = 0; i < sizeof(r) / sizeof(r[0]); i++) {
		const char *const list[] = {r[i].answer, NULL};
		char why[AGENT_WHY_SIZE] = "";
		struct buf b = {0};

		ck_assert_int_eq(read_by(list, 4, LONG_MS, &b, why, NULL), r[i].err);
		ck_assert_msg(strstr(why, r[i].why) && !strchr(why, '\n'), "%s", why);
		ck_assert_uint_eq(b.len, 0);
		buf_free(&b);
	}
}
END_TEST

START_TEST(nonsense)
{
	static const char *const opens[] = {
		"[]",
		"7",
		"{}",
		"{\"return\": \"7\"}",
		"{\"return\": null}",
		"{\"return\": 7",
		"{\"return\": 7}}",
		"return",
		"\xff\xfe",
		"{\"return\": 1e999}",
		"{\"RETURN\": 7}",
	};
	static const char *const reads[] = {
		"{\"return\": {}}",
		"{\"return\": 3}",
		"{\"return\": {\"count\": 1, \"buf-b64\": \"YQ==\"}}",
		"{\"return\": {\"buf-b64\": \"YQ==\", \"eof\": true}}",
		"{\"return\": {\"count\": 2, \"buf-b64\": \"YQ==\", \"eof\": true}}",
		"{\"return\": {\"count\": -1, \"buf-b64\": \"YQ==\", \"eof\": true}}",
		"{\"return\": {\"count\": 1, \"buf-b64\": [], \"eof\": true}}",
		"{\"return\": {\"count\": 1, \"buf-b64\": \"Y\", \"eof\": true}}",
		"{\"return\": {\"count\": 1, \"buf-b64\": \"YQ==\", \"eof\": 1}}",
		"{\"return\": {\"count\": 1, \"eof\": true}}",
		"{\"return\": {\"count\": \"1\", \"buf-b64\": \"YQ==\", \"eof\": true}}",
	};
	char why[AGENT_WHY_SIZE];
	struct buf b = {0};

	for (size_t i = 0; i < sizeof(opens) / sizeof(opens[0]); i++) {
		const char *const list[] = {opens[i], NULL};

		ck_assert_msg(read_by(list, 4, LONG_MS, &b, why, NULL) == -EPROTO, "%s", opens[i]);
	}
	for (size_t i = 0; i < sizeof(reads) / sizeof(reads[0]); i++) {
		const char *const list[] = {OPENED, reads[i], CLOSED, NULL};
		struct buf heard = {0};

		ck_assert_msg(read_by(list, 4, LONG_MS, &b, why, &heard) == -EPROTO, "%s", reads[i]);
		ck_assert_ptr_nonnull(strstr(heard.data, "guest-file-close"));
		buf_free(&heard);
	}
	ck_assert_uint_eq(b.len, 0);
	buf_free(&b);
}
END_TEST

START_TEST(too_much)
{
	static const char *const list[] = {
		OPENED,
		"{\"return\": {\"count\": 3, \"buf-b64\": \"YgAK\", \"eof\": false}}",
		NULL,
	};
	static const char *const three[] = {
		OPENED,
		"{\"return\": {\"count\": 3, \"buf-b64\": \"YgAK\", \"eof\": true}}",
		"{\"return\": {}}",
		NULL,
	};
	static const char *const nothing[] = {
		OPENED,
		"{\"return\": {\"count\": 0, \"buf-b64\": \"\", \"eof\": false}}",
		NULL,
	};
	char why[AGENT_WHY_SIZE], *reads;
	struct buf b = {0}, heard = {0};
	int n = 0;

	ck_assert_int_eq(read_by(list, 8, LONG_MS, &b, why, &heard), -EFBIG);
	ck_assert_ptr_nonnull(strstr(heard.data, "guest-file-close"));
	/* just as many as may be, and one more */
	ck_assert_int_eq(read_by(three, 2, LONG_MS, &b, why, NULL), -EFBIG);
	ck_assert_uint_eq(b.len, 0);
	ck_assert_int_eq(read_by(three, 3, LONG_MS, &b, why, NULL), 0);
	ck_assert_uint_eq(b.len, 3);
	b.len = heard.len = 0;
	/* no end, and no bytes that could become too many */
	ck_assert_int_eq(read_by(nothing, 0, LONG_MS, &b, why, &heard), -ETIMEDOUT);
	for (reads = heard.data; (reads = strstr(reads, "guest-file-read")); reads++)
		n++;
	ck_assert_int_eq(n, 64);
	ck_assert_uint_eq(b.len, 0);
	buf_free(&b);
	buf_free(&heard);
}
END_TEST

/* A line that does not end. */
static bool endless(struct made_up_agent *m, const json_t *command, struct buf *reply)
{
	(void)m;
	(void)command;
	for (int i = 0; i < 3 << 16; i++)
		buf_puts(reply, "0123456789abcdef");
	return true;
}

static bool silent(struct made_up_agent *m, const json_t *command, struct buf *reply)
{
	(void)m;
	(void)command;
	(void)reply;
	return true;
}

/* One read from an agent that answers so; a second one after it must fail, too. */
static int read_with(bool (*answer)(struct made_up_agent *m, const json_t *command, struct buf *reply),
		     int timeout_ms)
{
	struct made_up_agent m = {.answer = answer};
	char why[AGENT_WHY_SIZE];
	struct buf b = {0};
	struct agent *a;
	int err;

	made_up_start(&m);
	a = connected(&m, timeout_ms);
	err = agent_read(a, "/a", 8, &b, why);
	/* an answer that comes late would be that of another question */
	m.answer = by_list;
	ck_assert_int_eq(agent_read(a, "/b", 8, &b, why), -ENOTCONN);
	ck_assert_uint_eq(b.len, 0);
	agent_free(a);
	made_up_end(&m);
	return err;
}

static bool hang_up(struct made_up_agent *m, const json_t *command, struct buf *reply)
{
	(void)m;
	(void)command;
	buf_puts(reply, "{\"return\":");
	return false;
}

START_TEST(no_answer)
{
	ck_assert_int_eq(read_with(endless, LONG_MS), -EPROTO);
	ck_assert_int_eq(read_with(silent, SHORT_MS), -ETIMEDOUT);
	ck_assert_int_eq(read_with(hang_up, LONG_MS), -ENOTCONN);
}
END_TEST

START_TEST(stale_answers)
{
	static const char *const list[] = {
		OPENED, "{\"return\": {\"count\": 1, \"buf-b64\": \"YQ==\", \"eof\": true}}", CLOSED, NULL};
	struct made_up_agent m = {
		.answer = by_list,
		.arg = (void *)(uintptr_t)list,
		/* half an answer, whole ones, delimited ones of others, and what is none */
		.greeting =
			"\"x\"}}\n{\"return\": 3}\n\xff{\"return\": 99999999999}\n\xff\xff{\"return\": []}\n"
			"\xff\n\xff{\"return\"\n",
	};
	char why[AGENT_WHY_SIZE];
	struct buf b = {0};
	struct agent *a;

	made_up_start(&m);
	a = connected(&m, LONG_MS);
	ck_assert_int_eq(agent_read(a, "/a", 8, &b, why), 0);
	ck_assert_str_eq(b.data, "a");
	agent_free(a);
	made_up_end(&m);
	buf_free(&b);
}
END_TEST

/* agent_socket() must not succeed; why. */
static void refused(const char *path, uint32_t pid, const char *want)
{
	char why[AGENT_WHY_SIZE] = "";

	ck_assert_ptr_null(agent_socket(path, pid, SHORT_MS, why));
	ck_assert_msg(strstr(why, want) && !strchr(why, '\n'), "%s", why);
}

/* The same, of one that greets like that and does not answer. */
static void refused_by(const char *greeting, uint32_t pid, const char *want)
{
	struct made_up_agent m = {.answer = silent, .deaf = true, .greeting = greeting};

	made_up_start(&m);
	refused(m.path, pid, want);
	made_up_end(&m);
}

START_TEST(no_agent)
{
	struct buf many = {0};

	refused_by(NULL, (uint32_t)getpid(), "does not answer");
	/* other answers than ours, for ever */
	for (int i = 0; i < 100; i++)
		buf_puts(&many, "\xff{\"return\": -1}\n");
	refused_by(many.data, (uint32_t)getpid(), "other questions");
	/* no answers at all */
	many.len = 0;
	for (int i = 0; i < 5 << 16; i++)
		buf_puts(&many, "0123456789abcdef");
	refused_by(many.data, (uint32_t)getpid(), "is no agent");
	refused_by(NULL, (uint32_t)getppid(), "is not a socket of process");
	refused("/nowhere/at/all", (uint32_t)getpid(), "No such file");
	refused("/dev/null", (uint32_t)getpid(), "is no socket of the user");
	buf_free(&many);
}
END_TEST

START_TEST(somebody_else)
{
	struct made_up_agent m = {.answer = silent};
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), taken;

	made_up_listen(&m);
	strcpy(to.sun_path, m.path);
	ck_assert_int_eq(connect(other, (const struct sockaddr *)&to, sizeof(to)), 0);
	taken = accept(m.listens, NULL, NULL);
	ck_assert_int_ge(taken, 0);
	refused(m.path, (uint32_t)getpid(), "somebody else");
	/* nothing came to wait there */
	ck_assert_int_eq(fcntl(m.listens, F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_lt(accept(m.listens, NULL, NULL), 0);
	close(taken);
	close(other);
	made_up_end(&m);
}
END_TEST

/* The arguments of somebody else's process name a socket of ours: nobody connects to it for him. */
START_TEST(on_behalf)
{
	struct made_up_agent m = {.answer = silent};
	int pair[2];
	char byte;
	pid_t pid;

	if (geteuid())
		return;
	made_up_listen(&m);
	ck_assert_int_eq(chmod(m.path, 0700), 0);
	ck_assert_int_eq(chmod(m.dir, 0755), 0);
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	pid = fork();
	if (!pid) {
		close(pair[0]);
		if (setgid(1) || setuid(1) || write(pair[1], "", 1) != 1)
			_exit(1);
		/* until its parent ends, or the other end does */
		_exit(read(pair[1], &byte, 1) != 0);
	}
	close(pair[1]);
	ck_assert_int_eq(read(pair[0], &byte, 1), 1);
	refused(m.path, (uint32_t)pid, "is no socket of the user");
	ck_assert_int_eq(fcntl(m.listens, F_SETFL, O_NONBLOCK), 0);
	ck_assert_int_lt(accept(m.listens, NULL, NULL), 0);
	/* what everybody may connect to is looked at */
	ck_assert_int_eq(chmod(m.path, 0777), 0);
	refused(m.path, (uint32_t)pid, "is not a socket of process");
	close(pair[0]);
	ck_assert_int_eq(waitpid(pid, NULL, 0), pid);
	made_up_end(&m);
}
END_TEST

/* A path that no address has room for, and one that is relative. */
START_TEST(odd_paths)
{
	struct made_up_agent m = {.answer = silent};
	char why[AGENT_WHY_SIZE];
	struct buf path = {0};
	struct agent *a;

	made_up_start(&m);
	buf_puts(&path, m.dir);
	for (int i = 0; i < 100; i++)
		buf_puts(&path, "/.");
	buf_puts(&path, "/agent");
	a = agent_socket(path.data, (uint32_t)getpid(), LONG_MS, why);
	ck_assert_ptr_nonnull(a);
	agent_free(a);
	ck_assert_int_eq(chdir(m.dir), 0);
	a = agent_socket("agent", (uint32_t)getpid(), LONG_MS, why);
	ck_assert_ptr_nonnull(a);
	agent_free(a);
	ck_assert_int_eq(chdir("/"), 0);
	made_up_end(&m);
	buf_free(&path);
}
END_TEST

/* A made-up guest. */
struct made_up_guest {
	const char *boots[8]; /* what its boot id is, each time it is read; the last one stays */
	int boot;
	const char *kallsyms, *modules, *version; /* NULL: no such file */
	const char *os;
	int handle;
	const char *open; /* what is read next */
};

static const char *file_of(struct made_up_guest *g, const char *path)
{
	if (!strcmp(path, "/proc/sys/kernel/random/boot_id")) {
		const char *id = g->boots[g->boot];

		g->boot += g->boots[g->boot + 1] != NULL;
		return id;
	}
	return !strcmp(path, "/proc/kallsyms")  ? g->kallsyms
	       : !strcmp(path, "/proc/modules") ? g->modules
	       : !strcmp(path, "/proc/version") ? g->version
						: NULL;
}

static bool by_guest(struct made_up_agent *m, const json_t *command, struct buf *reply)
{
	struct made_up_guest *g = m->arg;

	if (made_up_is(command, "guest-file-open")) {
		g->open = file_of(g, made_up_text(command, "path"));
		if (g->open)
			buf_printf(reply, "{\"return\": %d}\n", ++g->handle);
		else
			buf_puts(reply, "{\"error\": {\"desc\": \"failed to open file: No such file or "
					"directory\"}}\n");
	} else if (made_up_is(command, "guest-file-read")) {
		made_up_chunk(reply, g->open, strlen(g->open), true);
	} else if (made_up_is(command, "guest-get-osinfo") && g->os) {
		buf_printf(reply, "{\"return\": {\"id\": \"%s\"}}\n", g->os);
	} else {
		buf_puts(reply, "{\"return\": {}}\n");
	}
	return true;
}

static int read_guest(struct made_up_guest *g, struct agent_guest *ret, char why[AGENT_WHY_SIZE])
{
	struct made_up_agent m = {.answer = by_guest, .arg = g};
	struct agent *a;
	int err;

	made_up_start(&m);
	a = connected(&m, LONG_MS);
	err = agent_guest_read(a, ret, why);
	agent_free(a);
	made_up_end(&m);
	return err;
}

#define A       "0123abcd-0000-4000-8000-00000000000a"
#define B       "0123abcd-0000-4000-8000-00000000000b"
#define SYMBOLS "0000000000000000 A zero\nffffffff81000000 T _text\n"

START_TEST(guest)
{
	struct made_up_guest g = {.boots = {A "\n"}, .kallsyms = SYMBOLS, .version = "Linux version 1\n"};
	struct agent_guest files;
	char why[AGENT_WHY_SIZE];

	/* a kernel without modules, an agent that may not read the notes */
	ck_assert_int_eq(read_guest(&g, &files, why), 0);
	ck_assert_str_eq(files.boot, A);
	ck_assert_str_eq(files.kallsyms.data, SYMBOLS);
	ck_assert_uint_eq(files.modules.len, 0);
	ck_assert_str_eq(files.version.data, "Linux version 1\n");
	ck_assert_uint_eq(files.notes.len, 0);
	agent_guest_free(&files);
}
END_TEST

START_TEST(guest_reboots)
{
	struct made_up_guest g = {.boots = {A, B, B, B}, .kallsyms = SYMBOLS};
	struct made_up_guest often = {.boots = {A, B, A, B, A, B, A}, .kallsyms = SYMBOLS};
	struct agent_guest files;
	char why[AGENT_WHY_SIZE];

	ck_assert_int_eq(read_guest(&g, &files, why), 0);
	ck_assert_str_eq(files.boot, B);
	ck_assert_str_eq(files.kallsyms.data, SYMBOLS);
	agent_guest_free(&files);
	ck_assert_int_eq(read_guest(&often, &files, why), -EAGAIN);
	ck_assert_uint_eq(files.kallsyms.len, 0);
}
END_TEST

START_TEST(guest_without)
{
	struct made_up_guest hidden = {.boots = {A},
				       .kallsyms = "0000000000000000 T _text\n0000000000000000 t x\tfff\n"};
	struct made_up_guest windows = {.os = "mswindows"}, other = {0};
	struct made_up_guest old = {.boots = {A}};
	struct made_up_guest odd[] = {
		{.boots = {""}},
		{.boots = {"\n"}},
		{.boots = {A "x"}},
		{.boots = {A "\n\n"}},
		{.boots = {"../../../../../../../../etc/passwd/x"}},
		{.boots = {"00000000-0000-0000-0000-000000000000"}},
	};
	struct agent_guest files;
	char why[AGENT_WHY_SIZE];

	ck_assert_int_eq(read_guest(&hidden, &files, why), -EACCES);
	ck_assert_ptr_nonnull(strstr(why, "kptr_restrict"));
	ck_assert_int_eq(read_guest(&windows, &files, why), -ENOSYS);
	ck_assert_ptr_nonnull(strstr(why, "mswindows"));
	ck_assert_int_eq(read_guest(&other, &files, why), -ENOSYS);
	ck_assert_int_eq(read_guest(&old, &files, why), -ENOSYS);
	ck_assert_ptr_nonnull(strstr(why, "CONFIG_KALLSYMS"));
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		ck_assert_int_eq(read_guest(&odd[i], &files, why), -EPROTO);
}
END_TEST

static bool has_addresses(const char *text)
{
	struct buf b = {(char *)(uintptr_t)text, strlen(text), 0};

	return agent_guest_has_addresses(&b);
}

START_TEST(addresses)
{
	ck_assert(!has_addresses(""));
	ck_assert(!has_addresses("00000000 T a\n00000000 T bcd"));
	ck_assert(!has_addresses("00000000"));
	ck_assert(!has_addresses("\n\n0\n"));
	ck_assert(has_addresses("00000000 T a\nc0000000 T b"));
	ck_assert(has_addresses("00000000 T a\n00000001 T b\n"));
	ck_assert(has_addresses("f"));
}
END_TEST

int main(void)
{
	struct unit u = unit_new("agent");

	UNIT_ADD(u, a_file);
	UNIT_ADD(u, refusals);
	UNIT_ADD(u, nonsense);
	UNIT_ADD(u, too_much);
	UNIT_ADD(u, no_answer);
	UNIT_ADD(u, stale_answers);
	UNIT_ADD(u, no_agent);
	UNIT_ADD(u, somebody_else);
	UNIT_ADD(u, on_behalf);
	UNIT_ADD(u, odd_paths);
	UNIT_ADD(u, guest);
	UNIT_ADD(u, guest_reboots);
	UNIT_ADD(u, guest_without);
	UNIT_ADD(u, addresses);
	return unit_run(u);
}
