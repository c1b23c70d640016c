// The run dialog as a hand uses it: opened, typed into, wheeled over, sent off; every plugin's form untouched.
#include <qtestspontaneevent.h>
#include <QApplication>
#include <QCheckBox>
#include <QClipboard>
#include <QComboBox>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPlainTextEdit>
#include <QPointer>
#include <QPushButton>
#include <QScrollArea>
#include <QScrollBar>
#include <QSignalSpy>
#include <QSlider>
#include <QTest>
#include <QTimer>
#include <QVBoxLayout>
#include <QWheelEvent>

#include "app/desktop.h"
#include "crash_recovery.h"
#include "dialogs/number_field.h"
#include "dialogs/run_dialog.h"
#include "dialogs/run_presets.h"

using namespace dubito;
using tests::get;
using tests::ok;

namespace {

const char* const kSchema = R"({"type": "object", "properties": {
    "mode": {"type": "string", "oneOf": [{"const": "a", "title": {"en": "First", "zh_CN": "甲"}}, {"const": "b"}],
             "default": "a", "title": {"en": "Mode", "zh_CN": "方式"}, "description": {"en": "Which", "zh_CN": "哪个"}},
    "lr": {"type": "number", "minimum": 1e-8, "maximum": 1, "default": 1e-4, "x-scale": "log", "title": "Rate"},
    "eps": {"type": "number", "minimum": 1e-12, "maximum": 0.1, "default": 1e-8, "x-advanced": true},
    "third": {"type": "number", "default": 0.30000000000000004},
    "large": {"type": "integer", "minimum": 0, "maximum": 9007199254740991, "default": 9007199254740991},
    "text": {"type": "string", "default": "two\nlines", "maxLength": 100},
    "named": {"type": "integer", "enum": [1, 2, 4], "default": 2},
    "sizes": {"type": "array", "items": {"type": "integer", "minimum": 1}, "default": [8, 16]},
    "names": {"type": "array", "items": {"type": "string"}, "default": ["x, y", "z"], "maxItems": 3},
    "free": {"type": "number", "minimum": 0},
    "b": {"type": "object", "title": "Only b", "x-visible-when": {"pointer": "/mode", "equals": "b"}, "properties": {
        "rank": {"type": "integer", "minimum": 1, "maximum": 8, "default": 4}}},
    "on": {"type": "boolean", "default": true}}})";

Json schema() {
    static const Json kParsed = get(parseJson(kSchema));
    ok(run::checkSchema(kParsed));
    return kParsed;
}

std::unique_ptr<app::ParamForm> form(const Json& values = Json::object(), const std::string& language = "en") {
    auto out = std::make_unique<app::ParamForm>();
    out->setSchema(schema(), values, language);
    out->resize(520, 260);
    out->show();
    return out;
}

QLineEdit* field(const app::ParamForm& form, const char* path) {
    return qobject_cast<QLineEdit*>(form.editorOf(QString::fromLatin1(path)));
}

void retype(QLineEdit* edit, const char* text) {
    edit->setFocus();
    edit->selectAll();
    QTest::keyClicks(edit, QString::fromLatin1(text));
    if (!*text) QTest::keyClick(edit, Qt::Key_Delete);
}

void wheel(QWidget* widget) {
    const QPointF at(widget->width() / 2.0, widget->height() / 2.0);
    QWheelEvent event(
        at, widget->mapToGlobal(at), {}, QPoint(0, -120), Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
    QSpontaneKeyEvent::setSpontaneous(&event);  // as from a hand: goes on to what scrolls
    qApp->notify(widget, &event);
}

/// All plugins there are: of the source tree, of the catalogue, and those of the tests.
std::vector<run::PluginDescription> everyPlugin() {
    std::vector<run::PluginDescription> out;
    for (const auto& folder : get(listFolder(fs::path(DUBITO_SOURCE) / "plugins"))) {
        const auto text = readFile(folder / "plugin.json", 1 << 20);  // not every folder has one
        if (!text) continue;
        for (auto& plugin : get(host::parseManifests(*text))) out.push_back(std::move(plugin));
    }
    const auto catalogue = host::Catalogue::scan({fs::path(DUBITO_BUILD) / "plugins",
        fs::path(DUBITO_BUILD) / "fake_plugins", fs::path(qgetenv("DUBITO_PLUGIN_PATH").toStdString())});
    for (const auto& entry : catalogue.entries())
        if (entry.plugin) out.push_back(*entry.plugin);
    return out;
}

app::RunDialog* openDialog(const tests::Desktop& desktop, const Json& draft, qint64 runNo = 0) {
    auto* window = desktop.application->window();
    app::RunDialog::open(*desktop.application, window, runNo, draft);
    app::RunDialog* found = nullptr;
    (void)QTest::qWaitFor([&] { return (found = window->findChild<app::RunDialog*>()) != nullptr; }, tests::kPatience);
    if (!found) qFatal("no dialog");
    return found;
}

Json draftOf(const char* plugin, Json parameters = Json::object()) {
    return {{"plugin", {{"id", plugin}}}, {"params", std::move(parameters)}};
}

QPushButton* button(const QWidget* dialog, const QString& text) {
    for (auto* one : dialog->findChildren<QPushButton*>())
        if (one->text() == text) return one;
    return nullptr;
}

}  // namespace

class tst_RunDialog : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void numbers_asText_readBackToTheLastBit() {
        for (const double value : {1e-8, 1e-4, 0.30000000000000004, 0.1, 123456.789, 1e-12, 5e-324,
                 1.7976931348623157e308, -2.5, 0.0, 1e7, 3e-4}) {
            const auto read = app::parseNumber(app::numberText(Json(value)), false);
            QVERIFY(read);
            QCOMPARE(read->get<double>(), value);
        }
        QCOMPARE(app::numberText(Json(1e-8)), QStringLiteral("1e-8"));
        QCOMPARE(app::numberText(Json(0.7)), QStringLiteral("0.7"));
        QCOMPARE(app::numberText(Json(std::int64_t{9007199254740991})), QStringLiteral("9007199254740991"));
        QCOMPARE(app::parseNumber("0.0001", false)->get<double>(), 1e-4);
        QCOMPARE(app::parseNumber(" 3e-4 ", false)->get<double>(), 3e-4);
        QCOMPARE(app::parseNumber("1e6", true)->get<std::int64_t>(), 1'000'000);
        for (const char* none : {"", "one", "1e", "1,5", "nan", "inf", "0x10", "1 2"})
            QVERIFY2(!app::parseNumber(none, false), none);
        QVERIFY(!app::parseNumber("1.5", true));
    }
    void form_ofEveryPluginUntouched_isTheDefaults() {
        const auto plugins = everyPlugin();
        QVERIFY(plugins.size() >= 3);
        for (const auto& plugin : plugins)
            for (const char* language : {"en", "zh_CN"}) {
                app::ParamForm form;
                form.setSchema(plugin.parameters, Json::object(), language);
                const Json defaults = run::defaultsOf(plugin.parameters);
                QCOMPARE(get(canonicalJson(form.values())), get(canonicalJson(defaults)));
                QVERIFY2(form.faults().empty(), plugin.id.c_str());
            }
        auto own = form();
        QCOMPARE(get(canonicalJson(own->values())), get(canonicalJson(run::defaultsOf(schema()))));
    }
    void form_ofEveryPluginUntouched_hashesAsTheCommandLine() {
        int compared = 0;
        for (const auto& plugin : everyPlugin()) {
            app::ParamForm form;
            form.setSchema(plugin.parameters, Json::object(), "en");
            run::RunDraft typed, drawn;
            typed.pluginId = drawn.pluginId = plugin.id;
            drawn.parameters = form.values();
            const auto expected = run::freeze(typed, plugin);
            if (!expected) continue;  // an input that this machine lacks
            QCOMPARE(hexText(get(run::freeze(drawn, plugin)).spec.hash()), hexText(expected->spec.hash()));
            ++compared;
        }
        QVERIFY(compared >= 2);
    }
    void form_ofGivenValuesUntouched_keepsThemToTheLastBit() {
        const Json given = get(parseJson(
            R"({"mode": "b", "lr": 3.0000000000000004e-4, "text": "a\u00a0b\r\nc", "names": ["q\nr"], "free": 1e-300,
                "b": {"rank": 7}, "large": 4503599627370497})"));
        const Json values = form(given)->values();
        for (const auto& [name, value] : given.items()) QCOMPARE(jsonText(values[name]), jsonText(value));
    }
    void typed_number_isReadExactly() {
        auto own = form();
        for (const char* text : {"3e-4", "0.0003"}) {
            retype(field(*own, "lr"), text);
            QCOMPARE(own->values()["lr"].get<double>(), 3e-4);
        }
        retype(field(*own, "large"), "9007199254740990");
        QCOMPARE(own->values()["large"].get<std::int64_t>(), 9007199254740990);
        retype(field(*own, "lr"), "1e-4");
        QCOMPARE(get(canonicalJson(own->values()["lr"])), get(canonicalJson(Json(1e-4))));
    }
    void arrowKeys_stepAsSuitsTheScale() {
        auto own = form();
        QLineEdit* rate = field(*own, "lr");
        QTest::keyClick(rate, Qt::Key_Up);
        QCOMPARE(rate->text(), QStringLiteral("2e-4"));
        QTest::keyClick(rate, Qt::Key_Up);
        QTest::keyClick(rate, Qt::Key_Up);
        QCOMPARE(own->values()["lr"].get<double>(), 1e-3);
        QTest::keyClick(rate, Qt::Key_Down);
        QCOMPARE(own->values()["lr"].get<double>(), 5e-4);
        QLineEdit* free = field(*own, "free");
        retype(free, "24");
        QTest::keyClick(free, Qt::Key_Up);
        QCOMPARE(own->values()["free"].get<double>(), 25.0);
        retype(free, "0.35");
        QTest::keyClick(free, Qt::Key_Down);
        QCOMPARE(own->values()["free"].get<double>(), 0.34);
        retype(free, "0");
        QTest::keyClick(free, Qt::Key_Down);  // the range ends here
        QCOMPARE(own->values()["free"].get<double>(), 0.0);
    }
    void slider_ofAScaleOfPowers_setsTwoDigits() {
        auto own = form();
        auto* rate = qobject_cast<app::NumberField*>(field(*own, "lr")->parentWidget());
        QVERIFY(rate);
        auto* slider = rate->findChild<QSlider*>();
        QVERIFY(slider);
        QCOMPARE(own->values()["lr"].get<double>(), 1e-4);
        slider->setFocus();
        QTest::keyClick(slider, Qt::Key_Home);
        QCOMPARE(own->values()["lr"].get<double>(), 1e-8);
        QTest::keyClick(slider, Qt::Key_End);
        QCOMPARE(own->values()["lr"].get<double>(), 1.0);
        slider->setValue(500);
        QCOMPARE(own->values()["lr"].get<double>(), 1e-4);
        auto* whole = qobject_cast<app::NumberField*>(field(*own, "large")->parentWidget());
        QVERIFY(whole && !whole->findChild<QSlider*>());
    }
    void wrongValue_isSaidAtItsFieldWhileTyping() {
        auto own = form();
        const auto sentenceUnder = [&](const char* path) {
            QWidget* row = field(*own, path);
            while (row->parentWidget() && !qobject_cast<QVBoxLayout*>(row->layout())) row = row->parentWidget();
            for (auto* label : row->findChildren<QLabel*>())
                if (label->property("role") == "bad" && label->isVisible()) return label->text();
            return QString();
        };
        retype(field(*own, "lr"), "2");
        QVERIFY2(sentenceUnder("lr").contains("from 1e-8 up to 1"), qPrintable(sentenceUnder("lr")));
        retype(field(*own, "lr"), "two");
        QCOMPARE(sentenceUnder("lr"), QStringLiteral("Not a number."));
        retype(field(*own, "large"), "1.5");
        QCOMPARE(sentenceUnder("large"), QStringLiteral("Not a whole number."));
        retype(field(*own, "large"), "");
        QVERIFY(!sentenceUnder("large").isEmpty());
        QCOMPARE(own->faults().size(), std::size_t{2});
        retype(field(*own, "lr"), "0.5");
        QCOMPARE(sentenceUnder("lr"), QString());
        retype(field(*own, "sizes"), "8, x");
        QVERIFY(!sentenceUnder("sizes").isEmpty());
        retype(field(*own, "sizes"), "4, 2");
        QCOMPARE(jsonText(own->values()["sizes"]), std::string("[4,2]"));
    }
    void hiddenRows_countWithTheirDefaults() {
        auto own = form({{"mode", "b"}, {"b", {{"rank", 7}}}});
        QVERIFY(own->isRowShown("b.rank"));
        QCOMPARE(own->values()["b"]["rank"].get<int>(), 7);
        auto* mode = qobject_cast<QComboBox*>(own->editorOf("mode"));
        mode->setFocus();
        QTest::keyClick(mode, Qt::Key_Up);
        QVERIFY(!own->isRowShown("b.rank"));
        QCOMPARE(get(canonicalJson(own->values())), get(canonicalJson(run::defaultsOf(schema()))));
        QTest::keyClick(mode, Qt::Key_Down);
        QCOMPARE(own->values()["b"]["rank"].get<int>(), 7);  // what was typed is there again
    }
    void choices_keepTheirTypeAndSpeakTheLanguage() {
        auto own = form({}, "zh_CN");
        auto* mode = qobject_cast<QComboBox*>(own->editorOf("mode"));
        QCOMPARE(mode->itemText(0), QStringLiteral("甲"));
        QCOMPARE(mode->accessibleName(), QStringLiteral("方式"));
        auto* named = qobject_cast<QComboBox*>(own->editorOf("named"));
        named->setCurrentIndex(2);
        QVERIFY(own->values()["named"].is_number_integer());
        QCOMPARE(own->values()["named"].get<int>(), 4);
    }
    void wheel_withoutFocus_scrollsAndChangesNothing() {
        auto own = form();
        QVERIFY(QTest::qWaitForWindowActive(own.get(), tests::kPatience));
        field(*own, "third")->setFocus();
        const std::string before = get(canonicalJson(own->values()));
        auto* area = own->findChild<QScrollArea*>();
        area->verticalScrollBar()->setValue(0);
        for (const char* path : {"mode", "named"}) wheel(own->editorOf(path));
        wheel(field(*own, "lr")->parentWidget()->findChild<QSlider*>());
        wheel(field(*own, "lr"));
        QCOMPARE(get(canonicalJson(own->values())), before);
        QVERIFY(area->verticalScrollBar()->value() > 0);
        QVERIFY(!own->editorOf("mode")->hasFocus());
        own->editorOf("mode")->setFocus();
        wheel(own->editorOf("mode"));
        QVERIFY(get(canonicalJson(own->values())) != before);
    }
    void search_findsByTitleAndPath() {
        auto own = form();
        auto* search = own->findChild<QLineEdit*>();
        QVERIFY(!own->isRowShown("eps"));  // advanced
        QTest::keyClicks(search, "eps");
        QVERIFY(own->isRowShown("eps") && !own->isRowShown("lr"));
        search->clear();
        QVERIFY(!own->isRowShown("eps") && own->isRowShown("lr"));
    }
    void run_withAWrongValue_goesToItsField() {
        tests::Desktop desktop;
        auto* dialog = openDialog(desktop, draftOf("org.dubito.fake"));
        auto* params = dialog->findChild<app::ParamForm*>();
        QVERIFY(QTest::qWaitForWindowActive(dialog, tests::kPatience));
        QVERIFY(params->isAncestorOf(dialog->focusWidget()));  // the first field of the form, not the plugin's name
        QCOMPARE(dialog->focusWidget(), params->editorOf("do"));
        QLineEdit* steps = field(*params, "steps");
        retype(steps, "0");
        params->editorOf("do")->setFocus();
        QTest::mouseClick(button(dialog, "Run"), Qt::LeftButton);
        QCOMPARE(dialog->focusWidget(), static_cast<QWidget*>(steps));
        QVERIFY(!steps->visibleRegion().isEmpty());
        QVERIFY(dialog->isVisible());
        retype(steps, "3");
        QTest::mouseClick(button(dialog, "Run"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(desktop.application->selection()->leadingRun() != 0, 300'000);
    }
    void draft_isKeptWhenTheDialogIsLeftAndDroppedByCancel() {
        tests::Desktop desktop;
        QPointer<app::RunDialog> dialog = openDialog(desktop, draftOf("org.dubito.fake"));
        retype(field(*dialog->findChild<app::ParamForm*>(), "steps"), "41");
        QTest::keyClick(dialog, Qt::Key_Escape);  // at once: what was typed last is no file yet
        QTRY_VERIFY_WITH_TIMEOUT(app::CrashRecovery::draft().contains("41"), tests::kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(!dialog, tests::kPatience);
        dialog = openDialog(desktop, {});
        QCOMPARE(dialog->draft().parameters["steps"].get<int>(), 41);
        retype(field(*dialog->findChild<app::ParamForm*>(), "steps"), "43");
        QTRY_VERIFY_WITH_TIMEOUT(app::CrashRecovery::draft().contains("43"), tests::kPatience);
        QTest::mouseClick(button(dialog, "Cancel"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!dialog, tests::kPatience);
        QTRY_COMPARE_WITH_TIMEOUT(app::CrashRecovery::draft(), QString(), tests::kPatience);
    }
    void copies_areTheDraft() {
        tests::Desktop desktop;
        Json given = draftOf("org.dubito.fake", {{"steps", 7}});
        given["title"] = "it's one";
        given["seed"] = 9007199254740991;
        given["threads"] = 3;
        given["device"] = "auto";
        auto* dialog = openDialog(desktop, given);
        QTest::mouseClick(button(dialog, "Copy as command"), Qt::LeftButton);
        const QString command = QApplication::clipboard()->text();
        QVERIFY2(command.startsWith("dubito run ") && command.contains(" fake "), qPrintable(command));
        QVERIFY2(command.contains("--set steps=7 ") && command.count("--set") == 1, qPrintable(command));
        QVERIFY(command.contains("--seed 9007199254740991 --threads 3 --device auto"));
        QVERIFY(command.contains("--title 'it'\\''s one'"));
        QTest::mouseClick(button(dialog, "Copy as JSON"), Qt::LeftButton);
        const auto again = get(run::draftFromJson(QApplication::clipboard()->text().toStdString()));
        const auto now = dialog->draft();
        QCOMPARE(again.seed, now.seed);
        QCOMPARE(again.title, now.title);
        QCOMPARE(get(canonicalJson(again.parameters)), get(canonicalJson(now.parameters)));
    }
    void field_withSeveralValues_hasThemAllAndTakesThemBack() {
        auto params = form();
        QSignalSpy edits(params.get(), &app::ParamForm::edited);
        retype(field(*params, "lr"), "1e-4, 3e-4,3e-4");
        QVERIFY(params->several()["/lr"] == Json({1e-4, 3e-4}));
        QCOMPARE(params->values()["lr"].get<double>(), 1e-4);
        retype(field(*params, "large"), "2..4, 9");
        QVERIFY(params->several()["/large"] == Json({2, 3, 4, 9}));
        QCOMPARE(params->combinations(100).size(), std::size_t(8));
        QVERIFY(params->faults().empty());
        retype(field(*params, "large"), "2, two");
        QCOMPARE(params->faults().size(), std::size_t(1));
        retype(field(*params, "large"), "2");
        // A choice has one more beside it; what only that choice shows is there too, and counts with it alone.
        QVERIFY(!params->isRowShown("b.rank"));
        const auto press = [&](const QString& name) {
            for (auto* one : params->findChildren<QToolButton*>())
                if (one->accessibleName() == name && one->isVisibleTo(params.get())) {
                    QTest::mouseClick(one, Qt::LeftButton);
                    return true;
                }
            return false;
        };
        QVERIFY(press("One more value of Mode"));
        auto* second = qobject_cast<QComboBox*>(params->focusWidget());
        QVERIFY(second && second != params->editorOf("mode"));
        QTest::keyClick(second, Qt::Key_Down);
        QVERIFY(params->isRowShown("b.rank"));
        retype(field(*params, "b.rank"), "2, 3");
        const auto all = params->combinations(100);
        QCOMPARE(all.size(), std::size_t(2 * (1 + 2)));
        QCOMPARE(all.front().words, QString("mode=a lr=0.0001"));
        QCOMPARE(all.back().words, QString("mode=b lr=0.0003 rank=3"));
        // The same again from what is kept.
        app::ParamForm again;
        again.setSchema(schema(), params->values(), "en", params->several());
        QVERIFY(again.several() == params->several());
        QCOMPARE(again.combinations(100).size(), all.size());
        QVERIFY(press("Remove this value of Mode"));
        QVERIFY(!params->isRowShown("b.rank"));
        QCOMPARE(params->combinations(100).size(), std::size_t(2));
        QVERIFY(edits.count() > 5);
        again.setSchema(schema(), {}, "en", {{"/lr", "x"}, {"/mode", Json::array()}, {"/none", {1, 2}}});
        QCOMPARE(again.combinations(100).size(), std::size_t(1));
    }
    void severalValues_andSeeds_areARunOfEachCombination() {
        tests::Desktop desktop;
        Json given = draftOf("org.dubito.fake");
        given["title"] = "sweep";
        QPointer<app::RunDialog> dialog = openDialog(desktop, given);
        auto* params = dialog->findChild<app::ParamForm*>();
        retype(field(*params, "steps"), "3, 5");
        QLineEdit* seed = nullptr;
        for (auto* edit : dialog->findChildren<QLineEdit*>())
            if (edit->accessibleName() == QLatin1String("Seed")) seed = edit;
        QVERIFY(seed);
        retype(seed, "1..2");
        QVERIFY(button(dialog, "Run all 4"));
        QTest::mouseClick(button(dialog, "Copy as command"), Qt::LeftButton);
        const QStringList lines = QApplication::clipboard()->text().split('\n');
        QCOMPARE(lines.size(), 4);
        QVERIFY2(lines[3].contains("--set steps=5 --seed 2 "), qPrintable(lines[3]));
        QVERIFY2(lines[3].contains("--title 'sweep steps=5'"), qPrintable(lines[3]));
        // Left and opened again it is the same.
        QTest::keyClick(dialog, Qt::Key_Escape);
        QTRY_VERIFY_WITH_TIMEOUT(!dialog, tests::kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(app::CrashRecovery::draft().contains("several"), tests::kPatience);
        dialog = openDialog(desktop, {});
        QCOMPARE(dialog->drafts().size(), std::size_t(4));
        params = dialog->findChild<app::ParamForm*>();
        retype(field(*params, "steps"), "1..101");
        QVERIFY(!button(dialog, "Run all 101"));
        QTest::mouseClick(button(dialog, "Run"), Qt::LeftButton);
        QVERIFY(dialog && dialog->isEnabled());  // said beside it, and nothing is started
        retype(field(*params, "steps"), "3, 5");
        QTest::mouseClick(button(dialog, "Run all 4"), Qt::LeftButton);
        QTRY_COMPARE_WITH_TIMEOUT(desktop.application->selection()->runs().size(), 4, 300'000);
        QTRY_VERIFY_WITH_TIMEOUT(!dialog, tests::kPatience);
        auto db = get(store::Database::open(desktop.project.file, store::Database::Mode::ReadOnly));
        const auto last = get(store::findRun(*db, desktop.application->selection()->runs().last()));
        QVERIFY(last);
        QCOMPARE(last->name(), std::string("sweep steps=5"));
        QCOMPARE(last->seed, std::int64_t(2));
        const auto groups = get(store::queryRunGroups(*db, {}));
        QCOMPARE(groups.size(), std::size_t(2));
    }
    void preset_saved_isThereForTheNextRun() {
        tests::Desktop desktop;
        QPointer<app::RunDialog> dialog = openDialog(desktop, draftOf("org.dubito.fake"));
        auto* params = dialog->findChild<app::ParamForm*>();
        retype(field(*params, "steps"), "7, 8");
        retype(field(*params, "at"), "9");
        auto* presets = dialog->findChild<app::RunPresets*>();
        const auto entry = [&](const QString& text) -> QAction* {
            Q_EMIT presets->menu()->aboutToShow();
            for (auto* one : presets->menu()->actions())
                if (one->text() == text) return one;
            return nullptr;
        };
        QTimer::singleShot(0, this, [] {
            auto* ask = QApplication::activeModalWidget();
            QTest::keyClicks(ask->findChild<QLineEdit*>(), "mine & short");
            QTest::keyClick(ask, Qt::Key_Return);
        });
        QVERIFY(entry("Save as preset…"));
        entry("Save as preset…")->trigger();
        QTest::mouseClick(button(dialog, "Cancel"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!dialog, tests::kPatience);
        dialog = openDialog(desktop, draftOf("org.dubito.fake"));
        presets = dialog->findChild<app::RunPresets*>();
        QCOMPARE(dialog->drafts().size(), std::size_t(1));
        QVERIFY(entry("mine && short"));
        entry("mine && short")->trigger();
        QCOMPARE(dialog->drafts().size(), std::size_t(2));
        QCOMPARE(dialog->drafts()[1].parameters["steps"].get<int>(), 8);
        QCOMPARE(dialog->draft().parameters["at"].get<int>(), 9);
        // What a file says that this plugin cannot have is left out.
        QVERIFY(presets->save("odd", Json::parse(R"({"params": {"": 1, "x": 2, "/steps/deep": 3, "/a~b": 4, "/at": 5},
            "several": {"params": [], "seeds": "all"}})")));
        entry("odd")->trigger();
        QCOMPARE(dialog->drafts().size(), std::size_t(1));
        QCOMPARE(dialog->draft().parameters["at"].get<int>(), 5);
        auto* gone = entry("Delete");
        QVERIFY(gone && gone->menu());
        for (auto* one : gone->menu()->actions())
            if (one->text() == QLatin1String("odd")) one->trigger();
        QVERIFY(!entry("odd") && entry("mine && short"));
    }
    void combinations_moreThanAskedFor_stopAfterOneMore() {
        auto params = form();
        retype(field(*params, "lr"), "1e-4, 2e-4, 3e-4, 4e-4, 5e-4, 6e-4, 7e-4, 8e-4, 9e-4, 1e-3, 2e-3, 3e-3");
        retype(field(*params, "large"), "1..12");
        QCOMPARE(params->combinations(100).size(), std::size_t(101));
    }
    void repeat_ofARunOnAFileOfOnesOwn_findsTheFileAgain() {
        tests::TempProject home;
        const fs::path file = fs::path(home.folder.path().toStdString()) / "own.txt";
        ok(writeFileAtomic(file, "text"));
        run::PluginDescription plugin;
        plugin.inputs.push_back({"data", "data", "", "/train/data", false});
        plugin.inputs.push_back({"model", "model", "", "/model/path", true});
        run::RunDraft draft;
        draft.parameters = {{"train", {{"data", "own.txt"}}}, {"model", {{"path", ""}}}};
        run::putPaths(draft, {{"data", file.string()}, {"model", "/somewhere/packaged.gguf"}}, plugin);
        QCOMPARE(draft.parameters["train"]["data"].get<std::string>(), file.string());
        QCOMPARE(draft.parameters["model"]["path"].get<std::string>(), std::string());
        fs::remove(file);
        draft.parameters["train"]["data"] = "own.txt";
        run::putPaths(draft, {{"data", file.string()}}, plugin);
        QCOMPARE(draft.parameters["train"]["data"].get<std::string>(), std::string("own.txt"));
    }
    void estimate_afterRunsOfThePlugin_saysWhatTheyTook() {
        tests::Desktop desktop;
        const auto sentence = [](const app::RunDialog* dialog) {
            for (const auto* label : dialog->findChildren<QLabel*>())
                if (label->text().startsWith(QLatin1String("Time, as ")) && label->isVisible()) return label->text();
            return QString();
        };
        QPointer<app::RunDialog> dialog = openDialog(desktop, draftOf("org.dubito.fake"));
        QTest::qWait(50);
        QCOMPARE(sentence(dialog), QString());
        QTest::mouseClick(button(dialog, "Cancel"), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(!dialog, tests::kPatience);
        desktop.addRun("one");
        desktop.addRun("two");
        dialog = openDialog(desktop, draftOf("org.dubito.fake"));
        QTRY_VERIFY_WITH_TIMEOUT(sentence(dialog).contains(QLatin1String("2 earlier runs")), tests::kPatience);
    }
    void repeat_ofARun_isTheSameSpec() {
        tests::Desktop desktop;
        const auto plugin = get(host::readManifest(DUBITO_FAKE_PLUGIN));
        run::RunDraft draft;
        draft.threads = 1;
        draft.seed = 5;
        draft.title = "first";
        draft.parameters = {{"steps", 4}};
        const auto runNo = get(desktop.application->service()->submit(draft, plugin));
        store::RunRow row;
        QVERIFY(tests::waitFinal(desktop.project.file, runNo, 60, &row));
        auto* dialog = openDialog(desktop, {}, runNo);
        QCOMPARE(dialog->draft().title, std::string("first"));
        QCOMPARE(hexText(get(run::freeze(dialog->draft(), plugin)).spec.hash()), row.specHash);
    }
};

QTEST_MAIN(tst_RunDialog)
#include "tst_run_dialog.moc"
