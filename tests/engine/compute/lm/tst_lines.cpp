// Data files as people bring them: encodings, forms, columns, values of other types; read whole or refused by line.
#include <QTemporaryDir>
#include <QTest>

#include <zlib.h>
#include <zstd.h>

#include "lm/data/task_items.h"
#include "lm/evaluate/answers.h"

using namespace dubito;
using namespace dubito::lm;

namespace {

const std::string kThree = R"({"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"é1"}]})"
                           "\n"
                           R"({"messages":[{"role":"user","content":"b"},{"role":"assistant","content":"中2"}]})"
                           "\n"
                           R"({"messages":[{"role":"user","content":"c"},{"role":"assistant","content":"😀"}]})"
                           "\n";

/// UTF-8 as units of `width` bytes.
std::string encoded(const std::string& text, int width, bool isLittle, bool hasMark) {
    std::string out;
    const auto put = [&](char32_t unit) {
        for (int i = 0; i < width; ++i) out += static_cast<char>(unit >> 8 * (isLittle ? i : width - 1 - i) & 0xFF);
    };
    if (hasMark) put(0xFEFF);
    const QString all = QString::fromStdString(text);
    if (width == 2)
        for (const QChar c : all) put(c.unicode());
    else
        for (const char32_t c : all.toStdU32String()) put(c);
    return out;
}

std::string gzipped(const std::string& text) {
    std::string out(text.size() + 1000, '\0');
    z_stream stream{};
    deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

/// With a checksum, as the program zstd writes it.
std::string zstded(const std::string& text) {
    std::string out(ZSTD_compressBound(text.size()) + 100, '\0');
    ZSTD_CCtx* context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, 19);
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    out.resize(ZSTD_compress2(context, out.data(), out.size(), text.data(), text.size()));
    ZSTD_freeCCtx(context);
    return out;
}

/// Every document as one text; an error begins with "!".
std::string documentsOf(const Result<TrainData>& data) {
    if (!data) return "!" + data.error().text();
    std::string out;
    for (const auto& document : data->documents) {
        out += document.messages.is_null() ? document.text : jsonText(document.messages);
        if (!document.tools.is_null()) out += " tools " + jsonText(document.tools);
        out += '\n';
    }
    return out;
}
std::string documentsOf(const std::string& content, const char* map = "") {
    const auto columns = ColumnMap::parse(map);
    if (!columns) return "!" + columns.error().text();
    return documentsOf(readTrainText(content, *columns));
}
std::string talk(const std::string& user, const std::string& assistant) {
    return jsonText(
               Json::array({{{"role", "user"}, {"content", user}}, {{"role", "assistant"}, {"content", assistant}}})) +
           "\n";
}
std::string itemsOf(const std::string& content, const char* map = "") {
    const auto data = readTaskText(content, *ColumnMap::parse(map));
    if (!data) return "!" + data.error().text();
    std::string out;
    for (const auto& item : data->items) {
        out +=
            item.id + "|" + item.task + "|" + (item.messages.is_null() ? item.prompt : jsonText(item.messages)) + "|";
        for (const auto& choice : item.choices) out += choice + ",";
        out += "|" + item.answer + "|" + std::to_string(item.right) + "\n";
    }
    return out;
}

}  // namespace

class tst_Lines : public QObject {
    Q_OBJECT
    QTemporaryDir m_dir;
    fs::path write(const char* name, const std::string& text) const {
        const fs::path path = m_dir.filePath(name).toStdString();
        if (!writeFileAtomic(path, text)) qFatal("no file");
        return path;
    }
    static void refuses(const std::string& said, std::initializer_list<const char*> words) {
        QVERIFY2(said.starts_with('!'), said.c_str());
        for (const char* word : words) QVERIFY2(said.find(word) != std::string::npos, said.c_str());
    }
private Q_SLOTS:
    void training_sameLinesInAnyForm_areTheSameDocuments_data() {
        QTest::addColumn<QByteArray>("content");
        const auto row = [](const char* name, const std::string& content) {
            QTest::newRow(name) << QByteArray::fromStdString(content);
        };
        std::string carriage, crlf, array = "[\n", joined = kThree;
        for (const char c : kThree) carriage += c == '\n' ? '\r' : c, crlf += c == '\n' ? "\r\n" : std::string(1, c);
        for (const char c : kThree.substr(0, kThree.size() - 1))
            array += c == '\n' ? std::string(",\n  ") : std::string(1, c);
        row("mark", "\xEF\xBB\xBF" + kThree);
        row("CR LF", crlf);
        row("CR", carriage);
        row("no last line end", kThree.substr(0, kThree.size() - 1));
        row("empty lines", "\n\n" + kThree + " \n\n");
        row("marks in the middle", "\xEF\xBB\xBF" + kThree.substr(0, kThree.find('\n') + 1) + "\xEF\xBB\xBF" +
                                       kThree.substr(kThree.find('\n') + 1));
        for (const int width : {2, 4})
            for (const bool isLittle : {true, false})
                for (const bool hasMark : {true, false})
                    row(qPrintable(QString("UTF-%1 %2 %3").arg(width * 8).arg(isLittle).arg(hasMark)),
                        encoded(kThree, width, isLittle, hasMark));
        row("array", array + "\n]\n");
        row("array in one line, UTF-16",
            encoded("[" + QString::fromStdString(array).mid(2).remove('\n').toStdString() + "]", 2, true, true));
        row("gzip", gzipped(kThree));
        row("gzip, two members", gzipped(kThree.substr(0, 60)) + gzipped(kThree.substr(60)));
        row("zstd", zstded(kThree));
        row("zstd of UTF-16", zstded(encoded(kThree, 2, true, true)));
    }
    void training_sameLinesInAnyForm_areTheSameDocuments() {
        QFETCH(QByteArray, content);
        QCOMPARE(documentsOf(content.toStdString()), documentsOf(kThree));
        QCOMPARE(documentsOf(readTrainFile(write("any.bin", content.toStdString()))), documentsOf(kThree));
        QCOMPARE(readTrainText(kThree)->documents.size(), 3u);
    }
    void plainText_withCrLfAndEmptyLines_isTheSameDocuments() {
        const std::string want = documentsOf("one\ntwo\n\nthree\n\n\n\nfour\n");
        QCOMPARE(want, std::string("one\ntwo\nthree\nfour\n"));
        QCOMPARE(documentsOf("one\r\ntwo\r\n\r\nthree\r\n\r\n\r\n\r\nfour\r\n"), want);
        QCOMPARE(readTrainText("one\r\ntwo\r\n\r\nthree")->documents.size(), 2u);
        QCOMPARE(documentsOf("[Chapter one]\n\n# A heading\n"), std::string("[Chapter one]\n# A heading\n"));
    }
    void lines_aboveAMegabyte_areRead() {
        const std::string longText(1'200'000, 'x');
        const auto data = readTrainText(jsonText({{"text", longText}}) + "\n" + R"({"text":"short"})");
        QVERIFY2(data, data ? "" : data.error().text().c_str());
        QCOMPARE(data->documents[0].text.size(), longText.size());
        QCOMPARE(data->documents[1].text, std::string("short"));
        QVERIFY(itemsOf(jsonText({{"prompt", longText}, {"answer", "y"}})).size() > longText.size());
    }
    void binary_isRefusedWithOffsetAndLine() {
        refuses(documentsOf(std::string("{\"text\":\"a\"}\nab\0c\n", 18)), {"zero", "byte 15", "line 2"});
        refuses(documentsOf("{\"text\":\"a\"}\r\n{\"text\":\"\xFF\"}\n"), {"0xFF is not UTF-8", "byte 23", "line 2"});
        refuses(documentsOf("text that ends in \xC3"), {"inside a character", "byte 18", "line 1"});
        refuses(documentsOf(gzipped("fine\nthen \xFF")), {"byte 10", "line 2", "gzip"});
        refuses(documentsOf(encoded("ab", 2, true, true) + std::string("\x00\xDC", 2)), {"UTF-16LE", "byte 6"});
        refuses(documentsOf(std::string("PK\x03\x04\x14\0\0\0", 8)), {"a zip archive"});
        refuses(documentsOf(gzipped(gzipped("twice"))), {"gzip data inside"});
        std::string noise = "a";
        for (int i = 0; i < 3000; ++i) noise += static_cast<char>(i * 7919 >> 3);
        refuses(documentsOf(noise), {"this is no text"});
    }
    void compressed_cutDamagedOrABomb_isRefusedByName() {
        std::string much;
        for (int i = 0; i < 2000; ++i) much += jsonText({{"text", "line " + std::to_string(i * 7919)}}) + "\n";
        for (const std::string& whole : {gzipped(much), zstded(much)}) {
            QCOMPARE(readTrainText(whole)->documents.size(), 2000u);
            refuses(documentsOf(whole.substr(0, whole.size() - 9)), {"cut"});
            std::string damaged = whole;
            for (std::size_t at = whole.size() / 2; at < whole.size() / 2 + 20; ++at) damaged[at] ^= 0x55;
            refuses(documentsOf(damaged), {"damaged"});
            refuses(documentsOf(whole + "more"), {"damaged"});
        }
        const std::string zeros(64 << 20, ' ');
        for (const std::string& bomb : {gzipped(zeros), zstded(zeros)}) {
            QVERIFY(bomb.size() < 100'000);
            refuses(documentsOf(bomb), {"expands to more than 256 times its size"});
        }
    }
    void whatIsNoJson_inAFileOfJson_isNeverProse() {
        for (const char* mark : {"# made by a tool", "// made by a tool", "/* made */"})
            refuses(documentsOf(mark + std::string("\n\n") + kThree), {"line 1", "comment"});
        refuses(documentsOf("title\n" + kThree), {"line 1", "no JSON"});
        refuses(documentsOf(kThree + "# the end"), {"line 4", "comment"});
        refuses(documentsOf("{\n  \"text\": \"a\"\n}\n"), {"line 1", "several lines"});
        refuses(documentsOf("[1, 2]"), {"element 1", "no object"});
        refuses(documentsOf("[{\"text\":\"a\"},]"), {"element 2"});
        refuses(documentsOf("[{\"text\":\"a\"}"), {"does not end"});
        refuses(documentsOf("[{\"text\":\"a\"}] b"), {"behind the array"});
        refuses(documentsOf("[\n{\"text\":\"a\"},\n{\"text\":3,}\n]"), {"element 2 (line 3)"});
        refuses(documentsOf(readTrainFile(write("prose.jsonl", "Once upon a time\n"))), {"line 1"});
        refuses(documentsOf(readTrainFile(write("prose.json.gz", gzipped("Once upon a time\n")))), {"line 1"});
        refuses(documentsOf("{\"text\":\"a\",\"text\":\"b\"}"), {"line 1", "appears twice"});
        refuses(documentsOf("{\"text\":\"a\"}\n{\"text\":\"\\ud800\"}"), {"line 2", "not valid JSON"});
    }
    void columns_ofUsualShapes_areGuessedAndSaid() {
        const std::string want = talk("2+2?", "4");
        QCOMPARE(documentsOf(R"({"prompt":"2+2?","answer":"4"})"), want);
        QCOMPARE(documentsOf(R"({"prompt":"2+2?","completion":"4"})"), want);
        QCOMPARE(documentsOf(R"({"question":"2+2?","answer":"4","id":1})"), want);
        QCOMPARE(documentsOf(R"({"instruction":"2+2?","input":"","output":"4"})"), want);
        QCOMPARE(documentsOf(R"({"instruction":"Add.","input":"2+2","output":"4"})"), talk("Add.\n\n2+2", "4"));
        QCOMPARE(
            documentsOf(R"({"conversations":[{"from":"human","value":"2+2?"},{"from":"gpt","value":"4"}]})"), want);
        QCOMPARE(
            documentsOf(R"({"messages":[{"role":"User","content":"2+2?"},{"role":"Assistant","content":"4"}]})"), want);
        QCOMPARE(documentsOf(R"({"system":"Be brief.","question":"2+2?","answer":"4"})"),
            jsonText({{{"role", "system"}, {"content", "Be brief."}}, {{"role", "user"}, {"content", "2+2?"}},
                {{"role", "assistant"}, {"content", "4"}}}) +
                "\n");
        // A table joined from several sets keeps null where a row has no such column.
        QCOMPARE(documentsOf(R"({"messages":null,"text":null,"question":"2+2?","answer":"4"})"), want);
        const auto data =
            readTrainText(R"({"question":"a","answer":"b","source":"x"})"
                          "\n"
                          R"({"conversations":[{"from":"human","value":"a"},{"from":"gpt","value":"b"}]})");
        const std::string said = data->summary.text();
        for (const char* word : {"JSON lines (UTF-8)", "guessed", "question, answer (1 row)", "conversations (1 row)",
                 "human as user", "gpt as assistant", "not used: source"})
            QVERIFY2(said.find(word) != std::string::npos, said.c_str());
        refuses(documentsOf(R"({"a":"x","b":"y"})"), {"line 1", "data.map"});
    }
    void columns_thatTheMapNames_areTaken() {
        const std::string row = R"({"q":"2+2?","a/b":"no","solution":{"steps":["x"],"final":4},"text":"no"})";
        QCOMPARE(documentsOf(row, "prompt=q answer=/solution/final"), talk("2+2?", "4"));
        QCOMPARE(documentsOf(row, R"({"prompt":"q","answer":"a/b"})"), talk("2+2?", "no"));
        QCOMPARE(documentsOf(row, "text=/solution/steps/0"), std::string("x\n"));
        QCOMPARE(documentsOf(R"({"t":[{"who":"human","says":"2+2?"},{"who":"gpt","says":4}]})",
                     "messages=t, role=who, content=says"),
            talk("2+2?", "4"));
        QCOMPARE(documentsOf(row, "text"), std::string("no\n"));
        refuses(documentsOf(row, "messages"), {"line 1", "not the columns of messages"});
        refuses(documentsOf(row, "prompt=q answer=/solution/none"), {"line 1", "there is no solution/none"});
        refuses(documentsOf(row, "promt=q"), {"data.map", "promt", "prompt"});
        refuses(documentsOf(row, "alpaca"), {"data.map", "alpaca", "instruction/input/output"});
        refuses(documentsOf(row, "prompt=q prompt=b"), {"twice"});
        refuses(documentsOf("prose", "prompt=q answer=a"), {"plain text"});
    }
    void values_ofOtherTypes_becomeTheirJsonTextOrAreRefused() {
        for (const char* value : {"4", "-7", "true", "0.10", "1e5", "12345678901234567890123", "18446744073709551615"})
            QCOMPARE(documentsOf(std::string("{\"prompt\":\"p\",\"answer\":") + value + "}"), talk("p", value));
        QCOMPARE(documentsOf(R"({"messages":[{"role":"user","content":1.50},{"role":"assistant","content":false}]})"),
            talk("1.50", "false"));
        QCOMPARE(documentsOf(R"({"text":7})"), std::string("7\n"));
        refuses(documentsOf(R"({"prompt":"p","answer":null})"), {"line 1", "answer is null"});
        refuses(documentsOf(R"({"prompt":"p","answer":{"x":1}})"), {"line 1", "answer is an object"});
        refuses(documentsOf(R"({"text":"a"})"
                            "\n"
                            R"({"text":{}})"),
            {"line 2", "text is an object"});
        refuses(
            documentsOf(R"({"messages":[{"role":"user","content":null}]})"), {"line 1", "messages/0/content is null"});
        refuses(documentsOf(R"({"messages":[{"role":"narrator","content":"a"}]})"),
            {"line 1", "messages/0/role", "narrator"});
        refuses(documentsOf(R"({"messages":["a"]})"), {"line 1", "messages/0 is no turn"});
        refuses(documentsOf(R"({"messages":"a"})"), {"line 1", "no list of turns"});
        refuses(documentsOf(R"({"messages":[{"role":"user","content":[{"type":"image","url":"x"}]}]})"),
            {"line 1", "image"});
        QCOMPARE(documentsOf(R"({"messages":[{"role":"user","content":[{"type":"text","text":"p"}]},)"
                             R"({"role":"assistant","content":"4"}]})"),
            talk("p", "4"));
        QVERIFY(!documentsOf(R"({"messages":[{"role":"assistant","content":null,"tool_calls":[{"name":"f"}]}]})")
                     .starts_with('!'));
    }
    void weightsAndTools_ofRowsAndTurns_areKept() {
        const std::string tools = R"([{"type":"function","function":{"name":"f"}}])";
        QCOMPARE(documentsOf(R"({"prompt":"p","answer":"a","tools":)" + tools + "}"),
            talk("p", "a").substr(0, talk("p", "a").size() - 1) + " tools " + tools + "\n");
        QCOMPARE(documentsOf(jsonText({{"prompt", "p"}, {"answer", "a"}, {"tools", tools}})),
            documentsOf(R"({"prompt":"p","answer":"a","tools":)" + tools + "}"));
        refuses(documentsOf(R"({"prompt":"p","answer":"a","tools":"f"})"), {"line 1", "tools"});
        refuses(documentsOf(R"({"prompt":"p","answer":"a","tools":{"f":1}})"), {"line 1", "no list of tools"});
        for (const char* row : {R"({"messages":[{"role":"assistant","content":"a","weight":0}]})",
                 R"({"messages":[{"role":"assistant","content":"a","train":false}]})",
                 R"({"weight":0,"messages":[{"role":"assistant","content":"a"}]})"})
            QCOMPARE(documentsOf(row), std::string(R"([{"role":"assistant","content":"a","weight":0}])") + "\n");
        refuses(documentsOf(R"({"messages":[{"role":"assistant","content":"a","weight":0.5}]})"),
            {"line 1", "weight is 0.5"});
        refuses(documentsOf(R"({"weight":2,"prompt":"p","answer":"a"})"), {"line 1", "weight is 2"});
    }
    void items_withNumbers_keepThemAsTexts() {
        QCOMPARE(
            itemsOf(R"({"id":17,"task":3,"prompt":"p","choices":[3,4],"answer":1})"), std::string("17|3|p|3,4,|1|1\n"));
        QCOMPARE(itemsOf(R"({"prompt":"p","choices":[3,4],"answer":4})"), std::string("1|task|p|3,4,|4|1\n"));
        QCOMPARE(itemsOf(R"({"prompt":"p","choices":[0.50,1.5],"answer":"1.5"})"),
            std::string("1|task|p|0.50,1.5,|1.5|1\n"));
        QCOMPARE(itemsOf(R"({"prompt":"p","choices":["1","2"],"answer":1})"), std::string("1|task|p|1,2,|1|1\n"));
        QCOMPARE(itemsOf(R"({"prompt":"p","choices":[1,2],"answer":"1"})"), std::string("1|task|p|1,2,|1|0\n"));
        QCOMPARE(itemsOf(R"({"prompt":"p","choices":[0,1],"answer":1})"), std::string("1|task|p|0,1,|1|1\n"));
        QCOMPARE(itemsOf(R"({"prompt":"p","choices":[true,false],"answer":false})"),
            std::string("1|task|p|true,false,|false|1\n"));
        QCOMPARE(itemsOf(R"({"prompt":2.50,"answer":4})"), std::string("1|task|2.50||4|-1\n"));
        refuses(itemsOf(R"({"prompt":"p","choices":[1,2],"answer":1})"), {"line 1", "index of choice 2", "value"});
        refuses(itemsOf(R"({"prompt":"p","choices":["a","b"],"answer":"B"})"), {"line 1", "none of its choices"});
        refuses(itemsOf(R"({"prompt":"p","choices":["a","b"],"answer":2})"), {"line 1", "none of its choices"});
        refuses(itemsOf(R"({"prompt":"p","choices":["a","b"],"answer":-1})"), {"line 1", "none of its choices"});
        refuses(itemsOf(R"({"prompt":"p","choices":["a",null],"answer":0})"), {"line 1", "choices/1 is null"});
        refuses(itemsOf(R"({"prompt":"p","choices":"ab","answer":0})"), {"line 1", "no list of choices"});
        refuses(itemsOf(R"({"prompt":"p"})"), {"line 1", "no answer"});
        refuses(itemsOf(R"({"prompt":"p","answer":["a"]})"), {"line 1", "answer is a list"});
        refuses(itemsOf(R"({"answer":"a"})"), {"line 1", "neither prompt nor messages"});
        refuses(itemsOf(R"({"id":{},"prompt":"p","answer":"a"})"), {"line 1", "id is an object"});
        refuses(itemsOf("prose"), {"plain text"});
    }
    void items_twiceWithOneId_areRefused() {
        const std::string row = R"({"id":7,"prompt":"p","answer":"a"})";
        refuses(itemsOf(row + "\n" + R"({"id":"7","prompt":"q","answer":"a"})"), {"line 2", "\"7\"", "line 1"});
        QVERIFY(!itemsOf(row + "\n" + R"({"id":7,"task":"other","prompt":"q","answer":"a"})").starts_with('!'));
    }
    void items_inAnyForm_areTheSame() {
        const std::string row = R"({"id":"é","prompt":"p","answer":"a"})", want = itemsOf(row);
        QCOMPARE(want, std::string("é|task|p||a|-1\n"));
        for (const std::string& form : {"\xEF\xBB\xBF" + row, row + "\r\n", encoded(row, 2, true, true),
                 "[" + row + "]", encoded(row, 4, false, true), gzipped(row), zstded(row)})
            QCOMPARE(itemsOf(form), want);
        QCOMPARE(itemsOf(R"({"question":"p","options":["a","b"],"target":"b"})"), std::string("1|task|p|a,b,|b|1\n"));
        QCOMPARE(itemsOf(R"({"q":"p","k":"x","a":"b"})", "prompt=q answer=a id=k"), std::string("x|task|p||b|-1\n"));
        QCOMPARE(itemsOf(R"({"question":"p","answer":"3 + 4 = 7\n#### 7"})"), std::string("1|task|p||7|-1\n"));
    }
    void textFiles_ofAnyEncoding_areTheSameText() {
        const std::string text = "one\n\ntwo é\n";
        for (const std::string& form : {text, "\xEF\xBB\xBF" + text, std::string("one\r\n\r\ntwo é\r\n"),
                 encoded(text, 2, false, true), gzipped(text)})
            QCOMPARE(*readTextFile(write("text.txt", form)), text);
        QVERIFY(!readTextFile(m_dir.filePath("none").toStdString()));
        QVERIFY(!readTextFile(m_dir.path().toStdString()));
    }
    void numbers_inAnswers_keepTheirSigns_data() {
        QTest::addColumn<QString>("said");
        QTest::addColumn<double>("number");
        const std::pair<const char*, double> cases[] = {{"=-3", -3}, {"\n-3", -3}, {"(-3)", -3}, {"$-3$", -3},
            {"**-3**", -3}, {"-$3", -3}, {"\\boxed{-3}", -3}, {"x = −3", -3}, {"：-3", -3}, {"≈-3", -3}, {"a: -3.", -3},
            {"5-3", 3}, {"5−3", 3}, {"x-3", 3}, {"(2)-3", 3}, {"- 3", 3}, {"--3", 3}, {"COVID-19", 19}, {".5", 0.5},
            {"≈.5", 0.5}, {"-.5", -0.5}, {"No.5", 5}, {"1e3", 1000}, {"1.5E-2", 0.015}, {"2e−1", 0.2}, {"3 euros", 3},
            {"1,000", 1000}, {"1,234,567.5", 1234567.5}, {"1, 2", 2}, {"1,2", 2}, {"about 3.", 3}, {"3 4\u00a0", 4},
            {"+7", 7}, {"$1,000", 1000}, {"7th", 7}};
        for (const auto& [said, number] : cases) QTest::newRow(said) << QString::fromUtf8(said) << number;
    }
    void numbers_inAnswers_keepTheirSigns() {
        QFETCH(QString, said);
        QFETCH(double, number);
        const auto found = lastNumber(said.toStdString());
        QVERIFY(found);
        QCOMPARE(*found, number);
    }
    void answers_areComparedAsNumbers_whereTheRightOneIsOne() {
        QVERIFY(isRightAnswer("=-3", "-3") && !isRightAnswer("=-3", "3"));
        QVERIFY(isRightAnswer(".5", "0.5") && isRightAnswer("it is 1e3", "1000") && isRightAnswer("1,000", "$1000"));
        QVERIFY(isRightAnswer("−3", "-3") && isRightAnswer("it is 3", "3.") && isRightAnswer("3", " 3 "));
        QVERIFY(
            !isRightAnswer("no number", "3") && isRightAnswer("Paris!", "paris") && !isRightAnswer("3", "3 apples"));
        QVERIFY(!wholeNumber("1, 2") && !wholeNumber("") && !wholeNumber("5-3") && wholeNumber("-1,000.5") == -1000.5);
    }
};

QTEST_GUILESS_MAIN(tst_Lines)
#include "tst_lines.moc"
