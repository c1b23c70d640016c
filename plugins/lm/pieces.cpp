#include "pieces.h"

namespace dubito::lmtask {

void publishPieces(const sdk::Host& host, const sdk::Series& series, std::int64_t step, const std::string& metaJson,
    const lm::Tokenizer& tokenizer, const std::string& text, const std::vector<lm::TokenId>& ids,
    const std::vector<std::uint8_t>& mask) {
    std::vector<std::string> pieces;
    std::vector<std::uint8_t> special;
    std::vector<std::int32_t> ends;
    std::int32_t end = 0;
    for (const lm::TokenId id : ids) {
        pieces.push_back(tokenizer.shown(id));
        special.push_back(tokenizer.isSpecial(id));
        ends.push_back(end += static_cast<std::int32_t>(tokenizer.bytesOf(id).size()));
    }
    const auto n = static_cast<std::int64_t>(ids.size());
    host.record(series, step, metaJson,
        {sdk::Array::texts("text", {text}), sdk::Array::texts("piece", pieces),
            sdk::Array("id", std::span<const std::int32_t>(ids), {n}),
            sdk::Array("end", std::span<const std::int32_t>(ends), {n}, "B"),
            sdk::Array("special", std::span<const std::uint8_t>(special), {n}),
            sdk::Array("mask", std::span<const std::uint8_t>(mask), {static_cast<std::int64_t>(mask.size())})});
}

}  // namespace dubito::lmtask
