"""Startup messages and TLS requests as drivers send them, on both sides: the same parameters, the same settings, the same words."""
import socket
import struct
import subprocess

import wire
from world import BIN, PASSWORD

TOLD = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout', 'client_connection_check_interval', 'search_path',
        'DateStyle', 'TimeZone', 'application_name', 'extra_float_digits', 'bytea_output', 'client_min_messages', 'default_transaction_isolation', 'jit']
EQUAL = [
    # options, as a server's command line
    {'options': '-c statement_timeout=5s'}, {'options': '-cstatement_timeout=5s'}, {'options': '--statement_timeout=5s'}, {'options': '--statement-timeout=5s'},
    {'options': '-c application_name=a\\ b'}, {'options': '-c application_name=a\\\\b'}, {'options': '-c search_path=public,\\ pg_catalog'},
    {'options': '  -c   TimeZone=Europe/Berlin\t-c DateStyle=German '}, {'options': '-c statement_timeout=5s -c statement_timeout=7s'},
    {'options': '-c statement_timeout=5s', 'statement_timeout': '9s'}, {'options': '-c application_name='}, {'options': ''}, {'options': ' '}, {'options': '--'},
    {'options': '-c jit=off'},
    # and what is none
    {'options': '-c statement_timeout'}, {'options': '--statement_timeout'}, {'options': '-c'}, {'options': '-c =5'}, {'options': '--=5'}, {'options': 'x'}, {'options': '-x'},
    {'options': '-'}, {'options': '-- x'}, {'options': '-c nonesuch=1'}, {'options': '-c statement_timeout=soon'}, {'options': 'x', 'nonesuch': '1'},
    # node-postgres, lib/pq, asyncpg, pgjdbc, Npgsql, libpq
    {'statement_timeout': '1000', 'lock_timeout': '3s', 'idle_in_transaction_session_timeout': '60000', 'application_name': 'node', 'client_encoding': 'UTF8'},
    {'client_encoding': 'UTF8', 'datestyle': 'ISO, MDY', 'extra_float_digits': '2', 'search_path': 'public'}, {'client_encoding': "'utf-8'", 'jit': 'off'},
    {'client_encoding': 'UTF8', 'DateStyle': 'ISO', 'TimeZone': 'Europe/Berlin', 'extra_float_digits': '2'}, {'client_encoding': 'unicode'},
    {'TimeZone': '+02:00'}, {'search_path': '"$user", public, pg_catalog'}, {'search_path': ''}, {'search_path': 'nonesuch'}, {'application_name': 'x' * 100},
    {'application_name': 'caf\u00e9\n'}, {'application_name': ''}, {'intervalstyle': 'iso_8601'}, {'standard_conforming_strings': 'on'}, {'bytea_output': 'escape'},
    {'client_min_messages': 'warning'}, {'default_transaction_read_only': 'on'}, {'default_transaction_isolation': 'serializable'}, {'STATEMENT_TIMEOUT': '5s'},
    {'Application_Name': 'x'}, {'idle_session_timeout': '90s'}, {'client_connection_check_interval': '5s'}, {'client_connection_check_interval': '2min'}, {'jit': 'off'},
    # values that are wrong, settings that are nobody's
    {'extra_float_digits': '9'}, {'datestyle': 'sideways'}, {'TimeZone': 'Mars/Olympus'}, {'IntervalStyle': 'x'}, {'intervalstyle': 'x'}, {'options': '-c INTERVALSTYLE=x'}, {'default_transaction_read_only': 'maybe'},
    {'default_transaction_isolation': 'x'}, {'idle_session_timeout': 'never'}, {'idle_session_timeout': '-1'}, {'client_connection_check_interval': '1kB'}, {'jit': 'perhaps'},
    {'is_superuser': 'on'}, {'server_version': '9'}, {'server_encoding': 'LATIN1'}, {'nonesuch': '1'},
    # Redshift's drivers
    {'client_protocol_version': '2'}, {'os_version': 'x', 'driver_version': 'y', 'plugin_name': ''},
    # replication
    *({'replication': value} for value in ('true', 'database', 'on', '1', 'TRUE', 't', 'yes', 'false', 'off', 'no', 'n', '0', 'o', 'perhaps', '', 'DATABASE', 'truely')),
    {'database': 'nonesuch', 'replication': 'true'},
    # databases and users
    {'database': 'nonesuch'}, {'database': None}, {'database': ''}, {'database': 'nonesuch', 'options': 'x'}, {'database': 'nonesuch', 'nonesuch': '1'},
    {'database': 'ANALYTICS'}, {'database': 'x' * 70}, {'user': None}, {'user': ''}, {'': 'x'}, {'_pq_.foo': '1'},
]


def outcome(port, case):
    params = {name: value for name, value in {'user': 'by_scram', 'database': 'analytics', **case}.items() if value is not None}
    w = wire.Wire('127.0.0.1', port)
    try:
        w.send(wire.startup(params))
        w.authenticate('by_scram', PASSWORD)
        told = dict(w.parameters)
        told.pop('server_version')
        for name in TOLD:
            told['SHOW ' + name] = w.simple('SHOW ' + name).rows
        return told
    except wire.LoginRefused as error:
        return {letter: error.fields.get(letter) for letter in 'SVCMDH'}
    finally:
        w.end()


def test_as_a_private_server(world):
    wrong = []
    for case in EQUAL:
        private, here = outcome(world.private.port, case), outcome(world.port, case)
        if private != here:
            wrong.append((case, {key: (private.get(key), here.get(key)) for key in {**private, **here} if private.get(key) != here.get(key)}))
    assert not wrong, wrong


def test_settings_of_everybody(world):
    """What a tenant may not set is refused at the startup, too, by name."""
    for case, state in (({'options': '-c headgate.tenant=globex'}, '0A000'), ({'headgate.tenant': 'globex'}, '0A000'), ({'role': 'headgate'}, '22023'),
                        ({'session_authorization': 'headgate'}, '22023'), ({'work_mem': 'much'}, '22023'), ({'max_connections': '1'}, '55P02'), ({'session_replication_role': 'replica'}, '42501'),
                        ({'row_security': 'off'}, '0A000'), ({'options': '-c row_security=off'}, '0A000'), ({'client_encoding': 'LATIN1'}, '0A000')):
        here = outcome(world.port, case)
        assert here['C'] == state and here['S'] == 'FATAL', (case, here)


def test_order_of_messages(world):
    """From AuthenticationOk to ReadyForQuery, and where changed settings are told."""
    def kinds(port, sql):
        w = wire.connect('127.0.0.1', port, 'by_scram', PASSWORD, 'analytics')
        shown = [w.query(text) for text in sql]
        w.end()
        return [[(kind, body if kind == 'S' else None) for kind, body in messages if kind != 'T'] for messages in shown]
    sql = ["SET application_name = 'x'", "SET application_name = 'x'", "BEGIN; SET TimeZone = 'Europe/Berlin'; SELECT 1", 'ROLLBACK', "SET DateStyle = German; SELECT 1; SET DateStyle = ISO",
           "SET IntervalStyle = iso_8601; SELECT 1/0", "SET application_name = 'y'; SET TimeZone = 'Asia/Tokyo'", 'RESET ALL', 'DISCARD ALL', 'SELECT nonsense']
    for text, here, private in zip(sql, kinds(world.port, sql), kinds(world.private.port, sql)):
        assert here == private, (text, here, private)
    for port in (world.private.port, world.port):
        with wire.Wire('127.0.0.1', port) as w:
            messages = w.login('by_scram', PASSWORD, 'analytics')
            shape = ''.join(kind for kind, _ in messages)
            assert shape == 'RRRR' + 'S' * shape.count('S') + 'KZ' and shape.count('S') == 13, shape
            if port == world.port:
                assert [body.split(b'\0')[0] for kind, body in messages if kind == 'S'] == names, messages
            names = [body.split(b'\0')[0] for kind, body in messages if kind == 'S']


def test_requests_before_the_startup(world):
    """GSSENCRequest and SSLRequest, on the same connection: what each is answered."""
    def answers(port, requests):
        got = []
        with wire.Wire('127.0.0.1', port) as w:
            for request in requests:
                w.send(request)
                byte = w.recv_bytes(1)
                got.append(byte)
                if byte == b'S':
                    w.start_tls()
                elif byte != b'N':
                    return got
            w.send(wire.startup({'user': 'by_scram', 'database': 'analytics'}))
            got.append(w.recv()[0])
        return got
    for requests in ([], [wire.ssl_request()]):
        assert answers(world.port, requests) == answers(world.private.port, requests), requests
    assert answers(world.port, [wire.gssenc_request()]) == [b'N', 'R']  # Debian's PostgreSQL has GSSAPI
    assert answers(world.port, [wire.gssenc_request(), wire.ssl_request()]) == [b'N', b'S', 'R']
    for port in (world.private.port, world.port):  # PostgreSQL takes the second one for a version
        assert answers(port, [wire.ssl_request()] * 2) == [b'S', b'E'], port
    assert answers(world.port, [wire.gssenc_request()] * 2) == [b'N', b'E']


def test_probes(world):
    """pg_isready, and those who come, look and go."""
    for mode in ('disable', 'prefer'):
        done = subprocess.run([BIN + '/pg_isready', '-h', '127.0.0.1', '-p', str(world.port), '-d', "sslmode=%s dbname=x" % mode], capture_output=True, text=True)
        assert done.returncode == 0 and 'accepting connections' in done.stdout, done
    for _ in range(50):
        socket.create_connection(('127.0.0.1', world.port)).close()
        w = world.raw()
        w.send(wire.ssl_request())
        w.recv_bytes(1)
        w.drop()


def test_cancel_behind_a_tls_request(world):
    with world.raw(tls=True) as w:
        w.send(wire.packet(struct.pack('!Ii', wire.CANCEL_REQUEST, 1) + b'1234'))
        assert w.recv_to_end() == []
