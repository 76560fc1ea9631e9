# SPDX-License-Identifier: GPL-2.0-only
# Debian's packages.  vmperf.spec is for those of Fedora and its kin, and says how they are built.

DEB     := $(B)/deb
DEB_SRC := $(DEB)/vmperf-$(VERSION)

.PHONY: deb

# of the release's date: what is built from it again has the same bytes
## make deb           Debian packages, below build/deb: of this tree, without root, without network
deb:
	$(Q)sh tests/deps missing package
	$(Q)rm -rf $(DEB) && mkdir -p $(DEB_SRC)
	$(Q)tests/lint/files >$(DEB)/files && tar -cf - --mtime=@$(RELEASED) -T $(DEB)/files | tar -xf - -C $(DEB_SRC)
	$(Q)cp -a $(DEB_SRC)/user/share/packaging/debian $(DEB_SRC)/debian
	$(Q)sed -e '/^#/d' -e 's/@VERSION@/$(VERSION)/' -e "s/@DATE@/$$(LC_ALL=C date -u -R -d @$(RELEASED))/" \
		$(DEB_SRC)/debian/changelog.in >$(DEB_SRC)/debian/changelog
	$(Q)mkdir $(DEB_SRC)/debian/source && echo '3.0 (native)' >$(DEB_SRC)/debian/source/format
	$(call say,DEB,$(DEB)/*.deb)
	$(Q)cd $(DEB_SRC) && env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES -u B -u SAN -u V \
		dpkg-buildpackage -us -uc -b >../build.log 2>&1 || \
		{ tail -n 30 ../build.log; echo "vmperf: no package was built, see $(DEB)/build.log" >&2; exit 1; }
