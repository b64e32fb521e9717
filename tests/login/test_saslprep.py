"""Passwords that can be typed in several ways: what one PostgreSQL made of them and what we make of them is the same."""
import os
import subprocess

import wire
from cluster import BIN
from world import PASSWORD

# set as, typed as
TYPED = [
    ('caf\u00e9', 'caf\u00e9'), ('caf\u00e9', 'cafe\u0301'), ('cafe\u0301', 'caf\u00e9'), ('caf\u00e9', 'cafe'),
    ('IX', '\u2168'), ('\u2168', 'IX'), ('a b', 'a\u00a0b'), ('a\u3000b', 'a b'), ('ab', 'a\u00adb'), ('a\u200bb', 'ab'),
    ('\ufb01sh', 'fish'), ('\uff21\uff22', 'AB'), ('\u00aa', 'a'), ('\u0131', 'i'), ('\u00df', 'ss'), ('Gro\u00df', 'GROSS'),
    # what may not stand there, or is not assigned: bytes count as they are
    ('\u0627\u0031', '\u0627\u0031'), ('\u0627a', '\u0627a'), ('\u05d0\u05d1', '\u05d0\u05d1'), ('a\u0007\u00e9', 'a\u0007\u00e9'), ('a\u0007\u00e9', 'a\u0007e\u0301'),
    ('\ue000x', '\ue000x'), ('\ufdd0', '\ufdd0'), ('\u0221', '\u0221'), ('\u0221\u00a0', '\u0221 '), ('\U0001f600', '\U0001f600'), ('\U0001f600\u00a0', '\U0001f600 '),
    ('\u00ad', '\u00ad'), ('\u00ad', '\u00ad\u00ad'), ('\u206a\u00e9', '\u206a\u00e9'), ('\u0340\u00e9', '\u0340\u00e9'),
    ('\u0340\u00a0', '\u0300 '), ('\u2135a', '\u05d0a'), ('\u2135a\u00a0', '\u05d0a '), ('\u05d0\u2135', '\u05d0\u05d0'), ('\ufdfa' * 50, '\u0635' * 50), ('\ufdfa' * 50, '\ufdfa' * 50),
    ('\u0301' * 30 + '\u0323' * 30, '\u0323' * 30 + '\u0301' * 30), ('\u1e9b\u0323', '\u1e69'), ('\uac00', '\u1100\u1161'), ('\u0958', '\u0915\u093c'), ('\u2126', '\u03c9'), ('\u2126', '\u03a9'), ('\u0390', '\u03b9\u0308\u0301'),
    ('tab\t\u00e9', 'tab\t\u00e9'), ('  \u00e9 ', '  \u00e9 '), ('a,b=\u00e9', 'a,b=\u00e9'),
]


def clear(port, user, secret):
    """A login with a clear password, which only the server prepares."""
    w = wire.Wire('127.0.0.1', port, tls=True)
    w.send(wire.startup({'user': user, 'database': 'analytics'}))
    assert w.recv() == ('R', b'\0\0\0\3')
    w.send(wire.password(secret))
    kind = w.recv()[0]
    w.drop()
    return kind == 'R'


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def test_as_postgresql_prepares_them(world):
    """PostgreSQL's verifiers, and ours, take what PostgreSQL takes."""
    for number, (stored, _) in enumerate(TYPED):
        name = 'typed_%d' % number
        own = subprocess.run([world.binary, 'password'], input=stored.encode() + b'\n', capture_output=True, check=True).stdout.decode().strip()
        theirs = world.private.sql("ALTER ROLE prepared PASSWORD %s; SELECT rolpassword FROM pg_authid WHERE rolname = 'prepared'" % quoted(stored))
        world.extra['own_' + name] = 'login: cleartext, password: "%s"' % own
        world.extra['their_' + name] = 'login: cleartext, password: "%s"' % theirs
    world.write_policy()
    world.reload()
    wrong = []
    for number, (stored, typed) in enumerate(TYPED):
        world.private.sql('ALTER ROLE prepared PASSWORD %s' % quoted(stored))
        expected = clear(world.private.port, 'prepared', typed)
        for whose in ('own', 'their'):
            if clear(world.port, '%s_typed_%d' % (whose, number), typed) != expected:
                wrong.append((whose, ascii(stored), ascii(typed), expected))
    world.extra = {}
    world.write_policy()
    world.reload()
    assert not wrong, wrong


def test_with_libpq(world):
    """A client that prepares them itself (SCRAM), against our verifiers."""
    for stored, typed in (('caf\u00e9', 'cafe\u0301'), ('IX', '\u2168'), ('a b', 'a\u00a0b')):
        own = subprocess.run([world.binary, 'password'], input=typed.encode() + b'\n', capture_output=True, check=True).stdout.decode().strip()
        world.extra['typed'] = 'login: scram, password: "%s"' % own
        world.write_policy()
        world.reload()
        for secret in (stored, typed):
            assert world.gate('typed', secret) == (True, 'typed|2'), (ascii(stored), ascii(secret))
        assert not world.gate('typed', stored + 'x')[0]
    world.extra = {}
    world.write_policy()
    world.reload()


def test_bytes_that_are_no_text(world):
    """LATIN1 on a terminal: the bytes count as they are, on all sides."""
    own = subprocess.run([world.binary, 'password'], input=b'caf\xe9\n', capture_output=True, check=True).stdout.decode().strip()
    world.extra['latin'] = 'login: scram, password: "%s"' % own
    world.write_policy()
    world.reload()
    environment = dict(os.environb, PGPASSWORD=b'caf\xe9', LC_ALL=b'C')
    done = subprocess.run([os.path.join(BIN, 'psql'), '-XAtq', world.dsn(world.port, 'latin'), '-c', 'SELECT 1'],
                          env={os.fsencode(k): v if isinstance(v, bytes) else os.fsencode(v) for k, v in environment.items()}, capture_output=True)
    assert done.stdout == b'1\n', done.stderr
    world.extra = {}
    world.write_policy()
    world.reload()


def test_towards_backends(world):
    """The backends' passwords were made in another spelling than that which Headgate was told: that it is up is the proof."""
    assert world.gate('by_scram', PASSWORD) == (True, 'by_scram|2')
