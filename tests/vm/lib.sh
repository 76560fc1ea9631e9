# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
# Shared by the scripts of tests/vm: where things are kept, and an apt that
# reads chosen suites from this machine's own archive and installs nothing.

VM_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
VM_CACHE=${VMPERF_VM_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/vmperf}
VM_KEYRING=${VMPERF_VM_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}

die() {
	echo "${0##*/}: $*" >&2
	exit 1
}

# vm_lock: one at a time changes the cache; released when the script ends
vm_lock() {
	mkdir -p "$VM_CACHE" || die "cannot make the cache $VM_CACHE: set VMPERF_VM_CACHE to a directory of yours"
	exec 9>"$VM_CACHE/.lock"
	flock 9
}

# vm_archive: the address of the Debian archive that this machine's apt uses,
# without its last part ("debian"); security lies beside it
vm_archive() {
	local uri=${VMPERF_VM_ARCHIVE:-}

	# shellcheck disable=SC2016 # apt expands it
	[ -n "$uri" ] || uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
		grep -E '/debian/?$' | head -1)
	[ -n "$uri" ] || die "no Debian archive in this machine's apt sources: set VMPERF_VM_ARCHIVE to its address"
	uri=${uri%/}
	echo "${uri%/debian}"
}

# vm_apt_init NAME ARCH... < SUITES: a private apt state in the cache; sets VM_APT
# (its directory) and VM_APT_OPTS.  A suite is one line "debian trixie".
vm_apt_init() {
	local archive dir suite arch
	VM_APT=$VM_CACHE/apt-$1
	shift
	archive=$(vm_archive) || exit 1
	mkdir -p "$VM_APT/lists/partial" "$VM_APT/archives/partial" "$VM_APT/debs" "$VM_APT/none"
	: >"$VM_APT/status"
	while read -r dir suite; do
		echo "deb [signed-by=$VM_KEYRING] $archive/$dir $suite main"
	done >"$VM_APT/sources.list.new"
	# other suites or another archive than last time: read them anew
	cmp -s "$VM_APT/sources.list.new" "$VM_APT/sources.list" || rm -f "$VM_APT/stamp"
	mv "$VM_APT/sources.list.new" "$VM_APT/sources.list"
	VM_APT_OPTS=(-qq "-oDir::Etc::SourceList=$VM_APT/sources.list" "-oDir::Etc::SourceParts=$VM_APT/none"
		"-oDir::Etc::PreferencesParts=$VM_APT/none" "-oDir::State::Lists=$VM_APT/lists" "-oDir::Cache=$VM_APT"
		"-oDir::State::status=$VM_APT/status" -oAcquire::Languages=none -oAcquire::Retries=3
		-oAPT::Update::Error-Mode=any
		"-oAPT::Architecture=$1" "-oAPT::Sandbox::User=$(id -un)" -oDebug::NoLocking=1)
	for arch in "$@"; do
		VM_APT_OPTS+=("-oAPT::Architectures::=$arch")
	done
}

# vm_apt_update: reads the indexes if that was more than 12 hours ago
vm_apt_update() {
	[ -n "$(find "$VM_APT/stamp" -mmin -720 2>/dev/null)" ] && return
	apt-get "${VM_APT_OPTS[@]}" update 2>"$VM_APT/err" && touch "$VM_APT/stamp"
}

# vm_version_ge A B: Debian's order
vm_version_ge() {
	dpkg --compare-versions "$1" ge "$2"
}

# vm_qemu ARCH: prints the command of a QEMU for this architecture: the
# distribution's own from version 10 on, else the one that fetch-qemu brings.
# (The x86 emulation of older ones corrupts flags after a fault inside an
# arithmetic instruction, and Debian's kernels oops on it at random.)
vm_qemu() {
	local bin v

	case $1 in
	amd64) bin=qemu-system-x86_64 ;;
	arm64) bin=qemu-system-aarch64 ;;
	esac
	if v=$("$bin" --version 2>/dev/null | sed -n '1s/.*version \([0-9.]*\).*/\1/p') && vm_version_ge "${v:-0}" 10; then
		echo "$bin"
		return
	fi
	"$VM_DIR/fetch-qemu" >&2 || return 1
	bin=$VM_CACHE/qemu/usr/bin/$bin
	"$bin" --version >/dev/null 2>&1 || die "the QEMU of bookworm-backports does not run here: install ${bin##*/} 10 or later"
	echo "$bin -L $VM_CACHE/qemu/usr/share/qemu -L /usr/share/seabios"
}

# vm_kernel NAME: prints the cache directory of a kernel, fetched when missing or old
vm_kernel() {
	"$VM_DIR/fetch" "$1" >&2 || return 1
	readlink -f "$VM_CACHE/$1"
}

# vm_initrd KERNELDIR PAYLOADDIR FILE: the kernel's modules, our init, a shell
# and the payload; what is in PAYLOADDIR/sys goes to the root
vm_initrd() {
	local dir=$1 payload=$2 out=$3 tmp box

	case $dir in
	*arm64) box=$VM_CACHE/busybox-arm64 ;;
	*) box=$(command -v busybox) || die "busybox is not installed (Debian package busybox-static)" ;;
	esac
	tmp=$(mktemp -d) || return 1
	mkdir -p "$tmp"/{bin,dev,proc,sys,tmp,run,root,etc} &&
		install -m 755 "$box" "$tmp/bin/busybox" &&
		install -m 755 "$VM_DIR/init" "$tmp/init" &&
		ln -s busybox "$tmp/bin/sh" &&
		cp -a "$payload" "$tmp/payload" &&
		if [ -d "$tmp/payload/sys" ]; then
			mv "$tmp/payload/sys" "$tmp/sys.payload" && cp -a "$tmp/sys.payload/." "$tmp/" && rm -rf "$tmp/sys.payload"
		fi &&
		cp "$dir/modules.cpio" "$out" &&
		(cd "$tmp" && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet) >>"$out"
	local rc=$?
	rm -rf "$tmp"
	return $rc
}

# vm_status LOG: the payload's status as the init printed it; nothing if it never did
vm_status() {
	sed -n 's/^VM exit=\([0-9]*\).*/\1/p' "$1" | tail -1
}
