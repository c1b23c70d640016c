// The device of a run, decided once.
#pragma once

#include <string>

#include "run/run_spec.h"

namespace dubito::host {

/// "cpu" or "cuda": what is leased to the plugin and what the begin record says. A spec says what `auto` found;
/// `auto` itself stands in older ones and is the CPU. `cuda` never falls back.
std::string leasedDevice(const run::RunSpec& spec);

}  // namespace dubito::host
