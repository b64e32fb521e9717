"""Two outputs of one client, section by section: what Headgate answered must be what the private database answered.

A client prints a line `== name` before each thing that it tries (steps.py and its likes in other languages). `== name !0A000`
says that Headgate refuses this by design with that SQLSTATE; the private database must not. What has to differ is masked
first, in both outputs: MASKS below is the whole list, each with its reason.
"""
import re

MASKS = [
    # users and databases of other tests on the private server
    (re.compile(r'^(?:\w+_(?:east|rw|limited|reader|clerk)|analytics_\w+)\|.*\n', re.M), ''),
    # the superuser and the owner of the schema public: Headgate shows none but the client's own user
    (re.compile(r'\b(postgres|pg_database_owner|acme_bi|acme_rw|acme_masked|globex_bi)\b(?!ql)'), '<owner>'),
    # roles that the owner of the private tables needs for foreign keys (run.py)
    (re.compile(r'\{pg_read_all_data,pg_write_all_data\}'), '{}'),
    # OIDs of user objects, bare and in names of TOAST tables
    (re.compile(r'\b1[6-9]\d{3}\b'), '<oid>'),
    (re.compile(r'\b(pg_toast_)1[6-9]\d{3}(?=_index\b|\b)'), r'\1<oid>'),
    # sizes of files, which Headgate gives as 0, and columns of it drawn
    (re.compile(r'\b\d+ (bytes|kB|MB)\b'), '<size>'),
    # hints: PostgreSQL guesses what was meant, Headgate says what it has
    (re.compile(r'^(psql:\S+: )?HINT: .*\n', re.M), ''),
    # contexts: parameters' names and the server's own functions
    (re.compile(r'^CONTEXT: .*\n', re.M), ''),
    # Headgate resolves names without types, and does not tell hidden FROM items from absent ones
    (re.compile(r'\b(function [\w.]+)\([^)]*\) does not exist'), r'\1 does not exist'),
    (re.compile(r'invalid reference to FROM-clause entry'), 'missing FROM-clause entry'),
    # rows that broke a rule: the shared table's have other columns, so Headgate does not show them
    (re.compile(r'^(psql:\S+: )?DETAIL:  Failing row contains .*\n', re.M), ''),
    # the C function that noticed an error
    (re.compile(r'^LOCATION: .*\n', re.M), ''),
    (re.compile(r'PostgreSQL [\d.]+ .*?(?=["\'),|]|$)', re.M), '<version>'),
]


def masked(text, ports):
    for port in ports:
        text = re.sub(r'\b%d\b' % port, '<port>', text)
    for pattern, instead in MASKS:
        text = pattern.sub(instead, text)
    return text


class Section:
    def __init__(self, header):
        match = re.fullmatch(r'(.*?)(?: !([0-9A-Z]{5}))?', header)
        self.name, self.refused = match.group(1), match.group(2)
        self.text = ''


def sections(output):
    """name -> Section, in order. What comes before the first header is the section ''."""
    found = {'': Section('')}
    current = found['']
    for line in output.splitlines(keepends=True):
        if line.startswith('== '):
            current = Section(line[3:].rstrip('\n'))
            if current.name in found:
                raise ValueError('two sections are called %r' % current.name)
            found[current.name] = current
        else:
            current.text += line
    if not found[''].text.strip():
        del found['']
    return found


def refusal(text):
    """The first SQLSTATE that a section reports, or None."""
    match = re.search(r'\b(?:error|ERROR: |FATAL: ) ?\s*([0-9A-Z]{5})\b', text)
    return match and match.group(1)


def problem(ours, theirs):
    """None when the section of Headgate is right, else what is wrong in a few words."""
    if ours is None or theirs is None:
        return 'only %s got that far' % ('the private database' if ours is None else 'Headgate')
    if ours.refused:
        if refusal(ours.text) != ours.refused:
            return 'should be refused with ' + ours.refused
        if refusal(theirs.text) == ours.refused:
            return 'the private database refuses it too'
        return None
    return None if ours.text == theirs.text else 'answers differ'


class Outcome:
    """Of one client: how many sections were equal, refused as they should be, and wrong; and what to print about the latter."""

    def __init__(self, passed=0, refused=0, failed=0, text=''):
        self.passed, self.refused, self.failed, self.text = passed, refused, failed, text

    def __add__(self, other):
        return Outcome(self.passed + other.passed, self.refused + other.refused, self.failed + other.failed, self.text + other.text)


def compare(client, headgate, private, ports, names=()):
    """The Outcome of one client's two outputs."""
    ours, theirs = sections(masked(headgate, ports)), sections(masked(private, ports))
    outcome = Outcome()
    for name in list(dict.fromkeys([*theirs, *ours])):
        whole = '%s: %s' % (client, name or 'start')
        if names and not any(n in whole for n in names):
            continue
        one, other = ours.get(name), theirs.get(name)
        wrong = problem(one, other)
        if wrong is not None:
            outcome.failed += 1
            outcome.text += 'FAIL %s: %s\n' % (whole, wrong) + shown('Headgate', one, other) + shown('private', other, one)
        elif one.refused:
            outcome.refused += 1
        else:
            outcome.passed += 1
    return outcome


def shown(who, section, other, limit=25):
    """The lines of one side that the other does not have, or all of a short one."""
    lines = section.text.splitlines() if section else ['(nothing)']
    if len(lines) > limit and other:
        there = set(other.text.splitlines())
        lines = [line for line in lines if line not in there]
    text = '    --- %s\n' % who + ''.join('    %s\n' % line[:240] for line in lines[:limit])
    return text + ('    ... and %d lines more\n' % (len(lines) - limit) if len(lines) > limit else '')
