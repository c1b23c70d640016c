// Encodes texts for the comparison with the reference: a line {"tokenizer": object} opens one, a line {"text",
// "special",
// "ends"} gives {"ids", "decoded", "spans"}; what is refused gives {"error"}.
#include <iostream>

#include "lm/text/tokenizer.h"
#include "lm/text/tokenizer_source.h"

using namespace dubito;

namespace {

constexpr JsonLimits kLimits{256u << 20, 64};

Json answer(const lm::Tokenizer& tokenizer, const Json& asked) {
    const std::vector<lm::Fragment> fragments = {{textOr(asked, "text", ""), boolOr(asked, "special", false)}};
    auto encoding = tokenizer.encodeFragments(fragments);
    if (encoding.problem) return {{"error", encoding.problem->text()}};
    std::vector<lm::TokenId> spanned;
    Json spans = Json::array();
    const auto all = tokenizer.encodeSpans(fragments);
    if (!all) return {{"error", all.error().text()}};
    for (const auto& span : *all) {
        spanned.push_back(span.id);
        spans.push_back({span.first, span.last});
    }
    if (spanned != encoding.ids) return {{"error", "ids of spans differ from ids"}, {"wrong", true}};
    if (boolOr(asked, "ends", false)) tokenizer.addEnds(encoding.ids);
    return {{"ids", encoding.ids}, {"decoded", tokenizer.decode(encoding.ids)}, {"spans", spans}};
}

}  // namespace

int main() {
    std::shared_ptr<const lm::Tokenizer> tokenizer;
    for (std::string line; std::getline(std::cin, line);) {
        const auto asked = parseJson(line, kLimits);
        if (!asked) return 1;
        if (const Json& file = memberOf(*asked, "tokenizer"); !file.is_null()) {
            tokenizer = nullptr;
            const auto open = [&]() -> Result<std::shared_ptr<const lm::Tokenizer>> {
                if (file.is_string()) return lm::openTokenizer(file.get<std::string>());
                DUBITO_TRY(auto vocabulary, lm::vocabularyFromJson(file));
                return lm::Tokenizer::create(std::move(vocabulary));
            };
            const auto opened = open();
            if (opened) tokenizer = *opened;
            std::cout << jsonText(opened ? Json{{"open", true}} : Json{{"error", opened.error().text()}}) << '\n';
        } else if (tokenizer) {
            std::cout << jsonText(answer(*tokenizer, *asked)) << '\n';
        } else {
            std::cout << "{}\n";
        }
    }
}
