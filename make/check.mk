# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Tests. Unit tests and replays of fuzz corpora are programs under $(B)/tests; tools/check builds and
# runs everything, for the plain build and under the sanitizers.

## make check [T="GROUP..."]   all tests, or some groups: unit blackbox:asan peers ...
.PHONY: check test-programs fuzz sql
check:
	@tools/packages install build run check deb
	@tools/check $(T)

UNIT := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_*.c))
FUZZ := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
test-programs: $(UNIT) $(FUZZ) $(B)/tests/browser/preview build/tools/sqlgen build/tools/embed build/tools/tplgen

$(UNIT) $(FUZZ) build/fuzz/run_%: LIBS += $(ARCHIVE_LIBS)
$(UNIT): $(B)/%: $(B)/%.o $(SERVER_A) $(STATOR_A) $(PROVISIONING_A) $(LIB_A)
	@echo "  LINK    $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS) -lcmocka

# What a worker does is looked at with the library that it uses.
$(B)/tests/unit/test_worker $(B)/tests/unit/test_sandbox: LIBS += $(MEDIA_LIBS)
$(B)/tests/unit/test_worker: | $(B)/rookery-media

PREVIEWS := post people account site member join staff admin console security policy
$(B)/tests/browser/preview: $(B)/%: $(B)/%.o $(PREVIEWS:%=$(B)/tests/browser/preview_%.o) $(SERVER_A) $(LIB_A)
	@echo "  LINK    $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

$(FUZZ): $(B)/%: $(B)/%.o $(B)/tests/fuzz/replay.o $(SERVER_A) $(STATOR_A) $(PROVISIONING_A) $(LIB_A)
	@echo "  LINK    $@"
	@$(CC) $(LDFLAGS_ALL) -o $@ $^ $(LIBS)

# libFuzzer's own main replaces the replay's. New inputs go to build/fuzz, crashes stay beside them.
## make fuzz FUZZ_ONE=json [SECONDS=60]   looks for new inputs that break a parser
FUZZ_ONE ?= json
SECONDS ?= 60
OPTIMISE_fuzz := -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined \
	-fno-omit-frame-pointer -D__SANITIZE_ADDRESS__
ifeq ($(VARIANT),fuzz)
build/fuzz/run_%: build/fuzz/tests/fuzz/fuzz_%.o $(SERVER_A) $(STATOR_A) $(PROVISIONING_A) $(LIB_A)
	@echo "  LINK    $@"
	@$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $^ $(LIBS)
endif

fuzz:
	@$(MAKE) VARIANT=fuzz CC=clang build/fuzz/run_$(FUZZ_ONE)
	@mkdir -p build/fuzz/corpus/$(FUZZ_ONE)
	@cd build/fuzz && ./run_$(FUZZ_ONE) -max_total_time=$(SECONDS) -artifact_prefix=$(FUZZ_ONE)- \
		corpus/$(FUZZ_ONE) ../../tests/fuzz/corpus/$(FUZZ_ONE)

## make sql   regenerates sql/gen from sql/query (tools/check sees when it is stale)
sql: build/tools/sqlgen
	@tools/sql
