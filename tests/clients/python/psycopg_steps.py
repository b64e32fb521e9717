"""psycopg 3: the extended protocol with text and binary, prepared statements, pipelines, server-side cursors."""
import datetime
import decimal
import ipaddress
import logging
import threading
import time
import uuid

import psycopg
from psycopg import pq, sql
from psycopg.rows import dict_row, namedtuple_row
from psycopg.types.enum import EnumInfo
from psycopg.types.json import Json, Jsonb

from steps import attempt, fail, open_with, rows, step

logging.disable()  # what psycopg logs depends on when an error arrives


@open_with
def connect(**options):
    return psycopg.connect('', **options)


def ask(connection, query, parameters=None, **options):
    cursor = connection.execute(query, parameters, **options)
    rows(cursor.fetchall() if cursor.description else [])
    return cursor


@step('connection info')
def _(c):
    i = c.info
    print(i.dbname, i.user, i.host, i.status, i.transaction_status, i.pipeline_status, i.encoding, i.timezone, i.error_message, i.server_version >= 150000, i.vendor)
    for name in ('client_encoding', 'DateStyle', 'TimeZone', 'integer_datetimes', 'standard_conforming_strings', 'IntervalStyle', 'session_authorization', 'in_hot_standby'):
        print(name, i.parameter_status(name))
    print(c.closed, c.broken, c.autocommit, c.isolation_level, c.read_only, c.deferrable, c.pgconn.ssl_in_use)


@step('types of every table, as text')
def _(c):
    c.autocommit = True
    for table, key in (('channels', 'id'), ('campaigns', 'id'), ('contacts', 'contact_no'), ('messages', 'id'), ('events', 'id'), ('audit', 'id'), ('"Mixed Case"', '1'),
                       ('crm.contacts', '1'), ('materialized.daily_metrics', '1, 2')):
        cursor = ask(c, 'SELECT * FROM %s ORDER BY %s LIMIT 5' % (table, key))
        for d in cursor.description:
            print(d.name, d.type_code if d.type_code < 16384 else 'of the schema', d.display_size, d.internal_size, d.precision, d.scale)


@step('types of every table, in binary')
def _(c):
    c.autocommit = True
    for table, key in (('channels', 'id'), ('campaigns', 'id'), ('contacts', 'contact_no'), ('messages', 'id'), ('events', 'id'), ('audit', 'id'), ('"Mixed Case"', '1'),
                       ('crm.contacts', '1'), ('materialized.daily_metrics', '1, 2')):
        ask(c, 'SELECT * FROM %s ORDER BY %s LIMIT 5' % (table, key), binary=True)


VALUES = [1, 2 ** 31, 2 ** 40, 2 ** 70, 1.5, decimal.Decimal('12.340'), 'it\'s "quoted" \\ back', None, True, b'\x00\xff\\', datetime.date(2024, 2, 29),
          datetime.time(12, 30, 1, 5), datetime.datetime(2024, 2, 29, 12, 0), datetime.datetime(2024, 2, 29, 12, 0, tzinfo=datetime.timezone.utc),
          datetime.timedelta(days=3, seconds=5), uuid.UUID('00112233-4455-6677-8899-aabbccddeeff'), [1, 2, None], ['a', 'b,c', None], [[1, 2], [3, 4]], [], [1.5],
          [datetime.date(2024, 1, 1)], Json({'a': [1, None]}), Jsonb({'a': [1, None]}), float('nan'), float('inf'), 'größe €😀', ipaddress.ip_address('10.0.0.1'),
          ipaddress.ip_network('10.0.0.0/8'), "'; DROP TABLE x; --"]


@step('parameters as text')
def _(c):
    c.autocommit = True
    for value in VALUES:
        attempt(ask, c, 'SELECT %t', (value,))


@step('parameters in binary')
def _(c):
    c.autocommit = True
    for value in VALUES:
        attempt(ask, c, 'SELECT %b', (value,), binary=True)


@step('parameters in conditions')
def _(c):
    ask(c, 'SELECT id, name FROM campaigns WHERE id = %(id)s AND name LIKE %(name)s', {'id': 5500001, 'name': 'ACME%'})
    ask(c, 'SELECT id FROM campaigns WHERE id = ANY(%s) ORDER BY id', ([5500001, 5500003, 7700001],))
    ask(c, 'SELECT count(*) FROM messages WHERE status = %s AND sent_at > %s', ('sent', datetime.datetime(2020, 1, 1)))
    ask(c, 'SELECT count(*) FROM messages WHERE status::text = %s', ('sent',))
    ask(c, 'SELECT id FROM campaigns ORDER BY id LIMIT %s OFFSET %s', (2, 1))
    ask(c, 'SELECT id, %s AS x FROM campaigns WHERE budget > %s AND starts_on < %s ORDER BY id', ('y', decimal.Decimal('2000'), datetime.date(2027, 1, 1)))
    ask(c, 'SELECT id FROM campaigns WHERE settings @> %s ORDER BY id', (Jsonb({'cap': 10}),))
    ask(c, 'SELECT contact_no FROM contacts WHERE email = %s OR country = %s ORDER BY 1', ('nobody@x', 'DE'))
    ask(c, 'SELECT %s::text, %s::int + 1, coalesce(%s, 1)', ('a', 2, None))
    attempt(ask, c, 'SELECT id FROM campaigns WHERE id = %s', ('x',))


@step('client-side parameters')
def _(c):
    cursor = psycopg.ClientCursor(c)
    cursor.execute('SELECT %s, %s, id FROM campaigns WHERE name LIKE %s ORDER BY id LIMIT 2', (1, "it's", 'ACME%'))
    rows(cursor.fetchall())
    print(cursor.mogrify('SELECT %s, %s', (datetime.date(2024, 1, 1), b'\x00')))


@step('composed identifiers')
def _(c):
    ask(c, sql.SQL('SELECT {} FROM {} ORDER BY 1 LIMIT {}').format(sql.Identifier('Draft No'), sql.Identifier('public', 'Mixed Case'), sql.Literal(2)))


@step('row factories')
def _(c):
    rows(c.cursor(row_factory=dict_row).execute('SELECT * FROM channels ORDER BY id').fetchall())
    print(c.cursor(row_factory=namedtuple_row).execute('SELECT id, name FROM channels ORDER BY id').fetchone())


@step('stream')
def _(c):
    with c.cursor() as cursor:
        total = 0
        for row in cursor.stream('SELECT a.id, b.id FROM messages a, messages b WHERE a.id > %s', (0,)):
            total += row[0] - row[1]
        print(total)
        rows(cursor.stream('SELECT id FROM campaigns ORDER BY id'))


@step('executemany')
def _(c):
    with c.cursor() as cursor:
        cursor.executemany('SELECT id, name FROM campaigns WHERE id = %s', [(5500001,), (5500002,), (1,)], returning=True)
        while True:
            rows(cursor.fetchall())
            if not cursor.nextset():
                break
        cursor.executemany('SELECT %s', [(i,) for i in range(50)])
        print(cursor.rowcount)


@step('prepared after some executions')
def _(c):
    c.prepare_threshold = 2
    for n in range(6):
        ask(c, 'SELECT id FROM campaigns WHERE id > %s ORDER BY id LIMIT 1', (5500000 + n,))
    for n in range(4):
        attempt(ask, c, 'SELECT 1 / %s::int', (n % 2,))
        c.rollback()
    ask(c, 'SELECT id FROM campaigns WHERE id > %s ORDER BY id LIMIT 1', (5500000,), prepare=True)
    ask(c, 'DEALLOCATE ALL')
    ask(c, 'SELECT id FROM campaigns WHERE id > %s ORDER BY id LIMIT 1', (5500000,), prepare=True)


@step('more prepared statements than it keeps')
def _(c):
    c.prepare_threshold, c.prepared_max = 0, 5
    for n in range(20):
        ask(c, 'SELECT %s + ' + str(n), (1,))
    c.rollback()
    ask(c, 'SELECT count(*) FROM messages')


@step('prepared statements listed')
def _(c):
    c.execute('SELECT id FROM campaigns WHERE id = %s', (1,), prepare=True)
    ask(c, 'SELECT count(*) FROM campaigns', prepare=True)


@step('pipeline')
def _(c):
    with c.pipeline() as pipeline:
        cursors = [c.execute('SELECT %s::int, count(*) FROM %s' % ('%s', table), (n,)) for n, table in enumerate(('campaigns', 'messages', 'channels', 'pg_class', 'contacts'))]
        pipeline.sync()
        for n, cursor in enumerate(cursors):
            found = cursor.fetchall()
            rows(found if n != 3 else [(found[0][0], found[0][1] > 0)])
    with c.pipeline():
        one = c.execute('SELECT id FROM campaigns ORDER BY id')
        two = c.execute('SELECT g FROM generate_series(1, 3) g')
        rows(two.fetchall())
        rows(one.fetchall())


@step('pipeline: an error')
def _(c):
    c.autocommit = True
    try:
        with c.pipeline():
            one = c.execute('SELECT 1')
            c.execute('SELECT nothing FROM campaigns')
            c.execute('SELECT 2')  # the error may have come already, or comes when results are waited for
            one.fetchall()  # whether its rows came before, too
    except psycopg.Error as error:
        fail(error)
    ask(c, 'SELECT 3')


@step('pipeline: a transaction')
def _(c):
    c.autocommit = True
    with c.pipeline(), c.transaction():
        c.execute('SELECT 1')
        cursor = c.execute('SELECT count(*) FROM campaigns')
    rows(cursor.fetchall())
    try:
        with c.pipeline(), c.transaction():
            c.execute('SELECT 1/0')
            c.execute('SELECT 1')
    except psycopg.Error as error:
        fail(error)
    ask(c, 'SELECT 2')


@step('transactions and savepoints')
def _(c):
    with c.transaction():
        ask(c, 'SELECT count(*) FROM campaigns')
        try:
            with c.transaction('inner'):
                ask(c, 'SELECT 1/0')
        except psycopg.Error as error:
            fail(error)
        with c.transaction(force_rollback=True):
            ask(c, 'SELECT 1')
        ask(c, 'SELECT count(*) FROM contacts')
        print(c.info.transaction_status)
    print(c.info.transaction_status)


@step('an error in a transaction')
def _(c):
    attempt(ask, c, 'SELECT nothing')
    print(c.info.transaction_status)
    attempt(ask, c, 'SELECT 1')
    c.rollback()
    ask(c, 'SELECT 1')


@step('isolation')
def _(c):
    for level in psycopg.IsolationLevel:
        c.isolation_level, c.read_only, c.deferrable = level, True, False
        ask(c, 'SHOW transaction_isolation')
        ask(c, 'SHOW transaction_read_only')
        ask(c, 'SELECT count(*) FROM campaigns')
        c.rollback()


@step('what an error says')
def _(c):
    c.autocommit = True
    for query, parameters in (('SELECT 1/%s::int', (0,)), ('SELEC', None), ('SELECT nothing', None), ('SELECT * FROM nothing WHERE id = %s', (1,)), ("SELECT %s::int", ('x',)),
                              ('SELECT id FROM campaigns WHERE nothing = %s', (1,)), ('SELECT $1 + $2', None), ('SELECT 1; SELECT %s', (2,)), ('SELECT %s', ('\x00',))):
        try:
            ask(c, query, parameters)
        except psycopg.Error as error:
            d = error.diag
            print(type(error).__name__, error.sqlstate, d.severity, d.message_primary, d.message_detail, d.statement_position)


@step('several statements at once')
def _(c):
    cursor = c.execute('SELECT 1; SELECT 2, 3; SELECT count(*) FROM campaigns')
    while True:
        rows(cursor.fetchall())
        if not cursor.nextset():
            break


@step('cancel')
def _(c):
    c.autocommit = True
    for query in ('SELECT count(*) FROM messages a, messages b, messages c, messages d, messages e, messages f',
                  'SELECT count(*) FROM generate_series(1, 100000) a, generate_series(1, 100000) b WHERE a.a > %s'):
        threading.Timer(1, c.cancel).start()
        began = time.monotonic()
        attempt(ask, c, query, (0,) if '%' in query else None)
        print(time.monotonic() - began < 60)
    ask(c, 'SELECT count(*) FROM messages')


@step('an enum registered by name')
def _(c):
    import enum
    info = EnumInfo.fetch(c, 'delivery_status')
    print(info.name, info.labels)
    Status = enum.Enum('Status', {label: label for label in info.labels})
    psycopg.types.enum.register_enum(info, c, Status, mapping=[(s, s.value) for s in Status])
    ask(c, 'SELECT NULL::delivery_status, %s::delivery_status', (Status.sent,))
    ask(c, 'SELECT DISTINCT status FROM messages ORDER BY 1')
    ask(c, 'SELECT DISTINCT status FROM messages ORDER BY 1', binary=True)
    ask(c, 'SELECT count(*) FROM messages WHERE status = %s', (Status.sent,))


@step('type info of the schema')
def _(c):
    for name in ('email_address', 'delivery_status', 'public.delivery_status', 'nothing', 'int4'):
        info = psycopg.types.TypeInfo.fetch(c, name)
        print(name, info and (info.name, info.regtype, info.delimiter))


@step('describe of a prepared statement')
def _(c):
    result = c.pgconn.prepare(b's', b'SELECT id, name, status, $1::date FROM campaigns WHERE id = $2 AND name = $3')
    print(pq.ExecStatus(result.status).name, result.error_message)
    result = c.pgconn.describe_prepared(b's')
    print([result.param_type(i) for i in range(result.nparams)], [(result.fname(i), result.ftype(i), result.fmod(i), result.fsize(i)) for i in range(result.nfields)])
    result = c.pgconn.exec_prepared(b's', [b'2024-01-01', b'5500001', b'x'])
    print(pq.ExecStatus(result.status).name, result.ntuples)
    result = c.pgconn.describe_prepared(b'nothing')
    print(result.error_message)


@step('pool-like use')
def _(c):
    c.autocommit = True
    ask(c, "SET timezone = 'Asia/Tokyo'")
    ask(c, 'SELECT id FROM campaigns WHERE id = %s', (5500001,), prepare=True)
    ask(c, 'DISCARD ALL')
    ask(c, 'SHOW timezone')
    c.prepare_threshold = None
    ask(c, 'SELECT id FROM campaigns WHERE id = %s', (5500001,))


@step('notices')
def _(c):
    c.autocommit = True
    c.add_notice_handler(lambda d: print(d.severity, d.sqlstate, d.message_primary))
    for query in ('COMMIT', 'BEGIN', 'BEGIN', 'ROLLBACK'):
        ask(c, query)


@step('asyncio')
def _(c):
    import asyncio

    async def work(n):
        async with await psycopg.AsyncConnection.connect('') as connection:
            cursor = await connection.execute('SELECT %s::int, count(*) FROM messages', (n,))
            return await cursor.fetchone()

    async def all_of_them():
        rows(await asyncio.gather(*(work(n) for n in range(5))))
    asyncio.run(all_of_them())


@step('a server-side cursor')
def _(c):
    with c.cursor('a name') as cursor:
        cursor.execute('SELECT id FROM campaigns ORDER BY id')
        rows(cursor)


@step('DML', refused='42501')
def _(c):
    ask(c, 'DELETE FROM campaigns WHERE id = %s', (-1,))


@step('NOTIFY', refused='0A000')
def _(c):
    ask(c, 'NOTIFY x')
