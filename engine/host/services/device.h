// The device of a run, decided once.
#pragma once

#include <string>

#include "run/run_spec.h"

namespace dubito::host {

/// "cpu" or "cuda": what is leased to the plugin and what the begin record says. A spec that says `auto` is from before
/// that was settled when a run is frozen, and means the CPU; `cuda` never falls back.
std::string leasedDevice(const run::RunSpec& spec);

}  // namespace dubito::host
