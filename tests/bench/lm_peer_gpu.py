# What dubito-bench-lm-device and dubito-bench-learning measure on a GPU, in transformers on PyTorch: a random model of
# SmolLM2's shape. usage: python3 lm_peer_gpu.py [ROWS LENGTH]
import sys, time, torch, transformers
from transformers import LlamaConfig, LlamaForCausalLM

rows, length = (int(sys.argv[1]), int(sys.argv[2])) if len(sys.argv) > 2 else (16, 1024)
shape = dict(vocab_size=49152, hidden_size=576, intermediate_size=1536, num_hidden_layers=30, num_attention_heads=9,
    num_key_value_heads=3, head_dim=64, max_position_embeddings=2048, tie_word_embeddings=True)
print(f"torch {torch.__version__}, transformers {transformers.__version__}, {torch.cuda.get_device_name()}")


def timed(work, rounds=3):
    best = 1e9
    for i in range(rounds + 1):
        torch.cuda.synchronize(); start = time.time()
        work(); torch.cuda.synchronize()
        if i: best = min(best, time.time() - start)  # the first warms up
    return best


for dtype in (torch.float32, torch.bfloat16):
    torch.manual_seed(1)
    model = LlamaForCausalLM(LlamaConfig(**shape)).to("cuda", dtype).eval()
    model.generation_config.pad_token_id = 0
    ids = torch.randint(1000, 20000, (1, 512), device="cuda")
    name = str(dtype).removeprefix("torch.")
    with torch.no_grad():
        prefill = timed(lambda: model(ids, use_cache=True, logits_to_keep=1))
        print(f"{name}: prefill 512: {512 / prefill:.0f} tokens/s")
        both = timed(lambda: model.generate(ids, max_new_tokens=64, min_new_tokens=64, do_sample=False))
        print(f"{name}: generate 64 behind 512: {64 / (both - prefill):.1f} tokens/s (prefill taken off)")
    del model

for fused in (False, True):
    torch.manual_seed(1)
    model = LlamaForCausalLM(LlamaConfig(**shape)).to("cuda").train()
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-4, fused=fused)
    batch = torch.randint(1000, 20000, (rows, length), device="cuda")

    def step():
        optimiser.zero_grad()
        with torch.autocast("cuda", torch.bfloat16):
            loss = model(batch, labels=batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        return loss.item()

    print(f"full step, bf16 autocast, {rows} x {length}, {'fused' if fused else 'plain'} AdamW: "
          f"{rows * length / timed(step):.0f} tokens/s, peak {torch.cuda.max_memory_allocated() >> 20} MiB")
    del model, optimiser
