// A missing display is no fault of a program that is on screen.
#include "home/system_card.h"

#include <QCoreApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPointer>
#include <QPushButton>
#include <QRegularExpression>
#include <QVBoxLayout>
#include <memory>

#include "errands.h"
#include "home/system_words.h"
#include "kit/colours.h"
#include "kit/controls.h"

namespace dubito::app {
namespace {

bool needsAttention(const cli::SystemCheckLine& line) { return !line.remedy.empty() && line.what != "display"; }

/// A line that needs nobody, as few words as say it; empty: it is in the details alone.
QString shortLine(const cli::SystemCheckLine& line) {
    const QString found = QString::fromStdString(line.found);
    static const QRegularExpression kCount(QStringLiteral("^([0-9]+) found"));
    const auto before = [&](const char* word) { return found.section(QLatin1String(word), 0, 0); };
    if (line.what == "memory") return SystemCard::tr("%1 of memory free").arg(before(" available"));
    if (line.what == "GPU" && found == QLatin1String("CPU only")) return SystemCard::tr("no GPU found: CPU only");
    if (line.what == "worker") return SystemCard::tr("worker starts");
    if (line.what == "plugins")
        return SystemCard::tr("%n plugin(s), all healthy", nullptr, kCount.match(found).captured(1).toInt());
    if (line.what == "default model") return SystemCard::tr("default model found");
    if (line.what == "disk") return SystemCard::tr("%1 of disk free").arg(before(" free"));
    const bool isSaid = line.what == "CPU" || line.what == "GPU" || line.what == "display";
    return isSaid ? systemWords(line.found) : QString();
}

void fillList(QVBoxLayout* column, const std::vector<cli::SystemCheckLine>& lines) {
    while (QLayoutItem* item = column->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    for (const auto& line : lines) {
        auto* value = kit::mono(systemWords(line.found));
        value->setTextFormat(Qt::PlainText);
        column->addWidget(kit::keyValueRow(systemWords(line.what), value));
        if (!needsAttention(line)) continue;
        auto* remedy = new QLabel(systemWords(line.remedy));
        remedy->setTextFormat(Qt::PlainText);
        remedy->setProperty("role", "faint");
        remedy->setWordWrap(true);
        column->addWidget(remedy);
    }
    column->addStretch();
}

}  // namespace

SystemCard::SystemCard()
    : m_dot(new QLabel(QStringLiteral("●"))), m_word(new QLabel(tr("Checking…"))), m_summary(new kit::ElidedLabel),
      m_more(new QPushButton(tr("Details ▾"))), m_details(new QWidget) {
    setProperty("role", "card");
    setAccessibleName(tr("System check"));
    m_summary->setProperty("role", "sub");
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_more->setProperty("role", "link");
    m_more->setCheckable(true);
    auto* line = new QHBoxLayout;
    line->addWidget(m_dot);
    line->addWidget(m_word);
    line->addSpacing(8);
    line->addWidget(m_summary, 1);
    line->addWidget(m_more);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 9, 16, 9);
    column->addLayout(line);
    column->addWidget(m_details);
    auto* list = new QVBoxLayout(m_details);
    list->setContentsMargins(0, 4, 0, 0);
    list->setSpacing(2);
    m_dot->hide();
    m_more->hide();
    m_details->hide();
    connect(m_more, &QPushButton::toggled, this, [this](bool open) {
        m_details->setVisible(open);
        m_more->setText(open ? tr("Details ▴") : tr("Details ▾"));
    });
}

void SystemCard::showLines(const std::vector<cli::SystemCheckLine>& lines) {
    // What needs a hand comes first: the line is cut at its end.
    QStringList said, fine;
    for (const auto& line : lines)
        if (needsAttention(line)) said << QStringLiteral("%1: %2").arg(systemWords(line.what), systemWords(line.found));
        else if (const QString words = shortLine(line); !words.isEmpty()) fine << words;
    const int open = static_cast<int>(said.size());
    said << fine;
    m_word->setText(open ? tr("%n thing(s) to look at", nullptr, open) : tr("Ready"));
    m_dot->setStyleSheet(QStringLiteral("color: %1;").arg((open ? kit::palette().warn : kit::palette().good).name()));
    m_dot->show();
    m_more->show();
    m_summary->setText(said.join(QStringLiteral("  ·  ")));
    fillList(static_cast<QVBoxLayout*>(m_details->layout()), lines);
}

void checkSystemBeside(QObject* receiver, std::function<void(const std::vector<cli::SystemCheckLine>&)> done) {
    // The worker is started once to see that it starts.
    runErrand([guard = QPointer<QObject>(receiver), done = std::move(done)] {
        auto lines = std::make_shared<std::vector<cli::SystemCheckLine>>(cli::checkSystem());
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard, lines, done] {
                if (guard) done(*lines);
            },
            Qt::QueuedConnection);
    });
}

QWidget* makeSystemCheck(QWidget* parent) {
    auto* holder = new QWidget(parent);
    auto* column = new QVBoxLayout(holder);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(3);
    auto* waiting = new QLabel(SystemCard::tr("Checking…"));
    waiting->setProperty("role", "sub");
    column->addWidget(waiting);
    column->addStretch();
    checkSystemBeside(holder, [column](const auto& lines) { fillList(column, lines); });
    return holder;
}

}  // namespace dubito::app
