// SPDX-License-Identifier: GPL-2.0-only
/* Where QEMU's arguments have the socket of the guest's agent. */
#include "unit.h"

#include <string.h>

#include "host/argv_agent.h"

#define PORT "org.qemu.guest_agent.0"

static void is_socket(const char *cmdline, size_t len, const char *want)
{
	char *got = argv_agent_socket(cmdline, len);

	if (want)
		ck_assert_pstr_eq(got, want);
	else
		ck_assert_pstr_eq(got, NULL);
	free(got);
}

/* Arguments with NULs between, the last one's own included. */
#define IS_SOCKET(args, want) is_socket(args, sizeof(args), want)

START_TEST(forms)
{
	IS_SOCKET("qemu\0-chardev\0socket,path=/run/a,server=on,wait=off,id=q\0-device\0virtio-serial\0"
		  "-device\0virtserialport,chardev=q,name=" PORT,
		  "/run/a");
	/* in the other order, with two dashes, and as old QEMUs were told */
	IS_SOCKET("qemu\0--device\0virtserialport,bus=b.0,name=" PORT ",id=x,chardev=q\0"
		  "--chardev\0socket,id=q,server,nowait,path=/run/a b",
		  "/run/a b");
	/* a comma in the path is doubled */
	IS_SOCKET("qemu\0-device\0virtserialport,name=" PORT ",chardev=q\0"
		  "-chardev\0socket,id=q,path=/run/a,,b,server=on",
		  "/run/a,b");
	/* as libvirt writes devices */
	IS_SOCKET("qemu\0-chardev\0socket,id=c0,path=/run/c0,server=on\0"
		  "-device\0{\"driver\":\"virtserialport\",\"chardev\":\"c0\",\"id\":\"channel0\",\"name\":"
		  "\"" PORT "\"}",
		  "/run/c0");
	/* of two of the same key the last one */
	IS_SOCKET("qemu\0-device\0virtserialport,name=" PORT ",chardev=a,chardev=q\0"
		  "-chardev\0socket,id=q,path=/x,path=/run/a,server=on",
		  "/run/a");
	/* another chardev comes first */
	IS_SOCKET("qemu\0-device\0virtserialport,name=" PORT
		  ",chardev=q\0-chardev\0socket,id=qq,path=/no,server=on\0"
		  "-chardev\0socket,id=q,path=/yes,server=on",
		  "/yes");
}
END_TEST

START_TEST(none)
{
	is_socket("", 0, NULL);
	IS_SOCKET("qemu", NULL);
	IS_SOCKET("qemu\0-device", NULL);
	/* another port, another program's name in it */
	IS_SOCKET("qemu\0-chardev\0socket,id=q,path=/"
		  "a,server=on\0-device\0virtserialport,chardev=q,name=com.redhat.spice.0",
		  NULL);
	IS_SOCKET(
		"qemu\0-chardev\0socket,id=q,path=/a,server=on\0-device\0virtserialport,chardev=q,name=" PORT
		"0",
		NULL);
	/* a descriptor that libvirt passed on; a pty; one that QEMU connects to itself; an abstract one */
	IS_SOCKET("qemu\0-chardev\0socket,id=q,fd=22,server=on\0-device\0virtserialport,chardev=q,name=" PORT,
		  NULL);
	IS_SOCKET("qemu\0-chardev\0pty,id=q,path=/a\0-device\0virtserialport,chardev=q,name=" PORT, NULL);
	IS_SOCKET("qemu\0-chardev\0socket,id=q,path=/a\0-device\0virtserialport,chardev=q,name=" PORT, NULL);
	IS_SOCKET("qemu\0-chardev\0socket,id=q,path=/"
		  "a,server=off\0-device\0virtserialport,chardev=q,name=" PORT,
		  NULL);
	IS_SOCKET("qemu\0-chardev\0socket,id=q,path=a,abstract=on,server=on\0"
		  "-device\0virtserialport,chardev=q,name=" PORT,
		  NULL);
	/* text of an option, not an option */
	IS_SOCKET("qemu\0-device\0-chardev\0socket,id=q,path=/a,server=on", NULL);
	IS_SOCKET("qemu\0-device\0{\"name\":\"" PORT "\",\"chardev\":", NULL);
	IS_SOCKET("qemu\0-device\0{\"name\":[],\"chardev\":1}", NULL);
	/* cut off inside an argument */
	is_socket("qemu\0-devi", 10, NULL);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("argv_agent");

	UNIT_ADD(u, forms);
	UNIT_ADD(u, none);
	return unit_run(u);
}
