// A column is an array of rank 1, or a text column with its offsets beside it.
#include "cli/record_values.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "journal/array_block.h"

namespace dubito::cli {
namespace {

template <class T>
Json numbers(const journal::Array& array) {
    Json out = Json::array();
    for (const T value : array.as<T>()) {
        if constexpr (std::is_floating_point_v<T>) {
            if (!std::isfinite(value)) {
                out.push_back(numberText(value));
                continue;
            }
        }
        out.push_back(value);
    }
    return out;
}

Json halves(const journal::Array& array) {
    Json out = Json::array();
    for (const std::uint16_t bits : array.as<std::uint16_t>()) {
        const auto value = static_cast<double>(floatFromHalf(bits));
        out.push_back(std::isfinite(value) ? Json(value) : Json(numberText(value)));
    }
    return out;
}

Cell cellOf(const Json& value, bool isNumber) {
    Cell cell(valueText(value));
    cell.isNumber = isNumber;
    return cell;
}

struct Column {
    std::string name;
    Json values;
    bool isNumber = false;
};

}  // namespace

Json valuesOf(const journal::Array& array, std::span<const journal::Array> all) {
    if (const auto* offsets = journal::findArray(all, array.name, journal::Array::Role::Offsets)) {
        auto texts = journal::textColumn(array, *offsets);
        return texts ? Json(*texts) : Json();
    }
    if (array.dtype == kF32) return numbers<float>(array);
    if (array.dtype == kF64) return numbers<double>(array);
    if (array.dtype == kI32) return numbers<std::int32_t>(array);
    if (array.dtype == kI64) return numbers<std::int64_t>(array);
    if (array.dtype == kU32) return numbers<std::uint32_t>(array);
    if (array.dtype == kU8) return numbers<std::uint8_t>(array);
    if (array.dtype == kF16) return halves(array);
    return Json();
}

Result<Table> recordTable(ByteSpan block) {
    DUBITO_TRY(const auto arrays, journal::decodeArrayBlock(block));
    std::vector<Column> columns;
    std::map<std::size_t, std::size_t> lengths;  // how many columns are that long
    for (const auto& array : arrays) {
        if (array.role != journal::Array::Role::Values || array.shape.size() != 1) continue;
        Json values = valuesOf(array, arrays);
        if (!values.is_array()) continue;
        const bool isText = journal::findArray(arrays, array.name, journal::Array::Role::Offsets) != nullptr;
        ++lengths[values.size()];
        columns.push_back({array.name, std::move(values), !isText});
    }
    const auto rows = std::max_element(
        lengths.begin(), lengths.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    Table out;
    if (rows == lengths.end()) return out;
    std::erase_if(columns, [&](const Column& column) { return column.values.size() != rows->first; });
    for (const Column& column : columns) out.columns.push_back(column.name);
    for (std::size_t row = 0; row < rows->first; ++row) {
        auto& line = out.rows.emplace_back();
        for (const Column& column : columns) line.push_back(cellOf(column.values[row], column.isNumber));
    }
    return out;
}

}  // namespace dubito::cli
