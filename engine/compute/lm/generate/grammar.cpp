// Schema to a graph of byte sets, then subsets of its nodes as states, made on the way.
#include "lm/generate/grammar.h"

#include <fmt/format.h>

#include <algorithm>

namespace dubito::lm {

constexpr std::size_t kMostNodes = 200'000;

/// Builds pieces of the graph; each piece has one start and one end.
class SchemaCompiler {
public:
    explicit SchemaCompiler(ByteAutomaton& automaton) : m_nodes(automaton.m_nodes) {}
    struct Piece {
        std::int32_t from, to;
    };
    Piece text(std::string_view bytes) {
        Piece out = nothing();
        for (const char c : bytes) {
            std::bitset<256> one;
            one.set(static_cast<std::uint8_t>(c));
            out = join(out, set(one));
        }
        return out;
    }
    Piece join(Piece a, Piece b) {
        link(a.to, b.from);
        return {a.from, b.to};
    }
    Piece either(const std::vector<Piece>& pieces) {
        const Piece out{add(), add()};
        for (const Piece& one : pieces) {
            link(out.from, one.from);
            link(one.to, out.to);
        }
        return out;
    }
    Piece optional(Piece piece) { return either({piece, nothing()}); }
    template <class Make>
    Piece repeat(Make make, std::int64_t least, std::int64_t most) {  // most < 0: without end
        Piece out = nothing();
        for (std::int64_t i = 0; i < least; ++i) out = join(out, make());
        if (most < 0) {
            const Piece loop{add(), add()};
            const Piece body = make();
            link(loop.from, loop.to);
            link(loop.from, body.from);
            link(body.to, loop.from);
            return join(out, loop);
        }
        const std::int32_t end = add();
        std::int32_t at = out.to;
        for (std::int64_t i = least; i < most; ++i) {
            link(at, end);
            const Piece more = make();
            link(at, more.from);
            at = more.to;
        }
        link(at, end);
        return {out.from, end};
    }
    Result<Piece> value(const Json& schema, const std::string& pointer, int depth);
    bool isTooLarge() const { return m_nodes.size() > kMostNodes; }

private:
    std::int32_t add() {
        m_nodes.emplace_back();
        return static_cast<std::int32_t>(m_nodes.size() - 1);
    }
    void link(std::int32_t from, std::int32_t to) { m_nodes[static_cast<std::size_t>(from)].empty.push_back(to); }
    Piece nothing() {
        const std::int32_t node = add();
        return {node, node};
    }
    Piece set(const std::bitset<256>& bytes) {
        const std::int32_t from = add(), to = add();
        m_nodes[static_cast<std::size_t>(from)].bytes = bytes;
        m_nodes[static_cast<std::size_t>(from)].to = to;
        return {from, to};
    }
    Piece range(int low, int high) {
        std::bitset<256> bytes;
        for (int byte = low; byte <= high; ++byte) bytes.set(static_cast<std::size_t>(byte));
        return set(bytes);
    }
    /// \uXXXX of one character: what is no half of a pair, or both halves.
    Piece unicodeEscape(const std::bitset<256>& hex) {
        const auto oneOf = [this](std::string_view characters) {
            std::bitset<256> out;
            for (const char c : characters) out.set(static_cast<std::uint8_t>(c));
            return set(out);
        };
        const auto half = [&](std::string_view second) {
            return join(join(join(join(text("\\u"), oneOf("dD")), oneOf(second)), set(hex)), set(hex));
        };
        const Piece plain =
            join(join(join(join(text("\\u"), oneOf("0123456789abcefABCEF")), set(hex)), set(hex)), set(hex));
        return either({plain, half("01234567"), join(half("89abAB"), half("cdefCDEF"))});
    }
    /// One character of a JSON string: plain, escaped, or a whole UTF-8 sequence.
    Piece character() {
        std::bitset<256> plain, escape, hex;
        for (int c = 0x20; c < 0x80; ++c)
            if (c != '"' && c != '\\' && c != 0x7F) plain.set(static_cast<std::size_t>(c));
        for (const char c : std::string_view("\"\\/bfnrt")) escape.set(static_cast<std::uint8_t>(c));
        for (const char c : std::string_view("0123456789abcdefABCDEF")) hex.set(static_cast<std::uint8_t>(c));
        const auto more = [&] { return range(0x80, 0xBF); };
        return either({set(plain), join(text("\\"), set(escape)), unicodeEscape(hex), join(range(0xC2, 0xDF), more()),
            join(join(range(0xE0, 0xE0), range(0xA0, 0xBF)), more()), join(join(range(0xE1, 0xEC), more()), more()),
            join(join(range(0xED, 0xED), range(0x80, 0x9F)), more()), join(join(range(0xEE, 0xEF), more()), more()),
            join(join(join(range(0xF0, 0xF0), range(0x90, 0xBF)), more()), more()),
            join(join(join(range(0xF1, 0xF3), more()), more()), more()),
            join(join(join(range(0xF4, 0xF4), range(0x80, 0x8F)), more()), more())});
    }
    Piece string(std::int64_t least, std::int64_t most) {
        return join(join(text("\""), repeat([this] { return character(); }, least, most)), text("\""));
    }
    Piece digits() {
        return join(range('0', '9'), repeat([this] { return range('0', '9'); }, 0, -1));
    }
    Piece integer() {
        return join(optional(text("-")),
            either({text("0"), join(range('1', '9'), repeat([this] { return range('0', '9'); }, 0, 17))}));
    }
    Piece number() {
        std::bitset<256> e, sign;
        e.set('e'), e.set('E');
        sign.set('+'), sign.set('-');
        return join(join(integer(), optional(join(text("."), digits()))),
            optional(join(join(set(e), optional(set(sign))), join(range('0', '9'), optional(range('0', '9'))))));
    }
    Piece gap() { return optional(text(" ")); }
    /// Any JSON value, lists and objects at most `levels` deep.
    Piece any(int levels);
    Result<Piece> object(const Json& schema, const std::string& pointer, int depth);
    Result<Piece> array(const Json& schema, const std::string& pointer, int depth);

    std::vector<ByteAutomaton::Node>& m_nodes;
};

Result<SchemaCompiler::Piece> SchemaCompiler::object(const Json& schema, const std::string& pointer, int depth) {
    const Json& properties = memberOf(schema, "properties");
    std::vector<std::string> required;
    for (const Json& name : memberOf(schema, "required"))
        if (name.is_string()) required.push_back(name.get<std::string>());
    for (const auto& name : required)
        if (!properties.is_object() || !properties.contains(name))
            return Error(
                Code::InvalidArgument, fmt::format("{}/required names {}, which is no property", pointer, name));
    // Two rails: nothing written yet, and something written, so that commas stand only between properties.
    std::int32_t empty = add(), filled = -1;
    const std::int32_t start = empty;
    if (properties.is_object())
        for (const auto& [name, inner] : properties.items()) {
            const bool isRequired = std::find(required.begin(), required.end(), name) != required.end();
            const auto member = [&]() -> Result<Piece> {
                DUBITO_TRY(const Piece content, value(inner, pointer + "/properties/" + name, depth + 1));
                return join(join(join(text(jsonText(Json(name))), text(":")), gap()), content);
            };
            const std::int32_t after = add();
            if (empty >= 0) {
                DUBITO_TRY(const Piece first, member());
                link(empty, first.from);
                link(first.to, after);
            }
            if (filled >= 0) {
                DUBITO_TRY(const Piece later, member());
                const Piece comma = join(text(","), gap());
                link(filled, comma.from);
                link(comma.to, later.from);
                link(later.to, after);
                if (!isRequired) link(filled, after);
            }
            if (isRequired) empty = -1;
            filled = after;
            if (isTooLarge()) return Error(Code::Limit, "the schema makes too large an automaton");
        }
    const std::int32_t end = add();
    if (empty >= 0) link(empty, end);
    if (filled >= 0) link(filled, end);
    return join(join(text("{"), Piece{start, end}), text("}"));
}

Result<SchemaCompiler::Piece> SchemaCompiler::array(const Json& schema, const std::string& pointer, int depth) {
    const std::int64_t least = integerOr(schema, "minItems", 0), most = integerOr(schema, "maxItems", -1);
    if (least < 0 || least > 1000 || most > 1000 || (most >= 0 && most < least))
        return Error(Code::InvalidArgument, pointer + ": minItems and maxItems are 0 to 1000, in order");
    if (most == 0) return text("[]");
    std::optional<Error> problem;
    const auto item = [&]() -> Piece {
        auto made = value(
            memberOf(schema, "items").is_object() ? schema["items"] : Json::object(), pointer + "/items", depth + 1);
        if (made) return *made;
        problem = std::move(made).error();
        return nothing();
    };
    const auto more = [&] { return join(join(text(","), gap()), item()); };
    const Piece filled = join(item(), repeat(more, std::max<std::int64_t>(0, least - 1), most < 0 ? -1 : most - 1));
    if (problem) return *problem;
    return join(join(text("["), least > 0 ? filled : optional(filled)), text("]"));
}

Result<SchemaCompiler::Piece> SchemaCompiler::value(const Json& schema, const std::string& pointer, int depth) {
    if (depth > 32 || isTooLarge())
        return Error(Code::Limit, "the schema is nested too deeply or makes too large an automaton");
    if (!schema.is_object()) return Error(Code::InvalidArgument, pointer + " is no schema");
    constexpr std::string_view kKnown[] = {"type", "properties", "required", "enum", "const", "items", "anyOf",
        "minLength", "maxLength", "minItems", "maxItems", "additionalProperties", "title", "description", "default"};
    for (const auto& [key, part] : schema.items())
        if (std::find(std::begin(kKnown), std::end(kKnown), key) == std::end(kKnown))
            return Error(Code::Unsupported, fmt::format("{}/{} is not known", pointer, key));
    if (schema.contains("const")) return text(jsonText(schema["const"]));
    if (memberOf(schema, "enum").is_array()) {
        std::vector<Piece> pieces;
        for (const Json& one : schema["enum"]) pieces.push_back(text(jsonText(one)));
        if (pieces.empty()) return Error(Code::InvalidArgument, pointer + "/enum is empty");
        return either(pieces);
    }
    if (memberOf(schema, "anyOf").is_array()) {
        std::vector<Piece> pieces;
        for (std::size_t i = 0; i < schema["anyOf"].size(); ++i) {
            DUBITO_TRY(const Piece one, value(schema["anyOf"][i], fmt::format("{}/anyOf/{}", pointer, i), depth + 1));
            pieces.push_back(one);
        }
        if (pieces.empty()) return Error(Code::InvalidArgument, pointer + "/anyOf is empty");
        return either(pieces);
    }
    const std::string type = textOr(schema, "type", "");
    if (type == "object") return object(schema, pointer, depth);
    if (type == "array") return array(schema, pointer, depth);
    if (type == "string") {
        const std::int64_t least = integerOr(schema, "minLength", 0), most = integerOr(schema, "maxLength", -1);
        if (least < 0 || least > 1000 || most > 1000 || (most >= 0 && most < least))
            return Error(Code::InvalidArgument, pointer + ": minLength and maxLength are 0 to 1000, in order");
        return string(least, most);
    }
    if (type == "integer") return integer();
    if (type == "number") return number();
    if (type == "boolean") return either({text("true"), text("false")});
    if (type == "null") return text("null");
    if (!type.empty()) return Error(Code::Unsupported, fmt::format("{}/type is \"{}\"", pointer, type));
    return any(3);
}

SchemaCompiler::Piece SchemaCompiler::any(int levels) {
    std::vector<Piece> pieces = {string(0, -1), number(), text("true"), text("false"), text("null")};
    if (levels > 0) {
        const auto list = [&](auto item) {
            return optional(join(item(), repeat([&] { return join(join(text(","), gap()), item()); }, 0, -1)));
        };
        const auto inner = [&] { return any(levels - 1); };
        pieces.push_back(join(join(text("["), list(inner)), text("]")));
        pieces.push_back(
            join(join(text("{"), list([&] { return join(join(join(string(0, -1), text(":")), gap()), inner()); })),
                text("}")));
    }
    return either(pieces);
}

Result<std::shared_ptr<ByteAutomaton>> ByteAutomaton::fromSchema(const Json& schema) {
    auto out = std::make_shared<ByteAutomaton>();
    SchemaCompiler compiler(*out);
    DUBITO_TRY(const auto piece, compiler.value(schema, "", 0));
    out->m_end = piece.to;
    out->m_start = out->stateOf({piece.from});
    return out;
}

Result<std::shared_ptr<ByteAutomaton>> ByteAutomaton::fromTools(
    const std::vector<std::pair<std::string, Json>>& tools) {
    if (tools.empty()) return Error(Code::InvalidArgument, "there is no tool to call");
    auto out = std::make_shared<ByteAutomaton>();
    SchemaCompiler compiler(*out);
    std::vector<SchemaCompiler::Piece> pieces;
    for (const auto& [name, schema] : tools) {
        DUBITO_TRY(const auto arguments, compiler.value(schema, "/" + name, 0));
        pieces.push_back(compiler.join(
            compiler.text("Action: " + name + "\nAction Input: "), compiler.join(arguments, compiler.text("\n"))));
    }
    const auto all = compiler.either(pieces);
    out->m_end = all.to;
    out->m_start = out->stateOf({all.from});
    return out;
}

void ByteAutomaton::close(std::vector<std::int32_t>& nodes) const {
    std::vector<std::int32_t> waiting = nodes;
    std::vector<bool> seen(m_nodes.size());
    for (const auto node : nodes) seen[static_cast<std::size_t>(node)] = true;
    while (!waiting.empty()) {
        const auto node = waiting.back();
        waiting.pop_back();
        for (const auto to : m_nodes[static_cast<std::size_t>(node)].empty)
            if (!seen[static_cast<std::size_t>(to)]) {
                seen[static_cast<std::size_t>(to)] = true;
                nodes.push_back(to);
                waiting.push_back(to);
            }
    }
    // Nodes that only pass on are no part of a state's identity.
    std::erase_if(
        nodes, [&](std::int32_t node) { return node != m_end && m_nodes[static_cast<std::size_t>(node)].to < 0; });
    std::sort(nodes.begin(), nodes.end());
}

std::int32_t ByteAutomaton::stateOf(std::vector<std::int32_t> nodes) {
    close(nodes);
    if (nodes.empty()) return kDead;
    const auto [at, isNew] = m_known.emplace(nodes, static_cast<std::int32_t>(m_states.size()));
    if (isNew) {
        State state;
        state.accepts = std::binary_search(nodes.begin(), nodes.end(), m_end);
        state.nodes = std::move(nodes);
        state.next.fill(-2);  // not asked yet
        m_states.push_back(std::move(state));
    }
    return at->second;
}

std::int32_t ByteAutomaton::next(std::int32_t state, std::uint8_t byte) {
    if (state < 0) return kDead;
    if (const auto known = m_states[static_cast<std::size_t>(state)].next[byte]; known != -2) return known;
    std::vector<std::int32_t> nodes;
    for (const auto node : m_states[static_cast<std::size_t>(state)].nodes)
        if (const Node& one = m_nodes[static_cast<std::size_t>(node)]; one.to >= 0 && one.bytes.test(byte))
            nodes.push_back(one.to);
    std::sort(nodes.begin(), nodes.end());
    nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
    const std::int32_t to = nodes.empty() ? kDead : stateOf(std::move(nodes));
    return m_states[static_cast<std::size_t>(state)].next[byte] = to;
}

TokenConstraint::TokenConstraint(std::shared_ptr<ByteAutomaton> automaton, std::shared_ptr<const Tokenizer> tokenizer)
    : m_automaton(std::move(automaton)), m_tokenizer(std::move(tokenizer)), m_state(m_automaton->start()) {
    for (TokenId id = 0; id < m_tokenizer->size(); ++id)
        if (!m_tokenizer->isSpecial(id) && !m_tokenizer->bytesOf(id).empty()) m_order.push_back(id);
    std::sort(m_order.begin(), m_order.end(),
        [&](TokenId a, TokenId b) { return m_tokenizer->bytesOf(a) < m_tokenizer->bytesOf(b); });
    std::vector<std::int32_t> open;  // nodes from the root to the last one
    const auto close = [&](std::size_t depth) {
        for (; open.size() > depth; open.pop_back())
            m_trie[static_cast<std::size_t>(open.back())].behind = static_cast<std::int32_t>(m_trie.size());
    };
    std::string_view before;
    for (std::int32_t at = 0; at < static_cast<std::int32_t>(m_order.size()); ++at) {
        const std::string_view bytes = m_tokenizer->bytesOf(m_order[static_cast<std::size_t>(at)]);
        const auto shared = static_cast<std::size_t>(
            std::mismatch(before.begin(), before.end(), bytes.begin(), bytes.end()).first - before.begin());
        close(shared);
        for (std::size_t i = shared; i < bytes.size(); ++i) {
            open.push_back(static_cast<std::int32_t>(m_trie.size()));
            m_trie.push_back({static_cast<std::uint8_t>(bytes[i]), static_cast<std::int32_t>(i + 1), 0, at, at});
        }
        m_trie[static_cast<std::size_t>(open.back())].endToken = at + 1;
        m_path.resize(std::max(m_path.size(), bytes.size() + 1));
        before = bytes;
    }
    close(0);
}

const TokenMask& TokenConstraint::maskOf(std::int32_t state) {
    const auto [place, isNew] = m_masks.try_emplace(state);
    if (!isNew) return place->second;
    TokenMask& mask = place->second;
    mask.assign(static_cast<std::size_t>(m_tokenizer->size()), 0);
    if (!m_path.empty()) m_path[0] = state;
    for (std::size_t at = 0; at < m_trie.size();) {
        const TrieNode& node = m_trie[at];
        const auto depth = static_cast<std::size_t>(node.depth);
        const std::int32_t to = m_automaton->next(m_path[depth - 1], node.byte);
        if (to == ByteAutomaton::kDead) {
            at = static_cast<std::size_t>(node.behind);
            continue;
        }
        m_path[depth] = to;
        for (auto token = static_cast<std::size_t>(node.firstToken); token < static_cast<std::size_t>(node.endToken);
             ++token)
            mask[static_cast<std::size_t>(m_order[token])] = 1;
        ++at;
    }
    if (m_automaton->accepts(state))
        for (const TokenId end : m_tokenizer->endTokens()) mask[static_cast<std::size_t>(end)] = 1;
    return mask;
}

const TokenMask* TokenConstraint::maskAfter(std::span<const TokenId> answer) {
    std::size_t same = 0;
    while (same < m_walked.size() && same < answer.size() && m_walked[same] == answer[same]) ++same;
    if (same < m_walked.size()) {  // another answer: from its start
        m_walked.clear();
        m_state = m_automaton->start();
        same = 0;
    }
    for (std::size_t i = same; i < answer.size(); ++i) {
        for (const char c : m_tokenizer->bytesOf(answer[i]))
            m_state = m_automaton->next(m_state, static_cast<std::uint8_t>(c));
        m_walked.push_back(answer[i]);
    }
    return m_state == ByteAutomaton::kDead ? nullptr : &maskOf(m_state);
}

}  // namespace dubito::lm
