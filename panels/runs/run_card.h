// The card of the selected run: state, what can be done with it, last values, parameters, where it came from.
#pragma once

#include <QLabel>
#include <QWidget>

#include "kit/panel_context.h"

class QPushButton;
class QTimer;

namespace dubito::runs {

class RunCard : public QWidget {
    Q_OBJECT
public:
    explicit RunCard(const kit::PanelContext& context, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent*) override;

private:
    void load();
    void clear(const QString& sentence);  ///< nothing of the run before stays
    kit::PanelContext m_context;
    QLabel *m_title, *m_sub;
    QWidget *m_buttons, *m_rows;
    QPushButton* m_stop;
    QTimer* m_reload;
    qint64 m_shown = 0;  ///< the run whose rows stand here
    int m_generation = 0;
};

}  // namespace dubito::runs
