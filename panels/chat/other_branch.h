// The version of an answer that is not shown, kept in sight below the one that is.
#pragma once

#include <QLabel>
#include <QPushButton>
#include <QWidget>

namespace dubito::chat {

class OtherBranch : public QWidget {
    Q_OBJECT
public:
    explicit OtherBranch(QWidget* parent = nullptr);
    /// @param from the token at which it leaves the shown one; empty: it is another answer as a whole
    void show(int turn, int place, int of, const QString& from, const QString& text);
    int turn() const { return m_turn; }

Q_SIGNALS:
    void goAsked(int turn);
    void besideAsked(int turn);

protected:
    void paintEvent(QPaintEvent*) override;

private:
    QLabel *m_where, *m_text;
    QPushButton *m_go, *m_beside;
    int m_turn = -1;
};

}  // namespace dubito::chat
