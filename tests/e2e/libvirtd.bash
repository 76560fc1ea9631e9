# SPDX-License-Identifier: GPL-2.0-only
# A libvirtd of the tests' own: a mount namespace of its own has empty
# /run, /etc/libvirt and /var/{lib,cache,log}/libvirt, so that the machine's
# own libvirtd, its domains and its configuration are neither seen nor touched.
# shellcheck shell=bash
# shellcheck disable=SC2016 # what others expand
# All of it lasts from lv_setup to lv_teardown; LV_DIR is the place for files.

# Says why it cannot run here; nothing when it can.
lv_missing() {
	local tool
	[ "$(id -u)" = 0 ] || { echo "needs root"; return; }
	[ -w /dev/kvm ] || { echo "no /dev/kvm"; return; }
	for tool in libvirtd virsh qemu-system-x86_64 jq unshare nsenter; do
		command -v "$tool" >/dev/null || { echo "$tool is not installed"; return; }
	done
	unshare -m true 2>/dev/null || echo "no mount namespaces here"
}

# Runs a command where that libvirtd is.
lv() {
	nsenter --mount="/proc/$LV_KEEPER/ns/mnt" -- "$@"
}

lv_setup() {
	local ready=$BATS_FILE_TMPDIR/ready
	export LV_DIR=$BATS_FILE_TMPDIR/libvirt LV_KEEPER LV_PID=
	mkdir -p "$LV_DIR"
	mkfifo "$ready"
	unshare --mount --propagation private sh -c '
		set -e
		for d in /run /etc/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt; do
			mkdir -p "$d"
			mount -t tmpfs -o mode=755 tmpfs "$d"
		done
		mkdir -p /run/lock /run/user /var/lib/libvirt/qemu
		echo ready >"$0"
		exec sleep infinity' "$ready" 3>&- &
	LV_KEEPER=$! # unshare, sh and sleep are one process
	[ "$(timeout 10 cat "$ready")" = ready ] || return 1
	lv tee /etc/libvirt/qemu.conf >/dev/null <<-'EOT'
		user = "root"
		group = "root"
		security_driver = "none"
		namespaces = []
		cgroup_controllers = []
		stdio_handler = "file"
		dynamic_ownership = 0
		remember_owner = 0
		max_core = 0
	EOT
	# a boot sector: no interrupts (cli), 1000 reads of port 0x80 (mov cx, in, loop), "y" and a line end
	# to the serial line (mov dx, mov al, out), then halted for good (hlt, jmp)
	printf '%b' '\xfa\xb9\xe8\x03\xe4\x80\xe2\xfc\xba\xf8\x03\xb0y\xee\xb0\n\xee\xf4\xeb\xfd' >"$LV_DIR/boot"
	truncate -s 510 "$LV_DIR/boot"
	printf '\x55\xaa' >>"$LV_DIR/boot"
	truncate -s 1M "$LV_DIR/boot"
	lv_start
}

# Starts libvirtd; domains that run stay.  Its pid goes to LV_PID and a file.
lv_start() {
	(exec nsenter --mount="/proc/$LV_KEEPER/ns/mnt" libvirtd) </dev/null >"$LV_DIR/libvirtd.log" 2>&1 3>&- &
	LV_PID=$!
	echo "$LV_PID" >"$LV_DIR/pid"
	# until it answers, and is done with what it finds
	until lv_virsh list >/dev/null 2>&1; do
		kill -0 "$LV_PID" || { cat "$LV_DIR/libvirtd.log"; return 1; }
	done
}

# Waits for the end of a process; one that its parent has not asked about yet has ended too.
gone() {
	while grep -qs '^State:.[^ZX]' "/proc/$1/status"; do
		sleep 0.02
	done
}

# lv_kill SIGNAL: ends libvirtd, or kills it; its domains live on
lv_kill() {
	kill "-$1" "$LV_PID"
	gone "$LV_PID"
}

lv_virsh() {
	lv timeout 30 virsh -q -c qemu:///system "$@" 3>&-
}

lv_xml() { # TEXT: as it stands in XML
	sed -e 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g' -e "s/'/\\&apos;/g" <<<"$1"
}

# lv_write_domain NAME UUID DIRECTORY [QEMU-ARGUMENT...]: DIRECTORY/domain.xml; the disk is DIRECTORY/boot,
# the serial line goes to DIRECTORY/UUID.
lv_write_domain() {
	local name dir=$3 arg extra=
	name=$(lv_xml "$1")
	for arg in "${@:4}"; do
		extra+="<qemu:arg value='$(lv_xml "$arg")'/>"
	done
	lv tee "$dir/domain.xml" >/dev/null <<-EOT
		<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
		 <name>$name</name><uuid>$2</uuid>
		 <memory unit='MiB'>16</memory><vcpu>1</vcpu>
		 <os><type arch='x86_64' machine='pc'>hvm</type><boot dev='hd'/></os>
		 <devices>
		  <emulator>/usr/bin/qemu-system-x86_64</emulator>
		  <disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='$dir/boot'/>
		   <target dev='hda' bus='ide'/><shareable/></disk>
		  <controller type='usb' model='none'/><memballoon model='none'/>
		  <serial type='file'><source path='$dir/$2'/></serial>
		 </devices>
		 <qemu:commandline>$extra</qemu:commandline>
		</domain>
	EOT
}

# lv_create NAME UUID [--paused] [QEMU-ARGUMENT...]: a domain, which runs; its pid in the variable pid.
lv_create() {
	local name=$1 uuid=$2 options=()
	shift 2
	if [ "${1:-}" = --paused ]; then
		options+=("$1")
		shift
	fi
	lv_write_domain "$name" "$uuid" "$LV_DIR" "$@"
	lv_virsh create "$LV_DIR/domain.xml" "${options[@]}" || return 1
	# by UUID: pid files are named by names
	# shellcheck disable=SC2034 # the caller's
	pid=$(lv_pid "$uuid")
}

# Runs a command as a user without rights, who may use KVM.
lv_session() {
	lv env -C / HOME=/run/user/65534 XDG_RUNTIME_DIR=/run/user/65534 \
		setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all timeout 60 "$@" 3>&-
}

# That user's own libvirtd, its pid in the variable pid.
lv_session_start() {
	lv sh -c '
		set -e
		mkdir -p /run/user/65534
		cp "$0" /run/user/65534/boot
		chown -R 65534:65534 /run/user/65534
		chmod 700 /run/user/65534
		# /dev/kvm for all, in this namespace only
		[ -e /run/kvm ] || mknod -m 666 /run/kvm c "$(stat -c %Hr /dev/kvm)" "$(stat -c %Lr /dev/kvm)"
		mount --bind /run/kvm /dev/kvm' "$LV_DIR/boot" || return 1
	(exec nsenter --mount="/proc/$LV_KEEPER/ns/mnt" -- env -C / HOME=/run/user/65534 \
		XDG_RUNTIME_DIR=/run/user/65534 setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps=-all \
		libvirtd) </dev/null >"$LV_DIR/session.log" 2>&1 3>&- &
	pid=$!
	until lv_session virsh -q -c qemu:///session list >/dev/null 2>&1; do
		kill -0 "$pid" || { cat "$LV_DIR/session.log"; return 1; }
	done
}

# The pids in libvirt's pid files.
lv_pids() {
	lv sh -c 'for f in /run/libvirt/qemu/*.pid; do [ "${f##*/}" = driver.pid ] || { cat "$f" && echo; }; done' 2>/dev/null
}

# Waits until libvirtd, if it lives, has noticed the end of all domains that were killed.
lv_settled() {
	while kill -0 "$LV_PID" 2>/dev/null && [ -n "$(lv_pids)" ]; do
		sleep 0.05
	done
}

# The process of the domain with this UUID: the one argument after -uuid.
lv_pid() {
	local p
	for p in $(lv_pids); do
		[ "$(tr '\0\n' '\n ' <"/proc/$p/cmdline" | grep -Fx -A1 -e -uuid | tail -1)" != "$1" ] || echo "$p"
	done
}

# Waits for the end of the work of the domain's guest.
lv_done() {
	timeout 60 tail -n +1 -F "$LV_DIR/$1" 2>/dev/null | grep -q -m1 y
}

lv_teardown() {
	local p
	[ -n "${LV_KEEPER:-}" ] || return 0
	kill -KILL "$(cat "$LV_DIR/pid")" || true
	for p in $(lv_pids); do
		kill -KILL "$p" 2>/dev/null || true
	done
	kill "$LV_KEEPER"
}
