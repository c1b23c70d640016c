// The run table's filter: one line, with the names it knows offered while typing.
#pragma once

#include <QLineEdit>

class QCompleter;
class QStringListModel;

namespace dubito::runs {

class FilterField : public QLineEdit {
    Q_OBJECT
public:
    explicit FilterField(QWidget* parent = nullptr);
    void setKeys(const QStringList& keys);
    /// A red border while the filter is unfinished.
    void setWrong(bool on);

Q_SIGNALS:
    void leaveAsked();  ///< Enter, Escape or Down: on to the table

protected:
    void keyPressEvent(QKeyEvent* event) override;

private:
    void offer();
    void insert(const QString& key);
    int wordStart() const;

    QStringList m_keys;
    QStringListModel* m_offered;
    QCompleter* m_completer;
};

}  // namespace dubito::runs
