// Result<T>: a value or an Error. Expected failures travel as values; exceptions never cross a room.
#pragma once

#include <cassert>
#include <optional>
#include <utility>
#include <variant>

#include "base/error.h"

namespace dubito {

template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : m_state(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : m_state(std::in_place_index<1>, std::move(error)) {}

    explicit operator bool() const { return m_state.index() == 0; }
    T& operator*() & { return *std::get_if<0>(&m_state); }
    const T& operator*() const& { return *std::get_if<0>(&m_state); }
    T operator*() && {
        return std::move(*std::get_if<0>(&m_state));
    }  ///< by value, so that a loop over a call's result keeps it
    T* operator->() { return std::get_if<0>(&m_state); }
    const T* operator->() const { return std::get_if<0>(&m_state); }
    Error& error() & { return *std::get_if<1>(&m_state); }
    const Error& error() const& { return *std::get_if<1>(&m_state); }
    Error&& error() && { return std::move(*std::get_if<1>(&m_state)); }

private:
    std::variant<T, Error> m_state;
};

template <>
class [[nodiscard]] Result<void> {
public:
    Result() = default;
    Result(Error error) : m_error(std::move(error)) {}

    explicit operator bool() const { return !m_error; }
    Error& error() & { return *m_error; }
    const Error& error() const& { return *m_error; }
    Error&& error() && { return std::move(*m_error); }

private:
    std::optional<Error> m_error;
};

}  // namespace dubito

#define DUBITO_CONCAT_(a, b) a##b
#define DUBITO_CONCAT(a, b) DUBITO_CONCAT_(a, b)
/// DUBITO_TRY(auto x, call()): returns the error of call(), or binds its value.
#define DUBITO_TRY(declaration, expression) DUBITO_TRY_(declaration, expression, DUBITO_CONCAT(dubitoTry, __LINE__))
#define DUBITO_TRY_(declaration, expression, temporary)  \
    auto temporary = (expression);                       \
    if (!temporary) return std::move(temporary).error(); \
    declaration = *std::move(temporary)
/// DUBITO_CHECK(call()): returns the error of a call without a value.
#define DUBITO_CHECK(expression)                                                                  \
    do {                                                                                          \
        if (auto dubitoCheck = (expression); !dubitoCheck) return std::move(dubitoCheck).error(); \
    } while (false)
