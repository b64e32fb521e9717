#!/usr/bin/python3
"""COPY: what a server makes of rows that come through Headgate, against a private database; the protocol; what is refused.

    tests/copy/run.py --headgate build/dev/headgate [--files N] [--seed S] [NAME...]

Every function test_*(world) of the test_*.py files here is one test. `files` loads N random files (default 600), each into a table of the shared
database through Headgate, cut into pieces at random, and whole into a private database: the same rows, or the same error. Ends with `N passed, M failed`.
"""
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(os.path.dirname(HERE), 'support'), HERE]
import files  # noqa: E402
import suite  # noqa: E402
import wire  # noqa: E402
from world import TENANTS, World  # noqa: E402


def pieces(rng, data):
    """CopyData messages of the whole, cut anywhere."""
    out, at = b'', 0
    while at < len(data):
        size = rng.choice([1, 1, 2, 3, 7, 1000]) if len(data) < 10000 else rng.randrange(1, 20000)
        out += wire.copy_data(data[at:at + size])
        at += size
    return out


def load(connection, sql, messages):
    """Sends COPY FROM and, if it is taken, the messages and CopyDone."""
    connection.send(wire.query(sql))
    received = connection.recv_until('GZ')
    if received[-1][0] == 'G':
        connection.send(messages + wire.copy_done())
        received += connection.recv_until('Z')
    return wire.collect(received)


def outcome(connection, table, columns, options, messages, names):
    """(tag, error, rows) of loading a file, which is rolled back."""
    connection.simple('BEGIN')
    listed = '' if columns is None else ' (%s)' % ', '.join(map(files.quoted, columns))
    result = load(connection, 'COPY public.%s%s FROM STDIN %s' % (table, listed, options), messages)
    rows = None
    if not result.error:
        rows = connection.simple('SELECT %s FROM public.%s' % (', '.join(map(files.quoted, names)), table)).rows
    connection.simple('ROLLBACK')
    return result.tag, result.error, rows, [body for kind, body in result.messages if kind == 'G']


def context(error):
    """Where, without the text of the line: of a longer line less is shown."""
    where = (error.get('W') or '').split(': "')
    return where[0]


def differs(case, ours, theirs):
    table, columns, _, data = case
    if ours[3] != theirs[3]:
        return 'CopyInResponse'
    if theirs[1] is None and ours[1] is not None and ours[1]['C'] == '42501' and table == 'owned' and any(row[1] != 'acme' for row in theirs[2]):
        return None  # another tenant's value, which a private database does not refuse
    if (ours[1] or {}).get('C') == '42501' and table == 'owned' and theirs[1]:
        return None  # … or finds a later mistake first
    if ours[1] and theirs[1] and '22021' in (ours[1]['C'], theirs[1]['C']):
        return None  # when a broken character is found depends on how many bytes have come
    if (ours[1] or {}).get('C') != (theirs[1] or {}).get('C'):
        return 'SQLSTATE'
    if ours[1]:
        same = ours[1]['M'] == theirs[1]['M'] and context(ours[1]) == context(theirs[1])
        marker = b'\\.' in data and ours[1]['C'] == '22P04'  # a broken end marker may be told as a broken newline
        return None if same or marker else 'error'
    return None if ours[0] == theirs[0] and sorted(map(repr, ours[2])) == sorted(map(repr, theirs[2])) else 'rows'


def run_files(world, count, seed):
    failed = failures = 0
    through, private = world.connect(), world.private()
    for number in range(count):
        rng = random.Random(seed * 1000003 + number)
        case = files.case(rng)
        names = files.TABLES[case[0]]
        ours = outcome(through, *case[:3], pieces(rng, case[3]), names)
        theirs = outcome(private, *case[:3], wire.copy_data(case[3]), names)
        failures += theirs[1] is not None
        what = differs(case, ours, theirs)
        if what:
            failed += 1
            print('FAIL files: %s of file %d (seed %d): %r\n  through Headgate: %r\n  private:          %r' % (what, number, seed, case, ours[:3], theirs[:3]))
    through.end()
    private.end()
    others = world.shared('SELECT (SELECT count(*) FROM store.items_all), (SELECT count(*) FROM one)')
    if others.strip() != '1|1':
        failed += 1
        print('FAIL files: rows are left: %s' % others)
    print('%d files, %d of which PostgreSQL refuses' % (count, failures))
    return count - failed, failed


def main():
    parser = suite.arguments_of(__doc__)
    parser.add_argument('--files', type=int, default=600)
    parser.add_argument('--seed', type=int, default=1)
    arguments = parser.parse_args()
    with World(arguments.headgate) as world:
        def around(function):
            function(world)
            assert world.headgate.alive(), 'the proxy ended: ' + world.headgate.output()[-3000:]
        passed, failed = suite.run(suite.collect(HERE, arguments.names), around, HERE, seconds=600)
        if world.headgate.alive() and (not arguments.names or 'files' in arguments.names):
            done = run_files(world, arguments.files, arguments.seed)
            passed, failed = passed + done[0], failed + done[1]
    if world.status:
        print(world.headgate.output()[-3000:])
    suite.end(passed, failed, world.status)


if __name__ == '__main__':
    main()
