// The manifests of the plugins that ship, without their code: forms, specs, names of yesterday.
#include <QTemporaryDir>
#include <QTest>

#include "host/catalogue.h"
#include "run/param_schema.h"

using namespace dubito;

class tst_Shipped : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    host::Catalogue m_catalogue;

    run::PluginDescription named(const char* name) const {
        auto plugin = m_catalogue.find(name);
        if (!plugin) qFatal("%s", plugin.error().text().c_str());
        return *std::move(plugin);
    }
    static QStringList groupsOf(const Json& parameters) {
        QStringList out;
        for (const auto& [name, value] : parameters.items()) out << QString::fromStdString(name);
        out.sort();
        return out;
    }
private Q_SLOTS:
    void initTestCase() {
        const fs::path root = fs::path(m_dir.path().toStdString());
        for (const char* name : {"lm", "tas", "template"}) {
            const auto text = readFile(fs::path(DUBITO_SOURCE) / "plugins" / name / "plugin.json", 1 << 20);
            QVERIFY(text && makeFolders(root / name / "1"));
            QVERIFY(writeFileAtomic(root / name / "1" / "plugin.json", *text));
            const auto plugins = host::parseManifests(*text);
            QVERIFY2(plugins, plugins ? "" : plugins.error().text().c_str());
            QVERIFY(writeFileAtomic(root / name / "1" / plugins->front().binary, "no code"));
        }
        m_catalogue = host::Catalogue::scan({root});
    }
    void language_eightTasks_haveTheirRoles() {
        for (const auto& [name, role] : {std::pair("lm.chat", "chat"), std::pair("lm.train", "train"),
                 std::pair("lm.evaluate", "score"), std::pair("lm.convert", "convert"),
                 std::pair("lm.quant_lab", "quantise"), std::pair("lm.tokenise", "tokenise"),
                 std::pair("lm.show", "card"), std::pair("lm.beside", "contrast"), std::pair("tas", "inspect")})
            QVERIFY2(named(name).hasRole(role), name);
        const auto several = m_catalogue.find("lm");
        QVERIFY(!several);
        QVERIFY2(
            several.error().text().find("lm.train (Fine-tuning)") != std::string::npos, several.error().text().c_str());
    }
    void forms_everyPlugin_speakTwoLanguages() {
        for (const auto& entry : m_catalogue.entries()) {
            QVERIFY(entry.plugin && entry.plugin->title.contains("zh_CN") && entry.plugin->summary.contains("zh_CN"));
            for (const auto& leaf : run::parameterLeaves(entry.plugin->parameters)) {
                const std::string where = entry.plugin->shortName() + " " + leaf.path;
                QVERIFY2(leaf.titles.contains("zh_CN") && leaf.descriptions.contains("zh_CN"), where.c_str());
                QVERIFY2(leaf.groupTitles.empty() || leaf.groupTitles.contains("zh_CN"), where.c_str());
            }
            for (const auto& command : entry.plugin->commands)
                for (const auto& leaf : run::parameterLeaves(command.arguments))
                    QVERIFY2(leaf.titles.contains("zh_CN"), (command.verb + " " + leaf.path).c_str());
        }
    }
    void forms_loraSettings_belongToTheModeThatHasThem() {
        const auto plugin = named("lm.train");
        Json parameters = run::defaultsOf(plugin.parameters);
        const auto shown = [&] {
            int count = 0;
            for (const auto& leaf : run::parameterLeaves(plugin.parameters))
                count += leaf.path.starts_with("train.lora_") && run::isVisible(leaf, parameters);
            return count;
        };
        QCOMPARE(shown(), 3);
        parameters["train"]["mode"] = "full";
        QCOMPARE(shown(), 0);
    }
    void spec_ofATask_holdsItsOwnParametersAlone() {
        const fs::path model = fs::path(m_dir.path().toStdString()) / "m.gguf";
        QVERIFY(writeFileAtomic(model, "GGUF"));
        const auto plugin = named("lm.tokenise");
        run::RunDraft draft;
        draft.pluginId = plugin.id;
        draft.parameters = {{"model", {{"path", model.string()}}}, {"tok", {{"text", "hi"}}}};
        const auto frozen = run::freeze(draft, plugin);
        QVERIFY2(frozen, frozen ? "" : frozen.error().text().c_str());
        QCOMPARE(groupsOf(frozen->spec.parameters()), (QStringList{"data", "model", "session", "template", "tok"}));
        QCOMPARE(groupsOf(frozen->spec.parameters()["model"]), (QStringList{"path"}));
        draft.parameters["train"] = {{"steps", 3}};
        QVERIFY(!run::freeze(draft, plugin));
    }
    void spec_ofTheTimeOfOnePlugin_becomesItsTask() {
        // As a project of version 0.1 keeps it: parameters of every task.
        run::RunDraft old;
        old.pluginId = "org.dubito.lm";
        old.pluginVersion = "0.1.0";
        old.parameters = {{"task", "train"}, {"model", {{"path", "m.gguf"}, {"weights", "auto"}, {"context", 4096}}},
            {"chat", {{"text", ""}}}, {"train", {{"data", "t.jsonl"}, {"mode", "full"}, {"steps", 7}}},
            {"eval", {{"text", ""}}}, {"session", {{"keep", false}}}};
        for (const auto& [task, name] :
            {std::pair("chat", "lm.chat"), std::pair("train", "lm.train"), std::pair("evaluate", "lm.evaluate"),
                std::pair("convert", "lm.convert"), std::pair("quant_lab", "lm.quant_lab"),
                std::pair("tokenise", "lm.tokenise"), std::pair("show", "lm.show")}) {
            old.parameters["task"] = task;
            std::vector<std::string> notes;
            const auto now = m_catalogue.adapted(old, &notes);
            QVERIFY2(now, now ? "" : now.error().text().c_str());
            const auto plugin = named(name);
            QCOMPARE(now->pluginId, plugin.id);
            QVERIFY(!notes.empty());
            const auto applied = run::applySchema(plugin.parameters, now->parameters);
            QVERIFY2(applied, applied ? "" : applied.error().text().c_str());
            QVERIFY((*applied)["model"]["path"] == "m.gguf");
        }
        old.parameters.erase("task");
        QCOMPARE(m_catalogue.adapted(old, nullptr)->pluginId, std::string("org.dubito.lm.chat"));
        old.pluginId = "org.dubito.tas";
        old.parameters = {{"task", "inspect"}, {"prompt", {{"text", "hi"}}}};
        QCOMPARE(m_catalogue.adapted(old, nullptr)->pluginId, std::string("org.dubito.tas.inspect"));
    }
    void demoFiles_lieBesideTheManifest() {
        int found = 0;
        for (const auto& entry : m_catalogue.entries())
            for (const auto& input : entry.plugin->inputs) {
                const Json& value = run::valueAt(entry.plugin->demo, input.parameter);
                if (!value.is_string()) continue;
                const fs::path file =
                    fs::path(DUBITO_SOURCE) / "plugins" / entry.plugin->system() / value.get<std::string>();
                QVERIFY2(fs::exists(file), file.c_str());
                ++found;
            }
        QVERIFY(found >= 3);
    }
    void projects_everySpec_namesAPluginOfToday() {
        for (const char* name : {"chat_france", "coin_doubt", "tas_eiffel", "tas_inspect", "tas_patch"}) {
            const auto text = readFile(fs::path(DUBITO_SOURCE) / "projects" / (std::string(name) + ".json"), 1 << 20);
            const auto draft = run::draftFromJson(*text);
            QVERIFY2(draft, name);
            const auto plugin = m_catalogue.find(draft->pluginId);
            QVERIFY2(plugin && plugin->id == draft->pluginId, name);
            QVERIFY2(run::applySchema(plugin->parameters, draft->parameters), name);
        }
    }
};

QTEST_GUILESS_MAIN(tst_Shipped)
#include "tst_shipped.moc"
