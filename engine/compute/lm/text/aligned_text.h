// Text that was changed, and for each byte of it which bytes of the text before it stands for.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dubito::lm {

struct Origin {
    std::size_t first = 0, last = 0;
};

/// A part of a text. Byte i stands for origins[i], or for byte base + i where there are none.
struct TextPiece {
    std::string_view text;
    std::size_t base = 0;
    const Origin* origins = nullptr;

    TextPiece part(std::size_t from, std::size_t count) const {
        return {text.substr(from, count), base + from, origins ? origins + from : nullptr};
    }
    Origin originOf(std::size_t from, std::size_t to) const {
        if (!origins) return {base + from, base + to};
        if (text.empty()) return {};
        if (from >= to)
            return from < text.size() ? Origin{origins[from].first, origins[from].first}
                                      : Origin{origins[text.size() - 1].last, origins[text.size() - 1].last};
        return {origins[from].first, origins[to - 1].last};
    }
};

/// A text that is being made from a piece.
class AlignedText {
public:
    void put(std::string_view bytes, Origin from) {
        text += bytes;
        origins.insert(origins.end(), bytes.size(), from);
    }
    void copy(const TextPiece& piece, std::size_t from, std::size_t to) {
        text += piece.text.substr(from, to - from);
        for (std::size_t i = from; i < to; ++i) origins.push_back(piece.originOf(i, i + 1));
    }
    TextPiece piece() const { return {text, 0, origins.data()}; }

    std::string text;
    std::vector<Origin> origins;
};

}  // namespace dubito::lm
