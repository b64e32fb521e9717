"""Each way of logging in with psql, as a private PostgreSQL with the same pg_hba.conf answers; and with bytes, what gets in the
way of it."""
import hashlib
import struct

import wire
from world import PASSWORD, md5

SSL_USERS = ('by_clear', 'by_cert', 'by_both', 'by_robot', 'by_dns')


def code_of(body):
    return struct.unpack_from('!I', body)[0]


def fatal(message):
    kind, body = message
    assert kind == 'E', message
    fields = wire.decode_fields(body)
    assert fields['S'] == 'FATAL', fields
    return fields


def test_right_and_wrong_passwords(world):
    for user in ('by_scram', 'by_md5', 'by_clear'):
        assert world.both(user) == (True, user + '|2')
        for wrong in ('x', PASSWORD + ' ', PASSWORD.upper(), 'md5' + '0' * 32, world.scram if user != 'by_md5' else md5(user), 'ä' * 3000):
            right, words = world.both(user, wrong)
            assert not right and words == 'FATAL:  password authentication failed for user "%s"' % user, words


def test_no_password(world):
    """libpq does not send an empty one; others do."""
    for user, code, expected in (('by_clear', 3, 'empty password returned by client'), ('by_md5', 5, 'empty password returned by client')):
        for port in (world.private.port, world.port):
            w, (kind, body) = world.asked(user, port=port)
            assert kind == 'R' and code_of(body) == code
            w.send(wire.password(''))
            assert fatal(w.recv())['M'] == expected
            w.drop()


def test_without_tls(world):
    """Refused before anything is asked for: a password must not be on its way in clear text."""
    assert world.both('by_md5', mode='disable') == (True, 'by_md5|2')
    for user in SSL_USERS:
        w, message = world.asked(user, tls=False)
        fields = fatal(message)
        assert fields['C'] == '28000' and fields['M'] == 'connections must be encrypted with TLS', fields
        assert w.recv_to_end() == []
        right, _ = world.gate(user, mode='disable')
        assert not right


def test_prefer_and_allow(world):
    """libpq tries both: one of the two is good."""
    for user in ('by_scram', 'by_md5', 'by_clear'):
        for mode in ('prefer', 'allow'):
            assert world.gate(user, mode=mode) == (True, user + '|2')
    assert world.gate('by_cert', cert='by_cert', mode='allow') == (True, 'by_cert|2')


def test_channel_binding(world):
    """A client that insists on it does not give its password in another way."""
    assert world.both('by_scram', channel_binding='require') == (True, 'by_scram|2')
    assert world.both('by_both', cert='by_both', channel_binding='require') == (True, 'by_both|2')
    for user in ('by_md5', 'by_clear'):
        right, words = world.both(user, channel_binding='require')
        assert not right and 'channel binding' in words, words


def test_downgrade_to_scram_without_binding(world):
    """Somebody in between takes -PLUS off the list: a client that could bind says so, and is refused."""
    w, (kind, body) = world.asked('by_scram')
    assert body[4:] == b'SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0'
    scram = wire.Scram(PASSWORD, 'y')
    w.send(wire.sasl_initial('SCRAM-SHA-256', scram.first()))
    assert fatal(w.recv())['C'] == '08P01'
    w.drop()


def test_md5_replayed(world):
    """An answer fits the salt of its own connection only."""
    w, (_, body) = world.asked('by_md5')
    answer = wire.password(wire.md5_answer('by_md5', PASSWORD, body[4:]))
    w.send(answer)
    assert w.recv_until('ZE')[-1][0] == 'Z'
    w.end()
    w, (_, body) = world.asked('by_md5')
    w.send(answer)
    assert fatal(w.recv())['C'] == '28P01'
    w.drop()


def test_md5_answers_that_are_refused(world):
    salt_of = {}

    def attempt(make):
        w, (_, body) = world.asked('by_md5')
        salt_of['last'] = body[4:]
        w.send(make(body[4:]))
        fields = fatal(w.recv())
        assert fields['C'] in ('28P01', '08P01'), fields
        w.drop()
        return fields
    hexed = hashlib.md5((PASSWORD + 'by_md5').encode()).hexdigest()
    seen = set()
    for make in (lambda salt: wire.password(PASSWORD), lambda salt: wire.password(md5('by_md5')), lambda salt: wire.password('md5' + hexed),
                 lambda salt: wire.password(wire.md5_answer('by_scram', PASSWORD, salt)), lambda salt: wire.password(wire.md5_answer('by_md5', PASSWORD, salt)[:-1]),
                 lambda salt: wire.password(wire.md5_answer('by_md5', PASSWORD, salt) + 'a'), lambda salt: wire.password(wire.md5_answer('by_md5', PASSWORD, salt).upper()),
                 lambda salt: wire.password('md5'), lambda salt: wire.message('p', wire.md5_answer('by_md5', PASSWORD, salt).encode()),
                 lambda salt: wire.message('p', b''), lambda salt: wire.message('p', b'md5\0' + b'x\0'),
                 lambda salt: wire.sasl_initial('SCRAM-SHA-256', wire.Scram(PASSWORD).first()), lambda salt: wire.query('SELECT 1'), lambda salt: wire.sync()):
        attempt(make)
        seen.add(salt_of['last'])
    assert len(seen) > 10, 'salts repeat'


def test_other_ways_than_the_policys(world):
    """Neither does a user of SCRAM get in with md5 or a clear password, nor one of clear text with SCRAM."""
    for user in ('by_scram', 'by_clear', 'by_md5'):
        answers = {'by_scram': [wire.password(PASSWORD), wire.password(md5(user)), wire.password(wire.md5_answer(user, PASSWORD, b'\0\0\0\0'))],
                   'by_clear': [wire.sasl_initial('SCRAM-SHA-256', wire.Scram(PASSWORD).first()), wire.password(world.scram), wire.password(md5(user))],
                   'by_md5': [wire.password(PASSWORD)]}[user]
        for answer in answers:
            w, _ = world.asked(user)
            w.send(answer)
            assert fatal(w.recv())['C'] in ('28P01', '08P01')
            w.drop()


def test_requests_behind_the_password(world):
    """As pg8000 and redshift_connector do: Flush, or more, right behind the password."""
    for user in ('by_md5', 'by_clear'):
        for more, expected in ((wire.flush(), ''), (wire.flush() + wire.query('SELECT 1'), 'TDCZ'), (wire.sync(), 'Z'),
                               (wire.parse('', 'SELECT 1') + wire.flush(), '1')):
            w, (_, body) = world.asked(user)
            secret = wire.md5_answer(user, PASSWORD, body[4:]) if user == 'by_md5' else PASSWORD
            w.send(wire.password(secret) + more)
            kinds = ''.join(kind for kind, _ in w.recv_until('ZE'))
            assert kinds[0] == 'R' and kinds[-1] == 'Z', kinds
            for kind in expected:
                assert w.recv()[0] == kind
            w.end()


def test_password_byte_by_byte(world):
    w, _ = world.asked('by_clear')
    w.send(wire.password(PASSWORD), chunk=1)
    assert w.recv_until('ZE')[-1][0] == 'Z'
    w.end()


def test_long_passwords(world):
    """16 kB are read, and more are not waited for."""
    w, _ = world.asked('by_clear')
    w.send(wire.password('x' * 16000))
    assert fatal(w.recv())['C'] == '28P01'
    w.drop()
    w, _ = world.asked('by_clear')
    w.send(b'p' + struct.pack('!I', 1 << 20))
    assert fatal(w.recv())['C'] == '08P01'
    w.drop()


def test_what_stands_in_the_log(world):
    """Who failed, and why; never what was sent."""
    before = len(world.headgate.output())
    w, _ = world.asked('by_clear')
    w.send(wire.password('a-secret-typed-wrongly'))
    fatal(w.recv())
    w.drop()
    said = world.headgate.output()[before:]
    assert 'password authentication failed for user "by_clear"' in said and 'a-secret' not in said, said
