# SPDX-License-Identifier: GPL-2.0-only
# Tests: each program prints TAP; tests/run runs them and adds up.

UNIT := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(wildcard tests/unit/*_test.c))

.PHONY: unit
## make unit          build and run the unit tests
unit: $(UNIT)
	$(Q)sh tests/run $(UNIT)

$(B)/tests/unit/%: tests/unit/%.c $(B)/libvmperf.a
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALL_CFLAGS) -MMD -MP -MF $@.d -Itests/unit -Iuser $(LDFLAGS) -o $@ $< $(B)/libvmperf.a $(shell $(PKGCONF) --libs check) $(ALL_LDLIBS)

# vm
# The fixtures are static, so that they run in any machine as they are.
FIXTURE := $(B)/tests/fixture/kvmguest $(B)/tests/fixture/nocap
FIXTURE_CFLAGS := $(CSTD) $(WARN) -O2 -g $(REPRO) -D_GNU_SOURCE
ARM64_CC ?= aarch64-linux-gnu-gcc

.PHONY: fixture
fixture: $(FIXTURE)

$(B)/tests/fixture/kvmguest: tests/fixture/kvmguest.c tests/fixture/guest_$(BPF_ARCH).c tests/fixture/guest.h
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(FIXTURE_CFLAGS) -static -pthread -o $@ $(filter %.c,$^)

$(B)/tests/fixture/nocap: tests/fixture/nocap.c
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(FIXTURE_CFLAGS) -static -o $@ $<

$(B)/tests/fixture/kvmguest-arm64: tests/fixture/kvmguest.c tests/fixture/guest_arm64.c tests/fixture/guest.h
	$(call say,CC,$@)
	@mkdir -p $(@D)
	$(Q)$(ARM64_CC) $(FIXTURE_CFLAGS) -static -pthread -o $@ $(filter %.c,$^)
