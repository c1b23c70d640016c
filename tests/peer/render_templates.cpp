// Renders templates for the comparison with the reference: a JSON line {"template", "messages", "more", "trusted"} in,
// a JSON line
// {"out"} or {"error"} out.
#include <iostream>

#include "lm/text/jinja.h"

using namespace dubito;

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        const auto asked = parseJson(line, {64u << 20, 64});
        if (!asked) return 1;
        const auto render = [&]() -> Result<std::string> {
            DUBITO_TRY(const auto parsed, lm::jinja::Template::parse(textOr(*asked, "template", "")));
            lm::jinja::Variables variables;
            variables.messages = memberOf(*asked, "messages");
            for (const auto& [key, value] : memberOf(*asked, "more").items())
                variables.untrusted.emplace_back(key, value);
            variables.trusted = {{"add_generation_prompt", true}, {"bos_token", "<b>"}, {"eos_token", "<e>"}};
            if (const Json& trusted = memberOf(*asked, "trusted"); trusted.is_object()) {
                variables.trusted.clear();
                for (const auto& [key, value] : trusted.items()) variables.trusted.emplace_back(key, value);
            }
            variables.now = "2026-03-09 07:05:01";
            DUBITO_TRY(const auto out, parsed.render(variables));
            return out.text.bytes();
        };
        const auto out = render();
        std::cout << jsonText(out ? Json{{"out", *out}} : Json{{"error", out.error().text()}}) << '\n';
    }
}
