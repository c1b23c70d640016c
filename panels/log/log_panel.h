// Log lines of the selected runs.
#pragma once

#include <QLineEdit>
#include <QPlainTextEdit>
#include <QTimer>

#include "kit/controls.h"
#include "kit/panel.h"
#include "kit/state_view.h"

namespace dubito::log {

class LogPanel : public kit::Panel {
    Q_OBJECT
public:
    explicit LogPanel(QWidget* parent = nullptr);
    QString title() const override { return tr("Log"); }
    kit::DataTable dataTable() const override;
    QString showing() const override;

protected:
    void onAttached() override;
    void showEvent(QShowEvent*) override { load(); }

private:
    void load();
    void show(std::vector<store::LogRow> rows);
    kit::StateView* m_states;
    QPlainTextEdit* m_text;
    QLineEdit* m_filter;
    kit::LabelledChoice* m_level;
    std::vector<store::LogRow> m_rows;
    int m_generation = 0;
};

}  // namespace dubito::log
