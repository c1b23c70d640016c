// Lengths in characters and patterns of parameters: whole matches, at every length, in bounded time.
#include <QTest>

#include "run/param_schema.h"
#include "run/pattern.h"

using namespace dubito;
using namespace dubito::run;

class tst_Pattern : public QObject {
    Q_OBJECT
    static Json textSchema(const Json& rules) {
        Json leaf = {{"type", "string"}};
        leaf.update(rules);
        return {{"type", "object"}, {"properties", {{"name", leaf}}}};
    }
    static std::string refusal(const Json& rules, const std::string& text) {
        const auto applied = applySchema(textSchema(rules), {{"name", text}});
        return applied ? "" : applied.error().message();
    }
private Q_SLOTS:
    void matchesWhole_isAsRead_data() {
        QTest::addColumn<QString>("expression");
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("matches");
        const auto row = [](const char* expression, const char* text, bool matches) {
            QTest::newRow(qPrintable(QString("%1 on %2").arg(expression, text))) << expression << text << matches;
        };
        row("[a-z]+", "abc", true);
        row("[a-z]+", "abc1", false);
        row("[a-z]+", "1abc", false);
        row("a|ab", "ab", true);  // the whole text, whichever branch comes first
        row("[a-z]+", "abc\n", false);
        row("a$", "a\n", false);
        row("", "", true);
        row("", "a", false);
        row(".", "ü", true);  // one character, two bytes
        row("[äöü]{2}", "äü", true);
        row("\\u0041", "A", true);
        row("\\d{3}-\\d{2}", "123-45", true);
        row("(a)?b\\1", "b", true);
    }
    void matchesWhole_isAsRead() {
        QFETCH(QString, expression);
        QFETCH(QString, text);
        QFETCH(bool, matches);
        const auto pattern = Pattern::compile(expression.toStdString());
        QVERIFY2(pattern, pattern ? "" : pattern.error().text().c_str());
        const auto found = pattern->matchesWhole(text.toStdString());
        QVERIFY2(found, found ? "" : found.error().text().c_str());
        QCOMPARE(*found, matches);
    }
    void matchesWhole_catastrophicOrBadText_isRefused() {
        const auto nested = Pattern::compile("(a|aa)+[bc]");
        QVERIFY(nested);
        QVERIFY(
            nested->matchesWhole(std::string(60, 'a')).error().code() == Code::Limit);  // millions of millions of ways
        QVERIFY(nested->matchesWhole("\xff").error().code() == Code::InvalidArgument);
        QVERIFY(!Pattern::compile("(") && !Pattern::compile(std::string(201, 'a')) && !Pattern::compile("\\C"));
    }
    void schema_unreadablePattern_isRefusedBeforeAnyValue() {
        const auto checked = checkSchema(textSchema({{"pattern", "[a-"}}));
        QVERIFY(!checked);
        QVERIFY2(QString::fromStdString(checked.error().text()).contains("/name pattern cannot be read"),
            checked.error().text().c_str());
    }
    void pattern_longText_isCheckedToo() {
        const Json rules = {{"pattern", "[a-z]*"}};
        QCOMPARE(refusal(rules, std::string(100'000, 'a')), std::string());
        QVERIFY(!refusal(rules, std::string(5'000, 'a') + "!").empty());
        QVERIFY(!refusal(rules, std::string(100'000, 'a') + "!").empty());
    }
    void lengths_countCharacters() {
        QCOMPARE(refusal({{"maxLength", 4}}, "硬币之疑"), std::string());  // four characters, twelve bytes
        QCOMPARE(refusal({{"maxLength", 3}}, "硬币之疑"), std::string("/name is 4 characters long; at most 3"));
        QCOMPARE(refusal({{"minLength", 2}}, "ü"), std::string("/name is 1 characters long; at least 2"));
    }
};

QTEST_GUILESS_MAIN(tst_Pattern)
#include "tst_pattern.moc"
