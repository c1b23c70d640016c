// Life cycle of the thought inspector: parameters in, work a piece at a time, commands in between.
#include <fmt/format.h>

#include "inspector.h"

namespace dubito::tas {
namespace {

lm::AttentionCapture attentionFrom(const std::string& name) {
    return name == "off"    ? lm::AttentionCapture::Off
           : name == "full" ? lm::AttentionCapture::Full
                            : lm::AttentionCapture::Top8;
}
lm::CausalKind kindFrom(const std::string& name) {
    return name == "zero" ? lm::CausalKind::Zero : name == "mean" ? lm::CausalKind::Mean : lm::CausalKind::Patch;
}
lm::CausalSite siteFrom(const std::string& name) {
    return name == "heads" ? lm::CausalSite::Heads : name == "mlp" ? lm::CausalSite::Mlp : lm::CausalSite::Residual;
}

lm::WeightForm weightsFrom(const std::string& name) {
    return name == "f32"     ? lm::WeightForm::F32
           : name == "quant" ? lm::WeightForm::Quantised
           : name == "bf16"  ? lm::WeightForm::BFloat16
                             : lm::WeightForm::Auto;
}

/// Path of the adapter; empty: the spec names none.
std::string adapterOf(const sdk::Host& host) {
    try {
        return host.assetPath("adapter");
    } catch (const sdk::Refusal&) {
        return {};
    }
}

class TasPlugin final : public sdk::Plugin {
public:
    void activate(const sdk::Activation& run) override {
        const sdk::Document params = run.params();
        const auto device = host().device();
        constexpr std::int32_t kCpu = 1, kCuda = 2;  // as DLPack counts
        if (device.type != kCpu && device.type != kCuda)
            throw sdk::Refusal(DUBITO_UNSUPPORTED, fmt::format("devices of kind {} are not known here", device.type));
        m_keep = params.boolean("/session/keep");
        const lm::Placement placement{
            orRefuse(compute::deviceFrom(device.type == kCpu ? "cpu" : fmt::format("cuda:{}", device.id))),
            device.threads, weightsFrom(params.text("/model/weights")),
            params.text("/model/activation") == "a8" ? lm::Activation::A8 : lm::Activation::A16, adapterOf(host())};
        m_inspector.emplace(host(), host().assetPath("model"), placement, run.seed(),
            orRefuse(lm::midnightOf(params.text("/template/date"))));
        CaptureSettings capture;
        capture.topK = static_cast<int>(params.integer("/capture/top_k"));
        capture.attention = attentionFrom(params.text("/capture/attention"));
        capture.attribution = params.boolean("/capture/attribution");
        capture.rawResidual = params.boolean("/capture/raw_residual");
        m_inspector->setCapture(capture);
        m_sampling = {params.number("/gen/temperature"), static_cast<int>(params.integer("/gen/top_k")),
            params.number("/gen/top_p")};
        std::vector<lm::TokenId> read;
        if (auto request = requestFrom(params, "/prompt", params.text("/prompt/system"))) {
            request->sampling = m_sampling;
            if (request->given.empty()) request->maxNew = params.integer("/gen/max_tokens");
            read = request->ids;
            m_inspector->addSequence(std::move(*request));
        }
        if (const std::string kind = params.text("/causal/kind"); kind != "none") {
            lm::CausalRequest request;
            request.kind = kindFrom(kind);
            request.site = siteFrom(params.text("/causal/site"));
            // Without the wrapping of a turn, so that two prompts can be told apart by their words alone.
            request.clean = params.text("/prompt/ids").empty() ? m_inspector->tokensOf(params.text("/prompt/text"))
                                                               : std::move(read);
            request.corrupt = m_inspector->tokensOf(params.text("/causal/corrupt"));
            m_inspector->addCausal(std::move(request));
        }
    }

    sdk::Step step(int64_t) override {
        if (m_inspector->advance()) return sdk::Step::more;
        return m_keep ? sdk::Step::idle : sdk::Step::done;
    }

    void interact(const sdk::Interaction& command) override {
        const sdk::Document args = command.args();
        if (command.verb() == "prompt") {
            auto request = requestFrom(args, "", "");
            if (!request) throw sdk::Refusal(DUBITO_INVALID_ARGUMENT, "there is neither a text nor a token id");
            if (request->given.empty()) request->maxNew = args.integer("/max_new");
            request->sampling = m_sampling;
            request->sampling.temperature = args.number("/temperature");
            answer(command, "seq", m_inspector->addSequence(std::move(*request)));
        } else if (command.verb() == "branch") {
            answer(command, "seq",
                m_inspector->addBranch(args.integer("/seq"), args.integer("/position"),
                    static_cast<lm::TokenId>(args.integer("/token")), args.integer("/max_new")));
        } else if (command.verb() == "set_capture") {
            CaptureSettings capture = m_inspector->capture();
            if (args.has("/attention")) capture.attention = attentionFrom(args.text("/attention"));
            if (args.has("/top_k")) capture.topK = static_cast<int>(args.integer("/top_k"));
            if (args.has("/attribution")) capture.attribution = args.boolean("/attribution");
            if (args.has("/raw_residual")) capture.rawResidual = args.boolean("/raw_residual");
            m_inspector->setCapture(capture);
        } else if (command.verb() == "causal") {
            lm::CausalRequest request;
            request.kind = kindFrom(args.text("/kind"));
            request.site = siteFrom(args.text("/site"));
            readPrompts(args, request);
            if (request.kind == lm::CausalKind::Patch && request.clean.size() != request.corrupt.size())
                throw sdk::Refusal(DUBITO_INVALID_ARGUMENT,
                    "the two prompts have " + std::to_string(request.clean.size()) + " and " +
                        std::to_string(request.corrupt.size()) + " tokens; patching needs equal lengths");
            m_inspector->addCausal(std::move(request));
        } else {
            throw sdk::Refusal(DUBITO_UNSUPPORTED, "unknown command");
        }
    }

    void deactivate() override { m_inspector.reset(); }

private:
    /// What is to be read, by its ids or by its text; empty: neither is there.
    std::optional<SequenceRequest> requestFrom(
        const sdk::Document& from, const std::string& group, const std::string& system) const {
        if (const std::string ids = from.text(group + "/ids"); !ids.empty())
            return m_inspector->readIds(ids, from.integer(group + "/answer_from"));
        const std::string text = from.text(group + "/text");
        if (text.empty()) return {};
        SequenceRequest request;
        request.ids = m_inspector->encodePrompt(text, from.boolean(group + "/chat"), system);
        return request;
    }
    /// Of texts, or of the beginning of what was read: token for token, with a stretch of it replaced in the other one.
    void readPrompts(const sdk::Document& args, lm::CausalRequest& request) const {
        if (!args.has("/seq")) {
            request.clean = m_inspector->tokensOf(args.text("/clean"));
            request.corrupt = m_inspector->tokensOf(args.text("/corrupt"));
            return;
        }
        request.clean = m_inspector->beginningOf(args.integer("/seq"), args.integer("/end"));
        if (request.kind != lm::CausalKind::Patch) return;
        request.corrupt =
            m_inspector->replaced(request.clean, args.integer("/from"), args.integer("/to"), args.text("/corrupt"));
    }
    void answer(const sdk::Interaction& command, const char* key, std::int64_t value) const {
        host().reply(command.sequence(), std::string("{\"") + key + "\":" + std::to_string(value) + "}");
    }

    std::optional<Inspector> m_inspector;
    lm::Sampling m_sampling;
    bool m_keep = false;
};

}  // namespace
}  // namespace dubito::tas

DUBITO_PLUGIN(dubito::tas::TasPlugin)
