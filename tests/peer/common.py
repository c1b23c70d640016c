# What the suites beside this file share: their arguments, where their peers lie, the talks they make, real templates, Jinja as transformers sets it up.
import argparse, copy, datetime, glob, os, random, sys

if not os.environ.get("DUBITO_PEERS"): sys.exit(77)
sys.path.insert(0, os.environ["DUBITO_PEERS"])

def arguments(cases, *more):
    """The program that is compared, --seed, --cases, and `more` of (name, options)."""
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=cases)
    for name, options in more: parser.add_argument(name, **options)
    given = parser.parse_args()
    return given, random.Random(given.seed)

NOW = datetime.datetime(2026, 3, 9, 7, 5, 1)
TOKENS = {"bos_token": "<s>", "eos_token": "</s>"}
TOOLS = [{"type": "function", "function": {"name": "find", "description": "Finds", "parameters": {"type": "object", "properties": {"q": {"type": "string"}, "n": {"type": "integer"}}, "required": ["q"]}}}]

def realTemplates():
    """*.jinja of DUBITO_TEMPLATES and of packages among the peers that speak of messages."""
    out = {}
    for folder in filter(None, [os.environ["DUBITO_PEERS"], os.environ.get("DUBITO_TEMPLATES", "")]):
        for path in sorted(glob.glob(folder + "/**/*.jinja", recursive=True)):
            source = open(path, encoding="utf-8").read()
            if "messages" in source: out[os.path.basename(path)] = source
    return out

def quiet():
    import transformers
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()

class Renderer:
    """One template under transformers' own settings of Jinja. `marked` sees what a {% generation %} block holds."""
    def __init__(self, source, tojson=None):
        from transformers.utils import chat_template_utils as of
        self.of, self.template = of, of._cached_compile_jinja_template(source)
        if tojson:
            known = self.template.environment.filters["tojson"]
            self.template.environment.filters["tojson"] = lambda value, **more: tojson(known(value, **more))
    def marked(self, messages, tools, asked):
        return self.of._render_with_assistant_indices(self.template, copy.deepcopy(messages), copy.deepcopy(tools), None, asked, strftime_now=NOW.strftime, **TOKENS)
    def __call__(self, messages, tools, asked):
        """Nothing: the template refuses that."""
        try: return self.marked(messages, tools, asked)[0]
        except Exception: return None

class Talks:
    """Random talks: answers of one token, of many, empty, calls of tools, thoughts, white space at their edges."""
    words = ["yes", "No", "42", "rivers", "the answer", "中文", "思考。", "äß", "😀", "is", "seven words", "x = 3;", "\n", " ", "assistant", "{}", "<b>", "don't"]
    def __init__(self, R): self.R = R
    def text(self, least=1): return "".join(self.R.choice(self.words) + self.R.choice(["", " ", " ", "\n"]) for _ in range(self.R.randrange(least, 9)))
    def answer(self, number):
        R = self.R
        kind = R.choice(["one", "many", "many", "empty", "call", "both", "spaces", "thought"])
        content = {"one": "Yes", "many": self.text(2), "empty": "", "call": "" if R.random() < .5 else None, "both": self.text(), "spaces": " " + self.text() + "\n",
                   "thought": "<think>\n" + self.text() + "\n</think>\n\n" + self.text()}[kind]
        message = {"role": "assistant", "content": content}
        if kind == "thought" and R.random() < .4: message.update(content=self.text(), reasoning_content=self.text())
        if kind in ("call", "both"):
            message["tool_calls"] = [{"type": "function", "id": f"call{number:05d}", "function": {"name": R.choice(["find", "add"]), "arguments": {"q": self.text(), "n": R.randrange(9)}}}]
        if R.random() < .07: message["weight"] = R.choice([0, 1])
        return kind, message
    def talk(self):
        """(kinds of its answers, messages)"""
        R, messages, kinds = self.R, [], []
        if R.random() < .3: messages.append({"role": "system", "content": self.text()})
        if R.random() < .03: messages.append(self.answer(0)[1])
        for number in range(R.randrange(1, 5)):
            messages.append({"role": "user", "content": self.text()})
            kind, message = self.answer(number)
            kinds.append(kind)
            messages.append(message)
            if "tool_calls" in message and R.random() < .8:
                call = message["tool_calls"][0]
                messages.append({"role": "tool", "content": self.text(), "name": call["function"]["name"], "tool_call_id": call["id"]})
                if R.random() < .7: messages.append({"role": "assistant", "content": self.text()})
        return kinds, messages
