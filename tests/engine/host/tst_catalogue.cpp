// Libraries of one and of several plugins, found by every name they have; drafts of yesterday.
#include <QTemporaryDir>
#include <QTest>

#include "host/catalogue.h"

using namespace dubito;

namespace {

/// A folder that looks like an installed library; nothing is ever loaded here.
void install(const fs::path& folder, const std::string& manifest) {
    if (!makeFolders(folder) || !writeFileAtomic(folder / "plugin.json", manifest) ||
        !writeFileAtomic(folder / "libx.so", "no code"))
        qFatal("cannot write %s", folder.c_str());
}
std::string one(const std::string& id, const std::string& version, const std::string& more = "") {
    return R"({"manifest": 1, "abi": {"major": 1, "minor": 0}, "id": ")" + id + R"(", "version": ")" + version +
           R"(", "binary": "libx.so", "licence": "MIT", "title": {"en": "One"}, "summary": {"en": "One"})" + more + "}";
}
std::string several(const std::string& version) {
    return R"({"manifest": 2, "library": "org.example.lab", "abi": {"major": 1, "minor": 0}, "version": ")" + version +
           R"(", "binary": "libx.so", "licence": "MIT",
            "$defs": {"model": {"type": "object", "properties": {"path": {"type": "string", "default": ""}}}},
            "plugins": [
            {"id": "org.example.lab.fit", "title": {"en": "Fitting"}, "summary": {"en": "Fits"}, "roles": ["train"],
             "params": {"type": "object", "properties": {"model": {"$ref": "#/$defs/model"},
                "steps": {"type": "integer", "default": 10}}},
             "inputs": [{"role": "model", "kind": "model", "param": "/model/path"}],
             "formerly": [{"id": "org.example.old", "task": "train", "default": true}]},
            {"id": "org.example.lab.look", "title": {"en": "Looking"}, "summary": {"en": "Looks"}, "roles": ["inspect"],
             "params": {"type": "object", "properties": {"model": {"$ref": "#/$defs/model"},
                "window": {"type": "object", "properties": {"width": {"type": "integer", "default": 3}}}}},
             "inputs": [{"role": "model", "kind": "model", "param": "/model/path"}],
             "formerly": [{"id": "org.example.old", "task": "look"}]}]})";
}

}  // namespace

class tst_Catalogue : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    fs::path m_root;

    host::Catalogue scanned() const { return host::Catalogue::scan({m_root}); }
    static std::string textOf(const Result<run::PluginDescription>& result) {
        return result ? "found " + result->id : result.error().text();
    }
private Q_SLOTS:
    void initTestCase() {
        m_root = fs::path(m_dir.path().toStdString());
        install(m_root / "lab" / "1.0.0", several("1.0.0"));
        install(m_root / "lab" / "1.2.0", several("1.2.0"));
        install(m_root / "coin" / "1.0.0", one("org.example.coin", "1.0.0", R"(, "roles": ["train"])"));
        install(m_root / "other" / "1.0.0", one("com.example.lab.look", "1.0.0"));
        install(m_root / "broken" / "1", "{");
    }
    void scan_everyPluginIsAnEntry_brokenManifestIsOne() {
        const auto catalogue = scanned();
        int healthy = 0, refused = 0;
        for (const auto& entry : catalogue.entries()) {
            ++(entry.plugin ? healthy : refused);
            QVERIFY(entry.plugin || !entry.refusal.empty());
        }
        QCOMPARE(healthy, 6);
        QCOMPARE(refused, 1);
    }
    void scan_theSameFolderTwice_countsOnce() {
        QCOMPARE(host::Catalogue::scan({m_root, m_root}).entries().size(), scanned().entries().size());
    }
    void find_idShortNameAndSystem_takeTheNewest() {
        const auto catalogue = scanned();
        for (const char* name : {"org.example.lab.fit", "lab.fit"}) {
            const auto found = catalogue.find(name);
            QVERIFY2(found, textOf(found).c_str());
            QCOMPARE(found->id + " " + found->version, std::string("org.example.lab.fit 1.2.0"));
        }
        QCOMPARE(catalogue.find("lab.fit", "1.0.0")->version, std::string("1.0.0"));
        QCOMPARE(catalogue.find("coin")->id, std::string("org.example.coin"));
        QCOMPARE(catalogue.find("com.example.lab.look")->id, std::string("com.example.lab.look"));
    }
    void find_severalCouldBeMeant_namesThemAll() {
        const auto catalogue = scanned();
        const auto system = catalogue.find("lab");
        QVERIFY(!system);
        QCOMPARE(system.error().code(), Code::InvalidArgument);
        QVERIFY2(system.error().text().find("lab.fit (Fitting)") != std::string::npos &&
                     system.error().text().find("Looking") != std::string::npos,
            textOf(system).c_str());
        const auto same = catalogue.find("lab.look");  // two owners
        QVERIFY2(!same && same.error().text().find("com.example.lab.look") != std::string::npos &&
                     same.error().text().find("org.example.lab.look") != std::string::npos,
            textOf(same).c_str());
        const auto library = catalogue.find("org.example.lab");
        QVERIFY2(!library && library.error().text().find("lab.fit") != std::string::npos, textOf(library).c_str());
    }
    void find_unknown_saysWhatIsThere() {
        const auto catalogue = scanned();
        const auto nobody = catalogue.find("nobody");
        QVERIFY2(!nobody && nobody.error().code() == Code::NotFound &&
                     nobody.error().text().find("lab.fit") != std::string::npos,
            textOf(nobody).c_str());
        const auto version = catalogue.find("lab.fit", "9.0.0");
        QVERIFY2(!version && version.error().text().find("1.2.0, 1.0.0") != std::string::npos, textOf(version).c_str());
    }
    void find_folder_oneOrNamed() {
        const auto catalogue = scanned();
        const std::string folder = (m_root / "lab" / "1.0.0").string();
        const auto whole = catalogue.find(folder);
        QVERIFY2(!whole && whole.error().text().find("lab.fit, lab.look") != std::string::npos, textOf(whole).c_str());
        for (const char* name : {"#lab.look", "#org.example.lab.look"})
            QCOMPARE(catalogue.find(folder + name)->id, std::string("org.example.lab.look"));
        const auto wrong = catalogue.find(folder + "#lab.none");
        QVERIFY(!wrong && wrong.error().code() == Code::NotFound);
        QCOMPARE(catalogue.find((m_root / "coin" / "1.0.0").string())->id, std::string("org.example.coin"));
    }
    void withRole_newestOfEachId() {
        const auto found = scanned().withRole("train");
        QCOMPARE(found.size(), 2u);
        for (const auto& plugin : found) QVERIFY(plugin.id == "org.example.coin" || plugin.version == "1.2.0");
        QVERIFY(scanned().withRole("dance").empty());
    }
    void workspaceFiles_newestVersionOfALibrary() {
        for (const char* version : {"1.0.0", "1.2.0"}) {
            const fs::path folder = m_root / "lab" / version / "workspaces";
            QVERIFY(makeFolders(folder) && writeFileAtomic(folder / "b.json", "{}") &&
                    writeFileAtomic(folder / "a.json", "{}") && writeFileAtomic(folder / "notes.txt", "x"));
        }
        const auto files = scanned().workspaceFiles();
        QCOMPARE(files.size(), 2u);
        QVERIFY(files[0].string().ends_with("1.2.0/workspaces/a.json") && files[1].filename() == "b.json");
    }
    void adapted_draftOfYesterday_namesThePluginOfItsTask() {
        run::RunDraft draft;
        draft.pluginId = "org.example.old";
        draft.pluginVersion = "0.1.0";
        draft.parameters = {
            {"task", "look"}, {"model", {{"path", "m.gguf"}}}, {"steps", 5}, {"window", {{"width", 7}, {"height", 2}}}};
        draft.inputs = {{"model", std::string(64, '0')}, {"data", std::string(64, '0')}};
        std::vector<std::string> notes;
        const auto now = scanned().adapted(draft, &notes);
        QVERIFY2(now, now ? "" : now.error().text().c_str());
        QCOMPARE(now->pluginId, std::string("org.example.lab.look"));
        QVERIFY(now->pluginVersion.empty());
        const Json left = {{"model", {{"path", "m.gguf"}}}, {"window", {{"width", 7}}}};
        QVERIFY2(now->parameters == left, jsonText(now->parameters).c_str());
        QVERIFY(now->inputs.size() == 1 && now->inputs.contains("model"));
        std::string said;
        for (const auto& note : notes) said += note + "\n";
        for (const char* what : {"org.example.old is org.example.lab.look now", "/task", "/steps", "/window/height",
                 "input data", "version 0.1.0"})
            QVERIFY2(said.find(what) != std::string::npos, said.c_str());
    }
    void adapted_withoutTask_takesTheDefault() {
        run::RunDraft draft;
        draft.pluginId = "org.example.old";
        draft.parameters = {{"steps", 5}};
        std::vector<std::string> notes;
        QCOMPARE(scanned().adapted(draft, &notes)->pluginId, std::string("org.example.lab.fit"));
        QCOMPARE(notes.size(), 1u);
    }
    void adapted_unknownTask_saysWhatThereIs() {
        run::RunDraft draft;
        draft.pluginId = "org.example.old";
        draft.parameters = {{"task", "dance"}};
        const auto now = scanned().adapted(draft, nullptr);
        QVERIFY2(
            !now && now.error().text().find("lab.fit") != std::string::npos, now ? "" : now.error().text().c_str());
    }
    void adapted_everythingElse_staysAsItIs() {
        for (const char* id : {"org.example.lab.fit", "lab.fit", "org.example.nobody"}) {
            run::RunDraft draft;
            draft.pluginId = id;
            draft.parameters = {{"task", "look"}};
            std::vector<std::string> notes;
            const auto now = scanned().adapted(draft, &notes);
            QVERIFY(now && now->pluginId == id && now->parameters == draft.parameters && notes.empty());
        }
    }
    void versions_order_asSemVer() {
        QVERIFY(host::compareVersions("1.10.0", "1.9.9") > 0);
        QVERIFY(host::compareVersions("1.0.0-rc1", "1.0.0") < 0);
        QCOMPARE(host::compareVersions("2.0.0", "2.0.0"), 0);
    }
};

QTEST_GUILESS_MAIN(tst_Catalogue)
#include "tst_catalogue.moc"
