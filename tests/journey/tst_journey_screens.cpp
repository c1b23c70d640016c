// Small screens and another language: nothing off the screen, nothing cut, no word left in English.
#include <QRegularExpression>

#include "journey/journey.h"

namespace dubito::tests {
namespace {

bool mustBeWhole(const Node& node) {
    static const QStringList roles{
        "push button", "check box", "combo box", "menu item", "page tab", "spin box", "button menu", "radio button"};
    return roles.contains(node.role) || (node.role == QLatin1String("text") && !node.name.isEmpty());
}

/// What is off the screen, or cut at the right or left; one a line.
QString cutOff(const QVector<Node>& all, QSize screen) {
    QString out;
    const QRect whole(QPoint(), screen);
    for (const Node& node : all) {
        const bool isWindow = node.depth == 1;
        if (isWindow && !whole.contains(node.box)) out += QStringLiteral("off the screen: ") + node.line() + '\n';
        if (!mustBeWhole(node) || node.seen.isEmpty()) continue;
        if (node.seen.left() != node.box.left() || node.seen.right() != node.box.right())
            out += QStringLiteral("cut: ") + node.line().trimmed() + '\n';
    }
    // What lies wholly beside its pane is out of sight, and no wheel brings it back.
    for (const Node& node : all)
        if (mustBeWhole(node) && node.seen.isEmpty() && !node.box.isEmpty() && node.parent >= 0) {
            const QRect outer = all[node.parent].box;
            if (node.box.left() >= whole.right() || (outer.isValid() && node.box.left() > outer.right()))
                out += QStringLiteral("out of reach: ") + node.line().trimmed() + '\n';
        }
    return out;
}

}  // namespace

class tst_JourneyScreens : public Journey {
    Q_OBJECT
private Q_SLOTS:
    void cleanup() { tearDown(); }
    void smallScreen_everyPage_isWhole_data();
    void smallScreen_everyPage_isWhole();
    void chinese_everyPage_hasNoEnglishWord();

private:
    QString demo();
    QStringList pages(const QString& bar);
    QString page();
};

/// A project with a talk, an inspection and curves.
QString tst_JourneyScreens::demo() {
    QString wrong = dubito({"run", path("small.dubito"), "coin_doubt", "--title", "coin", "--quiet"});
    if (wrong.isEmpty() && hasLanguage())
        wrong = dubito(
            {"run", path("small.dubito"), "tas.inspect", "--title", "look", "--set", "gen.max_tokens=4", "--quiet"});
    if (wrong.isEmpty() && hasLanguage())
        wrong = dubito({"run", path("small.dubito"), "lm.chat", "--title", "talk", "--set", "chat.text=Hello", "--set",
            "gen.max_tokens=8", "--quiet"});
    return wrong;
}

QStringList tst_JourneyScreens::pages(const QString& bar) {
    QStringList out;
    const auto all = desk().see();
    for (const Node& node : all)
        if (node.role == QLatin1String("check box") && node.parent >= 0 && all[node.parent].name == bar &&
            node.is(Node::Enabled) && !node.seen.isEmpty())
            out << node.name;
    return out;
}

/// The page in front: its tab is pressed.
QString tst_JourneyScreens::page() {
    const auto all = desk().see();
    for (const Node& node : all)
        if (node.is(Node::Checked) && node.parent >= 0 && all[node.parent].name == QLatin1String("Pages"))
            return node.name;
    return {};
}

void tst_JourneyScreens::smallScreen_everyPage_isWhole_data() {
    QTest::addColumn<QSize>("size");
    QTest::newRow("1024x700") << QSize(1024, 700);
    QTest::newRow("1280x800") << QSize(1280, 800);
}

void tst_JourneyScreens::smallScreen_everyPage_isWhole() {
    QFETCH(QSize, size);
    SCREEN(size);
    const QString wrong = demo();
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    DO(desk().start({path("small.dubito")}));
    DO(desk().wait("frame", "small.dubito*"));
    QString cut;
    for (const QString& place : pages("Workspaces")) {
        DO(desk().click("check box", place, "Workspaces"));
        // By keys: pages that do not fit have no tab.
        constexpr int kMostPages = 6;
        QString before;
        for (int i = 1; i <= kMostPages; ++i) {
            DO(desk().key(QStringLiteral("Ctrl+%1").arg(i)));
            DO(desk().settle());
            const QString now = page();
            if (i > 1 && now == before) break;
            before = now;
            const QString here = cutOff(desk().see(), size);
            if (here.isEmpty()) continue;
            cut += place + " / " + now + ":\n" + here;
            desk().picture(QStringLiteral("%1-%2-%3").arg(size.width()).arg(place, now));
        }
    }
    DO(desk().key("Ctrl+R"));
    DO(desk().wait("dialog", "New run"));
    cut += cutOff(desk().see(), size);
    QVERIFY2(cut.isEmpty(), qPrintable(cut));
}

void tst_JourneyScreens::chinese_everyPage_hasNoEnglishWord() {
    SCREEN();
    const QString wrong = demo();
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    DO(desk().start({"--lang", "zh_CN", path("small.dubito")}));
    DO(desk().wait("frame", "small.dubito*"));
    QStringList english;
    // Names of things and formats stay as they are.
    static const QRegularExpression word(QStringLiteral("[A-Za-z]{4,}")),
        chinese(QStringLiteral("[\\x{4e00}-\\x{9fff}]"));
    const auto look = [&] {
        for (const Node& node : desk().see())
            if (!node.seen.isEmpty() && node.name.contains(word) && !node.name.contains(chinese) &&
                (node.role == QLatin1String("label") || mustBeWhole(node)))
                english << node.line().trimmed();
    };
    for (const QString& place : pages(QStringLiteral("工作区"))) {
        DO(desk().click("check box", place, QStringLiteral("工作区")));
        DO(desk().settle());
        look();
    }
    DO(desk().key("Ctrl+R"));
    DO(desk().wait("dialog", "*"));
    look();
    // What has a name of its own: models, files, runs, keys of metrics and parameters, values of these.
    static const QRegularExpression named(
        QStringLiteral("Dubito|SmolLM2|Smollm2|CPU: "
                       "|coin_doubt|SMALL|\\\"(talk|look|coin|Hello|template|auto|false)\\\"|[a-z]+[./][a-z_]+|Ctrl"));
    english.removeDuplicates();
    QStringList left;
    for (const QString& line : english)
        if (!line.contains(named)) left << line;
    QVERIFY2(left.isEmpty(), qPrintable(left.join(QLatin1Char('\n'))));
}

}  // namespace dubito::tests

QTEST_GUILESS_MAIN(dubito::tests::tst_JourneyScreens)
#include "tst_journey_screens.moc"
