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
snippets = [s for s in snippets if s]
joined = ["\n".join(snippets[28:31]), "a\n\n{% if true %}\n\nb\n{% endif %}\n\n", "   {% set a = 1 %}   \n  {{ a }}\n", "{% for i in [1,2] %}\n  {{ i }}\n{% endfor %}\n", "x\n", "{{ 1 }}\n\n", "\n{% if true %}\r\nwin{% endif %}"]
errors = ["{{ 1 +  }}", "{% if %}", "{% for x %}{% endfor %}", "{{ 'a' }", "{% endif %}", "{% if true %}", "{{ 'abc }}", "{{ missing.attr }}", "{{ 1 + 'a' }}", "{{ 1 < 'a' }}", "{{ nothing() }}", "{{ 1 // 0 }}", "{{ raise_exception('no') }}"]

def emit(template, messages, **more):
    variables = dict(messages=messages, add_generation_prompt=True, bos_token="<b>", eos_token="<e>", **more)
    try: out = env.from_string(template).render(**variables)
    except Exception as error: out = None
    print(json.dumps({"template": template, "messages": messages, "more": more, "out": out}, ensure_ascii=False, separators=(",", ":")))

for t in [chatml, thinker, strict, dated]:
    for talk in talks:
        emit(t, talk)
        emit(t, talk, tools=tools)
        emit(t, talk, enable_thinking=False)
for t in snippets + joined + errors: emit(t, talks[1], tools=tools)
emit(snippets[9], talks[2])
