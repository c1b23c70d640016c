// The first page by hand: what it says, what Enter does, what happens to projects that are gone.
#include <QApplication>
#include <QComboBox>
#include <QHeaderView>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTableWidget>

#include <fstream>

#include "app/desktop.h"
#include "home/recent_card.h"
#include "home/system_card.h"
#include "run/models.h"
#include "settings.h"
#include "start_page.h"
#include "support/shown.h"

using namespace dubito;
using tests::get;
using tests::kPatience;
using tests::ok;

namespace {

const char* const kTalker = R"({"manifest": 1, "abi": {"major": 1, "minor": 0}, "id": "org.example.talker",
    "version": "1.0.0", "binary": "libfake.so", "licence": "MIT", "roles": ["chat"], "title": {"en": "Talker"},
    "summary": {"en": "Says nothing"}, "params": {"type": "object", "properties": {
        "chat": {"type": "object", "properties": {"text": {"type": "string", "default": ""}}},
        "gen": {"type": "object", "properties": {"temperature": {"type": "number", "default": 0.7}}},
        "session": {"type": "object", "properties": {"keep": {"type": "boolean", "default": false}}}}},
    "commands": [], "outputs": [], "inputs": []})";

/// A plugin that talks, and a model that is none but lies where models lie.
void addTalker(const fs::path& data) {
    const fs::path folder = data / "dubito/plugins/org.example.talker/1.0.0";
    ok(makeFolders(folder));
    ok(writeFileAtomic(folder / "plugin.json", kTalker));
    fs::copy_file(fs::path(DUBITO_FAKE_PLUGIN) / "libfake.so", folder / "libfake.so");
    ok(makeFolders(data / "dubito/models"));
    ok(writeFileAtomic(data / "dubito/models/own-model.gguf", "GGUF"));
}

template <class T>
T* child(const app::Application& application, const char* name) {
    return application.window()->findChild<T*>(QString::fromLatin1(name));
}

QTableWidget* recentTable(const app::Application& application) {
    return application.window()->findChild<app::RecentCard*>()->findChild<QTableWidget*>();
}

QPushButton* button(const QWidget* parent, const QString& text) {
    for (auto* one : parent->findChildren<QPushButton*>())
        if (one->text() == text) return one;
    return nullptr;
}

}  // namespace

class tst_Home : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void question_hasTheFocusAndShiftEnterBreaksTheLine() {
        tests::Desktop desktop(false);
        auto* field = child<QPlainTextEdit>(*desktop.application, "question");
        QVERIFY(QTest::qWaitForWindowActive(desktop.application->window(), kPatience));
        QTRY_VERIFY_WITH_TIMEOUT(field->hasFocus(), kPatience);
        QTest::keyClicks(field, "one");
        QTest::keyClick(field, Qt::Key_Return, Qt::ShiftModifier);
        QTest::keyClicks(field, "two");
        QCOMPARE(field->toPlainText(), QStringLiteral("one\ntwo"));
        QVERIFY(!desktop.application->hasProject());
    }
    void question_withoutAPlugin_saysWhatIsMissing() {
        tests::Desktop desktop(false);
        if (!desktop.application->catalogue().withRole("chat").empty()) QSKIP("a plugin that talks is built");
        auto* ask = child<QPushButton>(*desktop.application, "ask");
        const auto reason = [&] {
            for (auto* label : ask->parentWidget()->parentWidget()->findChildren<QLabel*>())
                if (label->property("role") == "bad" && label->isVisible()) return label->text();
            return QString();
        };
        QTRY_VERIFY_WITH_TIMEOUT(reason().contains("No plugin"), kPatience);
        auto* field = child<QPlainTextEdit>(*desktop.application, "question");
        QTest::keyClicks(field, "hello");
        QVERIFY(!ask->isEnabled());
        QTest::keyClick(field, Qt::Key_Return);
        QVERIFY(!desktop.application->hasProject());
    }
    void system_fine_isSaidInFewWords() {
        app::SystemCard card;
        card.resize(900, 40);
        card.show();
        std::vector<cli::SystemCheckLine> lines = {{"CPU", "2 cores, AVX2", ""}, {"memory", "21.4 GiB available", ""},
            {"GPU", "CPU only", ""}, {"worker", "starts", ""}, {"plugins", "1 found, 0 refused", ""},
            {"org.example.lm", "loads", ""}, {"default model", "a.gguf", ""}, {"disk", "73.0 GiB free for runs", ""},
            {"display", "X11", ""}, {"SQLite", "3.40", ""}};
        card.showLines(lines);
        const QString words = tests::wordsOf(card);
        for (const char* part : {"Ready", "2 cores, AVX2", "21.4 GiB of memory free", "no GPU found: CPU only",
                 "worker starts", "default model found", "73.0 GiB of disk free", "X11"})
            QVERIFY2(words.contains(QLatin1String(part)), qPrintable(words));
        QVERIFY2(!words.section(QLatin1Char('\n'), 0, 2).contains("org.example.lm"), qPrintable(words));
        // What needs a hand is told by its name, before all others.
        lines[5] = {"org.example.lm", "does not load", "libtorch.so is missing"};
        card.showLines(lines);
        QVERIFY(tests::wordsOf(card).contains("org.example.lm: does not load  ·  2 cores, AVX2"));
    }
    void enter_asksInAProjectWithoutAName() {
        tests::TempProject home;
        addTalker(fs::path(home.folder.path().toStdString()) / "data");
        qputenv("XDG_CONFIG_HOME", home.folder.path().toUtf8() + "/config");
        qputenv("DUBITO_PLUGIN_PATH", "");
        app::Application application({QStringLiteral("en"), QStringLiteral("light"), false, false});
        application.window()->show();
        auto* field = child<QPlainTextEdit>(application, "question");
        QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>(application, "ask") != nullptr, kPatience);
        QTest::keyClicks(field, "What is it?");
        QTRY_VERIFY_WITH_TIMEOUT(child<QPushButton>(application, "ask")->isEnabled(), kPatience);
        QTest::keyClick(field, Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(application.selection()->leadingRun() != 0, kPatience);
        const QString path = application.projectPath();
        QVERIFY2(path.contains("/data/dubito/projects/untitled-1.dubito"), qPrintable(path));
        auto db = get(store::openReadOnly(path.toStdString()));
        const Json spec = get(parseJson(get(store::querySpec(*db, application.selection()->leadingRun()))));
        QCOMPARE(spec["params"]["chat"]["text"].get<std::string>(), std::string("What is it?"));
        QCOMPARE(spec["params"]["gen"]["temperature"].get<double>(), 0.0);
        QVERIFY(spec["params"]["session"]["keep"].get<bool>());
        QVERIFY(field->toPlainText().isEmpty());
        store::RunRow row;
        (void)application.service()->cancel(application.selection()->leadingRun(), true);  // unless it is over
        QVERIFY(tests::waitFinal(path.toStdString(), application.selection()->leadingRun(), 60, &row));
    }
    void recent_projectsSayWhatIsInThem() {
        tests::Desktop desktop;
        desktop.addRun("one");
        desktop.addRun("two");
        desktop.application->closeProject();
        auto* table = recentTable(*desktop.application);
        QTRY_COMPARE_WITH_TIMEOUT(table->rowCount(), 1, kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(table->item(0, 2)->text(), QStringLiteral("2"), kPatience);
        QCOMPARE(table->item(0, 0)->text(), QStringLiteral("test"));
        QCOMPARE(table->item(0, 3)->text(), QStringLiteral("all done"));
        QVERIFY(table->item(0, 5)->text().startsWith("today"));
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualItemRect(table->item(0, 0)).center());
        QTRY_VERIFY_WITH_TIMEOUT(desktop.application->hasProject(), kPatience);
    }
    void recent_missingOne_canBeRemovedButNotOpened() {
        tests::Desktop desktop(false);
        desktop.application->settings().addRecent(QStringLiteral("/nowhere/<b>gone</b>.dubito"));
        desktop.application->settings().addRecent(QString::fromStdString(desktop.project.file.string()));
        desktop.application->window()->findChild<app::RecentCard*>()->refresh();
        auto* table = recentTable(*desktop.application);
        QCOMPARE(table->rowCount(), 2);
        QTRY_COMPARE_WITH_TIMEOUT(table->item(1, 3)->text(), QStringLiteral("folder is not there"), kPatience);
        QVERIFY(!Qt::mightBeRichText(table->item(1, 0)->toolTip()) || !table->item(1, 0)->toolTip().contains("<b>"));
        QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, table->visualItemRect(table->item(1, 0)).center());
        QTest::qWait(100);
        QVERIFY(!desktop.application->hasProject());
        auto* remove = button(table, QStringLiteral("Remove"));
        QVERIFY(remove && button(table, QStringLiteral("Find…")));
        QTest::mouseClick(remove, Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(table->rowCount(), 1, kPatience);
        QCOMPARE(desktop.application->settings().recent().size(), 1);
    }
    void recent_fileThatIsNoProject_saysSo() {
        tests::Desktop desktop(false);
        const fs::path odd = fs::path(desktop.project.folder.path().toStdString()) / "odd.dubito";
        ok(writeFileAtomic(odd, "no project"));
        desktop.application->settings().addRecent(QString::fromStdString(odd.string()));
        desktop.application->window()->findChild<app::RecentCard*>()->refresh();
        auto* table = recentTable(*desktop.application);
        QTRY_COMPARE_WITH_TIMEOUT(table->item(0, 3)->text(), QStringLiteral("cannot be read"), kPatience);
        QVERIFY(!table->item(0, 3)->toolTip().isEmpty());
    }
    void page_inASmallWindow_isNeverWiderThanIt() {
        tests::Desktop desktop(false);
        desktop.application->settings().addRecent("/" + QString(300, 'x') + "/" + QString(200, 'y') + ".dubito");
        auto* page = desktop.application->window()->findChild<app::StartPage*>();
        page->refresh();
        desktop.application->window()->resize(1024, 700);
        QTest::qWait(200);
        QVERIFY2(desktop.application->window()->width() <= 1024,
            qPrintable(QString::number(desktop.application->window()->width())));
        QVERIFY2(page->widget()->minimumSizeHint().width() <= page->viewport()->width(),
            qPrintable(QStringLiteral("%1 of %2")
                           .arg(page->widget()->minimumSizeHint().width())
                           .arg(page->viewport()->width())));
    }
    void models_areThePackagedOneAndThoseAdded() {
        tests::TempProject home;
        const fs::path folder = fs::path(home.folder.path().toStdString()) / "data/dubito/models";
        ok(makeFolders(folder / "hf"));
        ok(writeFileAtomic(folder / "hf/config.json", "{}"));
        for (const char* name : {"b.gguf", "a-00001-of-00002.gguf", "a-00002-of-00002.gguf", "note.txt"})
            ok(writeFileAtomic(folder / name, "x"));
        fs::create_symlink("/nowhere/gone.gguf", folder / "gone.gguf");
        std::vector<std::string> names;
        for (const auto& model : run::knownModels())
            if (model.parent_path() == folder) names.push_back(model.filename().string());
        QCOMPARE(names, (std::vector<std::string>{"a-00001-of-00002.gguf", "b.gguf", "hf"}));
    }
};

QTEST_MAIN(tst_Home)
#include "tst_home.moc"
