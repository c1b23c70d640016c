// Words are counted once; a merge touches only the words that hold its pair.
#include "lm/text/bpe_trainer.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <queue>
#include <unordered_map>
#include <unordered_set>

#include "lm/text/pretokenizer.h"

namespace dubito::lm {

Result<Vocabulary> trainBpe(const std::vector<std::string>& documents, const BpeTraining& training) {
    if (training.vocabulary < 256 + training.specials.size())
        return Error(Code::InvalidArgument, fmt::format("a vocabulary of {} holds no 256 bytes and {} specials",
                                                training.vocabulary, training.specials.size()));
    DUBITO_TRY(const Pretokenizer pretokenizer, Pretokenizer::create(training.pre));
    std::map<std::string, std::int64_t, std::less<>> counts;  // ordered: word numbers do not depend on hashing
    for (const auto& document : documents) {
        const std::string normal = pretokenizer.normalise(document);
        for (const auto piece : pretokenizer.split(normal)) {
            if (const auto found = counts.find(piece); found != counts.end()) ++found->second;
            else counts.emplace(std::string(piece), 1);
        }
    }
    struct Word {
        std::vector<std::int32_t> symbols;
        std::int64_t count;
    };
    std::vector<Word> words;
    for (const auto& [text, count] : counts) {
        words.push_back({{}, count});
        for (const char c : text) words.back().symbols.push_back(static_cast<std::uint8_t>(c));
    }
    const auto key = [](std::int32_t left, std::int32_t right) {
        return std::uint64_t{static_cast<std::uint32_t>(left)} << 32 | static_cast<std::uint32_t>(right);
    };
    std::unordered_map<std::uint64_t, std::int64_t> pairs;
    std::unordered_map<std::uint64_t, std::unordered_set<std::int32_t>> where;
    for (std::size_t w = 0; w < words.size(); ++w)
        for (std::size_t i = 0; i + 1 < words[w].symbols.size(); ++i) {
            const auto pair = key(words[w].symbols[i], words[w].symbols[i + 1]);
            pairs[pair] += words[w].count;
            where[pair].insert(static_cast<std::int32_t>(w));
        }
    struct Candidate {
        std::int64_t count;
        std::uint64_t pair;
        bool operator<(const Candidate& other) const {
            return count != other.count ? count < other.count : pair > other.pair;
        }
    };
    std::priority_queue<Candidate> queue;
    for (const auto& [pair, count] : pairs) queue.push({count, pair});

    Vocabulary out;
    out.model = "gpt2";
    out.pre = training.pre;
    std::vector<std::string> raw;
    for (int byte = 0; byte < 256; ++byte) raw.emplace_back(1, static_cast<char>(byte));
    const std::size_t merges = training.vocabulary - 256 - training.specials.size();
    while (raw.size() < 256 + merges && !queue.empty()) {
        const Candidate top = queue.top();
        queue.pop();
        const auto current = pairs.find(top.pair);
        if (current == pairs.end() || current->second != top.count) continue;  // changed since it was queued
        if (top.count < training.leastCount) break;
        const auto left = static_cast<std::int32_t>(top.pair >> 32),
                   right = static_cast<std::int32_t>(top.pair & 0xFFFFFFFFu),
                   whole = static_cast<std::int32_t>(raw.size());
        raw.push_back(raw[static_cast<std::size_t>(left)] + raw[static_cast<std::size_t>(right)]);
        out.merges.push_back(spelledBytes(raw[static_cast<std::size_t>(left)]) + " " +
                             spelledBytes(raw[static_cast<std::size_t>(right)]));
        std::unordered_set<std::uint64_t> changed;
        const auto touched = std::move(where[top.pair]);
        where.erase(top.pair);
        pairs.erase(current);
        for (const std::int32_t w : touched) {
            Word& word = words[static_cast<std::size_t>(w)];
            const auto add = [&](std::int32_t a, std::int32_t b, std::int64_t count) {
                const auto pair = key(a, b);
                if (pair == top.pair) return;
                pairs[pair] += count;
                if (count > 0) where[pair].insert(w);
                changed.insert(pair);
            };
            std::vector<std::int32_t> next;
            for (std::size_t i = 0; i + 1 < word.symbols.size(); ++i)
                add(word.symbols[i], word.symbols[i + 1], -word.count);
            for (std::size_t i = 0; i < word.symbols.size();) {
                const bool isPair =
                    i + 1 < word.symbols.size() && word.symbols[i] == left && word.symbols[i + 1] == right;
                next.push_back(isPair ? whole : word.symbols[i]);
                i += isPair ? 2 : 1;
            }
            word.symbols = std::move(next);
            for (std::size_t i = 0; i + 1 < word.symbols.size(); ++i)
                add(word.symbols[i], word.symbols[i + 1], word.count);
        }
        for (const auto pair : changed)
            if (const auto found = pairs.find(pair); found != pairs.end()) {
                if (found->second > 0) queue.push({found->second, pair});
                else pairs.erase(found);
            }
        if (training.goOn && raw.size() % 64 == 0 &&
            !training.goOn(
                static_cast<double>(raw.size() - 256) / static_cast<double>(std::max<std::size_t>(merges, 1))))
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
