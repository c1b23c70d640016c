// Three crashes of one plugin version within a day, without a finished run between, disable it until the user enables
// it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace dubito::host {

/// Whether a failed run's detail tells of a crash of the plugin itself; a SIGKILL from outside is none.
bool isPluginCrash(std::string_view detail);
/// [any]; state lives in the user's state folder.
int strikesOf(std::string_view id, std::string_view version);
bool isDisabled(std::string_view id, std::string_view version);
Result<void> noteCrash(std::string_view id, std::string_view version);
Result<void> noteFinished(std::string_view id, std::string_view version);  ///< clears strikes that did not disable
Result<void> setDisabled(std::string_view id, std::string_view version, bool disabled);

}  // namespace dubito::host
