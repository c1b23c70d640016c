// What the layers thought of an answer that is stored: read again, token for token, with all the read-outs.
#pragma once

#include <QtGlobal>

#include "kit/panel_context.h"

namespace dubito::app {

class Application;

/// Inspects the answer `turn` of a chat in a live session, and brings up the inspector beside the chat with the column
/// of `token` chosen. An answer that was inspected before is shown, not inspected again.
void inspectAnswer(Application& application, qint64 runNo, int turn, int token);

/// The same of an item that a fine-tune was measured on, with the model as it was at a checkpoint.
/// @param checkpoint its folder  @param runNo the fine-tune
void inspectItem(
    Application& application, qint64 runNo, const QString& checkpoint, const kit::PanelContext::HeldItem& item);

}  // namespace dubito::app
