// Starts from the defaults as the engine makes them and changes only what a person changed, so that an untouched form
// is the same run as the command line's.
#include "dialogs/param_form.h"

#include <QCheckBox>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>

#include "kit/colours.h"
#include "kit/term.h"
#include "kit/user_size.h"

namespace dubito::app {
namespace {

constexpr int kNameWidth = 168, kMarkWidth = 12;

std::string pointerOf(const std::string& path) {
    std::string pointer = "/" + path;
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    return pointer;
}

/// Sets a member by dotted path, making the objects on the way.
void setAt(Json& object, std::string_view path, Json value) {
    Json* place = &object;
    for (auto dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.')) {
        place = &(*place)[std::string(path.substr(0, dot))];
        path.remove_prefix(dot + 1);
    }
    (*place)[std::string(path)] = std::move(value);
}

QLabel* plainLabel(const QString& text, const char* role = nullptr) {
    auto* label = new QLabel(text);
    label->setTextFormat(Qt::PlainText);
    label->setWordWrap(true);
    if (role) label->setProperty("role", role);
    return label;
}

}  // namespace

ParamForm::ParamForm(QWidget* parent)
    : QWidget(parent), m_search(new QLineEdit), m_advanced(new QCheckBox), m_nothing(plainLabel({}, "sub")),
      m_scroll(new QScrollArea) {
    m_search->setPlaceholderText(tr("Search parameters"));
    m_search->setAccessibleName(tr("Search parameters"));
    m_search->setClearButtonEnabled(true);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_scroll->setFocusPolicy(Qt::NoFocus);
    auto* head = new QHBoxLayout;
    head->addWidget(m_search, 1);
    head->addWidget(m_advanced);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->addLayout(head);
    column->addWidget(m_scroll, 1);
    connect(m_search, &QLineEdit::textChanged, this, [this] { showRows(); });
    connect(m_advanced, &QCheckBox::toggled, this, [this] { showRows(); });
}

void ParamForm::setSchema(const Json& schema, const Json& values, const std::string& language) {
    m_rows.clear();
    m_groups.clear();
    m_language = language;
    m_defaults = run::defaultsOf(schema);
    auto* inside = new QWidget;
    auto* column = new QVBoxLayout(inside);
    column->setContentsMargins(0, 0, 8, 0);
    m_nothing = plainLabel({}, "sub");
    column->addWidget(m_nothing);
    auto leaves = run::parameterLeaves(schema);
    m_rows.reserve(leaves.size());  // rows are pointed at by index, and their widgets by address
    for (auto& leaf : leaves) {
        const std::string pointer = pointerOf(leaf.path);
        Row row;
        row.defaultValue = run::valueAt(m_defaults, pointer);
        row.leaf = std::move(leaf);
        const Json& asked = run::valueAt(values, pointer);
        const std::size_t index = m_rows.size();
        row.editor = makeParamEditor(
            row.leaf, asked.is_null() ? row.defaultValue : asked, language, this, [this, index] { onEdited(index); });
        row.group = groupFor(row.leaf, column);
        row.group->layout()->addWidget(makeRow(row));
        m_rows.push_back(std::move(row));
    }
    column->addStretch();
    m_scroll->setWidget(inside);  // deletes the one before
    const auto hidden = std::count_if(m_rows.begin(), m_rows.end(), [](const Row& row) { return row.leaf.advanced; });
    m_advanced->setText(tr("Show advanced (%1)").arg(hidden));
    m_advanced->setVisible(hidden > 0);
    m_search->setVisible(m_rows.size() > 8);
    refresh();
}

QWidget* ParamForm::groupFor(const run::ParameterLeaf& leaf, QVBoxLayout* column) {
    const QString title = leaf.group.empty()
                              ? tr("General")
                              : QString::fromStdString(run::textIn(leaf.groupTitles, m_language, leaf.group));
    for (const auto& [name, box] : m_groups)
        if (name == title) return box;
    auto* box = new QGroupBox(QString(title).replace(QLatin1Char('&'), QLatin1String("&&")));
    auto* inside = new QVBoxLayout(box);
    inside->setSpacing(6);
    column->addWidget(box);
    m_groups.emplace_back(title, box);
    return box;
}

QWidget* ParamForm::makeRow(Row& row) {
    const auto inLanguage = [this](const run::LocalText& text, const std::string& otherwise) {
        return QString::fromStdString(run::textIn(text, m_language, otherwise));
    };
    row.row = new QWidget;
    auto* grid = new QVBoxLayout(row.row);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(2);
    auto* line = new QHBoxLayout;
    line->setSpacing(0);
    row.mark = new QLabel;
    row.mark->setFixedWidth(kMarkWidth);
    auto* name = plainLabel(inLanguage(row.leaf.titles, row.leaf.title));
    name->setFixedWidth(kit::userSize(kNameWidth));
    name->setBuddy(row.editor.focus);
    name->setToolTip(QString::fromStdString(row.leaf.path));
    kit::explain(name, kit::termIn(QString::fromStdString(run::textIn(row.leaf.titles, "en", row.leaf.title))));
    line->addWidget(row.mark);
    line->addWidget(name);
    line->addWidget(row.editor.widget, 1);
    grid->addLayout(line);
    const QString meaning = inLanguage(row.leaf.descriptions, row.leaf.description);
    if (!meaning.isEmpty()) {
        auto* label = plainLabel(meaning, "faint");
        label->setContentsMargins(kMarkWidth + kNameWidth, 0, 0, 0);
        grid->addWidget(label);
    }
    row.error = plainLabel({}, "bad");
    row.error->setContentsMargins(kMarkWidth + kNameWidth, 0, 0, 0);
    row.error->hide();
    grid->addWidget(row.error);
    return row.row;
}

void ParamForm::onEdited(std::size_t index) {
    m_rows[index].isRefused = false;
    refresh();
    Q_EMIT edited();
}

Json ParamForm::collected(const std::vector<bool>& counts) const {
    Json out = m_defaults;
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        if (!counts[i]) continue;
        const Json value = m_rows[i].editor.read();
        if (value != m_rows[i].defaultValue) setAt(out, m_rows[i].leaf.path, value);
    }
    return out;
}

void ParamForm::refresh() {
    // A hidden row counts with its default, which may hide or show others: until nothing changes.
    std::vector<bool> counts(m_rows.size(), true);
    for (std::size_t round = 0; round <= m_rows.size(); ++round) {
        const Json now = collected(counts);
        std::vector<bool> next(m_rows.size());
        for (std::size_t i = 0; i < m_rows.size(); ++i) next[i] = run::isVisible(m_rows[i].leaf, now);
        if (next == counts) break;
        counts = std::move(next);
    }
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        Row& row = m_rows[i];
        row.isThere = counts[i];
        const Json value = row.editor.read();
        const bool differs = value != row.defaultValue;
        row.mark->setText(differs ? QStringLiteral("•") : QString());
        row.mark->setToolTip(differs ? tr("differs from the default") : QString());
        if (row.isRefused) continue;
        row.error->setText(faultOf(row.leaf, value));
        row.error->setVisible(!row.error->text().isEmpty());
    }
    showRows();
}

void ParamForm::showRows() {
    const QString wanted = m_search->text().trimmed();
    const auto matches = [&](const Row& row) {
        const QString title = QString::fromStdString(run::textIn(row.leaf.titles, m_language, row.leaf.title));
        return title.contains(wanted, Qt::CaseInsensitive) ||
               QString::fromStdString(row.leaf.title).contains(wanted, Qt::CaseInsensitive) ||
               QString::fromStdString(row.leaf.path).contains(wanted, Qt::CaseInsensitive);
    };
    int shown = 0;
    for (const auto& [name, box] : m_groups) {
        bool isEmpty = true;
        for (Row& row : m_rows) {
            if (row.group != box) continue;
            const bool isFolded = row.leaf.advanced && !m_advanced->isChecked() && wanted.isEmpty() &&
                                  row.mark->text().isEmpty() && row.error->text().isEmpty();
            const bool isShown = row.isThere && !isFolded && (wanted.isEmpty() || matches(row));
            row.row->setVisible(isShown);
            isEmpty &= !isShown;
            shown += isShown;
        }
        box->setVisible(!isEmpty);
    }
    m_nothing->setVisible(shown == 0);
    m_nothing->setText(
        wanted.isEmpty() ? tr("This plugin asks for nothing.") : tr("No parameter is called “%1”.").arg(wanted));
}

Json ParamForm::values() const {
    std::vector<bool> counts;
    for (const Row& row : m_rows) counts.push_back(row.isThere);
    return collected(counts);
}

std::vector<std::pair<QString, QString>> ParamForm::differences() const {
    std::vector<std::pair<QString, QString>> out;
    for (const Row& row : m_rows) {
        const Json value = row.editor.read();
        if (row.isThere && value != row.defaultValue)
            out.emplace_back(QString::fromStdString(row.leaf.path),
                QString::fromStdString(value.is_string() ? value.get<std::string>() : jsonText(value)));
    }
    return out;
}

std::vector<std::pair<QString, QString>> ParamForm::faults() const {
    std::vector<std::pair<QString, QString>> out;
    for (const Row& row : m_rows)
        if (row.isThere && !row.error->text().isEmpty())
            out.emplace_back(
                QString::fromStdString(run::textIn(row.leaf.titles, m_language, row.leaf.title)), row.error->text());
    return out;
}

void ParamForm::goTo(Row& row) {
    if (!m_search->text().isEmpty()) m_search->clear();
    showRows();
    row.row->show();
    if (m_scroll->widget()->layout()) m_scroll->widget()->layout()->activate();
    m_scroll->ensureWidgetVisible(row.row, 0, 24);
    row.editor.focus->setFocus(Qt::OtherFocusReason);
}

bool ParamForm::showFirstFault() {
    for (Row& row : m_rows)
        if (row.isThere && !row.error->text().isEmpty()) {
            goTo(row);
            return true;
        }
    return false;
}

bool ParamForm::showError(const QString& sentence) {
    for (Row& row : m_rows) {
        const QString pointer = QString::fromStdString(pointerOf(row.leaf.path));
        if (!sentence.startsWith(pointer + QLatin1Char(' ')) && !sentence.startsWith(pointer + QLatin1Char('/')))
            continue;
        row.isRefused = true;
        row.error->setText(sentence.mid(pointer.size()).trimmed());
        row.error->show();
        goTo(row);
        return true;
    }
    return false;
}

void ParamForm::focusFirst() {
    for (Row& row : m_rows)
        if (!row.row->isHidden()) {
            row.editor.focus->setFocus(Qt::OtherFocusReason);
            return;
        }
}

QWidget* ParamForm::editorOf(const QString& path) const {
    for (const Row& row : m_rows)
        if (QString::fromStdString(row.leaf.path) == path) return row.editor.focus;
    return nullptr;
}

bool ParamForm::isRowShown(const QString& path) const {
    for (const Row& row : m_rows)
        if (QString::fromStdString(row.leaf.path) == path) return !row.row->isHidden();
    return false;
}

}  // namespace dubito::app
