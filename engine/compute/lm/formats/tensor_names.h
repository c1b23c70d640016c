// Names of the same tensor in GGUF and in safetensors folders.
#pragma once

#include <string>

namespace dubito::lm {

/// "model.layers.7.self_attn.q_proj.weight" -> "blk.7.attn_q.weight", "transformer.h.7.attn.c_attn.bias" ->
/// "blk.7.attn_qkv.bias"; also with one "model." more in front, or none. Empty: another tensor.
std::string ggufName(const std::string& name);
/// Stored by some writers and needed by nobody: tables that are computed, masks.
bool isNeedless(const std::string& name);
/// The other way, in the names of model.layers.; empty when there is none.
std::string folderName(const std::string& ggufName);

}  // namespace dubito::lm
