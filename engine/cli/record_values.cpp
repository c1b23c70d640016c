// A column is an array of rank 1, or a text column with its offsets beside it.
#include "cli/record_values.h"

#include <algorithm>
#include <cmath>

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
    Table out;
    std::vector<std::pair<Json, bool>> columns;  // values, and whether they are numbers
    for (const auto& array : arrays) {
        if (array.role != journal::Array::Role::Values || array.shape.size() != 1) continue;
        Json values = valuesOf(array, arrays);
        if (!values.is_array() || (!columns.empty() && values.size() != columns[0].first.size())) continue;
        out.columns.push_back(array.name);
        const bool isText = journal::findArray(arrays, array.name, journal::Array::Role::Offsets) != nullptr;
        columns.emplace_back(std::move(values), !isText);
    }
    for (std::size_t row = 0; !columns.empty() && row < columns[0].first.size(); ++row) {
        auto& line = out.rows.emplace_back();
        for (const auto& [values, isNumber] : columns) line.push_back(cellOf(values[row], isNumber));
    }
    return out;
}

}  // namespace dubito::cli
