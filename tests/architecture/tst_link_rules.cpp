// What programs are linked to, read from their dynamic sections.
#include <QFile>
#include <QProcess>
#include <QTest>

class tst_LinkRules : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void programs_link_onlyWhatTheyMay_data() {
        QTest::addColumn<QString>("program");
        QTest::addColumn<QStringList>("never");
        QTest::newRow("dubito-plugin-check") << "dubito-plugin-check" << QStringList{"libQt6", "libtorch", "libc10"};
        QTest::newRow("dubito") << "dubito" << QStringList{"libQt6", "libtorch", "libmujoco", "libQCustomPlot"};
        QTest::newRow("dubito-worker") << "dubito-worker"
                                       << QStringList{"libQt6", "libtorch", "libsqlite3", "libmujoco"};
        QTest::newRow("dubito-desktop") << "dubito-desktop"
                                        << QStringList{"libtorch", "libmujoco", "libc10", "libcuda"};
    }
    void programs_link_onlyWhatTheyMay() {
        QFETCH(QString, program);
        QFETCH(QStringList, never);
        const QString path = QString(DUBITO_BIN) + "/" + program;
        if (!QFile::exists(path)) QSKIP("not built in this preset");
        expectNone(path, never);
    }
    void learning_library_linksNoGpu() {
        const QString path = QString(DUBITO_BUILD) + "/lib/libdubito_compute.so";
        if (!QFile::exists(path)) QSKIP("not built in this preset");
        // The GPU's library is opened when a device is asked for.
        expectNone(path, {"libQt6", "libtorch_cuda", "libcuda", "libsqlite3"});
    }

private:
    static void expectNone(const QString& path, const QStringList& never) {
        QProcess readelf;
        readelf.start("readelf", {"-d", path});
        QVERIFY(readelf.waitForFinished());
        const QByteArray out = readelf.readAllStandardOutput();
        QVERIFY(out.contains("NEEDED"));
        for (const QByteArray& line : out.split('\n'))
            if (line.contains("NEEDED"))
                for (const QString& library : never) QVERIFY2(!line.contains(library.toUtf8()), line);
    }
};

QTEST_GUILESS_MAIN(tst_LinkRules)
#include "tst_link_rules.moc"
