"""The table of refusals, refusals.md: what Headgate does not do, and why. Made from a run of all cases; each ordinary run
compares it with the file.

A refusal is a SQLSTATE and a message, in which names and values of the statement are replaced by `…`. Its reason is the first
of REASONS whose SQLSTATE is equal and whose pattern matches the message; a refusal without a reason is a failure, and so is
a reason that no case shows.
"""
import difflib
import os
import re

from reasons import REASONS

FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'refusals.md')
HEAD = """# What Headgate refuses
A statement either behaves as on a private database or is refused. These are the refusals that the cases of the twin tests show:
statements that the private database answers. In messages `…` stands for names and values; the third column
has those of the cases. The table is made by
`tests/twin/run.py --refusals` from a run of all cases, and compared with each further run; the reasons are in `reasons.py`.

| SQLSTATE | message | … | cases | for example | reason |
|---|---|---|---|---|---|
"""


KNOWN = """
## What is neither equal nor refused
| statement | why |
|---|---|
"""
NAMES = re.compile(r'"((?:[^"]|"")*)"|(?<=\bfunction )\S+|(?<=\btable )\S+|(?<=\brelation )\S+|(?<=\bsequence )\S+|(?<=\btype )(?!of )\S+|(?<=\bconfiguration of )\S+|(?<=\bschema )\S+|\b\d+\b')


def normalised(message):
    """A message with `…` for what belongs to the statement, and what that was."""
    names = [m.group(0).strip('"') for m in NAMES.finditer(message)]
    return NAMES.sub('…', message), ', '.join(names)


def cell(text):
    return ' '.join(text.split()).replace('|', '\\|')


class Refusals:
    def __init__(self):
        self.cases = {}  # (SQLSTATE, message) -> the cases
        self.known = set()  # cases that are known not to be equal
        self.names = {}  # (SQLSTATE, message) -> what stood in their messages

    def add(self, case, error):
        message, names = normalised(error['M'])
        self.cases.setdefault((error['C'], message), {})[str(case)] = case
        self.names.setdefault((error['C'], message), set()).add(names)

    def table(self):
        """The text, and what is wrong."""
        wrong, lines, used = [], [], set()
        for (code, message), cases in sorted(self.cases.items()):
            example = min((c.sql for c in cases.values()), key=lambda sql: (len(sql), sql))
            reason = next((r for r in REASONS if r[0] == code and re.search(r[1], message)), None)
            if reason is None:
                wrong.append('FAIL no reason is given for %s %s, for example: %s\n' % (code, message, example[:200]))
                continue
            used.add(reason)
            lines.append('| %s | %s | %s | %d | `%s` | %s |\n' % (code, cell(message), cell('; '.join(sorted(self.names[code, message]))), len(cases),
                                                            cell(example if len(example) <= 160 else example[:159] + '…'), reason[2]))
        wrong += ['FAIL no case shows the reason %s %s\n' % r[:2] for r in REASONS if r not in used]
        open_ones = ''.join('| `%s` | %s |\n' % (cell(c.sql), cell(c.options['open'])) for c in sorted(self.known, key=str))
        return HEAD + ''.join(lines) + (KNOWN + open_ones if open_ones else ''), ''.join(wrong)

    def write(self):
        text, wrong = self.table()
        with open(FILE, 'w', encoding='utf8') as file:
            file.write(text)
        return wrong

    def compare(self):
        text, wrong = self.table()
        with open(FILE, encoding='utf8') as file:
            there = file.read()
        difference = ''.join(difflib.unified_diff(there.splitlines(True), text.splitlines(True), 'refusals.md', 'this run', n=0))
        return wrong + ('FAIL refusals.md is not what this run gives:\n' + difference if difference else '')
