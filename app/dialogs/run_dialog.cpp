// The draft is validated as it is typed and frozen once, when Run is pressed.
#include "dialogs/run_dialog.h"

#include <QCheckBox>
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
#include <QSpinBox>
#include <QVBoxLayout>
#include <thread>

#include "application.h"
#include "crash_recovery.h"
#include "error_presenter.h"
#include "host/strikes.h"
#include "kit/controls.h"
#include "run/param_schema.h"

namespace dubito::app {

void RunDialog::open(Application& application, QWidget* parent, qint64 runNo, const Json& draft) {
    if (!runNo) {
        Json initial = draft;
        if (!initial.is_object())
            if (auto kept = parseJson(CrashRecovery::draft().toStdString())) initial = *kept;
        (new RunDialog(application, parent, initial))->show();
        return;
    }
    kit::asyncQuery<std::string>(
        application.panelContext(), parent, [runNo](store::Database& db) { return store::querySpec(db, runNo); },
        [&application, parent](Result<std::string> spec) {
            if (!spec) return presentError(parent, spec.error());
            if (auto given = run::draftFromJson(*spec); !given) return presentError(parent, given.error());
            if (auto json = parseJson(*spec)) (new RunDialog(application, parent, *json))->show();
        });
}

RunDialog::RunDialog(Application& application, QWidget* parent, const Json& initial)
    : QDialog(parent), m_application(application), m_plugin(new QComboBox), m_device(new QComboBox),
      m_title(new QLineEdit), m_seed(new QSpinBox), m_threads(new QSpinBox), m_form(new ParamForm), m_card(new QLabel),
      m_error(new QLabel) {
    setAttribute(Qt::WA_DeleteOnClose);
    setWindowTitle(tr("New run"));
    const QString language = QLocale().language() == QLocale::Chinese ? QStringLiteral("zh_CN") : QStringLiteral("en");
    for (const auto& entry : application.catalogue().entries()) {
        if (!entry.plugin || (application.safeMode() && !entry.isOurs) ||
            host::isDisabled(entry.plugin->id, entry.plugin->version))
            continue;
        m_plugins.push_back(*entry.plugin);
        m_plugin->addItem(
            QStringLiteral("%1 · %2").arg(QString::fromStdString(entry.plugin->titleIn(language.toStdString())),
                QString::fromStdString(entry.plugin->version)));
    }
    m_plugin->setAccessibleName(tr("Plugin"));
    m_title->setPlaceholderText(tr("name of the run"));
    m_title->setAccessibleName(tr("Name"));
    m_title->setText(QString::fromStdString(textOr(initial, "title", "")));
    m_seed->setRange(0, 2147483647);
    m_seed->setValue(static_cast<int>(integerOr(initial, "seed", 1)));
    m_seed->setAccessibleName(tr("Seed"));
    m_threads->setRange(1, 256);
    m_threads->setValue(
        static_cast<int>(integerOr(initial, "threads", std::max(1u, std::thread::hardware_concurrency()))));
    m_threads->setAccessibleName(tr("Threads"));
    for (const char* device : {"cpu", "cuda", "auto"}) m_device->addItem(QString::fromLatin1(device));
    m_device->setCurrentText(QString::fromStdString(textOr(initial, "device", "cpu")));
    m_device->setAccessibleName(tr("Device"));
    auto* advanced = new QCheckBox(tr("Show advanced parameters"));
    connect(advanced, &QCheckBox::toggled, m_form, &ParamForm::setAdvancedShown);

    auto* right = new QVBoxLayout;
    auto* fields = new QFormLayout;
    fields->addRow(tr("Name"), m_title);
    fields->addRow(tr("Seed"), m_seed);
    fields->addRow(tr("Threads"), m_threads);
    fields->addRow(tr("Device"), m_device);
    right->addLayout(fields);
    right->addSpacing(8);
    right->addWidget(kit::caption(tr("What differs from the defaults")));
    m_card->setWordWrap(true);
    m_card->setTextFormat(Qt::PlainText);
    m_card->setFont(QFont(QStringLiteral("JetBrains Mono"), -1));
    right->addWidget(m_card);
    right->addStretch();
    m_error->setWordWrap(true);
    right->addWidget(m_error);
    auto* left = new QVBoxLayout;
    left->addWidget(m_plugin);
    left->addWidget(m_form, 1);
    left->addWidget(advanced);
    auto* columns = new QHBoxLayout;
    columns->addLayout(left, 3);
    columns->addLayout(right, 2);
    auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel);
    auto* go = buttons->addButton(tr("Run"), QDialogButtonBox::AcceptRole);
    go->setProperty("role", "primary");
    go->setDefault(true);
    auto* copy = buttons->addButton(tr("Copy as command"), QDialogButtonBox::ActionRole);
    auto* layout = new QVBoxLayout(this);
    layout->addLayout(columns, 1);
    layout->addWidget(buttons);
    resize(860, 640);

    connect(buttons, &QDialogButtonBox::accepted, this, [this] { start(); });
    connect(buttons, &QDialogButtonBox::rejected, this, [this] {
        m_application.later([] { CrashRecovery::dropDraft(); });
        close();
    });
    connect(copy, &QPushButton::clicked, this, [this] {
        const run::RunDraft now = draft();
        QString text = QStringLiteral("dubito run FILE --plugin %1 --seed %2 --threads %3")
                           .arg(QString::fromStdString(now.pluginId))
                           .arg(now.seed)
                           .arg(now.threads);
        for (const QString& line : m_card->text().split(QLatin1Char('\n'), Qt::SkipEmptyParts))
            text += QStringLiteral(" --set '%1'")
                        .arg(QString(line)
                                 .replace(QLatin1String(" = "), QLatin1String("="))
                                 .replace(QLatin1Char('\''), QLatin1String("'\\''")));
        QGuiApplication::clipboard()->setText(text);
    });
    connect(m_plugin, &QComboBox::activated, this, [this](int index) { choosePlugin(index, {}); });
    connect(m_form, &ParamForm::edited, this, [this] { refreshCard(); });
    const Json& plugin = memberOf(initial, "plugin");
    const std::string wanted = plugin.is_string() ? plugin.get<std::string>() : textOr(plugin, "id", "org.dubito.tas");
    int index = 0;
    for (std::size_t i = 0; i < m_plugins.size(); ++i)
        if (m_plugins[i].id == wanted) index = static_cast<int>(i);
    m_plugin->setCurrentIndex(index);
    if (auto given = run::draftFromJson(jsonText(initial))) m_given = std::move(*given);
    choosePlugin(index, memberOf(initial, "params"));
}

void RunDialog::choosePlugin(int index, const Json& values) {
    if (index < 0 || index >= static_cast<int>(m_plugins.size())) {
        m_error->setText(tr("No plugin can be run. The Plugins panel says why."));
        return;
    }
    m_form->setSchema(m_plugins[static_cast<std::size_t>(index)].parameters, values);
    refreshCard();
}

run::RunDraft RunDialog::draft() const {
    run::RunDraft out;
    const int index = m_plugin->currentIndex();
    if (index < 0) return out;
    const auto& plugin = m_plugins[static_cast<std::size_t>(index)];
    out.pluginId = plugin.id;
    out.pluginVersion = plugin.version;
    out.parameters = m_form->values();
    out.seed = m_seed->value();
    out.threads = m_threads->value();
    out.device = m_device->currentText().toStdString();
    out.title = m_title->text().toStdString();
    if (m_given.pluginId == out.pluginId) {
        out.inputs = m_given.inputs;
        run::freeChangedInputs(out, m_given.parameters, plugin);
    }
    return out;
}

void RunDialog::refreshCard() {
    const int index = m_plugin->currentIndex();
    if (index < 0) return;
    const auto& plugin = m_plugins[static_cast<std::size_t>(index)];
    const run::RunDraft now = draft();
    QString text;
    const Json defaults = run::defaultsOf(plugin.parameters);
    for (const auto& leaf : run::parameterLeaves(plugin.parameters)) {
        const Json* value = &now.parameters;
        std::string_view path = leaf.path;
        while (!path.empty()) {
            const auto dot = std::min(path.find('.'), path.size());
            value = &memberOf(*value, path.substr(0, dot));
            path.remove_prefix(std::min(dot + 1, path.size()));
        }
        if (*value != leaf.defaultValue)
            text += QStringLiteral("%1 = %2\n")
                        .arg(QString::fromStdString(leaf.path),
                            QString::fromStdString(value->is_string() ? value->get<std::string>() : jsonText(*value)));
    }
    m_card->setText(text.isEmpty() ? tr("nothing") : text);
    auto applied = run::applySchema(plugin.parameters, now.parameters);
    m_error->setText(applied ? QString() : QString::fromStdString(applied.error().text()));
    if (!applied) m_form->showError(QString::fromStdString(applied.error().message()));
    Json inputs = Json::array();
    for (const auto& [role, sha] : now.inputs) inputs.push_back({{"role", role}, {"sha256", sha}});
    const Json kept = {{"plugin", {{"id", now.pluginId}}}, {"params", now.parameters}, {"seed", now.seed},
        {"data", inputs}, {"device", now.device}, {"title", now.title}};
    m_application.later([text = QString::fromStdString(jsonText(kept))] { CrashRecovery::saveDraft(text); });
}

void RunDialog::start() {
    const int index = m_plugin->currentIndex();
    if (index < 0 || !m_application.service()) return;
    const run::RunDraft now = draft();
    m_error->setText(tr("Starting…"));
    setEnabled(false);
    std::thread([guard = QPointer<RunDialog>(this), service = m_application.sharedService(), now,
                    plugin = m_plugins[static_cast<std::size_t>(index)]] {
        auto submitted = std::make_shared<Result<std::int64_t>>(service->submit(now, plugin));
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard, submitted] {
                if (!guard) return;
                guard->setEnabled(true);
                if (!*submitted) {
                    guard->m_error->setText(QString::fromStdString(submitted->error().text()));
                    guard->m_form->showError(QString::fromStdString(submitted->error().message()));
                    return;
                }
                guard->m_application.later([] { CrashRecovery::dropDraft(); });
                guard->m_application.selection()->setRuns({static_cast<qint64>(**submitted)});
                guard->close();
            },
            Qt::QueuedConnection);
    }).detach();
}

}  // namespace dubito::app
