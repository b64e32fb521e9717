"""Tenants before the walls. The policy says of public.messages that it is shared, so that Headgate adds no predicate: a rewriter as
broken as can be. What a tenant then sees is what row security lets through, and any server connection that is not told its tenant,
or keeps the one before, shows as a wrong number of rows. One server connection for all sessions."""
import os
import random
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), 'support'))
import wire  # noqa: E402
from world import DATABASE, PASSWORD, USERS  # noqa: E402

COUNT = 'SELECT count(*), count(DISTINCT body), min(body) FROM messages'
FAILS = 'SELECT 1 / (id - id) FROM messages'


class Tenant:
    def __init__(self, world, user, params=None):
        self.world, self.user, self.params = world, user, params
        self.value = world.tenants[USERS[user][0]]
        self.rows = [(str(world.counts[USERS[user][0]]), '1', self.value)]
        self.wire = None
        self.connect()

    def connect(self):
        self.wire = wire.connect('127.0.0.1', self.world.port, self.user, PASSWORD, DATABASE, timeout=20, params=self.params)

    def close(self):
        self.wire.sock.close()

    def simple(self, sql):
        return self.wire.simple(sql)

    def extended(self, sql, *params):
        return self.wire.extended(sql, list(params))

    def batch(self, *statements):
        self.wire.send(b''.join(wire.parse('', s) + wire.bind('', '') + wire.describe('P') + wire.execute() for s in statements) + wire.sync())
        return wire.collect(self.wire.recv_until('Z'))

    def named(self, name, sql=None):
        self.wire.send((wire.parse(name, sql) if sql else b'') + wire.bind('', name) + wire.describe('P') + wire.execute() + wire.sync())
        return wire.collect(self.wire.recv_until('Z'))

    def sees_own(self, how='simple'):
        result = self.simple(COUNT) if how == 'simple' else self.extended(COUNT)
        return not result.error and [tuple(r) for r in result.rows] == self.rows, (result.error, result.rows, self.rows)


def alternate(tenants, check, what, how='simple', times=3):
    for _ in range(times):
        for tenant in tenants:
            held, said = tenant.sees_own(how)
            check(held, '%s: %s sees its own rows: %s' % (what, tenant.user, said))


def transactions(a, b, check):
    for script in (['BEGIN', COUNT, 'ROLLBACK'], ['BEGIN', COUNT, 'COMMIT'], ['BEGIN', FAILS, 'ROLLBACK'], ['BEGIN', FAILS, 'COMMIT'],
                   ['BEGIN', 'SAVEPOINT s', FAILS, 'ROLLBACK TO s', COUNT, FAILS, 'ROLLBACK TO s', COUNT, 'COMMIT'],
                   ['BEGIN', 'SAVEPOINT s', COUNT, FAILS, 'ROLLBACK TO s', COUNT, 'ROLLBACK'], [FAILS], [FAILS, FAILS],
                   ['BEGIN ISOLATION LEVEL SERIALIZABLE', COUNT, 'ROLLBACK AND CHAIN', COUNT, 'COMMIT'],
                   ['SET TimeZone = \'Asia/Tokyo\'', FAILS, COUNT], ['BEGIN; SET LOCAL DateStyle = SQL; %s; ROLLBACK' % COUNT], ['%s; %s' % (COUNT, FAILS)]):
        for how in ('simple', 'extended'):
            if how == 'extended' and ';' in script[0]:
                continue
            for first, second in ((a, b), (b, a)):
                for sql in script:
                    result = first.simple(sql) if how == 'simple' else first.extended(sql)
                    if sql == COUNT:
                        check([tuple(r) for r in result.rows] == first.rows, '%s in %s, %s: own rows: %s' % (COUNT, script, how, result.rows))
                alternate((second, first), check, 'after %s, %s' % (script, how), times=1)


def batches(a, b, check):
    for statements in ((COUNT, FAILS), (FAILS, COUNT), ('BEGIN', COUNT, FAILS), (COUNT, 'BEGIN', COUNT, 'ROLLBACK'), (COUNT, COUNT)):
        for first, second in ((a, b), (b, a)):
            result = first.batch(*statements)
            for statement in result.statements:
                if statement.tag and statement.columns and len(statement.columns) == 3 and statement.rows:
                    check([tuple(r) for r in statement.rows] == first.rows, 'batch %s: own rows: %s' % (statements, statement.rows))
            if result.status != 'I':
                first.simple('ROLLBACK')
            alternate((second, first), check, 'after the batch %s' % (statements,), times=1)


def plans(a, b, check):
    """One text, prepared once on the one server: its plan is made for a tenant, then kept for all."""
    for tenant in (a, b):
        tenant.named('p', COUNT)
    for _ in range(9):
        for tenant in (a, b):
            result = tenant.named('p')
            check([tuple(r) for r in result.rows] == tenant.rows, 'a kept plan: %s: %s %s' % (tenant.user, result.error, result.rows))


def prepared_in_sql(a, b, check):
    for tenant in (a, b):
        tenant.simple('PREPARE counting AS ' + COUNT)
    for how in ('simple', 'extended') * 4:
        for tenant in (a, b):
            result = tenant.simple('EXECUTE counting') if how == 'simple' else tenant.extended('EXECUTE counting')
            check([tuple(r) for r in result.rows] == tenant.rows, 'EXECUTE: %s: %s %s' % (tenant.user, result.error, result.rows))


def leaving(world, a, b, check):
    """A client that goes away in the middle of a transaction leaves its server to others."""
    for sql in (['BEGIN', COUNT], ['BEGIN', FAILS], ['BEGIN', 'SAVEPOINT s', FAILS, 'ROLLBACK TO s', COUNT]):
        leaver = Tenant(world, 'acme_bi')
        for statement in sql:
            leaver.simple(statement)
        leaver.close()
        alternate((b, a), check, 'after one that left in %s' % sql, times=1)


def touching(world, a, b, check):
    """A client cannot touch what says who it is."""
    other = b.value
    for sql in ("SET headgate.tenant = '%s'" % other, "SET LOCAL headgate.tenant = '%s'" % other, 'SET "headgate.tenant" TO \'%s\'' % other,
                "SET SESSION headgate.tenant TO DEFAULT", 'RESET headgate.tenant', 'SHOW headgate.tenant', "SELECT current_setting('headgate.tenant')",
                "SELECT set_config('headgate.tenant', '%s', false)" % other,
                "SELECT set_config('headgate.tenant', '%s', true) FROM messages" % other, "SELECT set_config(name, '%s', false) FROM channels" % other,
                'SET row_security = off', 'SET SESSION AUTHORIZATION postgres', 'SET ROLE postgres', "UPDATE pg_settings SET setting = 'x'",
                "ALTER ROLE headgate SET headgate.tenant = '%s'" % other, "ALTER DATABASE data SET headgate.tenant = '%s'" % other,
                "DO $$BEGIN PERFORM set_config('headgate.tenant', 'x', false); END$$", 'ALTER TABLE messages DISABLE ROW LEVEL SECURITY',
                "PREPARE x AS SELECT set_config('headgate.tenant', $1, false)", 'SET "headgate.Tenant" = \'%s\'' % other):
        for how in ('simple', 'extended'):
            result = a.simple(sql) if how == 'simple' else a.extended(sql)
            check(result.error is not None, 'refused, %s: %s: %s' % (how, sql, result.rows))
            alternate((a, b), check, 'after %s' % sql, times=1)
    for sql in ("SELECT current_setting('headgate.tenant', true)", "SELECT DISTINCT current_setting('headgate.tenant', true) FROM messages"):
        result = a.simple(sql)
        check(result.error or result.rows == [(None,)], 'what it is called there is not told: %s: %s' % (sql, result.rows))
    for sql in ('RESET ALL', 'DISCARD ALL', 'SET row_security = on', 'RESET ROLE', 'SET SESSION AUTHORIZATION DEFAULT', 'BEGIN; RESET ALL; ROLLBACK'):
        a.simple(sql)
        alternate((a, b), check, 'after %s' % sql, times=1)
    for params in ({'options': '-c headgate.tenant=%s' % other}, {'headgate.tenant': other}, {'options': '-c row_security=off'}):
        try:
            tenant = Tenant(world, 'acme_bi', params)
            alternate((tenant, b), check, 'startup with %s' % params, times=1)
            tenant.close()
        except wire.LoginRefused:
            check(True, 'startup with %s is refused' % params)


def reading_on(a, b, check):
    """Answers that come in pieces, and as COPY."""
    for first, second in ((a, b), (b, a)):
        result = first.simple('COPY (SELECT body FROM messages) TO STDOUT')
        if not result.error:
            lines = b''.join(result.statements[0].copied).decode().split()
            check(lines == [first.value] * int(first.rows[0][0]), 'COPY: own rows: %s' % lines)
        first.simple('BEGIN')
        first.wire.send(wire.parse('', 'SELECT body FROM messages') + wire.bind('', '') + wire.execute('', 2) + wire.flush())
        first.wire.recv_until('s')
        first.wire.send(wire.execute('', 0) + wire.sync())
        result = wire.collect(first.wire.recv_until('Z'))
        check(len(result.rows) == int(first.rows[0][0]) - 2, 'a portal goes on: %s' % result.rows)
        if not first.simple('DECLARE c CURSOR FOR SELECT body FROM messages').error:
            result = first.simple('FETCH ALL FROM c')
            check([tuple(r) for r in result.rows] == [(first.value,)] * int(first.rows[0][0]), 'a cursor: own rows: %s %s' % (result.error, result.rows))
        first.simple('ROLLBACK')
        alternate((second, first), check, 'after a portal', times=1)


def at_random(world, check, seed=20261121, steps=400):
    """Sessions that take turns at the one server. Only one at a time is inside a transaction, since that keeps the server."""
    dice = random.Random(seed)
    sessions = [Tenant(world, user) for user in ('acme_bi', 'globex_bi', 'acme_bi', 'globex_bi')]
    inside, trace = None, []
    for step in range(steps):
        session = inside or dice.choice(sessions)
        what = dice.choice([COUNT] * 4 + [FAILS] * 3 + ['BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT s', 'ROLLBACK TO s', 'RELEASE s', 'leave',
                                                       "SET IntervalStyle = '%s'" % dice.choice(['postgres', 'iso_8601'])])
        how = dice.choice(['simple', 'extended', 'batch'])
        trace.append('%s %s %s' % (session.user, how, what))
        if what == 'leave':
            session.close()
            session.connect()
            inside = None
            continue
        result = session.batch(COUNT, what) if how == 'batch' else session.simple(what) if how == 'simple' else session.extended(what)
        for statement in result.statements:
            if statement.tag and len(statement.rows) == 1 and len(statement.rows[0]) == 3:
                check([tuple(r) for r in statement.rows] == session.rows, 'seed %d, step %d: own rows: %s; %s' % (seed, step, statement.rows, trace[-12:]))
        inside = session if session.wire.status != 'I' else None
    for session in sessions:
        session.close()


def broken_policy(world):
    world.write_policy(messages=', shared: true', writes='[public.orders, public.tickets]')


def prepare(world):
    """acme and globex are to have different numbers of rows, and their names in them."""
    world.sql("DELETE FROM public.messages WHERE id > 7 AND tenant_id::text = '%s'; UPDATE public.messages SET body = tenant_id" % world.tenants['globex'])
    world.counts = {tenant: int(world.sql("SELECT count(*) FROM public.messages WHERE tenant_id::text = '%s'" % value)) for tenant, value in world.tenants.items()}


def run_briefly(world, check):
    prepare(world)
    broken_policy(world)
    world.write_config(pool=1)
    world.serve()
    tenants = [Tenant(world, 'acme_bi'), Tenant(world, 'globex_bi')]
    alternate(tenants, check, 'simple')
    alternate(tenants, check, 'extended', 'extended')
    check(world.stop() == 0, 'Headgate ends well')


def run(world, check):
    prepare(world)
    broken_policy(world)
    world.write_config(pool=1)
    world.serve()
    a, b = Tenant(world, 'acme_bi'), Tenant(world, 'globex_bi')
    alternate((a, b), check, 'simple')
    alternate((a, b), check, 'extended', 'extended')
    transactions(a, b, check)
    batches(a, b, check)
    plans(a, b, check)
    prepared_in_sql(a, b, check)
    leaving(world, a, b, check)
    touching(world, a, b, check)
    reading_on(a, b, check)
    at_random(world, check)
    reloads(world, a, b, check)
    check(world.stop() == 0, 'Headgate ends well')
    whole(world, check)


def reloads(world, a, b, check):
    """Walls off again: connections that knew a tenant go, and tenants see nothing rather than somebody's rows."""
    import signal
    import time
    world.write_config(pool=1, walls='off')
    world.headgate.signal(signal.SIGHUP)
    for _ in range(400):
        time.sleep(0.1)
        if a.simple(COUNT).rows == [('0', '0', None)]:
            break
    for tenant in (a, b):
        check([tuple(r) for r in tenant.simple(COUNT).rows] == [('0', '0', None)], 'without walls: nothing is seen: %s' % tenant.user)


def whole(world, check):
    """Everything as it should be: predicate and wall, reading and writing."""
    world.write_policy()
    world.write_config()
    world.serve()
    a, b = Tenant(world, 'acme_rw'), Tenant(world, 'globex_rw')
    alternate((a, b), check, 'the whole policy')
    for sql, rows in (('INSERT INTO messages (id, body) VALUES (1000, \'new\') RETURNING id', [('1000',)]),
                      ('UPDATE messages SET body = \'newer\' WHERE id = 1000 RETURNING body', [('newer',)]),
                      ('INSERT INTO tickets (title) VALUES (\'t\') RETURNING title', [('t',)]),
                      ('SELECT body FROM messages WHERE id = 1000 FOR UPDATE', [('newer',)]),
                      ('DELETE FROM messages WHERE id = 1000 RETURNING id', [('1000',)])):
        for tenant in (a, b):
            result = tenant.simple(sql)
            check([tuple(r) for r in result.rows] == rows, '%s: %s: %s %s' % (tenant.user, sql, result.error, result.rows))
    alternate((a, b), check, 'after writing')
    a.wire.send(wire.query('COPY messages (id, body) FROM STDIN'))
    result = wire.collect(a.wire.recv_until('Z'))
    check(result.error and result.sqlstate == '0A000' and 'INSERT' in result.error.get('H', ''), 'row security takes no COPY FROM: %s' % result)
    alternate((a, b), check, 'after COPY FROM')
    readers = Tenant(world, 'acme_bi'), Tenant(world, 'globex_bi')
    for reader in readers:
        for sql, rows in (('SELECT count(*) FROM contacts', '5'), ('SELECT count(*) FROM visits', '6'), ('SELECT count(*) FROM devices', '5'),
                          ('SELECT count(*) FROM logs', '8'), ('SELECT count(*) FROM channels', '2')):
            result = reader.simple(sql)
            check(result.rows == [(rows,)], '%s: %s: %s %s' % (reader.user, sql, result.error, result.rows))
    check(world.stop() == 0, 'Headgate ends well')
