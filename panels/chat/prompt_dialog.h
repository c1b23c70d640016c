// What the model was given for an answer, special tokens and all.
#pragma once

#include <QDialog>

#include "chat/chat_data.h"

namespace dubito::chat {

/// Goes away by itself when closed.
class PromptDialog : public QDialog {
    Q_OBJECT
public:
    explicit PromptDialog(const RenderedPrompt& prompt, QWidget* parent = nullptr);
};

}  // namespace dubito::chat
