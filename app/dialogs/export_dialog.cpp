// A figure is drawn in the window's thread, a picture at a time; files are looked for and written beside it.
#include "dialogs/export_dialog.h"

#include <QBuffer>
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QFileDialog>
#include <QFileInfo>
#include <QFormLayout>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMimeData>
#include <QProgressBar>
#include <QPushButton>
#include <QSpinBox>
#include <QStandardItemModel>
#include <QVBoxLayout>

#include <cmath>

#include "application.h"
#include "kit/controls.h"
#include "kit/pane_frame.h"
#include "kit/panel.h"
#include "notifications.h"
#include "settings.h"

namespace dubito::app {
namespace {

constexpr double kPixelsPerMm = 96 / 25.4, kColumnMm = 85, kPageMm = 180, kLeastHeight = 80;
constexpr double kCopyDots = 192;
constexpr int kLeastSide = 120, kMostSide = 6000;
constexpr const char* kSuffixes[] = {".png", ".svg", ".pdf", ".csv"};
enum Size { AsShown, Slide, Column, Page, Free };

QString choiceKey(const char* name) { return QStringLiteral("export/") + QLatin1String(name); }

/// The program's panels first, then a picture of what has no figure.
QVector<kit::Figure> figuresOf(kit::Panel& panel) {
    QVector<kit::Figure> out = panel.figures();
    if (!out.isEmpty()) return out;
    kit::DataTable table = panel.dataTable();
    if (table.title.isEmpty()) table.title = panel.title();
    return {kit::pictureOf(panel.exportTarget(), panel.id(), table)};
}

/// Writes all of `bytes` beside the window. [beside]
Result<void> writeWhole(const QString& path, const QByteArray& bytes) {
    DUBITO_TRY(auto file, AtomicFile::create(path.toStdString()));
    DUBITO_CHECK(file.write(asBytes({bytes.constData(), static_cast<std::size_t>(bytes.size())})));
    return file.commit();
}

/// [beside]
Result<void> writePng(const QString& path, const QImage& image) {
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    if (!image.save(&buffer, "PNG")) return Error(Code::Io, "the picture could not be packed");
    return writeWhole(path, bytes);
}

QComboBox* choice(const QString& name, const char* id) {
    auto* box = new QComboBox;
    box->setAccessibleName(name);
    box->setObjectName(QLatin1String(id));
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(24);
    return box;
}

}  // namespace

ExportDialog* ExportDialog::open(Application& application, kit::PaneFrame& pane, QWidget* parent) {
    kit::Panel* panel = pane.build();
    auto* dialog = new ExportDialog(application, figuresOf(*panel), parent);
    dialog->setWindowTitle(tr("Export %1").arg(pane.kind().name()));
    // Figures are drawn from what the panel holds.
    connect(panel, &QObject::destroyed, dialog, [dialog] { dialog->deleteLater(); });
    dialog->nameAfter(pane.kind().ofProject ? 0 : pane.ownSelection().leadingRun(), pane.kind().name());
    dialog->show();
    return dialog;
}

void ExportDialog::copy(Application& application, kit::PaneFrame& pane) {
    const QVector<kit::Figure> figures = figuresOf(*pane.build());
    const kit::FigurePage page{&figures.front(), figures.front().size};
    const QImage image = kit::figureImage(page, kCopyDots);
    if (image.isNull()) return application.notifications().add(tr("The figure is too large to be copied."));
    auto* both = new QMimeData;
    both->setImageData(image);
    both->setData(QStringLiteral("image/svg+xml"), kit::figureSvg(page));
    QGuiApplication::clipboard()->setMimeData(both);
    application.notifications().add(tr("Copied to the clipboard: %1").arg(figures.front().title));
}

ExportDialog::ExportDialog(Application& application, QVector<kit::Figure> figures, QWidget* parent)
    : QDialog(parent), m_application(application), m_figures(std::move(figures)),
      m_which(choice(tr("Figure"), "figures")), m_kind(choice(tr("File type"), "kind")),
      m_size(choice(tr("Size"), "size")), m_dots(choice(tr("Resolution"), "dots")), m_width(new QSpinBox),
      m_height(new QSpinBox), m_free(new QWidget), m_sizeRow(new QWidget), m_dotsRow(m_dots), m_sizeText(new QLabel),
      m_error(new QLabel), m_path(new QLineEdit), m_progress(new QProgressBar), m_go(new QPushButton(tr("Export"))),
      m_browse(new QPushButton(tr("Choose…"))), m_close(new QPushButton(tr("Close"))), m_form(new QFormLayout),
      m_cancelled(std::make_shared<std::atomic<bool>>(false)) {
    setAttribute(Qt::WA_DeleteOnClose);
    build();
    const Settings& settings = m_application.settings();
    const auto restore = [&](QComboBox* box, const char* key, int fallback) {
        const int kept = settings.choice(choiceKey(key), fallback).toInt();
        box->setCurrentIndex(kept >= 0 && kept < box->count() ? kept : fallback);
    };
    restore(m_kind, "kind", 0);
    restore(m_size, "size", AsShown);
    restore(m_dots, "dots", 1);
    m_width->setValue(settings.choice(choiceKey("width"), 800).toInt());
    m_height->setValue(settings.choice(choiceKey("height"), 480).toInt());
    follow();
}

void ExportDialog::build() {
    for (int i = 0; i < m_figures.size(); ++i) {
        m_which->addItem(
            m_figures[i].title.isEmpty() ? m_figures[i].id : m_figures[i].title, QVariant::fromValue(QVector<int>{i}));
        m_which->setItemData(i, kit::plainToolTip(m_figures[i].title), Qt::ToolTipRole);
    }
    QVector<int> all;
    for (int i = 0; i < m_figures.size(); ++i) all << i;
    if (all.size() > 1)
        m_which->addItem(tr("all %n figures", nullptr, static_cast<int>(all.size())), QVariant::fromValue(all));
    m_kind->addItem(tr("PNG, a picture"));
    m_kind->addItem(tr("SVG, vectors"));
    m_kind->addItem(tr("PDF, vectors, a page a figure"));
    m_kind->addItem(tr("CSV, the points"));
    m_form->addRow(tr("Figure"), m_which);
    m_form->addRow(tr("File type"), m_kind);
    buildSize(m_form);
    buildFile(m_form);
    m_error->setProperty("role", "bad");
    m_error->setWordWrap(true);
    m_error->setTextFormat(Qt::PlainText);
    m_error->hide();
    m_progress->setAccessibleName(tr("Progress"));
    m_progress->hide();
    auto* copyNow = new QPushButton(tr("Copy"));
    copyNow->setToolTip(tr("Puts the chosen figure on the clipboard"));
    auto* buttons = new QHBoxLayout;
    buttons->addWidget(copyNow);
    buttons->addStretch();
    buttons->addWidget(m_close);
    buttons->addWidget(m_go);
    m_go->setProperty("role", "primary");
    m_go->setDefault(true);
    for (QPushButton* one : {copyNow, m_close, m_browse}) one->setAutoDefault(false);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 14, 16, 14);
    column->setSpacing(10);
    column->addLayout(m_form);
    column->addWidget(m_error);
    column->addWidget(m_progress);
    column->addStretch();
    column->addLayout(buttons);
    setMinimumWidth(460);
    connect(m_go, &QPushButton::clicked, this, &ExportDialog::begin);
    connect(m_close, &QPushButton::clicked, this, &ExportDialog::reject);
    connect(copyNow, &QPushButton::clicked, this, [this] {
        const QImage image = kit::figureImage(pageOf(chosen().value(0)), dotsPerInch());
        if (image.isNull()) return say(tr("The figure is too large to be copied."));
        QGuiApplication::clipboard()->setImage(image);
        say({});
    });
    for (QComboBox* box : {m_which, m_kind, m_size, m_dots})
        connect(box, &QComboBox::currentIndexChanged, this, [this] {
            follow();
            m_path->setText(path());  // the ending follows the kind
        });
}

void ExportDialog::buildSize(QFormLayout* form) {
    m_size->addItem(tr("as on the screen"));
    m_size->addItem(tr("slide, 1280 × 720"));
    m_size->addItem(tr("column of a paper, 85 mm wide"));
    m_size->addItem(tr("page of a paper, 180 mm wide"));
    m_size->addItem(tr("free"));
    m_dots->addItem(tr("96 dots an inch, as on the screen"), 96);
    m_dots->addItem(tr("192 dots an inch, for dense screens"), 192);
    m_dots->addItem(tr("300 dots an inch, for print"), 300);
    auto* inner = new QHBoxLayout(m_free);
    inner->setContentsMargins(0, 0, 0, 0);
    for (QSpinBox* side : {m_width, m_height}) {
        side->setRange(kLeastSide, kMostSide);
        side->setSuffix(tr(" px"));
        inner->addWidget(side);
        connect(side, &QSpinBox::valueChanged, this, [this] { followSize(); });
    }
    m_width->setAccessibleName(tr("Width"));
    m_height->setAccessibleName(tr("Height"));
    inner->addStretch();
    auto* column = new QVBoxLayout(m_sizeRow);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(m_size);
    column->addWidget(m_free);
    m_sizeText->setProperty("role", "faint");
    column->addWidget(m_sizeText);
    form->addRow(tr("Size"), m_sizeRow);
    form->addRow(tr("Resolution"), m_dotsRow);
}

void ExportDialog::buildFile(QFormLayout* form) {
    m_path->setObjectName(QStringLiteral("path"));
    m_path->setAccessibleName(tr("File"));
    m_path->setMinimumWidth(200);
    auto* row = new QHBoxLayout;
    row->addWidget(m_path, 1);
    row->addWidget(m_browse);
    form->addRow(tr("File"), row);
    connect(m_browse, &QPushButton::clicked, this, &ExportDialog::browse);
    connect(m_path, &QLineEdit::textEdited, this, [this](const QString& typed) {
        m_isNamed = true;
        m_mayOverwrite = false;
        // Who types an ending means it; what is typed is left as it is.
        const QSignalBlocker quiet(m_kind);
        for (int i = 0; i < m_kind->count(); ++i)
            if (typed.endsWith(QLatin1String(kSuffixes[i]), Qt::CaseInsensitive) && isOffered(static_cast<Kind>(i)))
                m_kind->setCurrentIndex(i);
        follow();
    });
}

void ExportDialog::nameAfter(qint64 runNo, const QString& panel) {
    const QString what = kit::fileWord(m_figures.front().title.isEmpty() ? panel : m_figures.front().title);
    nameFile(what);
    if (!runNo)
        return nameFile(
            kit::fileWord(QFileInfo(m_application.projectPath()).completeBaseName()) + QLatin1Char('-') + what);
    kit::asyncQuery<QString>(
        m_application.panelContext(), this,
        [runNo](store::Database& db) -> Result<QString> {
            DUBITO_TRY(const auto row, store::findRun(db, runNo));
            return row ? QString::fromStdString(row->name()) : QString();
        },
        [this, what](Result<QString> name) {
            const QString run = name ? kit::fileWord(*name) : QString();
            if (!m_isNamed && !run.isEmpty()) nameFile(run + QLatin1Char('-') + what);
        });
}

void ExportDialog::nameFile(const QString& word) {
    QString folder = m_application.settings().choice(choiceKey("folder"), QString()).toString();
    if (folder.isEmpty()) folder = QFileInfo(m_application.projectPath()).absolutePath();
    m_path->setText(folder + QLatin1Char('/') + (word.isEmpty() ? QStringLiteral("figure") : word));
    m_path->setText(path());
    follow();
}

void ExportDialog::showEvent(QShowEvent* event) {
    QDialog::showEvent(event);
    m_go->setFocus();
}

ExportDialog::Kind ExportDialog::kind() const { return static_cast<Kind>(m_kind->currentIndex()); }
void ExportDialog::chooseKind(Kind kind) { m_kind->setCurrentIndex(static_cast<int>(kind)); }
bool ExportDialog::isOffered(Kind kind) const {
    return qobject_cast<QStandardItemModel*>(m_kind->model())->item(static_cast<int>(kind))->isEnabled();
}
QVector<int> ExportDialog::chosen() const { return m_which->currentData().value<QVector<int>>(); }
double ExportDialog::dotsPerInch() const { return m_dots->currentData().toDouble(); }

void ExportDialog::follow() {
    bool hasPoints = false;
    for (const int one : chosen()) hasPoints |= static_cast<bool>(m_figures[one].writeCsv);
    auto* kinds = qobject_cast<QStandardItemModel*>(m_kind->model());
    kinds->item(static_cast<int>(Kind::Csv))->setEnabled(hasPoints);
    if (!hasPoints && kind() == Kind::Csv) return chooseKind(Kind::Png);  // comes back here
    m_form->labelForField(m_sizeRow)->setVisible(kind() != Kind::Csv);
    m_sizeRow->setVisible(kind() != Kind::Csv);
    m_form->labelForField(m_dotsRow)->setVisible(kind() == Kind::Png);
    m_dotsRow->setVisible(kind() == Kind::Png);
    m_free->setVisible(m_size->currentIndex() == Free);
    m_mayOverwrite = false;
    m_go->setText(tr("Export"));
    say({});
    followSize();
}

void ExportDialog::followSize() {
    if (chosen().isEmpty()) return;
    const QSizeF size = pageOf(chosen().front()).size();
    const QLocale locale;
    m_sizeText->setText(tr("%1 × %2 px, %3 × %4 mm")
                            .arg(locale.toString(qRound(size.width())), locale.toString(qRound(size.height())),
                                locale.toString(qRound(size.width() / kPixelsPerMm)),
                                locale.toString(qRound(size.height() / kPixelsPerMm))));
}

kit::FigurePage ExportDialog::pageOf(int figure) const {
    kit::FigurePage page{&m_figures[figure], m_figures[figure].size};
    const int size = m_size->currentIndex();
    if (size == AsShown) return page;
    const double width = size == Slide    ? 1280
                         : size == Column ? kColumnMm * kPixelsPerMm
                         : size == Page   ? kPageMm * kPixelsPerMm
                                          : m_width->value();
    const double shape = page.plot.height() / std::max(1.0, page.plot.width());
    page.plot.setWidth(width - kit::FigurePage::sides());
    page.plot.setHeight(std::max(kLeastHeight, page.plot.width() * shape));
    if (size != Slide && size != Free) return page;
    const double around = page.size().height() - page.plot.height();
    page.plot.setHeight(std::max(kLeastHeight, (size == Slide ? 720 : m_height->value()) - around));
    return page;
}

QString ExportDialog::path() const {
    QString out = m_path->text().trimmed();
    if (out.isEmpty()) return out;
    const QString wanted = QLatin1String(kSuffixes[static_cast<int>(kind())]);
    for (const char* suffix : kSuffixes)
        if (out.endsWith(QLatin1String(suffix), Qt::CaseInsensitive)) out.chop(4);
    return out + wanted;
}

QVector<ExportDialog::Target> ExportDialog::targets() const {
    const QString whole = QFileInfo(path()).absoluteFilePath();
    QVector<int> figures = chosen();
    if (kind() == Kind::Csv) figures.removeIf([this](int one) { return !m_figures[one].writeCsv; });
    if (kind() == Kind::Pdf || figures.size() == 1) return {{figures.value(0), whole}};
    QVector<Target> out;
    QStringList used;
    for (const int one : figures) {
        QString word = kit::fileWord(m_figures[one].id);
        if (word.isEmpty() || used.contains(word)) word += QString::number(one + 1);
        used << word;
        out << Target{one, whole.chopped(4) + QLatin1Char('-') + word + whole.right(4)};
    }
    return out;
}

void ExportDialog::browse() {
    const QString found = QFileDialog::getSaveFileName(this, tr("Export"), path(),
        tr("Pictures and tables (*.png *.svg *.pdf *.csv)"), nullptr, QFileDialog::DontConfirmOverwrite);
    if (found.isEmpty()) return;
    for (int i = 0; i < 4; ++i)
        if (found.endsWith(QLatin1String(kSuffixes[i]), Qt::CaseInsensitive)) m_kind->setCurrentIndex(i);
    m_isNamed = true;
    m_path->setText(found);
    follow();
}

void ExportDialog::begin() {
    if (m_isBusy) return;
    if (path().isEmpty()) return say(tr("A file name is missing."));
    m_left = targets();
    m_written.clear();
    m_cancelled->store(false);
    setBusy(true);
    // A folder may lie on a slow disk.
    m_application.later([guard = QPointer<ExportDialog>(this), left = m_left] {
        QStringList taken;
        for (const Target& one : left)
            if (QFileInfo::exists(one.path)) taken << one.path;
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard, taken] {
                if (!guard) return;
                if (taken.isEmpty() || guard->m_mayOverwrite) return guard->writeNext();
                guard->setBusy(false);
                guard->m_mayOverwrite = true;
                guard->m_go->setText(tr("Overwrite"));
                guard->say(taken.size() == 1
                               ? tr("The file is there already: %1").arg(taken.front())
                               : tr("%n of these files are there already.", nullptr, static_cast<int>(taken.size())));
            },
            Qt::QueuedConnection);
    });
}

void ExportDialog::writeNext() {
    if (m_left.isEmpty()) {
        keepChoices();
        m_application.notifications().add(m_written.size() == 1 ? tr("Exported to %1").arg(m_written.front())
                                                                : tr("%n figures exported, the first to %1", nullptr,
                                                                      static_cast<int>(m_written.size()))
                                                                      .arg(m_written.front()));
        setBusy(false);
        return accept();
    }
    const Target target = m_left.front();
    if (kind() == Kind::Csv) return writeCsv(target);
    std::function<Result<void>()> write;
    if (kind() == Kind::Png) {
        const QImage image = kit::figureImage(pageOf(target.figure), dotsPerInch());
        if (image.isNull()) {
            setBusy(false);
            return say(tr("The picture is too large; a smaller size or resolution can be written."));
        }
        write = [path = target.path, image] { return writePng(path, image); };
    } else {
        QVector<kit::FigurePage> pages;
        for (const int one : chosen()) pages << pageOf(one);
        const QByteArray bytes = kind() == Kind::Svg
                                     ? kit::figureSvg(pageOf(target.figure))
                                     : kit::figuresPdf(pages, QFileInfo(target.path).completeBaseName());
        write = [path = target.path, bytes] { return writeWhole(path, bytes); };
    }
    m_application.later([guard = QPointer<ExportDialog>(this), write] {
        auto outcome = std::make_shared<Result<void>>(write());
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard, outcome] {
                if (guard) guard->onWritten(*outcome);
            },
            Qt::QueuedConnection);
    });
}

void ExportDialog::writeCsv(const Target& target) {
    const auto tell = [guard = QPointer<ExportDialog>(this)](std::uint64_t bytes) {
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard, bytes] {
                if (guard) guard->m_progress->setFormat(QLocale().formattedDataSize(static_cast<qint64>(bytes)));
            },
            Qt::QueuedConnection);
    };
    kit::asyncQuery<bool>(
        m_application.panelContext(), this,
        [figure = m_figures[target.figure], path = target.path, cancelled = m_cancelled, tell](
            store::Database& db) -> Result<bool> {
            std::uint64_t told = 0;
            DUBITO_CHECK(kit::writeFigureCsv(figure, db, path.toStdString(), *cancelled, [&](std::uint64_t bytes) {
                if (bytes < told + (1 << 20)) return;
                told = bytes;
                tell(bytes);
            }));
            return true;
        },
        [this](Result<bool> outcome) { onWritten(outcome ? Result<void>() : Result<void>(outcome.error())); });
}

void ExportDialog::onWritten(const Result<void>& outcome) {
    if (outcome && !m_cancelled->load()) {
        m_written << m_left.takeFirst().path;
        return writeNext();
    }
    setBusy(false);
    if (m_cancelled->load() || (!outcome && outcome.error().code() == Code::Cancelled)) return say(tr("Stopped."));
    say(tr("The file could not be written: %1").arg(QString::fromStdString(outcome.error().message())));
}

void ExportDialog::reject() {
    if (!m_isBusy) return QDialog::reject();
    m_cancelled->store(true);
}

void ExportDialog::setBusy(bool on) {
    m_isBusy = on;
    m_progress->setVisible(on);
    m_progress->setRange(0, 0);
    m_progress->setFormat({});
    for (QWidget* one :
        std::initializer_list<QWidget*>{m_which, m_kind, m_size, m_dots, m_free, m_path, m_browse, m_go})
        one->setEnabled(!on);
    m_close->setText(on ? tr("Stop") : tr("Close"));
    if (on) say({});
}

void ExportDialog::say(const QString& sentence) {
    m_error->setText(kit::breakable(sentence));
    m_error->setVisible(!sentence.isEmpty());
}

void ExportDialog::keepChoices() const {
    Settings& settings = m_application.settings();
    settings.setChoice(choiceKey("kind"), m_kind->currentIndex());
    settings.setChoice(choiceKey("size"), m_size->currentIndex());
    settings.setChoice(choiceKey("dots"), m_dots->currentIndex());
    settings.setChoice(choiceKey("width"), m_width->value());
    settings.setChoice(choiceKey("height"), m_height->value());
    settings.setChoice(choiceKey("folder"), QFileInfo(path()).absolutePath());
}

}  // namespace dubito::app
