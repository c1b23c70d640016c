// The table of who may include whom, as data; a breach is printed as file:line: rule.
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QTest>

#include <map>
#include <set>

namespace {

// Room -> rooms of ours it may include. Rooms are folder prefixes; the longest one that fits a file is its room.
const std::map<QString, QStringList> kMay = {
    {"engine/base", {"base"}},
    {"engine/tensor", {"base", "tensor"}},
    {"engine/stats", {"base", "tensor", "stats"}},
    {"engine/journal", {"base", "tensor", "journal"}},
    {"engine/store", {"base", "tensor", "store", "journal/record.h", "journal/array_block.h"}},
    {"engine/run", {"base", "tensor", "journal", "store", "run"}},
    {"engine/host", {"base", "tensor", "journal", "stats", "host", "dubito", "run/run_spec.h", "run/param_schema.h",
                        "run/plugin_description.h", "run/job_dir.h", "run/control.h", "run/checkpoint.h",
                        "run/run_state.h", "run/input_cache.h"}},
    {"engine/cli", {"base", "tensor", "journal", "store", "run", "host", "stats", "cli"}},
    {"engine/compute", {"base", "tensor", "stats", "lm", "torch_bridge.h", "device.h"}},
    {"plugins/sdk", {"plugin.h", "host.h", "layout.h"}},
    {"plugins/template", {"dubito"}},
    {"plugins/tas", {"dubito", "base", "tensor", "stats", "lm", "torch_bridge.h", "inspector.h", "inspector_records.h",
                        "reference_text.h"}},
    {"panels/kit",
        {"kit", "base", "stats", "store/queries.h", "store/series_codec.h", "store/reader_pool.h", "run/run_state.h"}},
    {"panels/runs", {"runs", "kit", "base", "store/queries.h", "run/run_state.h"}},
    {"panels/curves", {"curves", "kit", "base", "store/queries.h", "run/run_state.h"}},
    {"panels/inspector", {"inspector", "kit", "base", "store/queries.h", "run/run_state.h", "journal/array_block.h"}},
    {"panels/log", {"log", "kit", "base", "store/queries.h"}},
    {"plugins/lm", {"dubito", "base", "tensor", "stats", "lm", "chat_session.h", "convert_task.h", "evaluate_task.h",
                       "pieces.h", "quant_lab_task.h", "sample_text.h", "task.h", "tokenise_task.h", "train_task.h"}},
    {"panels/chat", {"chat", "kit", "base", "store/queries.h", "run/run_state.h", "journal/array_block.h"}},
    {"panels/lm", {"lm/model_data.h", "lm/model_panel.h", "lm/training_panel.h", "kit", "base", "stats",
                      "store/queries.h", "store/evaluations.h", "run/run_state.h", "journal/array_block.h"}},
    {"panels/generic", {"generic", "kit", "base", "store/queries.h", "journal/array_block.h"}},
};
// Headers that may appear in the named places only.
const std::map<QString, QStringList> kOnlyIn = {
    {"sqlite3.h", {"engine/store/database.cpp"}},
    {"nlohmann/json.hpp", {"engine/base/json.h"}},
    {"spdlog/", {"engine/base/log.cpp"}},
    {"qcustomplot.h", {"panels/kit/plot_view.cpp"}},
    {"CLI/", {"engine/cli/commands.h"}},
    {"ATen/", {"engine/compute/torch_bridge.cpp"}},
    {"torch/", {}},
    {"c10/", {"engine/compute/torch_bridge.cpp"}},
    {"openssl/evp.h", {"engine/base/hash.cpp", "engine/store/edits.cpp"}},
};

}  // namespace

class tst_IncludeRules : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void includes_everyFile_keepsTheArrows() {
        const QString root = DUBITO_SOURCE;
        const QRegularExpression include("^\\s*#\\s*include\\s*([<\"])([^>\"]+)[>\"]");
        QStringList breaches;
        int files = 0;
        for (const char* top : {"engine", "plugins", "panels", "app"}) {
            QDirIterator it(
                root + "/" + top, {"*.h", "*.hpp", "*.cpp", "*.c"}, QDir::Files, QDirIterator::Subdirectories);
            while (it.hasNext()) {
                const QString path = it.next(), relative = path.mid(root.size() + 1);
                QString room;
                for (const auto& [prefix, may] : kMay)
                    if (relative.startsWith(prefix + "/") && prefix.size() > room.size()) room = prefix;
                QFile file(path);
                QVERIFY(file.open(QIODevice::ReadOnly));
                ++files;
                int line = 0;
                for (const QByteArray& raw : file.readAll().split('\n')) {
                    ++line;
                    const auto match = include.match(QString::fromUtf8(raw));
                    if (!match.hasMatch()) continue;
                    const QString name = match.captured(2);
                    const QString where = QString("%1:%2: ").arg(relative).arg(line);
                    for (const auto& [header, places] : kOnlyIn)
                        if ((name == header || (header.endsWith('/') && name.startsWith(header))) &&
                            !places.contains(relative))
                            breaches << where + "rule 3: " + name + " belongs in " + places.join(", ");
                    const bool isQt = QRegularExpression("^Q[A-Z]|^Qt").match(name).hasMatch();
                    if (isQt && (relative.startsWith("engine/") || relative.startsWith("plugins/")))
                        breaches << where + "rule 1: no Qt here: " + name;
                    if (match.captured(1) == "\"" && !room.isEmpty()) {
                        const QString first = name.section('/', 0, 0);
                        const QStringList& may = kMay.at(room);
                        if (!may.contains(first) && !may.contains(name))
                            breaches << where + "rule 2: " + room + " may not include " + name;
                    }
                }
            }
        }
        QVERIFY(files > 100);
        QVERIFY2(breaches.isEmpty(), qPrintable(breaches.join("\n")));
    }
    void words_everyFile_speakOfTheProjectAlone() {
        QStringList found;
        for (const char* top : {"engine", "plugins", "panels", "app", "packaging", "resources", "projects"}) {
            QDirIterator it(QString(DUBITO_SOURCE) + "/" + top, QDir::Files, QDirIterator::Subdirectories);
            while (it.hasNext()) {
                QFile file(it.next());
                if (!file.open(QIODevice::ReadOnly) || file.fileName().endsWith(".png")) continue;
                const QByteArray text = file.readAll();
                for (const char* word : {"../shared", "TODO", "FIXME"})
                    if (text.contains(word)) found << file.fileName() + ": " + word;
            }
        }
        QVERIFY2(found.isEmpty(), qPrintable(found.join("\n")));
    }
};

QTEST_GUILESS_MAIN(tst_IncludeRules)
#include "tst_include_rules.moc"
