# SPDX-License-Identifier: GPL-2.0-only
# Tests: each program prints TAP; tests/run runs them and adds up.
# A section that needs more built adds prerequisites to check-needs, one whose
# programs the patterns below do not name adds them to TESTS.

UNIT := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/*_test.c))

TESTS = $(UNIT) $(wildcard tests/lint/lint tests/lint/*.bats tests/bpf/*.bats tests/golden/*.bats tests/e2e/*.bats \
	tests/vm/*.bats tests/vm/systemd tests/vm/matrix)

# root gets what is missing installed, others are told by the tests themselves
DEPS_AS_ROOT = [ "$$(id -u)" != 0 ] || sh tests/deps install

.PHONY: unit check check-needs check-run demo bench fuzz lint

# tests/vm/guests is run by hand: two Linux guests in an emulated machine take some minutes.
# tests/vm/domains is run by hand: one of its five runs so far ended in a panic of
# the emulated machine ("corrupted stack end"), whose cause is not known yet.

## make check         all tests; as root it first installs the packages that they need
check:
	$(Q)$(DEPS_AS_ROOT) test
	$(Q)+$(MAKE) --no-print-directory $(if $(findstring j,$(MAKEFLAGS)),,-j$$(nproc)) check-needs
	$(Q)+$(MAKE) --no-print-directory check-run

check-needs: all $(UNIT)

check-run:
	$(Q)B=$(B) tests/run $(TESTS)

## make unit          build and run the unit tests
unit: $(UNIT)
	$(Q)tests/run $(UNIT)

## make lint          the checks of the source
lint:
	$(Q)tests/run $(wildcard tests/lint/lint tests/lint/*.bats)

ifneq ($(wildcard tests/demo),)
## make demo          show vmperf at work on a small VM of its own; as root it first installs the packages needed
demo:
	$(Q)$(DEPS_AS_ROOT) demo
	$(Q)+$(MAKE) --no-print-directory $(if $(findstring j,$(MAKEFLAGS)),,-j$$(nproc)) all fixture
	$(Q)B=$(B) tests/demo
endif

ifneq ($(wildcard tests/bench/run),)
## make bench         measure what vmperf costs
bench:
	$(Q)$(DEPS_AS_ROOT) bench
	$(Q)+$(MAKE) --no-print-directory $(if $(findstring j,$(MAKEFLAGS)),,-j$$(nproc)) all fixture $(BENCH)
	$(Q)+$(if $(shell command -v $(ARM64_CC)),$(MAKE) --no-print-directory arm64 ARM64_PROGRAMS=bench-programs)
	$(Q)B=$(B) tests/bench/run
endif

ifneq ($(wildcard tests/fuzz/run),)
## make fuzz          feed the parsers made-up input
fuzz: all
	$(Q)B=$(B) tests/fuzz/run
endif

$(B)/tests/unit/%: tests/unit/%.c $(B)/libvmperf.a
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d -Itests/unit -Iuser $(LDFLAGS) -o $@ $< $(B)/libvmperf.a $(shell $(PKGCONF) --libs check) $(ALL_LDLIBS)

# vm
# The fixtures are static, so that they run in any machine as they are.
FIXTURE := $(addprefix $(B)/tests/fixture/,kvmguest hog nocap crowd faults deny holdvm)
ifeq ($(BPF_ARCH),x86)
FIXTURE += $(B)/tests/fixture/spinguest
endif
KVMGUEST_SRC := $(addprefix tests/fixture/,kvmguest.c options.c sched.c stats.c alarm.c)
FIXTURE_CFLAGS := $(CSTD) $(WARN) -O2 -g $(REPRO) -D_GNU_SOURCE

.PHONY: fixture machine-programs arm64
fixture: $(FIXTURE) $(B)/tests/vm/rows $(B)/tests/vm/hidden

check-needs: fixture

# what tests/vm/matrix takes into its machines; the same for the arm64 machines, where there is a compiler for it
machine-programs: all fixture

ARM64_CC ?= aarch64-linux-gnu-gcc
ARM64_PROGRAMS := machine-programs
ifneq ($(shell command -v $(ARM64_CC)),)
ifneq ($(ARCH),aarch64)
check-needs: arm64
endif
endif

arm64:
	$(Q)sysroot=$$(tests/vm/fetch-arm64-libs) && $(MAKE) --no-print-directory ARCH=aarch64 CROSS=aarch64-linux-gnu- \
		CC=$(ARM64_CC) SYSROOT=$$sysroot STATIC=1 SAN= WITH_LIBVIRT=0 WITH_PFM4=0 WITH_HTTP=0 WITH_SYSTEMD=0 WITH_DW=0 B=$(B)/arm64 $(ARM64_PROGRAMS)

$(B)/tests/fixture/kvmguest: $(KVMGUEST_SRC) tests/fixture/guest_$(BPF_ARCH).c tests/fixture/kvmguest.h tests/fixture/guest.h
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(FIXTURE_CFLAGS) -static -pthread -o $@ $(filter %.c,$^)

$(B)/tests/fixture/spinguest: tests/fixture/spinguest.c tests/fixture/spin_$(BPF_ARCH).c tests/fixture/spin.h
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(FIXTURE_CFLAGS) -static -pthread -o $@ $(filter %.c,$^)

$(addprefix $(B)/tests/fixture/,hog nocap crowd faults deny holdvm): $(B)/tests/fixture/%: tests/fixture/%.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(FIXTURE_CFLAGS) -static -pthread -o $@ $<

$(B)/tests/vm/rows: tests/vm/rows.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $< $(shell $(PKGCONF) --libs jansson)

$(B)/tests/vm/hidden: tests/vm/hidden.c $(B)/libvmperf.a
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d -Iuser $(LDFLAGS) -o $@ $< $(B)/libvmperf.a $(ALL_LDLIBS)

# resctrl
# A made-up resctrl, in user space: this one runs on the host only, so it is not static.
check-needs: $(B)/tests/fixture/resctrlfs

$(addprefix $(B)/tests/unit/,resctrl_test resctrl_others_test): | $(B)/tests/fixture/resctrlfs

$(B)/tests/fixture/resctrlfs: tests/fixture/resctrlfs.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(FIXTURE_CFLAGS) $(shell $(PKGCONF) --cflags fuse3) -o $@ $< $(shell $(PKGCONF) --libs fuse3)

# bench
BENCH := $(addprefix $(B)/tests/bench/,floor flush keys pages progs samples usage switches)

# those that run on arm64, too
.PHONY: bench-programs
bench-programs: all fixture $(addprefix $(B)/tests/bench/,progs switches)

$(B)/tests/bench/%.bpf.o: tests/bench/%.bpf.c $(wildcard bpf/*.h tests/bench/*.h vmlinux/*.h)
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -c -o $@ $<

$(B)/tests/bench/%.skel.h: $(B)/tests/bench/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@

$(B)/tests/bench/floor: $(B)/tests/bench/floor.skel.h
$(B)/tests/bench/flush: $(B)/tests/bench/flush.skel.h tests/bench/flush.h tests/fixture/stats.c tests/fixture/kvmguest.h
$(B)/tests/bench/flush $(B)/tests/bench/switches: tests/fixture/guest_$(BPF_ARCH).c tests/fixture/guest.h

$(B)/tests/bench/keys $(B)/tests/bench/pages $(B)/tests/bench/samples: $(B)/libvmperf.a

$(BENCH): $(B)/tests/bench/%: tests/bench/%.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -I$(B)/tests/bench -Iuser $(LDFLAGS) -o $@ $(filter %.c %.a,$^) $(ALL_LDLIBS)

# bpf
# Programs that need root; the test machines run them too (tests/vm/payload/bpf.sh).
BPF_TESTS := $(patsubst tests/bpf/%.c,$(B)/tests/bpf/%,$(wildcard tests/bpf/*_test.c))
ifneq ($(BPF_ARCH),x86)
BPF_TESTS := $(filter-out %/exit_test,$(BPF_TESTS)) # made-up vCPUs of x86
endif
BPF_TEST_SKEL := $(patsubst tests/bpf/%.bpf.c,$(B)/tests/bpf/%.skel.h,$(wildcard tests/bpf/*.bpf.c))

TESTS += $(BPF_TESTS)
check-needs machine-programs: $(BPF_TESTS)

$(B)/tests/bpf/%.bpf.o: tests/bpf/%.bpf.c $(B)/.flags | $(B)/.deps
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/tests/bpf/%.skel.h: $(B)/tests/bpf/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@

BPF_RIG := $(addprefix $(B)/tests/bpf/,rig.o faults.o)

$(BPF_RIG): $(B)/tests/bpf/%.o: tests/bpf/%.c $(B)/.flags | $(BPF_TEST_SKEL)
	$(call say,CC,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -I$(B)/tests/bpf -c -o $@ $<

$(B)/tests/bpf/%_test: tests/bpf/%_test.c $(BPF_RIG) $(B)/libvmperf.a | $(BPF_TEST_SKEL)
	$(call say,CC,$@)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d -I$(B)/tests/bpf -Iuser $(LDFLAGS) -o $@ $< $(BPF_RIG) $(B)/libvmperf.a $(ALL_LDLIBS)

# vmlinux/*.h against real kernels
TESTS += tests/vm/btf
check-needs: $(B)/vmlinux/check

$(B)/vmlinux/check: vmlinux/check.c $(B)/.flags | $(B)/.deps
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< $(ALL_LDLIBS)

# for looking by hand
$(B)/vmlinux/check-%.o: vmlinux/check.bpf.c $(wildcard vmlinux/*.h) | $(B)/.deps
	$(call say,BPF,$@)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(subst -D__TARGET_ARCH_$(BPF_ARCH),-D__TARGET_ARCH_$*,$(BPF_CFLAGS)) -c -o $@ $<

# tui
# Screens of records, for tests and for README's picture; random keys, records to press them on, and
# a vmperf with sanitizers for both.
TUI := $(addprefix $(B)/tests/tui/,shot random made)

.PHONY: screenshot sanitized
TESTS += $(wildcard tests/tui/*.bats)
check-needs: $(TUI) $(if $(SAN),,sanitized)

# make check SAN=... has it in $(B) itself
sanitized:
	$(Q)$(MAKE) --no-print-directory SAN=address,undefined B=$(B)-san all

$(B)/tests/tui/random: tests/tui/noise.c tests/tui/noise.h
$(TUI): $(B)/tests/tui/%: tests/tui/%.c $(B)/libvmperf.a
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d -Iuser -Itests/unit $(LDFLAGS) -o $@ $(filter %.c,$^) $(B)/libvmperf.a $(ALL_LDLIBS)

RECORD ?= tests/golden/screen.vmperf
OUT    ?= tests/golden/screen.svg
SHOT   ?= --size 110x20 --colours true --theme dark --at end

## make screenshot    make README's picture of the terminal UI anew
##                    (RECORD=FILE.vmperf OUT=FILE.svg SHOT='--keys "2"' make others)
screenshot: $(B)/tests/tui/shot
	$(Q)$(B)/tests/tui/shot --format svg $(SHOT) $(RECORD) > $(OUT).new && mv $(OUT).new $(OUT)

# http
# A server of a file, for tests of HTTP without root and BPF.
ifeq ($(WITH_HTTP),1)
check-needs: $(B)/tests/http/serve
endif

$(B)/tests/http/serve: tests/http/serve.c $(B)/libvmperf.a
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d -Iuser $(LDFLAGS) -o $@ $< $(B)/libvmperf.a $(ALL_LDLIBS)
