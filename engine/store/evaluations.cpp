#include "store/evaluations.h"

#include "journal/array_block.h"

namespace dubito::store {

Result<std::vector<EvaluationItem>> queryEvaluationItems(Database& db, std::int64_t runNo) {
    DUBITO_TRY(const auto records, queryRecords(db, runNo, "eval/item"));
    std::vector<EvaluationItem> out;
    for (const auto& record : records) {
        const auto arrays = journal::decodeArrayBlock(record.block);
        if (!arrays) continue;
        const auto ids = journal::textsNamed(*arrays, "id"), tasks = journal::textsNamed(*arrays, "task");
        const auto answers = journal::textsNamed(*arrays, "answer"), failures = journal::textsNamed(*arrays, "failure"),
                   groups = journal::textsNamed(*arrays, "group");
        const auto *correct = journal::findArray(*arrays, "correct"), *margin = journal::findArray(*arrays, "margin");
        const auto* right = journal::findArray(*arrays, "samples_right");
        const std::size_t n = ids.size();
        const auto fits = [n](const journal::Array* array, DType dtype) {
            return array && array->dtype == dtype && array->elements() == static_cast<std::int64_t>(n);
        };
        if (tasks.size() != n || answers.size() != n || !fits(correct, kU8)) continue;
        for (std::size_t i = 0; i < n; ++i) {
            EvaluationItem item{ids[i], tasks[i], answers[i], groups.size() == n ? groups[i] : std::string()};
            item.isCorrect = correct->as<std::uint8_t>()[i] != 0;
            item.margin = fits(margin, kF64) ? margin->as<double>()[i] : 0.0;
            item.samplesRight = fits(right, kI64) ? right->as<std::int64_t>()[i] : std::int64_t{item.isCorrect};
            if (failures.size() == n) item.failure = failures[i];
            out.push_back(std::move(item));
        }
    }
    return out;
}

}  // namespace dubito::store
