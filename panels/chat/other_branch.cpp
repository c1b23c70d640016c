// Text of the other version is cut short: it is read by going there.
#include "chat/other_branch.h"

#include <QPainter>
#include <QVBoxLayout>

#include "chat/link.h"
#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/flow_layout.h"
#include "kit/token_strip.h"

namespace dubito::chat {

OtherBranch::OtherBranch(QWidget* parent)
    : QWidget(parent), m_where(new QLabel), m_text(new QLabel), m_go(link(tr("Go there"))),
      m_beside(link(tr("Beside this one"))) {
    m_where->setProperty("role", "sub");
    m_where->setTextFormat(Qt::PlainText);
    m_text->setProperty("role", "sub");
    m_text->setTextFormat(Qt::PlainText);
    m_text->setWordWrap(true);
    m_text->setFont(kit::monoFont());
    m_text->setMinimumWidth(40);
    m_go->setToolTip(tr("Shows this version; the other stays"));
    m_beside->setToolTip(tr("Shows this version in a second column"));
    auto* head = new kit::FlowLayout;
    head->setSpacing(10);
    for (QWidget* one : {static_cast<QWidget*>(m_where), static_cast<QWidget*>(m_go), static_cast<QWidget*>(m_beside)})
        head->addWidget(one);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(10, 2, 0, 2);
    column->setSpacing(2);
    column->addLayout(head);
    column->addWidget(m_text);
    connect(m_go, &QPushButton::clicked, this, [this] { Q_EMIT goAsked(m_turn); });
    connect(m_beside, &QPushButton::clicked, this, [this] { Q_EMIT besideAsked(m_turn); });
}

void OtherBranch::show(int turn, int place, int of, const QString& from, const QString& text) {
    constexpr int kMostShown = 200;
    m_turn = turn;
    const QString where = tr("%1 of %2", "version").arg(place + 1).arg(of);
    m_where->setText(
        from.isEmpty() ? where : tr("%1, from %2").arg(where, QStringLiteral("“%1”").arg(kit::tokenSign(from))));
    const QString line = text.simplified();
    m_text->setText(kit::breakable(line.size() > kMostShown ? line.left(kMostShown) + QStringLiteral("…") : line));
    m_go->setAccessibleName(tr("Go to version %1").arg(place + 1));
    m_beside->setAccessibleName(tr("Show version %1 beside this one").arg(place + 1));
    setAccessibleName(m_where->text());
}

void OtherBranch::paintEvent(QPaintEvent*) {
    QPainter painter(this);
    painter.fillRect(QRect(0, 0, 2, height()), kit::palette().line);
}

}  // namespace dubito::chat
