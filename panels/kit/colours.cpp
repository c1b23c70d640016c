// The tables of the look; contrast of the series colours is recomputed by a test.
#include "kit/colours.h"

#include <QCoreApplication>
#include <QFontDatabase>

#include <algorithm>
#include <cmath>

#include "kit/user_size.h"
#include "run/run_state.h"

namespace dubito::kit {
namespace {

ThemeKind g_kind = ThemeKind::Light;

const Palette kLight{"#F6F7F9", "#FFFFFF", "#E1E4E8", "#F0F1F3", "#1C2024", "#60646C", "#696C77", "#C9CDD4", "#8B8D98",
    "#3E63DD", "#EDF2FE", "#FFFFFF", "#18794E", "#AD5700", "#CD2B31",
    {"#F3F6FB", "#C9DAF2", "#8DB4E2", "#4F86C6", "#25599B", "#12346B"}, "#25599B", "#AD5700"};
const Palette kDark{"#17181A", "#1E1F22", "#303236", "#2A2C30", "#ECEEF0", "#A0A4AB", "#8E939C", "#4A4D53", "#70757D",
    "#849DFF", "#262F4D", "#11131A", "#4CC38A", "#F5A524", "#FF6369",
    {"#22252B", "#2A3F5F", "#2F6690", "#3A9AA8", "#7CC89A", "#E9F29A"}, "#3A9AA8", "#F5A524"};
const Palette kContrast{"#000000", "#000000", "#FFFFFF", "#333333", "#FFFFFF", "#FFFFFF", "#DDDDDD", "#FFFFFF",
    "#DDDDDD", "#FFD400", "#3A3000", "#000000", "#7CFF9B", "#FFD400", "#FF8A8A",
    {"#000000", "#1C3A66", "#2F6690", "#3A9AA8", "#7CC89A", "#E9F29A"}, "#00E5FF", "#FFD400"};

constexpr const char* kLightSeries[] = {
    "#0072B2", "#D55E00", "#00A685", "#9980FF", "#A60011", "#222222", "#8C4669", "#2626BF"};
constexpr const char* kDarkSeries[] = {
    "#56B4E9", "#E69F00", "#66F5B0", "#8455F2", "#F01E80", "#F0F0F0", "#008C7E", "#806A12"};
constexpr const char* kContrastSeries[] = {"#FFFFFF", "#FFD400", "#00E5FF", "#FF7AC6"};

QColor mix(const QColor& a, const QColor& b, double t) {
    return QColor::fromRgbF(static_cast<float>(a.redF() + (b.redF() - a.redF()) * t),
        static_cast<float>(a.greenF() + (b.greenF() - a.greenF()) * t),
        static_cast<float>(a.blueF() + (b.blueF() - a.blueF()) * t));
}

/// Relative luminance as the contrast of two colours is reckoned with.
double luminance(const QColor& colour) {
    const auto linear = [](double v) { return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4); };
    return 0.2126 * linear(colour.redF()) + 0.7152 * linear(colour.greenF()) + 0.0722 * linear(colour.blueF());
}

}  // namespace

const Palette& palette() { return g_kind == ThemeKind::Light ? kLight : g_kind == ThemeKind::Dark ? kDark : kContrast; }
ThemeKind themeKind() { return g_kind; }
void setThemeKind(ThemeKind kind) { g_kind = kind; }

QColor sequentialColour(double t) {
    if (!std::isfinite(t)) return palette().line;
    const double at = std::clamp(t, 0.0, 1.0) * 5;
    const int stop = std::min(4, static_cast<int>(at));
    return mix(palette().sequential[stop], palette().sequential[stop + 1], at - stop);
}

QColor divergingColour(double t) {
    if (!std::isfinite(t)) return palette().line;
    return mix(palette().surface, t < 0 ? palette().negative : palette().positive, std::min(1.0, std::abs(t)));
}

QColor textOn(const QColor& background) {
    // The soft pair where it reads, else black or white: one of these reaches 4.5 on every colour.
    static const QColor kInks[] = {"#1C2024", "#F4F6FA", "#000000", "#FFFFFF"};
    const double ground = luminance(background);
    for (const QColor& ink : kInks) {
        const double own = luminance(ink);
        if ((std::max(own, ground) + 0.05) / (std::min(own, ground) + 0.05) >= 4.5) return ink;
    }
    return kInks[3];
}

QColor seriesColour(std::size_t index) {
    if (g_kind == ThemeKind::HighContrast) return QColor(kContrastSeries[index % 4]);
    return QColor((g_kind == ThemeKind::Dark ? kDarkSeries : kLightSeries)[index % 8]);
}

Qt::PenStyle seriesDash(std::size_t index) {
    constexpr Qt::PenStyle kDashes[] = {Qt::SolidLine, Qt::DashLine, Qt::DotLine, Qt::DashDotLine};
    return kDashes[index / 8 % 4];
}

std::size_t seriesIndexOf(const QByteArray& runId) { return qHash(runId, 0) % 32; }

QFont monoFont(double pixels) {
    static const QString kFamily = QFontDatabase::hasFamily(QStringLiteral("JetBrains Mono"))
                                       ? QStringLiteral("JetBrains Mono")
                                       : QFontDatabase::systemFont(QFontDatabase::FixedFont).family();
    QFont font(kFamily);
    font.setPixelSize(userSize(pixels));
    font.setStyleHint(QFont::Monospace);
    return font;
}

QFont captionFont() {
    QFont font;
    font.setPixelSize(userSize(11));
    font.setWeight(QFont::DemiBold);
    font.setCapitalization(QFont::AllUppercase);
    font.setLetterSpacing(QFont::PercentageSpacing, 106);
    return font;
}

QColor stateColour(int state) {
    using run::RunState;
    switch (static_cast<RunState>(state)) {
        case RunState::Done: return palette().good;
        case RunState::Failed: return palette().bad;
        case RunState::Running:
        case RunState::Starting:
        case RunState::Cancelling: return palette().warn;
        case RunState::Queued:
        case RunState::Paused: return palette().idle;
        default: return palette().faint;
    }
}

QString stateWord(int state) {
    constexpr const char* kWords[] = {QT_TRANSLATE_NOOP("RunState", "queued"),
        QT_TRANSLATE_NOOP("RunState", "starting"), QT_TRANSLATE_NOOP("RunState", "running"),
        QT_TRANSLATE_NOOP("RunState", "paused"), QT_TRANSLATE_NOOP("RunState", "cancelling"),
        QT_TRANSLATE_NOOP("RunState", "done"), QT_TRANSLATE_NOOP("RunState", "failed"),
        QT_TRANSLATE_NOOP("RunState", "cancelled")};
    return state >= 0 && state < 8 ? QCoreApplication::translate("RunState", kWords[state]) : QString();
}

}  // namespace dubito::kit
