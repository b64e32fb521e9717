"""Prepared statements, portals and pipelines over pooled server connections."""
import os
import shutil
import subprocess
import tempfile
import time

import psycopg

import wire
from wire import bind, close, describe, execute, flush, parse, query, sync
from world import PASSWORD, configured, slow

BIN = '/usr/lib/postgresql/15/bin'


def run(w, *messages):
    w.send(b''.join(messages))
    return w.result()


def test_named_across_transactions(world):
    with world.connect() as w:
        assert run(w, parse('s', 'SELECT name FROM campaigns WHERE id = $1'), describe('S', 's'), sync()).parameter_oids == [23]
        for i in range(5):
            r = run(w, bind('', 's', [str(i + 1)]), describe('P'), execute(), sync())
            assert r.kinds == '2TDCZ' and r.rows == [('acme campaign %d' % (i + 1),)]
        assert run(w, parse('s', 'SELECT 1'), sync()).error['M'] == 'prepared statement "s" already exists'
        assert run(w, close('S', 's'), sync()).kinds == '3Z'
        assert run(w, bind('', 's', ['1']), sync()).error['M'] == 'prepared statement "s" does not exist'
        assert run(w, close('S', 's'), sync()).kinds == '3Z'
        assert run(w, bind('', 'nonesuch'), sync()).sqlstate == '26000'


@configured(pool=1, workers=1)
def test_same_name_other_tenant(world):
    """Both clients use the same server connection and the same names."""
    with world.connect() as one, world.connect('bob') as two:
        for w in (one, two):
            run(w, parse('s', 'SELECT min(name) FROM campaigns'), sync())
        for _ in range(2):
            assert run(one, bind('', 's'), describe('P'), execute(), sync()).rows == [('acme campaign 1',)]
            assert run(two, bind('', 's'), describe('P'), execute(), sync()).rows == [('globex campaign 1',)]
            assert one.extended('SELECT max(id) FROM campaigns').rows == two.extended('SELECT max(id) FROM campaigns').rows == [('10',)]
        run(one, close('S', 's'), sync())
        assert run(two, bind('', 's'), describe('P'), execute(), sync()).rows == [('globex campaign 1',)]


@configured(pool=1, workers=1, limits='max_server_prepared: 2, max_prepared: 6')
def test_few_on_a_server(world):
    with world.connect() as w:
        for i in range(6):
            assert run(w, parse('s%d' % i, 'SELECT id + %d FROM campaigns WHERE id = 1' % i), sync()).kinds == '1Z'
        assert run(w, parse('s7', 'SELECT 1'), sync()).sqlstate == '53400'
        for i in (0, 1, 5, 2, 0, 3, 3, 4, 0):
            assert run(w, bind('', 's%d' % i), describe('P'), execute(), sync()).rows == [(str(1 + i),)]
        batch = b''.join(bind('', 's%d' % i) + describe('P') + execute() for i in range(6))
        r = run(w, batch, sync())
        assert [s.rows for s in r.statements] == [[(str(1 + i),)] for i in range(6)]
        names = world.aurora.sql("SELECT 1", database='data')
        assert names == '1'


def test_deallocate_and_discard(world):
    with world.connect() as w:
        run(w, parse('A b', 'SELECT 1'), parse('t', 'SELECT 2'), sync())
        assert w.simple('DEALLOCATE "A b"').tag == 'DEALLOCATE'
        r = w.simple('DEALLOCATE "A b"')
        assert (r.sqlstate, r.error['M']) == ('26000', 'prepared statement "A b" does not exist')
        assert w.simple('DEALLOCATE ALL').tag == 'DEALLOCATE ALL'
        assert run(w, bind('', 't'), sync()).sqlstate == '26000'
        run(w, parse('t', 'SELECT 2'), sync())
        assert w.simple('DISCARD ALL').tag == 'DISCARD ALL'
        assert run(w, bind('', 't'), sync()).sqlstate == '26000'
        w.simple('BEGIN')
        assert w.simple('DISCARD ALL').sqlstate == '25001'


def test_settings_of_the_time_of_parsing(world):
    """A literal is read when the statement is parsed, under the settings of that moment, wherever it is prepared later."""
    with world.connect() as w, world.connect() as other:
        w.simple("SET datestyle = 'ISO, DMY'")
        run(w, parse('s', "SELECT to_char(date '01/02/2020', 'YYYY-MM-DD') FROM campaigns WHERE id = 1"), sync())
        w.simple("SET datestyle = 'ISO, MDY'")
        other.simple('BEGIN')
        other.simple('SELECT 1 FROM campaigns')  # takes the server that has it
        for _ in range(2):
            assert run(w, bind('', 's'), describe('P'), execute(), sync()).rows == [('2020-02-01',)]
        assert w.simple("SELECT to_char(date '01/02/2020', 'YYYY-MM-DD') FROM campaigns WHERE id = 1").rows == [('2020-01-02',)]
        other.simple('COMMIT')


@configured(pool=1, workers=1)
def test_constants_of_the_time_of_parsing(world):
    """'now' is the time of a Parse, each Parse's own, whatever else the server has prepared; of one Parse it stays the same."""
    text = "SELECT 'now'::timestamptz, count(*) FROM channels"
    with world.connect() as one, world.connect('carol') as two:
        def ask(w):
            return run(w, parse('', text), bind('', ''), describe('P'), execute(), sync()).rows[0][0]
        seen = [ask(w) for w in (one, two, one, one, two)]
        assert len(set(seen)) == 5 and seen == sorted(seen), seen
        run(one, parse('s', text), sync())
        named = [run(one, bind('', 's'), execute(), sync()).rows[0][0] for _ in range(3) if ask(two)]
        assert len(set(named)) == 1 and named[0] > seen[-1].encode(), named


def test_search_path_of_the_time_of_running(world):
    with world.connect() as w:
        run(w, parse('s', 'SELECT count(*) FROM campaigns'), sync())
        w.simple('SET search_path = pg_catalog')
        assert run(w, bind('', 's'), execute(), sync()).sqlstate == '42P01'
        w.simple('RESET search_path')
        assert run(w, bind('', 's'), describe('P'), execute(), sync()).rows == [('10',)]


def test_local_statements(world):
    with world.connect() as w:
        r = run(w, parse('b', 'BEGIN'), describe('S', 'b'), parse('c', 'COMMIT'), parse('e', ''), parse('x', 'EXPLAIN (REWRITE) SELECT 1'), sync())
        assert r.kinds == '1tn111Z' and r.parameter_oids == []
        assert run(w, bind('', 'b'), execute(), sync()).status == 'T'
        r = run(w, bind('', 'e'), describe('P'), execute(), bind('', 'c'), execute(), execute(), sync())
        assert (r.kinds, r.sqlstate, r.status) == ('2nI2CEZ', '34000', 'I'), r
        r = run(w, bind('', 'x'), describe('P'), execute('', 1), execute('', 0), sync())
        assert r.kinds.startswith('2TDs') and r.columns is None and r.statements[0].suspended, r
        r = run(w, bind('', 'b', ['1']), sync())
        assert (r.sqlstate, r.status) == ('08P01', 'I')


def test_begin_in_a_batch(world):
    """As pgjdbc does it: BEGIN in front of the first statement, in one write."""
    with world.connect() as w:
        r = run(w, parse('', 'BEGIN'), bind('', ''), execute(), parse('', 'SELECT count(*) FROM messages'), bind('', ''), describe('P'), execute(), sync())
        assert (r.kinds, r.rows, r.status) == ('12C12TDCZ', [('1000',)], 'T')
        r = run(w, parse('', 'SELECT count(*) FROM messages'), bind('', ''), execute(), parse('', 'COMMIT'), bind('', ''), execute(), sync())
        assert (r.kinds, r.status) == ('12DC12CZ', 'I')
        # the statement before BEGIN belongs to the block then
        r = run(w, parse('', 'SELECT count(*) FROM messages'), bind('', ''), execute(), parse('', 'BEGIN'), bind('', ''), execute(), sync())
        assert (r.kinds, r.status) == ('12DC12CZ', 'T')
        assert w.simple('ROLLBACK').status == 'I'


def test_portals(world):
    with world.connect() as w:
        w.simple('BEGIN')
        r = run(w, parse('', 'SELECT id FROM messages ORDER BY id'), bind('p', ''), describe('P', 'p'), execute('p', 2), sync())
        assert (r.kinds, r.rows) == ('12TDDsZ', [('1',), ('2',)])
        r = run(w, execute('p', 3), parse('', 'SELECT 1'), bind('', ''), execute(), execute('p', 1), sync())
        assert [len(s.rows) for s in r.statements] == [3, 1, 1] and [s.suspended for s in r.statements] == [True, False, True]
        assert run(w, bind('p', ''), sync()).error['M'] == 'cursor "p" already exists'
        w.simple('ROLLBACK; BEGIN')
        assert run(w, execute('p', 1), sync()).error['M'] == 'portal "p" does not exist'
        w.simple('ROLLBACK')
        r = run(w, parse('', 'SELECT id FROM messages ORDER BY id'), bind('p', ''), execute('p', 2), execute('p', 997), execute('p', 997), sync())
        assert r.kinds.count('s') == 2 and r.kinds.endswith('DCZ')
        assert run(w, execute('p', 2), sync()).sqlstate == '34000'
        r = run(w, parse('', 'SELECT 1'), bind('p', ''), close('P', 'p'), execute('p'), sync())
        assert (r.kinds, r.sqlstate) == ('123EZ', '34000')
        assert run(w, parse('', 'SELECT 1'), bind('hg_carry', ''), sync()).sqlstate == '42P03'


def test_flush_without_sync(world):
    """As asyncpg: Parse, Describe, Flush, and then other statements before the Sync."""
    with world.connect() as w:
        w.send(parse('s', 'SELECT name FROM campaigns WHERE id = $1') + describe('S', 's') + flush())
        assert [kind for kind, _ in w.recv_until('Tn')] == ['1', 't', 'T']
        w.send(parse('', "SELECT oid FROM pg_type WHERE typname = 'text'") + bind('', '') + execute() + flush())
        assert [kind for kind, _ in w.recv_until('C')] == ['1', '2', 'D', 'C']
        w.send(bind('', 's', ['3']) + execute() + sync())
        assert w.result().kinds == '2DCZ'


def test_errors_in_pipelines(world):
    with world.connect() as w:
        batch = parse('', 'SELECT 1/0 FROM campaigns') + bind('', '') + execute() + parse('s', 'SELECT 1') + bind('', 's') + execute() + sync()
        good = parse('', 'SELECT count(*) FROM messages') + bind('', '') + execute() + sync()
        refused = parse('', 'SELECT pg_sleep(1)') + bind('', '') + execute() + sync()
        w.send(good + batch + refused + good + query('SELECT 1') + good)
        assert [w.result().kinds for _ in range(6)] == ['12DCZ', '1EZ', 'EZ', '12DCZ', 'TDCZ', '12DCZ']
        assert run(w, bind('', 's'), sync()).sqlstate == '26000'  # its Parse was skipped
        r = run(w, parse('', 'SELECT count(*) FROM messages'), bind('', ''), execute(), parse('', 'SELECT nonesuch FROM messages'), sync())
        assert (r.kinds, r.sqlstate, r.status) == ('12DCEZ', '42703', 'I')


def test_error_positions(world):
    with world.connect() as w:
        text = "SELECT 'ü', name, nonesuch(name) FROM campaigns"
        assert run(w, parse('', text), sync()).error['P'] == str(text.index('nonesuch') + 1)
        text = "SELECT id, name::date::integer FROM campaigns"
        r = run(w, parse('', text), sync())
        assert (r.sqlstate, r.error.get('P')) == ('42846', str(text.index('::integer') + 1)), r
        r = run(w, parse('two', 'SELECT 1 FROM campaigns WHERE id = $1'), bind('', 'two', ['1', '2']), sync())
        assert r.error['M'] == 'bind message supplies 2 parameters, but prepared statement "two" requires 1', r


def test_nothing_of_the_data_servers_shows(world):
    with world.connect() as w:
        r = w.simple('SELECT score::integer FROM campaigns')
        assert r.sqlstate == '22P02' and 'secret' not in str(r.error) and set(r.error) <= set('SVCMDH'), r.error
        r = w.simple("SELECT 'secret of acme'::text::integer FROM campaigns")
        assert r.error['M'] == 'invalid input syntax for type integer: "secret of acme"'
        r = w.extended('SELECT id + $1::integer FROM campaigns', ['own words'])
        assert r.error['M'] == 'invalid input syntax for type integer: "own words"', r
        (logical,), = w.simple("SELECT 'campaigns'::regclass::oid").rows
        r = w.extended('SELECT id, id + 1 FROM campaigns')
        assert [(c.table_oid, c.attnum) for c in r.columns] == [(int(logical), 1), (0, 0)], r.columns
        r = w.simple('SELECT id FROM campaigns; SELECT name FROM campaigns')
        assert all(s.columns[0].table_oid == int(logical) for s in r.statements)


def test_types_of_the_schema(world):
    """Their numbers are the catalog's, on whatever backend the rows are."""
    with world.connect() as w:
        (mood,), (moods,) = w.simple("SELECT oid FROM pg_type WHERE typname IN ('mood', '_mood') ORDER BY typname DESC").rows
        assert world.warehouse.sql("SELECT 'public.mood'::regtype::oid", database='data') != mood
        for r in (w.simple('SELECT mood, ARRAY[mood], body FROM messages LIMIT 1'), w.extended('SELECT mood, ARRAY[mood], body FROM messages LIMIT 1')):
            assert [c.type_oid for c in r.columns] == [int(mood), int(moods), 25], r.columns
        r = run(w, parse('s', 'SELECT count(*) FROM messages WHERE mood = $1 AND mood = ANY($2)'), describe('S', 's'), sync())
        assert r.parameter_oids == [int(mood), int(moods)], r
        assert run(w, bind('', 's', ['good', '{good,bad}']), describe('P'), execute(), sync()).rows == [('1000',)]
        r = w.extended('SELECT count(*) FROM messages WHERE mood = $1', ['bad'], param_oids=[int(mood)])
        assert r.rows == [('0',)], r
        assert w.extended("SELECT 'good'::mood, $1", ['bad'], param_oids=[int(mood)]).columns[1].type_oid == int(mood)
        assert w.extended('SELECT count(*) FROM messages WHERE $1 IS NULL', ['messages'], param_oids=[2205]).sqlstate == '0A000'


def test_psycopg_pipeline(world):
    with psycopg.connect(world.dsn(), autocommit=False) as connection:
        connection.prepare_threshold = 0
        with connection.pipeline():
            cursors = [connection.execute('SELECT %s::int + id FROM campaigns WHERE id = 1', (i,)) for i in range(50)]
        assert [c.fetchone()[0] for c in cursors] == [i + 1 for i in range(50)]
        connection.commit()
        try:
            with connection.pipeline():
                connection.execute('SELECT 1')
                connection.execute('SELECT 1/0')
                connection.execute('SELECT 2')
            raise AssertionError('no error')
        except psycopg.errors.DivisionByZero:
            pass
        connection.rollback()
        assert connection.execute('SELECT count(*) FROM messages', binary=True).fetchone() == (1000,)
        with connection.transaction():
            with connection.transaction():
                assert connection.execute('SELECT 1').fetchone() == (1,)


def test_reload_between(world):
    """Statements are rewritten anew, portals that are suspended go on as they began."""
    with world.connect() as w, world.connect() as other:
        run(w, parse('all', 'SELECT * FROM campaigns WHERE id = 3'), parse('gone', 'SELECT score FROM campaigns WHERE id = 3'), sync())
        w.simple('PREPARE p AS SELECT * FROM campaigns WHERE id = 3')
        described = run(w, describe('S', 'all'), sync())
        assert [c.name for c in described.columns] == ['id', 'name', 'score']
        other.simple('BEGIN')
        r = run(other, parse('', 'SELECT id FROM messages ORDER BY id'), bind('x', ''), describe('P', 'x'), execute('x', 2), sync())
        assert r.rows == [('1',), ('2',)]
        other.simple('DECLARE c CURSOR FOR SELECT id FROM channels ORDER BY id')
        world.write_policy(columns='public.campaigns.score: {hide: true}')
        try:
            world.headgate.catalog()  # the role gets one of its own
            world.reload()
            assert run(other, describe('P', 'x'), execute('x', 2), sync()).rows == [('3',), ('4',)]
            assert other.simple('FETCH ALL c').rows == [('1',), ('2',)]
            r = run(w, describe('S', 'all'), bind('', 'all'), describe('P'), execute(), sync())
            assert [c.name for c in r.columns] == ['id', 'name'] and r.rows == [('3', 'acme campaign 3')], r
            assert run(w, bind('', 'gone'), execute(), sync()).sqlstate == '42703'
            assert run(w, describe('S', 'gone'), sync()).sqlstate == '42703'
            assert w.simple('EXECUTE p').rows == [('3', 'acme campaign 3')]
            r = run(w, close('S', 'gone'), parse('gone', 'SELECT 5'), bind('', 'gone'), describe('P'), execute(), sync())
            assert r.rows == [('5',)], r
            assert run(other, describe('P', 'x'), execute('x', 1), sync()).rows == [('5',)]
            assert other.simple('COMMIT').tag == 'COMMIT'
            assert run(other, execute('x', 1), sync()).sqlstate == '34000'
            assert other.simple('SELECT * FROM campaigns WHERE id = 3').rows == [('3', 'acme campaign 3')]
        finally:
            world.write_policy()
            world.reload()
        assert run(w, bind('', 'all'), describe('P'), execute(), sync()).rows == [('3', 'acme campaign 3', '3')]


def plain(w, name):
    """The rows of a client that knows what they look like."""
    return [tuple(value.decode() for value in row) for row in run(w, bind('', name), execute(), sync()).rows]


def test_reload_changes_what_was_described(world):
    """Who was told of other columns and does not ask again hears of it as from PostgreSQL; all others do not."""
    texts = {'all': 'SELECT * FROM campaigns WHERE id = 3', 'same': 'SELECT id, name FROM campaigns WHERE id = 3', 'untold': 'SELECT * FROM campaigns WHERE id = 3',
             'portal': 'SELECT c.* FROM campaigns c WHERE id = 3', 'counted': 'SELECT count(c.*) FROM campaigns c WHERE id < 4', 'none': 'BEGIN'}
    narrow, wide = [('3', 'acme campaign 3')], [('3', 'acme campaign 3', '3')]
    with world.connect() as w:
        for name, text in texts.items():
            run(w, parse(name, text), *([describe('S', name)] if name not in ('untold', 'portal') else []), sync())
        assert run(w, bind('', 'portal'), describe('P'), execute(), sync()).rows == wide
        run(w, parse('', texts['all']), describe('S', ''), sync())
        world.write_policy(columns='public.campaigns.score: {hide: true}')
        try:
            world.headgate.catalog()
            world.reload()
            r = run(w, bind('', ''), execute(), sync())
            assert r.error['R'] == 'RevalidateCachedQuery', r
            for name in ('all', 'portal'):
                for before in ([], [parse('x', 'SELECT 1'), bind('x', 'x'), execute('x'), close('S', 'x')]):  # again and again, as there
                    r = run(w, *before, bind('', name), execute(), sync())
                    assert (r.sqlstate, r.error['R'], r.status, r.rows if not before else []) == ('0A000', 'RevalidateCachedQuery', 'I', []), (name, r)
                w.simple('BEGIN; SAVEPOINT a')
                assert run(w, bind('', name), execute(), sync()).status == 'E'
                w.simple('ROLLBACK TO a')
                r = run(w, bind('', name), describe('P'), execute(), sync())  # it asks, and knows
                assert (r.rows, r.status) == (narrow, 'T'), (name, r)
                assert plain(w, name) == narrow
                w.simple('COMMIT')
            assert plain(w, 'same') == narrow
            assert plain(w, 'untold') == narrow
            assert run(w, bind('', 'counted'), execute(), bind('', 'same'), execute(), sync()).statements[1].rows == [(b'3', b'acme campaign 3')]
            assert run(w, bind('', 'none'), execute(), sync()).status == 'T'
            w.simple('COMMIT')
            run(w, parse('', texts['all']), describe('S', ''), sync())
        finally:
            world.write_policy()
            world.reload()
        r = run(w, bind('', ''), execute(), sync())
        assert r.error['R'] == 'RevalidateCachedQuery', r
        assert not run(w, parse('', texts['all']), sync()).error and plain(w, '') == wide  # prepared anew, as the same text
        r = run(w, bind('', 'all'), execute(), sync())
        assert r.error['R'] == 'RevalidateCachedQuery', r
        for part in bind('', 'all'), describe('P') + execute(), sync():  # one after the other
            w.send(part)
            time.sleep(0.05)
        assert w.result().rows == wide
        r = run(w, bind('', 'portal'), execute(), sync())
        assert r.error['R'] == 'RevalidateCachedQuery', r
        assert not run(w, close('S', 'portal'), parse('portal', texts['portal']), sync()).error and plain(w, 'portal') == wide


def test_tables_change_after_describe(world):
    text = 'SELECT name FROM channels ORDER BY id'
    with world.connect() as w, world.connect() as other:
        run(w, parse('s', text), describe('S', 's'), sync())
        run(other, parse('s', text), sync())
        for type_ in ('varchar(30)', 'text', 'varchar', 'text'):
            alter(world, 'ALTER COLUMN name TYPE ' + type_)
            r = run(w, bind('', 's'), execute(), sync())
            assert (r.sqlstate, r.error['R'], r.status) == ('0A000', 'RevalidateCachedQuery', 'I'), r
            assert plain(other, 's') == [('sms',), ('email',)]
            r = run(w, bind('', 's'), execute(), sync())
            assert r.error['R'] == 'RevalidateCachedQuery', r
            r = run(w, describe('S', 's'), bind('', 's'), execute(), sync())
            assert r.rows == [('sms',), ('email',)], r


def test_tables_change_before_describe(world):
    """The question alone shows the change: on a server that nobody has told of it."""
    text = 'SELECT name FROM channels WHERE id > $1 ORDER BY id'
    with world.connect() as w:
        run(w, parse('s', text), describe('S', 's'), sync())
        for type_ in ('varchar(40)', 'text'):
            alter(world, 'ALTER COLUMN name TYPE ' + type_)
            w.send(describe('S', 's') + sync())
            assert ''.join(message[0] for message in w.recv_until()) == 'tTZ'
            r = run(w, describe('S', 's'), bind('', 's', ['0']), execute(), sync())
            assert r.rows == [('sms',), ('email',)], r


def test_settings_of_its_parse(world):
    """A statement is read by the settings of its Parse, also where it comes to be prepared by another server, or after a reload that leaves it as it is."""
    with world.connect() as w:
        w.simple('SET datestyle = dmy')
        run(w, parse('s', "SELECT count(*), to_char('02/01/2026'::date, 'Mon') FROM channels"), sync())
        run(w, parse('c', "SELECT to_char('02/01/2026'::date, 'Mon')"), sync())
        w.simple('SET datestyle = mdy')
        for before in ('SELECT 1', 'SELECT count(*) FROM messages', 'SELECT count(*) FROM campaigns'):
            w.simple('BEGIN; ' + before)  # where it runs depends on that
            assert plain(w, 's') == [('2', 'Jan')], before
            assert plain(w, 'c') == [('Jan',)], before
            w.simple('COMMIT')
        world.write_policy()
        world.reload()
        assert plain(w, 's') == [('2', 'Jan')]
        assert plain(w, 'c') == [('Jan',)]


RETYPED = ('varchar(30)', 'text', 'varchar(40)', 'text')  # of channels.name, again and again


def alter(world, what):
    world.aurora.sql('ALTER TABLE channels ' + what, database='data')


def test_tables_change(world):
    """PostgreSQL refuses a prepared statement whose result has other types by now. The client need not know: it is prepared anew."""
    names = [('sms',), ('email',)]
    text = 'SELECT name FROM channels ORDER BY id'
    with world.connect() as w, world.connect() as other:
        run(w, parse('s', text), sync())
        w.simple('PREPARE p AS ' + text)
        for type_ in RETYPED:
            for batch in ((bind('', 's'), describe('P'), execute(), sync()), (bind('x', 's'), describe('P', 'x'), execute('x'), close('P', 'x'), sync()),
                          (parse('', 'SELECT 1'), bind('', 's'), describe('P'), execute(), parse('', 'SELECT 2'), bind('', ''), execute(), sync()),
                          (parse('', 'BEGIN'), bind('', ''), execute(), bind('', 's'), describe('P'), execute(), sync())):
                assert run(w, *batch).kinds  # it stands prepared
                w.simple('ROLLBACK')
                alter(world, 'ALTER COLUMN name TYPE ' + type_)
                r = run(w, *batch)
                assert not r.error and names in [s.rows for s in r.statements], (type_, batch, r)
                assert r.status == ('T' if len(batch) == 7 else 'I')
                w.simple('ROLLBACK')
                alter(world, "ALTER COLUMN name TYPE text, ADD COLUMN more integer DEFAULT 1")
                assert run(w, *batch).status
                w.simple('ROLLBACK')
                alter(world, 'ALTER COLUMN name TYPE ' + type_ + ', DROP COLUMN more')
            assert w.simple('EXECUTE p').rows == names
            assert w.simple('BEGIN; EXECUTE p; COMMIT').statements[1].rows == names
            assert other.simple('SELECT name FROM channels ORDER BY id').rows == names
        with psycopg.connect(world.dsn(), autocommit=True, prepare_threshold=0) as connection:
            for type_ in RETYPED:
                assert connection.execute(text).fetchall() == names
                alter(world, 'ALTER COLUMN name TYPE ' + type_)
        with psycopg.connect(world.dsn(), prepare_threshold=0) as connection:  # BEGIN in front of it
            for type_ in RETYPED:
                assert connection.execute(text).fetchall() == names
                assert connection.execute('SELECT count(*) FROM messages').fetchall() == [(1000,)]
                connection.commit()
                alter(world, 'ALTER COLUMN name TYPE ' + type_)


def test_tables_change_too_late(world):
    """What the transaction has done already would be lost: the client is told, and with the next transaction it is all well."""
    with world.connect('wendy') as w:
        run(w, parse('s', 'SELECT name FROM channels ORDER BY id'), parse('c', 'SELECT count(*) FROM customers'), sync())
        w.simple('PREPARE p AS SELECT name FROM channels ORDER BY id')
        good = (bind('', 's'), describe('P'), execute(), sync())
        for before, told in ((["INSERT INTO customers (id, name) VALUES (100, 'x')"], True), (['SELECT count(*) FROM customers'], False),
                             (['DECLARE c CURSOR FOR SELECT id FROM customers'], True), (['SELECT now() FROM customers'], True),
                             (['SAVEPOINT a', 'SELECT count(*) FROM customers', 'SAVEPOINT b'], False), (['SELECT count(*) FROM messages'], False),
                             (['SET TRANSACTION ISOLATION LEVEL REPEATABLE READ', 'SELECT count(*) FROM customers'], True)):
            for how in (good, (query('EXECUTE p'),)):
                assert not run(w, *good).error and not w.simple('EXECUTE p').error
                alter(world, 'ALTER COLUMN name TYPE varchar(30)')
                w.simple('BEGIN')
                for text in before:
                    assert not w.simple(text).error
                r = run(w, *how)
                if told:
                    assert (r.sqlstate, r.error['R'], r.status) == ('0A000', 'RevalidateCachedQuery', 'E') and 'cached plan' not in str(r.error), (before, r)
                    w.simple('ROLLBACK; BEGIN')
                    r = run(w, *how)
                assert r.rows == [('sms',), ('email',)] and r.status == 'T', (before, how, r)
                if 'SAVEPOINT a' in before:
                    assert not w.simple('ROLLBACK TO b').error and not w.simple('ROLLBACK TO a').error
                w.simple('ROLLBACK')
                alter(world, 'ALTER COLUMN name TYPE text')
        for _ in range(2):  # pipelined batches
            assert not run(w, *good).error
            alter(world, 'ALTER COLUMN name TYPE varchar(30)')
            w.send(b''.join(good) + b''.join((bind('', 'c'), describe('P'), execute(), sync())) + b''.join(good))
            first, second, third = w.result(), w.result(), w.result()
            assert second.rows == [('5',)], second
            for r in (first, third):
                assert r.rows == [('sms',), ('email',)] or r.error['R'] == 'RevalidateCachedQuery', r
            assert run(w, *good).rows == [('sms',), ('email',)]
            alter(world, 'ALTER COLUMN name TYPE text')


@slow
def test_pgbench(world):
    directory = tempfile.mkdtemp()
    script = os.path.join(directory, 'script.sql')
    with open(script, 'w', encoding='utf8') as file:
        file.write('\\set id random(1, 10)\nBEGIN;\nSELECT name FROM campaigns WHERE id = :id;\nSELECT relname FROM pg_class LIMIT 1;\nEND;\n'
                   'SELECT count(*) FROM messages WHERE campaign_id = :id;\n')
    try:
        for mode, clients in (('simple', 20), ('extended', 20), ('prepared', 8)):  # more clients than servers, but pgbench prepares blockingly
            done = subprocess.run([BIN + '/pgbench', '-n', '-M', mode, '-c', str(clients), '-j', '2', '-t', '50', '-f', script, '-h', '127.0.0.1', '-p',
                                   str(world.port), '-U', 'alice', 'analytics'], env=dict(os.environ, PGPASSWORD=PASSWORD),
                                  capture_output=True, text=True)
            assert done.returncode == 0 and 'failed transactions: 0' in done.stdout, done
    finally:
        shutil.rmtree(directory)
