// Starts from the defaults as the engine makes them and changes only what a person changed, so that an untouched form
// is the same run as the command line's.
#include "dialogs/param_form.h"

#include <QCheckBox>
#include <QGroupBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>

#include <algorithm>
#include <set>

#include "kit/colours.h"
#include "kit/controls.h"
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

QString shownText(const Json& value) {
    return QString::fromStdString(value.is_string() ? value.get<std::string>() : jsonText(value));
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

void ParamForm::setSchema(const Json& schema, const Json& values, const std::string& language, const Json& several) {
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
        row.values = {row.editor.read()};
        row.group->layout()->addWidget(makeRow(index, row));
        m_rows.push_back(std::move(row));
    }
    column->addStretch();
    m_scroll->setWidget(inside);  // deletes the one before
    const auto hidden = std::count_if(m_rows.begin(), m_rows.end(), [](const Row& row) { return row.leaf.advanced; });
    m_advanced->setText(tr("Show advanced (%1)").arg(hidden));
    m_advanced->setVisible(hidden > 0);
    m_search->setVisible(m_rows.size() > 8);
    takeSeveral(several);
    refresh();
}

void ParamForm::takeSeveral(const Json& several) {
    constexpr std::size_t kMostValues = 100;
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        const auto found = several.is_object() ? several.find(pointerOf(m_rows[i].leaf.path)) : several.end();
        if (found == several.end() || !found->is_array() || found->empty()) continue;
        std::vector<Json> values(found->begin(), found->end());
        if (values.size() > kMostValues) values.resize(kMostValues);
        if (m_rows[i].editor.writeAll) {
            m_rows[i].editor.writeAll(values);
            continue;
        }
        // The first stands in the row itself.
        for (std::size_t at = 1; at < values.size(); ++at) addEditor(i, values[at]);
    }
}

/// One more of the same kind below, for a value more.
void ParamForm::addEditor(std::size_t index, const Json& given) {
    Row& row = m_rows[index];
    auto* holder = new QWidget;
    auto* line = new QHBoxLayout(holder);
    line->setContentsMargins(0, 0, 0, 0);
    line->setSpacing(4);
    const ParamEditor editor = makeParamEditor(row.leaf, given, m_language, this, [this, index] { onEdited(index); });
    auto* remove = kit::wordButton(QStringLiteral("×"));
    remove->setToolTip(tr("Without this value"));
    remove->setAccessibleName(tr("Remove this value of %1").arg(editor.focus->accessibleName()));
    line->addWidget(editor.widget, 1);
    line->addWidget(remove);
    row.editors->addWidget(holder);
    holder->show();
    row.more.push_back(editor);
    connect(remove, &QToolButton::clicked, this, [this, index, holder, focus = editor.focus] {
        auto& more = m_rows[index].more;
        std::erase_if(more, [focus](const ParamEditor& one) { return one.focus == focus; });
        holder->hide();
        holder->deleteLater();
        m_rows[index].editor.focus->setFocus(Qt::OtherFocusReason);
        onEdited(index);
    });
}

std::vector<Json> ParamForm::readAll(const Row& row) const {
    std::vector<Json> all = row.editor.readAll ? row.editor.readAll() : std::vector{row.editor.read()};
    for (const ParamEditor& editor : row.more) all.push_back(editor.read());
    std::vector<Json> out;
    for (Json& value : all)
        if (std::find(out.begin(), out.end(), value) == out.end()) out.push_back(std::move(value));
    return out;
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

QWidget* ParamForm::makeRow(std::size_t index, Row& row) {
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
    row.editors = new QVBoxLayout;
    row.editors->setContentsMargins(kMarkWidth + kit::userSize(kNameWidth), 0, 0, 0);
    grid->addLayout(row.editors);
    if (!row.editor.readAll) {
        auto* more = kit::wordButton(QStringLiteral("+"));
        more->setToolTip(tr("One more value: a run of each"));
        more->setAccessibleName(tr("One more value of %1").arg(row.editor.focus->accessibleName()));
        line->addWidget(more, 0, Qt::AlignTop);
        connect(more, &QToolButton::clicked, this, [this, index] {
            addEditor(index, m_rows[index].editor.read());
            m_rows[index].more.back().focus->setFocus(Qt::OtherFocusReason);
            onEdited(index);
        });
    }
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

Json ParamForm::collected(const std::vector<bool>& counts, const Pick& pick) const {
    Json out = m_defaults;
    for (std::size_t i = 0; i < m_rows.size(); ++i) {
        if (!counts[i]) continue;
        const Json& value = m_rows[i].values[pick[i]];
        if (value != m_rows[i].defaultValue) setAt(out, m_rows[i].leaf.path, value);
    }
    return out;
}

std::vector<bool> ParamForm::countsFor(const Pick& pick) const {
    // A hidden row counts with its default, which may hide or show others: until nothing changes.
    std::vector<bool> counts(m_rows.size(), true);
    for (std::size_t round = 0; round <= m_rows.size(); ++round) {
        const Json now = collected(counts, pick);
        std::vector<bool> next(m_rows.size());
        for (std::size_t i = 0; i < m_rows.size(); ++i) next[i] = run::isVisible(m_rows[i].leaf, now);
        if (next == counts) break;
        counts = std::move(next);
    }
    return counts;
}

bool ParamForm::advance(Pick& pick) const {
    for (std::size_t i = pick.size(); i-- > 0;) {
        if (++pick[i] < m_rows[i].values.size()) return true;
        pick[i] = 0;
    }
    return false;
}

std::vector<ParamForm::Combination> ParamForm::combinations(std::size_t most) const {
    std::vector<Combination> out;
    std::set<std::string> seen;
    const std::size_t mostLookedAt = 16 * most;
    Pick pick(m_rows.size(), 0);
    std::size_t looked = 0;
    do {
        const auto counts = countsFor(pick);
        Combination one{collected(counts, pick), {}};
        if (!seen.insert(jsonText(one.values)).second) continue;
        QStringList words;
        for (std::size_t i = 0; i < m_rows.size(); ++i)
            if (counts[i] && m_rows[i].values.size() > 1)
                words << QString::fromStdString(m_rows[i].leaf.path.substr(m_rows[i].leaf.path.rfind('.') + 1)) +
                             QLatin1Char('=') + shownText(m_rows[i].values[pick[i]]).left(40).simplified();
        one.words = words.join(QLatin1Char(' '));
        out.push_back(std::move(one));
    } while (out.size() <= most && ++looked < mostLookedAt && advance(pick));
    return out;
}

Json ParamForm::several() const {
    Json out = Json::object();
    for (const Row& row : m_rows)
        if (row.values.size() > 1) out[pointerOf(row.leaf.path)] = row.values;
    return out;
}

/// A row is there when one of the combinations has it.
void ParamForm::findRows() {
    constexpr int kMostLookedAt = 64;
    for (Row& row : m_rows) row.values = readAll(row), row.isThere = false;
    Pick pick(m_rows.size(), 0);
    int looked = 0;
    do {
        const auto counts = countsFor(pick);
        for (std::size_t i = 0; i < m_rows.size(); ++i) m_rows[i].isThere = m_rows[i].isThere || counts[i];
    } while (++looked < kMostLookedAt && advance(pick));
}

void ParamForm::refresh() {
    findRows();
    for (Row& row : m_rows) {
        const bool differs = row.values.size() > 1 || row.values.front() != row.defaultValue;
        row.mark->setText(differs ? QStringLiteral("•") : QString());
        row.mark->setToolTip(differs ? tr("differs from the default") : QString());
        if (row.isRefused) continue;
        QString fault;
        for (const Json& value : row.values)
            if (fault.isEmpty()) fault = faultOf(row.leaf, value);
        row.error->setText(fault);
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
    const Pick first(m_rows.size(), 0);
    return collected(countsFor(first), first);
}

std::vector<std::pair<QString, QString>> ParamForm::differences() const {
    std::vector<std::pair<QString, QString>> out;
    for (const Row& row : m_rows) {
        if (!row.isThere || (row.values.size() < 2 && row.values.front() == row.defaultValue)) continue;
        QStringList values;
        for (const Json& value : row.values) values << shownText(value);
        out.emplace_back(QString::fromStdString(row.leaf.path), values.join(QStringLiteral(", ")));
    }
    return out;
}

std::vector<std::pair<std::string, Json>> ParamForm::changed() const {
    std::vector<std::pair<std::string, Json>> out;
    for (const Row& row : m_rows)
        if (row.isThere && row.values.front() != row.defaultValue)
            out.emplace_back(pointerOf(row.leaf.path), row.values.front());
    return out;
}

std::vector<std::pair<QString, QString>> ParamForm::differencesOf(const Json& values) const {
    std::vector<std::pair<QString, QString>> out;
    for (const Row& row : m_rows)
        if (const Json& value = run::valueAt(values, pointerOf(row.leaf.path)); value != row.defaultValue)
            out.emplace_back(QString::fromStdString(row.leaf.path), shownText(value));
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
