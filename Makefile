# Vitrine.  `make run` and `make test` are all that a fresh Debian 12 needs.
#
#   make run         install what is missing, build, serve on 127.0.0.1:8080
#   make test        install, build, check, run every test   (ONLY=word: some)
#   make test-quick  the tests of every day: without those that take minutes
#   make             build only
#   make check       format, clang-tidy, cppcheck, gcc -fanalyzer
#   make fuzz        search with libFuzzer, SECONDS_EACH=30 per target
#   make bench       measure; PEERS="KIND=URL …" others beside it, PLOT=file.svg
#   make soak        100,000 mixed runs with trouble, and 10,000 of each zygote:
#                    RUNS=, EACH=, SEED=, MINUTES= (for each server at most)
#   make coverage    what is tested
#   make bench-layers   what each layer of the jail costs
#   make test-image  the container image         make test-fresh  an empty Debian
#   make test-cpython   CPython's own tests at length, in the jail and outside
#   make runtimes    all other CPythons there are; make runtime-3.14: one of them
#   make test-runtimes   the lenses against each CPython there is, with all of
#                    its standard library
#   make test-all    test, test-image and test-fresh
#
# SAN=address,undefined before any of them builds with sanitizers (build/san),
# COVERAGE=1 with gcov (build/cov).

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
SHELL := /bin/bash
MAKEFLAGS += --no-builtin-rules --no-print-directory

# "CC ?= gcc" would do nothing: make has a CC of its own.
ifeq ($(origin CC),default)
CC := gcc
endif
AR := gcc-ar
PYTHON_VERSION := 3.11
SAN ?=
COVERAGE ?=
ONLY ?=
SECONDS_EACH ?= 30

BUILD := build$(if $(SAN),/san)$(if $(COVERAGE),/cov)
OBJ := $(BUILD)/obj

# --- Flags -------------------------------------------------------------------

# Also what the analysers are told: see `make check`.
LANGUAGE := -std=gnu17 -D_GNU_SOURCE -I.
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes

CFLAGS ?= -O2 -g
override CFLAGS += $(LANGUAGE) $(WARNINGS) -fPIE -fstack-protector-strong
override LDFLAGS += -pie -Wl,-z,relro,-z,now,--as-needed

ifneq ($(SAN),)
override CFLAGS += -fsanitize=$(SAN) -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -DVITRINE_SANITIZED
override LDFLAGS += -fsanitize=$(SAN)
else
override CFLAGS += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif

# The sandbox's processes leave by _exit() and cannot write where the host does:
# see sandbox/gcov.h.
ifneq ($(COVERAGE),)
override CFLAGS += --coverage -O0 -U_FORTIFY_SOURCE -Wno-format-truncation -DVITRINE_COVERAGE \
	-DVITRINE_COVERAGE_DIR='"$(abspath $(OBJ))"' \
	-DVITRINE_COVERAGE_DEPTH='"$(words $(subst /, ,$(abspath $(OBJ))))"'
override LDFLAGS += --coverage
endif

# Debian's CPython, whatever else calls itself python3 on PATH.
PY_PKG := python-$(PYTHON_VERSION)-embed
PY_CFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PY_PKG) 2>/dev/null))
PY_LIBS := $(shell pkg-config --libs $(PY_PKG) 2>/dev/null)

# --- What is made of what ----------------------------------------------------

objects = $(patsubst %.c,$(OBJ)/%.o,$(wildcard $(1)))

BASE_O := $(call objects,base/*.c wire/*.c)
API_O := $(call objects,api/*.c)
SERVER_O := $(call objects,server/*.c)
PY_O := $(call objects,sandbox/py/*.c sandbox/lenses/*.c)
JAIL_O := $(call objects,sandbox/jail/*.c)
RUNNER_O := $(call objects,sandbox/*.c) $(JAIL_O)
LIB := $(BUILD)/libvitrine.a
# A sanitizer reads its settings from the environment; the runner has none.
SAN_O := $(if $(SAN),$(OBJ)/tests/sanitizer.o)

VITRINE := $(BUILD)/vitrine
RUNNER := $(BUILD)/runner-$(PYTHON_VERSION)
# A directory without sources is not there yet: it is left out, not an error.
PROGRAMS := $(if $(SERVER_O),$(VITRINE)) $(if $(wildcard sandbox/runner.c),$(RUNNER))

tests_of = $(patsubst $(1)/%.c,$(BUILD)/tests/%,$(wildcard $(1)/$(2)))
UNIT := $(call tests_of,tests/unit,test_*.c)
FUZZ := $(call tests_of,tests/fuzz,fuzz_*.c)
TEST_PROGRAMS := $(UNIT) $(FUZZ) \
	$(if $(wildcard tests/lenses/harness.c),$(BUILD)/tests/lens-harness)
FETCHED = $(if $(SAN)$(COVERAGE),,$(patsubst $(BUILD)/runtimes/%/recipe,%,$(wildcard $(BUILD)/runtimes/*/recipe)))

.PHONY: all programs runners runtimes web tests run test test-quick check fuzz bench bench-layers coverage \
	screenshot soak test-image test-fresh test-cpython test-runtimes test-all format clean deps-run deps-test \
	deps-image deps-bench deps-runtimes FORCE
all: programs web
	@:
programs: $(PROGRAMS) runners
tests: $(TEST_PROGRAMS) $(FETCHED:%=$(BUILD)/runtimes/%/lens-harness)
	@:

# --- Compiling and linking ---------------------------------------------------

# $(call say,WORD,target): one line per step; V=1 shows the commands.
V ?=
Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2))

# Everything is built anew when the flags are not those of last time.
FLAGS := $(OBJ)/flags
flags_now := $(subst ','\'',$(CC) $(CFLAGS) $(PY_CFLAGS) $(LDFLAGS) $(PY_LIBS))
$(FLAGS): FORCE
	@mkdir -p $(@D)
	@echo '$(flags_now)' | cmp -s - $@ || echo '$(flags_now)' >$@

$(OBJ)/%.o: %.c $(FLAGS)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(MORE_CFLAGS) -MMD -MP -c $< -o $@

NAMED := -DRUNNER_VERSION='"$(PYTHON_VERSION)"'
$(PY_O): MORE_CFLAGS := $(PY_CFLAGS)
$(RUNNER_O) $(OBJ)/tests/unit/test_sandbox_memory.o: MORE_CFLAGS := $(NAMED)
$(OBJ)/tests/lenses/%.o $(OBJ)/tests/bench/bare.o: MORE_CFLAGS := $(PY_CFLAGS) $(NAMED)
# The contract travels in the program, by .incbin, which -MMD does not see.
$(OBJ)/server/routes_info.o: $(wildcard api/openapi.yaml)
# So do the lenses' Python files in the runner.
EMBEDDED := $(wildcard sandbox/lenses/*.py)
$(call objects,sandbox/lenses/*.c): $(EMBEDDED)

$(LIB): $(BASE_O) $(API_O)
	$(call say,AR,$@)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

define link
	$(call say,LD,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $(filter %.o %.a,$^) $(1) -o $@
endef

$(VITRINE): $(SERVER_O) $(LIB)
	$(call link,-lmicrohttpd -ljansson -lnettle -lm)

$(RUNNER): $(RUNNER_O) $(PY_O) $(BASE_O) $(SAN_O)
	$(call link,$(PY_LIBS) -lseccomp)

# --- Other CPythons: docs/runtimes.md ----------------------------------------

RUNTIMES := 3.9 3.13 3.13t 3.14 3.15
# Those that were fetched; their runners are made with everything else.  A build
# with sanitizers or coverage has the machine's own only.
TRIPLET := $(subst -pc-,-,$(shell $(CC) -dumpmachine))

# Its root has other libraries than this machine, libc included: libseccomp is
# linked in, and what libpython needs is found when it is loaded.
define runtime_runner
$(1)_flags := $(CFLAGS) -DRUNNER_VERSION='"$(1)"' \
	-isystem $(BUILD)/runtimes/$(1)/sdk/include/python$(1) -isystem $(BUILD)/runtimes/$(1)/sdk/include
$(patsubst $(OBJ)/%,$(BUILD)/runtimes/$(1)/obj/%,$(call objects,sandbox/lenses/*.c)): $(EMBEDDED)
$(BUILD)/runtimes/$(1)/obj/%.o: %.c $(FLAGS) $(BUILD)/runtimes/$(1)/recipe
	$$(call say,CC,'$$< ($(1))')
	@mkdir -p $$(@D)
	$(Q)$(CC) $$($(1)_flags) -MMD -MP -c $$< -o $$@
$(BUILD)/runtimes/$(1)/lens-harness: $(patsubst $(OBJ)/%,$(BUILD)/runtimes/$(1)/obj/%,$(HARNESS_O) $(PY_O)) $(BASE_O)
	$$(call say,LD,$$@)
	$(Q)$(CC) $(LDFLAGS) $$(filter %.o,$$^) $(BUILD)/runtimes/$(1)/root/usr/lib/$(TRIPLET)/libpython$(1).so.1.0 \
		-Wl,--allow-shlib-undefined -o $$@
$(BUILD)/runtimes/$(1)/runner: $(patsubst $(OBJ)/%,$(BUILD)/runtimes/$(1)/obj/%,$(OWN_O)) $(JAIL_O) $(BASE_O)
	$$(call say,LD,$$@)
	$(Q)$(CC) $(LDFLAGS) $$(filter %.o,$$^) $(BUILD)/runtimes/$(1)/root/usr/lib/$(TRIPLET)/libpython$(1).so.1.0 \
		-Wl,--allow-shlib-undefined -l:libseccomp.a -o $$@
endef
OWN_O := $(call objects,sandbox/*.c) $(PY_O)
HARNESS_O := $(OBJ)/tests/lenses/harness.o
$(foreach id,$(FETCHED),$(eval $(call runtime_runner,$(id))))
runners: $(FETCHED:%=$(BUILD)/runtimes/%/runner)
	@:

# A second make, since the first read which there were before.  One that cannot
# be had is told, and does not keep the others out.
runtime-%: deps-runtimes
	@scripts/runtime $* $(BUILD)/runtimes/$*
	@$(MAKE) $(BUILD)/runtimes/$*/runner
runtimes: deps-runtimes
	@failed=; for id in $(RUNTIMES); do \
		scripts/runtime $$id $(BUILD)/runtimes/$$id || failed+=" $$id"; done; \
	$(MAKE) runners && [ -z "$$failed" ] || { echo "not there:$$failed" >&2; exit 1; }

$(BUILD)/tests/lens-harness: $(OBJ)/tests/lenses/harness.o $(PY_O) $(BASE_O) $(SAN_O)
	$(call link,$(PY_LIBS))

# A build without one layer of the jail each (base/sabotage.h), for
# tests/jail/sabotage.t: only what looks at SABOTAGE() is compiled again.
# Not looked at for any other goal: a make with nothing to do is to take no time.
ifneq ($(filter sabotage,$(MAKECMDGOALS)),)
SABOTAGE ?= $(shell sed -n 's/^\tX(\([A-Z_]*\)).*/\1/p' base/sabotage.h | tr A-Z a-z)
SABOTAGED := $(shell grep -ls '"base/sabotage.h"' server/*.c sandbox/*.c sandbox/jail/*.c)
define sabotaged
$(BUILD)/sab-$(1)/%.o: %.c $(FLAGS)
	$$(call say,CC,$$@)
	@mkdir -p $$(@D)
	$(Q)$(CC) $(CFLAGS) -DRUNNER_VERSION='"$(PYTHON_VERSION)"' \
		-DVITRINE_SABOTAGE=$(shell echo $(1) | tr a-z A-Z) -MMD -MP -c $$< -o $$@
$(BUILD)/sab-$(1)/vitrine: $(patsubst %.c,$(BUILD)/sab-$(1)/%.o,$(filter server/%,$(SABOTAGED))) \
		$(filter-out $(SABOTAGED:%.c=$(OBJ)/%.o),$(SERVER_O)) $(LIB)
	$$(call link,-lmicrohttpd -ljansson -lnettle -lm)
$(BUILD)/sab-$(1)/runner-$(PYTHON_VERSION): $(patsubst %.c,$(BUILD)/sab-$(1)/%.o,$(filter sandbox/%,$(SABOTAGED))) \
		$(filter-out $(SABOTAGED:%.c=$(OBJ)/%.o),$(RUNNER_O)) $(PY_O) $(BASE_O) $(SAN_O)
	$$(call link,$(PY_LIBS) -lseccomp)
endef
$(foreach n,$(SABOTAGE),$(eval $(call sabotaged,$(n))))
.PHONY: sabotage
sabotage: $(foreach n,$(SABOTAGE),$(BUILD)/sab-$(n)/vitrine $(BUILD)/sab-$(n)/runner-$(PYTHON_VERSION))
	@:
endif

# What a unit test may draw on besides the library; the jail needs no Python.
PARTS := $(BUILD)/tests/parts.a
$(PARTS): $(JAIL_O) $(OBJ)/sandbox/huge.o $(OBJ)/sandbox/touched.o $(filter-out $(OBJ)/server/main.o,$(SERVER_O))
	$(call say,AR,$@)
	@mkdir -p $(@D) && rm -f $@
	$(Q)$(AR) rcs $@ $^

$(BUILD)/tests/test_%: $(OBJ)/tests/unit/test_%.o $(PARTS) $(LIB)
	$(call link,-lcmocka -ljansson -lseccomp -lmicrohttpd -lnettle -lm)

$(BUILD)/tests/fuzz_%: $(OBJ)/tests/fuzz/fuzz_%.o $(OBJ)/tests/fuzz/replay.o $(LIB)
	$(call link,-ljansson -lm)

.SECONDARY:

# --- The page ----------------------------------------------------------------

WEB_SRC := $(shell find web/src web/*.mjs web/*.html web/*.css web/*.json web/*.svg -type f 2>/dev/null)
web: $(BUILD)/web/index.html
$(BUILD)/web/index.html: $(WEB_SRC)
	$(call say,WEB,$(@D))
	@[ -d web/node_modules ] || { echo 'npm packages are missing: scripts/deps run'; exit 1; }
	@mkdir -p $(@D)
	$(Q)node web/build.mjs $(abspath $(@D)) >$(BUILD)/web.log || { cat $(BUILD)/web.log; exit 1; }

# --- Running and testing -----------------------------------------------------

deps-run:
	@scripts/deps run
deps-test:
	@scripts/deps test
deps-image:
	@scripts/deps image
deps-bench:
	@scripts/deps bench
deps-runtimes:
	@scripts/deps runtimes

# A second make, because the first may have begun without pkg-config.
run: deps-run
	@$(MAKE) -j2 all
	@exec $(VITRINE) serve

test: deps-test
	@$(MAKE) -j2 all tests
	@VITRINE_BUILD=$(BUILD) VITRINE_SAN=$(SAN) tests/run $(ONLY)

test-quick: deps-test
	@$(MAKE) -j2 all tests
	@VITRINE_BUILD=$(BUILD) VITRINE_SAN=$(SAN) VITRINE_QUICK=1 tests/run $(ONLY)

check: deps-test
	@tests/rules/analysis.t
	@tests/rules/tidy.t

test-image: deps-image
	@$(MAKE) -j2 all
	@VITRINE_BUILD=$(BUILD) VITRINE_HEAVY=1 VITRINE_TEST_TIMEOUT=3600 tests/run image/

test-fresh: deps-image
	@tests/fresh-machine

# Half an hour. The other posture, when a container gives no more: in `make test`,
# by tests/jail/container.t, with the modules of every day.
test-cpython: deps-test
	@$(MAKE) -j2 all
	@VITRINE_BUILD=$(BUILD) VITRINE_HEAVY=1 VITRINE_TEST_TIMEOUT=7200 tests/run cpython/

# With an eighteenth of the library: in `make test`.
test-runtimes: deps-test
	@$(MAKE) -j2 all tests
	@VITRINE_BUILD=$(BUILD) VITRINE_FULL=1 VITRINE_TEST_TIMEOUT=7200 tests/run lenses/

# Hours, on two CPUs. Its short form is in `make test`.
RUNS ?= 100000
EACH ?= 10000
SEED ?=
MINUTES ?=
soak: deps-test
	@$(MAKE) -j2 all
	@VITRINE_BUILD=$(BUILD) VITRINE_SAN=$(SAN) tests/soak/run --runs $(RUNS) --packages $(EACH) $(SEED:%=--seed %) \
		$(MINUTES:%=--minutes %) --json $(BUILD)/soak.json

# All of it, some twenty minutes.
test-all:
	@$(MAKE) test
	@$(MAKE) test-image
	@$(MAKE) test-fresh

format:
	clang-format -i $$(git ls-files '*.c' '*.h' | grep -v /tbl/)

BENCH := $(BUILD)/bench/load $(BUILD)/bench/pass $(BUILD)/bench/bare
PEERS ?=
PLOT ?=
bench: deps-bench
	@$(MAKE) -j2 all $(BENCH)
	@VITRINE_BUILD=$(BUILD) tests/bench/run $(PEERS:%=--peer %) $(PLOT:%=--plot %)

# What each layer costs: some minutes, and a build without each.
bench-layers: deps-test
	@$(MAKE) -j2 all sabotage $(BUILD)/bench/pass
	@VITRINE_BUILD=$(BUILD) tests/bench/layers

$(BUILD)/bench/load: $(OBJ)/tests/bench/load.o
	$(call link)
$(BUILD)/bench/pass: $(OBJ)/tests/bench/pass.o $(PARTS) $(LIB)
	$(call link,-ljansson -lseccomp -lmicrohttpd -lnettle -lm)
$(BUILD)/bench/bare: $(OBJ)/tests/bench/bare.o $(PY_O) $(BASE_O) $(SAN_O)
	$(call link,$(PY_LIBS))

# --- Fuzzing with coverage as the guide: clang's libFuzzer -------------------

FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
$(BUILD)/fuzz/fuzz_%: tests/fuzz/fuzz_%.c $(wildcard base/*.c wire/*.c api/*.c)
	$(call say,FUZZ,$@)
	@mkdir -p $(@D)
	$(Q)clang $(LANGUAGE) -O1 -g -fsanitize=fuzzer,address,undefined \
		-fno-sanitize-recover=all $^ -ljansson -lm -o $@

# What is found lands in build/fuzz; new inputs worth keeping in its corpus/.
fuzz: $(FUZZERS)
	@for f in $(FUZZERS); do \
		name=$${f##*/fuzz_}; \
		mkdir -p $(BUILD)/fuzz/corpus/$$name; \
		echo "fuzz: $$name for $(SECONDS_EACH) s"; \
		$$f -max_total_time=$(SECONDS_EACH) -timeout=10 -rss_limit_mb=2048 \
			-verbosity=0 -print_final_stats=1 \
			-artifact_prefix=$(BUILD)/fuzz/$$name- \
			$(BUILD)/fuzz/corpus/$$name tests/fuzz/corpus/$$name || exit 1; \
	done

# The README's pictures, taken of the page as it is now.
screenshot: deps-test
	@$(MAKE) -j2 all
	@VITRINE_BUILD=$(BUILD) node tests/web/screenshot.mjs

# --- Coverage ----------------------------------------------------------------

coverage: deps-test
	@tests/coverage $(ONLY)

clean:
	rm -rf build

-include $(shell find $(OBJ) $(wildcard $(BUILD)/runtimes/*/obj) $(if $(SABOTAGE),$(wildcard $(BUILD)/sab-*)) -name '*.d' 2>/dev/null)
