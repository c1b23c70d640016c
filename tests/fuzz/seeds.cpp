// Each seed must be read without an error: a test asks for that before it mutates it.
#include "fuzz/seeds.h"

#include <zlib.h>
#include <zstd.h>
#include <cstring>

#include "lm/text/vocabulary.h"

namespace dubito::fuzz {
namespace {

void putText(Bytes& out, std::string_view text) {
    append(out, static_cast<std::uint64_t>(text.size()));
    append(out, text);
}
std::uint64_t wholeOf(const Json& value) {
    if (value.is_number_float()) {
        const double real = value.get<double>();
        return real >= 0 && real < 1.8e19 ? static_cast<std::uint64_t>(real) : 0;
    }
    return value.is_number() ? value.get<std::uint64_t>() : value.is_boolean() ? value.get<bool>() : value.size();
}
void putValue(Bytes& out, std::uint64_t type, const Json& value, int depth) {
    constexpr std::size_t kWidth[] = {1, 1, 2, 2, 4, 4, 0, 1, 0, 0, 8, 8, 0};
    if (type == 8) return putText(out, value.is_string() ? value.get<std::string>() : jsonText(value));
    if (type == 6) return append(out, value.is_number() ? value.get<float>() : 0.0f);
    if (type == 12) return append(out, value.is_number() ? value.get<double>() : 0.0);
    if (type == 9 && depth < 8) {
        const Json none = Json::array();
        const Json& elements = value.is_array() && value.size() == 2 && value[1].is_array() ? value[1] : none;
        const std::uint64_t inner = value.is_array() && !value.empty() ? wholeOf(value[0]) : 4;
        append(out, static_cast<std::uint32_t>(inner));
        append(out, static_cast<std::uint64_t>(elements.size()));
        for (const Json& one : elements) putValue(out, inner, one, depth + 1);
        return;
    }
    const std::uint64_t whole = wholeOf(value);
    for (std::size_t i = 0; i < (type < std::size(kWidth) ? kWidth[type] : 4); ++i)
        out.push_back(static_cast<std::uint8_t>(whole >> (8 * i)));
}
const Json& at(const Json& list, std::size_t i) {
    static const Json none;
    return list.is_array() && i < list.size() ? list[i] : none;
}
std::string nameOf(const Json& value) { return value.is_string() ? value.get<std::string>() : jsonText(value); }

}  // namespace

Bytes ggufOf(const Json& described) {
    const Json &meta = memberOf(described, "meta"), &tensors = memberOf(described, "tensors");
    Bytes out;
    append(out, std::string_view("GGUF"));
    append(out, std::uint32_t{3});
    append(out, static_cast<std::uint64_t>(tensors.is_structured() ? tensors.size() : 0));
    append(out, static_cast<std::uint64_t>(meta.is_structured() ? meta.size() : 0));
    if (meta.is_structured())
        for (const Json& one : meta) {
            putText(out, nameOf(at(one, 0)));
            const std::uint64_t type = wholeOf(at(one, 1));
            append(out, static_cast<std::uint32_t>(type));
            putValue(out, type, at(one, 2), 0);
        }
    std::uint64_t offset = 0;
    if (tensors.is_structured())
        for (const Json& one : tensors) {
            const Json& dims = at(one, 1);
            putText(out, nameOf(at(one, 0)));
            append(out, static_cast<std::uint32_t>(dims.is_array() ? dims.size() : 0));
            std::uint64_t bytes = 4;
            if (dims.is_array())
                for (const Json& extent : dims) append(out, wholeOf(extent)), bytes *= wholeOf(extent);
            append(out, static_cast<std::uint32_t>(wholeOf(at(one, 2))));
            append(out, offset);
            offset = (offset + bytes + 31) / 32 * 32;
        }
    padTo(out, 32);
    out.resize(out.size() + static_cast<std::size_t>(std::min<std::uint64_t>(offset, 1 << 16)), 0x3D);
    return out;
}

Json tinyModel() {
    Json tokens = Json::array();
    for (int byte = 0; byte < 256; ++byte) tokens.push_back(lm::spelledByte(static_cast<std::uint8_t>(byte)));
    tokens.push_back("ab");
    Json meta = Json::array({{"general.architecture", 8, "llama"}, {"llama.block_count", 4, 1},
        {"llama.embedding_length", 4, 8}, {"llama.feed_forward_length", 4, 16}, {"llama.attention.head_count", 4, 2},
        {"llama.attention.head_count_kv", 4, 1}, {"llama.context_length", 4, 64}, {"tokenizer.ggml.eos_token_id", 4, 0},
        {"llama.attention.layer_norm_rms_epsilon", 6, 1e-5}, {"tokenizer.ggml.model", 8, "gpt2"},
        {"tokenizer.ggml.pre", 8, "smollm"}});
    meta.push_back({"tokenizer.ggml.tokens", 9, {8, tokens}});
    meta.push_back({"tokenizer.ggml.merges", 9, {8, Json::array({"a b"})}});
    meta.push_back({"tokenizer.chat_template", 8, "<|im_start|>system\\nBe brief.<|im_end|>"});
    Json tensors = Json::array();
    for (const auto& [name, dims] : std::vector<std::pair<std::string, std::vector<int>>>{
             {"token_embd.weight", {8, 257}}, {"output_norm.weight", {8}}, {"blk.0.attn_norm.weight", {8}},
             {"blk.0.ffn_norm.weight", {8}}, {"blk.0.attn_q.weight", {8, 8}}, {"blk.0.attn_k.weight", {8, 4}},
             {"blk.0.attn_v.weight", {8, 4}}, {"blk.0.attn_output.weight", {8, 8}}, {"blk.0.ffn_gate.weight", {8, 16}},
             {"blk.0.ffn_up.weight", {8, 16}}, {"blk.0.ffn_down.weight", {16, 8}}})
        tensors.push_back(Json::array({name, dims, 0}));
    return {{"meta", std::move(meta)}, {"tensors", std::move(tensors)}};
}

Bytes safetensorsOf(const std::string& header, std::size_t bytes) {
    Bytes out;
    append(out, static_cast<std::uint64_t>(header.size()));
    append(out, std::string_view(header));
    out.resize(out.size() + bytes, 0x3D);
    return out;
}

std::vector<Json> tokenizerFiles() {
    static const char* const kFiles[] = {// Bytes that are merged, with what stands around them.
        R"({"version":"1.0","truncation":null,"padding":null,"added_tokens":[
        {"id":9,"content":"<s>","single_word":false,"lstrip":false,"rstrip":true,"normalized":false,"special":true},
        {"id":10,"content":"<think>","single_word":true,"lstrip":true,"rstrip":false,"normalized":true,
         "special":false}],
        "normalizer":{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Replace","pattern":{"Regex":"b{2,}"},
         "content":"b"}]},
        "pre_tokenizer":{"type":"Sequence","pretokenizers":[
         {"type":"Split","pattern":{"Regex":"(?i:'s|'t)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|\\s+(?!\\S)|\\s+"},
          "behavior":"Isolated","invert":false},
         {"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]},
        "post_processor":{"type":"Sequence","processors":[{"type":"ByteLevel","add_prefix_space":true,
         "trim_offsets":false,"use_regex":true},{"type":"TemplateProcessing","single":[
         {"SpecialToken":{"id":"<s>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],"pair":[],
         "special_tokens":{"<s>":{"id":"<s>","ids":[9],"tokens":["<s>"]}}}]},
        "decoder":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},
        "model":{"type":"BPE","dropout":null,"unk_token":null,"continuing_subword_prefix":null,
         "end_of_word_suffix":null,"fuse_unk":false,"byte_fallback":false,"ignore_merges":true,
         "vocab":{"a":0,"b":1,"Ġ":2,"Ġa":3,"ab":4,"1":5,"2":6,"12":7,"Ċ":8},
         "merges":["a b",["Ġ","a"],"1 2"]}})",
        // SentencePiece as tokenizers writes it.
        R"({"version":"1.0","truncation":null,"padding":null,"added_tokens":[
        {"id":0,"content":"<unk>","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true}],
        "normalizer":{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace",
         "pattern":{"String":" "},"content":"▁"},{"type":"Strip","strip_left":false,"strip_right":true},
         {"type":"NFKC"},{"type":"Nmt"}]},
        "pre_tokenizer":null,"post_processor":null,
        "decoder":{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},
         {"type":"ByteFallback"},{"type":"Fuse"},{"type":"Strip","content":" ","start":1,"stop":0}]},
        "model":{"type":"BPE","dropout":null,"unk_token":"<unk>","continuing_subword_prefix":null,
         "end_of_word_suffix":null,"fuse_unk":true,"byte_fallback":true,"ignore_merges":false,
         "vocab":{"<unk>":0,"<0x61>":1,"<0xFF>":2,"▁":3,"a":4,"b":5,"ab":6,"▁a":7},"merges":["a b","▁ a"]}})",
        // WordPiece.
        R"({"version":"1.0","truncation":null,"padding":null,"added_tokens":[
        {"id":2,"content":"[CLS]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,"special":true},
        {"id":3,"content":"[SEP]","single_word":false,"lstrip":false,"rstrip":false,"normalized":false,
         "special":true}],
        "normalizer":{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,
         "lowercase":true},
        "pre_tokenizer":{"type":"BertPreTokenizer"},
        "post_processor":{"type":"BertProcessing","sep":["[SEP]",3],"cls":["[CLS]",2]},
        "decoder":{"type":"WordPiece","prefix":"##","cleanup":true},
        "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##",
         "max_input_chars_per_word":100,
          "vocab":{"[PAD]":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"a":4,"##b":5,"12":6,"中":7}}})",
        // Whole words, and pieces with a suffix.
        R"({"version":"1.0","truncation":null,"padding":null,"added_tokens":[],
        "normalizer":{"type":"Sequence","normalizers":[{"type":"NFD"},{"type":"StripAccents"},{"type":"Lowercase"}]},
        "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Whitespace"},{"type":"Digits",
         "individual_digits":true},{"type":"Punctuation","behavior":"Contiguous"},{"type":"CharDelimiterSplit",
         "delimiter":"-"},{"type":"FixedLength","length":5}]},
        "post_processor":{"type":"RobertaProcessing","sep":["b",2],"cls":["ab",1],"trim_offsets":true,
         "add_prefix_space":true},"decoder":null,
        "model":{"type":"WordLevel","unk_token":"[UNK]","vocab":{"[UNK]":0,"ab":1,"b":2,"12":3}}})",
        R"({"version":"1.0","truncation":null,"padding":null,"added_tokens":[],"normalizer":null,
        "pre_tokenizer":{"type":"Metaspace","replacement":"▁","prepend_scheme":"first","split":true},
        "post_processor":null,"decoder":{"type":"BPEDecoder","suffix":"</w>"},
        "model":{"type":"BPE","dropout":null,"unk_token":"<unk>","continuing_subword_prefix":"",
         "end_of_word_suffix":"</w>","fuse_unk":false,"byte_fallback":false,"ignore_merges":false,
         "vocab":{"<unk>":0,"▁":1,"a":2,"b</w>":3,"ab</w>":4,"▁ab</w>":5},"merges":["a b</w>","▁ ab</w>"]}})"};
    std::vector<Json> out;
    for (const char* file : kFiles) out.push_back(Json::parse(file));
    return out;
}

Bytes sentencePieceModel() {
    Bytes out;
    for (const char* token : {"<unk>", "\xE2\x96\x81", "a", "b", "ab", "<s>"}) {
        Bytes piece{0x0A, static_cast<std::uint8_t>(std::strlen(token))};
        append(piece, std::string_view(token));
        append(piece, Bytes{0x15, 0, 0, 0x80, 0x3F, 0x18,
                          static_cast<std::uint8_t>(token[0] == '<' ? (token[1] == '0' ? 6 : 2) : 1)});
        append(out, Bytes{0x0A, static_cast<std::uint8_t>(piece.size())});
        append(out, piece);
    }
    append(out, Bytes{0x12, 5, 0x18, 2, 0xC0, 0x02, 0});
    append(out, Bytes{0x1A, 4, 0x18, 1, 0x20, 0});
    return out;
}

std::vector<Json> modelConfigs() {
    return {Json::parse(R"({"model_type":"qwen3","hidden_size":64,"num_attention_heads":4,"num_key_value_heads":2,
        "head_dim":32,"num_hidden_layers":2,"intermediate_size":96,"hidden_act":"gelu","attention_bias":true,
        "rope_theta":1e6,"rope_scaling":{"type":"yarn","factor":4.0,"mscale":1,"mscale_all_dim":0.8,"truncate":false},
        "use_sliding_window":true,"sliding_window":8,"layer_types":["full_attention","sliding_attention"],
        "tie_word_embeddings":true,"a_new_key":[1,{"b":null}]})"),
        Json::parse(R"({"model_type":"llama","architectures":["LlamaForCausalLM"],"hidden_size":8,
        "num_attention_heads":2,"num_key_value_heads":1,"num_hidden_layers":1,"intermediate_size":16,"vocab_size":11,
        "hidden_act":"silu","mlp_bias":false,"max_position_embeddings":64,"rms_norm_eps":1e-5,"bos_token_id":9,
        "eos_token_id":[1,2,3,4],"tie_word_embeddings":true,"torch_dtype":"float32","rope_scaling":{"rope_type":
        "llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":32}})"),
        Json::parse(R"({"model_type":"qwen2","hidden_size":8,"num_attention_heads":2,"num_key_value_heads":2,
        "num_hidden_layers":1,"intermediate_size":16,"vocab_size":11,"max_window_layers":1,"use_sliding_window":false,
        "rope_scaling":{"type":"linear","factor":2.0},"quantization_config":null})")};
}

Json adapterConfig() {
    return Json::parse(R"({"peft_type":"LORA","task_type":"CAUSAL_LM","base_model_name_or_path":"x","r":2,
        "lora_alpha":16,"lora_dropout":0.0,"bias":"none","fan_in_fan_out":false,"inference_mode":true,
        "init_lora_weights":true,"use_rslora":true,"use_dora":false,"modules_to_save":null,
        "target_modules":["q_proj","v_proj"],"rank_pattern":{"q_proj":4,"layers\\.[0-9]+\\..*v_proj":2},
        "alpha_pattern":{"^model.*q_proj":32},"layers_to_transform":null,"exclude_modules":null})");
}

std::vector<Json> dataRows() {
    std::vector<Json> out;
    for (const char* row :
        {R"({"messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":)"
         R"([{"function":{"name":"f","arguments":"{}"}}]},{"role":"tool","content":"r","weight":0}],)"
         R"("tools":[{"name":"f"}]})",
            R"({"conversations":[{"from":"human","value":"q"},{"from":"gpt","value":"a"}],"system":"s",)"
            R"("tools":"[{\"name\":\"f\"}]"})",
            R"({"id":1,"task":"t","prompt":"p","choices":["a","b"],"answer":1,"meta":{"group":"g"}})",
            R"({"instruction":"i","input":"x","output":true})", R"({"text":"t"})",
            R"({"question":"q","answer":"x #### 4","options":[1,2.0]})"})
        out.push_back(Json::parse(row));
    return out;
}

Bytes gzipped(std::string_view text) {
    Bytes out(text.size() + 1000);
    z_stream stream{};
    deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = out.data();
    stream.avail_out = static_cast<uInt>(out.size());
    deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    return out;
}

Bytes zstded(std::string_view text) {
    Bytes out(text.size() + 1000);
    out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
    return out;
}

}  // namespace dubito::fuzz
