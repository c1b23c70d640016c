"""Makes tiny_qwen2.gguf and tiny_qwen2_golden.h: a random qwen2 model (2 blocks, width 256, q/k/v biases, untied head) stored in
Q4_K, Q5_K, Q6_K and Q8_0, with its logits as PyPI transformers 5.24.0 computes them in fp32 from the same dequantised weights."""
import os

import gguf
import numpy as np
import torch
from gguf.quants import dequantize
from transformers import Qwen2Config, Qwen2ForCausalLM

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(3)
V, H, F, N, A, KV, D = 300, 256, 256, 2, 4, 2, 64
T = gguf.GGMLQuantizationType
writer = gguf.GGUFWriter(os.path.join(here, "tiny_qwen2.gguf"), "qwen2")
writer.add_block_count(N)
writer.add_embedding_length(H)
writer.add_feed_forward_length(F)
writer.add_head_count(A)
writer.add_head_count_kv(KV)
writer.add_layer_norm_rms_eps(1e-6)
writer.add_rope_freq_base(1e6)
writer.add_context_length(128)
state = {}


def quantised(name, target, rows, columns, kind):
    block, size = gguf.GGML_QUANT_SIZES[kind]
    raw = rng.integers(0, 256, size=(rows, columns // block, size), dtype=np.uint8)
    places = {T.Q4_K: [0, 2], T.Q5_K: [0, 2], T.Q6_K: [208], T.Q8_0: [0]}[kind]
    scale = {T.Q4_K: 1.2e-4, T.Q5_K: 6e-5, T.Q6_K: 4e-5, T.Q8_0: 6e-4}[kind]
    for index, place in enumerate(places):
        factor = scale if index == 0 else scale * {T.Q4_K: 7.5, T.Q5_K: 15.5}[kind]
        raw[:, :, place:place + 2] = np.frombuffer(np.float16(factor).tobytes(), np.uint8)
    raw = raw.reshape(rows, -1)
    writer.add_tensor(name, raw, raw_dtype=kind)
    state[target] = torch.tensor(dequantize(raw, kind).astype(np.float32).reshape(rows, columns))


def plain(name, target, values):
    writer.add_tensor(name, values.astype(np.float32))
    state[target] = torch.tensor(values.astype(np.float32))


quantised("token_embd.weight", "model.embed_tokens.weight", V, H, T.Q6_K)
plain("output_norm.weight", "model.norm.weight", 1 + 0.1 * rng.standard_normal(H))
quantised("output.weight", "lm_head.weight", V, H, T.Q5_K)
for i in range(N):
    b, m = f"blk.{i}.", f"model.layers.{i}."
    plain(b + "attn_norm.weight", m + "input_layernorm.weight", 1 + 0.1 * rng.standard_normal(H))
    plain(b + "ffn_norm.weight", m + "post_attention_layernorm.weight", 1 + 0.1 * rng.standard_normal(H))
    for part, rows, kind in (("q", A * D, T.Q4_K), ("k", KV * D, T.Q5_K), ("v", KV * D, T.Q6_K)):
        quantised(b + f"attn_{part}.weight", m + f"self_attn.{part}_proj.weight", rows, H, kind)
        plain(b + f"attn_{part}.bias", m + f"self_attn.{part}_proj.bias", 0.3 * rng.standard_normal(rows))
    quantised(b + "attn_output.weight", m + "self_attn.o_proj.weight", H, A * D, T.Q4_K)
    quantised(b + "ffn_gate.weight", m + "mlp.gate_proj.weight", F, H, T.Q8_0)
    quantised(b + "ffn_up.weight", m + "mlp.up_proj.weight", F, H, T.Q4_K)
    quantised(b + "ffn_down.weight", m + "mlp.down_proj.weight", H, F, T.Q6_K)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
config = Qwen2Config(vocab_size=V, hidden_size=H, intermediate_size=F, num_hidden_layers=N, num_attention_heads=A, num_key_value_heads=KV, rms_norm_eps=1e-6, rope_theta=1e6,
                     rope_parameters={"rope_type": "default", "rope_theta": 1e6}, max_position_embeddings=128, tie_word_embeddings=False)
model = Qwen2ForCausalLM(config).eval()
print(model.load_state_dict(state, strict=False))
ids = [5, 17, 255, 3, 299, 42, 42, 128]
with torch.no_grad():
    logits = model(torch.tensor([ids])).logits[0].numpy()
with open(os.path.join(here, "tiny_qwen2_golden.h"), "w") as out:
    out.write("// Made by make_tiny_qwen2.py with PyPI transformers 5.24.0 and gguf 0.19.0: logits of positions 0, 3 and 7.\n#pragma once\n\n")
    out.write("inline constexpr int kTinyIds[] = {%s};\n" % ", ".join(map(str, ids)))
    for position in (0, 3, 7):
        out.write("inline constexpr float kTinyLogits%d[] = {%s};\n" % (position, ", ".join("%.7ef" % v for v in logits[position])))
print(logits.std(), logits[7][:5])
