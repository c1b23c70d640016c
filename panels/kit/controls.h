// Small parts every panel is made of: labelled choices, captions, key-value rows.
#pragma once

#include <QComboBox>
#include <QFormLayout>
#include <QLabel>

class QToolButton;

namespace dubito::kit {

/// "read-out raw, unadjusted v": a combo box with its label inside the frame. `values` hold data per item.
class LabelledChoice : public QWidget {
    Q_OBJECT
public:
    LabelledChoice(const QString& label, QWidget* parent = nullptr);
    QComboBox* box() const { return m_box; }

protected:
    void mousePressEvent(QMouseEvent* event) override;  ///< the label opens the list too

private:
    QComboBox* m_box;
};

/// Never asks for room: elided where it does not fit, whole in the tool tip.
class ElidedLabel : public QLabel {
    Q_OBJECT
public:
    explicit ElidedLabel(const QString& text = {}, QWidget* parent = nullptr) : QLabel(text, parent) {
        setTextFormat(Qt::PlainText);
    }
    QSize minimumSizeHint() const override { return {24, QLabel::minimumSizeHint().height()}; }
    void setMore(const QString& more) { m_more = more; }  ///< told below the text that does not fit

protected:
    void paintEvent(QPaintEvent*) override;

private:
    QString m_more;
};

/// The wheel scrolls the page over a value that has no focus, and changes one that has. `target`: one editor, or the
/// application, for all its boxes, number fields and sliders that are there and that will be.
void guardWheel(QObject* target);

/// The words of a menu or a button without the sign for its key: "Open (&O)…" and "&Open…" are "Open…".
QString withoutMnemonic(QString text);
/// Text of a person, a plugin or a file as a tool tip: never read as mark-up.
QString plainToolTip(const QString& text);
/// For labels that wrap: a word that is too long for any line may be broken. Not for text that is copied.
QString breakable(const QString& text);

QLabel* caption(const QString& text);    ///< section caption: 11 px, upper case, faint
QLabel* mono(const QString& text = {});  ///< value in the mono font, selectable
/// A word that can be pressed: title rows, tabs' corner, status bar. 22 high, without a frame.
QToolButton* wordButton(const QString& text);
/// `more` is told when the pointer rests on it; plain text.
QWidget* keyValueRow(const QString& key, QLabel* value, const QString& more = {});

/// "12.4 k", "1,571", "0.0123": short for axes and cells; exact numbers are in the data table.
QString shortNumber(double value);
QString durationText(qint64 us);

}  // namespace dubito::kit
