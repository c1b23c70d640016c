// One text window or one item a step, so that progress shows and a stop is heard.
#include "evaluate_plugin.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/hash.h"
#include "base/json.h"
#include "lm/evaluate/answers.h"
#include "lm/formats/model_folder.h"
#include "lm/generate/generator.h"
#include "stats/intervals.h"

namespace dubito::lmtask {
namespace {

constexpr int kHarnessVersion = 3;
constexpr std::int64_t kMostWarnings = 20;

/// Whether an error is the item's own: another one may well be computed.
bool costsTheItem(Code code) {
    return code == Code::InvalidArgument || code == Code::Limit || code == Code::Unsupported ||
           code == Code::CorruptData;
}

}  // namespace

void EvaluatePlugin::activate(const sdk::Activation& run) {
    const sdk::Document params = run.params();
    m_seed = run.seed();
    m_window = params.integer("/eval/window");
    m_maxTokens = params.integer("/eval/max_tokens");
    m_asChat = params.boolean("/eval/chat");
    m_normalise = params.text("/eval/score_by");
    m_samples = params.integer("/eval/samples");
    m_temperature = m_samples > 1 ? params.number("/eval/temperature") : 0;
    open(params);
    publishHarness();
    m_textDone = m_text.empty();
}

void EvaluatePlugin::open(const sdk::Document& params) {
    const auto file = openModel(host());
    m_model = loadModel(host(), file, params);
    m_watch.emplace(host(), m_model->device());
    if (const std::string path = optionalAsset(host(), "reference"); !path.empty())
        m_reference = loadPlain(host(), orRefuse(lm::openModel(path)));
    m_tokenizer = orRefuse(lm::Tokenizer::load(*file));
    if (!m_tokenizer->warning().empty()) host().log(sdk::Log::warn, m_tokenizer->warning());
    m_template = lm::ChatTemplate::opened(*file, timeOf(params));
    if (const auto& why = m_template->refusal(); why && m_asChat)
        throw sdk::Refusal(DUBITO_UNSUPPORTED, why->text() + "; set eval.chat=false");
    if (!m_template->warning().empty()) host().log(sdk::Log::warn, m_template->warning());
    if (const std::string path = optionalAsset(host(), "text"); !path.empty())
        m_text = orRefuse(lm::readTextFile(path));
    const lm::ColumnMap map = orRefuse(lm::ColumnMap::parse(params.text("/data/map")));
    if (const std::string path = optionalAsset(host(), "tasks"); !path.empty()) m_items = readTasks(path, map);
    readShots(static_cast<std::size_t>(params.integer("/eval/shots")), map);
    if (m_text.empty() && m_items.empty())
        throw sdk::Refusal(DUBITO_INVALID_ARGUMENT,
            "there is nothing to evaluate: set eval.text to a text file, or eval.tasks to a file of task lines");
}

void EvaluatePlugin::readShots(std::size_t count, const lm::ColumnMap& map) {
    if (count == 0) return;
    const std::string path = optionalAsset(host(), "dev");
    if (path.empty())
        throw sdk::Refusal(DUBITO_INVALID_ARGUMENT,
            "eval.shots asks for examples; set eval.dev to the file of task lines they come from");
    m_shots = readTasks(path, map);
    if (m_shots.size() < count)
        throw sdk::Refusal(DUBITO_INVALID_ARGUMENT,
            fmt::format("eval.shots asks for {} examples, eval.dev holds {}", count, m_shots.size()));
    m_shots.resize(count);
}

void EvaluatePlugin::publishHarness() const {
    const std::string templateText = m_asChat && m_template ? m_template->source() : std::string();
    host().record(host().series("eval/harness", "", DUBITO_KIND_TABLE), 0, "{}",
        {sdk::Array::texts("key", {"harness version", "chat template sha256", "scores by", "window",
                                      "examples in front", "samples an item", "temperature"}),
            sdk::Array::texts("value", {std::to_string(kHarnessVersion),
                                           templateText.empty() ? "none" : hexText(sha256(asBytes(templateText))),
                                           m_normalise, std::to_string(m_window), std::to_string(m_shots.size()),
                                           std::to_string(m_samples), fmt::format("{}", m_temperature)})});
}

std::vector<EvaluatePlugin::Item> EvaluatePlugin::readTasks(const std::string& path, const lm::ColumnMap& map) const {
    auto data = orRefuse(lm::readTaskFile(path, map));
    host().log(sdk::Log::info, "task file: " + data.summary.text());
    if (data.shortened)
        host().log(sdk::Log::info,
            fmt::format("{} worked answers: what stands behind their last #### is compared", data.shortened));
    return std::move(data.items);
}

bool EvaluatePlugin::goOn(double share) const {
    host().progress(share, 1, "", "text");
    return !host().shouldStop();
}

void EvaluatePlugin::text() {
    const auto score =
        lm::scoreText(*m_model, *m_tokenizer, m_text, m_window, [this](double share) { return goOn(share); });
    if (!score && score.error().code() == Code::Cancelled) return;
    const auto now = orRefuse(score);
    host().scalars(
        0, {{host().series("eval/nll_nats", "nats", DUBITO_KIND_SCALAR, DUBITO_GOAL_MIN), now.perToken()},
               {host().series("eval/bpb", "bit/byte", DUBITO_KIND_SCALAR, DUBITO_GOAL_MIN), now.bitsPerByte()},
               {host().series("eval/perplexity", "", DUBITO_KIND_SCALAR, DUBITO_GOAL_MIN), std::exp(now.perToken())},
               {host().series("eval/tokens", ""), static_cast<double>(now.tokens)}});
    if (m_reference) {
        std::vector<lm::TokenId> ids = orRefuse(m_tokenizer->idsOf(m_text));
        m_tokenizer->addStart(ids);
        const auto compared =
            lm::compareModels(*m_model, *m_reference, ids, m_window, [this](double share) { return goOn(share); });
        if (!compared && compared.error().code() == Code::Cancelled) return;
        const auto distance = orRefuse(compared);
        host().scalars(
            0, {{host().series("eval/kl_nats", "nats", DUBITO_KIND_SCALAR, DUBITO_GOAL_MIN), distance.kl},
                   {host().series("eval/kl_max", "nats", DUBITO_KIND_SCALAR, DUBITO_GOAL_MIN), distance.klMax},
                   {host().series("eval/top1", "1", DUBITO_KIND_SCALAR, DUBITO_GOAL_MAX), distance.top1},
                   {host().series("eval/rms_p", "1", DUBITO_KIND_SCALAR, DUBITO_GOAL_MIN), distance.rmsP},
                   {host().series("eval/nll_reference", "nats", DUBITO_KIND_SCALAR, DUBITO_GOAL_MIN),
                       distance.nllReference}});
    }
    host().flush();
}

std::pair<std::string, std::vector<lm::TokenId>> EvaluatePlugin::promptOf(const Item& item) const {
    const auto rightOf = [](const Item& shot) {
        return shot.right >= 0 ? shot.choices[static_cast<std::size_t>(shot.right)] : shot.answer;
    };
    if (m_asChat || !item.messages.is_null()) {
        if (const auto& why = m_template->refusal())
            throw sdk::Refusal(DUBITO_UNSUPPORTED, fmt::format("item {} is a talk: {}", item.id, why->text()));
        Json turns = Json::array();
        const auto add = [&](const Item& one) {
            if (one.messages.is_null()) turns.push_back({{"role", "user"}, {"content", one.prompt}});
            else
                for (const Json& turn : one.messages) turns.push_back(turn);
        };
        for (const Item& shot : m_shots) {
            add(shot);
            turns.push_back({{"role", "assistant"}, {"content", rightOf(shot)}});
        }
        add(item);
        lm::RenderOptions options;
        options.addGenerationPrompt = true;
        options.tools = item.tools;
        const auto rendered = orRefuse(m_template->render(turns, options));
        auto ids = orRefuse(m_tokenizer->idsOf(rendered.fragments));
        m_tokenizer->addStart(ids);
        return {rendered.text(), std::move(ids)};
    }
    std::string prompt;
    for (const Item& shot : m_shots) {
        const std::string right = rightOf(shot);
        const bool joined = shot.prompt.empty() || right.empty() || shot.prompt.back() == ' ' ||
                            shot.prompt.back() == '\n' || right.front() == ' ' || right.front() == '\n';
        prompt += shot.prompt + (joined ? "" : " ") + right + "\n\n";
    }
    prompt += item.prompt;
    auto ids = orRefuse(m_tokenizer->idsOf(prompt));
    m_tokenizer->addStart(ids);
    return {std::move(prompt), std::move(ids)};
}

std::string EvaluatePlugin::say(const std::vector<lm::TokenId>& prompt, double temperature, std::uint64_t sample) {
    lm::Generator generator(m_model, m_tokenizer, static_cast<std::int64_t>(prompt.size()) + m_maxTokens, m_seed);
    lm::GenerationRequest request;
    request.prompt = prompt;
    request.maxTokens = m_maxTokens;
    request.sampling.temperature = temperature;
    request.branch = sample;
    if (!m_asChat) request.stops = {"\n\n"};
    orRefuse(generator.start(std::move(request)));
    std::string answer;
    while (generator.isBusy() && !host().shouldStop()) {
        const auto token = orRefuse(generator.advance());
        if (token) answer += token->text;
        host().tick();
    }
    return answer;
}

EvaluatePlugin::Outcome EvaluatePlugin::choose(const Item& item) {
    const auto [prompt, ids] = promptOf(item);
    const auto scores = orRefuse(lm::scoreOptions(*m_model, *m_tokenizer, prompt, item.choices));
    const auto& by = m_normalise == "sum"         ? scores.sum
                     : m_normalise == "token"     ? scores.perToken
                     : m_normalise == "character" ? scores.perCharacter
                                                  : scores.perByte;
    const auto best = std::max_element(by.begin(), by.end()) - by.begin();
    double other = -INFINITY;
    for (std::size_t i = 0; i < by.size(); ++i)
        if (static_cast<std::int64_t>(i) != item.right) other = std::max(other, by[i]);
    Outcome out;
    out.isCorrect = best == item.right;
    out.answer = item.choices[static_cast<std::size_t>(best)];
    out.margin = by[static_cast<std::size_t>(item.right)] - other;
    out.samplesRight = out.isCorrect;
    return out;
}

EvaluatePlugin::Outcome EvaluatePlugin::generate(const Item& item) {
    const auto [prompt, ids] = promptOf(item);
    Outcome out;
    for (std::int64_t sample = 0; sample < m_samples && !host().shouldStop(); ++sample) {
        const std::string said = say(ids, m_temperature, static_cast<std::uint64_t>(sample));
        const bool isCorrect = lm::isRightAnswer(said, item.answer);
        if (sample == 0) out.answer = said, out.isCorrect = isCorrect;
        out.samplesRight += isCorrect;
    }
    if (m_samples > 1)
        for (const std::int64_t k : {1, 5, 10, 100})
            if (k <= m_samples) m_passes[item.task][k] += stats::passAtK(m_samples, out.samplesRight, k);
    return out;
}

void EvaluatePlugin::item(const Item& item) {
    Counts& counts = m_counts[item.task];
    Outcome out;
    try {
        out = item.choices.empty() ? generate(item) : choose(item);
        counts.right += out.isCorrect;
        ++counts.all;
    } catch (const sdk::Refusal& refusal) {
        if (!costsTheItem(codeFromStatus(refusal.code()))) throw;
        out = {};
        out.failure = refusal.what();
        ++counts.failed;
        if (m_firstFailure.empty()) m_firstFailure = out.failure;
        if (++m_failed <= kMostWarnings)
            host().log(sdk::Log::warn,
                fmt::format("item {} could not be computed and counts for nothing: {}", item.id, out.failure));
    }
    constexpr std::size_t kLongestAnswer = 4000;
    m_ids.push_back(item.id);
    m_tasks.push_back(item.task);
    m_answers.push_back(out.answer.substr(0, kLongestAnswer));
    m_corrects.push_back(out.isCorrect);
    m_margins.push_back(out.margin);
    m_groups.push_back(item.group.empty() ? item.id : item.group);
    m_samplesRight.push_back(out.samplesRight);
    m_failures.push_back(out.failure);
}

void EvaluatePlugin::summary() {
    if (!m_ids.empty()) {
        const auto n = static_cast<std::int64_t>(m_ids.size());
        host().record(host().series("eval/item", "", DUBITO_KIND_TABLE), static_cast<std::int64_t>(m_next), "{}",
            {sdk::Array::texts("id", m_ids), sdk::Array::texts("task", m_tasks), sdk::Array::texts("answer", m_answers),
                sdk::Array("correct", std::span<const std::uint8_t>(m_corrects), {n}),
                sdk::Array("margin", std::span<const double>(m_margins), {n}, "nats"),
                sdk::Array::texts("group", m_groups),
                sdk::Array("samples_right", std::span<const std::int64_t>(m_samplesRight), {n}),
                sdk::Array::texts("failure", m_failures)});
        m_ids.clear(), m_tasks.clear(), m_answers.clear(), m_corrects.clear(), m_margins.clear(), m_groups.clear(),
            m_samplesRight.clear(), m_failures.clear();
    }
    const auto at = static_cast<std::int64_t>(m_next);
    for (const auto& [task, counts] : m_counts) {
        if (counts.failed)
            host().scalars(at, {{host().series("eval/failed@" + task, "", DUBITO_KIND_SCALAR, DUBITO_GOAL_MIN),
                                   static_cast<double>(counts.failed)}});
        if (counts.all == 0) continue;
        const auto share = stats::wilson(counts.right, counts.all);
        host().scalars(
            at, {{host().series("eval/acc@" + task, "1", DUBITO_KIND_SCALAR, DUBITO_GOAL_MAX), share.estimate},
                    {host().series("eval/acc_lo@" + task, "1"), share.low},
                    {host().series("eval/acc_hi@" + task, "1"), share.high},
                    {host().series("eval/n@" + task, ""), static_cast<double>(counts.all)}});
    }
    for (const auto& [task, sums] : m_passes)
        for (const auto& [k, sum] : sums)
            host().scalars(static_cast<std::int64_t>(m_next),
                {{host().series(fmt::format("eval/pass@{}.{}", k, task), "1", DUBITO_KIND_SCALAR, DUBITO_GOAL_MAX),
                    sum / static_cast<double>(m_counts[task].all)}});
    m_watch->publish(static_cast<std::int64_t>(m_next));
    host().flush();
}

sdk::Step EvaluatePlugin::end() const {
    if (m_failed == 0) return sdk::Step::done;
    if (m_failed == static_cast<std::int64_t>(m_items.size()))
        throw sdk::Refusal(
            DUBITO_INVALID_ARGUMENT, fmt::format("none of {} items could be computed: {}", m_failed, m_firstFailure));
    host().log(sdk::Log::warn,
        fmt::format("{} of {} items could not be computed; shares are over the others, and eval/item says why",
            m_failed, m_items.size()));
    return sdk::Step::done;
}

sdk::Step EvaluatePlugin::step(std::int64_t) {
    if (!m_textDone) {
        text();
        m_textDone = true;
        return sdk::Step::more;
    }
    if (m_next >= m_items.size()) return end();
    item(m_items[m_next++]);
    host().progress(static_cast<double>(m_next), static_cast<double>(m_items.size()), "items", "tasks");
    if (m_next % 50 == 0 || m_next == m_items.size()) summary();
    return sdk::Step::more;
}

}  // namespace dubito::lmtask
