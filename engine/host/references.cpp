// A definition that holds itself would never end; ten that hold each other twice, or a large one that a thousand
// parameters name, would fill the memory: all are refused before they are copied.
#include "host/references.h"

#include <fmt/format.h>

#include <algorithm>

namespace dubito::host {
namespace {

constexpr std::string_view kPrefix = "#/$defs/";
constexpr int kMostDepth = 16;
constexpr int kMostSchemas = 4096;
constexpr std::size_t kMostBytes = 1 << 20;

}  // namespace

Result<Json> References::resolve(const Json& schema) {
    m_schemas = 0;
    return resolve(schema, 0);
}

Result<Json> References::resolve(const Json& schema, int depth) {
    if (depth > kMostDepth) return Error(Code::Limit, "the parameters nest deeper than 16 groups");
    if (++m_schemas > kMostSchemas)
        return Error(Code::Limit, "with every $ref in place there are over 4,096 parameters");
    if (!schema.is_object()) return schema;  // checkSchema refuses it by name
    if (schema.contains("$ref")) return follow(schema, depth);
    Json out = Json::object();
    for (const auto& [key, value] : schema.items()) {
        if (key == "properties" && value.is_object()) {
            Json& members = out[key] = Json::object();
            for (const auto& [name, child] : value.items()) {
                DUBITO_TRY(members[name], resolve(child, depth + 1));
            }
        } else if (key == "items") {
            DUBITO_TRY(out[key], resolve(value, depth + 1));
        } else {
            out[key] = value;
        }
    }
    return out;
}

Result<Json> References::follow(const Json& schema, int depth) {
    const std::string reference = textOr(schema, "$ref", "");
    const std::string name = reference.starts_with(kPrefix) ? reference.substr(kPrefix.size()) : std::string();
    if (name.empty() || name.find('/') != std::string::npos)
        return Error(Code::InvalidArgument,
            fmt::format("\"$ref\" is \"{}\"; it must look like \"#/$defs/name\"", reference.substr(0, 100)));
    const Json& definition = memberOf(m_definitions, name);
    if (!definition.is_object())
        return Error(Code::InvalidArgument, fmt::format("\"$ref\" names {}, which \"$defs\" does not hold", name));
    if (std::find(m_open.begin(), m_open.end(), name) != m_open.end())
        return Error(Code::InvalidArgument, fmt::format("\"$defs\": {} holds itself", name));
    DUBITO_CHECK(account(name, definition));
    Json merged = definition;
    for (const auto& [key, value] : schema.items())
        if (key != "$ref") merged[key] = value;
    m_open.push_back(name);
    auto out = resolve(merged, depth + 1);
    m_open.pop_back();
    return out;
}

Result<void> References::account(const std::string& name, const Json& definition) {
    auto [size, isNew] = m_sizes.try_emplace(name, 0);
    if (isNew) size->second = jsonText(definition).size();
    m_bytes += size->second;
    if (m_bytes <= kMostBytes) return {};
    return Error(Code::Limit, "with every $ref in place the parameters are over 1 MiB");
}

}  // namespace dubito::host
