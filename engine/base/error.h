// Why a thing did not work: a code to branch on and a sentence for a person.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dubito {

/// Status numbers of the plugin ABI (plugins/sdk/dubito/plugin.h); the two below -99 never cross it.
enum class Code : std::int32_t {
    Internal = -1,
    InvalidArgument = -2,
    InvalidParameters = -3,
    NotFound = -4,
    Unsupported = -5,
    OutOfMemory = -6,
    DeviceUnavailable = -7,
    Io = -8,
    CorruptData = -9,
    Cancelled = -10,
    WrongState = -11,
    WrongThread = -12,
    Limit = -13,
    ShapeMismatch = -14,
    Timeout = -15,
    Refused = -100,  ///< version, read-only or protected: allowed to nobody in this state
    Owned = -101,    ///< another process owns the project
};

std::string_view codeName(Code code);      ///< "InvalidArgument"; "Unknown" for other numbers
Code codeFromStatus(std::int32_t status);  ///< ABI status below 0 -> Code; unknown numbers become Internal
int exitCodeOf(Code code);                 ///< class of the error as process exit code (1..12)
std::string errnoText(int number);         ///< "No such file or directory"  [any]
/// Null when it is not set. Nobody in the product sets variables while threads run.  [any]
const char* environmentValue(const char* name);

/// Problem first, path last. Context is added by callers while the error rises, innermost first.
class Error {
public:
    Error(Code code, std::string message) : m_code(code), m_message(std::move(message)) {}

    Code code() const { return m_code; }
    const std::string& message() const { return m_message; }
    const std::vector<std::string>& context() const { return m_context; }

    /// Returns this error with one more line of context ("while opening project x").
    Error&& in(std::string context) &&;
    /// "message (while a; while b)".
    std::string text() const;

private:
    Code m_code;
    std::string m_message;
    std::vector<std::string> m_context;
};

}  // namespace dubito
