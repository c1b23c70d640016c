// The C structs keep their sizes; size-gated fields are seen only when they are there.
#include <dubito/layout.h>

#include <QTest>

class tst_Abi : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void has_smallerStruct_hidesLaterFields() {
        dubito_plugin table{};
        table.struct_bytes = sizeof table;
        QVERIFY(DUBITO_HAS(&table, get_extension));
        table.struct_bytes = offsetof(dubito_plugin, get_extension);
        QVERIFY(!DUBITO_HAS(&table, get_extension));
        QVERIFY(DUBITO_HAS(&table, destroy));
    }
    void number_isOneZero() { QCOMPARE(DUBITO_ABI_NUMBER, 65536u); }
};

QTEST_GUILESS_MAIN(tst_Abi)
#include "tst_abi.moc"
