// Good manifests of both formats, and one wrong thing at a time.
#include <QTest>

#include "host/manifest.h"
#include "run/param_schema.h"

using namespace dubito;

namespace {

/// Format 1: one plugin.
std::string single() {
    return R"({
  "manifest": 1, "abi": {"major": 1, "minor": 0}, "id": "org.example.coin", "version": "1.0.0",
  "binary": "libcoin.so", "licence": "MIT",
  "title": {"en": "Coin", "zh_CN": "硬币之疑"}, "summary": {"en": "A coin"},
  "params": {"type": "object", "properties": {
    "bias": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.7, "x-unit": "1"}}},
  "outputs": [{"key": "eval/mean", "kind": "scalar", "unit": "1"}, {"key": "unc/sd", "kind": "scalar", "unit": "1"}],
  "demo": {"bias": 0.7}})";
}
/// Format 2: two plugins that share a group.
std::string library() {
    return R"({
  "manifest": 2, "library": "org.example.lab", "abi": {"major": 1, "minor": 0}, "version": "1.2.0",
  "binary": "liblab.so", "licence": "MIT", "x-own": 7,
  "$defs": {
    "file": {"type": "string", "default": "", "maxLength": 4096, "title": "File"},
    "model": {"type": "object", "title": {"en": "Model", "zh_CN": "模型"}, "properties": {
      "path": {"$ref": "#/$defs/file"}}}},
  "plugins": [
    {"id": "org.example.lab.fit", "title": {"en": "Fitting", "zh_CN": "拟合"}, "summary": {"en": "Fits"},
     "roles": ["train", "fit"], "results_version": 3, "keyed": ["threads"],
     "capabilities": {"gpu": "optional", "checkpoint": true, "demand": {"memory": "from_input", "threads": 8}},
     "params": {"type": "object", "additionalProperties": false, "properties": {
       "model": {"$ref": "#/$defs/model"},
       "data": {"$ref": "#/$defs/file", "title": "Data"},
       "steps": {"type": "integer", "minimum": 1, "default": 10}}},
     "inputs": [{"role": "model", "kind": "model", "param": "/model/path"},
                {"role": "seen", "kind": "lens", "param": "/data", "required": false}],
     "commands": [{"verb": "open", "title": {"en": "Open"},
       "args": {"type": "object", "properties": {"path": {"$ref": "#/$defs/file"}}}}],
     "outputs": [{"key": "fit/loss", "kind": "scalar", "unit": ""},
       {"key": "eval/acc@*", "kind": "scalar", "unit": "1"}],
     "artifacts": [{"role": "fitted", "kind": "model", "title": {"en": "Fitted model"}}],
     "headline": ["fit/loss", {"key": "eval/acc@*"}, "checkpoint"],
     "next": ["models export --project {file} {run} OUT"],
     "formerly": [{"id": "org.example.old", "task": "fit", "default": true}],
     "demo": {"steps": 2}},
    {"id": "org.example.lab.look", "title": {"en": "Looking"}, "summary": {"en": "Looks"},
     "params": {"type": "object", "properties": {"model": {"$ref": "#/$defs/model"}}},
     "outputs": [{"key": "look/said", "kind": "event", "unit": ""}],
     "headline": [{"key": "look/said", "field": "answer"}]}]})";
}

}  // namespace

class tst_Manifest : public QObject {
    Q_OBJECT
    static void verifySays(const QString& text, const QString& says) {
        const auto plugins = host::parseManifests(text.toStdString());
        QVERIFY(!plugins);
        QVERIFY2(QString::fromStdString(plugins.error().text()).contains(says), plugins.error().text().c_str());
    }
private Q_SLOTS:
    void single_isAListOfOne() {
        const auto plugins = host::parseManifests(single());
        QVERIFY2(plugins, plugins ? "" : plugins.error().text().c_str());
        QCOMPARE(plugins->size(), 1u);
        const run::PluginDescription& plugin = plugins->front();
        QCOMPARE(plugin.id, std::string("org.example.coin"));
        QCOMPARE(plugin.library, plugin.id);
        QCOMPARE(plugin.titleIn("zh_CN"), std::string("硬币之疑"));
        QVERIFY(plugin.findOutput("unc/sd") && !plugin.findOutput("unc/x"));
        QCOMPARE(plugin.manifestJson, single());
    }
    void library_everyFieldIsRead() {
        const auto plugins = host::parseManifests(library());
        QVERIFY2(plugins, plugins ? "" : plugins.error().text().c_str());
        QCOMPARE(plugins->size(), 2u);
        const run::PluginDescription &fit = plugins->at(0), &look = plugins->at(1);
        QCOMPARE(fit.library + fit.version + fit.binary + fit.licence,
            look.library + look.version + look.binary + look.licence);
        QCOMPARE(fit.shortName(), std::string("lab.fit"));
        QVERIFY(fit.hasRole("fit") && fit.hasRole("train") && !look.hasRole("train"));
        QVERIFY(
            fit.resultsVersion == 3 && fit.keyed == std::vector<std::string>{"threads"} && look.resultsVersion == 1);
        QVERIFY(fit.gpu == "optional" && fit.checkpoint && !look.checkpoint);
        QVERIFY(fit.demand.memoryFromInput && fit.demand.memoryBytes == 0 && fit.demand.threads == 8);
        QVERIFY(fit.artifacts.size() == 1 && fit.artifacts[0].kind == "model" &&
                run::textIn(fit.artifacts[0].title, "en", "") == "Fitted model");
        QVERIFY(fit.headline.size() == 3 && fit.headline[2].key == "checkpoint" && look.headline[0].field == "answer");
        QCOMPARE(fit.next, std::vector<std::string>{"models export --project {file} {run} OUT"});
        QVERIFY(fit.formerly.size() == 1 && fit.formerly[0].task == "fit" && fit.formerly[0].isDefault);
        QCOMPARE(fit.inputs[1].kind, std::string("lens"));
    }
    void references_areInPlace() {
        const auto plugins = *host::parseManifests(library());
        std::vector<std::string> paths;
        for (const auto& leaf : run::parameterLeaves(plugins[0].parameters))
            paths.push_back(leaf.path + "=" + leaf.title);
        QCOMPARE(paths, (std::vector<std::string>{"model.path=File", "data=Data", "steps=steps"}));
        QVERIFY(jsonText(plugins[0].parameters).find("$ref") == std::string::npos);
        QVERIFY(run::applySchema(plugins[0].commands[0].arguments, {{"path", "x"}}));
        // A plugin knows its own parameters and nothing of its neighbours.
        QVERIFY(!run::applySchema(plugins[1].parameters, {{"steps", 3}}));
    }
    void manifestJson_ofEachPlugin_isAManifestOfItAlone() {
        for (const auto& plugin : *host::parseManifests(library())) {
            QVERIFY(plugin.manifestJson.find("$ref") == std::string::npos);
            QVERIFY(plugin.manifestJson.find("x-own") != std::string::npos);
            const auto again = host::parseManifests(plugin.manifestJson);
            QVERIFY2(again, again ? "" : again.error().text().c_str());
            QCOMPARE(again->size(), 1u);
            const run::PluginDescription& same = again->front();
            QVERIFY(same.id == plugin.id && same.parameters == plugin.parameters && same.roles == plugin.roles &&
                    same.commands.size() == plugin.commands.size() && same.library == plugin.library);
            QCOMPARE(same.manifestJson, plugin.manifestJson);
        }
    }
    void pick_oneOfSeveral_needsItsName() {
        const auto plugins = *host::parseManifests(library());
        for (const char* name : {"lab.look", "org.example.lab.look"})
            QCOMPARE(host::pickPlugin(plugins, name)->id, std::string("org.example.lab.look"));
        const auto any = host::pickPlugin(plugins, "");
        QVERIFY(!any && any.error().text().find("lab.fit, lab.look") != std::string::npos);
        QVERIFY(host::pickPlugin({plugins[0]}, ""));
        QCOMPARE(host::pickPlugin(plugins, "lab.none").error().code(), Code::NotFound);
    }
    void shipped_manifests_areWhole_data() {
        QTest::addColumn<QString>("folder");
        for (const char* folder : {"plugins/template", "plugins/lm", "plugins/tas", "tests/support/fake_plugin"})
            QTest::newRow(folder) << folder;
    }
    void shipped_manifests_areWhole() {
        QFETCH(QString, folder);
        const auto text = readFile(fs::path(DUBITO_SOURCE) / folder.toStdString() / "plugin.json", 1 << 20);
        const auto plugins = host::parseManifests(*text);
        QVERIFY2(plugins, plugins ? "" : plugins.error().text().c_str());
    }
    void single_wrong_saysWhat_data() {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("says");
        QTest::newRow("abi") << R"("major": 1)"
                             << R"("major": 3)"
                             << "ABI 3.0";
        QTest::newRow("format") << R"("manifest": 1)"
                                << R"("manifest": 7)"
                                << "format 7";
        QTest::newRow("id") << "org.example.coin"
                            << "Coin Doubt"
                            << R"("id")";
        QTest::newRow("version") << R"("1.0.0")"
                                 << R"("1.0")"
                                 << "semantic";
        QTest::newRow("path") << "libcoin.so"
                              << "../evil.so"
                              << R"("binary")";
        QTest::newRow("licence") << R"("MIT")"
                                 << R"("")"
                                 << "licence";
        QTest::newRow("title") << R"("en": "Coin")"
                               << R"("fr": "Piece")"
                               << R"("title")";
        QTest::newRow("kind") << R"("kind": "scalar")"
                              << R"("kind": "sculpture")"
                              << "kind";
        QTest::newRow("demo") << R"("demo": {"bias": 0.7)"
                              << R"("demo": {"bias": 7)"
                              << "/bias is 7";
        QTest::newRow("keyword") << R"("x-unit": "1")"
                                 << R"("unit": "1")"
                                 << "keyword";
        QTest::newRow("reference") << R"("x-unit": "1")"
                                   << R"("$ref": "#/$defs/bias")"
                                   << "$defs";
        QTest::newRow("json") << R"("manifest": 1,)"
                              << R"("manifest": 1)"
                              << "JSON";
        QTest::newRow("twice") << R"("manifest": 1,)"
                               << R"("manifest": 1, "manifest": 1,)"
                               << "twice";
    }
    void single_wrong_saysWhat() {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QFETCH(QString, says);
        QString text = QString::fromStdString(single());
        QVERIFY(text.contains(from));
        verifySays(text.replace(from, to), says);
    }
    void library_wrong_saysWhat_data() {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("says");
        QTest::newRow("library") << R"("library": "org.example.lab")"
                                 << R"("library": "../lab")"
                                 << R"("library")";
        QTest::newRow("noPlugins") << R"("plugins": [)"
                                   << R"("plugin": [)"
                                   << R"("plugins")";
        QTest::newRow("noList") << R"("roles": ["train", "fit"])"
                                << R"("roles": "train")"
                                << R"("roles" must be a list)";
        QTest::newRow("role") << R"("fit"],)"
                              << R"("Fit it"],)"
                              << R"("roles")";
        QTest::newRow("whichOne") << R"("en": "Looking")"
                                  << R"("fr": "Voir")"
                                  << "plugin 2 of \"plugins\" (org.example.lab.look)";
        QTest::newRow("sameId") << "org.example.lab.look"
                                << "org.example.lab.fit"
                                << "twice";
        QTest::newRow("nobody") << R"("#/$defs/file", "title": "Data")"
                                << R"("#/$defs/fil")"
                                << "names fil";
        QTest::newRow("otherFile") << R"("#/$defs/file", "title": "Data")"
                                   << R"("other.json#/file")"
                                   << "#/$defs/name";
        QTest::newRow("circle") << R"("path": {"$ref": "#/$defs/file"}}}})"
                                << R"("path": {"$ref": "#/$defs/model"}}}})"
                                << "model holds itself";
        QTest::newRow("input") << R"("param": "/data")"
                               << R"("param": "/date")"
                               << "no text parameter";
        QTest::newRow("inputType") << R"("param": "/data")"
                                   << R"("param": "/steps")"
                                   << "no text parameter";
        QTest::newRow("sameInput") << R"("role": "seen")"
                                   << R"("role": "model")"
                                   << "two inputs";
        QTest::newRow("artifact") << R"("role": "fitted", "kind": "model")"
                                  << R"("role": "fitted")"
                                  << R"("artifacts")";
        QTest::newRow("headline") << R"(["fit/loss")"
                                  << R"(["fit/gain")"
                                  << R"("headline")";
        QTest::newRow("next") << "{run} OUT"
                              << "{name} OUT"
                              << R"("next")";
        QTest::newRow("formerly") << R"({"id": "org.example.old",)"
                                  << R"({"id": "old",)"
                                  << R"("formerly")";
        QTest::newRow("ownName") << R"({"id": "org.example.old",)"
                                 << R"({"id": "org.example.lab.fit",)"
                                 << R"("formerly")";
        QTest::newRow("results") << R"("results_version": 3)"
                                 << R"("results_version": 0)"
                                 << R"("results_version")";
        QTest::newRow("keyed") << R"(["threads"])"
                               << R"(["weather"])"
                               << R"("keyed")";
        QTest::newRow("memory") << R"("from_input")"
                                << "-5"
                                << "demand.memory";
        QTest::newRow("threads") << R"("threads": 8)"
                                 << R"("threads": "all")"
                                 << "demand.threads";
        QTest::newRow("demo") << R"("demo": {"steps": 2})"
                              << R"("demo": {"steps": 0})"
                              << "/steps is 0";
        QTest::newRow("argument") << R"("args": {"type": "object")"
                                  << R"("args": {"type": "array")"
                                  << "command open";
    }
    void library_wrong_saysWhat() {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QFETCH(QString, says);
        QString text = QString::fromStdString(library());
        QVERIFY(text.contains(from));
        verifySays(text.replace(from, to), says);
    }
    void library_thatGrowsWithoutEnd_isRefused() {
        // Each definition holds the one before it ten times: 10 to the power of 12 parameters.
        Json json = *parseJson(library());
        for (int i = 1; i <= 12; ++i) {
            Json& group = json["$defs"]["d" + std::to_string(i)];
            group = {{"type", "object"}, {"properties", Json::object()}};
            for (int k = 0; k < 10; ++k)
                group["properties"]["p" + std::to_string(k)] = {
                    {"$ref", "#/$defs/" + (i == 1 ? "file" : "d" + std::to_string(i - 1))}};
        }
        json["plugins"][1]["params"]["properties"]["model"] = {{"$ref", "#/$defs/d12"}};
        const auto plugins = host::parseManifests(jsonText(json));
        QVERIFY(!plugins);
        QCOMPARE(plugins.error().code(), Code::InvalidArgument);
        QVERIFY2(plugins.error().text().find("\"params\"") != std::string::npos, plugins.error().text().c_str());
    }
    void library_thatCopiesALargeDefinitionOverAndOver_isRefused() {
        // Few parameters and a small file, yet 400 MB once every reference is in place.
        Json json = *parseJson(library());
        json["$defs"]["large"] = {{"type", "string"}, {"default", std::string(200'000, 'x')}};
        Json& properties = json["plugins"][1]["params"]["properties"];
        for (int i = 0; i < 2'000; ++i) properties["p" + std::to_string(i)] = {{"$ref", "#/$defs/large"}};
        verifySays(
            QString::fromStdString(jsonText(json)), "\"params\": with every $ref in place the parameters are over");
        properties = Json::object();
        Json& commands = json["plugins"][1]["commands"] = Json::array();
        for (int i = 0; i < 200; ++i)
            commands.push_back({{"verb", "v" + std::to_string(i)}, {"title", {{"en", "V"}}},
                {"args", {{"type", "object"}, {"properties", {{"p", {{"$ref", "#/$defs/large"}}}}}}}});
        verifySays(QString::fromStdString(jsonText(json)), "command v5: with every $ref in place");
    }
    void library_ofTooMany_isRefused() {
        Json json = *parseJson(library());
        const Json one = json["plugins"][1];
        for (int i = 0; i < 31; ++i) {
            json["plugins"].push_back(one);
            json["plugins"].back()["id"] = "org.example.lab.p" + std::to_string(i);
        }
        verifySays(QString::fromStdString(jsonText(json)), "\"plugins\" lists 33 entries; at most 32");
        json["plugins"].erase(json["plugins"].size() - 1);
        QCOMPARE(host::parseManifests(jsonText(json))->size(), 32u);
    }
};

QTEST_GUILESS_MAIN(tst_Manifest)
#include "tst_manifest.moc"
