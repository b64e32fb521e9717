"""Databases that are killed, and credentials that expire, under load."""
import json
import os
import random
import signal
import subprocess
import threading
import time

from load import GONE, Client, Load
from world import PASSWORD


def reads(table, work=0):
    def act(client):
        nonce = client.nonce()
        more = ', (SELECT count(*) FROM generate_series(1, %d)) AS counted' % work if work else ''
        client.check(client.wire.simple("SELECT t.*, '%s' AS nonce%s FROM %s t WHERE id <= 3" % (nonce, more, table)), nonce)
    return act


def transacts(client):
    """A block of several statements, extended protocol; after an error the block is left."""
    w, nonce = client.wire, client.nonce()
    w.simple('BEGIN')
    for _ in range(3):
        result = client.check(w.extended('SELECT i.*, $1::text AS nonce FROM items i WHERE id = 2', [nonce]), nonce)
        if result is None:
            break
    w.simple('ROLLBACK')


class Writer:
    """Rows that it was told are there must be there."""

    def __init__(self, world):
        world.aurora.sql('TRUNCATE ledger', database='data')
        self.told, self.lock = set(), threading.Lock()

    def __call__(self, client):
        nonce = client.nonce()
        number = client.number * 1000000 + client.sent
        result = client.check(client.wire.simple("INSERT INTO ledger (id, note) VALUES (%d, '%s') RETURNING id, note AS nonce" % (number, nonce)), nonce)
        if result:
            assert result.rows == [(str(number), nonce)], result.rows
            with self.lock:
                self.told.add((client.tenant, number))

    def check(self, cluster):
        there = {tuple(row.split('|')) for row in cluster.sql('SELECT tenant_id, id FROM ledger', database='data').split()}
        missing = {(tenant, str(number)) for tenant, number in self.told} - there
        assert not missing, 'rows that were said to be there: %d of %d, %s' % (len(missing), len(self.told), sorted(missing)[:3])


def two_sides(world, writer):
    """Those who use what is killed, and those who use what is not."""
    kinds = [reads('items'), transacts, writer, reads('labels', 100000)]
    hit = Load([Client(world, i, kinds[i % 4], expected=GONE | {'closed'}, pause=0.005) for i in range(12)])
    spared = Load([Client(world, i, reads('events'), pause=0.01) for i in range(12, 16)])
    return hit, spared


def servers(cluster):
    """The process of each server connection of Headgate."""
    return [int(row) for row in cluster.sql("SELECT pid FROM pg_stat_activity WHERE usename = 'headgate'").split()]


def finish(world, writer, hit, spared, what):
    hit.report(what)
    spared.report('beside it')
    for load in (hit, spared):
        load.check()
    assert not spared.errors
    writer.check(world.aurora)


def test_single_servers_end(world):
    """Administrators end connections of Headgate, and one is killed, upon which the postmaster ends all of them."""
    world.start()
    writer, chance = Writer(world), random.Random(7)
    hit, spared = two_sides(world, writer)
    with hit, spared:
        hit.everybody_answers(60)
        for i in range(4 if world.brief else 20):
            pids = servers(world.aurora)
            world.aurora.sql('SELECT pg_terminate_backend(%d)' % chance.choice(pids)) if pids else None
            time.sleep(0.2)
        ended = hit.errors
        print('     ended one by one: %s' % dict(ended))
        for i in range(1 if world.brief else 4):
            begun = time.monotonic()
            world.until(lambda: servers(world.aurora))
            pid = servers(world.aurora)[0]
            os.kill(pid, signal.SIGKILL)
            took = hit.everybody_answers(60, begun + 0.3)
            print('     a server killed: everybody served again after %.1f s' % took)
        hit.everybody_answers(60)
    finish(world, writer, hit, spared, 'servers ended and killed')


def test_postmaster_is_killed(world):
    """The whole database dies without a word and is away for a while."""
    world.start(aurora='connect_timeout: 1s, health_interval: 500ms')
    writer = Writer(world)
    hit, spared = two_sides(world, writer)
    with hit, spared:
        hit.everybody_answers(60)
        for away in ((1.5,) if world.brief else (0.5, 3, 8)):
            before = world.metric('pool_failed_total', backend='aurora')
            began = time.monotonic()
            world.aurora.kill9()
            time.sleep(away)
            tries = world.metric('pool_failed_total', backend='aurora') - before
            spared.everybody_answers(60)
            world.aurora.start()
            took = hit.everybody_answers(60)
            print('     away for %.1f s, with %d attempts to connect; everybody served %.1f s after it was back' % (away, tries, took))
            assert tries <= 8 + 20 * (time.monotonic() - began + 1), 'attempts without backing off'
    finish(world, writer, hit, spared, 'database killed')


# ---- credentials ----

COMMAND = '#!/bin/sh\necho run >>%(runs)s\nexec cat %(answer)s\n'


class Vault:
    """A credential_command, and somebody who changes what it says."""

    def __init__(self, world):
        self.world, self.runs = world, world.path('runs')
        world.write('answer', '{}')
        world.write('vault', COMMAND % dict(runs=self.runs, answer=world.path('answer')), 0o755)
        for user in ('even', 'odd'):
            world.steady.sql("DROP ROLE IF EXISTS {0}; CREATE ROLE {0} LOGIN; GRANT SELECT ON far TO {0}".format(user), database='data')

    def close(self):
        for user in ('even', 'odd'):
            self.world.steady.sql('DROP OWNED BY {0}; DROP ROLE {0}'.format(user), database='data')

    def rotate(self, user, word):
        self.world.steady.sql("ALTER ROLE %s PASSWORD '%s'" % (user, word))

    def says(self, user, word):
        self.world.write('answer', json.dumps({'user': user, 'password': word}))

    def count(self):
        with open(self.runs, encoding='ascii') as file:
            return len(file.readlines())


def test_passwords_rotate(world):
    """Connections are opened all the time, and every 2.3 s the password is another one (what is refused is fetched again once in a second). With
    two users in turn nobody notices; with one there is a moment in which nothing that anybody knows is right."""
    vault = Vault(world)
    try:
        vault.rotate('odd', 'w0')
        vault.says('odd', 'w0')
        world.start(remote='host: 127.0.0.1, port: %d, credential_command: [%s], max_age: 300ms, health_interval: 100ms' %
                    (world.steady.port, world.path('vault')))
        rounds = 4 if world.brief else 30
        load = Load([Client(world, i, reads('far'), pause=0.005) for i in range(8)])
        with load:
            time.sleep(1.2)
            for i in range(1, rounds):
                user, other = ('even', 'odd') if i % 2 else ('odd', 'even')
                vault.rotate(user, 'w%d' % i)
                vault.says(user, 'w%d' % i)
                time.sleep(0.3)
                vault.rotate(other, 'gone%d' % i)
                time.sleep(2)
            load.everybody_answers(60)
        opened = world.metric('pool_opened_total', backend='remote')
        load.report('two users in turn, %d rotations, %d connections opened, %d runs of the command' % (rounds - 1, opened, vault.count()))
        load.check()
        assert not load.errors and opened > 10 * (rounds - 1) / 2 and vault.count() >= rounds - 1
        user, gap = ('odd', 0.2) if rounds % 2 else ('even', 0.2)
        load = Load([Client(world, i, reads('far'), expected=GONE | {'28P01', '28000'}, pause=0.005) for i in range(8)])
        with load:
            for i in range(rounds // 2):
                vault.rotate(user, 'late%d' % i)
                time.sleep(gap)
                vault.says(user, 'late%d' % i)
                time.sleep(1 - gap)
            took = load.everybody_answers(60)
        load.report('one user, known %.1f s late, %d rotations' % (gap, rounds // 2))
        print('     everybody served %.1f s after the last one' % took)
        load.check()
        log = world.headgate.output()
        assert 'late' not in log and 'gone1' not in log, 'a password in the log'
    finally:
        vault.close()


def test_secrets_are_nowhere(world):
    """What the processes show to others of the system lacks every password."""
    world.start()
    for path in ('cmdline', 'status'):
        with open('/proc/%d/%s' % (world.pid, path), 'rb') as file:
            assert PASSWORD.encode() not in file.read()
    done = subprocess.run(['ps', '-o', 'args=', '-p', str(world.pid)], capture_output=True, text=True, check=True)
    assert PASSWORD not in done.stdout
