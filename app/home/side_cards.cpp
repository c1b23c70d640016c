// Only what exists is a link; what a missing plugin would do says so.
#include "home/side_cards.h"

#include <QAction>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QPushButton>
#include <QVBoxLayout>

#include "action_registry.h"
#include "actions/chat_start.h"
#include "actions/run_facts.h"
#include "application.h"
#include "errands.h"
#include "error_presenter.h"
#include "home/try_marks.h"
#include "kit/colours.h"
#include "kit/controls.h"
#include "main_window.h"

namespace dubito::app {
namespace {

struct Thing {
    const char *title, *sentence;
    const char* role;    ///< that a plugin must have
    const char* panel;   ///< shown; empty: none
    const char* action;  ///< triggered; empty: none
    const char* takes;   ///< minutes and seconds
};

const Thing kThings[] = {
    {QT_TRANSLATE_NOOP("dubito::app::TryCard", "Ask a question"),
        QT_TRANSLATE_NOOP("dubito::app::TryCard", "Type it at the left and press Enter."), "chat", "", "", "0:10"},
    {QT_TRANSLATE_NOOP("dubito::app::TryCard", "Click a word of the answer"),
        QT_TRANSLATE_NOOP("dubito::app::TryCard", "See what else it could have said."), "chat", "chat", "", "0:20"},
    {QT_TRANSLATE_NOOP("dubito::app::TryCard", "What did layer 12 think here?"),
        QT_TRANSLATE_NOOP("dubito::app::TryCard", "One line under the answer opens all layers."), "inspect",
        "inspector", "run.session", "0:40"},
    {QT_TRANSLATE_NOOP("dubito::app::TryCard", "Teach it something"),
        QT_TRANSLATE_NOOP("dubito::app::TryCard", "Fine-tune on a few lines of your own."), "train", "data",
        "model.teach", "1:30"},
    {QT_TRANSLATE_NOOP("dubito::app::TryCard", "Compare base and taught"),
        QT_TRANSLATE_NOOP("dubito::app::TryCard", "The same question to both, side by side."), "contrast", "taught", "",
        "0:30"},
};

/// The specs that projects/demo.json names. @error NotFound, and of reading
Result<std::vector<run::RunDraft>> demoDrafts() {
    const fs::path folder = sharedFolder("projects");
    DUBITO_TRY(const std::string text, readFile(folder / "demo.json", 1 << 20));
    DUBITO_TRY(const Json demo, parseJson(text));
    std::vector<run::RunDraft> out;
    for (const Json& name : memberOf(demo, "specs")) {
        if (!name.is_string()) continue;
        DUBITO_TRY(const std::string spec, readFile(folder / name.get<std::string>(), 1 << 20));
        DUBITO_TRY(run::RunDraft draft, run::draftFromJson(spec));
        out.push_back(std::move(draft));
    }
    return out;
}

/// The plugin a draft means today, which the draft then names. @error NotFound
Result<run::PluginDescription> pluginOf(const host::Catalogue& catalogue, run::RunDraft& draft) {
    std::vector<std::string> notes;
    DUBITO_TRY(draft, catalogue.adapted(draft, &notes));
    return catalogue.find(draft.pluginId, draft.pluginVersion);
}

}  // namespace

TryCard::TryCard(Application& application, ActionRegistry& actions)
    : m_application(application), m_actions(actions), m_count(new QLabel) {
    setProperty("role", "card");
    auto* title = new QLabel(tr("Five things in five minutes"));
    title->setProperty("role", "heading");
    auto* grid = new QGridLayout;
    grid->setHorizontalSpacing(10);
    grid->setVerticalSpacing(0);
    grid->setColumnStretch(1, 1);
    int row = 0;
    for (const Thing& thing : kThings) {
        auto* number = kit::mono(QString::number(row / 2 + 1));
        number->setTextInteractionFlags(Qt::NoTextInteraction);
        number->setProperty("role", "sub");
        auto* link = new QPushButton(tr(thing.title));
        link->setProperty("role", "thing");
        link->setAccessibleDescription(tr(thing.sentence));
        auto* sentence = new QLabel(tr(thing.sentence));
        sentence->setProperty("role", "sub");
        sentence->setWordWrap(true);
        sentence->setContentsMargins(0, 0, 0, 10);
        grid->addWidget(number, row, 0, Qt::AlignLeft | Qt::AlignVCenter);
        grid->addWidget(link, row, 1, Qt::AlignLeft);
        auto* takes = new QLabel;
        takes->setObjectName(QStringLiteral("takes%1").arg(row / 2 + 1));
        grid->addWidget(takes, row, 2, Qt::AlignRight | Qt::AlignVCenter);
        m_takes << takes;
        grid->addWidget(sentence, row + 1, 1);
        connect(link, &QPushButton::clicked, this, [this, index = row / 2] { follow(index); });
        m_links << link;
        row += 2;
    }
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 14, 16, 8);
    column->setSpacing(10);
    m_count->setProperty("role", "faint");
    auto* head = new QHBoxLayout;
    head->addWidget(title);
    head->addStretch();
    head->addWidget(m_count);
    column->addLayout(head);
    column->addLayout(grid);
    column->addStretch(1);
    connect(&TryMarks::of(application), &TryMarks::changed, this, &TryCard::showMarks);
    showMarks();
}

void TryCard::showMarks() {
    const TryMarks& marks = TryMarks::of(m_application);
    for (int i = 0; i < m_takes.size(); ++i) {
        m_takes[i]->setText(marks.isDone(i) ? tr("✓ done") : QString::fromLatin1(kThings[i].takes));
        m_takes[i]->setStyleSheet(
            QStringLiteral("color: %1;").arg((marks.isDone(i) ? kit::palette().good : kit::palette().sub).name()));
    }
    m_count->setText(marks.done() == 0 ? QString() : tr("%1 of %2 done").arg(marks.done()).arg(TryMarks::kThings));
}

void TryCard::refresh() {
    showMarks();
    for (int i = 0; i < m_links.size(); ++i) {
        const bool isThere = hasPluginFor(m_application, kThings[i].role);
        m_links[i]->setEnabled(isThere);
        m_links[i]->setToolTip(isThere ? QString() : tr("No installed plugin does this."));
    }
}

void TryCard::follow(int index) {
    if (index == 0) {
        Q_EMIT askWanted();
        return;
    }
    const Thing& thing = kThings[index];
    withProject(m_application, [this, &thing] {
        if (*thing.panel) m_application.window()->showPanel(QString::fromLatin1(thing.panel));
        if (*thing.action) m_actions.trigger(QString::fromLatin1(thing.action));
    });
}

DemoCard::DemoCard(ActionRegistry& actions)
    : m_grid(new QGridLayout), m_sentence(new QLabel), m_open(new QPushButton(tr("Open the demo project"))) {
    setProperty("role", "card");
    auto* title = new QLabel(tr("Demo project"));
    title->setProperty("role", "heading");
    auto* promise = new kit::ElidedLabel(tr("made here, nothing is downloaded"));
    promise->setProperty("role", "faint");
    promise->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    auto* head = new QHBoxLayout;
    head->addWidget(title);
    head->addWidget(promise, 1);
    m_sentence->setProperty("role", "sub");
    m_sentence->setWordWrap(true);
    m_grid->setColumnStretch(0, 1);
    m_grid->setVerticalSpacing(6);
    connect(m_open, &QPushButton::clicked, actions.action(QStringLiteral("project.demo")), &QAction::trigger);
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(m_open);
    buttons->addStretch();
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 14, 16, 14);
    column->setSpacing(10);
    column->addLayout(head);
    column->addWidget(m_sentence);
    column->addLayout(m_grid);
    column->addLayout(buttons);
    column->addStretch(1);
    setSystems({});
}

void DemoCard::setSystems(const QList<DemoSystem>& systems) {
    while (QLayoutItem* item = m_grid->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    int row = 0;
    for (const DemoSystem& system : systems) {
        auto* title = new kit::ElidedLabel(system.title);
        title->setTextFormat(Qt::PlainText);
        title->setProperty("role", "sub");
        auto* name = kit::mono(tr("%1 · %2", "system and its number of runs").arg(system.name).arg(system.runs));
        name->setTextFormat(Qt::PlainText);
        m_grid->addWidget(title, row, 0);
        m_grid->addWidget(name, row++, 1, Qt::AlignRight);
    }
    m_sentence->setText(systems.isEmpty() ? tr("No installed plugin has a demo.")
                                          : tr("A small run or more of each system that is installed."));
    m_open->setEnabled(!systems.isEmpty());
}

QList<DemoSystem> demoSystems(const std::string& language) {
    QList<DemoSystem> out;
    auto drafts = demoDrafts();
    if (!drafts) return out;
    const host::Catalogue catalogue = host::Catalogue::scan();
    for (run::RunDraft& draft : *drafts) {
        const auto plugin = pluginOf(catalogue, draft);
        if (!plugin) continue;
        const QString name = QString::fromStdString(plugin->system());
        auto there = std::find_if(out.begin(), out.end(), [&](const DemoSystem& one) { return one.name == name; });
        if (there == out.end()) out << DemoSystem{name, QString::fromStdString(plugin->titleIn(language)), 1};
        else ++there->runs;
    }
    return out;
}

void queueDemo(Application& application, QWidget* parent) {
    // Hashing a model takes a moment: not on the window's thread, and one after the other, so that the order is kept.
    runErrand([guard = QPointer<QWidget>(parent), service = application.sharedService()] {
        const auto submitAll = [&]() -> Result<void> {
            DUBITO_TRY(auto drafts, demoDrafts());
            const host::Catalogue catalogue = host::Catalogue::scan();
            std::optional<Error> problem;
            for (run::RunDraft& draft : drafts) {
                const auto plugin = pluginOf(catalogue, draft);
                if (!plugin) continue;  // only what is installed
                if (auto submitted = service->submit(draft, *plugin); !submitted && !problem)
                    problem = submitted.error();
            }
            if (problem) return *problem;
            return {};
        };
        auto outcome = std::make_shared<Result<void>>(submitAll());
        if (*outcome) return;
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard, outcome] {
                if (guard) presentError(guard, outcome->error());
            },
            Qt::QueuedConnection);
    });
}

}  // namespace dubito::app
