# The two commands of the house, and five more. Everything real is in packaging/setup and CMake.
PRESET ?= dev
BUILD := build/$(PRESET)
BIN := $(BUILD)/bin
PROJECT ?= demo.dubito
PREFIX ?= /usr/local

.PHONY: run test bench build install tidy setup

setup:
	packaging/setup

# What runs: programs and plugins. Tests and benches come with `make test` and `make bench`, in the same folder.
build: setup
	@test -f $(BUILD)/build.ninja || cmake --preset $(PRESET)
	cmake --build --preset $(PRESET) --target product

run: build
	packaging/run-demo $(BIN) $(PROJECT)

test: build
	cmake --build --preset $(PRESET)
	QT_QPA_PLATFORM=offscreen ctest --preset $(PRESET) -j2

bench: build
	cmake --build --preset $(PRESET) --target benches
	QT_QPA_PLATFORM=offscreen $(BIN)/dubito-bench

install: build
	cmake --install $(BUILD) --prefix $(PREFIX)

# Slow (minutes a core): names, sizes, unused results and more, as .clang-tidy says.
tidy: build
	@command -v clang-tidy-14 >/dev/null || { echo "clang-tidy-14 is not here; Debian has it as clang-tidy-14"; exit 2; }
	git ls-files 'app/*.cpp' 'engine/*.cpp' 'panels/*.cpp' 'plugins/*.cpp' | \
	    xargs -P "$$(nproc)" -n 1 clang-tidy-14 -p $(BUILD) --quiet
