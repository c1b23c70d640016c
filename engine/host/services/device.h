// The device of a run, decided once.
#pragma once

#include <string>

#include "run/run_spec.h"

namespace dubito::host {

/// "cpu" or "cuda": what is leased to the plugin and what the begin record says. `auto` is the CPU, as nothing computes
/// on a GPU yet; `cuda` never falls back.
std::string leasedDevice(const run::RunSpec& spec);

}  // namespace dubito::host
