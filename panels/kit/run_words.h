// What a run is at, in a word or two; the same in the table, the explorer and the cards.
#pragma once

#include <QString>

#include "store/queries.h"

namespace dubito::kit {

QString causeWord(int cause);  ///< of run::Cause, translated; empty for none
/// A live session that has nothing to do: it takes no time of the machine.
bool isWaiting(const store::RunRow& run);
/// Why a run ended, as its row tells it; the program's own sentences in the language of the window.
QString endWords(const std::string& detail);
/// "42 %", "waiting" of a live session that has nothing to do, the cause of a failure; empty: the state says it all.
QString progressWord(const store::RunRow& run);
/// State and progress as one: "running 42 %", "waiting", "paused 10 %", "out of memory"; empty: it is done.
QString stateLine(const store::RunRow& run);

}  // namespace dubito::kit
