"""Makes tiny_qwen3.gguf (BF16), tiny_qwen3/ (the same weights as two safetensors shards with config.json and index) and
tiny_qwen3_golden.h: a random qwen3 model (2 blocks, width 64, head width 32 that is not width / heads, q and k norms, tied head,
yarn scaling) with its logits as PyPI transformers 5.24.0 computes them in fp32 from the same weights."""
import json
import os

import gguf
import numpy as np
import torch
from safetensors.torch import save_file
from transformers import Qwen3Config, Qwen3ForCausalLM

here = os.path.dirname(os.path.abspath(__file__))
V, H, F, N, A, KV, D = 300, 64, 96, 2, 4, 2, 32
torch.manual_seed(11)
rope = {"rope_type": "yarn", "rope_theta": 1e6, "factor": 4.0, "original_max_position_embeddings": 32}
config = Qwen3Config(vocab_size=V, hidden_size=H, intermediate_size=F, num_hidden_layers=N, num_attention_heads=A, num_key_value_heads=KV, head_dim=D, rms_norm_eps=1e-6, rope_theta=1e6,
                     rope_parameters=rope, max_position_embeddings=128, tie_word_embeddings=True)
model = Qwen3ForCausalLM(config).eval()
state = {}
for name, value in model.state_dict().items():
    if name == "lm_head.weight":
        continue
    values = 1 + 0.1 * torch.randn_like(value) if "norm" in name else 0.2 * torch.randn_like(value)
    state[name] = values.to(torch.bfloat16)
model.load_state_dict({k: v.float() for k, v in state.items()}, strict=False)
model.tie_weights()

folder = os.path.join(here, "tiny_qwen3")
os.makedirs(folder, exist_ok=True)
names = sorted(state)
shards = {"model-00001-of-00002.safetensors": names[: len(names) // 2], "model-00002-of-00002.safetensors": names[len(names) // 2 :]}
for file, part in shards.items():
    save_file({k: state[k] for k in part}, os.path.join(folder, file), metadata={"format": "pt"})
with open(os.path.join(folder, "model.safetensors.index.json"), "w") as out:
    json.dump({"metadata": {"total_size": sum(v.numel() * 2 for v in state.values())}, "weight_map": {k: f for f, part in shards.items() for k in part}}, out, indent=1)
with open(os.path.join(folder, "config.json"), "w") as out:
    json.dump({"architectures": ["Qwen3ForCausalLM"], "model_type": "qwen3", "vocab_size": V, "hidden_size": H, "intermediate_size": F, "num_hidden_layers": N, "num_attention_heads": A,
               "num_key_value_heads": KV, "head_dim": D, "rms_norm_eps": 1e-6, "rope_theta": 1e6, "rope_scaling": rope, "max_position_embeddings": 128, "tie_word_embeddings": True,
               "torch_dtype": "bfloat16", "eos_token_id": [2, 3]}, out, indent=1)

writer = gguf.GGUFWriter(os.path.join(here, "tiny_qwen3.gguf"), "qwen3")
writer.add_block_count(N)
writer.add_embedding_length(H)
writer.add_feed_forward_length(F)
writer.add_head_count(A)
writer.add_head_count_kv(KV)
writer.add_key_length(D)
writer.add_value_length(D)
writer.add_layer_norm_rms_eps(1e-6)
writer.add_rope_freq_base(1e6)
writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
writer.add_rope_scaling_factor(4.0)
writer.add_rope_scaling_orig_ctx_len(32)
writer.add_context_length(128)
renamed = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}
for i in range(N):
    m, b = f"model.layers.{i}.", f"blk.{i}."
    for hf, own in (("input_layernorm", "attn_norm"), ("post_attention_layernorm", "ffn_norm"), ("self_attn.q_proj", "attn_q"), ("self_attn.k_proj", "attn_k"), ("self_attn.v_proj", "attn_v"),
                    ("self_attn.o_proj", "attn_output"), ("self_attn.q_norm", "attn_q_norm"), ("self_attn.k_norm", "attn_k_norm"), ("mlp.gate_proj", "ffn_gate"), ("mlp.up_proj", "ffn_up"), ("mlp.down_proj", "ffn_down")):
        renamed[m + hf + ".weight"] = b + own + ".weight"
for hf, own in renamed.items():
    if "norm" in hf:
        writer.add_tensor(own, state[hf].float().numpy())
    else:
        bits = state[hf].view(torch.int16).numpy().view(np.uint16)
        writer.add_tensor(own, bits.view(np.uint8).reshape(bits.shape[0], -1), raw_dtype=gguf.GGMLQuantizationType.BF16)
writer.write_header_to_file()
writer.write_kv_data_to_file()
writer.write_tensors_to_file()
writer.close()
ids = [5, 17, 255, 3, 299, 42, 42, 128, 7, 9, 11]
with torch.no_grad():
    logits = model(torch.tensor([ids])).logits[0].numpy()
with open(os.path.join(here, "tiny_qwen3_golden.h"), "w") as out:
    out.write("// Made by make_tiny_qwen3.py with PyPI transformers 5.24.0 and gguf 0.19.0: logits of positions 0, 5 and 10.\n#pragma once\n\n")
    out.write("inline constexpr int kTiny3Ids[] = {%s};\n" % ", ".join(map(str, ids)))
    for position in (0, 5, 10):
        out.write("inline constexpr float kTiny3Logits%d[] = {%s};\n" % (position, ", ".join("%.7ef" % v for v in logits[position])))
print(logits.std(), logits[10][:5])
