// The conversations of a project in their folders, and a search in all that was said.
#pragma once

#include <QLineEdit>
#include <QPushButton>
#include <QTimer>
#include <QTreeWidget>

#include "kit/panel_context.h"
#include "store/conversations.h"

namespace dubito::chat {

/// What a conversation is called: its name, or what was said first where nobody named it.
QString titleOf(const store::ConversationRow& row);

class ChatList : public QWidget {
    Q_OBJECT
public:
    explicit ChatList(QWidget* parent = nullptr);
    void attach(const kit::PanelContext& context) { m_context = context; }
    void setRows(std::vector<store::ConversationRow> rows, qint64 current);
    void setPlugins(std::vector<std::string> ids) { m_plugins = std::move(ids); }
    void begin();  ///< the cursor in the field of the search, empty
    qint64 selectedRun() const;

Q_SIGNALS:
    void openAsked(qint64 runNo, int turn);  ///< -1: where it ended
    void besideAsked(qint64 runNo);
    /// An action of the shell on the selected conversation.
    void actionAsked(qint64 runNo, const QString& action);
    void closeAsked();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void build();  ///< the tree anew
    void search();
    void showFound(const std::vector<store::SaidRow>& found);
    QTreeWidgetItem* addRow(QTreeWidgetItem* parent, const store::ConversationRow& row);
    void open();
    void act(const char* action);
    void refreshButtons();
    void showMenu(const QPoint& at);
    kit::PanelContext m_context;
    std::vector<std::string> m_plugins;
    std::vector<store::ConversationRow> m_rows;
    qint64 m_current = 0;
    QLineEdit* m_field;
    QTreeWidget* m_tree;
    QPushButton *m_open, *m_beside, *m_rename, *m_folder, *m_star, *m_delete;
    QTimer* m_soon;
    int m_generation = 0;
};

}  // namespace dubito::chat
