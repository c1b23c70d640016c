// Metadata are written by whoever converted the model; the file's name is what a person fetched and knows.
#include "kit/model_name.h"

#include <QRegularExpression>

#include "base/json.h"

namespace dubito::kit {

QString modelName(const QString& metadata, const QString& file) {
    static const QRegularExpression kSuffix(
        QStringLiteral("\\.(gguf|safetensors|bin)$"), QRegularExpression::CaseInsensitiveOption),
        kType(QStringLiteral("[-._ ]((?:I?Q\\d|BF16|F16|F32|FP16|FP32|MXFP4)[A-Z0-9_]*)$"),
            QRegularExpression::CaseInsensitiveOption),
        kSaysNothing(QStringLiteral("^(ggml[-_])?(model|weights|pytorch_model|consolidated|checkpoint|adapter_model)"
                                    "([-_.]?\\d*)*$"),
            QRegularExpression::CaseInsensitiveOption),
        kHash(QStringLiteral("^(sha256[-:_])?[0-9a-f]{16,}$"), QRegularExpression::CaseInsensitiveOption);
    QString stem = file.section(QLatin1Char('/'), -1, -1, QString::SectionSkipEmpty);
    stem.remove(kSuffix);
    QString type;
    if (const auto found = kType.match(stem); found.hasMatch()) {
        type = found.captured(1).toUpper();
        stem.truncate(found.capturedStart());
    }
    if (stem.isEmpty() || kSaysNothing.match(stem).hasMatch() || kHash.match(stem).hasMatch()) stem = metadata;
    if (stem.isEmpty() || type.isEmpty()) return stem.isEmpty() ? file.section(QLatin1Char('/'), -1) : stem;
    return stem + QLatin1Char(' ') + type;
}

QString modelFileOf(store::Database& db, std::int64_t runNo) {
    const auto text = store::querySpec(db, runNo);
    const auto spec = text ? parseJson(*text) : Result<Json>(Json::object());
    if (!spec) return {};
    for (const Json& input : memberOf(*spec, "models"))
        if (textOr(input, "role", "") == "model") return QString::fromStdString(textOr(input, "name", ""));
    return {};
}

}  // namespace dubito::kit
