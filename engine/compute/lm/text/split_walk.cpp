// Each walk is its pattern's alternatives in order; where one cannot match, the next is asked.
#include "lm/text/split_walk.h"

#include <utf8proc.h>

#include <array>
#include <string>

#include "lm/text/split_pattern.h"
#include "lm/text/unicode_text.h"

namespace dubito::lm {
namespace {

enum Class : unsigned char { kLetter, kNumber, kSpace, kLineEnd, kOther, kNone };

Class classOf(unicode::Code code) {
    if (code == '\r' || code == '\n') return kLineEnd;
    if (unicode::isSpace(code)) return kSpace;
    const auto category = utf8proc_category(code);
    if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) return kLetter;
    return category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO ? kNumber : kOther;
}

constexpr int kAscii = 128;
const std::array<Class, kAscii>& asciiClasses() {
    static const std::array<Class, kAscii> kClasses = [] {
        std::array<Class, kAscii> out{};
        for (int c = 0; c < kAscii; ++c) out[static_cast<std::size_t>(c)] = classOf(c);
        return out;
    }();
    return kClasses;
}

/// A place in a text, and what stands there.
class Walker {
public:
    Walker(std::string_view text, std::size_t at) : m_text(text), m_at(at) { look(); }
    std::size_t at() const { return m_at; }
    Class now() const { return m_now; }
    bool isSpaceNow() const { return m_now == kSpace || m_now == kLineEnd; }
    void step() {
        m_at += m_size;
        look();
    }
    std::size_t endOf(Class wanted) {
        while (m_now == wanted) step();
        return m_at;
    }

private:
    void look() {
        if (m_at >= m_text.size()) {
            m_now = kNone;
            m_size = 0;
            return;
        }
        const auto first = static_cast<unsigned char>(m_text[m_at]);
        if (first < kAscii) {
            m_now = m_ascii[first];
            m_size = 1;
            return;
        }
        unicode::Code code = 0;
        m_size = unicode::take(m_text.substr(m_at), code);
        if (m_size == 0) m_size = 1;  // never in valid text
        m_now = classOf(code);
    }

    const Class* m_ascii = asciiClasses().data();
    std::string_view m_text;
    std::size_t m_at, m_size = 0;
    Class m_now = kNone;
};

/// 's 't 're 've 'm 'll 'd behind an apostrophe at `at`; 0: none stands there.
std::size_t shortForm(std::string_view text, std::size_t at, bool ignoresCase) {
    constexpr std::string_view kLongS = "\xC5\xBF";  // folds to s
    const auto letter = [&](std::size_t i) {
        const char c = i < text.size() ? text[i] : '\0';
        return ignoresCase && c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    };
    const char a = letter(at + 1), b = letter(at + 2);
    if (a == 's' || a == 't' || a == 'm' || a == 'd') return 2;
    if (ignoresCase && text.substr(at + 1).starts_with(kLongS)) return 1 + kLongS.size();
    return ((a == 'r' || a == 'v') && b == 'e') || (a == 'l' && b == 'l') ? 3 : 0;
}

/// \s+(?!\S)|\s+, and before it \s*[\r\n]+ where lines end pieces.
std::size_t endOfSpaces(std::string_view text, std::size_t from, bool linesEnd) {
    Walker walk(text, from);
    std::size_t last = from, lineEnd = 0;
    while (walk.isSpaceNow()) {
        last = walk.at();
        const bool isLineEnd = walk.now() == kLineEnd;
        walk.step();
        if (isLineEnd) lineEnd = walk.at();
    }
    if (linesEnd && lineEnd > 0) return lineEnd;
    return walk.now() == kNone || last == from ? walk.at() : last;
}

std::size_t gpt2Walk(std::string_view text, std::size_t from) {
    if (text[from] == '\'')
        if (const std::size_t n = shortForm(text, from, false)) return from + n;
    Walker walk(text, from);
    if (text[from] == ' ') walk.step();
    const Class now = walk.now();
    if (now == kLetter || now == kNumber || now == kOther) return walk.endOf(now);
    return endOfSpaces(text, from, false);
}

/// Rules of this family differ in how many digits stand together.
template <int digits>
std::size_t wordsWalk(std::string_view text, std::size_t from) {
    if (text[from] == '\'')
        if (const std::size_t n = shortForm(text, from, true)) return from + n;
    Walker walk(text, from);
    const Class first = walk.now();
    if (first == kLetter) return walk.endOf(kLetter);
    if (first == kNumber) {
        for (int i = 0; i < digits && walk.now() == kNumber; ++i) walk.step();
        return walk.at();
    }
    if (first == kLineEnd) return endOfSpaces(text, from, true);
    if (first == kOther || text[from] == ' ') {
        const Walker begin = walk;
        walk.step();
        if (walk.now() == kLetter) return walk.endOf(kLetter);
        if (first == kOther) walk = begin;
        if (walk.now() == kOther) {
            walk.endOf(kOther);
            return walk.endOf(kLineEnd);
        }
        return endOfSpaces(text, from, true);
    }
    walk.step();  // a space that is not U+0020 may stand before letters, too
    if (walk.now() == kLetter) return walk.endOf(kLetter);
    return endOfSpaces(text, from, true);
}

bool digitWalk(std::string_view text, std::size_t from, std::size_t& begin, std::size_t& end) {
    Walker walk(text, from);
    while (walk.now() != kNumber && walk.now() != kNone) walk.step();
    begin = walk.at();
    walk.step();
    end = walk.at();
    return end > begin;
}

/// Of a rule that leaves no character out.
template <std::size_t (*endOf)(std::string_view, std::size_t)>
bool everywhere(std::string_view text, std::size_t from, std::size_t& begin, std::size_t& end) {
    if (from >= text.size()) return false;
    begin = from;
    end = endOf(text, from);
    return true;
}

#define DUBITO_WORDS(NUM)                                                                            \
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|)" NUM R"(| ?[^\s\p{L}\p{N}]+[\r\n]*|)" \
    R"(\s*[\r\n]+|\s+(?!\S)|\s+)"

}  // namespace

SplitWalk splitWalkOf(std::string_view pattern) {
    static const std::array<std::pair<std::string, SplitWalk>, 4> kWalks = {{
        {*translatedPattern(R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)"),
            everywhere<gpt2Walk>},
        {*translatedPattern(DUBITO_WORDS(R"(\p{N})")), everywhere<wordsWalk<1>>},
        {*translatedPattern(DUBITO_WORDS(R"(\p{N}{1,3})")), everywhere<wordsWalk<3>>},
        {*translatedPattern(R"(\p{N})"), digitWalk},
    }};
    for (const auto& [known, walk] : kWalks)
        if (known == pattern) return walk;
    return nullptr;
}

}  // namespace dubito::lm
