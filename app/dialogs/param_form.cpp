// One editor a leaf; values are read back as the schema's type.
#include "dialogs/param_form.h"

#include <QCheckBox>
#include <QComboBox>
#include <QDoubleSpinBox>
#include <QFileDialog>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSpinBox>
#include <QVBoxLayout>

#include <algorithm>

#include "kit/colours.h"
#include "kit/controls.h"
#include "run/param_schema.h"

namespace dubito::app {

struct LeafView {
    run::ParameterLeaf leaf;
    Json value;
};

namespace {

const Json& at(const Json& values, std::string_view path) {
    const Json* here = &values;
    while (!path.empty()) {
        const auto dot = std::min(path.find('.'), path.size());
        here = &memberOf(*here, path.substr(0, dot));
        path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return *here;
}

}  // namespace

ParamForm::ParamForm(QWidget* parent) : QWidget(parent), m_column(new QVBoxLayout(this)) {
    m_column->setContentsMargins(0, 0, 0, 0);
}

void ParamForm::setSchema(const Json& schema, const Json& values) {
    delete m_inside;
    m_fields.clear();
    m_inside = new QWidget;
    auto* column = new QVBoxLayout(m_inside);
    column->setContentsMargins(0, 0, 8, 0);
    std::string group;
    QVBoxLayout* place = column;
    for (const auto& leaf : run::parameterLeaves(schema)) {
        if (leaf.group != group || place == column) {
            group = leaf.group;
            auto* box = new QGroupBox(group.empty() ? tr("General") : QString::fromStdString(group));
            place = new QVBoxLayout(box);
            place->setSpacing(4);
            column->addWidget(box);
        }
        addField(place, {leaf, at(values, leaf.path)});
    }
    column->addStretch();
    auto* scroll = new QScrollArea;
    scroll->setWidget(m_inside);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    while (QLayoutItem* item = m_column->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    m_column->addWidget(scroll);
    update(false);
}

void ParamForm::addField(QVBoxLayout* column, const LeafView& view) {
    const run::ParameterLeaf& leaf = view.leaf;
    const Json value = view.value.is_null() ? leaf.defaultValue : view.value;
    Field field;
    field.path = leaf.path;
    field.defaultValue = leaf.defaultValue;
    field.advanced = leaf.advanced;
    field.mark = new QLabel;
    field.mark->setFixedWidth(10);
    field.error = new QLabel;
    field.error->setWordWrap(true);
    field.error->hide();
    const auto changed = [this] { update(true); };
    if (leaf.type == "boolean") {
        auto* box = new QCheckBox;
        box->setChecked(value.is_boolean() && value.get<bool>());
        connect(box, &QCheckBox::toggled, this, changed);
        field.editor = box;
        field.read = [box] { return Json(box->isChecked()); };
    } else if (leaf.type == "integer") {
        auto* box = new QSpinBox;
        const auto bound = [&](const char* key, double fallback) {
            return static_cast<int>(std::clamp(numberOr(leaf.schema, key, fallback), -2147483647.0, 2147483647.0));
        };
        box->setRange(bound("minimum", -2147483647.0), bound("maximum", 2147483647.0));
        box->setValue(value.is_number() ? value.get<int>() : 0);
        box->setSuffix(leaf.unit.empty() || leaf.unit == "1" ? QString()
                                                             : QStringLiteral(" ") + QString::fromStdString(leaf.unit));
        connect(box, &QSpinBox::valueChanged, this, changed);
        field.editor = box;
        field.read = [box] { return Json(box->value()); };
    } else if (leaf.type == "number") {
        auto* box = new QDoubleSpinBox;
        box->setDecimals(6);
        box->setRange(numberOr(leaf.schema, "minimum", numberOr(leaf.schema, "exclusiveMinimum", -1e12)),
            numberOr(leaf.schema, "maximum", numberOr(leaf.schema, "exclusiveMaximum", 1e12)));
        box->setSingleStep(0.1);
        box->setValue(value.is_number() ? value.get<double>() : 0);
        box->setSuffix(leaf.unit.empty() || leaf.unit == "1" ? QString()
                                                             : QStringLiteral(" ") + QString::fromStdString(leaf.unit));
        connect(box, &QDoubleSpinBox::valueChanged, this, changed);
        field.editor = box;
        field.read = [box] { return Json(box->value()); };
    } else if (leaf.schema.contains("enum")) {
        auto* box = new QComboBox;
        for (const Json& choice : leaf.schema["enum"])
            box->addItem(QString::fromStdString(choice.is_string() ? choice.get<std::string>() : jsonText(choice)));
        box->setCurrentText(QString::fromStdString(value.is_string() ? value.get<std::string>() : ""));
        connect(box, &QComboBox::currentTextChanged, this, changed);
        field.editor = box;
        field.read = [box] { return Json(box->currentText().toStdString()); };
    } else if (textOr(leaf.schema, "x-widget", "") == "text") {
        auto* box = new QPlainTextEdit(QString::fromStdString(value.is_string() ? value.get<std::string>() : ""));
        box->setProperty("role", "field");
        box->setMinimumHeight(64);
        box->setMaximumHeight(64);
        box->setTabChangesFocus(true);
        connect(box, &QPlainTextEdit::textChanged, this, changed);
        field.editor = box;
        field.read = [box] { return Json(box->toPlainText().toStdString()); };
    } else {
        auto* box = new QLineEdit(QString::fromStdString(value.is_string() ? value.get<std::string>()
                                                         : value.is_null() ? ""
                                                                           : jsonText(value)));
        connect(box, &QLineEdit::textChanged, this, changed);
        field.editor = box;
        const bool isText = leaf.type == "string";
        field.read = [box, isText] {
            if (isText) return Json(box->text().toStdString());
            auto parsed = parseJson(box->text().toStdString());
            return parsed ? *parsed : Json(box->text().toStdString());
        };
    }
    field.editor->setAccessibleName(QString::fromStdString(leaf.title));
    field.editor->setToolTip(QString::fromStdString(leaf.description));
    field.row = new QWidget;
    auto* grid = new QVBoxLayout(field.row);
    grid->setContentsMargins(0, 0, 0, 2);
    grid->setSpacing(1);
    auto* line = new QHBoxLayout;
    auto* name = new QLabel(QString::fromStdString(leaf.title));
    name->setMinimumWidth(140);
    name->setBuddy(field.editor);
    line->addWidget(field.mark);
    line->addWidget(name);
    line->addWidget(field.editor, 1);
    if (textOr(leaf.schema, "x-widget", "") == "file") {
        auto* browse = new QPushButton(tr("Browse…"));
        auto* box = static_cast<QLineEdit*>(field.editor);
        connect(browse, &QPushButton::clicked, this, [this, box] {
            const QString path = QFileDialog::getOpenFileName(
                this, tr("Choose a file"), box->text(), tr("Models (*.gguf);;All files (*)"));
            if (!path.isEmpty()) box->setText(path);
        });
        line->addWidget(browse);
    }
    grid->addLayout(line);
    auto* meaning = new QLabel(QString::fromStdString(leaf.description));
    meaning->setProperty("role", "faint");
    meaning->setWordWrap(true);
    meaning->setContentsMargins(158, 0, 0, 0);
    grid->addWidget(meaning);
    field.error->setContentsMargins(158, 0, 0, 0);
    grid->addWidget(field.error);
    column->addWidget(field.row);
    m_fields.push_back(std::move(field));
}

void ParamForm::update(bool notify) {
    for (Field& field : m_fields) {
        const bool differs = field.read() != field.defaultValue;
        field.mark->setText(differs ? QStringLiteral("•") : QString());
        field.mark->setToolTip(differs ? tr("differs from the default") : QString());
        field.row->setVisible(!field.advanced || m_advanced || differs);
        field.error->hide();
    }
    if (notify) Q_EMIT edited();
}

Json ParamForm::values() const {
    Json out = Json::object();
    for (const Field& field : m_fields) {
        Json* place = &out;
        std::string_view path = field.path;
        for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
            place = &(*place)[std::string(path.substr(0, dot))];
            path.remove_prefix(dot + 1);
        }
        (*place)[std::string(path)] = field.read();
    }
    return out;
}

void ParamForm::showError(const QString& sentence) {
    for (Field& field : m_fields) {
        std::string pointer = "/" + field.path;
        std::replace(pointer.begin(), pointer.end(), '.', '/');
        if (!sentence.startsWith(QString::fromStdString(pointer) + QLatin1Char(' '))) continue;
        field.error->setText(QStringLiteral("<span style='color:%1'>%2</span>")
                                 .arg(kit::palette().bad.name(), sentence.toHtmlEscaped()));
        field.error->show();
        field.row->show();
        field.editor->setFocus();
        return;
    }
}

void ParamForm::setAdvancedShown(bool shown) {
    m_advanced = shown;
    update(false);
}

}  // namespace dubito::app
