// The projects that were open, with what is in them now. Nothing is read on [gui].
#pragma once

#include <QDateTime>
#include <QFrame>

#include "store/explorer.h"

class QLabel;
class QTableWidget;

namespace dubito::app {

class ActionRegistry;
class Application;

class RecentCard : public QFrame {
    Q_OBJECT
public:
    RecentCard(Application& application, ActionRegistry& actions);
    /// Shows the names at once and asks a thread for the rest.
    void refresh();

    struct Found {
        bool isThere = false, isFolderThere = false;
        qint64 bytes = 0;
        QDateTime changed;
        std::optional<store::ProjectOverview> overview;
        QString problem;  ///< why it cannot be read
    };

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void fill(const QStringList& paths);
    void show(int row, const QString& path, const Found& found);
    void open(int row);
    void find(const QString& path);
    Application& m_application;
    QTableWidget* m_table;
    QLabel* m_none;
    int m_generation = 0;
    bool m_isOpening = false;
};

}  // namespace dubito::app
