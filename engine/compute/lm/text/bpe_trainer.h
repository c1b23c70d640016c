// Learns byte-level BPE merges from text.
#pragma once

#include <functional>

#include "lm/text/vocabulary.h"

namespace dubito::lm {

struct BpeTraining {
    std::size_t vocabulary = 32000;  ///< 256 bytes, then merges, then specials
    std::string pre = "qwen2";
    std::vector<std::string> specials = {"<|endoftext|>"};
    std::int64_t leastCount = 2;  ///< pairs seen less often are not merged
    std::function<bool(double share)> goOn;
};

/// The most frequent pair goes first, ties to the smaller (left, right) ids: equal text gives equal merges.
/// @error Unsupported (pre), InvalidArgument (vocabulary under 256 + specials), Cancelled
Result<Vocabulary> trainBpe(const std::vector<std::string>& documents, const BpeTraining& training);

}  // namespace dubito::lm
