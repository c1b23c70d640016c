// "$ref" of a manifest: groups of parameters that several plugins share are written once, under "$defs".
#pragma once

#include "base/json.h"

namespace dubito::host {

/// The schema with every {"$ref": "#/$defs/name"} replaced by that definition, in properties and items, to any depth.
/// Members beside the "$ref" replace those of the definition. Rules and values are not looked at: checkSchema does.
/// @error InvalidArgument (no such definition, another form of reference, a circle), Limit (nests or grows too far)
Result<Json> resolveReferences(const Json& schema, const Json& definitions);

}  // namespace dubito::host
