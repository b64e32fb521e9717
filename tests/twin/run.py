#!/usr/bin/python3
"""Twin tests: each statement runs through Headgate on shared data and directly on a private database; the answers must be equal.

    tests/twin/run.py [--headgate BINARY] [--only REGEX] [--self] [--refusals] [-v]

Compared: column names, column types, rows, COPY data, command tags, notices and SQLSTATEs, as a simple query, as an extended
query with text results and with binary results; of errors also the texts, out of which Headgate may take values. Rows are
compared in order when the statement says ORDER BY at its top level.
After a case that writes, the tenant's tables are compared with the private database's, and no row of anybody else may be
different (tables.py); then the rows are put back.

A case file (cases/*.sql) holds cases, each ended by a semicolon at the end of a line. A line that ends with `\\;` ends a
statement of a case that goes on: a script. It is sent as one simple query, as one pipeline, and statement by statement.
Comment lines before a case describe it; `-- @ key value` lines give options, and `-- @@ key value` lines give them to all
cases below in the file:
    refused SQLSTATE [S]  Headgate must refuse it with that SQLSTATE, though the private database answers (or fails with S);
                       refusals.py keeps the reasons, refusals.md is made of them
    error SQLSTATE…    both must answer with that SQLSTATE (an error that neither side expects is a failure of the case); of
                       a script with `steps`, the SQLSTATEs of all errors
    allowed            of a file that says `refused` for all its cases: not this one
    user NAME[,NAME]   as these users only (default acme_bi, globex_bi; of cases that write: acme_rw, globex_rw)
    threat ID…         what it is about: items of the list of threats
    params A|B|\\N      parameters of the extended runs, as text; the simple run is left out
    types OID,OID      their types
    data LINE          a line of what is sent to COPY FROM STDIN; `--` ends the data of one COPY
    undone             the private database is asked in a transaction that is rolled back
    copyfail           the client fails the COPY instead
    steps              each statement of a script is sent when the one before is answered, in every mode
    no-walls REASON    left out with --walls
    unordered, ordered rows are compared as a bag though there is an ORDER BY, or in order though there is none
    open REASON        known not to be equal; refusals.md lists it, and it fails as soon as it is equal
    text               the text of an error is not compared: there the private database says more, or something else
    quiet              notices are not compared: the reason must stand in the comment
    rows-only          column types are not compared: the reason must stand in the comment
A case runs as its first user in each mode and as the others in one of them (--full: in each); each of these is one test.
"""
import argparse
import collections
import os
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from world import DATABASE, MASKS, TENANT_OF, World  # noqa: E402
from cases import copies_in, load  # noqa: E402
from compare import answer, difference, sides_of  # noqa: E402
from refusals import Refusals  # noqa: E402
from tables import Tables, Watch  # noqa: E402
import wire  # noqa: E402  (tests/support)

MODES = ('simple', 'extended', 'binary')
READERS, WRITERS = 'acme_bi,globex_bi', 'acme_rw,globex_rw'


class Reply:
    """What one side answered to a case."""

    def __init__(self, side, case, results):
        self.errors = [r.error for r in results if r.error]
        self.error = self.errors[0] if self.errors else None
        self.codes = [e['C'] for e in self.errors]
        self.status = [r.status for r in results]
        self.answer = self.all_of(side, case, results)
        if self.error:  # what was described before the error came: a refusal comes earlier than the private database's own error
            for r in results:
                r.statements = [s for s in r.statements if s.tag is not None or s.empty]
        self.finished = self.all_of(side, case, results)

    @staticmethod
    def all_of(side, case, results):
        answers = [a for r in results for a in answer(side, r, case.ordered(), 'rows-only' not in case.options)]
        return [a for a in answers if a[0] != 'notice' or 'quiet' not in case.options]


def text_difference(mine, theirs):
    """'' or how the text of an error differs: what was taken out of it is `…`; a detail or hint may be missing, file and line must."""
    for name, field in (('message', 'M'), ('detail', 'D'), ('hint', 'H')):
        if field in mine and not re.fullmatch(re.escape(mine[field]).replace('…', '.*'), theirs.get(field, ''), re.S):
            return 'the %s of the error differs\n      headgate %s\n      private  %s' % (name, mine[field], theirs.get(field))
    if mine.get('P') and theirs.get('P') and mine['P'] != theirs['P']:
        return 'the position of the error is %s, private %s' % (mine['P'], theirs['P'])
    return 'the error names a place in a program' if {'F', 'L', 'R'} & set(mine) else ''


def judge(case, mine, theirs):
    """'' when all is as it must be, else what is wrong."""
    if 'refused' in case.options:
        expected, *private = case.expected('refused')
        if not mine.error:
            return 'was to be refused with %s, but was answered: %s' % (expected, str(mine.answer)[:300])
        if mine.error['C'] != expected:
            return 'was to be refused with %s, but got %s %s' % (expected, mine.error['C'], mine.error['M'])
        if theirs.codes[:1] != private[:1]:
            return 'a refusal is expected, and of the private database %s, but it says %s' % (private[:1], theirs.errors[:1])
        return ''
    expected = case.expected('error')
    for name, reply in (('Headgate', mine), ('the private database', theirs)):
        if expected and reply.codes != expected:
            return 'error %s expected, but %s says %s' % (expected, name, [(e['C'], e['M']) for e in reply.errors] or 'none')
        if not expected and name != 'Headgate' and reply.error:
            return 'the case is wrong, the private database says: %s %s' % (reply.error['C'], reply.error['M'])
    if not expected and mine.error:
        return 'refused: %s %s %s' % (mine.error['C'], mine.error['M'], mine.error.get('D', ''))
    texts = '' if 'text' in case.options else next(filter(None, map(text_difference, mine.errors, theirs.errors)), '')
    if texts:
        return texts
    if mine.answer != theirs.answer and not (expected and mine.finished == theirs.finished):
        return difference(mine.answer, theirs.answer)
    if mine.status != theirs.status:
        return 'transaction status %s, private %s' % (mine.status, theirs.status)
    return ''


def ask(side, case, mode):
    """Runs the case on one side. A transaction that a writing case or a script leaves open is rolled back."""
    data, results = case.data(), []
    for statements in case.rounds(mode):
        copies = sum(map(copies_in, statements))
        results.append(side.run_together(statements, mode, *case.parameters(), data[:copies], copies > 0))
        data = data[copies:]
    reply = Reply(side, case, results)
    if (case.writes() or len(case.statements) > 1) and results[-1].status != 'I':
        side.run('ROLLBACK', 'simple')
    return reply


def ask_private(side, case, mode):
    if 'undone' not in case.options or 'refused' not in case.options:
        return ask(side, case, mode)
    side.run('BEGIN', 'simple')
    reply = ask(side, case, mode)
    side.run('ROLLBACK', 'simple')
    return reply


class Runner:
    def __init__(self, world, options, sides, shared):
        self.world, self.itself, self.full, self.sides, self.shared = world, options.itself, options.full, sides, shared
        self.counts, self.failed, self.refusals = collections.Counter(), set(), Refusals()
        self.private = {}
        self.began = self.told = time.monotonic()

    def watch(self, user):
        """The tables that the user's cases may change."""
        place = self.world.private[user], self.world.databases[user]
        if place not in self.private:
            cluster = next(c for c in self.world.clusters if c.port == place[0])
            self.private[place] = Tables(cluster, place[1], False)
        return Watch(self.shared, self.private[place], TENANT_OF[user], MASKS.get(user, {}))

    def compare(self, case, mode, user, watch):
        """'' or what is wrong. A broken connection is the case's failure, not the run's end."""
        mine, theirs = self.sides[user]
        try:
            if self.itself:
                return self.compare_itself(case, mode, mine, theirs, watch)
            p, q = ask(mine, case, mode), ask_private(theirs, case, mode)
        except wire.WireError as e:
            mine.drop()
            theirs.drop()
            time.sleep(0.2)  # what was under way is rolled back
            watch.check(False, False)
            return '%s: %s' % (type(e).__name__, e)
        if self.world.walls and p.error and p.error['M'] == 'COPY FROM not supported with row-level security':  # PostgreSQL's own rule
            watch.check(False, False)
            return ''
        wrong = [judge(case, p, q)]
        if case.writes():
            wrong += watch.check('refused' not in case.options, len(case.statements) == 1)
        if 'refused' in case.options and p.error:
            self.refusals.add(case, p.error)
        return '\n      '.join(filter(None, wrong))

    def compare_itself(self, case, mode, mine, theirs, watch):
        """Both sides are one database: the rows are put back in between."""
        p = ask_private(mine, case, mode)
        watch.check(False, False)
        if 'refused' in case.options:
            return '' if p.codes[:1] == case.expected('refused')[1:2] else 'the private database says %s' % p.errors
        q = ask_private(theirs, case, mode)
        watch.check(False, False)
        return judge(case, p, q)

    def run(self, case, mode, user, watch, verbose):
        wrong = self.compare(case, mode, user, watch)
        if 'open' in case.options:
            self.refusals.known.add(case)
            wrong = '' if wrong else 'it is said to be open, and is equal'
        self.counts['failed' if wrong else 'passed'] += 1
        if wrong and case not in self.failed:
            self.failed.add(case)
            print('FAIL %s as %s, %s: %s\n      %s' % (case, user, mode, wrong, ' '.join(case.sql.split())[:400]), flush=True)
        elif verbose:
            print('ok   %s as %s, %s' % (case, user, mode))
        if time.monotonic() - self.told > 20:
            self.told = time.monotonic()
            print('%4d s: %s as %s, %s; %d tests' % (self.told - self.began, case, user, mode, sum(self.counts.values())), flush=True)

    def modes(self, case, user):
        """A case runs as its first user in every mode, as others in one: the same for a whole file, where cases may go together."""
        users = case.users(WRITERS if case.writes() else READERS)
        if user not in users:
            return ()
        modes = MODES if self.full or user == users[0] else (MODES[int(case.file[:2]) % len(MODES)],)
        return [m for m in modes if m != 'simple' or 'params' not in case.options]

    def run_all(self, cases, verbose):
        """False when Headgate ended."""
        for user, (mine, theirs) in self.sides.items():
            watch = None
            for mode in MODES:
                own = [c for c in cases if mode in self.modes(c, user)]
                if not own:
                    continue
                mine.drop()
                theirs.drop()
                watch = watch or self.watch(user)
                for case in own:
                    self.run(case, mode, user, watch, verbose)
                    if self.world.headgate and case in self.failed and not self.world.headgate.alive():
                        print('FAIL Headgate ended at %s\n%s' % (case, self.world.headgate.output()[-3000:]))
                        return False
        return True


def parse_options():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('--headgate', default='build/dev/headgate')
    arguments.add_argument('--only', help='a regular expression on file:line and text')
    arguments.add_argument('--self', action='store_true', dest='itself', help='the private database on both sides: checks the cases')
    arguments.add_argument('--refusals', action='store_true', help='write refusals.md; without it, it is compared')
    arguments.add_argument('--walls', action='store_true', help='with row security in the databases, as `headgate walls` sets it up')
    arguments.add_argument('--full', action='store_true', help='every user in every mode')
    arguments.add_argument('-v', action='store_true', help='print every case')
    return arguments.parse_args()


def main():
    options = parse_options()
    cases = [c for c in load(options.only) if not (options.walls and 'no-walls' in c.options)]
    with World(None if options.itself else options.headgate, writes=True, walls=options.walls) as world:
        shared = [Tables(cluster, 'data', True) for cluster in world.clusters[:2]]
        runner = Runner(world, options, sides_of(world, options.itself), shared)
        runner.run_all(cases, options.v)
        status = world.headgate.stop() if world.headgate else 0
        if status != 0:
            print('FAIL Headgate ended with status %s' % status)
            runner.counts['failed'] += 1
    if not options.only and not options.itself and not options.walls:
        wrong = runner.refusals.write() if options.refusals else runner.refusals.compare()
        runner.counts['failed' if wrong else 'passed'] += 1
        print(wrong, end='')
    print('%d cases, %d of them expected to be refused' % (len(cases), sum('refused' in c.options for c in cases)))
    print('%d passed, %d failed' % (runner.counts['passed'], runner.counts['failed']))
    return 1 if runner.counts['failed'] or not runner.counts['passed'] else 0


if __name__ == '__main__':
    sys.exit(main())
