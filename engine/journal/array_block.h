// Named arrays inside a bulk record, and the record around them.
#pragma once

#include "base/result.h"
#include "journal/record.h"

namespace dubito::journal {

/// Shape product and byte size match, rank at most 8, dtype known. @error ShapeMismatch, InvalidArgument
Result<void> checkArray(const Array& array);

/// Appends the block: u32 count, u32 bytes, descriptors of 128 bytes, names, data at multiples of 64 from its start.
void encodeArrayBlock(Bytes& out, std::span<const Array> arrays);
/// Arrays point into `block`. Nothing is allocated by a stated length. @error CorruptData, Unsupported (an array lies
/// in a file of its own: whoever reads data asks the project for the whole record)
Result<std::vector<Array>> decodeArrayBlock(ByteSpan block);
/// The same; arrays in files of their own have a name in place of data. @error CorruptData
Result<std::vector<Array>> decodeArrayHeads(ByteSpan block);

/// Whether a descriptor says that its data lie in a file; looks at nothing else.
bool namesBlobs(ByteSpan block);

struct BulkRecord {
    std::uint32_t series = 0;
    std::int64_t step = 0;
    std::string_view metaJson;
    ByteSpan block;
};
void encodeBulk(
    Bytes& out, std::uint32_t series, std::int64_t step, std::string_view metaJson, std::span<const Array> arrays);
Result<BulkRecord> decodeBulk(ByteSpan payload);

/// utf8 column -> strings; `values` u8 (bytes), `offsets` i64 (n+1), never decreasing. @error CorruptData
Result<std::vector<std::string>> textColumn(const Array& values, const Array& offsets);
/// First array of that name and role; nullptr when absent.
const Array* findArray(std::span<const Array> arrays, std::string_view name, Array::Role role = Array::Role::Values);
/// Numbers of that name; empty when they are absent or of another type. T has the type's size.
template <class T>
std::span<const T> numbersNamed(std::span<const Array> arrays, std::string_view name, DType dtype) {
    const Array* values = findArray(arrays, name);
    return values && values->dtype == dtype ? values->as<T>() : std::span<const T>();
}
/// The text column of that name; empty when it is absent or malformed.
std::vector<std::string> textsNamed(std::span<const Array> arrays, std::string_view name);

}  // namespace dubito::journal
