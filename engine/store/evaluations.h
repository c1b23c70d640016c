// Items that evaluation runs scored (records eval/item).
#pragma once

#include "store/queries.h"

namespace dubito::store {

struct EvaluationItem {
    std::string id, task, answer, group;
    bool isCorrect = false;
    double margin = 0;  ///< nats between the right option and the best wrong one; 0 without options
    std::int64_t samplesRight = 0;
    std::string failure;  ///< why it could not be computed; then it is neither right nor wrong. Empty: it was
};
/// In the order scored; records that are not whole are skipped.
Result<std::vector<EvaluationItem>> queryEvaluationItems(Database& db, std::int64_t runNo);

}  // namespace dubito::store
