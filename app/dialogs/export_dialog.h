// What a panel shows, as files: which figures, of what kind, how large and where to.
#pragma once

#include <QDialog>
#include <QPointer>
#include <QVector>
#include <atomic>
#include <memory>

#include "kit/figure_export.h"

class QComboBox;
class QFormLayout;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QSpinBox;

namespace dubito::kit {
class PaneFrame;
class Panel;
}  // namespace dubito::kit

namespace dubito::app {

class Application;

class ExportDialog : public QDialog {
    Q_OBJECT
public:
    enum class Kind { Png, Svg, Pdf, Csv };
    /// On the figures of the pane's panel, the one in front first; goes when the panel goes.
    static ExportDialog* open(Application& application, kit::PaneFrame& pane, QWidget* parent);
    /// Puts the figure in front on the clipboard, as pixels and as vectors.
    static void copy(Application& application, kit::PaneFrame& pane);

    void chooseKind(Kind kind);
    Kind kind() const;
    void reject() override;  ///< while it writes: stops that, and stays

protected:
    void showEvent(QShowEvent* event) override;

private:
    struct Target {
        int figure = 0;
        QString path;
    };
    ExportDialog(Application& application, QVector<kit::Figure> figures, QWidget* parent);
    void build();
    void buildSize(QFormLayout* form);
    void buildFile(QFormLayout* form);
    void nameAfter(qint64 runNo, const QString& panel);
    void nameFile(const QString& word);
    void follow();      ///< what of the form applies to what is chosen
    void followSize();  ///< the size in words
    QVector<int> chosen() const;
    bool isOffered(Kind kind) const;
    kit::FigurePage pageOf(int figure) const;
    double dotsPerInch() const;
    QString path() const;  ///< with the suffix of the kind
    QVector<Target> targets() const;
    void browse();
    void begin();
    void writeNext();
    void writeCsv(const Target& target);
    void onWritten(const Result<void>& outcome);
    void setBusy(bool on);
    void say(const QString& sentence);
    void keepChoices() const;

    Application& m_application;
    QVector<kit::Figure> m_figures;
    QComboBox *m_which, *m_kind, *m_size, *m_dots;
    QSpinBox *m_width, *m_height;
    QWidget *m_free, *m_sizeRow, *m_dotsRow;
    QLabel *m_sizeText, *m_error;
    QLineEdit* m_path;
    QProgressBar* m_progress;
    QPushButton *m_go, *m_browse, *m_close;
    QFormLayout* m_form;
    QVector<Target> m_left;  ///< to be written
    QStringList m_written;
    std::shared_ptr<std::atomic<bool>> m_cancelled;
    bool m_isBusy = false, m_mayOverwrite = false, m_isNamed = false;
};

}  // namespace dubito::app
