// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sources: arch/x86/include/uapi/asm/{svm,vmx}.h, arch/arm64/include/asm/
 * {esr,kvm_arm,kvm_asm}.h, include/uapi/linux/kvm.h.  Codes that the kernel's
 * own tables lack have their constant's name in the same style.
 */
#include "exit.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../../bpf/vmperf.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))

struct code_name {
	uint64_t code;
	const char *name;
};

static const char *const svm_exceptions[] = {
	[0] = "DE",  [1] = "DB",  [3] = "BP",  [4] = "OF",  [5] = "BR",  [6] = "UD",
	[7] = "NM",  [8] = "DF",  [10] = "TS", [11] = "NP", [12] = "SS", [13] = "GP",
	[14] = "PF", [16] = "MF", [17] = "AC", [18] = "MC", [19] = "XF",
};

#define SVM_FIRST 0x60
static const char *const svm_names[] = {
	[0x60 - SVM_FIRST] = "interrupt",
	[0x61 - SVM_FIRST] = "nmi",
	[0x62 - SVM_FIRST] = "smi",
	[0x63 - SVM_FIRST] = "init",
	[0x64 - SVM_FIRST] = "vintr",
	[0x65 - SVM_FIRST] = "cr0_sel_write",
	[0x66 - SVM_FIRST] = "read_idtr",
	[0x67 - SVM_FIRST] = "read_gdtr",
	[0x68 - SVM_FIRST] = "read_ldtr",
	[0x69 - SVM_FIRST] = "read_rt", /* the kernel's spelling of "tr" */
	[0x6a - SVM_FIRST] = "write_idtr",
	[0x6b - SVM_FIRST] = "write_gdtr",
	[0x6c - SVM_FIRST] = "write_ldtr",
	[0x6d - SVM_FIRST] = "write_rt",
	[0x6e - SVM_FIRST] = "rdtsc",
	[0x6f - SVM_FIRST] = "rdpmc",
	[0x70 - SVM_FIRST] = "pushf",
	[0x71 - SVM_FIRST] = "popf",
	[0x72 - SVM_FIRST] = "cpuid",
	[0x73 - SVM_FIRST] = "rsm",
	[0x74 - SVM_FIRST] = "iret",
	[0x75 - SVM_FIRST] = "swint",
	[0x76 - SVM_FIRST] = "invd",
	[0x77 - SVM_FIRST] = "pause",
	[0x78 - SVM_FIRST] = "hlt",
	[0x79 - SVM_FIRST] = "invlpg",
	[0x7a - SVM_FIRST] = "invlpga",
	[0x7b - SVM_FIRST] = "io",
	[0x7c - SVM_FIRST] = "msr",
	[0x7d - SVM_FIRST] = "task_switch",
	[0x7e - SVM_FIRST] = "ferr_freeze",
	[0x7f - SVM_FIRST] = "shutdown",
	[0x80 - SVM_FIRST] = "vmrun",
	[0x81 - SVM_FIRST] = "hypercall",
	[0x82 - SVM_FIRST] = "vmload",
	[0x83 - SVM_FIRST] = "vmsave",
	[0x84 - SVM_FIRST] = "stgi",
	[0x85 - SVM_FIRST] = "clgi",
	[0x86 - SVM_FIRST] = "skinit",
	[0x87 - SVM_FIRST] = "rdtscp",
	[0x88 - SVM_FIRST] = "icebp",
	[0x89 - SVM_FIRST] = "wbinvd",
	[0x8a - SVM_FIRST] = "monitor",
	[0x8b - SVM_FIRST] = "mwait",
	[0x8c - SVM_FIRST] = "mwait_cond",
	[0x8d - SVM_FIRST] = "xsetbv",
	[0x8e - SVM_FIRST] = "rdpru",
	[0x8f - SVM_FIRST] = "write_efer_trap",
};

static const struct code_name svm_more[] = {
	{0xa2, "invpcid"},
	{0xa5, "buslock"},
	{0xa6, "idle-halt"},
	{0x400, "npf"},
	{0x401, "avic_incomplete_ipi"},
	{0x402, "avic_unaccelerated_access"},
	{0x403, "vmgexit"},
	{0x80000001, "vmgexit_mmio_read"},
	{0x80000002, "vmgexit_mmio_write"},
	{0x80000003, "vmgexit_nmi_complete"},
	{0x80000004, "vmgexit_ap_hlt_loop"},
	{0x80000005, "vmgexit_ap_jump_table"},
	{0x80000010, "vmgexit_page_state_change"},
	{0x80000011, "vmgexit_guest_request"},
	{0x80000012, "vmgexit_ext_guest_request"},
	{0x80000013, "vmgexit_ap_creation"},
	{0x80000018, "vmgexit_snp_run_vmpl"},
	{0x8000001a, "vmgexit_savic"},
	{0x8000fffd, "vmgexit_hypervisor_feature"},
	{0x8000fffe, "vmgexit_term_request"},
	{0x8000ffff, "vmgexit_unsupported_event"},
	{0xf0000000, "sw"},
	{0xffffffff, "invalid_guest_state"}, /* -1 in the VMCB; the tracepoint has 32 bits of it */
};

static const char *const vmx_names[] = {
	[0] = "EXCEPTION_NMI",
	[1] = "EXTERNAL_INTERRUPT",
	[2] = "TRIPLE_FAULT",
	[3] = "INIT_SIGNAL",
	[4] = "SIPI_SIGNAL",
	[6] = "OTHER_SMI",
	[7] = "INTERRUPT_WINDOW",
	[8] = "NMI_WINDOW",
	[9] = "TASK_SWITCH",
	[10] = "CPUID",
	[12] = "HLT",
	[13] = "INVD",
	[14] = "INVLPG",
	[15] = "RDPMC",
	[16] = "RDTSC",
	[18] = "VMCALL",
	[19] = "VMCLEAR",
	[20] = "VMLAUNCH",
	[21] = "VMPTRLD",
	[22] = "VMPTRST",
	[23] = "VMREAD",
	[24] = "VMRESUME",
	[25] = "VMWRITE",
	[26] = "VMOFF",
	[27] = "VMON",
	[28] = "CR_ACCESS",
	[29] = "DR_ACCESS",
	[30] = "IO_INSTRUCTION",
	[31] = "MSR_READ",
	[32] = "MSR_WRITE",
	[33] = "INVALID_STATE",
	[34] = "MSR_LOAD_FAIL",
	[36] = "MWAIT_INSTRUCTION",
	[37] = "MONITOR_TRAP_FLAG",
	[39] = "MONITOR_INSTRUCTION",
	[40] = "PAUSE_INSTRUCTION",
	[41] = "MCE_DURING_VMENTRY",
	[43] = "TPR_BELOW_THRESHOLD",
	[44] = "APIC_ACCESS",
	[45] = "EOI_INDUCED",
	[46] = "GDTR_IDTR",
	[47] = "LDTR_TR",
	[48] = "EPT_VIOLATION",
	[49] = "EPT_MISCONFIG",
	[50] = "INVEPT",
	[51] = "RDTSCP",
	[52] = "PREEMPTION_TIMER",
	[53] = "INVVPID",
	[54] = "WBINVD",
	[55] = "XSETBV",
	[56] = "APIC_WRITE",
	[57] = "RDRAND",
	[58] = "INVPCID",
	[59] = "VMFUNC",
	[60] = "ENCLS",
	[61] = "RDSEED",
	[62] = "PML_FULL",
	[63] = "XSAVES",
	[64] = "XRSTORS",
	[67] = "UMWAIT",
	[68] = "TPAUSE",
	[74] = "BUS_LOCK",
	[75] = "NOTIFY",
	[76] = "SEAMCALL",
	[77] = "TDCALL",
	[84] = "MSR_READ_IMM",
	[85] = "MSR_WRITE_IMM",
};

/* Traps, by ESR_EL2.EC. */
static const char *const arm64_names[] = {
	[0x00] = "UNKNOWN",
	[0x01] = "WFx",
	[0x03] = "CP15_32",
	[0x04] = "CP15_64",
	[0x05] = "CP14_MR",
	[0x06] = "CP14_LS",
	[0x07] = "FP_ASIMD",
	[0x08] = "CP10_ID",
	[0x09] = "PAC",
	[0x0a] = "OTHER",
	[0x0c] = "CP14_64",
	[0x0d] = "BTI",
	[0x0e] = "ILL",
	[0x11] = "SVC32",
	[0x12] = "HVC32",
	[0x13] = "SMC32",
	[0x15] = "SVC64",
	[0x16] = "HVC64",
	[0x17] = "SMC64",
	[0x18] = "SYS64",
	[0x19] = "SVE",
	[0x1a] = "ERET",
	[0x1c] = "FPAC",
	[0x1d] = "SME",
	[0x1f] = "IMP_DEF",
	[0x20] = "IABT_LOW",
	[0x21] = "IABT_CUR",
	[0x22] = "PC_ALIGN",
	[0x24] = "DABT_LOW",
	[0x25] = "DABT_CUR",
	[0x26] = "SP_ALIGN",
	[0x27] = "MOPS",
	[0x28] = "FP_EXC32",
	[0x2c] = "FP_EXC64",
	[0x2d] = "GCS",
	[0x2f] = "SERROR_TRAP", /* "SERROR" in the kernel too, but so is the return code below */
	[0x30] = "BREAKPT_LOW",
	[0x31] = "BREAKPT_CUR",
	[0x32] = "SOFTSTP_LOW",
	[0x33] = "SOFTSTP_CUR",
	[0x34] = "WATCHPT_LOW",
	[0x35] = "WATCHPT_CUR",
	[0x38] = "BKPT32",
	[0x3a] = "VECTOR32",
	[0x3c] = "BRK64",
};

/* Exits that are no trap, by ARM_EXCEPTION_*; TRAP: one with a flag above its code. */
static const struct code_name arm64_more[] = {
	{VMP_ARM64_RET + 0, "IRQ"},     {VMP_ARM64_RET + 1, "SERROR"},      {VMP_ARM64_RET + 2, "TRAP"},
	{VMP_ARM64_RET + 3, "ILLEGAL"}, {VMP_ARM64_RET + 0x11, "HYP_GONE"}, /* HVC_STUB_ERR's low byte */
};

static const char *const uexit_names[] = {
	[0] = "UNKNOWN",
	[1] = "EXCEPTION",
	[2] = "IO",
	[3] = "HYPERCALL",
	[4] = "DEBUG",
	[5] = "HLT",
	[6] = "MMIO",
	[7] = "IRQ_WINDOW_OPEN",
	[8] = "SHUTDOWN",
	[9] = "FAIL_ENTRY",
	[10] = "INTR",
	[11] = "SET_TPR",
	[12] = "TPR_ACCESS",
	[13] = "S390_SIEIC",
	[14] = "S390_RESET",
	[15] = "DCR",
	[16] = "NMI",
	[17] = "INTERNAL_ERROR",
	[18] = "OSI",
	[19] = "PAPR_HCALL",
	[20] = "S390_UCONTROL",
	[21] = "WATCHDOG",
	[22] = "S390_TSCH",
	[23] = "EPR",
	[24] = "SYSTEM_EVENT",
	[25] = "S390_STSI",
	[26] = "IOAPIC_EOI",
	[27] = "HYPERV",
	[28] = "ARM_NISV",
	[29] = "X86_RDMSR",
	[30] = "X86_WRMSR",
	[31] = "DIRTY_RING_FULL",
	[32] = "AP_RESET_HOLD",
	[33] = "X86_BUS_LOCK",
	[34] = "XEN",
	[35] = "RISCV_SBI",
	[36] = "RISCV_CSR",
	[37] = "NOTIFY",
	[38] = "LOONGARCH_IOCSR",
	[39] = "MEMORY_FAULT",
	[40] = "TDX",
	[41] = "ARM_SEA",
	[42] = "ARM_LDST64B",
	[43] = "SNP_REQ_CERTS",
};

static const char *in_array(const char *const *names, size_t n, uint64_t code)
{
	return code < n ? names[code] : NULL;
}

static const char *in_list(const struct code_name *list, size_t n, uint64_t code)
{
	for (size_t i = 0; i < n; i++)
		if (list[i].code == code)
			return list[i].name;
	return NULL;
}

/* Each vCPU's reasons are named, so that this is done often. */
static void copy(char *ret, size_t size, const char *name)
{
	size_t len = strnlen(name, size - 1);

	memcpy(ret, name, len);
	ret[len] = '\0';
}

/* Where AMD numbers codes by register or vector (APM vol. 2, appendix C).  False: not such a code. */
static bool svm_numbered(uint64_t code, char *ret, size_t size)
{
	static const char *const registers[] = {"read_cr", "write_cr", "read_dr", "write_dr"};
	const char *vector;

	if (code < 0x40) {
		snprintf(ret, size, "%s%u", registers[code >> 4], (unsigned int)code & 15);
		return true;
	}
	if (code >= 0x90 && code < 0xa0) {
		snprintf(ret, size, "write_cr%u_trap", (unsigned int)code & 15);
		return true;
	}
	vector = in_array(svm_exceptions, COUNT(svm_exceptions), code - 0x40);
	if (vector)
		snprintf(ret, size, "%s excp", vector);
	return vector;
}

void exit_name(uint32_t isa, uint64_t code, char *ret, size_t size)
{
	const char *name = NULL;

	if (code == VMP_CODE_OTHER) {
		snprintf(ret, size, "other");
		return;
	}
	switch (isa) {
	case VMP_ISA_SVM:
		if (svm_numbered(code, ret, size))
			return;
		name = in_array(svm_names, COUNT(svm_names), code - SVM_FIRST);
		if (!name)
			name = in_list(svm_more, COUNT(svm_more), code);
		break;
	case VMP_ISA_VMX:
		name = in_array(vmx_names, COUNT(vmx_names), code);
		break;
	case VMP_ISA_ARM64:
		name = in_array(arm64_names, COUNT(arm64_names), code);
		if (!name)
			name = in_list(arm64_more, COUNT(arm64_more), code);
		break;
	}
	if (name)
		copy(ret, size, name);
	else
		snprintf(ret, size, "%s:0x%" PRIx64, isa_name(isa) ? isa_name(isa) : "exit", code);
}

const char *isa_name(uint32_t isa)
{
	switch (isa) {
	case VMP_ISA_VMX:
		return "vmx";
	case VMP_ISA_SVM:
		return "svm";
	case VMP_ISA_ARM64:
		return "arm64";
	}
	return NULL;
}

void uexit_name(int32_t code, char *ret, size_t size)
{
	const char *name = code >= 0 ? in_array(uexit_names, COUNT(uexit_names), (uint64_t)code) : NULL;

	if (code == -4)
		name = "restart";
	else if (code < 0)
		name = "error";
	else if (code == VMP_UEXIT_UNKNOWN)
		name = "other";
	if (name)
		copy(ret, size, name);
	else
		snprintf(ret, size, "kvm_exit:%" PRId32, code);
}

int32_t uexit_code(unsigned int place)
{
	switch (place) {
	case VMP_UEXIT_RESTART:
		return -4;
	case VMP_UEXIT_ERROR:
		return -1;
	}
	return (int32_t)place;
}
