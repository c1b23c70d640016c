// What --set means: paths, groups and roles, what is set twice, and what is nearly a key.
#include <QTest>

#include "cli/settings.h"

using namespace dubito;
using namespace dubito::cli;

namespace {

run::PluginDescription plugin() {
    run::PluginDescription out;
    out.id = "org.dubito.lm.train";
    out.parameters = *parseJson(R"({"type": "object", "properties": {
        "model": {"type": "object", "properties": {
            "path": {"type": "string", "default": ""}, "context": {"type": "integer", "default": 64}}},
        "train": {"type": "object", "properties": {
            "data": {"type": "string", "default": ""}, "steps": {"type": "integer", "default": 1},
            "lr": {"type": "number", "default": 0.1}}},
        "text": {"type": "string", "default": ""}}})");
    out.inputs = {{"model", "model", "", "/model/path", true}, {"data", "data", "", "/train/data", false},
        {"text", "data", "", "/train/data", false}, {"extra", "data", "", "", false}};
    return out;
}

struct Applied {
    run::RunDraft draft;
    std::vector<std::string> warnings;
    std::string error;
};

Applied apply(const std::vector<std::string>& sets) {
    Applied out;
    std::vector<Setting> settings;
    for (const auto& set : sets) {
        auto setting = settingFrom(set);
        if (!setting) {
            out.error = setting.error().text();
            return out;
        }
        settings.push_back(*setting);
    }
    auto warnings = applySettings(settings, plugin(), out.draft);
    if (warnings) out.warnings = *warnings;
    else out.error = warnings.error().text();
    return out;
}

std::string parameters(const std::vector<std::string>& sets) { return jsonText(apply(sets).draft.parameters); }

}  // namespace

class tst_Settings : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void key_isAPathAGroupOrARole() {
        QCOMPARE(parameters({"train.steps=7"}), std::string(R"({"train":{"steps":7}})"));
        QCOMPARE(parameters({"data=a=b.jsonl"}), std::string(R"({"train":{"data":"a=b.jsonl"}})"));
        QCOMPARE(parameters({"model=/m.gguf"}), std::string(R"({"model":{"path":"/m.gguf"}})"));
        QCOMPARE(parameters({"model={\"context\":9}"}), std::string(R"({"model":{"context":9}})"));
        QCOMPARE(parameters({"text="}), std::string(R"({"text":""})"));
        QCOMPARE(apply({"extra=file"}).draft.assets.at("extra"), fs::path("file"));
    }

    void key_ofAParameterAndARole_meansTheParameter() {
        QCOMPARE(parameters({"text=x"}), std::string(R"({"text":"x"})"));
    }

    void key_givenTwice_lastWinsWithAWarning() {
        const Applied twice = apply({"train.lr=1", "train.lr=2", "train.steps=3"});
        QCOMPARE(jsonText(twice.draft.parameters), std::string(R"({"train":{"lr":2,"steps":3}})"));
        QCOMPARE(twice.warnings.size(), std::size_t(1));
        QVERIFY(twice.warnings[0].find("train.lr") != std::string::npos);
        const Applied byRole = apply({"train.data=a", "data=b"});
        QCOMPARE(jsonText(byRole.draft.parameters), std::string(R"({"train":{"data":"b"}})"));
        QCOMPARE(byRole.warnings.size(), std::size_t(1));
        QVERIFY(byRole.warnings[0].find("train.data and data") != std::string::npos);
        QCOMPARE(apply({"train.lr=1", "train.steps=2"}).warnings.size(), std::size_t(0));
    }

    void key_unknown_namesTheNearest() {
        const auto says = [](const char* set, const char* near) {
            return apply({set}).error.find(near) != std::string::npos;
        };
        QVERIFY(says("train.step=1", "nearest: train.steps;"));
        QVERIFY(says("steps=1", "nearest: train.steps;"));
        QVERIFY(says("dta=1", "nearest: train.data, data;"));
        QVERIFY(says("model.pth=1", "model.path"));
        QVERIFY(says(
            "wholly.else=1", "wholly.else is neither a parameter nor an input of lm.train; 'dubito params lm.train'"));
        QVERIFY(says("train=1", "train is a group of parameters"));
        QVERIFY(says("train.lr.x=1", "neither a parameter"));
        QVERIFY(says("noequals", "--set takes KEY=VALUE, not noequals"));
        QVERIFY(says("=1", "--set takes KEY=VALUE"));
        QVERIFY(says("train.steps=many", "/train/steps"));
    }

    void input_setAnew_mayBeAnyContentAgain() {
        run::RunDraft draft;
        draft.parameters = *parseJson(R"({"train":{"data":"old"}})");
        draft.inputs = {{"data", "hash"}, {"model", "hash"}};
        QVERIFY(applySettings({{"data", "new"}}, plugin(), draft));
        QVERIFY(!draft.inputs.contains("data") && draft.inputs.contains("model"));
    }
};

QTEST_GUILESS_MAIN(tst_Settings)
#include "tst_settings.moc"
