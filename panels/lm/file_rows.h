// Rows of a file as a fine-tune would take them: a worker reads and cuts them, nothing is trained.
#pragma once

#include <QObject>

#include "kit/panel_context.h"
#include "lm/row_data.h"

namespace dubito::lmview {

class FileRows : public QObject {
    Q_OBJECT
public:
    static constexpr double kAsksAbove = 0.1;  ///< share of rows without a target that is asked about
    explicit FileRows(QObject* parent) : QObject(parent) {}
    ~FileRows() override;

    void attach(const kit::PanelContext& context);  ///< forgets what it read before
    void look(const QString& path);
    void onRun(qint64 runNo);  ///< something of this run is new
    bool isOwn(qint64 runNo) const { return runNo != 0 && runNo == m_session; }
    const QString& path() const { return m_path; }
    const std::optional<DataRows>& rows() const { return m_rows; }
    const QString& problem() const { return m_problem; }  ///< why there are none; empty: none is known

Q_SIGNALS:
    void changed();

private:
    void end();
    void load();
    kit::PanelContext m_context;
    QString m_path, m_problem;
    std::optional<DataRows> m_rows;
    qint64 m_session = 0;
    int m_generation = 0;
};

}  // namespace dubito::lmview
