# The two commands of the house, and two more. Everything real is in packaging/setup and CMake.
PRESET ?= dev
BUILD := build/$(PRESET)
BIN := $(BUILD)/bin
PROJECT ?= demo.dubito

.PHONY: run test build bench setup

setup:
	packaging/setup

build: setup
	@test -f $(BUILD)/build.ninja || cmake --preset $(PRESET)
	cmake --build --preset $(PRESET)

run: build
	packaging/run-demo $(BIN) $(PROJECT)

test: build
	QT_QPA_PLATFORM=offscreen ctest --preset $(PRESET) -j2

bench: build
	QT_QPA_PLATFORM=offscreen $(BIN)/dubito-bench
