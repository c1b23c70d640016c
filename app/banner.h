// The line above the panels: why the project cannot be written, and what can be done about it.
#pragma once

#include <QFrame>
#include <QStringList>

class QHBoxLayout;
class QLabel;

namespace dubito::app {

class ActionRegistry;

struct BannerText {
    QString text;         ///< empty: none is shown
    QStringList actions;  ///< ids, as buttons
    bool isBad = false, mayHide = false;
    bool operator==(const BannerText&) const = default;
};

class Banner : public QFrame {
    Q_OBJECT
public:
    explicit Banner(ActionRegistry& actions);
    void show(const BannerText& wanted);
    const BannerText& shown() const { return m_shown; }

Q_SIGNALS:
    void hidden();  ///< by hand

protected:
    void changeEvent(QEvent* event) override;

private:
    void colour();
    ActionRegistry& m_actions;
    BannerText m_shown;
    QLabel* m_text;
    QHBoxLayout* m_buttons;
};

}  // namespace dubito::app
