// The draft is validated as it is typed and frozen once, when Run is pressed.
#include "dialogs/run_dialog.h"

#include <QClipboard>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFormLayout>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QPushButton>
#include <QScrollArea>
#include <QShowEvent>
#include <QStandardItemModel>
#include <QTimer>
#include <QVBoxLayout>
#include <algorithm>
#include <thread>

#include "application.h"
#include "crash_recovery.h"
#include "dialogs/number_field.h"
#include "dialogs/run_presets.h"
#include "errands.h"
#include "error_presenter.h"
#include "host/strikes.h"
#include "kit/colours.h"
#include "kit/controls.h"
#include "run/run_state.h"
#include "translations.h"

namespace dubito::app {
namespace {

constexpr int kPluginRole = Qt::UserRole;  ///< index into the list of plugins; absent: a heading

int machineThreads() { return static_cast<int>(std::max(1u, std::thread::hardware_concurrency())); }

NumberField* countField(qint64 low, qint64 high, qint64 value, const QString& name) {
    NumberField::Rule rule;
    rule.isWhole = true;
    rule.low = static_cast<double>(low);
    rule.high = static_cast<double>(high);
    auto* field = new NumberField(rule, Json(value));
    field->edit()->setAccessibleName(name);
    return field;
}

/// As a person would say it.
QString aboutText(qint64 us) { return us < 1'000'000 ? RunDialog::tr("under a second") : kit::durationText(us); }

constexpr int kKeepAfterMs = 300;  // of the last key: the draft is a file, and requests wait behind it

}  // namespace

void RunDialog::open(Application& application, QWidget* parent, qint64 runNo, const Json& draft) {
    if (runNo) {
        kit::asyncQuery<run::RepeatableRun>(
            application.panelContext(), parent, [runNo](store::Database& db) { return run::repeatableRun(db, runNo); },
            [&application, parent](Result<run::RepeatableRun> found) {
                if (!found) return presentError(parent, found.error());
                (new RunDialog(application, parent, *found, {}))->show();
            });
        return;
    }
    run::RepeatableRun given;
    Json kept = draft;
    if (!kept.is_object())
        if (auto last = parseJson(CrashRecovery::draft().toStdString())) kept = std::move(*last);
    const Json several = memberOf(kept, "several");
    if (kept.is_object()) {
        kept.erase("several");
        auto read = run::draftFromJson(jsonText(kept));
        if (read) given.draft = std::move(*read);
        else if (draft.is_object()) return presentError(parent, read.error());
    }
    (new RunDialog(application, parent, given, several))->show();
}

RunDialog::RunDialog(Application& application, QWidget* parent, const run::RepeatableRun& given, const Json& several)
    : QDialog(parent), m_application(application), m_plugin(new QComboBox), m_device(new QComboBox),
      m_title(new QLineEdit), m_seed(countField(0, kMostSeed, given.draft.seed, tr("Seed"))),
      m_threads(
          countField(1, kMostThreads, given.draft.threads > 0 ? given.draft.threads : machineThreads(), tr("Threads"))),
      m_form(new ParamForm), m_summary(new QLabel), m_differences(new QLabel), m_count(new QLabel),
      m_demand(new QLabel), m_estimate(new QLabel), m_error(new QLabel), m_keep(new QTimer(this)),
      m_presets(new RunPresets(application.settings(), [this] { return preset(); })) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("New run"));
    listPlugins();
    m_plugin->setAccessibleName(tr("Plugin"));
    m_title->setPlaceholderText(tr("name of the run"));
    m_title->setAccessibleName(tr("Name"));
    m_title->setText(QString::fromStdString(given.draft.title));
    for (const char* device : {"cpu", "cuda", "auto"}) m_device->addItem(QString::fromLatin1(device));
    m_device->setCurrentText(QString::fromStdString(given.draft.device));
    m_device->setAccessibleName(tr("Device"));
    for (QComboBox* box : {m_plugin, m_device}) kit::guardWheel(box);
    m_summary->setWordWrap(true);
    m_summary->setTextFormat(Qt::PlainText);
    m_summary->setProperty("role", "sub");

    auto* left = new QVBoxLayout;
    auto* head = new QHBoxLayout;
    head->addWidget(m_plugin, 1);
    head->addWidget(m_presets);
    left->addLayout(head);
    left->addWidget(m_summary);
    left->addWidget(m_form, 1);
    auto* columns = new QHBoxLayout;
    columns->setSpacing(16);
    columns->addLayout(left, 3);
    columns->addWidget(makeCard(), 2);
    auto* layout = new QVBoxLayout(this);
    layout->addLayout(columns, 1);
    addButtons(layout);
    resize(900, 640);
    connect(m_plugin, &QComboBox::activated, this, [this](int) {
        m_notes.clear();
        showPlugin({});
        m_form->focusFirst();
    });
    connect(m_form, &ParamForm::edited, this, [this] { refreshCard(); });
    for (NumberField* field : {m_seed, m_threads})
        connect(field, &NumberField::edited, this, [this] { refreshCard(); });
    connect(m_device, &QComboBox::currentTextChanged, this, [this] { refreshCard(); });
    connect(m_title, &QLineEdit::textChanged, this, [this] { m_keep->start(); });
    m_keep->setSingleShot(true);
    m_keep->setInterval(kKeepAfterMs);
    connect(m_keep, &QTimer::timeout, this, &RunDialog::keepDraft);
    connect(m_presets, &RunPresets::chosen, this, &RunDialog::takePreset);
    takeGiven(given, several);
}

/// The right side: what holds for every plugin, and what will be different from its defaults.
QWidget* RunDialog::makeCard() {
    auto* card = new QWidget;
    auto* right = new QVBoxLayout(card);
    right->setContentsMargins(0, 0, 8, 0);
    auto* fields = new QFormLayout;
    fields->addRow(tr("Name"), m_title);
    fields->addRow(tr("Seed"), m_seed);
    fields->addRow(tr("Threads"), m_threads);
    fields->addRow(tr("Device"), m_device);
    right->addLayout(fields);
    right->addSpacing(8);
    right->addWidget(kit::caption(tr("What differs from the defaults")));
    m_differences->setFont(kit::monoFont());
    m_differences->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_demand->setProperty("role", "faint");
    m_estimate->setProperty("role", "faint");
    m_error->setProperty("role", "bad");
    for (QLabel* label : {m_differences, m_count, m_demand, m_estimate, m_error}) {
        label->setWordWrap(true);
        label->setTextFormat(Qt::PlainText);
        right->addWidget(label);
    }
    right->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setWidget(card);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setFocusPolicy(Qt::NoFocus);
    scroll->setMinimumWidth(260);
    return scroll;
}

void RunDialog::addButtons(QVBoxLayout* layout) {
    auto* buttons = new QDialogButtonBox;
    m_run = buttons->addButton(tr("Run"), QDialogButtonBox::AcceptRole);
    m_run->setProperty("role", "primary");
    m_run->setDefault(true);
    auto* cancel = buttons->addButton(tr("Cancel"), QDialogButtonBox::RejectRole);
    auto* command = buttons->addButton(tr("Copy as command"), QDialogButtonBox::ActionRole);
    auto* copied = buttons->addButton(tr("Copy as JSON"), QDialogButtonBox::ActionRole);
    for (QPushButton* button : {cancel, command, copied}) button->setAutoDefault(false);
    for (QAbstractButton* button : buttons->buttons()) button->setIcon({});
    layout->addWidget(buttons);
    connect(buttons, &QDialogButtonBox::accepted, this, [this] { start(); });
    connect(buttons, &QDialogButtonBox::rejected, this, [this] {
        dropDraft();
        close();
    });
    connect(command, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(this->command()); });
    connect(copied, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(json()); });
}

/// The newest version of each plugin that may run, under the name of its system.
void RunDialog::listPlugins() {
    for (const auto& entry : m_application.catalogue().entries()) {
        if (!entry.plugin || (m_application.safeMode() && !entry.isOurs) ||
            host::isDisabled(entry.plugin->id, entry.plugin->version))
            continue;
        const bool isOlder = std::any_of(m_plugins.begin(), m_plugins.end(),
            [&](const run::PluginDescription& other) { return other.id == entry.plugin->id; });
        if (!isOlder) m_plugins.push_back(*entry.plugin);
    }
    std::stable_sort(
        m_plugins.begin(), m_plugins.end(), [](const auto& a, const auto& b) { return a.system() < b.system(); });
    auto* model = new QStandardItemModel(m_plugin);
    std::string system;
    for (std::size_t i = 0; i < m_plugins.size(); ++i) {
        if (i == 0 || m_plugins[i].system() != system) {
            system = m_plugins[i].system();
            auto* heading = new QStandardItem(QString::fromStdString(system));
            heading->setFlags(Qt::NoItemFlags);
            heading->setFont(kit::captionFont());
            model->appendRow(heading);
        }
        auto* item = new QStandardItem(QString::fromStdString(m_plugins[i].titleIn(languageCode())));
        item->setData(static_cast<int>(i), kPluginRole);
        item->setToolTip(QString::fromStdString(m_plugins[i].id + " " + m_plugins[i].version));
        model->appendRow(item);
    }
    m_plugin->setModel(model);
}

void RunDialog::takeGiven(run::RepeatableRun given, const Json& several) {
    std::vector<std::string> notes;
    if (!given.draft.pluginId.empty())
        if (auto adapted = m_application.catalogue().adapted(given.draft, &notes)) given.draft = std::move(*adapted);
    for (const auto& note : notes) m_notes << QString::fromStdString(note);
    int index = -1;
    for (int i = 0; i < m_plugin->count(); ++i) {
        const QVariant at = m_plugin->itemData(i, kPluginRole);
        if (!at.isValid()) continue;
        const auto& plugin = m_plugins[static_cast<std::size_t>(at.toInt())];
        if (index < 0) index = i;
        if (plugin.id != given.draft.pluginId) continue;
        index = i;
        run::putPaths(given.draft, given.assets, plugin);
        m_given = given.draft;
    }
    if (!given.draft.pluginId.empty() && m_given.pluginId.empty())
        m_notes << tr("The plugin %1 is not installed; another one is shown.")
                       .arg(QString::fromStdString(given.draft.pluginId));
    m_plugin->setCurrentIndex(index);
    const bool isKnown = !m_given.pluginId.empty();
    showPlugin(isKnown ? m_given.parameters : Json(), isKnown ? memberOf(several, "params") : Json());
    if (isKnown) takeSeeds(several);
}

void RunDialog::takeSeeds(const Json& several) {
    const Json& given = memberOf(several, "seeds");
    if (!given.is_array() || given.empty() || given.size() > kMostRuns) return;
    m_seed->setValues(std::vector<Json>(given.begin(), given.end()));
}

Json RunDialog::preset() const {
    Json out = {{"params", Json::object()}};
    for (const auto& [pointer, value] : m_form->changed()) out["params"][pointer] = value;
    if (const Json more = several(); !more.empty()) out["several"] = more;
    return out;
}

/// Parameters that the plugin no longer has are left out.
void RunDialog::takePreset(const Json& preset) {
    if (!plugin()) return;
    Json values = run::defaultsOf(plugin()->parameters);
    const Json& kept = memberOf(preset, "params");
    if (kept.is_object())
        for (const auto& [pointer, value] : kept.items()) {
            const auto end = pointer.rfind('/');
            const bool hasPlace =
                end == 0 || (end != pointer.npos && run::valueAt(values, pointer.substr(0, end)).is_object());
            if (hasPlace && pointer.front() == '/')
                values[Json::json_pointer(pointer.substr(0, end))][pointer.substr(end + 1)] = value;
        }
    const Json& several = memberOf(preset, "several");
    m_given = {};
    m_notes.clear();
    showPlugin(values, memberOf(several, "params"));
    takeSeeds(several);
    m_form->focusFirst();
}

const run::PluginDescription* RunDialog::plugin() const {
    const QVariant at = m_plugin->currentData(kPluginRole);
    return at.isValid() ? &m_plugins[static_cast<std::size_t>(at.toInt())] : nullptr;
}

void RunDialog::showPlugin(const Json& values, const Json& several) {
    const run::PluginDescription* chosen = plugin();
    m_presets->setPlugin(chosen ? QString::fromStdString(chosen->id) : QString());
    m_run->setEnabled(chosen != nullptr);
    if (!chosen) {
        m_error->setText(tr("No plugin can be run. The Plugins panel says why."));
        return;
    }
    m_summary->setText(QString::fromStdString(run::textIn(chosen->summary, languageCode(), "")));
    m_summary->setVisible(!m_summary->text().isEmpty());
    QString demand;
    if (chosen->demand.memoryBytes > 0) {
        const QString size = QLocale().formattedDataSize(chosen->demand.memoryBytes, 1);
        demand = chosen->demand.memoryFromInput
                     ? tr("Memory, as its author says: %1 and the size of its model").arg(size)
                     : tr("Memory, as its author says: %1").arg(size);
    }
    if (chosen->demand.threads > 0)
        demand += (demand.isEmpty() ? QString() : QStringLiteral("\n")) +
                  tr("It uses at most %n thread(s)", nullptr, chosen->demand.threads);
    m_demand->setText(demand);
    m_demand->setVisible(!demand.isEmpty());
    m_form->setSchema(chosen->parameters, values, languageCode(), several);
    estimate();
    refreshCard();
}

void RunDialog::estimate() {
    m_estimate->hide();
    m_usual = 0;
    using Times = std::vector<std::int64_t>;
    kit::asyncQuery<Times>(
        m_application.panelContext(), this,
        [id = plugin()->id](store::Database& db) -> Result<Times> {
            constexpr std::int64_t kMostLookedAt = 60;
            store::RunQuery query;
            query.text = id;
            query.limit = kMostLookedAt;
            DUBITO_TRY(const auto rows, store::queryRuns(db, query));
            Times out;
            for (const auto& row : rows)
                if (row.pluginId == id && row.state == static_cast<int>(run::RunState::Done) && row.workedUs)
                    out.push_back(*row.workedUs);
            std::sort(out.begin(), out.end());
            return out;
        },
        [this, id = plugin()->id](Result<Times> times) {
            if (!times || times->empty() || !plugin() || plugin()->id != id) return;
            const int count = static_cast<int>(times->size());
            const QString middle = aboutText((*times)[times->size() / 2]);
            m_estimate->setText(count == 1 ? tr("Time, as an earlier run of this plugin took: %1").arg(middle)
                                           : tr("Time, as %1 earlier runs of this plugin took: %2 (%3 to %4)")
                                                 .arg(QString::number(count), middle, aboutText(times->front()),
                                                     aboutText(times->back())));
            m_estimate->show();
            m_usual = (*times)[times->size() / 2];
            tellCount();
        });
}

/// What stands in the way of a start, as far as it is known before: one sentence a line.
QString RunDialog::faultSentence() const {
    QStringList lines = m_notes;
    for (const auto& [name, sentence] : m_form->faults()) lines << QStringLiteral("%1: %2").arg(name, sentence);
    if (seeds().empty()) lines << tr("Seed: a whole number from 0 is needed.");
    if (!countOf(m_threads, 1, kMostThreads)) lines << tr("Threads: a whole number from 1 to 1024 is needed.");
    if (m_device->currentText() == QLatin1String("cuda")) {
        if (plugin() && plugin()->gpu == "none") lines << tr("Device: this plugin has no GPU code.");
        else if (!run::hasCudaDevice()) lines << tr("Device: no NVIDIA GPU is found here.");
    }
    return lines.join(QLatin1Char('\n'));
}

void RunDialog::tellCount() {
    const int count = static_cast<int>(drafts().size());
    const bool isMany = count > static_cast<int>(kMostRuns);
    m_count->setVisible(count > 1);
    m_run->setText(count > 1 && !isMany ? tr("Run all %1").arg(count) : tr("Run"));
    if (isMany) {
        m_count->setText(tr("More than %1 runs: that many can be started at once.").arg(kMostRuns));
    } else {
        QString text = tr("%n run(s): one of every combination of values and seeds", nullptr, count);
        if (m_usual > 0) text += tr(", about %1 one after another").arg(aboutText(m_usual * count));
        m_count->setText(text);
    }
    m_count->setProperty("role", isMany ? "bad" : "sub");
    m_count->style()->unpolish(m_count);
    m_count->style()->polish(m_count);
}

void RunDialog::refreshCard() {
    if (!plugin()) return;
    QString text;
    for (const auto& [path, value] : m_form->differences()) {
        QString shown = value.left(200);
        if (shown.size() < value.size()) shown += QChar(0x2026);
        text += QStringLiteral("%1 = %2\n").arg(path, shown);
    }
    m_differences->setText(text.isEmpty() ? tr("nothing") : text.trimmed());
    tellCount();
    m_error->setText(faultSentence());
    m_keep->start();
}

void RunDialog::showEvent(QShowEvent* event) {
    QDialog::showEvent(event);
    if (event->spontaneous()) return;
    if (QWidget* around = parentWidget(); around && around->window()->height() < height() + 40)
        resize(std::min(width(), around->window()->width()), std::max(480, around->window()->height() - 40));
    m_form->focusFirst();
}

}  // namespace dubito::app
