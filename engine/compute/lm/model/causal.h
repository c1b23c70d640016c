// Causal tests: set one site to zero, to its mean, or to its value under another prompt, and see how the answer moves.
#pragma once

#include "lm/model/language_model.h"

namespace dubito::lm {

enum class CausalKind { Zero, Mean, Patch };
enum class CausalSite { Residual, Heads, Mlp };

struct CausalRequest {
    CausalKind kind = CausalKind::Patch;
    CausalSite site = CausalSite::Residual;
    std::vector<TokenId> clean, corrupt;  ///< equal length; corrupt is used by Patch only
    TokenId right = -1, wrong = -1;       ///< -1: the two prompts' own greedy answers
};

struct CausalGrid {
    std::int64_t rows = 0, columns = 0;  ///< Residual: N x T; Heads: N x A; Mlp: N x 1
    std::vector<float> effect;  ///< Patch: recovered fraction; Zero and Mean: (D_changed - D_clean) / |D_clean|
    float cleanDifference = 0, corruptDifference = 0;  ///< D = logit(right) - logit(wrong) at the last position
    TokenId right = -1, wrong = -1, cleanAnswer = -1, corruptAnswer = -1;
};

/// Mean of every site over reference sequences: (N) vectors of resid_post, head outputs and mlp_out.
struct SiteMeans {
    std::vector<std::vector<float>> residual, heads, mlp;
};
Result<SiteMeans> meanOfSites(const LanguageModel& model, const std::vector<std::vector<TokenId>>& references);

/// A change at layer l recomputes blocks l+1..N (residual) or l..N; up to 32 changed copies go through together.
/// `progress(done, total)` returns false to cancel. @error InvalidArgument (lengths differ), WrongState (prompts do not
/// differ), Cancelled
Result<CausalGrid> causalGrid(const LanguageModel& model, const CausalRequest& request, const SiteMeans* means,
    const std::function<bool(std::int64_t, std::int64_t)>& progress);

}  // namespace dubito::lm
