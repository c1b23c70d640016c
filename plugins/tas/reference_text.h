// 64 short sentences whose site means stand for "nothing in particular" in causal tests.
#pragma once

#include <string>
#include <vector>

namespace dubito::tas {

std::vector<std::string> referenceSentences();

}  // namespace dubito::tas
