// Masks talks for the comparison with the reference: the first line holds a tokenizer.json's path and the time; then a
// JSON line {"template", "messages", "tools", "tokens"} in, a JSON line {"text", "ids", "mask", "ends", "grows"} or
// {"error"} out.
#include <iostream>

#include "lm/text/chat_template.h"
#include "lm/text/tokenizer_source.h"

using namespace dubito;

int main() {
    std::string path, now;
    if (!std::getline(std::cin, path) || !std::getline(std::cin, now)) return 1;
    const auto tokenizer = lm::openTokenizer(path);
    if (!tokenizer) {
        std::cerr << tokenizer.error().text() << '\n';
        return 1;
    }
    for (std::string line; std::getline(std::cin, line);) {
        const auto asked = parseJson(line, {64u << 20, 64});
        if (!asked) return 1;
        const auto mask = [&]() -> Result<Json> {
            std::vector<std::pair<std::string, Json>> tokens;
            for (const auto& [name, value] : memberOf(*asked, "tokens").items()) tokens.emplace_back(name, value);
            DUBITO_TRY(const auto chat, lm::ChatTemplate::make(textOr(*asked, "template", ""), tokens, now));
            if (!chat.warning().empty()) return Error(Code::Unsupported, chat.warning());
            lm::RenderOptions options;
            options.addGenerationPrompt = false;
            options.tools = memberOf(*asked, "tools");
            DUBITO_TRY(const auto rendered, chat.render(memberOf(*asked, "messages"), options));
            const auto masked = lm::encodeMasked(**tokenizer, rendered);
            if (masked.problem) return *masked.problem;
            return Json{{"text", rendered.text()}, {"ids", masked.ids}, {"mask", masked.mask},
                {"ends", (*tokenizer)->endTokens()}, {"grows", rendered.growth.has_value()}};
        };
        const auto out = mask();
        std::cout << jsonText(out ? *out : Json{{"error", out.error().text()}}) << '\n';
    }
}
