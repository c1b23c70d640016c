// Writes GGUF version 3, in one file or in numbered parts, a tensor at a time.
#pragma once

#include <functional>

#include "lm/formats/gguf.h"

namespace dubito::lm {

class GgufWriter {
public:
    /// Whole numbers are written as u32 (i32, u64, i64 when they need it), reals as f32: what readers of the known keys
    /// expect. Arrays keep their element type; their bytes must outlive write().
    void set(std::string key, GgufValue value) { m_metadata[std::move(key)] = std::move(value); }
    void setTexts(std::string key, const std::vector<std::string>& texts) { set(std::move(key), m_lists.texts(texts)); }
    void setIntegers(std::string key, const std::vector<std::int32_t>& values) {
        set(std::move(key), m_lists.numbers(values, 5));
    }
    /// `fill` is called once, in write(), with the tensor's bytes to fill.  @param dims dims[0] is the row length
    void addTensor(std::string name, std::vector<std::int64_t> dims, GgmlType type,
        std::function<Result<void>(std::span<std::uint8_t>)> fill);

    /// Files appear whole or not at all. `partBytes` > 0 starts a new part when one holds that many bytes of tensors:
    /// path "m.gguf" becomes "m-00001-of-00003.gguf" and on.
    /// @return the files  @error Io, InvalidArgument (a name, a shape)
    Result<std::vector<fs::path>> write(
        const fs::path& path, std::uint64_t partBytes = 0, const std::function<bool(double share)>& goOn = {});

private:
    struct Tensor {
        std::string name;
        std::vector<std::int64_t> dims;
        GgmlType type = GgmlType::F32;
        std::uint64_t bytes = 0;
        std::function<Result<void>(std::span<std::uint8_t>)> fill;
    };
    /// First tensor of each part, and one past the last. @error InvalidArgument (a name, a shape)
    Result<std::vector<std::size_t>> cutIntoParts(std::uint64_t partBytes) const;
    Bytes headerOf(std::size_t part, std::size_t parts, std::size_t first, std::size_t end) const;

    std::map<std::string, GgufValue, std::less<>> m_metadata;
    std::vector<Tensor> m_tensors;
    GgufLists m_lists;
};

}  // namespace dubito::lm
