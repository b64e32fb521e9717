"""psycopg2: what its users do with a connection."""
import datetime
import decimal
import threading
import time
import uuid

import psycopg2
import psycopg2.extensions
import psycopg2.extras
import psycopg2.pool

from steps import attempt, open_with, rows, step

psycopg2.extras.register_uuid()


@open_with
def connect(**options):
    return psycopg2.connect('', **options)


def ask(connection, sql, parameters=None):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows([bytes(v) if isinstance(v, memoryview) else v for v in row] for row in (cursor.fetchall() if cursor.description else []))
        return cursor


@step('connection info')
def _(c):
    info = c.info
    print(info.dbname, info.user, info.host, info.status, info.transaction_status, info.protocol_version, info.server_version >= 150000, info.error_message)
    print(c.encoding, c.closed, c.autocommit, c.isolation_level, info.ssl_in_use, info.backend_pid > 0, c.get_backend_pid() == info.backend_pid)
    for name in ('client_encoding', 'server_encoding', 'DateStyle', 'TimeZone', 'integer_datetimes', 'standard_conforming_strings', 'IntervalStyle', 'is_superuser',
                 'session_authorization', 'application_name', 'in_hot_standby', 'default_transaction_read_only', 'nothing'):
        print(name, c.get_parameter_status(name))
    print(c.get_parameter_status('server_version').split('.')[0])


@step('pid of the server')
def _(c):
    with c.cursor() as cursor:
        cursor.execute('SELECT pg_backend_pid() = %s', (c.info.backend_pid,))
        print(cursor.fetchone())


@step('types of every table')
def _(c):
    c.autocommit = True
    for table, key in (('channels', 'id'), ('campaigns', 'id'), ('contacts', 'contact_no'), ('messages', 'id'), ('events', 'id'), ('audit', 'id'), ('"Mixed Case"', '1'),
                       ('crm.contacts', '1'), ('materialized.daily_metrics', '1, 2')):
        cursor = ask(c, 'SELECT * FROM %s ORDER BY %s LIMIT 5' % (table, key))
        for d in cursor.description:
            print(d.name, d.type_code if d.type_code < 16384 else 'of the schema', d.internal_size, d.precision, d.scale)


@step('parameters')
def _(c):
    values = [1, 2 ** 40, 1.5, decimal.Decimal('12.340'), 'it''s "quoted" \\ back', None, True, b'\x00\xff\\', datetime.date(2024, 2, 29), datetime.time(12, 30, 1, 5),
              datetime.datetime(2024, 2, 29, 12, 0), datetime.datetime(2024, 2, 29, 12, 0, tzinfo=datetime.timezone.utc), datetime.timedelta(days=3, seconds=5),
              uuid.UUID('00112233-4455-6677-8899-aabbccddeeff'), [1, 2, None], ['a', 'b,c', None], [[1, 2], [3, 4]], psycopg2.extras.Json({'a': [1, None]}),
              float('nan'), float('inf'), 'größe €😀', '%s', "'; DROP TABLE x; --", '\t\n\r']
    for value in values:
        ask(c, 'SELECT %s', (value,))
    for value in ((1, 'a'), [], ['x']):
        attempt(ask, c, 'SELECT %s', (value,))
        c.rollback()
    ask(c, 'SELECT id, name FROM campaigns WHERE id = %(id)s AND name LIKE %(name)s', {'id': 5500001, 'name': 'ACME%'})
    ask(c, 'SELECT id FROM campaigns WHERE id IN %s ORDER BY id', ((5500001, 5500003, 7700001),))
    ask(c, 'SELECT id FROM campaigns WHERE id = ANY(%s) ORDER BY id', ([5500001, 5500003, 7700001],))
    ask(c, 'SELECT count(*) FROM messages WHERE status = %s AND sent_at > %s', ('sent', datetime.datetime(2020, 1, 1)))


@step('dictionaries, named tuples, iteration')
def _(c):
    with c.cursor(cursor_factory=psycopg2.extras.RealDictCursor) as cursor:
        cursor.execute('SELECT * FROM channels ORDER BY id')
        rows(dict(row) for row in cursor)
    with c.cursor(cursor_factory=psycopg2.extras.NamedTupleCursor) as cursor:
        cursor.execute('SELECT id, name AS "a name" FROM channels ORDER BY id')
        print(cursor.fetchone(), cursor.fetchmany(2), cursor.fetchall(), cursor.rowcount, cursor.rownumber, cursor.statusmessage, cursor.query)


@step('statusmessage and rowcount')
def _(c):
    c.autocommit = True
    with c.cursor() as cursor:
        for sql in ('SELECT * FROM campaigns', 'VALUES (1), (2)', 'TABLE channels', 'BEGIN', 'COMMIT', 'SET timezone = \'UTC\'', 'SHOW timezone', 'SELECT 1 WHERE false',
                    'START TRANSACTION', 'SAVEPOINT a', 'RELEASE a', 'ROLLBACK', 'RESET timezone', 'DISCARD ALL', 'DEALLOCATE ALL', 'EXPLAIN SELECT 1'):
            attempt(cursor.execute, sql)
            print(sql, '->', cursor.statusmessage, cursor.rowcount)


@step('an empty query')
def _(c):
    for sql in ('', ';', '-- nothing', '/* DBD::Pg ping test */'):
        attempt(ask, c, sql)
        c.rollback()


@step('several statements at once')
def _(c):
    ask(c, 'SELECT 1; SELECT 2; SELECT count(*) FROM campaigns')
    attempt(ask, c, 'SELECT 1; SELECT 1/0; SELECT 2')
    c.rollback()
    ask(c, "SET timezone = 'Asia/Tokyo'; SELECT current_setting('timezone')")
    c.rollback()
    ask(c, 'SHOW timezone')


@step('executemany and execute_values')
def _(c):
    with c.cursor() as cursor:
        cursor.executemany('SELECT %s', [(1,), (2,)])
        print(cursor.rowcount)
        psycopg2.extras.execute_batch(cursor, 'SELECT %s', [(i,) for i in range(10)], page_size=3)
        print(cursor.fetchall())


@step('an error ends the transaction')
def _(c):
    ask(c, 'SELECT 1')
    for sql in ('SELECT nothing FROM campaigns', 'SELECT 1', 'SELECT count(*) FROM campaigns'):
        attempt(ask, c, sql)
        print(c.info.transaction_status)
    c.rollback()
    ask(c, 'SELECT count(*) FROM campaigns')
    print(c.info.transaction_status)
    c.commit()
    print(c.info.transaction_status)


@step('what an error says')
def _(c):
    for sql in ('SELECT 1/0', 'SELEC', 'SELECT nothing', 'SELECT * FROM nothing', 'SELECT id::date FROM campaigns', "SELECT 'x'::int", "SELECT 'nothing'::delivery_status",
                "SELECT '2024-02-30'::date", 'SELECT 10000000000::int', "SELECT '{'::json", 'SELECT nothing()', 'SELECT (SELECT id FROM campaigns)', "SELECT '\\xg'::bytea",
                'SELECT generate_series(1, 3, 0)', "SELECT 'a' ~ '('", 'SELECT avg(id) FROM campaigns GROUP BY nothing', 'SET timezone = 0x', 'ROLLBACK TO nothing'):
        try:
            ask(c, sql)
        except psycopg2.Error as error:
            d = error.diag
            print(type(error).__name__, error.pgcode, d.severity, d.severity_nonlocalized, d.message_primary, d.message_detail, d.statement_position, d.internal_query)
        c.rollback()


@step('transactions as context')
def _(c):
    with c:
        ask(c, 'SELECT 1')
    print(c.info.transaction_status)
    try:
        with c:
            ask(c, 'SELECT 1/0')
    except psycopg2.Error as error:
        print(error.pgcode)
    print(c.info.transaction_status)


@step('savepoints')
def _(c):
    for sql in ('SAVEPOINT a', 'SELECT count(*) FROM campaigns', 'SAVEPOINT "B b"', 'SELECT 1/0', 'ROLLBACK TO "B b"', 'SELECT 1', 'SELECT 1/0', 'ROLLBACK TO SAVEPOINT a',
                'RELEASE "B b"', 'ROLLBACK TO a', 'RELEASE SAVEPOINT a', 'SELECT count(*) FROM contacts'):
        attempt(ask, c, sql)
    c.commit()


@step('set_session')
def _(c):
    for options in (dict(isolation_level='SERIALIZABLE'), dict(isolation_level='REPEATABLE READ', readonly=True), dict(isolation_level='READ COMMITTED', deferrable=True),
                    dict(isolation_level='READ UNCOMMITTED', readonly=False), dict(isolation_level='DEFAULT', readonly='DEFAULT', deferrable='DEFAULT')):
        c.set_session(**options)
        for name in ('transaction_isolation', 'transaction_read_only', 'transaction_deferrable'):
            ask(c, 'SHOW ' + name)
        ask(c, 'SELECT count(*) FROM campaigns')
        c.rollback()


@step('set_session in autocommit')
def _(c):
    c.set_session(isolation_level='SERIALIZABLE', readonly=True, autocommit=True)
    ask(c, 'SHOW default_transaction_isolation')
    ask(c, 'SHOW transaction_isolation')
    ask(c, 'SHOW transaction_read_only')
    ask(c, 'SELECT count(*) FROM campaigns')
    c.reset()
    ask(c, 'SHOW default_transaction_isolation')


@step('reset')
def _(c):
    ask(c, "SET timezone = 'Asia/Tokyo'")
    c.commit()
    ask(c, 'SHOW timezone')
    c.reset()
    ask(c, 'SHOW timezone')


@step('cancel')
def _(c):
    threading.Timer(1, c.cancel).start()
    began = time.monotonic()
    attempt(ask, c, 'SELECT count(*) FROM messages a, messages b, messages c, messages d, messages e, messages f')
    print(time.monotonic() - began < 60)
    c.rollback()
    ask(c, 'SELECT count(*) FROM messages')
    c.cancel()
    time.sleep(0.1)
    ask(c, 'SELECT count(*) FROM messages')


@step('notices')
def _(c):
    c.autocommit = True
    ask(c, 'COMMIT')
    ask(c, 'BEGIN')
    ask(c, 'BEGIN')
    ask(c, 'ROLLBACK')
    print(c.notices)


@step('client encoding')
def _(c):
    print(c.encoding)
    c.set_client_encoding('UTF8')
    ask(c, "SELECT 'größe'")
    print(c.encoding)


@step('another client encoding', refused='0A000')
def _(c):
    c.set_client_encoding('LATIN1')


@step('asynchronous')
def _(c):
    import select
    a = psycopg2.connect('', async_=1)
    while True:
        state = a.poll()
        if state == psycopg2.extensions.POLL_OK:
            break
        select.select([a] if state == psycopg2.extensions.POLL_READ else [], [a] if state == psycopg2.extensions.POLL_WRITE else [], [], 5)
    cursor = a.cursor()
    for sql in ('SELECT count(*) FROM campaigns', "SELECT repeat('x', 100000), g FROM generate_series(1, 20) g"):
        cursor.execute(sql)
        while a.poll() != psycopg2.extensions.POLL_OK:
            select.select([a], [], [], 5)
        print([(len(str(row[0])), *row[1:]) for row in cursor.fetchall()])
    a.close()


@step('a pool')
def _(c):
    pool = psycopg2.pool.ThreadedConnectionPool(1, 4, '')
    found = []

    def work(n):
        connection = pool.getconn()
        with connection, connection.cursor() as cursor:
            cursor.execute('SELECT %s, count(*) FROM messages WHERE id %% 4 <> %s', (n, n))
            found.append(cursor.fetchone())
        pool.putconn(connection)
    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    rows(sorted(found))
    pool.closeall()


@step('types registered by name')
def _(c):
    with c.cursor() as cursor:
        cursor.execute("SELECT NULL::delivery_status, status FROM messages WHERE status IS NOT NULL ORDER BY id LIMIT 1")
        enum, other = (d.type_code for d in cursor.description)
        cursor.execute("SELECT typname, typtype FROM pg_type WHERE oid = %s", (enum,))
        rows(cursor.fetchall())
        cursor.execute("SELECT typname, typtype FROM pg_type WHERE oid = %s", (other,))
        rows(cursor.fetchall())
        print(enum == other)
    attempt(psycopg2.extras.register_hstore, c)


@step('a transaction over two data backends')
def _(c):
    ask(c, 'SELECT count(*) FROM audit')
    ask(c, 'SELECT count(*) FROM messages')


@step('TPC', refused='0A000')
def _(c):
    c.tpc_begin(c.xid(1, 'a', 'b'))
    ask(c, 'SELECT 1')
    c.tpc_prepare()


@step('a named cursor')
def _(c):
    with c.cursor('a name') as cursor:
        cursor.execute('SELECT id FROM campaigns ORDER BY id')
        rows(cursor)


@step('a cursor WITH HOLD')
def _(c):
    with c.cursor('held', withhold=True) as cursor:
        cursor.execute('SELECT id FROM campaigns ORDER BY id')
        rows(cursor)


@step('LISTEN', refused='0A000')
def _(c):
    ask(c, 'LISTEN x')

