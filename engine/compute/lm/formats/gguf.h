// Reads GGUF model files by mmap. Files come from strangers: nothing is allocated or followed before it is checked.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "lm/formats/account.h"
#include "lm/formats/mapped_file.h"
#include "lm/formats/quant_blocks.h"

namespace dubito::lm {

struct GgufTensor {
    std::string name;
    std::vector<std::int64_t> dims;  ///< dims[0] is the contiguous row length
    std::uint32_t typeCode = 0;
    std::uint64_t bytes = 0;             ///< 0 when the type is not read
    const std::uint8_t* data = nullptr;  ///< inside the mapping; nullptr when the type is not read

    std::int64_t columns() const { return dims.empty() ? 0 : dims[0]; }
    std::int64_t rows() const {
        std::int64_t n = 1;
        for (std::size_t i = 1; i < dims.size(); ++i) n *= dims[i];
        return n;
    }
};

/// One metadata value. Numbers are widened; arrays keep their bytes in the mapping.
struct GgufArray {
    std::uint32_t elementType = 0;
    std::uint64_t count = 0;
    ByteSpan data;  ///< raw elements; strings with their u64 lengths
};
using GgufValue = std::variant<std::uint64_t, std::int64_t, double, bool, std::string, GgufArray>;

/// Owns the bytes of arrays that were made, not mapped.
class GgufLists {
public:
    GgufArray texts(const std::vector<std::string>& texts);
    /// @param elementType of the format: 5 for i32, 6 for f32
    template <class T>
    GgufArray numbers(const std::vector<T>& values, std::uint32_t elementType) {
        Bytes& bytes = *m_lists.emplace_back(std::make_unique<Bytes>());
        for (const T value : values) append(bytes, value);
        return {elementType, values.size(), bytes};
    }

private:
    std::vector<std::unique_ptr<Bytes>> m_lists;
};

class GgufFile {
public:
    /// Any part of a split model opens the whole. @error NotFound, Io, CorruptData (offset, expected, found; a missing
    /// part), Unsupported (version)
    static Result<std::shared_ptr<GgufFile>> open(const fs::path& path);
    /// The same over bytes in memory, which must outlive the object. For fuzzing and tests.
    static Result<std::shared_ptr<GgufFile>> parse(ByteSpan bytes);
    /// A model read from another format, in this one's terms: tensors point into `files`, lists into `owner`.
    /// @error CorruptData (a tensor twice)
    static Result<std::shared_ptr<GgufFile>> assemble(std::map<std::string, GgufValue, std::less<>> metadata,
        std::vector<GgufTensor> tensors, std::vector<std::shared_ptr<MappedFile>> files, std::shared_ptr<void> owner);

    const std::map<std::string, GgufValue, std::less<>>& metadata() const { return m_metadata; }
    const std::vector<GgufTensor>& tensors() const { return m_tensors; }
    /// Pages of the mapping may leave memory; they come back when read again.
    void releasePages() const;
    const GgufTensor* findTensor(std::string_view name) const;
    /// Replaces a tensor by equal parts of its rows (or of its elements, when it has one row). Nothing happens without
    /// the tensor.
    /// @error ShapeMismatch
    Result<void> splitRows(const std::string& name, const std::vector<std::string>& parts);
    void setInteger(std::string key, std::int64_t value) { m_metadata[std::move(key)] = value; }

    /// What was found in the configuration this model was read from; empty: its own keys say it.
    const Account& notes() const { return m_notes; }
    void setNotes(Account notes) { m_notes = std::move(notes); }

    std::optional<std::string> text(std::string_view key) const;
    std::optional<std::int64_t> integer(std::string_view key) const;  ///< any integer type
    std::optional<double> number(std::string_view key) const;
    std::optional<bool> boolean(std::string_view key) const;
    /// @error NotFound, CorruptData (another element type)
    Result<std::vector<std::string>> texts(std::string_view key) const;
    Result<std::vector<std::int64_t>> integers(std::string_view key) const;
    Result<std::vector<float>> reals(
        std::string_view key) const;  ///< f32 only; @error as texts, CorruptData (not finite)

private:
    GgufFile() = default;
    Result<void> read(ByteSpan bytes);
    Result<void> readMetadata(ByteReader& in, std::uint64_t count);
    Result<void> placeTensors(ByteSpan bytes, std::size_t headerEnd, const std::vector<std::uint64_t>& offsets);
    std::map<std::string, GgufValue, std::less<>> m_metadata;
    std::vector<GgufTensor> m_tensors;
    Account m_notes;
    std::map<std::string, std::size_t, std::less<>> m_byName;
    std::vector<std::shared_ptr<MappedFile>> m_files;
    std::shared_ptr<void> m_owner;
};

}  // namespace dubito::lm
