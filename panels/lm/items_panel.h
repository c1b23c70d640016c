// Held-out items of a fine-tune: the worst, the best and the most changed at a checkpoint, each one click from the
// layers.
#pragma once

#include <QTableWidget>
#include <QTimer>

#include "kit/controls.h"
#include "kit/panel.h"
#include "kit/state_view.h"
#include "lm/held_data.h"

namespace dubito::lmview {

class ItemsPanel : public kit::Panel {
    Q_OBJECT
public:
    explicit ItemsPanel(QWidget* parent = nullptr);
    QString title() const override { return tr("Items"); }
    QString showing() const override;
    kit::DataTable dataTable() const override;

protected:
    void onAttached() override;
    void showEvent(QShowEvent*) override { follow(); }

private:
    void follow();
    void load();
    void refresh();
    void fillSteps();
    void fillTable();
    void inspect(int row);
    QString set() const { return m_set->box()->currentData().toString(); }
    qint64 step() const;

    kit::LabelledChoice *m_order, *m_set, *m_step;
    QTableWidget* m_table;
    QLabel* m_note;
    kit::StateView* m_states;
    QTimer* m_reload;
    HeldRun m_data;
    QVector<HeldLine> m_lines;
    qint64 m_run = 0;
    int m_generation = 0;
};

}  // namespace dubito::lmview
