"""Who gets in, and where."""
import socket

import wire
from world import ADMINS, CONSOLE, DATABASE, PASSWORD


def refused(world, user, database, secret=PASSWORD):
    try:
        wire.connect('127.0.0.1', world.port, user, secret, database).end()
    except wire.LoginRefused as refusal:
        return refusal.sqlstate, refusal.message
    raise AssertionError('%s got into %s' % (user, database))


def test_administrators(world):
    for user, role in ADMINS.items():
        for tls in (False, True):
            with world.console(user, tls=tls) as w:
                assert w.status == 'I' and w.pid and w.parameters['session_authorization'] == user
                assert w.parameters['server_version'].startswith('15.0') and w.parameters['TimeZone'] == 'UTC'
                rows = w.simple('SELECT "user", role, tls, kind FROM headgate.sessions WHERE id = %d' % w.pid).rows
                assert rows == [(user, role, 't' if tls else 'f', 'console')], rows


def test_tenants_find_no_such_database(world):
    # As with any database that does not exist, by who has proved its password and by who has not.
    assert refused(world, 'bob', CONSOLE) == ('3D000', 'database "headgate" does not exist')
    assert refused(world, 'bob', 'nowhere') == ('3D000', 'database "nowhere" does not exist')
    assert refused(world, 'bob', CONSOLE, 'wrong') == refused(world, 'bob', 'nowhere', 'wrong')
    assert refused(world, 'nobody', CONSOLE)[0] == refused(world, 'nobody', 'nowhere')[0] == '28P01'
    assert refused(world, 'root', CONSOLE, 'wrong') == ('28P01', 'password authentication failed for user "root"')


def test_administrators_are_no_tenants(world):
    assert refused(world, 'root', DATABASE) == ('28P01', 'password authentication failed for user "root"')
    assert refused(world, 'vera', 'nowhere')[0] == '28P01'


def test_one_name_for_both(world):
    # alice is a tenant's user in the one database, an administrator in the other, and nothing of the one is in the other.
    with world.tenant('alice') as t, world.console('alice') as a:
        assert t.simple('SELECT count(*) FROM campaigns').rows == [('10',)]
        assert a.simple('SELECT count(*) FROM campaigns').sqlstate == '42P01'
        rows = a.simple('SELECT kind, tenant, role FROM sessions WHERE "user" = \'alice\' ORDER BY kind').rows
        assert rows == [('client', 'acme', 'analyst'), ('console', None, 'viewer')], rows


def test_the_name_is_reserved(world):
    world.write('policy.yaml', open(world.path('policy.yaml')).read().replace('database: analytics', 'database: headgate'))
    with world.console() as w:
        result = w.simple('RELOAD')
        assert result.sqlstate == 'F0000' and 'policy.yaml:2:11: error: ' in result.error['D'], result.error


def test_bad_configurations(world):
    """Each of these is an error with its place, and a reload changes nothing."""
    good = open(world.path('headgate.yaml')).read()
    with world.console() as w:
        for old, new, words in [
                ('role: viewer', 'role: god', 'viewer, operator'),
                ('role: operator, ', '', '"role"'),
                (', password: "%s"' % world.verifier, '', '"password"'),
                (world.verifier, 'secret-in-clear', 'no SCRAM-SHA-256 verifier'),
                ('max_connections: 100', 'max_connections: 0', '"max_connections"'),
                ('socket: .', 'socket: /tmp', '"admin.socket" cannot change'),
                ('socket: .', 'sockets: .', 'sockets')]:
            assert old in good
            world.write('headgate.yaml', good.replace(old, new, 1))
            result = w.simple('RELOAD')
            assert result.sqlstate == 'F0000' and words in result.error['D'] and 'headgate.yaml:' in result.error['D'], (new, result.error)
            assert 'secret-in-clear' not in result.error['D']


def test_unix_socket(world):
    with world.local('whoever') as w:
        assert w.simple('SELECT "user", role, client FROM sessions WHERE id = %d' % w.pid).rows == [('whoever', 'admin', 'local')]
        assert w.simple('RELOAD').tag == 'RELOAD'
    for user, database in (('alice', DATABASE), ('root', 'nowhere')):
        try:
            world.local(user, database).end()
            raise AssertionError('got into ' + database)
        except wire.LoginRefused as refusal:
            assert refusal.sqlstate == '3D000', refusal


def test_unix_socket_is_for_its_owner(world):
    """The file's mode keeps others away; were it open to them, the kernel's word on who they are would."""
    import os
    import subprocess
    path = world.path('.s.PGSQL.%d' % world.port)
    assert os.stat(path).st_mode & 0o777 == 0o600, oct(os.stat(path).st_mode)
    psql = ['psql', '-X', '-w', '-h', world.directory, '-p', str(world.port), '-U', 'root', '-d', 'headgate', '-Atc', 'SELECT 1']
    assert subprocess.run(psql, capture_output=True, text=True).stdout == '1\n'
    os.chmod(path, 0o666)
    other = subprocess.run(['runuser', '-u', 'nobody', '--'] + psql, capture_output=True, text=True)
    os.chmod(path, 0o600)
    assert other.returncode != 0 and 'may not use the console' in other.stderr, other


def test_too_many(world):
    world.write_config(most=3)
    with world.local() as w:
        assert w.simple('RELOAD').error is None
        more = [world.console() for _ in range(2)]
        assert refused(world, 'root', CONSOLE) == ('53300', 'too many administrators are connected')
        more.pop().end()
        world.until(lambda: w.simple('SELECT used FROM limits WHERE name = \'admin.max_connections\'').rows == [('2',)])
        more.append(world.console())
        for w2 in more:
            w2.end()


def test_clients_cannot_keep_administrators_out(world):
    world.write_config(limits='max_clients: 2')
    with world.console() as w:
        assert w.simple('RELOAD').error is None
        with world.tenant('alice'), world.tenant('bob'):
            assert refused(world, 'carol', DATABASE)[0] == '53300'
            with world.console('vera') as v:
                assert v.simple('SELECT used, value FROM limits WHERE name = \'max_clients\'').rows == [('2', '2')]


def test_removed_and_changed_administrators(world):
    with world.console('root') as root, world.console('oscar') as oscar, world.console('vera') as vera:
        assert oscar.simple('RELOAD DRY RUN').error is None
        oscar.send(wire.parse('s', 'PAUSE aurora') + wire.sync())
        assert oscar.result().error is None
        world.write_config(admins=dict(ADMINS, vera='admin', oscar='viewer', root='admin'))
        assert root.simple('RELOAD').error is None
        assert vera.simple('RELOAD').error is None, 'vera is an admin now'
        assert oscar.simple('RELOAD DRY RUN').sqlstate == '42501'
        oscar.send(wire.bind('', 's') + wire.execute() + wire.sync())
        assert oscar.result().sqlstate == '42501', 'what was prepared is not for the new role'
        world.write_config(admins={'vera': 'admin'})
        assert root.simple('RELOAD').error is None, 'the answer is given before it has to go'
        end = [m for m in root.recv_to_end() if m[0] == 'E']
        assert wire.decode_fields(end[0][1])['C'] == '57P01', end
        assert refused(world, 'root', CONSOLE)[0] == '28P01'


def test_half_a_message_and_garbage(world):
    for bytes_ in (wire.query('SHOW HELP')[:-3], b'Q\xff\xff\xff\xff', b'Q\x7f\xff\xff\xff', b'?\0\0\0\4', b'Q\0\0\0\5x', b'P\0\0\0\4', b'B\0\0\0\x06aa'):
        w = world.console()
        w.send(bytes_)
        w.sock.shutdown(socket.SHUT_WR)
        try:
            w.recv_to_end()
        except wire.WireError:
            pass
        w.drop()
    with world.console() as w:
        assert w.simple('SELECT 1').rows == [('1',)]
