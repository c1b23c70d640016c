// The table of who may include whom, as data; a breach is printed as file:line: rule.
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QTest>

#include <algorithm>
#include <map>
#include <set>

namespace {

// Room -> rooms of ours it may include. Rooms are folder prefixes; the longest one that fits a file is its room. Every
// file may include its neighbours; a plugin or panel of its own folder needs no line here.
const std::map<QString, QStringList> kMay = {
    {"engine/base", {"base"}},
    {"engine/tensor", {"base", "tensor"}},
    {"engine/stats", {"base", "tensor", "stats"}},
    {"engine/journal", {"base", "tensor", "journal"}},
    {"engine/store", {"base", "tensor", "store", "journal/record.h", "journal/array_block.h", "journal/blob_files.h"}},
    {"engine/run", {"base", "tensor", "journal", "store", "run"}},
    {"engine/host", {"base", "tensor", "journal", "stats", "host", "dubito", "run/run_spec.h", "run/param_schema.h",
                        "run/plugin_description.h", "run/job_dir.h", "run/control.h", "run/checkpoint.h",
                        "run/run_state.h", "run/input_cache.h"}},
    {"engine/cli", {"base", "tensor", "journal", "store", "run", "host", "stats", "cli"}},
    {"engine/compute", {"base", "tensor", "stats", "lm", "nn", "torch_bridge.h", "device.h", "device_load.h"}},
    {"plugins/sdk", {}},
    {"plugins/template", {"dubito"}},
    {"plugins",
        {"dubito", "base", "tensor", "stats", "lm", "nn", "learning", "torch_bridge.h", "device.h", "device_load.h"}},
    {"panels/kit",
        {"kit", "base", "stats", "store/queries.h", "store/series_codec.h", "store/reader_pool.h", "run/run_state.h"}},
    {"panels", {"kit", "base", "stats", "store/queries.h", "store/evaluations.h", "store/conversations.h",
                   "store/filter.h", "store/remaining.h", "run/run_state.h", "journal/array_block.h"}},
};
// Headers that may appear in the named places only: files, or folders with all below them.
const std::map<QString, QStringList> kOnlyIn = {
    {"sqlite3.h", {"engine/store/database.cpp"}},
    {"nlohmann/json.hpp", {"engine/base/json.h"}},
    {"spdlog/", {"engine/base/log.cpp"}},
    {"qcustomplot.h", {"panels/kit/plot_view.cpp", "panels/kit/plot_drawing.cpp"}},
    {"CLI/", {"engine/cli/commands.h"}},
    {"ATen/", {"engine/compute/", "plugins/"}},
    {"torch/", {"engine/compute/", "plugins/"}},
    {"c10/", {"engine/compute/", "plugins/"}},
    {"openssl/evp.h", {"engine/base/hash.cpp", "engine/store/edits.cpp"}},
};

bool isAmong(const QString& file, const QStringList& places) {
    return std::any_of(places.begin(), places.end(),
        [&](const QString& place) { return place.endsWith('/') ? file.startsWith(place) : file == place; });
}

/// Neighbours are written without a folder, or in panels/ with the folder's own name ("curves/smoothing.h").
bool isNeighbour(const QString& file, const QString& name) {
    const QString folder = file.section('/', 0, -2);
    if (QFile::exists(QString(DUBITO_SOURCE) + "/" + folder + "/" + name)) return !name.contains('/');
    return file.startsWith("panels/") && name.section('/', 0, -2) == folder.section('/', 1) &&
           QFile::exists(QString(DUBITO_SOURCE) + "/panels/" + name);
}

bool mayInclude(const QString& file, const QString& room, const QString& name) {
    const QStringList& may = kMay.at(room);
    // panels/lm and engine/compute/lm share a name: what is no neighbour is the engine's.
    if (isNeighbour(file, name)) return true;
    return may.contains(name.section('/', 0, 0)) || may.contains(name);
}

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
                            !isAmong(relative, places))
                            breaches << where + "rule 3: " + name + " belongs in " + places.join(", ");
                    const bool isQt = QRegularExpression("^Q[A-Z]|^Qt").match(name).hasMatch();
                    if (isQt && (relative.startsWith("engine/") || relative.startsWith("plugins/")))
                        breaches << where + "rule 1: no Qt here: " + name;
                    if (match.captured(1) == "\"" && !room.isEmpty()) {
                        if (!mayInclude(relative, room, name))
                            breaches << where + "rule 2: " + room + " may not include " + name;
                    }
                }
            }
        }
        QVERIFY(files > 100);
        QVERIFY2(breaches.isEmpty(), qPrintable(breaches.join("\n")));
    }
    void libTorch_headersOfOurs_hideItButThoseOfLearning() {
        // Who includes a header of ours outside these folders compiles without LibTorch, and sources include it
        // narrowly: the whole of it costs seconds each.
        const QRegularExpression narrow("^\\s*#\\s*include\\s*[<\"]((ATen|torch|c10)/[^>\"]+)");
        const QStringList whole{"torch/torch.h", "torch/all.h", "torch/nn.h", "torch/optim.h", "ATen/ATen.h",
            "ATen/Functions.h", "torch/extension.h"};
        const QStringList learning{"engine/compute/nn/", "engine/compute/lm/torch/", "plugins/"};
        QStringList breaches;
        for (const char* top : {"engine", "plugins"}) {
            QDirIterator it(
                QString(DUBITO_SOURCE) + "/" + top, {"*.h", "*.cpp"}, QDir::Files, QDirIterator::Subdirectories);
            while (it.hasNext()) {
                QFile file(it.next());
                QVERIFY(file.open(QIODevice::ReadOnly));
                const QString relative = file.fileName().mid(QString(DUBITO_SOURCE).size() + 1);
                for (const QByteArray& line : file.readAll().split('\n')) {
                    const auto match = narrow.match(QString::fromUtf8(line));
                    if (!match.hasMatch()) continue;
                    if (whole.contains(match.captured(1))) breaches << relative + ": " + match.captured(1);
                    if (relative.endsWith(".h") && !isAmong(relative, learning))
                        breaches << relative + " shows LibTorch: " + match.captured(1);
                }
            }
        }
        QVERIFY2(breaches.isEmpty(), qPrintable(breaches.join("\n")));
    }
    void desktop_everyFile_namesNoPlugin() {
        // Plugins are found by their roles; a workspace file may name them.
        QStringList found;
        for (const char* top : {"panels", "app"}) {
            QDirIterator it(
                QString(DUBITO_SOURCE) + "/" + top, {"*.h", "*.cpp"}, QDir::Files, QDirIterator::Subdirectories);
            while (it.hasNext()) {
                QFile file(it.next());
                QVERIFY(file.open(QIODevice::ReadOnly));
                if (file.readAll().contains("org.dubito.")) found << file.fileName();
            }
        }
        QVERIFY2(found.isEmpty(), qPrintable(found.join("\n")));
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
