// A disk that is full under the window: what cannot be kept is said, and nothing looks as if it had been kept.
#include <QDialog>
#include <QInputDialog>
#include <QMessageBox>
#include <QPlainTextEdit>
#include <QPushButton>

#include "notifications.h"
#include "support/desk.h"
#include "support/tmpfs.h"

using namespace dubito;
using namespace dubito::tests;

namespace {

constexpr int kPatience = 300'000;  ///< of a slow, busy machine
constexpr int kMostTries = 60;      ///< the log of the database may have room for a few edits
bool mayMount = false;

struct Kept {
    QString name, note;
    std::int64_t edits = 0;
};

}  // namespace

class tst_FullDisk : public QObject {
    Q_OBJECT
    std::unique_ptr<Desk> m_desk;
    std::unique_ptr<Tmpfs> m_disk;
    fs::path m_file;
    std::int64_t m_run = 0;

    /// As a stranger with a reader of his own finds it.
    Kept kept() const {
        auto db = store::openReadOnly(m_file);
        if (!db) qFatal("%s", db.error().text().c_str());
        return {QString::fromStdString((**store::findRun(**db, m_run)).title),
            QString::fromStdString(*store::queryNote(**db, m_run)),
            static_cast<std::int64_t>(store::queryEdits(**db)->size())};
    }
    QMessageBox* sentence() const {
        for (QWidget* one : QApplication::topLevelWidgets())
            if (auto* box = qobject_cast<QMessageBox*>(one); box && box->isVisible()) return box;
        return nullptr;
    }
    /// What is asked by the action is typed and confirmed.
    void answer(const char* action, const QString& text) {
        QTimer hand;
        bool isTyped = false;
        connect(&hand, &QTimer::timeout, this, [&] {
            auto* dialog = qobject_cast<QInputDialog*>(QApplication::activeModalWidget());
            if (!dialog || isTyped) return;
            isTyped = true;
            auto* line = dialog->findChild<QLineEdit*>();
            auto* lines = dialog->findChild<QPlainTextEdit*>();
            if (lines) {
                lines->selectAll();
                QTest::keyClicks(lines, text);
            } else {
                line->selectAll();
                QTest::keyClicks(line, text);
            }
            for (auto* button : dialog->findChildren<QPushButton*>())
                if (button->isDefault() || button->text().contains(QLatin1String("OK")))
                    return QTest::mouseClick(button, Qt::LeftButton);
        });
        hand.start(20);
        m_desk->window()->trigger(QString::fromLatin1(action));
        QVERIFY(
            QTest::qWaitFor([&] { return isTyped && !QApplication::activeModalWidget(); }, kPatience) || sentence());
    }
    /// Edits until one does not fit. @return what the window says then; empty: all of them did
    QString editUntilFull(const char* action, const std::function<QString()>& now) {
        for (int i = 0; i < kMostTries; ++i) {
            const QString before = now();
            const QString text = QStringLiteral("text %1 ").arg(i) + QString(300, QLatin1Char('x'));
            answer(action, text);
            const bool isOver = QTest::qWaitFor([&] { return sentence() != nullptr || now() == text; }, kPatience);
            if (!isOver) return QStringLiteral("neither kept nor refused");
            if (auto* box = sentence()) {
                const QString said = box->text();
                QTest::mouseClick(box->button(QMessageBox::Ok), Qt::LeftButton);
                return now() == before ? said : QStringLiteral("kept in spite of: ") + said;
            }
        }
        return {};
    }

private Q_SLOTS:
    void init() {
        if (!mayMount) QSKIP("no mount namespace is allowed here, so no disk of one's own can be made");
        m_desk = std::make_unique<Desk>();
        const fs::path folder = fs::path(m_desk->project.folder.path().toStdString()) / "disk";
        m_disk = std::make_unique<Tmpfs>(folder);
        QVERIFY(m_disk->isThere());
        m_desk->install(workspace("mine"));
        m_run = m_desk->addRun("org.dubito.fake", {"a"});
        m_file = folder / "p.dubito";
        std::error_code error;
        fs::copy_file(m_desk->project.file, m_file, error);
        QVERIFY(!error);
        m_desk->project.file = m_file;
        QVERIFY(m_desk->start());
        m_desk->application->selection()->setRuns({m_run});
        m_desk->key(Qt::Key_3, Qt::AltModifier);  // a page without the table: names are asked for
        QTRY_COMPARE_WITH_TIMEOUT(m_desk->there(), QStringLiteral("mine/one"), kPatience);
        QTest::qWait(1500);  // where one stands is kept by now
        QVERIFY(m_disk->fill());
    }
    void cleanup() {
        if (m_disk) m_disk->empty();
        m_desk.reset();
        m_disk.reset();
    }
    void rename_onAFullDisk_isRefusedAloudAndTheOldNameStays() {
        const QString said = editUntilFull("edit.title", [this] { return kept().name; });
        QVERIFY2(said.contains(QLatin1String("full")), qPrintable(said));
        // With room again it works.
        QVERIFY(m_disk->empty());
        answer("edit.title", QStringLiteral("room again"));
        QTRY_COMPARE_WITH_TIMEOUT(kept().name, QStringLiteral("room again"), kPatience);
        QVERIFY(!sentence());
    }
    void note_onAFullDisk_isRefusedAloudAndIsNoStepBack() {
        std::int64_t edits = 0;
        const QString said = editUntilFull("edit.note", [&] {
            edits = kept().edits;
            return kept().note;
        });
        QVERIFY2(said.contains(QLatin1String("full")), qPrintable(said));
        QCOMPARE(kept().edits, edits);  // undo takes back what was kept, nothing else
    }
    void layout_onAFullDisk_isSaidOnceAndKeptWhenThereIsRoom() {
        const auto notices = [this] {
            return m_desk->application->notifications().texts().filter(QStringLiteral("The layout could not be kept"));
        };
        m_desk->key(Qt::Key_Backslash, Qt::ControlModifier);
        auto* splitter = m_desk->area().page()->findChild<app::RatioSplitter*>();
        QVERIFY(splitter);
        const auto change = [&](int i) { splitter->setRatio({1, 2.0 + i}); };
        for (int i = 0; i < kMostTries && notices().isEmpty(); ++i) {
            change(i);
            m_desk->area().keep();
            QTest::qWait(50);
        }
        QTRY_COMPARE_WITH_TIMEOUT(notices().size(), 1, kPatience);
        for (int i = 0; i < 3; ++i) {
            change(100 + i);
            m_desk->area().keep();
            QTest::qWait(50);
        }
        QCOMPARE(notices().size(), 1);
        const auto inFile = [this] {
            auto db = store::openReadOnly(m_file);
            if (!db) qFatal("%s", db.error().text().c_str());
            return jsonText(*store::querySetting(**db, "layout/mine"));
        };
        const std::string before = inFile();
        // The very layout that was refused is kept by the next look at it.
        QVERIFY(m_disk->empty());
        m_desk->area().keep();
        QTRY_VERIFY_WITH_TIMEOUT(inFile() != before, kPatience);
    }
};

int main(int argc, char** argv) {
    mayMount = enterMountNamespace();
    QApplication application(argc, argv);
    tst_FullDisk test;
    return QTest::qExec(&test, argc, argv);
}
#include "tst_full_disk.moc"
