// Words of a person or a file: plain, selectable, as high as they are, and never wider than their room.
#pragma once

#include <QTextEdit>

namespace dubito::kit {

/// Reads like a label. A word that is wider than the room is broken, so a path or a link asks for no width.
class WrappedText : public QTextEdit {
    Q_OBJECT
public:
    explicit WrappedText(QWidget* parent = nullptr);
    void setWords(const QString& text);  ///< costs nothing when it is what stands there
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {24, 0}; }

protected:
    void wheelEvent(QWheelEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void fitHeight();
};

}  // namespace dubito::kit
