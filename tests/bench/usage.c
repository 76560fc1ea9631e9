// SPDX-License-Identifier: GPL-2.0-only
/*
 * usage FILE COMMAND...: runs COMMAND, its output to FILE, and prints
 * "CPU MICROSECONDS, PEAK RESIDENT KB" of it and of the children it waited for.
 * Status: COMMAND's.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct rusage u;
	int status, fd;
	pid_t pid;

	if (argc < 3) {
		fprintf(stderr, "usage: usage FILE COMMAND...\n");
		return 2;
	}
	pid = fork();
	if (!pid) {
		fd = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0644);
		if (fd < 0 || dup2(fd, 1) < 0 || dup2(fd, 2) < 0)
			_exit(126);
		execvp(argv[2], argv + 2);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &u) < 0 || !WIFEXITED(status)) {
		fprintf(stderr, "usage: %s did not run to its end\n", argv[2]);
		return 1;
	}
	printf("%ld %ld\n",
	       (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000L + u.ru_utime.tv_usec + u.ru_stime.tv_usec,
	       u.ru_maxrss);
	return WEXITSTATUS(status);
}
