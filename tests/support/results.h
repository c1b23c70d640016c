// Values or the end of the test program: for what a test takes for granted.
#pragma once

#include <QtGlobal>

#include <utility>

#include "base/result.h"

/// What is asked for is done once, and its error is the message.
#define VERIFY_OK(...)                                                       \
    do {                                                                     \
        const auto& verified = (__VA_ARGS__);                                \
        QVERIFY2(verified, verified ? "" : verified.error().text().c_str()); \
    } while (false)

namespace dubito::tests {

template <class T>
T get(Result<T> result) {
    if (!result) qFatal("%s", result.error().text().c_str());
    return std::move(*result);
}
inline void ok(const Result<void>& result) {
    if (!result) qFatal("%s", result.error().text().c_str());
}

}  // namespace dubito::tests
