// Logits of adapted models for the comparison with PEFT: a line of a model's folder, an adapter's folder and ids with
// commas, parted by tabs, in; a JSON line {"logits"} of the last position or {"error"} out.
#include <iostream>
#include <sstream>

#include "base/json.h"
#include "lm/formats/model_folder.h"
#include "lm/model/decoder.h"
#include "lm/model/lora.h"

using namespace dubito;

namespace {

Result<Json> logitsOf(const std::string& model, const std::string& adapter, const std::vector<lm::TokenId>& ids) {
    DUBITO_TRY(auto file, lm::openModel(model));
    DUBITO_TRY(auto decoder, lm::Decoder::load(file, 1, lm::WeightForm::F32));
    DUBITO_TRY(const auto lora, lm::LoraAdapter::load(adapter, decoder->config()));
    DUBITO_CHECK(decoder->merge(*lora));
    const auto rows = static_cast<std::int64_t>(ids.size()), width = decoder->config().width;
    std::vector<float> hidden(static_cast<std::size_t>(rows * width));
    DUBITO_CHECK(decoder->embed(ids, hidden.data()));
    DUBITO_CHECK(decoder->forward(hidden.data(), 1, rows, 1, decoder->config().layers, nullptr, {}, nullptr));
    std::vector<float> logits(static_cast<std::size_t>(decoder->config().vocabulary));
    decoder->readout(hidden.data() + (rows - 1) * width, 1, logits.data());
    return Json{{"logits", logits}};
}

}  // namespace

int main() {
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream parts(line);
        std::string model, adapter, list, id;
        std::getline(parts, model, '\t');
        std::getline(parts, adapter, '\t');
        std::getline(parts, list);
        std::vector<lm::TokenId> ids;
        for (std::istringstream each(list); std::getline(each, id, ',');) ids.push_back(std::atoi(id.c_str()));
        const auto out = logitsOf(model, adapter, ids);
        std::cout << jsonText(out ? *out : Json{{"error", out.error().text()}}) << '\n';
    }
}
