"""How connections end: by a client that shuts its side or vanishes, by timeouts that it has set itself."""
import re
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import wire
from world import PASSWORD

SLOW = 'SELECT count(*) FROM generate_series(1, 45000000)'  # some seconds


def opened(port, **options):
    return wire.connect('127.0.0.1', port, 'by_scram', PASSWORD, 'analytics', **options)


def half_closed(port, messages):
    w = opened(port)
    w.send(messages)
    w.sock.shutdown(socket.SHUT_WR)
    came = w.recv_to_end(120)
    w.drop()
    return ''.join(kind for kind, _ in came)


def test_half_closed(world):
    """A client that shuts its writing side gets the answers to all that it has sent."""
    extended = wire.parse('', 'SELECT 1') + wire.bind('', '') + wire.execute()
    for messages in (b'', wire.query('SELECT 1'), wire.query('SELECT count(*) FROM items') * 3, extended + wire.sync(), extended + wire.flush(),
                     wire.query('SELECT 1') + b'Q\0\0', wire.query('BEGIN'), wire.query('SELECT 1') + wire.terminate(), wire.query('SELEKT')):
        assert half_closed(world.port, messages) == half_closed(world.private.port, messages), messages


def test_half_closed_for_long(world):
    """However long they take. Meanwhile it may be told what it knows already."""
    began = time.monotonic()
    kinds = half_closed(world.port, wire.query(SLOW))
    assert time.monotonic() - began > 2.5, 'that was too short to tell anything'
    assert kinds.replace('S', '') == 'TDCZ' and 'S' in kinds, kinds


def running(world):
    return world.server.sql("SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%generate_series%' AND pid <> pg_backend_pid()") != '0'


def test_vanished(world):
    """What a client that has gone had asked for does not run on."""
    for tls in (False, True):
        w = opened(world.port, tls=tls)
        w.send(wire.query('SELECT count(*) FROM generate_series(1, 2000000000)'))
        end = time.monotonic() + 40
        while not running(world):
            assert time.monotonic() < end, 'it does not run'
        w.drop()
        began = time.monotonic()
        while running(world):
            assert time.monotonic() - began < 60, 'it still runs'
            time.sleep(0.1)


def ended(port, statements, params={}, wait=wire.PATIENCE):
    """The error that came unasked, and whether it took its time; None when none came."""
    w = opened(port, params=params)
    try:
        began = time.monotonic()
        for sql in statements:
            began = time.monotonic()
            w.simple(sql)
        kind, body = w.recv(wait)
        fields = wire.decode_fields(body)
        assert kind == 'E' and w.recv_to_end() == [], kind
        return {letter: fields.get(letter) for letter in 'SVCMDH'}, time.monotonic() - began > 2.5 if statements else None
    except wire.TimedOut:
        return None
    finally:
        w.drop()


def on_both(world, cases, **options):
    """What ended() says of each case, (here, on a private one). All at once: each takes seconds."""
    with ThreadPoolExecutor(2 * len(cases)) as threads:
        said = [[threads.submit(ended, port, *case, **options) for port in (world.port, world.private.port)] for case in cases]
        return [tuple(one.result() for one in pair) for pair in said]


def test_own_timeouts(world):
    """idle_session_timeout and idle_in_transaction_session_timeout, as SET and at the startup."""
    short = {'idle_session_timeout': '2900', 'idle_in_transaction_session_timeout': '3s'}
    cases = ((["SET idle_session_timeout = '3s'"], {}), ([], {'idle_session_timeout': '3s'}), ([], {'options': '-c idle_session_timeout=3000'}),
             (["SET idle_in_transaction_session_timeout = '3s'", 'BEGIN'], {}), (['BEGIN'], {'idle_in_transaction_session_timeout': '3000'}),
             (['BEGIN', 'SELECT count(*) FROM items'], {'idle_in_transaction_session_timeout': '3s'}), (['BEGIN', 'SELECT 1/0'], {'idle_in_transaction_session_timeout': '3s'}),
             (['BEGIN', "SET LOCAL idle_in_transaction_session_timeout = '3s'"], {}), (['BEGIN', 'SELECT count(*) FROM items'], short))
    for case, (here, private) in zip(cases, on_both(world, cases)):
        assert private and here == private and here[1] is not False, (case, here, private)


def test_own_timeouts_that_do_not_count(world):
    cases = ((["SET idle_session_timeout = '3s'", 'RESET idle_session_timeout'], {}), (["SET idle_session_timeout = '3s'", 'BEGIN'], {}),
             (["SET idle_in_transaction_session_timeout = '3s'"], {}), (['BEGIN', "SET LOCAL idle_in_transaction_session_timeout = '3s'", 'COMMIT', 'BEGIN'], {}),
             (['BEGIN', "SET idle_session_timeout = '3s'", 'ROLLBACK'], {}), (["SET idle_session_timeout = '3s'", 'DISCARD ALL'], {}), (['SET client_connection_check_interval = 500'], {}))
    for case, said in zip(cases, on_both(world, cases, wait=4.5)):
        assert said == (None, None), (case, said)
    for port in (world.private.port, world.port):  # a statement that takes longer than that is not idle
        with opened(port, params={'idle_session_timeout': '1500', 'idle_in_transaction_session_timeout': '1500'}) as w:
            assert w.simple('SELECT count(*) FROM generate_series(1, 20000000)').rows == [('20000000',)]


def test_servers_are_not_timed_out(world):
    """The pools' connections do not end by what a client had set."""
    for _ in range(3):
        with opened(world.port, params={'idle_session_timeout': '1500', 'idle_in_transaction_session_timeout': '1500'}) as w:
            assert w.simple('SELECT count(*) FROM items').rows == [('2',)]
            assert w.simple("SELECT count(*) FROM pg_class WHERE relname = 'items'").rows == [('1',)]
    settings = world.server.sql("SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'headgate%'")
    time.sleep(2.5)
    assert world.server.sql("SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'headgate%'") == settings != '0'


def test_statement_timeout(world):
    for statements in (["SET statement_timeout = '300ms'", SLOW], ["SET statement_timeout = 300; BEGIN", SLOW]):
        errors = []
        for port in (world.private.port, world.port):
            with opened(port) as w:
                w.simple(statements[0])
                result = w.simple(statements[1])
                errors.append((result.kinds.replace('T', ''), {letter: result.error[letter] for letter in 'SVCM'}, w.status))
        assert errors[0] == errors[1], errors


def test_statement_timeout_in_the_queue(world):
    """A statement that waits for a server of the pool waits no longer than its client wants."""
    holders = [opened(world.port) for _ in range(4)]  # as many as the pool has
    for w in holders:
        w.simple('BEGIN')
        assert w.simple('SELECT count(*) FROM items').rows == [('2',)]
    with opened(world.port, params={'statement_timeout': '600'}) as w:
        for ask in (w.simple, w.extended):
            began = time.monotonic()
            result = ask('SELECT count(*) FROM items')
            assert result.error['C'] == '57014' and result.error['M'] == 'canceling statement due to statement timeout', result
            assert time.monotonic() - began > 0.5
        holders.pop().end()
        world.until(lambda: w.simple('SELECT count(*) FROM items').rows == [('2',)])
    for w in holders:
        w.end()


def watched(world, least, most):
    """Comes a connection to be looked after in so many seconds? As long as something that was sent is not acknowledged another timer is shown."""
    def shown():
        lines = subprocess.run(['ss', '-tnoH', 'state', 'established', '( sport = :%d )' % world.port], capture_output=True, text=True, check=True).stdout
        return [60 if wait == '1min' else int(wait[:-3]) for wait in re.findall(r'timer:\(keepalive,(1min|\d+sec)', lines)]
    world.until(lambda: any(least <= wait <= most for wait in shown()))


def unwatched(world):
    return 'timer:' not in subprocess.run(['ss', '-tnoH', '( sport = :%d )' % world.port], capture_output=True, text=True, check=True).stdout


def test_keepalive(world):
    """The kernel watches clients as the configuration says, from the next connection on."""
    with opened(world.port):
        watched(world, 34, 60)
    world.write_config()
    with open(world.path('headgate.yaml'), 'a', encoding='utf8') as file:
        file.write('keepalive: {idle: 33s, interval: 2s, count: 2, user_timeout: 20s}\n')
    world.reload()
    with opened(world.port):
        watched(world, 1, 33)
    world.write_config()
    with open(world.path('headgate.yaml'), 'a', encoding='utf8') as file:
        file.write('keepalive: {idle: 0}\n')
    world.reload()
    with opened(world.port):
        world.until(lambda: unwatched(world))
    world.write_config()
    world.reload()
