# The two commands of the house, and four more. Everything real is in packaging/setup and CMake.
PRESET ?= dev
BUILD := build/$(PRESET)
BIN := $(BUILD)/bin
PROJECT ?= demo.dubito
PREFIX ?= /usr/local

.PHONY: run test bench build install setup

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
	cmake --build --preset $(PRESET) --target dubito-bench fake
	QT_QPA_PLATFORM=offscreen $(BIN)/dubito-bench

install: build
	cmake --install $(BUILD) --prefix $(PREFIX)
