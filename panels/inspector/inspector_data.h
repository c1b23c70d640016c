// Read-outs of one run as the inspector draws them, grown piece by piece from stored records.
#pragma once

#include <QString>
#include <map>
#include <memory>
#include <vector>

#include "base/json.h"
#include "journal/array_block.h"
#include "store/queries.h"

namespace dubito::inspector {

enum Statistic { kEntropy, kCrossEntropy, kKl, kRank, kAgree, kProbability, kStatistics };

/// One position of one sequence. Layers run from 0 (embedding) to N.
struct Position {
    std::int32_t id = -1;
    QString text;
    float logprob = 0, entropy = 0;  ///< of this token, from the position before; NaN for the first
    bool isSpecial = false;
    std::vector<float> stats;          ///< (N+1, 5); empty: not read out yet
    std::vector<std::uint32_t> topId;  ///< (N+1, K)
    std::vector<float> topLogp;        ///< (N+1, K)
    std::vector<float> residNorm, attnNorm, mlpNorm, cosine;
    float at(int layer, int statistic) const;  ///< NaN when missing
};

struct Sequence {
    int number = 0, promptLength = 0, parent = -1, branchPosition = -1;
    std::vector<Position> positions;
    /// Positions with read-outs, from 0 without a gap.
    int readOut() const;
};

/// What the prompt asks, in its first words: without the wrapping of a turn.
QString firstWords(const Sequence& sequence);

struct CausalResult {
    QString kind, site, right, wrong, cleanAnswer, corruptAnswer;
    double cleanDifference = 0, corruptDifference = 0;
    std::vector<QString> clean, corrupt;
    int rows = 0, columns = 0;
    std::vector<float> effect;
};

/// Attention or attribution of one position, fetched when it is selected.
struct PositionDetail {
    int layers = 0, heads = 0, view = 0;
    std::vector<float> attention;  ///< (N, A, view); from top8 the places that were kept
    std::vector<float> rest;       ///< (N, A) mass outside the kept places; empty with full attention
    std::vector<float> shares;     ///< attribution by component
    std::vector<QString> components;
};

struct InspectorData {
    int layers = 0, heads = 0, vocabulary = 0, topK = 0;  ///< layers: N
    std::map<QString, QString> model;
    QString modelName;  ///< as people call it
    std::vector<QString> components;
    std::map<int, Sequence> sequences;
    std::map<std::uint32_t, QString> words;
    std::vector<CausalResult> causal;
    std::map<std::string, std::int64_t> cursors;  ///< key -> last record taken

    QString wordOf(std::uint32_t id) const;
};

/// One stored record, taken apart on a reader thread so that [gui] only copies numbers.
struct Piece {
    store::RecordRow row;
    Json meta;
    std::vector<journal::Array> arrays;  ///< into row.block; empty: malformed, skipped
};
Piece pieceOf(store::RecordRow row);
/// Records after `cursors`.
using RecordsByKey = std::map<std::string, std::vector<Piece>>;
Result<RecordsByKey> loadNewRecords(
    store::Database& db, std::int64_t runNo, const std::map<std::string, std::int64_t>& cursors);
/// Takes records in. Malformed ones are skipped: they come from a file. @return whether anything was added
bool applyRecords(InspectorData& data, const RecordsByKey& records);
Result<PositionDetail> loadDetail(store::Database& db, std::int64_t runNo, int sequence, int position);

}  // namespace dubito::inspector
