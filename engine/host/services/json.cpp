// dubito.json/1: values by JSON pointer, so that a plugin needs no JSON library.
#include "host/services/json.h"

#include <fmt/format.h>

#include "host/services/reply.h"
#include "host/services/tables.h"

namespace dubito::host {
namespace {

/// The first name of a pointer's rest ("/a~1b/c" -> "a/b"), which is taken off. RFC 6901
std::string takeName(std::string_view& rest) {
    rest.remove_prefix(1);
    const auto end = std::min(rest.find('/'), rest.size());
    std::string name;
    for (std::size_t i = 0; i < end; ++i) {
        const bool isEscape = rest[i] == '~' && i + 1 < end && (rest[i + 1] == '0' || rest[i + 1] == '1');
        if (isEscape) name += rest[++i] == '0' ? '~' : '/';
        else name += rest[i];
    }
    rest.remove_prefix(end);
    return name;
}

const Json* memberAt(const Json& value, const std::string& name) {
    if (value.is_object()) {
        const auto found = value.find(name);
        return found == value.end() ? nullptr : &*found;
    }
    if (!value.is_array() || name.empty()) return nullptr;
    char* stop = nullptr;
    const auto index = std::strtoull(name.c_str(), &stop, 10);
    return *stop || index >= value.size() ? nullptr : &value[index];
}

const Json* resolve(const dubito_doc* doc, dubito_str pointer) {
    const Json* at = &reinterpret_cast<const Document*>(doc)->value;
    std::string_view rest = view(pointer);
    while (at && !rest.empty()) at = rest[0] == '/' ? memberAt(*at, takeName(rest)) : nullptr;
    return at;
}

/// One read: finds the value, checks its type, hands it to `take`.
template <class Check, class Take>
dubito_status read(
    const dubito_doc* doc, dubito_str pointer, dubito_error* error, const char* type, Check check, Take take) {
    const Json* value = doc ? resolve(doc, pointer) : nullptr;
    if (!value) return refuse(error, DUBITO_NOT_FOUND, fmt::format("{} is not in the document", view(pointer)));
    if (!check(*value)) return refuse(error, DUBITO_INVALID_ARGUMENT, fmt::format("{} is no {}", view(pointer), type));
    take(*value);
    return DUBITO_OK;
}

bool isAny(const Json&) { return true; }
bool isNumber(const Json& value) { return value.is_number(); }
bool isInteger(const Json& value) { return value.is_number_integer(); }
bool isText(const Json& value) { return value.is_string(); }
bool isBoolean(const Json& value) { return value.is_boolean(); }
bool isStructured(const Json& value) { return value.is_structured(); }

std::int32_t kindOf(const Json& value) {
    if (value.is_null()) return DUBITO_JSON_NULL;
    if (value.is_boolean()) return DUBITO_JSON_BOOLEAN;
    if (value.is_number_integer()) return DUBITO_JSON_INTEGER;
    if (value.is_number()) return DUBITO_JSON_NUMBER;
    if (value.is_string()) return DUBITO_JSON_TEXT;
    return value.is_array() ? DUBITO_JSON_ARRAY : DUBITO_JSON_OBJECT;
}

dubito_status number(const dubito_host*, const dubito_doc* doc, dubito_str pointer, double* out, dubito_error* error) {
    return read(doc, pointer, error, "number", isNumber, [&](const Json& value) { *out = value.get<double>(); });
}

dubito_status integer(
    const dubito_host*, const dubito_doc* doc, dubito_str pointer, std::int64_t* out, dubito_error* error) {
    return read(
        doc, pointer, error, "whole number", isInteger, [&](const Json& value) { *out = value.get<std::int64_t>(); });
}

dubito_status text(
    const dubito_host*, const dubito_doc* doc, dubito_str pointer, dubito_str* out, dubito_error* error) {
    return read(doc, pointer, error, "text", isText,
        [&](const Json& value) { *out = str(value.get_ref<const std::string&>()); });
}

dubito_status boolean(
    const dubito_host*, const dubito_doc* doc, dubito_str pointer, std::int32_t* out, dubito_error* error) {
    return read(doc, pointer, error, "boolean", isBoolean, [&](const Json& value) { *out = value.get<bool>(); });
}

dubito_status size(
    const dubito_host*, const dubito_doc* doc, dubito_str pointer, std::uint64_t* out, dubito_error* error) {
    return read(doc, pointer, error, "list or object", isStructured, [&](const Json& value) { *out = value.size(); });
}

dubito_status kind(
    const dubito_host*, const dubito_doc* doc, dubito_str pointer, std::int32_t* out, dubito_error* error) {
    return read(doc, pointer, error, "value", isAny, [&](const Json& value) { *out = kindOf(value); });
}

dubito_status raw(const dubito_host*, const dubito_doc* doc, dubito_str pointer, dubito_str* out, dubito_error* error) {
    // "Until the next raw()" is of the calling thread: two threads may each hold one.
    thread_local std::string kept;
    return read(doc, pointer, error, "value", isAny, [&](const Json& value) {
        kept = jsonText(value);
        *out = str(kept);
    });
}

}  // namespace

const dubito_json_v1 kJsonTable = {sizeof kJsonTable, 0, number, integer, text, boolean, size, kind, raw};

}  // namespace dubito::host
