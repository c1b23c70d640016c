// The door of the interpreter: what it throws inside becomes an Error here.
#include "lm/text/jinja.h"

#include <fmt/format.h>

#include "lm/text/jinja_interpreter.h"

namespace dubito::lm::jinja {

namespace {

Error errorOf(const Failure& failure) {
    const std::string place = failure.line > 0 ? fmt::format("template, line {}", failure.line) : "template";
    return Error(failure.code, place + ": " + failure.sentence);
}

}  // namespace

Template::Template(std::unique_ptr<Tree> tree) : m_tree(std::move(tree)) {}
Template::Template(Template&&) noexcept = default;
Template& Template::operator=(Template&&) noexcept = default;
Template::~Template() = default;

Result<Template> Template::parse(std::string_view source) {
    if (source.size() > 1 << 20) return Error(Code::Limit, "the template is larger than 1 MiB");
    try {
        auto tree = std::make_unique<Tree>();
        tree->root = parseTemplate(source);
        return Template(std::move(tree));
    } catch (const Failure& failure) {
        return errorOf(failure);
    }
}

Result<Output> Template::render(const Variables& variables, Limits limits) const {
    try {
        return Interpreter(variables, limits).run(*m_tree->root);
    } catch (const Failure& failure) {
        return errorOf(failure);
    }
}

}  // namespace dubito::lm::jinja
