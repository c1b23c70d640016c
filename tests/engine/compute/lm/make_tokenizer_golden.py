# Makes tokenizer_golden.jsonl: 2,400 strings and their ids by Hugging Face tokenizers 0.23 (Apache-2.0) over the packaged vocabulary.
# usage: python3 make_tokenizer_golden.py FOLDER > tokenizer_golden.jsonl   (FOLDER as `dubito models convert` writes it)
import json, random, sys
from tokenizers import Tokenizer

# Without its added tokens, special spellings are plain text: what a person writes.
with open(sys.argv[1] + "/tokenizer.json") as f: source = json.load(f)
tok = Tokenizer.from_str(json.dumps({**source, "added_tokens": []}))
r = random.Random(20)
en = "the a of model layer token when she said it's they'll don't we've I'm you're he'd Don'T CAN'T because light river machine engine thought doubt".split()
zh = "思考语言模型怀疑故我存在今天天气很好机器学习东西中文字符数据研究员层注意力"
code = ["def f(x):", "    return x**2", "for (int i = 0; i < n; ++i)", "if a && b {", "\tprintf(\"%d\\n\", x);", "// comment", "x += 1;", "<div class='a'>", "#include <vector>", "SELECT * FROM t WHERE a >= 10;", "λ x → x + 1"]
emoji = ["😁", "👩‍🚀", "🇫🇷", "👍🏽", "🎉🎉", "❤️", "🏳️‍🌈"]
space = [" ", "  ", "   ", "\n", "\n\n", "\r\n", "\t", "\u00a0", "\u3000", " \n ", "\u2003", "\u180e", "\u200b", "\u0085", "\u2028"]
marks = ["e\u0301", "n\u0303", "a\u0308\u0301", "\u0915\u094d\u0937", "\u1100\u1161", "Cửa Việt", "naïve", "Å", "ﬁ", "Ⅷ", "½", "٣٤", "९८", "①②"]
special = ["<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|im_start", "im_end|>", "<|im|>", "<repo_name>"]
other = ["Привет, мир", "γειά σου", "こんにちは世界", "안녕하세요", "مرحبا بالعالم", "שלום", "नमस्ते", "ภาษาไทย", "ſ's 'S 'ſ", "…—“quoted”", "!!!???", "$3.14", "a@b.co", "https://x.y/z?q=1&r=2#s", "C++20", "10%", "#1", "--", "_x_", "(a)[b]{c}"]

def digits(): return "".join(r.choice("0123456789") for _ in range(r.randint(1, 12)))
def piece():
    k = r.randint(0, 9)
    if k <= 1: return " ".join(r.choice(en) for _ in range(r.randint(1, 8)))
    if k == 2: return "".join(r.choice(zh) for _ in range(r.randint(1, 10)))
    if k == 3: return r.choice(code)
    if k == 4: return r.choice(emoji)
    if k == 5: return r.choice(space) * r.randint(1, 3)
    if k == 6: return digits()
    if k == 7: return r.choice(marks)
    if k == 8: return r.choice(special)
    return r.choice(other)

for i in range(2400):
    text = "".join(piece() + r.choice(["", " ", ""]) for _ in range(r.randint(1, 7)))
    ids = tok.encode(text, add_special_tokens=False).ids
    print(json.dumps({"text": text, "ids": ids}, ensure_ascii=False, separators=(",", ":")))
