// "$ref" of a manifest: groups of parameters that several plugins share are written once, under "$defs".
#pragma once

#include <map>
#include <vector>

#include "base/json.h"

namespace dubito::host {

/// The definitions of a manifest, for the schemas of one plugin: what all of these take in is bounded together.
class References {
public:
    explicit References(const Json& definitions) : m_definitions(definitions) {}  ///< must outlive this

    /// The schema with every {"$ref": "#/$defs/name"} replaced by that definition, in properties and items, to any
    /// depth. Members beside the "$ref" replace those of the definition. Rules and values are not looked at:
    /// checkSchema does.
    /// @error InvalidArgument (no such definition, another form of reference, a circle), Limit (nests or grows too far)
    Result<Json> resolve(const Json& schema);

private:
    Result<Json> resolve(const Json& schema, int depth);
    Result<Json> follow(const Json& schema, int depth);
    Result<void> account(const std::string& name, const Json& definition);

    const Json& m_definitions;
    std::vector<std::string> m_open;             ///< definitions being put in place, outermost first
    std::map<std::string, std::size_t> m_sizes;  ///< of definitions that were used, in bytes
    std::size_t m_bytes = 0;                     ///< put in place so far
    int m_schemas = 0;                           ///< of the schema that is being resolved
};

}  // namespace dubito::host
