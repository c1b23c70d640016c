// Figures as files, asked for at the window and read back from the disk.
#include <QClipboard>
#include <QComboBox>
#include <QDir>
#include <QImageReader>
#include <QLabel>
#include <QLineEdit>
#include <QMimeData>
#include <QPainter>
#include <QPushButton>
#include <QTableView>
#include <QXmlStreamReader>

#include "base/files.h"
#include "dialogs/export_dialog.h"
#include "kit/colours.h"
#include "kit/data_twin.h"
#include "support/desk.h"

using namespace dubito;
using namespace dubito::tests;

namespace {

/// Two figures: a square that goes past its edge, and a line whose points come without end until they are stopped.
class Drawn : public kit::Panel {
public:
    Drawn() : Panel(QStringLiteral("drawn")) { setFocusPolicy(Qt::StrongFocus); }
    QString title() const override { return QStringLiteral("Drawn"); }
    QVector<kit::Figure> figures() const override {
        kit::Figure square;
        square.id = QStringLiteral("train/loss");
        square.title = QStringLiteral("Loss <b>of</b> training");
        square.caption = {QStringLiteral("n = 5, seed 1"), QString(300, QLatin1Char('x'))};
        square.size = {300, 200};
        square.draw = [](QPainter& painter, QSizeF size) {
            painter.fillRect(QRectF(-50, -50, size.width() + 100, size.height() + 400), QColor(200, 0, 0));
            painter.setPen(kit::palette().text);
            painter.drawText(QPointF(20, 40), QStringLiteral("axis"));
        };
        square.writeCsv = [](store::Database&,
                              const std::function<Result<void>(const QString&)>& write) -> Result<void> {
            DUBITO_CHECK(write(QStringLiteral("run,key,step,value\n")));
            return write(QStringLiteral("\"a, b\",train/loss,1,0.1234567890123\n"));
        };
        kit::Figure endless = square;
        endless.id = QStringLiteral("train/rate");
        endless.title = QStringLiteral("Rate");
        endless.writeCsv = [](store::Database&,
                               const std::function<Result<void>(const QString&)>& write) -> Result<void> {
            for (;;) DUBITO_CHECK(write(QString(4096, QLatin1Char('1'))));
        };
        return {square, endless};
    }
    kit::DataTable dataTable() const override {
        return {QStringLiteral("Loss"), {QStringLiteral("step"), QStringLiteral("value")},
            {{QStringLiteral("2"), QStringLiteral("0.1234567890123")}, {QStringLiteral("10"), QStringLiteral("–")},
                {QStringLiteral("1"), QStringLiteral("-3e-7")}}};
    }

protected:
    void onAttached() override {}
};

void addDrawn(kit::PanelRegistry& registry) {
    kit::PanelKind kind;
    kind.id = QStringLiteral("drawn");
    kind.title = "Drawn";
    kind.make = [] { return new Drawn; };
    registry.add(kind);
}

struct Drawing : Desk {
    Drawing(const char* panel = "drawn") {
        Json one = workspace("w");
        one["pages"] = Json::array({page("one", {{"panel", panel}})});
        install(one);
        addRun("org.dubito.fake", {"train/loss"});
        if (!start({1280, 800}, addDrawn)) qFatal("no desk");
        area().showWorkspace(QStringLiteral("w"), QStringLiteral("one"));
        if (!QTest::qWaitFor([&] { return front() && front()->panel(); }, 60'000)) qFatal("no panel");
        application->selection()->setRuns({1});
        front()->focusContent();
    }
    app::ExportDialog* dialog() const {
        for (auto* one : window()->findChildren<app::ExportDialog*>())
            if (one->isVisible()) return one;
        return nullptr;
    }
    int m_opened = 0;
    app::ExportDialog* open() {
        window()->activateWindow();
        if (!QTest::qWaitForWindowActive(window(), 60'000)) qFatal("no active window");
        front()->focusContent();
        if (m_opened++) window()->trigger(QStringLiteral("view.export"));
        else key(Qt::Key_E, Qt::ControlModifier);
        if (!QTest::qWaitFor([&] { return dialog() && dialog()->isVisible(); }, 60'000)) qFatal("no dialog");
        return dialog();
    }
    QString folder() const { return project.folder.path() + QStringLiteral("/out"); }
    QLineEdit* path() const { return dialog()->findChild<QLineEdit*>(QStringLiteral("path")); }
    QComboBox* box(const char* name) const { return dialog()->findChild<QComboBox*>(QLatin1String(name)); }
    QPushButton* button(const QString& text) const {
        for (auto* one : dialog()->findChildren<QPushButton*>())
            if (one->text() == text && one->isVisible()) return one;
        return nullptr;
    }
    void type(const QString& file) const {
        path()->setFocus();
        path()->selectAll();
        QTest::keyClicks(path(), file);
    }
    bool closes() const {
        return QTest::qWaitFor([&] { return !dialog() || !dialog()->isVisible(); }, 60'000);
    }
    QString shown() const {
        QStringList all;
        for (auto* one : dialog()->findChildren<QLabel*>())
            if (one->isVisible()) all << QString(one->text()).remove(QChar(0x200B));
        return all.join(QLatin1Char('\n'));
    }
    /// Exports with what the dialog has now.
    void go() const { QTest::mouseClick(button(QStringLiteral("Export")), Qt::LeftButton); }
};

QByteArray contentOf(const QString& file) {
    QFile in(file);
    return in.open(QIODevice::ReadOnly) ? in.readAll() : QByteArray();
}

}  // namespace

class tst_Export : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void name_notTyped_isMadeOfRunAndFigureWithTheSuffixOfTheKind() {
        Drawing desk;
        desk.open();
        QTRY_VERIFY_WITH_TIMEOUT(desk.path()->text().endsWith("/org.dubito.fake-Loss-b-of-b-training.png"), 60'000);
        for (const auto& [kind, suffix] :
            {std::pair(app::ExportDialog::Kind::Svg, ".svg"), std::pair(app::ExportDialog::Kind::Pdf, ".pdf"),
                std::pair(app::ExportDialog::Kind::Csv, ".csv"), std::pair(app::ExportDialog::Kind::Png, ".png")}) {
            desk.dialog()->chooseKind(kind);
            QVERIFY2(desk.path()->text().endsWith(suffix), qPrintable(desk.path()->text()));
        }
    }
    void picture_inDarkTheme_isLightAndAsLargeAsTheResolutionSays() {
        Drawing desk;
        desk.application->applyTheme(QStringLiteral("dark"));
        QVERIFY(QDir().mkpath(desk.folder()));
        desk.open();
        desk.box("dots")->setCurrentIndex(2);
        desk.type(desk.folder() + "/picture");
        desk.go();
        QVERIFY(desk.closes());
        const QImage image(desk.folder() + "/picture.png");
        QVERIFY(!image.isNull());
        QCOMPARE(image.width(), qCeil(324 * 300 / 96.0));
        QCOMPARE(qRound(image.dotsPerMeterX() * 0.0254), 300);
        QCOMPARE(image.pixelColor(2, 2), QColor(Qt::white));
        QCOMPARE(kit::themeKind(), kit::ThemeKind::Dark);
        // What the figure drew past its edge is not seen, and title and caption are there.
        QCOMPARE(image.pixelColor(2, image.height() - 3), QColor(Qt::white));
        const double scale = 300 / 96.0;
        int red = 0, dark = 0;
        for (int y = 0; y < image.height(); ++y) {
            red += image.pixelColor(qRound(150 * scale), y) == QColor(200, 0, 0);
            for (int x = 0; x < image.width(); ++x) dark += y < 30 * scale && image.pixelColor(x, y).lightness() < 90;
        }
        QVERIFY(red > 190 * scale && red <= 201 * scale);
        QVERIFY(dark > 50);
    }
    void vectors_ofSeveralFigures_areAPageEachWithFontsWithin() {
        Drawing desk;
        QVERIFY(QDir().mkpath(desk.folder()));
        desk.open();
        desk.box("figures")->setCurrentIndex(2);
        desk.dialog()->chooseKind(app::ExportDialog::Kind::Pdf);
        desk.type(desk.folder() + "/all.pdf");
        desk.go();
        QVERIFY(desk.closes());
        const QByteArray pdf = contentOf(desk.folder() + "/all.pdf");
        QVERIFY(pdf.startsWith("%PDF"));
        QCOMPARE(pdf.count("/Type /Page\n"), 2);
        QVERIFY(pdf.contains("/FontFile"));
        desk.open();
        desk.box("figures")->setCurrentIndex(2);
        desk.dialog()->chooseKind(app::ExportDialog::Kind::Svg);
        desk.type(desk.folder() + "/all.svg");
        desk.go();
        QVERIFY(desk.closes());
        QXmlStreamReader svg(contentOf(desk.folder() + "/all-train-loss.svg"));
        QString text;
        while (!svg.atEnd())
            if (svg.readNext() == QXmlStreamReader::Characters) text += svg.text();
        QVERIFY2(!svg.hasError(), qPrintable(svg.errorString()));
        QVERIFY(text.contains("Loss <b>of</b> training") && text.contains("axis"));
        QVERIFY(QFile::exists(desk.folder() + "/all-train-rate.svg"));
    }
    void points_ofAFigure_areWrittenAsTheFigureSays() {
        Drawing desk;
        QVERIFY(QDir().mkpath(desk.folder()));
        desk.open();
        desk.dialog()->chooseKind(app::ExportDialog::Kind::Csv);
        desk.type(desk.folder() + "/points");
        desk.go();
        QVERIFY(desk.closes());
        QCOMPARE(contentOf(desk.folder() + "/points.csv"),
            QByteArray("run,key,step,value\n\"a, b\",train/loss,1,0.1234567890123\n"));
    }
    void ending_typed_isTheKindOfTheFile() {
        Drawing desk;
        QVERIFY(QDir().mkpath(desk.folder()));
        desk.open();
        QCOMPARE(desk.dialog()->kind(), app::ExportDialog::Kind::Png);
        desk.type(desk.folder() + "/typed.csv");
        QCOMPARE(desk.dialog()->kind(), app::ExportDialog::Kind::Csv);
        QCOMPARE(desk.path()->text(), desk.folder() + "/typed.csv");
        desk.go();
        QVERIFY(desk.closes());
        QVERIFY(contentOf(desk.folder() + "/typed.csv").startsWith("run,key,step,value"));
    }
    void points_thatDoNotEnd_areStoppedAndLeaveNoFile() {
        Drawing desk;
        QVERIFY(QDir().mkpath(desk.folder()));
        desk.open();
        desk.box("figures")->setCurrentIndex(1);
        desk.dialog()->chooseKind(app::ExportDialog::Kind::Csv);
        desk.type(desk.folder() + "/endless.csv");
        desk.go();
        QTRY_VERIFY_WITH_TIMEOUT(desk.button(QStringLiteral("Stop")), 60'000);
        QTest::mouseClick(desk.button(QStringLiteral("Stop")), Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(desk.shown().contains("Stopped."), 60'000);
        QVERIFY(desk.dialog()->isVisible());
        QCOMPARE(QDir(desk.folder()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot | QDir::Hidden).size(), 0);
    }
    void file_thatIsThere_isOnlyReplacedWhenAskedTwice() {
        Drawing desk;
        QVERIFY(QDir().mkpath(desk.folder()));
        const QString file = desk.folder() + "/mine.png";
        QVERIFY(writeFileAtomic(file.toStdString(), "mine"));
        desk.open();
        desk.type(file);
        desk.go();
        QTRY_VERIFY_WITH_TIMEOUT(desk.button(QStringLiteral("Overwrite")), 60'000);
        QVERIFY(desk.shown().contains(file));
        QCOMPARE(contentOf(file), QByteArray("mine"));
        QTest::mouseClick(desk.button(QStringLiteral("Overwrite")), Qt::LeftButton);
        QVERIFY(desk.closes());
        QVERIFY(!QImage(file).isNull());
    }
    void folder_thatIsNotThere_isSaidInTheDialogWhichStays() {
        Drawing desk;
        desk.open();
        desk.type(desk.folder() + "/nowhere/picture.png");
        desk.go();
        QTRY_VERIFY_WITH_TIMEOUT(desk.shown().contains("could not be written"), 60'000);
        QVERIFY(desk.dialog()->isVisible());
        QVERIFY(desk.button(QStringLiteral("Export"))->isEnabled());
    }
    void choices_afterAnExport_areThereTheNextTime() {
        Drawing desk;
        QVERIFY(QDir().mkpath(desk.folder()));
        desk.open();
        desk.dialog()->chooseKind(app::ExportDialog::Kind::Svg);
        desk.box("size")->setCurrentIndex(2);
        desk.type(desk.folder() + "/column");
        desk.go();
        QVERIFY(desk.closes());
        const QByteArray svg = contentOf(desk.folder() + "/column.svg");
        QVERIFY2(svg.contains("width=\"85"), svg.left(300));  // millimetres
        desk.open();
        QCOMPARE(desk.dialog()->kind(), app::ExportDialog::Kind::Svg);
        QCOMPARE(desk.box("size")->currentIndex(), 2);
        QVERIFY(desk.path()->text().startsWith(desk.folder() + '/'));
    }
    void panel_withoutFigures_isExportedAsAPictureOfItself() {
        Drawing desk("probe");
        QVERIFY(QDir().mkpath(desk.folder()));
        desk.open();
        desk.type(desk.folder() + "/probe");
        desk.go();
        QVERIFY(desk.closes());
        QVERIFY(!QImage(desk.folder() + "/probe.png").isNull());
    }
    void figure_copied_isOnTheClipboardAsPixelsAndVectors() {
        Drawing desk;
        QGuiApplication::clipboard()->clear();
        desk.key(Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY_WITH_TIMEOUT(QGuiApplication::clipboard()->mimeData()->hasImage(), 60'000);
        QVERIFY(QGuiApplication::clipboard()->mimeData()->data("image/svg+xml").contains("<svg"));
    }
    void table_sortedByNumbers_copiesWhatIsShownInFull() {
        kit::DataTable table = Drawn().dataTable();
        bool isAsked = false;
        auto* twin = new kit::DataTwin(table, nullptr, [&] { isAsked = true; });
        twin->show();
        auto* view = twin->findChild<QTableView*>();
        view->sortByColumn(0, Qt::AscendingOrder);
        const auto cell = [&](int row, int column) { return view->model()->index(row, column).data().toString(); };
        QCOMPARE(cell(0, 0), QStringLiteral("1"));
        QCOMPARE(cell(2, 0), QStringLiteral("10"));
        view->sortByColumn(1, Qt::AscendingOrder);
        QCOMPARE(cell(0, 1), QStringLiteral("-3e-7"));
        QVERIFY(view->columnWidth(1) > view->fontMetrics().horizontalAdvance(cell(1, 1)));
        for (auto* one : twin->findChildren<QPushButton*>()) {
            if (one->text() == "Copy") QTest::mouseClick(one, Qt::LeftButton);
            if (one->text() == QStringLiteral("All points…")) QTest::mouseClick(one, Qt::LeftButton);
        }
        QCOMPARE(
            QGuiApplication::clipboard()->text(), QStringLiteral("step\tvalue\n1\t-3e-7\n2\t0.1234567890123\n10\t–\n"));
        QVERIFY(isAsked);
        delete twin;
    }
};

QTEST_MAIN(tst_Export)
#include "tst_export.moc"
