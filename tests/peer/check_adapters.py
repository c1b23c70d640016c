# Opt-in (label peer): generated adapters of PEFT over tiny models, every field of LoraConfig, against PEFT's own logits. What is not
# read must be refused, and the words must name one of the fields that were set.
# usage: DUBITO_PEERS=FOLDER python3 check_adapters.py ADAPTED_LOGITS [--seed N] [--cases N]   (FOLDER: torch, transformers, peft, tokenizers)
# Exit code 77: peers are not there. 1: something differs, or a refusal does not say why.
import collections, json, shutil, subprocess, sys, tempfile, warnings
from common import arguments, quiet
warnings.filterwarnings("ignore")
try:
    import torch, transformers
    from peft import LoraConfig, PeftModel, get_peft_model
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
except ImportError:
    sys.exit(77)
given, R = arguments(2000)
torch.manual_seed(given.seed)
torch.set_num_threads(1)
quiet()
work = tempfile.mkdtemp(prefix="dubito-adapters-")

def makeModel(kind):
    shape = dict(vocab_size=256, hidden_size=32, intermediate_size=64, num_hidden_layers=3, num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=64,
                 initializer_range=0.2, bos_token_id=0, eos_token_id=1, pad_token_id=None, tie_word_embeddings=False)
    if kind == "llama": model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**shape))
    elif kind == "qwen2": model = transformers.Qwen2ForCausalLM(transformers.Qwen2Config(**shape))
    else: model = transformers.Qwen3ForCausalLM(transformers.Qwen3Config(head_dim=8, **shape))
    folder = f"{work}/{kind}"
    model.float().eval().save_pretrained(folder)
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokenizer = Tokenizer(models.BPE(vocab={letter: i for i, letter in enumerate(letters)}, merges=[]))
    tokenizer.pre_tokenizer, tokenizer.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    tokenizer.save(folder + "/tokenizer.json")
    return folder
folders = {kind: makeModel(kind) for kind in ("llama", "qwen2", "qwen3")}
def fresh(kind): return transformers.AutoModelForCausalLM.from_pretrained(folders[kind], dtype=torch.float32).eval()

PROJECTIONS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
def pattern(): return R.choice(PROJECTIONS + ["self_attn.q_proj", "mlp.down_proj", "model.layers.1.self_attn.v_proj", r".*\.0\..*", r"layers\.[12]\.mlp\.up_proj", "^q_proj", "(q|k)_proj"])
def config():
    out, sets = dict(r=R.choice([1, 2, 3, 4, 8]), lora_alpha=R.choice([1, 2, 5, 8, 16, 33]), task_type="CAUSAL_LM", init_lora_weights=False), set()
    way = R.random()
    if way < .4: out["target_modules"] = R.sample(PROJECTIONS, R.randrange(1, 6))
    elif way < .6: out["target_modules"] = R.choice([r".*(q|v)_proj", r".*mlp.*_proj", r"model\.layers\.\d\.self_attn\.[qkvo]_proj", r".*layers\.[02]\..*down_proj"])
    elif way < .8: out["target_modules"] = "all-linear"
    else: out["target_modules"] = ["self_attn.q_proj", "mlp.down_proj"]
    if R.random() < .3: out["rank_pattern"] = {pattern(): R.choice([1, 2, 5, 7]) for _ in range(R.randrange(1, 4))}
    if R.random() < .3: out["alpha_pattern"] = {pattern(): R.choice([1, 3, 32]) for _ in range(R.randrange(1, 4))}
    if R.random() < .3: out["use_rslora"] = True
    if R.random() < .2 and isinstance(out["target_modules"], list): out["layers_to_transform"] = R.choice([[0], [1, 2], 2])
    if "layers_to_transform" in out and R.random() < .4: out["layers_pattern"] = "layers"
    if R.random() < .15 and isinstance(out["target_modules"], list): out["exclude_modules"] = R.choice([["k_proj"], r".*layers\.1\..*"])
    if R.random() < .1: out["fan_in_fan_out"] = True
    if R.random() < .2: out["lora_dropout"] = 0.1
    odd = R.random()
    def add(**more): out.update(more); sets.update(more)
    if odd < .04: add(use_dora=True)
    elif odd < .07: add(bias=R.choice(["all", "lora_only"]))
    elif odd < .10: add(modules_to_save=R.choice([["lm_head"], ["embed_tokens"]]))
    elif odd < .13: add(lora_bias=True)
    elif odd < .16: add(init_lora_weights=R.choice(["pissa", "olora", "pissa_niter_2"]))
    elif odd < .22: out["init_lora_weights"] = R.choice(["gaussian", "orthogonal", True]); out["r"] += out["r"] % 2
    elif odd < .25: add(trainable_token_indices=[3, 5])
    elif odd < .27: add(layer_replication=[[0, 2], [1, 3]])
    elif odd < .29: add(target_parameters=["mlp.down_proj.weight"])
    elif odd < .31: out["target_modules"] = ["q_proj", R.choice(["lm_head", "embed_tokens"])]; sets.update(["lm_head", "embed_tokens"])
    return out, sets

cases, counts, reasons, built = [], collections.Counter(), collections.Counter(), 0
ids = [R.randrange(2, 250) for _ in range(9)]
chunk = 100
def randomise(model):
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_" in name and "magnitude" not in name: weight.normal_(0, 0.2)
            elif "modules_to_save" in name or (name.endswith("bias") and weight.requires_grad) or "token_adapter" in name or "trainable_tokens" in name or "magnitude" in name: weight.add_(torch.randn_like(weight) * 0.2)
differ = unnamed = 0
def apart(kind, folder, mine, theirs):
    """Whether the logits differ by more than rounding: where they are far apart PEFT is asked in double precision, and may err as much itself, merged or not."""
    far = lambda a, b: max(abs(x - y) for x, y in zip(a, b))
    most = 1e-5 * max(1, max(map(abs, theirs)))
    if far(mine, theirs) <= most: return False
    exact = PeftModel.from_pretrained(fresh(kind), folder).double().eval()
    merged = PeftModel.from_pretrained(fresh(kind), folder).merge_and_unload().eval()
    with torch.no_grad(): right, sums = (model(torch.tensor([ids])).logits[0, -1].tolist() for model in (exact, merged))
    counts["judged in double precision"] += 1
    return far(mine, right) > max(most, 4 * far(theirs, right), 4 * far(sums, right))
def settle():
    global differ, unnamed
    lines = "".join(f"{folders[kind]}\t{folder}\t{','.join(map(str, ids))}\n" for kind, folder, *_ in cases)
    answers = subprocess.run([given.program], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(answers) == len(cases)
    for (kind, folder, fields, sets, theirs), line in zip(cases, answers):
        mine = json.loads(line)
        if "error" in mine:
            counts["refused"] += 1
            named = any(word in mine["error"] for word in sets)
            reasons[("" if named else "NOT NAMED ") + mine["error"].replace(folder, "FOLDER")[:150]] += 1
            if not named: unnamed += 1; print("refused without its reason:", fields, mine["error"])
        elif apart(kind, folder, mine["logits"], theirs): differ += 1; print("differs:", kind, fields, max(abs(a - b) for a, b in zip(mine["logits"], theirs)))
        else: counts["equal"] += 1
        shutil.rmtree(folder)
    cases.clear()
while built < given.cases:
    fields, sets = config()
    kind = R.choice(list(folders))
    try:
        adapted = get_peft_model(fresh(kind), LoraConfig(**fields)).eval()
        randomise(adapted)
        folder = f"{work}/adapter{built}"
        adapted.save_pretrained(folder)
        # As PEFT reads it back: the file has its patterns in another order, and the first that fits counts.
        adapted = PeftModel.from_pretrained(fresh(kind), folder).eval()
        with torch.no_grad(): theirs = adapted(torch.tensor([ids])).logits[0, -1].tolist()
    except Exception as problem:
        counts["not made by the reference"] += 1
        if counts["not made by the reference"] > given.cases: raise
        continue
    cases.append((kind, folder, fields, sets, theirs))
    built += 1
    if len(cases) == chunk: settle()
settle()
shutil.rmtree(work)
for reason, n in reasons.most_common(25): print(f"refused {n}: {reason}")
print(f"{built} adapters tried, seed {given.seed}: {counts['equal']} equal, {counts['refused']} refused, {differ} differ, {unnamed} refused without naming what was set; {counts['not made by the reference']} configurations PEFT itself refuses, {counts['judged in double precision']} judged in double precision")
sys.exit(differ + unnamed > 0)
