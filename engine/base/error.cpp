// Names and exit classes of error codes.
#include "base/error.h"

#include <cstdlib>
#include <cstring>

namespace dubito {

std::string_view codeName(Code code) {
    switch (code) {
        case Code::Internal: return "Internal";
        case Code::InvalidArgument: return "InvalidArgument";
        case Code::InvalidParameters: return "InvalidParameters";
        case Code::NotFound: return "NotFound";
        case Code::Unsupported: return "Unsupported";
        case Code::OutOfMemory: return "OutOfMemory";
        case Code::DeviceUnavailable: return "DeviceUnavailable";
        case Code::Io: return "Io";
        case Code::CorruptData: return "CorruptData";
        case Code::Cancelled: return "Cancelled";
        case Code::WrongState: return "WrongState";
        case Code::WrongThread: return "WrongThread";
        case Code::Limit: return "Limit";
        case Code::ShapeMismatch: return "ShapeMismatch";
        case Code::Timeout: return "Timeout";
        case Code::Refused: return "Refused";
        case Code::Owned: return "Owned";
    }
    return "Unknown";
}

Code codeFromStatus(std::int32_t status) {
    return status <= -1 && status >= -15 ? static_cast<Code>(status) : Code::Internal;
}

int exitCodeOf(Code code) {
    switch (code) {
        case Code::NotFound: return 3;
        case Code::InvalidArgument:
        case Code::InvalidParameters:
        case Code::CorruptData:
        case Code::ShapeMismatch: return 4;
        case Code::Unsupported:
        case Code::WrongState:
        case Code::Refused: return 5;
        case Code::Owned:
        case Code::Timeout: return 6;
        case Code::Cancelled: return 8;
        case Code::DeviceUnavailable: return 9;
        case Code::Io: return 10;
        case Code::OutOfMemory:
        case Code::Limit: return 12;
        case Code::Internal:
        case Code::WrongThread: break;
    }
    return 1;
}

Error&& Error::in(std::string context) && {
    m_context.push_back(std::move(context));
    return std::move(*this);
}

std::string Error::text() const {
    std::string out = m_message;
    for (const std::string& line : m_context) out += " (" + line + ")";
    return out;
}

std::string errnoText(int number) {
    char buffer[256];
    return ::strerror_r(number, buffer, sizeof buffer);  // the GNU form: answers where the text is
}

const char* environmentValue(const char* name) { return std::getenv(name); }  // NOLINT(concurrency-mt-unsafe)

}  // namespace dubito
