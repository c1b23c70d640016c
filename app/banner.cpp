// Colour never speaks alone: a bad one begins with a word.
#include "banner.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>

#include "action_registry.h"
#include "kit/colours.h"
#include "kit/controls.h"

namespace dubito::app {

Banner::Banner(ActionRegistry& actions) : m_actions(actions), m_text(new QLabel), m_buttons(new QHBoxLayout) {
    setObjectName(QStringLiteral("banner"));
    setAccessibleName(tr("State of the project"));
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(12, 6, 12, 6);
    row->setSpacing(8);
    row->addWidget(m_text, 1);
    row->addLayout(m_buttons);
    hide();
}

void Banner::show(const BannerText& wanted) {
    if (wanted == m_shown) return;
    m_shown = wanted;
    while (QLayoutItem* item = m_buttons->takeAt(0)) {
        item->widget()->hide();  // it may be the one that is pressed at the moment
        item->widget()->deleteLater();
        delete item;
    }
    // A path has no place to break at otherwise.
    m_text->setText(kit::breakable(wanted.text));
    for (const QString& id : wanted.actions) {
        const QAction* action = m_actions.action(id);
        if (!action) continue;
        auto* button = new QPushButton(m_actions.titleOf(id));
        button->setObjectName(id);
        connect(button, &QPushButton::clicked, this, [this, id] { m_actions.trigger(id); });
        m_buttons->addWidget(button);
    }
    if (wanted.mayHide) {
        auto* hide = new QPushButton(tr("Hide"));
        hide->setAccessibleName(tr("Hide this line"));
        connect(hide, &QPushButton::clicked, this, &Banner::hidden);
        m_buttons->addWidget(hide);
    }
    colour();
    setVisible(!wanted.text.isEmpty());
}

void Banner::colour() {
    const kit::Palette& c = kit::palette();
    const QColor back = m_shown.isBad ? c.bad : c.accentBg;
    const QString sheet = QStringLiteral(
        "QFrame#banner { background: %1; border-bottom: 1px solid %2; } QFrame#banner > QLabel "
        "{ color: %3; background: transparent; }")
                              .arg(back.name(), c.line.name(), (m_shown.isBad ? kit::textOn(back) : c.text).name());
    // A new sheet is a change of palette, which asks for the colours again.
    if (sheet != styleSheet()) setStyleSheet(sheet);
}

void Banner::changeEvent(QEvent* event) {
    QFrame::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && isVisible()) colour();
}

}  // namespace dubito::app
