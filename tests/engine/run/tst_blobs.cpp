// Records too large for the journal: from the plugin's call to the project and back, by range, and what goes wrong.
#include <QTest>

#include <sys/stat.h>

#include <fstream>

#include "host/services.h"
#include "host/services/reply.h"
#include "journal/array_block.h"
#include "run/collector.h"
#include "run/janitor.h"
#include "store/blobs.h"
#include "support/job.h"
#include "support/temp_project.h"

using namespace dubito;
using tests::get;
using tests::Job;
using tests::ok;
using Role = journal::Array::Role;

namespace {

std::vector<std::uint32_t> noise(std::size_t n, std::uint32_t state) {
    std::vector<std::uint32_t> out(n);
    for (auto& value : out) value = state = state * 1664525u + 1013904223u;
    return out;
}
ByteSpan bytesOf(const std::vector<std::uint32_t>& values) {
    return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * 4};
}

/// A run whose plugin calls dubito.publish/1 as a worker offers it.
struct Worker {
    Job job;
    run::RunSpec spec = get(run::RunSpec::parse(tests::kFakeSpec));
    std::unique_ptr<journal::JournalWriter> journal;
    std::unique_ptr<host::Services> services;
    std::uint32_t series = 0;

    explicit Worker(bool hasFolder = true) {
        job.claim(1, "ended", 0);
        journal = get(journal::JournalWriter::create(job.job.journal(), {job.id, 1, 0, 0, 0}));
        get(journal->append(journal::RecordType::Begin, asBytes("{}")));
        services = std::make_unique<host::Services>(*journal, spec, std::map<std::string, std::string>());
        if (hasFolder) services->publisher().openBlobs(job.job.blobs());
        services->publisher().setActive(true);
        series = get(services->publisher().define(
            {0, journal::RecordType::Tensor, journal::Goal::None, "state/large", "m", ""}));
    }
    dubito_status say(std::int64_t step, const std::vector<std::uint32_t>& values, bool isStrided = false) const {
        const auto n = static_cast<std::int64_t>(values.size());
        const std::int64_t shape[] = {2, n / 2}, turned[] = {n / 2, 2}, strides[] = {1, n / 2};
        const std::int32_t small[] = {7, 8, 9};
        const std::int64_t three[] = {3};
        dubito_tensor large{sizeof large, 1, 32, 1, 1, 0, 2, 0, const_cast<std::uint32_t*>(values.data()), 0,
            isStrided ? turned : shape, isStrided ? strides : nullptr};
        dubito_tensor few{sizeof few, 0, 32, 1, 1, 0, 1, 0, const_cast<std::int32_t*>(small), 0, three, nullptr};
        const dubito_array first{sizeof first, 0, host::str("large"), host::str("m"), &large, nullptr, nullptr};
        const dubito_array second{sizeof second, 0, host::str("few"), host::str(""), &few, nullptr, nullptr};
        const dubito_array* arrays[] = {&first, &second};
        const auto& publish =
            *static_cast<const dubito_publish_v1*>(services->host()->get_service(services->host(), DUBITO_PUBLISH_ID));
        dubito_error error{};
        error.struct_bytes = sizeof error;
        const auto status = publish.record(services->host(), series, step, host::str("{}"), 2, arrays, 0, &error);
        if (status < 0) qInfo("%s", error.message);
        return status;
    }
    void end() const { Job::end(*journal, "done"); }
};

std::vector<fs::path> filesBelow(const fs::path& folder) {
    std::vector<fs::path> out;
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(folder, error))
        if (entry.is_regular_file()) out.push_back(entry.path());
    return out;
}

std::int64_t collect(store::ProjectWriter& writer, const Worker& worker) {
    return get(run::collectJobDir(writer, worker.job.job.root(), nullptr)).runNo;
}

/// The writer keeps blobs above this beside the project.
std::unique_ptr<store::ProjectWriter> openWith(const fs::path& file, std::int64_t limit) {
    ok(get(store::ProjectWriter::open(file))->keepSettings({{"blob_external_bytes", limit}}));
    return get(store::ProjectWriter::open(file));
}

store::RecordRow only(store::Database& db, std::int64_t runNo) {
    auto rows = get(store::queryRecords(db, runNo, "state/large"));
    if (rows.size() != 1) qFatal("%zu records", rows.size());
    return std::move(rows.front());
}

}  // namespace

class tst_Blobs : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void block_arraysInFiles_readBackByNameAndAreNoData() {
        journal::Array outside{"far", "m", kF32, {4, 5}, Role::Values, {}};
        outside.blob = journal::BlobName{sha256(asBytes("x")), 80};
        const std::uint32_t near[] = {1, 2};
        const journal::Array arrays[] = {
            outside, {"near", "", kU32, {2}, Role::Values, {reinterpret_cast<const std::uint8_t*>(near), 8}}};
        Bytes block;
        journal::encodeArrayBlock(block, arrays);
        const auto heads = get(journal::decodeArrayHeads(block));
        QCOMPARE(heads.size(), std::size_t(2));
        QVERIFY(heads[0].blob == outside.blob && heads[0].data.empty() && heads[0].elements() == 20);
        QVERIFY(!heads[1].blob && heads[1].as<std::uint32_t>()[1] == 2);
        const auto data = journal::decodeArrayBlock(block);
        QVERIFY(!data && data.error().code() == Code::Unsupported);
        outside.blob->bytes = 79;  // does not fill its shape
        block.clear();
        journal::encodeArrayBlock(block, {&outside, 1});
        QVERIFY(!journal::decodeArrayHeads(block));
    }
    void record_aboveOneMiB_goesThroughAFileAndComesBackWhole_data() {
        QTest::addColumn<qint64>("limit");
        QTest::addColumn<bool>("isStrided");
        QTest::newRow("in pieces") << qint64(64 << 20) << false;
        QTest::newRow("in pieces, packed") << qint64(64 << 20) << true;
        QTest::newRow("beside the project") << qint64(1 << 20) << false;
        QTest::newRow("beside the project, packed") << qint64(1 << 20) << true;
    }
    void record_aboveOneMiB_goesThroughAFileAndComesBackWhole() {
        QFETCH(const qint64, limit);
        QFETCH(const bool, isStrided);
        const auto values = noise(1'500'002, 3);  // 6 MB: no frame could hold it
        tests::TempProject project;
        Worker worker;
        QVERIFY(worker.say(5, values, isStrided) >= 0);
        worker.end();
        QCOMPARE(filesBelow(worker.job.job.blobs()).size(), std::size_t(1));
        auto writer = openWith(project.file, limit);
        const std::int64_t runNo = collect(*writer, worker);
        QCOMPARE(filesBelow(store::blobFolder(writer->path())).size(), std::size_t(limit > (1 << 20) ? 0 : 1));
        QCOMPARE(filesBelow(worker.job.job.blobs()).size(), std::size_t(1));  // the run's folder stays whole

        auto db = get(store::openReadOnly(project.file));
        const store::RecordRow record = only(*db, runNo);
        QVERIFY(record.problem.empty() && record.step == 5);
        const auto arrays = get(journal::decodeArrayBlock(record.block));
        QCOMPARE(arrays.size(), std::size_t(2));
        const auto got = arrays[0].as<std::uint32_t>();
        QCOMPARE(got.size(), values.size());
        for (std::size_t i = 0; i < got.size(); ++i)
            if (got[i] != (isStrided ? values[i / 2 + (i % 2) * (values.size() / 2)] : values[i]))
                QFAIL("another value");
        QCOMPARE(arrays[1].as<std::int32_t>()[2], 9);

        const auto heads = get(store::queryArrays(*db, record.recordNo));
        QVERIFY(heads[0].blob && heads[0].blob->bytes == values.size() * 4 && heads[0].unit == "m");
        Bytes part(3'000'000);
        ok(store::readArray(*db, record.recordNo, "large", Role::Values, 1'000'003, part));
        QVERIFY(std::equal(part.begin(), part.end(), arrays[0].data.begin() + 1'000'003));
        Bytes few(8);
        ok(store::readArray(*db, record.recordNo, "few", Role::Values, 4, few));
        QCOMPARE(few[0], std::uint8_t(8));
        QVERIFY(!store::readArray(*db, record.recordNo, "large", Role::Values, values.size() * 4 - 7, few));
        QCOMPARE(store::readArray(*db, record.recordNo, "none", Role::Values, 0, few).error().code(), Code::NotFound);
        QVERIFY(get(store::checkContent(*db, true)).empty());
    }
    void record_ofManyMiddlingArrays_keepsTheSmallOnesInside() {
        Worker worker;
        std::vector<std::vector<std::uint32_t>> values;
        std::vector<dubito_tensor> tensors(200);
        std::vector<dubito_array> arrays(200);
        std::vector<const dubito_array*> list;
        std::vector<std::string> names;
        const std::int64_t shape[] = {25'000};
        for (std::uint32_t i = 0; i < 200; ++i) {
            values.push_back(noise(25'000, i));
            names.push_back("a" + std::to_string(i));
        }
        for (std::size_t i = 0; i < 200; ++i) {
            tensors[i] = {sizeof(dubito_tensor), 1, 32, 1, 1, 0, 1, 0, values[i].data(), 0, shape, nullptr};
            arrays[i] = {
                sizeof(dubito_array), 0, host::str(names[i].c_str()), host::str(""), &tensors[i], nullptr, nullptr};
            list.push_back(&arrays[i]);
        }
        ok(worker.services->publisher().record(worker.series, 1, "{}", list, 0));
        const std::size_t spilled = filesBelow(worker.job.job.blobs()).size();
        QVERIFY2(spilled >= 189 && spilled < 200, std::to_string(spilled).c_str());  // 1 MiB holds ten of them
    }
    void record_sameBytesTwice_areOneFileAndOneBlob() {
        const auto values = noise(600'000, 9);
        tests::TempProject project;
        Worker worker;
        QVERIFY(worker.say(1, values) >= 0);
        QVERIFY(worker.say(2, values) >= 0);
        worker.end();
        QCOMPARE(filesBelow(worker.job.job.blobs()).size(), std::size_t(1));
        auto writer = openWith(project.file, 0);
        const std::int64_t runNo = collect(*writer, worker);
        QCOMPARE(get(writer->database().integer("SELECT count(*) FROM blob")), 1);
        QCOMPARE(get(writer->database().integer("SELECT count(*) FROM record_blob")), 2);
        QCOMPARE(collect(*writer, worker), runNo);  // taken in again: nothing doubles
        QCOMPARE(get(writer->database().integer("SELECT count(*) FROM record_blob")), 2);
    }
    void record_whereTheRunHasNoFolder_isRefusedInWords() {
        Worker worker(false);
        QVERIFY(worker.say(1, noise(600'000, 1)) < 0);
        QVERIFY(worker.say(1, noise(200'000, 1)) >= 0);
    }
    void run_whoseBlobIsGone_keepsItsRecordAndSaysSo() {
        tests::TempProject project;
        Worker worker;
        QVERIFY(worker.say(1, noise(600'000, 4)) >= 0);
        worker.end();
        for (const auto& file : filesBelow(worker.job.job.blobs())) fs::remove(file);
        auto writer = openWith(project.file, 0);
        const std::int64_t runNo = collect(*writer, worker);
        const store::RecordRow record = only(writer->database(), runNo);
        QVERIFY(record.block.empty());
        QVERIFY2(record.problem.find("not in the project") != std::string::npos, record.problem.c_str());
        Bytes few(12);
        ok(store::readArray(writer->database(), record.recordNo, "few", Role::Values, 0, few));
        QVERIFY(!get(store::checkContent(writer->database(), true)).empty());
    }
    void run_ofAStranger_leadsNowhereElse() {
        tests::TempProject project;
        Worker worker;
        QVERIFY(worker.say(1, noise(600'000, 5)) >= 0);
        worker.end();
        const fs::path blob = filesBelow(worker.job.job.blobs()).front(),
                       secret = project.file.parent_path() / "secret";
        fs::copy_file(blob, secret);
        fs::remove(blob);
        fs::create_symlink(secret, blob);
        auto writer = openWith(project.file, 0);
        const std::int64_t runNo = collect(*writer, worker);
        QVERIFY(!only(writer->database(), runNo).problem.empty());
        QVERIFY(filesBelow(store::blobFolder(writer->path())).empty());
    }
    void blob_ofOtherBytesThanItsName_isNotTakenIntoPieces() {
        tests::TempProject project;
        Worker worker;
        QVERIFY(worker.say(1, noise(600'000, 6)) >= 0);
        worker.end();
        const fs::path blob = filesBelow(worker.job.job.blobs()).front();
        fs::permissions(blob, fs::perms::owner_all);
        std::fstream(blob, std::ios::in | std::ios::out | std::ios::binary) << "changed";
        auto writer = openWith(project.file, 64 << 20);
        const std::int64_t runNo = collect(*writer, worker);
        QVERIFY(!only(writer->database(), runNo).problem.empty());
        const fs::path second = project.file.parent_path() / "b.dubito";
        ok(store::createProject(second, "b"));
        auto beside = openWith(second, 0);
        collect(*beside, worker);
        const auto faults = get(store::checkContent(beside->database(), true));
        QVERIFY(faults.size() == 1 && faults[0].find("other bytes") != std::string::npos);
    }
    void row_thatLeadsElsewhere_isNotOpened() {
        tests::TempProject project;
        Worker worker;
        QVERIFY(worker.say(1, noise(600'000, 7)) >= 0);
        worker.end();
        auto writer = openWith(project.file, 0);
        const std::int64_t runNo = collect(*writer, worker);
        for (const char* path :
            {"/etc/passwd", "../x.blobs/ab/cd", "", ".blobs/a", "test.dubito.blobs/../../etc/passwd"}) {
            auto update = get(writer->database().prepare("UPDATE blob SET path=?1"));
            ok(update.bind(1, path).run());
            const store::RecordRow record = only(writer->database(), runNo);
            QVERIFY2(record.problem.find("not its own") != std::string::npos, record.problem.c_str());
        }
    }
    void record_above64MiB_isReadInPartsOnly() {
        tests::TempProject project;
        Worker worker;
        const auto values = noise(17'000'000, 8);
        QVERIFY(worker.say(1, values) >= 0);
        worker.end();
        auto writer = openWith(project.file, 16 << 20);
        const std::int64_t runNo = collect(*writer, worker);
        const store::RecordRow record = only(writer->database(), runNo);
        QVERIFY(record.block.empty() && record.problem.find("64 MiB") != std::string::npos);
        Bytes part(4096);
        ok(store::readArray(writer->database(), record.recordNo, "large", Role::Values, 67'000'000, part));
        QVERIFY(std::equal(part.begin(), part.end(), bytesOf(values).begin() + 67'000'000));
    }
    void project_movedCopiedAndEmptied_keepsWhatIsUsed() {
        tests::TempProject project;
        Worker first, second;
        const auto shared = noise(600'000, 10);
        QVERIFY(first.say(1, shared) >= 0 && second.say(1, shared) >= 0);
        QVERIFY(first.say(2, noise(600'000, 11)) >= 0);
        first.end();
        second.end();
        auto writer = openWith(project.file, 0);
        const std::int64_t a = collect(*writer, first), b = collect(*writer, second);
        const fs::path copy = project.file.parent_path() / "elsewhere" / "copy.dubito",
                       folder = store::blobFolder(writer->path());
        ok(writer->copyTo(copy));
        QCOMPARE(filesBelow(store::blobFolder(copy)).size(), std::size_t(2));
        auto other = get(store::openReadOnly(copy));
        QVERIFY(get(store::checkContent(*other, true)).empty());

        ok(writer->edit("bin", "bin", [&](store::Database& db) {
            return db.execute(
                "INSERT INTO run_user(run_id, deleted_us) SELECT id, 1 FROM run WHERE run_no=" + std::to_string(a));
        }));
        QCOMPARE(get(run::emptyBin(*writer)).runs, 1);
        QCOMPARE(filesBelow(folder).size(), std::size_t(1));  // the one that the other run shares
        QVERIFY(only(writer->database(), b).problem.empty());
        QVERIFY(get(store::checkContent(*other, true)).empty());
    }
    void killed_writer_leavesNoStrayFile() {
        tests::TempProject project;
        {
            auto writer = openWith(project.file, 0);
            const fs::path folder = store::blobFolder(writer->path()), part = folder / "ab";
            fs::create_directories(part);
            const std::string hash = "ab" + std::string(62, '0');
            std::ofstream(part / hash) << "linked, not committed";
            std::ofstream(part / (hash + ".tmp-1-2")) << "half";
            std::ofstream(part / "notes.txt") << "somebody's";
        }
        auto writer = get(store::ProjectWriter::open(project.file));
        QCOMPARE(get(store::strayBlobs(writer->database(), writer->path())).size(), std::size_t(2));
        ok(writer->database().execute("UPDATE meta SET value=0 WHERE key='clean_close'"));
        writer.reset();
        get(run::emptyBin(*get(store::ProjectWriter::open(project.file))));
        const auto left = filesBelow(store::blobFolder(project.file));
        QVERIFY(left.size() == 1 && left[0].filename() == "notes.txt");
    }
};

QTEST_GUILESS_MAIN(tst_Blobs)
#include "tst_blobs.moc"
