// The same question to a model as it was and as it was taught: both answers, and what each thinks of either.
#pragma once

#include <QGridLayout>
#include <QLineEdit>
#include <QPushButton>
#include <QTimer>

#include "kit/controls.h"
#include "kit/panel.h"
#include "kit/state_view.h"
#include "lm/beside_data.h"

namespace dubito::lmview {

class TaughtPanel : public kit::Panel {
    Q_OBJECT
public:
    explicit TaughtPanel(QWidget* parent = nullptr);
    ~TaughtPanel() override;  ///< with it go the sessions that it started
    QString title() const override { return tr("Base and taught"); }
    QString showing() const override;
    kit::DataTable dataTable() const override;
    QVector<kit::Figure> figures() const override;

protected:
    void onAttached() override;
    void showEvent(QShowEvent*) override { follow(); }

private:
    QWidget* buildAnswers();
    QWidget* buildTable();
    QLayout* buildSide(int side, const QString& name);
    void follow();
    void load();
    void refresh();
    void showQuestion();
    void ask();
    bool isAsking() const;

    QLineEdit* m_question;
    QPushButton* m_ask;
    kit::LabelledChoice* m_asked;
    QLabel *m_state, *m_said;
    kit::TokenStrip* m_strips[2];  ///< base, taught
    QLabel *m_names[2], *m_rates[2], *m_cells[2][3];
    QWidget* m_answers;
    kit::StateView* m_states;
    QTimer* m_reload;
    BesideData m_data;
    qint64 m_run = 0, m_suggested = 0;  ///< run whose question was put into the field
    QHash<qint64, qint64> m_sessions;   ///< training run -> comparing run that was started here
    QString m_pending;                  ///< a question that is on its way
    qsizetype m_answered = 0;           ///< questions that were there when it was asked
    int m_generation = 0;
};

}  // namespace dubito::lmview
