// The interpreter first; two families by hand stand in for what it does not know.
#include "lm/text/chat_template.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <functional>
#include <map>
#include <utility>

namespace dubito::lm {
namespace {

/// "YYYY-MM-DD hh:mm:ss" of now, in this machine's zone.
std::string localTime() {
    const std::time_t now = std::time(nullptr);
    struct tm when {};
    localtime_r(&now, &when);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", when.tm_year + 1900, when.tm_mon + 1, when.tm_mday,
        when.tm_hour, when.tm_min, when.tm_sec);
}

/// Of an assistant, and not one whose author gave it no weight.
bool isLearned(const Json& message) {
    const Json& weight = memberOf(message, "weight");
    return textOr(message, "role", "") == "assistant" && !(weight.is_number() && weight.get<double>() == 0);
}

/// What comes from answers themselves, in order. Words of an answer behind those of somebody else are a quotation, as
/// where the result of a tool repeats what was called.
std::vector<RenderedChat::Turn> ownWords(const jinja::Output& output, const Json& messages) {
    std::vector<RenderedChat::Turn> out;
    std::vector<bool> isSaid(messages.size());
    std::int32_t speaker = jinja::kFromOutside;
    std::size_t begin = 0;
    for (const auto& run : output.text.runs()) {
        const std::size_t first = std::exchange(begin, run.end);
        if (run.source == jinja::kFromTemplate) continue;
        const bool goesOn = run.source >= 0 && run.source == speaker;
        speaker = run.source;
        if (run.source < 0) continue;
        const auto message = static_cast<std::size_t>(run.source);
        if (!isLearned(messages[message])) continue;
        if (!isSaid[message] || (goesOn && out.back().message == message)) out.push_back({message, first, run.end});
        isSaid[message] = true;
    }
    return out;
}

/// Whether all that messages wrote in it comes from such as have no weight.
bool isOfNoWeight(const jinja::Output& output, const Json& messages, const jinja::Generated& generated) {
    bool isSome = false;
    std::size_t begin = 0;
    for (const auto& run : output.text.runs()) {
        const std::size_t first = std::exchange(begin, run.end);
        if (run.source < 0 || run.end <= generated.first || first >= generated.last) continue;
        const Json& weight = memberOf(messages[static_cast<std::size_t>(run.source)], "weight");
        if (!weight.is_number() || weight.get<double>() != 0) return false;
        isSome = true;
    }
    return isSome;
}

RenderedChat fromOutput(const jinja::Output& output, const Json& messages) {
    RenderedChat out;
    std::size_t begin = 0;
    for (const auto& run : output.text.runs()) {
        const bool isTemplate = run.source == jinja::kFromTemplate;
        const std::string bytes = output.text.bytes().substr(begin, run.end - begin);
        if (!out.fragments.empty() && out.fragments.back().fromTemplate == isTemplate)
            out.fragments.back().text += bytes;
        else out.fragments.push_back({bytes, isTemplate});
        begin = run.end;
    }
    if (output.generated.empty()) {
        out.ownWords = ownWords(output, messages);
        for (const auto& run : out.ownWords) {
            const bool goesOn = !out.assistantTurns.empty() && out.assistantTurns.back().message == run.message;
            if (goesOn) out.assistantTurns.back().last = run.last;
            else out.assistantTurns.push_back(run);
        }
    }
    // A template that marks what is generated knows best.
    out.isMarked = !output.generated.empty();
    for (const auto& generated : output.generated)
        if (!isOfNoWeight(output, messages, generated))
            out.assistantTurns.push_back({0, generated.first, generated.last});
    if (output.leastMessages)
        out.growth =
            RenderedChat::Growth{*output.leastMessages, output.passagesBegin, output.passagesEnd, output.passages};
    return out;
}

}  // namespace

std::string RenderedChat::text() const {
    std::string out;
    for (const Fragment& fragment : fragments) out += fragment.text;
    return out;
}

std::size_t RenderedChat::Growth::endOf(std::size_t n) const {
    const auto behind = std::partition_point(
        passages.begin(), passages.end(), [&](const jinja::Passage& passage) { return passage.message < n; });
    return behind == passages.begin() ? begin : std::prev(behind)->last;
}

Result<ChatTemplate> ChatTemplate::load(const GgufFile& file, std::string now) {
    std::vector<std::pair<std::string, Json>> spellings;
    if (const auto tokens = file.texts("tokenizer.ggml.tokens")) {
        constexpr std::pair<const char*, const char*> kNames[] = {{"bos_token", "bos"}, {"eos_token", "eos"},
            {"unk_token", "unknown"}, {"pad_token", "padding"}, {"sep_token", "seperator"}, {"cls_token", "cls"},
            {"mask_token", "mask"}};
        for (const auto& [name, key] : kNames) {
            const auto id = file.integer("tokenizer.ggml." + std::string(key) + "_token_id");
            if (id && *id >= 0 && *id < static_cast<std::int64_t>(tokens->size()))
                spellings.emplace_back(name, (*tokens)[static_cast<std::size_t>(*id)]);
        }
    }
    return make(file.text("tokenizer.chat_template").value_or(""), std::move(spellings), std::move(now));
}

ChatTemplate ChatTemplate::opened(const GgufFile& file, std::string now) {
    auto loaded = load(file, std::move(now));
    if (loaded) return std::move(*loaded);
    ChatTemplate out;
    out.m_refusal = loaded.error();
    return out;
}

Result<ChatTemplate> ChatTemplate::make(
    std::string source, std::vector<std::pair<std::string, Json>> spellings, std::string now) {
    ChatTemplate out;
    out.m_source = std::move(source);
    out.m_tokens = std::move(spellings);
    out.m_now = std::move(now);
    if (out.m_source.find("<|im_start|>") != std::string::npos) out.m_family = Family::ChatMl;
    else if (out.m_source.find("<|start_header_id|>") != std::string::npos) out.m_family = Family::Llama3;
    if (out.m_source.empty()) return Error(Code::Unsupported, "the model carries no chat template; use a plain prompt");
    auto parsed = jinja::Template::parse(out.m_source);
    if (parsed) {
        out.m_template = std::make_shared<const jinja::Template>(std::move(*parsed));
        // A template is tried once, so that what it does not know shows when the model opens and not in the middle of a
        // talk.
        const auto tried = out.render(Json::array({{{"role", "user"}, {"content", "a"}}}), {});
        if (tried || tried.error().code() != Code::Unsupported) return out;
        out.m_warning = tried.error().text();
        out.m_template = nullptr;
    } else {
        out.m_warning = parsed.error().text();
    }
    if (out.m_family == Family::None)
        return Error(Code::Unsupported, "the model's chat template does not run here: " + out.m_warning);
    out.m_warning +=
        out.m_family == Family::ChatMl ? "; ChatML turns are used instead" : "; Llama-3 turns are used instead";
    return out;
}

Result<RenderedChat> ChatTemplate::render(const Json& messages, const RenderOptions& options) const {
    if (m_refusal) return *m_refusal;
    if (!messages.is_array()) return Error(Code::InvalidArgument, "a conversation is a list of messages");
    DUBITO_TRY(RenderedChat out, renderOnce(messages, options));
    if (!options.addGenerationPrompt && !out.isMarked) DUBITO_CHECK(widenTurns(out, messages, options));
    return out;
}

namespace {

/// The beginnings of a talk as they would be written, against the whole of it.
class Beginnings {
public:
    struct One {
        std::size_t size = 0;
        std::size_t alike = 0;  ///< bytes that the whole begins with, too
        bool isStart() const { return alike == size; }
    };
    using Render = std::function<Result<RenderedChat>(std::size_t messages, bool isAsked)>;
    Beginnings(const RenderedChat& whole, std::size_t messages, Render render)
        : m_whole(whole), m_all(whole.text()), m_messages(messages), m_render(std::move(render)) {
        auto asked = m_render(messages, true);
        if (!asked) return;
        m_asked = std::move(*asked);
        m_askedAll = m_asked->text();
        m_alike = alike(m_all, m_askedAll);
    }
    /// The first `n` messages; with `isAsked` and a generation prompt. Nothing: the template refuses that.
    std::optional<One> of(std::size_t n, bool isAsked) const {
        if (n == m_messages && !isAsked) return One{m_all.size(), m_all.size()};
        const RenderedChat* from = isAsked ? m_asked ? &*m_asked : nullptr : &m_whole;
        if (!from || !from->growth || n < from->growth->least) return rendered(n, isAsked);
        const std::size_t end = from->growth->endOf(n);
        const std::string_view tail = std::string_view(isAsked ? m_askedAll : m_all).substr(from->growth->tail);
        if (isAsked && end > m_alike) return One{end + tail.size(), m_alike};
        return One{end + tail.size(), end + alike(std::string_view(m_all).substr(end), tail)};
    }
    std::size_t renderings() const { return m_renderings; }
    /// Where the last character of the first `size` bytes ends that is no white space.
    std::optional<std::size_t> lastInk(std::size_t size) const {
        const auto last = std::string_view(m_all).substr(0, size).find_last_not_of(" \t\r\n");
        return last == std::string_view::npos ? std::nullopt : std::optional(last + 1);
    }

private:
    std::optional<One> rendered(std::size_t n, bool isAsked) const {
        ++m_renderings;
        const auto out = m_render(n, isAsked);
        if (!out) return std::nullopt;
        const std::string text = out->text();
        return One{text.size(), alike(m_all, text)};
    }
    static std::size_t alike(std::string_view a, std::string_view b) {
        return static_cast<std::size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first - a.begin());
    }
    const RenderedChat& m_whole;
    const std::string m_all;
    const std::size_t m_messages;
    const Render m_render;
    std::optional<RenderedChat> m_asked;
    std::string m_askedAll;
    std::size_t m_alike = 0;  ///< bytes that the whole begins with, with and without a generation prompt
    mutable std::size_t m_renderings = 0;
};

}  // namespace

/// Where the last words of the message end that stand in the first `size` bytes: behind them later messages speak too.
static std::optional<std::size_t> lastWordsWithin(const RenderedChat& chat, std::size_t message, std::size_t size) {
    std::optional<std::size_t> out;
    for (const RenderedChat::Turn& run : chat.ownWords)
        if (run.message == message && run.first < size) out = std::min(run.last, size);
    return out;
}

Result<void> ChatTemplate::widenTurns(RenderedChat& chat, const Json& messages, const RenderOptions& options) const {
    // Each answer of a template that looks ahead is rendered from the first message on.
    constexpr std::size_t kMostRenderings = 2048;
    const Beginnings beginnings(chat, messages.size(), [&](std::size_t n, bool isAsked) {
        RenderOptions part = options;
        part.addGenerationPrompt = isAsked;
        return renderOnce(Json(messages.begin(), messages.begin() + static_cast<std::ptrdiff_t>(n)), part);
    });
    std::vector<RenderedChat::Turn> turns;
    std::map<std::size_t, RenderedChat::Turn> own;
    for (const RenderedChat::Turn& turn : chat.assistantTurns) own.emplace(turn.message, turn);
    for (std::size_t k = 0; k < messages.size(); ++k) {
        if (!isLearned(messages[k])) continue;
        const auto said = own.find(k);
        const bool hasOwn = said != own.end();
        const auto before = beginnings.of(k, false), asked = beginnings.of(k, true),
                   whole = beginnings.of(k + 1, false);
        if (beginnings.renderings() > kMostRenderings)
            return Error(Code::Limit,
                fmt::format("a talk of {} messages under a template that looks ahead takes too long to mask; cut it",
                    messages.size()));
        // A generation prompt that goes on otherwise than the answer is where they part.
        const bool isBehind = before && asked && asked->size > before->size &&
                              (asked->isStart() || before->isStart()) && asked->alike > before->size &&
                              (!hasOwn || asked->alike <= said->second.first ||
                                  (before->isStart() && said->second.first >= before->size));
        if (!hasOwn && !isBehind) continue;
        RenderedChat::Turn turn{
            k, isBehind ? asked->alike : said->second.first, hasOwn ? said->second.last : asked->alike};
        if (hasOwn) turn.first = std::min(turn.first, said->second.first);
        if (isBehind && whole && whole->isStart())
            turn.last = std::max(std::min(turn.last, whole->size), beginnings.lastInk(whole->size).value_or(0));
        else if (hasOwn && whole && whole->alike > said->second.first)
            turn.last = lastWordsWithin(chat, k, whole->alike).value_or(turn.last);
        if (turn.first < turn.last) turns.push_back(turn);
    }
    chat.assistantTurns = std::move(turns);
    return {};
}

Result<RenderedChat> ChatTemplate::renderOnce(const Json& messages, const RenderOptions& options) const {
    if (!m_template) return renderFamily(messages, options.addGenerationPrompt);
    jinja::Variables variables;
    variables.messages = messages;
    if (!options.tools.is_null()) variables.untrusted.emplace_back("tools", options.tools);
    if (!options.documents.is_null()) variables.untrusted.emplace_back("documents", options.documents);
    variables.trusted = m_tokens;
    variables.trusted.emplace_back("add_generation_prompt", options.addGenerationPrompt);
    if (options.enableThinking) variables.trusted.emplace_back("enable_thinking", *options.enableThinking);
    const std::string& now = options.now.empty() ? m_now : options.now;
    variables.now = now.empty() ? localTime() : now;
    DUBITO_TRY(const jinja::Output output, m_template->render(variables));
    return fromOutput(output, messages);
}

Result<RenderedChat> ChatTemplate::render(const std::vector<ChatMessage>& messages, bool addGenerationPrompt) const {
    Json list = Json::array();
    for (const ChatMessage& message : messages) list.push_back({{"role", message.role}, {"content", message.content}});
    RenderOptions options;
    options.addGenerationPrompt = addGenerationPrompt;
    return render(list, options);
}

Result<RenderedChat> ChatTemplate::renderFamily(const Json& messages, bool addGenerationPrompt) const {
    const bool isChatMl = m_family == Family::ChatMl;
    jinja::Output output;
    const auto own = [&](std::string text) { output.text.append({std::move(text), jinja::kFromTemplate}); };
    if (!isChatMl) own("<|begin_of_text|>");
    std::int32_t index = 0;
    for (const Json& message : messages) {
        own(isChatMl ? "<|im_start|>" : "<|start_header_id|>");
        output.text.append({textOr(message, "role", "user"), jinja::kFromOutside});
        own(isChatMl ? "\n" : "<|end_header_id|>\n\n");
        output.text.append({textOr(message, "content", ""), index++});
        own(isChatMl ? "<|im_end|>\n" : "<|eot_id|>");
    }
    if (addGenerationPrompt)
        own(isChatMl ? "<|im_start|>assistant\n" : "<|start_header_id|>assistant<|end_header_id|>\n\n");
    return fromOutput(output, messages);
}

Result<std::string> midnightOf(const std::string& date) {
    if (date.empty()) return std::string();
    int year = 0, month = 0, day = 0;
    const bool isRead = date.size() == 10 && std::sscanf(date.c_str(), "%4d-%2d-%2d", &year, &month, &day) == 3;
    const std::chrono::year_month_day when{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
        std::chrono::day(static_cast<unsigned>(day))};
    if (!isRead || !when.ok() || fmt::format("{:04}-{:02}-{:02}", year, month, day) != date)
        return Error(Code::InvalidArgument, "template.date is no day of the calendar: " + date);
    return date + " 00:00:00";
}

MaskedIds encodeMasked(const Tokenizer& tokenizer, const RenderedChat& chat) {
    MaskedIds out;
    auto spans = tokenizer.encodeSpans(chat.fragments);
    if (!spans) return out.problem = std::move(spans).error(), out;
    std::size_t turn = 0;
    bool saidBefore = false;
    for (const auto& span : *spans) {
        while (turn < chat.assistantTurns.size() && chat.assistantTurns[turn].last <= span.first &&
               span.first != span.last)
            ++turn;
        // A token that begins in the template and ends in the answer holds the answer's first character.
        const bool inTurn = turn < chat.assistantTurns.size() && span.last > chat.assistantTurns[turn].first &&
                            span.first < chat.assistantTurns[turn].last;
        const auto& ends = tokenizer.endTokens();
        const bool isEnd = std::find(ends.begin(), ends.end(), span.id) != ends.end();
        const bool closes = saidBefore && isEnd;
        out.ids.push_back(span.id);
        out.mask.push_back(inTurn || closes);
        saidBefore = inTurn && !isEnd;
    }
    return out;
}

}  // namespace dubito::lm
