// Good manifests, and one wrong thing at a time.
#include <QTemporaryDir>
#include <QTest>

#include "host/catalogue.h"

using namespace dubito;

class tst_Manifest : public QObject {
    Q_OBJECT
    static QString good() {
        return QString::fromStdString(*readFile(fs::path(DUBITO_SOURCE) / "plugins/template/plugin.json", 1 << 20));
    }
private Q_SLOTS:
    void manifest_template_isWhole() {
        auto plugin = host::parseManifest(good().toStdString());
        QVERIFY2(plugin, plugin ? "" : plugin.error().text().c_str());
        QCOMPARE(plugin->id, std::string("org.example.coin_doubt"));
        QCOMPARE(plugin->titleIn("zh_CN"), std::string("硬币之疑"));
        QCOMPARE(plugin->outputs.size(), std::size_t(2));
        QVERIFY(plugin->findOutput("unc/posterior_sd") && !plugin->findOutput("unc/x"));
    }
    void manifest_wrong_saysWhat_data() {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<QString>("says");
        QTest::newRow("abi") << "\"major\": 1"
                             << "\"major\": 3"
                             << "ABI 3.0";
        QTest::newRow("format") << "\"manifest\": 1"
                                << "\"manifest\": 7"
                                << "format 7";
        QTest::newRow("id") << "org.example.coin_doubt"
                            << "Coin Doubt"
                            << "\"id\"";
        QTest::newRow("version") << "\"1.0.0\""
                                 << "\"1.0\""
                                 << "semantic";
        QTest::newRow("path") << "libcoin_doubt.so"
                              << "../evil.so"
                              << "\"binary\"";
        QTest::newRow("licence") << "\"MIT\""
                                 << "\"\""
                                 << "licence";
        QTest::newRow("title") << "\"en\": \"Coin doubt\""
                               << "\"fr\": \"Piece\""
                               << "\"title\"";
        QTest::newRow("kind") << "\"kind\": \"scalar\""
                              << "\"kind\": \"sculpture\""
                              << "kind";
        QTest::newRow("demo") << "\"demo\": {\"bias\": 0.7"
                              << "\"demo\": {\"bias\": 7"
                              << "/bias is 7";
        QTest::newRow("keyword") << "\"x-unit\": \"1\""
                                 << "\"unit\": \"1\""
                                 << "keyword";
        QTest::newRow("json") << "\"manifest\": 1,"
                              << "\"manifest\": 1"
                              << "JSON";
        QTest::newRow("twice") << "\"manifest\": 1,"
                               << "\"manifest\": 1, \"manifest\": 1,"
                               << "twice";
    }
    void manifest_wrong_saysWhat() {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QFETCH(QString, says);
        QString text = good();
        QVERIFY(text.contains(from));
        text.replace(from, to);
        auto plugin = host::parseManifest(text.toStdString());
        QVERIFY(!plugin);
        QVERIFY2(QString::fromStdString(plugin.error().text()).contains(says), plugin.error().text().c_str());
    }
    void versions_order_asSemVer() {
        QVERIFY(host::compareVersions("1.10.0", "1.9.9") > 0);
        QVERIFY(host::compareVersions("1.0.0-rc1", "1.0.0") < 0);
        QCOMPARE(host::compareVersions("2.0.0", "2.0.0"), 0);
    }
    void catalogue_brokenPlugin_keepsItsReason() {
        QTemporaryDir dir;
        const fs::path folder = fs::path(dir.path().toStdString()) / "x" / "1";
        QVERIFY(makeFolders(folder));
        QVERIFY(writeFileAtomic(folder / "plugin.json", "{"));
        const auto catalogue = host::Catalogue::scan({fs::path(dir.path().toStdString())});
        QCOMPARE(catalogue.entries().size(), std::size_t(1));
        QVERIFY(!catalogue.entries()[0].plugin && !catalogue.entries()[0].refusal.empty());
    }
};

QTEST_GUILESS_MAIN(tst_Manifest)
#include "tst_manifest.moc"
