"""Users that do not exist look like wrong passwords, whatever the policy's top names: in messages, words and time."""
import struct
import time

import wire
from suite import same_time
from world import PASSWORD, md5

NOBODY = 'nobody_of_that_name'


def transcript(world, user, secret='wrong', tls=True):
    """What a login shows, without what is random or the user's own."""
    w, shown = world.raw(tls=tls), []
    w.send(wire.startup({'user': user, 'database': 'analytics'}))
    scram = wire.Scram(secret)
    try:
        while True:
            kind, body = w.recv()
            code = struct.unpack_from('!I', body)[0] if kind == 'R' else None
            if kind == 'E':
                shown.append(sorted((k, v.replace(user, '<user>')) for k, v in wire.decode_fields(body).items()))
                continue
            shown.append((kind, code, len(body), body[4:] if code == 10 else b''))
            if code == 11:
                parts = dict(part.split('=', 1) for part in body[4:].decode().split(','))
                shown.append((parts['i'], len(parts['s'])))
            if code is None:
                return shown
            w.answer(scram, user, secret, code, body[4:])
    except wire.Closed:
        return shown
    finally:
        w.drop()


def seconds(world, user, secret='wrong'):
    """From the last answer of the client to the verdict."""
    w, (_, body) = world.asked(user)
    code = struct.unpack_from('!I', body)[0]
    if code == 10:
        scram = wire.Scram(secret)
        w.send(wire.sasl_initial('SCRAM-SHA-256', scram.first()))
        answer = wire.sasl_response(scram.final(w.recv()[1][4:]))
    else:
        answer = wire.password(wire.md5_answer(user, secret, body[4:]) if code == 5 else secret)
    began = time.perf_counter()
    w.send(answer)
    assert w.recv()[0] == 'E'
    taken = time.perf_counter() - began
    w.drop()
    return taken


def test_in_every_way(world):
    # rounds and salt as other tools make them: users that do not exist bear the same
    other = 'SCRAM-SHA-256$8192:' + 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYX' + world.scram[world.scram.index('$', 15):]
    for login, known in (('scram', 'login: scram, password: "%s"' % other), ('md5', 'login: md5, password: "%s"' % md5('known')),
                         ('cleartext', 'login: cleartext, password: "{scram}"'), ('certificate', 'login: certificate')):
        world.extra = {'known': known}
        if login == 'scram':  # every user of the default way has such a verifier
            hidden, world.scram = world.scram, other
        world.write_policy(login)
        world.reload()
        if login == 'scram':
            world.scram = hidden
        for tls in (True, False):
            assert transcript(world, NOBODY, tls=tls) == transcript(world, 'known', tls=tls), (login, transcript(world, NOBODY, tls=tls), transcript(world, 'known', tls=tls))
        assert transcript(world, NOBODY, tls=True), 'nothing was said'
        if login != 'certificate':
            same_time(lambda: seconds(world, 'known'), lambda: seconds(world, NOBODY))
    world.extra = {}
    world.write_policy()
    world.reload()


def test_certificate_of_somebody_else(world):
    """With a trusted certificate, too, nobody learns which users there are."""
    world.extra = {'known': 'login: certificate'}
    world.write_policy('certificate')
    world.reload()
    words = {user: world.gate(user, cert='stranger')[1].replace(user, '<user>') for user in ('known', NOBODY)}
    assert set(words.values()) == {'FATAL:  certificate authentication failed for user "<user>"'}, words
    assert not world.gate(NOBODY, cert='stranger')[0]
    world.extra = {}
    world.write_policy()
    world.reload()


def test_nobody_gets_in_by_what_mocks_are_made_of(world):
    for login in ('scram', 'md5', 'cleartext', 'certificate'):
        world.write_policy(login)
        world.reload()
        for user in (NOBODY, 'stranger', '', 'by_scram '):
            for secret in ('', PASSWORD, 'md5' + '0' * 32, '0' * 32):
                shown = transcript(world, user, secret)
                assert isinstance(shown[-1], list), (login, user, shown)
        assert not world.gate('stranger', cert='stranger')[0]
    world.write_policy()
    world.reload()
