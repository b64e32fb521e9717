#!/usr/bin/python3
"""Non-interference: two worlds in which only the other tenants' rows differ, and who they are; acme must not be able to tell them apart.

    tests/twin/interference.py [--headgate BINARY] [--seed N] [--count N] [--probes N] [--only REGEX]

Each statement of cases/*.sql, N random ones (generate.py), and N probes run as acme_bi through the Headgate of either world, as a
simple query and as an extended one. All messages of the reply must be the same bytes: rows, descriptions, tags, errors, notices,
parameters. Rows that no ORDER BY puts in order are compared as a bag, since the planner knows how many rows a table has.
Of the login, all but the authentication's random parts and the cancel key is compared.

A probe is a statement that fails, or is slow, or gives rows, if some expression is evaluated on a row of others: division by zero
at a foreign id, a cast of foreign text, a pattern that is none. Its constants come from the rows of both worlds, and one of them has
the rows of poison.sql.
"""
import argparse
import collections
import os
import random
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from world import DATABASE, OTHERS, PASSWORD, TENANTS, World  # noqa: E402
from compare import Side  # noqa: E402
from generate import statement  # noqa: E402
from cases import copies_in, load  # noqa: E402
from scripts import play  # noqa: E402
from writes import script  # noqa: E402
import wire  # noqa: E402  (tests/support)

READER, WRITER = 'acme_bi', 'acme_rw'
ROWS = ('D', 'd')  # messages that carry one
TRANSACTION = re.compile(r'\b(begin|start|commit|end|rollback|abort|savepoint|release)\b', re.I)
# Keys without the tenant's column tell of rows of others, whatever one does; `headgate check` warns of them.
GLOBAL_KEYS = re.compile(r'\b(payments|refunds)\b')
MODES = ('simple', 'extended', 'binary')
STARTED = re.compile(rb"(?<=The statement's id is )[0-9a-z]+-[0-9a-z]+-[0-9a-z]+(?=-[0-9a-z]+\.)")  # which process and, by a keyed hash, which session
SHOWN = 20
SLOW = 10  # random statements that may be too slow

# table: (columns with numbers, columns with text)
TABLES = {
    'campaigns': (['id', 'parent_id', 'channel_id', 'budget'], ['name', 'settings ->> \'owner\'', 'tags[1]']),
    'public.contacts': (['contact_no', 'credit::int'], ['tenant_id', 'full_name', 'email', 'phone']),
    'messages': (['id', 'campaign_id', 'contact_no'], ['subject', 'body', 'metadata ->> \'tenant\'']),
    'events': (['id', 'message_id', 'latency_ms'], ['kind', 'host(ip)']),
    'audit': (['id'], ['tenant_id', 'actor', 'note']),
    '"Mixed Case"': (['"Draft No"', '"order"'], ['"select"', '"ünïcode"']),
    'crm.contacts': (['contact_no'], ['owner']),
    'materialized.daily_metrics': (['campaign_id', 'sent', 'spend::int'], ['day::text']),
}
# {n}: a number of a row, {t}: a text of a row, {k}: a number that others have, {w}: a text that others have. None fails on acme's own
# rows: whether it is evaluated on those is the planner's choice, which knows how large the table is.
CONDITIONS = [
    "'x' ~ {t}", "'xyz' LIKE {t}", "{t} ~ ANY (ARRAY[{t}])", '(1 / {n}) IS NULL', '(1 / {n}) IS NOT NULL', "1 / {n} <> ALL ('{}')",
    '(-{n}) IS NULL', '{n}::int IS NULL', '({n} - 1) IS NULL', 'sqrt({n}) IS NULL', 'ln({n}) IS NULL', 'CASE 1 / {n} WHEN 1 THEN true END',
    '(ARRAY[true])[1 / {n}]', '1 / ({n} - {k}) >= 0', '{n} % ({n} - {k}) = 0', 'CASE WHEN {n} = {k} THEN 1 / 0 ELSE 1 END = 1',
    'CASE WHEN {t} = {w} THEN 1 / 0 ELSE 0 END = 0', "CASE WHEN {t} LIKE {w} || '%' THEN ({t})::int ELSE 1 END = 1",
    'CASE WHEN {t} = {w} THEN ({t})::date END IS NOT NULL', "'x' ~ (CASE WHEN {t} = {w} THEN '(' ELSE 'x' END)", "'x' ~ replace({t}, {w}, '*')",
    "substring({t} FROM 1 FOR CASE WHEN {t} = {w} THEN -1 ELSE 1 END) <> ''", 'sqrt(abs({n} - {k}) - 0.5) > 0', 'ln(abs({n} - {k})) > -1',
    "repeat({t}, CASE WHEN {n} = {k} THEN 300000000 ELSE 1 END) <> ''", "chr(CASE WHEN {n} = {k} THEN 0 ELSE 65 END) = 'A'",
    "(CASE WHEN {t} = {w} THEN '{' ELSE '{}' END)::text[] IS NOT NULL", "to_tsquery('simple', CASE WHEN {t} = {w} THEN '&' END) IS NULL",
    "{t} LIKE {w} || '\\'", "{t} NOT LIKE left({w}, 4) || '%!' ESCAPE '!'", "{t} LIKE ANY (ARRAY['\\', {w} || '\\'])",
    'CASE WHEN {t} LIKE {w} THEN {n} > (SELECT 1 / (random() * 0)::int) END', "CASE WHEN {t} LIKE left({w}, 4) || '%' THEN {n} NOT IN (SELECT 1 / (id - id) FROM channels) END",
    'CASE WHEN {n} = {k} THEN {t} LIKE {w} OR EXISTS (SELECT 1 FROM channels WHERE 1 / (id - id) = 1) END', '{t} IS NULL OR ROW({t}, {n}) <> ROW({w}, {k})',
    'make_date(2026, 1, 1 + ({n} = {k})::int * 50) IS NOT NULL', '{n} = {k}', '{t} = {w}', '{t} >= {w}',
]
SHAPES = [
    'SELECT {n} FROM {table} WHERE {c} ORDER BY 1',
    'SELECT count(*) FROM {table} WHERE {c} AND {c}',
    'SELECT count(*) FROM {table} WHERE {c} OR {c}',
    'SELECT count(*) FROM {table} WHERE NOT ({c})',
    'SELECT count(*) FILTER (WHERE {c}) FROM {table}',
    'SELECT bool_and({c}) FROM {table}',
    'SELECT {n}, {c} FROM {table} ORDER BY 1, 2',
    'SELECT {n} FROM {table} ORDER BY {c}, 1',
    'SELECT {c}, count(*) FROM {table} GROUP BY 1 ORDER BY 1',
    'SELECT count(*) FROM {table} GROUP BY {t} HAVING bool_or({c}) ORDER BY 1',
    'SELECT count(*) FROM channels h(key, label, price) JOIN {table} x ON {c}',
    'SELECT count(*) FROM channels h(key, label, price) LEFT JOIN {table} x ON key = 1 AND {c}',
    'SELECT count(*) FROM {table} x FULL JOIN channels h(key, label, price) ON key = x.{n} WHERE {c}',
    'SELECT count(*) FROM channels WHERE EXISTS (SELECT FROM {table} WHERE {c})',
    'SELECT count(*) FROM channels WHERE 1 IN (SELECT {n}::int FROM {table} WHERE {c})',
    'SELECT (SELECT max({n}) FROM {table} WHERE {c})',
    'WITH x AS (SELECT * FROM {table} WHERE {c}) SELECT count(*) FROM x',
    'WITH x AS NOT MATERIALIZED (SELECT * FROM {table}) SELECT count(*) FROM x WHERE {c}',
    'SELECT count(*) FROM (SELECT * FROM {table} OFFSET 0) x WHERE {c}',
    'SELECT count(*) FROM (SELECT DISTINCT {t} AS v, {n} AS n FROM {table}) x, {table} WHERE {c}',
    'SELECT id FROM channels ORDER BY id LIMIT (SELECT count(*) FROM {table} WHERE {c})',
    'SELECT {n}, row_number() OVER (PARTITION BY {c} ORDER BY {n}) FROM {table} ORDER BY 1, 2',
    'SELECT max({n}) FROM {table} WHERE {c} AND {n} > 0',
    'SELECT min({t}) FROM {table} WHERE {n} IS NOT NULL AND {c}',
    'SELECT count(*) FROM {table} x, LATERAL (SELECT 1 FROM channels h(key, label, price) WHERE {c}) y',
    'SELECT {n} FROM {table} WHERE {c} UNION SELECT {n} FROM {table} WHERE {c} ORDER BY 1',
    'SELECT string_agg({t}, {w} ORDER BY {t}) FROM {table} WHERE {c}',
    'EXPLAIN SELECT {n} FROM {table} WHERE {c}',
    'EXPLAIN (FORMAT json) SELECT {t}, count(*) FROM {table} GROUP BY 1',
]


def words_and_numbers():
    """What stands in the rows of others, and not in those of acme."""
    words, numbers = ['globex', 'initech', 'hooli'], [0]
    for tenants in (TENANTS, OTHERS):
        for tenant in sorted(set(tenants) - {'acme'}):
            one = tenants[tenant]
            words += [one['code'], one['code'] + ' campaign 2', one['code'] + ' note 3', tenant + '-actor-1', one['code'] + ' rep 3',
                      '10.0.%d.7' % one['octet']]
            numbers += [one['base'] + 2, one['base'] + one['ncamp'], one['base'] + one['nmsg']]
    return words, numbers


WORDS, NUMBERS = words_and_numbers()


def probe(seed, number):
    """A statement, and whether its rows are in order."""
    rng = random.Random('%s:%s:probe' % (seed, number))
    table = rng.choice(list(TABLES))
    shape = rng.choice(SHAPES)
    while '{c}' in shape:
        shape = shape.replace('{c}', rng.choice(CONDITIONS), 1)
    out = shape.replace('{table}', table)
    while True:
        for place, values in (('{n}', TABLES[table][0]), ('{t}', TABLES[table][1])):
            if place in out:
                out = out.replace(place, rng.choice(values), 1)
                break
        else:
            break
    out = out.replace('{k}', str(rng.choice(NUMBERS))).replace('{w}', "'%s'" % rng.choice(WORDS))
    return out, 'ORDER BY' in shape


class Runner:
    def __init__(self, sides, user, counts):
        self.sides, self.user, self.counts = sides, user, counts

    def login(self):
        """Two new connections; what their logins told."""
        told = []
        for side in self.sides:
            side.drop()
            side.wire = wire.Wire('127.0.0.1', side.port, timeout=30)
            messages = side.wire.login(self.user, PASSWORD, DATABASE)
            told.append([(kind, b'' if kind in 'RK' else body) for kind, body in messages])
        self.judge('login', 'login', told[0], told[1], True)

    def run(self, name, sql, mode, ordered, values=(), oids=()):
        try:
            for side in self.sides:
                side.start(sql, mode, values, oids)
            a, b = (side.messages() for side in self.sides)
        except wire.WireError as e:
            self.broke(name, mode, e, sql)
            return
        self.judge(name, mode, a, b, ordered, sql)

    def judge(self, name, mode, a, b, ordered, sql=''):
        a, b = ([(kind, STARTED.sub(b'', body) if kind == 'E' else body) for kind, body in messages] for messages in (a, b))
        self.counts['errors'] += any(kind == 'E' for kind, _ in a)
        if a == b or (not ordered and (self.same_bag(a, b) or self.other_rule(a, b))):
            self.counts['passed'] += 1
            self.counts['in another order'] += a != b
            return
        for p, q in zip(a, b):
            if p != q and (ordered or p[0] not in ROWS or q[0] not in ROWS):
                break
        self.fail(name, mode, '\n      one    %s\n      other  %s' % (str(p)[:600], str(q)[:600]), sql)

    def same_bag(self, a, b):
        rest = [[message for message in messages if message[0] not in ROWS] for messages in (a, b)]
        return rest[0] == rest[1] and sorted(m for m in a if m[0] in ROWS) == sorted(m for m in b if m[0] in ROWS)

    @staticmethod
    def other_rule(a, b):
        """Several rows that break rules: the one that comes first is told of, and rows have no order."""
        codes = [[wire.decode_fields(body)['C'] for kind, body in messages if kind == 'E'] for messages in (a, b)]
        return len(codes[0]) == len(codes[1]) == 1 and all(c[0][:2] == '23' for c in codes)

    def broke(self, name, mode, error, sql):
        """No answer: a statement made at random may be too slow for any server, so a few of them are left out."""
        if isinstance(error, wire.TimedOut) and name.startswith('seed') and self.counts['too slow'] < SLOW:
            self.counts['too slow'] += 1
        else:
            self.fail(name, mode, '%s: %s' % (type(error).__name__, error), sql)
        self.login()

    def fail(self, name, mode, what, sql):
        self.counts['failed'] += 1
        if self.counts['failed'] <= SHOWN:
            print('FAIL %s, %s: %s\n      %s' % (name, mode, what, ' '.join(sql.split())[:1500]))
            sys.stdout.flush()


def play_case(side, case, mode):
    """The messages of each round. What a case writes is rolled back, unless it has transactions of its own: then it stays, and both
    worlds go on from there."""
    data, out = case.data(), []
    if case.writes() and not TRANSACTION.search(case.sql):
        side.run('BEGIN', 'simple')
    for statements in case.rounds(mode):
        copies = sum(map(copies_in, statements))
        result = side.run_together(statements, mode, *case.parameters(), data[:copies], copies > 0)
        out.append(result.messages)
        data = data[copies:]
    if result.status != 'I':
        out.append(side.run('ROLLBACK', 'simple').messages)
    return out


def run_cases(runner, pattern):
    for mode in MODES:
        runner.login()
        for case in load(pattern):
            if runner.user not in case.users('%s,%s' % (READER, WRITER)) or (mode == 'simple' and 'params' in case.options):
                continue
            if case.writes() and GLOBAL_KEYS.search(case.sql):
                continue
            try:
                a, b = (play_case(side, case, mode) for side in runner.sides)
            except wire.WireError as e:
                runner.fail(str(case), mode, '%s: %s' % (type(e).__name__, e), case.sql)
                runner.login()
                continue
            for p, q in zip(a, b):
                runner.judge(str(case), mode, p, q, case.ordered(), case.sql)


def run_scripts(runner, seed, count):
    for number in range(count):
        made, mode = script(seed, number, runner.user), MODES[number % 3]
        name = 'seed %s, script %d' % (seed, number)
        try:
            (results, held), (others, others_held) = (play(side, made, mode) for side in runner.sides)
        except wire.WireError as e:
            runner.broke(name, mode, e, made.text()[0])
            continue
        for step, p, q in zip(made.steps(), results, others):
            runner.judge(name, mode, p.messages, q.messages, step.ordered(), made.text()[0])
        if held != others_held:
            runner.fail(name, mode, 'the tables hold something else', made.text()[0])


def run_random(runner, seed, count):
    for number in range(count):
        made, mode = statement(seed, number), MODES[number % 3]
        text, values, oids = made.text(mode != 'simple')
        runner.run('seed %s, number %d' % (seed, number), text, mode, made.ordered(), values, oids)


def run_probes(runner, seed, count):
    for number in range(count):
        sql, ordered = probe(seed, number)
        runner.run('seed %s, probe %d' % (seed, number), sql, MODES[number % 3], ordered)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument('--headgate', default='build/dev/headgate')
    arguments.add_argument('--seed', default='1')
    arguments.add_argument('--count', type=int, default=2000, help='how many random statements')
    arguments.add_argument('--scripts', type=int, default=1500, help='how many random scripts that write')
    arguments.add_argument('--probes', type=int, default=4000, help='how many probes')
    arguments.add_argument('--only', help='of the cases those whose file:line and text match')
    options = arguments.parse_args()
    settings = {'jit': 'off'}
    status = []
    with World(options.headgate, settings=settings, private=False) as one, \
            World(options.headgate, settings=settings, private=False, tenants=OTHERS, poison=False) as other:
        counts = collections.Counter()
        for user in (READER, WRITER):
            runner = Runner([Side(world.headgate.port, user) for world in (one, other)], user, counts)
            run_cases(runner, options.only)
            if user == WRITER:
                run_scripts(runner, options.seed, options.scripts)
                continue
            run_random(runner, options.seed, options.count)
            run_probes(runner, options.seed, options.probes)
        status = [world.headgate.stop() for world in (one, other)]
    if any(status):
        print('FAIL Headgate ended with status %s' % status)
        counts['failed'] += 1
    print('%d replies were errors, %d had their rows in another order, %d statements were too slow' % (counts['errors'], counts['in another order'], counts['too slow']))
    print('%d passed, %d failed' % (counts['passed'], counts['failed']))
    return 1 if counts['failed'] or not counts['passed'] else 0


if __name__ == '__main__':
    sys.exit(main())
