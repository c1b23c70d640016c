# Opt-in (label peer): the loss masks of generated talks against masks worked out here, character by character, from transformers'
# renderings and the offsets of `tokenizers`. The rule is written down twice and shares no code: a token is learned when it holds a
# character of an answer, and so is the end token behind one. An answer begins behind the generation prompt and ends where the talk up to
# it ends, white space aside; where a template writes no such beginnings it is what comes from the message itself, and that is seen by
# rendering the talk once more with each word between two characters of the private area that name the message. What a {% generation %}
# block holds is told by transformers.
# usage: DUBITO_PEERS=FOLDER python3 check_masks.py MASK_TALKS [--seed N] [--cases N]   (FOLDER: jinja2, tokenizers, transformers; more
# templates are read from DUBITO_TEMPLATES, a folder of *.jinja)
# Exit code 77: peers are not there. 1: something differs; what differs is printed.
import collections, copy, itertools, json, re, shutil, subprocess, sys, tempfile
from common import NOW, TOKENS, TOOLS, Renderer, Talks, arguments, quiet, realTemplates
try:
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
except ImportError:
    sys.exit(77)
quiet()
given, R = arguments(2500)

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
    "marked": "{% for m in messages %}{% if m.role == 'assistant' %}<|im_start|>assistant\n{% generation %}{{ m.content or '' }}" + CALLS + "<|im_end|>{% endgeneration %}\n{% else %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endif %}{% endfor %}" + GP + "<|im_start|>assistant\n{% endif %}",
    "marked but for its end": "{% for m in messages %}<|im_start|>{{ m.role }}\n{% if m.role == 'assistant' %}{%- generation -%}{{ m.content or '' }}{%- endgeneration -%}{% else %}{{ m.content }}{% endif %}<|im_end|>\n{% endfor %}" + GP + "<|im_start|>assistant\n{% endif %}",
    "dict access": "{%- for message in messages -%}{{ '<|im_start|>' + message['role'] + '\\n' }}{{- message['content'] if message['content'] else '' -}}{{ '<|im_end|>' + '\\n' }}{%- endfor -%}{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\\n' }}{%- endif -%}",
}
templates = WRITTEN | realTemplates()

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

# The ends that a tokenizer.json without a configuration states.
ENDS = sorted(tokenizer.token_to_id(name) for name in ("<|im_end|>", "<|eot_id|>"))

class Unclear(Exception): pass
FIRST, PARTS = 0xE000, re.compile(r"(</?think>|\s+)")
SEVERAL = 900  # several messages wrote this
def mark(text, k): return chr(FIRST + 2 * k) + text + chr(FIRST + 2 * k + 1)
def bare(text): return "".join(c for c in text if not FIRST <= ord(c) < 0xF8FF)
def marksOf(text): return {(ord(c) - FIRST) // 2 for c in text if FIRST <= ord(c) < 0xF8FF}
def tojson(text):
    """JSON of a message's own words is its own from the first bracket to the last."""
    if re.search(r"\\\\u[eE][0-9a-fA-F]{3}", text): raise Unclear
    makers = marksOf(text)
    if not makers: return text
    return mark(bare(text), makers.pop() if len(makers) == 1 and '"role"' not in text else SEVERAL)
def markedText(text, k, how):
    """As one, which a template that trims would not keep; without its edges; or word by word, tags of thoughts aside."""
    if not text: return text
    if how == "whole": return mark(text, k)
    if how == "core":
        core = text.strip()
        return text.replace(core, mark(core, k), 1) if core else text
    return "".join(part if PARTS.fullmatch(part) else mark(part, k) for part in PARTS.split(text) if part)
def markedTalk(messages, hows, withNames):
    """`hows`: of contents, thoughts and arguments. "mixed": word by word where there is a thought, else as one."""
    out = copy.deepcopy(messages)
    def marked(text, k, how): return markedText(text, k, how if how != "mixed" else "words" if "</think>" in text else "whole")
    def inside(value, k):
        if isinstance(value, str): return marked(value, k, hows[2])
        if isinstance(value, dict): return {mark(name, k) if withNames else name: inside(one, k) for name, one in value.items()}
        if isinstance(value, list): return [inside(one, k) for one in value]
        return value
    for k, message in enumerate(out):
        for name, how in (("content", hows[0]), ("reasoning_content", hows[1])):
            if isinstance(message.get(name), str): message[name] = marked(message[name], k, how)
        for call in message.get("tool_calls", []):
            call["function"] = {"name": mark(call["function"]["name"], k), "arguments": inside(call["function"]["arguments"], k)}
            if withNames: call["id"] = mark(call["id"], k)
        if withNames and "name" in message: message["name"] = mark(message["name"], k)
        if withNames and "tool_call_id" in message: message["tool_call_id"] = mark(message["tool_call_id"], k)
    return out
compiled, marking = {}, {}
for name, source in list(templates.items()):
    try: compiled[name], marking[name] = Renderer(source), Renderer(source, tojson)
    except Exception: del templates[name]
def spansOf(text):
    """(message, first, last) of what each wrote, in places of the text without marks."""
    out, opened, at = [], [], 0
    for c in text:
        if not FIRST <= ord(c) < 0xF8FF: at += 1; continue
        k, closes = divmod(ord(c) - FIRST, 2)
        if not closes: opened.append((k, at)); continue
        if not opened or opened[-1][0] != k: raise Unclear
        _, first = opened.pop()
        if not opened and first < at: out.append((k, first, at))
    if opened: raise Unclear
    return out
def wordsOf(name, messages, tools, whole):
    for *hows, withNames in itertools.product(("whole", "mixed", "core", "words"), ("whole", "core", "words"), ("whole", "core", "words"), (True, False)):
        try:
            text = marking[name](markedTalk(messages, hows, withNames), tools, False)
            if text is not None and bare(text) == whole: return spansOf(text)
        except Unclear: continue
    raise Unclear
def isLearned(message): return message["role"] == "assistant" and message.get("weight") != 0
def ownOf(spans, messages):
    """What comes from each answer itself, up to where somebody else speaks: lists of [first, last)."""
    own, speaker, newest = {}, None, None
    for k, first, last in spans:
        goesOn, speaker = k == speaker, k
        if k >= len(messages) or not isLearned(messages[k]): continue
        if k not in own: own[k], newest = [(first, last)], k
        elif goesOn and newest == k: own[k].append((first, last))
    return own
def alike(a, b): return next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
def turnsOf(name, messages, tools, whole):
    """Characters that answers hold: [first, last)."""
    if "generation %}" in templates[name] or "generation -%}" in templates[name]:
        blocks = compiled[name].marked(messages, tools, False)[1]
        spans = wordsOf(name, messages, tools, whole) if any(message.get("weight") == 0 for message in messages) else []
        def isWanted(first, last):
            makers = {k for k, a, b in spans if a < last and b > first and k < len(messages)}
            return not makers or any(messages[k].get("weight") != 0 for k in makers)
        return [block for block in blocks if isWanted(*block)]
    own, out = ownOf(wordsOf(name, messages, tools, whole), messages), []
    for k, message in enumerate(messages):
        if not isLearned(message): continue
        before, asked, upTo = (compiled[name](messages[:n], tools, isAsked) for n, isAsked in ((k, False), (k, True), (k + 1, False)))
        words = own.get(k)
        begin, end = (words[0][0], words[-1][1]) if words else (None, None)
        # What the model is given ends where the talk and its generation prompt part.
        follows = before is not None and asked is not None and whole.startswith(before)
        parts = alike(asked, whole) if asked is not None else 0
        isBehind = before is not None and asked is not None and len(asked) > len(before) and parts > len(before) and (whole.startswith(asked) or follows) and (
            not words or parts <= begin or (follows and begin >= len(before)))
        if not words and not isBehind: continue
        first, last = parts if isBehind else begin, end if words else parts
        if words: first = min(first, begin)
        same = alike(upTo, whole) if upTo is not None else 0
        if isBehind and upTo is not None and same == len(upTo): last = max(min(last, len(upTo)), len(upTo.rstrip(" \t\r\n")))
        elif words and same > begin: last = min(same, [b for a, b in words if a < same][-1])
        if first < last: out.append((first, last))
    return out
def maskOf(whole, turns):
    encoded = tokenizer.encode(whole, add_special_tokens=False)
    said = [any(b > first and a < last for first, last in turns) for a, b in encoded.offsets]
    closes = [i > 0 and said[i - 1] and encoded.ids[i - 1] not in ENDS and encoded.ids[i] in ENDS for i in range(len(said))]
    return encoded.ids, [int(a or b) for a, b in zip(said, closes)]

cases, counts, refusedHere = [], collections.Counter(), 0
names = sorted(templates)
talks, tries = Talks(R), 0
while len(cases) < given.cases and tries < given.cases * 20:
    tries += 1
    name = names[tries % len(names)]
    kinds, messages = talks.talk()
    tools = TOOLS if R.random() < .3 else None
    whole = compiled[name](messages, tools, False)
    if whole is None: refusedHere += 1; continue
    cases.append((name, kinds, messages, tools, whole))
lines = [work + "/tokenizer.json", NOW.strftime("%Y-%m-%d %H:%M:%S")]
lines += [json.dumps({"template": templates[name], "messages": messages, "tools": tools, "tokens": TOKENS}, ensure_ascii=False) for name, _, messages, tools, _ in cases]
answers = subprocess.run([given.program], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True).stdout.splitlines()
assert len(answers) == len(cases)
shutil.rmtree(work)
reasons, families, kindsSeen, unclear, grown = collections.Counter(), set(), collections.Counter(), collections.Counter(), 0
for (name, kinds, messages, tools, whole), line in zip(cases, answers):
    mine = json.loads(line)
    if "error" in mine: counts["refused"] += 1; reasons[name + ": " + mine["error"][:140]] += 1; continue
    try: turns = turnsOf(name, messages, tools, whole)
    except Unclear: unclear[name] += 1; continue
    ids, mask = maskOf(whole, turns)
    if mine["text"] == whole and mine["ids"] == ids and mine["mask"] == mask and sorted(mine["ends"]) == ENDS:
        counts["equal"] += 1
        families.add(name)
        kindsSeen.update(kinds)
        grown += mine["grows"]
        continue
    counts["differ"] += 1
    if counts["differ"] > 12: continue
    print("differs:", name, json.dumps(messages, ensure_ascii=False)[:900])
    if mine["text"] != whole:
        at = next((i for i, (a, b) in enumerate(zip(mine["text"], whole)) if a != b), min(len(mine["text"]), len(whole)))
        print("  text at", at, repr(mine["text"][at - 20:at + 60]), "for", repr(whole[at - 20:at + 60]))
    elif mine["ids"] != ids: print("  ids")
    elif sorted(mine["ends"]) != ENDS: print("  ends", mine["ends"], "for", ENDS)
    else:
        encoded = tokenizer.encode(whole, add_special_tokens=False)
        print("  learns", repr("".join(whole[a:b] for (a, b), m in zip(encoded.offsets, mine["mask"]) if m)), "\n  for   ", repr("".join(whole[a:b] for (a, b), m in zip(encoded.offsets, mask) if m)))
for reason, n in reasons.most_common(20): print(f"refused {n}: {reason}")
if unclear: print("not decided here:", dict(unclear.most_common(20)))
print(f"{len(cases)} talks tried, seed {given.seed}, {len(families)} templates of {len(templates)}: {counts['equal']} equal ({grown} from one rendering; answers: {dict(kindsSeen)}), "
      f"{counts['refused']} refused, {sum(unclear.values())} not decided here, {counts['differ']} differ; {refusedHere} talks the reference refuses were not asked")
sys.exit(counts["differ"] > 0 or counts["equal"] < len(cases) * 9 / 10)
