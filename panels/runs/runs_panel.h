// The run table: filter, sort, select; the selection every panel follows starts here.
#pragma once

#include <QLineEdit>
#include <QTableView>

#include "kit/controls.h"
#include "kit/panel.h"
#include "kit/state_view.h"
#include "runs/runs_model.h"

namespace dubito::runs {

class RunsPanel : public kit::Panel {
    Q_OBJECT
public:
    explicit RunsPanel(QWidget* parent = nullptr);
    QString title() const override { return tr("Runs"); }
    kit::DataTable dataTable() const override;
    QString showing() const override;
    void focusFilter() { m_filter->setFocus(); }
    QString filter() const { return m_filter->text(); }
    void setFilter(const QString& text) { m_filter->setText(text); }

protected:
    void onAttached() override;
    void showEvent(QShowEvent*) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void buildTable();
    QLayout* buildTools();
    void connectTable();
    void fitColumns();  ///< the name keeps its room; where there is none, columns go
    void publishSelection();
    void followSelection();
    void reloadRows();
    void loadMetrics();

    RunsModel* m_model;
    QTableView* m_table;
    QLineEdit* m_filter;
    kit::LabelledChoice *m_metric, *m_reducer;
    kit::StateView* m_states;
    bool m_following = false;
    bool m_isStale = false;  ///< something was committed while nobody looked
};

}  // namespace dubito::runs
