// HTML is made here of escaped text: what a model wrote stays what it looks like.
#include "chat/chat_export.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "kit/colours.h"
#include "kit/token_strip.h"

namespace dubito::chat {
namespace {

/// Figures are printed: these are the light theme's.
constexpr const char *kInk = "#1C2024", *kFaint = "#696C77", *kDoubt = "#AD5700";

QString speakerOf(const Conversation& conversation, const Turn& turn) {
    if (turn.isAnswer()) return conversation.model.name.isEmpty() ? QStringLiteral("Model") : conversation.model.name;
    return turn.role == QLatin1String("system") ? QStringLiteral("System") : QStringLiteral("You");
}

QVector<const Turn*> shownTurns(const Conversation& conversation, const ExportedTalk& what) {
    QVector<const Turn*> out;
    for (const int number : pathOf(conversation, what.chosen))
        if (const Turn* turn = conversation.turn(number)) out.append(turn);
    return out;
}

/// JSON knows no NaN.
Json numberOrNull(float value) { return std::isfinite(value) ? Json(static_cast<double>(value)) : Json(nullptr); }

QString markdownOf(const Conversation& conversation, const ExportedTalk& what) {
    QString out = QStringLiteral("# %1\n").arg(what.title.simplified());
    for (const Turn* turn : shownTurns(conversation, what))
        out += QStringLiteral("\n## %1\n\n%2\n").arg(speakerOf(conversation, *turn), turn->said().trimmed());
    return out;
}

/// Shaded words of an answer that is still whole; text that was taken up has no probabilities.
QString htmlOf(const Turn& turn) {
    QString out;
    for (const ChatToken& token : turn.tokens) {
        if (token.isSpecial) continue;
        const double p = std::exp(static_cast<double>(token.logprob));
        const QString text = token.text.toHtmlEscaped();
        if (std::isfinite(p))
            out += QStringLiteral("<span style=\"background:rgba(173,87,0,%1)\" title=\"p = %2\">%3</span>")
                       .arg(0.42 * (1 - std::clamp(p, 0.0, 1.0)), 0, 'f', 3)
                       .arg(p, 0, 'f', 4)
                       .arg(text);
        else out += text;
    }
    return out;
}

QString htmlOf(const Conversation& conversation, const ExportedTalk& what) {
    QString out = QStringLiteral(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>%1</title>\n<style>\n"
        "body { font: 15px/1.5 Inter, sans-serif; color: #1C2024; max-width: 46em; margin: 2em auto; }\n"
        "h2 { font-size: 15px; margin: 1.4em 0 0.2em; }\n"
        "p { white-space: pre-wrap; margin: 0; } p.answer { font-family: 'JetBrains Mono', monospace; }\n"
        "</style></head><body>\n<h1>%1</h1>\n<p>Words of the model are shaded by doubt, 1 - p.</p>\n")
                      .arg(what.title.simplified().toHtmlEscaped());
    for (const Turn* turn : shownTurns(conversation, what)) {
        out += QStringLiteral("<h2>%1</h2>\n").arg(speakerOf(conversation, *turn).toHtmlEscaped());
        out += turn->isAnswer() ? QStringLiteral("<p class=\"answer\">%1</p>\n").arg(htmlOf(*turn))
                                : QStringLiteral("<p>%1</p>\n").arg(turn->text.toHtmlEscaped());
    }
    return out + QStringLiteral("</body></html>\n");
}

QString jsonlOf(const Conversation& conversation, const ExportedTalk& what) {
    const QVector<int> shown = pathOf(conversation, what.chosen);
    QString out;
    for (const Turn& turn : conversation.turns) {
        if (turn.number < 0) continue;
        Json line = {{"turn", turn.number}, {"parent", turn.parent}, {"role", turn.role.toStdString()},
            {"content", turn.said().toStdString()}, {"shown", shown.contains(turn.number)}};
        if (turn.isAnswer()) {
            line["model"] = conversation.model.name.toStdString();
            line["stop"] = turn.stop.toStdString();
            if (turn.branchedFrom >= 0) line["branched_from"] = turn.branchedFrom, line["token"] = turn.branchToken;
            Json tokens = Json::array();
            for (const ChatToken& token : turn.tokens)
                tokens.push_back({{"id", token.id}, {"text", token.text.toStdString()},
                    {"logprob", numberOrNull(token.logprob)}, {"entropy", numberOrNull(token.entropy)}});
            line["tokens"] = std::move(tokens);
        }
        out += QString::fromStdString(jsonText(line)) + QLatin1Char('\n');
    }
    return out;
}

struct FigureTurn {
    QString speaker, text;
    QVector<kit::TokenChip> tokens;  ///< of an answer
};

constexpr double kLine = 19, kGap = 12;

/// Lays words out at a width. @param painter null: only measures @return the height
double drawTurns(const QVector<FigureTurn>& turns, double width, QPainter* painter) {
    QFont name(QStringLiteral("Inter")), words(QStringLiteral("Inter")), tokens = kit::monoFont(12);
    name.setPixelSize(13);
    name.setWeight(QFont::DemiBold);
    words.setPixelSize(13);
    double y = 0;
    for (const FigureTurn& turn : turns) {
        if (painter) {
            painter->setFont(name);
            painter->setPen(QColor(QLatin1String(kInk)));
            painter->drawText(QRectF(0, y, width, kLine), Qt::AlignVCenter | Qt::AlignLeft, turn.speaker);
        }
        y += kLine + 2;
        if (turn.tokens.isEmpty()) {
            const QFontMetricsF metrics(words);
            const int how = Qt::AlignLeft | Qt::AlignTop | Qt::TextWordWrap | Qt::TextWrapAnywhere;
            const QRectF box = metrics.boundingRect(QRectF(0, 0, width, 1e6), how, turn.text);
            if (painter) {
                painter->setFont(words);
                painter->setPen(QColor(QLatin1String(kInk)));
                painter->drawText(QRectF(0, y, width, box.height() + 1), how, turn.text);
            }
            y += box.height() + kGap;
            continue;
        }
        const QFontMetricsF metrics(tokens);
        double x = 0;
        for (const kit::TokenChip& token : turn.tokens) {
            const QString sign = kit::tokenSign(token.text);
            const double w = std::min(metrics.horizontalAdvance(sign), width);
            if (x > 0 && x + w > width) x = 0, y += kLine;
            const QRectF box(x, y + 1, w, kLine - 2);
            if (painter) {
                if (!token.isPrompt && std::isfinite(token.probability)) {
                    QColor shade{QLatin1String(kDoubt)};
                    shade.setAlphaF(static_cast<float>(0.42 * (1 - std::clamp(token.probability, 0.0, 1.0))));
                    painter->fillRect(box, shade);
                }
                painter->setFont(tokens);
                painter->setPen(QColor(QLatin1String(token.isSpecial ? kFaint : kInk)));
                painter->drawText(box, Qt::AlignVCenter | Qt::AlignLeft, sign);
            }
            x += w;
            if (token.text.endsWith(QLatin1Char('\n'))) x = 0, y += kLine;
        }
        y += kLine + kGap;
    }
    return y;
}

QString cell(QString text) {
    return QLatin1Char('"') + text.replace(QLatin1Char('"'), QLatin1String("\"\"")) + QLatin1Char('"');
}

QString numberCell(float value) {
    return std::isfinite(value) ? QString::number(static_cast<double>(value), 'g', 9) : QString();
}

Result<void> writeTokens(
    store::Database& database, qint64 runNo, const std::function<Result<void>(const QString&)>& write) {
    constexpr qsizetype kPiece = 8192;
    DUBITO_TRY(const Conversation conversation, loadConversation(database, runNo));
    QString piece = QStringLiteral("run,turn,parent,role,index,text,id,logprob (nats),probability,entropy (nats)\n");
    for (const Turn& turn : conversation.turns) {
        if (turn.number < 0) continue;
        const QString head =
            QStringLiteral("%1,%2,%3,%4,").arg(runNo).arg(turn.number).arg(turn.parent).arg(cell(turn.role));
        if (!turn.isAnswer()) piece += head + QLatin1Char(',') + cell(turn.text) + QStringLiteral(",,,,\n");
        for (int i = 0; i < turn.tokens.size(); ++i) {
            const ChatToken& token = turn.tokens[i];
            piece += head + QString::number(i) + QLatin1Char(',') + cell(token.text) + QLatin1Char(',') +
                     QString::number(token.id) + QLatin1Char(',') + numberCell(token.logprob) + QLatin1Char(',') +
                     numberCell(std::exp(token.logprob)) + QLatin1Char(',') + numberCell(token.entropy) +
                     QLatin1Char('\n');
            if (piece.size() < kPiece) continue;
            DUBITO_CHECK(write(piece));
            piece.clear();
        }
    }
    return write(piece);
}

}  // namespace

QString exported(const Conversation& conversation, const ExportedTalk& what, ExportKind kind) {
    switch (kind) {
        case ExportKind::Html: return htmlOf(conversation, what);
        case ExportKind::Jsonl: return jsonlOf(conversation, what);
        case ExportKind::Markdown: break;
    }
    return markdownOf(conversation, what);
}

QVector<QStringList> rowsOf(const Conversation& conversation, const QVector<int>& path, int column) {
    QVector<QStringList> out;
    for (const int number : path) {
        const Turn* turn = conversation.turn(number);
        if (!turn) continue;
        const QStringList head{QString::number(column), QString::number(number), turn->role};
        if (!turn->isAnswer()) out << head + QStringList{QString(), turn->text, QString(), QString(), QString()};
        for (int i = 0; i < turn->tokens.size(); ++i) {
            const ChatToken& token = turn->tokens[i];
            out << head + QStringList{QString::number(i), token.text, QString::number(token.id),
                              QString::number(std::exp(static_cast<double>(token.logprob)), 'f', 4),
                              QString::number(static_cast<double>(token.entropy), 'f', 4)};
        }
    }
    return out;
}

kit::Figure talkFigure(const Conversation& conversation, const ExportedTalk& what, qint64 runNo) {
    constexpr double kWidth = 640, kHighest = 8000;
    QVector<FigureTurn> turns;
    for (const Turn* turn : shownTurns(conversation, what)) {
        FigureTurn out{speakerOf(conversation, *turn), turn->text, {}};
        for (const ChatToken& token : turn->tokens)
            if (!token.isSpecial)
                out.tokens.append({token.text, std::exp(static_cast<double>(token.logprob)), false, token.isForced});
        turns.append(std::move(out));
    }
    kit::Figure out;
    out.id = QStringLiteral("chat/%1").arg(runNo);
    out.title = what.title;
    out.caption = {QStringLiteral("run %1 · %2 · words of the model shaded by doubt, 1 - p")
                       .arg(runNo)
                       .arg(conversation.model.name)};
    out.size = {kWidth, std::clamp(drawTurns(turns, kWidth, nullptr), 40.0, kHighest)};
    out.draw = [turns](QPainter& painter, QSizeF size) {
        painter.save();
        painter.setClipRect(QRectF(QPointF(0, 0), size));
        drawTurns(turns, size.width(), &painter);
        painter.restore();
    };
    out.writeCsv = [runNo](store::Database& database, const std::function<Result<void>(const QString&)>& write) {
        return writeTokens(database, runNo, write);
    };
    return out;
}

}  // namespace dubito::chat
