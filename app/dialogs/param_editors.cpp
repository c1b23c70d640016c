// An editor gives back what it was given until somebody edits it: texts keep their line ends, numbers their last bit.
#include "dialogs/param_editors.h"

#include <QCheckBox>
#include <QComboBox>
#include <QCoreApplication>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QTextDocument>

#include <algorithm>

#include "dialogs/number_field.h"
#include "kit/colours.h"
#include "kit/controls.h"

namespace dubito::app {
namespace {

QString words(const char* text) { return QCoreApplication::translate("ParamForm", text); }

QString plainText(const Json& value) {
    return QString::fromStdString(value.is_string()                     ? value.get<std::string>()
                                  : value.is_null() || value.is_array() ? std::string()
                                                                        : jsonText(value));
}

ParamEditor booleanEditor(const Json& given, const std::function<void()>& changed) {
    auto* box = new QCheckBox;
    const bool was = given.is_boolean() && given.get<bool>();
    box->setChecked(was);
    QObject::connect(box, &QCheckBox::toggled, box, changed);
    return {box, box, [box, given, was] { return box->isChecked() == was ? given : Json(box->isChecked()); }};
}

ParamEditor numberEditor(const run::ParameterLeaf& leaf, const Json& given, const std::function<void()>& changed) {
    auto* field = new NumberField(NumberField::ruleOf(leaf.schema), given);
    QObject::connect(field, &NumberField::edited, field, changed);
    field->edit()->setToolTip(
        words(QT_TRANSLATE_NOOP("ParamForm", "Several with commas are a run each: 1, 2 or 1..5")));
    return {field, field->edit(), [field] { return field->value(); }, [field] { return field->values(); },
        [field](const std::vector<Json>& values) { field->setValues(values); }};
}

ParamEditor choiceEditor(const run::ParameterLeaf& leaf, const Json& given, const std::string& language,
    const std::function<void()>& changed) {
    auto* box = new QComboBox;
    std::vector<Json> values;
    for (const auto& [value, title] : leaf.choices) {
        values.push_back(value);
        box->addItem(QString::fromStdString(
            run::textIn(title, language, value.is_string() ? value.get<std::string>() : jsonText(value))));
    }
    auto at = std::find(values.begin(), values.end(), given);
    if (at == values.end()) {  // nothing chosen yet, or what the schema no longer knows
        values.push_back(given);
        box->addItem(plainText(given));
        at = values.end() - 1;
    }
    box->setCurrentIndex(static_cast<int>(at - values.begin()));
    box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
    box->setMinimumContentsLength(16);
    kit::guardWheel(box);
    QObject::connect(box, &QComboBox::currentIndexChanged, box, changed);
    return {box, box, [box, values] { return values[static_cast<std::size_t>(std::max(0, box->currentIndex()))]; }};
}

/// The text as typed: toPlainText() would turn no-break spaces into spaces.
QString typedText(const QPlainTextEdit* box) {
    return box->document()
        ->toRawText()
        .replace(QChar::ParagraphSeparator, QLatin1Char('\n'))
        .replace(QChar::LineSeparator, QLatin1Char('\n'));
}

QPlainTextEdit* makeTextBox(const QString& text, int height) {
    auto* box = new QPlainTextEdit(text);
    box->setProperty("role", "field");
    box->setFixedHeight(height);
    box->setTabChangesFocus(true);
    return box;
}

ParamEditor textEditor(const Json& given, const std::function<void()>& changed) {
    auto* box = makeTextBox(plainText(given), 64);
    QObject::connect(box, &QPlainTextEdit::textChanged, box, changed);
    return {box, box, [box, given, was = typedText(box)] {
                const QString now = typedText(box);
                return now == was ? given : Json(now.toStdString());
            }};
}

ParamEditor lineEditor(const Json& given, const std::function<void()>& changed) {
    auto* box = new QLineEdit(plainText(given));
    QObject::connect(box, &QLineEdit::textChanged, box, changed);
    return {box, box,
        [box, given, was = box->text()] { return box->text() == was ? given : Json(box->text().toStdString()); }};
}

/// "Text (*.txt *.jsonl);;All files (*)" of a list of patterns; only plain patterns are taken from a manifest.
QString fileFilter(const Json& patterns) {
    QStringList plain;
    if (patterns.is_array())
        for (const Json& pattern : patterns) {
            if (!pattern.is_string()) continue;
            const QString text = QString::fromStdString(pattern.get<std::string>());
            const bool isPlain =
                !text.isEmpty() && text.size() <= 40 && std::none_of(text.begin(), text.end(), [](QChar c) {
                    return c.isSpace() || QStringLiteral("();").contains(c) || !c.isPrint();
                });
            if (isPlain && plain.size() < 20) plain << text;
        }
    const QString all = words(QT_TRANSLATE_NOOP("ParamForm", "All files (*)"));
    if (plain.isEmpty()) return all;
    return words(QT_TRANSLATE_NOOP("ParamForm", "Fitting files (%1)")).arg(plain.join(QLatin1Char(' '))) +
           QStringLiteral(";;") + all;
}

ParamEditor fileEditor(
    const run::ParameterLeaf& leaf, const Json& given, QWidget* parent, const std::function<void()>& changed) {
    ParamEditor line = lineEditor(given, changed);
    auto* box = static_cast<QLineEdit*>(line.widget);
    auto* holder = new QWidget;
    auto* row = new QHBoxLayout(holder);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(6);
    auto* browse = new QPushButton(words(QT_TRANSLATE_NOOP("ParamForm", "Browse…")));
    browse->setAutoDefault(false);
    row->addWidget(box, 1);
    row->addWidget(browse);
    QObject::connect(
        browse, &QPushButton::clicked, box, [box, parent, filter = fileFilter(memberOf(leaf.schema, "x-filter"))] {
            const QString path = QFileDialog::getOpenFileName(
                parent, words(QT_TRANSLATE_NOOP("ParamForm", "Choose a file")), box->text(), filter);
            if (!path.isEmpty()) box->setText(path);
        });
    holder->setFocusProxy(box);
    return {holder, box, line.read};
}

/// Texts stand one a line; numbers and switches in one line with commas.
ParamEditor listEditor(const run::ParameterLeaf& leaf, const Json& given, const std::function<void()>& changed) {
    const std::string inner = textOr(memberOf(leaf.schema, "items"), "type", "");
    QStringList shown;
    if (given.is_array())
        for (const Json& item : given) shown << (item.is_number() ? numberText(item) : plainText(item));
    if (inner == "string") {
        auto* box = makeTextBox(shown.join(QLatin1Char('\n')), 64);
        box->setPlaceholderText(words(QT_TRANSLATE_NOOP("ParamForm", "one a line")));
        QObject::connect(box, &QPlainTextEdit::textChanged, box, changed);
        return {box, box, [box, given, was = typedText(box)] {
                    const QString now = typedText(box);
                    if (now == was) return given;
                    Json out = Json::array();
                    for (const QString& line : now.split(QLatin1Char('\n'), Qt::SkipEmptyParts))
                        out.push_back(line.toStdString());
                    return out;
                }};
    }
    auto* box = new QLineEdit(shown.join(QStringLiteral(", ")));
    box->setFont(kit::monoFont());
    box->setPlaceholderText(words(QT_TRANSLATE_NOOP("ParamForm", "several, with commas")));
    QObject::connect(box, &QLineEdit::textChanged, box, changed);
    return {box, box, [box, given, inner, was = box->text()] {
                if (box->text() == was) return given;
                Json out = Json::array();
                for (const QString& part : box->text().split(QLatin1Char(','), Qt::SkipEmptyParts)) {
                    const QString item = part.trimmed();
                    const bool isSwitch = item == QLatin1String("true") || item == QLatin1String("false");
                    const auto number = parseNumber(item, inner == "integer");
                    if (inner == "boolean" && isSwitch) out.push_back(item == QLatin1String("true"));
                    else if (inner != "boolean" && number) out.push_back(*number);
                    else out.push_back(item.toStdString());
                }
                return out;
            }};
}

/// "from 1 to 10", "above 0"; empty: no bound.
QString allowedRange(const Json& schema) {
    const NumberField::Rule rule = NumberField::ruleOf(schema);
    const auto shown = [&](double bound) {
        return rule.isWhole ? QString::number(static_cast<qint64>(bound)) : numberText(Json(bound));
    };
    const auto low = rule.low ? (rule.lowIsOpen ? words(QT_TRANSLATE_NOOP("ParamForm", "above %1"))
                                                : words(QT_TRANSLATE_NOOP("ParamForm", "from %1")))
                                    .arg(shown(*rule.low))
                              : QString();
    const auto high = rule.high ? (rule.highIsOpen ? words(QT_TRANSLATE_NOOP("ParamForm", "below %1"))
                                                   : words(QT_TRANSLATE_NOOP("ParamForm", "up to %1")))
                                      .arg(shown(*rule.high))
                                : QString();
    return low + (low.isEmpty() || high.isEmpty() ? QString() : QStringLiteral(" ")) + high;
}

}  // namespace

ParamEditor makeParamEditor(const run::ParameterLeaf& leaf, const Json& given, const std::string& language,
    QWidget* dialogParent, const std::function<void()>& changed) {
    const std::string widget = textOr(leaf.schema, "x-widget", "");
    ParamEditor out = leaf.type == "boolean"                            ? booleanEditor(given, changed)
                      : !leaf.choices.empty()                           ? choiceEditor(leaf, given, language, changed)
                      : leaf.type == "integer" || leaf.type == "number" ? numberEditor(leaf, given, changed)
                      : leaf.type == "array"                            ? listEditor(leaf, given, changed)
                      : widget == "file"                                ? fileEditor(leaf, given, dialogParent, changed)
                      : widget == "text"                                ? textEditor(given, changed)
                                                                        : lineEditor(given, changed);
    out.focus->setAccessibleName(QString::fromStdString(run::textIn(leaf.titles, language, leaf.title)));
    out.focus->setAccessibleDescription(
        QString::fromStdString(run::textIn(leaf.descriptions, language, leaf.description)));
    return out;
}

QString faultOf(const run::ParameterLeaf& leaf, const Json& value) {
    const Json schema = {{"type", "object"}, {"properties", {{"value", leaf.schema}}}};
    if (value.is_null()) {
        if (leaf.defaultValue.is_null()) return {};
        return words(QT_TRANSLATE_NOOP("ParamForm", "A value is needed here."));
    }
    const auto applied = run::applySchema(schema, {{"value", value}});
    if (applied) return {};
    const bool isNumeric = leaf.type == "integer" || leaf.type == "number";
    if (isNumeric && !value.is_number())
        return leaf.type == "integer" ? words(QT_TRANSLATE_NOOP("ParamForm", "Not a whole number."))
                                      : words(QT_TRANSLATE_NOOP("ParamForm", "Not a number."));
    const QString range = isNumeric ? allowedRange(leaf.schema) : QString();
    const bool isOutside = isNumeric && QString::fromStdString(applied.error().message()).contains("; allowed ");
    if (isOutside && !range.isEmpty()) return words(QT_TRANSLATE_NOOP("ParamForm", "Allowed: %1.")).arg(range);
    QString sentence = QString::fromStdString(applied.error().message());
    if (sentence.startsWith(QLatin1String("/value"))) sentence.remove(0, 6);
    return sentence.trimmed();
}

}  // namespace dubito::app
