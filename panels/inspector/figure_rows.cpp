// On a reader's thread: nothing of the panel is touched.
#include "inspector/figure_rows.h"

#include <cmath>

#include "inspector/causal_view.h"

namespace dubito::inspector {
namespace {

using Write = std::function<Result<void>(const QString&)>;

QString quoted(const QString& text) {
    QString out = text;
    return QLatin1Char('"') + out.replace(QLatin1Char('"'), QStringLiteral("\"\"")) + QLatin1Char('"');
}

/// Rows in pieces of some kilobytes.
class Rows {
public:
    Rows(const QString& runName, const Write& write) : m_run(quoted(runName)), m_write(write) {
        m_text = QStringLiteral("run,key,unit,text,position,token,layer,item,value\n");
    }
    struct Place {
        int sequence = 0, position = -1, layer = 0;  ///< position -1: of no place
        QString token = {};
    };
    Result<void> add(const char* key, const char* unit, const Place& at, const QString& item, double value) {
        constexpr int kPiece = 16 << 10;
        const auto number = [](int n) { return n < 0 ? QString() : QString::number(n); };
        m_text += QStringList{m_run, QString::fromLatin1(key), QString::fromLatin1(unit), number(at.sequence),
                      number(at.position), quoted(at.token), number(at.layer), quoted(item),
                      std::isfinite(value) ? QString::number(value, 'g', 9) : QString()}
                      .join(QLatin1Char(',')) +
                  QLatin1Char('\n');
        return m_text.size() < kPiece ? Result<void>() : flush();
    }
    Result<void> flush() {
        DUBITO_CHECK(m_write(m_text));
        m_text.clear();
        return {};
    }

private:
    QString m_run, m_text;
    const Write& m_write;
};

Result<void> writeCell(Rows& rows, const InspectorData& data, const Position& at, const Rows::Place& place) {
    const std::pair<int, std::pair<const char*, const char*>> statistics[] = {{kEntropy, {"entropy", "nats"}},
        {kCrossEntropy, {"cross-entropy", "nats"}}, {kKl, {"KL", "nats"}}, {kRank, {"rank", ""}},
        {kAgree, {"agrees", ""}}};
    for (const auto& [statistic, named] : statistics)
        DUBITO_CHECK(rows.add("lens/stats", named.second, place, QString::fromLatin1(named.first),
            static_cast<double>(at.at(place.layer, statistic)) + (statistic == kRank ? 1 : 0)));
    const auto layer = static_cast<std::size_t>(place.layer), k = static_cast<std::size_t>(std::max(1, data.topK));
    for (std::size_t i = layer * k; i < std::min((layer + 1) * k, std::min(at.topId.size(), at.topLogp.size())); ++i)
        DUBITO_CHECK(
            rows.add("lens/topk_logp", "nats", place, data.wordOf(at.topId[i]), static_cast<double>(at.topLogp[i])));
    if (layer < at.residNorm.size())
        DUBITO_CHECK(rows.add("resid/norm", "", place, QString(), static_cast<double>(at.residNorm[layer])));
    return {};
}

}  // namespace

CsvWriter lensRows(qint64 runNo, const QString& runName, int sequence, std::optional<int> position) {
    return [=](store::Database& db, const Write& write) -> Result<void> {
        DUBITO_TRY(const RecordsByKey records, loadNewRecords(db, runNo, {}));
        InspectorData data;
        applyRecords(data, records);
        Rows rows(runName, write);
        const Sequence& text = data.sequences[sequence];
        for (int at = 0; at < text.readOut(); ++at) {
            if (position && *position != at) continue;
            const Position& cell = text.positions[static_cast<std::size_t>(at)];
            for (int layer = 0; layer <= data.layers; ++layer)
                DUBITO_CHECK(writeCell(rows, data, cell, {sequence, at, layer, cell.text}));
        }
        return rows.flush();
    };
}

CsvWriter attentionCsv(qint64 runNo, const QString& runName, int sequence, int position) {
    return [=](store::Database& db, const Write& write) -> Result<void> {
        DUBITO_TRY(const PositionDetail detail, loadDetail(db, runNo, sequence, position));
        Rows rows(runName, write);
        std::size_t index = 0;
        for (int layer = 0; layer < detail.layers; ++layer)
            for (int head = 0; head < detail.heads; ++head)
                for (int place = 0; place < detail.view && index < detail.attention.size(); ++place, ++index)
                    DUBITO_CHECK(rows.add(detail.rest.empty() ? "attn/full" : "attn/top_w", "1",
                        {sequence, position, layer + 1, QString()}, QStringLiteral("H%1 at %2").arg(head).arg(place),
                        static_cast<double>(detail.attention[index])));
        return rows.flush();
    };
}

CsvWriter attributionCsv(qint64 runNo, const QString& runName, int sequence, int position) {
    return [=](store::Database& db, const Write& write) -> Result<void> {
        DUBITO_TRY(const PositionDetail detail, loadDetail(db, runNo, sequence, position));
        Rows rows(runName, write);
        for (std::size_t i = 0; i < detail.shares.size(); ++i)
            DUBITO_CHECK(rows.add("attr/logit", "logit", {sequence, position, -1, QString()},
                i < detail.components.size() ? detail.components[i] : QString::number(i),
                static_cast<double>(detail.shares[i])));
        return rows.flush();
    };
}

CsvWriter causalCsv(const QString& runName, const CausalResult& test) {
    return
        [runName, test, names = causalMatrix(test).columnNames](store::Database&, const Write& write) -> Result<void> {
            Rows rows(runName, write);
            for (int row = 0; row < test.rows; ++row)
                for (int column = 0; column < test.columns; ++column)
                    DUBITO_CHECK(rows.add("causal/effect", "1", {-1, column, row + 1, names.value(column)}, test.kind,
                        static_cast<double>(test.effect[static_cast<std::size_t>(row * test.columns + column)])));
            return rows.flush();
        };
}

}  // namespace dubito::inspector
