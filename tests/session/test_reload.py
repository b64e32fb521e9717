"""Reload as a transaction: what it would change, going back, files that change, users who are removed."""
import contextlib
import os
import re
import subprocess
import time

import wire
from headgate import free_port
from test_process import starts_slow
from test_service import ENVIRONMENT, config, listens, process
from world import DATABASE, PASSWORD

NAMES = 'SELECT name FROM campaigns WHERE id = 1'


@contextlib.contextmanager
def own(world, more=''):
    """A process of the test's own, with a socket for administrators."""
    port, socket = free_port(), world.path('admin-%d' % time.monotonic_ns())
    os.mkdir(socket, 0o700)
    path = config(world, port, 'admin: {socket: %s}\n%s' % (socket, more))
    with process(world, path) as child:
        world.until(lambda: listens(port))
        child.port, child.path, child.socket = port, path, socket
        try:
            yield child
        finally:
            world.write_policy()


def log_in(child, user='alice'):
    return wire.connect('127.0.0.1', child.port, user, PASSWORD, DATABASE)


def console(child, sql, good=True):
    done = subprocess.run(['psql', '-h', child.socket, '-p', str(child.port), '-AtX', '-v', 'VERBOSITY=verbose', '-c', sql, 'headgate'], capture_output=True,
                          text=True, timeout=200, check=False)
    assert (done.returncode == 0) == good, done.stdout + done.stderr
    return done.stdout + done.stderr


def generation(child):
    return int(console(child, 'SELECT generation FROM generations WHERE current'))


def reload(world, child, *options, good=True):
    done = subprocess.run([world.binary, 'reload', '-c', child.path, *options], env=ENVIRONMENT, capture_output=True, text=True, timeout=200, check=False)
    assert (done.returncode == 0) == good, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_dry_run_says_what_would_change(world):
    with own(world) as child, log_in(child) as w:
        w.simple(NAMES)
        w.simple("SELECT 'a literal', upper(body) FROM messages WHERE id = 2")
        w.simple("SELECT 'another literal', upper(body) FROM messages WHERE id = 33")
        w.simple('SELECT * FROM channels')
        w.send(wire.parse('', 'SELECT name FROM channels WHERE id = $1') + wire.bind('', '', ['1']) + wire.execute() + wire.sync())
        w.result()
        before = generation(child)
        assert 'no changes' in reload(world, child, '--dry-run')
        world.write_policy(columns='public.campaigns.score: {hide: true}, public.channels.name: {mask: "upper(name)"}',
                           users={'alice': 'acme', 'bob': 'acme', 'carol': 'acme'}, role='functions: {deny: [upper]}')
        said = reload(world, child, '--dry-run')
        assert generation(child) == before and w.simple(NAMES).rows == [('acme campaign 1',)]
        for line in ('role "analyst": column "public.campaigns.score" from plain to hidden', 'role "analyst": column "public.channels.name" from plain to masked as upper(name)',
                     'user "bob": tenant from "globex" to "acme"', 'user "wendy": removed',
                     'role "analyst": function "upper" taken away',
                     'role "analyst", user "alice": would be refused, 42501 permission denied for function upper: SELECT \'a literal\', upper(body) FROM messages WHERE id = 2',
                     'role "analyst", user "alice": would be rewritten differently: ' + NAMES,
                     'role "analyst", user "alice": would be rewritten differently: SELECT * FROM channels',
                     'role "analyst", user "alice": would be rewritten differently: SELECT name FROM channels WHERE id = $1'):
            assert line + '\n' in said, (line, said)
        assert 'another literal' not in said, said
        assert re.search(r'of \d+ recent statements 1 would be refused, 0 no longer, 0 would go elsewhere, 3 be rewritten differently', said), said
        said = reload(world, child)
        assert 'from plain to hidden' in said and 'recent statements' not in said and generation(child) > before


def test_dry_run_of_what_is_broken(world):
    with own(world) as child:
        before = generation(child)
        world.write_policy(broken='nonsense: 1\nroles2: {}\n')
        for options in (('--dry-run',), ()):
            said = reload(world, child, *options, good=False)
            assert said.count(': error: ') == 2 and 'policy.yaml:' in said and generation(child) == before, said


def test_roll_back(world):
    with own(world) as child, log_in(child) as w:
        first = generation(child)
        world.write_policy(columns='public.campaigns.name: {mask: "upper(name)"}')
        reload(world, child)
        second = generation(child)
        assert w.simple(NAMES).rows == [('ACME CAMPAIGN 1',)]
        said = console(child, 'ROLLBACK TO GENERATION %d' % first)
        assert 'from masked as upper(name) to plain' in said and 'generation %d is current' % first in said
        assert generation(child) == first and w.simple(NAMES).rows == [('acme campaign 1',)]
        console(child, 'ROLLBACK TO GENERATION %d' % second)
        assert w.simple(NAMES).rows == [('ACME CAMPAIGN 1',)]
        assert 'is not kept' in console(child, 'ROLLBACK TO GENERATION 999999', good=False)
        for _ in range(6):
            reload(world, child)
        assert 'is not kept' in console(child, 'ROLLBACK TO GENERATION %d' % first, good=False)
        listed = console(child, 'SELECT generation, current, kept FROM generations').split('\n')
        assert sum(line.endswith('|t') for line in listed) == 5 and sum('|t|' in line for line in listed) == 1, listed


def test_files_that_change(world):
    with own(world, 'reload: on-change\n') as child, log_in(child) as w:
        before = generation(child)
        time.sleep(2.5)
        assert generation(child) == before
        world.write_policy(columns='public.campaigns.name: {mask: "upper(name)"}')
        world.until(lambda: generation(child) > before)
        assert w.simple(NAMES).rows == [('ACME CAMPAIGN 1',)]
        now = generation(child)
        world.write_policy(broken='nonsense: 1\n')
        world.until(lambda: 'unknown key "nonsense"' in child.log())
        time.sleep(2.5)
        assert child.log().count('unknown key "nonsense"') == 1 and generation(child) == now, 'tried once'
        world.write_policy()
        world.until(lambda: generation(child) > now)
        assert w.simple(NAMES).rows == [('acme campaign 1',)]


def test_a_file_that_is_being_written(world):
    """It is written bit by bit for seconds: nothing is read before it has been left alone."""
    with own(world, 'reload: on-change\n') as child:
        before = generation(child)
        for _ in range(5):
            world.write_policy(columns='public.campaigns.name: {mask: "upper(name)"}')
            longest, last = 0, time.monotonic()
            with open(world.path('policy.yaml'), encoding='utf8') as file:
                text = file.read()
            with open(world.path('policy.yaml'), 'w', encoding='utf8') as file:
                for i in range(0, len(text), len(text) // 10 + 1):
                    file.write(text[i:i + len(text) // 10 + 1])
                    file.flush()
                    time.sleep(0.4)
                    longest, last = max(longest, time.monotonic() - last), time.monotonic()
                errors = child.log().count(': error: ')
            if longest < 0.9:  # else it was left alone for as long as the proxy waits: that tells nothing
                break
        assert longest >= 0.9 or not errors, child.log()
        world.until(lambda: generation(child) > before)


def test_users_who_are_removed(world):
    """At the end of their transaction, or at once."""
    for when in ('transaction', 'now'):
        with own(world) as child, log_in(child, 'bob') as idle, log_in(child, 'bob') as block, log_in(child, 'bob') as busy, log_in(child) as other:
            other.simple('BEGIN')
            block.simple('BEGIN')
            block.simple(NAMES)
            starts_slow(world, busy)
            world.write_policy(users={'alice': 'acme'}, broken='on_removal: %s\n' % when)
            reload(world, child)
            assert wire.decode_fields(idle.recv_to_end()[-1][1])['C'] == '57P01'
            if when == 'now':
                assert wire.decode_fields(block.recv_to_end()[-1][1])['C'] == '57P01'
                assert wire.decode_fields(busy.recv_to_end()[-1][1])['C'] == '57P01'
            else:
                assert block.simple(NAMES).rows == [('globex campaign 1',)] and busy.is_silent(0.2)
                block.send(wire.query('COMMIT'))
                assert [kind for kind, _ in block.recv_to_end()] == ['C', 'Z', 'E']
                busy.drop()
            assert other.simple(NAMES).rows == [('acme campaign 1',)]
            assert other.simple('COMMIT').status == 'I'
