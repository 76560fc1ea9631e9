// SPDX-License-Identifier: GPL-2.0-only
/*
 * What QEMU's arguments tell of the machine, and, with the host's KVM, of the
 * virtual PMU.  What was seen in QEMU 7.2 (QMP qom-get: the machine's type, the
 * CPU's pmu) is marked so.
 */
#include "unit.h"

#include <stdio.h>
#include <string.h>

#include "host/argv.h"
#include "host/vpmu.h"

static void check(const char *cmdline, size_t len, const char *machine, enum argv_pmu pmu)
{
	struct argv_names n;

	argv_parse(cmdline, len, &n);
	ck_assert_str_eq(n.machine, machine);
	ck_assert_int_eq(n.pmu, pmu);
	argv_names_clear(&n);
}

/* Arguments written with \0 between them; the literal's own NUL ends the last one. */
#define ARGV(args, machine, pmu) check(args, sizeof(args), machine, ARGV_PMU_##pmu)
#define QEMU(args, machine, pmu) ARGV("qemu-system-x86_64\0" args, machine, pmu)
#define MACHINE(args, machine)   QEMU(args, machine, MODEL)
#define CPU(args, pmu)           QEMU(args, "", pmu)

START_TEST(machines)
{
	/* all seen in QEMU 7.2 but the last two, with which it does not start */
	MACHINE("-S", "");
	MACHINE("-machine\0q35", "q35");
	MACHINE("--machine\0q35", "q35");
	MACHINE("-M\0q35", "q35");
	MACHINE("-machine\0type=q35,kernel-irqchip=on", "q35");
	MACHINE("-machine\0kernel-irqchip=on,type=q35", "q35");
	MACHINE("-machine\0pc-q35-7.2,usb=off,dump-guest-core=off", "pc-q35-7.2");
	MACHINE("-machine\0q35\0-machine\0usb=off", "q35");
	MACHINE("-machine\0q35,type=pc", "pc");
	MACHINE("-machine\0q35\0-M\0pc", "pc");
	MACHINE("-machine\0usb=off,q35", "");
	MACHINE("-machine\0", "");
}
END_TEST

START_TEST(odd_machines)
{
	MACHINE("-machine\0a,,b,usb=off", "a,b");
	MACHINE("-machine\0usb=off,,type=q35", "");
	MACHINE("-append\0-machine\0-machine\0pc", "pc");
	MACHINE("-machine", "");
	MACHINE("-machines\0q35", "");
	MACHINE("-machine=q35", "");
	/* never a part of a type */
	MACHINE("-machine\0x123456789012345678901234567890123456789012345678901234567890123", "");
	MACHINE("-machine\0"
		"123456789012345678901234567890123456789012345678901234567890123",
		"123456789012345678901234567890123456789012345678901234567890123");
	/* a file may say another one */
	QEMU("-machine\0q35\0-readconfig\0x.cfg", "", UNKNOWN);
	/* other VMMs have no such option */
	ARGV("firecracker\0-machine\0q35\0-cpu\0host", "", UNKNOWN);
	ARGV("cloud-hypervisor\0--cpus\0boot=1", "", UNKNOWN);
	ARGV("crosvm\0run\0--cpus\0"
	     "2",
	     "", UNKNOWN);
	/* a QEMU of another name is one when it was told so */
	ARGV("my-vmm\0-machine\0q35\0-cpu\0host", "q35", MAX);
	ARGV("my-vmm\0-machine\0q35", "q35", UNKNOWN);
}
END_TEST

START_TEST(pmus)
{
	/* all seen in QEMU 7.2; host as max, which it is but for names of features */
	CPU("-S", MODEL);
	CPU("-cpu\0host", MAX);
	CPU("-cpu\0max", MAX);
	CPU("-cpu\0qemu64", MODEL);
	CPU("-cpu\0"
	    "base",
	    MODEL);
	CPU("-cpu\0Nehalem", MODEL);
	CPU("-cpu\0max,pmu=off", OFF);
	CPU("-cpu\0max,-pmu", OFF);
	CPU("-cpu\0qemu64,pmu=on", ON);
	CPU("-cpu\0qemu64,pmu=yes", ON);
	CPU("-cpu\0qemu64,pmu", ON);
	CPU("-cpu\0qemu64,+pmu", ON);
	CPU("-cpu\0qemu64,pmu=on,pmu=off", OFF);
	CPU("-cpu\0qemu64,+pmu,-pmu", OFF);
	CPU("-cpu\0qemu64,-pmu,+pmu", OFF);
	CPU("-cpu\0host\0-cpu\0qemu64", MODEL);
	CPU("-cpu\0qemu64\0-cpu\0host,pmu=off", OFF);
	QEMU("-machine\0microvm", "microvm", MODEL);
	/* QEMU takes the first of these now, and says that it may do otherwise one day */
	CPU("-cpu\0qemu64,+pmu,pmu=off", UNKNOWN);
	CPU("-cpu\0qemu64,-pmu,pmu=on", UNKNOWN);
}
END_TEST

START_TEST(odd_pmus)
{
	CPU("-cpu\0", UNKNOWN);
	CPU("-cpu\0pmu", MODEL);
	CPU("-cpu\0+pmu", MODEL);
	CPU("-cpu\0qemu64,pmu=", UNKNOWN);
	CPU("-cpu\0qemu64,pmu=maybe", UNKNOWN);
	CPU("-cpu\0qemu64,xpmu=on,pmux=on,+pmux,PMU=on", MODEL);
	CPU("-cpu\0host,,,pmu=off,", OFF);
	CPU("-cpu\0hosts", MODEL);
	/* said elsewhere: seen in QEMU 7.2, which follows it */
	CPU("-cpu\0qemu64\0-global\0x86_64-cpu.pmu=on", UNKNOWN);
	CPU("-global\0driver=host-x86_64-cpu,property=pmu,value=off\0-cpu\0host", UNKNOWN);
	CPU("-cpu\0host\0-global\0PIIX4_PM.disable_s3=1", MAX);
	QEMU("-machine\0q35,confidential-guest-support=tdx0\0-cpu\0host", "q35", UNKNOWN);
}
END_TEST

START_TEST(old_machines)
{
	/* seen in QEMU 7.2: on with pc-i440fx-1.4 and 1.5, off with 1.7 and 2.0; 1.7 is left out with them */
	QEMU("-machine\0pc-i440fx-1.4\0-cpu\0qemu64", "pc-i440fx-1.4", UNKNOWN);
	QEMU("-machine\0pc-i440fx-1.5", "pc-i440fx-1.5", UNKNOWN);
	QEMU("-machine\0pc-q35-1.4", "pc-q35-1.4", UNKNOWN);
	QEMU("-machine\0pc-1.0", "pc-1.0", UNKNOWN);
	QEMU("-machine\0rhel6.6.0", "rhel6.6.0", UNKNOWN);
	QEMU("-cpu\0qemu64,pmu=off\0-machine\0pc-1.0", "pc-1.0", OFF);
	QEMU("-cpu\0host\0-machine\0pc-1.0", "pc-1.0", MAX);
	QEMU("-machine\0pc-i440fx-2.0", "pc-i440fx-2.0", MODEL);
	QEMU("-machine\0pc-i440fx-10.1", "pc-i440fx-10.1", MODEL);
}
END_TEST

/* As their managers write them, what is of no use here left out. */
START_TEST(real_command_lines)
{
	/* libvirt 9.0 with -cpu host-passthrough and <pmu state='off'/> */
	ARGV("/usr/bin/qemu-system-x86_64\0-name\0guest=web,debug-threads=on\0-S\0-object\0"
	     "{\"qom-type\":\"secret\",\"id\":\"masterKey0\",\"format\":\"raw\",\"file\":\"/var/lib/libvirt/"
	     "qemu/domain-1-web/master-key.aes\"}\0"
	     "-machine\0pc-q35-7.2,usb=off,vmport=off,dump-guest-core=off,memory-backend=pc.ram\0-"
	     "accel\0kvm\0"
	     "-cpu\0host,migratable=on,pmu=off\0-m\0"
	     "4096\0-nodefaults",
	     "pc-q35-7.2", OFF);
	/* nova 2023.1 on Ubuntu, host-model */
	ARGV("/usr/bin/qemu-system-x86_64\0-name\0guest=instance-0000001c,debug-threads=on\0-S\0"
	     "-machine\0pc-i440fx-jammy,usb=off,dump-guest-core=off,memory-backend=pc.ram\0-accel\0kvm\0"
	     "-cpu\0Cascadelake-Server-noTSX,ss=on,vmx=on,pdcm=on,hypervisor=on,tsc-adjust=on\0"
	     "-smbios\0type=1,manufacturer=OpenStack Foundation,product=OpenStack Nova,version=27.1.0,"
	     "serial=4dc6b0a4,uuid=4dc6b0a4,family=Virtual Machine",
	     "pc-i440fx-jammy", MODEL);
	/* KubeVirt */
	ARGV("/usr/libexec/qemu-kvm\0-name\0guest=default_testvmi,debug-threads=on\0-S\0"
	     "-machine\0pc-q35-rhel9.2.0,usb=off,dump-guest-core=off,memory-backend=pc.ram,acpi=on\0-"
	     "accel\0kvm\0"
	     "-cpu\0Skylake-Client-IBRS,pmu=on\0"
	     "-smbios\0type=1,manufacturer=KubeVirt,product=None,uuid=5d307ca9,family=KubeVirt",
	     "pc-q35-rhel9.2.0", ON);
	/* Proxmox VE 8 */
	ARGV("/usr/bin/kvm\0-id\0"
	     "100\0-name\0vm100,debug-threads=on\0-no-shutdown\0-smp\0"
	     "2,sockets=1,cores=2,maxcpus=2\0-nodefaults\0"
	     "-cpu\0qemu64,+aes,enforce,+kvm_pv_eoi,+kvm_pv_unhalt,+pni\0-m\0"
	     "2048\0-machine\0type=pc+pve0",
	     "pc+pve0", MODEL);
}
END_TEST

static bool kubevirt(const char *cmdline, size_t len)
{
	struct argv_names n;
	bool is;

	argv_parse(cmdline, len, &n);
	is = n.kubevirt;
	argv_names_clear(&n);
	return is;
}

#define KUBEVIRT(args) kubevirt("qemu-kvm\0" args, sizeof("qemu-kvm\0" args))

START_TEST(of_kubevirt)
{
	ck_assert(KUBEVIRT("-smbios\0type=1,manufacturer=KubeVirt,product=None,family=KubeVirt"));
	ck_assert(KUBEVIRT("-smbios\0type=1,manufacturer=Us,family=KubeVirt"));
	ck_assert(KUBEVIRT("-smbios\0manufacturer=KubeVirt,type=1"));
	ck_assert(!KUBEVIRT("-smbios\0type=1,manufacturer=Red Hat,family=X"));
	ck_assert(!KUBEVIRT("-smbios\0type=1,manufacturer=A,,manufacturer=KubeVirt"));
	ck_assert(!KUBEVIRT("-smbios\0type=2,manufacturer=KubeVirt"));
	ck_assert(!KUBEVIRT("-smbios\0type=1\0-smbios\0family=KubeVirt"));
	ck_assert(!KUBEVIRT("-append\0-smbios\0type=1,family=KubeVirt"));
	ck_assert(!KUBEVIRT("-smbios"));
}
END_TEST

START_TEST(vpmu_of_each)
{
	static const enum vpmu want[][5] = {
		/* by enum argv_pmu: unknown, on, off, max, model */
		[VPMU_HOST_UNKNOWN] = {VPMU_UNKNOWN, VPMU_UNKNOWN, VPMU_UNKNOWN, VPMU_UNKNOWN, VPMU_UNKNOWN},
		[VPMU_HOST_OFF] = {VPMU_OFF, VPMU_OFF, VPMU_OFF, VPMU_OFF, VPMU_OFF},
		[VPMU_HOST_INTEL] = {VPMU_UNKNOWN, VPMU_ON, VPMU_OFF, VPMU_ON, VPMU_OFF},
		[VPMU_HOST_AMD] = {VPMU_UNKNOWN, VPMU_ON, VPMU_UNKNOWN, VPMU_ON, VPMU_UNKNOWN},
		[VPMU_HOST_ARM64] = {VPMU_UNKNOWN, VPMU_ON, VPMU_OFF, VPMU_UNKNOWN, VPMU_UNKNOWN},
	};

	for (int host = 0; host <= VPMU_HOST_ARM64; host++)
		for (int pmu = 0; pmu <= ARGV_PMU_MODEL; pmu++)
			ck_assert_int_eq(vpmu_of((enum argv_pmu)pmu, (enum vpmu_host)host), want[host][pmu]);
}
END_TEST

int main(void)
{
	struct unit u = unit_new("argv_qemu");

	UNIT_ADD(u, machines);
	UNIT_ADD(u, odd_machines);
	UNIT_ADD(u, pmus);
	UNIT_ADD(u, odd_pmus);
	UNIT_ADD(u, old_machines);
	UNIT_ADD(u, real_command_lines);
	UNIT_ADD(u, of_kubevirt);
	UNIT_ADD(u, vpmu_of_each);
	return unit_run(u);
}
