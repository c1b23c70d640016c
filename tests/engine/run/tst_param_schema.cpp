// Texts by language, choices with titles, conditions: what a schema may say and how its leaves give it.
#include <QTest>

#include "run/param_schema.h"

using namespace dubito;

namespace {

Json schema() {
    return *parseJson(R"({"type": "object", "properties": {
            "mode": {"type": "string", "default": "lora", "title": {"en": "What is trained", "zh_CN": "训练对象"},
                "oneOf": [{"const": "lora", "title": {"en": "Adapters", "zh_CN": "适配器"}}, {"const": "full"}]},
            "rank": {"type": "integer", "minimum": 1, "default": 16, "title": "Rank",
                "x-visible-when": {"pointer": "/mode", "equals": "lora"}},
            "file": {"type": "string", "default": "", "x-filter": ["*.jsonl", "*.txt"]},
            "deep": {"type": "object", "title": {"en": "Deep", "zh_CN": "深处"},
                "x-visible-when": {"pointer": "/mode", "equals": ["full", "lora"]}, "properties": {
                "lr": {"type": "number", "minimum": 0, "default": 0.1, "x-scale": "log", "description": "Peak",
                    "x-visible-when": {"pointer": "/rank", "equals": [8, 16]}},
                "kind": {"type": "integer", "enum": [1, 2], "default": 1}}}}})");
}

}  // namespace

class tst_ParamSchema : public QObject {
    Q_OBJECT
    static const run::ParameterLeaf* leafOf(const std::vector<run::ParameterLeaf>& leaves, const char* path) {
        for (const auto& leaf : leaves)
            if (leaf.path == path) return &leaf;
        return nullptr;
    }
private Q_SLOTS:
    void schema_emptyTextThatFillsWithToday_namesTheDay() {
        const Json schema = *parseJson(R"({"type": "object", "properties": {"t": {"type": "object", "properties":
            {"date": {"type": "string", "default": "", "x-fill": "today"}, )"
                                       R"("other": {"type": "string", "default": ""}}}}})");
        QVERIFY(run::checkSchema(schema));
        Json value = *run::applySchema(schema, Json::object());
        QCOMPARE(run::fillIn(schema, value, "2026-03-09"), std::vector<std::string>{"/t/date"});
        QCOMPARE(value["t"]["date"].get<std::string>(), std::string("2026-03-09"));
        QCOMPARE(value["t"]["other"].get<std::string>(), std::string());
        value["t"]["date"] = "2024-01-01";
        QVERIFY(run::fillIn(schema, value, "2026-03-09").empty());
        QCOMPARE(value["t"]["date"].get<std::string>(), std::string("2024-01-01"));
        QVERIFY(!run::checkSchema(*parseJson(
            R"({"type": "object", "properties": {"n": {"type": "integer", "default": 1, "x-fill": "today"}}})")));
    }
    void schema_whole_isSound() {
        const auto sound = run::checkSchema(schema());
        QVERIFY2(sound, sound ? "" : sound.error().text().c_str());
    }
    void leaves_textsInTwoLanguages() {
        const auto leaves = run::parameterLeaves(schema());
        QCOMPARE(leaves.size(), 5u);
        const auto* mode = leafOf(leaves, "mode");
        QCOMPARE(mode->title, std::string("What is trained"));
        QCOMPARE(run::textIn(mode->titles, "zh_CN", ""), std::string("训练对象"));
        const auto* lr = leafOf(leaves, "deep.lr");
        QCOMPARE(run::textIn(lr->groupTitles, "zh_CN", ""), std::string("深处"));
        QCOMPARE(lr->group, std::string("Deep"));
        QCOMPARE(lr->description, std::string("Peak"));
        QCOMPARE(run::textIn(lr->descriptions, "zh_CN", ""), std::string("Peak"));  // English stands in
        QCOMPARE(textOr(lr->schema, "x-scale", ""), std::string("log"));
        QCOMPARE(memberOf(leafOf(leaves, "file")->schema, "x-filter").size(), std::size_t(2));
    }
    void leaves_choices_ofBothForms() {
        const auto leaves = run::parameterLeaves(schema());
        const auto& choices = leafOf(leaves, "mode")->choices;
        QCOMPARE(choices.size(), 2u);
        QVERIFY(choices[0].first == "lora" && run::textIn(choices[0].second, "zh_CN", "") == "适配器");
        QCOMPARE(run::textIn(choices[1].second, "en", ""), std::string("full"));  // no title: its value
        const auto& numbers = leafOf(leaves, "deep.kind")->choices;
        QVERIFY(numbers.size() == 2 && numbers[1].first == 2 && run::textIn(numbers[1].second, "en", "") == "2");
        QVERIFY(leafOf(leaves, "rank")->choices.empty());
    }
    void leaves_conditions_areInheritedFromTheGroup() {
        const auto leaves = run::parameterLeaves(schema());
        const auto* lr = leafOf(leaves, "deep.lr");
        QCOMPARE(lr->visibleWhen.size(), 2u);
        QCOMPARE(lr->visibleWhen[0].pointer, std::string("/mode"));
        QCOMPARE(lr->visibleWhen[0].equals.size(), 2u);
        QCOMPARE(lr->visibleWhen[1].pointer, std::string("/rank"));
        Json parameters = run::defaultsOf(schema());
        QVERIFY(run::isVisible(*lr, parameters) && run::isVisible(*leafOf(leaves, "rank"), parameters));
        parameters["rank"] = 4;
        QVERIFY(!run::isVisible(*lr, parameters));
        parameters["mode"] = "full";
        QVERIFY(!run::isVisible(*leafOf(leaves, "rank"), parameters));
    }
    void condition_hiddenParameter_countsAsEverythingElse() {
        // What a form hides is still part of the run: the same values with and without conditions are the same.
        Json plain = schema();
        for (const char* name : {"rank", "deep"}) plain["properties"][name].erase("x-visible-when");
        plain["properties"]["deep"]["properties"]["lr"].erase("x-visible-when");
        const Json given = {{"mode", "full"}, {"rank", 3}};
        QVERIFY(*run::applySchema(schema(), given) == *run::applySchema(plain, given));
        QVERIFY((*run::applySchema(schema(), given))["rank"] == 3);
    }
    void choice_unknown_namesTheChoices() {
        const auto applied = run::applySchema(schema(), {{"mode", "none"}});
        QVERIFY(!applied);
        QCOMPARE(applied.error().message(), std::string(R"(/mode is "none"; allowed ["lora","full"])"));
    }
    void schema_wrong_saysWhere_data() {
        QTest::addColumn<QString>("at");
        QTest::addColumn<QString>("value");
        QTest::addColumn<QString>("says");
        QTest::newRow("noPointer") << "/properties/rank/x-visible-when"
                                   << R"({"equals": 1})"
                                   << "/rank x-visible-when";
        QTest::newRow("nobody") << "/properties/rank/x-visible-when"
                                << R"({"pointer": "/mood", "equals": "lora"})"
                                << "/mood, which is no parameter";
        QTest::newRow("group") << "/properties/rank/x-visible-when"
                               << R"({"pointer": "/deep", "equals": "lora"})"
                               << "/deep, which is no parameter";
        QTest::newRow("itself") << "/properties/deep/x-visible-when"
                                << R"({"pointer": "/deep/lr", "equals": 1})"
                                << "points to itself";
        QTest::newRow("neverTrue") << "/properties/rank/x-visible-when"
                                   << R"({"pointer": "/mode", "equals": "qlora"})"
                                   << "the x-visible-when of /rank";
        QTest::newRow("noValue") << "/properties/rank/x-visible-when"
                                 << R"({"pointer": "/mode", "equals": []})"
                                 << "\"equals\"";
        QTest::newRow("filter") << "/properties/file/x-filter"
                                << R"("*.txt")"
                                << "/file x-filter";
        QTest::newRow("filterPath") << "/properties/file/x-filter"
                                    << R"(["../x"])"
                                    << "/file x-filter";
        QTest::newRow("scale") << "/properties/deep/properties/lr/x-scale"
                               << R"("cubic")"
                               << "/deep/lr x-scale";
        QTest::newRow("scaleOfText") << "/properties/file/x-scale"
                                     << R"("log")"
                                     << "/file has an x-scale";
        QTest::newRow("title") << "/properties/mode/title"
                               << R"({"zh_CN": "训练"})"
                               << "/mode title";
        QTest::newRow("language") << "/properties/mode/title"
                                  << R"({"en": "Mode", "": "x"})"
                                  << "/mode title";
        QTest::newRow("choiceTitle") << "/properties/mode/oneOf/1/title"
                                     << "7"
                                     << "choice whose title";
        QTest::newRow("choiceType") << "/properties/mode/oneOf/1/const"
                                    << "7"
                                    << "its choices";
        QTest::newRow("twoLists") << "/properties/mode/enum"
                                  << R"(["lora"])"
                                  << "both enum and oneOf";
        QTest::newRow("default") << "/properties/mode/default"
                                 << R"("none")"
                                 << "its default";
        QTest::newRow("advanced") << "/properties/mode/x-advanced"
                                  << R"("yes")"
                                  << "/mode x-advanced";
    }
    void schema_wrong_saysWhere() {
        QFETCH(QString, at);
        QFETCH(QString, value);
        QFETCH(QString, says);
        Json wrong = schema();
        wrong[Json::json_pointer(at.toStdString())] = *parseJson(value.toStdString());
        const auto sound = run::checkSchema(wrong);
        QVERIFY(!sound);
        QVERIFY2(QString::fromStdString(sound.error().text()).contains(says), sound.error().text().c_str());
    }
};

QTEST_GUILESS_MAIN(tst_ParamSchema)
#include "tst_param_schema.moc"
