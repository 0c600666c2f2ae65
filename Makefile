# Vitrine.  `make run` and `make test` are all that a fresh Debian 12 needs.
#
#   make            build everything        make run     install, build, serve
#   make test       install, build, test    make bench   measure
#   make SAN=address,undefined …            the same with sanitizers
#   make COVERAGE=1 …                       the same, counted by gcov

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
SHELL := /bin/bash

CC := gcc
PYTHON_VERSION := 3.11
SAN ?=
COVERAGE ?=

BUILD := build$(if $(SAN),/san)$(if $(COVERAGE),/cov)
OBJ := $(BUILD)/obj

CFLAGS ?= -O2 -g
override CFLAGS += -std=gnu17 -D_GNU_SOURCE -I. -fPIE -MMD -MP \
	-Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-fstack-protector-strong
override LDFLAGS += -pie -Wl,-z,relro,-z,now
ifdef SAN
override CFLAGS += -fsanitize=$(SAN) -fno-omit-frame-pointer -DVITRINE_SANITIZED
override LDFLAGS += -fsanitize=$(SAN)
else
override CFLAGS += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif
ifdef COVERAGE
override CFLAGS += --coverage -DVITRINE_COVERAGE
override LDFLAGS += --coverage
endif

# Debian's CPython, whatever else calls itself python3 on PATH.
PY_PKG := python-$(PYTHON_VERSION)-embed
PY_CFLAGS = $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PY_PKG)))
PY_LIBS = $(shell pkg-config --libs $(PY_PKG))

objects = $(patsubst %.c,$(OBJ)/%.o,$(1))
BASE_O := $(call objects,$(wildcard base/*.c wire/*.c))
API_O := $(call objects,$(wildcard api/*.c))
SERVER_O := $(call objects,$(wildcard server/*.c))
PY_SRC := $(wildcard sandbox/py/*.c sandbox/lenses/*.c)
PY_O := $(call objects,$(PY_SRC))
RUNNER_O := $(call objects,$(wildcard sandbox/*.c sandbox/jail/*.c))
UNIT := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
FUZZ := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/%,$(wildcard tests/fuzz/fuzz_*.c))

PROGRAMS := $(BUILD)/vitrine $(BUILD)/runner-$(PYTHON_VERSION)

.PHONY: all programs web tests run test check bench coverage clean deps-run deps-test
all: programs web
programs: $(PROGRAMS)
tests: $(UNIT) $(FUZZ) $(BUILD)/tests/lens-harness

$(OBJ)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c $< -o $@

$(PY_O) $(OBJ)/tests/lenses/harness.o: override CFLAGS += $(PY_CFLAGS)
$(RUNNER_O): override CFLAGS += -DRUNNER_VERSION='"$(PYTHON_VERSION)"'

$(BUILD)/libvitrine.a: $(BASE_O) $(API_O)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/vitrine: $(SERVER_O) $(BUILD)/libvitrine.a
	$(CC) $(LDFLAGS) $^ -lmicrohttpd -ljansson -o $@

$(BUILD)/runner-$(PYTHON_VERSION): $(RUNNER_O) $(PY_O) $(BASE_O)
	$(CC) $(LDFLAGS) $^ $(PY_LIBS) -lseccomp -o $@

$(BUILD)/tests/lens-harness: $(OBJ)/tests/lenses/harness.o $(PY_O) $(BASE_O)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ $(PY_LIBS) -o $@

$(BUILD)/tests/test_%: $(OBJ)/tests/unit/test_%.o $(BUILD)/libvitrine.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ -lcmocka -ljansson -o $@

$(BUILD)/tests/fuzz_%: $(OBJ)/tests/fuzz/fuzz_%.o $(OBJ)/tests/fuzz/replay.o $(BUILD)/libvitrine.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) $^ -ljansson -o $@

# The page, built again when a source of it changes.
WEB_SRC := $(shell find web/src web/*.mjs web/*.html web/*.json web/*.svg -type f 2>/dev/null)
web: $(BUILD)/web/index.html
$(BUILD)/web/index.html: $(WEB_SRC)
	node web/build.mjs $(abspath $(BUILD)/web)

deps-run:
	@scripts/deps run
deps-test:
	@scripts/deps test

run: deps-run
	@$(MAKE) --no-print-directory -j2 all
	@exec $(BUILD)/vitrine serve

test: deps-test
	@$(MAKE) --no-print-directory -j2 all tests
	@VITRINE_BUILD=$(BUILD) tests/run $(ONLY)

clean:
	rm -rf build

-include $(shell find $(OBJ) -name '*.d' 2>/dev/null)
