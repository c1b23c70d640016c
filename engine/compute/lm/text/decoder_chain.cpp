// Each step changes the list of spellings; what is left is joined.
#include "lm/text/decoder_chain.h"

#include "lm/text/json_fields.h"
#include "lm/text/split_pattern.h"
#include "lm/text/unicode_text.h"
#include "lm/text/vocabulary.h"

namespace dubito::lm {
namespace {

constexpr const char* kReplacement = "\xEF\xBF\xBD";

/// Bad bytes become U+FFFD, one for each sequence that is cut short.
std::string lossy(std::string_view bytes) {
    std::string out;
    unicode::Code code = 0;
    while (!bytes.empty()) {
        std::size_t n = unicode::take(bytes, code);
        if (n) {
            out += bytes.substr(0, n);
            bytes.remove_prefix(n);
            continue;
        }
        out += kReplacement;
        const auto first = static_cast<unsigned char>(bytes[0]);
        const std::size_t wanted = first >= 0xF0 && first < 0xF5 ? 4 : first >= 0xE0 && first < 0xF0 ? 3 : 1;
        for (n = 1; n < wanted && n < bytes.size(); ++n) {
            const auto next = static_cast<unsigned char>(bytes[n]);
            const bool isCut = n > 1           ? false
                               : first == 0xE0 ? next < 0xA0
                               : first == 0xED ? next > 0x9F
                               : first == 0xF0 ? next < 0x90
                               : first == 0xF4 ? next > 0x8F
                                               : false;
            if ((next & 0xC0) != 0x80 || isCut) break;
        }
        bytes.remove_prefix(n);
    }
    return out;
}

std::string replaced(const std::string& text, std::string_view what, std::string_view by) {
    std::string out;
    for (std::size_t at = 0;;) {
        const auto found = what.empty() ? std::string::npos : text.find(what, at);
        out += text.substr(at, found == std::string::npos ? found : found - at);
        if (found == std::string::npos) return out;
        out += by;
        at = found + what.size();
    }
}

std::string rawOf(const std::string& spelled) {
    std::string raw;
    return rawBytes(spelled, raw) ? raw : spelled;
}

bool isByteToken(const std::string& token) {
    return token.size() == 6 && token.starts_with("<0x") && token.ends_with('>') &&
           token.find_first_not_of("0123456789abcdefABCDEF", 3) == 5;
}
char byteOf(const std::string& token) { return static_cast<char>(std::stoi(token.substr(3, 2), nullptr, 16)); }

void joinBytes(std::vector<std::string>& tokens) {
    std::vector<std::string> out;
    std::string held;
    const auto flush = [&] {
        bool isText = true;
        unicode::Code code = 0;
        for (std::size_t at = 0, n = 0; at < held.size() && isText; at += n)
            isText = (n = unicode::take(std::string_view(held).substr(at), code)) != 0;
        if (isText && !held.empty()) out.push_back(held);
        else
            for (std::size_t i = 0; i < held.size(); ++i) out.emplace_back(kReplacement);
        held.clear();
    };
    for (std::string& token : tokens) {
        if (isByteToken(token)) {
            held += byteOf(token);
            continue;
        }
        flush();
        out.push_back(std::move(token));
    }
    flush();
    tokens = std::move(out);
}

/// Takes up to `start` of the character from the front, and up to `stop` from the back.
std::string stripped(std::string token, const std::string& mark, std::int64_t start, std::int64_t stop) {
    for (std::int64_t i = 0; i < start && token.starts_with(mark); ++i) token.erase(0, mark.size());
    for (std::int64_t i = 0; i < stop && token.ends_with(mark); ++i) token.erase(token.size() - mark.size());
    return token;
}

std::string tidied(std::string text) {
    constexpr std::pair<const char*, const char*> kEdits[] = {{" .", "."}, {" ?", "?"}, {" !", "!"}, {" ,", ","},
        {" ' ", "'"}, {" n't", "n't"}, {" 'm", "'m"}, {" do not", " don't"}, {" 's", "'s"}, {" 've", "'ve"},
        {" 're", "'re"}};
    for (const auto& [what, by] : kEdits) text = replaced(text, what, by);
    return text;
}

}  // namespace

Result<DecoderChain> DecoderChain::parse(const Json& decoder) {
    DecoderChain out;
    out.m_isNull = decoder.is_null();
    DUBITO_CHECK(out.add(decoder, 0));
    return out;
}

Result<void> DecoderChain::add(const Json& json, int depth) {
    constexpr int kDeepest = 8;
    constexpr std::size_t kMost = 256;
    if (json.is_null()) return {};
    if (depth > kDeepest || m_steps.size() > kMost)
        return Error(Code::Unsupported, "tokenizer.json has decoders nested too deeply, or too many");
    DUBITO_TRY(const std::string type, textOf(json, "type"));
    const std::string where = "the decoder " + type.substr(0, 40);
    if (type == "Sequence") {
        DUBITO_CHECK(checkFields(json, where, {"type", "decoders"}));
        const Json& all = memberOf(json, "decoders");
        if (!all.is_array()) return Error(Code::CorruptData, "the decoder Sequence holds no list");
        for (const Json& one : all) DUBITO_CHECK(add(one, depth + 1));
        return {};
    }
    DUBITO_TRY(const bool joins, addJoin(json, type, where));
    if (joins) return {};
    DUBITO_TRY(const bool edits, addEdit(json, type, where));
    if (edits) return {};
    return Error(Code::Unsupported,
        fmt::format("tokenizer.json shows text by the decoder \"{:.40}\", which is not read; ByteLevel, Metaspace, "
                    "Replace, ByteFallback, Fuse, Strip, WordPiece, BPEDecoder and Sequence are",
            type));
}

Result<bool> DecoderChain::addJoin(const Json& json, const std::string& type, const std::string& where) {
    if (type == "ByteLevel") {
        DUBITO_CHECK(checkFields(json, where, {"type", "add_prefix_space", "trim_offsets", "use_regex"}));
        m_steps.push_back({[](Tokens& tokens) {
                               std::string all;
                               for (const std::string& token : tokens) all += rawOf(token);
                               tokens = {lossy(all)};
                           },
            [](std::string& token) { token = rawOf(token); }});
    } else if (type == "Metaspace") {
        DUBITO_CHECK(checkFields(
            json, where, {"type", "replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep"}));
        DUBITO_TRY(const std::string mark, textOf(json, "replacement"));
        DUBITO_TRY(const bool old, flagOf(json, "add_prefix_space", true));
        const bool drops = old && textOr(json, "prepend_scheme", "always") != "never";
        m_steps.push_back({[mark, drops](Tokens& tokens) {
                               for (std::size_t i = 0; i < tokens.size(); ++i)
                                   tokens[i] = replaced(tokens[i], mark, i == 0 && drops ? "" : " ");
                           },
            [mark](std::string& token) { token = replaced(token, mark, " "); }});
    } else if (type == "ByteFallback") {
        DUBITO_CHECK(checkFields(json, where, {"type"}));
        m_steps.push_back({joinBytes, [](std::string& token) {
                               if (isByteToken(token)) token = std::string(1, byteOf(token));
                           }});
    } else if (type == "Fuse") {
        DUBITO_CHECK(checkFields(json, where, {"type"}));
        m_steps.push_back({[](Tokens& tokens) {
                               std::string all;
                               for (const std::string& token : tokens) all += token;
                               tokens = {all};
                           },
            {}});
    } else {
        return false;
    }
    return true;
}

Result<bool> DecoderChain::addEdit(const Json& json, const std::string& type, const std::string& where) {
    constexpr std::int64_t kMostStripped = 1 << 20;
    if (type == "Replace") {
        DUBITO_CHECK(checkFields(json, where, {"type", "pattern", "content"}));
        DUBITO_TRY(const std::string content, textOf(json, "content"));
        DUBITO_TRY(const auto pattern, SplitPattern::fromJson(memberOf(json, "pattern")));
        const auto one = [pattern, content](std::string& token) {
            std::string out;
            std::size_t done = 0;
            pattern->each(token, [&](std::size_t begin, std::size_t end) {
                out += token.substr(done, begin - done) + content;
                done = end;
            });
            token = out + token.substr(done);
        };
        m_steps.push_back({[one](Tokens& tokens) {
                               for (std::string& token : tokens) one(token);
                           },
            one});
    } else if (type == "Strip") {
        DUBITO_CHECK(checkFields(json, where, {"type", "content", "start", "stop"}));
        DUBITO_TRY(const std::string mark, textOf(json, "content"));
        DUBITO_TRY(const std::int64_t start, countOf(json, "start", kMostStripped));
        DUBITO_TRY(const std::int64_t stop, countOf(json, "stop", kMostStripped));
        if (mark.empty()) return Error(Code::CorruptData, "the content of the decoder Strip is empty");
        m_steps.push_back({[=](Tokens& tokens) {
                               for (std::string& token : tokens) token = stripped(token, mark, start, stop);
                           },
            {}});
    } else if (type == "WordPiece") {
        DUBITO_CHECK(checkFields(json, where, {"type", "prefix", "cleanup"}));
        const std::string prefix = textOr(json, "prefix", "##");
        DUBITO_TRY(const bool tidies, flagOf(json, "cleanup", true));
        const auto put = [prefix, tidies](std::string& token, bool isFirst) {
            if (!isFirst) token = token.starts_with(prefix) ? token.substr(prefix.size()) : " " + token;
            if (tidies) token = tidied(token);
        };
        m_steps.push_back({[put](Tokens& tokens) {
                               for (std::size_t i = 0; i < tokens.size(); ++i) put(tokens[i], i == 0);
                           },
            [put](std::string& token) { put(token, false); }});
    } else if (type == "BPEDecoder") {
        DUBITO_CHECK(checkFields(json, where, {"type", "suffix"}));
        const std::string suffix = textOr(json, "suffix", "</w>");
        m_steps.push_back({[suffix](Tokens& tokens) {
                               for (std::size_t i = 0; i < tokens.size(); ++i)
                                   tokens[i] = replaced(tokens[i], suffix, i + 1 == tokens.size() ? "" : " ");
                           },
            [suffix](std::string& token) { token = replaced(token, suffix, " "); }});
    } else {
        return false;
    }
    return true;
}

std::string DecoderChain::decode(std::vector<std::string> tokens) const {
    for (const Step& step : m_steps) step.all(tokens);
    std::string out;
    for (std::size_t i = 0; i < tokens.size(); ++i) out += (i > 0 && m_isNull ? " " : "") + tokens[i];
    return out;
}

std::string DecoderChain::bytesOf(const std::string& spelled) const {
    std::string out = spelled;
    for (const Step& step : m_steps)
        if (step.one) step.one(out);
    return m_isNull ? " " + out : out;
}

}  // namespace dubito::lm
