"""Logins that cost: nobody who is logged in waits for them, and those that fail leave nothing behind."""
import os
import time

import wire
from world import PASSWORD

# The most rounds that a verifier may bear: half a second for each password.
SLOW = ('login: cleartext, password: "SCRAM-SHA-256$1000000:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY='
        ':wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="')


def test_expensive_passwords(world):
    world.extra = {'slow': SLOW}
    world.write_policy()
    world.reload()
    with wire.connect('127.0.0.1', world.port, 'by_scram', PASSWORD, 'analytics') as victim:
        flood = []
        for _ in range(40):
            w, _ = world.asked('slow')
            w.send(wire.password('x'))
            flood.append(w)
        longest = 0
        for _ in range(40):
            began = time.monotonic()
            assert victim.simple('SELECT count(*) FROM items').rows == [('2',)]
            with wire.connect('127.0.0.1', world.port, 'by_scram', PASSWORD, 'analytics') as other:
                assert other.simple('SELECT 1').rows == [('1',)]
            longest = max(longest, time.monotonic() - began)
            time.sleep(0.02)
        assert longest < 6, 'those of SCRAM waited for %.1f s' % longest
        for w in flood[:36]:
            w.drop()
        ends = [w.recv_to_end() for w in flood[36:]]  # a verdict, or login_timeout
        states = {wire.decode_fields(messages[-1][1])['C'] for messages in ends}
        assert states <= {'28P01', '57014'}, states
        for w in flood:
            w.drop()
        # What those wanted who have gone is not worked on any more: it would take longer than a login may.
        assert world.gate('by_clear') == (True, 'by_clear|2')
    world.extra = {}
    world.write_policy()
    world.reload()


def memory(pid):
    with open('/proc/%d/status' % pid, encoding='ascii') as file:
        return int(next(line for line in file if line.startswith('VmRSS')).split()[1])


def fail_in_every_way(world):
    for user in ('by_scram', 'by_md5', 'by_clear', 'nobody'):
        for tls in (True, False):
            try:
                w = world.raw(tls=tls)
                w.login(user, 'wrong', 'analytics')
                raise AssertionError(user + ' was let in')
            except (wire.LoginRefused, wire.Closed):
                w.drop()
    for part in (b'', wire.startup({'user': 'by_clear', 'database': 'analytics'})):
        w = world.raw(tls=True)
        w.send(part)
        w.drop()
    w, _ = world.asked('by_clear')  # gone while its password is looked at
    w.send(wire.password(PASSWORD))
    w.drop()


def test_failed_logins_leave_nothing(world):
    pid = world.headgate.process.pid
    for _ in range(10):
        fail_in_every_way(world)
    time.sleep(0.5)
    descriptors, before = len(os.listdir('/proc/%d/fd' % pid)), memory(pid)
    for _ in range(25):
        fail_in_every_way(world)
    world.until(lambda: len(os.listdir('/proc/%d/fd' % pid)) <= descriptors + 1)
    # Sanitizers keep what was freed for a while; what is lost they tell at the end of the run.
    assert memory(pid) - before < 64 << 10, '%d kB more' % (memory(pid) - before)


def test_end_while_passwords_are_looked_at(world):
    """Shutting down in the middle of it: no word more than needed, and nothing is used that is gone."""
    world.extra = {'slow': SLOW}
    world.write_policy()
    world.reload()
    waiting = []
    for _ in range(6):
        w, _ = world.asked('slow')
        w.send(wire.password('x'))
        waiting.append(w)
    assert world.headgate.stop() == 0
    for w in waiting:
        w.drop()
    world.extra = {}
    world.write_policy()
    world.headgate = type(world.headgate)(world.binary, world.path('headgate.yaml'), world.port, {'HG_TEST_PASSWORD': world.typed})
    world.headgate.start()
