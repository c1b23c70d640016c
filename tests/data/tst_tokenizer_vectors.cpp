// Opt-in (label data): every vocabulary with vectors in the folder that DUBITO_TOKENIZER_VECTORS names. Files as
// llama.cpp keeps them: ggml-vocab-NAME.gguf, .gguf.inp (strings between __ggml_vocab_test__ lines), .gguf.out (ids, no
// specials added).
#include <QTest>

#include <fstream>
#include <sstream>

#include "lm/formats/gguf.h"
#include "lm/text/tokenizer.h"

using namespace dubito;
using namespace dubito::lm;

class tst_TokenizerVectors : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void everyVector_givesTheReferenceIds() {
        const QByteArray folder = qgetenv("DUBITO_TOKENIZER_VECTORS");
        if (folder.isEmpty()) QSKIP("set DUBITO_TOKENIZER_VECTORS to a folder of vocabularies and vectors");
        int vocabularies = 0, strings = 0;
        for (const auto& entry : fs::directory_iterator(folder.toStdString())) {
            if (entry.path().extension() != ".gguf") continue;
            const std::string name = entry.path().string();
            auto file = GgufFile::open(entry.path());
            QVERIFY2(file, file ? "" : file.error().text().c_str());
            auto tokenizer = Tokenizer::load(**file);
            QVERIFY2(tokenizer, tokenizer ? name.c_str() : tokenizer.error().text().c_str());
            std::stringstream text;
            text << std::ifstream(name + ".inp", std::ios::binary).rdbuf();
            const std::string all = text.str(), mark = "\n__ggml_vocab_test__\n";
            std::ifstream out(name + ".out");
            std::string line;
            for (std::size_t at = 0; std::getline(out, line);) {
                const auto end = std::min(all.find(mark, at), all.size());
                const std::string input = all.substr(at, end - at);
                at = std::min(end + mark.size(), all.size());
                std::vector<TokenId> expected;
                std::stringstream ids(line);
                for (TokenId id; ids >> id;) expected.push_back(id);
                std::vector<TokenId> got = (*tokenizer)->encode(input).ids;
                QVERIFY2(got == expected, qPrintable(QString("%1: \"%2\"").arg(name.c_str(), input.c_str())));
                ++strings;
            }
            ++vocabularies;
        }
        qInfo("%d vocabularies, %d strings", vocabularies, strings);
        QVERIFY(vocabularies > 0 && strings >= 40 * vocabularies);
    }
};

QTEST_GUILESS_MAIN(tst_TokenizerVectors)
#include "tst_tokenizer_vectors.moc"
