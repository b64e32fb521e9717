#!/usr/bin/python3
"""Twin tests: each statement runs through Headgate on shared data and directly on a private database; the answers must be equal.

    tests/twin/run.py [--headgate BINARY] [--only REGEX] [-v]

Compared: column names, column types, rows, command tags and SQLSTATEs, as a simple query, as an extended query with text
results and with binary results. Rows are compared in order when the statement says ORDER BY at its top level.

A case file (cases/*.sql) holds statements, each ended by a semicolon at the end of a line. Comment lines before one
describe it; `-- @ key value` lines give options:
    refused SQLSTATE   Headgate must refuse it with that SQLSTATE, though the private database answers
    error SQLSTATE     both must answer with that SQLSTATE (an error that neither side expects is a failure of the case)
    user NAME[,NAME]   as these users only (default acme_bi, globex_bi)
    params A|B|\\N      parameters of the extended runs, as text; the simple run is left out
    types OID,OID      their types
    unordered          rows are compared as a bag though there is an ORDER BY
    rows-only          column types are not compared: the reason must stand in the comment
Each case in each mode as each user counts as one test.
"""
import argparse
import collections
import glob
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from world import World  # noqa: E402
from compare import answer, difference, sides_of  # noqa: E402
import wire  # noqa: E402  (tests/support)

MODES = ('simple', 'extended', 'binary')
USERS = ('acme_bi', 'globex_bi')


class Case:
    def __init__(self, file, line, sql, note, options):
        self.file, self.line, self.sql, self.note, self.options = os.path.basename(file), line, sql, note, options

    def __str__(self):
        return '%s:%d' % (self.file, self.line)

    def parameters(self):
        """(values, types) of the extended runs."""
        values = [None if p == '\\N' else p for p in self.options['params'].split('|')] if 'params' in self.options else []
        return values, [int(o) for o in self.options['types'].split(',')] if 'types' in self.options else []

    def ordered(self):
        """Is there an ORDER BY outside of all brackets?"""
        if 'unordered' in self.options:
            return False
        depth, flat = 0, []
        for char in re.sub(r"'(?:[^']|'')*'", "''", self.sql):
            depth += (char == '(') - (char == ')')
            if depth == 0:
                flat.append(char)
        return re.search(r'\border\s+by\b', ''.join(flat), re.I) is not None


def load(pattern):
    cases = []
    for file in sorted(glob.glob(os.path.join(HERE, 'cases', '*.sql'))):
        note, options, sql, start = [], {}, [], 0
        for number, line in enumerate(open(file, encoding='utf8'), 1):
            line = line.rstrip('\n')
            if not sql and line.startswith('--'):
                match = re.match(r'-- @ (\S+) ?(.*)', line)
                if match:
                    options[match.group(1)] = match.group(2)
                else:
                    note.append(line[2:].strip())
                continue
            if not sql and not line.strip():
                note = []
                continue
            if not sql:
                start = number
            sql.append(line)
            if line.rstrip().endswith(';') and not line.rstrip().endswith('\\;'):
                text = '\n'.join(sql).rstrip()[:-1]
                cases.append(Case(file, start, text, ' '.join(note), options))
                note, options, sql = [], {}, []
        if sql:
            raise SystemExit('%s:%d: a statement without its end' % (file, start))
    return [c for c in cases if not pattern or re.search(pattern, '%s %s' % (c, c.sql))]


def answer_of(side, case, result):
    return answer(side, result, case.ordered(), 'rows-only' not in case.options)


def judge(case, mine, theirs, a, b):
    """'' when all is as it must be, else what is wrong."""
    refused, private_error = mine.error, theirs.error
    if 'refused' in case.options:
        expected = case.options['refused'].split()[0]
        if not refused:
            return 'was to be refused with %s, but was answered: %s' % (expected, str(a)[:300])
        if refused['C'] != expected:
            return 'was to be refused with %s, but got %s %s' % (expected, refused['C'], refused['M'])
        if private_error:
            return 'a refusal is expected, but the private database fails as well: %s %s' % (private_error['C'], private_error['M'])
        return ''
    if 'error' in case.options:
        expected = case.options['error'].split()[0]
        for name, error in (('Headgate', refused), ('the private database', private_error)):
            if not error:
                return 'error %s expected, but %s answers' % (expected, name)
            if error['C'] != expected:
                return 'error %s expected, but %s says %s %s' % (expected, name, error['C'], error['M'])
        return ''
    if private_error:
        return 'the case is wrong, the private database says: %s %s' % (private_error['C'], private_error['M'])
    if refused:
        return 'refused: %s %s %s' % (refused['C'], refused['M'], refused.get('D', ''))
    if a != b:
        return difference(a, b)
    return ''


def compare(case, mode, mine, theirs):
    """Runs the case on both sides; '' or what is wrong. A broken connection is the case's failure, not the run's end."""
    try:
        p, q = (side.run(case.sql, mode, *case.parameters()) for side in (mine, theirs))
    except wire.WireError as e:
        mine.drop()
        theirs.drop()
        return '%s: %s' % (type(e).__name__, e)
    wrong = judge(case, p, q, answer_of(mine, case, p), answer_of(theirs, case, q))
    if not wrong and p.status != q.status:
        wrong = 'transaction status %s, private %s' % (p.status, q.status)
    return wrong


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('--headgate', default='build/dev/headgate')
    arguments.add_argument('--only', help='a regular expression on file:line and text')
    arguments.add_argument('--self', action='store_true', dest='itself',
                           help='the private database on both sides: checks the cases; those to be refused are left out')
    arguments.add_argument('-v', action='store_true', help='print every case')
    options = arguments.parse_args()
    cases = [c for c in load(options.only) if not (options.itself and 'refused' in c.options)]
    counts = collections.Counter()
    failed_cases = set()
    with World(None if options.itself else options.headgate) as world:
        sides = sides_of(world, options.itself)
        for user, (mine, theirs) in sides.items():
            for mode in MODES:
                mine.drop()
                theirs.drop()
                for case in cases:
                    if user not in case.options.get('user', ','.join(USERS)).split(',') or (mode == 'simple' and 'params' in case.options):
                        continue
                    wrong = compare(case, mode, mine, theirs)
                    counts['failed' if wrong else 'passed'] += 1
                    if wrong and case not in failed_cases:
                        failed_cases.add(case)
                        print('FAIL %s as %s, %s: %s\n      %s' % (case, user, mode, wrong, ' '.join(case.sql.split())[:400]))
                    elif options.v:
                        print('ok   %s as %s, %s' % (case, user, mode))
                    if wrong and world.headgate and not world.headgate.alive():
                        print('FAIL Headgate ended at %s\n%s' % (case, world.headgate.output()[-3000:]))
                        print('%d passed, %d failed' % (counts['passed'], counts['failed']))
                        return 1
        status = world.headgate.stop() if world.headgate else 0
        if status != 0:
            print('FAIL Headgate ended with status %s' % status)
            counts['failed'] += 1
    print('%d cases, %d of them expected to be refused' % (len(cases), sum('refused' in c.options for c in cases)))
    print('%d passed, %d failed' % (counts['passed'], counts['failed']))
    return 1 if counts['failed'] or not counts['passed'] else 0


if __name__ == '__main__':
    sys.exit(main())
