"""Reloads under load. From each reply of an analyst the generation can be told in four places, and they have to agree."""
import time

import wire
from load import Client, Load, Wrong

LOOK = ("SELECT i.*, l.name AS label, (SELECT count(*) FROM ticks) AS seen, '%s' AS nonce FROM items i JOIN labels l ON l.item_id = i.id "
        "WHERE i.id <= 6 ORDER BY i.id")


class Storm:
    """The generations by number: `done` was said to be in force, `begun` has been asked for."""

    def __init__(self):
        self.done = self.begun = 1
        self.stale = self.told = 0

    def look(self, columns, rows, floor):
        """The one generation that these rows were made by."""
        names = [column.name for column in columns]
        rows = [[value.decode() if isinstance(value, bytes) else value for value in row] for row in rows]  # bytes: not described
        seen = {'g%s' % row[names.index('seen')] for row in rows}
        seen |= {row[names.index(name)] for row in rows for name in ('name', 'label')}
        if len(seen) != 1 or len(rows) == 0:
            raise Wrong('generations in one reply: %s of %d rows' % (sorted(seen), len(rows)))
        n = int(seen.pop()[1:])
        if ('note' in names) != (n % 2 == 0):
            raise Wrong('generation %d, and the columns %s' % (n, names))
        if not floor <= n <= self.begun:
            raise Wrong('generation %d, when %d was in force and %d the newest' % (n, floor, self.begun))
        self.told += 1
        return n


def once(storm):
    def act(client):
        floor, nonce = storm.done, client.nonce()
        result = client.check(client.wire.simple(LOOK % nonce), nonce)
        if result:
            storm.look(result.columns, result.rows, floor)
    return act


def several(storm):
    """Statements of one message, and statements of one transaction, are of one generation."""
    def act(client):
        floor, nonce = storm.done, client.nonce()
        result = client.check(client.wire.simple(';'.join([LOOK % nonce] * 3)), nonce)
        client.check(client.wire.simple('BEGIN'), None)
        inside = [client.check(client.wire.simple(LOOK % nonce), nonce) for _ in range(3)]
        client.check(client.wire.simple('COMMIT'), None)
        if result is None or None in inside:
            return
        for statements in (result.statements, [one.statements[0] for one in inside]):
            told = {storm.look(one.columns, one.rows, floor) for one in statements}
            if len(told) != 1:
                raise Wrong('generations in one transaction: %s' % told)
    return act


def prepared(storm):
    """Parsed once, executed for ever."""
    def act(client):
        w, floor = client.wire, storm.done
        if not getattr(w, 'has_statement', False):
            w.send(wire.parse('look', LOOK.replace("'%s'", '$1::text')) + wire.sync())
            assert w.result().error is None
            w.has_statement = True
        nonce = client.nonce()
        w.send(wire.bind('', 'look', [nonce]) + wire.describe('P') + wire.execute() + wire.sync())
        result = client.check(w.result(), nonce)
        if result:
            storm.look(result.columns, result.rows, floor)
    return act


def portals(storm):
    """Fetched bit by bit while reloads happen, with a cursor beside it."""
    def act(client):
        w, floor, nonce = client.wire, storm.done, client.nonce()
        w.send(wire.query('BEGIN'))
        client.check(w.result(), None)
        client.check(w.simple('DECLARE c CURSOR FOR ' + LOOK % nonce), nonce)
        w.send(wire.parse('', LOOK % nonce) + wire.bind('p', '') + wire.describe('P', 'p') + wire.execute('p', 2) + wire.sync())
        first = client.check(w.result(), nonce)
        told = {storm.look(first.columns, first.rows, floor)}
        for _ in range(2):
            time.sleep(0.05)
            w.send(wire.execute('p', 2) + wire.sync())
            rest = client.check(w.result(), nonce)
            told.add(storm.look(first.columns, rest.rows, floor))
            fetched = client.check(w.simple('FETCH 2 FROM c'), nonce)
            told.add(storm.look(fetched.columns, fetched.rows, floor))
        client.check(w.simple('COMMIT'), None)
        if len(told) != 1:
            raise Wrong('generations of one transaction: %s' % told)
    return act


def visitor(storm):
    """Comes, looks and goes."""
    ask = once(storm)

    def act(client):
        ask(client)
        client.hang_up()
    return act


def hidden(storm):
    """Asks for what only even generations have."""
    def act(client):
        floor, nonce = storm.done, client.nonce()
        result = client.wire.simple("SELECT note, '%s' AS nonce FROM items WHERE id = 1" % nonce)
        if result.sqlstate == '42703':
            client.was_answered()
        else:
            client.check(result, nonce)
        possible = {n % 2 for n in range(floor, storm.begun + 1)}
        if (result.sqlstate == '42703') not in {odd == 1 for odd in possible}:
            raise Wrong('%s with generations %d to %d' % (result.error, floor, storm.begun))
    return act


def test_storm(world):
    """Three ways of asking for a reload take turns; between them some that must fail and change nothing."""
    world.start()
    storm, reloads = Storm(), 102 if world.brief else 300
    kinds = [once, prepared, several, portals, once, prepared, visitor, hidden, portals, prepared]
    load = Load([Client(world, i, kinds[i % len(kinds)](storm), user='a%02d') for i in range(20)])
    ways = [world.reload_by_signal, world.reload_by_program, world.reload_by_console]
    failures, begun = 0, time.monotonic()
    with load:
        for n in range(2, reloads + 2):
            storm.begun = n
            world.write_policy(n)
            said = ways[n % 3]()
            assert not said, said
            storm.done = n
            if n % 10 == 0:
                world.write_policy(n + 1000, broken='nonsense: 1\n')
                assert ways[n // 10 % 3](), 'a broken policy was taken'
                failures += 1
        took = time.monotonic() - begun
        load.everybody_answers(60)
    load.report('storm of %d reloads and %d that fail in %.1f s' % (reloads, failures, took))
    print('     %d replies told their generation' % storm.told)
    load.check()
    assert not load.errors, load.errors
    assert sum(client.sent for client in load.clients) and storm.told > reloads
    assert world.metric('generation') >= reloads and world.metric('verify_failures_total') == 0


def now(world):
    """What a client that comes now is shown: its generation by the policy's number."""
    with world.connect('a03') as w:
        result = w.simple(LOOK % 'now')
        assert not result.error, result.error
        every = Storm()
        every.begun = 10**6
        return every.look(result.columns, result.rows, 0)


def test_there_and_back(world):
    """Under load: a dry run that changes nothing, a reload, and back to the generation of before."""
    world.start()
    storm, rounds = Storm(), 6 if world.brief else 30
    storm.done, storm.begun = 0, rounds + 1
    load = Load([Client(world, i, kind(storm), user='a%02d', pause=0.01) for i, kind in enumerate([once, prepared, several, portals] * 2)])
    with load:
        load.everybody_answers(60)
        for n in range(2, rounds + 2):
            assert now(world) == 1
            kept = int(world.metric('generation'))
            world.write_policy(n)
            with world.console(timeout=100) as console:
                said = console.simple('RELOAD DRY RUN')
                assert not said.error and said.rows, said.error
            assert now(world) == 1, 'a dry run has changed something'
            assert not world.reload_by_program() and now(world) == n
            said = world.command('ROLLBACK TO GENERATION %d' % kept)
            assert not said.error, said.error
        assert now(world) == 1
        load.everybody_answers(60)
    load.report('%d times there and back' % rounds)
    load.check()
    assert not load.errors, load.errors


def test_files_are_watched(world):
    """`reload: on-change` under load: whatever is written, whole or in pieces, what is in force is one whole policy."""
    world.start(more='reload: on-change\n')
    storm = Storm()
    storm.done, storm.begun = 0, 9
    load = Load([Client(world, i, kind(storm), user='a%02d', pause=0.02) for i, kind in enumerate([once, prepared, several, portals])])
    left_alone = False
    with load:
        for n in range(2, 4 if world.brief else 9):
            world.write_policy(n)
            longest, last = 0, time.monotonic()
            if n % 2:  # by a slow editor: first a half, then all of it
                with open(world.path('policy.yaml'), encoding='utf8') as file:
                    text = file.read()
                with open(world.path('policy.yaml'), 'w', encoding='utf8') as file:
                    for at in range(0, len(text), 1000):
                        file.write(text[at:at + 1000])
                        file.flush()
                        time.sleep(0.05)
                        longest, last = max(longest, time.monotonic() - last), time.monotonic()
                left_alone = left_alone or longest > 0.9  # a half that was to be taken for a whole
            begun = time.monotonic()
            world.until(lambda: now(world) == n, 60, 'generation %d does not come' % n)
            print('     in force %.1f s after it was written' % (time.monotonic() - begun))
        load.everybody_answers(60)
    load.report('watched files')
    load.check()
    assert not load.errors and (left_alone or world.metric('reload_failures_total') == 0)
