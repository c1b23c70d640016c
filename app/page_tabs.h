// The pages of a workspace as one row of tabs. A name is never cut: tabs that do not fit are in "+3 ▾".
#pragma once

#include <QStringList>
#include <QVector>
#include <QWidget>

class QToolButton;

namespace dubito::app {

class PageTabs : public QWidget {
    Q_OBJECT
public:
    explicit PageTabs(QWidget* parent = nullptr);
    void setPages(const QStringList& names, int current);
    void setCurrent(int index);
    int current() const { return m_current; }
    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

Q_SIGNALS:
    void chosen(int index);

protected:
    void resizeEvent(QResizeEvent*) override { place(); }
    void changeEvent(QEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void place();
    QVector<QToolButton*> m_tabs;
    QToolButton* m_more;
    int m_current = 0;
};

}  // namespace dubito::app
