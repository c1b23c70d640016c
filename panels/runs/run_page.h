// A page of the run table as the store gives it: runs, or groups over seeds with the runs of those that are open.
#pragma once

#include <QString>
#include <QVector>

#include <map>
#include <set>

#include "stats/intervals.h"
#include "store/queries.h"

namespace dubito::runs {

/// A run's curve in a cell, with how many points it was drawn from.
struct Spark {
    std::int64_t points = 0;
    QVector<double> steps, values;
};

struct TableRow {
    store::RunRow run;       ///< of a group: its first by seed
    QVector<qint64> inside;  ///< runs of a group; empty: this is a run
    int seeds = 0, done = 0, failed = 0;
    bool isOpen = false;    ///< the group's runs follow
    bool isInside = false;  ///< of the open group above
    bool isBaseline = false;
    bool isDifference = false;  ///< of its numbers from the baseline's
    /// Of each metric. A group: mean over the seeds that are done, the newest run of each. NaN: none.
    std::vector<stats::Interval> numbers;
    std::vector<std::vector<double>> values;  ///< of a group: what the means are of
    QString tags;
    Spark spark;  ///< of a group: the mean over seeds, at the steps that all of them have
    bool isGroup() const { return !inside.isEmpty(); }
};

struct PageRequest {
    store::RunQuery query;             ///< limit and offset count runs, or groups
    std::vector<std::string> metrics;  ///< the number that the spark is of first
    std::string reducer = "last";
    bool hasTags = false, hasSparks = false, isGrouped = false;
    std::set<std::int64_t> open;          ///< configurations whose runs are shown
    std::map<std::int64_t, Spark> known;  ///< curves that are there already, by run
};

struct RunsPage {
    std::vector<TableRow> rows;
    std::int64_t entries = 0;  ///< runs or groups that the query gave
    QString baseline;          ///< its name; empty: none
    /// Of every run that was looked at, those within groups too.
    std::map<std::int64_t, Spark> sparks;
};

/// The baseline stands first on the first page, whatever the filter, and nowhere else.
Result<RunsPage> loadPage(store::Database& db, const PageRequest& request);

}  // namespace dubito::runs
