// The life of a project by hand: made, only read, followed beside its owner, its file taken away, the program ended.
#include <QAbstractButton>
#include <QApplication>
#include <QFileDialog>
#include <QLabel>
#include <QLineEdit>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QSignalSpy>
#include <QTimer>
#include <QToolButton>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "action_registry.h"
#include "app/desktop.h"
#include "banner.h"
#include "crash_recovery.h"
#include "dialogs/project_dialogs.h"
#include "dialogs/run_dialog.h"
#include "notifications.h"
#include "open_files.h"
#include "run/job_dir.h"

using namespace dubito;
using tests::get;
using tests::kPatience;
using tests::ok;

namespace {

QString bannerText(const app::Application& application) {
    const auto* banner = application.window()->findChild<app::Banner*>();
    if (banner->isHidden()) return {};
    return banner->findChild<QLabel*>()->text().remove(QChar(0x200b));
}

QPushButton* bannerButton(const app::Application& application, const char* action) {
    for (auto* one :
        application.window()->findChild<app::Banner*>()->findChildren<QPushButton*>(QString::fromLatin1(action)))
        if (one->isVisible()) return one;
    return nullptr;
}

QAction* action(const app::Application& application, const char* id) {
    return application.window()->actionRegistry().action(QString::fromLatin1(id));
}

/// Everything that writes is grey and says why.
void isOnlyRead(const app::Application& application, const QString& reason) {
    for (const char* id : {"run.new", "edit.undo", "edit.title", "edit.emptyBin", "chat.new", "model.train"}) {
        QVERIFY2(!action(application, id)->isEnabled(), id);
        QVERIFY2(action(application, id)->statusTip().contains(reason),
            qPrintable(QString::fromLatin1(id) + ": " + action(application, id)->statusTip()));
    }
}

/// Types a name into the file dialog that opens and accepts it.
void answerFileDialog(const QString& path) {
    QFileDialog* dialog = nullptr;
    QTRY_VERIFY_WITH_TIMEOUT((dialog =
                                     [] {
                                         for (QWidget* top : QApplication::topLevelWidgets())
                                             if (auto* one = qobject_cast<QFileDialog*>(top); one && one->isVisible())
                                                 return one;
                                         return static_cast<QFileDialog*>(nullptr);
                                     }()) != nullptr,
        kPatience);
    auto* name = dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
    QVERIFY(name);
    name->setCompleter(nullptr);  // its list would take the keys
    dialog->setDirectory(QFileInfo(path).absolutePath());
    name->selectAll();
    QTest::keyClicks(name, QFileInfo(path).fileName());
    QTest::keyClick(name, Qt::Key_Return);
}

QMessageBox* messageBox() {
    for (QWidget* top : QApplication::topLevelWidgets())
        if (auto* box = qobject_cast<QMessageBox*>(top); box && box->isVisible()) return box;
    return nullptr;
}

/// Presses a button of the box that opens next, also while the caller waits for it.
void pressInBox(const QString& text, bool* wasThere) {
    auto* timer = new QTimer(qApp);
    timer->setInterval(50);
    QObject::connect(timer, &QTimer::timeout, timer, [timer, text, wasThere] {
        QMessageBox* box = messageBox();
        if (!box) return;
        for (auto* button : box->buttons())
            if (button->text() == text) {
                timer->stop();
                timer->deleteLater();
                *wasThere = true;
                return QTest::mouseClick(button, Qt::LeftButton);
            }
    });
    timer->start();
}

/// Acts as a user without rights while it lives: for root every file may be written.
struct AsNobody {
    AsNobody() {
        if (::geteuid() == 0 && ::seteuid(65534) != 0) qFatal("the user cannot be changed");
    }
    ~AsNobody() {
        if (::getuid() == 0 && ::seteuid(0) != 0) qFatal("the user cannot be changed back");
    }
};

void dropOn(QWidget* window, const QStringList& paths) {
    QMimeData data;
    QList<QUrl> urls;
    for (const QString& path : paths) urls << QUrl::fromLocalFile(path);
    data.setUrls(urls);
    QDragEnterEvent enter(QPoint(200, 200), Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(window, &enter);
    QVERIFY(enter.isAccepted());
    QDropEvent drop(QPointF(200, 200), Qt::CopyAction, &data, Qt::LeftButton, {});
    QApplication::sendEvent(window, &drop);
}

fs::path marker() { return stateHome() / "desktop.open.json"; }

}  // namespace

class tst_ProjectLife : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void newProject_takenName_isLeftAloneAndAnotherIsAskedFor() {
        tests::Desktop desktop(false);
        auto& application = *desktop.application;
        const QString taken = QString::fromStdString(desktop.project.file.string());
        const QString fresh = desktop.project.folder.path() + QStringLiteral("/fresh");
        const auto before = get(readFile(desktop.project.file, 64 << 20));
        application.window()->trigger(QStringLiteral("project.new"));
        answerFileDialog(taken.chopped(7));  // without ".dubito"
        QTRY_VERIFY_WITH_TIMEOUT(messageBox(), kPatience);
        QVERIFY2(messageBox()->text().contains(QStringLiteral("test.dubito exists already")),
            qPrintable(messageBox()->text()));
        bool isThere = false;
        pressInBox(QStringLiteral("Choose another name…"), &isThere);
        QTRY_VERIFY_WITH_TIMEOUT(isThere, kPatience);
        answerFileDialog(fresh);
        QTRY_COMPARE_WITH_TIMEOUT(application.projectPath(), fresh + QStringLiteral(".dubito"), kPatience);
        QVERIFY(application.service());
        QVERIFY(get(readFile(desktop.project.file, 64 << 20)) == before);
    }
    void signal_endsTheProgramCleanly_data() {
        QTest::addColumn<int>("number");
        QTest::newRow("SIGTERM") << SIGTERM;
        QTest::newRow("SIGINT") << SIGINT;
        QTest::newRow("SIGHUP") << SIGHUP;
    }
    void signal_endsTheProgramCleanly() {
        QFETCH(int, number);
        tests::Desktop desktop;
        QVERIFY(fs::exists(marker()));
        QSignalSpy quits(qApp, &QCoreApplication::aboutToQuit);
        QTimer::singleShot(0, qApp, [&] { ::kill(::getpid(), number); });
        // The windows are closed and the loop is asked to end.
        QTRY_VERIFY_WITH_TIMEOUT(!desktop.application->window()->isVisible() || quits.count() > 0, kPatience);
        desktop.application.reset();
        QVERIFY(!fs::exists(marker()));
        QVERIFY(!app::CrashRecovery().wasUnclean());
        auto db = get(store::openReadOnly(desktop.project.file));
        QCOMPARE(get(db->integer("SELECT value FROM meta WHERE key='clean_close'")), 1);
    }
    void recovery_killedButNotWaitedFor_countsAsGone() {
        tests::TempProject home;
        const pid_t child = ::fork();
        if (child == 0) {
            ::pause();
            ::_exit(0);
        }
        const auto start = run::processStartTicks(child);
        const auto write = [&](std::int64_t ticks) {
            ok(makeFolders(stateHome()));
            ok(writeFileAtomic(marker(),
                jsonText(Json{{"pid", child}, {"start", ticks}, {"boot", run::bootId()}, {"project", "/x.dubito"}})));
        };
        write(start);
        QVERIFY(!app::CrashRecovery().wasUnclean());
        write(start + 1);  // the number belongs to another process by now
        QVERIFY(app::CrashRecovery().wasUnclean());
        write(start);
        // Another desktop that lives keeps its marker.
        app::CrashRecovery second;
        second.setProject(QStringLiteral("/y.dubito"));
        second.endCleanly();
        QVERIFY(fs::exists(marker()));
        ::kill(child, SIGKILL);
        QTRY_VERIFY_WITH_TIMEOUT(run::processStartTicks(child) < 0, kPatience);  // a zombie now
        QVERIFY(app::CrashRecovery().wasUnclean());
        QCOMPARE(app::CrashRecovery().lastProject(), QStringLiteral("/x.dubito"));
        ::waitpid(child, nullptr, 0);
    }
    void project_protected_opensReadOnlyWithTheReason_data() {
        QTest::addColumn<int>("file");
        QTest::addColumn<int>("folder");
        QTest::addColumn<QString>("reason");
        QTest::newRow("file") << 0444 << 0777 << "the file may only be read";
        QTest::newRow("folder") << 0666 << 0555 << "its folder may only be read";
        QTest::newRow("both") << 0444 << 0555 << "the file may only be read";
    }
    void project_protected_opensReadOnlyWithTheReason() {
        QFETCH(int, file);
        QFETCH(int, folder);
        QFETCH(QString, reason);
        tests::Desktop desktop(false);
        const fs::path place = fs::path(desktop.project.folder.path().toStdString());
        ::chmod(place.c_str(), 0777);
        ::chmod("/tmp", 01777);
        ok(makeFolders(place / "shelf"));
        const fs::path kept = place / "shelf/kept.dubito";
        fs::copy_file(desktop.project.file, kept);
        ::chmod(kept.c_str(), static_cast<mode_t>(file));
        ::chmod(kept.parent_path().c_str(), static_cast<mode_t>(folder));
        for (const char* home : {"state", "config", "cache", "data"}) {
            ok(makeFolders(place / home / "dubito"));
            for (const fs::path& one : {place / home, place / home / "dubito"}) ::chmod(one.c_str(), 0777);
        }
        {
            const AsNobody nobody;
            desktop.open(QString::fromStdString(kept.string()));
            QVERIFY(!desktop.application->service());
            QTRY_VERIFY2_WITH_TIMEOUT(bannerText(*desktop.application).contains(reason),
                qPrintable(bannerText(*desktop.application)), kPatience);
            isOnlyRead(*desktop.application, reason);
            desktop.application->closeProject();
            QVERIFY(bannerText(*desktop.application).isEmpty());
            // Once it may be written, it is.
            desktop.open(QString::fromStdString(kept.string()));
        }
        ::chmod(kept.c_str(), 0666);
        ::chmod(kept.parent_path().c_str(), 0777);
        auto* write = bannerButton(*desktop.application, "project.write");
        QVERIFY(write);
        QTest::mouseClick(write, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(desktop.application->service(), kPatience);
        QVERIFY(bannerText(*desktop.application).isEmpty());
        QVERIFY(action(*desktop.application, "run.new")->isEnabled());
    }
    void owner_elsewhere_isFollowedAndTakenOverWhenItHasLeft() {
        tests::TempProject project;
        auto owner = get(run::RunService::open(project.file, {}));
        qputenv("XDG_CONFIG_HOME", project.folder.path().toUtf8() + "/config");
        app::Application application(
            app::Application::Options{QStringLiteral("en"), QStringLiteral("light"), false, false});
        application.window()->show();
        int outcome = -1;
        application.openProject(QString::fromStdString(project.file.string()), [&](bool opened) { outcome = opened; });
        QTRY_COMPARE_WITH_TIMEOUT(outcome, 1, kPatience);
        QVERIFY(!application.service());
        QVERIFY(bannerText(application).contains(QStringLiteral("is open in Dubito")));
        QVERIFY(!bannerButton(application, "project.write"));
        isOnlyRead(application, QStringLiteral("is open in Dubito"));
        QSignalSpy added(application.events(), &kit::RunEvents::added);
        QSignalSpy states(application.events(), &kit::RunEvents::stateChanged);
        QTest::qWait(1500);  // the first look
        run::RunDraft draft;
        draft.threads = 1;
        draft.title = "followed";
        draft.parameters = {{"steps", 3}};
        const auto runNo = get(owner->submit(draft, get(host::readManifest(DUBITO_FAKE_PLUGIN))));
        QTRY_VERIFY_WITH_TIMEOUT(added.count() == 1 && added[0][0].toLongLong() == runNo, kPatience);
        application.window()->showPanel(QStringLiteral("runs"));
        auto* runs = application.window()->panel(QStringLiteral("runs"));
        store::RunRow row;
        QVERIFY(tests::waitFinal(project.file, runNo, 60, &row));
        QCOMPARE(row.state, static_cast<int>(run::RunState::Done));
        QTRY_VERIFY_WITH_TIMEOUT(
            [&] {
                for (const auto& one : states)
                    if (one[1].toInt() == static_cast<int>(run::RunState::Done)) return true;
                return false;
            }(),
            kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(runs->dataTable().rows.size() == 1, kPatience);
        application.selection()->setRuns({static_cast<qint64>(runNo)});
        owner.reset();
        QTRY_VERIFY_WITH_TIMEOUT(bannerText(application).contains(QStringLiteral("the owner has left")), kPatience);
        auto* write = bannerButton(application, "project.write");
        QVERIFY(write);
        QTest::mouseClick(write, Qt::LeftButton);
        QTRY_VERIFY_WITH_TIMEOUT(application.service(), kPatience);
        QVERIFY(bannerText(application).isEmpty());
        QTRY_COMPARE_WITH_TIMEOUT(application.selection()->leadingRun(), static_cast<qint64>(runNo), kPatience);
    }
    void file_gone_isSaidNothingPretendsAndACopyKeepsAll_data() {
        QTest::addColumn<QString>("what");
        for (const char* what : {"deleted", "moved", "replaced"}) QTest::newRow(what) << what;
    }
    void file_gone_isSaidNothingPretendsAndACopyKeepsAll() {
        QFETCH(QString, what);
        tests::Desktop desktop;
        auto& application = *desktop.application;
        const auto runNo = desktop.addRun("kept");
        const fs::path& file = desktop.project.file;
        if (what == "deleted") fs::remove(file);
        else fs::rename(file, file.string() + ".away");
        if (what == "replaced") ok(writeFileAtomic(file, "another file"));
        QTRY_VERIFY_WITH_TIMEOUT(application.banner().isBad, kPatience);
        QVERIFY2(bannerText(application).contains(QStringLiteral("nothing is written to it")),
            qPrintable(bannerText(application)));
        isOnlyRead(application, QStringLiteral("nothing is written to it"));
        run::RunDraft draft;
        draft.threads = 1;
        draft.parameters = {{"steps", 3}};
        QVERIFY(!application.service()->submit(draft, get(host::readManifest(DUBITO_FAKE_PLUGIN))));
        // Closing asks first.
        bool asked = false;
        pressInBox(QStringLiteral("Stay"), &asked);
        application.window()->close();
        QVERIFY(asked && application.window()->isVisible() && application.hasProject());
        auto* save = bannerButton(application, "project.save_copy");
        QVERIFY(save);
        const QString copy = desktop.project.folder.path() + QStringLiteral("/copy.dubito");
        QTest::mouseClick(save, Qt::LeftButton);
        answerFileDialog(copy);
        QTRY_COMPARE_WITH_TIMEOUT(application.projectPath(), copy, kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(bannerText(application).isEmpty(), kPatience);
        QVERIFY(application.service());
        auto row = get(store::findRun(*get(store::openReadOnly(copy.toStdString())), runNo));
        QVERIFY(row && row->title == "kept");
        if (what == "replaced") QCOMPARE(get(readFile(file, 100)), std::string("another file"));
    }
    void file_movedBack_isWrittenAgain() {
        tests::Desktop desktop;
        const fs::path& file = desktop.project.file;
        fs::rename(file, file.string() + ".away");
        QTRY_VERIFY_WITH_TIMEOUT(desktop.application->banner().isBad, kPatience);
        fs::rename(file.string() + ".away", file);
        QTRY_VERIFY_WITH_TIMEOUT(bannerText(*desktop.application).isEmpty(), kPatience);
        desktop.addRun("after");
    }
    void file_goneAtTheEnd_leavesACopyBehind() {
        tests::Desktop desktop;
        desktop.addRun("kept");
        fs::remove(desktop.project.file);
        QTRY_VERIFY_WITH_TIMEOUT(desktop.application->banner().isBad, kPatience);
        desktop.application.reset();  // as when the machine goes down
        const fs::path copy = dataHome() / "projects/test-rescued-1.dubito";
        auto db = get(store::openReadOnly(copy));
        QCOMPARE(get(db->integer("SELECT count(*) FROM run")), 1);
    }
    void drop_eachKind_opensOrIsNamed() {
        tests::Desktop desktop(false);
        auto& application = *desktop.application;
        const QString folder = desktop.project.folder.path();
        const fs::path place = folder.toStdString();
        ok(makeFolders(place / "hf"));
        ok(writeFileAtomic(place / "hf/config.json", "{}"));
        ok(writeFileAtomic(place / "note.txt", "a note"));
        ok(writeFileAtomic(place / "model.gguf", "GGUF"));
        ok(writeFileAtomic(place / "spec.json",
            R"({"plugin": {"id": "org.dubito.fake", "version": "1.0.0"}, "params": {"steps": 4}})"));
        QCOMPARE(app::droppedKind(folder + "/hf"), app::DroppedKind::Model);
        QCOMPARE(app::droppedKind(folder + "/model.gguf"), app::DroppedKind::Model);
        dropOn(application.window(), {folder + "/note.txt"});
        QTRY_VERIFY_WITH_TIMEOUT(
            application.notifications().texts().join(' ').contains("note.txt cannot be opened here"), kPatience);
        QVERIFY(!application.hasProject());
        dropOn(application.window(), {QString::fromStdString(desktop.project.file.string())});
        QTRY_VERIFY_WITH_TIMEOUT(application.service(), kPatience);
        dropOn(application.window(), {folder + "/spec.json"});
        QTRY_VERIFY_WITH_TIMEOUT(application.window()->findChild<app::RunDialog*>(), kPatience);
        application.window()->findChild<app::RunDialog*>()->close();
    }
};

QTEST_MAIN(tst_ProjectLife)
#include "tst_project_life.moc"
