// The run table: filter, sort, select; the selection every panel follows starts here.
#pragma once

#include <QHash>
#include <QTableView>

#include "kit/controls.h"
#include "kit/panel.h"
#include "kit/state_view.h"
#include "runs/filter_field.h"
#include "runs/runs_model.h"

class QMenu;
class QTimer;
class QToolButton;

namespace dubito::runs {

class NameDelegate;

class RunsPanel : public kit::Panel {
    Q_OBJECT
public:
    explicit RunsPanel(QWidget* parent = nullptr);
    QString title() const override { return tr("Runs"); }
    kit::DataTable dataTable() const override;
    QString showing() const override;
    QJsonObject saveLayout() const override;
    void restoreLayout(const QJsonObject& layout) override;
    void focusFilter() { m_filter->setFocus(); }
    QString filter() const { return m_filter->text(); }
    void setFilter(const QString& text) { m_filter->setText(text); }
    /// The leading run's name becomes a field in its row. @return false: its row is not here or cannot be edited
    bool editName();
    enum class CopyAs { Tsv, Markdown };
    /// The selected rows, with the columns that are shown, into the clipboard.
    void copySelected(CopyAs kind);

protected:
    void onAttached() override;
    void showEvent(QShowEvent*) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void buildTable();
    QLayout* buildTools();
    void connectTable();
    void connectFilter();
    void applyFilter();
    void sayHits();
    void fillColumns();
    void chooseAtFirst();
    void fitColumns();  ///< each by its content or as drawn, the name what they leave; where there is none, columns go
    int contentWidth(int column) const;
    bool saysAnything(int column) const;
    int leastWidth(int column, int content) const;
    bool isWanted(int column) const;
    int wantedColumns() const;
    QString idOf(int column) const;  ///< in layouts
    void restoreColumns(const QJsonObject& layout);
    void applyGroups();
    void sayHelpers();
    bool isKey(int key, Qt::KeyboardModifiers modifiers);
    void toggleCurrent();
    void selectAll();
    void goTo(int row);
    bool openCurrent(bool on);
    void goToEnd();
    void publishSelection();
    void followSelection();
    void reloadRows();
    void loadMetrics();
    void showMetrics(const QStringList& names);
    QString reducer() const;
    kit::DataTable rowsAsTable(bool onlySelected) const;

    RunsModel* m_model;
    QTableView* m_table;
    NameDelegate* m_names;
    FilterField* m_filter;
    QLabel* m_hint;  ///< below the filter: hits, or what is wrong with it
    kit::LabelledChoice *m_metric, *m_reducer, *m_group;
    QToolButton *m_columns, *m_helpers;
    QTimer* m_refit;
    kit::StateView* m_states;
    QTimer* m_reload;
    std::array<bool, RunsModel::Columns> m_isWanted{};
    QString m_wantedMetric;         ///< by a person or a layout; it may come later
    QStringList m_metrics, m_keys;  ///< of the project: metrics, and what a filter knows
    QHash<QString, int> m_drawn;    ///< widths that a person drew, by column
    bool m_isFitting = false;
    qint64 m_currentRun = 0;  ///< under the keyboard while rows are changed
    bool m_isCurrentGroup = false, m_following = false;
    bool m_isStale = false;  ///< something was committed while nobody looked
};

}  // namespace dubito::runs
