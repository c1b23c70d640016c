// Any record of any run: the floor for plugins that no other panel knows.
#pragma once

#include <QTableWidget>
#include <QTreeWidget>

#include "kit/panel.h"
#include "kit/state_view.h"
#include "kit/wrapped_text.h"

namespace dubito::generic {

class RecordPanel : public kit::Panel {
    Q_OBJECT
public:
    explicit RecordPanel(QWidget* parent = nullptr);
    QString title() const override { return tr("Records"); }
    kit::DataTable dataTable() const override;
    QString showing() const override;

protected:
    void onAttached() override;
    void showEvent(QShowEvent*) override { loadSeries(); }

private:
    void loadSeries();
    void loadRecords(const QString& key);
    void showRecords(const QString& key, std::vector<store::RecordRow> rows);
    void clear();
    void showRecord(const store::RecordRow& record);
    kit::StateView* m_states;
    QTreeWidget* m_series;
    QTreeWidget* m_records;
    QTableWidget* m_values;
    kit::WrappedText* m_meta;
    std::vector<store::RecordRow> m_rows;
    qint64 m_run = 0;
    QString m_key;  ///< of the series whose records are shown
};

}  // namespace dubito::generic
