"""Each limit, of the tenant, of the role and of the user: what the error says, whom it hits, when it is over."""
import re
import time

import wire
from wire import bind, describe, execute, parse, sync

MESSAGES = 'SELECT id, body FROM messages'  # 1000 rows
TIMED = 'SELECT done FROM naps WHERE ms = %d'  # naps: see world.py
WHERE = (('acme', 'tenant', 'acme'), ('analyst', 'user', 'alice'), ('alice', 'user', 'alice'))


def told(error, sqlstate, limit, of, name):
    """The error names the limit, whose it is, its value, what was used, when it resets, and what to do."""
    assert error['C'] == sqlstate, error
    assert '%s "%s"' % (of, name) in error['M'], error
    assert re.match(r'Limit "%s" of the %s: .+, used: .+\. .+\.' % (limit, of), error['D']), error
    assert 'SHOW headgate.limits' in error['H'], error
    return error


def refused(world, user):
    try:
        with world.connect(user):
            pass
    except wire.LoginRefused as error:
        return error.fields
    return None


def test_connections(world):
    for where, of, name in WHERE:
        world.limit(**{where: {'connections': 2}})
        with world.connect(), world.connect():
            error = told(refused(world, 'alice'), '53300', 'connections', of, name)
            assert error['S'] == 'FATAL' and ': 2, used: 2.' in error['D'], error
            assert bool(refused(world, 'carol')) == (of == 'tenant'), 'another user of the tenant'
            assert not refused(world, 'bob'), 'another tenant'
        world.until(lambda: not refused(world, 'alice'))  # when they are closed


def test_connections_tells_strangers_nothing(world):
    world.limit(top={'connections': 1})
    with world.connect():
        try:
            wire.connect('127.0.0.1', world.port, 'alice', 'wrong', 'analytics')
            raise AssertionError('logged in')
        except wire.LoginRefused as error:
            assert error.sqlstate == '28P01', error.fields


def test_statement_bytes(world):
    long = 'SELECT %s' % ('1' * 200)
    for where, of, name in WHERE:
        world.limit(**{where: {'statement_bytes': 100}})
        with world.connect() as w:
            error = told(w.simple(long).error, '54000', 'statement_bytes', of, name)
            assert '100 bytes, used: 207 bytes.' in error['D'], error
            told(w.extended(long).error, '54000', 'statement_bytes', of, name)
            assert told(w.simple('SELECT (((' * 50).error, '54000', 'statement_bytes', of, name), 'before it is parsed'
            assert w.simple('SELECT 1').rows == [('1',)] and w.extended('SELECT 1').rows == [('1',)]
        with world.connect('bob') as w:
            assert w.simple('SELECT %s' % ('1 + ' * 80 + '1')).rows == ([] if where == 'analyst' else [('81',)])


RATE = 5


def burst(connection, count, text='SELECT 1'):
    """The SQLSTATEs of so many statements that are sent at once: none has to wait for its client."""
    connection.send(wire.query(text) * count)
    return [connection.result().sqlstate for _ in range(count)]


def shares(other, connection, tries):
    """When one has used up all, is there less than all for the other? That takes no longer than what is refilled meanwhile; else again."""
    for _ in range(tries):
        time.sleep(1.1)  # now both may do all that they may
        assert '53400' in burst(connection, 40)
        if '53400' in burst(other, RATE):
            return True
    return False


def test_rate(world):
    for where, of, name in WHERE:
        world.limit(**{where: {'rate': RATE}})
        with world.connect() as w:
            time.sleep(1.1)
            w.send(wire.query('SELECT 1') * 40)
            results = [w.result() for _ in range(40)]
            assert all(not r.error for r in results[:RATE]), results
            errors = [r.error for r in results if r.error]
            assert errors, results
            error = told(errors[0], '53400', 'rate', of, name)
            wait = int(re.search(r'in (\d+) ms', error['D'])[1])
            assert 1 <= wait <= 200, error
            with world.connect() as again:  # reconnecting helps nobody
                assert shares(again, w, 5)
            with world.connect('carol') as other:
                assert shares(other, w, 5 if of == 'tenant' else 1) == (of == 'tenant')
            with world.connect('bob') as other:
                assert not shares(other, w, 1)
            time.sleep(1.1)
            assert burst(w, RATE) == [None] * RATE


def test_rate_is_not_bypassed(world):
    """By several statements in a text, pipelines, prepared statements, or mistakes."""
    world.limit(acme={'rate': 6})
    with world.connect() as w:
        error = told(w.simple(';'.join(['SELECT 1'] * 7)).error, '53400', 'rate', 'tenant', 'acme')
        assert 'The text has 7 statements' in error['D'], error
        time.sleep(1.1)
        texts = burst(w, 10, ';'.join(['SELECT 1'] * 6))
        assert texts[0] is None and '53400' in texts, texts
        time.sleep(1.1)
        w.send(b''.join(parse('', 'SELECT 1') + bind('', '') + execute() + sync() for _ in range(40)))
        states = [w.result().sqlstate for _ in range(40)]
        assert states[:6] == [None] * 6 and '53400' in states[6:], states
        time.sleep(1.1)
        assert w.simple('PREPARE p AS SELECT 1').sqlstate is None
        states = burst(w, 40, 'EXECUTE p')
        assert states[:5] == [None] * 5 and '53400' in states, states
        time.sleep(1.1)
        w.send(wire.query('SELEC') * 6 + wire.query('SELECT 1') * 6)
        states = [w.result().sqlstate for _ in range(12)]
        assert states[:6] == ['42601'] * 6 and '53400' in states[6:], states


def states(w, *batches):
    w.send(b''.join(batch + sync() for batch in batches))
    return [w.result().sqlstate for _ in batches]


def test_rate_of_what_is_only_prepared(world):
    """Parse, Bind and Describe without an Execute are work for nothing: they cost as much as a statement."""
    world.limit(acme={'rate': 5})
    one = 'SELECT count(*) FROM channels'
    with world.connect() as w:
        for batches in ([parse('', one)] * 7, [parse('p%d' % i, one) for i in range(7)], [parse('', 'SELECT %d' % i) for i in range(7)],
                        [parse('', one) + bind('', '')] + [bind('', '') for _ in range(6)],
                        [parse('', one) + describe('S')] + [describe('S') for _ in range(6)],
                        [parse('', one) + bind('', '') + describe('P') * 8] + [describe('S')] * 6,
                        [parse('', 'SHOW timezone') + describe('S')] + [describe('S')] * 6):
            time.sleep(1.1)
            found = states(w, *batches)
            assert '53400' in found and found.index('53400') in (0, 5, 6), (batches, found)  # 6: the bucket fills meanwhile
            assert set(found) <= {None, '53400', '26000'}, found


def test_rate_charges_once(world):
    """However a statement is prepared: what led up to it and its first run are one."""
    world.limit(acme={'rate': 5})
    one = 'SELECT count(*) FROM channels'
    with world.connect() as w:
        for make in (lambda i: [parse('', one) + bind('', '') + describe('P') + execute()], lambda i: [parse('s', one) + describe('S', 's')] + [bind('', 's') + execute()] * 5,
                     lambda i: [parse('a%d' % i, one) + describe('S', 'a%d' % i), bind('', 'a%d' % i) + execute()], lambda i: [parse('', 'SHOW timezone') + bind('', '') + execute()]):
            time.sleep(1.1)
            batches = make(0)
            if len(batches) < 5:
                batches += make(1) + make(2) + make(3) + make(4)
            assert states(w, *batches) == [None] * len(batches), batches
            assert '53400' in states(w, *[parse('', one) + bind('', '') + execute()] * 2)
        time.sleep(1.1)  # what was prepared long ago has to be paid for when it is run
        assert states(w, *[parse('l%d' % i, one) for i in range(5)]) == [None] * 5
        time.sleep(1.1)
        assert states(w, *[bind('', 'l%d' % i) + execute() for i in range(5)]) == [None] * 5
        assert '53400' in states(w, *[bind('', 'l0') + execute()] * 2)
        w.send(parse('', 'ROLLBACK') + bind('', '') + execute() + sync())
        assert not w.result().error, 'the way out is free'


def test_daily_time_of_what_is_only_prepared(world):
    """A statement that takes long to be planned, and is never run: PostgreSQL folds constants when it binds."""
    world.limit(acme={'daily_time': '400ms'})
    long = 'SELECT %s' % ' + '.join(["length(replace(repeat('x', 2000000), 'x', 'yy'))"] * 8)
    with world.connect() as w:
        for i in range(60):
            w.send(parse('', long) + bind('', '') + (sync() if i % 2 else wire.flush() + sync()))
            result = w.result()
            if result.error:
                break
        told(result.error, '53400', 'daily_time', 'tenant', 'acme')
        assert int(figures(w)['daily_time', 'tenant'].rstrip('ms')) >= 400 or figures(w)['daily_time', 'tenant'].endswith('s')


def test_rate_lets_one_out_of_a_transaction(world):
    world.limit(acme={'rate': 3})
    with world.connect() as w:
        time.sleep(1.1)
        w.send(b''.join(wire.query(text) for text in ['BEGIN'] + ['SELECT 1'] * 40 + ['ROLLBACK']))
        results = [w.result() for _ in range(42)]
        states = [r.sqlstate for r in results]
        first = states.index('53400')
        assert first >= 3 and states[:first] == [None] * first and [r.status for r in results[:first]] == ['T'] * first, states
        assert states[first + 1:] == ['25P02'] * (40 - first) + [None] and results[-1].status == 'I', states


def test_daily_time(world):
    for where, of, name in WHERE:
        world.configure(workers=3 if world.config['workers'] == 2 else 2)  # a new process has used nothing
        world.limit(**{where: {'daily_time': '1500ms'}})
        with world.connect() as w:
            assert not w.simple(TIMED % 100).error
            error = told(w.simple(TIMED % 30000).error, '53400', 'daily_time', of, name)  # stopped when the time is used up
            assert re.search(r'counts anew from \d{4}-\d\d-\d\d 00:00:00 UTC on', error['D']), error
            told(w.simple('SELECT count(*) FROM channels').error, '53400', 'daily_time', of, name)
            told(w.extended('SELECT count(*) FROM channels').error, '53400', 'daily_time', of, name)
            assert w.simple('SHOW timezone').rows, 'what needs no backend is still answered'
            usage = {row[:2]: row[2:] for row in w.simple('SHOW headgate.usage').rows}
            assert usage['daily_time', of][0] == '1500ms' and 1500 <= int(usage['daily_time', of][1].rstrip('ms')) < 20000, usage
        with world.connect() as w:
            assert w.simple('SELECT count(*) FROM channels').sqlstate == '53400', 'a new connection'
        with world.connect('carol') as w:
            assert bool(w.simple('SELECT count(*) FROM channels').error) == (of == 'tenant')
        with world.connect('bob') as w:
            assert w.simple('SELECT count(*) FROM channels').rows == [('2',)]
        world.limit(**{where: {'daily_time': '1h'}})
        with world.connect() as w:
            assert w.simple('SELECT count(*) FROM channels').rows == [('2',)], 'a reload keeps what was used, and takes the new limit'


def test_daily_time_stops_pipelines(world):
    world.limit(acme={'daily_time': '200ms'}, globex={'daily_time': '200ms'})
    with world.connect('bob') as w:
        w.send(b''.join(parse('', TIMED % 30000) + bind('', '') + execute() + sync() for _ in range(6)))
        states = [w.result().sqlstate for _ in range(6)]  # no nap is slept to its end
        assert states == ['53400'] * 6, states


def test_statement_time(world):
    for where, of, name in WHERE:
        world.limit(**{where: {'statement_time': '500ms'}})
        with world.connect() as w:
            for setting in ('RESET statement_timeout', 'SET statement_timeout = 0', "SET statement_timeout = '1h'"):
                w.simple(setting)
                error = told(w.simple(TIMED % 30000).error, '57014', 'statement_time', of, name)
                assert 500 <= int(re.search(r'500ms, used: (\d+)ms', error['D'])[1]) < 20000, error
                told(w.extended(TIMED % 30000).error, '57014', 'statement_time', of, name)
                told(w.simple('SELECT 1; ' + TIMED % 30000).error, '57014', 'statement_time', of, name)
                told(w.simple('PREPARE p AS ' + TIMED % 30000).error or w.simple('EXECUTE p').error, '57014', 'statement_time', of, name)
                w.simple('DEALLOCATE ALL')
            w.simple("SET statement_timeout = '100ms'")  # one's own is shorter: PostgreSQL's words
            error = w.simple(TIMED % 30000).error
            assert (error['C'], error['M']) == ('57014', 'canceling statement due to statement timeout'), error
            assert w.simple('SHOW statement_timeout').rows == [('100ms',)]
            w.simple('RESET statement_timeout')
            w.simple('BEGIN')
            w.simple('SET LOCAL statement_timeout = 0')
            told(w.simple(TIMED % 30000).error, '57014', 'statement_time', of, name)
            assert w.simple('SELECT 1').sqlstate == '25P02' and w.simple('ROLLBACK').status == 'I'
            told(w.simple('COPY (%s) TO STDOUT' % (TIMED % 30000)).error, '57014', 'statement_time', of, name)
            w.simple('BEGIN; DECLARE c CURSOR FOR ' + TIMED % 30000)
            told(w.simple('FETCH 1 FROM c').error, '57014', 'statement_time', of, name)
            w.simple('ROLLBACK')
        with world.connect('bob') as w:
            assert not w.simple(TIMED % (10 if where == 'analyst' else 800)).error
    world.limit(acme={'statement_time': '2s'})
    with world.connect() as w:
        w.simple('BEGIN')
        assert [w.simple(TIMED % 900).sqlstate for _ in range(3)] == [None] * 3, 'for each statement anew'


def test_statement_time_of_a_server_that_does_not_stop(world):
    """The server is not to know of the limit: it is cancelled from here."""
    world.limit(acme={'statement_time': '2s'})
    with world.connect() as w:
        assert w.simple("SELECT count(*) FROM channels").rows == [('2',)]
        world.limit()
        w.simple('BEGIN; SELECT count(*) FROM channels')  # settings were carried; then a limit comes
        world.limit(acme={'statement_time': '1s'})
        told(w.simple(TIMED % 30000).error, '57014', 'statement_time', 'tenant', 'acme')
        world.limit()
        assert w.simple('ROLLBACK').status == 'I' and w.simple('SELECT count(*) FROM channels').rows == [('2',)]


def test_statement_time_becomes_longer(world):
    """The server was told the short one; nothing of the client's own has changed since."""
    world.limit(acme={'statement_time': '1500ms'})
    with world.connect() as w:
        w.simple('BEGIN')
        for limits in ({}, {'acme': {'statement_time': '60s'}}):
            world.limit(acme={'statement_time': '1500ms'})
            assert w.simple('SELECT count(*) FROM channels').rows == [('2',)]
            assert w.simple('SELECT count(*) FROM channels').rows == [('2',)]
            world.limit(**limits)
            assert not w.simple(TIMED % 2500).error, limits


def test_copy_in_takes_too_long(world):
    world.limit(wendy={'statement_time': '300ms'})
    with world.connect('wendy') as w:
        w.send(wire.query('COPY customers (id, name) FROM STDIN'))
        while w.recv()[0] != 'G':
            pass
        w.send(wire.copy_data(b'700\tslow\n'))
        time.sleep(1)
        w.send(wire.copy_done())
        told(w.result().error, '57014', 'statement_time', 'user', 'wendy')
        assert w.simple('SELECT count(*) FROM customers WHERE id = 700').rows == [('0',)]


def test_rows(world):
    for where, of, name in WHERE:
        world.limit(**{where: {'rows': 100}})
        with world.connect() as w:
            for result in (w.simple(MESSAGES), w.extended(MESSAGES), w.simple('SELECT * FROM generate_series(1, 10000000)'),
                           w.simple('SELECT 1; ' + MESSAGES), w.simple('EXPLAIN ' + ' UNION ALL '.join(['SELECT id FROM messages'] * 200))):
                error = told(result.error, '53400', 'rows', of, name)
                assert '100 rows, used: 101 rows.' in error['D'], error
                assert len(result.statements[-1].rows) == 100 and result.status == 'I', len(result.statements[-1].rows)
            assert len(w.simple(MESSAGES + ' LIMIT 100').rows) == 100 and len(w.extended(MESSAGES + ' LIMIT 100').rows) == 100
            w.simple('PREPARE p AS ' + MESSAGES)
            told(w.simple('EXECUTE p').error, '53400', 'rows', of, name)
            assert w.simple('SELECT count(*) FROM messages').rows == [('1000',)]
        with world.connect('bob') as w:
            assert len(w.simple(MESSAGES).rows) == (100 if where == 'analyst' else 1000)


def test_bytes(world):
    for where, of, name in WHERE:
        world.limit(**{where: {'bytes': 4096}})
        with world.connect() as w:
            for result in (w.simple(MESSAGES), w.extended(MESSAGES), w.simple("SELECT repeat('x', 10000000)"), w.extended("SELECT repeat('x', 10000000)")):
                error = told(result.error, '53400', 'bytes', of, name)
                assert sum(len(row[1]) for row in result.rows if len(row) > 1) < 4096 and result.status == 'I'
            assert len(w.simple(MESSAGES + ' LIMIT 10').rows) == 10


def test_copy_out(world):
    world.limit(acme={'rows': 100})
    with world.connect() as w:
        for copy in ('COPY (%s) TO STDOUT', 'COPY (%s) TO STDOUT CSV HEADER', 'COPY (%s) TO STDOUT BINARY'):
            result = w.simple(copy % MESSAGES)
            told(result.error, '53400', 'rows', 'tenant', 'acme')
            result = w.simple(copy % (MESSAGES + ' LIMIT 100'))
            assert (result.error, result.tag) == (None, 'COPY 100'), result


def test_portals(world):
    """Rows that a portal gives in parts are of one result."""
    world.limit(acme={'rows': 100})
    with world.connect() as w:
        w.simple('BEGIN')
        w.send(parse('s', MESSAGES) + bind('p', 's') + bind('q', 's') + execute('p', 60) + execute('q', 60) + sync())
        result = w.result()
        assert not result.error, result.error
        w.send(execute('p', 40) + sync())
        assert not w.result().error
        w.send(execute('p', 1) + sync())
        told(w.result().error, '53400', 'rows', 'tenant', 'acme')
        assert w.simple('ROLLBACK').status == 'I'
        w.simple('BEGIN')
        w.send(bind('p', 's') + execute('p', 60) + execute('p', 60) + execute('p', 60) + sync())
        told(w.result().error, '53400', 'rows', 'tenant', 'acme')
        w.simple('ROLLBACK')
        w.simple('BEGIN; DECLARE c CURSOR FOR ' + MESSAGES)
        assert [len(w.simple('FETCH 100 FROM c').rows) for _ in range(3)] == [100] * 3, 'each FETCH is a result'
        told(w.simple('FETCH 101 FROM c').error, '53400', 'rows', 'tenant', 'acme')
        assert w.simple('COMMIT').tag == 'ROLLBACK'


def test_what_is_cut_does_not_last(world):
    world.limit(acme={'rows': 20})
    count = "SELECT count(*) FROM customers WHERE name LIKE 'cut%'"
    insert = "INSERT INTO customers (id, name) SELECT %d + i, 'cut ' || i FROM generate_series(1, 21) i RETURNING id"
    with world.connect('wendy') as w:
        for i in range(5):
            told(w.simple(insert % 800).error, '53400', 'rows', 'tenant', 'acme')
            told(w.extended(insert % 800).error, '53400', 'rows', 'tenant', 'acme')
            told(w.simple('PREPARE p AS ' + insert % 800).error or w.simple('EXECUTE p').error, '53400', 'rows', 'tenant', 'acme')
            w.simple('DEALLOCATE ALL')
            told(w.simple("SELECT * FROM generate_series(1, 21); INSERT INTO customers (id, name) VALUES (850, 'cut')").error, '53400', 'rows', 'tenant', 'acme')
            told(w.simple("INSERT INTO customers (id, name) VALUES (850, 'cut'); SELECT * FROM generate_series(1, 21)").error, '53400', 'rows', 'tenant', 'acme')
            w.send(parse('', 'SELECT * FROM generate_series(1, 21)') + bind('', '') + execute() +
                   parse('', "INSERT INTO customers (id, name) VALUES (851, 'cut')") + bind('', '') + execute() + sync())
            told(w.result().error, '53400', 'rows', 'tenant', 'acme')
            w.send(parse('', "INSERT INTO customers (id, name) VALUES (851, 'cut')") + bind('', '') + execute() +
                   parse('', 'SELECT * FROM generate_series(1, 21)') + bind('', '') + execute() + sync())
            told(w.result().error, '53400', 'rows', 'tenant', 'acme')
            w.simple("BEGIN; INSERT INTO customers (id, name) VALUES (852, 'cut')")
            told(w.simple('SELECT * FROM generate_series(1, 21)').error, '53400', 'rows', 'tenant', 'acme')
            assert w.simple('COMMIT').tag == 'ROLLBACK'
            assert w.simple(count).rows == [('0',)], i
        assert not w.simple((insert % 800).replace('21', '20')).error
        assert w.simple(count).rows == [('20',)]
        w.simple("DELETE FROM customers WHERE name LIKE 'cut%'")


def test_pipelined_batches_are_not_hit(world):
    """A statement that follows one whose result is cut, in a batch of its own, gets its own answer."""
    world.limit(acme={'rows': 20})
    with world.connect() as w:
        for _ in range(20):
            w.send(b''.join(parse('', text) + bind('', '') + describe('P') + execute() + sync() for text in (
                'SELECT * FROM generate_series(1, 21)', 'SELECT count(*) FROM channels', MESSAGES, TIMED % 10, 'SELECT 7')))
            results = [w.result() for _ in range(5)]
            assert [r.sqlstate for r in results] == ['53400', None, '53400', None, None], results
            assert results[1].rows == [('2',)] and results[4].rows == [('7',)]


def test_slow_reader(world):
    """The client gets what it may have, and then the error, however slowly it reads."""
    world.limit(acme={'bytes': '8MB'})
    with world.connect() as w:
        w.send(wire.query("SELECT repeat('x', 1000) FROM generate_series(1, 100000)"))
        time.sleep(1)
        result = w.result()
        told(result.error, '53400', 'bytes', 'tenant', 'acme')
        assert 7000 < len(result.rows) <= 8388, len(result.rows)


def test_the_smaller_one_holds(world):
    world.limit(acme={'rows': 50}, alice={'rows': 20}, carol={'rows': 100})
    with world.connect() as w, world.connect('carol') as c:
        told(w.simple(MESSAGES).error, '53400', 'rows', 'user', 'alice')
        told(c.simple(MESSAGES).error, '53400', 'rows', 'tenant', 'acme')


def test_reload_in_a_transaction(world):
    """A limit that a reload changes holds from the next statement."""
    world.limit()
    with world.connect() as w:
        w.simple('BEGIN')
        assert len(w.simple(MESSAGES).rows) == 1000
        world.limit(acme={'rows': 10})
        told(w.simple(MESSAGES).error, '53400', 'rows', 'tenant', 'acme')
        w.simple('ROLLBACK')
        w.simple('BEGIN')
        world.limit()
        assert len(w.simple(MESSAGES).rows) == 1000
        w.simple('ROLLBACK')


class Busy:
    """Transactions of a user that use connections to aurora."""

    def __init__(self, world, user, count):
        self.wires = [world.connect(user) for _ in range(count)]
        for w in self.wires:
            assert not w.simple('BEGIN; SELECT count(*) FROM channels').error

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for w in self.wires:
            w.drop()


def figures(w, what='limits'):
    """{(limit, of): used}"""
    return {row[:2]: row[3] for row in w.simple('SHOW headgate.' + what).rows}


def test_concurrent(world):
    for where, of, name in WHERE:
        world.limit()
        with Busy(world, 'alice', 2), world.connect('bob') as bob, world.connect() as w:
            bob.simple('SELECT count(*) FROM channels')  # there is a connection for him
            world.limit(**{where: {'concurrent': 2, 'queue_wait': '250ms'}})
            error = told(w.simple('SELECT count(*) FROM channels').error, '53400', 'concurrent', of, name)
            assert ': 2, used: 2. None of them ended within 250ms, the limit "queue_wait" of the %s.' % of in error['D'], error
            assert not bob.simple('SELECT count(*) FROM channels').error, 'another tenant'
            assert figures(w)['concurrent', of] == '2' and figures(w, 'usage')['concurrent', of] == '2'
        world.limit()
        with world.connect() as w:
            world.until(lambda: figures(w, 'usage')['concurrent', of] == '0')
            assert not w.simple('SELECT count(*) FROM channels').error


def test_queue_wait(world):
    """The wait of one tenant is over by its own limit, and that is what it is told; another one's by the backend's."""
    for where, of, name in WHERE:
        world.limit()
        with Busy(world, 'bob', 5), world.connect() as w, world.connect('bob') as bob:
            world.limit(**{where: {'queue_wait': '300ms'}})
            began = time.monotonic()
            error = told(w.simple('SELECT count(*) FROM channels').error, '53400', 'queue_wait', of, name)
            assert 0.25 < time.monotonic() - began, error
            used = re.search(r': 300ms, used: (\d+)(ms|s)\. It counts for each statement anew\. No connection to the backend became free by then\.', error['D'])
            assert used and (used.group(2) == 's' or int(used.group(1)) >= 299), error
            if where == 'analyst':  # bob is one, too
                continue
            error = bob.simple('SELECT count(*) FROM channels').error
            assert error['C'] == '53300' and re.match(r'None became free within \d+s\.', error['D']) and 'limit "' not in error['D'], error
    assert world.refusals()['queue_wait'] >= 3


def test_queue(world):
    for where, of, name in WHERE:
        world.limit(**{where: {'queue': 1}})
        with Busy(world, 'bob', 5), world.connect() as v, world.connect() as w, world.connect() as shows, world.connect('bob') as bob:
            v.send(wire.query('SELECT count(*) FROM channels'))
            world.until(lambda: figures(shows)['queue', of] == '1')
            bob.send(wire.query('SELECT count(*) FROM channels'))
            error = told(w.simple('SELECT count(*) FROM channels').error, '53400', 'queue', of, name)
            assert ': 1, used: 1. It is free again when one of them has got its connection.' in error['D'], error
            assert figures(shows, 'usage')['queue', of] == '1'
            v.result(), bob.result()
            assert figures(shows)['queue', of] == '0'


def test_waits_that_end_for_other_reasons(world):
    """A backend that cannot be reached, or is paused, is what is told, whatever the limit of the wait is."""
    world.limit(acme={'queue_wait': '300ms'})
    world.warehouse.halt()
    try:
        with world.connect() as w:
            assert w.simple('SELECT count(*) FROM messages').sqlstate == '08001'
    finally:
        world.warehouse.start()
    with world.connect() as w:
        world.until(lambda: not w.simple('SELECT count(*) FROM messages').error, 20)


test_concurrent.config = test_queue_wait.config = test_queue.config = dict(pool=5, catalog_pool=8)


def test_asking(world):
    world.limit(top={'connections': 9}, acme={'rate': 1000, 'daily_time': '2h', 'queue_wait': '1500ms'}, alice={'rows': 5, 'bytes': '1MB'}, bob={'rows': 77})
    with world.connect() as w, world.connect('carol'), world.connect('bob'):
        simple = w.simple('SHOW headgate.limits')
        names = [column.name for column in simple.statements[0].columns]
        assert names == ['limit', 'of', 'value', 'used', 'resets'] and simple.tag == 'SHOW', simple
        rows = {row[:2]: row[2:] for row in simple.rows}
        assert rows['connections', 'tenant'][:2] == ('9', '2'), rows
        assert rows['rate', 'tenant'][0] == '1000' and rows['rate', 'tenant'][2] == 'steadily, within a second'
        assert rows['daily_time', 'tenant'][0] == '2h' and rows['daily_time', 'tenant'][2].endswith(' 00:00:00 UTC')
        assert rows['queue_wait', 'tenant'] == ('1500ms', None, 'with each statement')
        assert rows['rows', 'user'] == ('5', None, 'with each result') and rows['bytes', 'user'][0] == '1048576'
        assert len(rows) == 6, rows
        extended = w.extended('show HEADGATE.limits')
        assert [column.name for column in extended.columns] == names and [row[:3] for row in extended.rows] == [row[:3] for row in simple.rows]
        assert [c.format for c in w.extended('SHOW headgate.limits', binary_results=True).columns] == [1] * 5
        usage = {row[:2]: row[2:4] for row in w.simple('SHOW headgate.usage').rows}
        assert usage['connections', 'user'] == (None, '1') and set(usage) == {
            ('connections', 'tenant'), ('connections', 'user'), ('rate', 'tenant'), ('daily_time', 'tenant'), ('daily_time', 'user'),
            ('concurrent', 'tenant'), ('concurrent', 'user'), ('queue', 'tenant'), ('queue', 'user')}, usage
        w.send(parse('', 'SHOW headgate.limits') + bind('', '', result_formats=[0, 0]) + sync())
        assert w.result().error['M'] == 'bind message has 2 result formats but query has 5 columns'
        w.send(parse('', 'SHOW headgate.limits') + bind('', '', result_formats=[0] * 5) + describe('P') + execute('', 2) + execute('', 9) + sync())
        result = w.result()
        assert not result.error and sum(len(s.rows) for s in result.statements) == 6, result
        for text in ('SHOW headgate.tenants', 'SET headgate.limits = 1', "SELECT current_setting('headgate.limits')"):
            assert w.simple(text).error, text
        assert 'globex' not in repr(simple) and '77' not in repr(simple)


def test_metrics(world):
    world.limit(acme={'rows': 10, 'rate': 3, 'connections': 1, 'statement_bytes': 50}, globex={'concurrent': 1, 'queue_wait': '200ms'})
    before = world.refusals()
    assert set(before) == {'connections', 'concurrent', 'queue', 'queue_wait', 'statement_time', 'rows', 'bytes', 'statement_bytes', 'rate', 'daily_time'}
    with world.connect() as w:
        assert refused(world, 'carol')
        w.simple(MESSAGES)
        w.simple('SELECT ' + '1' * 60)
        exceeded = burst(w, 40).count('53400')
    with world.connect('bob') as b, world.connect('bob') as c:
        b.simple('BEGIN; SELECT count(*) FROM channels')
        assert c.simple('SELECT count(*) FROM channels').sqlstate == '53400'
    after = world.refusals()
    assert {name: after[name] - before[name] for name in after if after[name] > before[name]} == {
        'connections': 1, 'rows': 1, 'statement_bytes': 1, 'rate': exceeded, 'concurrent': 1}, (before, after)


def test_drivers(world):
    import psycopg
    import psycopg2
    world.limit(acme={'rows': 10})
    for driver, errors in ((psycopg, psycopg.errors), (psycopg2, psycopg2.errors)):
        connection = driver.connect(world.dsn())
        cursor = connection.cursor()
        try:
            cursor.execute(MESSAGES)
            raise AssertionError('no error')
        except errors.lookup('53400') as error:
            assert 'rows' in error.diag.message_detail, error
        connection.rollback()
        cursor.execute('SHOW headgate.limits')
        assert cursor.fetchall()[0][:3] == ('rows', 'tenant', '10')
        cursor.execute(MESSAGES + ' LIMIT 10')
        assert len(cursor.fetchall()) == 10
        connection.close()
    with psycopg.connect(world.dsn()) as connection, connection.pipeline():
        good = connection.execute('SELECT 1')
        bad = connection.execute(MESSAGES)
        try:
            bad.fetchall()
            raise AssertionError('no error')
        except psycopg.errors.lookup('53400'):
            assert good.fetchall() == [(1,)]
