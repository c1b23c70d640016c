// Names are offered where a name may stand, states behind "state =".
#include "runs/filter_field.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QKeyEvent>
#include <QRegularExpression>
#include <QStringListModel>
#include <QStyle>

#include <algorithm>

#include "store/filter.h"

namespace dubito::runs {
namespace {

constexpr int kLeastTyped = 2, kMostOffered = 50;

/// What may stand behind the last operator of the text; empty: anything.
QStringList valuesFor(const QString& before) {
    static const QRegularExpression kTail(QStringLiteral(R"((\S+)\s*(?:<=|>=|!=|=|<|>|~)\s*$)"));
    const auto match = kTail.match(before);
    if (!match.hasMatch()) return {};
    QStringList out;
    if (match.captured(1) == QLatin1String("state"))
        for (int state = 0; state < 8; ++state) {
            const auto word = store::stateText(state);
            out << QString::fromUtf8(word.data(), static_cast<int>(word.size()));
        }
    if (match.captured(1) == QLatin1String("star")) out << QStringLiteral("true") << QStringLiteral("false");
    return out;
}

}  // namespace

FilterField::FilterField(QWidget* parent)
    : QLineEdit(parent), m_offered(new QStringListModel(this)), m_completer(new QCompleter(m_offered, this)) {
    m_completer->setWidget(this);
    m_completer->setCompletionMode(QCompleter::UnfilteredPopupCompletion);
    connect(m_completer, qOverload<const QString&>(&QCompleter::activated), this, &FilterField::insert);
    connect(this, &QLineEdit::textEdited, this, [this] { offer(); });
}

void FilterField::setKeys(const QStringList& keys) { m_keys = keys; }

void FilterField::setWrong(bool on) {
    if (property("wrong").toBool() == on) return;
    setProperty("wrong", on);
    style()->unpolish(this);
    style()->polish(this);
}

int FilterField::wordStart() const {
    static const QRegularExpression kEnd(QStringLiteral(R"([\s()=<>~!"][^\s()=<>~!"]*$)"));
    const int at = static_cast<int>(text().left(cursorPosition()).lastIndexOf(kEnd));
    return at + 1;
}

void FilterField::offer() {
    const int start = wordStart();
    const QString before = text().left(start), word = text().mid(start, cursorPosition() - start);
    const bool isValue = before.trimmed().contains(QRegularExpression(QStringLiteral("[=<>~]$")));
    QStringList fitting;
    if (isValue) {
        for (const QString& value : valuesFor(before))
            if (value.startsWith(word, Qt::CaseInsensitive) && value != word) fitting << value;
    } else if (word.size() >= kLeastTyped) {
        for (const QString& key : m_keys)
            if (key.contains(word, Qt::CaseInsensitive) && key != word) fitting << key;
    }
    if (fitting.isEmpty()) return m_completer->popup()->hide();
    m_offered->setStringList(fitting.mid(0, kMostOffered));
    QRect place = cursorRect();
    place.setWidth(std::clamp(m_completer->popup()->sizeHintForColumn(0) + 40, 160, std::max(160, width())));
    m_completer->complete(place);
}

void FilterField::insert(const QString& key) {
    const int start = wordStart();
    setText(text().left(start) + key + QLatin1Char(' ') + text().mid(cursorPosition()).trimmed());
    setCursorPosition(start + static_cast<int>(key.size()) + 1);
}

void FilterField::keyPressEvent(QKeyEvent* event) {
    const bool isOut = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter ||
                       event->key() == Qt::Key_Escape || event->key() == Qt::Key_Down;
    if (!isOut) return QLineEdit::keyPressEvent(event);
    if (m_completer->popup()->isVisible()) return event->ignore();
    Q_EMIT leaveAsked();
}

}  // namespace dubito::runs
