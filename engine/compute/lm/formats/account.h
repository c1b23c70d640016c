// What becomes of each key and each tensor of a model: used, harmless, worth a warning, or refused by name.
#pragma once

#include <string>
#include <vector>

namespace dubito::lm {

class GgufFile;

enum class Fate { Refused, Warning, Used, Harmless };
const char* fateName(Fate fate);

struct AccountRow {
    Fate fate = Fate::Used;
    std::string what;  ///< "config.json: rope_theta", "tensors: blk.*.attn_q.weight x 30"
    std::string why;   ///< of a refusal, a whole sentence
};
using Account = std::vector<AccountRow>;

/// Keys alone: what the folder's configuration was found to say, or the keys of a GGUF file.
Account accountOfKeys(const GgufFile& file);
/// Keys, then tensors, equal ones of all blocks in one row; refusals and warnings first.
Account accountOf(const GgufFile& file);

}  // namespace dubito::lm
