// Interfaces of parts are made when a tool asks for them; a strip that nobody reads costs nothing.
#include "kit/parts.h"

#include <QAccessible>
#include <QAccessibleWidget>
#include <QHash>
#include <QMenu>
#include <QPointer>
#include <QTimer>
#include <QToolButton>
#include <QWindow>

#include "kit/controls.h"

namespace dubito::kit {
namespace {

/// One token, one row. Lives until its list goes; tells of nothing once the list is shorter.
class SpokenPart : public QAccessibleInterface, public QAccessibleActionInterface {
public:
    SpokenPart(QWidget* widget, Parts* parts, int at) : m_widget(widget), m_parts(parts), m_at(at) {}
    bool isValid() const override { return m_widget && m_at < m_parts->partCount(); }
    QObject* object() const override { return nullptr; }
    QWindow* window() const override { return m_widget ? m_widget->window()->windowHandle() : nullptr; }
    QAccessibleInterface* parent() const override {
        return m_widget ? QAccessible::queryAccessibleInterface(m_widget) : nullptr;
    }
    QAccessibleInterface* child(int) const override { return nullptr; }
    QAccessibleInterface* childAt(int, int) const override { return nullptr; }
    int childCount() const override { return 0; }
    int indexOfChild(const QAccessibleInterface*) const override { return -1; }
    QAccessible::Role role() const override { return QAccessible::ListItem; }
    QString text(QAccessible::Text which) const override {
        if (!isValid()) return {};
        return which == QAccessible::Name          ? m_parts->partName(m_at)
               : which == QAccessible::Description ? m_parts->partSaid(m_at)
                                                   : QString();
    }
    void setText(QAccessible::Text, const QString&) override {}
    QRect rect() const override {
        if (!isValid()) return {};
        const QRect box = m_parts->partBox(m_at);
        return {m_widget->mapToGlobal(box.topLeft()), box.size()};
    }
    QAccessible::State state() const override {
        QAccessible::State out;
        if (!isValid()) {
            out.invalid = true;
            return out;
        }
        const bool isCurrent = m_parts->currentPart() == m_at;
        out.invisible = !m_widget->isVisible();
        out.offscreen = !m_widget->visibleRegion().intersects(m_parts->partBox(m_at));
        out.disabled = !m_widget->isEnabled();
        out.selectable = out.focusable = m_widget->focusPolicy() != Qt::NoFocus && !m_parts->partDeed(m_at).isEmpty();
        out.selected = isCurrent;
        out.focused = isCurrent && m_widget->hasFocus();
        return out;
    }
    void* interface_cast(QAccessible::InterfaceType type) override {
        return type == QAccessible::ActionInterface ? static_cast<QAccessibleActionInterface*>(this) : nullptr;
    }
    QStringList actionNames() const override {
        if (!isValid() || m_parts->partDeed(m_at).isEmpty()) return {};
        return {pressAction(), setFocusAction()};
    }
    QString localizedActionName(const QString& name) const override {
        return isValid() && name == pressAction() ? m_parts->partDeed(m_at)
                                                  : QAccessibleActionInterface::localizedActionName(name);
    }
    void doAction(const QString& name) override {
        if (!isValid() || !m_widget->isEnabled() || !actionNames().contains(name)) return;
        if (name == pressAction()) return m_parts->pressPart(m_at);
        m_widget->setFocus(Qt::OtherFocusReason);
        m_parts->goToPart(m_at);
    }
    QStringList keyBindingsForAction(const QString&) const override { return {}; }

private:
    QPointer<QWidget> m_widget;
    Parts* m_parts;  ///< the widget itself
    int m_at;
};

class SpokenList : public QAccessibleWidget {
public:
    SpokenList(QWidget* widget, Parts* parts) : QAccessibleWidget(widget, QAccessible::List), m_parts(parts) {}
    ~SpokenList() override {
        for (const QAccessible::Id id : std::as_const(m_ids)) QAccessible::deleteAccessibleInterface(id);
    }
    QString text(QAccessible::Text which) const override {
        const QString own = QAccessibleWidget::text(which);
        return own.isEmpty() && which == QAccessible::Name ? m_parts->partsName() : own;
    }
    int childCount() const override { return isValid() ? m_parts->partCount() : 0; }
    QAccessibleInterface* child(int at) const override {
        if (at < 0 || at >= childCount()) return nullptr;
        if (const auto known = m_ids.constFind(at); known != m_ids.cend())
            return QAccessible::accessibleInterface(known.value());
        auto* part = new SpokenPart(widget(), m_parts, at);
        m_ids.insert(at, QAccessible::registerAccessibleInterface(part));
        return part;
    }
    int indexOfChild(const QAccessibleInterface* child) const override {
        const QAccessible::Id id = child ? QAccessible::uniqueId(const_cast<QAccessibleInterface*>(child)) : 0;
        const int at = m_ids.key(id, -1);
        return at < childCount() ? at : -1;
    }
    QAccessibleInterface* childAt(int x, int y) const override {
        const QPoint at = isValid() ? widget()->mapFromGlobal(QPoint(x, y)) : QPoint(-1, -1);
        for (int i = 0; i < childCount(); ++i)
            if (m_parts->partBox(i).contains(at)) return child(i);
        return nullptr;
    }
    QAccessibleInterface* focusChild() const override {
        return isValid() && widget()->hasFocus() ? child(m_parts->currentPart()) : nullptr;
    }

private:
    Parts* m_parts;
    mutable QHash<int, QAccessible::Id> m_ids;
};

/// A tool button with its menu as a child: Qt lists that only for split buttons. A button may get its menu after a tool
/// has asked for it, so every one is said here.
class SpokenButton : public QAccessibleWidget {
public:
    explicit SpokenButton(QToolButton* button) : QAccessibleWidget(button, QAccessible::Button) {
        addControllingSignal(QStringLiteral("clicked(bool)"));
        addControllingSignal(QStringLiteral("toggled(bool)"));
    }
    QAccessible::Role role() const override {
        if (button()->menu()) return QAccessible::ButtonMenu;
        if (!button()->isCheckable()) return QAccessible::Button;
        return button()->autoExclusive() ? QAccessible::RadioButton : QAccessible::CheckBox;
    }
    QString text(QAccessible::Text which) const override {
        const QString own = QAccessibleWidget::text(which);
        return own.isEmpty() && which == QAccessible::Name ? withoutMnemonic(button()->text()) : own;
    }
    QAccessible::State state() const override {
        QAccessible::State out = QAccessibleWidget::state();
        out.checkable = button()->isCheckable();
        out.checked = button()->isChecked();
        out.pressed = button()->isDown();
        if (!button()->menu()) return out;
        out.hasPopup = out.expandable = true;
        out.expanded = button()->menu()->isVisible();
        out.collapsed = !out.expanded;
        return out;
    }
    int childCount() const override { return button()->menu() ? 1 : 0; }
    QAccessibleInterface* child(int at) const override {
        return at == 0 && button()->menu() ? QAccessible::queryAccessibleInterface(button()->menu()) : nullptr;
    }
    int indexOfChild(const QAccessibleInterface* child) const override {
        return child && button()->menu() && child->object() == button()->menu() ? 0 : -1;
    }
    QStringList actionNames() const override {
        if (!button()->isEnabled()) return {};
        QStringList out;
        if (button()->menu()) out << showMenuAction();
        if (!button()->menu() || button()->popupMode() == QToolButton::MenuButtonPopup)
            out << (button()->isCheckable() ? toggleAction() : pressAction());
        return out << QAccessibleWidget::actionNames();
    }
    void doAction(const QString& name) override {
        if (!button()->isEnabled()) return;
        // What it opens may run until it is closed: whoever asked has its answer first.
        if (name == showMenuAction()) QTimer::singleShot(0, button(), &QToolButton::showMenu);
        else if (name == pressAction() || name == toggleAction()) button()->animateClick();
        else QAccessibleWidget::doAction(name);
    }

private:
    QToolButton* button() const { return static_cast<QToolButton*>(object()); }
};

QAccessibleInterface* interfaceOf(const QString& className, QObject* object) {
    auto* widget = qobject_cast<QWidget*>(object);
    if (!widget) return nullptr;
    if (auto* parts = dynamic_cast<Parts*>(widget)) return new SpokenList(widget, parts);
    if (className != QLatin1String("QToolButton")) return nullptr;
    auto* button = qobject_cast<QToolButton*>(widget);
    return button ? new SpokenButton(button) : nullptr;
}

}  // namespace

void speakParts() {
    static const bool kIsInstalled = (QAccessible::installFactory(interfaceOf), true);
    Q_UNUSED(kIsInstalled)
}

void sayCurrentPart(QWidget* widget, int at) {
    if (!QAccessible::isActive() || !widget->hasFocus() || at < 0) return;
    QAccessibleEvent event(widget, QAccessible::Focus);
    event.setChild(at);
    QAccessible::updateAccessibility(&event);
}

}  // namespace dubito::kit
