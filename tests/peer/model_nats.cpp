// Mean nats of given ids for the comparison with the reference: a JSON line {"path", "ids", "rows"} in, a JSON line
// {"nats", "by_row"} or {"error"} out. With "rows" also token by token through the row kernels, as a chat runs.
#include <algorithm>
#include <cmath>
#include <iostream>

#include "base/json.h"
#include "lm/formats/model_folder.h"
#include "lm/model/decoder.h"

using namespace dubito;
using namespace dubito::lm;

namespace {

double natsOf(const float* logits, std::int64_t n, TokenId target) {
    double sum = 0;
    const float most = *std::max_element(logits, logits + n);
    for (std::int64_t i = 0; i < n; ++i) sum += std::exp(static_cast<double>(logits[i]) - most);
    return std::log(sum) + most - logits[target];
}

Result<double> whole(const Decoder& decoder, const std::vector<TokenId>& ids) {
    const ModelConfig& c = decoder.config();
    const auto n = static_cast<std::int64_t>(ids.size());
    compute::Floats hidden(static_cast<std::size_t>(n * c.width));
    DUBITO_CHECK(decoder.embed(ids, hidden.data()));
    DUBITO_CHECK(decoder.forward(hidden.data(), 1, n, 1, c.layers, nullptr, {}, nullptr));
    std::vector<float> logits(static_cast<std::size_t>(n * c.vocabulary));
    decoder.readout(hidden.data(), n, logits.data());
    double nats = 0;
    for (std::int64_t i = 0; i + 1 < n; ++i)
        nats += natsOf(logits.data() + i * c.vocabulary, c.vocabulary, ids[static_cast<std::size_t>(i) + 1]);
    return nats / static_cast<double>(n - 1);
}

Result<double> byRow(const Decoder& decoder, const std::vector<TokenId>& ids) {
    const ModelConfig& c = decoder.config();
    KvCache cache(c, static_cast<std::int64_t>(ids.size()), KvPrecision::F32);
    compute::Floats hidden(static_cast<std::size_t>(c.width));
    std::vector<float> logits(static_cast<std::size_t>(c.vocabulary));
    double nats = 0;
    for (std::size_t i = 0; i + 1 < ids.size(); ++i) {
        DUBITO_CHECK(decoder.embed({&ids[i], 1}, hidden.data()));
        DUBITO_CHECK(decoder.forward(hidden.data(), 1, 1, 1, c.layers, &cache, {}, nullptr));
        decoder.readout(hidden.data(), 1, logits.data());
        nats += natsOf(logits.data(), c.vocabulary, ids[i + 1]);
    }
    return nats / static_cast<double>(ids.size() - 1);
}

Result<Json> answer(const Json& asked) {
    std::vector<TokenId> ids;
    for (const Json& id : memberOf(asked, "ids")) ids.push_back(id.get<TokenId>());
    DUBITO_TRY(auto file, openModel(textOr(asked, "path", "")));
    DUBITO_TRY(auto decoder, Decoder::load(file, 1, WeightForm::F32));
    DUBITO_TRY(const double nats, whole(*decoder, ids));
    Json warnings = Json::array();
    for (const AccountRow& row : accountOf(*file))
        if (row.fate == Fate::Warning) warnings.push_back(row.what);
    Json out = {{"nats", nats}, {"warnings", warnings}};
    if (!boolOr(asked, "rows", false)) return out;
    DUBITO_TRY(auto rows, Decoder::load(file, 1, WeightForm::Rows));
    DUBITO_TRY(out["by_row"], byRow(*rows, ids));
    return out;
}

}  // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        const auto asked = parseJson(line);
        if (!asked) return 1;
        const auto out = answer(*asked);
        std::cout << jsonText(out ? *out : Json{{"error", out.error().text()}}) << std::endl;
    }
}
