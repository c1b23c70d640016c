// The services as a plugin calls them, on a journal of its own: threads, streams, checkpoints, disks that fail.
#include <QTemporaryDir>
#include <QTest>

#include <sys/resource.h>

#include <barrier>
#include <csignal>
#include <fstream>
#include <thread>

#include "host/services.h"
#include "host/services/device.h"
#include "host/services/reply.h"
#include "journal/array_block.h"
#include "journal/reader.h"

using namespace dubito;
using namespace dubito::host;

namespace {

constexpr const char* kSpec = R"({"data":[],"device":"cpu","models":[],"params":{},"plugin":{"id":"org.example.x",)"
                              R"("version":"1.0.0"},"schema":"dubito.spec/1","seed":42,"threads":1,"warm_start":null,)"
                              R"("world_size":1})";

run::RunSpec specOn(const char* device) {
    return *run::RunSpec::parse(QString(kSpec).replace("cpu", device).toStdString());
}

/// What a journal holds so far.
struct Told {
    std::map<std::string, std::vector<std::pair<std::int64_t, double>>> points;  // by key: step, value
    std::vector<std::string> records, checkpoints;
    std::string log;
};

/// Services on a journal whose [io] thread writes only when it must: what is in the file was put there on purpose.
struct Desk {
    QTemporaryDir dir;
    fs::path root;
    RunId id = makeUuid();
    run::RunSpec spec;
    std::unique_ptr<journal::JournalWriter> writer;
    std::unique_ptr<Services> services;

    explicit Desk(journal::JournalWriter::Options options = {}, const char* device = "cpu")
        : root(dir.path().toStdString()), spec(specOn(device)) {
        options.flushEvery = std::chrono::hours(1);
        auto made = journal::JournalWriter::create(root / "journal", {id, 1, 0, 0, 0}, options);
        if (!made) qFatal("%s", made.error().text().c_str());
        writer = std::move(*made);
        services = std::make_unique<Services>(*writer, spec, std::map<std::string, std::string>());
        services->publisher().setActive(true);
    }
    const dubito_host* host() const { return services->host(); }
    template <class T>
    const T& service(const char* name) const {
        return *static_cast<const T*>(host()->get_service(host(), name));
    }
    std::uint32_t series(const char* key, std::uint16_t kind = DUBITO_KIND_SCALAR) const {
        const dubito_series_desc desc{sizeof desc, kind, DUBITO_GOAL_NONE, str(key), str("1"), str("")};
        std::uint32_t out = 999;
        if (service<dubito_publish_v1>(DUBITO_PUBLISH_ID).define(host(), &desc, &out, nullptr) < 0) qFatal("define");
        return out;
    }
    Told told() const {
        Told out;
        std::map<std::uint32_t, std::string> keys;
        journal::JournalReader reader(root / "journal", id, 1, 0);
        const auto take = [&](const journal::JournalReader::Delivery& frame) {
            using journal::RecordType;
            const auto type = frame.header.type;
            if (type == RecordType::Define) {
                const auto definition = *journal::decodeDefine(frame.payload);
                keys[definition.series] = definition.key;
            } else if (type == RecordType::ScalarGroup) {
                const auto group = *journal::decodeScalarGroup(frame.payload);
                for (std::size_t i = 0; i < group.series.size(); ++i)
                    out.points[keys[group.series[i]]].emplace_back(group.step, group.values[i]);
            } else if (type == RecordType::ScalarRun) {
                const auto run = *journal::decodeScalarRun(frame.payload);
                for (std::size_t i = 0; i < run.values.size(); ++i)
                    out.points[keys[run.series]].emplace_back(run.steps[i], run.values[i]);
            } else if (type == RecordType::Log) {
                out.log += journal::decodeLog(frame.payload)->text + "\n";
            } else if (type == RecordType::Checkpoint) {
                out.checkpoints.push_back("checkpoint");
            } else if (journal::isBulk(type)) {
                out.records.emplace_back(journal::decodeBulk(frame.payload)->metaJson);
            }
        };
        reader.poll(false, 1u << 30, take, [](const journal::Gap&) {});
        return out;
    }
};

dubito_error freshError() {
    dubito_error error{};
    error.struct_bytes = sizeof error;
    return error;
}

/// No file of this process may grow beyond `bytes`, as on a disk that is full; writes fail with a sentence.
class SmallDisk {
public:
    explicit SmallDisk(rlim_t bytes) {
        std::signal(SIGXFSZ, SIG_IGN);
        ::getrlimit(RLIMIT_FSIZE, &m_before);
        const rlimit small{bytes, m_before.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &small);
    }
    ~SmallDisk() { ::setrlimit(RLIMIT_FSIZE, &m_before); }

private:
    rlimit m_before{};
};

struct Floats {
    std::vector<float> values;
    std::int64_t shape[1];
    dubito_tensor tensor{};
    dubito_array array{};
    explicit Floats(std::size_t n) : values(n), shape{static_cast<std::int64_t>(n)} {
        stats::CounterRng rng(1, "floats", 0);  // nothing that zstd could shorten
        for (float& value : values) value = static_cast<float>(rng.normal());
        tensor = {sizeof tensor, 2, 32, 1, 1, 0, 1, 1, values.data(), 0, shape, nullptr};
        array = {sizeof array, 0, str("values"), str(""), &tensor, nullptr, nullptr};
    }
};

}  // namespace

class tst_Services : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void checkpoint_commit_isBehindEverythingSaidBefore() {
        Desk desk;
        desk.services->checkpoints().open(desk.root, std::nullopt);
        const auto& publish = desk.service<dubito_publish_v1>(DUBITO_PUBLISH_ID);
        const auto& checkpoint = desk.service<dubito_checkpoint_v1>(DUBITO_CHECKPOINT_ID);
        const std::uint32_t series[] = {desk.series("train/loss")};
        for (std::int64_t step = 0; step < 20; ++step) {
            const double value[] = {static_cast<double>(step)};
            QCOMPARE(publish.scalars(desk.host(), step, 1, series, value, nullptr), DUBITO_OK);
        }
        QVERIFY(desk.told().points.empty());  // all of it still waits in memory
        dubito_str folder{};
        QCOMPARE(checkpoint.begin(desk.host(), 20, &folder, nullptr), DUBITO_OK);
        std::ofstream(std::string(view(folder)) + "/state") << "twenty";
        QCOMPARE(checkpoint.put(desk.host(), str("state"), nullptr), DUBITO_OK);
        QCOMPARE(checkpoint.commit(desk.host(), nullptr), DUBITO_OK);
        // Whoever is killed now goes on at step 20, so the points before it must be in the file.
        const auto newest = run::CheckpointStore(desk.root).newest();
        QVERIFY(newest && newest->step == 20);
        QCOMPARE(desk.told().points["train/loss"].size(), std::size_t(20));
    }
    void checkpoint_diskFailsBeforeIt_isNotTaken() {
        journal::JournalWriter::Options options;
        options.retryFullDisk = std::chrono::milliseconds(0);
        options.reserveBytes = 4096;
        Desk desk(options);
        desk.services->checkpoints().open(desk.root, std::nullopt);
        const auto& checkpoint = desk.service<dubito_checkpoint_v1>(DUBITO_CHECKPOINT_ID);
        dubito_str folder{};
        QCOMPARE(checkpoint.begin(desk.host(), 5, &folder, nullptr), DUBITO_OK);
        std::ofstream(std::string(view(folder)) + "/state") << "five";
        QCOMPARE(checkpoint.put(desk.host(), str("state"), nullptr), DUBITO_OK);
        (void)desk.services->log(2, std::string(2000, 'x'));
        dubito_error error = freshError();
        {
            const SmallDisk full(100);
            QCOMPARE(checkpoint.commit(desk.host(), &error), DUBITO_IO);
        }
        QCOMPARE(std::string(error.message), desk.writer->diskProblem().substr(0, sizeof error.message - 1));
        QVERIFY(!run::CheckpointStore(desk.root).newest());
        QCOMPARE(checkpoint.commit(desk.host(), nullptr), DUBITO_WRONG_STATE);
    }
    void publish_diskFails_saysTheJournalsSentence() {
        journal::JournalWriter::Options options;
        options.retryFullDisk = std::chrono::milliseconds(0);
        options.reserveBytes = 4096;
        Desk desk(options);
        const auto& publish = desk.service<dubito_publish_v1>(DUBITO_PUBLISH_ID);
        const std::uint32_t series[] = {desk.series("train/loss")};
        const double value[] = {1.0};
        QCOMPARE(publish.scalars(desk.host(), 0, 1, series, value, nullptr), DUBITO_OK);
        dubito_error flushed = freshError(), scalars = freshError(), log = freshError(), define = freshError();
        {
            const SmallDisk full(70);
            QCOMPARE(publish.flush(desk.host(), &flushed), DUBITO_IO);
        }
        const std::string sentence = desk.writer->diskProblem();
        QVERIFY(!sentence.empty());
        QCOMPARE(std::string(flushed.message), sentence);
        QCOMPARE(publish.scalars(desk.host(), 1, 1, series, value, &scalars), DUBITO_IO);
        QCOMPARE(std::string(scalars.message), sentence);
        QCOMPARE(desk.service<dubito_log_v1>(DUBITO_LOG_ID).write(desk.host(), 2, str("x"), &log), DUBITO_IO);
        QCOMPARE(std::string(log.message), sentence);
        std::uint32_t out = 0;
        const dubito_series_desc desc{sizeof desc, DUBITO_KIND_SCALAR, 0, str("a/b"), str(""), str("")};
        QCOMPARE(publish.define(desk.host(), &desc, &out, &define), DUBITO_IO);
        QCOMPARE(std::string(define.message), sentence);
    }
    void record_mayDropBehindASlowDisk_isCounted() {
        journal::JournalWriter::Options options;
        options.queueBytes = 100'000;
        Desk desk(options);
        const auto& publish = desk.service<dubito_publish_v1>(DUBITO_PUBLISH_ID);
        const std::uint32_t frames = desk.series("run/frames", DUBITO_KIND_FRAME);
        const Floats large(90'000 / sizeof(float)), small(10);
        const dubito_array *first[] = {&large.array}, *next[] = {&small.array};
        const auto record = [&](std::int64_t step, const dubito_array* const* arrays, std::uint32_t flags) {
            return publish.record(desk.host(), frames, step, str("{}"), 1, arrays, flags, nullptr);
        };
        desk.services->publisher().publishDropped(0);  // nothing was dropped: nothing is said
        QCOMPARE(record(0, first, 0), DUBITO_OK);
        QVERIFY(desk.writer->queueFillPercent() > 80);
        for (std::int64_t step = 1; step < 4; ++step) QCOMPARE(record(step, next, DUBITO_RECORD_MAY_DROP), DUBITO_OK);
        desk.services->publisher().publishDropped(3);
        desk.services->publisher().publishDropped(4);  // said once
        QVERIFY(desk.writer->flush());
        QCOMPARE(record(5, next, DUBITO_RECORD_MAY_DROP), DUBITO_OK);  // there is room again
        QVERIFY(desk.writer->flush());
        const Told told = desk.told();
        QCOMPARE(told.records.size(), std::size_t(2));
        const auto dropped = told.points.find("run/dropped_frames");
        QVERIFY(dropped != told.points.end() && dropped->second.size() == 1);
        QCOMPARE(dropped->second[0], (std::pair<std::int64_t, double>(3, 3.0)));
    }
    void record_liveOnly_isRefusedByName() {
        Desk desk;
        const auto& publish = desk.service<dubito_publish_v1>(DUBITO_PUBLISH_ID);
        const std::uint32_t frames = desk.series("run/frames", DUBITO_KIND_FRAME);
        const Floats data(10);
        const dubito_array* arrays[] = {&data.array};
        dubito_error error = freshError();
        QCOMPARE(publish.record(desk.host(), frames, 0, str("{}"), 1, arrays, DUBITO_RECORD_LIVE_ONLY, &error),
            DUBITO_UNSUPPORTED);
        QVERIFY2(QString(error.message).contains("dubito.live/1"), error.message);
        QVERIFY(desk.writer->flush());
        QVERIFY(desk.told().records.empty());
    }
    void raw_ofTwoThreads_eachKeepsItsOwn() {
        const Desk desk;
        const auto& json = desk.service<dubito_json_v1>(DUBITO_JSON_ID);
        const Document document{{{"a", std::string(200, 'a')}, {"b", std::string(200, 'b')}}};
        std::atomic<int> wrong{0};
        std::barrier meet(2);
        const auto read = [&](const char* pointer, char letter) {
            for (int round = 0; round < 200; ++round) {
                dubito_str out{};
                if (json.raw(desk.host(), document.handle(), str(pointer), &out, nullptr) != DUBITO_OK) ++wrong;
                meet.arrive_and_wait();  // both hold their answer
                if (std::string(view(out)) != '"' + std::string(200, letter) + '"') ++wrong;
                meet.arrive_and_wait();
            }
        };
        std::thread other(read, "/b", 'b');
        read("/a", 'a');
        other.join();
        QCOMPARE(wrong.load(), 0);
    }
    void json_pointers_asInTheStandard() {
        const Desk desk;
        const auto& json = desk.service<dubito_json_v1>(DUBITO_JSON_ID);
        const Document document{*parseJson(R"({"a/b":1,"m~n":2,"list":[10,20],"":3,"deep":{"x":[{"y":7}]}})")};
        const auto integer = [&](const char* pointer) {
            std::int64_t out = -1;
            const auto status = json.integer(desk.host(), document.handle(), str(pointer), &out, nullptr);
            return status < 0 ? status : out;
        };
        QCOMPARE(integer("/a~1b"), 1);
        QCOMPARE(integer("/m~0n"), 2);
        QCOMPARE(integer("/"), 3);
        QCOMPARE(integer("/list/1"), 20);
        QCOMPARE(integer("/deep/x/0/y"), 7);
        QCOMPARE(integer("/list/2"), std::int64_t(DUBITO_NOT_FOUND));
        QCOMPARE(integer("/list/x"), std::int64_t(DUBITO_NOT_FOUND));
        QCOMPARE(integer("list"), std::int64_t(DUBITO_NOT_FOUND));
        QCOMPARE(integer("/list"), std::int64_t(DUBITO_INVALID_ARGUMENT));
    }
    void stream_openedTwice_goesOn() {
        const Desk desk;
        const auto& rng = desk.service<dubito_rng_v1>(DUBITO_RNG_ID);
        const auto open = [&](const char* name, std::uint64_t index) {
            std::uint32_t out = 999;
            return rng.open(desk.host(), str(name), index, &out, nullptr) < 0 ? 999 : out;
        };
        const std::uint32_t first = open("flips", 0);
        double numbers[4] = {};
        QCOMPARE(rng.uniform(desk.host(), first, numbers, 2, nullptr), DUBITO_OK);
        QCOMPARE(open("flips", 0), first);
        QVERIFY(open("flips", 1) != first && open("other", 0) != first);
        QCOMPARE(rng.uniform(desk.host(), open("flips", 0), numbers + 2, 2, nullptr), DUBITO_OK);
        stats::CounterRng judge(42, "flips", 0);
        for (const double number : numbers) QCOMPARE(number, judge.uniform());
    }
    void streams_ofACheckpoint_goOnAtTheirPlaces() {
        RandomStreams before(42);
        const auto used = *before.open("used", 0), left = *before.open("left", 3);
        for (int i = 0; i < 5; ++i) before.find(used)->uniform(), before.find(left)->nextU32();
        const Json drawn = before.drawn();
        RandomStreams after(42);
        after.resumeAt(drawn);
        QCOMPARE(after.find(*after.open("used", 0))->uniform(), before.find(used)->uniform());
        // One that was not opened again keeps its place for the next checkpoint.
        QCOMPARE(jsonText(after.drawn()["left/3"]), jsonText(drawn["left/3"]));
    }
    void device_auto_isRecordedAsItIsLeased() {
        const Desk desk({}, "auto");
        QCOMPARE(leasedDevice(desk.spec), std::string("cpu"));
        std::int32_t type = 0, id = -1, threads = 0;
        QCOMPARE(desk.service<dubito_device_v1>(DUBITO_DEVICE_ID).lease(desk.host(), &type, &id, &threads, nullptr),
            DUBITO_OK);
        QCOMPARE(type, 1);
        QCOMPARE(threads, 1);
        QCOMPARE(leasedDevice(specOn("cuda")), std::string("cuda"));
    }
    void services_onAnotherThread_areRefusedWhereTheyMust() {
        Desk desk;
        desk.services->checkpoints().open(desk.root, std::nullopt);
        std::thread([&] {
            std::uint32_t stream = 0;
            dubito_str folder{};
            const auto* host = desk.host();
            QCOMPARE(desk.service<dubito_rng_v1>(DUBITO_RNG_ID).open(host, str("x"), 0, &stream, nullptr),
                DUBITO_WRONG_THREAD);
            QCOMPARE(desk.service<dubito_checkpoint_v1>(DUBITO_CHECKPOINT_ID).begin(host, 1, &folder, nullptr),
                DUBITO_WRONG_THREAD);
            QCOMPARE(
                desk.service<dubito_interaction_v1>(DUBITO_INTERACTION_ID).pump(host, nullptr), DUBITO_WRONG_THREAD);
        }).join();
        const Desk plain;  // a run that keeps none
        QCOMPARE(plain.service<dubito_checkpoint_v1>(DUBITO_CHECKPOINT_ID).commit(plain.host(), nullptr),
            DUBITO_UNSUPPORTED);
        QVERIFY(!plain.host()->get_service(plain.host(), "dubito.nothing/1"));
    }
    void define_wrongOrInactive_isRefused() {
        Desk desk;
        const auto& publish = desk.service<dubito_publish_v1>(DUBITO_PUBLISH_ID);
        const auto define = [&](const char* key, const char* unit, std::uint16_t kind) {
            const dubito_series_desc desc{sizeof desc, kind, 0, str(key), str(unit), str("")};
            std::uint32_t out = 0;
            return publish.define(desk.host(), &desc, &out, nullptr);
        };
        QCOMPARE(define("a/b", "1", DUBITO_KIND_SCALAR), DUBITO_OK);
        QCOMPARE(define("a/b", "1", DUBITO_KIND_SCALAR), DUBITO_OK);
        QCOMPARE(define("a/b", "s", DUBITO_KIND_SCALAR), DUBITO_INVALID_ARGUMENT);
        QCOMPARE(define("A B", "1", DUBITO_KIND_SCALAR), DUBITO_INVALID_ARGUMENT);
        QCOMPARE(define("a/c", "1", 7), DUBITO_INVALID_ARGUMENT);
        const std::uint32_t unknown[] = {5};
        const double value[] = {1};
        QCOMPARE(publish.scalars(desk.host(), 0, 1, unknown, value, nullptr), DUBITO_INVALID_ARGUMENT);
        QCOMPARE(publish.scalars(desk.host(), 0, 1, nullptr, value, nullptr), DUBITO_INVALID_ARGUMENT);
        desk.services->publisher().setActive(false);
        QCOMPARE(define("a/d", "1", DUBITO_KIND_SCALAR), DUBITO_WRONG_STATE);
    }
    void publish_stepThatIsNone_isRefusedByName() {
        Desk desk;
        const auto& publish = desk.service<dubito_publish_v1>(DUBITO_PUBLISH_ID);
        const std::uint32_t series[] = {desk.series("train/loss")};
        const double value[] = {1};
        for (const std::int64_t step : {std::int64_t{-5}, std::int64_t{INT64_MIN}, std::int64_t{INT64_MAX}}) {
            dubito_error error = freshError();
            QCOMPARE(publish.scalars(desk.host(), step, 1, series, value, &error), DUBITO_INVALID_ARGUMENT);
            QVERIFY2(std::string(error.message).find(std::to_string(step)) != std::string::npos, error.message);
        }
        QCOMPARE(publish.scalars(desk.host(), 0, 1, series, value, nullptr), DUBITO_OK);
        QCOMPARE(publish.scalars(desk.host(), std::int64_t{1} << 62, 1, series, value, nullptr), DUBITO_OK);
    }
    void scalars_notFinite_areKeptAndNotedOnce() {
        Desk desk;
        const std::uint32_t series[] = {desk.series("train/loss")};
        const double values[] = {std::nan("")};
        for (std::int64_t step = 3; step < 6; ++step)
            QCOMPARE(desk.service<dubito_publish_v1>(DUBITO_PUBLISH_ID)
                         .scalars(desk.host(), step, 1, series, values, nullptr),
                DUBITO_OK);
        QVERIFY(desk.writer->flush());
        const Told told = desk.told();
        QCOMPARE(told.log, std::string("not finite since step 3\n"));
        QCOMPARE(told.points.at("train/loss").size(), std::size_t(3));
        QCOMPARE(desk.services->publisher().firstNotFiniteStep(), 3);
    }
    void record_strided_isPackedRowByRow() {
        Desk desk;
        const std::uint32_t frames = desk.series("run/block", DUBITO_KIND_TENSOR);
        std::vector<float> columns{1, 3, 5, 2, 4, 6};  // a 3 x 2 matrix, column after column
        const std::int64_t shape[] = {3, 2}, strides[] = {1, 3}, bad[] = {-1, 2};
        dubito_tensor tensor{sizeof tensor, 2, 32, 1, 1, 0, 2, 1, columns.data(), 0, shape, strides};
        const dubito_array array{sizeof array, 0, str("m"), str(""), &tensor, nullptr, nullptr};
        const dubito_array* arrays[] = {&array};
        const auto& publish = desk.service<dubito_publish_v1>(DUBITO_PUBLISH_ID);
        QCOMPARE(publish.record(desk.host(), frames, 0, str("{}"), 1, arrays, 0, nullptr), DUBITO_OK);
        tensor.shape = bad;
        QCOMPARE(publish.record(desk.host(), frames, 0, str("{}"), 1, arrays, 0, nullptr), DUBITO_SHAPE_MISMATCH);
        QVERIFY(desk.writer->flush());
        std::vector<float> stored;
        journal::JournalReader(desk.root / "journal", desk.id, 1, 0)
            .poll(
                false, 1u << 20,
                [&](const journal::JournalReader::Delivery& frame) {
                    if (frame.header.type != journal::RecordType::Tensor) return;
                    const auto block = journal::decodeBulk(frame.payload)->block;
                    const auto values = journal::findArray(*journal::decodeArrayBlock(block), "m")->as<float>();
                    stored.assign(values.begin(), values.end());
                },
                [](const journal::Gap&) {});
        QCOMPARE(stored, (std::vector<float>{1, 2, 3, 4, 5, 6}));
    }
};

QTEST_GUILESS_MAIN(tst_Services)
#include "tst_services.moc"
