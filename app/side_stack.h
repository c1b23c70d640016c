// Cards of which one is shown, as high as that one: a stack of Qt's asks for the room of its highest page.
#pragma once

#include <QStackedWidget>

namespace dubito::app {

class SideStack : public QStackedWidget {
    Q_OBJECT
public:
    SideStack() {
        connect(this, &QStackedWidget::currentChanged, this, [this] { updateGeometry(); });
    }
    QSize sizeHint() const override {
        return currentWidget() ? currentWidget()->sizeHint() : QStackedWidget::sizeHint();
    }
    QSize minimumSizeHint() const override { return currentWidget() ? currentWidget()->minimumSizeHint() : QSize(); }
    bool hasHeightForWidth() const override { return currentWidget() && currentWidget()->hasHeightForWidth(); }
    int heightForWidth(int width) const override {
        return currentWidget() ? currentWidget()->heightForWidth(width) : -1;
    }
};

}  // namespace dubito::app
