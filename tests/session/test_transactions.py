"""Transactions: what clients see is PostgreSQL's, although servers are linked as late as possible."""
import os
import time
from random import Random

import psycopg
import psycopg2

import wire
from wire import bind, close, describe, execute, parse, sync
from world import configured, slow


def results(w, *texts):
    return [w.simple(text) for text in texts]


def test_empty_block(world):
    with world.connect() as w:
        assert [(r.kinds, r.tag, r.status) for r in results(w, 'BEGIN', 'COMMIT', 'START TRANSACTION', 'ROLLBACK', 'begin', 'end')] == [
            ('CZ', 'BEGIN', 'T'), ('CZ', 'COMMIT', 'I'), ('CZ', 'START TRANSACTION', 'T'), ('CZ', 'ROLLBACK', 'I'), ('CZ', 'BEGIN', 'T'), ('CZ', 'COMMIT', 'I')]


def test_warnings(world):
    with world.connect() as w:
        r = w.simple('COMMIT')
        assert (r.kinds, r.notices[0]['C'], r.notices[0]['M'], r.tag) == ('NCZ', '25P01', 'there is no transaction in progress', 'COMMIT')
        r = w.simple('ROLLBACK')
        assert (r.kinds, r.notices[0]['C'], r.tag) == ('NCZ', '25P01', 'ROLLBACK')
        w.simple('BEGIN')
        r = w.simple('BEGIN')
        assert (r.kinds, r.notices[0]['C'], r.notices[0]['M'], r.status) == ('NCZ', '25001', 'there is already a transaction in progress', 'T')


def test_one_server_for_all_of_a_block(world):
    """A snapshot of REPEATABLE READ is the same for all statements, on both servers."""
    with world.connect() as w:
        w.simple('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
        assert w.simple('SELECT count(*) FROM messages').rows == [('1000',)]
        assert w.simple('SHOW transaction_isolation').rows == [('repeatable read',)]
        assert w.simple('SHOW transaction_read_only').rows == [('on',)]
        world.warehouse.sql("INSERT INTO messages VALUES ('acme', 5000, 1, 'new')", database='data')
        try:
            assert w.simple('SELECT count(*) FROM messages').rows == [('1000',)]
            w.simple('COMMIT')
            assert w.simple('SELECT count(*) FROM messages').rows == [('1001',)]
        finally:
            world.warehouse.sql("DELETE FROM messages WHERE id = 5000", database='data')


# ---- two data backends ----

def test_two_backends(world):
    """READ COMMITTED, and nothing is written: what another backend holds is read there, and all ends together."""
    with world.connect() as w:
        w.simple('BEGIN')
        for _ in range(2):
            assert w.simple('SELECT name FROM channels ORDER BY id').rows == [('sms',), ('email',)]  # aurora only
            assert w.simple('SELECT count(*) FROM messages').rows == [('1000',)]  # redshift only
            assert w.simple("SELECT count(*) FROM pg_class WHERE relname = 'messages'").rows == [('1',)]
        r = w.simple('EXPLAIN (REWRITE) SELECT count(*) FROM campaigns')  # it would be read from redshift, but the transaction was on aurora first
        assert r.rows[0] == ('Backend: aurora',), r
        assert in_transaction(world) == (1, 1)
        assert w.simple('COMMIT').status == 'I'
        assert in_transaction(world) == (0, 0)


def in_transaction(world):
    """How many of the connections to the data are in a transaction, on both."""
    question = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'headgate' AND state LIKE 'idle in transaction%'"
    return tuple(int(cluster.sql(question)) for cluster in (world.aurora, world.warehouse))


def test_two_backends_refused(world):
    """One snapshot for all statements, which two servers do not share."""
    with world.connect() as w:
        for begin in (['BEGIN ISOLATION LEVEL REPEATABLE READ'], ['BEGIN', 'SET TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY'],
                      ["SET default_transaction_isolation = 'serializable'", "BEGIN; SET default_transaction_isolation = 'read committed'"]):
            for text in begin:
                w.simple(text)
            assert w.simple('SELECT count(*) FROM channels').rows == [('2',)]
            r = w.simple('SELECT count(*) FROM messages')
            assert (r.sqlstate, r.error['M'], r.status) == ('0A000', 'this transaction runs on "aurora", and the statement needs "redshift"', 'E'), r
            assert 'READ COMMITTED' in r.error['H'] and r.error['P'] == '22', r
            assert w.simple('SELECT 1').sqlstate == '25P02'
            assert w.simple('ROLLBACK').status == 'I'
            assert w.simple('SELECT count(*) FROM messages').rows == [('1000',)]
        w.simple('RESET default_transaction_isolation')
        w.simple('BEGIN ISOLATION LEVEL SERIALIZABLE')
        w.simple('SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED')
        assert w.simple('SELECT count(*) FROM channels').rows == [('2',)]
        assert w.simple('SELECT count(*) FROM messages').rows == [('1000',)]
        w.simple('COMMIT')
        r = w.simple('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT count(*) FROM channels; SELECT count(*) FROM messages')
        assert [s.tag for s in r.statements][:2] == ['BEGIN', 'SELECT 1'] and (r.sqlstate, r.status) == ('0A000', 'E'), r
        assert '"aurora"' in r.error['M'] and '"redshift"' in r.error['M'] and 'READ COMMITTED' in r.error['H'], r
        w.simple('ROLLBACK')


def test_two_backends_savepoints(world):
    with world.connect() as w:
        w.simple('BEGIN')
        w.simple('SELECT count(*) FROM channels')
        w.simple('SAVEPOINT a')
        assert w.simple('SELECT count(*) FROM messages').rows == [('1000',)]
        w.simple('SAVEPOINT b')
        assert w.simple('SELECT 1/(id - id) FROM messages').sqlstate == '22012'
        assert w.simple('SELECT count(*) FROM channels').sqlstate == '25P02'
        assert w.simple('ROLLBACK TO b').status == 'T'
        assert w.simple('SELECT count(*) FROM messages').rows == [('1000',)]
        assert w.simple('SELECT 1/(id - id) FROM channels').sqlstate == '22012'
        assert w.simple('ROLLBACK TO a').status == 'T'
        assert w.simple('SELECT count(*) FROM messages').rows == [('1000',)]
        assert w.simple('SELECT count(*) FROM channels').rows == [('2',)]
        assert w.simple('RELEASE a').tag == 'RELEASE'
        assert w.simple('RELEASE a').sqlstate == '3B001'
        assert w.simple('COMMIT').tag == 'ROLLBACK'
        assert in_transaction(world) == (0, 0)


def test_two_backends_and_writing(world):
    """On one of them, and what that one holds is read there from then on."""
    with world.connect('wendy') as w, world.connect('wendy') as other:
        w.simple('BEGIN')
        assert w.simple('SELECT count(*) FROM messages').rows == [('1000',)]
        assert w.simple('SELECT count(*) FROM campaigns').rows == [('10',)]
        assert w.simple("INSERT INTO customers (id, name) VALUES (100, 'new')").tag == 'INSERT 0 1'
        assert w.simple('SELECT count(*) FROM messages').rows == [('1000',)]  # only redshift has that one
        assert w.simple('SELECT name FROM customers WHERE id = 100').rows == [('new',)]
        assert w.simple('SELECT count(*) FROM campaigns').rows == [('10',)]  # both have it: where was written
        r = w.simple('SELECT count(*) FROM campaigns c JOIN messages m ON m.campaign_id = c.id')
        assert (r.sqlstate, r.error['M'], r.status) == (
            '0A000', 'this transaction has written on "aurora", and the statement needs "redshift"', 'E'), r
        assert other.simple('SELECT count(*) FROM customers').rows == [('5',)]
        assert w.simple('COMMIT').tag == 'ROLLBACK'
        assert other.simple('SELECT count(*) FROM customers').rows == [('5',)]
        # what was undone does not count
        w.simple('BEGIN; SAVEPOINT a')
        w.simple("INSERT INTO customers (id, name) VALUES (100, 'new')")
        w.simple('SAVEPOINT b; ROLLBACK TO a')
        assert w.simple('SELECT count(*) FROM campaigns c JOIN messages m ON m.campaign_id = c.id').rows == [('1000',)]
        w.simple('SELECT id FROM customers WHERE id = 1 FOR UPDATE')
        assert w.simple('SELECT count(*) FROM campaigns c JOIN messages m ON m.campaign_id = c.id').sqlstate == '0A000'
        w.simple('ROLLBACK')
        try:
            w.simple('BEGIN')
            w.simple('SELECT count(*) FROM messages')
            w.simple('SAVEPOINT a')
            w.simple("INSERT INTO customers (id, name) VALUES (101, 'new')")
            w.simple('RELEASE a; SAVEPOINT b; ROLLBACK TO b')
            assert w.simple('SELECT count(*) FROM messages').rows == [('1000',)]
            assert w.simple('COMMIT').tag == 'COMMIT'
            assert other.simple('SELECT name FROM customers WHERE id = 101').rows == [('new',)]
        finally:
            world.aurora.sql('DELETE FROM customers WHERE id > 99', database='data')
        assert in_transaction(world) == (0, 0)


def test_two_backends_in_one_message(world):
    with world.connect('wendy') as w, world.connect() as other:
        r = w.simple('SELECT count(*) FROM channels; SELECT count(*) FROM messages; SELECT count(*) FROM channels')
        assert [s.rows for s in r.statements] == [[('2',)], [('1000',)], [('2',)]] and r.status == 'I', r
        r = w.simple('SELECT count(*) FROM channels; COMMIT; SELECT count(*) FROM messages')
        assert r.kinds == 'TDCNCTDCZ', r
        r = w.simple("INSERT INTO customers (id, name) VALUES (100, 'new'); SELECT count(*) FROM messages; SELECT 1/0 FROM messages")
        assert [s.tag for s in r.statements][:2] == ['INSERT 0 1', 'SELECT 1'] and (r.sqlstate, r.status) == ('22012', 'I'), r
        assert other.simple('SELECT count(*) FROM customers').rows == [('5',)]
        try:
            r = w.simple("INSERT INTO customers (id, name) VALUES (100, 'new'); SELECT count(*) FROM messages")
            assert [s.tag for s in r.statements] == ['INSERT 0 1', 'SELECT 1'] and r.status == 'I', r
            assert other.simple('SELECT count(*) FROM customers').rows == [('6',)]
        finally:
            world.aurora.sql('DELETE FROM customers WHERE id > 99', database='data')


def steps(*texts):
    return b''.join(parse('', text) + bind('', '') + describe('P') + execute() for text in texts)


def test_two_backends_without_sync(world):
    """Messages up to a Sync are one transaction, whatever servers they need; what one of them did goes when another one fails."""
    channels, messages = 'SELECT count(*) FROM channels', 'SELECT count(*) FROM messages'
    insert = "INSERT INTO customers (id, name) VALUES (100, 'new')"
    with world.connect('wendy') as w, world.connect() as other:
        w.send(steps(channels, messages, channels) + sync() + steps(messages, channels) + sync())
        r = w.result()
        assert [s.rows for s in r.statements] == [[('2',)], [('1000',)], [('2',)]] and r.status == 'I', r
        assert [s.rows for s in w.result().statements] == [[('1000',)], [('2',)]]
        for failing in ('SELECT 1/0 FROM messages', 'SELECT 1/0 FROM pg_class', 'SELECT nonesuch FROM messages',
                        'SELECT count(*) FROM campaigns c JOIN messages m ON m.campaign_id = c.id'):
            w.send(steps(insert, messages, failing) + sync())
            r = w.result()
            assert r.sqlstate in ('22012', '42703', '0A000') and r.status == 'I', r
            assert other.simple('SELECT count(*) FROM customers').rows == [('5',)], failing
            w.send(steps(insert, failing, messages) + sync() + steps(channels, messages) + sync())
            assert w.result().sqlstate
            assert [s.rows for s in w.result().statements] == [[('2',)], [('1000',)]]
            assert other.simple('SELECT count(*) FROM customers').rows == [('5',)], failing
        try:
            w.send(steps(messages, insert, messages) + sync())
            assert [s.tag for s in w.result().statements] == ['SELECT 1', 'INSERT 0 1', 'SELECT 1']
            assert other.simple('SELECT count(*) FROM customers').rows == [('6',)]
        finally:
            world.aurora.sql('DELETE FROM customers WHERE id > 99', database='data')
        w.send(steps('BEGIN', channels, messages) + sync())
        assert w.result().status == 'T'
        w.send(steps('COMMIT', channels) + sync())
        assert w.result().status == 'I'
        assert in_transaction(world) == (0, 0)


def test_query_instead_of_sync(world):
    """It ends what came before it without a Sync, on whatever server that was."""
    insert = "INSERT INTO customers (id, name) VALUES (100, 'new')"
    with world.connect('wendy') as w, world.connect() as other:
        for failing in ('SELECT 1/0 FROM messages', 'SELECT 1/0', 'SELECT nonesuch', 'SET nonesuch = 1'):
            w.send(steps(insert) + wire.query(failing))
            r = w.result()
            assert r.error and r.status == 'I', r
            assert other.simple('SELECT count(*) FROM customers').rows == [('5',)] and in_transaction(world) == (0, 0), failing
        for query in ('SELECT count(*) FROM messages', 'SELECT 1', 'SHOW timezone', ''):
            try:
                w.send(steps(insert) + wire.query(query))
                r = w.result()
                assert not r.error and r.status == 'I', r
                assert other.simple('SELECT count(*) FROM customers').rows == [('6',)] and in_transaction(world) == (0, 0), query
            finally:
                world.aurora.sql('DELETE FROM customers WHERE id > 99', database='data')


def test_portals_on_two_backends(world):
    with world.connect() as w:
        w.simple('BEGIN')
        w.send(parse('m', 'SELECT id FROM messages ORDER BY id') + bind('m', 'm') + describe('P', 'm') + execute('m', 2) +
               parse('c', 'SELECT id FROM channels ORDER BY id') + bind('c', 'c') + describe('P', 'c') + execute('c', 1) + describe('P', 'm') +
               execute('m', 1) + sync())
        assert [s.rows for s in w.result().statements] == [[('1',), ('2',)], [('1',)], [('3',)]]
        w.simple('DECLARE x CURSOR FOR SELECT id FROM channels ORDER BY id; DECLARE y CURSOR FOR SELECT id FROM messages ORDER BY id')
        for i in (1, 2):
            assert w.simple('FETCH x').rows == w.simple('FETCH y').rows == [(str(i),)]
        w.send(describe('P', 'c') + execute('c', 1) + describe('P', 'm') + execute('m', 1) + close('P', 'c') + describe('P', 'm') + execute('m', 1) + sync())
        assert [s.rows for s in w.result().statements] == [[('2',)], [('4',)], [('5',)]]
        assert w.simple('CLOSE ALL').tag == 'CLOSE CURSOR ALL'
        assert w.simple('FETCH x').sqlstate == '34000'
        w.simple('ROLLBACK')


def test_commit_fails_on_two_backends(world):
    """What fails at COMMIT: all of it is undone, on both, and the client is told once."""
    constraint = 'ALTER TABLE store.orders_v2 ALTER CONSTRAINT ord_cust_fk %s'
    orders = 'SELECT count(*) FROM orders'
    bad = 'INSERT INTO orders (id, customer_id) VALUES (200, 777)'
    world.aurora.sql(constraint % 'DEFERRABLE INITIALLY DEFERRED', database='data')
    told = []
    try:
        with world.connect('wendy') as w:
            for first, second in ((bad, 'SELECT count(*) FROM messages'), ('SELECT count(*) FROM messages', bad)):
                w.simple('BEGIN')
                assert not w.simple(first).error and not w.simple(second).error and not w.simple('SELECT count(*) FROM pg_class').error
                r = w.simple('COMMIT')
                assert (r.kinds, r.sqlstate, r.status) == ('EZ', '23503', 'I'), r
                told.append(r.error)
                assert w.simple(orders).rows == [('3',)] and in_transaction(world) == (0, 0)
                r = w.simple(first + ';' + second + '; SELECT 1')
                assert (r.sqlstate, r.status) == ('23503', 'I') and len([s for s in r.statements if s.tag]) == 3, r
                told.append(r.error)
                w.send(steps(first, second) + sync())
                r = w.result()
                assert (r.sqlstate, r.status) == ('23503', 'I') and len([s for s in r.statements if s.tag]) == 2, r
                told.append(r.error)
                assert w.simple(orders).rows == [('3',)] and in_transaction(world) == (0, 0)
    finally:
        world.aurora.sql(constraint % 'NOT DEFERRABLE', database='data')
    assert 'orders_customer_id_fkey' in told[0]['M'] and not any(word in str(told) for word in ('ord_cust_fk', 'orders_v2', 'tenant_id', 'acme')), told
    assert all(error == told[0] and set('stn') <= set(error) for error in told), told


def test_conflicts(world):
    """40001 and 40P01 come through, and the transaction has failed then, on all its servers."""
    with world.connect('wendy') as one, world.connect('wendy') as two:
        one.simple('BEGIN ISOLATION LEVEL REPEATABLE READ')
        one.simple('SELECT count(*) FROM customers')
        two.simple("UPDATE customers SET mood = 'bad' WHERE id = 1")
        r = one.simple("UPDATE customers SET mood = 'good' WHERE id = 1")
        assert (r.sqlstate, r.status) == ('40001', 'E'), r
        assert one.simple('SELECT 1').sqlstate == '25P02' and one.simple('COMMIT').tag == 'ROLLBACK'
        for w, row in ((one, 1), (two, 2)):
            w.simple('BEGIN')
            w.simple('SELECT count(*) FROM messages')
            w.simple('SELECT id FROM customers WHERE id = %d FOR UPDATE' % row)
        one.send(wire.query('SELECT id FROM customers WHERE id = 2 FOR UPDATE'))
        two.send(wire.query('SELECT id FROM customers WHERE id = 1 FOR UPDATE'))
        ends = sorted((r.sqlstate or '', r.status) for r in (one.result(), two.result()))
        assert ends == [('', 'T'), ('40P01', 'E')], ends
        assert sorted(w.simple('COMMIT').tag for w in (one, two)) == ['COMMIT', 'ROLLBACK']
        assert in_transaction(world) == (0, 0)


def test_one_of_two_servers_dies(world):
    """The transaction has failed as a whole; the other server gives up what it has of it."""
    kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'headgate' AND state LIKE 'idle in transaction%'"
    with world.connect('wendy') as w, world.connect() as other:
        for cluster in (world.aurora, world.warehouse):
            for asked in ('SELECT count(*) FROM channels', 'SELECT count(*) FROM messages'):
                w.simple('BEGIN')
                w.simple('SELECT count(*) FROM messages')
                w.simple("INSERT INTO customers (id, name) VALUES (100, 'new')")
                w.simple(asked)
                w.simple('SAVEPOINT a')
                cluster.sql(kill)
                world.until(lambda: sum(in_transaction(world)) == 1)
                assert w.simple(asked).sqlstate in ('08006', '25P02')
                assert w.simple('ROLLBACK TO a').sqlstate == '08006'
                assert w.simple('COMMIT').tag == 'ROLLBACK' and in_transaction(world) == (0, 0)
                assert other.simple('SELECT count(*) FROM customers').rows == [('5',)]
        for cluster in (world.aurora, world.warehouse):  # likewise without BEGIN
            for rest in (steps('SELECT count(*) FROM messages'), b'', parse('', 'SELECT 1'), wire.query('SELECT 2')):
                w.send(steps("INSERT INTO customers (id, name) VALUES (100, 'new')", 'SELECT count(*) FROM messages') + wire.flush())
                w.recv_until('C')
                w.recv_until('C')
                cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'headgate'")
                time.sleep(0.2)
                w.send(rest + (sync() if rest[:1] != b'Q' else b''))
                r = w.result()
                assert (r.sqlstate, r.status) == ('08006', 'I'), (rest, r)
                assert other.simple('SELECT count(*) FROM customers').rows == [('5',)]
        with world.connect('wendy') as first:  # and when it goes while a statement runs there
            first.send(steps("INSERT INTO customers (id, name) VALUES (100, 'new')", 'SELECT count(*) FROM messages a, messages b, messages c, messages d') + sync())
            world.until(lambda: 'active' in world.warehouse.sql("SELECT string_agg(state, ' ') FROM pg_stat_activity WHERE usename = 'headgate'"))
            world.warehouse.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'headgate'")
            r = first.result()
            assert (r.sqlstate, r.status) == ('08006', 'I'), r
            assert other.simple('SELECT count(*) FROM customers').rows == [('5',)]


def test_client_leaves_two_servers(world):
    """In the middle of its transaction: nothing of it stays, and the servers are as new for the next one."""
    for ending in ('close', 'terminate'):
        for texts in (['BEGIN', 'SELECT count(*) FROM messages', "INSERT INTO customers (id, name) VALUES (100, 'new')"],
                      ['BEGIN', 'SELECT count(*) FROM channels', 'SELECT 1/0 FROM messages'],
                      ['BEGIN', 'DECLARE a CURSOR FOR SELECT * FROM messages', "SET LOCAL timezone = 'Asia/Tokyo'", 'SELECT count(*) FROM channels', 'SAVEPOINT s']):
            w = world.connect('wendy')
            results(w, *texts)
            assert sum(in_transaction(world)) == 2
            if ending == 'terminate':
                w.send(wire.terminate())
            w.__exit__()
            world.until(lambda: in_transaction(world) == (0, 0))
            with world.connect('bob') as other:
                assert other.simple('SELECT count(*) FROM customers').rows == [('5',)]
                assert other.simple('FETCH a').sqlstate == '34000' and other.simple('SHOW timezone').rows == [('UTC',)]
                assert other.simple("SELECT extract(timezone FROM timestamptz '2026-01-01 00:00+00') FROM messages LIMIT 1").rows == [('0',)]


READS = ('SELECT count(*) FROM messages', 'SELECT name FROM channels ORDER BY id', 'SELECT id, name, score FROM campaigns WHERE id < 4 ORDER BY id',
         'SELECT id, name FROM customers ORDER BY id', "SELECT count(*) FROM pg_class WHERE relname = 'messages'", 'SELECT 1/0 FROM channels', 'SELECT nonesuch FROM messages',
         'SELECT count(*) FROM campaigns c JOIN messages m ON m.campaign_id = c.id', 'FETCH 2 x', 'FETCH 2 y', 'EXECUTE p(3)', 'SELECT $$x$$')
ACTS = ("INSERT INTO customers (id, name) VALUES (100, 'new') RETURNING id", "UPDATE customers SET mood = 'bad' WHERE id = 2 RETURNING id, mood",
        'DELETE FROM customers WHERE id = 100', 'SELECT id FROM customers WHERE id = 1 FOR UPDATE', 'DECLARE x CURSOR FOR SELECT id FROM messages ORDER BY id',
        'DECLARE y CURSOR FOR SELECT id FROM channels ORDER BY id', 'PREPARE p(int) AS SELECT body FROM messages WHERE id = $1', 'DEALLOCATE ALL', 'CLOSE ALL')
CONTROLS = ('BEGIN', 'BEGIN', 'BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT a', 'SAVEPOINT b', 'RELEASE a', 'ROLLBACK TO a', 'ROLLBACK TO b', 'BEGIN READ ONLY',
            'COMMIT AND CHAIN', 'SET default_transaction_read_only = on', 'RESET default_transaction_read_only')


@slow
def test_two_backends_at_random(world):
    """The same statements on a private database: the same answers, or a refusal of the transaction that names both backends."""
    refused = compared = 0
    for seed in range(36):
        random = Random(seed)
        with world.connect('wendy') as here, world.private() as there:
            for w in (here, there) if seed % 6 == 0 else ():
                w.simple("SET default_transaction_isolation = 'repeatable read'")
            for _ in range(40):
                texts = [random.choice(random.choice((READS, READS, READS, ACTS, CONTROLS))) for _ in range(random.choice((1, 1, 1, 2, 3)))]
                if random.random() < 0.6 or len(texts) > 1 and random.random() < 0.5:
                    message = wire.query('; '.join(texts))
                else:
                    message = steps(*texts) + sync()
                here.send(message)
                there.send(message)
                mine, theirs = here.result(), there.result()
                if mine.sqlstate == '0A000':
                    assert '"aurora"' in mine.error['M'] and '"redshift"' in mine.error['M'], (seed, texts, mine)
                    refused += 1
                    break
                compared += 1
                assert (mine.sqlstate, mine.status) == (theirs.sqlstate, theirs.status), (seed, texts, mine, theirs)
                assert [(s.rows, s.tag) for s in mine.statements] == [(s.rows, s.tag) for s in theirs.statements], (seed, texts, mine, theirs)
        world.aurora.sql("DELETE FROM customers WHERE id > 99; UPDATE customers SET mood = NULL", database='data')
        world.aurora.sql("DELETE FROM customers WHERE id > 99; UPDATE customers SET mood = NULL", database='private')
        world.until(lambda: in_transaction(world) == (0, 0))
    assert compared > 20 * refused, (compared, refused)


def test_drivers_without_autocommit(world):
    """Metrics, raw rows and the catalog in one transaction that the driver began by itself."""
    with world.connect() as w:
        names = [row[0] for row in w.simple('SELECT name FROM channels ORDER BY id').rows]
    for module, options in ((psycopg2, {}), (psycopg, {}), (psycopg, {'prepare_threshold': 0})):
        connection = module.connect(world.dsn(), **options)
        cursor = connection.cursor()
        for _ in range(3):
            cursor.execute('SELECT name FROM channels ORDER BY id')
            assert [row[0] for row in cursor.fetchall()] == names
            cursor.execute("SELECT count(*), now() FROM messages WHERE id > %s AND now() > '2020-01-01'", (0,))
            count, now = cursor.fetchone()
            assert count == 1000
            cursor.execute("SELECT relname, now() FROM pg_class WHERE relname = 'messages'")
            assert cursor.fetchone() == ('messages', now)
            cursor.execute('SELECT now() FROM channels')
            assert cursor.fetchone() == (now,)
            one, two = connection.cursor(name='one'), connection.cursor(name='two')
            one.itersize = two.itersize = 10
            one.execute('SELECT id FROM messages ORDER BY id')
            two.execute('SELECT id FROM channels ORDER BY id')
            assert [one.fetchone(), two.fetchone(), one.fetchone(), two.fetchone()] == [(1,), (1,), (2,), (2,)]
            one.close()
            two.close()
            connection.commit()
        cursor.execute('SELECT name FROM channels')
        try:
            cursor.execute('SELECT 1/0 FROM messages')
            raise AssertionError('no error')
        except module.errors.DivisionByZero:
            connection.rollback()
        cursor.execute('SELECT count(*) FROM messages')
        assert cursor.fetchone() == (1000,)
        connection.close()
    world.until(lambda: in_transaction(world) == (0, 0))


TIMES = ('now()', 'transaction_timestamp()', 'current_timestamp', 'current_timestamp(2)', 'localtimestamp', 'localtimestamp(0)', 'current_time', 'current_time(3)',
         'localtime', 'localtime(1)', 'current_date')


def test_one_time_for_two_backends(world):
    """When the transaction began is the same on all servers, in whatever words and by whatever protocol."""
    question = 'SELECT ' + ', '.join(TIMES) + ' FROM %s LIMIT 1'
    with world.connect() as w:
        w.simple("SET timezone = 'Europe/Rome'; SET datestyle = 'SQL, DMY'")
        for first, others in (('channels', ('messages', 'pg_class')), ('pg_class', ('messages', 'channels')), ('messages', ('pg_class', 'channels'))):
            w.simple('BEGIN')
            told = w.simple(question % first)
            assert len(told.rows) == 1 and [c.name for c in told.columns][:6] == ['now', 'transaction_timestamp', 'current_timestamp', 'current_timestamp',
                                                                                   'localtimestamp', 'localtimestamp'], told
            for other in others + (first,):
                for r in (w.simple(question % other), w.extended(question % other)):
                    assert r.rows == told.rows and [(c.name, c.type_oid, c.typmod) for c in r.columns] == [
                        (c.name, c.type_oid, c.typmod) for c in told.columns], (first, other, r.rows, told.rows)
            assert w.simple("SELECT count(*) FROM messages WHERE now() = '%s'" % told.rows[0][0]).rows == [('1000',)]
            assert w.simple('SELECT count(*), max(now()) FROM messages JOIN now() n ON n > now() - interval \'1 day\' GROUP BY now()').rows == [
                ('1000', told.rows[0][0])]
            assert w.simple('SELECT age(date \'2001-01-01\') FROM messages LIMIT 1').rows == w.simple('SELECT age(date \'2001-01-01\') FROM channels LIMIT 1').rows
            assert w.simple('SELECT * FROM now(), current_date, pg_class LIMIT 1').rows[0][:2] == (told.rows[0][0], told.rows[0][10])
            w.simple('COMMIT')
            assert w.simple('SELECT now()').rows[0][0] != told.rows[0][0]


def test_one_time_prepared(world):
    with world.connect() as w, world.private() as private:
        for c in (w, private):
            c.simple('PREPARE m AS SELECT now(), count(*) FROM messages')
            c.simple('PREPARE c(timestamptz) AS SELECT now(), $1, now() = $1 FROM channels')
            c.send(parse('s', 'SELECT now() FROM messages LIMIT 1') + describe('S', 's') + sync())
            assert c.result().columns[0].name == 'now'
            for _ in range(2):
                c.simple('BEGIN')
                (now, same, yes), _ = c.simple('EXECUTE c(now())').rows
                assert now == same and yes == 't'
                for _ in range(2):
                    assert c.simple('EXECUTE m').rows == [(now, '1000')]
                    (other, same, yes), _ = c.simple('EXECUTE c(now())').rows
                    assert (other, same, yes) == (now, now, 't')
                    c.send(bind('', 's') + describe('P') + execute() + sync())
                    assert c.result().rows == [(now,)]
                    c.send(parse('', 'EXECUTE c(current_timestamp)') + bind('', '') + describe('P') + execute() + sync())
                    assert c.result().rows[0] == (now, now, 't')
                c.simple('COMMIT')
                c.send(bind('', 's') + describe('P') + execute() + sync())
                assert c.result().rows != [(now,)]
                c.send(steps('SELECT now() FROM channels', 'SELECT now() FROM messages', 'SELECT now() FROM pg_class') + sync())
                r = c.result()
                assert len({s.rows[0] for s in r.statements}) == 1 and len(r.statements) == 3 and r.status == 'I', r


def test_one_time_or_none(world):
    """What only a server itself can tell is not told by two."""
    with world.connect() as w:
        w.simple('BEGIN')
        assert len(w.simple("SELECT 'now'::timestamptz FROM channels").rows) == 2
        assert w.simple('SELECT count(*) FROM messages').rows == [('1000',)]
        r = w.simple("SELECT 'today'::date FROM messages LIMIT 1")
        assert (r.sqlstate, r.error['M']) == ('0A000', 'this transaction has told the time on "aurora", and the statement would on "redshift"'), r
        w.simple('ROLLBACK; BEGIN')
        assert w.simple("SELECT count(*) FROM channels WHERE name <> 'now'").rows == [('2',)]
        w.simple("ROLLBACK")
        r = w.simple('SELECT now() FROM channels; SELECT count(*) FROM messages; SELECT now() FROM messages')
        assert r.sqlstate == '0A000' and 'Send them one by one' in r.error['H'], r
        r = w.simple('SELECT count(*) FROM channels; SELECT now() FROM messages LIMIT 1; SELECT 1')
        assert not r.error and len(r.statements) == 3, r


def test_holding_on_two_backends(world):
    """A cursor WITH HOLD is filled at COMMIT: that is one backend's to do."""
    with world.connect('wendy') as w:
        w.simple('BEGIN')
        w.simple('DECLARE h CURSOR WITH HOLD FOR SELECT id FROM messages ORDER BY id')
        r = w.simple("INSERT INTO customers (id, name) VALUES (100, 'new')")
        assert (r.sqlstate, r.status) == ('0A000', 'E'), r
        w.simple('ROLLBACK')
        w.simple('BEGIN')
        w.simple('SELECT count(*) FROM channels')
        w.simple('DECLARE h CURSOR WITH HOLD FOR SELECT id FROM messages ORDER BY id')
        assert w.simple('SELECT count(*) FROM channels').rows == [('2',)]
        assert w.simple('COMMIT').tag == 'COMMIT'
        assert w.simple('FETCH h').rows == [('1',)]
        w.simple('BEGIN')
        assert w.simple('SELECT count(*) FROM channels').rows == [('2',)]
        assert w.simple('FETCH h').rows == [('2',)]
        w.simple('COMMIT')
        assert w.simple('FETCH h').rows == [('3',)]
        assert w.simple('CLOSE h').tag == 'CLOSE CURSOR'
        assert in_transaction(world) == (0, 0)


def test_failed(world):
    with world.connect() as w:
        w.simple('BEGIN')
        w.simple('SELECT count(*) FROM campaigns')
        r = w.simple('SELECT 1/0 FROM campaigns')
        assert (r.sqlstate, r.status) == ('22012', 'E')
        for text in ('SELECT 1', 'SELECT * FROM nonesuch', 'SET timezone = UTC', 'SHOW timezone', 'SAVEPOINT a', 'BEGIN', 'SELECT * FROM pg_authid'):
            r = w.simple(text)
            assert (r.sqlstate, r.error['M'], r.status) == (
                '25P02', 'current transaction is aborted, commands ignored until end of transaction block', 'E'), (text, r)
        assert w.simple('SELEC').sqlstate == '42601'
        r = w.simple('COMMIT')
        assert (r.tag, r.status) == ('ROLLBACK', 'I')


def test_failed_by_a_refusal(world):
    with world.connect() as w:
        w.simple('BEGIN')
        w.simple('SELECT count(*) FROM campaigns')
        assert w.simple('SELECT pg_sleep(1)').status == 'E'
        assert w.simple('SELECT 1').sqlstate == '25P02'
        assert w.simple('ROLLBACK').tag == 'ROLLBACK'


def test_savepoints(world):
    with world.connect() as w:
        w.simple('BEGIN')
        assert w.simple('SAVEPOINT a').tag == 'SAVEPOINT'
        assert w.simple('SELECT count(*) FROM campaigns').rows == [('10',)]  # linked after it
        w.simple('SAVEPOINT b')
        assert w.simple('SELECT nonesuch FROM campaigns').status == 'E'
        assert w.simple('ROLLBACK TO b').status == 'T'
        assert w.simple('SELECT count(*) FROM campaigns').rows == [('10',)]
        assert w.simple('SELECT nonesuch FROM campaigns').status == 'E'
        r = w.simple('ROLLBACK TO SAVEPOINT a')
        assert (r.tag, r.status) == ('ROLLBACK', 'T')
        r = w.simple('ROLLBACK TO b')
        assert (r.sqlstate, r.error['M'], r.status) == ('3B001', 'savepoint "b" does not exist', 'E')
        w.simple('ROLLBACK TO a')
        assert w.simple('RELEASE a').tag == 'RELEASE'
        assert w.simple('RELEASE a').sqlstate == '3B001'
        w.simple('ROLLBACK')


def test_savepoints_on_both_servers(world):
    with world.connect() as w:
        w.simple('BEGIN')
        w.simple('SELECT count(*) FROM messages')
        w.simple('SAVEPOINT "x y"')
        assert w.simple("SELECT count(*) FROM pg_class WHERE relname = 'campaigns'").rows == [('1',)]
        assert w.simple("SELECT 'x'::regclass").status == 'E'
        w.simple('ROLLBACK TO "x y"')
        assert w.simple("SELECT count(*) FROM pg_class WHERE relname = 'campaigns'").rows == [('1',)]
        assert w.simple('SELECT count(*) FROM messages').rows == [('1000',)]
        assert w.simple('COMMIT').tag == 'COMMIT'


def test_only_in_blocks(world):
    with world.connect() as w:
        for text, what in (('SAVEPOINT a', 'SAVEPOINT'), ('RELEASE a', 'RELEASE SAVEPOINT'), ('ROLLBACK TO a', 'ROLLBACK TO SAVEPOINT'),
                           ('COMMIT AND CHAIN', 'COMMIT AND CHAIN'), ('ROLLBACK AND CHAIN', 'ROLLBACK AND CHAIN')):
            r = w.simple(text)
            assert (r.sqlstate, r.error['M'], r.status) == ('25P01', what + ' can only be used in transaction blocks', 'I'), r
        r = w.simple('SET TRANSACTION READ ONLY')
        assert (r.kinds, r.notices[0]['C']) == ('NCZ', '25P01')


def test_chain(world):
    with world.connect() as w:
        w.simple('BEGIN READ ONLY')
        w.simple('SELECT count(*) FROM campaigns')
        r = w.simple('COMMIT AND CHAIN')
        assert (r.tag, r.status) == ('COMMIT', 'T')
        assert w.simple('SHOW transaction_read_only').rows == [('on',)]
        w.simple('SELECT 1/0')
        r = w.simple('ROLLBACK AND CHAIN')
        assert (r.tag, r.status) == ('ROLLBACK', 'T')
        assert w.simple('SHOW transaction_read_only').rows == [('on',)]
        assert w.simple('COMMIT').status == 'I'


def test_set_transaction(world):
    with world.connect() as w:
        w.simple('BEGIN')
        assert w.simple('SET TRANSACTION ISOLATION LEVEL SERIALIZABLE').tag == 'SET'
        assert w.simple('SHOW transaction_isolation').rows == [('serializable',)]
        assert w.simple('SELECT count(*) FROM campaigns').rows == [('10',)]
        r = w.simple('SET TRANSACTION ISOLATION LEVEL READ COMMITTED')
        assert (r.sqlstate, r.status) == ('25001', 'E')
        w.simple('ROLLBACK')
        w.simple('SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY')
        assert w.simple('SHOW transaction_isolation').rows == [('repeatable read',)]
        assert w.simple('SHOW default_transaction_read_only').rows == [('on',)]


def test_defaults_of_its_beginning(world):
    """What default_transaction_* were when a transaction began counts in it, though its server comes later."""
    insert = "INSERT INTO customers (id, name) VALUES (100, 'new')"
    with world.connect('wendy') as w, world.private() as private:
        for c in (w, private):
            def told(*texts):
                return [(r.sqlstate, [s.tag for s in r.statements], r.rows, r.status) for r in results(c, *texts)]
            told('SET default_transaction_read_only = on')
            assert told('SET default_transaction_read_only = off; ' + insert)[0] == ('25006', ['SET'], [], 'I')
            assert told('SHOW default_transaction_read_only')[0][2] == [('on',)]
            assert told('BEGIN', 'SET default_transaction_read_only = off', insert, 'ROLLBACK')[2][0] == '25006'
            c.send(parse('', 'SET default_transaction_read_only = off') + bind('', '') + execute() + steps(insert) + sync())
            assert c.result().sqlstate == '25006'
            assert told('SHOW default_transaction_read_only')[0][2] == [('on',)]
            # two batches in one write: the second begins with what the first one has set
            c.send(parse('', 'SET default_transaction_read_only = off') + bind('', '') + execute() + steps('SELECT 1') + sync() +
                   steps('BEGIN', insert, 'ROLLBACK') + sync())
            assert not c.result().error
            r = c.result()
            assert [s.tag for s in r.statements if s.tag] == ['BEGIN', 'INSERT 0 1', 'ROLLBACK'], r
            told("SET default_transaction_isolation = 'repeatable read'")
            assert told("BEGIN; SET default_transaction_isolation = 'serializable'; SHOW transaction_isolation")[0][2] == [('repeatable read',)]
            assert told('SELECT count(*) FROM channels', 'SHOW transaction_isolation', 'SHOW default_transaction_isolation', 'ROLLBACK',
                        'SHOW default_transaction_isolation')[1:5:2] == [(None, ['SHOW'], [('repeatable read',)], 'T'), (None, ['ROLLBACK'], [], 'I')]
            assert told("SET default_transaction_isolation = 'serializable'; SHOW transaction_isolation; SELECT count(*) FROM channels")[0][:2] == (
                None, ['SET', 'SHOW', 'SELECT 1'])
            assert told('SHOW transaction_isolation')[0][2] == [('serializable',)]
            assert told('RESET default_transaction_isolation; RESET ALL', 'SHOW transaction_isolation')[1][2] == [('read committed',)]


# ---- several statements in one message ----

def test_several_are_one_transaction(world):
    with world.connect() as w:
        r = w.simple("SET timezone = 'Europe/Rome'; SELECT 1/0; SELECT 2")
        assert (r.kinds, r.sqlstate, r.status) == ('CEZ', '22012', 'I')
        assert w.simple('SHOW timezone').rows == [('UTC',)]
        r = w.simple("SET timezone = 'Europe/Rome'; SHOW timezone; SELECT count(*) FROM messages; SELECT relname FROM pg_class LIMIT 1; SHOW timezone")
        assert [s.tag for s in r.statements] == ['SET', 'SHOW', 'SELECT 1', 'SELECT 1', 'SHOW'] and r.status == 'I', r
        assert r.parameters == [('TimeZone', 'Europe/Rome')] and r.statements[4].rows == [('Europe/Rome',)]


def test_begin_in_the_middle(world):
    with world.connect() as w:
        r = w.simple("SELECT 1; BEGIN; SELECT count(*) FROM messages")
        assert (r.kinds, r.status) == ('TDCCTDCZ', 'T'), r
        r = w.simple("SELECT 2; COMMIT; SELECT 3; SELECT 1/0")
        assert (r.kinds, r.sqlstate, r.status) == ('TDCCTDCEZ', '22012', 'I'), r
        r = w.simple("SELECT 1; COMMIT; SET timezone = 'Asia/Tokyo'; SELECT 1/0")
        assert (r.kinds, r.notices[0]['C'], r.status) == ('TDCNCCEZ', '25P01', 'I'), r
        assert w.simple('SHOW timezone').rows == [('UTC',)]
        r = w.simple("BEGIN; SELECT 1/0; ROLLBACK")
        assert (r.kinds, r.status) == ('CEZ', 'E'), r
        r = w.simple("ROLLBACK; SELECT 1; SAVEPOINT a; SELECT 2")
        assert (r.kinds, r.sqlstate, r.status) == ('CTDCEZ', '25P01', 'I'), r


def test_refused_in_its_turn(world):
    """What is refused is an error like any other: what stands before it has run, and lasts when it was committed."""
    with world.connect() as w:
        r = w.simple("SET timezone = 'Europe/Rome'; SELECT * FROM nonesuch; SELECT 1")
        assert ([s.tag for s in r.statements][:1], r.sqlstate, r.status) == (['SET'], '42P01', 'I'), r
        assert w.simple('SHOW timezone').rows == [('UTC',)]
        w.simple('BEGIN')
        r = w.simple("SELECT 1; SELECT pg_sleep(1); SELECT 2")
        assert (r.kinds, r.status) == ('TDCEZ', 'E'), r
        r = w.simple("SELECT 1; SELECT pg_sleep(1)")
        assert (r.kinds, r.sqlstate, r.status) == ('EZ', '25P02', 'E'), r
        r = w.simple("ROLLBACK; SET timezone = 'Europe/Rome'; COMMIT; SELECT * FROM nonesuch")
        assert (r.sqlstate, r.status) == ('42P01', 'I'), r
        assert w.simple('SHOW timezone').rows == [('Europe/Rome',)]
        w.simple("BEGIN; SET timezone = 'Asia/Tokyo'")
        r = w.simple('COMMIT; SELECT * FROM nonesuch')
        assert (r.kinds, r.sqlstate, r.status) == ('CEZ', '42P01', 'I'), r
        assert w.simple('SHOW timezone').rows == [('Asia/Tokyo',)]
        r = w.simple('BEGIN; SELECT count(*) FROM messages; SELECT * FROM nonesuch')
        assert (r.kinds, r.status) == ('CTDCEZ', 'E'), r
        assert w.simple('ROLLBACK').status == 'I'
        r = w.simple('SELECT 1; SELEC 2')
        assert (r.kinds, r.sqlstate, r.status) == ('EZ', '42601', 'I'), r


def test_position_in_the_second_statement(world):
    with world.connect() as w:
        text = "SELECT 'ü' FROM campaigns; SELECT 1 + nonesuch(name) FROM campaigns"
        assert w.simple(text).error['P'] == str(text.index('nonesuch') + 1)
        text = "SELECT 'ü', id FROM campaigns LIMIT 1; SELECT id::date FROM campaigns"
        r = w.simple(text)
        assert (r.sqlstate, r.error['P']) == ('42846', str(text.index('::') + 1)), r


def test_begin_costs_nothing(world):
    """A server hears of BEGIN together with the first statement, in one write; and nothing at all when there is none."""
    world.warehouse.sql("ALTER SYSTEM SET log_statement = 'all'; ")
    world.warehouse.sql('SELECT pg_reload_conf()')
    try:
        with world.connect() as w:
            world.until(lambda: w.simple('SELECT 1 FROM messages LIMIT 1').rows and 'LOG:  statement: SELECT 1 ' in heard(world, 0))
            time.sleep(0.2)
            at = os.path.getsize(world.warehouse.log)
            for text in ('BEGIN', 'SAVEPOINT a', 'SHOW timezone', 'ROLLBACK TO a', 'RELEASE a', 'COMMIT', 'BEGIN READ ONLY', 'ROLLBACK'):
                assert not w.simple(text).error
            time.sleep(0.2)
            assert 'BEGIN' not in heard(world, at)
            w.simple('BEGIN')
            w.simple('SAVEPOINT a')
            w.simple('SELECT 1 FROM messages LIMIT 1')
            w.simple('COMMIT')
            world.until(lambda: 'COMMIT' in heard(world, at))
            said = [line.split('statement: ')[1].split(' ')[0] for line in heard(world, at).split('\n') if 'statement: ' in line]
            assert said == ['BEGIN', 'SAVEPOINT', 'SELECT', 'COMMIT'], said
    finally:
        world.warehouse.sql('ALTER SYSTEM RESET log_statement')
        world.warehouse.sql('SELECT pg_reload_conf()')


def heard(world, at):
    with open(world.warehouse.log, encoding='utf8') as file:
        file.seek(at)
        return file.read()


@configured(pool=1)
def test_idle_block_holds_no_server(world):
    """With one connection in each pool: a block that has not used any does not keep others waiting."""
    with world.connect() as one, world.connect('bob') as two:
        one.simple('BEGIN')
        assert two.simple('SELECT count(*) FROM messages').rows == [('1000',)]
        assert one.simple('SELECT count(*) FROM messages').rows == [('1000',)]
        one.simple('COMMIT')
        assert two.simple('SELECT count(*) FROM messages').rows == [('1000',)]


@configured(pool=1)
def test_pool_is_full(world):
    with world.connect() as one, world.connect('bob') as two:
        one.simple('BEGIN')
        one.simple('SELECT count(*) FROM messages')
        r = two.simple('SELECT count(*) FROM messages')
        assert (r.sqlstate, r.status) == ('53300', 'I'), r
        two.send(wire.query('SELECT count(*) FROM messages'))
        one.simple('COMMIT')
        assert two.result().rows == [('1000',)]
