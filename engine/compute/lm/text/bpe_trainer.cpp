// Words are counted once; a merge touches only the words that hold its pair.
#include "lm/text/bpe_trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "lm/text/pretokenizer.h"

namespace dubito::lm {

namespace {

constexpr std::size_t kBytes = 256;

struct Word {
    std::vector<std::int32_t> symbols;
    std::int64_t count;
};

using Pair = std::uint64_t;
Pair pairOf(std::int32_t left, std::int32_t right) {
    return Pair{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
}
std::int32_t leftOf(Pair pair) { return static_cast<std::int32_t>(pair >> 32); }
std::int32_t rightOf(Pair pair) { return static_cast<std::int32_t>(pair & 0xFFFFFFFFu); }

/// Distinct pieces of the documents with their counts, as bytes.
std::vector<Word> wordsOf(const std::vector<std::string>& documents, const Pretokenizer& pretokenizer) {
    std::map<std::string, std::int64_t, std::less<>> counts;  // ordered: word numbers do not depend on hashing
    for (const auto& document : documents) {
        const std::string normal = pretokenizer.normalise(document);
        for (const auto piece : pretokenizer.split(normal)) {
            if (const auto found = counts.find(piece); found != counts.end()) ++found->second;
            else counts.emplace(std::string(piece), 1);
        }
    }
    std::vector<Word> words;
    for (const auto& [text, count] : counts) {
        words.push_back({{}, count});
        for (const char c : text) words.back().symbols.push_back(static_cast<std::uint8_t>(c));
    }
    return words;
}

/// Counts of neighbouring symbols over all words, and the queue of what to merge next.
class PairTable {
public:
    explicit PairTable(std::vector<Word> words) : m_words(std::move(words)) {
        for (std::size_t w = 0; w < m_words.size(); ++w)
            for (std::size_t i = 0; i + 1 < m_words[w].symbols.size(); ++i) {
                const Pair pair = pairOf(m_words[w].symbols[i], m_words[w].symbols[i + 1]);
                m_counts[pair] += m_words[w].count;
                m_where[pair].insert(static_cast<std::int32_t>(w));
            }
        for (const auto& [pair, count] : m_counts) m_queue.push({count, pair});
    }

    /// The pair that occurs most, at least `leastCount` times; of equal ones the one with the smaller symbols.
    std::optional<Pair> best(std::int64_t leastCount) {
        while (!m_queue.empty()) {
            const Candidate top = m_queue.top();
            m_queue.pop();
            const auto current = m_counts.find(top.pair);
            if (current == m_counts.end() || current->second != top.count) continue;  // changed since it was queued
            if (top.count < leastCount) return std::nullopt;
            return top.pair;
        }
        return std::nullopt;
    }

    /// Writes `whole` for the pair in every word that holds it.
    void merge(Pair pair, std::int32_t whole) {
        const auto touched = std::move(m_where[pair]);
        m_where.erase(pair);
        m_counts.erase(pair);
        std::unordered_set<Pair> changed;
        for (const std::int32_t w : touched) {
            Word& word = m_words[static_cast<std::size_t>(w)];
            count(word, w, -word.count, pair, changed);
            std::vector<std::int32_t> next;
            for (std::size_t i = 0; i < word.symbols.size();) {
                const bool isPair = i + 1 < word.symbols.size() && pairOf(word.symbols[i], word.symbols[i + 1]) == pair;
                next.push_back(isPair ? whole : word.symbols[i]);
                i += isPair ? 2 : 1;
            }
            word.symbols = std::move(next);
            count(word, w, word.count, pair, changed);
        }
        for (const Pair other : changed)
            if (const auto found = m_counts.find(other); found != m_counts.end()) {
                if (found->second > 0) m_queue.push({found->second, other});
                else m_counts.erase(found);
            }
    }

private:
    struct Candidate {
        std::int64_t count;
        Pair pair;
        bool operator<(const Candidate& other) const {
            return count != other.count ? count < other.count : pair > other.pair;
        }
    };

    /// Adds `n` to the count of every pair of the word but `merged`, which is gone for good.
    void count(const Word& word, std::int32_t w, std::int64_t n, Pair merged, std::unordered_set<Pair>& changed) {
        for (std::size_t i = 0; i + 1 < word.symbols.size(); ++i) {
            const Pair pair = pairOf(word.symbols[i], word.symbols[i + 1]);
            if (pair == merged) continue;
            m_counts[pair] += n;
            if (n > 0) m_where[pair].insert(w);
            changed.insert(pair);
        }
    }

    std::vector<Word> m_words;
    std::unordered_map<Pair, std::int64_t> m_counts;
    std::unordered_map<Pair, std::unordered_set<std::int32_t>> m_where;  ///< words that hold the pair, or held it
    std::priority_queue<Candidate> m_queue;
};

}  // namespace

Result<Vocabulary> trainBpe(const std::vector<std::string>& documents, const BpeTraining& training) {
    if (training.vocabulary < kBytes + training.specials.size())
        return Error(Code::InvalidArgument, fmt::format("a vocabulary of {} holds no 256 bytes and {} specials",
                                                training.vocabulary, training.specials.size()));
    DUBITO_TRY(const Pretokenizer pretokenizer, Pretokenizer::create(training.pre));
    PairTable table(wordsOf(documents, pretokenizer));

    Vocabulary out;
    out.model = "gpt2";
    out.pre = training.pre;
    std::vector<std::string> raw;
    for (std::size_t byte = 0; byte < kBytes; ++byte) raw.emplace_back(1, static_cast<char>(byte));
    const std::size_t merges = training.vocabulary - kBytes - training.specials.size();
    while (raw.size() < kBytes + merges) {
        const auto pair = table.best(training.leastCount);
        if (!pair) break;
        const std::string &left = raw[static_cast<std::size_t>(leftOf(*pair))],
                          &right = raw[static_cast<std::size_t>(rightOf(*pair))];
        out.merges.push_back(spelledBytes(left) + " " + spelledBytes(right));
        table.merge(*pair, static_cast<std::int32_t>(raw.size()));
        raw.push_back(left + right);
        const double done = static_cast<double>(raw.size() - kBytes) / static_cast<double>(merges);
        if (training.goOn && raw.size() % 64 == 0 && !training.goOn(done))
            return Error(Code::Cancelled, "training the tokenizer was cancelled");
    }
    for (const auto& bytes : raw) {
        out.tokens.push_back(spelledBytes(bytes));
        out.types.push_back(1);
    }
    for (const auto& special : training.specials) {
        out.tokens.push_back(special);
        out.types.push_back(3);
    }
    return out;
}

}  // namespace dubito::lm
