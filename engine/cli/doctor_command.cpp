// doctor, selftest, bench.
#include <unistd.h>

#include "base/crc32c.h"
#include "base/hash.h"
#include "cli/commands.h"
#include "cli/system_check.h"
#include "journal/frame.h"
#include "run/run_spec.h"
#include "stats/counter_rng.h"

namespace dubito::cli {
namespace {

/// Golden values of the formats; the same as in the tests, for machines without Qt.
Result<void> selftest(Context& context) {
    Table table{{"check", "verdict"}, {}};
    const auto expect = [&](const char* what, bool holds) {
        table.rows.push_back({what, holds ? "ok" : "FAIL"});
        if (!holds) context.exitCode = 11;
    };
    expect("CRC32C of 123456789", crc32c(asBytes("123456789")) == 0xE3069283u);
    expect("SHA-256 of the empty text",
        hexText(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    const stats::Philox4 zero = stats::philox4x32({0, 0, 0, 0}, {0, 0});
    expect("Philox4x32-10, key 0, counter 0", zero == stats::Philox4{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
    stats::CounterRng rng(42, "flips", 0);
    expect("stream seed 42 flips 0", rng.uniform() == 0.4733750768454802);
    constexpr const char* kSpec =
        R"({"data":[],"device":"cpu","models":[],"params":{"bias":7e-01,"flips":200},)"
        R"("plugin":{"id":"org.example.coin_doubt","version":"1.0.0"},"schema":"dubito.spec/1",)"
        R"("seed":42,"threads":1,"warm_start":null,"world_size":1})";
    const auto spec = run::RunSpec::parse(kSpec);
    expect("hash of the golden spec",
        spec && hexText(spec->hash()) == "1d0a374108b7e2b659ec209e33a159e519213767c22b5c7a4dc81e705a65413b");
    expect("group hash of the golden spec",
        spec && hexText(spec->groupHash()) == "d709a68044af65e68ba497b7c7395166a5699495e894d8fe921099f097b96ae5");
    Bytes frame;
    journal::appendFrame(frame, journal::RecordType::Begin, 0, 0, {});
    expect("header of the empty frame", hexText(ByteSpan(frame).subspan(36, 4)) == "344b3e11");
    return context.print(table);
}

Result<void> bench(const std::string& name) {
    const fs::path program = programFolder() / "dubito-bench";
    std::error_code error;
    if (!fs::exists(program, error))
        return Error(Code::DeviceUnavailable,
            "dubito-bench is not built here (it comes with the tests). File: " + program.string());
    ::execl(program.c_str(), program.c_str(), name.empty() ? nullptr : name.c_str(), static_cast<char*>(nullptr));
    return Error(Code::Internal, "dubito-bench could not be started");
}

}  // namespace

void addDoctorCommands(CLI::App& app, Context& context) {
    static std::string name;
    addVerb(app, context, "doctor")->callback([&] {
        Table table{{"what", "found", "remedy"}, {}};
        for (const auto& line : checkSystem()) {
            table.rows.push_back({line.what, line.found, line.remedy});
            if (line.isWrong) context.exitCode = 11;
        }
        context.finish(context.print(table));
    });
    addVerb(app, context, "selftest")->callback([&] { context.finish(selftest(context)); });
    auto* verb = addVerb(app, context, "bench");
    verb->add_option("name", name);
    verb->callback([&] { context.finish(bench(name)); });
}

}  // namespace dubito::cli
