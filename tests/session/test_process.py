"""Cancel, timeouts, limits, servers that die, reload, drain, TLS, slow clients."""
import os
import signal
import socket
import struct
import subprocess
import threading
import time

import psycopg2

import wire
from world import DATABASE, PASSWORD, configured, slow

SLOW = 'SELECT count(*) FROM messages a, messages b, messages c WHERE a.body < b.body AND b.body < c.body'
QUICK = 'SELECT count(*) FROM messages'


SLOWLY = 'b.body < c.body'  # what of it the server is sent, too


def starts_slow(world, w, message=wire.query(SLOW)):
    """Sends it, and waits until it runs."""
    w.send(message)
    world.until(lambda: world.running(SLOWLY))


def cancel(w, secret=None):
    with wire.Wire(w.host, w.sock.getpeername()[1]) as other:
        other.send(wire.cancel_request(w.pid, w.secret if secret is None else secret))
        assert other.recv_to_end() == []


def test_pids_in_no_order(world):
    """Numbers in a row would tell how many others have come since."""
    pids = []
    for _ in range(8):
        with world.connect() as w:
            pids.append(w.pid)
    assert len(set(pids)) == 8 and all(0 < pid < 1 << 24 for pid in pids), pids
    assert sum(abs(b - a) < 1000 for a, b in zip(pids, pids[1:])) < 4, pids


# ---- cancel ----

def test_cancel(world):
    for send in (wire.query(SLOW), wire.parse('', SLOW) + wire.bind('', '') + wire.execute() + wire.sync()):
        with world.connect() as w:
            starts_slow(world, w, send)
            cancel(w, b'xxxx')
            assert w.is_silent(0.3)
            cancel(w)
            r = w.result()  # by itself it would not come while anybody waits
            assert (r.sqlstate, r.error['M']) == ('57014', 'canceling statement due to user request'), r
            assert w.simple(QUICK).rows == [('1000',)]


def test_cancel_in_a_block(world):
    """The block goes on from its savepoint, and what comes next is not hit by a cancel request that is late."""
    with world.connect() as w:
        w.simple('BEGIN; SAVEPOINT a')
        for _ in range(5):
            starts_slow(world, w)
            cancel(w)
            assert w.result().sqlstate == '57014'
            assert w.simple('ROLLBACK TO a').status == 'T'
            assert w.simple(QUICK).rows == [('1000',)]
        w.simple('COMMIT')


def test_cancel_hits_nobody_else(world):
    with world.connect() as one, world.connect('bob') as two:
        cancel(one)
        two.send(wire.query(QUICK))
        cancel(one)
        assert two.result().rows == [('1000',)] and one.simple(QUICK).rows == [('1000',)]


@configured(pool=1)
def test_cancel_while_waiting_for_a_server(world):
    with world.connect() as one, world.connect('bob') as two:
        one.simple('BEGIN')
        one.simple(QUICK)
        two.send(wire.query(QUICK))
        while two.is_silent(0.3):  # once more, should it have been faster than the statement
            cancel(two)
        assert two.result().sqlstate == '57014'
        one.simple('COMMIT')
        assert two.simple(QUICK).rows == [('1000',)]


def test_client_that_goes_away(world):
    """Its statement does not run on."""
    w = world.connect()
    starts_slow(world, w)
    w.drop()
    world.until(lambda: not world.running(SLOWLY))


def test_client_that_leaves_a_block(world):
    """Its server is rolled back and used again."""
    with world.connect() as one, world.connect() as two:  # each worker has one then
        one.simple('BEGIN; ' + QUICK)
        two.simple('BEGIN; ' + QUICK)
        one.simple('COMMIT')
        two.simple('COMMIT')
    before = world.servers(world.warehouse)
    for text in ('', 'SELECT 1/0 FROM messages', "SET timezone = 'Asia/Tokyo'", 'SELECT 1'):
        w = world.connect()
        w.simple('BEGIN')
        w.simple(QUICK)
        if text:
            w.simple(text)
        w.end()
    world.until(lambda: world.warehouse.sql("SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in%'") == '0')
    assert set(before) <= set(world.servers(world.warehouse)), (before, world.servers(world.warehouse))
    with world.connect('bob') as w:
        assert w.simple("SELECT to_char(timestamptz '2020-06-01 00:00:00+00', 'TZ') FROM messages LIMIT 1").rows == [('UTC',)]


# ---- servers that die ----

def kill(cluster, pids):
    for pid in pids:
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            pass


def test_idle_servers_end(world):
    with world.connect() as w:
        for _ in range(3):
            w.simple(QUICK)
            kill(world.warehouse, world.servers(world.warehouse))
            world.until(lambda: not world.connections(world.warehouse))  # it has noticed
            assert w.simple(QUICK).rows == [('1000',)]


def test_server_ends_in_a_statement(world):
    with world.connect() as w:
        for message in (wire.query(SLOW), wire.parse('', SLOW) + wire.bind('', '') + wire.execute() + wire.sync() + wire.query('SELECT 1')):
            starts_slow(world, w, message)
            kill(world.warehouse, world.servers(world.warehouse))
            r = w.result()
            assert (r.sqlstate, r.status) == ('08006', 'I') and 'redshift' in r.error['M'] and 'administrator' not in r.error['M'], r
            if message[0:1] == b'P':
                assert w.result().rows == [('1',)]
            assert w.simple(QUICK).rows == [('1000',)]


def test_server_ends_in_a_block(world):
    with world.connect() as w:
        w.simple('BEGIN; SAVEPOINT a')
        w.simple(QUICK)
        kill(world.warehouse, world.servers(world.warehouse))
        time.sleep(0.1)
        r = w.simple(QUICK)
        assert (r.sqlstate, r.status) == ('08006', 'E'), r
        assert w.simple(QUICK).sqlstate == '25P02'
        assert w.simple('ROLLBACK TO a').sqlstate == '08006'
        assert w.simple('ROLLBACK').status == 'I'
        assert w.simple(QUICK).rows == [('1000',)]
        w.simple('BEGIN')
        w.simple(QUICK)
        kill(world.warehouse, world.servers(world.warehouse))
        r = w.simple('COMMIT')
        assert r.tag == 'ROLLBACK' or r.sqlstate == '08006', r
        assert r.status == 'I'


def test_server_ends_among_rows(world):
    with world.connect() as w:
        w.send(wire.query("SELECT repeat('x', 1000000) FROM messages"))
        assert [kind for kind, _ in w.recv_until('D')] == ['T', 'D']
        kill(world.warehouse, world.servers(world.warehouse))
        rest = w.recv_to_end() if False else []
        try:
            while True:
                rest.append(w.recv()[0])
                if rest[-1] == 'Z':
                    break
        except wire.Closed:
            pass
        assert 'C' not in rest and (rest[-2:] == ['E', 'Z'] or rest[-1] == 'D'), rest[-3:]


@slow
def test_cluster_is_down(world):
    with world.connect() as w, world.connect('bob') as other:
        other.simple('BEGIN')
        other.simple('SELECT count(*) FROM channels')
        w.simple(QUICK)
        world.warehouse.kill9()
        r = w.simple(QUICK)
        assert r.sqlstate in ('08001', '08006', '53300') and r.status == 'I' and str(world.warehouse.port) not in str(r.error), r
        assert w.simple('SELECT count(*) FROM channels').rows == [('2',)]
        assert other.simple('SELECT count(*) FROM channels').rows == [('2',)]
        with world.connect() as fresh:
            assert fresh.simple('SELECT 1').rows == [('1',)]
        world.warehouse.start()
        world.until(lambda: w.simple(QUICK).rows == [('1000',)])
        other.simple('COMMIT')


@configured(backend='query_timeout: 4s', pool=2)
def test_backend_that_hangs(world):
    with world.connect() as w:
        w.simple(QUICK)
        stopped = world.servers(world.warehouse)
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            r = w.simple(QUICK)
            assert (r.sqlstate, r.status) == ('57014', 'I') and 'redshift' in r.error['M'], r
            assert w.simple(QUICK).rows == [('1000',)]
        finally:
            for pid in stopped:
                os.kill(pid, signal.SIGCONT)


# ---- time and limits ----

@configured(limits='login_timeout: 4s, client_idle_timeout: 3s, idle_transaction_timeout: 2s')
def test_timeouts(world):
    def last(w):
        messages = w.recv_to_end()
        return wire.decode_fields(messages[-1][1]) if messages else {}
    w = wire.Wire('127.0.0.1', world.port)
    assert last(w).get('C') == '57014'
    idle, begun, busy = world.connect(), world.connect(), world.connect()
    begun.simple('BEGIN')
    busy.simple('BEGIN; ' + QUICK)
    assert [last(w)['C'] for w in (begun, busy, idle)] == ['25P03', '25P03', '57P05']
    with world.connect() as w:
        for _ in range(4):
            time.sleep(1)
            assert w.simple('SELECT 1').rows == [('1',)]
        w.send(wire.query(SLOW))
        assert w.is_silent(4)
        cancel(w)
        assert w.result().sqlstate == '57014'


@configured(limits='max_clients: 2')
def test_too_many_clients(world):
    with world.connect(), world.connect('bob'):
        try:
            world.connect()
            raise AssertionError('three are connected')
        except wire.LoginRefused as error:
            assert (error.sqlstate, error.message, error.fields['S']) == ('53300', 'sorry, too many clients already', 'FATAL')
    world.until(lambda: connects(world))


def connects(world):
    try:
        world.connect().end()
        return True
    except wire.LoginRefused:
        return False


@slow
def test_slow_reader_costs_no_memory(world):
    with world.connect(timeout=60) as w:
        w.simple(QUICK)
        before = world.resident()
        w.send(wire.query("SELECT repeat('x', 300000) FROM messages"))
        time.sleep(1.5)
        assert world.resident() - before < 40 << 20, world.resident() - before
        assert w.result().tag == 'SELECT 1000'
        w.send(wire.query("SELECT repeat('x', 30000000)"))
        time.sleep(2)
        assert world.resident() - before < 60 << 20, world.resident() - before
        assert len(w.result().rows[0][0]) == 30000000


@slow
def test_big_results_cost_no_memory(world):
    """300 MB by every way that there is, to a client that takes its time: Headgate holds a buffer of it, not the result."""
    rows = "FROM messages m, generate_series(1, 100) g"  # 100,000 rows of 3 kB
    wide = "SELECT m.id, repeat('x', 3000) " + rows
    ways = {
        'simple': [wire.query(wide)],
        'extended': [wire.parse('', wide) + wire.bind('', '') + wire.execute() + wire.sync()],
        'copy': [wire.query('COPY (%s) TO STDOUT' % wide)],
        'portal': [wire.query('BEGIN'), wire.parse('', wide) + wire.bind('p', '') + wire.execute('p', 1000) + wire.sync()] +
                  [wire.execute('p', 1000) + wire.sync()] * 100 + [wire.query('COMMIT')],
        'cursor': [wire.query('BEGIN; DECLARE c CURSOR FOR ' + wide)] + [wire.query('FETCH 10000 c')] * 10 + [wire.query('COMMIT')],
    }
    for name, messages in ways.items():
        with world.connect() as w:
            w.sock.settimeout(50)
            before, most, got = world.resident(), 0, 0
            for message in messages:
                w.send(message)
                tail = b''
                while tail[-6:-1] != b'Z\0\0\0\5':
                    data = w.sock.recv(1 << 20)
                    got += len(data)
                    tail = (tail + data)[-6:]
                    if got >> 25 != (got - len(data)) >> 25:  # every 32 MB: a rest
                        time.sleep(0.1)
                        most = max(most, world.resident())
            assert got > 300000000 and most - before < 24 << 20, (name, got, most - before)


@slow
def test_slow_reader_keeps_no_server(world):
    """What is left of a reply that has come wholly is the client's own affair."""
    with world.connect() as w:
        w.send(wire.query("SELECT repeat('x', 20000)") + wire.query(QUICK))
        assert len(w.result().rows[0][0]) == 20000 and w.result().rows == [('1000',)]


def test_half_closed(world):
    w = world.connect()
    w.send(wire.query(QUICK))
    w.sock.shutdown(socket.SHUT_WR)
    kinds = [kind for kind, _ in w.recv_to_end()]
    assert kinds == ['T', 'D', 'C', 'Z'], kinds


def test_tls(world):
    connection = psycopg2.connect(world.dsn(sslmode='require'))
    with connection.cursor() as cursor:
        cursor.execute("SELECT repeat('x', 3000000)")
        assert len(cursor.fetchone()[0]) == 3000000
        cursor.execute(QUICK)
        assert cursor.fetchone() == (1000,)
    connection.close()


def test_wrong_password(world):
    texts = []
    for user, password in (('alice', 'wrong'), ('nobody', PASSWORD)):
        try:
            wire.connect('127.0.0.1', world.port, user, password, 'other')
            raise AssertionError('let in')
        except wire.LoginRefused as error:
            texts.append((error.sqlstate, error.message.replace(user, 'x'), error.fields['S']))
    assert texts[0] == texts[1] == ('28P01', 'password authentication failed for user "x"', 'FATAL')
    try:
        wire.connect('127.0.0.1', world.port, 'alice', PASSWORD, 'other')
    except wire.LoginRefused as error:
        assert (error.sqlstate, error.message) == ('3D000', 'database "other" does not exist')


# ---- reload ----

MASK = 'public.campaigns.name: {mask: "upper(name)"}'


def test_reload_changes_a_mask(world):
    name = 'SELECT name FROM campaigns WHERE id = 1'
    with world.connect() as idle, world.connect() as block, world.connect() as prepared:
        block.simple('BEGIN')
        assert block.simple(name).rows == [('acme campaign 1',)]
        prepared.send(wire.parse('s', name) + wire.bind('', 's') + wire.execute() + wire.sync())
        assert prepared.result().kinds == '12DCZ'
        try:
            world.write_policy(columns=MASK)
            world.reload()
            assert idle.simple(name).rows == [('ACME CAMPAIGN 1',)]
            assert block.simple(name).rows == [('acme campaign 1',)]  # one policy for a whole transaction
            block.simple('COMMIT')
            assert block.simple(name).rows == [('ACME CAMPAIGN 1',)]
            prepared.send(wire.bind('', 's') + wire.describe('P') + wire.execute() + wire.sync())
            assert prepared.result().rows == [('ACME CAMPAIGN 1',)]
            world.write_policy(columns='public.campaigns.name: {hide: true}')
            world.headgate.catalog()  # the role gets one of its own
            world.reload()
            prepared.send(wire.bind('', 's') + wire.execute() + wire.sync())
            r = prepared.result()
            assert (r.kinds, r.sqlstate) == ('EZ', '42703'), r
            assert idle.simple(name).sqlstate == '42703'
        finally:
            world.write_policy()
            world.reload()
        assert idle.simple(name).rows == [('acme campaign 1',)]


def test_reload_of_a_broken_policy(world):
    with world.connect() as w:
        try:
            world.write_policy(broken='  dave: {tenant: nonesuch, role: analyst, password: x}\n')
            log = world.reload(good=False)
            assert 'policy.yaml:' in log and 'nonesuch' in log, log
        finally:
            world.write_policy()
        assert w.simple(QUICK).rows == [('1000',)]
        world.reload()


def test_reload_removes_users(world):
    with world.connect() as stays, world.connect('bob') as idle, world.connect('bob') as block, world.connect('carol') as moved:
        block.simple('BEGIN')
        block.simple(QUICK)
        try:
            world.write_policy(users={'alice': 'acme', 'carol': 'globex'})
            world.reload()
            for w in (idle, moved):
                fields = wire.decode_fields(w.recv_to_end()[-1][1])
                assert (fields['S'], fields['C']) == ('FATAL', '57P01'), fields
            assert block.simple(QUICK).rows == [('1000',)]
            block.simple('COMMIT')
            block.send(wire.query('SELECT 1'))
            assert wire.decode_fields(block.recv_to_end()[-1][1])['C'] == '57P01'
            assert stays.simple(QUICK).rows == [('1000',)]
        finally:
            world.write_policy()
            world.reload()


def test_reload_keeps_or_replaces_pools(world):
    with world.connect() as w:
        w.simple(QUICK)
        before = world.servers(world.warehouse)
        world.reload()
        w.simple(QUICK)
        assert set(world.servers(world.warehouse)) == set(before)
        config = dict(world.config)
        world.write_config(pool=3)
        world.reload()
        assert w.simple(QUICK).rows == [('1000',)]
        world.until(lambda: not set(world.servers(world.warehouse)) & set(before))
        world.write_config(workers=3)
        assert 'cannot change while running' in world.reload(good=False)
        world.write_config(**config)
        world.reload()


@slow
def test_reload_under_load(world):
    stop, failures = threading.Event(), []

    def work(user, expected):
        try:
            with world.connect(user) as w:
                while not stop.is_set():
                    rows = w.extended('SELECT min(name) FROM campaigns').rows
                    if [r[0].lower() for r in rows] != [expected]:
                        failures.append(rows)
        except wire.WireError as error:
            failures.append(error)
    threads = [threading.Thread(target=work, args=a) for a in (('alice', 'acme campaign 1'), ('bob', 'globex campaign 1')) * 4]
    for thread in threads:
        thread.start()
    try:
        for i in range(12):
            world.write_policy(columns=MASK if i % 2 else '')
            world.reload()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        world.write_policy()
        world.reload()
    assert not failures, failures[:3]


# ---- the end ----

def test_drain(world):
    with world.connect() as idle, world.connect() as block, world.connect() as login:
        block.simple('BEGIN')
        block.simple(QUICK)
        world.headgate.signal(signal.SIGTERM)
        fields = wire.decode_fields(idle.recv_to_end()[-1][1])
        assert (fields['S'], fields['C'], fields['M']) == ('FATAL', '57P01', 'terminating connection due to administrator command')
        world.until(lambda: refuses(world))
        assert block.simple(QUICK).rows == [('1000',)]
        block.send(wire.query('COMMIT'))
        assert [kind for kind, _ in block.recv_to_end()] == ['C', 'Z', 'E']
        world.until(lambda: not world.headgate.alive())
        assert world.headgate.process.returncode == 0, world.headgate.output()
        login.drop()
    world.start()


def refuses(world):
    try:
        socket.create_connection(('127.0.0.1', world.port), 1).close()
        return False
    except (ConnectionRefusedError, ConnectionResetError):  # reset: it came while the socket was being closed
        return True


def test_signals_reach_own_sessions_only(world):
    """pg_cancel_backend, pg_terminate_backend and pg_stat_activity know the sessions of the user, and nobody else's, of the same tenant neither."""
    with world.connect() as one, world.connect() as same, world.connect('carol') as colleague, world.connect('bob') as stranger:
        for w, count in ((one, '2'), (colleague, '1'), (stranger, '1')):
            assert w.simple("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'").rows == [(count,)], count
        for w in colleague, stranger:
            for function in 'pg_cancel_backend', 'pg_terminate_backend':
                for pid in one.pid, same.pid, 1, -1, 0, 2147483647:
                    r = w.simple('SELECT %s(%d)' % (function, pid))
                    assert r.rows == [('f',)], (function, pid, r)
                    assert [n['M'] for n in r.notices] == ['PID %d is not a PostgreSQL backend process' % pid], r.notices
        assert one.simple('SELECT 1').rows == same.simple('SELECT 1').rows == [('1',)]
        assert same.simple('SELECT pg_terminate_backend(%d)' % one.pid).rows == [('t',)]
        one.send(wire.query('SELECT 1'))
        assert one.recv_until('E')


def test_second_signal(world):
    with world.connect() as block:
        block.simple('BEGIN')
        block.simple(QUICK)
        world.headgate.signal(signal.SIGTERM)
        world.until(lambda: refuses(world))
        assert world.headgate.alive()
        world.headgate.signal(signal.SIGINT)
        assert wire.decode_fields(block.recv_to_end()[-1][1])['C'] == '57P01'
        world.until(lambda: not world.headgate.alive())
        assert world.headgate.process.returncode == 0, world.headgate.output()
    world.start()


def test_reload_and_end(world):
    for pause in (0, 0.001, 0.01):
        world.headgate.signal(signal.SIGHUP)
        time.sleep(pause)
        world.headgate.signal(signal.SIGTERM)
        world.until(lambda: not world.headgate.alive())
        assert world.headgate.process.returncode == 0, world.headgate.output()
        world.start()


def test_second_signal_at_once(world):
    """While the workers say that nothing is left to wait for."""
    for pause in (0, 0.0005, 0.001, 0.002, 0.004, 0.008):
        world.headgate.signal(signal.SIGTERM)
        time.sleep(pause)
        world.headgate.signal(signal.SIGINT)
        world.until(lambda: not world.headgate.alive())
        assert world.headgate.process.returncode in (0, -signal.SIGINT), world.headgate.output()  # the latter: it had ended as good as
        world.start()


@configured(limits='drain_timeout: 500ms')
def test_drain_timeout(world):
    with world.connect() as block:
        block.simple('BEGIN')
        block.send(wire.query(SLOW))
        assert block.is_silent(0.2)
        world.headgate.signal(signal.SIGTERM)
        assert wire.decode_fields(block.recv_to_end()[-1][1])['C'] == '57P01'
        world.until(lambda: not world.headgate.alive())
        assert world.headgate.process.returncode == 0, world.headgate.output()
    world.start()


@slow
def test_many_clients(world):
    """Connections that come and go on all workers, with every way to leave."""
    failures = []

    def work(number):
        try:
            for i in range(20):
                w = world.connect('bob' if number % 2 else 'alice')
                assert w.simple(QUICK).rows == [('1000',)]
                if i % 4 == 0:
                    w.simple('BEGIN; SELECT 1')
                if i % 4 == 1:
                    w.send(wire.query(QUICK))
                if i % 3 == 0:
                    w.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
                if i % 2:
                    w.end()
                else:
                    w.drop()
        except Exception as error:  # noqa: BLE001
            failures.append(error)
    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures, failures[:3]


def test_psql(world):
    done = subprocess.run(['psql', '-X', '-c', r'\d campaigns', '-c', r'\dt', '-c', r'\conninfo', '-c', QUICK, world.dsn()],
                          capture_output=True, text=True)
    assert done.returncode == 0 and '"campaigns_pkey" PRIMARY KEY' in done.stdout and '1000' in done.stdout, done
    assert DATABASE in done.stdout
