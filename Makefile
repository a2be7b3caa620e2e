# Thin: CMake builds (CMakePresets.json), ctest tests. Each target starts with tools/setup.sh, which does nothing when all is there.
JOBS ?= $(shell nproc 2>/dev/null || echo 2)
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 30
SEEDS ?= 2000
FIRST ?= 0
ROUNDS ?= 1000

# ninja where there is one; an existing build folder keeps what it was made with
export CMAKE_GENERATOR ?= $(if $(shell command -v ninja),Ninja,Unix Makefiles)
MAKEFLAGS += --no-print-directory

# build(preset)
build = cmake --preset $(1) && cmake --build --preset $(1) --parallel $(JOBS)

help:
	@echo 'make run          set up, build, and watch a verified sync against the bundled chain'
	@echo 'make test         set up, build, run every test'
	@echo 'make test-asan    the same under AddressSanitizer and UndefinedBehaviorSanitizer'
	@echo 'make test-clang   the same built by clang'
	@echo 'make test-cross   hashes and signatures on other CPUs, where cross compilers and emulators are installed'
	@echo 'make fuzz-smoke   every fuzz target for FUZZ_SECONDS=$(FUZZ_SECONDS) seconds (clang)'
	@echo 'make sim          the client among liars: SEEDS=$(SEEDS) runs from FIRST=$(FIRST) on (tests/sim/README.md)'
	@echo 'make crash        kills the program ROUNDS=$(ROUNDS) times (kill -9) and looks at what is left'
	@echo 'make bench        what things cost here, and what they must cost at least (ARGS="--quick x11")'
	@echo 'make install      library, headers and command to PREFIX=$(PREFIX) (DESTDIR is honoured)'
	@echo 'make clean        remove what was built (the downloaded blst stays)'
	@echo 'All of them build in build/<preset> with JOBS=$(JOBS). HACKING.md has the rest.'

run:
	@tools/setup.sh
	@$(call build,release)
	@build/release/dashspv demo $(ARGS)

test:
	@tools/setup.sh
	@$(call build,release)
	@tools/test.sh build/release $(JOBS)

test-asan:
	@tools/setup.sh
	@$(call build,asan)
	@tools/test.sh build/asan $(JOBS)

test-clang:
	@tools/setup.sh clang
	@$(call build,clang)
	@tools/test.sh build/clang $(JOBS)

test-cross:
	@tools/setup.sh
	@tools/cross.sh $(JOBS)

fuzz-smoke:
	@tools/setup.sh clang
	@$(call build,fuzz)
	@tools/fuzz.sh build/fuzz $(FUZZ_SECONDS) $(FUZZ_TARGETS)

sim:
	@tools/setup.sh
	@$(call build,release)
	@build/release/tests/dashspv-sim --seeds $(SEEDS) --first $(FIRST) --jobs $(JOBS) $(ARGS)

crash:
	@tools/setup.sh
	@$(call build,release)
	@build/release/tests/dashspv-crash --rounds $(ROUNDS) --dashspv build/release/dashspv --devnode build/release/tests/dashspv-devnode \
		--chain tests/fixtures/churn $(ARGS)

# stdout is the program's alone, for --json
bench:
	@{ tools/setup.sh && $(call build,release); } >&2
	@build/release/bench/dashspv-bench $(ARGS)

install:
	@tools/setup.sh
	@$(call build,release)
	@cmake --install build/release --prefix '$(PREFIX)'

clean:
	rm -rf build/release build/debug build/asan build/clang build/fuzz build/aarch64 build/i686 build/s390x

.PHONY: help run test test-asan test-clang test-cross fuzz-smoke sim crash bench install clean
