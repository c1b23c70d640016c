// A main() for campaigns that take hours when asked to: Qt Test's watchdog ends a test function after five minutes.
#pragma once

#include <QTest>

#define DUBITO_LONG_MAIN(Test)                                                                                   \
    int main(int argc, char** argv) {                                                                            \
        if (!qEnvironmentVariableIsSet("QTEST_FUNCTION_TIMEOUT")) qputenv("QTEST_FUNCTION_TIMEOUT", "86400000"); \
        const QCoreApplication app(argc, argv);                                                                  \
        Test test;                                                                                               \
        return QTest::qExec(&test, argc, argv);                                                                  \
    }
