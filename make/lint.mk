# SPDX-License-Identifier: AGPL-3.0-or-later
#
# What can be said about the code without running it. sql/gen is generated and left out.

ROOMS := lib/* server server/* stator provisioning worker
WRITTEN_C = $(wildcard $(foreach room,$(ROOMS) tools tests/unit tests/fuzz,$(room)/*.c))
WRITTEN_H = $(wildcard $(foreach room,$(ROOMS) tests/unit,$(room)/*.h))
ANALYZED = $(patsubst %.c,build/analyze/%.ok,$(filter-out tests/%,$(WRITTEN_C)))

## make lint   the order of layers, doors, licences, form
.PHONY: lint format analyze cppcheck
lint: build/packages.mk
	@tools/packages install build check lint
	@tools/lint form

## make format   puts all C into the form of .clang-format
format:
	@clang-format -i $(WRITTEN_C) $(WRITTEN_H)

# gcc understands cleanup attributes, so its analyser is the gate for leaks.
## make analyze   gcc -fanalyzer and cppcheck over all C
analyze: build/packages.mk $(G)/schema.c $(G)/templates.h
	@tools/packages install build lint
	@$(MAKE) -j2 analyze-gcc cppcheck
.PHONY: analyze-gcc
analyze-gcc: $(ANALYZED)

build/analyze/%.ok: %.c
	@mkdir -p $(@D)
	@echo "  ANALYZE $<"
	@$(CC) $(CFLAGS_ALL) -fanalyzer $(ANALYZE_OFF) -MMD -MP -MF build/analyze/$*.d -MT $@ -S -o /dev/null $<
	@touch $@

build/analyze/lib/media/picture.ok build/analyze/lib/media/sandbox.ok: CFLAGS_ALL += $(MEDIA_CFLAGS)

build/analyze/lib/media/film.ok: CFLAGS_ALL += $(FILM_CFLAGS)

# An entry is held by its bucket, of which the analyser loses sight.
build/analyze/lib/fetch/courier_server.ok: ANALYZE_OFF := -Wno-analyzer-malloc-leak

# So is a tag by its subscription.
build/analyze/server/stream_hub.ok: ANALYZE_OFF := -Wno-analyzer-malloc-leak

# Texts that are handed on by value through "fetch, receive, fetch the parent" look unset to it there.
build/analyze/lib/model/post_remote.ok: ANALYZE_OFF := -Wno-analyzer-use-of-uninitialized-value

# A generator's memory is given back by its end.
build/analyze/tools/%.ok: ANALYZE_OFF := -Wno-analyzer-malloc-leak

-include $(shell find build/analyze -name '*.d' 2>/dev/null)

# What is switched off: the headers of libraries are not read, a parked fiber's stack is a good place
# for its entry in a list of waiters, and cleanup attributes are not understood.
CPPCHECK_OFF := missingInclude missingIncludeSystem normalCheckLevelMaxBranches autoVariables \
	unmatchedSuppression memleak resourceLeak

cppcheck:
	@echo "  CPPCHECK"
	@mkdir -p build/cppcheck
	@cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr -j 2 \
		--cppcheck-build-dir=build/cppcheck --error-exitcode=1 \
		$(CPPCHECK_OFF:%=--suppress=%) -D_GNU_SOURCE -DROOKERY_VERSION='"$(VERSION)"' \
		-I. -Ilib -I$(G) $(filter-out tests/%,$(WRITTEN_C))
