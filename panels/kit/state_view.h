// The shared empty, loading, partial and error states around a panel's content.
#pragma once

#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <functional>

#include "base/error.h"

namespace dubito::kit {

/// Content below, a sentence with one button instead of it, or a bar above it.
class StateView : public QWidget {
    Q_OBJECT
public:
    explicit StateView(QWidget* content, QWidget* parent = nullptr);
    static StateView* fill(QWidget* panel, QWidget* content);  ///< all that is in the panel

    void showContent();
    void showEmpty(const QString& sentence, const QString& button = {}, std::function<void()> onButton = {});
    void showLoading();
    void showError(const Error& error, std::function<void()> retry);
    /// A bar above the content: "stopped at step 8,200: out of memory". Empty text hides it.
    void setBar(const QString& text);
    QString stateName() const;  ///< content, empty, loading, error: for tests and accessibility

private:
    void showMessage(const QString& sentence, const QString& button, std::function<void()> onButton);
    QStackedWidget* m_stack;
    QLabel *m_sentence, *m_bar;
    QPushButton *m_button, *m_copy;
    std::function<void()> m_onButton;
    QString m_details, m_state = QStringLiteral("content");
};

}  // namespace dubito::kit
