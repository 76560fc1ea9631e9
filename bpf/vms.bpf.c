// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lists the KVM files that are open on this host: which process owns which
 * VM, and which thread runs which vCPU, in KVM's own words; and the threads of
 * VMs.  Read through iterators, so that it works without privileges once they
 * were opened, and for VMs that have not run yet.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include "compat.bpf.h"
#include "vmperf.h"

#define PF_KTHREAD          0x00200000 /* linux/sched.h */
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

/* By pid; user space says which processes are VMs. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 65536);
	__type(key, u32);
	__type(value, struct vmp_process);
} vm_pids SEC(".maps");

/* "vhost-…" and "kvm-…": user space tells whose. */
static __always_inline bool helps_vms(const struct task_struct *task)
{
	const char *c = task->comm;

	if (c[0] == 'v')
		return c[1] == 'h' && c[2] == 'o' && c[3] == 's' && c[4] == 't' && c[5] == '-';
	return c[0] == 'k' && c[1] == 'v' && c[2] == 'm' && c[3] == '-';
}

/*
 * Once for each process and reading, before its first thread is read: so no
 * thread is both in this sum and in the list.
 */
static __always_inline void tell_ended(struct seq_file *seq, struct task_struct *task)
{
	struct vmp_thread rec = {.tgid = task->tgid};
	struct signal_struct *sig = task->signal;

	rec.cpu_ns = sig->sum_sched_runtime;
	rec.switches = sig->nvcsw + sig->nivcsw;
	bpf_seq_write(seq, &rec, sizeof(rec));
}

/* The kernel's buffer (32 KB) is never full: it is read by 4 KB, and filled no further than that. */
SEC("iter/task")
int vm_threads(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	u64 session = ctx->meta->session_id;
	struct vmp_thread rec = {};

	if (!task)
		return 0;
	if (task->flags & PF_KTHREAD) {
		if (!helps_vms(task))
			return 0;
		rec.kernel = 1;
	} else {
		u32 tgid = task->tgid;
		struct vmp_process *p = bpf_map_lookup_elem(&vm_pids, &tgid);

		if (!p || p->start_ns != task->group_leader->start_boottime)
			return 0;
		if (p->session != session) {
			p->session = session;
			tell_ended(ctx->meta->seq, task);
		}
	}
	rec.tid = task->pid;
	rec.tgid = task->tgid;
	rec.start_ns = task->start_boottime;
	rec.cpu_ns = task->se.sum_exec_runtime;
	rec.wait_ns = task->sched_info.run_delay;
	rec.switches = task->nvcsw + task->nivcsw;
	rec.migrations = task->se.nr_migrations;
	rec.cpu = task_cpu(task);
	bpf_probe_read_kernel_str(rec.comm, sizeof(rec.comm), task->comm);
	bpf_seq_write(ctx->meta->seq, &rec, sizeof(rec));
	return 0;
}

char LICENSE[] SEC("license") = "GPL";
