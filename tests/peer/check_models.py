# Opt-in (label peer): tiny random models of every kind and key through Dubito and through transformers, mean nats of random ids in fp32.
# usage: DUBITO_PEERS=FOLDER python3 check_models.py MODEL_NATS [--seed N] [--cases N] [--keep FOLDER]   (FOLDER: torch, transformers, safetensors)
# Exit code 77: not asked for, or the peers are not there. 1: something differs, or was opened where the reference could not be followed.
import argparse, collections, copy, json, os, random, shutil, subprocess, sys, tempfile
if not os.environ.get("DUBITO_PEERS"): sys.exit(77)
sys.path.insert(0, os.environ["DUBITO_PEERS"])
try:
    import torch, transformers
    from safetensors.torch import save_file
except ImportError:
    sys.exit(77)
transformers.logging.set_verbosity_error(); transformers.logging.disable_progress_bar()
torch.set_num_threads(1)
ap = argparse.ArgumentParser()
ap.add_argument("program"); ap.add_argument("--seed", type=int, default=1); ap.add_argument("--cases", type=int, default=2000); ap.add_argument("--keep")
args = ap.parse_args()
R = random.Random(args.seed)
chance = lambda p: R.random() < p

def rope(c, d, positions):
    kind = R.choice(["none"] * 6 + ["linear"] * 3 + ["llama3"] * 4 + ["yarn"] * 7 + ["default", "default", "dynamic", "longrope"])
    if kind == "none": return None
    r = {R.choice(["rope_type", "type"]): kind}
    if kind in ("linear", "yarn", "llama3", "dynamic"): r["factor"] = R.choice([1.0, 2, 4.0, 8, 2.5])
    if kind == "llama3": r.update(low_freq_factor=R.choice([1.0, 1, 2]), high_freq_factor=R.choice([4.0, 8]), original_max_position_embeddings=R.choice([8, 32, 64]))
    if kind == "yarn":
        if chance(.8): r["original_max_position_embeddings"] = R.choice([8, 16, 32, 64])
        if chance(.3): r["mscale"] = R.choice([1.0, 0.7, 1.3])
        if chance(.3): r["mscale_all_dim"] = R.choice([1.0, 0.8, 0.4])
        if chance(.2): r["attention_factor"] = R.choice([1.0, 0.9, 1.25])
        if chance(.3): r["truncate"] = chance(.5)
        if chance(.3): r["beta_fast"] = R.choice([32, 16.0, 8])
        if chance(.3): r["beta_slow"] = R.choice([1, 2.0, 0.5])
    if kind == "longrope": r.update(short_factor=[1.0] * (d // 2), long_factor=[2.0] * (d // 2), original_max_position_embeddings=16)
    if chance(.15): r["rope_theta"] = R.choice([10000.0, 500000, 100.0])
    if chance(.03): r["partial_rotary_factor"] = R.choice([1.0, 0.5])
    return r

def config():
    kind = R.choice(["llama", "llama", "qwen2", "qwen3", "mistral"])
    heads = R.choice([1, 2, 4]); kv = R.choice([k for k in (1, 2, 4) if heads % k == 0])
    width = R.choice([32, 64, 48]) if heads < 4 else R.choice([32, 64])
    c = {"model_type": kind, "architectures": [{"llama": "Llama", "qwen2": "Qwen2", "qwen3": "Qwen3", "mistral": "Mistral"}[kind] + "ForCausalLM"],
         "hidden_size": width, "num_attention_heads": heads, "num_key_value_heads": kv, "num_hidden_layers": R.choice([1, 2, 3]),
         "intermediate_size": R.choice([32, 48, 96]), "vocab_size": R.choice([64, 67, 96]), "bos_token_id": 1, "eos_token_id": 2}
    if kind == "qwen3" or chance(.3): c["head_dim"] = R.choice([8, 16, 24])
    if chance(.8): c["max_position_embeddings"] = R.choice([16, 64, 256])
    if chance(.8): c["rms_norm_eps"] = R.choice([1e-5, 1e-6, 1e-3])
    if chance(.6): c["rope_theta"] = R.choice([10000, 10000.0, 1e6, 500000.0, 50.0])
    if chance(.6): c["hidden_act"] = R.choice(["silu", "silu", "swish", "gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "quick_gelu", "relu", "relu2"] * 3 + ["mish", "gelu_10", "tanh"])
    if chance(.4): c["attention_bias"] = chance(.6)
    if chance(.3): c["mlp_bias"] = chance(.6)
    if chance(.7): c["tie_word_embeddings"] = chance(.5)
    if chance(.4) and (kind != "llama" or chance(.05)): c["sliding_window"] = R.choice([3, 8, 20, None])
    if chance(.4): c["use_sliding_window"] = chance(.7)
    if chance(.3): c["max_window_layers"] = R.choice([0, 1, 2])
    if chance(.25 if kind.startswith("qwen") and c.get("use_sliding_window") else .03): c["layer_types"] = [R.choice(["full_attention", "sliding_attention"]) for _ in range(c["num_hidden_layers"])] if chance(.8) else ["full_attention"] * c["num_hidden_layers"]
    d = c.get("head_dim") or width // heads
    r = rope(c, d, 0)
    if r: c[R.choice(["rope_scaling", "rope_parameters"])] = r
    if chance(.05): c["original_max_position_embeddings"] = R.choice([16, 32])
    for key, values in {"initializer_range": [.02, .5], "use_cache": [True, False], "attention_dropout": [0.0, 0.3], "pretraining_tp": [1, 2], "torch_dtype": ["bfloat16", "float32"],
                        "transformers_version": ["4.40.0"], "pad_token_id": [None, 0], "chunk_size_feed_forward": [0], "unsloth_version": ["2026.1"], "is_causal": [True, False],
                        "logits_soft_cap": [30.0], "quantization_config": [None], "partial_rotary_factor": [1.0, 0.5], "my_note": ["x"], "residual_multiplier": [1.0, 0.5], "attention_chunk_size": [4]}.items():
        if chance(.02): c[key] = R.choice(values)
    return c

def weights(model, how):
    g = torch.Generator().manual_seed(R.randrange(1 << 30))
    out = {}
    for name, p in model.state_dict().items():
        if name.endswith("norm.weight"): t = 1 + .3 * torch.randn(p.shape, generator=g)
        elif name.endswith("bias"): t = .5 * torch.randn(p.shape, generator=g)
        elif "embed" in name or "lm_head" in name: t = torch.randn(p.shape, generator=g) * .7
        else: t = torch.randn(p.shape, generator=g) * 1.5 / p.shape[-1] ** .5
        out[name] = t.to(how)
    return out

def write(folder, c, model, tied):
    state = weights(model, R.choice([torch.float32, torch.float16, torch.bfloat16]))
    if tied and chance(.8): state.pop("lm_head.weight", None)
    elif not tied and chance(.04): state.pop("lm_head.weight", None)
    if chance(.04): state["model.layers.0.self_attn.rotary_emb.inv_freq"] = torch.ones(4)
    if chance(.04): state[R.choice(["model.layers.0.self_attn.o_proj.bias", "model.layers.0.mlp.down_proj.bias", "model.extra.weight"])] = torch.ones(c["hidden_size"])
    if chance(.03) and c["num_hidden_layers"] > 1: c["num_hidden_layers"] -= 1; c.pop("layer_types", None)
    prefix = R.choice([""] * 9 + ["bare", "double"])
    if prefix == "bare": state = {k.removeprefix("model."): v for k, v in state.items()}
    if prefix == "double": state = {("model." + k if k.startswith("model.") else k): v for k, v in state.items()}
    names = sorted(state); shards = R.choice([1, 1, 1, 2, 3])
    if shards == 1: save_file(state, folder + "/model.safetensors", metadata={"format": "pt"})
    else:
        parts = [{} for _ in range(shards)]; where = {}
        for i, n in enumerate(names):
            parts[i % shards][n] = state[n]; where[n] = f"model-{i % shards + 1:05d}-of-{shards:05d}.safetensors"
        if chance(.1): parts[1][names[0]] = state[names[0]].clone()
        for i, p in enumerate(parts): save_file(p, folder + f"/model-{i + 1:05d}-of-{shards:05d}.safetensors", metadata={"format": "pt"})
        json.dump({"metadata": {"total_size": 1}, "weight_map": where}, open(folder + "/model.safetensors.index.json", "w"))
        if chance(.06): save_file({k: v * 1.5 for k, v in state.items()}, folder + "/model.safetensors", metadata={"format": "pt"})
    json.dump(c, open(folder + "/config.json", "w"))
    return prefix

def reference(folder, ids):
    model, info = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager", output_loading_info=True)
    model.eval()
    with torch.no_grad():
        logits = model(torch.tensor([ids]), use_cache=False).logits[0].double()
    nats = torch.nn.functional.cross_entropy(logits[:-1], torch.tensor(ids[1:])).item()
    return nats, sorted(info["missing_keys"]), sorted(info["unexpected_keys"])

root = args.keep or tempfile.mkdtemp(prefix="dubito_models_")
os.makedirs(root, exist_ok=True)
program = subprocess.Popen([args.program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
count = collections.Counter(); reasons = collections.Counter(); differ = []
for case in range(args.cases):
    folder = f"{root}/{case}"; shutil.rmtree(folder, ignore_errors=True); os.makedirs(folder)
    c = config()
    try:
        made = transformers.AutoModelForCausalLM.from_config(transformers.AutoConfig.for_model(**copy.deepcopy(c)))
    except Exception as e:
        shutil.rmtree(folder); count["the reference cannot make it"] += 1; continue
    prefix = write(folder, c, made, bool(c.get("tie_word_embeddings", False)))
    ids = [R.randrange(c["vocab_size"]) for _ in range(40)]
    try: right, missing, unexpected = reference(folder, ids)
    except Exception as e: right, missing, unexpected = None, [], [repr(e)[:120]]
    rows = c["hidden_size"] % 32 == 0 and c["intermediate_size"] % 32 == 0 and ((c.get("head_dim") or c["hidden_size"] // c["num_attention_heads"]) * c["num_attention_heads"]) % 32 == 0
    program.stdin.write(json.dumps({"path": folder, "ids": ids, "rows": rows}) + "\n"); program.stdin.flush()
    mine = json.loads(program.stdout.readline())
    bad = None
    needless = all("rotary_emb" in k for k in unexpected)
    if "error" in mine:
        count["refused"] += 1
        reasons[(right is None and "(the reference fails too) " or "") + " ".join(w for w in mine["error"].split() if not any(ch.isdigit() for ch in w))[:110]] += 1
    elif right is None: bad = f"opened ({mine['nats']}), the reference fails: {unexpected}"
    elif missing and not mine["warnings"]: bad = f"opened without a word, the reference makes up {missing}"
    elif unexpected and not needless and not mine["warnings"] and prefix == "": bad = f"opened without a word, the reference drops {unexpected}"
    elif missing: count["warned: the reference makes up tensors"] += 1
    elif not abs(mine["nats"] - right) <= 1e-5 * abs(right): bad = f"{mine['nats']} for {right}"
    elif "by_row" in mine and not abs(mine["by_row"] - right) <= 2e-4 * abs(right): bad = f"row by row {mine['by_row']} for {right}"
    else:
        count["equal"] += 1
        count["of them row by row too"] += "by_row" in mine
    if bad:
        count["differ"] += 1; differ.append(case)
        print(f"case {case}: {bad}\n   {json.dumps(c)}")
    if not (bad and args.keep): shutil.rmtree(folder)
program.stdin.close(); program.wait()
if not args.keep: shutil.rmtree(root, ignore_errors=True)
print(f"{args.cases} models, seed {args.seed}: " + ", ".join(f"{k} {v}" for k, v in sorted(count.items())))
for reason, n in reasons.most_common(): print(f"  refused {n}: {reason}")
sys.exit(bool(count["differ"]) or count["equal"] * 4 < args.cases)
