#!/usr/bin/python3
"""Random twin tests: statements of generate.py run through Headgate and on a private database; the answers must be equal.

    tests/twin/at_random.py [--headgate BINARY] [--seed N] [--seconds N | --count N] [--start K] [--self] [--user NAME] [--only reads|writes]

Every third is a script of writes.py that writes, locks, copies or uses cursors, in a transaction that is rolled back: the tables must
hold the same before that, and no row of another tenant may have been touched (scripts.py).

Each statement is made from the seed and its number, and so is how it is run: as which user, as a simple query, or as an extended
one with parameters and results as text or binary. Rows are compared in order when ORDER BY names every output column. An error
of both sides with the same SQLSTATE is equal. A refusal by Headgate is no difference, but is counted and listed; too many of
them are a failure. A statement too slow for either side is left out.

A difference is made as small as it can be before it is printed. --start K --count 1 runs one statement again.
--self puts the private database on both sides, with another planner on one of them: it checks that answers do not depend on the plan.
"""
import argparse
import collections
import os
import random
import re
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from world import World  # noqa: E402
from compare import answer, difference, sides_of, surely_equal  # noqa: E402
from generate import leaves, statement  # noqa: E402
from scripts import Watch, run_script  # noqa: E402
from sqltree import shrink  # noqa: E402
from writes import Script, script  # noqa: E402
import wire  # noqa: E402  (tests/support)

USERS = (['acme_bi'], ['acme_bi'], ['globex_bi'], ['globex_bi', 'acme_bi'], ['acme_masked'], ['acme_east'])
WRITERS = ('acme_rw', 'globex_rw', 'acme_rw', 'masked_rw', 'globex_rw', 'acme_rw')
IN_A_ROW = 60  # scripts of one user
MODES = ('simple', 'extended', 'binary')
REFUSALS = ('0A000', '42501', '54000', '54001')
SLOW = '57014'
# Typmods that depend on the plan: a CASE over what is a constant behind Headgate is folded, and an arm of UNION that gives no row is left out.
PLANNED = re.compile('current_user|session_user|current_database|current_schema|UNION', re.I)
# Of several mistakes in a statement Headgate tells of this one first: names of types are looked up before anything else.
UNKNOWN_TYPE = '42704'
MOST_REFUSED = {'reads': 0.02, 'writes': 0.1}
SHOWN, SHOWN_ALIKE = 40, 2  # differences that are made smaller and printed: at most, and of those whose message is alike
SHRINK_TRIALS = 3000
ODD_PLANNER = ['enable_hashagg = off', 'enable_hashjoin = off', 'enable_indexscan = off', 'enable_material = off', 'enable_memoize = off',
               'join_collapse_limit = 1', 'from_collapse_limit = 1']


class Outcome:
    """kind: 'equal', 'error' (of both), 'refused', 'slow', or a difference; detail: what to print."""

    def __init__(self, kind, detail='', error=None):
        self.kind, self.detail, self.error = kind, detail, error

    def differs(self):
        return self.kind not in ('equal', 'error', 'refused', 'slow')


def judge(mine, theirs, p, q, made):
    """p and q: the Results of Headgate and of the private database."""
    if SLOW in (p.sqlstate, q.sqlstate):
        return Outcome('slow')
    if p.error and q.error and (p.sqlstate in (q.sqlstate, UNKNOWN_TYPE) or made.mistaken):
        return Outcome('error', error=q.error)
    if p.error and p.sqlstate in REFUSALS:
        return Outcome('refused', error=p.error)
    if p.error or q.error:
        said = ['%s %s' % (r.error['C'], r.error['M']) if r.error else 'answers %d rows' % len(r.rows) for r in (p, q)]
        return Outcome('errors differ: %s / %s' % (p.sqlstate, q.sqlstate), 'headgate %s\n      private  %s' % tuple(said))
    typmods = not PLANNED.search(made.text()[0])
    a, b = (answer(side, result, made.ordered(), typmods=typmods) for side, result in ((mine, p), (theirs, q)))
    if a != b:
        detail = difference(a, b)
        return Outcome(detail.split('\n')[0], detail)
    if p.status != q.status:
        return Outcome('status differs', '%s / %s' % (p.status, q.status))
    return Outcome('equal')


def without_names(message):
    """What messages about different names have in common."""
    return re.sub(r'"([^"]|"")*"|column \S+( \S+)? does|[0-9]+', '…', message)


class Runner:
    def __init__(self, options, sides, watch):
        self.options, self.sides, self.watch = options, sides, watch
        self.counts = collections.Counter()
        self.refusals, self.errors, self.examples, self.alike = {}, collections.Counter(), {}, collections.Counter()

    def how(self, number):
        """Which users run it in which mode; some as both, so that the second is served from what the first left in a cache."""
        rng = random.Random('%s:%s:how' % (self.options.seed, number))
        if self.writes(number):
            return [self.options.user or WRITERS[number // IN_A_ROW % len(WRITERS)]], rng.choice(MODES)
        users = [self.options.user] if self.options.user else rng.choice(USERS)
        return users, rng.choice(MODES)

    def writes(self, number):
        return self.options.only == 'writes' or (self.options.only is None and number % 3 == 2)

    def made(self, number, user):
        if self.writes(number):
            return script(self.options.seed, number, user)
        return statement(self.options.seed, number, user in ('acme_masked', 'acme_east'))

    def outcome(self, made, user, mode):
        mine, theirs = self.sides[user]
        text, values, oids = made.text(mode != 'simple')
        try:
            if isinstance(made, Script):
                return run_script(made, mine, theirs, mode, judge, Outcome)
            mine.start(text, mode, values, oids)
            theirs.start(text, mode, values, oids)
            a, b = mine.messages(), theirs.messages()
            if surely_equal(mine, theirs, a, b, made.ordered()):
                return Outcome('equal')
            return judge(mine, theirs, wire.collect(a), wire.collect(b), made)
        except wire.WireError as e:
            mine.drop()
            theirs.drop()
            return Outcome('%s: %s' % (type(e).__name__, e))

    def run(self, number):
        users, mode = self.how(number)
        for user in users:
            made = self.made(number, user)
            kind = 'writes' if isinstance(made, Script) else 'reads'
            if kind == 'writes' and self.watch:
                self.watch.set(user)
            result = self.outcome(made, user, mode)
            self.counts['run'] += 1
            self.counts[kind] += 1
            self.counts[kind, result.kind] += 1
            if result.differs():
                self.counts['failed'] += 1
                self.report(number, made, user, mode, result)
                continue
            self.counts[result.kind] += 1
            if result.kind == 'refused':
                self.note_refusal(number, made, user, mode, result)
            elif result.kind == 'error':
                self.note_error(made.text(mode != 'simple')[0], '%s %s' % (result.error['C'], result.error['M']))

    def note_error(self, text, key):
        self.errors[key] += 1
        if len(self.examples.get(key, text)) >= len(text):
            self.examples[key] = text

    def note_refusal(self, number, made, user, mode, result):
        key = '%s %s' % (result.error['C'], without_names(result.error['M']))
        count, example = self.refusals.get(key, (0, None))
        if example is None and len(self.refusals) < 30:
            alike = without_names(result.error['M'])
            self.smaller(made, user, mode, lambda other: other.kind == 'refused' and without_names(other.error['M']) == alike)
            example = '%d, %s: %s' % (number, mode, made.text(mode != 'simple')[0])
        self.refusals[key] = (count + 1, example)

    def smaller(self, made, user, mode, wanted):
        before = made.text()[0].rsplit('ORDER BY', 1)[-1] if not isinstance(made, Script) and made.ordered() else None

        def stays(_):
            if before is not None and (not made.ordered() or made.text()[0].rsplit('ORDER BY', 1)[-1] != before):
                made.order.present, kept = False, made.order.present
                result = self.outcome(made, user, mode)
                made.order.present = kept
            else:
                result = self.outcome(made, user, mode)
            return wanted(result)
        shrink(made.root, stays, leaves, SHRINK_TRIALS)

    def report(self, number, made, user, mode, result):
        signature = '%s: %s' % (result.kind, without_names(result.detail.split('\n')[0]))
        self.alike[signature] += 1
        if self.alike[signature] > SHOWN_ALIKE or len(self.alike) > SHOWN:
            return
        full = made.text(mode != 'simple')
        self.smaller(made, user, mode, lambda other: other.kind == result.kind)
        text, values, _ = made.text(mode != 'simple')
        again = self.outcome(made, user, mode)
        print('FAIL seed %s, number %d, as %s, %s: %s' % (self.options.seed, number, user, mode, result.kind))
        print('      %s%s' % (text, '   -- %s' % values if values else ''))
        print('      %s' % (again.detail or result.detail))
        print('      was: %s   -- %s' % (full[0][:2000], full[1]))
        sys.stdout.flush()

    def summary(self, seconds):
        counts = self.counts

        def share(kind, what):
            words = {'error': 'errors on both sides', 'slow': 'too slow'}.get(kind, kind)
            return '%d %s (%.2f %%)' % (counts[what, kind], words, 100.0 * counts[what, kind] / max(counts[what], 1))
        for key, (count, example) in sorted(self.refusals.items(), key=lambda pair: -pair[1][0]):
            print('refused %6d  %s\n                %s' % (count, key, example))
        for key, count in self.alike.most_common():
            print('differ  %6d  %s' % (count, key))
        for key, count in self.errors.most_common(40 if self.options.v else 8):
            print('error   %6d  %s%s' % (count, key, '\n                ' + self.examples[key] if self.options.v else ''))
        print('%d statements in %.0f s (%.0f a second), seed %s' % (counts['run'], seconds, counts['run'] / max(seconds, 0.001), self.options.seed))
        passed, failed = counts['equal'] + counts['error'] + counts['refused'], counts['failed']
        for what, most in MOST_REFUSED.items():
            print('%s: %d: %s' % (what, counts[what], ', '.join(share(kind, what) for kind in ('refused', 'error', 'slow'))))
            if counts[what, 'refused'] > most * max(counts[what], 100):
                print('FAIL more than %.0f %% of the %s are refused' % (100 * most, what))
                failed += 1
        return passed, failed


def parse_options():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('--headgate', default='build/dev/headgate')
    arguments.add_argument('--seed', default='1')
    arguments.add_argument('--seconds', type=float, help='how long to run (default 60, or for as long as --count says)')
    arguments.add_argument('--count', type=int, help='how many statements')
    arguments.add_argument('--start', type=int, default=0, help='the number of the first statement')
    arguments.add_argument('--self', action='store_true', dest='itself')
    arguments.add_argument('--user', help='as this user only')
    arguments.add_argument('--only', choices=('reads', 'writes'))
    arguments.add_argument('-v', action='store_true', help='a longer list of errors, with their statements')
    options = arguments.parse_args()
    if options.seconds is None and options.count is None:
        options.seconds = 60
    return options


def main():
    options = parse_options()
    with World(None if options.itself else options.headgate, settings={'jit': 'off'}, writes=True) as world:
        limit = ['statement_timeout = 2000']
        watch = None if options.itself else Watch(world.clusters[:2])
        runner = Runner(options, sides_of(world, options.itself, (limit + (ODD_PLANNER if options.itself else []), limit)), watch)
        began = time.monotonic()
        number = options.start
        while not (options.count and number >= options.start + options.count):
            if options.seconds and time.monotonic() - began > options.seconds:
                break
            runner.run(number)
            number += 1
            if world.headgate and not world.headgate.alive():
                print('FAIL Headgate ended at number %d\n%s' % (number - 1, world.headgate.output()[-3000:]))
                runner.counts['failed'] += 1
                break
        passed, failed = runner.summary(time.monotonic() - began)
        for line in watch.found() if watch else ():
            print('FAIL ' + line)
            failed += 1
        status = world.headgate.stop() if world.headgate else 0
        if status != 0:
            print('FAIL Headgate ended with status %s' % status)
            failed += 1
    print('%d passed, %d failed' % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
