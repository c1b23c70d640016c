// What a machine can check of the style: width, layout, the length of functions, a README in each room.
#include <QDirIterator>
#include <QFile>
#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QTest>

#include <algorithm>
#include <vector>

namespace {

constexpr int kMostColumns = 120;
constexpr int kMostLines = 70;
/// One team of threads walks all blocks here: cut into pieces it would be harder to follow. Nothing is added.
const QStringList kLongOnes{"Decoder::forwardRow"};
const QStringList kSources{"*.h", "*.hpp", "*.c", "*.cpp"};

QStringList filesOf(const QStringList& tops, const QStringList& patterns) {
    QStringList out;
    for (const QString& top : tops) {
        QDirIterator it(QString(DUBITO_SOURCE) + "/" + top, patterns, QDir::Files, QDirIterator::Subdirectories);
        while (it.hasNext()) out << it.next();
    }
    out.sort();
    return out;
}

QString relative(const QString& path) { return path.mid(QString(DUBITO_SOURCE).size() + 1); }

QString contentOf(const QString& path) {
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? QString::fromUtf8(file.readAll()) : QString();
}

/// The text with comments, literals and preprocessor lines blanked; line breaks stay.
QString codeOf(const QString& text) {
    static const QStringList kinds = {
        R"re(//[^\n]*)re",                       // comments
        R"re(/\*.*?\*/)re",                      //
        R"re(R"(\w*)\(.*?\)\g{-1}")re",          // literals
        R"re("(?:\\.|[^"\\\n])*")re",            //
        R"re('(?:\\.|[^'\\\n])+')re",            //
        R"re((?<=\n)[ \t]*#(?:\\\n|[^\n])*)re",  // preprocessor lines
    };
    static const QRegularExpression quiet(kinds.join('|'), QRegularExpression::DotMatchesEverythingOption);
    QString out;
    qsizetype at = 0;
    for (auto it = quiet.globalMatch(text); it.hasNext();) {
        const auto match = it.next();
        out += text.mid(at, match.capturedStart() - at);
        // A digit separator is no literal.
        const bool isSeparator = match.captured().startsWith('\'') && match.capturedStart() > 0 &&
                                 text[match.capturedStart() - 1].isLetterOrNumber();
        if (isSeparator) {
            out += ' ';
            at = match.capturedStart() + 1;
            it = quiet.globalMatch(text, at);
            continue;
        }
        out += QString("\n").repeated(match.captured().count('\n'));
        at = match.capturedEnd();
    }
    return out + text.mid(at);
}

struct Function {
    QString head;
    int line = 0, lines = 0;
};

/// Blocks with a parameter list that stand in a namespace or class; bodies of templates and operators included.
std::vector<Function> functionsOf(const QString& code) {
    static const QRegularExpression scope(R"(\b(namespace|class|struct|union|enum|extern)\b)");
    struct Block {
        bool isScope, isFunction;
        int line;
        QString head;
    };
    std::vector<Block> open;
    std::vector<Function> out;
    QString head;
    int line = 1;
    for (const QChar c : code) {
        if (c == '\n') ++line;
        if (c == '{') {
            const bool inScope = open.empty() || open.back().isScope;
            const bool isScope = inScope && scope.match(head.section('(', 0, 0)).hasMatch();
            open.push_back({isScope, inScope && !isScope && head.contains('('), line, head.simplified().left(100)});
            head.clear();
        } else if (c == '}') {
            if (!open.empty()) {
                const Block block = open.back();
                open.pop_back();
                if (block.isFunction) out.push_back({block.head, block.line, line - block.line + 1});
            }
            head.clear();
        } else if (c == ';') {
            head.clear();
        } else {
            head += c;
        }
    }
    return out;
}

}  // namespace

class tst_Style : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void lines_everySource_areAtMost120Columns() {
        QStringList breaches;
        QStringList patterns = kSources;
        patterns << "*.sql"
                 << "*.cmake"
                 << "CMakeLists.txt"
                 << "setup";
        const QStringList files =
            filesOf({"app", "engine", "panels", "plugins", "tests", "packaging", "resources"}, patterns);
        QVERIFY(files.size() > 300);
        for (const QString& path : files) {
            // Its text lies in every project and is compared with them: it stays as it is.
            if (path.endsWith("/schema/0001_initial.sql")) continue;
            int number = 0;
            for (const QString& line : contentOf(path).split('\n')) {
                ++number;
                const auto columns = line.toUcs4().size();
                if (columns > kMostColumns)
                    breaches << QString("%1:%2: %3 columns").arg(relative(path)).arg(number).arg(columns);
            }
        }
        QVERIFY2(breaches.isEmpty(), qPrintable(breaches.join("\n")));
    }
    void layout_everySource_isWhatTheFormatterMakes() {
        const QString formatter = QStandardPaths::findExecutable("clang-format-14");
        QVERIFY2(!formatter.isEmpty(), "clang-format-14 is not here; packaging/setup installs it");
        QProcess process;
        process.setWorkingDirectory(DUBITO_SOURCE);
        process.setProcessChannelMode(QProcess::MergedChannels);
        process.start(formatter, QStringList{"--dry-run", "-Werror", "--ferror-limit=1"} +
                                     filesOf({"app", "engine", "panels", "plugins", "tests"}, kSources));
        QVERIFY(process.waitForFinished(-1));
        QVERIFY2(process.exitCode() == 0, process.readAll().left(4000) + "\nclang-format-14 -i FILE mends it");
    }
    void functions_everySource_areAtMost70Lines() {
        QStringList breaches;
        int functions = 0;
        for (const QString& path : filesOf({"app", "engine", "panels", "plugins"}, kSources))
            for (const Function& function : functionsOf(codeOf(contentOf(path)))) {
                ++functions;
                const bool isKnown = std::any_of(kLongOnes.begin(), kLongOnes.end(),
                    [&](const QString& name) { return function.head.contains(name + "("); });
                if (function.lines > kMostLines && !isKnown)
                    breaches << QString("%1:%2: %3 lines: %4")
                                    .arg(relative(path))
                                    .arg(function.line)
                                    .arg(function.lines)
                                    .arg(function.head);
            }
        QVERIFY(functions > 1500);
        for (const QString& breach : breaches) qWarning("%s", qPrintable(breach));
        QVERIFY2(breaches.isEmpty(), qPrintable(breaches.join("\n")));
    }
    void scanner_smallText_findsItsFunctions() {
        const auto found =
            functionsOf(codeOf("namespace a {\nclass B {\n    int f() { return '{'; }  // {\n};\n"
                               "int g(int x) {\n    if (x) {\n    }\n    return 1'000;\n}\n"
                               "const char* k = R\"({(\n)\";\nB::B() : m(1) {\n}\n}\n"));
        QCOMPARE(found.size(), std::size_t{3});
        QCOMPARE(found[0].lines, 1);
        QCOMPARE(found[1].line, 5);
        QCOMPARE(found[1].lines, 5);
        QCOMPARE(found[2].lines, 2);
    }
    void rooms_each_haveAReadmeOfThreeLines() {
        QStringList breaches;
        for (const char* top : {"engine", "panels", "plugins"}) {
            const QDir folder(QString(DUBITO_SOURCE) + "/" + top);
            for (const QString& room : folder.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
                const QString path = folder.filePath(room) + "/README.md";
                if (!QFile::exists(path)) breaches << QString("%1/%2 has no README.md").arg(top, room);
            }
        }
        for (const char* room : {"app", "engine", "panels", "plugins", "tests", "packaging", "resources", "projects"})
            if (!QFile::exists(QString(DUBITO_SOURCE) + "/" + room + "/README.md"))
                breaches << QString("%1 has no README.md").arg(room);
        QVERIFY2(breaches.isEmpty(), qPrintable(breaches.join("\n")));
    }
};

QTEST_GUILESS_MAIN(tst_Style)
#include "tst_style.moc"
