// Log lines of the selected runs.
#pragma once

#include <QHash>
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
    struct Lines {
        std::vector<store::LogRow> rows;
        QHash<qint64, QString> names;  ///< of the runs that they are of
    };
    static Result<Lines> query(
        store::Database& db, const std::vector<std::int64_t>& runs, int level, const std::string& text);
    void show(Lines lines);
    QString lineOf(const store::LogRow& row, bool hasName) const;
    kit::StateView* m_states;
    QPlainTextEdit* m_text;
    QLineEdit* m_filter;
    kit::LabelledChoice* m_level;
    std::vector<store::LogRow> m_rows;
    QHash<qint64, QString> m_names;
    int m_generation = 0;
};

}  // namespace dubito::log
