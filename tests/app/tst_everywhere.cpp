// Every page, tool and dialog, at every size, theme and language, on runs with names nobody should give: nothing may be
// cut, overlap, be nameless, dead or untranslated. Run again with QT_SCALE_FACTOR=2 for the second scale.
#include <QApplication>
#include <QComboBox>
#include <QDialog>

#include "action_registry.h"
#include "app/look_over.h"
#include "dialogs/export_dialog.h"
#include "drawer.h"
#include "kit/data_twin.h"
#include "kit/pane_frame.h"
#include "page_view.h"
#include "support/desk.h"
#include "support/shown.h"

using namespace dubito;
using namespace dubito::tests;

namespace {

const QString kHostile = QStringLiteral("<b>bold</b>");

std::string longName(const char* what) {
    std::string out = std::string(what) + " <b>bold</b> ";
    while (out.size() < 140) out += "longname";
    return out;
}

/// Plugins as they are shipped, as far as a window sees them: manifests and workspaces. Nothing of them is loaded.
void installManifests(const QString& root) {
    for (const char* name : {"lm", "tas", "template"}) {
        const fs::path source = fs::path(DUBITO_SOURCE) / "plugins" / name;
        auto text = readFile(source / "plugin.json", 1 << 22);
        auto json = text ? parseJson(*text) : Result<Json>(text.error());
        if (!json) qFatal("%s", json.error().text().c_str());
        const fs::path folder = fs::path(root.toStdString()) / name / "1.0.0";
        std::error_code error;
        fs::create_directories(folder, error);
        fs::copy(source / "plugin.json", folder / "plugin.json", error);
        fs::copy(source / "workspaces", folder / "workspaces", fs::copy_options::recursive, error);
        if (!writeFileAtomic(folder / textOr(*json, "binary", "plugin.so"), "")) qFatal("no plugin");
    }
}

/// A project with a run of every kind.
struct Everything {
    Shown shown;
    std::int64_t chat, inspect, train, curve, failed;

    Everything() {
        chat = shown.addRun({longName("chat")});
        shown.addModel(chat, longName("model"));
        shown.addTalk(chat, "Where is the <b>Eiffel</b> Tower, and who built it?",
            {"The", " tower", " is", " in", " Paris", std::string(60, '-'), ".", " unbelievably"});
        shown.addTalk(chat, "And who paid?", {"Nobody", " knows", "."});
        inspect = shown.addRun({longName("inspect"), "org.dubito.tas.inspect"});
        shown.addModel(inspect, longName("model"));
        shown.addReadOut(inspect);
        train = shown.addRun({longName("train"), "org.dubito.lm.train"});
        shown.addModel(train, longName("model"));
        for (const char* key :
            {"train/loss", "train/lr", "train/grad_norm", "train/tokens_per_s", "train/heldout_loss"})
            shown.addPoints(train, key, 40);
        curve = shown.addRun({longName("curve"), "org.example.coin_doubt"});
        for (const char* key : {"unc/posterior_sd", "unc/a_metric_with_a_name_that_goes_on_and_on_and_on_and_on", "x"})
            shown.addPoints(curve, key, 120);
        failed = shown.addRun({longName("failed"), "org.dubito.lm.chat", Json::object(), run::RunState::Failed});
        shown.writer.reset();
    }
    /// The run that a page is for.
    std::int64_t runFor(const app::WorkspacePage& page) const {
        const auto has = [&](const char* role) { return page.roles.contains(QLatin1String(role)); };
        return has("train")           ? train
               : has("inspect")       ? inspect
               : has("chat")          ? chat
               : page.roles.isEmpty() ? curve
                                      : chat;
    }
};

struct Round {
    QSize size;
    QString theme, language;
};

}  // namespace

class tst_Everywhere : public QObject {
    Q_OBJECT
    QStringList m_found;

    void look(QWidget& window, const QString& where, const Round& round) {
        QTest::qWait(20);
        LookOver how;
        how.hostile = kHostile;
        how.inChinese = round.language == QLatin1String("zh_CN");
        how.names = names();
        QStringList faults = faultsOf(window, how);
        if (window.width() > round.size.width() || window.height() > round.size.height())
            faults << QStringLiteral("the window is %1x%2").arg(window.width()).arg(window.height());
        for (const QString& fault : faults)
            m_found << QStringLiteral("%1 [%2x%3 %4 %5]: %6")
                           .arg(where)
                           .arg(round.size.width())
                           .arg(round.size.height())
                           .arg(round.theme, round.language, fault);
    }
    static QStringList names() {
        return {QStringLiteral(".*<b>bold</b>.*"), QStringLiteral("Dubito"), QStringLiteral("Ctrl.*"),
            QStringLiteral("[a-z_]+/[a-z_/]+( \\(.*\\))?"), QStringLiteral("org\\.[a-z_.]+.*"),
            QStringLiteral("English"), QStringLiteral("CPU: .*"), QStringLiteral("(PNG|SVG|PDF|CSV|GGUF|SQL|GPU|CPU)"),
            QStringLiteral("(lm|tas|coin_doubt|fake)( · \\d+)?"), QStringLiteral("[0-9a-f]{6,}….*"),
            QStringLiteral("(SmolLM2.*|Small|cpu|tokens|SQLite|zh_CN)"), QStringLiteral("/.*"),
            QStringLiteral(".*\\.(dubito|DUBITO|gguf|json|jsonl|txt)")};
    }
    QDialog* newDialog() {
        QDialog* found = nullptr;
        const auto isThere = [&] {
            for (QWidget* top : QApplication::topLevelWidgets())
                if (auto* dialog = qobject_cast<QDialog*>(top); dialog && dialog->isVisible()) found = dialog;
            return found != nullptr;
        };
        return QTest::qWaitFor(isThere, 10'000) ? found : nullptr;
    }
    void closeDialog(QDialog* dialog) {
        const QPointer<QDialog> guard(dialog);
        dialog->close();
        QVERIFY(QTest::qWaitFor([&] { return !guard || !guard->isVisible(); }, 30'000));
        if (guard) delete guard;
    }
    void lookAtDialogs(app::Application& application, const Round& round) {
        app::MainWindow& window = *application.window();
        const std::pair<const char*, std::function<void()>> dialogs[] = {{"shortcuts", [&] { window.showShortcuts(); }},
            {"notices", [&] { window.showNotices(); }}, {"history", [&] { window.showHistory(); }},
            {"system check", [&] { window.showSystemCheck(); }},
            {"queue", [&] { window.trigger(QStringLiteral("run.queue")); }}, {"export", [&] { window.exportPanel(); }},
            {"table", [&] { window.showDataTable(); }}};
        for (const auto& [name, open] : dialogs) {
            open();
            QDialog* dialog = newDialog();
            if (!dialog) {
                m_found << QStringLiteral("%1 does not open").arg(QLatin1String(name));
                continue;
            }
            QTest::qWait(100);
            look(*dialog, QLatin1String(name), round);
            closeDialog(dialog);
        }
        window.newRun(false);
        QDialog* dialog = newDialog();
        QVERIFY(dialog);
        auto* plugins = dialog->findChild<QComboBox*>();
        QVERIFY(QTest::qWaitFor([&] { return plugins->count() > 0; }, 30'000));
        for (int i = 0; i < plugins->count(); ++i) {
            plugins->setCurrentIndex(i);
            QTest::qWait(60);
            look(*dialog, QStringLiteral("new run, ") + plugins->currentText(), round);
        }
        closeDialog(dialog);
    }
    void visit(const Everything& everything, const Round& round) {
        app::Application application({round.language, round.theme, false, false});
        app::MainWindow& window = *application.window();
        window.resize(round.size);
        window.show();
        QTest::qWait(100);
        look(window, QStringLiteral("first page"), round);
        int outcome = -1;
        application.openProject(
            QString::fromStdString(everything.shown.project.file.string()), [&](bool opened) { outcome = opened; });
        QVERIFY(QTest::qWaitFor([&] { return outcome >= 0; }, 60'000) && outcome == 1);
        for (const auto& workspace : window.area().list().all)
            for (const auto& page : workspace.pages) {
                application.selection()->setRuns({everything.runFor(page)});
                window.area().showWorkspace(workspace.id, page.id);
                QTest::qWait(350);
                look(window, workspace.id + QLatin1Char('/') + page.id, round);
            }
        window.area().showWorkspace(QStringLiteral("runs"));
        application.selection()->setRuns({everything.curve});
        for (const char* tool : {"log", "records", "plugins"}) {
            window.showPanel(QLatin1String(tool));
            QTest::qWait(200);
            look(window, QStringLiteral("drawer, ") + QLatin1String(tool), round);
        }
        if (round.size.width() != 1024) return;  // a dialog is as large as it wants to be on any screen
        window.area().page()->front()->focusContent();
        lookAtDialogs(application, round);
    }
private Q_SLOTS:
    void everything_everySizeThemeAndLanguage_isWholeNamedAliveAndTranslated() {
        const int scale = qRound(qEnvironmentVariable("QT_SCALE_FACTOR", "1").toDouble());
        Everything everything;
        const QString home = everything.shown.project.folder.path();
        installManifests(home + QStringLiteral("/plugins"));
        qputenv("XDG_CONFIG_HOME", home.toUtf8() + "/config");
        qputenv("XDG_CACHE_HOME", home.toUtf8() + "/cache");
        qputenv("DUBITO_PLUGIN_PATH", home.toUtf8() + "/plugins");
        QVector<Round> rounds;
        const QString light = QStringLiteral("light"), english = QStringLiteral("en"),
                      chinese = QStringLiteral("zh_CN");
        for (const QSize size : {QSize(1024, 700), QSize(1280, 800), QSize(1920, 1080)}) {
            rounds << Round{size, light, english};
            if (scale == 1) rounds << Round{size, size.width() == 1280 ? QStringLiteral("dark") : light, chinese};
        }
        rounds << Round{{1280, 800}, QStringLiteral("contrast"), english};
        for (const Round& round : std::as_const(rounds)) visit(everything, round);
        m_found.removeDuplicates();
        for (const QString& fault : std::as_const(m_found)) qInfo("%s", qPrintable(fault));
        QVERIFY2(m_found.isEmpty(), qPrintable(QStringLiteral("%1 faults").arg(m_found.size())));
    }
};

QTEST_MAIN(tst_Everywhere)
#include "tst_everywhere.moc"
