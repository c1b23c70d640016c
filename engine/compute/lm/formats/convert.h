// A model in another format or another element type.
#pragma once

#include <functional>
#include <optional>

#include "lm/formats/gguf.h"

namespace dubito::lm {

struct ConvertOptions {
    std::optional<GgmlType> type;            ///< of matrices; empty: as they are. Vectors become F32 in GGUF.
    std::uint64_t partBytes = 0;             ///< > 0: several files, each about this large
    std::function<bool(double share)> goOn;  ///< false cancels; nothing is left behind
};

/// One tensor in the output, for a report: what it was, what it became and the error that brings.
struct ConvertedTensor {
    std::string name, from, to;
    std::int64_t rows = 0, columns = 0;
    std::uint64_t bytes = 0;
    double rmse = 0;      ///< root of the mean squared difference to the source's values
    double relative = 0;  ///< rmse over the root mean square of the source
};

/// Embedding and head take a step more than the matrices when `type` has under eight bits: Q6_K, or Q8_0 where 256 does
/// not divide. Rows of q and k are interleaved for architecture llama, as readers of the format expect.
/// @param report filled in the order of the file, or null  @return the files  @error as GgufWriter::write, Unsupported
/// (a tensor's type)
Result<std::vector<fs::path>> writeGguf(const GgufFile& model, const fs::path& path, const ConvertOptions& options,
    std::vector<ConvertedTensor>* report = nullptr);

/// The same model with its matrices in another type, in memory; types as writeGguf chooses them, row order as it is.
/// @error as writeGguf, Cancelled
Result<std::shared_ptr<GgufFile>> convertedCopy(const std::shared_ptr<GgufFile>& model, const ConvertOptions& options,
    std::vector<ConvertedTensor>* report = nullptr);

/// A folder of config.json, safetensors (F32, F16 or BF16; BF16 when no type is given), tokenizer.json for byte-level
/// BPE, and the chat template. @error InvalidArgument (another type), Io
Result<void> writeModelFolder(const GgufFile& model, const fs::path& folder, const ConvertOptions& options);

/// What a model folder holds besides its weights: config.json, tokenizer files where the kind has them, the chat
/// template.
/// @param torchName "float32", "float16", "bfloat16"  @return names of the files  @error Unsupported (2023 Qwen), Io
Result<std::vector<std::string>> writeFolderFiles(
    const GgufFile& model, const fs::path& folder, const std::string& torchName);

}  // namespace dubito::lm
