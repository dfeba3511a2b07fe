"""Recompute the expected texts of jinja2-cases.json with Jinja2, set up as transformers sets it up for chat templates.

Run in this folder with Jinja2 3.1 installed. A case whose template fails there must not be in the file.
"""

import datetime
import json
from pathlib import Path

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

CASES = Path("jinja2-cases.json")
NOW = datetime.datetime(2024, 7, 6, 5, 4, 3)


class Generation(jinja2.ext.Extension):
    """The tag transformers adds to mark what the assistant says; it changes no text."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_say"), [], [], body).set_lineno(line)

    def _say(self, caller):
        return caller()


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def main():
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    environment.filters["tojson"] = tojson
    environment.globals["strftime_now"] = NOW.strftime
    cases = json.loads(CASES.read_text(encoding="utf-8"))
    for case in cases:
        template = environment.from_string(case["template"])
        case["expected"] = template.render(messages=[{"role": "user", "content": "x"}], add_generation_prompt=False)
    lines = ",\n".join("  " + json.dumps(case, ensure_ascii=True) for case in cases)
    CASES.write_text(f"[\n{lines}\n]\n", encoding="utf-8")


if __name__ == "__main__":
    main()
