// A model of random weights with a byte-level tokenizer: for tests, benchmarks and machines without a model file.
#pragma once

#include "lm/formats/gguf.h"

namespace dubito::lm {

struct RandomModel {
    std::string architecture = "llama";  ///< llama, qwen2 (biases) or qwen3 (q/k norm)
    std::int64_t layers = 2, width = 64, ffn = 128, heads = 4, kvHeads = 2, headWidth = 16, context = 256;
    bool tiedHead = true;
    bool biases = false;              ///< at every projection of every block
    std::string activation = "silu";  ///< of the feed-forward part
    GgmlType type = GgmlType::F32;    ///< of matrices
    std::int64_t unused = 0;          ///< tokens behind the vocabulary that no text gives
};

/// Weights are normal with deviation 1/sqrt(columns), norms near 1. Equal seeds give equal bytes. The vocabulary is the
/// 256 bytes, <|im_start|> (256), <|im_end|> (257) and <|endoftext|> (258, end), with a ChatML template.
Result<std::shared_ptr<GgufFile>> makeRandomModel(const RandomModel& shape, std::uint64_t seed);

}  // namespace dubito::lm
