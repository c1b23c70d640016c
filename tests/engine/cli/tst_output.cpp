// Results as text: what a terminal must not obey, and columns that stand under each other.
#include <QTest>

#include "cli/output.h"
#include "cli/verb_table.h"

using namespace dubito;
using namespace dubito::cli;

class tst_Output : public QObject {
    Q_OBJECT
    /// ESC, BEL, DEL, CSI of C1, an override to the left and its end, an isolate.
    static std::string evil() {
        return "a\x1b]0;x\x07\x7f\xc2\x9b"
               "b\xe2\x80\xae"
               "c\xe2\x80\xac\xe2\x81\xa6";
    }
    static bool isObeyed(const std::string& text) {
        for (const char* what : {"\x1b", "\x07", "\x7f", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x80\xac", "\xe2\x81\xa6"})
            if (text.find(what) != std::string::npos) return true;
        return false;
    }
private Q_SLOTS:
    void text_thatATerminalObeys_isShownEverywhere() {
        const std::string shown = "a\\x1b]0;x\\x07\\x7f\\x9bb\\u202ec\\u202c\\u2066";
        QCOMPARE(plainText(evil()), shown);
        QCOMPARE(plainText("a\nb\tc"), std::string("a\nb\tc"));
        QCOMPARE(oneLine("a\nb\tc\r"), std::string("a\\nb\\tc\\x0d"));
        const Table table{{evil()}, {{evil()}}};
        for (const Format format : {Format::Table, Format::Tsv, Format::Markdown}) {
            const std::string out = render(table, format);
            QVERIFY(!isObeyed(out));
            QVERIFY(out.find(shown) != std::string::npos);
        }
        // Letters of every script, signs for right-to-left text and joined emoji are no commands.
        const std::string letters = "é 中 \xd7\xa9\xe2\x80\x8f \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x94\xac";
        QCOMPARE(plainText(letters), letters);
    }

    void machineFormats_keepEveryCharacter() {
        const Table table{{"name"}, {{evil()}}};
        for (const Format format : {Format::Json, Format::Jsonl}) {
            const std::string out = render(table, format);
            QVERIFY(!isObeyed(out));
            const auto back = parseJson(out);
            QVERIFY(back);
            const Json& row = format == Format::Json ? (*back)[0] : *back;
            QCOMPARE(row["name"].get<std::string>(), evil());
        }
        QCOMPARE(render(table, Format::Csv), "name\n" + evil() + "\n");
    }

    void width_isThatOfATerminal() {
        QCOMPARE(displayWidth("abc"), std::size_t(3));
        QCOMPARE(displayWidth("中文"), std::size_t(4));
        QCOMPARE(displayWidth("e\xcc\x81"), std::size_t(1));
        QCOMPARE(displayWidth("\xff"), std::size_t(1));
        const std::string out =
            render({{"name", "x"}, {{"中文", "1"}, {"e\xcc\x81", "2"}, {"abcd", "3"}}}, Format::Table);
        QCOMPARE(out, std::string("name  x\n中文  1\ne\xcc\x81     2\nabcd  3\n"));
    }

    void table_columnOfNumbers_standsRightAndOthersLeft() {
        const Table table{
            {"what", "n", "mixed"}, {{"a", 7, 1.5}, {"b", 1000, "words"}, {"c", std::optional<double>(), ""}}};
        QCOMPARE(render(table, Format::Table), std::string("what  n     mixed\n"
                                                           "a        7  1.5\n"
                                                           "b     1000  words\n"
                                                           "c\n"));
    }

    void numbers_keepTheirDigitsAndMissingOnesAreNull() {
        const Table table{{"v"}, {{0.1 + 0.2}, {std::nan("")}, {std::optional<double>()}}};
        QCOMPARE(
            render(table, Format::Jsonl), std::string("{\"v\":0.30000000000000004}\n{\"v\":\"nan\"}\n{\"v\":null}\n"));
        QCOMPARE(render(table, Format::Csv), std::string("v\n0.30000000000000004\nnan\n\n"));
    }

    void words_runAndItsNumber_areOneWhereARunIsTaken() {
        using Words = std::vector<std::string>;
        QCOMPARE(joinRunWords({"show", "p", "run", "1"}), (Words{"show", "p", "run 1"}));
        QCOMPARE(
            joinRunWords({"watch", "p", "run", "1", "run", "2", "3"}), (Words{"watch", "p", "run 1", "run 2", "3"}));
        QCOMPARE(joinRunWords({"show", "p", "run", "x"}), (Words{"show", "p", "run", "x"}));
        QCOMPARE(joinRunWords({"show", "p", "run"}), (Words{"show", "p", "run"}));
        QCOMPARE(joinRunWords({"run", "run", "1"}), (Words{"run", "run", "1"}));
        QCOMPARE(joinRunWords({}), Words{});
    }
};

QTEST_GUILESS_MAIN(tst_Output)
#include "tst_output.moc"
