// Jinja as chat templates are run (the sandbox that changes no value, loop controls, {% generation %}), over strings
// that remember who wrote them. Not known, and said so by name: include, import, extends, do, trans, and the filters
// random, pprint, filesizeformat, striptags, urlencode, urlize, wordwrap, xmlattr. Source of the rules: the manual of
// Jinja 3.1; whole numbers have 64 bits.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace dubito::lm::jinja {

/// Who wrote a run of bytes: the template, or somebody whose words must not act as special tokens.
inline constexpr std::int32_t kFromTemplate = -1, kFromOutside = -2;  ///< 0 and above: message of that index

/// A string in runs of one author each.
class Text {
public:
    struct Run {
        std::size_t end;
        std::int32_t source;
    };
    Text() = default;
    Text(std::string bytes, std::int32_t source) : m_bytes(std::move(bytes)) {
        if (!m_bytes.empty()) m_runs.push_back({m_bytes.size(), source});
    }
    const std::string& bytes() const { return m_bytes; }
    const std::vector<Run>& runs() const { return m_runs; }
    bool empty() const { return m_bytes.empty(); }
    std::size_t size() const { return m_bytes.size(); }
    void append(const Text& other);
    Text part(std::size_t begin, std::size_t length) const;
    /// kFromTemplate only if all of it is.
    std::int32_t source() const;

private:
    std::string m_bytes;
    std::vector<Run> m_runs;
};

struct Limits {
    std::int64_t steps = 1'000'000;
    std::size_t bytes = 4u << 20;
    int depth = 64;
};

/// Bytes first..last-1 of the output that stood in a {% generation %} block.
struct Generated {
    std::size_t first = 0, last = 0;
};

/// Bytes first..last-1 of the output that a message's turn of the loop over the messages wrote.
struct Passage {
    std::size_t message = 0, first = 0, last = 0;
};

struct Output {
    Text text;
    std::vector<Generated> generated;
    std::vector<Passage> passages;
    std::size_t passagesBegin = 0, passagesEnd = 0;  ///< where that loop stood
    /// Set when nothing that was asked depends on how many messages follow: then a talk of the first n messages, from
    /// this many on, is written as what stands before the passage of message n and what stands behind the loop.
    std::optional<std::size_t> leastMessages;
};

/// Variables of a rendering. Strings inside `messages` belong to their message (roles to kFromOutside), all others
/// given as untrusted to kFromOutside.
struct Variables {
    Json messages = Json::array();
    std::vector<std::pair<std::string, Json>> untrusted;  ///< tools, documents
    std::vector<std::pair<std::string, Json>>
        trusted;                              ///< bos_token, eos_token, add_generation_prompt, enable_thinking
    std::string now = "2000-01-01 00:00:00";  ///< what strftime_now formats: "YYYY-MM-DD hh:mm:ss"
};

class Template {
public:
    /// trim_blocks and lstrip_blocks are on. @error Unsupported (line and what is not known), CorruptData (line,
    /// syntax)
    static Result<Template> parse(std::string_view source);
    Template(Template&&) noexcept;
    Template& operator=(Template&&) noexcept;
    ~Template();
    /// @error InvalidArgument (raise_exception, a wrong type, with the line), Limit   [any]
    Result<Output> render(const Variables& variables, Limits limits = {}) const;

    struct Tree;

private:
    explicit Template(std::unique_ptr<Tree> tree);
    std::unique_ptr<Tree> m_tree;
};

}  // namespace dubito::lm::jinja
