"""Everything at once, for long: many tenants who come and go, query, prepare, fetch, copy, write, err and cancel, with and without TLS, while
administrators reload and look. What the process holds must not grow. Once in the middle it hands over to a successor."""
import os
import signal
import subprocess
import threading
import time

import wire
from load import Client, Load, Wrong
from test_failures import Writer, reads, transacts
from test_reload import Storm, hidden, once, portals, prepared, several, visitor


def comes_and_goes(client):
    """A few statements, then a leave with or without a word."""
    reads('items')(client)
    reads('events')(client)
    if client.sent % 3:
        client.hang_up()
    else:
        client.wire.drop()
        client.wire = None


def copies(client):
    nonce = client.nonce()
    result = client.wire.simple("COPY (SELECT name, '%s' FROM items WHERE id <= 20) TO STDOUT" % nonce)
    if client.check(result, nonce):
        lines = b''.join(result.statements[0].copied).decode().split('\n')[:-1]
        if len(lines) != 20 or any(not line.startswith(client.tenant + ' ') or not line.endswith(nonce) for line in lines):
            raise Wrong('copied %s' % lines[:2])


def makes_mistakes(client):
    for sql, state in (('SELECT nothing FROM items', '42703'), ('SELECT 1/0', '22012'), ('SELEC', '42601'), ('SELECT * FROM pg_authid', '42501'),
                       ('DROP TABLE items', None), ("SELECT 'x'::integer", '22P02')):
        client.nonce()
        result = client.wire.simple(sql)
        if not result.error or (state and result.sqlstate != state):
            raise Wrong('%s: %s' % (sql, result.error or result.rows))
        client.was_answered()


def many_statements(client):
    """Texts and names that are never the same, so that what is cached has to go."""
    w, nonce = client.wire, client.nonce()
    name = 's%d' % client.sent
    w.send(wire.parse(name, "SELECT i.*, '%s' AS nonce FROM items i WHERE id = %d" % (nonce, client.sent % 50 + 1)) + wire.bind('', name)
           + wire.describe('P') + wire.execute() + wire.sync())
    client.check(w.result(), nonce)
    if client.sent % 50 == 0:
        client.hang_up()


def is_cancelled(client):
    w = client.wire
    client.nonce()
    w.send(wire.query('SELECT count(*) FROM generate_series(1, 3000000)'))
    time.sleep(0.05)
    other = wire.Wire('127.0.0.1', client.world.port)
    other.send(wire.cancel_request(w.pid, w.secret))
    other.recv_to_end()
    result = w.result()
    if result.sqlstate not in (None, '57014'):
        raise Wrong('cancelled: %s' % result.error)
    client.was_answered()
    time.sleep(0.2)


def big_answers(client):
    nonce = client.nonce()
    result = client.check(client.wire.simple("SELECT repeat(name, 100), '%s' AS nonce FROM items, generate_series(1, 20)" % nonce), nonce)
    if result and len(result.rows) != 1000:
        raise Wrong('%d rows' % len(result.rows))


def goes_on(client, kind):
    """A client whom a predecessor told to go (57P01) comes again and asks what it asked."""
    def act(client):
        try:
            kind(client)
        except AttributeError:  # in the middle of several steps; check() has counted it
            if not client.errors:
                raise
    return act


class Administrators:
    """Reload, look, scrape; one after the other, all the time."""

    def __init__(self, world, storm):
        self.world, self.storm, self.wrong, self.rounds, self.leave = world, storm, [], 0, threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def run(self):
        ways = [self.world.reload_by_console, self.world.reload_by_program]
        while not self.leave.wait(1.0):
            try:
                self.rounds += 1
                n = 1 + self.rounds % 300
                self.storm.begun = max(self.storm.begun, n)
                self.world.write_policy(n)
                said = ways[self.rounds % 2]()
                assert not said, said
                for table in ('SESSIONS', 'POOLS', 'STATEMENTS', 'REFUSALS', 'CACHES', 'GENERATIONS'):
                    result = self.world.command('SHOW ' + table)
                    assert not result.error, result.error
                assert 'headgate_sessions' in self.world.metrics()
            except (AssertionError, OSError, wire.WireError, subprocess.SubprocessError) as error:
                self.wrong.append(repr(error))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.leave.set()
        self.thread.join(60)


def slope(points):
    """Of the line through the points, in units a minute."""
    n, mx, my = len(points), sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
    below = sum((x - mx) ** 2 for x, _ in points)
    return 60 * sum((x - mx) * (y - my) for x, y in points) / below if n > 1 and below else 0.0


def everybody(world, storm):
    writer = Writer(world)
    plain = [reads('items'), transacts, writer, reads('labels', 100000), comes_and_goes, copies, makes_mistakes, many_statements, is_cancelled,
             big_answers, reads('events'), reads('far')]
    clients = [Client(world, i, kind, pause=0.03, tls=i % 4 == 1) for i, kind in enumerate(plain)]
    analysts = [once, prepared, several, portals, visitor, hidden]
    clients += [Client(world, i, kind(storm), user='a%02d', pause=0.03, tls=i % 3 == 1) for i, kind in enumerate(analysts)]
    return writer, clients


def test_soak(world):
    seconds = world.soak
    world.start(pool=10)
    storm = Storm()
    storm.done = 0
    writer, clients = everybody(world, storm)
    load, samples = Load(clients), []
    with load, Administrators(world, storm) as administrators:
        begun = time.monotonic()
        while time.monotonic() - begun < seconds:
            time.sleep(1)
            samples.append((time.monotonic() - begun, world.resident(), world.descriptors()))
        load.everybody_answers(60)
    load.report('%d s of everything, %d reloads' % (seconds, administrators.rounds))
    half = samples[len(samples) // 2:]
    print('     memory: %d MB after 1 s, %d MB at half time, %d MB at the end, at most %d MB; second half %+.0f kB a minute' %
          (samples[0][1] / 1024, half[0][1] / 1024, samples[-1][1] / 1024, max(s[1] for s in samples) / 1024, slope([(x, y) for x, y, _ in half])))
    print('     descriptors: %d to %d, second half %+.2f a minute' % (min(s[2] for s in half), max(s[2] for s in half), slope([(x, y) for x, _, y in half])))
    load.check()
    assert not administrators.wrong, administrators.wrong[:3]
    writer.check(world.aurora)
    world.until(lambda: world.metric('sessions') == 0, 60, 'sessions without clients')
    for name in ('aurora', 'steady', 'remote'):
        world.until(lambda: world.metric('pool_lent', backend=name) == 0 == world.metric('pool_waiting', backend=name), why='lent, or waited for: ' + name)
    assert world.metric('verify_failures_total') == 0
    print('     afterwards: %d descriptors, %d MB' % (world.descriptors(), world.resident() / 1024))
    if seconds >= 300:  # shorter, it is warming up
        growth = slope([(x, y) for x, y, _ in half])
        assert growth < max(200, 0.01 * half[0][1]), 'memory grows by %.0f kB a minute' % growth
        assert slope([(x, y) for x, _, y in half]) < 2


def test_soak_and_hand_over(world):
    """A successor takes the sockets while everybody is there: whoever is told to go finds it at once."""
    world.start(pool=10, limits='drain_timeout: 3s')
    storm = Storm()
    storm.done = 0
    old = world.headgate.process
    writer, clients = everybody(world, storm)
    for client in clients:
        client.expected = {'57P01', 'closed'}
        client.act = goes_on(client, client.act)
    load, successor = Load(clients), None
    try:
        with load:
            load.everybody_answers(60)
            old.send_signal(signal.SIGUSR2)
            world.until(lambda: old.poll() is not None, 60, 'the predecessor stays')
            ended = time.monotonic()
            load.everybody_answers(60)
            print('     everybody served %.2f s after the predecessor was gone' % (time.monotonic() - ended))
            successor = listener(world.port)
        load.report('handed over')
        load.check()
        assert old.returncode == 0 and successor != old.pid
        writer.check(world.aurora)
    finally:
        for pid in {listener(world.port)} - {None, old.pid}:
            os.kill(pid, signal.SIGTERM)
            world.until(lambda: listener(world.port) is None)


def listener(port):
    """The process that listens there."""
    out = subprocess.run(['ss', '-Htlnp', 'sport = :%d' % port], capture_output=True, text=True, check=True).stdout
    return int(out.split('pid=')[1].split(',')[0]) if 'pid=' in out else None
