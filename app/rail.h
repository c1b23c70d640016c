// The workspaces at the window's left edge: a sign and a word each.
#pragma once

#include <QVector>
#include <QWidget>

class QMenu;

namespace dubito::app {

class RailItem;

struct RailEntry {
    QString id, title, sign;
    bool isEnabled = true;
};

class Rail : public QWidget {
    Q_OBJECT
public:
    explicit Rail(QWidget* parent = nullptr);
    /// @param rest those with neither runs nor an installed plugin: in "N more ▾", with those that the height cuts
    void setEntries(const QVector<RailEntry>& entries, const QVector<RailEntry>& rest);
    void setCurrent(const QString& id);
    QStringList shown() const;  ///< ids of what stands on the rail now, top to bottom
    QSize sizeHint() const override;

Q_SIGNALS:
    void chosen(const QString& id);

protected:
    void resizeEvent(QResizeEvent*) override { place(); }
    void paintEvent(QPaintEvent*) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void place();
    QVector<RailItem*> m_items;
    QVector<RailEntry> m_rest;
    RailItem* m_more;
    QMenu* m_menu;
    QString m_current;
};

}  // namespace dubito::app
