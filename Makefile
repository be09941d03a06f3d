# SPDX-License-Identifier: AGPL-3.0-or-later
#
# One makefile for all rooms. "make help" lists what it can do; README.md says what each is for.
# VARIANT chooses the build: plain (default), asan (ASan and UBSan), tsan.

VARIANT ?= plain
B := build/$(VARIANT)
G := build/gen
PORT ?= 8080

prefix ?= /usr/local
bindir ?= $(prefix)/bin
mandir ?= $(prefix)/share/man
datadir ?= $(prefix)/share
unitdir ?= $(prefix)/lib/systemd/system
completiondir ?= $(prefix)/share/bash-completion/completions

VERSION := 0.1.0
ifeq ($(origin CC),default)
CC := gcc
endif
PACKAGES := libmicrohttpd libpq jansson libcrypto libcurl libsystemd libconfig gumbo libidn2 libcrypt \
	libfido2 libqrencode
# For the program that decodes media alone: the others neither link nor load them.
MEDIA_PACKAGES := vips libseccomp
# For the stator, which packs archives, and for the program that decodes, which unpacks them.
ARCHIVE_PACKAGES := libarchive
# Loaded by it for films alone: it is compiled with their headers and not linked with them.
FILM_PACKAGES := libavformat libavcodec libswscale

-include build/packages.mk

OPTIMISE_plain := -O2 -D_FORTIFY_SOURCE=2
OPTIMISE_asan := -O1 -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
OPTIMISE_tsan := -O1 -fsanitize=thread -fno-omit-frame-pointer

WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
	-Wwrite-strings -Wformat=2 -Wvla -Wno-missing-field-initializers
CFLAGS_ALL = -std=gnu11 -g -fPIE -fstack-protector-strong -fstack-clash-protection \
	-D_GNU_SOURCE -DROOKERY_VERSION='"$(VERSION)"' \
	$(OPTIMISE_$(VARIANT)) $(WARNINGS) -I. -Ilib -I$(G) $(PACKAGE_CFLAGS) $(CFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now -pthread $(OPTIMISE_$(VARIANT)) $(LDFLAGS)
# wslay has no .pc file in Debian.
LIBS = $(PACKAGE_LIBS) -lwslay -lresolv -lm

# Sources by room. A program's main.c stays out of its archive, so that unit tests can link the rest.
LIB_C := $(wildcard lib/*/*.c) $(wildcard sql/gen/*.c)
SERVER_C := $(filter-out server/main.c,$(wildcard server/*.c server/*/*.c))
STATOR_C := $(filter-out stator/main.c,$(wildcard stator/*.c))
PROVISIONING_C := $(filter-out provisioning/main.c,$(wildcard provisioning/*.c))
MAIL_TEMPLATES := $(wildcard templates/mail/*.html)
TEMPLATES := $(filter-out $(MAIL_TEMPLATES),$(wildcard templates/*.html templates/*/*.html))
CATALOGUES := $(wildcard templates/text/*.po)
MAIL_CATALOGUES := $(wildcard templates/mail/text/*.po)
GENERATED_C := $(G)/schema.c $(G)/templates.c $(G)/mail/templates.c $(G)/assets.c

objects = $(patsubst %.c,$(B)/%.o,$(1))
LIB_A := $(B)/librookery.a
SERVER_A := $(B)/server.a
STATOR_A := $(B)/stator.a
PROVISIONING_A := $(B)/provisioning.a
WORKER := $(B)/rookery-media
PROGRAMS := $(B)/rookery-server $(B)/rookery-stator $(B)/rookery $(WORKER)

.PHONY: all help
all: $(PROGRAMS)

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

.SECONDARY:
.DELETE_ON_ERROR:

build/packages.mk: Makefile tools/packages $(wildcard packages/*)
	@tools/packages install build run
	@mkdir -p build
	@{ echo "PACKAGE_CFLAGS := $$(pkg-config --cflags $(PACKAGES))"; \
	   echo "PACKAGE_LIBS := $$(pkg-config --libs $(PACKAGES))"; \
	   echo "MEDIA_CFLAGS := $$(pkg-config --cflags $(MEDIA_PACKAGES) | sed 's/-I/-isystem /g')"; \
	   echo "FILM_CFLAGS := $$(pkg-config --cflags $(FILM_PACKAGES) | sed 's/-I/-isystem /g')"; \
	   echo "ARCHIVE_LIBS := $$(pkg-config --libs $(ARCHIVE_PACKAGES))"; \
	   echo "MEDIA_LIBS := $$(pkg-config --libs $(MEDIA_PACKAGES))"; } > $@

$(B)/lib/media/picture.o $(B)/lib/media/sandbox.o $(B)/tests/unit/test_worker.o: CFLAGS_ALL += $(MEDIA_CFLAGS)
$(B)/lib/media/film.o: CFLAGS_ALL += $(FILM_CFLAGS)
$(WORKER): LIBS += $(MEDIA_LIBS) $(ARCHIVE_LIBS)
$(B)/rookery-stator: LIBS += $(ARCHIVE_LIBS)

# Tests write argument vectors as literals.
$(B)/tests/%.o: WARNINGS += -Wno-write-strings

$(B)/%.o: %.c | $(G)/schema.c $(G)/templates.h $(G)/mail/templates.h
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(B)/build/gen/%.o: $(G)/%.c $(G)/templates.h $(G)/mail/templates.h
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) $(CFLAGS_ALL) -MMD -MP -c $< -o $@

$(LIB_A): $(call objects,$(LIB_C)) $(B)/build/gen/schema.o $(B)/build/gen/mail/templates.o
$(SERVER_A): $(call objects,$(SERVER_C)) $(B)/build/gen/templates.o $(B)/build/gen/assets.o
$(STATOR_A): $(call objects,$(STATOR_C))
$(PROVISIONING_A): $(call objects,$(PROVISIONING_C))
%.a:
	@echo "  AR      $@"
	@rm -f $@
	@$(AR) qcs $@ $^

$(B)/rookery-server: $(B)/server/main.o $(SERVER_A) $(LIB_A)
$(B)/rookery-stator: $(B)/stator/main.o $(STATOR_A) $(LIB_A)
$(B)/rookery: $(B)/provisioning/main.o $(PROVISIONING_A) $(LIB_A)
$(WORKER): $(B)/worker/main.o $(LIB_A)
$(PROGRAMS):
	@echo "  LINK    $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

# Generators run on the build machine and need no library but libpq.
build/tools/%: tools/%.c build/packages.mk
	@mkdir -p $(@D)
	@echo "  CC      $<"
	@$(CC) -std=gnu11 -g -O1 -D_GNU_SOURCE $(WARNINGS) -I. $(PACKAGE_CFLAGS) -o $@ $(filter %.c,$^) -lpq

build/tools/tplgen: tools/catalogue.c tools/catalogue.h

$(G)/schema.c: $(wildcard sql/schema/*.sql) build/tools/embed
	@mkdir -p $(G)
	@echo "  GEN     $@"
	@build/tools/embed schema $(sort $(wildcard sql/schema/*.sql)) > $@

$(G)/assets.c: $(wildcard templates/assets/*) build/tools/embed
	@mkdir -p $(G)
	@echo "  GEN     $@"
	@build/tools/embed assets $(sort $(wildcard templates/assets/*)) > $@

$(G)/templates.c: $(TEMPLATES) $(CATALOGUES) templates/text/en.txt build/tools/tplgen
	@mkdir -p $(G)
	@echo "  GEN     $@"
	@build/tools/tplgen $(G) $(TEMPLATES) $(CATALOGUES)

# What an en.txt has and a .po file beside it has not, or has for another text, is added there and is
# English until somebody translates it.
## make catalogues   brings the .po files of pages and letters up to en.txt, and says what is missing
.PHONY: catalogues
catalogues: build/tools/tplgen
	@tools/packages install check
	@for text in templates/text templates/mail/text; do \
		build/tools/tplgen --template $$text/en.txt > $$text/rookery.pot || exit 1; \
		for po in $$text/*.po; do \
			msgmerge --quiet --update --backup=none --no-wrap --no-location --no-fuzzy-matching \
				$$po $$text/rookery.pot && \
			msgattrib --no-obsolete --no-wrap -o $$po $$po && \
			msgfmt --check --statistics -o /dev/null $$po || exit 1; \
		done; \
	done

$(G)/templates.h: $(G)/templates.c ;

# Letters are written by lib/model, which knows nothing of pages: they have a catalogue of their own, whose
# names in the program differ from those of the pages'.
$(B)/build/gen/mail/templates.o $(B)/lib/model/mail_text.o: CFLAGS_ALL += \
	$(foreach name,language plain count form is_said catalogues,-Dtext_$(name)=mail_text_$(name)) \
	-Dn_text_catalogues=n_mail_text_catalogues
$(G)/mail/templates.c: $(MAIL_TEMPLATES) $(MAIL_CATALOGUES) templates/mail/text/en.txt build/tools/tplgen
	@mkdir -p $(G)/mail
	@echo "  GEN     $@"
	@build/tools/tplgen $(G)/mail $(MAIL_TEMPLATES) $(MAIL_CATALOGUES)
$(G)/mail/templates.h: $(G)/mail/templates.c ;

include make/run.mk make/check.mk make/lint.mk $(wildcard make/install.mk make/bench.mk make/image.mk)

-include $(shell find build/$(VARIANT) -name '*.d' 2>/dev/null)
