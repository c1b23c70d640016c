# Opt-in (label peer): random templates through Dubito's interpreter and through Jinja 3.1, set up as chat templates are run.
# usage: DUBITO_PEERS=FOLDER python3 check_templates.py RENDER_TEMPLATES [--seed N] [--cases N]
# (RENDER_TEMPLATES: the program of that name; FOLDER: jinja2; with transformers, the real templates of DUBITO_TEMPLATES, a folder of *.jinja, are
# rendered as well, each over many talks)
# Exit code 77: not asked for, or jinja2 is not there. 1: one differs; what differs is printed. Not asked: what Jinja itself gives two answers to
# (its compiler folds constants, and a folded slice of a number is nothing where a computed one is an error), and what prints the address of a function.
# What prints the address of a generator counts as refused by the reference. Refused by name here: whole numbers beyond 64 bits, complex ones.
import copy, functools, json, os, random, re, subprocess, sys, warnings
import common
try:
    from jinja2 import nodes
    from jinja2.compiler import CodeGenerator
    from jinja2.sandbox import ImmutableSandboxedEnvironment
except ImportError:
    sys.exit(77)
given, R = common.arguments(8000)
program, seed, count = given.program, given.seed, given.cases

def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
class Iterator:
    """What a filter gives that is read once; printed it would be an address."""
    def __init__(self, items): self.items = items
    def __iter__(self): return self.items
    def __next__(self): return next(self.items)
    def __str__(self): raise TypeError("an address is printed")
    __repr__ = __str__
def wrapped(function):
    @functools.wraps(function)
    def call(*given, **named):
        out = function(*given, **named)
        return Iterator(out) if hasattr(out, "__next__") else out
    return call
class Unfolded(CodeGenerator):
    def _output_child_to_const(self, node, frame, finalize):
        if not isinstance(node, nodes.TemplateData): raise nodes.Impossible()
        return super()._output_child_to_const(node, frame, finalize)
def environment(**more):
    out = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"], **more)
    out.filters = {name: wrapped(function) for name, function in out.filters.items()}
    out.filters["tojson"] = tojson
    return out
env, plain = environment(), environment(optimized=False)
plain.code_generator_class = Unfolded
warnings.filterwarnings("ignore", category=SyntaxWarning)
strs=["'a'","'Hello World'","' x\\ty '","'äÖß中😀'","'a,b,,c'","''","'line1\\nline2\\r\\n\\nl4'","'3.7'","'-42'","\"it's\"","'aXbXc'","'%s and %d'","'{} {x}'", "'ABC'","'0x1f'","'1e3'"]
nums=["0","1","-3","2.5","7","1e3","-0.5","1e16","100","0.1","true","12345678901234567890"]
names=["messages","messages[0]","messages[-1].content","tools","none","missing","d","l","n","s","nested","recs"]
methods0=["upper","lower","strip","lstrip","rstrip","title","capitalize","swapcase","casefold","split","rsplit","splitlines","isdigit","isalpha","isalnum","isspace","islower","isupper","istitle","isnumeric","isdecimal","isascii","items","keys","values","copy"]
filters0=["abs","capitalize","count","dictsort","e","first","float","int","items","join","last","length","list","lower","max","min","reverse","round","safe","sort","string","sum","title","tojson","trim","unique","upper","wordcount","indent","select","reject","center","truncate"]
tests0=["boolean","callable","defined","undefined","even","odd","false","true","float","integer","iterable","lower","upper","mapping","none","number","sequence","string"]
def lit():
    c=R.random()
    if c<.35: return R.choice(strs)
    if c<.6: return R.choice(nums)
    if c<.85: return R.choice(names)
    if c<.93: return "["+", ".join(lit() for _ in range(R.randrange(4)))+"]"
    if c<.97: return "("+", ".join(lit() for _ in range(2))+")"
    return "{"+", ".join(R.choice(["'a'","'b'","1","'items'"])+": "+lit() for _ in range(R.randrange(3)))+"}"
def E(d=0):
    if d>3: return lit()
    c=R.random()
    if c<.18: return lit()
    if c<.36:
        f=R.choice(filters0); return f"{P(d)}|{f}"
    if c<.52:
        f=R.choice(["replace('a', 'b')","replace(',', E, 1)","join(', ')","join('-', attribute='a')","default('x')","default('x', true)","round(1)","round(2, 'floor')","int(5)","float(1.5)","indent(2)","indent(3, true)","indent(1, false, true)","sort(reverse=true)","sort(attribute='a')","map('upper')|list","map(attribute='a')|list","selectattr('a')|list","selectattr('a', 'gt', 1)|list","rejectattr('b', 'defined')|list","select('string')|list","reject('none')|list","batch(2)|list","batch(3, 'z')|list","slice(2)|list","slice(3, 0)|list","groupby('a')|map('first')|list","groupby('a')|map('last')|list","dictsort(by='value')","dictsort(false, 'key', true)","tojson(indent=2)","tojson(ensure_ascii=true)","tojson(sort_keys=true)","tojson(separators=(',', ':'))","trim('a x')","center(9)","truncate(5)","truncate(6, true)","truncate(7, false, '..', 0)","unique(true)|list","min(attribute='a')","max(case_sensitive=true)","sum(attribute='a')","sum(start=3)","format(1, 'b')","map('int')|list","map('length')|list","map(attribute='x.y', default='q')|list","map('default', 'u')|list","first","string|list"])
        return f"{P(d)}|{f.replace('E', lit())}"
    if c<.64:
        m=R.choice(methods0) if R.random()<.5 else None
        if m: return f"{P(d)}.{m}()"
        m=R.choice(["split(',')","split(' ', 1)","rsplit('X', 1)","strip('a')","replace('X', '')","replace('', '.')","find('b')","rfind('l')","count('l')","startswith('a')","endswith(('d','c'))","partition(',')","rpartition(',')","removeprefix('a')","removesuffix('c')","zfill(6)","center(7, '*')","ljust(5)","rjust(6, '.')","join(l)","join(['p','q'])","get('a')","get('zz', 7)","format(1, x=2)","index('a')","expandtabs(4)","splitlines(true)","find('a', 1, 3)","count(1)"])
        return f"{P(d)}.{m}"
    if c<.77: return f"{P(d)} {R.choice(['+','-','*','/','//','%','~'])} {P(d)}"
    if c<.78: return f"{lit()} ** {R.choice(['2', '0', '0.5', '-1', '3'])}"
    if c<.86: return f"{P(d)} {R.choice(['==','!=','<','<=','>','>=','in','not in'])} {P(d)}"
    if c<.9: return f"{P(d)} {R.choice(['and','or'])} {P(d)}"
    if c<.95:
        t=R.choice(tests0+["divisibleby 2","sameas none","eq 1","gt 1","in l","in 'abc'","ne 'a'","lt 'b'"]); return f"{P(d)} is {R.choice(['','not '])}{t}"
    if c<.97: return f"{P(d)}[{R.choice(['0','-1','1','1:','::-1',':2',':-1','::2',chr(39)+'a'+chr(39),'5'])}]"
    if c<.985: return f"{P(d)} if {P(d)} else {P(d)}"
    return f"not {P(d)}"
def P(d):
    e=E(d+1)
    return e if d>2 and R.random()<.3 else "("+e+")"
pre="{% set d = {'a': 1, 'b': 'x', 'items': [1]} %}{% set l = ['b', 'A', 'c', 'b'] %}{% set n = [3, 1, 2, 2.5] %}{% set s = 'Some Text' %}{% set nested = [[1, 2], [3], []] %}{% set recs = [{'a': 2, 'b': 'x'}, {'a': 1, 'x': {'y': 5}}, {'a': 2}] %}"
msgs=[{"role":"user","content":"Hi there"},{"role":"assistant","content":" ok äß\n","tool_calls":[{"function":{"name":"f","arguments":{"q":1,"r":[True,None,1.5]}}}]}]
addresses = re.compile(r" at 0x[0-9a-f]|<built-in|<bound|<function|<class|<method", re.I)
def rendered(where, template):
    try: return where.from_string(template).render(messages=copy.deepcopy(msgs), tools=None, documents=None, add_generation_prompt=True, bos_token="<b>", eos_token="<e>")
    except MemoryError: raise
    except Exception: return None
cases, unclear = [], 0
while len(cases) < count:
    k = R.random()
    if k < .85: t = pre + "{{ " + E() + " }}"
    elif k < .95: t = pre + "{% for x in " + P(1) + " %}{{ loop.index }}{{ x }}{% if not loop.last %},{% endif %}{% else %}none{% endfor %}"
    else: t = pre + "{% set v %}{{ " + E() + " }}{% endset %}{% if v %}{{ v|upper }}{% else %}empty{% endif %}"
    try: out, again = rendered(env, t), rendered(plain, t)
    except MemoryError: continue
    if out != again or (out and addresses.search(out)): unclear += 1; continue
    if out is not None and (len(out) > 20000 or any("\ud800" <= c <= "\udfff" for c in out)): continue
    cases.append((t, out))
def ask(lines): return subprocess.run([program], input="".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), capture_output=True, text=True, check=True).stdout.splitlines()
def checkReal():
    """How many renderings of real templates differ."""
    templates = common.realTemplates()
    if not templates: return 0
    try: common.quiet()
    except ImportError: return 0
    talks, lines, right, names, unread = common.Talks(R), [], [], [], []
    for name, source in templates.items():
        try: render = common.Renderer(source)
        except Exception as problem: unread.append(name); continue
        for n in range(40):
            _, messages = talks.talk()
            if n % 4 == 0: messages = [m for m in messages if m["role"] != "tool" and not m.get("tool_calls")]
            if n % 3 == 0: messages = [{**m, "content": m["content"] or ""} for m in messages]
            if n % 5 == 1: messages = [{**m, "content": [{"type": "text", "text": m["content"] or ""}]} for m in messages]
            tools, asked = common.TOOLS if n % 2 else None, n % 7 != 0
            lines.append({"template": source, "messages": messages, "more": {"tools": tools}, "trusted": {"add_generation_prompt": asked, **common.TOKENS}})
            right.append(render(messages, tools, asked)); names.append(name)
    wrong, good, refused, taken, bad = 0, 0, 0, 0, set()
    for name, line, out, answer in zip(names, lines, right, ask(lines)):
        mine = json.loads(answer)
        if out is None: refused += 1; taken += "out" in mine
        elif mine.get("out") == out: good += 1
        else:
            wrong += 1
            if name not in bad: print("differs:", name, "\n  gives", str(mine)[:700], "\n  for  ", repr(out)[:700], "\n  from ", json.dumps(line["messages"], ensure_ascii=False)[:700])
            bad.add(name)
    print(f"{len(templates)} real templates, {len(lines)} renderings: {good} equal, {wrong} differ, {refused} that the reference refuses ({taken} of them are taken); not read by the reference: {unread}")
    return wrong
answers = ask([{"template": t, "messages": msgs, "more": {}} for t, _ in cases])
assert len(answers) == count
named = re.compile("64 bits|would be complex|grows too large|more than 100,000|is not known here")
wrong, looser, refused, equal = 0, 0, 0, 0
for (t, out), line in zip(cases, answers):
    mine = json.loads(line)
    if out is None:
        looser += "out" in mine
        if "out" in mine and os.environ.get("DUBITO_LOOSER"): print("taken:", t[len(pre):], "\n  gives", mine)
    elif mine.get("out") == out: equal += 1
    elif named.search(mine.get("error", "")): refused += 1
    else:
        wrong += 1
        print("differs:", t[len(pre):], "\n  gives", mine, "\n  for  ", repr(out))
print(f"{count} templates, seed {seed}: {equal} equal, {wrong} differ, {refused} refused by name, {count - equal - wrong - refused} that the reference refuses ({looser} of them are taken); {unclear} more not asked, as Jinja gives two answers or an address")
sys.exit(wrong + checkReal() > 0)
