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
