"""A database in a network of its own, behind a pair of virtual interfaces, that goes silent: packets vanish and nobody says so."""
import contextlib
import os
import subprocess
import threading
import time

import wire
from cluster import Cluster
from load import GONE, Client, Load
from test_failures import reads

HERE, THERE = '10.231.7.1', '10.231.7.2'


def ip(*words):
    return subprocess.run(['ip', *words], capture_output=True, text=True)


class Network:
    """A namespace with one way in. Two ways to break it: nothing comes back (a route there leads nowhere), and the cable is out."""

    def __init__(self):
        self.name, self.near, self.far = 'hg%d' % os.getpid(), 'hgn%d' % os.getpid(), 'hgf%d' % os.getpid()

    def __enter__(self):
        steps = [('netns', 'add', self.name), ('link', 'add', self.near, 'type', 'veth', 'peer', 'name', self.far, 'netns', self.name),
                 ('addr', 'add', HERE + '/30', 'dev', self.near), ('link', 'set', self.near, 'up'),
                 ('-n', self.name, 'addr', 'add', THERE + '/30', 'dev', self.far), ('-n', self.name, 'link', 'set', self.far, 'up'),
                 ('-n', self.name, 'link', 'set', 'lo', 'up')]
        self.why = None
        for step in steps:
            done = ip(*step)
            if done.returncode:
                self.why = 'ip %s: %s' % (' '.join(step), done.stderr.strip())
                break
        return self

    def __exit__(self, *_):
        ip('netns', 'del', self.name)
        ip('link', 'del', self.near)

    def _do(self, *words):
        done = ip(*words)
        assert done.returncode == 0, done.stderr

    @contextlib.contextmanager
    def nothing_comes_back(self):
        self._do('-n', self.name, 'route', 'add', 'blackhole', HERE + '/32')
        try:
            yield
        finally:
            self._do('-n', self.name, 'route', 'del', 'blackhole', HERE + '/32')

    @contextlib.contextmanager
    def cable_is_out(self):
        self._do('-n', self.name, 'link', 'set', self.far, 'down')
        try:
            yield
        finally:
            self._do('-n', self.name, 'link', 'set', self.far, 'up')


def cancelled(world, answers):
    """A client whose statement hangs in the silent network asks for its end."""
    w = world.connect('u15')
    w.send(wire.query('SELECT * FROM far'))
    time.sleep(0.3)
    begun = time.monotonic()
    other = wire.Wire('127.0.0.1', world.port)
    other.send(wire.cancel_request(w.pid, w.secret))
    other.recv_to_end()
    try:
        result = w.result()
        answers.append((result.sqlstate, time.monotonic() - begun))
        answers.append((w.simple('SELECT count(*) FROM events').rows, 0))
    finally:
        w.end()


def test_silence(world):
    """Who asks the silent database hears of it in time, in whatever way it is silent; nobody else notices; then it works again."""
    with Network() as network:
        if network.why:
            print('     left out: no network of its own can be made here (%s)' % network.why)
            return
        with Cluster('far', hba=['host all all %s/32 scram-sha-256' % HERE], address=THERE, within=['ip', 'netns', 'exec', network.name],
                     settings={'max_connections': 60}) as far:
            world.fill(far)
            world.start(remote='host: %s, port: %d, password_env: HG_TEST_PASSWORD, query_timeout: 2s, connect_timeout: 1s, health_interval: 500ms' %
                        (THERE, far.port))
            for broken in (network.nothing_comes_back,) if world.brief else (network.nothing_comes_back, network.cable_is_out):
                stalled(world, broken, 3 if world.brief else 10)


def stalled(world, broken, seconds):
    hit = Load([Client(world, i, reads('far'), expected=GONE | {'closed'}, pause=0.01) for i in range(8)])
    spared = Load([Client(world, i, reads(('items', 'events')[i % 2]), pause=0.01) for i in range(8, 14)])
    answers = []
    with hit, spared:
        hit.everybody_answers(60)
        time.sleep(0.5)
        before = max(client.longest for client in spared.clients)
        cancelling = threading.Thread(target=cancelled, args=(world, answers))
        with broken():
            begun = time.monotonic()
            cancelling.start()
            world.until(lambda: all(client.errors for client in hit.clients), 35, 'clients that are told nothing')
            told = max(min(client.error_at) for client in hit.clients) - begun
            time.sleep(seconds)
            spared.everybody_answers(60)
            served = sum(client.answered_at > begun + 3 for client in hit.clients)
        took = hit.everybody_answers(60)
        cancelling.join(60)
    what = broken.__name__.replace('_', ' ')
    hit.report(what)
    spared.report('beside it')
    print('     the last client was told after %.1f s; the cancelled one %s after %.2f s; everybody served again %.1f s after the end; longest beside it '
          '%.2f s, before %.2f s' % (told, answers[0][0], answers[0][1], took, spared.longest, before))
    for load in (hit, spared):
        load.check()
    assert not spared.errors and served == 0
    assert answers[0][0] in ('57014', '08006', '08001', '57P03') and answers[1][0] == [('100',)], answers
