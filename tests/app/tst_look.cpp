// Colours, sizes and words of the look, computed from its tables and read from windows.
#include <QAbstractItemView>
#include <QApplication>
#include <QComboBox>
#include <QFile>
#include <QHelpEvent>
#include <QLabel>
#include <QSpinBox>
#include <QToolTip>
#include <QWheelEvent>
#include <QXmlStreamReader>

#include "app/look_over.h"
#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/term.h"
#include "kit/user_size.h"
#include "support/desk.h"
#include "theme.h"

using namespace dubito;
using namespace dubito::tests;

class tst_Look : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void cleanup() {
        kit::setUserScale(1);
        app::installTheme(QStringLiteral("light"));
    }
    void colours_everyTheme_haveTheirContrast() {
        for (const char* theme : {"light", "dark", "contrast"}) {
            app::installTheme(QString::fromLatin1(theme));
            const kit::Palette& c = kit::palette();
            const double least = kit::themeKind() == kit::ThemeKind::HighContrast ? 7 : 4.5;
            const std::pair<const char*, QColor> words[] = {{"text", c.text}, {"sub", c.sub}, {"faint", c.faint},
                {"accent", c.accent}, {"good", c.good}, {"warn", c.warn}, {"bad", c.bad}};
            const auto check = [&](const char* word, const QColor& colour, const char* on, const QColor& ground) {
                const double found = contrastOf(colour, ground);
                QVERIFY2(
                    found >= least, qPrintable(QStringLiteral("%1: %2 on %3 has %4")
                                                   .arg(QLatin1String(theme), QLatin1String(word), QLatin1String(on))
                                                   .arg(found)));
            };
            for (const auto& [word, colour] : words) {
                check(word, colour, "surface", c.surface);
                check(word, colour, "bg", c.bg);
            }
            check("text", c.text, "hover", c.hover);
            check("sub", c.sub, "hover", c.hover);
            check("text", c.text, "accent bg", c.accentBg);
            check("sub", c.sub, "accent bg", c.accentBg);
            check("accent", c.accent, "accent bg", c.accentBg);
            check("on accent", c.onAccent, "accent", c.accent);
            for (double t = 0; t <= 1; t += 0.02) {
                const QColor ground = kit::sequentialColour(t);
                QVERIFY(contrastOf(kit::textOn(ground), ground) >= 4.5);
            }
        }
    }
    void words_inTheWindow_haveTheirContrastInEveryTheme() {
        Desk desk;
        desk.install(workspace("w"));
        desk.addRun("org.dubito.fake", {"a/b"});
        QVERIFY(desk.start());
        for (const char* theme : {"light", "dark", "contrast"}) {
            desk.application->applyTheme(QString::fromLatin1(theme));
            for (const char* place : {"home", "runs", "w"}) {
                desk.area().showWorkspace(QString::fromLatin1(place));
                QTest::qWait(300);
                QString which;
                const double least = leastContrast(*desk.window(), &which);
                QVERIFY2(least >= (theme == QByteArray("contrast") ? 7 : 4.5) * 0.97,
                    qPrintable(QStringLiteral("%1, %2: %3 has %4")
                                   .arg(QLatin1String(theme), QLatin1String(place), which)
                                   .arg(least)));
            }
        }
    }
    void fonts_userWantsSixteenPoints_growInProportionAndTheWindowFits() {
        const QFont before = QApplication::font();
        QFont large = before;
        large.setPointSizeF(16);
        QApplication::setFont(large);
        {
            Desk desk;
            desk.install(workspace("w"));
            desk.addRun("org.dubito.fake", {"a/b"});
            QVERIFY(desk.start({1024, 700}));
            QCOMPARE(kit::userSize(13), 21);
            QLabel plain(QStringLiteral("x"));
            plain.ensurePolished();
            QCOMPARE(plain.font().pixelSize(), 21);
            QLabel small(QStringLiteral("x"));
            small.setProperty("role", "faint");
            small.ensurePolished();
            QCOMPARE(small.font().pixelSize(), 18);
            desk.area().showWorkspace(QStringLiteral("w"));
            QTest::qWait(300);
            QVERIFY2(desk.window()->width() <= 1024 && desk.window()->height() <= 700,
                qPrintable(QStringLiteral("%1x%2").arg(desk.window()->width()).arg(desk.window()->height())));
            const QStringList faults = faultsOf(*desk.window(), {});
            QVERIFY2(faults.isEmpty(), qPrintable(faults.join(QLatin1Char('\n'))));
        }
        QApplication::setFont(before);
    }
    void choice_clickOnItsLabel_opensTheList() {
        kit::LabelledChoice choice(QStringLiteral("colour"));
        choice.box()->addItems({QStringLiteral("one"), QStringLiteral("two")});
        choice.show();
        QVERIFY(QTest::qWaitForWindowExposed(&choice));
        QTest::mouseClick(choice.findChild<QLabel*>(), Qt::LeftButton);
        QTRY_VERIFY(QApplication::activePopupWidget());
        QTest::keyClick(QApplication::activePopupWidget()->findChild<QAbstractItemView*>(), Qt::Key_Down);
        QTest::keyClick(QApplication::activePopupWidget()->findChild<QAbstractItemView*>(), Qt::Key_Return);
        QTRY_COMPARE(choice.box()->currentIndex(), 1);
    }
    void numbers_andChoices_showArrowsInEveryTheme() {
        for (const char* theme : {"light", "dark", "contrast"}) {
            app::installTheme(QString::fromLatin1(theme));
            QSpinBox number;
            QComboBox box;
            box.addItem(QString());
            for (QWidget* one : std::initializer_list<QWidget*>{&number, &box}) {
                one->resize(120, 26);
                const QImage image = one->grab(QRect(98, 4, 20, 18)).toImage();
                double most = 1;
                for (int y = 0; y < image.height(); ++y)
                    for (int x = 0; x < image.width(); ++x)
                        most = std::max(most, contrastOf(image.pixelColor(x, y), kit::palette().surface));
                QVERIFY2(most >= 3, theme);
            }
        }
    }
    void wheel_overWhatHasNoFocus_changesNothing() {
        QWidget window;
        QSpinBox number(&window);
        QComboBox box(&window);
        box.addItems({QStringLiteral("a"), QStringLiteral("b")});
        box.move(0, 40);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        window.setFocus();
        for (QWidget* one : std::initializer_list<QWidget*>{&number, &box}) {
            QWheelEvent turn(QPointF(5, 5), one->mapToGlobal(QPointF(5, 5)), {}, QPoint(0, -120), Qt::NoButton, {},
                Qt::NoScrollPhase, false);
            QApplication::sendEvent(one, &turn);
        }
        QCOMPARE(number.value(), 0);
        QCOMPARE(box.currentIndex(), 0);
    }
    void terms_ofTheProgram_areOneSentenceEach() {
        for (const char* term :
            {"GGUF", "Q4_K", "quantisation", "KL", "logit lens", "entropy", "logprob", "LoRA", "learning rate",
                "temperature", "top-k", "top-p", "seed", "token", "context", "perplexity", "residual stream",
                "attention head", "attribution", "ablation", "patching", "checkpoint", "held-out", "mask"}) {
            const QString sentence = kit::termSentence(QString::fromLatin1(term));
            QVERIFY2(sentence.endsWith(QLatin1Char('.')) && sentence.size() < 200, term);
        }
        QVERIFY(kit::termSentence(QStringLiteral("no such term")).isEmpty());
    }
    void term_inATitle_isFoundAsAWord() {
        QCOMPARE(kit::termIn(QStringLiteral("LoRA rank")), QStringLiteral("LoRA"));
        QCOMPARE(kit::termIn(QStringLiteral("Held out")), QStringLiteral("held-out"));
        QCOMPARE(kit::termIn(QStringLiteral("Learning rate")), QStringLiteral("learning rate"));
        QCOMPARE(kit::termIn(QStringLiteral("Contextual answers")), QString());
        QCOMPARE(kit::termIn(QString()), QString());
    }
    void title_withTheSignOfItsKey_isSaidWithoutIt() {
        QCOMPARE(kit::withoutMnemonic(QString::fromUtf8("新建项目(&N)…")), QString::fromUtf8("新建项目…"));
        QCOMPARE(kit::withoutMnemonic(QString::fromUtf8("运行 (&R)")), QString::fromUtf8("运行"));
        QCOMPARE(kit::withoutMnemonic(QStringLiteral("&New project…")), QStringLiteral("New project…"));
        QCOMPARE(kit::withoutMnemonic(QStringLiteral("Layers (all)…")), QStringLiteral("Layers (all)…"));
        QCOMPARE(kit::withoutMnemonic(QStringLiteral("Q && A")), QStringLiteral("Q & A"));
    }
    void term_onALabel_isMarkedAndToldByHandAndByKey() {
        QWidget window;
        auto* label = new QLabel(QStringLiteral("temperature"), &window);
        auto* field = new QSpinBox(&window);
        label->setGeometry(10, 10, 120, 24);
        field->setGeometry(10, 50, 120, 26);
        label->setBuddy(field);
        window.resize(200, 100);
        window.show();
        QVERIFY(QTest::qWaitForWindowExposed(&window));
        const QImage plain = label->grab().toImage();
        kit::explain(label, QStringLiteral("temperature"));
        QVERIFY(label->grab().toImage() != plain);
        field->setFocus();
        QTest::keyClick(field, Qt::Key_F1);
        QTRY_VERIFY(QToolTip::text().contains("divided by"));
        QToolTip::hideText();
        QHelpEvent rest(QEvent::ToolTip, QPoint(5, 5), label->mapToGlobal(QPoint(5, 5)));
        QApplication::sendEvent(label, &rest);
        QTRY_VERIFY(QToolTip::text().contains("divided by"));
    }
    void catalogue_everyMessage_hasAllItsForms() {
        QFile file(QStringLiteral(DUBITO_SOURCE "/resources/translations/dubito_zh_CN.ts"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QXmlStreamReader xml(&file);
        QString source;
        int messages = 0;
        while (!xml.atEnd()) {
            if (xml.readNext() != QXmlStreamReader::StartElement) continue;
            if (xml.name() == QLatin1String("source")) source = xml.readElementText();
            if (xml.name() == QLatin1String("message")) ++messages;
            const bool isForm = xml.name() == QLatin1String("numerusform");
            if (isForm || xml.name() == QLatin1String("translation")) {
                if (!isForm) QVERIFY2(!xml.attributes().hasAttribute(QStringLiteral("type")), qPrintable(source));
                const QString text =
                    isForm ? xml.readElementText() : xml.readElementText(QXmlStreamReader::SkipChildElements);
                if (isForm || !text.trimmed().isEmpty()) QVERIFY2(!text.trimmed().isEmpty(), qPrintable(source));
            }
        }
        QVERIFY(messages > 100);
    }
};

QTEST_MAIN(tst_Look)
#include "tst_look.moc"
