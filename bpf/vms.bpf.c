// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists the KVM files that are open on this host: which process owns which
 * VM, and which thread runs which vCPU, in KVM's own words.  Read through an
 * iterator, so that it works without privileges once it was opened, and for
 * VMs that have not run yet.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "vmperf.h"

#define ANON_INODE_FS_MAGIC 0x09041934 /* uapi/linux/magic.h */

/* "kvm-vm" and "kvm-vcpu:N" (virt/kvm/kvm_main.c); a file on disk may have such a name too. */
static __always_inline u32 file_kind(struct file *file)
{
	char name[10];

	if (BPF_CORE_READ(file, f_inode, i_sb, s_magic) != ANON_INODE_FS_MAGIC)
		return 0;
	__builtin_memset(name, 0, sizeof(name));
	bpf_probe_read_kernel_str(name, sizeof(name), BPF_CORE_READ(file, f_path.dentry, d_name.name));
	if (name[0] != 'k' || name[1] != 'v' || name[2] != 'm' || name[3] != '-' || name[4] != 'v')
		return 0;
	if (name[5] == 'm' && !name[6])
		return VMP_FILE_VM;
	if (name[5] == 'c' && name[6] == 'p' && name[7] == 'u' && name[8] == ':')
		return VMP_FILE_VCPU;
	return 0;
}

SEC("iter/task_file")
int vm_files(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;
	struct vmp_file rec = {.vcpu_id = -1};
	struct kvm *kvm;
	void *data;

	if (!task || !file)
		return 0;
	rec.kind = file_kind(file);
	if (!rec.kind)
		return 0;
	data = file->private_data;
	kvm = data;
	if (rec.kind == VMP_FILE_VCPU) {
		struct kvm_vcpu *vcpu = data;

		kvm = BPF_CORE_READ(vcpu, kvm);
		rec.vcpu_id = BPF_CORE_READ(vcpu, vcpu_id);
		rec.tid = BPF_CORE_READ(vcpu, pid, numbers[0].nr);
	}
	/* a process that was only handed the file is not the VM */
	if (BPF_CORE_READ(kvm, mm) != task->mm)
		return 0;
	rec.tgid = task->tgid;
	rec.start_ns = task->group_leader->start_boottime;
	rec.kvm = (u64)kvm;
	bpf_probe_read_kernel_str(rec.comm, sizeof(rec.comm), task->group_leader->comm);
	bpf_seq_write(ctx->meta->seq, &rec, sizeof(rec));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
