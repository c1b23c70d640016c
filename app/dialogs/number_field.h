// A number as a person writes it: "1e-4", "24". What was set comes back exactly as it was until it is edited.
#pragma once

#include <QWidget>
#include <optional>
#include <vector>

#include "base/json.h"

class QHBoxLayout;
class QLineEdit;
class QSlider;

namespace dubito::app {

/// The shortest text that reads back as the same number; small and large ones as powers of ten: "24", "0.7", "1e-8".
QString numberText(const Json& number);
/// Reads "1e-4", "0.0001", "+3"; a whole number may be written "1e6". Empty: it is none.
std::optional<Json> parseNumber(const QString& text, bool isWhole);

/// [gui]. A line edit with arrows, the unit and, for a scale of powers of ten with both ends, a slider.
class NumberField : public QWidget {
    Q_OBJECT
public:
    /// What a schema says of a number.
    struct Rule {
        bool isWhole = false, isLog = false;
        std::optional<double> low, high;  ///< ends of the allowed range
        bool lowIsOpen = false, highIsOpen = false;
        double multiple = 0;  ///< 0: none
        QString unit;
    };
    static Rule ruleOf(const Json& schema);

    NumberField(Rule rule, const Json& given, QWidget* parent = nullptr);
    /// A number; what was given while nobody edited it; null when the field is empty; the text when it is no number.
    Json value() const;
    void setValue(const Json& given);
    /// Several with commas, whole numbers also from..to: "1e-4, 3e-4", "1..5". What is no number is its text.
    std::vector<Json> values() const;
    void setValues(const std::vector<Json>& values);  ///< as if a person typed them
    /// Up or down by what suits the size of the number, staying inside the range.
    void stepBy(int steps);
    QLineEdit* edit() const { return m_edit; }

Q_SIGNALS:
    void edited();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void addArrows(QHBoxLayout* row);
    void addSlider(QHBoxLayout* row);
    void followText();
    std::optional<double> number() const;
    bool isInside(double value) const;

    Rule m_rule;
    Json m_given;
    QString m_givenText;
    QLineEdit* m_edit;
    QSlider* m_slider = nullptr;
};

}  // namespace dubito::app
