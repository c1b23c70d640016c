// Drawn anew in the light palette at any size; what is written are the points themselves.
#include "lm/lm_figures.h"

#include <QCoreApplication>
#include <QPainter>

#include <cmath>

#include "kit/data_twin.h"
#include "kit/plot_drawing.h"
#include "kit/points_csv.h"

namespace dubito::lmview {
namespace {

struct Words {
    Q_DECLARE_TR_FUNCTIONS(dubito::lmview::Figures)
};

QString unitText(const std::string& unit) { return unit == "1" ? QString() : QString::fromStdString(unit); }

/// "training: last 0.31, 40 points"
QString lineText(const QString& name, const std::vector<store::Column>& columns) {
    qint64 points = 0;
    for (const store::Column& column : columns) points += column.n;
    return Words::tr("%1: last %2, %n point(s)", nullptr, static_cast<int>(points))
        .arg(name, QString::number(columns.back().last, 'g', 4));
}

/// What both thought of one answer, a value a token.
kit::PlotPicture pictureOf(const WeighedAnswer& answer, const QString& yLabel) {
    kit::PlotPicture out;
    out.xLabel = Words::tr("token");
    out.yLabel = yLabel;
    const auto add = [&](const QVector<double>& values, const QString& name, std::size_t style) {
        kit::PlotLine line;
        line.name = name;
        line.style = style;
        for (qsizetype i = 0; i < values.size(); ++i) {
            line.x << static_cast<double>(i);
            line.y << values[i];
        }
        out.lines << line;
    };
    add(answer.base, Words::tr("under base"), 0);
    add(answer.taught, Words::tr("under taught"), 1);
    return out;
}

QString answerText(const QString& name, const WeighedAnswer& answer) {
    QString text;
    for (const kit::TokenChip& chip : answer.chips)
        if (!chip.isSpecial) text += chip.text;
    return Words::tr("%1: %2 (%3 nats under base, %4 under taught)")
        .arg(name, text.simplified(), QString::number(answer.sumBase(), 'f', 2),
            QString::number(answer.sumTaught(), 'f', 2));
}

Result<void> writeAnswers(qint64 runNo, const Question& question, const kit::WriteText& write) {
    const auto line = [](const QStringList& cells) { return kit::DataTable{{}, cells, {}}.asText(QLatin1Char(',')); };
    DUBITO_CHECK(write(line({QStringLiteral("run"), QStringLiteral("question"), QStringLiteral("answer_of"),
        QStringLiteral("position"), QStringLiteral("token"), QStringLiteral("under_base"),
        QStringLiteral("under_taught"), QStringLiteral("unit")})));
    for (const bool isTaught : {false, true}) {
        const WeighedAnswer& answer = isTaught ? question.taught : question.base;
        QString piece;
        for (int i = 0; i < answer.chips.size(); ++i)
            piece += line(
                {QString::number(runNo), question.text, isTaught ? QStringLiteral("taught") : QStringLiteral("base"),
                    QString::number(i), answer.chips[i].text, QString::number(answer.base[i], 'g', 9),
                    QString::number(answer.taught[i], 'g', 9), QStringLiteral("nats")});
        DUBITO_CHECK(write(piece));
    }
    return {};
}

}  // namespace

kit::Figure chartFigure(
    const TrainingData& data, int chart, const QString& title, std::shared_ptr<kit::PlotPicture> picture) {
    kit::Figure out;
    out.title = title;
    out.caption << Words::tr("Run %1: %2").arg(data.row.runNo).arg(QString::fromStdString(data.row.name()));
    QVector<kit::PointsOf> points;
    for (std::size_t i = 0; i < data.lines.size(); ++i) {
        if (kLines[i].chart != chart || data.lines[i].empty()) continue;
        const QString key = QString::fromLatin1(kLines[i].key);
        if (out.id.isEmpty()) out.id = key, picture->yLabel = unitText(data.units[i]);
        out.caption << lineText(key, data.lines[i]);
        points.append({data.row.runNo, QString::fromStdString(data.row.name()), key, unitText(data.units[i])});
    }
    picture->xLabel = Words::tr("step");
    out.draw = [picture](QPainter& painter, QSizeF size) { kit::drawPlot(painter, size, *picture); };
    out.writeCsv = [points](store::Database& db, const kit::WriteText& write) -> Result<void> {
        DUBITO_CHECK(kit::writePointsHead(write));
        for (const kit::PointsOf& one : points) DUBITO_CHECK(kit::writePoints(db, one, write));
        return {};
    };
    return out;
}

kit::Figure questionFigure(const Question& question, int number, qint64 runNo) {
    kit::Figure out;
    out.id = QStringLiteral("question-%1").arg(number);
    out.title = Words::tr("Base and taught: %1").arg(question.text.simplified().left(80));
    out.caption = {Words::tr("Run %1; log probability of each token, greedy answers").arg(runNo),
        answerText(Words::tr("base"), question.base), answerText(Words::tr("taught"), question.taught)};
    out.size = {640, 440};
    out.draw = [base = pictureOf(question.base, Words::tr("answer of base, nats")),
                   taught = pictureOf(question.taught, Words::tr("answer of taught, nats"))](
                   QPainter& painter, QSizeF size) {
        const QSizeF half(size.width(), size.height() / 2);
        kit::drawPlot(painter, half, base);
        painter.save();
        painter.translate(0, half.height());
        kit::drawPlot(painter, half, taught);
        painter.restore();
    };
    out.writeCsv = [question, runNo](
                       store::Database&, const kit::WriteText& write) { return writeAnswers(runNo, question, write); };
    return out;
}

}  // namespace dubito::lmview
