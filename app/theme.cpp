// Fusion with colours from panels/kit; every rule of the look that is not painted by hand is in this sheet.
#include "theme.h"

#include <QApplication>
#include <QFontDatabase>
#include <QPalette>
#include <QPointer>
#include <QRegularExpression>

#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/user_size.h"
#include "kit/whole_text.h"
#include "look_style.h"

namespace dubito::app {
namespace {

constexpr const char* kSheet = R"(
QWidget { font-size: 13px; }
QMainWindow, QWidget[role="page"] { background: @surface; }
QMenuBar { background: @surface; border-bottom: 1px solid @line; padding: 4px 6px; }
QMenuBar::item { padding: 4px 6px; background: transparent; border-radius: 4px; color: @sub; }
QMenuBar::item:selected { background: @hover; color: @text; }
QMenu { background: @surface; border: 1px solid @line; padding: 4px; }
QMenu::item { padding: 5px 22px 5px 12px; border-radius: 4px; }
QMenu::item:selected { background: @accentBg; color: @text; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @line; margin: 4px 6px; }
QStatusBar { background: @bg; border-top: 1px solid @line; color: @sub; }
QStatusBar::item { border: none; }
QLabel[role="name"] { font-weight: 600; padding: 0 12px 0 14px; }
QLabel[role="faint"] { color: @faint; font-size: 11px; }
QLabel[role="sub"] { color: @sub; }
QLabel[role="bad"] { color: @bad; font-size: 12px; }
QLabel[tone="warn"] { color: @warn; }
QLabel[role="strong"] { font-weight: 600; }
QLabel[role="heading"] { font-size: 14px; font-weight: 600; }
QLabel[role="bar"] { background: @accentBg; color: @text; padding: 6px 12px; border-bottom: 1px solid @line; }
QLabel[role="title"] { font-size: 26px; font-weight: 600; }
QWidget[role="side"] { background: @surface; }
QWidget[role="canvas"] { background: @bg; }
QWidget[role="footer"] { border-top: 1px solid @line; }
QFrame[role="card"] { background: @surface; border: 1px solid @line; border-radius: 8px; }
QWidget[role="choice"] { background: @surface; border: 1px solid @line; border-radius: 6px; }
QTabBar { background: @bg; }
QTabBar::tab {
    background: transparent; color: @sub; padding: 7px 14px; border: 1px solid transparent;
    border-bottom: none; border-top-left-radius: 6px; border-top-right-radius: 6px;
}
QTabBar::tab:selected { background: @surface; color: @text; border-color: @line; }
QTabBar::tab:hover:!selected { color: @text; }
QTabBar::tab:focus { color: @accent; }
QTabBar[role="inner"] { background: @surface; margin-left: 12px; }
QTabBar[role="inner"]::tab {
    border: none; border-bottom: 2px solid transparent; border-radius: 0; padding: 4px 8px;
    margin-right: 6px; font-size: 12px;
}
QTabBar[role="inner"]::tab:selected { border-bottom-color: @accent; color: @text; }
QPushButton {
    background: @surface; border: 1px solid @line; border-radius: 6px; padding: 3px 10px; min-height: 18px;
    color: @text;
}
QPushButton:hover { background: @hover; }
QPushButton:focus { border-color: @accent; }
QPushButton:disabled { color: @faint; }
QPushButton[role="primary"] { background: @accent; color: @onAccent; border-color: @accent; }
QPushButton[role="primary"]:disabled { background: @hover; color: @faint; border-color: @line; }
QPushButton[role="chip"] { border-radius: 12px; color: @sub; padding: 2px 10px; }
QPushButton[role="link"] {
    background: transparent; border: 1px solid transparent; border-radius: 4px; color: @accent; padding: 1px 3px;
}
QPushButton[role="link"]:focus { border-color: @accent; }
QPushButton[role="link"]:disabled { color: @faint; }
QPushButton[role="thing"] {
    background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 1px 3px; margin-left: -4px;
    font-weight: 500; text-align: left;
}
QPushButton[role="thing"]:hover { color: @accent; }
QPushButton[role="thing"]:focus { border-color: @accent; }
QPushButton[role="search"] { text-align: left; color: @sub; padding: 3px 10px; min-width: 286px; background: @bg; }
QPushButton[role="search"] QLabel { color: @faint; }
QLineEdit, QPlainTextEdit[role="field"] {
    background: @surface; border: 1px solid @line; border-radius: 6px; padding: 2px 8px; min-height: 20px;
    selection-background-color: @accent; selection-color: @onAccent;
}
QAbstractSpinBox QLineEdit { border: none; background: transparent; padding: 0; min-height: 0; }
QLineEdit:focus, QPlainTextEdit[role="field"]:focus { border-color: @accent; }
QLineEdit[wrong="true"], QLineEdit[wrong="true"]:focus { border-color: @bad; }
QLineEdit[role="cell"] { border-radius: 3px; padding: 0 6px; }
QToolButton[role="step"] { border: none; background: transparent; border-radius: 3px; }
QToolButton[role="step"]:hover { background: @hover; }
QComboBox QAbstractItemView {
    background: @surface; border: 1px solid @line; selection-background-color: @accentBg;
    selection-color: @text;
}
QComboBox QAbstractItemView::item { min-height: 22px; padding: 0 6px; }
QTableView, QTreeView, QListView, QTreeWidget, QListWidget, QTableWidget {
    background: @surface; border: none; selection-background-color: @accentBg; selection-color: @text;
    outline: none; gridline-color: @line;
}
QTableView::item { border-bottom: 1px solid @line; padding: 0 8px; }
QTreeWidget::item, QListWidget::item { padding: 3px 6px; border-radius: 6px; }
QTreeWidget::item:hover, QListWidget::item:hover { background: @hover; }
QTreeWidget::item:selected, QListWidget::item:selected { background: @accentBg; color: @text; }
QTableView:focus, QTreeWidget:focus, QListWidget:focus { border: 1px solid @accent; }
QTreeWidget[role="explorer"], QTreeWidget[role="explorer"]:focus, QTableView[role="rows"]:focus { border: none; }
QTableView[role="rows"]::item:focus { border-bottom: 1px solid @accent; border-top: 1px solid @accent; }
QTreeWidget[role="explorer"]::item:hover, QTreeWidget[role="explorer"]::item:selected { background: transparent; }
QHeaderView { background: @surface; }
QHeaderView::section {
    background: @surface; color: @faint; border: none; border-bottom: 1px solid @line; padding: 4px 8px 4px 11px;
    font-size: 11px;
}
QTableCornerButton::section { background: @surface; border: none; }
QScrollArea { background: transparent; }
QPlainTextEdit { background: @surface; border: none; }
QScrollBar:vertical { background: transparent; width: 9px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 9px; margin: 0; }
QScrollBar::handle { background: @line; border-radius: 4px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: @faint; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
    background: none; border: none; width: 0; height: 0;
}
QWidget[role="pane"] { background: @surface; }
QWidget[role="pane-title"], QWidget[role="drawer-title"] { background: @surface; border-bottom: 1px solid @line; }
QWidget[role="tabs"] { background: @bg; border-bottom: 1px solid @line; }
QLabel[role="behind"] { font-weight: 600; color: @sub; }
QLabel[role="what"] { color: @sub; font-size: 12px; }
QToolButton[role="word"] {
    background: transparent; border: 1px solid transparent; border-radius: 4px; padding: 1px 2px; color: @sub;
    font-size: 12px;
}
QToolButton[role="word"]:hover { background: @hover; color: @text; }
QToolButton[role="word"]:focus { border-color: @accent; }
QToolButton[role="word"]:checked { background: @accentBg; color: @accent; }
QToolButton[role="word"]::menu-indicator, QToolButton[role="tab"]::menu-indicator { image: none; width: 0; }
QToolButton[role="tab"] {
    background: transparent; color: @sub; padding: 0 10px; border: 1px solid transparent; border-bottom: none;
    border-top-left-radius: 6px; border-top-right-radius: 6px; font-size: 13px;
}
QToolButton[role="tab"]:checked { background: @surface; color: @text; border-color: @line; }
QToolButton[role="tab"]:hover { color: @text; }
QToolButton[role="tab"]:focus { color: @accent; }
QSplitter::handle { background: @line; width: 1px; height: 1px; }
QSlider::groove:horizontal { height: 4px; background: @line; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 2px; }
QSlider::handle:horizontal { background: @accent; width: 11px; height: 11px; margin: -4px 0; border-radius: 5px; }
QSlider::sub-page:horizontal:disabled { background: @line; }
QSlider::handle:horizontal:disabled { background: @line; }
QSlider::handle:horizontal:focus { background: @surface; border: 2px solid @accent; width: 8px; height: 8px; }
QToolTip { background: @surface; color: @text; border: 1px solid @line; padding: 4px 6px; }
QGroupBox { border: 1px solid @line; border-radius: 8px; margin-top: 14px; padding: 10px; }
QGroupBox::title { subcontrol-origin: margin; left: 10px; color: @faint; font-size: 11px; font-weight: 600; }
)";

/// Sizes of fonts and of what they stand in, as the user's font asks.
QString withUserSizes(const QString& text) {
    static const QRegularExpression kSize(QStringLiteral("((?:font-size|min-height): )(\\d+)px"));
    QString out;
    qsizetype done = 0;
    for (auto all = kSize.globalMatch(text); all.hasNext();) {
        const auto one = all.next();
        out += QStringView(text).mid(done, one.capturedStart() - done);
        out += one.captured(1) + QString::number(kit::userSize(one.captured(2).toInt())) + QStringLiteral("px");
        done = one.capturedEnd();
    }
    return out.append(QStringView(text).mid(done));
}

/// 9 and 10 points are what systems come with, and what the look was drawn for; any other size is a wish.
double scaleOf(const QFont& font) {
    constexpr double kDrawnPoints = 9.75, kUsualLeast = 9, kUsualMost = 10.5;
    const double points = font.pointSizeF() > 0 ? font.pointSizeF() : font.pixelSize() * 0.75;
    return points <= 0 || (points >= kUsualLeast && points <= kUsualMost) ? 1 : points / kDrawnPoints;
}

QString sheet(const kit::Palette& c) {
    QString text = QString::fromLatin1(kSheet);
    const std::pair<const char*, QColor> tokens[] = {{"@accentBg", c.accentBg}, {"@onAccent", c.onAccent},
        {"@surface", c.surface}, {"@accent", c.accent}, {"@hover", c.hover}, {"@faint", c.faint}, {"@line", c.line},
        {"@text", c.text}, {"@sub", c.sub}, {"@bad", c.bad}, {"@warn", c.warn}, {"@bg", c.bg}};
    for (const auto& [name, colour] : tokens) text.replace(QLatin1String(name), colour.name());
    return withUserSizes(text);
}

}  // namespace

void installTheme(const QString& name) {
    kit::setThemeKind(name == QLatin1String("dark")       ? kit::ThemeKind::Dark
                      : name == QLatin1String("contrast") ? kit::ThemeKind::HighContrast
                                                          : kit::ThemeKind::Light);
    const kit::Palette& c = kit::palette();
    static QPointer<LookStyle> style;
    if (!style) QApplication::setStyle(style = new LookStyle);
    kit::guardWheel(qApp);
    kit::tellWholeTexts(qApp);
    // What the application answers with is ours, unless the user's font has changed since.
    static QFont ours;
    if (QApplication::font() != ours) kit::setUserScale(scaleOf(QApplication::font()));
    QFont font(
        QFontDatabase::hasFamily(QStringLiteral("Inter")) ? QStringLiteral("Inter") : QApplication::font().family());
    font.setPixelSize(kit::userSize(13));
    // Chinese text falls back to a simplified face, not to whichever is first in the system.
    QFont::insertSubstitution(font.family(), QStringLiteral("Noto Sans CJK SC"));
    QApplication::setFont(font);
    ours = QApplication::font();
    QPalette palette;
    palette.setColor(QPalette::Window, c.surface);
    palette.setColor(QPalette::Base, c.surface);
    palette.setColor(QPalette::AlternateBase, c.bg);
    palette.setColor(QPalette::WindowText, c.text);
    palette.setColor(QPalette::Text, c.text);
    palette.setColor(QPalette::ButtonText, c.text);
    palette.setColor(QPalette::Button, c.surface);
    palette.setColor(QPalette::Highlight, c.accentBg);
    palette.setColor(QPalette::HighlightedText, c.text);
    palette.setColor(QPalette::PlaceholderText, c.faint);
    palette.setColor(QPalette::ToolTipBase, c.surface);
    palette.setColor(QPalette::ToolTipText, c.text);
    palette.setColor(QPalette::Link, c.accent);
    palette.setColor(QPalette::Disabled, QPalette::Text, c.faint);
    palette.setColor(QPalette::Disabled, QPalette::ButtonText, c.faint);
    palette.setColor(QPalette::Disabled, QPalette::WindowText, c.faint);
    QApplication::setPalette(palette);
    qApp->setStyleSheet(sheet(c));
}

}  // namespace dubito::app
