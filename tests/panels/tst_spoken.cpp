// Painted lists as assistive tools meet them: what each part is called, where it is, and what a press on it does.
#include <QAccessible>
#include <QMenu>
#include <QSignalSpy>
#include <QTest>
#include <QTimer>
#include <QToolButton>

#include "kit/bar_list.h"
#include "kit/token_strip.h"

using namespace dubito;

namespace {

QAccessibleInterface* seen(QWidget& widget) { return QAccessible::queryAccessibleInterface(&widget); }

QString name(QAccessibleInterface* part) { return part->text(QAccessible::Name); }
QString said(QAccessibleInterface* part) { return part->text(QAccessible::Description); }

void act(QAccessibleInterface* part, const QString& deed) { part->actionInterface()->doAction(deed); }

QVector<kit::TokenChip> chips(const QStringList& texts) {
    QVector<kit::TokenChip> out;
    for (const QString& text : texts) out.append({.text = text, .probability = 0.25});
    return out;
}

}  // namespace

class tst_Spoken : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void initTestCase() { QAccessible::setActive(true); }

    void strip_readByATool_givesTokensWithTextProbabilityAndPlace() {
        kit::TokenStrip strip;
        strip.resize(300, 60);
        strip.setTokens(chips({"The", " tower", "\n", " is"}));
        strip.show();
        QVERIFY(QTest::qWaitForWindowExposed(&strip));
        auto* list = seen(strip);
        QCOMPARE(list->role(), QAccessible::List);
        QCOMPARE(name(list), QStringLiteral("Tokens"));
        QCOMPARE(list->childCount(), 4);
        QCOMPARE(name(list->child(1)), QStringLiteral("tower"));
        QCOMPARE(name(list->child(2)), QString(QChar(0x23CE)));
        QCOMPARE(said(list->child(1)), QStringLiteral("position 1, probability 0.250"));
        QCOMPARE(list->indexOfChild(list->child(3)), 3);
        QCOMPARE(list->child(3)->parent(), list);
        const QRect place = list->child(1)->rect();
        QVERIFY(QRect(strip.mapToGlobal(QPoint()), strip.size()).contains(place));
        QCOMPARE(list->childAt(place.center().x(), place.center().y()), list->child(1));
        QVERIFY(!list->child(1)->state().offscreen && !list->child(1)->state().invisible);
        strip.setAccessibleName(QStringLiteral("Answer"));
        QCOMPARE(name(list), QStringLiteral("Answer"));
        strip.hide();
        QVERIFY(list->child(1)->state().invisible);
    }
    void strip_tokenPressedByATool_isAClickOnIt() {
        kit::TokenStrip strip;
        strip.setTokens(chips({"The", " tower"}));
        QVERIFY(seen(strip)->child(1)->actionInterface()->actionNames().isEmpty());
        QSignalSpy clicked(&strip, &kit::TokenStrip::tokenClicked);
        connect(&strip, &kit::TokenStrip::tokenClicked, &strip, &kit::TokenStrip::setCurrent);
        strip.show();
        QVERIFY(QTest::qWaitForWindowActive(&strip));
        auto* token = seen(strip)->child(1);
        QCOMPARE(token->actionInterface()->localizedActionName(QAccessibleActionInterface::pressAction()),
            QStringLiteral("look at it"));
        act(token, QAccessibleActionInterface::pressAction());
        QCOMPARE(clicked.size(), 1);
        QCOMPARE(clicked.last().first().toInt(), 1);
        QVERIFY(token->state().selected);
        act(seen(strip)->child(0), QAccessibleActionInterface::setFocusAction());
        QVERIFY(strip.hasFocus());
        QCOMPARE(seen(strip)->focusChild(), seen(strip)->child(0));
        // By keys as well, and a tool that follows the focus is led to the token.
        QTest::keyClick(&strip, Qt::Key_Right);
        QVERIFY(token->state().focused);
        QCOMPARE(seen(strip)->focusChild(), token);
    }
    void strip_shorterThanBefore_givesUpWhatIsGone() {
        kit::TokenStrip strip;
        strip.setTokens(chips({"a", " b", " c"}));
        auto* last = seen(strip)->child(2);
        QVERIFY(last->isValid());
        strip.setTokens(chips({"a"}));
        QVERIFY(!last->isValid());
        QCOMPARE(name(last), QString());
        QCOMPARE(seen(strip)->childCount(), 1);
        QVERIFY(!seen(strip)->child(2));
        strip.setTokens(chips({"x", " y", " z"}));
        QCOMPARE(name(seen(strip)->child(2)), QStringLiteral("z"));
    }
    void bars_readByATool_rowsActByTheirWord() {
        kit::BarList bars;
        bars.setRows({{"seven", 0.5, "0.500", 7, "say this"}, {"eight", 0.25, "0.250", -1, "said"}});
        bars.show();
        QVERIFY(QTest::qWaitForWindowActive(&bars));
        QSignalSpy clicked(&bars, &kit::BarList::clicked);
        auto* list = seen(bars);
        QCOMPARE(list->childCount(), 2);
        QCOMPARE(name(list->child(0)), QStringLiteral("seven 0.500"));
        QCOMPARE(said(list->child(1)), QStringLiteral("said"));
        QVERIFY(list->child(1)->actionInterface()->actionNames().isEmpty());
        auto* deeds = list->child(0)->actionInterface();
        QCOMPARE(deeds->localizedActionName(QAccessibleActionInterface::pressAction()), QStringLiteral("say this"));
        act(list->child(0), QAccessibleActionInterface::pressAction());
        QCOMPARE(clicked.size(), 1);
        QCOMPARE(clicked.last().first().toInt(), 7);
        act(list->child(0), QAccessibleActionInterface::setFocusAction());
        QCOMPARE(list->focusChild(), list->child(0));
        act(list->child(1), QAccessibleActionInterface::pressAction());
        QCOMPARE(clicked.size(), 1);
    }
    void toolButton_withAMenu_hasItAsItsChild() {
        kit::speakParts();
        QToolButton button;
        button.setText(QStringLiteral("&More"));
        button.setPopupMode(QToolButton::InstantPopup);
        auto* menu = new QMenu(&button);
        menu->addAction(QStringLiteral("Pin"));
        button.setMenu(menu);
        button.show();
        QVERIFY(QTest::qWaitForWindowExposed(&button));
        auto* spoken = seen(button);
        QCOMPARE(spoken->role(), QAccessible::ButtonMenu);
        QCOMPARE(name(spoken), QStringLiteral("More"));
        QCOMPARE(spoken->childCount(), 1);
        QCOMPARE(spoken->child(0)->role(), QAccessible::PopupMenu);
        QCOMPARE(name(spoken->child(0)->child(0)), QStringLiteral("Pin"));
        QVERIFY(spoken->state().collapsed);
        act(spoken, QAccessibleActionInterface::showMenuAction());
        bool wasOpen = false;
        QTimer::singleShot(0, menu, [&] {
            wasOpen = menu->isVisible() && spoken->state().expanded;
            menu->close();
        });
        QTRY_VERIFY_WITH_TIMEOUT(wasOpen, 15'000);
        QVERIFY(spoken->state().collapsed);
    }
};

QTEST_MAIN(tst_Spoken)
#include "tst_spoken.moc"
