# SPDX-License-Identifier: GPL-2.0-only
# vmperf.  `make help` lists the targets.

VERSION := 0.1.0
# when it was released, in seconds since 1970
RELEASED := 1795219200
ARCH    := $(shell uname -m)

# SAN=address,undefined builds with sanitizers, into a directory of its own
ifeq ($(SAN),)
B       ?= build
else
B       ?= build-san
endif

prefix  ?= /usr/local
bindir  ?= $(prefix)/bin
unitdir ?= $(prefix)/lib/systemd/system
sharedir ?= $(prefix)/share/vmperf

# make has a CC of its own, so ?= would never set it
ifeq ($(origin CC),default)
CC      := $(CROSS)gcc
endif
CLANG   ?= clang
BPFTOOL ?= $(firstword $(wildcard /usr/sbin/bpftool) bpftool)
PKGCONF ?= pkg-config

# CROSS=PREFIX- ARCH=NAME build for another machine, with the libraries below SYSROOT;
# STATIC=1 links all of them in
ifneq ($(SYSROOT),)
PKGCONF := PKG_CONFIG_SYSROOT_DIR=$(SYSROOT) PKG_CONFIG_LIBDIR=$(SYSROOT)/usr/lib/$(CROSS:-=)/pkgconfig $(PKGCONF)
endif
ifeq ($(STATIC),1)
PKGCONF += --static
LDFLAGS += -static
endif

# optional parts, found by looking for them; WITH_LIBVIRT=0, WITH_PFM4=0 … build without
ifeq ($(origin WITH_LIBVIRT),undefined)
WITH_LIBVIRT := $(shell $(PKGCONF) --exists libvirt libxml-2.0 2>/dev/null && echo 1 || echo 0)
endif

HTTP_PKGS := libmicrohttpd gnutls yaml-0.1 libcrypt
ifeq ($(origin WITH_HTTP),undefined)
WITH_HTTP := $(shell $(PKGCONF) --exists $(HTTP_PKGS) 2>/dev/null && echo 1 || echo 0)
endif

ifeq ($(origin WITH_SYSTEMD),undefined)
WITH_SYSTEMD := $(shell $(PKGCONF) --exists libsystemd 2>/dev/null && echo 1 || echo 0)
endif

ifeq ($(origin WITH_DW),undefined)
WITH_DW := $(shell $(PKGCONF) --exists libdw 2>/dev/null && echo 1 || echo 0)
endif

ifeq ($(origin WITH_MAN),undefined)
WITH_MAN := $(shell command -v scdoc >/dev/null && echo 1 || echo 0)
endif

# libpfm4 has no .pc file
ifeq ($(origin WITH_PFM4),undefined)
WITH_PFM4 := $(shell echo '\#include <perfmon/pfmlib_perf_event.h>' | $(CC) -E -x c - >/dev/null 2>&1 && echo 1 || echo 0)
endif

# V=1 shows the commands
ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n' $(1) $(2)
endif

REPRO   := -ffile-prefix-map=$(CURDIR)=.
WARN    := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wundef \
	   -Wvla -Wformat=2 -Wno-format-nonliteral -Wno-missing-field-initializers
ifeq ($(WERROR),1)
WARN    += -Werror
endif
CFLAGS  ?= -O2 -g
CSTD    := -std=gnu11
PKGS    := libbpf libelf jansson libcap-ng libzstd zlib ncursesw $(if $(filter 1,$(WITH_LIBVIRT)),libxml-2.0) \
	   $(if $(filter 1,$(WITH_HTTP)),$(HTTP_PKGS)) $(if $(filter 1,$(WITH_SYSTEMD)),libsystemd) \
	   $(if $(filter 1,$(WITH_DW)),libdw)
ALLPKGS := $(PKGS) $(if $(filter 1,$(WITH_LIBVIRT)),libvirt)
ALL_CFLAGS = $(CSTD) $(WARN) $(CPPFLAGS) $(CFLAGS) $(REPRO) -D_GNU_SOURCE -DVMPERF_VERSION='"$(VERSION)"' \
	   -DWITH_LIBVIRT=$(WITH_LIBVIRT) -DWITH_PFM4=$(WITH_PFM4) -DWITH_HTTP=$(WITH_HTTP) \
	   -DWITH_SYSTEMD=$(WITH_SYSTEMD) -DWITH_DW=$(WITH_DW) -I$(B)/gen $(shell $(PKGCONF) --cflags $(ALLPKGS))
ALL_LDLIBS = $(shell $(PKGCONF) --libs $(PKGS)) -lpthread -ldl -lm
ifneq ($(SAN),)
# what UBSan finds ends the program, as what ASan finds
ALL_CFLAGS += -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer
LDFLAGS    += -fsanitize=$(SAN)
# ASan wraps functions of libvirt's libraries, which it finds only if they are there from the start
ifeq ($(WITH_LIBVIRT),1)
ALL_LDLIBS += -Wl,--no-as-needed $(shell $(PKGCONF) --libs libvirt)
endif
endif

BPF_ARCH := $(patsubst x86_64,x86,$(patsubst aarch64,arm64,$(ARCH)))
BPF_CFLAGS = -target bpf -mcpu=v3 -O2 -g -std=gnu11 -Wall -Wextra -Wno-unused-parameter $(if $(filter 1,$(WERROR)),-Werror) \
	   $(REPRO) -D__TARGET_ARCH_$(BPF_ARCH) -Ivmlinux -Ibpf $(shell $(PKGCONF) --cflags libbpf)

BPF_SRC  := $(wildcard bpf/*.bpf.c)
SKEL     := $(patsubst bpf/%.bpf.c,$(B)/gen/%.skel.h,$(BPF_SRC))
USER_SRC := $(wildcard user/*.c user/*/*.c)
# the service is of Type=notify
UNITS    := $(if $(filter 11,$(WITH_HTTP)$(WITH_SYSTEMD)),$(patsubst user/share/%,$(B)/%,$(wildcard user/share/systemd/*)))
SHARED   := $(patsubst user/share/%,%,$(wildcard user/share/prometheus/* user/share/grafana/*))
USER_OBJ := $(patsubst %.c,$(B)/%.o,$(filter-out user/main.c,$(USER_SRC)))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all help install uninstall flags clean FORCE

## make               build build/vmperf (V=1 shows the commands, SAN=address,undefined, CC=clang, WERROR=1,
##                    B=DIRECTORY instead of build, WITH_LIBVIRT=0 to do without that part;
##                    for another machine ARCH=aarch64 CROSS=aarch64-linux-gnu- SYSROOT=DIRECTORY STATIC=1)
all: $(B)/vmperf

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

include user/share/docs.mk
include user/share/packaging/package.mk
include tests/tests.mk

$(B)/vmperf: $(B)/user/main.o $(B)/libvmperf.a | $(B)/.deps
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $(B)/user/main.o $(B)/libvmperf.a $(ALL_LDLIBS)

$(B)/libvmperf.a: $(USER_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@; $(CROSS)ar rcsD $@ $^

$(B)/user/%.o: user/%.c $(B)/.flags | $(B)/.deps
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

$(filter $(B)/user/probe/%,$(USER_OBJ)): | $(SKEL)

# parts of a page of HTML, as C strings; a script's hash is for the page's Content-Security-Policy
FLAME := $(addprefix $(B)/gen/,flame.css.inc flame.js.inc flame.js.hash)

$(B)/user/out/profile_html.o: | $(FLAME)

$(B)/gen/%.inc: user/out/%
	@mkdir -p $(@D)
	$(Q)sed 's/[\\"]/\\&/g; s/^/"/; s/$$/\\n"/' $< > $@

$(B)/gen/%.js.hash: user/out/%.js
	@mkdir -p $(@D)
	$(Q)printf '"sha256-%s"\n' "$$(env printf "$$(sha256sum $< | head -c 64 | sed 's/../\\x&/g')" | base64)" > $@

$(B)/bpf/%.bpf.o: bpf/%.bpf.c $(B)/.flags | $(B)/.deps
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/%.skel.h: $(B)/bpf/%.bpf.o
	$(call say,SKEL,$@)
	@mkdir -p $(@D)
	$(Q)$(BPFTOOL) gen skeleton $< name $(subst -,_,$*)_bpf > $@

# changes only when the flags do (-Werror aside): what was built with others is built anew
$(B)/.flags: FORCE | $(B)/.deps
	$(file >$@.new,$(filter-out -Werror,$(CC) $(ALL_CFLAGS) $(LDFLAGS) $(ALL_LDLIBS) $(CLANG) $(BPF_CFLAGS)))
	@cmp -s $@.new $@ && rm -f $@.new || mv $@.new $@
FORCE:

# names what is missing, once
$(B)/.deps: Makefile tests/deps
	@mkdir -p $(B)
	@WITH_LIBVIRT=$(WITH_LIBVIRT) WITH_PFM4=$(WITH_PFM4) WITH_HTTP=$(WITH_HTTP) WITH_SYSTEMD=$(WITH_SYSTEMD) WITH_DW=$(WITH_DW) \
		sh tests/deps missing build && touch $@
ifneq ($(WITH_LIBVIRT),1)
	@echo "vmperf: built without libvirt: VMs are named by their command lines (libvirt-dev and libxml2-dev add it)"
endif
ifneq ($(WITH_HTTP),1)
	@echo "vmperf: built without HTTP: vmperf export writes textfiles only (libmicrohttpd-dev, libgnutls28-dev and libyaml-dev add it)"
endif
ifneq ($(WITH_SYSTEMD),1)
	@echo "vmperf: built without systemd: no socket activation, no notification (libsystemd-dev adds it)"
endif
ifneq ($(WITH_DW),1)
	@echo "vmperf: built without libdw: functions of the VMM are named by its own symbols only (libdw-dev adds debug files and debuginfod)"
endif
ifneq ($(WITH_MAN),1)
	@echo "vmperf: built without man pages (scdoc adds them)"
endif
ifneq ($(WITH_PFM4),1)
	@echo "vmperf: built without libpfm4: no names of events that only some CPUs have (libpfm4-dev adds it)"
endif

# for the lint: what the user side is compiled with
flags:
	@echo '$(subst ','\'',$(ALL_CFLAGS))'

.PHONY: units
units: $(UNITS)

# they name where vmperf is installed, which is known only then
$(B)/systemd/%: user/share/systemd/% FORCE
	@mkdir -p $(@D)
	@sed 's|@bindir@|$(bindir)|' $< > $@

## make install       install vmperf below prefix (/usr/local), under DESTDIR if given
install: all $(UNITS)
	install -D -m 755 $(B)/vmperf $(DESTDIR)$(bindir)/vmperf
	set -e; $(foreach u,$(UNITS),install -D -m 644 $u $(DESTDIR)$(unitdir)/$(notdir $u);)
	set -e; $(foreach f,$(SHARED),install -D -m 644 user/share/$f $(DESTDIR)$(sharedir)/$f;)

## make uninstall     remove what install installed
uninstall:
	rm -f $(DESTDIR)$(bindir)/vmperf $(addprefix $(DESTDIR)$(unitdir)/,$(notdir $(UNITS)))
	rm -f $(addprefix $(DESTDIR)$(sharedir)/,$(SHARED))
	rmdir $(addprefix $(DESTDIR)$(sharedir)/,$(sort $(dir $(SHARED)))) $(DESTDIR)$(sharedir) 2>/dev/null || true

## make clean         remove what was built
clean:
	rm -rf build build-san build-clang $(B)

-include $(shell find $(B) -path $(B)/deb -prune -o -type f -name '*.d' -print 2>/dev/null)
