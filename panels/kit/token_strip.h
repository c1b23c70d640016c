// Text as token chips: shaded by doubt, selectable by mouse and arrow keys, never dropping a leading space.
#pragma once

#include <QVector>
#include <QWidget>

#include "kit/parts.h"

class QPainter;

namespace dubito::kit {

/// What training does with a token.
enum class TokenMask { None, Read, Learned, Cut };

struct TokenChip {
    QString text;            ///< as it is; a leading space becomes a gap, a newline a sign
    double probability = 1;  ///< NaN: unknown
    bool isPrompt = false, isSpecial = false;
    TokenMask mask = TokenMask::None;  ///< none: shaded by probability
};

class TokenStrip : public QWidget, public Parts {
    Q_OBJECT
public:
    explicit TokenStrip(QWidget* parent = nullptr);
    void setTokens(const QVector<TokenChip>& tokens);
    void setCurrent(int index);
    /// A thin line where a token ends: for looking at cuts.
    void setEdges(bool on) { m_edges = on; }
    QRect currentBox() const { return hasCurrent() ? m_boxes[m_current].toAlignedRect() : QRect(); }
    /// Parts the lines under the current token's: for what is said of it. 0: they stay together.
    void setRoomBelowCurrent(int height);
    QRect roomBelowCurrent() const;  ///< empty: none
    static int lineHeight();
    int partCount() const override { return static_cast<int>(m_tokens.size()); }
    QString partName(int at) const override;
    QString partSaid(int at) const override { return tipOf(at); }
    QRect partBox(int at) const override;
    int currentPart() const override { return m_current; }
    QString partDeed(int at) const override;
    QString partsName() const override;
    void goToPart(int at) override { pressPart(at); }
    void pressPart(int at) override { Q_EMIT tokenClicked(at); }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override;
    QSize sizeHint() const override { return {400, heightForWidth(400)}; }

Q_SIGNALS:
    void tokenClicked(int index);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent*) override { layoutChips(width()); }
    bool event(QEvent* event) override;

private:
    static constexpr int kEmptyHeight = 24;
    int layoutChips(int width) const;
    bool hasCurrent() const { return m_current >= 0 && m_current < m_boxes.size(); }
    QRectF boxOf(qsizetype index) const;  ///< with the room above it
    QString tipOf(int index) const;
    int indexAt(const QPointF& at) const;
    QVector<TokenChip> m_tokens;
    mutable QVector<QRectF> m_boxes;     ///< laid for m_laidWidth
    mutable QVector<double> m_advances;  ///< of each token's text
    mutable int m_laidWidth = -1, m_laidHeight = kEmptyHeight, m_lastWord = 0;
    int m_current = -1, m_room = 0;
    bool m_edges = false;
};

/// Ground of a token by what training does with it; leaves the painter's pen as its text has it.
void paintMask(QPainter& painter, TokenMask mask, const QRectF& box);

/// A word drawn as tokens of that mask are: for legends.
class MaskWord : public QWidget {
    Q_OBJECT
public:
    MaskWord(const QString& text, TokenMask mask, QWidget* parent = nullptr);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent*) override;

private:
    QString m_text;
    TokenMask m_mask;
};

/// A token as one readable word: newline and space as signs, control characters as U+FFFD.
QString tokenSign(const QString& text);

}  // namespace dubito::kit
