// Talks and data as strangers make them: templates, messages, tools, rows and lines.
#include <QTest>

#include "fuzz/hammer.h"
#include "fuzz/seeds.h"
#include "lm/data/task_items.h"
#include "lm/formats/random_model.h"
#include "lm/text/chat_template.h"

using namespace dubito;
using namespace dubito::fuzz;

namespace {

constexpr lm::jinja::Limits kLimits{20'000, 1 << 16, 64};
/// A template may hold as many strings of its limit as it takes steps to make them; in fact far fewer.
constexpr Bound kTemplateBound{48u << 20, 4096, 4};

std::optional<Error> render(std::string_view source, const lm::jinja::Variables& variables) {
    auto parsed = lm::jinja::Template::parse(source);
    if (!parsed) return parsed.error();
    return errorOf(parsed->render(variables, kLimits));
}

lm::jinja::Variables someVariables() {
    lm::jinja::Variables out;
    out.messages = Json::parse(R"([{"role":"user","content":"banana <|im_end|>"},{"role":"assistant","content":"yes",
        "tool_calls":[{"function":{"name":"f","arguments":{"items":[1,2.5,null],"keys":"é"}}}]},
        {"role":"tool","content":[{"type":"text","text":"x"}]}])");
    out.untrusted = {{"tools", Json::parse(R"([{"name":"f","parameters":{"type":"object"}}])")}};
    out.trusted = {{"bos_token", "<s>"}, {"add_generation_prompt", true}};
    return out;
}

/// A template put together from what templates are made of.
class Writer {
public:
    explicit Writer(Rng& rng) : m_rng(rng) {}
    std::string statements(int depth) {
        std::string out;
        for (std::size_t n = 1 + pick(m_rng, 5) / 3; n > 0; --n) out += statement(depth);
        return out;
    }

private:
    std::string statement(int depth) {
        const std::string inside = depth > 0 ? statements(depth - 1) : "x ";
        switch (pick(m_rng, 12)) {
            case 0: return "{% if " + value(1) + " %}" + inside + "{% else %}b{% endif %}";
            case 1:
                return "{%- for m in " + value(2) + " if loop is defined or m %}" + inside +
                       "{{ loop.index0 }}{% endfor -%}";
            case 2: return "{% for k, v in " + value(2) + " %}{{ k }}" + inside + "{% endfor %}";
            case 3: return "{% set " + name() + " = " + value(3) + " %}";
            case 4: return "{% set ns = namespace(a=" + value(1) + ") %}{% set ns.a = " + value(2) + " %}{{ ns.a }}";
            case 5:
                return "{% macro f(a, b=" + value(1) + ") %}" + inside + "{{ a }}{% endmacro %}{{ f(" + value(1) +
                       ") }}";
            case 6: return "{% generation %}" + inside + "{% endgeneration %}";
            case 7: return "{% filter " + filter() + " %}" + inside + "{% endfilter %}";
            case 8: return "{% call(a) f() %}" + inside + "{% endcall %}";
            default: return "{{ " + value(static_cast<int>(pick(m_rng, 4))) + " }}";
        }
    }
    std::string value(int depth) {
        if (depth == 0) return atom();
        switch (pick(m_rng, 9)) {
            case 0:
                return value(depth - 1) + one({" + ", " - ", " * ", " / ", " // ", " % ", " ** ", " ~ "}) +
                       value(depth - 1);
            case 1:
                return value(depth - 1) + one({" == ", " < ", " in ", " not in ", " and ", " or ", " >= "}) +
                       value(depth - 1);
            case 2: return "(" + value(depth - 1) + ") | " + filter();
            case 3:
                return value(depth - 1) + " is " +
                       one({"defined", "none", "string", "mapping", "iterable", "odd", "divisibleby(0)", "sameas(a)",
                           "in([1])", "number", "lower"});
            case 4:
                return "(" + value(depth - 1) + ")[" + one({"0", "-1", "::-1", "1:", ":99999999999", "'a'", "::0"}) +
                       "]";
            case 5: return "(" + value(depth - 1) + ")." + method();
            case 6: return "[" + value(depth - 1) + ", " + value(depth - 1) + "]";
            case 7: return "{'a': " + value(depth - 1) + ", 1: " + value(depth - 1) + "}";
            default: return value(depth - 1) + " if " + value(depth - 1) + " else " + atom();
        }
    }
    std::string atom() {
        return one({"messages", "tools", "m", "m.role", "m['content']", "a", "ns", "x.y.z", "'é'", "''", "'a,b c'", "0",
            "-1", "3", "9223372036854775807", "1e308", "0.1", "true", "none", "[]", "{}", "range(5)", "range(0,9,0)",
            "range(99999999)", "bos_token", "loop", "strftime_now('%Y %j')", "dict(a=1)", "joiner(',')", "'%s %5.2f'"});
    }
    std::string filter() {
        if (pick(m_rng, 4) == 0)
            return one({"truncate", "indent", "center", "round", "batch", "slice", "int", "format", "replace", "tojson",
                       "join", "default", "sort", "map", "unique", "sum", "dictsort", "groupby", "wordwrap"}) +
                   "(" + hard() + (pick(m_rng, 2) ? ", " + hard() : "") + ")";
        return one({"tojson", "tojson(indent=200)", "length", "list", "join(',')", "trim", "upper", "title",
            "replace('a', 'bb')", "map(attribute='role')", "selectattr('role', 'equalto', 'user')", "reject('none')",
            "sort", "dictsort", "groupby('role')", "unique", "sum", "round(400)", "int", "float", "string", "indent(9)",
            "batch(2, 0)", "slice(3)", "format(1, 2)", "default('d', true)", "items", "first", "last", "min", "reverse",
            "wordcount", "e", "abs", "int(base=99)", "map('upper')", "attr('a')", "list | length"});
    }
    std::string hard() {
        return one({"9223372036854775807", "-9223372036854775807 - 1", "-1", "0", "65537", "none", "'a'", "1e308",
            "true", "[1]", "{'a': 1}", "''", "-0.0", "99999999999999999999"});
    }
    std::string method() {
        if (pick(m_rng, 4) == 0)
            return one({"zfill", "ljust", "center", "split", "replace", "find", "count", "startswith", "format", "get",
                       "strip", "expandtabs", "index", "join"}) +
                   "(" + hard() + (pick(m_rng, 2) ? ", " + hard() : "") + ")";
        return one(
            {"items()", "keys()", "get('a', 1)", "split()", "split('', 2)", "strip('a')", "startswith(('a', 'b'))",
                "replace('', 'ab')", "join(['a', 'b'])", "upper()", "format(1)", "append(1)", "encode()", "zfill(500)",
                "ljust(9)", "count('')", "rsplit(' ', 1)", "title()", "index('a')", "lower", "a.b.c"});
    }
    std::string name() { return one({"a", "m", "x", "ns"}); }
    std::string one(std::initializer_list<const char*> all) { return all.begin()[pick(m_rng, all.size())]; }
    Rng& m_rng;
};

/// Most of the language in one.
const char* const kAll =
    "{% macro t(r, c='x') -%}<|{{ r }}|>{{ c | trim }}{%- endmacro %}{% set ns = namespace(n=0) %}"
    "{% for m in messages if m.role != 'tool' %}{% if loop.first and not m['content'] is none %}"
    "{{ t(m.role, m.content[::-1].split('a', 1)[0]) }}{% elif m.x is defined %}"
    "{{ {'a': [1, 2.5]} | tojson(indent=2) }}{% else %}{% continue %}{% endif %}"
    "{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n // 2 }}"
    "{{ (messages | map(attribute='role') | list)[-1:] ~ 'é\\u00e9' }}";
const char* const kTemplates[] = {
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}{% if m.tool_calls %}{{ m.tool_calls | tojson }}"
    "{% endif %}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}",
    "{% if tools %}{{ tools | tojson(indent=2) }}{% endif %}{% for m in messages %}{{ '<|im_start|>' + m['role'] + ' ' "
    "+ "
    "m['content'] | trim }}{% generation %}{{ m.content }}{% endgeneration %}{% endfor %}",
    "{{ messages[0].content }}{% for m in messages[1:] %}{{ loop.index ~ m.content }}{{ loop.last }}{% endfor %}"};

}  // namespace

class tst_FuzzTalks : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void templateBytes() {
        const auto variables = someVariables();
        hammer(
            "template", {bytesOf(kAll)}, [&](const Bytes& input) { return render(asText(input), variables); },
            kTemplateBound);
    }
    void templateParts() {
        const auto variables = someVariables();
        Hammer hammer("template parts", 1, kTemplateBound);
        while (hammer.next()) {
            const std::string text = hammer.isSeed()
                                         ? "{{ 'a' }}"
                                         : Writer(hammer.rng()).statements(static_cast<int>(pick(hammer.rng(), 3)));
            hammer.take(text.size(), [&] { return render(text, variables); });
        }
    }
    void template_namespaceThatHoldsItself_isLetGo() {
        const Hammer counting("nothing");  // which begins to count
        const auto variables = someVariables();
        const auto renderOften = [&] {
            for (int i = 0; i < 200; ++i)
                QVERIFY(
                    !render("{% set a = namespace(x='long enough for memory of its own') %}{% set a.b = a %}"
                            "{% set c = namespace(a=[a]) %}{% set a.c = {'c': c} %}{{ a.x }}",
                        variables));
        };
        renderOften();
        const std::size_t before = bytesAlive();
        renderOften();
        QCOMPARE(bytesAlive(), before);
    }
    void template_truncateOfAnyLength_countsRight() {
        const auto rendered = [](const char* source) {
            return lm::jinja::Template::parse(source)->render(someVariables(), kLimits)->text.bytes();
        };
        QCOMPARE(rendered("{{ 'abc' | truncate(9223372036854775807) }}"), std::string("abc"));
        QCOMPARE(
            rendered("{{ 'a b c d e f' | truncate(4, true, '.', -9223372036854775807 - 1) }}"), std::string("a b."));
    }
    void talks() {
        // Any messages and tools through known templates, and the masks of training over what comes out.
        const auto model = *lm::makeRandomModel({}, 1);
        const auto tokenizer = *lm::Tokenizer::load(*model);
        std::vector<lm::ChatTemplate> templates;
        for (const char* source : kTemplates)
            templates.push_back(*lm::ChatTemplate::make(source, {{"bos_token", "<s>"}}, "2026-01-02 03:04:05"));
        const auto variables = someVariables();
        Json plain = Json::parse(R"([{"role":"system","content":"s"},{"role":"user","content":"q"},
            {"role":"assistant","content":"a","weight":0},{"role":"user","content":""},
            {"role":"assistant","content":"中 <|im_end|>"}])");
        const std::vector<Json> seeds{{{"messages", plain}, {"tools", variables.untrusted[0].second}},
            {{"messages", plain}, {"tools", nullptr}, {"calls", variables.messages}}};
        Hammer hammer("talk", seeds.size(), kTemplateBound);
        while (hammer.next()) {
            const Json talk =
                hammer.isSeed() ? seeds[hammer.which()] : mutated(seeds[hammer.which()], seeds, hammer.rng());
            const auto& chat = templates[pick(hammer.rng(), templates.size())];
            lm::RenderOptions options;
            options.addGenerationPrompt = pick(hammer.rng(), 2) == 0;
            options.tools = memberOf(talk, "tools");
            hammer.take(jsonText(talk).size(), [&]() -> std::optional<Error> {
                const auto rendered = chat.render(memberOf(talk, "messages"), options);
                if (!rendered) return rendered.error();
                const std::size_t size = rendered->text().size();
                for (const auto& turn : rendered->assistantTurns)
                    if (turn.first > turn.last || turn.last > size) qFatal("a turn outside the text");
                const auto masked = lm::encodeMasked(*tokenizer, *rendered);
                if (masked.ids.size() != masked.mask.size()) qFatal("a mask of another length");
                return masked.problem;
            });
        }
    }
    void lines() {
        const std::string row =
            R"({"id":17,"question":"p\u00e9","choices":[3,4.50],"answer":1,"tools":[{"a":{"b":1}}],)"
            R"("system":"s","weight":1})";
        Bytes lines, wide{0xFF, 0xFE}, wider{0, 0, 0xFE, 0xFF};
        append(lines, std::string_view("\xEF\xBB\xBF"));
        append(lines, std::string_view(row + "\r\n\n" + R"({"messages":[{"role":"User","content":"q"},)" +
                                       R"({"from":"gpt","value":7}],"answer":"x"})"));
        for (const char c : row) append(wide, static_cast<std::uint16_t>(c)), append(wider, Bytes{0, 0, 0, 0});
        for (std::size_t i = 0; i < row.size(); ++i) wider[4 + 4 * i + 3] = static_cast<std::uint8_t>(row[i]);
        const std::vector<Bytes> seeds{lines, bytesOf("[" + row + ",\n {\"prompt\":\"\\\"[\",\"answer\":true}]"), wide,
            wider, gzipped(row), zstded(row), bytesOf("One part.\n\nAnother.\n")};
        // A small file may expand to 16 MiB before its ratio is asked for.
        hammer("lines", seeds, [](const Bytes& input) { return readLines(asText(input), {}); }, {48u << 20, 256, 4});
    }
    void rows() {
        // Fields of every shape with values of another kind, under every map.
        const std::vector<Json> seeds = dataRows();
        const char* const maps[] = {"", "auto", "messages", "prompt/answer", "question/answer",
            "instruction/input/output", "conversations", "text", "prompt=question answer=/answer",
            "messages=messages role=from content=value tools=tools", "prompt=/messages/0/content answer=id group=/meta",
            "text=/conversations/1/value", "prompt=prompt choices=options answer=answer id=task"};
        Hammer hammer("rows", seeds.size());
        while (hammer.next()) {
            std::string text, map;
            for (std::size_t n = hammer.isSeed() ? 1 : 1 + pick(hammer.rng(), 5) / 4; n > 0; --n)
                text += (hammer.isSeed() ? jsonText(seeds[hammer.which()])
                                         : mutatedText(seeds[hammer.which()], seeds, hammer.rng())) +
                        "\n";
            if (!hammer.isSeed()) map = maps[pick(hammer.rng(), std::size(maps))];
            hammer.take(text.size(), [&] { return readLines(text, *lm::ColumnMap::parse(map)); });
        }
    }
    void maps() {
        const std::string row =
            R"({"question":"q","solution":{"final":[1,"x"]},"messages":[{"who":"user","say":"q"}]})";
        hammer("data.map",
            {bytesOf("prompt=question answer=/solution/final/1"),
                bytesOf(R"({"prompt":"question","answer":"/solution/final/0","id":"/messages/0/who"})")},
            [&](const Bytes& input) -> std::optional<Error> {
                const auto map = lm::ColumnMap::parse(asText(input));
                return map ? readLines(row, *map) : std::optional(map.error());
            });
    }

private:
    static std::optional<Error> readLines(std::string_view content, const lm::ColumnMap& map) {
        const auto training = lm::readTrainText(content, map);
        const auto tasks = lm::readTaskText(content, map);
        if (training) (void)training->summary.text();
        return training || tasks ? std::nullopt : std::optional(training.error());
    }
};

QTEST_GUILESS_MAIN(tst_FuzzTalks)
#include "tst_fuzz_talks.moc"
