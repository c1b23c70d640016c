// What the panel asks of a run's worker, and what comes of it.
#include <QDialog>
#include <QDialogButtonBox>
#include <QJsonDocument>
#include <QJsonObject>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QVBoxLayout>

#include <algorithm>

#include "base/ids.h"
#include "inspector/inspector_panel.h"
#include "kit/colours.h"

namespace dubito::inspector {
namespace {

const QString kPrompt = QStringLiteral("prompt"), kBranch = QStringLiteral("branch"),
              kCausal = QStringLiteral("causal");

/// The longest stretch of a text before `end` that a person can write anew: without special tokens.
struct Stretch {
    int from = 0, to = 0;
    QString text;
};
Stretch longestStretch(const Sequence& sequence, int end) {
    Stretch best, now;
    for (int i = 0; i <= end; ++i) {
        const bool isEnd = i == end || sequence.positions[static_cast<std::size_t>(i)].isSpecial;
        if (!isEnd) {
            now.text += sequence.positions[static_cast<std::size_t>(i)].text;
            continue;
        }
        now.to = i;
        if (now.to - now.from > best.to - best.from) best = now;
        now = {i + 1, i + 1, {}};
    }
    return best;
}

}  // namespace

void InspectorPanel::sendCommand(const QString& verb, const QJsonObject& arguments) {
    if (!m_live || !m_run) return;
    m_answerOf = verb;
    m_askedUs = nowUs();
    m_refusal.clear();
    m_states->setBar(m_stopped);
    context().send(m_run, verb, QString::fromUtf8(QJsonDocument(arguments).toJson(QJsonDocument::Compact)));
    if (verb != kCausal) return;
    m_causal->setProgress(tr("The test is asked for; it begins as soon as the worker is free."));
    m_views->setCurrentIndex(Causal);
}

void InspectorPanel::goToNewest(int before, std::size_t testsBefore) {
    const Sequence& newest = m_data.sequences.rbegin()->second;
    auto* selection = context().selection;
    if (before >= 0 && newest.number > before) {
        if (m_answerOf == kPrompt || m_answerOf == kBranch) m_answerOf.clear();
        selection->setCell(newest.number, std::max(0, selection->layer()), std::max(0, newest.promptLength - 1));
    }
    if (m_answerOf == kCausal && m_data.causal.size() > testsBefore) {
        m_answerOf.clear();
        m_causal->setProgress({});
        m_views->setCurrentIndex(Causal);
    }
}

void InspectorPanel::showProgress(const store::RunRow& row) {
    m_states->setBar(m_stopped.isEmpty() ? m_refusal : m_stopped);
    if (!m_live && m_answerOf == kCausal) m_answerOf.clear();
    const bool isTesting = m_live && row.phase == "causal test" && row.done < row.total;
    if (isTesting)
        m_causal->setProgress(tr("A causal test runs: %1 % (%2 of %3 cells)")
                                  .arg(static_cast<int>(100 * row.done / row.total))
                                  .arg(static_cast<qint64>(row.done))
                                  .arg(static_cast<qint64>(row.total)));
    else if (m_answerOf != kCausal) m_causal->setProgress({});
    const bool isReading = m_live && (row.phase == "reading" || row.phase == "speaking") && row.done < row.total;
    m_readingOf = static_cast<qint64>(row.total);
    m_reading = isReading ? tr("being read: %1 of %2 tokens · ")
                                .arg(static_cast<qint64>(row.done))
                                .arg(static_cast<qint64>(row.total))
                          : QString();
}

void InspectorPanel::showRefusal(const std::vector<store::LogRow>& lines) {
    if (m_answerOf.isEmpty()) return;
    const QString start = QStringLiteral("command %1 refused: ").arg(m_answerOf);
    for (const auto& line : lines) {
        if (line.timeUs < m_askedUs) continue;
        const QString text = QString::fromStdString(line.text);
        const bool isAnswer = text.startsWith(start);
        // A test that cannot be made is told as a warning: the session goes on.
        if (!isAnswer && (m_answerOf != kCausal || line.level != 1)) continue;
        m_refusal = tr("Not done: %1").arg(isAnswer ? text.mid(start.size()) : text);
        m_answerOf.clear();
        return;
    }
}

QString InspectorPanel::nameOf(const Sequence& sequence) const {
    const QString own = firstWords(sequence);
    if (sequence.parent < 0) return own.isEmpty() ? tr("text %1").arg(sequence.number + 1) : own;
    const auto at = static_cast<std::size_t>(std::max(0, sequence.branchPosition));
    const QString instead = at < sequence.positions.size() ? wordOf(sequence.positions[at].text) : QString();
    return tr("with “%1”: %2").arg(instead, own);
}

void InspectorPanel::askAblation() {
    const Sequence* now = sequence();
    const int position = context().selection->position();
    if (!now || position < 0) return;
    sendCommand(kCausal, {{"kind", "zero"}, {"site", "heads"}, {"seq", now->number}, {"end", position + 1}});
}

void InspectorPanel::askPatch() {
    const Sequence* now = sequence();
    const int position = context().selection->position();
    if (!now || position < 0 || position >= static_cast<int>(now->positions.size())) return;
    const Stretch stretch = longestStretch(*now, position + 1);
    auto* dialog = new QDialog(this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setWindowTitle(tr("Patch from another text"));
    auto* sentence = new QLabel(
        tr("Write another text of equally many tokens (%1) that leads to another word after “%2”. Each place is then "
           "set to what it holds under the other text, one at a time.")
            .arg(stretch.to - stretch.from)
            .arg(wordOf(now->positions[static_cast<std::size_t>(position)].text)));
    sentence->setWordWrap(true);
    sentence->setTextFormat(Qt::PlainText);
    auto* text = new QPlainTextEdit(stretch.text);
    text->setFont(kit::monoFont(12));
    text->setAccessibleName(tr("The other text"));
    text->setTabChangesFocus(true);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Ok | QDialogButtonBox::Cancel);
    buttons->button(QDialogButtonBox::Ok)->setText(tr("Test it"));
    auto* column = new QVBoxLayout(dialog);
    column->addWidget(sentence);
    column->addWidget(text, 1);
    column->addWidget(buttons);
    dialog->resize(480, 240);
    connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
    connect(buttons, &QDialogButtonBox::accepted, dialog, &QDialog::accept);
    connect(dialog, &QDialog::accepted, this, [this, text, stretch, run = m_run, number = now->number, position] {
        if (run != m_run) return;  // another run is shown by now
        sendCommand(kCausal, {{"kind", "patch"}, {"seq", number}, {"end", position + 1}, {"from", stretch.from},
                                 {"to", stretch.to}, {"corrupt", text->toPlainText()}});
    });
    dialog->open();
}

}  // namespace dubito::inspector
