// Eight subjects times eight predicates: plain, varied, the same on every machine.
#include "reference_text.h"

namespace dubito::tas {

std::vector<std::string> referenceSentences() {
    constexpr const char* kSubjects[] = {"The old bridge", "My neighbour", "A small company", "The evening train",
        "Her garden", "The river", "Our teacher", "This machine"};
    constexpr const char* kPredicates[] = {"was repaired last spring.", "needs a little more time.",
        "stands near the market.", "made everyone laugh that day.", "is older than it looks.",
        "changed a lot over the years.", "could not be seen from the road.", "costs less than you would think."};
    std::vector<std::string> out;
    for (const char* subject : kSubjects)
        for (const char* predicate : kPredicates) out.push_back(std::string(subject) + " " + predicate);
    return out;
}

}  // namespace dubito::tas
