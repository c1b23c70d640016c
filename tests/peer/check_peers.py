# Opt-in (label peer): Dubito's files and numbers against transformers, PEFT and llama.cpp, installed in a scratch environment.
# usage: DUBITO_PEERS=FOLDER python3 check_peers.py DUBITO MODEL.gguf   (FOLDER: torch transformers peft gguf llama-cpp-python)
# Exit code 77: peers are not there. Anything that differs ends with an AssertionError.
import json, os, subprocess, sys, tempfile, glob
if not os.environ.get("DUBITO_PEERS"): sys.exit(77)
sys.path.insert(0, os.environ["DUBITO_PEERS"])
dubito, model = sys.argv[1], sys.argv[2]
work = tempfile.mkdtemp(prefix="dubito-peers-")
os.environ["XDG_DATA_HOME"] = work + "/data"
project = work + "/p.dubito"
def call(*words): return subprocess.run([dubito, *words], check=True, capture_output=True, text=True).stdout
def run(title, task="chat", **params):
    words = [w for k, v in params.items() for w in ("--set", f"{k}={v}")]
    call("run", project, "--plugin", "lm." + task, "--title", title, "--threads", "2", "--quiet", *words)
def value(title, key): return json.loads(call("series", project, title, key, "--output", "json"))[-1]["value"]
def answer(title):
    turns = json.loads(call("records", project, title, "chat/turn", "--output", "json"))
    tokens = json.loads(call("records", project, title, "chat/token", "--output", "json"))
    return [t["arrays"]["id"]["values"][0] for t in tokens]
call("new", project)

import torch
torch.set_num_threads(2)
from transformers import AutoModelForCausalLM, AutoTokenizer
folder = work + "/hf"
call("models", "convert", model, folder, "--type", "F32", "--part-mib", "200", "--quiet")
assert len(glob.glob(folder + "/*.safetensors")) > 1
hf, tok = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32), AutoTokenizer.from_pretrained(folder)
prompts = ["What is the capital of France?", "Write one sentence about rivers.", "用中文说一句话。"]
for i, prompt in enumerate(prompts):
    ids = tok.apply_chat_template([{"role": "user", "content": prompt}], add_generation_prompt=True, return_tensors="pt")
    ids = ids["input_ids"] if not torch.is_tensor(ids) else ids
    out = hf.generate(ids, max_new_tokens=64, do_sample=False, repetition_penalty=1.0)[0, ids.shape[1]:].tolist()
    for name, path in (("gguf", model), ("folder", folder)):
        run(f"{name}{i}", **{"model.path": path, "model.weights": "f32", "chat.text": prompt, "gen.temperature": 0, "gen.repetition_penalty": 1, "gen.max_tokens": 64})
        mine = answer(f"{name}{i}")
        assert mine == out[:len(mine)] and len(mine) == min(64, len(out)), (name, prompt, mine, out)
print("greedy text of 64 tokens equals transformers', from the GGUF and from its sharded folder")

text = work + "/text.txt"
open(text, "w").write("".join(f"The {a} of the {b} was {c} on day {i * 37}. 第{i}天，模型在思考。\n" for i in range(12) for a, b, c in [("light", "river", "doubted"), ("thought", "machine", "weighed")]))
def reference_nll(net):
    ids = tok(open(text).read(), add_special_tokens=False)["input_ids"]
    nats, scored, begin, count = 0.0, 1, 0, 0
    with torch.no_grad():
        while scored < len(ids):
            end = min(len(ids), begin + 512)
            logp = torch.log_softmax(net(torch.tensor([ids[begin:end]])).logits[0].double(), -1)
            for p in range(scored, end): nats -= logp[p - 1 - begin, ids[p]].item(); count += 1
            scored, begin = max(scored, end), begin + 256
    return nats / count
run("nll", "evaluate", **{"model.weights": "f32", "model.path": model, "eval.text": text})
mine, theirs = value("nll", "eval/nll_nats"), reference_nll(hf)
assert abs(mine / theirs - 1) < 1e-3, (mine, theirs)
print(f"NLL {mine:.6f} against transformers' {theirs:.6f} nats/token")

from transformers import Qwen2Config, Qwen2ForCausalLM
torch.manual_seed(5)
config = Qwen2Config(vocab_size=hf.config.vocab_size, hidden_size=512, intermediate_size=1536, num_hidden_layers=6, num_attention_heads=8, num_key_value_heads=2, tie_word_embeddings=False,
                     rope_theta=1e6, initializer_range=0.06, bos_token_id=1, eos_token_id=2, max_position_embeddings=2048)
qwen, qwen_folder = Qwen2ForCausalLM(config).float(), work + "/qwen2"
with torch.no_grad():
    for name, weight in qwen.named_parameters():
        if name.endswith("bias"): weight.normal_(0, 0.3)
        if "layernorm" in name or name == "model.norm.weight": weight.uniform_(0.5, 1.5)
qwen.save_pretrained(qwen_folder, max_shard_size="60MB")
for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"): subprocess.run(["cp", f"{folder}/{name}", qwen_folder], check=True)
assert len(glob.glob(qwen_folder + "/*.safetensors")) > 1
def greedy_of(net, prompt):
    ids = tok.apply_chat_template([{"role": "user", "content": prompt}], add_generation_prompt=True, return_tensors="pt")
    ids = ids["input_ids"] if not torch.is_tensor(ids) else ids
    return net.generate(ids, max_new_tokens=64, do_sample=False, repetition_penalty=1.0)[0, ids.shape[1]:].tolist()
for kind in ("folder", "Q6_K", "Q5_K", "Q4_K", "Q3_K", "Q2_K", "BF16"):
    path = qwen_folder
    net = qwen
    if kind != "folder":
        path = f"{work}/qwen2-{kind}.gguf"
        call("models", "quantise" if kind != "BF16" else "convert", qwen_folder, path, "--type", kind, "--quiet")
        net = AutoModelForCausalLM.from_pretrained(work, gguf_file=os.path.basename(path), dtype=torch.float32)
    out = greedy_of(net, prompts[0])
    # As the file has them, which is what one gets unasked: K types through the row kernels, 16-bit activations.
    run(f"qwen-{kind}", **{"model.path": path, "chat.text": prompts[0], "gen.temperature": 0, "gen.repetition_penalty": 1, "gen.max_tokens": 64})
    got = answer(f"qwen-{kind}")
    same = next((i for i, (x, y) in enumerate(zip(got, out)) if x != y), min(len(got), len(out)))
    if same < min(64, len(out)):
        # A random model has near ties: here the two candidates must be one in the reference.
        ids = tok.apply_chat_template([{"role": "user", "content": prompts[0]}], add_generation_prompt=True, return_tensors="pt")
        ids = ids["input_ids"] if not torch.is_tensor(ids) else ids
        with torch.no_grad(): logits = net(torch.cat([ids, torch.tensor([out[:same]])], 1)).logits[0, -1]
        margin = (logits[out[same]] - logits[got[same]]).item()
        assert margin < 5e-4 * (logits.max() - logits.min()).item(), (kind, same, margin)
        print(f"qwen2 {kind}: parts at token {same} of {len(out)} at a margin of {margin:.2g} of a range of {(logits.max() - logits.min()).item():.3g}", flush=True)
    run(f"qwen-nll-{kind}", "evaluate", **{"model.weights": "f32", "model.path": path, "eval.text": text})
    a, b = value(f"qwen-nll-{kind}", "eval/nll_nats"), reference_nll(net)
    assert abs(a / b - 1) < 1e-3, (kind, a, b)
    print(f"qwen2 with biases and both embeddings, {kind}: {same} greedy tokens alike, NLL {a:.6f} and {b:.6f}", flush=True)

from peft import LoraConfig, PeftModel, get_peft_model
data = work + "/data.jsonl"
open(data, "w").write("".join(json.dumps({"prompt": f"What is {i} plus {i + 1}?", "answer": f"The sum is {2 * i + 1}."}) + "\n" for i in range(24)))
run("train", "train", **{"model.path": model, "train.data": data, "train.steps": 3, "train.seq_len": 128, "train.batch_tokens": 128, "train.lora_rank": 4, "train.lr": 0.003, "train.checkpoint_every": 3, "train.holdout": 0})
checkpoint = max(glob.glob(work + "/data/dubito/jobs/*/*/checkpoints/000000000003"))
adapted = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32), checkpoint)
run("adapted", "evaluate", **{"model.path": model, "model.adapter": checkpoint, "eval.text": text})
a, b = value("adapted", "eval/nll_nats"), reference_nll(adapted)
assert abs(a - b) < 1e-3 and abs(a - mine) > 1e-3, (a, b, mine)
print(f"an adapter trained by Dubito gives {a:.6f} here and {b:.6f} in PEFT")
run("full", "train", **{"model.path": qwen_folder, "train.data": data, "train.mode": "full", "train.steps": 2, "train.seq_len": 128, "train.batch_tokens": 128, "train.lr": 0.001, "train.holdout": 0})
call("models", "export", "full", work + "/full", "--project", project)
run("full-nll", "evaluate", **{"model.path": work + "/full", "eval.text": text})
a, b = value("full-nll", "eval/nll_nats"), reference_nll(AutoModelForCausalLM.from_pretrained(work + "/full", dtype=torch.float32))
assert abs(a / b - 1) < 1e-3, (a, b)
print(f"a model trained whole by Dubito gives {a:.6f} here and {b:.6f} in transformers", flush=True)
torch.manual_seed(3)
other = get_peft_model(AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32), LoraConfig(r=6, lora_alpha=9, target_modules=["q_proj", "v_proj", "down_proj"], task_type="CAUSAL_LM", init_lora_weights=False))
other.save_pretrained(work + "/peft")
run("theirs", "evaluate", **{"model.path": model, "model.adapter": work + "/peft", "eval.text": text})
a, b = value("theirs", "eval/nll_nats"), reference_nll(other)
assert abs(a - b) < 1e-3 * max(1, b), (a, b)
print(f"an adapter written by PEFT gives {a:.6f} here and {b:.6f} there")

import numpy as np
from llama_cpp import Llama
def llama_greedy(path, prompt):
    llama = Llama(path, n_ctx=512, n_threads=2, verbose=False)
    ids = tok.apply_chat_template([{"role": "user", "content": prompt}], add_generation_prompt=True)
    out = []
    for token in llama.generate(list(ids["input_ids"] if not isinstance(ids, list) else ids), temp=0, repeat_penalty=1.0):
        out.append(token)
        if len(out) == 64 or token == llama.token_eos(): return out
call("models", "convert", model, work + "/again.gguf", "--quiet")
call("models", "convert", model, work + "/parts.gguf", "--part-mib", "40", "--quiet")
parts = sorted(glob.glob(work + "/parts-*.gguf"))
assert len(parts) > 1
for prompt in prompts:
    text_of = [llama_greedy(path, prompt) for path in (model, work + "/again.gguf", parts[0])]
    assert text_of[0] == text_of[1] == text_of[2], prompt
print("llama.cpp says the same 64 greedy tokens from the packaged file, from Dubito's copy of it and from its copy in parts", flush=True)
for type in ("F16", "Q8_0", "Q6_K", "Q5_K", "Q4_K", "IQ4_NL", "Q4_0"):
    out = f"{work}/{type}.gguf"
    call("models", "quantise" if type != "F16" else "convert", folder, out, "--type", type, "--quiet")
    llama = Llama(out, n_ctx=512, n_threads=2, verbose=False, logits_all=True)
    same = total = 0
    worst = 0.0
    for i, prompt in enumerate(prompts[:2]):
        ids = tok.apply_chat_template([{"role": "user", "content": prompt}], add_generation_prompt=True)
        ids = list(ids["input_ids"] if not isinstance(ids, list) else ids)
        run(f"{type}{i}", **{"model.path": out, "model.weights": "f32", "chat.text": prompt, "gen.temperature": 0, "gen.repetition_penalty": 1, "gen.max_tokens": 24, "gen.top_logprobs": 5})
        first = json.loads(call("records", project, f"{type}{i}", "chat/token", "--output", "json"))[0]["arrays"]
        llama.reset(); llama.eval(ids)
        logits = np.array(llama.scores[len(ids) - 1], dtype=np.float64)
        logp = logits - logits.max() - np.log(np.exp(logits - logits.max()).sum())
        worst = max(worst, max(abs(np.exp(logp[t]) - np.exp(p)) for t, p in zip(first["top_id"]["values"], first["top_logp"]["values"])))
        llama.reset()
        theirs = []
        for token in llama.generate(ids, temp=0, repeat_penalty=1.0):
            theirs.append(token)
            if len(theirs) == 24 or token == llama.token_eos(): break
        mine = answer(f"{type}{i}")
        n = next((j for j, (x, y) in enumerate(zip(mine, theirs)) if x != y), min(len(mine), len(theirs)))
        same, total = same + n, total + min(len(mine), len(theirs))
    print(f"{type}: llama.cpp reads it; {same} of {total} greedy tokens alike before the first difference; probabilities of the first five candidates within {worst:.3f}")
    # llama.cpp rounds activations to 8 bits beside quantised weights, which can turn a near tie; half precision leaves none.
    assert worst < (0.005 if type == "F16" else 0.1), type
    assert type != "F16" or same == total
