// From the form to runs: drafts of every combination, their command lines, the draft on disk, the start.
#include <QComboBox>
#include <QCoreApplication>
#include <QLabel>
#include <QLineEdit>
#include <QPointer>
#include <QTimer>

#include <algorithm>

#include "application.h"
#include "crash_recovery.h"
#include "dialogs/number_field.h"
#include "dialogs/run_dialog.h"
#include "errands.h"

namespace dubito::app {
namespace {

QString shellQuoted(const QString& text) {
    const bool isPlain = !text.isEmpty() && std::all_of(text.begin(), text.end(), [](QChar c) {
        return (c.unicode() < 128 && c.isLetterOrNumber()) || QStringLiteral("-_./=:,+@%").contains(c);
    });
    return isPlain ? text
                   : QLatin1Char('\'') + QString(text).replace(QLatin1Char('\''), QLatin1String("'\\''")) +
                         QLatin1Char('\'');
}

Json specOf(const run::RunDraft& draft) {
    Json inputs = Json::array();
    for (const auto& [role, sha] : draft.inputs) inputs.push_back({{"role", role}, {"sha256", sha}});
    Json out = {{"plugin", {{"id", draft.pluginId}}}, {"params", draft.parameters}, {"seed", draft.seed},
        {"threads", draft.threads}, {"device", draft.device}, {"title", draft.title}};
    if (!inputs.empty()) out["data"] = inputs;
    for (const auto& [pointer, value] : draft.filled)
        if (run::valueAt(draft.parameters, pointer) == value) out["filled"].push_back(pointer);
    return out;
}

/// Refused by the engine, after so many were started.
struct Refusal {
    Error error;
    std::size_t at = 0;
};

}  // namespace

std::optional<std::int64_t> RunDialog::countOf(const NumberField* field, std::int64_t low, std::int64_t high) {
    const Json value = field->value();
    if (!value.is_number_integer()) return std::nullopt;
    const auto number = value.get<std::int64_t>();
    return number >= low && number <= high ? std::optional(number) : std::nullopt;
}

/// Empty: one of them is no seed.
std::vector<std::int64_t> RunDialog::seeds() const {
    std::vector<std::int64_t> out;
    for (const Json& value : m_seed->values()) {
        if (!value.is_number_integer()) return {};
        const auto seed = value.get<std::int64_t>();
        if (seed < 0 || seed > kMostSeed) return {};
        if (std::find(out.begin(), out.end(), seed) == out.end()) out.push_back(seed);
    }
    return out;
}

run::RunDraft RunDialog::draftWith(Json parameters, std::int64_t seed, const QString& words) const {
    run::RunDraft out;
    const run::PluginDescription* chosen = plugin();
    if (!chosen) return out;
    out.pluginId = chosen->id;
    out.pluginVersion = chosen->version;
    out.parameters = std::move(parameters);
    out.seed = seed;
    out.threads = countOf(m_threads, 1, kMostThreads).value_or(0);
    out.device = m_device->currentText().toStdString();
    out.title =
        (m_title->text() + (m_title->text().isEmpty() || words.isEmpty() ? QString() : QStringLiteral(" ")) + words)
            .toStdString();
    if (m_given.pluginId == out.pluginId) {
        out.inputs = m_given.inputs;
        out.filled = m_given.filled;
        run::freeChangedInputs(out, m_given.parameters, *chosen);
    }
    return out;
}

run::RunDraft RunDialog::draft() const {
    const auto given = seeds();
    return draftWith(m_form->values(), given.empty() ? 1 : given.front(), {});
}

/// Breadth first, seeds last: a picture of everything comes early.
std::vector<run::RunDraft> RunDialog::drafts() const {
    std::vector<run::RunDraft> out;
    auto given = seeds();
    if (given.empty()) given = {1};
    const auto combinations = m_form->combinations(kMostRuns);
    for (const std::int64_t seed : given)
        for (const auto& one : combinations) {
            if (out.size() > kMostRuns) return out;
            out.push_back(draftWith(one.values, seed, combinations.size() > 1 ? one.words : QString()));
        }
    return out;
}

QString RunDialog::command() const {
    const run::PluginDescription* chosen = plugin();
    if (!chosen) return {};
    const auto byShortName = m_application.catalogue().find(chosen->shortName());
    const bool isUnique = byShortName && byShortName->id == chosen->id;
    const QString file = m_application.projectPath();
    QStringList lines;
    for (const run::RunDraft& now : drafts()) {
        QStringList parts = {QStringLiteral("dubito run"), file.isEmpty() ? QStringLiteral("FILE") : shellQuoted(file),
            QString::fromStdString(isUnique ? chosen->shortName() : chosen->id)};
        for (const auto& [path, value] : m_form->differencesOf(now.parameters))
            parts << QStringLiteral("--set") << shellQuoted(path + QLatin1Char('=') + value);
        parts << QStringLiteral("--seed %1 --threads %2 --device %3")
                     .arg(now.seed)
                     .arg(now.threads)
                     .arg(QString::fromStdString(now.device));
        if (!now.title.empty()) parts << QStringLiteral("--title") << shellQuoted(QString::fromStdString(now.title));
        lines << parts.join(QLatin1Char(' '));
    }
    return lines.join(QLatin1Char('\n'));
}

QString RunDialog::json() const {
    const auto all = drafts();
    if (all.size() < 2) return QString::fromStdString(jsonText(specOf(draft()), 2));
    Json out = Json::array();
    for (const run::RunDraft& one : all) out.push_back(specOf(one));
    return QString::fromStdString(jsonText(out, 2));
}

/// What the form holds beside its first values.
Json RunDialog::several() const {
    Json out = Json::object();
    if (const Json params = m_form->several(); !params.empty()) out["params"] = params;
    if (const auto all = seeds(); all.size() > 1) out["seeds"] = all;
    return out;
}

QString RunDialog::kept() const {
    Json out = specOf(draft());
    if (const Json more = several(); !more.empty()) out["several"] = more;
    return QString::fromStdString(jsonText(out, 2));
}

void RunDialog::keepDraft() {
    m_keep->stop();
    if (plugin()) m_application.later([text = kept()] { CrashRecovery::saveDraft(text); });
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
    if (seeds().empty()) return m_seed->edit()->setFocus();
    if (!countOf(m_threads, 1, kMostThreads)) return m_threads->edit()->setFocus();
    auto all = drafts();
    if (all.size() > kMostRuns) return;
    m_error->setText(tr("Starting…"));
    setEnabled(false);
    runErrand([guard = QPointer<RunDialog>(this), service = m_application.sharedService(), all = std::move(all),
                  plugin = *plugin()] {
        auto started = std::make_shared<QVector<qint64>>();
        auto refusal = std::make_shared<std::optional<Refusal>>();
        for (std::size_t i = 0; i < all.size() && !*refusal; ++i) {
            auto submitted = service->submit(all[i], plugin);
            if (submitted) *started << *submitted;
            else *refusal = Refusal{submitted.error(), i};
        }
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard, started, refusal, count = all.size()] {
                if (!guard) return;
                guard->setEnabled(true);
                if (!started->isEmpty()) guard->m_application.selection()->setRuns(*started);
                if (*refusal) {
                    guard->onRefused((*refusal)->error);
                    if ((*refusal)->at > 0)
                        guard->m_error->setText(tr("%1 of %2 runs were started; the next was refused: %3")
                                                    .arg((*refusal)->at)
                                                    .arg(count)
                                                    .arg(guard->m_error->text()));
                    return;
                }
                guard->dropDraft();
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

}  // namespace dubito::app
