# Opt-in (label peer): generated tokenizer.json files and texts through Dubito and through the tokenizers library.
# usage: DUBITO_PEERS=FOLDER python3 check_tokenizers.py ENCODE_TEXTS [--seed N] [--cases N]   (ENCODE_TEXTS: the program of that name)
# Exit code 77: not asked for, or tokenizers is not there. 1: ids or texts differ. The fixed cases ask for every assigned code point of
# Python's Unicode; normal forms and categories are asked for those of Unicode 3.2 alone, because the library keeps the tables of an early Unicode: of
# characters that came later it and this program may say otherwise, and neither refuses them.
import argparse, base64, io, json, os, random, subprocess, sys, tempfile, unicodedata
from collections import Counter
if not os.environ.get("DUBITO_PEERS"): sys.exit(77)
sys.path.insert(0, os.environ["DUBITO_PEERS"])
try:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers, decoders
except ImportError:
    sys.exit(77)
args = argparse.ArgumentParser()
args.add_argument("program"); args.add_argument("--seed", type=int, default=1); args.add_argument("--cases", type=int, default=2400)
args = args.parse_args()
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the library's own words on files it does not take
R = random.Random(args.seed)
TEXTS = 20
def charsmaps():  # the tables of replacements that SentencePiece writes into its models
    try:
        import sentencepiece
        from sentencepiece import sentencepiece_model_pb2
    except ImportError:
        return [""]
    out = []
    for rule in ("nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf"):
        written = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter(["the cat sat %d" % i for i in range(99)]), model_writer=written, vocab_size=40, model_type="unigram", normalization_rule_name=rule, minloglevel=3, hard_vocab_limit=False)
        proto = sentencepiece_model_pb2.ModelProto()
        proto.ParseFromString(written.getvalue())
        out.append(base64.b64encode(proto.normalizer_spec.precompiled_charsmap).decode())
    return out
CHARSMAPS = charsmaps()
words = ["the", "The", "cat", "HELLO", "helloWorld", "don't", "We'LL", "I'm", "123", "1234567", "3.14", "naïve", "Café", "e\u0301", "A\u030a", "ﬁt", "½", "²", "中文", "日本語", "カタカナ", "한국어", "العربية", "ไทย", "हिन्दी", "😀", "👨‍👩‍👧", "🇩🇪", "ß", "İ", "ΑΣ", "ǅ", "x_y", "a-b", "(", ")", "...", "!?", "#", "$", "€", "<", ">", "<think>", "</think>", "<s>", "</s>", "<|im_end|>", "<mask>", "tok", "new word", "▁", "▁the", "Ġ", "[", "]", "[UNK]", "\u200b", "\u00ad", "\u180e", "\u0378", "\ue000", "\x00", "\x07", "\ufffd", "http://a.b/c?d=1", "def f(x):", "//", "/*", "aaaaaaaa", "zzz", "٣", "Ⅷ", "x²", "\u02bcn", "ſs", "K"]
spaces = [" ", "  ", "   ", "\n", "\r\n", "\n\n", "\t", "\u00a0", "\u3000", "\u2003", "\u0085", "\u2028", "", "", " ", " "]
def text():
    if R.random() < .03: return ""
    return "".join(R.choice([R.choice(words), R.choice(words), "".join(R.choice("abcdehilostuw ") for _ in range(R.randrange(9)))]) + R.choice(spaces) for _ in range(R.randrange(1, 9)))
contraction = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
upper, lower = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
known = [
    contraction + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    contraction + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    rf"[^\r\n\p{{L}}\p{{N}}]?{upper}*{lower}+{contraction}?|[^\r\n\p{{L}}\p{{N}}]?{upper}+{lower}*{contraction}?|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s",
    r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    r" ?[^(\s|[.,!?…。，、।۔،])]+", r"[一-龥\u3040-ゟ゠-ヿ]+", r"\p{N}{1,3}", r"[0-9][0-9][0-9]", r"\s+", r"\n", r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+"]
odd = [r"\w+", r"\W", r"[^\w\s]+", r"\d+", r"\D+", r"\h+", r"\b\w", r"\B.", r".", r"..", r"^.", r".$", r"(?m:.+)", r"a*", r"a{,2}", r"a{2,}", r"a{2}", r"[a-c]{1,2}?", r"a+?", r"(?<=a).", r"(?<!a)b", r"(?=b)", r"x|", r"(a|b)+", r"(?>a|ab)c", r"(?i)the|cat", r"(?i:k)", r"[^a-z]", r"[\p{Han}\p{Hiragana}]", r"\p{^L}+", r"\P{L}", r"[\s\d]", r"[\S]", r"\x41", r"\x{4e2d}", r"\u4e2d", r"\A.", r".\z", r"[a-]", r"[\-a]", r"a(?i)b|c", r"(a)\1", r"(?<n>a)\k<n>", r"[a&&b]", r"[[:alpha:]]+", r"\R", r"\X", r"\p{Alpha}", r"[]a]", r"(?i)ss|st", r"[a[bc]]", r"[a[^bc]]", r"a++b", r"a?+", r"a{1,2}+", r"a{2}?", r"\K", r"(?~a)", r"(?x) a", r"(?#c)a", r"{", r"a{", r"}", r"\p{Sc}", r"(|a)b", r"[^\S\n]", r"\e", r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+", r"\t|\f|\v", r"\/", r"a**", r"(?:)", r"[\w']+"]
def pattern(): return R.choice(known) if R.random() < .5 else R.choice(odd)
def literal(): return R.choice([" ", "a", "the", "\n", "▁", "'", ".", "中", "aa", "  ", ", "])
def pat():
    return {"String": literal()} if R.random() < .3 else {"Regex": pattern()}
def normalizer(d=0):
    c = R.random()
    if d == 0 and c < .3: return None
    k = R.choice(["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "Strip", "StripAccents", "Replace", "Prepend", "Sequence", "BertNormalizer", "Nmt", "Replace", "Precompiled"])
    if k == "Strip": return {"type": k, "strip_left": R.random() < .5, "strip_right": R.random() < .5}
    if k == "Replace": return {"type": k, "pattern": pat(), "content": R.choice(["", " ", "▁", "x", "中", "aa"])}
    if k == "Prepend": return {"type": k, "prepend": R.choice(["▁", " ", "x", "ab"])}
    if k == "Sequence": return {"type": k, "normalizers": [normalizer(1) for _ in range(R.randrange(4))]} if d < 2 else {"type": "NFKC"}
    if k == "BertNormalizer": return {"type": k, "clean_text": R.random() < .7, "handle_chinese_chars": R.random() < .7, "strip_accents": R.choice([None, True, False]), "lowercase": R.random() < .5}
    if k == "Precompiled": return {"type": k, "precompiled_charsmap": R.choice(CHARSMAPS)}
    return {"type": k}
BEH = ["Isolated", "Removed", "MergedWithPrevious", "MergedWithNext", "Contiguous"]
def split(d=0):
    k = R.choice(["Split", "Split", "Split", "Digits", "Whitespace", "WhitespaceSplit", "Punctuation", "Metaspace", "BertPreTokenizer", "CharDelimiterSplit", "FixedLength", "UnicodeScripts" if R.random() < .2 else "Split"])
    if k == "Split": return {"type": k, "pattern": pat(), "behavior": R.choice(BEH + ["Isolated"] * 5), "invert": R.random() < .25}
    if k == "Digits": return {"type": k, "individual_digits": R.random() < .5}
    if k == "Punctuation": return {"type": k, "behavior": R.choice(BEH)}
    if k == "Metaspace": return {"type": k, "replacement": R.choice(["▁", "▁", "_"]), "prepend_scheme": R.choice(["always", "first", "never"]), "split": R.random() < .6}
    if k == "CharDelimiterSplit": return {"type": k, "delimiter": R.choice([" ", "a", "\n"])}
    if k == "FixedLength": return {"type": k, "length": R.randrange(1, 6)}
    return {"type": k}
def bytelevel(): return {"type": "ByteLevel", "add_prefix_space": R.random() < .3, "trim_offsets": R.random() < .5, "use_regex": R.random() < .6}
def seq(parts): return parts[0] if len(parts) == 1 and R.random() < .7 else {"type": "Sequence", "pretokenizers": parts}
def pretok(byte):
    parts = [split() for _ in range(R.randrange(3))]
    if byte: parts.append(bytelevel())
    if byte and R.random() < .04: parts.append(split())
    return seq(parts) if parts else None
def added(n):
    out = []
    for content in R.sample(["<think>", "</think>", "<tool_call>", "<s>", "</s>", "<|im_end|>", "<mask>", "tok", "new word", "  ", "\n\n", "the", "é", "HELLO", "<", "<thin", "中文", "▁the", "'", "ﬁ", "cat "], R.randrange(9)):
        sp = R.random() < .5
        out.append({"id": None, "content": content, "single_word": R.random() < .2, "lstrip": R.random() < .25, "rstrip": R.random() < .25, "normalized": (not sp) if R.random() < .7 else R.random() < .5, "special": sp})
    return out
corpus = [text() for _ in range(400)]
def model(kind, norm, pre):
    spec = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": norm, "pre_tokenizer": pre, "post_processor": None, "decoder": None,
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": {}, "merges": []}}
    if kind == "Unigram":
        t = Tokenizer.from_str(json.dumps({**spec, "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0]], "byte_fallback": False}}))
        start = ["<pad>", "</s>", "<unk>"] if R.random() < .5 else ["<unk>", "<s>", "</s>"]
        trainer = trainers.UnigramTrainer(vocab_size=R.choice([120, 240, 500]), special_tokens=start, unk_token="<unk>", show_progress=False)
    elif kind in ("WordPiece", "WordLevel"):
        t = Tokenizer.from_str(json.dumps({**spec, "model": {"type": "WordLevel", "vocab": {"[UNK]": 0}, "unk_token": "[UNK]"}}))
        if kind == "WordLevel": trainer = trainers.WordLevelTrainer(vocab_size=150, special_tokens=["[UNK]"], show_progress=False)
        else:
            t.model = models.WordPiece(unk_token="[UNK]")
            trainer = trainers.WordPieceTrainer(vocab_size=260, special_tokens=["[UNK]"], show_progress=False)
    else:
        t = Tokenizer.from_str(json.dumps(spec))
        more = {}
        if kind == "char" and R.random() < .3: more["continuing_subword_prefix"] = R.choice(["##", "@"])
        if kind == "char" and R.random() < .3: more["end_of_word_suffix"] = R.choice(["</w>", "_"])
        start = ["<unk>"] if R.random() < .7 else []
        if R.random() < .5: start += [f"<0x{b:02X}>" for b in range(256)]
        alphabet = pre_tokenizers.ByteLevel.alphabet() if kind == "byte" and R.random() < .85 else []
        trainer = trainers.BpeTrainer(vocab_size=R.choice([320, 420, 600, 800]), special_tokens=start, initial_alphabet=alphabet, limit_alphabet=R.choice([30, 80, 400]), show_progress=False, **more)
    t.train_from_iterator(R.sample(corpus, 120), trainer)
    out = json.loads(t.to_str())
    m = out["model"]
    if m["type"] == "BPE":
        if "<unk>" in m["vocab"] and R.random() < .7: m["unk_token"] = "<unk>"
        m["fuse_unk"] = R.random() < .5
        m["byte_fallback"] = R.random() < (.6 if kind == "char" else .03)
        m["ignore_merges"] = R.random() < .3
        if R.random() < .3: m["merges"] = [" ".join(x) for x in m["merges"]]
        if R.random() < .3 and len(m["merges"]) > 10: del m["merges"][5:8]
        if R.random() < .02: m["dropout"] = .1
    elif m["type"] == "Unigram":
        if R.random() < .4:
            m["byte_fallback"] = R.random() < .8
            m["vocab"] += [[f"<0x{b:02X}>", 0.0] for b in range(256)]
        if R.random() < .2: m["vocab"] = [[text, round(score, R.choice([1, 2]))] for text, score in m["vocab"]]  # equal sums
    elif m["type"] == "WordPiece" and R.random() < .4: m["max_input_chars_per_word"] = R.choice([4, 8, 100])
    out["added_tokens"] = []
    known = m["vocab"] if isinstance(m["vocab"], dict) else {text: i for i, (text, _) in enumerate(m["vocab"])}
    nextid = max(known.values()) + 1 if R.random() < .1 else len(known)
    for a in added(0):
        if a["content"] in known: a["id"] = known[a["content"]]
        else: a["id"] = nextid; nextid += 1
        out["added_tokens"].append(a)
    out["added_tokens"].sort(key=lambda a: a["id"])
    return out, nextid
def post(n, vocab):
    k = R.random()
    pick = lambda: R.choice(list(vocab.items()))
    if k < .3: return None
    if k < .45: return {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": False, "use_regex": True}
    if k < .55: a, b = pick(), pick(); return {"type": "BertProcessing", "sep": list(a), "cls": list(b)}
    if k < .62: a, b = pick(), pick(); return {"type": "RobertaProcessing", "sep": list(a), "cls": list(b), "trim_offsets": True, "add_prefix_space": False}
    if k < .7: return {"type": "Sequence", "processors": [p for p in (post(n, vocab) for _ in range(2)) if p]}
    single, names = [{"Sequence": {"id": "A", "type_id": 0}}], {}
    for side in (0, 1):
        for _ in range(R.choice([0, 1, 1, 2])):
            tok, i = pick(); names[tok] = {"id": tok, "ids": [i], "tokens": [tok]}
            single.insert(0 if side == 0 else len(single), {"SpecialToken": {"id": tok, "type_id": 0}})
    return {"type": "TemplateProcessing", "single": single, "pair": single + [{"Sequence": {"id": "B", "type_id": 1}}], "special_tokens": names}
def decoder(byte, d=0):
    if R.random() < .1 and d == 0: return None
    if byte and R.random() < .8: return {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    k = R.choice(["ByteLevel", "Metaspace", "Replace", "ByteFallback", "Fuse", "Strip", "WordPiece", "BPEDecoder", "Sequence", "Sequence", "CTC" if R.random() < .1 else "Fuse"])
    if k == "ByteLevel": return {"type": k, "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    if k == "Metaspace": return {"type": k, "replacement": "▁", "prepend_scheme": R.choice(["always", "first", "never"]), "split": True}
    if k == "Replace": return {"type": k, "pattern": {"String": R.choice(["▁", "a", "##"])}, "content": R.choice([" ", "", "b"])}
    if k == "Strip": return {"type": k, "content": R.choice([" ", "a"]), "start": R.randrange(3), "stop": 0}
    if k == "WordPiece": return {"type": k, "prefix": "##", "cleanup": R.random() < .5}
    if k == "BPEDecoder": return {"type": k, "suffix": "</w>"}
    if k == "CTC": return {"type": k, "pad_token": "<pad>", "word_delimiter_token": "|", "cleanup": True}
    if k == "Sequence": return {"type": k, "decoders": R.choice([[{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}], [decoder(byte, 1) for _ in range(2)]])}
    return {"type": k}
def code_points(old):  # the library's normal forms and categories are those of an early Unicode
    ucd = unicodedata.ucd_3_2_0 if old else unicodedata
    return [c for c in range(1, 0x30000) if not 0xD800 <= c < 0xE000 and ucd.category(chr(c)) != "Cn" and (not old or ucd.category(chr(c)) == unicodedata.category(chr(c)))]
def class_cases():
    base = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "post_processor": None, "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
            "model": {"type": "BPE", "vocab": {c: i for i, c in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}, "merges": []}}
    in_parts = lambda points: ["".join(chr(c) + "\x01" for c in points[i:i + 500]) for i in range(0, len(points), 500)]
    texts = in_parts(code_points(False))
    for r in [r"\w", r"[\w]", r"\W", r"\s", r"\S", r"[\S]", r"\d", r"\D", r"\h", r"(?i:s)", r"(?i:[sk])", r"\p{L}", r"\p{Lu}", r"\p{N}", r"\p{P}", r"\p{S}", r"\p{M}", r"\p{Han}", r"\p{Latin}", r"\b", r"."]:
        yield {**base, "normalizer": {"type": "Replace", "pattern": {"Regex": r}, "content": ""}}, texts, r
    texts = in_parts(code_points(True))
    for table in CHARSMAPS:
        if table: yield {**base, "normalizer": {"type": "Precompiled", "precompiled_charsmap": table}}, texts, "Precompiled"
    for n in ["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "BertNormalizer", "Nmt"]:
        spec = {"type": n} if n != "BertNormalizer" else {"type": n, "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True}
        yield {**base, "normalizer": spec}, texts, n
    for p in ["Digits", "Punctuation", "Whitespace", "WhitespaceSplit", "BertPreTokenizer"]:
        spec = {"type": p, **({"individual_digits": True} if p == "Digits" else {"behavior": "Removed"} if p == "Punctuation" else {})}
        vocab = {"[UNK]": 0}
        some = texts[:20]
        for t in some:
            for piece, _ in Tokenizer.from_str(json.dumps({**base, "normalizer": None, "pre_tokenizer": spec})).pre_tokenizer.pre_tokenize_str(t): vocab.setdefault(piece, len(vocab))
        yield {**base, "normalizer": None, "pre_tokenizer": spec, "model": {"type": "WordLevel", "vocab": vocab, "unk_token": "[UNK]"}}, some, p

tried, equal, looser, refused, differ = 0, 0, 0, Counter(), 0
asked, checks = [], []
def ask(spec, reference, texts, label):
    asked.append(json.dumps({"tokenizer": spec}, ensure_ascii=False)); checks.append(("open", spec, reference, label))
    for t in texts:
        special, ends = R.random() < .5, R.random() < .5
        asked.append(json.dumps({"text": t, "special": special, "ends": ends}, ensure_ascii=False)); checks.append(("text", t, special, ends))
for spec, texts, label in class_cases(): ask(spec, Tokenizer.from_str(json.dumps(spec)), texts, label)
made = 0
while made < args.cases:
    kind = R.choice(["byte", "byte", "byte", "char", "char", "Unigram", "Unigram", "WordPiece", "WordLevel"])
    try:
        spec, n = model(kind, normalizer(), pretok(kind == "byte"))
        spec["post_processor"] = post(n, {**(spec["model"]["vocab"] if isinstance(spec["model"]["vocab"], dict) else {text: i for i, (text, _) in enumerate(spec["model"]["vocab"])}), **{a["content"]: a["id"] for a in spec["added_tokens"]}})
        spec["decoder"] = decoder(kind == "byte")
        reference = Tokenizer.from_str(json.dumps(spec))
    except BaseException as e:
        if isinstance(e, KeyboardInterrupt): raise
        continue
    ask(spec, reference, [text() for _ in range(TEXTS)], kind)
    made += TEXTS
# vocab.txt: the same words as tokenizer.json with BERT's steps
with tempfile.TemporaryDirectory() as folder:
    lines = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + sorted(set("".join(words).lower()) - set(" \n")) + ["##" + c for c in "abcdefghijklmnopqrstuvwxyz"] + ["the", "cat", "hello", "##world", "cafe"]
    lines = [l for l in dict.fromkeys(lines) if l.strip() and not set(l) & set("\x00\x85\u2028\r\x0b\x0c")]
    open(os.path.join(folder, "vocab.txt"), "w", encoding="utf-8").write("\n".join(lines) + "\n")
    t = Tokenizer(models.WordPiece({l: i for i, l in enumerate(lines)}, unk_token="[UNK]"))
    t.normalizer, t.pre_tokenizer, t.decoder = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer(), decoders.WordPiece(cleanup=False)
    asked.append(json.dumps({"tokenizer": os.path.join(folder, "vocab.txt")})); checks.append(("open", "vocab.txt", t, "vocab.txt"))
    for _ in range(200):
        x = text(); asked.append(json.dumps({"text": x, "special": False, "ends": False}, ensure_ascii=False)); checks.append(("text", x, False, False))
    # SentencePiece's own files: BPE without and with bytes, against the library that wrote them
    try: import sentencepiece
    except ImportError: sentencepiece = None
    for n in range(12 if sentencepiece else 0):
        written = io.BytesIO()
        prefix, falls = R.random() < .5, R.random() < .5
        own = [] if prefix or R.random() < .5 else ["<think>", "\u2581\u2581", "\n"]
        sentencepiece.SentencePieceTrainer.train(sentence_iterator=iter([x.replace("\0", "") for x in R.sample(corpus, 150)]), model_writer=written, vocab_size=900, model_type="bpe", normalization_rule_name="identity", remove_extra_whitespaces=False, add_dummy_prefix=prefix, byte_fallback=falls, user_defined_symbols=own, character_coverage=.98, minloglevel=3, hard_vocab_limit=False)
        path = os.path.join(folder, "%d.model" % n)
        open(path, "wb").write(written.getvalue())
        asked.append(json.dumps({"tokenizer": path})); checks.append(("open", "tokenizer.model", sentencepiece.SentencePieceProcessor(model_file=path), "tokenizer.model"))
        for _ in range(60):
            x = text().replace("\0", ""); asked.append(json.dumps({"text": x, "special": False, "ends": False}, ensure_ascii=False)); checks.append(("text", x, False, False))
    answers = subprocess.run([args.program], input="".join(a + "\n" for a in asked), capture_output=True, text=True, encoding="utf-8")
if answers.returncode: sys.exit("the program ended with code %d: %s" % (answers.returncode, answers.stderr[-2000:]))
answers = answers.stdout.split("\n")[:-1]
assert len(answers) == len(checks)
current, shown = None, Counter()
made_tried, made_differ = 0, 0
for check, line in zip(checks, answers):
    mine = json.loads(line)
    if check[0] == "open":
        current = (check[1], check[2], check[3], mine.get("error"))
        if mine.get("error"): refused[mine["error"].split(":")[0][:110] if "split pattern" not in mine["error"] else "split pattern: " + mine["error"].split("exactly: ")[-1].split(" at byte")[0].split("is not run: ")[-1][:70]] += 1
        continue
    spec, reference, label, error = current
    if error: continue
    _, t, special, ends = check
    tried += 1
    generated = label in ("byte", "char", "Unigram", "WordPiece", "WordLevel")
    made_tried += generated
    try:
        if label == "tokenizer.model": ids, decoded = reference.encode(t), None
        else:
            reference.encode_special_tokens = not special
            ids = reference.encode(t, add_special_tokens=ends).ids
            decoded = reference.decode(ids, skip_special_tokens=True)
    except BaseException as e:
        if isinstance(e, KeyboardInterrupt): raise
        looser += 1; continue
    plain = label in ("vocab.txt", "tokenizer.model") or spec["decoder"] is None and "ByteLevel" in json.dumps(spec["pre_tokenizer"])
    if mine.get("ids") == ids and (plain or mine.get("decoded") == decoded): equal += 1; continue
    differ += 1; made_differ += generated; shown[label] += 1
    if shown[label] <= 3:
        print("differs:", label, repr(t)[:120], "special" if special else "plain", "ends" if ends else "")
        if not isinstance(spec, str): print("  ", json.dumps({k: v for k, v in spec.items() if k not in ("model", "version", "truncation", "padding")}, ensure_ascii=False)[:2500], {k: v for k, v in spec["model"].items() if k not in ("vocab", "merges")})
        mi = mine.get("ids", mine)
        at = next((i for i, (a, b) in enumerate(zip(mi, ids)) if a != b), min(len(mi), len(ids))) if isinstance(mi, list) else 0
        print("   ids", "equal" if mi == ids else f"from {at}: {mi[at:at+12] if isinstance(mi, list) else mi} for {ids[at:at+12]} = {[(reference.id_to_piece if label == 'tokenizer.model' else reference.id_to_token)(i) for i in ids[at:at+12]]}")
        if mine.get("decoded") != decoded: print("   text", repr(mine.get("decoded"))[:120], "for", repr(decoded)[:120])
print(f"{made_tried} generated cases ({made_differ} differ) and {tried - made_tried} fixed ones, seed {args.seed}: {equal} equal, {differ} differ {dict(shown)}, {looser} that the reference refuses are taken; {sum(refused.values())} files refused:")
for reason, n in refused.most_common(): print(f"  {n} {reason}")
sys.exit(differ > 0)
