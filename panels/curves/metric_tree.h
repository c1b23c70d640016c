// Metrics by the parts of their names; what is chosen in it is drawn.
#pragma once

#include <QTreeWidget>

namespace dubito::curves {

class MetricTree : public QTreeWidget {
    Q_OBJECT
public:
    explicit MetricTree(QWidget* parent = nullptr);
    void setKeys(const QStringList& keys);
    bool accepts(const QString& key) const;  ///< it is chosen, or nothing is

Q_SIGNALS:
    void chosenChanged();

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    QStringList m_keys, m_chosen;  ///< chosen: whole names, or parts with a slash at the end
};

}  // namespace dubito::curves
