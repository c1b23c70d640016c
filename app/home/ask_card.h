// "Ask the model": a question, a model, Enter. The answer opens where conversations are.
#pragma once

#include <QFrame>

#include "base/files.h"

class QLabel;
class QPlainTextEdit;
class QPushButton;

namespace dubito::kit {
class LabelledChoice;
}

namespace dubito::app {

class Application;

class AskCard : public QFrame {
    Q_OBJECT
public:
    explicit AskCard(Application& application);
    void setModels(const std::vector<fs::path>& models);
    void focusField();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    QWidget* makeChoices();
    QWidget* makeExamples();
    void ask();
    void showState();
    Application& m_application;
    QPlainTextEdit* m_field;
    kit::LabelledChoice *m_model, *m_sampling, *m_show;
    QPushButton* m_ask;
    QLabel *m_key, *m_reason;
    std::vector<QPushButton*> m_examples;
    bool m_isAsking = false, m_knowsModels = false;
};

}  // namespace dubito::app
