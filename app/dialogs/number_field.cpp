// Values are made of their decimal text, so that a step to 0.0003 is the same number as 3e-4 typed.
#include "dialogs/number_field.h"

#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QRegularExpression>
#include <QSignalBlocker>
#include <QSlider>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "kit/colours.h"
#include "kit/controls.h"

namespace dubito::app {
namespace {

constexpr int kSliderSteps = 1000;
constexpr double kWholeLimit = 9007199254740991.0;  // beyond it doubles skip whole numbers

/// digits x 10^exponent, read from its text: the nearest number to what a person would write.
double decimal(long long digits, int exponent) {
    const std::string text = std::to_string(digits) + "e" + std::to_string(exponent);
    return std::strtod(text.c_str(), nullptr);
}

int magnitudeOf(double value) { return static_cast<int>(std::floor(std::log10(std::abs(value)) + 1e-12)); }

/// The next of 1, 2, 5, 10, 20 ... above or below; from 0 upwards there is no next one.
double nextOnLogScale(double value, bool up) {
    const int magnitude = magnitudeOf(value);
    constexpr int kMarks[] = {1, 2, 5, 10};
    double below = decimal(5, magnitude - 1);
    for (const int mark : kMarks) {
        const double at = decimal(mark, magnitude);
        if (up && at > value * (1 + 1e-12)) return at;
        if (!up && at >= value * (1 - 1e-12)) return below;
        below = at;
    }
    return up ? decimal(2, magnitude + 1) : below;
}

/// A tenth of the magnitude above or below, on multiples of it.
double nextOnScale(double value, int exponent, bool up) {
    const double step = decimal(1, exponent);
    const double steps = value / step, nearest = std::round(steps);
    const bool isOn = std::abs(steps - nearest) < 1e-9 * std::max(1.0, std::abs(steps));
    const double next = isOn ? nearest + (up ? 1 : -1) : up ? std::ceil(steps) : std::floor(steps);
    return decimal(static_cast<long long>(next), exponent);
}

std::string shortest(double value, std::chars_format format) {
    char text[400];
    const auto end = std::to_chars(std::begin(text), std::end(text), value, format);
    return end.ec == std::errc() ? std::string(text, end.ptr) : std::string();
}

/// "3e-04" -> "3e-4", "1e+06" -> "1e6".
std::string withoutPadding(const std::string& text) {
    const auto at = text.find('e');
    if (at == std::string::npos) return text;
    const bool isNegative = text[at + 1] == '-';
    const auto digits = text.find_first_not_of("+-0", at + 1);
    return text.substr(0, at) + (isNegative ? "e-" : "e") + (digits == std::string::npos ? "0" : text.substr(digits));
}

}  // namespace

QString numberText(const Json& number) {
    if (number.is_number_integer()) return QString::fromStdString(jsonText(number));
    if (!number.is_number()) return {};
    const double value = number.get<double>(), size = std::abs(value);
    const bool isPlain = size == 0 || (size >= 1e-3 && size < 1e7);
    const std::string text = isPlain ? shortest(value, std::chars_format::fixed)
                                     : withoutPadding(shortest(value, std::chars_format::scientific));
    return QString::fromStdString(text);
}

std::optional<Json> parseNumber(const QString& text, bool isWhole) {
    std::string plain = text.trimmed().replace(QChar(0x2212), QLatin1Char('-')).toStdString();
    if (plain.starts_with('+')) plain.erase(0, 1);
    if (plain.empty() || plain.find_first_not_of("0123456789.eE+-") != std::string::npos) return std::nullopt;
    const char *first = plain.data(), *last = plain.data() + plain.size();
    if (isWhole) {
        std::int64_t whole = 0;
        const auto read = std::from_chars(first, last, whole);
        if (read.ec == std::errc() && read.ptr == last) return Json(whole);
    }
    double value = 0;
    const auto read = std::from_chars(first, last, value);
    if (read.ec != std::errc() || read.ptr != last || !std::isfinite(value)) return std::nullopt;
    if (!isWhole) return Json(value);
    if (value != std::floor(value) || std::abs(value) > kWholeLimit) return std::nullopt;
    return Json(static_cast<std::int64_t>(value));
}

NumberField::Rule NumberField::ruleOf(const Json& schema) {
    Rule rule;
    rule.isWhole = textOr(schema, "type", "") == "integer";
    rule.isLog = textOr(schema, "x-scale", "") == "log";
    const auto bound = [&](const char* closed, const char* open, bool& isOpen) -> std::optional<double> {
        if (memberOf(schema, closed).is_number()) return schema[closed].get<double>();
        isOpen = memberOf(schema, open).is_number();
        return isOpen ? std::optional(schema[open].get<double>()) : std::nullopt;
    };
    rule.low = bound("minimum", "exclusiveMinimum", rule.lowIsOpen);
    rule.high = bound("maximum", "exclusiveMaximum", rule.highIsOpen);
    rule.multiple = std::max(0.0, numberOr(schema, "multipleOf", 0));
    const std::string unit = textOr(schema, "x-unit", "");
    if (unit != "1") rule.unit = QString::fromStdString(unit);
    return rule;
}

NumberField::NumberField(Rule rule, const Json& given, QWidget* parent)
    : QWidget(parent), m_rule(std::move(rule)), m_edit(new QLineEdit) {
    auto* row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    m_edit->setFont(kit::monoFont());
    m_edit->setMaximumWidth(170);
    m_edit->installEventFilter(this);
    row->addWidget(m_edit, 1);
    addArrows(row);
    if (!m_rule.unit.isEmpty()) {
        auto* unit = new QLabel(m_rule.unit);
        unit->setTextFormat(Qt::PlainText);
        unit->setProperty("role", "sub");
        row->addWidget(unit);
    }
    addSlider(row);
    if (!m_slider) row->addStretch(1);
    setFocusProxy(m_edit);
    setValue(given);
    connect(m_edit, &QLineEdit::textChanged, this, [this] {
        followText();
        Q_EMIT edited();
    });
}

void NumberField::addArrows(QHBoxLayout* row) {
    auto* column = new QVBoxLayout;
    column->setSpacing(0);
    for (const bool up : {true, false}) {
        auto* arrow = new QToolButton;
        arrow->setProperty("role", "step");
        arrow->setArrowType(up ? Qt::UpArrow : Qt::DownArrow);
        arrow->setFixedSize(18, 12);
        arrow->setAutoRepeat(true);
        arrow->setFocusPolicy(Qt::NoFocus);
        arrow->setAccessibleName(up ? tr("Larger") : tr("Smaller"));
        connect(arrow, &QToolButton::clicked, this, [this, up] { stepBy(up ? 1 : -1); });
        column->addWidget(arrow);
    }
    row->addLayout(column);
}

void NumberField::addSlider(QHBoxLayout* row) {
    if (!m_rule.isLog || !m_rule.low || !m_rule.high || *m_rule.low <= 0 || *m_rule.high <= *m_rule.low) return;
    m_slider = new QSlider(Qt::Horizontal);
    m_slider->setRange(0, kSliderSteps);
    m_slider->setMinimumWidth(80);
    m_slider->setAccessibleName(tr("Value on a scale of powers of ten"));
    kit::guardWheel(m_slider);
    row->addWidget(m_slider, 1);
    connect(m_slider, &QSlider::valueChanged, this, [this](int at) {
        const double low = std::log10(*m_rule.low), high = std::log10(*m_rule.high);
        const double value = std::pow(10, low + (high - low) * at / kSliderSteps);
        const int exponent = magnitudeOf(value) - 1;  // two digits are what a slider can mean
        double rounded = decimal(std::llround(value / decimal(1, exponent)), exponent);
        if (m_rule.isWhole) rounded = std::round(rounded);
        rounded = std::clamp(rounded, *m_rule.low, *m_rule.high);
        const QSignalBlocker block(m_slider);  // the text places the handle, but not while it is being dragged
        m_edit->setText(m_rule.isWhole ? QString::number(static_cast<qint64>(rounded)) : numberText(Json(rounded)));
        m_slider->setValue(at);
    });
}

bool NumberField::eventFilter(QObject* watched, QEvent* event) {
    if (watched == m_edit && event->type() == QEvent::KeyPress) {
        const int key = static_cast<QKeyEvent*>(event)->key();
        const int steps = key == Qt::Key_Up ? 1 : key == Qt::Key_Down ? -1 : 0;
        const int pages = key == Qt::Key_PageUp ? 10 : key == Qt::Key_PageDown ? -10 : 0;
        if (steps || pages) {
            stepBy(steps + pages);
            return true;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void NumberField::setValue(const Json& given) {
    m_given = given;
    const QSignalBlocker block(m_edit);
    m_edit->setText(given.is_string() ? QString::fromStdString(given.get<std::string>()) : numberText(given));
    m_givenText = m_edit->text();
    followText();
}

Json NumberField::value() const {
    if (m_edit->text() == m_givenText) return m_given;
    if (m_edit->text().trimmed().isEmpty()) return {};
    if (auto number = parseNumber(m_edit->text(), m_rule.isWhole)) return *number;
    return m_edit->text().toStdString();
}

std::vector<Json> NumberField::values() const {
    static const QRegularExpression kBetween(QStringLiteral("[,;\uFF0C\uFF1B]"));
    static const QRegularExpression kRange(QStringLiteral("^(-?\\d+)\\s*(?:\\.\\.+|\u2026)\\s*(-?\\d+)$"));
    constexpr qint64 kMostInRange = 1000;
    if (m_edit->text() == m_givenText) return {m_given};
    std::vector<Json> out;
    for (const QString& part : m_edit->text().split(kBetween, Qt::SkipEmptyParts)) {
        const QString one = part.trimmed();
        if (one.isEmpty()) continue;
        const auto range = kRange.match(one);
        const qint64 from = range.captured(1).toLongLong(), to = range.captured(2).toLongLong();
        const bool isRange =
            range.hasMatch() && from <= to && from > -kWholeLimit && to < kWholeLimit && to - from < kMostInRange;
        if (isRange) {
            for (qint64 value = from; value <= to; ++value)
                out.push_back(m_rule.isWhole ? Json(value) : Json(static_cast<double>(value)));
        } else {
            const auto number = parseNumber(one, m_rule.isWhole);
            out.push_back(number ? *number : Json(one.toStdString()));
        }
    }
    if (out.empty()) return {value()};
    return out;
}

void NumberField::setValues(const std::vector<Json>& values) {
    QStringList words;
    for (const Json& one : values)
        words << (one.is_string() ? QString::fromStdString(one.get<std::string>()) : numberText(one));
    m_edit->setText(words.join(QStringLiteral(", ")));
}

std::optional<double> NumberField::number() const {
    const Json now = value();
    return now.is_number() ? std::optional(now.get<double>()) : std::nullopt;
}

bool NumberField::isInside(double value) const {
    const bool aboveLow = !m_rule.low || (m_rule.lowIsOpen ? value > *m_rule.low : value >= *m_rule.low);
    const bool belowHigh = !m_rule.high || (m_rule.highIsOpen ? value < *m_rule.high : value <= *m_rule.high);
    return aboveLow && belowHigh;
}

void NumberField::followText() {
    const auto value = number();
    if (!m_slider || !value || *value <= 0) return;
    const double low = std::log10(*m_rule.low), high = std::log10(*m_rule.high);
    const double share = std::clamp((std::log10(*value) - low) / (high - low), 0.0, 1.0);
    const QSignalBlocker block(m_slider);
    m_slider->setValue(static_cast<int>(std::lround(share * kSliderSteps)));
}

void NumberField::stepBy(int steps) {
    double value = number().value_or(m_rule.low.value_or(0));
    for (int i = 0; i < std::abs(steps); ++i) {
        const bool up = steps > 0;
        double next = value;
        if (m_rule.multiple > 0) {
            next = (std::round(value / m_rule.multiple) + (up ? 1 : -1)) * m_rule.multiple;
        } else if (m_rule.isLog && value >= 0) {
            // From 0 there is no next power of ten: start where small settings usually do.
            next = value > 0 ? nextOnLogScale(value, up) : up ? (m_rule.isWhole ? 1 : 1e-6) : -1;
            if (m_rule.isWhole && next > 0) next = std::max(1.0, std::round(next));
        } else {
            const double span = m_rule.low && m_rule.high ? *m_rule.high - *m_rule.low : 1;
            const double size = value != 0 ? std::abs(value) : std::clamp(span, 1e-6, 1.0);
            // Downwards from a power of ten its own tenth would be a leap of a whole step.
            const bool towardsZero = up ? value < 0 : value > 0;
            const bool isPower = value != 0 && decimal(1, magnitudeOf(value)) == std::abs(value);
            const int exponent = magnitudeOf(size) - 1 - (towardsZero && isPower ? 1 : 0);
            next = nextOnScale(value, m_rule.isWhole ? std::max(0, exponent) : exponent, up);
        }
        if (!isInside(next)) {  // to the end of the range, where it belongs to it
            const auto& end = up ? m_rule.high : m_rule.low;
            if (!end || !isInside(*end)) break;
            next = *end;
        }
        value = next;
    }
    m_edit->setText(m_rule.isWhole ? QString::number(static_cast<qint64>(value)) : numberText(Json(value)));
    m_edit->selectAll();
}

}  // namespace dubito::app
