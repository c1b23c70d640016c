// Sentences that rooms without a language of their own have written, in the language of the window.
#pragma once

#include <QString>
#include <span>

namespace dubito::kit {

/// The translation, in `context`, of the first of `forms` that is the whole of `said`; what stands at its places %1 and
/// %2 is taken over. `said` itself: none is.
QString saidWords(const char* context, std::span<const char* const> forms, const QString& said);

}  // namespace dubito::kit
