// What the tests that drive the built programs from outside say: names, and checks that tell what a program said.
#pragma once

#include <QTest>

#include "support/home.h"

using dubito::run::Cause;
using dubito::run::RunState;
using dubito::tests::eventually;
using dubito::tests::Home;
using dubito::tests::Program;

#define QTRUE(program, condition) QVERIFY2(condition, (program).told().c_str())
#define QRIGHT(sentence)                        \
    do {                                        \
        const std::string wrong = sentence;     \
        QVERIFY2(wrong.empty(), wrong.c_str()); \
    } while (false)
