// What runs leave behind and what describes them: journals, projects, job folders, checkpoints, manifests, specs.
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "fuzz/hammer.h"
#include "host/manifest.h"
#include "journal/array_block.h"
#include "journal/reader.h"
#include "journal/writer.h"
#include "run/checkpoint.h"
#include "run/job_dir.h"
#include "run/param_schema.h"
#include "run/run_spec.h"
#include "store/filter.h"
#include "store/opener.h"
#include "store/queries.h"
#include "store/writer.h"

using namespace dubito;
using namespace dubito::fuzz;

namespace {

/// Not synced: 200,000 times is often.
void writeOver(const fs::path& path, std::string_view text) {
    QFile file(QString::fromStdString(path.string()));
    const auto size = static_cast<qint64>(text.size());
    if (!file.open(QIODevice::WriteOnly) || file.write(text.data(), size) != size) qFatal("no file");
}

Bytes wholeJournal(const fs::path& folder, const Uuid& run) {
    auto writer = journal::JournalWriter::create(folder, {run, 1, 0, 0, 0});
    Bytes define, bulk, scalars;
    journal::encodeDefine(define, {0, journal::RecordType::Tensor, journal::Goal::None, "a/b", "1", "t"});
    const std::vector<float> values(64, 1.5f);
    const journal::Array array{"v", "nats", kF32, {8, 8}, journal::Array::Role::Values,
        {reinterpret_cast<const std::uint8_t*>(values.data()), 256}};
    journal::encodeBulk(bulk, 0, 3, "{\"a\":1}", std::span(&array, 1));
    const std::uint32_t series[] = {0, 1, 2};
    const double numbers[] = {1, 2, 3};
    journal::encodeScalarGroup(scalars, 9, series, numbers);
    if (!writer || !(*writer)->append(journal::RecordType::Define, define) ||
        !(*writer)->append(journal::RecordType::Tensor, bulk) ||
        !(*writer)->append(journal::RecordType::ScalarGroup, scalars) || !(*writer)->close())
        qFatal("no journal");
    return bytesOf(*readFile(journal::segmentPath(folder, 1, 0, 0), 1 << 20));
}

void fillProject(const fs::path& file) {
    auto writer = *store::ProjectWriter::open(file);
    store::NewRun row;
    row.id = makeUuid();
    row.specJson = "{}";
    row.pluginId = "org.dubito.fake";
    row.pluginVersion = "1.0.0";
    row.system = "fake";
    row.parameters = Json{{"a", 1}};
    bool isDone = static_cast<bool>(writer->begin());
    const auto runNo = writer->addRun(row);
    const auto series =
        writer->openSeries(*runNo, 1, 0, {0, journal::RecordType::ScalarGroup, journal::Goal::None, "m", "1", ""});
    for (int i = 0; i < 5000; ++i) isDone = isDone && writer->addPoint(*series, i, i, i * 0.5);
    const auto tensor =
        writer->openSeries(*runNo, 1, 0, {1, journal::RecordType::Tensor, journal::Goal::None, "t", "", ""});
    const std::vector<float> values(16, 2);
    const journal::Array array{
        "v", "", kF32, {16}, journal::Array::Role::Values, {reinterpret_cast<const std::uint8_t*>(values.data()), 64}};
    Bytes block;
    journal::encodeArrayBlock(block, std::span(&array, 1));
    isDone = isDone && writer->addRecord(*tensor, 0, 0, 0, "{}", block) && writer->commit();
    if (!isDone) qFatal("no project");
}

}  // namespace

class tst_FuzzRecords : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void journalSegment() {
        QTemporaryDir dir;
        const fs::path folder = dir.path().toStdString();
        const Uuid run = makeUuid();
        const Bytes seed = wholeJournal(folder, run);
        const fs::path file = journal::segmentPath(folder, 1, 0, 0);
        hammer("journal", {seed}, [&](const Bytes& input) -> std::optional<Error> {
            writeOver(file, asText(input));
            journal::JournalReader reader(folder, run, 1, 0);
            int rounds = 0;
            while (reader.poll(
                       true, 1 << 20, [](const journal::JournalReader::Delivery&) {}, [](const journal::Gap&) {}) ==
                       journal::JournalReader::Stop::Budget &&
                   ++rounds < 1000) {
            }
            return std::nullopt;
        });
    }
    void journalPayloads() {
        // Checksums are not the only guard: the decoders see every payload with edits.
        Bytes define, bulk, scalars, block;
        const std::vector<float> values(64, 1.5f);
        const journal::Array array{"v", "nats", kF32, {8, 8}, journal::Array::Role::Values,
            {reinterpret_cast<const std::uint8_t*>(values.data()), 256}};
        journal::encodeDefine(define, {0, journal::RecordType::Tensor, journal::Goal::None, "a/b", "1", "t"});
        journal::encodeBulk(bulk, 0, 3, "{\"a\":1}", std::span(&array, 1));
        const std::uint32_t series[] = {0, 1, 2};
        const double numbers[] = {1, 2, 3};
        journal::encodeScalarGroup(scalars, 9, series, numbers);
        journal::encodeArrayBlock(block, std::span(&array, 1));
        hammer("journal payloads", {define, bulk, scalars, block}, [](const Bytes& input) -> std::optional<Error> {
            (void)journal::decodeDefine(input);
            (void)journal::decodeScalarGroup(input);
            (void)journal::decodeScalarRun(input);
            (void)journal::decodeProgress(input);
            (void)journal::decodeCommand(input);
            (void)journal::decodeResult(input);
            (void)journal::decodeArrayBlock(input);
            (void)journal::parseFileHeader(input);
            if (auto read = journal::decodeBulk(input)) (void)journal::decodeArrayBlock(read->block);
            if (const auto header = journal::parseFrameHeader(input)) {
                Bytes scratch;
                (void)journal::framePayload(*header, ByteSpan(input).subspan(journal::kFrameHeaderBytes), scratch);
            }
            return std::nullopt;
        });
    }
    void manifests() {
        std::vector<Json> seeds;
        for (const char* plugin : {"template", "lm", "tas"})
            seeds.push_back(*parseJson(
                *readFile(fs::path(DUBITO_SOURCE) / "plugins" / plugin / "plugin.json", 1 << 20), {1 << 20, 64}));
        const auto read = [](std::string_view input) -> std::optional<Error> {
            const auto plugins = host::parseManifests(input);
            if (!plugins) return plugins.error();
            for (const auto& plugin : *plugins) (void)run::applySchema(plugin.parameters, Json::object());
            return std::nullopt;
        };
        // Three of four inputs begin with the smallest: the others are large.
        Hammer hammer("manifest", seeds.size());
        while (hammer.next()) {
            const Json& seed = seeds[hammer.isSeed() || pick(hammer.rng(), 16) == 0 ? hammer.which() : 0];
            std::string input = jsonText(seed);
            if (!hammer.isSeed())
                input = pick(hammer.rng(), 4) ? mutatedText(seed, {seeds[0]}, hammer.rng())
                                              : std::string(asText(mutated(bytesOf(input), hammer.rng())));
            hammer.take(input.size(), [&] { return read(input); });
        }
    }
    void specs() {
        const Json spec =
            Json::parse(R"({"data":[],"device":"cpu","models":[{"bytes":98362432,"name":"m.gguf","role":"model",)"
                        R"("sha256":"b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"}],)"
                        R"("params":{"flips":200},"plugin":{"id":"org.example.coin_doubt",)"
                        R"("version":"1.0.0"},"schema":"dubito.spec/1","seed":42,"threads":1,)"
                        R"("warm_start":null,"world_size":1})");
        hammerTrees("spec", {spec}, [](std::string_view input) -> std::optional<Error> {
            (void)run::draftFromJson(input);
            return errorOf(run::RunSpec::parse(input));
        });
    }
    void jobFolder() {
        QTemporaryDir dir;
        const fs::path root = dir.path().toStdString();
        QVERIFY(makeFolders(root / "status") && makeFolders(root / "launch"));
        const run::JobDir job(root);
        const std::vector<Json> seeds{
            Json::parse(R"({"pid":7,"start_ticks":5,"exit_code":-1,"last_sequence":3,"ended_us":0,"host":"h",
                "boot_id":"b","phase":"running"})"),
            Json::parse(R"({"submit_us":1,"pid":7,"start_ticks":5,"control_from":0,"executor":"local","reason":"",
                "gpus":["0","GPU-1"]})"),
            Json::parse(R"({"plugin_folder":"/p","assets":{"model":"/m"},"memory_bytes":0,"demand":{"threads":1,
                "memory_bytes":5,"gpus":0},"idle_s":900,"checkpoint_s":300,"title":"t","project":"/x.dubito"})")};
        const fs::path files[] = {job.status(1), job.launch(1), root / "placement.json"};
        Hammer hammer("job folder", seeds.size());
        while (hammer.next()) {
            const std::size_t at = hammer.which();
            const std::string text =
                hammer.isSeed() ? jsonText(seeds[at]) : mutatedText(seeds[at], seeds, hammer.rng());
            writeOver(files[at], text);
            hammer.take(text.size(), [&]() -> std::optional<Error> {
                (void)job.attempts();
                if (at == 0) return errorOf(job.readStatus(1));
                if (at == 1) return errorOf(job.readLaunch(1));
                return errorOf(job.readPlacement());
            });
        }
    }
    void checkpoints() {
        QTemporaryDir dir;
        const fs::path root = dir.path().toStdString();
        run::CheckpointStore store(root);
        const auto open = store.begin(3);
        QVERIFY(open && writeFileAtomic(*open / "weights.bin", "abc"));
        const auto made = store.commit({"weights.bin"}, Json{{"init/0", 4}});
        QVERIFY2(made, made ? "" : made.error().text().c_str());
        std::vector<Json> seeds;
        std::vector<fs::path> files;
        for (const char* name : {"manifest.json", "streams.json"}) {
            files.push_back(made->folder / name);
            seeds.push_back(*parseJson(*readFile(files.back(), 1 << 20)));
        }
        const std::string whole[] = {*readFile(files[0], 1 << 20), *readFile(files[1], 1 << 20)};
        Hammer hammer("checkpoint", seeds.size());
        while (hammer.next()) {
            const std::size_t at = hammer.which();
            const std::string text = hammer.isSeed() ? whole[at] : mutatedText(seeds[at], seeds, hammer.rng());
            QFile::setPermissions(QString::fromStdString(files[at].string()), QFile::ReadOwner | QFile::WriteOwner);
            writeOver(files[at], text);
            hammer.take(text.size(), [&]() -> std::optional<Error> {
                std::vector<std::string> skipped;
                const auto newest = store.newest(&skipped);
                (void)store.present();
                return newest ? std::nullopt
                              : std::optional(Error(Code::CorruptData, skipped.empty() ? "" : skipped.front()));
            });
            writeOver(files[at], whole[at]);
        }
    }
    void project() {
        QTemporaryDir dir;
        const fs::path file = fs::path(dir.path().toStdString()) / "p.dubito";
        QVERIFY(store::createProject(file, "fuzz"));
        fillProject(file);
        const Bytes seed = bytesOf(*readFile(file, 1 << 26));
        hammer("project", {seed}, [&](const Bytes& input) -> std::optional<Error> {
            writeOver(file, asText(input));
            auto db = store::openReadOnly(file);
            if (!db) return db.error();
            (*db)->limitTime(500);
            auto runs = store::queryRuns(**db, {});
            if (!runs) return runs.error();
            for (const auto& run : *runs) {
                (void)store::queryMetrics(**db, run.runNo);
                (void)store::queryColumns(**db, run.runNo, "m", 0, 5000, 300);
                if (auto records = store::queryRecords(**db, run.runNo, "t"))
                    for (const auto& record : *records) (void)journal::decodeArrayBlock(record.block);
            }
            return std::nullopt;
        });
    }
    void chunks() {
        store::Points points;
        for (int i = 0; i < 300; ++i) points.add(i, i * 1000, i * 0.1);
        hammer("chunk", {store::encodePoints(points, 0, 300)}, [](const Bytes& input) {
            store::Points out;
            return errorOf(store::decodePoints(input, out));
        });
    }
    void filters() {
        hammer("filter",
            {bytesOf("system = odm and (params.lr < 1e-3 or not eval/return_mean.max > 1000) and tag != \"a b\""),
                bytesOf("name ~ \"x\" or star = 1 and state = done or seed >= -5")},
            [](const Bytes& input) { return errorOf(store::parseFilter(asText(input))); });
    }
};

QTEST_GUILESS_MAIN(tst_FuzzRecords)
#include "tst_fuzz_records.moc"
