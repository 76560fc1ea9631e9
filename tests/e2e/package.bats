#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck disable=SC2154 # run sets them
# Packages: one build, as a user who is not root and has no network, and all that is asked of it.

bats_require_minimum_version 1.5.0

setup_file() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	export TOP=$PWD
	export TREE=$BATS_FILE_TMPDIR/tree X=$BATS_FILE_TMPDIR/x LC_ALL=C.UTF-8
	# nothing of the make that runs this test
	unset MAKEFLAGS MAKELEVEL MFLAGS B SAN V WERROR CC CFLAGS CPPFLAGS LDFLAGS
	command -v dpkg-deb >/dev/null || skip "no Debian"
	VERSION=$(sed -n 's/^VERSION := //p' Makefile)
	export VERSION DEB=$TREE/build/deb
	mkdir -p "$TREE"
	tests/lint/files | tar -cf - -T - | tar -xf - -C "$TREE"
	# another user must get there
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
	[ "$(id -u)" != 0 ] || chown -R 65534:65534 "$TREE"
	modest make -C "$TREE" deb >"$BATS_FILE_TMPDIR/out" 2>&1 || {
		cat "$BATS_FILE_TMPDIR/out"
		return 1
	}
	deb=$(echo "$DEB"/vmperf_"$VERSION"_*.deb)
	export deb
	dpkg-deb -x "$deb" "$X"
}

# modest COMMAND...: where root runs this, as nobody, and without a network
modest() {
	if [ "$(id -u)" = 0 ]; then
		HOME=/nonexistent unshare -n setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	else
		"$@"
	fi
}

# what is in the package, directories aside
contents() { dpkg-deb -c "$deb" | grep -v '^d' | sed 's/.* \.\//\//' | sort; }

# one line a package, sorted
names() { tr ' ' '\n' | grep . | sort; }

@test "make deb leaves packages of the Makefile's version and date, and says so in a line" {
	[ "$(grep -vc '^make' "$BATS_FILE_TMPDIR/out")" = 1 ]
	[ "$(dpkg-deb -f "$deb" Version)" = "$VERSION" ]
	[ "$("$X/usr/bin/vmperf" --version | head -1)" = "vmperf $VERSION" ]
	ls "$DEB/vmperf-dbgsym_$VERSION"_*.deb "$DEB/vmperf_$VERSION"_*.changes
	# each member is of the release's day: a build of another day gives the same bytes
	released=$(date -u -d "@$(sed -n 's/^RELEASED := //p' "$TOP/Makefile")" '+%Y-%m-%d %H:%M')
	run ! grep -v "$released" <(TZ=UTC dpkg-deb -c "$deb")
	run ! grep -qF "$BATS_FILE_TMPDIR" "$X/usr/bin/vmperf"
	# what it left does not disturb the next make
	modest make -s -C "$TREE" -n help
}

@test "packages that are missing are named in one line" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	# shellcheck disable=SC2016 # the stub expands it
	printf '#!/bin/sh\ncase "$*" in *debhelper*) exit 1;; esac\necho install ok installed\n' >"$BATS_TEST_TMPDIR/bin/dpkg-query"
	chmod +x "$BATS_TEST_TMPDIR/bin/dpkg-query"
	run env PATH="$BATS_TEST_TMPDIR/bin:$PATH" make -C "$TREE" deb B="$BATS_TEST_TMPDIR/b"
	[ "$status" != 0 ]
	[[ $output == *"vmperf: missing packages: debhelper (install: sudo apt-get install debhelper)"* ]]
	[ "$(grep -vc '^make' <<<"$output")" = 1 ]
}

@test "what Build-Depends asks for is what tests/deps installs" {
	# build-essential is asked for by itself
	essential='build-essential gcc libc6-dev make'
	asked=$(sed -n '/^Build-Depends:/,/^$/s/^\(Build-Depends:\)\{0,1\} *\([a-z0-9.+-]*\).*/\2/p' "$TOP/user/share/packaging/debian/control" |
		sed 's/^debhelper-compat$/debhelper/' | names)
	# of all, installed or not
	listed=$(sh "$TOP/tests/deps" list package | names | grep -vxF "$(names <<<"$essential")")
	[ -n "$asked" ]
	diff <(echo "$asked") <(echo "$listed")
}

@test "lintian finds nothing wrong" {
	command -v lintian >/dev/null || skip "no lintian"
	cd "$DEB"
	modest lintian --fail-on warning,error "vmperf_$VERSION"_*.changes
}

@test "all that is installed is in the package, where Debian has it, and nothing else" {
	cd "$TOP"
	{
		echo /usr/bin/vmperf
		echo /etc/default/vmperf-exporter
		printf '%s\n' /usr/share/doc/vmperf/{README.md,changelog,copyright}
		printf '%s\n' /usr/share/bash-completion/completions/vmperf /usr/share/zsh/vendor-completions/_vmperf \
			/usr/share/fish/vendor_completions.d/vmperf.fish
		tests/lint/files | while read -r f; do
			name=${f##*/}
			case $f in
			user/share/man/*.scd) name=${name%.scd} && echo "/usr/share/man/man${name##*.}/$name.gz" ;;
			user/share/systemd/*) echo "UNITS/$name" ;;
			user/share/prometheus/* | user/share/grafana/*) echo "/usr/share/vmperf/${f#user/share/}" ;;
			user/share/guide/*.md) echo "/usr/share/doc/vmperf/$name" ;;
			esac
		done
	} | sort >"$BATS_TEST_TMPDIR/expected"
	# large documents are compressed; Debian 12 has units in /lib, 13 in /usr/lib
	contents | sed -E 's|^(/usr)?/lib/systemd/system/|UNITS/|; s|(/doc/.*)\.gz$|\1|' | sort >"$BATS_TEST_TMPDIR/there"
	diff "$BATS_TEST_TMPDIR/expected" "$BATS_TEST_TMPDIR/there"
	grep -q UNITS/ "$BATS_TEST_TMPDIR/there"
	# root's, read by all, written by root
	run ! grep -vE '^(drwxr-xr-x root/root .*/|-rw-r--r-- root/root .*|-rwxr-xr-x root/root .* \./usr/bin/vmperf)$' <(dpkg-deb -c "$deb")
	# the file that the service reads, and the program that it starts, are those of the package
	unit=$(find "$X" -name vmperf-exporter.service)
	grep -qx 'EnvironmentFile=-/etc/default/vmperf-exporter' "$unit"
	grep -q '^ExecStart=/usr/bin/vmperf export' "$unit"
	[ "$(dpkg-deb -I "$deb" conffiles)" = /etc/default/vmperf-exporter ]
}

@test "dpkg's flags reach gcc, and not the programs for BPF" {
	log=$DEB/build.log
	[ "$(grep -c '^gcc .* -c -o ' "$log")" -gt 50 ]
	run ! grep '^gcc .* -c -o ' <(grep -v -e -D_FORTIFY_SOURCE "$log")
	run ! grep '^gcc .* -c -o ' <(grep -v -e -fstack-protector-strong "$log")
	[ "$(grep -c '^clang .*-target bpf ' "$log")" = "$(find "$TOP/bpf" -name '*.bpf.c' | wc -l)" ]
	run ! grep '^clang ' <(grep -e -D_FORTIFY_SOURCE -e -fstack-protector -e -fcf-protection "$log")
	readelf -d "$X/usr/bin/vmperf" | grep -q BIND_NOW
	readelf -h "$X/usr/bin/vmperf" | grep -q 'Type: *DYN'
	# its own symbols went, those of the BPF programs in it did not
	run ! grep -F .debug_info <(readelf -SW "$X/usr/bin/vmperf")
	for o in "$DEB/vmperf-$VERSION"/build/bpf/*.bpf.o; do
		python3 - "$o" "$X/usr/bin/vmperf" <<-'P'
			import sys
			sys.exit(open(sys.argv[1], 'rb').read() not in open(sys.argv[2], 'rb').read())
		P
	done
}

@test "the packaged program runs its BPF programs on this host" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	[ -e /dev/kvm ] || skip "this host has no /dev/kvm"
	run "$X/usr/bin/vmperf" snapshot --format json -- true
	[ "$status" = 0 ]
}

# A root of its own with the machine's list of installed packages, the programs that the package's
# scripts need, and a systemctl that only notes what it is asked; units in $active are active to it.
new_root() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	R=$BATS_TEST_TMPDIR/root calls=$BATS_TEST_TMPDIR/root/calls
	mkdir -p "$R"/{etc/systemd/system,usr/{bin,sbin,lib,lib64},var/{lib/systemd,log},run/systemd/system,dev,tmp}
	for d in bin sbin lib lib64; do
		ln -s "usr/$d" "$R/$d"
	done
	local libs=(libc6 libcrypt1 libselinux1 libpcre2-8-0 libgmp10 libacl1 libattr1 libssl3 libzstd1 zlib1g)
	for p in dash coreutils perl-base init-system-helpers sed grep "${libs[@]}"; do
		# Debian 13 calls some by another name
		dpkg -L "$p" 2>/dev/null || dpkg -L "${p}t64" 2>/dev/null || true
	done | sed -n 's|^/||p' | grep -v '^usr/share/\(doc\|man\|locale\)/' | sort -u | while read -r f; do
		[ ! -e "/$f" ] || { [ -d "/$f" ] && [ ! -L "/$f" ]; } || echo "$f"
	done | tar -C / -cf - --no-recursion -T - | tar -xf - -C "$R" --keep-directory-symlink
	mkdir -p "$R"/var/lib/dpkg/{info,updates}
	cp /var/lib/dpkg/status "$R/var/lib/dpkg/"
	cp /var/lib/dpkg/info/*.list "$R/var/lib/dpkg/info/"
	# this machine may have it, too
	pkg --purge vmperf >/dev/null 2>&1 || true
	cat >"$R/usr/bin/systemctl" <<-'S'
		#!/bin/sh
		case "$*" in
		*is-active*) for u; do :; done; grep -qxF "$u" /active ;;
		*is-enabled*) for u; do :; done; set -- /etc/systemd/system/*.wants/"$u"; [ -L "$1" ] && echo enabled || echo disabled ;;
		*) echo "$*" >>/calls ;;
		esac
	S
	chmod +x "$R/usr/bin/systemctl"
	: >"$R/dev/null"
	: >"$R/active"
	: >"$calls"
}

# the log, too, is not that of this machine
pkg() { dpkg --root="$R" --log="$R/var/log/dpkg.log" "$@" </dev/null; }

# what dpkg itself keeps aside
all_files() {
	(cd "$R" && find . -path ./var/lib/dpkg -prune -o -path ./calls -prune -o -path './var/log/dpkg.log' -prune -o -printf '%y %m %U:%G %l %p\n' | sort)
}

# next VERSION: a package of that version, of the same tree, with other defaults for the exporter
next() {
	local d=$BATS_TEST_TMPDIR/next
	rm -rf "$d"
	dpkg-deb -R "$deb" "$d"
	sed -i "s/^Version: .*/Version: $1/" "$d/DEBIAN/control"
	echo "# of $1" >>"$d/etc/default/vmperf-exporter"
	(cd "$d" && md5sum usr/bin/vmperf >/dev/null && sed -i '\|etc/default|d' DEBIAN/md5sums)
	dpkg-deb --root-owner-group -b "$d" "$BATS_TEST_TMPDIR/vmperf_$1.deb" >/dev/null
}

@test "it installs, without an enabled or started service, and a purge leaves nothing" {
	new_root
	all_files >"$BATS_TEST_TMPDIR/before"
	pkg -i "$deb"
	[ -x "$R/usr/bin/vmperf" ]
	[ "$(find "$R" -path "*/systemd/system/vmperf-exporter.*" | wc -l)" = 2 ]
	run ! grep -v daemon-reload "$calls"
	grep -q daemon-reload "$calls"
	[ -z "$(find "$R/etc/systemd" -name 'vmperf*')" ]
	[ "$(dpkg-query --admindir="$R/var/lib/dpkg" -W -f '${Status}' vmperf)" = "install ok installed" ]
	: >"$calls"
	pkg -r vmperf
	[ -e "$R/etc/default/vmperf-exporter" ]
	[ ! -e "$R/usr/bin/vmperf" ]
	pkg -P vmperf
	all_files >"$BATS_TEST_TMPDIR/after"
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

@test "an upgrade keeps what was changed and enabled, and restarts what runs; a removal stops it" {
	new_root
	all_files >"$BATS_TEST_TMPDIR/before"
	next "$VERSION.1"
	next "$VERSION.2"
	pkg -i "$deb"
	# a file that nobody changed is renewed; nothing runs, nothing is started
	pkg -i "$BATS_TEST_TMPDIR/vmperf_$VERSION.1.deb"
	grep -qx "# of $VERSION.1" "$R/etc/default/vmperf-exporter"
	run ! grep -E 'start' "$calls"
	# now it is used
	systemctl --root="$R" enable vmperf-exporter.service
	echo vmperf-exporter.service >"$R/active"
	echo 'ARGS="--per-vcpu"' >>"$R/etc/default/vmperf-exporter"
	cp "$R/etc/default/vmperf-exporter" "$BATS_TEST_TMPDIR/mine"
	: >"$calls"
	pkg --force-confold -i "$BATS_TEST_TMPDIR/vmperf_$VERSION.2.deb"
	cmp "$BATS_TEST_TMPDIR/mine" "$R/etc/default/vmperf-exporter"
	[ -e "$R/etc/default/vmperf-exporter.dpkg-dist" ]
	[ -L "$R/etc/systemd/system/multi-user.target.wants/vmperf-exporter.service" ]
	# the socket is neither enabled nor active
	diff <(echo '--quiet --system restart vmperf-exporter.service') <(grep -v daemon-reload "$calls")
	[ "$(dpkg-query --admindir="$R/var/lib/dpkg" -W -f '${Version}' vmperf)" = "$VERSION.2" ]
	: >"$calls"
	pkg -r vmperf
	# what could start the service again goes first
	diff <(printf 'stop vmperf-exporter.%s\n' socket service) <(grep -v daemon-reload "$calls")
	cmp "$BATS_TEST_TMPDIR/mine" "$R/etc/default/vmperf-exporter"
	pkg -P vmperf
	: >"$R/active"
	all_files | diff "$BATS_TEST_TMPDIR/before" -
}

@test "an upgrade leaves the socket open that systemd holds" {
	new_root
	next "$VERSION.1"
	pkg -i "$deb"
	systemctl --root="$R" enable vmperf-exporter.socket
	printf 'vmperf-exporter.%s\n' socket service >"$R/active"
	: >"$calls"
	pkg -i "$BATS_TEST_TMPDIR/vmperf_$VERSION.1.deb"
	grep -qx -- '--quiet --system restart vmperf-exporter.service' "$calls"
	# told to start it does nothing: it is active
	run ! grep socket <(grep -vx -- '--quiet --system start vmperf-exporter.socket' "$calls")
}

@test "the RPM spec is of this version, parses, and packages all that is installed" {
	command -v rpmbuild >/dev/null || skip "no rpmbuild"
	spec=$DEB/vmperf-$VERSION/user/share/packaging/vmperf.spec
	[ "$(rpmspec -q --qf '%{version}\n' --srpm "$spec")" = "$VERSION" ]
	grep -q -- " - $VERSION-1\$" "$spec"
	# in the tree of the package and with its flags nothing is built anew; macros that Debian's rpm lacks
	cd "$DEB/vmperf-$VERSION"
	before=$(stat -c %y build/vmperf)
	eval "$(DEB_BUILD_MAINT_OPTIONS=hardening=+all dpkg-buildflags --export=sh)"
	top=$TREE/rpm
	modest rpmbuild -bb --nodeps --build-in-place --define "_topdir $top" --define "_tmppath $top" --define 'debug_package %{nil}' \
		--define '_unitdir /usr/lib/systemd/system' --define 'systemd_post() %{nil}' --define 'systemd_preun() %{nil}' \
		--define 'systemd_postun() %{nil}' --define 'systemd_postun_with_restart() %{nil}' "$spec" >"$TREE/rpm.log" 2>&1 || {
		tail -n 20 "$TREE/rpm.log"
		false
	}
	[ "$(stat -c %y build/vmperf)" = "$before" ]
	# what Debian's has, less what is Debian's, and where Fedora has it
	rpm -qplv "$top"/RPMS/*/vmperf-"$VERSION"-1*.rpm | grep -v '^d' | sed 's|.* /|/|' |
		grep -v -e /usr/share/licenses/ -e /usr/lib/.build-id/ | sort >"$BATS_TEST_TMPDIR/rpm"
	contents | grep -v -e 'doc/vmperf/changelog' -e 'doc/vmperf/copyright' |
		sed -E 's|^/lib/|/usr/lib/|; s|zsh/vendor-completions|zsh/site-functions|; s|(doc/vmperf/.*)\.gz$|\1|' | sort >"$BATS_TEST_TMPDIR/deb"
	diff "$BATS_TEST_TMPDIR/deb" <(sed -E 's|(/man[17]/[^/]*\.[17])$|\1.gz|' "$BATS_TEST_TMPDIR/rpm")
	[ "$(rpm -qpc "$top"/RPMS/*/vmperf-"$VERSION"-1*.rpm)" = /etc/default/vmperf-exporter ]
}
