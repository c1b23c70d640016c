// Opening what the parameters of a run name; what cannot be opened becomes a refusal.
#pragma once

#include <dubito/plugin.hpp>

#include "learning/refusal.h"
#include "lm/formats/gguf.h"
#include "lm/torch/torch_model.h"

namespace dubito::lmtask {

using learning::orRefuse;

/// Threads of a run that has no GPU code. @throws Refusal: another device than the CPU was leased
int threadsOf(const sdk::Host& host);
/// What was leased. @throws Refusal: it cannot be opened (what is missing)
compute::Device deviceOf(const sdk::Host& host);
/// Path of an input that the spec need not name; empty: it does not.
std::string optionalAsset(const sdk::Host& host, std::string_view role);
/// The time that templates write: the run's own date, template.date, at midnight. @throws Refusal: it is no date
std::string timeOf(const sdk::Document& params);
/// Opens the input "model" and publishes its card and its tensors.
std::shared_ptr<lm::GgufFile> openModel(const sdk::Host& host);
/// The weights ready to compute, with the input "adapter" merged in where there is one; merged weights are fp32.
/// For a run that has no GPU code.
std::shared_ptr<lm::Decoder> loadModel(const sdk::Host& host, const std::shared_ptr<lm::GgufFile>& file, int threads,
    lm::WeightForm form, lm::Activation activation = lm::Activation::A16);
/// On the leased device, in the form that the parameters /model/weights and /model/activation ask for, with the input
/// "adapter" merged in where there is one.
std::shared_ptr<const lm::LanguageModel> loadModel(
    const sdk::Host& host, const std::shared_ptr<lm::GgufFile>& file, const sdk::Document& params);
/// In fp32 on the leased device. @param adapter a PEFT folder; empty: none
std::shared_ptr<const lm::LanguageModel> loadPlain(
    const sdk::Host& host, const std::shared_ptr<lm::GgufFile>& file, const std::string& adapter = {});

}  // namespace dubito::lmtask
