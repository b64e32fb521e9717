"""Queries over the tables, what they may not do, and how much they may take."""
import threading
import time

import wire

SLOW = 'SELECT count(*) FROM generate_series(1, 100000000) /* a secret */'
TABLES = ['help', 'version', 'config', 'tenants', 'users', 'sessions', 'statements', 'refusals', 'pools', 'backends', 'caches', 'limits', 'generations']


def test_every_table(world):
    with world.console('vera') as w:
        with world.tenant() as a:
            a.simple('SELECT 1; SELECT * FROM nowhere')
        for table in TABLES:
            shown, schema, bare = (w.simple(q % table) for q in ('SHOW %s', 'SELECT * FROM headgate.%s', 'select * from %s'))
            assert shown.error is None and shown.tag == 'SHOW', (table, shown.error)
            assert len(shown.rows) >= 1 and len(shown.rows) == len(schema.rows) == len(bare.rows), table
            assert shown.columns == schema.columns == bare.columns, table
            assert w.simple('sHoW ' + table.upper()).columns == shown.columns
            assert w.simple('SELECT * FROM %s WHERE 1 = 0' % table).columns == shown.columns, 'types do not depend on rows'


def test_sessions(world):
    with world.console() as w, world.tenant('alice', params={'application_name': 'app one'}) as a, world.tenant('bob') as b:
        a.simple('BEGIN; SELECT * FROM campaigns')
        b.simple('PREPARE p AS SELECT 1')
        query = "SELECT \"user\", tenant, role, application_name, state, backend, prepared FROM headgate.sessions WHERE tenant = 'acme' ORDER BY id"
        assert w.simple(query).rows == [('alice', 'acme', 'analyst', 'app one', 'idle in transaction', 'redshift, catalog', '0')]
        assert w.simple(query.replace("'acme'", "'globex'")).rows == [('bob', 'globex', 'analyst', '', 'idle', None, '1')]
        a.simple('SELECT 1 / 0')
        assert w.simple("SELECT state FROM sessions WHERE id = %d" % a.pid).rows == [('idle in transaction (aborted)',)]
        rows = w.simple("SELECT connected_at <= active_at, active_at <= now(), connected_at > datetime('now', '-1 hour') FROM sessions").rows
        assert rows == [('1', '1', '1')] * 3, rows
        assert w.simple('SELECT worker FROM sessions').rows != [], 'of all workers'
        assert sorted(w.simple('SELECT tenant, users, sessions FROM tenants').rows) == [('acme', '2', '1'), ('globex', '1', '1')]
        assert w.simple("SELECT sessions FROM users WHERE \"user\" = 'bob' AND kind = 'tenant'").rows == [('1',)]
        assert w.simple('SELECT sessions FROM generations WHERE current').rows == [('3',)]


def test_running_statements(world):
    """What runs, and for whom it waits; a viewer does not read tenants' statements."""
    with world.console('oscar') as o, world.console('vera') as v, world.tenant('alice') as a:
        a.send(wire.query(SLOW))
        query = 'SELECT state, backend, statement FROM sessions WHERE id = %d' % a.pid
        world.until(lambda: o.simple(query).rows[0][0] == 'active')
        assert o.simple(query).rows == [('active', 'catalog', SLOW)], o.simple(query).rows
        assert v.simple(query).rows == [('active', 'catalog', None)]
        assert o.simple("SELECT count(*) FROM sessions WHERE statement LIKE '%secret%'").rows == [('1',)]
        assert v.simple("SELECT count(*) FROM sessions WHERE statement LIKE '%secret%'").rows == [('0',)]
        a.drop()


def test_long_statements_are_clipped(world):
    with world.console() as w, world.tenant('alice') as a:
        a.send(wire.query(SLOW.replace('a secret', '\u00e4' * 3000)))
        world.until(lambda: w.simple('SELECT state FROM sessions WHERE id = %d' % a.pid).rows == [('active',)])
        text = w.simple('SELECT statement FROM sessions WHERE id = %d' % a.pid).rows[0][0]
        assert 1000 < len(text.encode()) <= 1024 and text.endswith('\u00e4'), len(text)
        a.drop()


def test_statements(world):
    """Sums by what a statement is but for its literals, over all workers; viewers see no texts."""
    with world.console('oscar') as o, world.console('vera') as v:
        for user in ('alice', 'carol', 'bob', 'alice'):
            with world.tenant(user) as t:
                for n in range(3):
                    t.simple("SELECT name FROM campaigns WHERE id = %d -- seen" % n)
                t.extended('SELECT name FROM campaigns WHERE id = $1', ['1'], [23]) if user == 'bob' else None
                t.simple("SELECT 1 / 0, 'secret %s'" % user)
        query = "SELECT tenant, backend, calls, errors, refused, statement FROM statements WHERE statement LIKE 'SELECT name FROM campaigns WHERE id%' ORDER BY tenant"
        rows = o.simple(query).rows
        assert [row[:5] for row in rows] == [('acme', 'redshift', '9', '0', '0'), ('globex', 'redshift', '4', '0', '0')], rows
        assert not [row for row in o.simple('SHOW statements').rows if row[-1] and 'secret' in row[-1]], 'literals are left out'
        fingerprint = o.simple("SELECT DISTINCT fingerprint FROM statements WHERE statement = '%s'" % rows[0][5]).rows
        assert len(fingerprint) == 1 and len(fingerprint[0][0]) == 16
        mean = o.simple("SELECT min(mean_ms), min(total_ms - mean_ms), min(max_ms - mean_ms), min(last_at >= first_at) FROM statements").rows[0]
        assert all(float(x) >= -0.001 for x in mean), mean
        assert v.simple('SELECT count(*) > 0, count(statement) FROM statements').rows == [('1', '0')]


def test_refusals(world):
    with world.console('oscar') as o, world.console('vera') as v, world.tenant('alice') as a:
        a.simple("SELECT * FROM nowhere WHERE x = 'secret'")
        a.simple("TRUNCATE campaigns")
        a.extended('SELECT pg_read_file($1)', ['x'])
        rows = o.simple('SELECT "user", tenant, sqlstate, message, statement FROM refusals WHERE session = %d ORDER BY at' % a.pid).rows
        assert [row[:3] for row in rows] == [('alice', 'acme', '42P01'), ('alice', 'acme', rows[1][2]), ('alice', 'acme', '42501')], rows
        assert rows[0][3] == 'relation "nowhere" does not exist' and rows[0][4] == 'SELECT * FROM nowhere WHERE x = ?', rows
        assert v.simple('SELECT count(*), count(message), count(statement) FROM refusals WHERE session = %d' % a.pid).rows == [('3', '0', '0')]
        for n in range(1000):
            a.send(wire.query('SELECT * FROM nowhere_%d' % n))
        for _ in range(1000):
            a.result()
        assert 200 <= int(o.simple('SELECT count(*) FROM refusals').rows[0][0]) <= 400
        for n in range(1100):
            a.send(wire.query('SELECT 1 AS c%d' % n))
        for _ in range(1100):
            a.result()
        assert 1000 <= int(o.simple('SELECT count(*) FROM statements').rows[0][0]) <= 2000


def test_limits_of_tenants(world):
    text = open(world.path('policy.yaml')).read()
    world.write('policy.yaml', text.replace('acme: {value: acme-value}', 'acme: {value: acme-value, limits: {connections: 7, rate: 100, concurrent: 3, queue: 9}}').replace(
        '  bob: {', '  bob: {limits: {connections: 3}, '))
    with world.console() as w:
        result = w.simple('RELOAD')
        assert result.error is None, result.error
        with world.tenant('alice'), world.tenant('carol'), world.tenant('bob'):
            sql = "SELECT name, scope, value, used FROM limits WHERE scope LIKE 'tenant %' OR scope LIKE 'user %' ORDER BY scope, name"
            wanted = [('concurrent', 'tenant acme', '3', '0'), ('connections', 'tenant acme', '7', '2'), ('queue', 'tenant acme', '9', '0'),
                      ('rate', 'tenant acme', '100', '0'), ('connections', 'user bob', '3', '1')]
            world.until(lambda: w.simple(sql).rows == wanted)  # those of the tests before may still be going
        with world.tenant('alice') as a, world.tenant('carol') as c:
            assert not a.simple('BEGIN; SELECT * FROM campaigns').error and not c.simple('BEGIN; SELECT * FROM campaigns').error
            assert w.simple("SELECT used FROM limits WHERE name = 'concurrent' AND scope = 'tenant acme'").rows == [('2',)]


def test_pools(world):
    with world.console() as w, world.tenant('alice') as a:
        a.simple('BEGIN; SELECT * FROM campaigns')
        rows = dict((row[0], row) for row in w.simple('SELECT backend, size, lent, waiting, paused FROM pools').rows)
        assert rows['redshift'][1:] == ('4', '1', '0', 'f'), rows


def test_types_and_formats(world):
    import struct
    with world.console() as w:
        result = w.simple("SELECT id, \"user\", tls, connected_at, 1.5, 2, 'x', NULL FROM sessions")
        assert [c.type_oid for c in result.columns] == [20, 25, 16, 1184, 701, 20, 25, 25], result.columns
        assert [c.type_len for c in result.columns][:5] == [8, -1, 1, 8, 8]
        assert result.rows[0][3].endswith('+00') and result.rows[0][4:] == ('1.5', '2', 'x', None)
        binary = w.extended('SELECT id, "user", tls, connected_at, 1.5 FROM sessions WHERE id >= $1 ORDER BY id', [str(w.pid)], [20], binary_results=True)
        assert [c.type_oid for c in binary.columns] == [20, 25, 16, 1184, 701] and [c.format for c in binary.columns] == [1] * 5
        number, user, tls, at, real = binary.rows[0]
        assert struct.unpack('!q', number)[0] == w.pid and user == b'root' and tls == b'\0' and struct.unpack('!d', real)[0] == 1.5
        seconds = struct.unpack('!q', at)[0] / 1e6 + 946684800
        assert abs(seconds - time.time()) < 120, seconds
        for sql, oid, value in (('SELECT count(*) FROM version', 20, '1'), ('SELECT sum(id) * 1.0 > 0 FROM sessions', 20, '1'), ('SELECT avg(2)', 701, '2'),
                                ("SELECT upper('a')", 25, 'A'), ('SELECT max(tls) FROM sessions', 20, '0'), ('SELECT 0.1 + 0.2', 701, '0.30000000000000004'),
                                ('SELECT 1e300 * 1e300', 701, 'Infinity'), ('SELECT 9223372036854775807', 20, '9223372036854775807')):
            for result in (w.simple(sql), w.extended(sql)):
                assert result.error is None and result.rows == [(value,)] and result.columns[0].type_oid == oid, (sql, result, result.rows, result.error)


def test_a_value_of_another_type(world):
    """Two rows of two types: the first says which the column has, and the second is an error rather than a lie."""
    with world.console() as w:
        assert w.simple("SELECT 1 UNION ALL SELECT 'x'").error is not None
        assert w.simple("SELECT 'x' AS c UNION ALL SELECT 1").rows == [('x',), ('1',)]
        assert w.simple('SELECT 1.5 UNION ALL SELECT 2').rows == [('1.5',), ('2',)]
        assert w.simple('SELECT NULL UNION ALL SELECT 2').rows == [(None,), ('2',)]
        assert w.simple('SELECT 1').rows == [('1',)]


def test_parameters(world):
    import struct
    with world.console() as w:
        for oid, text, binary, shown in [(20, '5', struct.pack('!q', 5), '5'), (23, '-7', struct.pack('!i', -7), '-7'), (21, '3', struct.pack('!h', 3), '3'),
                                         (16, 'true', b'\1', '1'), (16, 'off', b'\0', '0'), (25, "it's", b"it's", "it's"), (701, '2.5', struct.pack('!d', 2.5), '2.5'),
                                         (700, '0.5', struct.pack('!f', 0.5), '0.5'), (1043, 'x', b'x', 'x'), (0, 'y', b'y', 'y')]:
            for value in (text, binary):
                result = w.extended('SELECT $1 || \'\'', [value], [oid])
                assert result.rows == [(shown,)] and result.error is None, (oid, value, result, result.rows, result.error)
        assert w.extended('SELECT $1 IS NULL', [None]).rows == [('1',)]
        assert w.simple("SELECT E'a\\\\b''c\\'d', 'x'::text, ('5'::int8) + 1").rows == [("a\\b'c'd", 'x', '6')]
        assert w.extended('SELECT $2 || $1 || $2', ['a', 'b']).rows == [('bab',)]
        assert w.extended('SELECT $1', ['x'], [20]).sqlstate == '22P02'
        assert w.extended('SELECT $1', [b'\1\2\3'], [20]).sqlstate == '22P03'
        assert w.extended('SELECT $1', [b'\1'], [600]).sqlstate == '0A000'
        assert w.simple('SELECT $1').sqlstate is not None
        for limit in (['2'], [None]):
            assert len(w.extended('SELECT command FROM help LIMIT $1', limit).rows) == (2 if limit[0] else 0) or limit == [None]
        for bad in ('SELECT ?', 'SELECT :a', 'SELECT @a', 'SELECT ?1', 'SELECT $a', 'SELECT $0', 'SELECT $99999999999', 'SELECT $1001'):
            assert w.extended(bad, []).sqlstate in ('42601', '42P02', '54000'), bad
        # A value is never SQL.
        assert w.extended('SELECT count(*) FROM sessions WHERE "user" = $1', ["root' OR '1'='1"]).rows == [('0',)]


def test_errors(world):
    with world.console() as w:
        for sql, sqlstate, words, position in [
                ('SELECT * FROM nobody', '42P01', 'relation "nobody" does not exist', None),
                ('SELECT nobody FROM sessions', '42703', 'column "nobody" does not exist', '8'),
                ('SELECT 1; SELECT nobody FROM sessions', '42703', 'nobody', '18'),
                ("SELECT '\u00e4\u00e4', nobody FROM sessions", '42703', 'nobody', '14'),
                ('SELECT nobody(1)', '42883', 'function nobody does not exist', '8'),
                ('SELECT FROM', '42601', 'syntax error', '8'),
                ('SELECT count(', '42601', 'incomplete', None),
                ("SELECT 'x", '42601', '', None),
                ('SELECT id FROM sessions a, sessions b', '42702', 'ambiguous', '8'),
                ('SELECT * FROM pg_catalog.pg_class', '42P01', 'pg_catalog.pg_class', None),
                ("SELECT 'a'::text::varchar(5), 5::pg_catalog.int4, nobody", '42703', 'nobody', '51'),
                ("SELECT $e$'''$e$ || $$x$$, e'' , '' || nobody", '42601', '', None),
                ('FROBNICATE', '42601', 'no command "FROBNICATE"', None),
                ('SHOW nobody', '42704', '"nobody"', None),
                ("SET client_encoding = 'LATIN1'", '0A000', 'UTF8', None)]:
            result = w.simple(sql)
            assert result.sqlstate == sqlstate and words in result.error['M'], (sql, result.error)
            assert position is None or result.error.get('P') == position, (sql, result.error)
        assert w.status in (None, 'I') and w.simple('SELECT 1').rows == [('1',)]


def test_nothing_but_the_tables(world):
    """SQLite's doors, each tried as admin: none opens."""
    attempts = ["ATTACH ':memory:' AS x", "ATTACH '/tmp/console-test.db' AS x", 'DETACH headgate', 'PRAGMA database_list', 'VACUUM', "VACUUM INTO '/tmp/console-test.db'",
                'CREATE TABLE t (a)', 'DROP TABLE headgate.sessions', 'DELETE FROM headgate.sessions', "INSERT INTO help VALUES (1, 2, 3)", "UPDATE help SET role = 'viewer'",
                'EXPLAIN SELECT 1', 'ANALYZE', 'REINDEX', 'BEGIN IMMEDIATE; DELETE FROM help', 'WITH x AS (SELECT 1) DELETE FROM help', 'WITH x AS (SELECT 1) INSERT INTO help SELECT 1, 2, 3',
                "SELECT load_extension('/tmp/x.so')", "SELECT * FROM pragma_database_list", "SELECT * FROM pragma_table_info('sessions')", 'SELECT * FROM sqlite_master',
                'SELECT * FROM headgate.sqlite_master', 'SELECT * FROM sqlite_schema', 'SELECT * FROM sqlite_temp_master', "SELECT readfile('/etc/passwd')", "SELECT writefile('/tmp/x', 'x')",
                "SELECT * FROM json_each('[1]')", 'SELECT randomblob(10)', 'SELECT zeroblob(10)', "SELECT fts3_tokenizer('simple')", 'SELECT sqlite_version()', "SELECT edit('x')",
                'SELECT * FROM generate_series(1, 3)', 'SELECT rowid FROM dbstat', "SELECT sqlite_compileoption_get(1)", "SELECT * FROM bytecode('select 1')",
                'SELECT 1; ATTACH \':memory:\' AS x', "SELECT * FROM sessions; DROP TABLE sessions"]
    with world.console() as w:
        for sql in attempts:
            result = w.simple(sql)
            assert result.sqlstate in ('42601', '42501', '42P01', '42883'), (sql, result, result.error)
            w.simple('ROLLBACK')
        rows = len(w.simple('SHOW help').rows)
        assert rows == len(w.simple('SHOW help').rows)


def test_bombs(world):
    """What would take for ever, all memory, or too much of the answer, ends; others go on meanwhile."""
    bombs = {
        'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n': '57014',
        'WITH RECURSIVE n (i) AS (SELECT 1 UNION SELECT i + 1 FROM n) SELECT count(*) FROM n': ('57014', '53200'),
        'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n': ('54000', '57014'),
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT replace('_' || i, '_', '%s') FROM n" % ('x' * 50000): '54000',
        "WITH RECURSIVE n (s) AS (SELECT 'xxxxxxxxxxxxxxxx' UNION ALL SELECT s || s FROM n) SELECT max(length(s)) FROM n": ('54000', '53200'),
        "SELECT replace(replace(replace(hex('%s'), '7', '%s'), '8', '%s'), 'x', '%s')" % ('x' * 900, 'x' * 900, 'x' * 900, 'y' * 900): ('54000', '53200'),
        "SELECT printf('%.*c', 900000000, 'x')": '42501',
        "SELECT format('%.*c', 900000000, 'x')": '42501',
        'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n), m AS MATERIALIZED (SELECT i, hex(i) h FROM n) SELECT count(*) FROM m a, m b': ('57014', '53200'),
        'SELECT ' + '(' * 5000 + '1' + ')' * 5000: '42601',
        'SELECT ' + '+'.join(['1'] * 100000): '42601',
        ' UNION ALL '.join(['SELECT 1'] * 1000): '42601',
        'SELECT ' + ','.join(['1'] * 5000): '42601',
        'SELECT count(*) FROM ' + ', '.join('config c%d' % i for i in range(40)): ('57014', '42601'),
    }
    before = memory(world)
    with world.console() as w, world.tenant('alice') as a:
        for sql, sqlstates in bombs.items():
            began = time.time()
            w.send(wire.query(sql))
            time.sleep(0.05)
            waited = time.time()
            assert a.simple('SELECT count(*) FROM campaigns').rows == [('10',)]
            assert time.time() - waited < 4.5, 'a tenant waited for the console'
            result = w.result()
            assert result.sqlstate in ([sqlstates] if isinstance(sqlstates, str) else sqlstates), (sql[:100], result.error)
            assert time.time() - began < 35, (sql[:100], time.time() - began)
    assert memory(world) - before < 700e6, (before, memory(world))


def memory(world):
    with open('/proc/%d/statm' % world.headgate.process.pid, encoding='ascii') as file:
        return int(file.read().split()[1]) * 4096


def test_cancel(world):
    with world.console() as w:
        w.send(wire.query('WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'))
        with world.console() as v:
            world.until(lambda: v.simple('SELECT state FROM sessions WHERE id = %d' % w.pid).rows == [('active',)])
        c = wire.Wire('127.0.0.1', world.port)
        c.send(wire.cancel_request(w.pid, w.secret))
        c.recv_to_end()
        result = w.result()
        assert result.sqlstate == '57014' and 'user request' in result.error['M'], result.error
        assert w.simple('SELECT 1').rows == [('1',)]


def test_gone_while_it_runs(world):
    for _ in range(10):
        w = world.console()
        w.send(wire.query('WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n'))
        w.drop()
    with world.console() as w:
        world.until(lambda: w.simple('SELECT count(*) FROM sessions').rows == [('1',)])


def test_a_hundred_at_once(world):
    errors = []

    def work(number):
        try:
            with world.console('vera') as w:
                for _ in range(5):
                    assert int(w.simple('SELECT count(*) FROM sessions', timeout=100).rows[0][0]) >= 1
                    assert w.extended('SELECT $1', [str(number)], timeout=100).rows == [(str(number),)]
        except Exception as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(99)]
    with world.tenant('alice') as a:
        for thread in threads:
            thread.start()
        slowest = 0
        while any(t.is_alive() for t in threads):
            began = time.time()
            assert a.simple('SELECT count(*) FROM campaigns').rows == [('10',)]
            slowest = max(slowest, time.time() - began)
            time.sleep(0.01)
    assert not errors, errors[:3]
    assert slowest < 15, slowest


def test_no_secrets(world):
    """Nothing that anybody may read holds a password, a verifier, or a part of one."""
    parts = [world.verifier.split(':')[-1], world.verifier.split('$')[2].split(':')[0], world.verifier, 'console-password', 'SCRAM']
    with world.console() as w:
        for table in TABLES:
            for row in w.simple('SHOW ' + table).rows:
                for value in row:
                    assert not value or not any(part in value for part in parts if part != 'SCRAM' or table != 'config'), (table, row)
        assert not [row for row in w.simple('SHOW config').rows if row[1] and 'SCRAM' in row[1]]
        assert not [row for row in w.simple('SHOW config').rows if row[0].endswith('password')]
        assert [row[2] for row in w.simple('SHOW config').rows if row[0] in ('workers', 'limits.max_clients')] == ['restart', 'reload']
