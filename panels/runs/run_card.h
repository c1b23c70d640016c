// The card of the selected run: state, what can be done with it, last values, parameters, where it came from.
#pragma once

#include <QLabel>
#include <QWidget>

#include "kit/panel_context.h"

class QTimer;

namespace dubito::runs {

class RunCard : public QWidget {
    Q_OBJECT
public:
    explicit RunCard(const kit::PanelContext& context, QWidget* parent = nullptr);

private:
    void load();
    kit::PanelContext m_context;
    QLabel *m_title, *m_sub;
    QWidget *m_buttons, *m_rows;
    QTimer* m_reload;
    int m_generation = 0;
};

}  // namespace dubito::runs
