#include "lm/text/tokenizer_source.h"

#include "lm/formats/model_folder.h"
#include "lm/text/vocabulary.h"

namespace dubito::lm {

Result<std::shared_ptr<const Tokenizer>> openTokenizer(const fs::path& path) {
    constexpr std::uint64_t kMost = 256u << 20;
    std::error_code error;
    const std::string name = path.filename().string();
    if (path.extension() == ".gguf" || (fs::is_directory(path, error) && fs::exists(path / "config.json", error))) {
        DUBITO_TRY(const auto model, openModel(path));
        return Tokenizer::load(*model);
    }
    if (fs::is_directory(path, error)) {
        for (const char* inside : {"tokenizer.json", "vocab.txt", "tokenizer.model"})
            if (fs::exists(path / inside, error)) return openTokenizer(path / inside);
        return Error(Code::NotFound,
            "the folder holds no tokenizer.json, vocab.txt or tokenizer.model. Folder: " + path.string());
    }
    DUBITO_TRY(const std::string content, readFile(path, kMost));
    Result<Vocabulary> vocabulary = [&]() -> Result<Vocabulary> {
        if (path.extension() == ".json") {
            constexpr int kDeepest = 32;
            DUBITO_TRY(const Json json, parseJson(content, {kMost, kDeepest}));
            return vocabularyFromJson(json);
        }
        if (path.extension() == ".txt") return vocabularyFromLines(content);
        const bool isProtobuf = !content.empty() && content[0] == '\x0A';
        if (path.extension() == ".model" && isProtobuf) return vocabularyFromSentencePiece(asBytes(content));
        if (path.extension() == ".model" || path.extension() == ".tiktoken")
            return vocabularyFromTiktoken(content, name.find("qwen") != std::string::npos ? "qwen2" : "llama-bpe", {});
        return Error(Code::Unsupported,
            "no tokenizer is read from a file of this name; .gguf, tokenizer.json, vocab.txt, tokenizer.model and "
            ".tiktoken are. File: " +
                path.string());
    }();
    if (!vocabulary) return std::move(vocabulary).error();
    return Tokenizer::create(std::move(*vocabulary));
}

}  // namespace dubito::lm
