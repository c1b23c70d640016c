// Rows of the project explorer: what they are and how they are drawn.
#pragma once

#include <QStyledItemDelegate>
#include <QTreeWidget>

#include "kit/panel_context.h"
#include "store/explorer.h"

namespace dubito::app {

/// What a row of the explorer stands for.
enum class RowKind { AllRuns, Section, View, Artifact, Deleted, Note, Caption, Run };

struct ExplorerRow {
    RowKind kind = RowKind::Run;
    QString key;      ///< the same row again after a reload
    QString section;  ///< what it is folded under; empty: always there
    QString text, sub, progress, count, tip;
    qint64 runNo = 0;  ///< of a run, of a deleted one, of the one that made an artifact
    int state = -1;
    bool isStarred = false;
    store::SavedView view;
    QString hash;  ///< of an artifact
};

/// What is folded: names of sections.
inline constexpr const char* kViewsSection = "views";
inline constexpr const char* kExperimentsSection = "experiments";
inline constexpr const char* kReportsSection = "reports";
inline constexpr const char* kArtifactsSection = "artifacts";
inline constexpr const char* kBinSection = "bin";

struct ExplorerContent {
    store::ProjectOverview overview;
    std::vector<store::SavedView> views;
    std::vector<store::RunRow> runs, deleted;
    std::vector<store::ArtifactRow> artifacts;
};
struct ExplorerQuery {
    bool withArtifacts = false, withBin = false;  ///< only when they are open: others are counted, not listed
    std::vector<std::string> helperPlugins;       ///< sessions of these are neither listed nor counted among the runs
};
Result<ExplorerContent> queryExplorer(store::Database& db, const ExplorerQuery& asked);
/// All rows in order, those of folded sections too.
std::vector<ExplorerRow> explorerRows(const ExplorerContent& content, bool hasArtifacts, bool hasBin);

/// Paints a row from its ExplorerRow; every text is plain and cut at the width there is.
class ExplorerDelegate : public QStyledItemDelegate {
    Q_OBJECT
public:
    using QStyledItemDelegate::QStyledItemDelegate;
    QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
    void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;
};

inline constexpr int kRowRole = Qt::UserRole;           ///< ExplorerRow
inline constexpr int kExpandedRole = Qt::UserRole + 1;  ///< of a section

}  // namespace dubito::app

Q_DECLARE_METATYPE(dubito::app::ExplorerRow)
