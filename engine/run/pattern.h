// Regular expressions of manifests: bounded in time and memory, because they come from strangers and are tried at every
// key that a person presses.
#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace dubito::run {

/// A compiled expression in the syntax that JSON Schema and PCRE2 share; `.` and classes see characters, not bytes.
class Pattern {
public:
    /// @error InvalidArgument: "cannot be read: ... at character n", "is longer than 200 bytes"
    static Result<Pattern> compile(std::string_view expression);
    /// Whether the text from its first to its last character has this form. [any]
    /// @error Limit (it would take too long to find out), InvalidArgument (the text is not UTF-8)
    Result<bool> matchesWhole(std::string_view text) const;

private:
    struct Compiled;
    struct Release {
        void operator()(Compiled* compiled) const;
    };
    explicit Pattern(Compiled* compiled) : m_compiled(compiled) {}
    std::unique_ptr<Compiled, Release> m_compiled;
};

}  // namespace dubito::run
