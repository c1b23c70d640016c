// The list of conversations and what leaves it: names, search, folders, stars, exports and figures.
#include <QFile>
#include <QImage>
#include <QLineEdit>
#include <QPainter>
#include <QToolButton>
#include <QTreeWidget>

#include "chat/chat_tools.h"
#include "store/conversations.h"
#include "store/user_rows.h"
#include "support/talk.h"

using namespace dubito;
using namespace dubito::tests;

namespace {

QLineEdit* searchOf(QWidget& panel) {
    for (auto* one : panel.findChildren<QLineEdit*>())
        if (one->accessibleName() == QLatin1String("Search in all conversations")) return one;
    return nullptr;
}

QTreeWidgetItem* rowOf(QTreeWidget* tree, const QString& text) {
    const auto found = tree->findItems(text, Qt::MatchContains | Qt::MatchRecursive);
    return found.isEmpty() ? nullptr : found.first();
}

}  // namespace

class tst_Talks : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void list_chatsOnly_areNamedByTheFirstTurnNewestFirst() {
        Shown shown;
        const auto old =
            shown.addRun({.title = "old talk", .plugin = "org.dubito.lm", .parameters = {{"task", "chat"}}});
        shown.addTalk(old, "Hello", {"Hi"});
        shown.addRun({.title = "a fine-tune", .plugin = "org.dubito.lm", .parameters = {{"task", "train"}}});
        const auto unnamed = shown.addRun({.title = "chat"});
        shown.addTalk(unnamed, "Where is  the <b>tower</b>?", {"Paris"});
        chat::ChatPanel panel;
        panel.resize(420, 600);
        panel.show();
        kit::PanelContext context = shown.context();
        context.pluginsWithRole = [](const QString&) -> std::vector<std::string> {
            return {"org.dubito.lm.chat", "org.dubito.lm"};
        };
        panel.attach(context);
        QTRY_COMPARE_WITH_TIMEOUT(panel.view(0)->run(), qint64(unnamed), kLong);
        QTest::keyClick(panel.findChild<QPlainTextEdit*>(), Qt::Key_F, Qt::ControlModifier);
        auto* tree = panel.findChild<QTreeWidget*>();
        QTRY_VERIFY_WITH_TIMEOUT(tree->isVisible() && tree->topLevelItemCount() == 2, kLong);
        QCOMPARE(tree->topLevelItem(0)->text(0), QStringLiteral("Where is the <b>tower</b>?"));
        QCOMPARE(tree->topLevelItem(1)->text(0), QStringLiteral("old talk"));
        QVERIFY(searchOf(panel)->hasFocus() || !panel.isActiveWindow());
    }
    void list_search_findsWhatWasSaidAndOpensItThere() {
        Shown shown;
        const auto first = shown.addRun({.title = "rivers", .state = run::RunState::Running});
        shown.addTalk(first, "Where does the Danube_100% end?", {"In", " the", " Black", " Sea"});
        const auto second = shown.addRun({.title = "planets", .state = run::RunState::Running});
        shown.addTalk(second, "Which one is large?", {"Jupiter"});
        const auto gone = shown.addRun({.title = "gone"});
        shown.addTalk(gone, "The Danube again", {"yes"});
        shown.must(shown.writer->edit(
            "Delete", "", [&](store::Database& db) { return store::setDeleted(db, {gone}, nowUs()); }));
        chat::ChatPanel panel;
        shown.show(panel, {420, 600}, second);
        QVERIFY(waitForTurns(panel.view(0), 2));
        press<QToolButton>(panel, "Chats");
        auto* tree = panel.findChild<QTreeWidget*>();
        auto* field = searchOf(panel);
        QTRY_COMPARE_WITH_TIMEOUT(tree->topLevelItemCount(), 2, kLong);
        QTest::keyClicks(field, "danube_100%");
        QTRY_VERIFY_WITH_TIMEOUT(rowOf(tree, "Where does the Danube"), kLong);
        QCOMPARE(tree->topLevelItemCount(), 1);
        tree->setCurrentItem(rowOf(tree, "Where does the Danube"));
        QTest::keyClick(tree, Qt::Key_Return);
        QTRY_COMPARE_WITH_TIMEOUT(panel.view(0)->run(), qint64(first), kLong);
        QCOMPARE(shown.selection.leadingRun(), qint64(first));
        QVERIFY(!tree->isVisible());
        // Nothing found is said; Escape clears, then closes.
        press<QToolButton>(panel, "Chats");
        QTest::keyClicks(field, "nowhere");
        QTRY_VERIFY_WITH_TIMEOUT(rowOf(tree, "was not said in this project"), kLong);
        QTest::keyClick(field, Qt::Key_Escape);
        QCOMPARE(field->text(), QString());
        QTest::keyClick(field, Qt::Key_Escape);
        QTRY_VERIFY_WITH_TIMEOUT(!tree->isVisible(), kLong);
    }
    void list_foldersAndStars_areShownAndKeysMeanTheRow() {
        Shown shown;
        const auto first = shown.addRun({.title = "rivers"});
        const auto second = shown.addRun({.title = "planets"});
        for (const auto runNo : {first, second}) shown.addTalk(runNo, "Hello", {"Hi"});
        shown.must(shown.writer->edit("Folder", "", [&](store::Database& db) -> Result<void> {
            DUBITO_CHECK(store::setFolder(db, {first}, "Earth"));
            return store::setStar(db, {first}, true);
        }));
        chat::ChatPanel panel;
        shown.show(panel, {420, 600}, second);
        QVERIFY(waitForTurns(panel.view(0), 2));
        press<QToolButton>(panel, "Chats");
        auto* tree = panel.findChild<QTreeWidget*>();
        QTRY_VERIFY_WITH_TIMEOUT(rowOf(tree, "rivers"), kLong);
        QCOMPARE(rowOf(tree, "rivers")->parent()->text(0), QStringLiteral("Earth"));
        QVERIFY(rowOf(tree, "rivers")->text(0).startsWith(QString::fromUtf8("★")));
        tree->setCurrentItem(rowOf(tree, "rivers"));
        QTest::keyClick(tree, Qt::Key_F2);
        QCOMPARE(shown.triggered.last(), QStringLiteral("edit.title"));
        QCOMPARE(shown.selection.leadingRun(), qint64(first));
        QTest::keyClick(tree, Qt::Key_Delete);
        QCOMPARE(shown.triggered.last(), QStringLiteral("chat.delete"));
        // Taken back, the folder is gone from the list and back again.
        QVERIFY(shown.writer->undo());
        Q_EMIT shown.events.committed(0);
        QTRY_VERIFY_WITH_TIMEOUT(rowOf(tree, "rivers") && !rowOf(tree, "rivers")->parent(), kLong);
        QVERIFY(shown.writer->redo());
        Q_EMIT shown.events.committed(0);
        QTRY_VERIFY_WITH_TIMEOUT(rowOf(tree, "rivers") && rowOf(tree, "rivers")->parent(), kLong);
    }
    void export_everyKind_holdsWhatWasSaidAndNoMarkUpOfStrangers() {
        Shown shown;
        const auto runNo = shown.addRun({.title = "planets <i>"});
        shown.addTalk(runNo, "Which <script>?", {"The", " Jupiter", "."});
        addBranch(shown, runNo, 2, 1, 1, {"The", " Neptune", "."});
        chat::ChatPanel panel;
        shown.show(panel, {420, 500}, runNo);
        QVERIFY(waitForTurns(panel.view(0), 2));
        const auto written = [&](chat::ExportKind kind, const char* name) {
            const QString path = QString::fromStdString(shown.project.file.string()) + name;
            int outcome = -1;
            panel.exportTo(path, kind, [&](Result<void> done) { outcome = static_cast<bool>(done); });
            QFile file(path);
            return QTest::qWaitFor([&] { return outcome >= 0; }, kLong) && outcome == 1 &&
                           file.open(QIODevice::ReadOnly)
                       ? QString::fromUtf8(file.readAll())
                       : QString();
        };
        const QString markdown = written(chat::ExportKind::Markdown, ".md");
        QVERIFY(markdown.startsWith("# planets") && markdown.contains("The Neptune.") && !markdown.contains("Jupiter"));
        const QString html = written(chat::ExportKind::Html, ".html");
        QVERIFY(html.contains("&lt;script&gt;") && !html.contains("<script>") && !html.contains("<i>"));
        QVERIFY(html.contains("Neptune"));
        const QStringList lines = written(chat::ExportKind::Jsonl, ".jsonl").split('\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 3);
        const auto jupiter = parseJson(lines[1].toStdString());
        QVERIFY(jupiter);
        QCOMPARE((*jupiter)["content"].get<std::string>(), std::string("The Jupiter."));
        QCOMPARE((*jupiter)["shown"].get<bool>(), false);
        QCOMPARE((*jupiter)["tokens"][1]["logprob"].get<double>(), -0.5);
        // A folder that is not there: the reason, and no file.
        std::optional<bool> refused;
        panel.exportTo("/nowhere/at/all.md", chat::ExportKind::Markdown,
            [&](Result<void> done) { refused = !done && !done.error().text().empty(); });
        QTRY_VERIFY_WITH_TIMEOUT(refused.has_value(), kLong);
        QVERIFY(*refused);
    }
    void figures_ofATalk_areDrawnFromTurnsAndStreamTokens() {
        Shown shown;
        const auto runNo = shown.addRun({.title = "planets"});
        shown.addTalk(runNo, "Which?", {"The", " \"Jupiter\""});
        chat::ChatPanel panel;
        shown.show(panel, {420, 500}, runNo);
        QVERIFY(waitForTurns(panel.view(0), 2));
        const auto figures = panel.figures();
        QCOMPARE(figures.size(), 1);
        QImage image(figures[0].size.toSize(), QImage::Format_RGB32);
        image.fill(Qt::white);
        QPainter painter(&image);
        figures[0].draw(painter, figures[0].size);
        painter.end();
        bool isDrawn = false;
        for (int y = 0; y < image.height() && !isDrawn; ++y)
            for (int x = 0; x < image.width() && !isDrawn; ++x) isDrawn = image.pixel(x, y) != qRgb(255, 255, 255);
        QVERIFY(isDrawn);
        QString csv;
        int outcome = -1;
        shown.readers->submit([&](store::Database& db) {
            outcome = static_cast<bool>(figures[0].writeCsv(db, [&](const QString& piece) -> Result<void> {
                csv += piece;
                return {};
            }));
        });
        QTRY_VERIFY_WITH_TIMEOUT(outcome >= 0, kLong);
        QCOMPARE(outcome, 1);
        const QStringList lines = csv.split('\n', Qt::SkipEmptyParts);
        QCOMPARE(lines.size(), 4);
        QVERIFY2(lines[3].contains("\" \"\"Jupiter\"\"\",6,-0.5,0.6065"), qPrintable(lines[3]));
    }
};

int main(int argc, char** argv) {
    qputenv("QT_QPA_PLATFORM", qEnvironmentVariable("QT_QPA_PLATFORM", "offscreen").toUtf8());
    QApplication application(argc, argv);
    QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
    tst_Talks test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_talks.moc"
