// A comparing run belongs to the training run that made what it was given.
#include "lm/beside_data.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/json.h"
#include "journal/array_block.h"

namespace dubito::lmview {
namespace {

QVector<double> numbersOf(std::span<const journal::Array> arrays, std::string_view name) {
    const auto* values = journal::findArray(arrays, name);
    if (!values || !(values->dtype == kF32)) return {};
    const auto span = values->as<float>();
    return QVector<double>(span.begin(), span.end());
}

std::optional<WeighedAnswer> answerOf(const store::RecordRow& record, const Json& meta, bool isTaught) {
    const auto arrays = journal::decodeArrayBlock(record.block);
    if (!arrays) return std::nullopt;
    WeighedAnswer out;
    const std::vector<std::string> texts = journal::textsNamed(*arrays, "text");
    out.base = numbersOf(*arrays, "base");
    out.taught = numbersOf(*arrays, "taught");
    const auto n = static_cast<qsizetype>(texts.size());
    if (out.base.size() != n || out.taught.size() != n) return std::nullopt;
    const auto* special = journal::findArray(*arrays, "special");
    const auto marks = special && special->dtype == kU8 ? special->as<std::uint8_t>() : std::span<const std::uint8_t>();
    for (qsizetype i = 0; i < n; ++i) {
        kit::TokenChip chip;
        chip.text = QString::fromStdString(texts[static_cast<std::size_t>(i)]);
        chip.probability = std::exp((isTaught ? out.taught : out.base)[i]);
        chip.isSpecial = static_cast<std::size_t>(i) < marks.size() && marks[static_cast<std::size_t>(i)] != 0;
        out.chips.append(chip);
    }
    out.tokensPerSecond = std::max(0.0, numberOr(meta, "tokens_per_s", 0));
    return out;
}

Result<QVector<Question>> questionsOf(store::Database& db, std::int64_t runNo) {
    constexpr std::int64_t kMostRecords = 400;
    DUBITO_TRY(const auto records, store::queryRecords(db, runNo, "beside/answer", 0, kMostRecords));
    std::map<std::int64_t, Question> whole;
    std::map<std::int64_t, int> sides;
    for (const auto& record : records) {
        const auto meta = parseJson(record.metaJson);
        if (!meta) continue;
        const bool isTaught = textOr(*meta, "side", "") == "taught";
        auto answer = answerOf(record, *meta, isTaught);
        if (!answer) continue;
        Question& question = whole[integerOr(*meta, "question", 0)];
        question.text = QString::fromStdString(textOr(*meta, "text", ""));
        (isTaught ? question.taught : question.base) = std::move(*answer);
        sides[integerOr(*meta, "question", 0)] |= isTaught ? 2 : 1;
    }
    QVector<Question> out;
    for (auto& [number, question] : whole)
        if (sides[number] == 3) out.append(std::move(question));
    return out;
}

/// What a comparing run was given: hashes, and the step that names the taught model's folder.
Result<void> readModels(store::Database& db, std::int64_t runNo, BesideData& out) {
    constexpr int kDigits = 6;
    DUBITO_TRY(const std::string text, store::querySpec(db, runNo));
    const auto spec = parseJson(text);
    if (!spec) return {};
    for (const Json& model : memberOf(*spec, "models")) {
        const std::string role = textOr(model, "role", "");
        const QString hash = QString::fromStdString(textOr(model, "sha256", "")).left(kDigits);
        if (role == "model") out.baseHash = hash;
        if (role != "adapter" && role != "taught") continue;
        out.taughtHash = hash;
        out.isAdapter = role == "adapter";
        // A checkpoint's folder is named by its step; it may be gone by now, replaced by newer ones.
        bool isNumber = false;
        const qint64 step = QString::fromStdString(textOr(model, "name", "")).toLongLong(&isNumber);
        if (isNumber && out.newestStep >= 0) out.step = step;
    }
    return {};
}

Result<std::optional<store::RunRow>> newestBeside(
    store::Database& db, std::int64_t trained, const std::vector<std::string>& plugins) {
    DUBITO_TRY(const auto runs, store::queryStartedFrom(db, trained));
    for (const store::RunRow& row : runs)
        if (!row.isDeleted && std::find(plugins.begin(), plugins.end(), row.pluginId) != plugins.end())
            return std::optional(row);
    return std::optional<store::RunRow>();
}

}  // namespace

double WeighedAnswer::sumBase() const { return std::accumulate(base.begin(), base.end(), 0.0); }
double WeighedAnswer::sumTaught() const { return std::accumulate(taught.begin(), taught.end(), 0.0); }

Result<BesideData> loadBeside(
    store::Database& db, std::int64_t runNo, const std::vector<std::string>& plugins, std::int64_t known) {
    BesideData out;
    DUBITO_TRY(const auto row, store::findRun(db, runNo));
    if (!row) return Error(Code::NotFound, "the run is gone");
    out.row = *row;
    if (std::find(plugins.begin(), plugins.end(), row->pluginId) != plugins.end()) {
        out.beside = *row;
    } else {
        DUBITO_TRY(const auto range, store::queryStepRange(db, runNo, "train/loss"));
        DUBITO_TRY(const auto checkpoints, store::queryCheckpoints(db, runNo));
        std::error_code error;
        if (!checkpoints.empty()) out.newestStep = checkpoints.front().step;
        out.hasCheckpoint = !checkpoints.empty() && fs::exists(checkpoints.front().folder, error);
        out.isTraining = range.has_value();
        DUBITO_TRY(const auto rows, loadRows(db, runNo));
        if (rows) out.suggestion = rows->question;
        if (known) {
            DUBITO_TRY(out.beside, store::findRun(db, known));
        } else if (out.hasCheckpoint) {
            DUBITO_TRY(out.beside, newestBeside(db, runNo, plugins));
        }
    }
    if (out.beside) {
        DUBITO_CHECK(readModels(db, out.beside->runNo, out));
        DUBITO_TRY(out.questions, questionsOf(db, out.beside->runNo));
    }
    return out;
}

}  // namespace dubito::lmview
