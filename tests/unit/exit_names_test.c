// SPDX-License-Identifier: GPL-2.0-only
/* Names of exit reasons; on x86 also against the tables of the kernel's own headers. */
#include <string.h>

#include "../../bpf/vmperf.h"
#include "model/exit.h"
#include "unit.h"

#if defined(__x86_64__)
#include <asm/svm.h>
#include <asm/vmx.h>

/* Vectors that SVM_EXIT_REASONS uses (arch/x86/include/asm/trapnr.h, not exported). */
enum {
	DE_VECTOR = 0,
	DB_VECTOR = 1,
	BP_VECTOR = 3,
	OF_VECTOR = 4,
	BR_VECTOR = 5,
	UD_VECTOR = 6,
	NM_VECTOR = 7,
	DF_VECTOR = 8,
	TS_VECTOR = 10,
	NP_VECTOR = 11,
	SS_VECTOR = 12,
	GP_VECTOR = 13,
	PF_VECTOR = 14,
	MF_VECTOR = 16,
	AC_VECTOR = 17,
	MC_VECTOR = 18,
	XM_VECTOR = 19,
};
#endif

static void is(uint32_t isa, uint64_t code, const char *want)
{
	char name[EXIT_NAME_SIZE];

	exit_name(isa, code, name, sizeof(name));
	ck_assert_str_eq(name, want);
}

START_TEST(svm)
{
	is(VMP_ISA_SVM, 0x00, "read_cr0");
	is(VMP_ISA_SVM, 0x18, "write_cr8");
	is(VMP_ISA_SVM, 0x27, "read_dr7");
	is(VMP_ISA_SVM, 0x37, "write_dr7");
	is(VMP_ISA_SVM, 0x4e, "PF excp");
	is(VMP_ISA_SVM, 0x42, "svm:0x42");
	is(VMP_ISA_SVM, 0x5f, "svm:0x5f");
	is(VMP_ISA_SVM, 0x60, "interrupt");
	is(VMP_ISA_SVM, 0x72, "cpuid");
	is(VMP_ISA_SVM, 0x78, "hlt");
	is(VMP_ISA_SVM, 0x7b, "io");
	is(VMP_ISA_SVM, 0x7c, "msr");
	is(VMP_ISA_SVM, 0x81, "hypercall");
	is(VMP_ISA_SVM, 0x8f, "write_efer_trap");
	is(VMP_ISA_SVM, 0x94, "write_cr4_trap");
	is(VMP_ISA_SVM, 0xa0, "svm:0xa0");
	is(VMP_ISA_SVM, 0xa5, "buslock");
	is(VMP_ISA_SVM, 0xa6, "idle-halt");
	is(VMP_ISA_SVM, 0x400, "npf");
	is(VMP_ISA_SVM, 0x403, "vmgexit");
	is(VMP_ISA_SVM, 0x404, "svm:0x404");
	is(VMP_ISA_SVM, 0x80000011, "vmgexit_guest_request");
	is(VMP_ISA_SVM, 0xffffffff, "invalid_guest_state");
	is(VMP_ISA_SVM, 0x8000000000000000, "svm:0x8000000000000000");
}
END_TEST

START_TEST(vmx)
{
	is(VMP_ISA_VMX, 0, "EXCEPTION_NMI");
	is(VMP_ISA_VMX, 5, "vmx:0x5");
	is(VMP_ISA_VMX, 12, "HLT");
	is(VMP_ISA_VMX, 30, "IO_INSTRUCTION");
	is(VMP_ISA_VMX, 36, "MWAIT_INSTRUCTION");
	is(VMP_ISA_VMX, 49, "EPT_MISCONFIG");
	is(VMP_ISA_VMX, 76, "SEAMCALL");
	is(VMP_ISA_VMX, 85, "MSR_WRITE_IMM");
	is(VMP_ISA_VMX, 86, "vmx:0x56");
	is(VMP_ISA_VMX, 0x80000021, "vmx:0x80000021");
}
END_TEST

START_TEST(arm64)
{
	is(VMP_ISA_ARM64, 0x01, "WFx");
	is(VMP_ISA_ARM64, 0x16, "HVC64");
	is(VMP_ISA_ARM64, 0x18, "SYS64");
	is(VMP_ISA_ARM64, 0x20, "IABT_LOW");
	is(VMP_ISA_ARM64, 0x24, "DABT_LOW");
	is(VMP_ISA_ARM64, 0x3c, "BRK64");
	is(VMP_ISA_ARM64, 0x3f, "arm64:0x3f");
	is(VMP_ISA_ARM64, VMP_ARM64_RET, "IRQ");
	is(VMP_ISA_ARM64, VMP_ARM64_RET + 1, "SERROR");
	is(VMP_ISA_ARM64, VMP_ARM64_RET + 3, "ILLEGAL");
	is(VMP_ISA_ARM64, VMP_ARM64_RET + (0xbadca11 & 0xff), "HYP_GONE");
}
END_TEST

START_TEST(other_and_none)
{
	is(VMP_ISA_SVM, VMP_CODE_OTHER, "other");
	is(VMP_ISA_VMX, VMP_CODE_OTHER, "other");
	is(VMP_ISA_NONE, VMP_CODE_OTHER, "other");
	is(VMP_ISA_NONE, 7, "exit:0x7");
	is(99, 7, "exit:0x7");
}
END_TEST

/* One label must never stand for two codes. */
START_TEST(names_are_unique)
{
	enum { CODES = 0x500 };
	static char names[CODES][EXIT_NAME_SIZE];

	for (uint32_t isa = VMP_ISA_VMX; isa <= VMP_ISA_ARM64; isa++) {
		for (unsigned int i = 0; i < CODES; i++) {
			exit_name(isa, i, names[i], EXIT_NAME_SIZE);
			MANY(strcmp(names[i], "other") != 0);
			for (unsigned int j = 0; j < i; j++)
				MANY(strcmp(names[i], names[j]) != 0);
		}
	}
	for (int i = 0; i < 256; i++) {
		uexit_name(i, names[i], EXIT_NAME_SIZE);
		for (int j = 0; j < i; j++)
			MANY(strcmp(names[i], names[j]) != 0);
	}
}
END_TEST

#if defined(__x86_64__)
static const struct {
	uint64_t code;
	const char *name;
} svm_header[] = {SVM_EXIT_REASONS}, vmx_header[] = {VMX_EXIT_REASONS};

START_TEST(as_in_the_kernel)
{
	for (size_t i = 0; i < sizeof(svm_header) / sizeof(*svm_header); i++)
		is(VMP_ISA_SVM, (uint32_t)svm_header[i].code, svm_header[i].name);
	for (size_t i = 0; i < sizeof(vmx_header) / sizeof(*vmx_header); i++)
		is(VMP_ISA_VMX, vmx_header[i].code, vmx_header[i].name);
}
END_TEST
#endif

START_TEST(user)
{
	static const struct {
		int32_t code;
		const char *name;
	} want[] = {
		{0, "UNKNOWN"},      {2, "IO"},
		{5, "HLT"},          {6, "MMIO"},
		{10, "INTR"},        {24, "SYSTEM_EVENT"},
		{40, "TDX"},         {43, "SNP_REQ_CERTS"},
		{44, "kvm_exit:44"}, {-4, "restart"},
		{-1, "error"},       {-11, "error"},
		{61, "other"},
	};

	for (size_t i = 0; i < sizeof(want) / sizeof(*want); i++) {
		char name[EXIT_NAME_SIZE];

		uexit_name(want[i].code, name, sizeof(name));
		ck_assert_str_eq(name, want[i].name);
	}
	ck_assert_int_eq(uexit_code(2), 2);
	ck_assert_int_eq(uexit_code(VMP_UEXIT_RESTART), -4);
	ck_assert_int_eq(uexit_code(VMP_UEXIT_ERROR), -1);
	ck_assert_int_eq(uexit_code(VMP_UEXIT_UNKNOWN), VMP_UEXIT_UNKNOWN);
}
END_TEST

/* A buffer that is too small is filled, and ended. */
START_TEST(small_buffer)
{
	char name[6];

	memset(name, 'x', sizeof(name));
	exit_name(VMP_ISA_SVM, 0x402, name, sizeof(name));
	ck_assert_str_eq(name, "avic_");
}
END_TEST

int main(void)
{
	struct unit u = unit_new("exit_names");

	UNIT_ADD(u, svm);
	UNIT_ADD(u, vmx);
	UNIT_ADD(u, arm64);
	UNIT_ADD(u, other_and_none);
	UNIT_ADD(u, names_are_unique);
#if defined(__x86_64__)
	UNIT_ADD(u, as_in_the_kernel);
#endif
	UNIT_ADD(u, user);
	UNIT_ADD(u, small_buffer);
	return unit_run(u);
}
