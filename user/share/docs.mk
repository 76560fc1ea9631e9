# SPDX-License-Identifier: GPL-2.0-only
# Man pages and completions, made from templates here and vmperf's own tables; the guide's screens.

mandir  ?= $(prefix)/share/man
bashdir ?= $(prefix)/share/bash-completion/completions
zshdir  ?= $(prefix)/share/zsh/site-functions
fishdir ?= $(prefix)/share/fish/vendor_completions.d
docdir  ?= $(prefix)/share/doc/vmperf

GEN         := $(B)/share/gen
MAN         := $(patsubst user/share/man/%.scd,$(B)/man/%,$(wildcard user/share/man/*.scd))
COMPLETIONS := $(addprefix $(B)/completions/vmperf.,bash zsh fish)
# man pages have a date: that of the release, not that of the build
MAN_DATE    := $(or $(SOURCE_DATE_EPOCH),$(RELEASED))

# what makes them runs where it is built: not for another machine
ifeq ($(CROSS),)
DOCS := $(COMPLETIONS) $(if $(filter 1,$(WITH_MAN)),$(MAN))
endif

.PHONY: man install-docs uninstall-docs guide
all: $(DOCS)

## make man           the man pages, below build/man (part of make where there is scdoc)
man: $(MAN)

$(GEN): $(patsubst %.c,$(B)/%.o,$(wildcard user/share/gen/*.c)) $(B)/libvmperf.a
	$(call say,LINK,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(ALL_LDLIBS)

$(B)/share/man/%.scd: user/share/man/%.scd $(GEN)
	@mkdir -p $(@D)
	$(Q)$(GEN) $< > $@

# scdoc ends paragraphs of which nothing comes, which mandoc finds fault with: one only where text follows
TIDY := /^\.P$$/ { held = 1; next } \
	!/^\.RE$$/ { if (held && !title && !/^\.S[HS]/) print ".P"; held = 0; title = /^\.(TH|S[HS])/ } \
	{ print }

$(B)/man/%: $(B)/share/man/%.scd
	$(call say,MAN,$@)
	@mkdir -p $(@D)
	$(Q)SOURCE_DATE_EPOCH=$(MAN_DATE) scdoc < $< > $@.new
	$(Q)awk '$(TIDY)' $@.new > $@ && rm $@.new

$(B)/completions/%: user/share/completions/%.in $(GEN)
	$(call say,GEN,$@)
	@mkdir -p $(@D)
	$(Q)$(GEN) $< > $@

install: install-docs
install-docs: all
	$(if $(filter %.1,$(DOCS)),install -d $(DESTDIR)$(mandir)/man1 $(DESTDIR)$(mandir)/man7)
	$(foreach m,$(filter $(B)/man/%,$(DOCS)),install -m 644 $m $(DESTDIR)$(mandir)/man$(subst .,,$(suffix $m));)
	install -D -m 644 $(B)/completions/vmperf.bash $(DESTDIR)$(bashdir)/vmperf
	install -D -m 644 $(B)/completions/vmperf.zsh $(DESTDIR)$(zshdir)/_vmperf
	install -D -m 644 $(B)/completions/vmperf.fish $(DESTDIR)$(fishdir)/vmperf.fish
	install -D -m 644 user/share/guide/ledger.md $(DESTDIR)$(docdir)/ledger.md

uninstall: uninstall-docs
uninstall-docs:
	rm -f $(foreach m,$(MAN),$(DESTDIR)$(mandir)/man$(subst .,,$(suffix $m))/$(notdir $m))
	rm -f $(DESTDIR)$(bashdir)/vmperf $(DESTDIR)$(zshdir)/_vmperf $(DESTDIR)$(fishdir)/vmperf.fish
	rm -f $(DESTDIR)$(docdir)/ledger.md

GUIDE := user/share/guide/ledger.md

## make guide         make the guide's screens anew
guide: $(B)/vmperf $(B)/tests/tui/shot
	$(Q)B=$(B) user/share/guide/renew $(GUIDE) > $(GUIDE).new && mv $(GUIDE).new $(GUIDE)
