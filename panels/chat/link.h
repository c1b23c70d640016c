// A word in the accent colour that can be pressed.
#pragma once

#include <QPushButton>

namespace dubito::chat {

inline QPushButton* link(const QString& text) {
    auto* out = new QPushButton(text);
    out->setProperty("role", "link");
    out->setCursor(Qt::PointingHandCursor);
    out->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
    return out;
}

}  // namespace dubito::chat
