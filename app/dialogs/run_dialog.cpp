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

QString shellQuoted(const QString& text) {
    const bool isPlain = !text.isEmpty() && std::all_of(text.begin(), text.end(), [](QChar c) {
        return (c.unicode() < 128 && c.isLetterOrNumber()) || QStringLiteral("-_./=:,+@%").contains(c);
    });
    return isPlain ? text
                   : QLatin1Char('\'') + QString(text).replace(QLatin1Char('\''), QLatin1String("'\\''")) +
                         QLatin1Char('\'');
}

NumberField* countField(qint64 low, qint64 high, qint64 value, const QString& name) {
    NumberField::Rule rule;
    rule.isWhole = true;
    rule.low = static_cast<double>(low);
    rule.high = static_cast<double>(high);
    auto* field = new NumberField(rule, Json(value));
    field->edit()->setAccessibleName(name);
    return field;
}

/// The whole number of a field, if it holds one in its range.
std::optional<std::int64_t> countOf(const NumberField* field, std::int64_t low, std::int64_t high) {
    const Json value = field->value();
    if (!value.is_number_integer()) return std::nullopt;
    const auto number = value.get<std::int64_t>();
    return number >= low && number <= high ? std::optional(number) : std::nullopt;
}

constexpr std::int64_t kMostSeed = 9007199254740991;  // numbers of a spec are exact up to here
constexpr std::int64_t kMostThreads = 1024;
constexpr int kKeepAfterMs = 300;  // of the last key: the draft is a file, and requests wait behind it

}  // namespace

void RunDialog::open(Application& application, QWidget* parent, qint64 runNo, const Json& draft) {
    if (runNo) {
        kit::asyncQuery<run::RepeatableRun>(
            application.panelContext(), parent, [runNo](store::Database& db) { return run::repeatableRun(db, runNo); },
            [&application, parent](Result<run::RepeatableRun> found) {
                if (!found) return presentError(parent, found.error());
                (new RunDialog(application, parent, *found))->show();
            });
        return;
    }
    run::RepeatableRun given;
    Json kept = draft;
    if (!kept.is_object())
        if (auto last = parseJson(CrashRecovery::draft().toStdString())) kept = std::move(*last);
    if (kept.is_object()) {
        auto read = run::draftFromJson(jsonText(kept));
        if (read) given.draft = std::move(*read);
        else if (draft.is_object()) return presentError(parent, read.error());
    }
    (new RunDialog(application, parent, given))->show();
}

RunDialog::RunDialog(Application& application, QWidget* parent, const run::RepeatableRun& given)
    : QDialog(parent), m_application(application), m_plugin(new QComboBox), m_device(new QComboBox),
      m_title(new QLineEdit), m_seed(countField(0, kMostSeed, given.draft.seed, tr("Seed"))),
      m_threads(
          countField(1, kMostThreads, given.draft.threads > 0 ? given.draft.threads : machineThreads(), tr("Threads"))),
      m_form(new ParamForm), m_summary(new QLabel), m_differences(new QLabel), m_demand(new QLabel),
      m_estimate(new QLabel), m_error(new QLabel), m_keep(new QTimer(this)) {
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
    left->addWidget(m_plugin);
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
    takeGiven(given);
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
    for (QLabel* label : {m_differences, m_demand, m_estimate, m_error}) {
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

void RunDialog::takeGiven(run::RepeatableRun given) {
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
    showPlugin(m_given.pluginId.empty() ? Json() : m_given.parameters);
}

const run::PluginDescription* RunDialog::plugin() const {
    const QVariant at = m_plugin->currentData(kPluginRole);
    return at.isValid() ? &m_plugins[static_cast<std::size_t>(at.toInt())] : nullptr;
}

void RunDialog::showPlugin(const Json& values) {
    const run::PluginDescription* chosen = plugin();
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
    m_form->setSchema(chosen->parameters, values, languageCode());
    estimate();
    refreshCard();
}

void RunDialog::estimate() {
    m_estimate->hide();
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
            const QString middle = kit::durationText((*times)[times->size() / 2]);
            m_estimate->setText(count == 1 ? tr("Time, as an earlier run of this plugin took: %1").arg(middle)
                                           : tr("Time, as %1 earlier runs of this plugin took: %2 (%3 to %4)")
                                                 .arg(QString::number(count), middle, kit::durationText(times->front()),
                                                     kit::durationText(times->back())));
            m_estimate->show();
        });
}

run::RunDraft RunDialog::draft() const {
    run::RunDraft out;
    const run::PluginDescription* chosen = plugin();
    if (!chosen) return out;
    out.pluginId = chosen->id;
    out.pluginVersion = chosen->version;
    out.parameters = m_form->values();
    out.seed = countOf(m_seed, 0, kMostSeed).value_or(1);
    out.threads = countOf(m_threads, 1, kMostThreads).value_or(0);
    out.device = m_device->currentText().toStdString();
    out.title = m_title->text().toStdString();
    if (m_given.pluginId == out.pluginId) {
        out.inputs = m_given.inputs;
        out.filled = m_given.filled;
        run::freeChangedInputs(out, m_given.parameters, *chosen);
    }
    return out;
}

QString RunDialog::command() const {
    const run::PluginDescription* chosen = plugin();
    if (!chosen) return {};
    const run::RunDraft now = draft();
    const auto byShortName = m_application.catalogue().find(chosen->shortName());
    const bool isUnique = byShortName && byShortName->id == chosen->id;
    const QString file = m_application.projectPath();
    QStringList parts = {QStringLiteral("dubito run"), file.isEmpty() ? QStringLiteral("FILE") : shellQuoted(file),
        QString::fromStdString(isUnique ? chosen->shortName() : chosen->id)};
    for (const auto& [path, value] : m_form->differences())
        parts << QStringLiteral("--set") << shellQuoted(path + QLatin1Char('=') + value);
    parts << QStringLiteral("--seed %1 --threads %2 --device %3")
                 .arg(now.seed)
                 .arg(now.threads)
                 .arg(QString::fromStdString(now.device));
    if (!now.title.empty()) parts << QStringLiteral("--title") << shellQuoted(QString::fromStdString(now.title));
    return parts.join(QLatin1Char(' '));
}

QString RunDialog::json() const {
    const run::RunDraft now = draft();
    Json inputs = Json::array();
    for (const auto& [role, sha] : now.inputs) inputs.push_back({{"role", role}, {"sha256", sha}});
    Json out = {{"plugin", {{"id", now.pluginId}}}, {"params", now.parameters}, {"seed", now.seed},
        {"threads", now.threads}, {"device", now.device}, {"title", now.title}};
    if (!inputs.empty()) out["data"] = inputs;
    for (const auto& [pointer, value] : now.filled)
        if (run::valueAt(now.parameters, pointer) == value) out["filled"].push_back(pointer);
    return QString::fromStdString(jsonText(out, 2));
}

/// What stands in the way of a start, as far as it is known before: one sentence a line.
QString RunDialog::faultSentence() const {
    QStringList lines = m_notes;
    for (const auto& [name, sentence] : m_form->faults()) lines << QStringLiteral("%1: %2").arg(name, sentence);
    if (!countOf(m_seed, 0, kMostSeed)) lines << tr("Seed: a whole number from 0 is needed.");
    if (!countOf(m_threads, 1, kMostThreads)) lines << tr("Threads: a whole number from 1 to 1024 is needed.");
    if (m_device->currentText() == QLatin1String("cuda")) {
        if (plugin() && plugin()->gpu == "none") lines << tr("Device: this plugin has no GPU code.");
        else if (!run::hasCudaDevice()) lines << tr("Device: no NVIDIA GPU is found here.");
    }
    return lines.join(QLatin1Char('\n'));
}

void RunDialog::refreshCard() {
    if (!plugin()) return;
    QString text;
    for (const auto& [path, value] : m_form->differences()) {
        QString shown = value.left(200);
        if (shown.size() < value.size()) shown += QChar(0x2026);
        text += QStringLiteral("%1 = %2\n").arg(path, shown);
    }
    m_differences->setText(text.isEmpty() ? tr("nothing") : text);
    m_error->setText(faultSentence());
    m_keep->start();
}

void RunDialog::keepDraft() {
    m_keep->stop();
    if (plugin()) m_application.later([text = json()] { CrashRecovery::saveDraft(text); });
}

void RunDialog::dropDraft() {
    m_keep->stop();
    m_application.later([] { CrashRecovery::dropDraft(); });
}

/// Closed otherwise than by Run or Cancel, what was typed last is kept too.
void RunDialog::done(int result) {
    if (m_keep->isActive()) keepDraft();
    QDialog::done(result);
}

/// A file that the plugin cannot do without and that nothing names. @return whether one is missing
bool RunDialog::showMissingInput() {
    const run::RunDraft now = draft();
    for (const run::InputDescription& input : plugin()->inputs) {
        const Json& value = run::valueAt(now.parameters, input.parameter);
        const bool isNamed = value.is_string() && !value.get_ref<const std::string&>().empty();
        const bool isPackaged = input.kind == "model" && !run::packagedModel().empty();
        if (!input.required || isNamed || isPackaged || now.inputs.contains(input.role)) continue;
        const QString hint = QString::fromStdString(input.hint.empty() ? input.role : input.hint);
        if (m_form->showError(
                QString::fromStdString(input.parameter) + QLatin1Char(' ') + tr("This is needed: %1").arg(hint)))
            return true;
    }
    return false;
}

void RunDialog::start() {
    if (!plugin() || !m_application.service()) return;
    m_error->setText(faultSentence());
    if (m_form->showFirstFault() || showMissingInput()) return;
    for (NumberField* field : {m_seed, m_threads})
        if (!countOf(field, field == m_seed ? 0 : 1, field == m_seed ? kMostSeed : kMostThreads)) {
            field->edit()->setFocus();
            return;
        }
    const run::RunDraft now = draft();
    m_error->setText(tr("Starting…"));
    setEnabled(false);
    runErrand([guard = QPointer<RunDialog>(this), service = m_application.sharedService(), now, plugin = *plugin()] {
        auto submitted = std::make_shared<Result<std::int64_t>>(service->submit(now, plugin));
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard, submitted] {
                if (!guard) return;
                guard->setEnabled(true);
                if (!*submitted) return guard->onRefused(submitted->error());
                guard->dropDraft();
                guard->m_application.selection()->setRuns({static_cast<qint64>(**submitted)});
                guard->close();
            },
            Qt::QueuedConnection);
    });
}

void RunDialog::onRefused(const Error& error) {
    m_error->setText(QString::fromStdString(error.message()));
    if (m_form->showError(QString::fromStdString(error.message()))) return;
    for (const run::InputDescription& input : plugin()->inputs) {
        const QString named = QStringLiteral("\"%1\"").arg(QString::fromStdString(input.role));
        const QString file = QStringLiteral("the %1 file").arg(QString::fromStdString(input.role));
        const QString sentence = QString::fromStdString(error.message());
        if (!sentence.contains(named) && !sentence.startsWith(file)) continue;
        if (m_form->showError(QString::fromStdString(input.parameter) + QLatin1Char(' ') + sentence)) return;
    }
}

void RunDialog::showEvent(QShowEvent* event) {
    QDialog::showEvent(event);
    if (event->spontaneous()) return;
    if (QWidget* around = parentWidget(); around && around->window()->height() < height() + 40)
        resize(std::min(width(), around->window()->width()), std::max(480, around->window()->height() - 40));
    m_form->focusFirst();
}

}  // namespace dubito::app
