// Sentences of `cli/system_check.cpp` with their places for numbers and names.
#include "home/system_words.h"

#include <QCoreApplication>

#include "kit/said_words.h"

namespace dubito::app {
namespace {

constexpr const char* kSentences[] = {
    QT_TRANSLATE_NOOP("SystemCheck", "memory"),
    QT_TRANSLATE_NOOP("SystemCheck", "worker"),
    QT_TRANSLATE_NOOP("SystemCheck", "plugins"),
    QT_TRANSLATE_NOOP("SystemCheck", "default model"),
    QT_TRANSLATE_NOOP("SystemCheck", "disk"),
    QT_TRANSLATE_NOOP("SystemCheck", "display"),
    QT_TRANSLATE_NOOP("SystemCheck", "%1 cores, %2"),
    QT_TRANSLATE_NOOP("SystemCheck", "%1 available"),
    QT_TRANSLATE_NOOP("SystemCheck", "language models need about 2 GiB; close other programs"),
    QT_TRANSLATE_NOOP("SystemCheck", "CPU only"),
    QT_TRANSLATE_NOOP("SystemCheck", "%1 NVIDIA device"),
    QT_TRANSLATE_NOOP("SystemCheck", "%1 NVIDIA devices"),
    QT_TRANSLATE_NOOP("SystemCheck", "starts"),
    QT_TRANSLATE_NOOP("SystemCheck", "does not start"),
    QT_TRANSLATE_NOOP("SystemCheck", "run it by hand: %1"),
    QT_TRANSLATE_NOOP("SystemCheck", "%1 found, %2 refused"),
    QT_TRANSLATE_NOOP("SystemCheck", "build them, or set DUBITO_PLUGIN_PATH"),
    QT_TRANSLATE_NOOP("SystemCheck", "dubito plugins list says why"),
    QT_TRANSLATE_NOOP("SystemCheck", "loads"),
    QT_TRANSLATE_NOOP("SystemCheck", "does not load"),
    QT_TRANSLATE_NOOP("SystemCheck", "missing"),
    QT_TRANSLATE_NOOP("SystemCheck", "run packaging/setup, or name a model file of your own"),
    QT_TRANSLATE_NOOP("SystemCheck", "%1 free for runs"),
    QT_TRANSLATE_NOOP("SystemCheck", "less than 2 GiB: runs may be refused"),
    QT_TRANSLATE_NOOP("SystemCheck", "none"),
    QT_TRANSLATE_NOOP("SystemCheck", "the desktop needs one; the command line does not"),
};

}  // namespace

QString systemWords(const std::string& text) {
    return kit::saidWords("SystemCheck", kSentences, QString::fromStdString(text));
}

}  // namespace dubito::app
