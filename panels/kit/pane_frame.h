// A panel with its title row: name, what it shows, pin, table, export, more. Builds the panel when it is first shown.
#pragma once

#include <QJsonObject>
#include <QWidget>

#include "kit/panel_context.h"
#include "kit/panel_registry.h"

class QLabel;
class QStackedLayout;
class QTimer;
class QToolButton;

namespace dubito::kit {

class ElidedLabel;
class FlowLayout;
class Panel;
class StateView;

class PaneFrame : public QWidget {
    Q_OBJECT
public:
    /// What a pane can be asked to do now; decides which entries More has.
    struct Can {
        bool split = true, close = true, popOut = true, isPoppedOut = false;
    };
    PaneFrame(
        PanelRegistry& registry, const PanelKind& kind, const QJsonObject& settings = {}, QWidget* parent = nullptr);

    void attach(const PanelContext& shared);
    const PanelKind& kind() const { return m_kind; }
    Panel* panel() const { return m_panel; }  ///< null: not shown yet
    Panel* build();                           ///< now, if it is not there
    QJsonObject settings() const;             ///< of the panel, or those it will get
    void setTitleVisible(bool on);
    void setCan(const Can& can) { m_can = can; }
    void setFront(bool on);  ///< the name is drawn stronger in the pane that actions mean

    bool isPinned() const { return m_isPinned; }
    /// A pinned pane keeps its runs, cell and step whatever is selected elsewhere, and tells nobody what is chosen in
    /// it.
    void setPinned(bool on);
    const Selection& ownSelection() const { return *m_own; }
    /// It shows a run of its own kind while the selected one is of another.
    bool isWithOwn() const { return m_isWithOwn; }
    bool canShow() const { return m_canShow; }  ///< false: a line says what the selected run has not
    QString line() const;                       ///< that line
    void focusContent();

Q_SIGNALS:
    void built(dubito::kit::Panel* panel);
    void tableAsked();
    void exportAsked();
    void splitAsked(Qt::Orientation way);
    void popOutAsked();  ///< or back
    void closeAsked();
    void panelAsked(const QString& id);    ///< somewhere else: one that can show the run
    void replaceAsked(const QString& id);  ///< here, instead of this one
    void changed();                        ///< pinned or not; can show the run or not

protected:
    void showEvent(QShowEvent*) override;
    void resizeEvent(QResizeEvent*) override;
    void changeEvent(QEvent* event) override;

private:
    void buildTitle();
    void fillMore();
    void layOutTitle();
    void linkSelection();
    void copyFrom(const Selection& other, Selection* into);
    void check();
    bool mayYetShow(const std::string& plugin) const;
    /// Shows the panel: made in one event, told of the project in the next, shown in a third; the window answers in
    /// between.
    void present();
    void make();
    void join();  ///< the project
    void tellWhatCan(const std::vector<std::string>& keys, bool isFinal);
    void showWhat();

    PanelRegistry& m_registry;
    const PanelKind& m_kind;
    QJsonObject m_settings;
    PanelContext m_shared;
    Selection* m_own;
    Panel* m_panel = nullptr;
    Panel* m_raw = nullptr;  ///< made, and told nothing yet
    QWidget *m_title, *m_body, *m_message;
    QLabel *m_name, *m_sentence;
    ElidedLabel* m_what;
    QToolButton *m_pin, *m_table, *m_export, *m_more;
    FlowLayout* m_others;
    QStackedLayout* m_stack;
    Can m_can;
    QString m_runName;
    bool m_isPinned = false, m_canShow = true, m_isWithOwn = false;
    QTimer* m_recheck;
    int m_generation = 0;
};

}  // namespace dubito::kit
