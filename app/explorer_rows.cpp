// One line for what is a place, two or three for a run.
#include "explorer_rows.h"

#include <QPainter>

#include "kit/colours.h"
#include "kit/controls.h"
#include "kit/run_words.h"
#include "project_explorer.h"
#include "run/run_state.h"

namespace dubito::app {
namespace {

constexpr int kLine = 24, kNewest = 100, kMostListed = 100;

ExplorerRow section(const char* name, const QString& text, const QString& count = {}) {
    ExplorerRow row;
    row.kind = RowKind::Section;
    row.key = QString::fromLatin1(name);
    row.text = text;
    row.count = count;
    return row;
}

ExplorerRow note(const char* under, const QString& text) {
    ExplorerRow row;
    row.kind = RowKind::Note;
    row.section = QString::fromLatin1(under);
    row.key = row.section + QStringLiteral("/none");
    row.text = text;
    return row;
}

ExplorerRow runRow(const store::RunRow& run) {
    ExplorerRow row;
    row.key = QStringLiteral("run/%1").arg(run.runNo);
    row.runNo = run.runNo;
    row.text = QString::fromStdString(run.name());
    row.sub = QString::fromStdString(run.system);
    row.state = run.state;
    row.isStarred = run.star;
    row.progress = kit::stateLine(run);
    row.tip = kit::plainToolTip(row.text);
    return row;
}

ExplorerRow artifactRow(const store::ArtifactRow& artifact) {
    ExplorerRow row;
    row.kind = RowKind::Artifact;
    row.section = QString::fromLatin1(kArtifactsSection);
    row.hash = QString::fromStdString(artifact.sha256);
    row.runNo = artifact.madeBy;
    row.key = QStringLiteral("artifact/%1/%2/%3").arg(row.hash).arg(artifact.madeBy).arg(artifact.step);
    const QString name = QString::fromStdString(artifact.name).section(QLatin1Char('/'), -1);
    switch (artifact.kind) {
        case store::ArtifactKind::Checkpoint:
            row.text = ProjectExplorer::tr("checkpoint, step %1").arg(artifact.step);
            break;
        case store::ArtifactKind::Output: row.text = name; break;
        case store::ArtifactKind::Blob: row.text = name.isEmpty() ? ProjectExplorer::tr("recorded data") : name; break;
    }
    row.count = QLocale().formattedDataSize(artifact.bytes, 0);
    row.sub = ProjectExplorer::tr("%1 · by %2").arg(row.hash.left(10), QString::fromStdString(artifact.madeByName));
    row.tip = kit::plainToolTip(
        ProjectExplorer::tr("%1\nmade by %2").arg(row.hash, QString::fromStdString(artifact.madeByName)));
    return row;
}

void addViews(const std::vector<store::SavedView>& views, std::vector<ExplorerRow>& rows) {
    rows.push_back(section(
        kViewsSection, ProjectExplorer::tr("Saved views"), views.empty() ? QString() : QString::number(views.size())));
    if (views.empty())
        rows.push_back(note(kViewsSection, ProjectExplorer::tr("None yet: filter the runs, then save the filter.")));
    for (const auto& view : views) {
        ExplorerRow row;
        row.kind = RowKind::View;
        row.section = QString::fromLatin1(kViewsSection);
        row.key = QStringLiteral("view/") + QString::fromStdString(view.id.text());
        row.text = QString::fromStdString(view.title);
        row.tip = kit::plainToolTip(QString::fromStdString(view.filter));
        row.view = view;
        rows.push_back(std::move(row));
    }
}

void addBin(const ExplorerContent& content, bool isListed, std::vector<ExplorerRow>& rows) {
    const auto deleted = content.overview.deleted;
    rows.push_back(section(kBinSection, ProjectExplorer::tr("Bin"), deleted ? QString::number(deleted) : QString()));
    if (deleted == 0) rows.push_back(note(kBinSection, ProjectExplorer::tr("Empty: deleted runs come here.")));
    if (!isListed) return;
    for (const auto& run : content.deleted) {
        ExplorerRow row = runRow(run);
        row.kind = RowKind::Deleted;
        row.section = QString::fromLatin1(kBinSection);
        row.key = QStringLiteral("deleted/%1").arg(run.runNo);
        rows.push_back(std::move(row));
    }
    if (deleted > static_cast<std::int64_t>(content.deleted.size()))
        rows.push_back(note(kBinSection,
            ProjectExplorer::tr("and %n more", nullptr, static_cast<int>(deleted - content.deleted.size()))));
}

}  // namespace

Result<ExplorerContent> queryExplorer(store::Database& db, const ExplorerQuery& asked) {
    ExplorerContent out;
    DUBITO_TRY(out.overview, store::queryOverview(db, asked.helperPlugins));
    DUBITO_TRY(out.views, store::queryViews(db));
    store::RunQuery query;
    query.limit = kNewest;
    query.helpers = store::RunQuery::Helpers::Without;
    query.helperPlugins = asked.helperPlugins;
    DUBITO_TRY(out.runs, store::queryRuns(db, query));
    if (asked.withArtifacts) {
        DUBITO_TRY(out.artifacts, store::queryArtifacts(db, kMostListed));
    }
    if (asked.withBin && out.overview.deleted > 0) {
        query.onlyDeleted = true;
        query.helpers = store::RunQuery::Helpers::Among;  // what was deleted can be had again, whatever it is
        DUBITO_TRY(out.deleted, store::queryRuns(db, query));
    }
    return out;
}

std::vector<ExplorerRow> explorerRows(const ExplorerContent& content, bool hasArtifacts, bool hasBin) {
    std::vector<ExplorerRow> rows;
    ExplorerRow all;
    all.kind = RowKind::AllRuns;
    all.key = QStringLiteral("all");
    all.text = ProjectExplorer::tr("All runs");
    all.count = QLocale().toString(static_cast<qlonglong>(content.overview.runs));
    rows.push_back(all);
    addViews(content.views, rows);
    rows.push_back(section(kExperimentsSection, ProjectExplorer::tr("Experiments")));
    rows.push_back(note(kExperimentsSection, ProjectExplorer::tr("None yet.")));
    rows.push_back(section(kReportsSection, ProjectExplorer::tr("Reports")));
    rows.push_back(note(kReportsSection, ProjectExplorer::tr("None yet.")));
    rows.push_back(section(kArtifactsSection, ProjectExplorer::tr("Artifacts")));
    if (hasArtifacts && content.artifacts.empty())
        rows.push_back(
            note(kArtifactsSection, ProjectExplorer::tr("None yet: checkpoints and large records come here.")));
    for (const auto& artifact : content.artifacts) rows.push_back(artifactRow(artifact));
    addBin(content, hasBin, rows);
    ExplorerRow caption;
    caption.kind = RowKind::Caption;
    caption.key = QStringLiteral("newest");
    caption.text = ProjectExplorer::tr("Newest runs");
    const auto shown = static_cast<std::int64_t>(content.runs.size());
    if (shown < content.overview.runs)
        caption.count = ProjectExplorer::tr("%1 of %2")
                            .arg(shown)
                            .arg(QLocale().toString(static_cast<qlonglong>(content.overview.runs)));
    rows.push_back(caption);
    for (const auto& run : content.runs) rows.push_back(runRow(run));
    return rows;
}

QSize ExplorerDelegate::sizeHint(const QStyleOptionViewItem&, const QModelIndex& index) const {
    const auto row = index.data(kRowRole).value<ExplorerRow>();
    constexpr int kWidth = 120;  // rows take the width there is and never ask for more
    switch (row.kind) {
        case RowKind::Caption: return {kWidth, 32};
        case RowKind::Note: return {kWidth, 40};
        case RowKind::Artifact: return {kWidth, 40};
        case RowKind::Deleted:
        case RowKind::Run: return {kWidth, row.progress.isEmpty() ? 40 : 54};
        default: return {kWidth, kLine};
    }
}

void ExplorerDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
    const auto row = index.data(kRowRole).value<ExplorerRow>();
    const kit::Palette& c = kit::palette();
    const bool isRun = row.kind == RowKind::Run || row.kind == RowKind::Deleted;
    const bool isInside = !row.section.isEmpty();
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    const QRect box = option.rect.adjusted(0, 1, 0, -1);
    const bool isPlace = row.kind != RowKind::Caption && row.kind != RowKind::Note;
    if (isPlace && (option.state & (QStyle::State_Selected | QStyle::State_MouseOver))) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(option.state & QStyle::State_Selected ? c.accentBg : c.hover);
        painter->drawRoundedRect(box, 6, 6);
    }
    if (isPlace && (option.state & QStyle::State_HasFocus)) {
        painter->setPen(QPen(c.accent, 1));
        painter->setBrush(Qt::NoBrush);
        painter->drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
    }
    QFont small = option.font;
    small.setPixelSize(11);
    QFont font = row.kind == RowKind::Caption ? kit::captionFont() : row.kind == RowKind::Note ? small : option.font;
    QRect text = box.adjusted(8 + (isInside ? 12 : 0) + (isRun ? 16 : 0), 0, -8, 0);
    if (isRun) {
        painter->setPen(Qt::NoPen);
        painter->setBrush(kit::stateColour(row.state));
        painter->drawEllipse(QPointF(text.left() - 10, box.top() + 13), 4, 4);
    }
    const int firstLine = isRun || row.kind == RowKind::Artifact ? 22 : box.height();
    QString count = row.count;
    if (row.kind == RowKind::Section)
        count += index.data(kExpandedRole).toBool() ? QStringLiteral("  ▾") : QStringLiteral("  ▸");
    if (row.isStarred) count = QStringLiteral("★");
    painter->setFont(small);
    const int countWidth = count.isEmpty() ? 0 : painter->fontMetrics().horizontalAdvance(count) + 6;
    painter->setPen(row.isStarred ? c.warn : c.faint);
    painter->drawText(
        QRect(text.left(), text.top(), text.width(), firstLine), Qt::AlignRight | Qt::AlignVCenter, count);
    painter->setFont(font);
    const bool isQuiet = row.kind == RowKind::Caption || row.kind == RowKind::Note;
    painter->setPen(isQuiet ? c.faint : row.kind == RowKind::Section ? c.sub : c.text);
    if (row.kind == RowKind::Note) {
        painter->drawText(text, Qt::AlignLeft | Qt::AlignVCenter | Qt::TextWordWrap, row.text);
    } else {
        const QRect line(text.left(), text.top(), text.width() - countWidth, firstLine);
        const auto place = Qt::AlignLeft | (row.kind == RowKind::Caption ? Qt::AlignBottom : Qt::AlignVCenter);
        const QString shown = row.kind == RowKind::Caption ? row.text.toUpper() : row.text;
        painter->drawText(line, static_cast<int>(place) | Qt::TextSingleLine,
            painter->fontMetrics().elidedText(shown, Qt::ElideRight, line.width()));
    }
    painter->setFont(small);
    const auto below = [&](int top, const QColor& colour, const QString& words) {
        painter->setPen(colour);
        painter->drawText(text.adjusted(0, top, 0, 0), Qt::AlignLeft | Qt::AlignTop | Qt::TextSingleLine,
            painter->fontMetrics().elidedText(words, Qt::ElideRight, text.width()));
    };
    below(21, c.faint, row.sub);
    const auto state = static_cast<dubito::run::RunState>(row.state);
    const bool isGoing = state == dubito::run::RunState::Starting || state == dubito::run::RunState::Running ||
                         state == dubito::run::RunState::Cancelling;
    if (isRun) below(35, state == dubito::run::RunState::Failed ? c.bad : isGoing ? c.warn : c.sub, row.progress);
    painter->restore();
}

}  // namespace dubito::app
