"""Settings: the client's own, with PostgreSQL's transactional rules, and never another client's."""
import psycopg2

import wire
from world import configured


def show(w, name):
    r = w.simple('SHOW ' + name)
    assert not r.error, r
    return r.rows[0][0]


def test_canonical_and_reported(world):
    with world.connect() as w:
        r = w.simple("SET TimeZone = 'europe/rome'")
        assert r.kinds == 'CSZ' and r.parameters == [('TimeZone', 'Europe/Rome')]
        assert w.simple("SET timezone TO 'Europe/Rome'").kinds == 'CZ'  # nothing new
        assert w.simple('SET datestyle = german').parameters == [('DateStyle', 'German, DMY')]
        assert w.simple('SET datestyle = iso').parameters == [('DateStyle', 'ISO, DMY')]
        assert w.simple('RESET datestyle').parameters == [('DateStyle', 'ISO, MDY')]
        assert w.simple("SET statement_timeout = '90s'").tag == 'SET'
        assert show(w, 'statement_timeout') == '90s'
        assert w.simple('SET TIME ZONE INTERVAL \'+02:00\' HOUR TO MINUTE').tag == 'SET'
        assert show(w, 'timezone') == '<+02>-02'
        assert w.simple('SELECT timestamptz \'2020-01-01 00:00:00+00\'').rows == [('2020-01-01 02:00:00+02',)]
        assert w.simple('RESET ALL').parameters == [('TimeZone', 'UTC')]


def test_bad_values(world):
    with world.connect() as w:
        r = w.simple("SET timezone = 'nowhere'")
        assert (r.sqlstate, r.error['M']) == ('22023', 'invalid value for parameter "TimeZone": "nowhere"'), r
        assert w.simple('SET statement_timeout = -5').sqlstate == '22023'
        assert w.simple('SET nonesuch = 1').sqlstate == '42704'
        assert w.simple('SET server_version = 1').sqlstate == '55P02'
        assert w.simple('SET standard_conforming_strings = off').sqlstate == '0A000'
        assert w.simple('SET standard_conforming_strings = on').tag == 'SET'
        assert w.simple("SET client_encoding = 'latin1'").sqlstate == '0A000'
        assert w.simple("SET NAMES 'utf-8'").tag == 'SET'
        assert show(w, 'client_encoding') == 'UTF8'
        w.simple('BEGIN')
        assert w.simple("SET timezone = 'nowhere'").status == 'E'
        w.simple('ROLLBACK')
        assert show(w, 'timezone') == 'UTC'


def test_transactions(world):
    with world.connect() as w:
        for text in ("SET timezone = 'Europe/Rome'", 'BEGIN', "SET timezone = 'Asia/Tokyo'", "SET LOCAL lock_timeout = '7s'",
                     "SAVEPOINT a", "SET timezone = 'Asia/Seoul'", "SET LOCAL lock_timeout = '8s'"):
            assert not w.simple(text).error
        assert (show(w, 'timezone'), show(w, 'lock_timeout')) == ('Asia/Seoul', '8s')
        assert w.simple("SELECT to_char(timestamptz '2020-01-01 00:00:00+00', 'HH24')").rows == [('09',)]
        assert w.simple('ROLLBACK TO a').parameters == [('TimeZone', 'Asia/Tokyo')]
        assert (show(w, 'timezone'), show(w, 'lock_timeout')) == ('Asia/Tokyo', '7s')
        w.simple('COMMIT')
        assert (show(w, 'timezone'), show(w, 'lock_timeout')) == ('Asia/Tokyo', '0')
        w.simple('BEGIN')
        w.simple("SET timezone = 'Asia/Seoul'")
        w.simple("SELECT to_char(now(), 'HH24') FROM campaigns LIMIT 1")
        w.simple('ROLLBACK')
        assert show(w, 'timezone') == 'Asia/Tokyo'
        assert w.simple("SELECT to_char(timestamptz '2020-06-01 00:00:00+00', 'TZ') FROM campaigns LIMIT 1").rows == [('JST',)]
        r = w.simple("SET LOCAL timezone = 'Asia/Seoul'")
        assert (r.kinds, r.notices[0]['M']) == ('NCZ', 'SET LOCAL can only be used in transaction blocks')
        assert show(w, 'timezone') == 'Asia/Tokyo'


@configured(pool=1, workers=1)
def test_not_shared(world):
    """Two clients on the same server connections."""
    texts = ["SELECT to_char(timestamptz '2020-06-01 00:00:00+00', 'HH24 TZ') FROM %s LIMIT 1" % t for t in ('campaigns', 'messages', 'pg_class')]
    with world.connect() as one, world.connect('bob') as two:
        one.simple("SET timezone = 'Asia/Tokyo'")
        two.simple("SET timezone = 'Europe/London'")
        for _ in range(3):
            for text in texts:
                assert one.simple(text).rows == [('09 JST',)]
                assert two.simple(text).rows == [('01 BST',)]
                assert one.extended(text).rows == [('09 JST',)]
                assert two.extended(text).rows == [('01 BST',)]


@configured(pool=1, workers=1)
def test_what_a_session_keeps(world):
    """Settings that go to no server, and what system relations show of them: of one's own session only."""
    shown = ("SELECT setting FROM pg_settings WHERE name = 'work_mem'", "SELECT current_setting(lower('WORK_MEM'))",
             "SELECT current_setting('my.secret', true)", "SELECT current_setting('my.' || 'secret', true)",
             'SELECT count(*) FROM pg_prepared_statements WHERE name = \'mine\'')
    with world.connect() as one, world.connect('bob') as two:
        for text in ("SET work_mem = '77MB'", "SET my.secret = 's'", 'PREPARE mine AS SELECT 1'):
            assert one.simple(text).sqlstate is None
        for _ in range(3):
            for ask in ('simple', 'extended'):
                assert [getattr(one, ask)(text).rows[0][0] for text in shown] == [str(77 * 1024), '77MB', 's', 's', '1']
                assert [getattr(two, ask)(text).rows[0][0] for text in shown] == ['4096', '4MB', None, None, '0']
        everything = {row[0]: row[1] for row in one.simple('SHOW ALL').rows}
        assert everything['work_mem'] == '77MB' and everything['listen_addresses'] == 'localhost' and everything['port'] == '5432'
        assert len(everything) > 320 and 'data_directory' not in everything and not [name for name in everything if '.' in name]
        assert {row[0]: row[1] for row in two.simple('SHOW ALL').rows}['work_mem'] == '4MB'
        for i in range(99):
            assert one.simple(f"SET my.n{i} = 'x'").sqlstate is None
        assert one.simple("SET my.one_more = 'x'").sqlstate == '53400'


@configured(pool=1, workers=1)
def test_not_shared_when_what_carries_them_fails(world):
    bad, good = 'SELECT 1 / (id - id) FROM campaigns', "SELECT (timestamptz '2020-01-01 00:00+00')::text FROM campaigns LIMIT 1"
    batch = [wire.parse('', sql) + wire.bind('', '', []) + wire.execute('') for sql in (bad, good)]
    for messages in (wire.query(bad) + wire.query(good), batch[0] + wire.sync() + batch[1] + wire.sync(),
                     wire.parse('', 'BEGIN') + wire.bind('', '', []) + wire.execute('') + batch[0] + wire.sync() + wire.query('ROLLBACK') + wire.query(good)):
        with world.connect() as a:
            a.simple("SET timezone = 'Asia/Tokyo'")
            assert a.simple(good).rows[0][0].endswith('+09')
        with world.connect() as b:
            b.send(messages)
            assert b.result().sqlstate == '22012'
            found = b''.join(body for kind, body in b.recv_until('D') if kind == 'D')
            b.recv_until('Z')
            assert found.endswith(b'+00'), found
        with world.connect() as c:
            assert c.simple(good).rows[0][0].endswith('+00')


@configured(pool=1, workers=1)
def test_search_path(world):
    with world.connect() as one, world.connect('bob') as two:
        assert one.simple('SET search_path = pg_catalog').tag == 'SET'
        assert one.simple('SELECT count(*) FROM campaigns').sqlstate == '42P01'
        assert two.simple('SELECT count(*) FROM campaigns').rows == [('10',)]
        assert one.simple("SELECT 'campaigns'::regclass").sqlstate == '42P01'
        assert two.simple("SELECT 'campaigns'::regclass").rows == [('campaigns',)]
        assert show(one, 'search_path') == 'pg_catalog'
        one.simple('SET search_path TO "$user", public, "a b"')
        assert show(one, 'search_path') == '"$user", public, "a b"'
        assert one.simple('SELECT count(*) FROM campaigns').rows == [('10',)]
        assert one.simple('SELECT current_schema()').rows == [('public',)]


def test_startup(world):
    options = "-c statement_timeout=12s --lock-timeout=3s -c search_path=public,\\ pg_catalog"
    with world.connect(params={'DateStyle': 'sql, dmy', 'application_name': 'x', 'options': options, 'extra_float_digits': '2'}) as w:
        assert w.parameters['DateStyle'] == 'SQL, DMY' and w.parameters['application_name'] == 'x'
        assert (show(w, 'statement_timeout'), show(w, 'lock_timeout'), show(w, 'search_path')) == ('12s', '3s', 'public, pg_catalog')
        w.simple("SET datestyle = 'ISO'; SET statement_timeout = 0")
        w.simple('RESET ALL')
        assert (show(w, 'datestyle'), show(w, 'statement_timeout')) == ('SQL, DMY', '12s')
        assert w.simple("SELECT date '02/01/2020'").rows == [('02/01/2020',)]
        assert w.simple("SELECT to_char(date '02/01/2020', 'MM')").rows == [('01',)]
        assert w.simple('DISCARD ALL').tag == 'DISCARD ALL'
        assert show(w, 'datestyle') == 'SQL, DMY'
    for params, state in (({'TimeZone': 'nowhere'}, '22023'), ({'nonesuch': '1'}, '42704'), ({'options': '-c nonesuch=1'}, '42704'),
                          ({'options': '-x'}, '42601'), ({'client_encoding': 'SJIS'}, '0A000'), ({'session_authorization': 'bob'}, '22023'), ({'options': '-c role=bob'}, '22023')):
        try:
            world.connect(params=params).drop()
            raise AssertionError('accepted: %s' % params)
        except wire.LoginRefused as error:
            assert error.sqlstate == state and error.fields['S'] == 'FATAL', (params, error.fields)


def test_statement_timeout(world):
    with world.connect() as w:
        w.simple('SET statement_timeout = 200')
        slow = 'SELECT count(*) FROM messages a, messages b, messages c'
        assert w.simple(slow).sqlstate == '57014'
        assert w.extended(slow).sqlstate == '57014'
        w.simple('SET statement_timeout = 0')
        assert w.simple('SELECT count(*) FROM messages a, messages b').rows == [('1000000',)]


def test_default_of_transactions(world):
    with world.connect() as w:
        w.simple('SET default_transaction_isolation = serializable')
        assert show(w, 'transaction_isolation') == 'serializable'
        w.simple('SET default_transaction_isolation = DEFAULT')
        assert show(w, 'transaction_isolation') == 'read committed'


def test_settings_by_the_extended_protocol(world):
    with world.connect() as w:
        assert w.extended("SET timezone = 'Asia/Tokyo'").kinds == '1tn2nCSZ'
        r = w.extended('SHOW timezone')
        assert r.kinds == '1tT2TDCZ' and r.columns[0].name == 'TimeZone' and r.rows == [('Asia/Tokyo',)]
        assert w.extended('SHOW timezone', binary_results=True).rows == [(b'Asia/Tokyo',)]
        w.send(wire.parse('', "SET timezone = 'Asia/Seoul'") + wire.bind('', '') + wire.execute() +
               wire.parse('', 'SELECT 1/0') + wire.bind('', '') + wire.execute() + wire.sync())
        assert w.result().sqlstate == '22012'
        assert show(w, 'timezone') == 'Asia/Tokyo'  # the batch was one transaction
        w.send(wire.parse('', 'SELECT 1/0') + wire.bind('', '') + wire.execute() +
               wire.parse('', "SET timezone = 'Asia/Seoul'") + wire.bind('', '') + wire.execute() + wire.sync())
        assert w.result().kinds == '1EZ'
        assert show(w, 'timezone') == 'Asia/Tokyo'


def test_identity(world):
    with world.connect() as w:
        assert w.simple('SELECT current_user, session_user, current_database(), pg_backend_pid()').rows == [
            ('alice', 'alice', 'analytics', str(w.pid))]
        assert show(w, 'session_authorization') == 'alice' and w.parameters['session_authorization'] == 'alice'
        assert w.simple('SET SESSION AUTHORIZATION bob').sqlstate == '22023'
        assert w.simple('SET ROLE none').tag == 'SET' and w.simple('RESET ROLE').tag == 'RESET'
        assert w.parameters['is_superuser'] == 'off' and w.parameters['server_version'].startswith('15')


def test_a_locale_that_one_backend_lacks(world):
    with world.connect() as w:
        assert w.simple("SET lc_time = 'de_DE.UTF-8'").tag == 'SET' and show(w, 'lc_time') == 'de_DE.UTF-8'
        month = "SELECT to_char(date '2026-05-01', 'TMMonth'), count(*) FROM "
        assert w.simple(month + 'channels').rows == [('Mai', '2')]
        w.simple('SELECT 1')
        before = world.servers(world.warehouse)
        for _ in range(3):
            r = w.simple(month + 'messages')
            assert (r.sqlstate, r.error['M'], r.status) == ('22023', 'backend "redshift" does not know lc_time = "de_DE.UTF-8"', 'I'), r
            assert 'RESET lc_time' in r.error['H'], r
            r = w.extended(month + 'messages')
            assert (r.sqlstate, r.status) == ('22023', 'I'), r
        w.simple('BEGIN')
        assert w.simple('SELECT count(*) FROM messages').status == 'E'
        assert w.simple('SELECT 1').sqlstate == '25P02'
        w.simple('ROLLBACK')
        w.simple('BEGIN')
        w.simple('SET LOCAL lc_time = DEFAULT')
        assert w.simple(month + 'messages').rows == [('May', '1000')]
        assert w.simple("SET LOCAL lc_time = 'de_DE.UTF-8'").status == 'T'
        assert w.simple(month + 'messages').sqlstate == '22023'
        w.simple('ROLLBACK')
        w.send(wire.parse('a', 'SELECT count(*) FROM channels') + wire.bind('', 'a') + wire.execute() +
               wire.parse('', month + 'messages') + wire.bind('', '') + wire.execute() + wire.sync())
        assert w.result().sqlstate == '22023'
        w.simple('RESET lc_time')
        assert w.simple(month + 'messages').rows == [('May', '1000')]
        after = world.servers(world.warehouse)
        assert set(before) <= set(after), (before, after)  # none was given up
    with world.connect() as w:  # the next client has none of it
        assert w.simple(month + 'channels').rows == [('May', '2')]
    with world.connect(params={'options': '-c role=alice -c lc_time=de_DE.UTF-8 -c lc_monetary=C'}) as w:
        assert show(w, 'lc_time') == 'de_DE.UTF-8'
        w.simple("SET lc_time = 'C'")
        assert w.simple(month + 'channels').rows == [('May', '2')]
        w.simple('RESET lc_time')
        assert w.simple(month + 'channels').rows == [('Mai', '2')]


@configured(dialect='redshift')
def test_redshift_has_no_locales(world):
    with world.connect() as w:
        month = "SELECT to_char(max(id), '9D9') FROM messages"
        for name in ('lc_time', 'lc_numeric', 'lc_monetary'):
            assert w.simple("SET %s = 'de_DE.UTF-8'" % name).tag == 'SET'
            assert w.simple('SELECT count(*) FROM messages').rows == [('1000',)]
            for r in (w.simple(month), w.extended(month), w.simple('PREPARE p AS ' + month) and w.simple('EXECUTE p')):
                assert r.sqlstate == '0A000' and name in r.error['M'] and '"redshift"' in r.error['M'], r
            assert w.simple("SET %s = 'C'" % name).tag == 'SET'
            assert not w.simple(month).error and not w.simple('EXECUTE p').error
            w.simple('RESET ' + name)
            w.simple('DEALLOCATE p')
        w.simple("SET default_text_search_config = 'german'")
        assert w.simple('SELECT count(*) FROM messages').rows == [('1000',)]


def test_psycopg2(world):
    with psycopg2.connect(world.dsn(options='-c timezone=Asia/Tokyo', application_name='tests')) as connection:
        with connection.cursor() as cursor:
            cursor.execute('SHOW timezone; ')
            assert cursor.fetchone() == ('Asia/Tokyo',)
            cursor.execute('SELECT current_setting(%s)', ('application_name',))
            assert cursor.fetchone() == ('tests',)
    connection.close()


@configured(pool=1, workers=1)
def test_timeouts_are_nobody_elses(world):
    """What makes a server ready for its next client does not run under the last one's statement_timeout."""
    with world.connect() as one, world.connect('bob') as two:
        for timeout in ('1ms', '20ms', '0', '60s'):
            assert one.simple("SET statement_timeout = '%s'" % timeout).tag == 'SET'
            for _ in range(5):
                one.simple('SELECT count(*) FROM messages a, messages b')  # may take too long
                two.simple("SET application_name = 'x%d'" % _)
                r = two.simple('SELECT count(*) FROM messages')
                assert r.rows == [('1000',)], r.error
                assert two.simple('SHOW statement_timeout').rows == [('0',)]


def test_many_by_set_config(world):
    """All rows or none: what the catalog says of more than can be kept is not cut."""
    with world.connect() as w:
        r = w.simple("SELECT set_config('timezone', 'UTC', false) FROM generate_series(1, 3000)")
        assert not r.error and len(r.rows) == 3000 and r.tag == 'SELECT 3000', r
        for text in ("SELECT set_config('timezone', 'UTC', false) FROM generate_series(1, 4000)",
                     "SELECT set_config('timezone', 'UTC', false), set_config('datestyle', 'ISO', false) FROM generate_series(1, 2500)",
                     'SELECT pg_cancel_backend(NULL) FROM generate_series(1, 12000)'):
            r = w.simple(text)
            assert r.sqlstate == '0A000' and 'so many rows' in r.error['M'] and r.rows == [], (text, r)


def test_set_config_that_waits(world):
    """The catalog is asked what a search_path is; the answer has one description all the same."""
    with world.connect() as w, world.private() as p:
        for value, kinds in (('public, never_seen_before', 'TDCZ'), ('a,,b', 'TEZ')):
            sql = "SELECT set_config('search_path', '%s', false)" % value
            assert w.simple(sql).kinds == p.simple(sql).kinds == kinds, (value, w.simple(sql).kinds)
