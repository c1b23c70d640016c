// What a model is taught: a few examples of one's own, or the rows of a training run as they were used.
#pragma once

#include <QPushButton>
#include <QTimer>

#include "kit/controls.h"
#include "kit/panel.h"
#include "kit/state_view.h"
#include "lm/file_rows.h"
#include "lm/row_list.h"

class QHBoxLayout;

namespace dubito::lmview {

/// Five short examples in the language of the interface.
QVector<Example> firstExamples();
/// Parameters of a fine-tune on a few examples: about a minute on two cores for the model that comes with the program.
Json lessonParameters();

class DataPanel : public kit::Panel {
    Q_OBJECT
public:
    explicit DataPanel(QWidget* parent = nullptr);
    ~DataPanel() override;  ///< with it goes the worker that cut its rows
    QString title() const override { return tr("Data"); }
    QString showing() const override;
    kit::DataTable dataTable() const override;
    QJsonObject saveLayout() const override;
    void restoreLayout(const QJsonObject& layout) override;
    /// Cuts the rows of a file as a fine-tune would take them.
    void lookAt(const QString& path);
    void showExamples();  ///< to be edited and taught, with their masks
    RowList* list() const { return m_list; }

protected:
    void onAttached() override;
    void showEvent(QShowEvent* event) override;

private:
    QWidget* buildTools();
    QWidget* buildCounts();
    void follow();
    void showView();
    void loadRun();
    void onEdited();
    void askForMasks();
    void sendRows();
    void loadMasks();
    void showCounts(const DataRows* rows);
    void teach();
    void chooseFile();
    void showFile();  ///< what is known of the file: its rows, or why there are none
    void train();     ///< on the file: its form
    QString trainAdvice() const;
    enum View { Examples, OfRun, OfFile };
    View view() const { return static_cast<View>(m_view->box()->currentIndex()); }
    bool isEditing() const { return view() == Examples; }
    const std::optional<DataRows>& shownRows() const;

    kit::LabelledChoice* m_view;
    QPushButton *m_add, *m_mask, *m_teach, *m_file, *m_train;
    FileRows* m_rows;
    QWidget* m_legend;
    QLabel* m_note;
    QVector<QPair<QLabel*, QLabel*>> m_counts;  ///< number and what it counts
    RowList* m_list;
    kit::StateView* m_states;
    QTimer* m_soon;
    QVector<Example> m_examples = firstExamples();
    std::optional<DataRows> m_masks;  ///< of the examples, as far as a worker has cut them
    std::optional<DataRows> m_used;   ///< of the selected run
    QByteArray m_sent;                ///< the examples that m_masks are of, or will be
    qint64 m_run = 0, m_session = 0;
    std::int64_t m_lastRecord = 0;
    int m_generation = 0;
    bool m_wantsMasks = false, m_isStarting = false;
};

}  // namespace dubito::lmview
