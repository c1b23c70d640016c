// What the layers thought of an answer that is stored: read again, token for token, with all the read-outs.
#pragma once

#include <QtGlobal>

namespace dubito::app {

class Application;

/// Inspects the answer `turn` of a chat in a live session, and brings up the inspector beside the chat with the column
/// of `token` chosen. An answer that was inspected before is shown, not inspected again.
void inspectAnswer(Application& application, qint64 runNo, int turn, int token);

}  // namespace dubito::app
