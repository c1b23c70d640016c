# Makes jinja_golden.jsonl: what Jinja 3.1 (BSD-3-Clause), set up as chat templates are run (trim_blocks, lstrip_blocks, loop
# controls, tojson without ASCII escapes), writes for templates made here.  usage: python3 make_jinja_golden.py > jinja_golden.jsonl
import json
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.exceptions import TemplateError

def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)
def raise_exception(message): raise TemplateError(message)

env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"])
env.filters["tojson"] = tojson
env.globals["raise_exception"] = raise_exception
env.globals["strftime_now"] = lambda f: __import__("datetime").datetime(2026, 3, 9, 7, 5, 1).strftime(f)

talks = [
    [{"role": "user", "content": "Hi there"}],
    [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "2+2?"}, {"role": "assistant", "content": "<think>\nadd\n</think>\n\n4"}, {"role": "user", "content": "  and 3+3 \n"}],
    [{"role": "user", "content": "用中文说"}, {"role": "assistant", "content": "好的。", "tool_calls": [{"type": "function", "function": {"name": "search", "arguments": {"q": "a \"b\" <c>", "n": 2, "deep": [1, 2.5, None, True]}}}]},
     {"role": "tool", "content": "{\"r\": 1}"}, {"role": "tool", "content": "two"}],
    [],
]
tools = [{"type": "function", "function": {"name": "search", "description": "Finds pages & more", "parameters": {"type": "object", "properties": {"q": {"type": "string"}}, "required": ["q"]}}}]

chatml = """{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}{{ '<s>system\nYou help.</s>\n' }}{% endif %}{{ '<s>' + message['role'] + '\n' + message['content'] + '</s>' + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<s>assistant\n' }}{% endif %}"""
thinker = """{%- if tools %}
    {{- '<s>system\\n' }}
    {%- if messages and messages[0].role == 'system' %}
        {{- messages[0].content + '\\n\\n' }}
    {%- endif %}
    {{- "Tools:\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools></s>\\n" }}
{%- elif messages and messages[0].role == 'system' %}
    {{- '<s>system\\n' + messages[0].content + '</s>\\n' }}
{%- endif %}
{%- set ns = namespace(last=messages|length - 1, found=false) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if not ns.found and message.role == "user" and message.content is string and not(message.content.startswith('<tool>') and message.content.endswith('</tool>')) %}
        {%- set ns.found = true %}
        {%- set ns.last = index %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.content is string %}{%- set content = message.content %}{%- else %}{%- set content = '' %}{%- endif %}
    {%- if (message.role == "user") or (message.role == "system" and not loop.first) %}
        {{- '<s>' + message.role + '\\n' + content + '</s>' + '\\n' }}
    {%- elif message.role == "assistant" %}
        {%- set reasoning = '' %}
        {%- if '</think>' in content %}
            {%- set reasoning = content.split('</think>')[0].rstrip('\\n').split('<think>')[-1].lstrip('\\n') %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {%- if loop.index0 > ns.last and (loop.last or reasoning) %}
            {{- '<s>' + message.role + '\\n<think>\\n' + reasoning.strip('\\n') + '\\n</think>\\n\\n' + content }}
        {%- else %}
            {{- '<s>' + message.role + '\\n' + content }}
        {%- endif %}
        {%- if message.tool_calls %}
            {%- for call in message.tool_calls %}
                {%- if (loop.first and content) or (not loop.first) %}{{- '\\n' }}{%- endif %}
                {%- if call.function %}{%- set call = call.function %}{%- endif %}
                {{- '<tool_call>\\n{"name": "' }}{{- call.name }}{{- '", "arguments": ' }}
                {%- if call.arguments is string %}{{- call.arguments }}{%- else %}{{- call.arguments | tojson }}{%- endif %}
                {{- '}\\n</tool_call>' }}
            {%- endfor %}
        {%- endif %}
        {{- '</s>\\n' }}
    {%- elif message.role == "tool" %}
        {%- if loop.first or (messages[loop.index0 - 1].role != "tool") %}{{- '<s>user' }}{%- endif %}
        {{- '\\n<tool>\\n' + content + '\\n</tool>' }}
        {%- if loop.last or (messages[loop.index0 + 1].role != "tool") %}{{- '</s>\\n' }}{%- endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<s>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}{{- '<think>\\n\\n</think>\\n\\n' }}{%- endif %}
{%- endif %}"""
strict = """{{ bos_token }}{% if messages and messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system = false %}{% endif %}
{% for message in loop_messages %}
{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Roles must alternate') }}{% endif %}
{% if loop.index0 == 0 and system != false %}{% set content = '[S]' + system + '[/S]' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}
{% if message['role'] == 'user' %}{{ '[I] ' + content.strip() + ' [/I]' }}{% elif message['role'] == 'assistant' %}{{ ' ' + content.strip() + ' ' + eos_token }}{% endif %}
{% endfor %}
"""
dated = """{%- macro turn(role, text='none given') -%}
<|{{ role }}|>
{{ text | trim }}
{%- endmacro -%}
{{ turn('date', strftime_now('%d %b %Y')) }}
{{ turn(role='empty') }}
{% for m in messages %}
  {{ turn(m.role, m['content']) }}
  {# a comment #}
  {% if not loop.last %}
---
  {% endif %}
{% endfor %}
"""
snippets = r"""
{{ 1 + 2 * 3 - 4 // 3 }} {{ 7 % 3 }} {{ -7 % 3 }} {{ -7 // 2 }} {{ 7 / 2 }} {{ 2.5 + 1 }} {{ 1.0 }} {{ -3 }}
{{ 'a' ~ 1 ~ true ~ none ~ 1.5 }}|{{ 'x' * 3 }}|{{ [1, 'a', none, true, 2.0] }}|{{ {'a': 1, 'b': [2]} }}
{{ 'abc'[0] }}{{ 'abc'[-1] }}{{ 'abcdef'[1:4] }}{{ 'abcdef'[::-1] }}{{ 'abcdef'[::2] }}{{ [1,2,3,4][1:] }}{{ [1,2,3][-2:] }}{{ [1,2,3][:-1] }}
{{ 'a b  c'.split() }} {{ 'a,b,c'.split(',') }} {{ 'a,b,c'.split(',', 1) }} {{ ''.split(',') }} {{ '  '.split() }} {{ 'a,b,c'.rsplit(',', 1) }}
{{ '  x '.strip() }}|{{ 'xxaxx'.strip('x') }}|{{ '  x '.lstrip() }}|{{ '  x '.rstrip() }}|{{ 'abc'.startswith('ab') }}|{{ 'abc'.endswith(('x','c')) }}
{{ 'aXbX'.replace('X', '-') }} {{ 'aXbX' | replace('X', '+', 1) }} {{ 'Hello World'.upper() }} {{ 'ÄÖ' | lower }} {{ 'hello world' | capitalize }} {{ "they're bill's".title() }}
{{ [3,1,2] | length }} {{ 'äöü' | length }} {{ {'a':1}|length }} {{ [1,2,3]|first }} {{ [1,2,3]|last }} {{ 'abc'|first }} {{ []|first }}
{{ [1,2,3] | join(', ') }} {{ ['a','b']|join }} {{ messages | map(attribute='role') | join('|') }} {{ ['a','b'] | map('upper') | list }}
{{ messages | selectattr('role', 'equalto', 'user') | list | length }} {{ messages | rejectattr('role', 'equalto', 'user') | map(attribute='role') | list }} {{ messages | selectattr('tool_calls') | list | length }} {{ messages | selectattr('tool_calls', 'defined') | list | length }}
{{ undefined_thing | default('d') }} {{ '' | default('e', true) }} {{ '' | default('f') }}| {{ none | default('g') }} {{ none | default('h', true) }} {{ missing is defined }} {{ messages is defined }} {{ x is not defined }}
{{ 1 is number }} {{ 'a' is string }} {{ {} is mapping }} {{ [] is iterable }} {{ none is none }} {{ true is true }} {{ 0 is false }} {{ 4 is even }} {{ [] is sequence }} {{ 2.0 is float }} {{ true is boolean }} {{ 3 is integer }}
{{ 'a' in 'cat' }} {{ 'a' not in ['b'] }} {{ 1 in [1,2] }} {{ 'k' in {'k': 1} }} {{ 1 < 2 and 2 <= 2 }} {{ 'a' < 'b' }} {{ not true or true }} {{ 1 == 1.0 }} {{ 'a' == 1 }} {{ [1] == [1] }}
{{ 'yes' if true else 'no' }} {{ 'yes' if false }}| {{ 'a' if false else 'b' if true else 'c' }}
{% for i in range(3) %}{{ i }}{% if not loop.last %},{% endif %}{% endfor %} {% for i in range(5, 0, -2) %}{{ i }}{% endfor %} {% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}={{ v }};{% endfor %}{% for x in [] %}x{% else %}none{% endfor %}
{% for i in range(6) if i % 2 %}{{ loop.index }}:{{ i }}:{{ loop.length }} {% endfor %}{% for i in range(9) %}{% if i == 2 %}{% continue %}{% endif %}{% if i == 5 %}{% break %}{% endif %}{{ i }}{% endfor %}
{% for c in 'abc' %}{{ loop.previtem }}{{ c }}{{ loop.nextitem }}{{ loop.revindex }} {% endfor %}
{% set a = 1 %}{% for i in [1,2] %}{% set a = a + i %}{{ a }}{% endfor %}{{ a }}{% if true %}{% set a = 9 %}{% endif %}{{ a }}
{% set ns = namespace(n=0) %}{% for i in [1,2,3] %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}{% set x, y = 1, 2 %}{{ x }}{{ y }}{% set b %}block {{ ns.n }}{% endset %}[{{ b }}]
{{ {'a': [1, 'ü', "q\"\n"]} | tojson }} {{ [1.5, true, none] | tojson }} {{ {} | tojson }} {{ [] | tojson }} {{ 'é<&>' | tojson }}
{{ {'a': [1, {'b': 2}], 'c': {}} | tojson(indent=2) }}
{{ tools | tojson(indent=4) }}
{% macro f(a, b='B', c=none) %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ f(1) }}{{ f(1, 2) }}{{ f(1, c='C') }}{{ f(b=1, a=2) }}
{{ '5' | int + 1 }} {{ 'x' | int }} {{ '2.5' | float }} {{ 3.9 | int }} {{ 42 | string + '!' }} {{ 'x' | int(7) }} {{ -5 | abs }}
{{ messages[0].content if messages else 'no' }} {{ messages[-1]['role'] if messages }} {{ (messages | last).role if messages }} {{ messages[99] is defined }}
{%- if true -%}  a  {%- endif -%}   b
  {% if true %}
kept
  {% endif %}
  x {% if true %} y {% endif %} z
{{ "a\tb\\n\x41\u00e9" }} {{ 'it''s' }} {{ "a" "b" }} {{ 'q\'q' }} {{ "\\d" }}
{{ ['b', 'a'] | reverse | list }} {{ {'b': 1, 'a': 2}.keys() | list }} {{ {'b': 1}.get('b') }} {{ {'b': 1}.get('z') }} {{ {'b': 1}.get('z', 3) }}
{% set l = [1] %}{{ l + [2] }} {{ 'abc'.find('c') }} {{ 'abcabc'.count('b') }} {{ 'a\nb'.splitlines() }} {{ ', '.join(['x', 'y']) }}
{{ (1, 2) | length }} {{ [[1, 2], [3]] | map('length') | list }} {{ [0, 1, '', 'a'] | select | list }} {{ [1, 2, 3] | reject('odd') | list }} {{ [1,2,3] | select('in', [2,3]) | list }}
{{ strftime_now('%Y-%m-%d %H:%M:%S %B %b %%') }}
{# comment -#}   stripped {#- also -#}   done
{{ 1 if messages | length > 1 else 0 }} {{ messages | length }} {{ loop is defined }}
{{- '  lead' }}   {{ 'tail  ' -}}   end
{% raw %}{{ not run }}{% endraw %}
{{ messages | tojson }}
""".strip("\n").split("\n")
# One line for each part of the manual (filters, tests, statements, Python methods that templates call), made here.
manual = r"""
{{ [3,1,2]|sort }} {{ ['b','A','c']|sort }} {{ ['b','A','c']|sort(case_sensitive=true) }} {{ [1,3,2]|sort(reverse=true) }} {{ [{'a':2,'b':1},{'a':1,'b':2}]|sort(attribute='a') }} {{ [{'a':1,'b':2},{'a':1,'b':1}]|sort(attribute='a,b') }}
{{ {'b':1,'a':2}|dictsort }} {{ {'b':1,'a':2}|dictsort(by='value') }} {{ {'b':1,'A':2}|dictsort(true) }} {{ {'b':1,'a':2}|dictsort(reverse=true) }} {% for k, v in {'z':1,'y':2}|dictsort %}{{ k }}{{ v }}{% endfor %}
{{ [1,2,2,'a','A']|unique|list }} {{ [3,1,2]|min }} {{ [3,1,2]|max }} {{ ['b','A']|min }} {{ []|max }} {{ [{'n':3},{'n':1}]|min(attribute='n') }} {{ [1,2,3]|sum }} {{ [1.5,2]|sum }} {{ [{'n':3},{'n':1}]|sum(attribute='n') }} {{ [1]|sum(start=10) }} {{ []|sum }}
{% for g, items in [{'k':'b','v':1},{'k':'a','v':2},{'k':'b','v':3}]|groupby('k') %}{{ g }}:{{ items|map(attribute='v')|join(',') }};{% endfor %}
{% for b in [1,2,3,4,5]|batch(2) %}{{ b }}{% endfor %} {% for b in [1,2,3]|batch(2, 'x') %}{{ b }}{% endfor %} {% for b in [1,2,3,4,5]|slice(3) %}{{ b }}{% endfor %} {% for b in [1,2,3,4]|slice(3, 'f') %}{{ b }}{% endfor %}
{{ 'a\nb\n\nc'|indent }}|{{ 'a\nb'|indent(2, true) }}|{{ 'a\n\nb'|indent(width=3, blank=true) }}|{{ 'a\nb'|indent('> ') }}|{{ ''|indent }}
{{ 'hello wORLD-foo (bar'|title }} {{ "they're"|title }} {{ 42.55|round }} {{ 42.55|round(1, 'floor') }} {{ 42.51|round(1,'ceil') }} {{ 2.5|round }} {{ 3.5|round }} {{ 2.675|round(2) }} {{ 7|round }} {{ 1234|round(-2) }} {{ -2.5|round }} {{ 42|round(2) }}
{{ '%s is %d and %.2f' % ('a', 3, 2.5) }} {{ '%s' % 'x' }} {{ '%5d|%-5d|%05d' % (1, 2, 3) }} {{ '%x %X %o' % (255, 255, 8) }} {{ '%(a)s' % {'a': 1} }} {{ '%r' % 'q' }} {{ '%%' % () }} {{ '%s-%s'|format('a', 1) }} {{ '%e' % 12345.678 }} {{ '%g' % 0.0001 }} {{ '%+d' % 5 }}
{{ '{} {}'.format('a', 1) }} {{ '{0}{1}{0}'.format('a','b') }} {{ '{x}'.format(x=3) }} {{ '{:>5}|{:<5}|{:^5}|{:*^7}'.format('a','b','c','d') }} {{ '{:.2f} {:5.1f} {:,} {:05d} {:x} {:b} {:%}'.format(1.239, 2.25, 1234567, 42, 255, 5, 0.25) }} {{ '{{}}'.format() }} {{ '{!r}'.format('a') }} {{ '{:.3}'.format('abcdef') }} {{ '{}'.format(none) }}
{{ 2 ** 10 }} {{ 2 ** -1 }} {{ 2 ** 0.5 }} {{ 2 ** 3 ** 2 }} {{ -2 ** 2 }} {{ 1e3 }} {{ 1.5e-3 }} {{ 0x1F }} {{ 0b101 }} {{ 0o17 }} {{ 1_000 }} {{ 1e100 }} {{ 1e16 }} {{ 123456789012345680.0 }} {{ 0.1 + 0.2 }} {{ 1e-7 }}
{{ 12345678901234567890 }} {{ [0] * 3 }} {{ (1, 2) * 2 }} {{ 3 * 'ab' }} {{ (1, 2) + (3,) }} {{ (1,) }} {{ () }} {{ 1, 2 }} {{ 7.5 // 2 }} {{ -7.5 % 2 }} {{ 7.5 % -2 }} {{ true + 1 }} {{ +true }} {{ -true }}
{{ 1 < 2 < 3 }} {{ 1 < 3 < 2 }} {{ 1 == 1 != 2 }} {{ 'a' in 'abc' in ['abc'] }} {{ [1,2] < [1,3] }} {{ 'Z' < 'a' }} {{ none == none }} {{ missing == missing2 }} {{ (1,2) == [1,2] }} {{ {} == {} }}
{{ 4 is divisibleby 2 }} {{ 5 is divisibleby(2) }} {{ none is sameas none }} {{ 1 is sameas true }} {{ 2 is gt 1 }} {{ 2 is lessthan 1 }} {{ 1 is in [1] }} {{ 'a' is in 'abc' }} {{ 'ABC' is upper }} {{ 'abc' is lower }} {{ 'Abc' is lower }} {{ 1 is eq 1 }} {{ 1 is ne 2 }} {{ 1 is le 1 }} {{ 'x' is not in 'abc' }} {{ range is callable }} {{ 'upper' is filter }} {{ 'x' is filter }} {{ missing is sequence }} {{ 1 is iterable }} {{ 3.0 is odd }}
{{ '3.7'|int }} {{ ' 42 '|int }} {{ '0x1f'|int(base=16) }} {{ 'z'|int(-1) }} {{ '1_000'|int }} {{ none|int }} {{ true|int }} {{ '-5'|int }} {{ '+5'|int }} {{ '12345678901234567890'|int }} {{ '1e3'|int }} {{ 'inf'|int }} {{ '1e3'|float }} {{ ' 2.5 '|float }} {{ 'x'|float }} {{ 'x'|float(1.0) }} {{ '.5'|float }} {{ 'nan'|float }} {{ [1]|int }}
{{ 'a-b-c'.partition('-') }} {{ 'a-b-c'.rpartition('-') }} {{ 'abc'.partition('-') }} {{ '12'.isdigit() }} {{ '1a'.isdigit() }} {{ ''.isdigit() }} {{ 'ab'.isalpha() }} {{ 'a1'.isalnum() }} {{ ' \t'.isspace() }} {{ 'aB'.swapcase() }} {{ 'ABC'.casefold() }} {{ 'abc'.islower() }} {{ 'ABC'.isupper() }} {{ 'Ab Cd'.istitle() }} {{ 'é1'.isalnum() }}
{{ 'abc'.removeprefix('a') }} {{ 'abc'.removesuffix('c') }} {{ 'abcabc'.rfind('b') }} {{ 'abcabc'.find('b', 2) }} {{ 'abc'.index('c') }} {{ 'abcabc'.rindex('a') }} {{ 'a'.center(5) }}| {{ 'ab'.center(5, '*') }} {{ 'a'.ljust(3) }}|{{ 'a'.rjust(3, '.') }} {{ '-42'.zfill(5) }} {{ 'a\tb'.expandtabs(4) }} {{ 'aaa'.count('a', 1) }} {{ 'äbc'.find('c') }} {{ 'abc'.startswith('b', 1) }} {{ 'abc'.endswith('b', 0, 2) }}
{{ 'a,b,,c'.split(',') }} {{ ' a  b c '.split(none, 1) }} {{ ' a  b c '.rsplit(none, 1) }} {{ 'a,b,c'.rsplit(',', 1) }} {{ 'aXXb'.split('XX') }} {{ 'a\r\nb\rc\n'.splitlines() }} {{ 'a\nb\n'.splitlines(true) }} {{ 'a\u00a0b'.split() }} {{ 'aaaa'.rsplit('aa', 1) }}
{{ '\u3000x\u00a0'.strip() }}| {{ 'éaé'.strip('é') }} {{ 'xyxhixy'.strip('xy') }} {{ 'abc'.replace('', '-') }} {{ 'aaa'.replace('a', 'b', 2) }} {{ 'straße'.upper() }} {{ 'ŒUVRE'|lower }} {{ 'ﬁn'.title() }} {{ 'hello'|capitalize }} {{ 'HELLO wORLD'.capitalize() }} {{ 'élan vital'|title }}
{{ 'abc'|reverse }} {{ 'äöü'|reverse }} {{ 'äöü'|last }} {{ 'äöü'[-1] }} {{ 'äöü'[1:] }} {{ {'a':1}|first }} {{ {'a':1,'b':2}|list }} {{ (1,2)[0:1] }} {{ 'abc'|list }} {{ {'a':1}|items|list }} {{ {'a':1}.items()|list }} {{ {'a':1}.values()|list }} {{ [1,2]|last }} {{ ''|last }}
{% set d = {'items': [1, 2], 'keys': 'k', 'x': 3} %}{{ d['items'] }} {% for k, v in d.items() %}{{ k }},{% endfor %} {{ d.keys()|list }} {{ d['keys'] }} {{ d.x }} {{ d['get']('x') }} {{ d.copy() }} {{ d|attr('x') }}|{{ d|length }}
{{ {1: 'a', 'b': 2, none: 3, (1, 2): 4} }} {{ {1: 'a'}[1] }} {{ {1: 'a'}[1.0] }} {{ {'a': 1, 'a': 2} }} {{ {1: 2}|tojson }} {{ {true: 1}|tojson }} {{ dict(a=1, b=2) }} {{ dict({'x': 1}, y=2) }} {{ dict([('a', 1)]) }}
{{ {'b': [1, {'c': none}], 'a': 1.5}|tojson(sort_keys=true) }} {{ {'b': 1, 'a': [1, 2]}|tojson(separators=(',', ':')) }} {{ 'é中😀'|tojson(ensure_ascii=true) }} {{ {'a': [], 'b': {}}|tojson(indent=2) }} {{ [1, [2]]|tojson(indent='--') }} {{ {'a': 1}|tojson(indent=2, separators=(', ', ': ')) }} {{ '\x7f\u200b\x01'|tojson }} {{ (1, 2)|tojson }} {{ 12345678901234567890|tojson }}
{% for a, (b, c) in [(1, (2, 3))] %}{{ a }}{{ b }}{{ c }}{% endfor %} {% for (a, b) in [[1, 2], [3, 4]] %}{{ a }}-{{ b }};{% endfor %} {% set (x, y) = (1, 2) %}{{ x }}{{ y }} {% set a, (b, c) = 1, (2, 3) %}{{ a }}{{ b }}{{ c }} {% for x in 1, 2 %}{{ x }}{% endfor %} {% for i, c in ['ab', 'cd'] %}{{ c }}{% endfor %}
{% for i in [1,1,2] %}{{ loop.cycle('a', 'b') }}{% if loop.changed(i) %}!{% endif %}{{ loop.depth }}{{ loop.depth0 }}{{ loop.revindex0 }}{% endfor %} {% for x in [1, [2, [3]]] recursive %}{% if x is iterable %}({{ loop(x) }}){% else %}{{ x }}@{{ loop.depth }}{% endif %}{% endfor %}
{% macro box(t) %}[{{ t }}:{{ caller() }}]{% endmacro %}{% call box('x') %}in{% endcall %} {% macro each(l) %}{% for i in l %}{{ caller(i) }}{% endfor %}{% endmacro %}{% call(v) each([1, 2]) %}<{{ v }}>{% endcall %} {% macro va(a) %}{{ a }}{{ varargs }}{{ kwargs }}{% endmacro %}{{ va(1, 2, 3, k=4) }}
{% filter upper %}abc {{ 'd' }}{% endfilter %} {% filter replace('a', 'b')|upper %}aa{% endfilter %} {% set x | upper %}abc{% endset %}{{ x }} {% with a = 1, b = 2 %}{{ a + b }}{% endwith %}{{ a is defined }} {% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q is defined }} {% block foo %}in block{% endblock foo %}
{% set j = joiner(', ') %}{% for i in [1,2,3] %}{{ j() }}{{ i }}{% endfor %} {% set c = cycler('a','b') %}{{ c.next() }}{{ c.next() }}{{ c.next() }}{{ c.current }} {% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }} {% autoescape false %}{{ '<a>' }}{% endautoescape %}
{{ '<a href="x">&\'</a>'|e }} {{ 'a'|safe }} {{ 'hello big world out there'|truncate(12) }} {{ 'hello big world out there'|truncate(12, true) }} {{ 'hello big world out there'|truncate(12, true, '!', 0) }} {{ 'short'|truncate(12) }} {{ 'ab'|center(6) }}| {{ 'one two, three_4'|wordcount }}
{{ [{'a': {'b': 1}}, {}]|map(attribute='a.b', default='none')|list }} {{ [{'a': [5, 6]}]|map(attribute='a.1')|list }} {{ [1, 2]|map('string')|list }} {{ ['a,b']|map('replace', ',', '.')|list }} {{ [[1,2],[3]]|map('join', '-')|list }} {{ none|map('upper')|list }} {{ none|selectattr('a')|list }} {{ ''|select|list }} {{ [{'a': 1}, {'a': 2}]|selectattr('a', 'gt', 1)|list }} {{ [(1, 'x'), (2, 'y')]|map(attribute=1)|list }}
{{ tools is none }} {{ documents is none }} {{ tools is defined }} {{ none|default('x') }} {{ missing|length }} {{ missing|list }} {{ missing ~ 'a' }} {% for x in missing %}x{% endfor %} {{ missing is iterable }} {{ missing|upper }} {{ missing|join }} {{ not missing }} {{ missing in [1] }} {{ missing|first }}
{{ messages[0].update is defined }} {{ [1].append is defined }} {{ [1, 2, 1].count(1) }} {{ [1, 2].index(2) }} {{ (1, 2).index(2) }} {{ 'a'.upper is defined }} {{ messages[0].nothing is defined }} {{ none.x is defined }} {{ 3.x is defined }} {{ messages[0][0] is defined }}
{{ ['a\nb', "it's", 'q"\'', '\x00\x1f\x7f\xa0\u200b', 'é'] }} {{ [none, true, 1.0, missing] }} {{ ['\\'] }} {{ {'k': 'v\t'} }} {{ ['\x41\101\u00e9\a\b'] }}
{% set x = 1 %}{% macro m() %}{{ x }}{% endmacro %}{% set x = 2 %}{{ m() }} {% for i in [1] %}{% set x = 5 %}{% macro n() %}{{ x }}{{ i }}{% endmacro %}{{ n() }}{% endfor %}{{ x }} {% macro k(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ k(1) }} {% macro r(n) %}{{ n }}{% if n > 0 %}{{ r(n - 1) }}{% endif %}{% endmacro %}{{ r(3) }}
{% for i in range(3) %}{% set inner = i %}{{ inner }}{% else %}no{% endfor %}{{ inner is defined }} {% if true %}{% set iff = 1 %}{% endif %}{{ iff }} {% set blk %}{% set hidden = 1 %}x{% endset %}{{ hidden is defined }}{{ blk }} {% for i in [] %}{% else %}{% set e = 1 %}{{ e }}{% endfor %}{{ e is defined }}
a {% raw -%}   {{ x }}   {%- endraw %} b {%- raw %} c {% endraw -%}   d
{% if [1]|select('none') %}always{% endif %} {{ ([1]|select('none')) is iterable }} {{ ([1]|map('string')) is sequence }} {% set g = [1, 2, 3]|map('string') %}{{ g|first }}{{ g|list }}{{ g|list }} {{ (5|select) is defined }} {{ [1, 2]|reverse is sequence }} {{ [3, 4]|reverse|first }} {{ ({'a': 1}|items)[0] is defined }}
{{ {'a': 1}.items() }} {{ {'a': 1}.keys() }} {{ {'a': 1}.values()|length }} {{ {}.keys() is sequence }} {{ 'a' in {'a': 1}.keys() }} {{ {'a': 1}.items() == {'a': 1}.items() }} {{ {'a': 1}.keys()[0] is defined }} {{ range(3) }} {{ range(5)[1:4] }} {{ range(1, 9, 2) }} {{ range(5)[2] }} {{ range(5)[::-1]|list }} {{ range(3) is sequence }}
{{ ['a'|safe] }} {{ ('a,b'|e).split(',') }} {{ ('<'|e ~ '>') }} {{ ('%s'|safe) % '<' }} {{ ('a'|safe).replace('a', '<') }} {{ (','|safe).join(['<', 1]) if false }} {{ ('ab'|safe)[1] ~ '<' }} {{ ['ab'|safe|upper] }} {{ ['ab'|safe|title] }}
{{ 1.0 // 0.1 }} {{ false % -5.0 }} {{ -0.5 * 0 }} {{ -0.4|round(0, 'ceil') }} {{ 2.5 is divisibleby 2 }} {{ 4.0 is divisibleby 2 }} {{ 12345678901234567890 is even }} {{ 12345678901234567890 ** 0 }} {{ 9007199254740993 == 9007199254740992.0 }} {{ 'True' % missing }} {{ [1]|min(attribute='x') }} {{ missing is callable }} {{ 'ß'.casefold() }}
{{ strftime_now('%A %d %B %Y, %I:%M %p, day %j, %-d %e %y %a %H%M%S %U %w') }}
""".strip("\n").split("\n")
snippets = [s for s in snippets if s]
joined = ["  {% raw %}\n {{ keep }}\n  {% endraw %}\nz", "{{ 'a\\\nb' }}", "a\r\nb\rc {{ 'x\r\ny' }}", "{%- raw -%}  \n x {% endraw %}", "\n".join(snippets[28:31]), "a\n\n{% if true %}\n\nb\n{% endif %}\n\n", "   {% set a = 1 %}   \n  {{ a }}\n", "{% for i in [1,2] %}\n  {{ i }}\n{% endfor %}\n", "x\n", "{{ 1 }}\n\n", "\n{% if true %}\r\nwin{% endif %}"]
errors = ["{{ 1 +  }}", "{% if %}", "{% for x %}{% endfor %}", "{{ 'a' }", "{% endif %}", "{% if true %}", "{{ 'abc }}", "{{ missing.attr }}", "{{ 1 + 'a' }}", "{{ 1 < 'a' }}", "{{ nothing() }}", "{{ 1 // 0 }}", "{{ raise_exception('no') }}"]

refused = ["{{ messages[0].update({}) }}", "{{ [1]|select|length }}", "{{ [1]|select|last }}", "{{ ([1]|select)[1:] }}", "{{ [1]|map('string')|tojson }}", "{{ {'a': 1}.items()|tojson }}", "{{ range(3)|tojson }}", "{{ range(2) + [1] }}", "{{ [{}]|unique|list }}", "{{ {} in {} }}", "{{ 0.0 ** -1 }}", "{{ 10.0 ** 400 }}", "{{ {'a': 1}.get([]) }}", "{{ [1].append(2) }}", "{{ none|list }}", "{{ none|length }}", "{{ 1|length }}", "{{ missing + 1 }}", "{{ missing < 1 }}", "{{ missing() }}", "{{ 'a'.split('') }}", "{{ 1 in 'a' }}", "{{ 1 in none }}",
    "{{ missing|tojson }}", "{{ range|tojson }}", "{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}", "{% macro f(a) %}{% endmacro %}{{ f(b=2) }}", "{% set d = {} %}{% set d.x = 1 %}", "{{ [2, 'a']|sort }}", "{{ '%d' % 'a' }}", "{{ '%s %s' % 'a' }}", "{{ '%s' % (1, 2) }}", "{{ '{} {}'.format(1) }}",
    "{% set a, b = [1] %}", "{% for a, b in [1] %}{% endfor %}", "{{ {[1]: 2} }}", "{{ 'a' is divisibleby 2 }}", "{{ 1 is defined is none }}", "{{ [1]|sum(start='a') }}", "{{ ','.join([1]) }}", "{{ 'a'.index('b') }}", "{{ missing.x }}", "{{ -'a' }}", "{{ missing['x'] }}", "{{ 5['x'] + 1 }}", "{{ none[1:] }}"]

def emit(template, messages, **more):
    variables = dict(messages=messages, tools=None, documents=None, add_generation_prompt=True, bos_token="<b>", eos_token="<e>") | more
    try: out = env.from_string(template).render(**variables)
    except Exception as error: out = None
    print(json.dumps({"template": template, "messages": messages, "more": more, "out": out}, ensure_ascii=False, separators=(",", ":")))

for t in [chatml, thinker, strict, dated]:
    for talk in talks:
        emit(t, talk)
        emit(t, talk, tools=tools)
        emit(t, talk, enable_thinking=False)
for t in snippets + joined + errors: emit(t, talks[1], tools=tools)
for t in manual + refused: emit(t, talks[1])
emit(snippets[9], talks[2])
