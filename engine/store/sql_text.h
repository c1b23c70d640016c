// Pieces of SQL text that several queries share.
#pragma once

#include <string>
#include <string_view>

namespace dubito::store {

/// The pattern that finds `text` anywhere, for "LIKE ? ESCAPE '\'": %, _ and \ in it stand for themselves.
inline std::string containsPattern(std::string_view text) {
    std::string out = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') out += '\\';
        out += c;
    }
    return out + "%";
}

}  // namespace dubito::store
