// Prompt chunks and single tokens go through the blocks with everything kept; read-outs follow in batches of eight.
#include "inspector.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>

#include "learning/host_model.h"
#include "reference_text.h"

namespace dubito::tas {

using Clock = std::chrono::steady_clock;

namespace {

constexpr std::int64_t kChunk = 64;     ///< prompt positions a piece of work
constexpr std::int64_t kReadBatch = 8;  ///< generated positions that share one pass over the head

}  // namespace

Inspector::Inspector(const sdk::Host& host, const std::string& modelPath, const lm::Placement& placement,
    std::uint64_t seed, std::string now)
    : m_host(host), m_file(orRefuse(lm::openModel(modelPath))), m_model(learning::loadForRun(host, m_file, placement)),
      m_tokenizer(orRefuse(lm::Tokenizer::load(*m_file))), m_lens(m_model), m_records(host, m_model, m_tokenizer),
      m_seed(seed) {
    m_template = lm::ChatTemplate::opened(*m_file, std::move(now));
    if (!m_template->warning().empty()) host.log(sdk::Log::warn, m_template->warning());
    m_records.modelInfo(*m_file);
    if (!m_tokenizer->warning().empty()) host.log(sdk::Log::warn, m_tokenizer->warning());
    host.log(sdk::Log::info,
        fmt::format("loaded {}: {} blocks of width {}, {} MiB as {}", m_model->config().name, m_model->config().layers,
            m_model->config().width, m_model->weightBytes() >> 20, m_model->description()));
}

std::vector<lm::TokenId> Inspector::encodePrompt(const std::string& text, bool chat, const std::string& system) const {
    lm::Tokenizer::Encoding encoded;
    if (chat) {
        if (const auto& why = m_template->refusal())
            throw sdk::Refusal(DUBITO_UNSUPPORTED, why->text() + "; turn prompt.chat off to read the text as it is");
        std::vector<lm::ChatMessage> messages;
        if (!system.empty()) messages.push_back({"system", system});
        messages.push_back({"user", text});
        const auto rendered = m_template->render(messages, true);
        if (!rendered) throw sdk::Refusal(static_cast<dubito_status>(rendered.error().code()), rendered.error().text());
        encoded = m_tokenizer->encodeFragments(rendered->fragments);
    } else {
        encoded = m_tokenizer->encode(text);
    }
    if (encoded.problem) throw sdk::Refusal(DUBITO_LIMIT, encoded.problem->text());
    if (encoded.droppedBytes > 0)
        m_host.log(sdk::Log::warn,
            fmt::format("{} bytes of the prompt are not in the vocabulary and were left out", encoded.droppedBytes));
    m_tokenizer->addStart(encoded.ids);
    return encoded.ids;
}

std::vector<lm::TokenId> Inspector::tokensOf(const std::string& text) const {
    auto ids = orRefuse(m_tokenizer->idsOf(text));
    m_tokenizer->addStart(ids);
    return ids;
}

/// Of one that is still being said: as far as it has come.
const std::vector<lm::TokenId>& Inspector::idsOf(std::int64_t sequence) const {
    if (const auto found = m_done.find(sequence); found != m_done.end()) return found->second;
    for (const Sequence& one : m_queue)
        if (one.number == sequence) return one.ids;
    throw sdk::Refusal(DUBITO_NOT_FOUND, fmt::format("sequence {} is not there", sequence));
}

std::vector<lm::TokenId> Inspector::beginningOf(std::int64_t sequence, std::int64_t count) const {
    const auto& ids = idsOf(sequence);
    if (count < 1 || count > static_cast<std::int64_t>(ids.size()))
        throw sdk::Refusal(
            DUBITO_INVALID_ARGUMENT, fmt::format("sequence {} has {} tokens, not {}", sequence, ids.size(), count));
    return {ids.begin(), ids.begin() + count};
}

std::vector<lm::TokenId> Inspector::replaced(
    std::vector<lm::TokenId> ids, std::int64_t from, std::int64_t to, const std::string& text) const {
    if (from < 0 || to < from || to > static_cast<std::int64_t>(ids.size()))
        throw sdk::Refusal(DUBITO_INVALID_ARGUMENT,
            fmt::format("tokens {} to {} are not a stretch of the {} that are tested", from, to, ids.size()));
    const auto fresh = orRefuse(m_tokenizer->idsOf(text));
    ids.erase(ids.begin() + from, ids.begin() + to);
    ids.insert(ids.begin() + from, fresh.begin(), fresh.end());
    return ids;
}

SequenceRequest Inspector::readIds(const std::string& ids, std::int64_t answerFrom) const {
    SequenceRequest request;
    const char *at = ids.data(), *end = at + ids.size();
    while (at < end) {
        if (*at == ' ' || *at == '\n') {
            ++at;
            continue;
        }
        lm::TokenId id = -1;
        const auto read = std::from_chars(at, end, id);
        const bool isWhole = read.ec == std::errc() && (read.ptr == end || *read.ptr == ' ' || *read.ptr == '\n');
        if (!isWhole || id < 0 || id >= m_tokenizer->size())
            throw sdk::Refusal(DUBITO_INVALID_ARGUMENT,
                fmt::format("the token id at place {} is no number below {}, the size of the vocabulary",
                    request.ids.size(), m_tokenizer->size()));
        request.ids.push_back(id);
        at = read.ptr;
    }
    if (answerFrom < 0 || (answerFrom > 0 && answerFrom >= static_cast<std::int64_t>(request.ids.size())))
        throw sdk::Refusal(
            DUBITO_INVALID_ARGUMENT, fmt::format("the answer begins at {}, behind the {} token ids that are given",
                                         answerFrom, request.ids.size()));
    if (answerFrom == 0) return request;
    request.given.assign(request.ids.begin() + answerFrom, request.ids.end());
    request.ids.resize(static_cast<std::size_t>(answerFrom));
    request.maxNew = static_cast<std::int64_t>(request.given.size());
    return request;
}

std::int64_t Inspector::addSequence(SequenceRequest request) {
    const std::int64_t context = m_model->config().context;
    if (request.ids.empty()) throw sdk::Refusal(DUBITO_INVALID_ARGUMENT, "the prompt has no tokens");
    const auto needed = static_cast<std::int64_t>(request.ids.size()) + request.maxNew;
    if (needed > context)
        throw sdk::Refusal(DUBITO_LIMIT, fmt::format("prompt and answer need {} positions ({} + {}), the model has {}",
                                             needed, request.ids.size(), request.maxNew, context));
    if (m_capture.attention == lm::AttentionCapture::Full &&
        needed * m_model->config().layers * m_model->config().heads * 2 > (4 << 20) - 65536)
        throw sdk::Refusal(DUBITO_LIMIT, "full attention of so long a text does not fit one record; use top8");
    Sequence sequence;
    sequence.number = m_nextNumber++;
    sequence.request = std::move(request);
    m_queue.push_back(std::move(sequence));
    return m_nextNumber - 1;
}

std::int64_t Inspector::addBranch(std::int64_t parent, std::int64_t position, lm::TokenId token, std::int64_t maxNew) {
    const auto& ids = idsOf(parent);
    if (position < 1 || position > static_cast<std::int64_t>(ids.size()))
        throw sdk::Refusal(DUBITO_INVALID_ARGUMENT,
            fmt::format("position {} is outside sequence {} of {} tokens", position, parent, ids.size()));
    if (token < 0 || token >= m_tokenizer->size())
        throw sdk::Refusal(DUBITO_INVALID_ARGUMENT, fmt::format("token {} is outside the vocabulary", token));
    SequenceRequest request;
    request.ids.assign(ids.begin(), ids.begin() + position);
    request.ids.push_back(token);
    request.parent = parent;
    request.branchPosition = position;
    request.maxNew = maxNew;
    return addSequence(std::move(request));
}

void Inspector::addCausal(lm::CausalRequest request) { m_causal.push_back(std::move(request)); }

bool Inspector::advance() {
    if (!m_queue.empty()) {
        Sequence& now = m_queue.front();
        if (now.ids.empty()) begin();
        if (now.forwarded < static_cast<std::int64_t>(now.ids.size())) forwardChunk();
        const std::int64_t unread = now.forwarded - now.firstUnread;
        if (!now.stop.empty() || unread >= kReadBatch) readOut();
        if (!now.stop.empty()) finish();
        return true;
    }
    if (!m_causal.empty()) {
        const lm::CausalRequest request = m_causal.front();
        m_causal.pop_front();
        runCausal(request);
        return true;
    }
    return false;
}

void Inspector::begin() {
    Sequence& now = m_queue.front();
    now.ids = now.request.ids;
    now.promptLength = now.ids.size();
    now.started = Clock::now();
    now.cache = orRefuse(m_model->makeCache(static_cast<std::int64_t>(now.ids.size()) + now.request.maxNew));
}

void Inspector::forwardChunk() {
    Sequence& now = m_queue.front();
    const std::int64_t rows = std::min(kChunk, static_cast<std::int64_t>(now.ids.size()) - now.forwarded);
    const bool isLast = now.forwarded + rows == static_cast<std::int64_t>(now.ids.size()),
               needsLogits = isLast && now.request.given.empty();
    m_logits.resize(static_cast<std::size_t>(m_model->config().vocabulary));
    orRefuse(m_model->read(std::span<const lm::TokenId>(now.ids).subspan(
                               static_cast<std::size_t>(now.forwarded), static_cast<std::size_t>(rows)),
        now.cache.get(), m_capture.plan(), &now.waiting.emplace_back(), needsLogits ? m_logits.data() : nullptr));
    now.forwarded += rows;
    m_host.progress(static_cast<double>(now.forwarded),
        static_cast<double>(now.promptLength) + static_cast<double>(now.request.maxNew), "tokens",
        now.forwarded < static_cast<std::int64_t>(now.promptLength) ? "reading" : "speaking");
    if (isLast) takeToken();
}

void Inspector::takeToken() {
    Sequence& now = m_queue.front();
    const SequenceRequest& request = now.request;
    const std::size_t answered = now.ids.size() - now.promptLength;
    if (answered == 0) now.firstToken = Clock::now();
    if (!request.given.empty()) {
        now.ids.push_back(request.given[answered]);
        if (answered + 1 == request.given.size()) now.stop = "given";
        return;
    }
    const stats::CounterRng rng(m_seed, "sample", static_cast<std::uint64_t>(now.number));
    const lm::TokenId next = lm::sampleToken(
        m_logits.data(), m_model->config().vocabulary, m_tokenizer->size(), request.sampling, rng, now.ids.size());
    for (const float value : m_logits)
        if (!std::isfinite(value))
            throw sdk::Refusal(DUBITO_INTERNAL, "the model's logits are not finite; the file may be damaged");
    now.ids.push_back(next);
    const auto& ends = m_tokenizer->endTokens();
    // One token is always drawn: the last position has something to be compared with even when none is asked for.
    if (std::find(ends.begin(), ends.end(), next) != ends.end()) now.stop = "eos";
    else if (static_cast<std::int64_t>(answered) + 1 >= request.maxNew) now.stop = "cap";
}

void Inspector::readOut() {
    Sequence& now = m_queue.front();
    const auto start = Clock::now();
    while (!now.waiting.empty()) {
        // Rows of several single-token passes are read in one batch, so that the head is read once.
        Batch batch{{&now.waiting.front()}, now.firstUnread, now.waiting.front().rows, {}};
        for (std::size_t i = 1; i < now.waiting.size() && batch.rows < kReadBatch; ++i) {
            batch.chunks.push_back(&now.waiting[i]);
            batch.rows += now.waiting[i].rows;
        }
        for (std::int64_t next = batch.first + 1; next <= batch.first + batch.rows; ++next)
            batch.targets.push_back(
                next < static_cast<std::int64_t>(now.ids.size()) ? now.ids[static_cast<std::size_t>(next)] : -1);
        const lm::LensRows read = readBatch(batch);
        publishLens(batch, read);
        publishTokens(batch, read);
        now.firstUnread += batch.rows;
        for (std::size_t i = 0; i < batch.chunks.size(); ++i) now.waiting.pop_front();
        m_host.tick();
        if (m_host.shouldStop()) break;
    }
    m_lensSeconds += std::chrono::duration<double>(Clock::now() - start).count();
}

lm::LensRows Inspector::readBatch(const Batch& batch) {
    const std::int64_t width = m_model->config().width;
    std::vector<const float*> residuals;
    std::vector<compute::Floats> joined;
    const std::size_t layers = batch.chunks[0]->residuals.size();
    for (std::size_t layer = 0; layer < layers; ++layer) {
        if (batch.chunks.size() == 1) {
            residuals.push_back(batch.chunks[0]->residuals[layer].data());
            continue;
        }
        auto& all = joined.emplace_back(static_cast<std::size_t>(batch.rows * width));
        std::int64_t at = 0;
        for (const auto* one : batch.chunks) {
            std::copy_n(one->residuals[layer].data(), one->rows * width, all.data() + at * width);
            at += one->rows;
        }
        residuals.push_back(all.data());
    }
    return m_lens.read(residuals, 0, batch.rows, batch.targets, m_capture.topK);
}

void Inspector::publishLens(const Batch& batch, const lm::LensRows& read) {
    // Chunk by chunk: each keeps its own capture.
    std::int64_t offset = 0;
    for (const auto* one : batch.chunks) {
        LensPiece piece{m_queue.front().number, batch.first + offset, one, 0, one->rows, {}};
        lm::LensRows part;
        part.positions = one->rows;
        part.layers = read.layers;
        part.topK = read.topK;
        const auto slice = [&](const auto& values, std::int64_t per) {
            return std::vector(values.begin() + offset * per, values.begin() + (offset + one->rows) * per);
        };
        part.stats = slice(read.stats, read.layers * lm::kLensStats);
        part.topId = slice(read.topId, read.layers * read.topK);
        part.topLogp = slice(read.topLogp, read.layers * read.topK);
        piece.targets.assign(batch.targets.begin() + offset, batch.targets.begin() + offset + one->rows);
        m_records.lens(piece, part, m_capture);
        offset += one->rows;
    }
}

void Inspector::publishTokens(const Batch& batch, const lm::LensRows& read) {
    const Sequence& now = m_queue.front();
    // The read-out at position p tells the probability of the token at p + 1; the first token of all has none.
    const std::int64_t firstToken = batch.first == 0 ? 0 : batch.first + 1,
                       endToken = std::min(batch.first + batch.rows + 1, static_cast<std::int64_t>(now.ids.size()));
    std::vector<float> logprob, entropy;
    for (std::int64_t p = firstToken; p < endToken; ++p) {
        if (p == 0) {
            logprob.push_back(std::numeric_limits<float>::quiet_NaN());
            entropy.push_back(std::numeric_limits<float>::quiet_NaN());
            continue;
        }
        const std::int64_t row = p - 1 - batch.first;
        const float* stats = read.stats.data() + (row * read.layers + read.layers - 1) * lm::kLensStats;
        logprob.push_back(-stats[lm::kCrossEntropy]);
        entropy.push_back(stats[lm::kEntropy]);
    }
    m_records.tokens(now.number, firstToken,
        std::span<const lm::TokenId>(now.ids).subspan(
            static_cast<std::size_t>(firstToken), static_cast<std::size_t>(endToken - firstToken)),
        logprob, entropy, now.promptLength, now.request.parent, now.request.branchPosition);
}

void Inspector::finish() {
    Sequence& now = m_queue.front();
    const std::vector<lm::TokenId> answer(
        now.ids.begin() + static_cast<std::ptrdiff_t>(now.promptLength), now.ids.end());
    const std::string text = m_tokenizer->decode(answer);
    m_records.span(now.number, now.promptLength, now.ids.size(), now.stop, text);
    const double first = std::chrono::duration<double>(now.firstToken - now.started).count(),
                 rest = std::chrono::duration<double>(Clock::now() - now.firstToken).count();
    const double generated = static_cast<double>(now.ids.size() - now.promptLength) - 1;
    m_records.speed(now.number, generated > 0 && rest > 0 ? generated / rest : 0.0, first, m_lensSeconds);
    m_lensSeconds = 0;
    m_host.log(sdk::Log::info, fmt::format("sequence {}: {}", now.number, text));
    const auto all = static_cast<double>(now.ids.size());
    m_host.progress(all, all, "tokens", "read");
    m_done[now.number] = std::move(now.ids);
    m_queue.pop_front();
    m_host.flush();
}

void Inspector::runCausal(const lm::CausalRequest& request) {
    if (request.kind == lm::CausalKind::Mean && !m_means) {
        std::vector<std::vector<lm::TokenId>> references;
        for (const auto& sentence : referenceSentences()) references.push_back(tokensOf(sentence));
        m_means = orRefuse(lm::meanOfSites(*m_model, references));
    }
    const auto grid =
        lm::causalGrid(*m_model, request, m_means ? &*m_means : nullptr, [&](std::int64_t done, std::int64_t total) {
            m_host.progress(static_cast<double>(done), static_cast<double>(total), "cells", "causal test");
            return !m_host.shouldStop();
        });
    if (!grid && grid.error().code() == Code::WrongState) {
        m_host.log(sdk::Log::warn, grid.error().text());
        return;
    }
    m_records.causal(m_lensRecords++, request, orRefuse(grid));
    m_host.flush();
}

}  // namespace dubito::tas
