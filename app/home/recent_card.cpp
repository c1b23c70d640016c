// A project is opened read-only for a moment to be counted; one that another program writes is read beside it.
#include "home/recent_card.h"

#include <QAction>
#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QPainter>
#include <QPointer>
#include <QPushButton>
#include <QStyledItemDelegate>
#include <QTableWidget>
#include <QVBoxLayout>

#include "action_registry.h"
#include "application.h"
#include "errands.h"
#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/user_size.h"
#include "settings.h"
#include "store/opener.h"

namespace dubito::app {
namespace {

enum Column { Name, Folder, Runs, State, Size, Opened, Columns };
enum Role { Path = Qt::UserRole, Missing, Dot };
constexpr int kRowHeight = 37;
constexpr std::int64_t kLongestLookMs = 10'000;  ///< at one project: the others wait meanwhile

/// A dot before the word of the state.
class StateDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    void initStyleOption(QStyleOptionViewItem* option, const QModelIndex& index) const override {
        QStyledItemDelegate::initStyleOption(option, index);
        if (index.data(Dot).value<QColor>().isValid()) option->text.prepend(QStringLiteral("    "));
    }
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override {
        QStyledItemDelegate::paint(painter, option, index);
        const QColor dot = index.data(Dot).value<QColor>();
        if (!dot.isValid()) return;
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        painter->setPen(Qt::NoPen);
        painter->setBrush(dot);
        painter->drawEllipse(QPointF(option.rect.left() + 10, option.rect.center().y() + 0.5), 4, 4);
        painter->restore();
    }
};

RecentCard::Found lookAt(const QString& path) {
    RecentCard::Found out;
    const QFileInfo info(path);
    out.isThere = info.exists();
    out.isFolderThere = out.isThere || QFileInfo(info.absolutePath()).exists();
    if (!out.isThere) return out;
    out.bytes = info.size();
    out.changed = info.lastModified();
    auto db = store::openReadOnly(path.toStdString());
    if (db) (*db)->limitTime(kLongestLookMs);
    auto overview = db ? store::queryOverview(**db) : Result<store::ProjectOverview>(db.error());
    if (overview) out.overview = *overview;
    else out.problem = QString::fromStdString(overview.error().text());
    return out;
}

/// "~/work" for what lies in the home folder.
QString shortFolder(const QString& path) {
    const QString folder = QFileInfo(path).absolutePath(), home = QDir::homePath();
    if (folder == home) return QStringLiteral("~");
    return folder.startsWith(home + QLatin1Char('/')) ? QStringLiteral("~") + folder.mid(home.size()) : folder;
}

QString dayText(const QDateTime& time) {
    if (!time.isValid()) return QStringLiteral("–");
    const qint64 days = time.date().daysTo(QDate::currentDate());
    if (days == 0) return RecentCard::tr("today %1").arg(QLocale().toString(time.time(), QStringLiteral("HH:mm")));
    if (days == 1) return RecentCard::tr("yesterday");
    const bool isThisYear = time.date().year() == QDate::currentDate().year();
    return QLocale().toString(time.date(), isThisYear ? RecentCard::tr("d MMM") : RecentCard::tr("d MMM yyyy"));
}

QTableWidgetItem* cell(const QString& text, Qt::Alignment alignment = Qt::AlignLeft) {
    auto* item = new QTableWidgetItem(text);
    item->setTextAlignment(alignment | Qt::AlignVCenter);
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
    return item;
}

/// Word and colour of what the runs of a project do.
std::pair<QString, QColor> stateOf(const store::ProjectOverview& overview) {
    const kit::Palette& c = kit::palette();
    if (overview.alive > 0) {
        const QString running = RecentCard::tr("%n running", nullptr, static_cast<int>(overview.alive));
        if (overview.aliveShare < 0) return {running, c.warn};
        return {RecentCard::tr("%1, %2 %").arg(running).arg(static_cast<int>(100 * overview.aliveShare)), c.warn};
    }
    if (overview.runs == 0) return {RecentCard::tr("no runs yet"), QColor()};
    if (overview.failed > 0) return {RecentCard::tr("%n failed", nullptr, static_cast<int>(overview.failed)), c.bad};
    return {RecentCard::tr("all done"), c.good};
}

}  // namespace

RecentCard::RecentCard(Application& application, ActionRegistry& actions)
    : m_application(application), m_table(new QTableWidget(0, Columns)), m_none(new QLabel) {
    setProperty("role", "card");
    auto* title = new QLabel(tr("Recent projects"));
    title->setProperty("role", "heading");
    auto* head = new QHBoxLayout;
    head->addWidget(title);
    head->addStretch();
    for (const auto& [id, text] : {std::pair(QStringLiteral("project.new"), tr("New project…")),
             {QStringLiteral("project.open"), tr("Open project…")}}) {
        auto* button = new QPushButton(text);
        connect(button, &QPushButton::clicked, actions.action(id), &QAction::trigger);
        head->addWidget(button);
    }
    m_table->setHorizontalHeaderLabels(
        {tr("name"), tr("folder"), tr("runs"), tr("state"), tr("size"), tr("last opened")});
    for (const int right : {Runs, Size, Opened})
        m_table->horizontalHeaderItem(right)->setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    for (const int left : {Name, Folder, State})
        m_table->horizontalHeaderItem(left)->setTextAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->setAccessibleName(tr("Recent projects"));
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(kit::userSize(kRowHeight));
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setTextElideMode(Qt::ElideMiddle);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setTabKeyNavigation(false);
    m_table->setVerticalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_table->setItemDelegateForColumn(State, new StateDelegate(m_table));
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setMinimumSectionSize(20);
    m_none->setText(tr("None yet. Ask the model above, or open the demo project."));
    m_none->setProperty("role", "sub");
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(16, 12, 16, 14);
    column->addLayout(head);
    column->addWidget(m_table);
    column->addWidget(m_none);
    auto* hint = new kit::ElidedLabel(
        tr("Drop a project, a run's specification, a GGUF or a safetensors file anywhere in this window to open it."));
    hint->setProperty("role", "faint");
    column->addWidget(hint);
    column->addStretch(1);
    connect(m_table, &QTableWidget::cellClicked, this, [this](int row, int) { open(row); });
    connect(m_table, &QTableWidget::cellActivated, this, [this](int row, int) { open(row); });
}

void RecentCard::refresh() {
    const QStringList paths = m_application.settings().recent();
    fill(paths);
    runErrand([guard = QPointer<RecentCard>(this), paths, generation = ++m_generation] {
        for (int i = 0; i < paths.size(); ++i) {
            auto found = std::make_shared<Found>(lookAt(paths[i]));
            QMetaObject::invokeMethod(
                QCoreApplication::instance(),
                [guard, found, i, path = paths[i], generation] {
                    if (guard && generation == guard->m_generation) guard->show(i, path, *found);
                },
                Qt::QueuedConnection);
        }
    });
}

void RecentCard::fill(const QStringList& paths) {
    m_table->setRowCount(0);
    m_table->setRowCount(static_cast<int>(paths.size()));
    for (int row = 0; row < paths.size(); ++row) {
        auto* name = cell(QFileInfo(paths[row]).completeBaseName());
        QFont medium = m_table->font();
        medium.setWeight(QFont::Medium);
        name->setFont(medium);
        name->setData(Path, paths[row]);
        name->setToolTip(kit::plainToolTip(paths[row]));
        m_table->setItem(row, Name, name);
        auto* folder = cell(shortFolder(paths[row]));
        folder->setFont(kit::monoFont());
        folder->setToolTip(name->toolTip());
        m_table->setItem(row, Folder, folder);
        for (const int column : {Runs, State, Size, Opened})
            m_table->setItem(row, column, cell({}, column == State ? Qt::AlignLeft : Qt::AlignRight));
        for (const int column : {Runs, Size}) m_table->item(row, column)->setFont(kit::monoFont());
        m_table->item(row, Opened)->setText(dayText(m_application.settings().lastOpened(paths[row])));
    }
    m_table->setVisible(!paths.isEmpty());
    m_none->setVisible(paths.isEmpty());
    m_table->setFixedHeight(m_table->horizontalHeader()->sizeHint().height() +
                            kit::userSize(kRowHeight) * static_cast<int>(paths.size()) + 4);
    if (!paths.isEmpty()) m_table->setCurrentCell(0, Name, QItemSelectionModel::NoUpdate);
    m_isOpening = false;
}

void RecentCard::show(int row, const QString& path, const Found& found) {
    if (row >= m_table->rowCount() || m_table->item(row, Name)->data(Path) != path) return;
    const kit::Palette& c = kit::palette();
    for (const int column : {Folder, State, Size, Opened}) m_table->item(row, column)->setForeground(c.sub);
    m_table->item(row, Name)->setData(Missing, !found.isThere);
    if (!found.isThere) {
        for (int column = 0; column < Columns; ++column) m_table->item(row, column)->setForeground(c.faint);
        m_table->item(row, Runs)->setText(QStringLiteral("–"));
        m_table->item(row, Size)->setText(QStringLiteral("–"));
        m_table->item(row, State)->setText(found.isFolderThere ? tr("file is not there") : tr("folder is not there"));
        m_table->item(row, State)->setData(Dot, c.bad);
        m_table->item(row, Opened)->setText({});
        auto* links = new QWidget;
        auto* layout = new QHBoxLayout(links);
        layout->setContentsMargins(0, 0, 8, 0);
        layout->setSpacing(8);
        layout->addStretch();
        auto* search = new QPushButton(tr("Find…"));
        auto* remove = new QPushButton(tr("Remove"));
        for (QPushButton* link : {search, remove}) {
            link->setProperty("role", "link");
            layout->addWidget(link);
        }
        connect(search, &QPushButton::clicked, this, [this, path] { find(path); });
        connect(remove, &QPushButton::clicked, this, [this, path] {
            m_application.settings().removeRecent(path);
            QMetaObject::invokeMethod(this, &RecentCard::refresh, Qt::QueuedConnection);
        });
        m_table->setCellWidget(row, Opened, links);
        return;
    }
    m_table->item(row, Size)->setText(QLocale().formattedDataSize(found.bytes, 0));
    if (m_table->item(row, Opened)->text() == QStringLiteral("–"))
        m_table->item(row, Opened)->setText(dayText(found.changed));
    if (found.overview) {
        const auto [word, dot] = stateOf(*found.overview);
        m_table->item(row, Runs)->setText(QLocale().toString(static_cast<qlonglong>(found.overview->runs)));
        m_table->item(row, State)->setText(word);
        m_table->item(row, State)->setData(Dot, dot);
    } else {
        m_table->item(row, Runs)->setText(QStringLiteral("–"));
        m_table->item(row, State)->setText(tr("cannot be read"));
        m_table->item(row, State)->setToolTip(kit::plainToolTip(found.problem));
        m_table->item(row, State)->setData(Dot, c.bad);
    }
}

void RecentCard::open(int row) {
    const QTableWidgetItem* name = m_table->item(row, Name);
    if (m_isOpening || !name || name->data(Missing).toBool()) return;
    m_isOpening = true;
    m_application.openProject(name->data(Path).toString(), [guard = QPointer<RecentCard>(this)](bool) {
        if (guard) guard->m_isOpening = false;
    });
}

void RecentCard::find(const QString& path) {
    const QString found = QFileDialog::getOpenFileName(
        window(), tr("Where is %1?").arg(QFileInfo(path).fileName()), {}, tr("Dubito projects (*.dubito)"));
    if (found.isEmpty()) return;
    m_application.settings().removeRecent(path);
    m_application.openProject(found);
}

/// What matters least goes first where the window is narrow.
void RecentCard::resizeEvent(QResizeEvent* event) {
    QFrame::resizeEvent(event);
    const int room = width() - 32;
    m_table->setColumnHidden(Size, room < 620);
    m_table->setColumnHidden(Folder, room < 440);
    m_table->setColumnWidth(Runs, 56);
    m_table->setColumnWidth(State, 150);
    m_table->setColumnWidth(Size, 90);
    m_table->setColumnWidth(Opened, 118);
    const int left = room - 56 - 150 - 118 - (room < 620 ? 0 : 90);
    m_table->setColumnWidth(Name, room < 440 ? left : left * 46 / 100);
    m_table->setColumnWidth(Folder, left - left * 46 / 100);
}

}  // namespace dubito::app
