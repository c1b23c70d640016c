# Opt-in (label peer): the loss masks of generated talks against masks worked out here from jinja2's renderings, character by
# character, and the offsets of `tokenizers`. The rule is written down twice and shares no code: a token is learned when it holds
# a character of an answer, and so is the end token behind one. An answer begins behind the generation prompt and ends where the talk up to it ends, white space aside.
# usage: DUBITO_PEERS=FOLDER python3 check_masks.py MASK_TALKS [--seed N] [--cases N]   (FOLDER: jinja2, tokenizers; more templates
# are read from DUBITO_TEMPLATES, a folder of *.jinja)
# Exit code 77: peers are not there. 1: something differs; what differs is printed.
import argparse, collections, copy, datetime, glob, json, os, random, subprocess, sys, tempfile
if not os.environ.get("DUBITO_PEERS"): sys.exit(77)
sys.path.insert(0, os.environ["DUBITO_PEERS"])
try:
    import jinja2
    from jinja2.sandbox import ImmutableSandboxedEnvironment
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
except ImportError:
    sys.exit(77)
parser = argparse.ArgumentParser()
parser.add_argument("program")
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--cases", type=int, default=2500)
given = parser.parse_args()
R = random.Random(given.seed)
NOW = datetime.datetime(2026, 3, 9, 7, 5, 1)

def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
def refuse(message): raise jinja2.exceptions.TemplateError(message)
env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
env.filters["tojson"] = tojson
env.globals.update(raise_exception=refuse, strftime_now=NOW.strftime)

GP = "{% if add_generation_prompt %}"
CALLS = "{% if m.tool_calls %}{% for c in m.tool_calls %}<tool_call>\n{{ c.function | tojson }}\n</tool_call>{% endfor %}{% endif %}"
WRITTEN = {
    "chatml": "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content or '' }}" + CALLS + "<|im_end|>\n{% endfor %}" + GP + "<|im_start|>assistant\n{% endif %}",
    "chatml, system aside": "{% if messages[0].role == 'system' %}{{ messages[0].content }}{% set messages = messages[1:] %}{% endif %}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content or '' }}" + CALLS + "<|im_end|>\n{% endfor %}" + GP + "<|im_start|>assistant\n{% endif %}",
    "colon": "{% for m in messages %}{{ m.role + ':' + ' ' + (m.content or '') }}<|im_end|>\n{% endfor %}" + GP + "assistant:{% endif %}",
    "llama 3": "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n{{ (m.content or '') | trim }}" + CALLS + "<|eot_id|>{% endfor %}" + GP + "<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}",
    "llama 2": "{% for m in messages %}{% if m.role in ('user', 'system', 'tool') %}{{ bos_token }}[INST] {{ m.content }} [/INST]{% else %} {{ m.content or '' }} {{ eos_token }}{% endif %}{% endfor %}",
    "gemma": "{{ bos_token }}{% for m in messages %}<start_of_turn>{{ 'model' if m.role == 'assistant' else m.role }}\n{{ (m.content or '') | trim }}<end_of_turn>\n{% endfor %}" + GP + "<start_of_turn>model\n{% endif %}",
    "last thought only": "{% set ns = namespace(last=0) %}{% for m in messages %}{% if m.role == 'user' %}{% set ns.last = loop.index0 %}{% endif %}{% endfor %}{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' and loop.index0 > ns.last %}<think>\n\n</think>\n\n{% endif %}{{ m.content or '' }}<|im_end|>\n{% endfor %}" + GP + "<|im_start|>assistant\n{% endif %}",
    "peeks at the end": "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content or '' }}{% if not loop.last %}<|im_end|>\n{% endif %}{% endfor %}" + GP + "<|im_end|>\n<|im_start|>assistant\n{% endif %}",
    "state behind the loop": "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}<|im_start|>{{ m.role }}\n{{ m.content or '' }}<|im_end|>\n{% endfor %}" + GP + "<|im_start|>assistant {{ ns.n }}\n{% endif %}",
    "looks back": "{% for m in messages %}{% if loop.index0 > 0 and messages[loop.index0 - 1].role == m.role %}+{% endif %}<|im_start|>{{ m.role }}\n{{ m.content or '' }}<|im_end|>\n{% endfor %}" + GP + "<|im_start|>assistant\n{% endif %}",
    "looks one further": "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content or '' }}{% if not (loop.index0 + 1 < messages | length and messages[loop.index0 + 1].role == m.role) %}<|im_end|>\n{% endif %}{% endfor %}" + GP + "<|im_start|>assistant\n{% endif %}",
    "macro and filter": "{% macro turn(m) %}<|im_start|>{{ m.role }}\n{{ m.content or '' }}<|im_end|>\n{% endmacro %}{% for m in messages if m.role != 'tool' %}{{ turn(m) }}{% endfor %}" + GP + "<|im_start|>assistant\n{% endif %}",
    "captured": "{% set all %}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content or '' }}<|im_end|>\n{% endfor %}{% endset %}{{ all }}" + GP + "<|im_start|>assistant\n{% endif %}",
    "counted": "{{ messages | length }}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content or '' }}<|im_end|>\n{% endfor %}" + GP + "<|im_start|>assistant\n{% endif %}",
    "end behind all": "{% for m in messages %}{{ m.role }}: {{ m.content or '' }}\n{% endfor %}" + GP + "assistant:{% else %}{{ eos_token }}{% endif %}",
    "dict access": "{%- for message in messages -%}{{ '<|im_start|>' + message['role'] + '\\n' }}{{- message['content'] if message['content'] else '' -}}{{ '<|im_end|>' + '\\n' }}{%- endfor -%}{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}",
}
templates = dict(WRITTEN)
folders = [os.environ["DUBITO_PEERS"], os.environ.get("DUBITO_TEMPLATES", "")]
for folder in filter(None, folders):
    for path in sorted(glob.glob(folder + "/**/*.jinja", recursive=True)): templates[os.path.basename(path)] = open(path, encoding="utf-8").read()

SPECIALS = ["<|begin_of_text|>", "<|im_start|>", "<|im_end|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<start_of_turn>", "<end_of_turn>", "<s>", "</s>", "[INST]", "[/INST]", "<|endoftext|>"]
work = tempfile.mkdtemp(prefix="dubito-masks-")
def makeTokenizer():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False)
    tokenizer.decoder = decoders.ByteLevel()
    words = "The answer is yes no seven rivers 42 and some words more hello world assistant user system tool call function name arguments think".split()
    text = [" ".join(R.choice(words) for _ in range(12)) + "\n" for _ in range(200)] + ["中文思考äöß 😀\n"] * 40
    tokenizer.train_from_iterator(text, trainers.BpeTrainer(vocab_size=700, special_tokens=SPECIALS, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False))
    tokenizer.save(work + "/tokenizer.json")
    return tokenizer
tokenizer = makeTokenizer()

words = ["yes", "No", "42", "rivers", "the answer", "中文", "思考。", "äß", "😀", "is", "seven words", "x = 3;", "\n", " ", "assistant", "{}", "<b>", "don't"]
def text(least=1): return "".join(R.choice(words) + R.choice(["", " ", " ", "\n"]) for _ in range(R.randrange(least, 9)))
def answer(number):
    kind = R.choice(["one", "many", "many", "empty", "call", "both", "spaces"])
    message = {"role": "assistant", "content": {"one": "Yes", "many": text(2), "empty": "", "call": "" if R.random() < .5 else None, "both": text(), "spaces": " " + text() + "\n"}[kind]}
    if kind in ("call", "both"):
        message["tool_calls"] = [{"type": "function", "id": f"call{number:05d}", "function": {"name": R.choice(["find", "add"]), "arguments": {"q": text(), "n": R.randrange(9)}}}]
    if R.random() < .07: message["weight"] = R.choice([0, 1])
    return kind, message
def talk():
    messages, kinds = [], []
    if R.random() < .3: messages.append({"role": "system", "content": text()})
    if R.random() < .03: messages.append(answer(0)[1])
    for number in range(R.randrange(1, 5)):
        messages.append({"role": "user", "content": text()})
        kind, message = answer(number)
        kinds.append(kind)
        messages.append(message)
        if "tool_calls" in message and R.random() < .8:
            messages.append({"role": "tool", "content": text(), "name": message["tool_calls"][0]["function"]["name"], "tool_call_id": message["tool_calls"][0]["id"]})
            if R.random() < .7: messages.append({"role": "assistant", "content": text()})
    return kinds, messages
TOOLS = [{"type": "function", "function": {"name": "find", "description": "Finds", "parameters": {"type": "object", "properties": {"q": {"type": "string"}, "n": {"type": "integer"}}, "required": ["q"]}}}]

compiled = {}
for name, source in list(templates.items()):
    try: compiled[name] = env.from_string(source)
    except jinja2.TemplateSyntaxError: del templates[name]
TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}
def render(name, messages, tools, asked):
    return compiled[name].render(messages=copy.deepcopy(messages), tools=copy.deepcopy(tools), documents=None, add_generation_prompt=asked, **TOKENS)
def attempt(*what):
    try: return render(*what)
    except Exception: return None
class Unclear(Exception): pass
def turnsOf(name, messages, tools, whole):
    """Characters that answers hold: [first, last). Unclear where only the message's own words say it and are not found once."""
    out = []
    for k, message in enumerate(messages):
        if message["role"] != "assistant" or message.get("weight") == 0: continue
        before, asked, upTo = (attempt(name, messages[:k], tools, False), attempt(name, messages[:k], tools, True), attempt(name, messages[:k + 1], tools, False))
        own = None
        content = message.get("content") or ""
        isBehind = before is not None and asked is not None and len(asked) > len(before) and whole.startswith(asked)
        if not isBehind or upTo is None or not whole.startswith(upTo):
            # Known from the message's own words alone.
            if message.get("tool_calls") or content != content.strip(): raise Unclear
            at = whole.find(content) if content else -1
            if content and (at < 0 or whole.find(content, at + 1) >= 0): raise Unclear
            if content: own = (at, at + len(content))
            elif not isBehind: continue
        if isBehind and own and len(asked) > own[0]: isBehind = False
        first = len(asked) if isBehind else own[0]
        last = own[1] if own else len(asked)
        if isBehind and upTo is not None and whole.startswith(upTo):
            last = max(last, len(upTo.rstrip(" \t\r\n")))
            # Nothing but white space behind the answer: whether it is the answer's own cannot be seen in the text.
            own = message.get("content") or ""
            if own != own.rstrip() and upTo.rstrip().endswith(own.strip()): raise Unclear
        if first < last: out.append((first, last))
    return out
def maskOf(whole, turns, ends):
    encoded = tokenizer.encode(whole, add_special_tokens=False)
    said = [any(b > first and a < last for first, last in turns) for a, b in encoded.offsets]
    closes = [i > 0 and said[i - 1] and encoded.ids[i - 1] not in ends and encoded.ids[i] in ends for i in range(len(said))]
    return encoded.ids, [int(a or b) for a, b in zip(said, closes)]

cases, counts, refusedHere = [], collections.Counter(), 0
names = sorted(templates)
tries = 0
while len(cases) < given.cases and tries < given.cases * 20:
    tries += 1
    name = names[tries % len(names)]
    kinds, messages = talk()
    tools = TOOLS if R.random() < .3 else None
    whole = attempt(name, messages, tools, False)
    if whole is None: refusedHere += 1; continue
    cases.append((name, kinds, messages, tools, whole))
lines = [work + "/tokenizer.json", NOW.strftime("%Y-%m-%d %H:%M:%S")]
lines += [json.dumps({"template": templates[name], "messages": messages, "tools": tools, "tokens": TOKENS}, ensure_ascii=False) for name, _, messages, tools, _ in cases]
answers = subprocess.run([given.program], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True).stdout.splitlines()
assert len(answers) == len(cases)
differ, reasons, families, kindsSeen, grown = 0, collections.Counter(), set(), collections.Counter(), 0
for (name, kinds, messages, tools, whole), line in zip(cases, answers):
    mine = json.loads(line)
    if "error" in mine: counts["refused"] += 1; reasons[name + ": " + mine["error"][:140]] += 1; continue
    try: turns = turnsOf(name, messages, tools, whole)
    except Unclear: counts["unclear here"] += 1; continue
    ids, mask = maskOf(whole, turns, mine["ends"])
    if mine["text"] == whole and mine["ids"] == ids and mine["mask"] == mask:
        counts["equal"] += 1
        families.add(name)
        kindsSeen.update(kinds)
        grown += mine["grows"]
        continue
    differ += 1
    if differ <= 12:
        print("differs:", name, json.dumps(messages, ensure_ascii=False)[:900])
        if mine["text"] != whole:
            at = next((i for i, (a, b) in enumerate(zip(mine["text"], whole)) if a != b), min(len(mine["text"]), len(whole)))
            print("  text at", at, repr(mine["text"][at - 20:at + 60]), "for", repr(whole[at - 20:at + 60]))
        elif mine["ids"] != ids: print("  ids")
        else:
            encoded = tokenizer.encode(whole, add_special_tokens=False)
            print("  learns", repr("".join(whole[a:b] for (a, b), m in zip(encoded.offsets, mine["mask"]) if m)), "\n  for   ", repr("".join(whole[a:b] for (a, b), m in zip(encoded.offsets, mask) if m)))
for reason, n in reasons.most_common(20): print(f"refused {n}: {reason}")
print(f"{len(cases)} talks tried, seed {given.seed}, {len(families)} templates of {len(templates)}: {counts['equal']} equal ({grown} from one rendering; answers: {dict(kindsSeen)}), "
      f"{counts['refused']} refused, {counts['unclear here']} not decided here, {differ} differ; {refusedHere} talks the reference refuses were not asked")
sys.exit(differ > 0 or counts["equal"] < len(cases) / 2)
