// Golden values of checksums, hashes, random streams and JSON; from the specifications named beside them.
#include <QTest>

#include "base/crc32c.h"
#include "base/hash.h"
#include "base/ids.h"
#include "base/json.h"
#include "base/text.h"
#include "stats/counter_rng.h"
#include "tensor/dtype.h"

#include <cmath>

using namespace dubito;

class tst_Base : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void crc32c_checkString_isGolden() { QCOMPARE(crc32c(asBytes("123456789")), 0xE3069283u); }
    void sha256_emptyText_isGolden() {
        QCOMPARE(hexText(sha256({})), std::string("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"));
    }
    void philox_keyZeroCounterZero_isGolden() {
        QVERIFY(stats::philox4x32({0, 0, 0, 0}, {0, 0}) ==
                (stats::Philox4{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
    }
    void stream_seed42Flips_isGolden() {
        stats::CounterRng rng(42, "flips", 0);
        QCOMPARE(rng.key()[0], 0x16831bc0u);
        QCOMPARE(rng.key()[1], 0xca4cb3b6u);
        stats::CounterRng raw = rng;
        QCOMPARE(raw.nextU32(), 0xcaf6887du);
        QCOMPARE(raw.nextU32(), 0x792f1be9u);
        QCOMPARE(rng.uniform(), 0.4733750768454802);
    }
    void half_everyPattern_roundTrips() {
        for (int bits = 0; bits < 65536; ++bits) {
            const float value = floatFromHalf(static_cast<std::uint16_t>(bits));
            if (std::isnan(value)) continue;
            QCOMPARE(halfFromFloat(value), static_cast<std::uint16_t>(bits));
        }
        QCOMPARE(floatFromHalf(0x3C00), 1.0f);
        QCOMPARE(halfFromFloat(65520.0f), std::uint16_t(0x7C00));  // rounds up to infinity
    }
    void canonicalJson_numbers_areShortestScientific() {
        const auto text = [](const Json& value) {
            return canonicalJson(value) ? *canonicalJson(value) : std::string("refused");
        };
        QCOMPARE(text(0.7), std::string("7e-01"));
        QCOMPARE(text(1.0), std::string("1e+00"));
        QCOMPARE(text(3e-4), std::string("3e-04"));
        QCOMPARE(text(-0.0), std::string("0e+00"));
        QCOMPARE(text(std::nan("")), std::string("refused"));
        QCOMPARE(text(-9007199254740991), std::string("-9007199254740991"));
        QCOMPARE(text(-9007199254740992), std::string("refused"));
        QCOMPARE(text(std::numeric_limits<std::int64_t>::min()), std::string("refused"));
        QCOMPARE(text(std::numeric_limits<std::uint64_t>::max()), std::string("refused"));
        QCOMPARE(text(Json::parse("{\"b\":1,\"a\":[true,null]}")), std::string("{\"a\":[true,null],\"b\":1}"));
    }
    void parseJson_badInput_isRefusedWithPlace() {
        QVERIFY(!parseJson("{\"a\":1,\"a\":2}"));
        QVERIFY(parseJson("{\"a\":1,\"a\":2}").error().message().find("twice") != std::string::npos);
        QVERIFY(parseJson("{\n \"a\": }").error().message().find("line 2") != std::string::npos);
        QVERIFY(!parseJson(std::string(100, '[') + std::string(100, ']')));
        QVERIFY(!parseJson("\"\xff\""));
    }
    void printable_controlsAndBrokenUtf8_areShown() {
        const auto shown = [](std::string_view text) { return printable(text, false); };
        QCOMPARE(shown("plain \xC3\xA9 \xE6\x99\xA8 \xF0\x9F\x99\x82"),
            std::string("plain \xC3\xA9 \xE6\x99\xA8 \xF0\x9F\x99\x82"));
        QCOMPARE(shown("\x1b[31m\x07\r\x7f"), std::string("\\x1b[31m\\x07\\x0d\\x7f"));
        QCOMPARE(shown("\xC2\x9B"
                       "31m\xC2\xA0"),
            std::string("\\x9b"
                        "31m\xC2\xA0"));  // C1, then a no-break space
        QCOMPARE(shown("\x9B"
                       "31m\xFF\xC3"),
            std::string("\\x9b"
                        "31m\\xff\\xc3"));
        QCOMPARE(shown("\xC0\x9B \xED\xA0\x80"), std::string("\\xc0\\x9b \\xed\\xa0\\x80"));  // overlong, surrogate
        QCOMPARE(shown(std::string_view("a\0b", 3)), std::string("a\\x00b"));
        QCOMPARE(shown("a\tb\nc"), std::string("a\\tb\\nc"));
        QCOMPARE(printable("a\tb\nc\r", true), std::string("a\tb\nc\\x0d"));
    }
    void uuid_manyInOrder_sortAndRoundTrip() {
        Uuid before = makeUuid();
        for (int i = 0; i < 1000; ++i) {
            const Uuid next = makeUuid();
            QVERIFY(next != before);
            QVERIFY(parseUuid(next.text()) && *parseUuid(next.text()) == next);
            before = next;
        }
        QVERIFY(!parseUuid("nonsense"));
    }
};

QTEST_GUILESS_MAIN(tst_Base)
#include "tst_base.moc"
