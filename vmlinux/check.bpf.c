// SPDX-License-Identifier: GPL-2.0-only
/*
 * One variable of each type of these headers, so that all of them stand in the
 * object's BTF, where vmlinux/check compares them with a kernel's.  It is
 * compiled, never loaded.  tests/vm/btf fails when one is missing here.
 */
#include "vmlinux.h"

#define USE(type, name) type use_##name

USE(enum bpf_map_type, bpf_map_type);
USE(struct bpf_perf_event_value, bpf_perf_event_value);
USE(struct mm_struct, mm_struct);
USE(struct hlist_node, hlist_node);
USE(struct hlist_head, hlist_head);
USE(struct thread_info, thread_info);
USE(struct sched_entity, sched_entity);
USE(struct sched_info, sched_info);
USE(struct signal_struct, signal_struct);
USE(struct task_struct, task_struct);
USE(struct task_struct___on_cpu, task_struct___on_cpu);
USE(struct task_struct___cpu, task_struct___cpu);
USE(struct upid, upid);
USE(struct pid, pid);
USE(struct qstr, qstr);
USE(struct dentry, dentry);
USE(struct path, path);
USE(struct super_block, super_block);
USE(struct inode, inode);
USE(struct file, file);
USE(struct seq_file, seq_file);
USE(struct bpf_iter_meta, bpf_iter_meta);
USE(struct bpf_iter__task, bpf_iter__task);
USE(struct bpf_iter__task_file, bpf_iter__task_file);
USE(struct kvm, kvm);
USE(struct preempt_notifier, preempt_notifier);
USE(struct rcuwait, rcuwait);
USE(struct kvm_vcpu_stat_generic, kvm_vcpu_stat_generic);
USE(struct kvm_vcpu_stat, kvm_vcpu_stat);
USE(struct kvm_vcpu, kvm_vcpu);
USE(struct timespec64, timespec64);
USE(struct perf_sample_data, perf_sample_data);
USE(struct bpf_perf_event_data_kern, bpf_perf_event_data_kern);
USE(struct kvm_vcpu_arch, kvm_vcpu_arch);

USE(btf_trace_kvm_exit, kvm_exit);
USE(btf_trace_kvm_entry, kvm_entry);
USE(btf_trace_kvm_userspace_exit, kvm_userspace_exit);
USE(btf_trace_kvm_vcpu_wakeup, kvm_vcpu_wakeup);
USE(btf_trace_sched_process_exit, sched_process_exit);
USE(btf_trace_sched_switch, sched_switch);
USE(btf_trace_sched_wakeup, sched_wakeup);
USE(btf_trace_task_newtask, task_newtask);

#if defined(__TARGET_ARCH_x86)
USE(struct vmcb_control_area, vmcb_control_area);
USE(struct vmcb_control_area___u64, vmcb_control_area___u64);
USE(struct vmcb, vmcb);
USE(struct vcpu_svm, vcpu_svm);
USE(union vmx_exit_reason, vmx_exit_reason);
USE(struct vcpu_vmx, vcpu_vmx);
USE(struct vcpu_vt, vcpu_vt);
USE(struct vcpu_vmx___vt, vcpu_vmx___vt);
USE(struct vmcb_save_area, vmcb_save_area);
USE(struct vcpu_pvm, vcpu_pvm);
USE(struct pt_regs, pt_regs);
USE(struct pt_regs___cs, pt_regs___cs);
#elif defined(__TARGET_ARCH_arm64)
USE(struct user_pt_regs, user_pt_regs);
USE(struct kvm_cpu_context, kvm_cpu_context);
#endif
