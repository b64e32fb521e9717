"""psycopg2 and psycopg 3 of a user who may write: RETURNING, executemany, execute_values, pipelines, types there and back, errors of
constraints, cursors FOR UPDATE. Every step is rolled back."""
import datetime
import decimal
import logging
import uuid

import psycopg
import psycopg2
import psycopg2.extras
from psycopg.types.json import Json, Jsonb

from steps import attempt, fail, open_with, rows, step

psycopg2.extras.register_uuid()
logging.disable()  # what psycopg logs depends on when an error arrives


@open_with
def connect(**options):
    return psycopg2.connect('', **options)


def ask(c, sql, parameters=None):
    with c.cursor() as cursor:
        cursor.execute(sql, parameters)
        print(cursor.statusmessage if hasattr(cursor, 'statusmessage') else '', cursor.rowcount)
        if cursor.description:
            rows(cursor.fetchall())


def inside(c, function, *arguments):
    """An error ends a savepoint, not the transaction."""
    ask_quietly(c, 'SAVEPOINT own')
    try:
        function(*arguments)
    except Exception as error:  # noqa: BLE001
        fail(error)
        ask_quietly(c, 'ROLLBACK TO own')


def ask_quietly(c, sql):
    with c.cursor() as cursor:
        cursor.execute(sql)


def statements(c):
    ask(c, 'INSERT INTO shop.notes (id, body) VALUES (8001, %s), (8002, %s) RETURNING id, body', ('a', None))
    ask(c, 'UPDATE shop.notes SET body = body || %s WHERE id > 8000 RETURNING *', ('!',))
    ask(c, 'WITH gone AS (DELETE FROM shop.notes WHERE id = %s RETURNING id) SELECT count(*) FROM gone', (8001,))
    ask(c, 'INSERT INTO shop.customers (id, name, tags) VALUES (%s, %s, %s) ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id, name, tags', (8001, 'first', ['a', None]))
    ask(c, 'INSERT INTO shop.customers (id, name, tags) VALUES (%s, %s, %s) ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id, name, tags', (8001, 'second', []))
    ask(c, 'INSERT INTO shop.customers (id, name) SELECT id + 9000, name FROM shop.customers WHERE id < %s ORDER BY id', (3,))
    ask(c, 'SELECT id, name FROM shop.customers WHERE id > 8000 ORDER BY id FOR UPDATE')
    ask(c, 'DELETE FROM shop.customers WHERE id > %s', (8000,))
    ask(c, 'DELETE FROM shop.customers WHERE id = %s', (123456,))


@step('psycopg2: statements')
def _(c):
    statements(c)


@step('psycopg2: errors of constraints')
def _(c):
    inside(c, ask, c, "INSERT INTO shop.customers (id, name) VALUES (8001, 'a'), (8001, 'b')")
    inside(c, ask, c, 'INSERT INTO shop.customers (id) VALUES (8001)')
    inside(c, ask, c, "INSERT INTO shop.customers (id, name, tier) VALUES (8001, 'a', 'nothing')")
    inside(c, ask, c, "INSERT INTO shop.customers (id, name, note) VALUES (8001, 'a', repeat('x', 41))")
    inside(c, ask, c, "INSERT INTO shop.customers (id, name, credit) VALUES (8001, 'a', 12345678901)")
    inside(c, ask, c, 'INSERT INTO shop.orders (id, customer_id) VALUES (8001, 8001)')
    inside(c, ask, c, 'UPDATE shop.customers SET nothing = 1')
    inside(c, ask, c, "INSERT INTO shop.lines (order_id, line_no, sku, total) VALUES (1, 1, 'AB-1', 3)")
    ask(c, 'SELECT count(*) FROM shop.customers')


@step('psycopg2: executemany, execute_batch, execute_values')
def _(c):
    with c.cursor() as cursor:
        cursor.executemany('INSERT INTO shop.notes (id, body) VALUES (%s, %s)', [(8000 + n, 'x%d' % n) for n in range(20)])
        print(cursor.rowcount)
        psycopg2.extras.execute_batch(cursor, 'UPDATE shop.notes SET body = %s WHERE id = %s', [('y', 8000 + n) for n in range(10)], page_size=4)
        print(cursor.rowcount)
        rows(psycopg2.extras.execute_values(cursor, 'INSERT INTO shop.notes (id, body) VALUES %s RETURNING id', [(8100 + n, 'z') for n in range(7)], page_size=3, fetch=True))
        psycopg2.extras.execute_values(cursor, 'UPDATE shop.notes SET body = v.body FROM (VALUES %s) AS v (id, body) WHERE notes.id = v.id', [(8001, 'one'), (8002, 'two')])
        print(cursor.rowcount)
    ask(c, 'SELECT body, count(*) FROM shop.notes WHERE id >= 8000 GROUP BY 1 ORDER BY 1')


TYPES = (5578001, 'subject', 'sent', decimal.Decimal('1.2500'), 3, datetime.datetime(2024, 2, 29, 12, 0, 0, 5, tzinfo=datetime.timezone.utc), datetime.datetime(2024, 2, 29, 12, 0),
         datetime.timedelta(days=3, seconds=5, microseconds=7), True, b'\x00\xff\\', uuid.UUID('00112233-4455-6677-8899-aabbccddeeff'))
INSERT = 'INSERT INTO messages (id, subject, status, cost, segments, sent_at, scheduled_for, took, urgent, payload, trace, metadata) VALUES (%s' + ', %s' * 11 + ') RETURNING *'


@step('psycopg2: types there and back')
def _(c):
    with c.cursor() as cursor:
        cursor.execute(INSERT, TYPES + (psycopg2.extras.Json({'a': [1, None]}),))
        rows([bytes(v) if isinstance(v, memoryview) else v for v in row] for row in cursor)


@step('psycopg2: a cursor for update')
def _(c):
    with c.cursor('named') as cursor:
        cursor.execute('SELECT id, name FROM shop.customers ORDER BY id FOR UPDATE')
        rows(cursor.fetchmany(2))
    ask(c, 'UPDATE shop.customers SET name = name WHERE id < 3')


@open_with
def connect3(**options):
    return psycopg.connect('', **options)


@step('psycopg: statements')
def _(c):
    statements(c)


@step('psycopg: statements, prepared at once')
def _(c):
    c.prepare_threshold = 0
    statements(c)
    statements(c)


@step('psycopg: types there and back')
def _(c):
    for binary in (False, True):
        with c.cursor(binary=binary) as cursor:
            cursor.execute(INSERT, (TYPES[0] + binary,) + TYPES[1:] + (Json({'a': [1, None]}),))
            rows(cursor)
    with c.transaction(force_rollback=True):
        pass


@step('psycopg: arrays, enums, jsonb, dates')
def _(c):
    for binary in (False, True):
        with c.cursor(binary=binary) as cursor:
            cursor.execute('INSERT INTO shop.customers (id, name, tier, tags, profile, born, credit) VALUES (%b, %b, %s, %b, %b, %b, %b) RETURNING *',
                           (8001 + binary, 'name', 'gold', ['a', None], Jsonb({'n': [1]}), datetime.date(2001, 2, 3), decimal.Decimal('1.50')))
            rows(cursor)


@step('psycopg: executemany with RETURNING')
def _(c):
    with c.cursor() as cursor:
        cursor.executemany('INSERT INTO shop.notes (id, body) VALUES (%s, %s) RETURNING id', [(8000 + n, 'x') for n in range(5)], returning=True)
        while True:
            rows(cursor.fetchall())
            if not cursor.nextset():
                break
        cursor.executemany('UPDATE shop.notes SET body = %s WHERE id = %s', [('y', 8000 + n) for n in range(8)])
        print(cursor.rowcount)


@step('psycopg: a pipeline of writes')
def _(c):
    with c.pipeline():
        cursors = [c.execute('INSERT INTO shop.notes (id) VALUES (%s) RETURNING id', (8000 + n,)) for n in range(10)]
        count = c.execute('SELECT count(*) FROM shop.notes WHERE id >= 8000')
        rows(count.fetchall())
        rows(row for cursor in cursors for row in cursor.fetchall())

    def broken():
        with c.pipeline(), c.transaction():
            c.execute('INSERT INTO shop.notes (id) VALUES (8100)')
            c.execute("INSERT INTO shop.notes (id) VALUES ('x')")
            c.execute('INSERT INTO shop.notes (id) VALUES (8101)')
    attempt(broken)
    ask(c, 'SELECT count(*) FROM shop.notes WHERE id >= 8000')


@step('psycopg: errors say where')
def _(c):
    for sql in ("INSERT INTO shop.customers (id, name) VALUES (8001, 'a'), (8001, 'b')", 'INSERT INTO shop.orders (id, customer_id) VALUES (8001, 8001)'):
        try:
            with c.transaction():
                c.execute(sql)
        except psycopg.Error as error:
            d = error.diag
            print(type(error).__name__, error.sqlstate, d.message_primary, d.message_detail, d.schema_name, d.table_name, d.column_name, d.constraint_name)


@step('psycopg: a deferred error, a savepoint that is released')
def _(c):
    with c.transaction():
        with c.transaction('inner'):
            c.execute('INSERT INTO shop.notes (id) VALUES (8001)')
        attempt(nested, c)
        ask(c, 'SELECT id FROM shop.notes WHERE id > 8000')
        raise psycopg.Rollback
    ask(c, 'SELECT id FROM shop.notes WHERE id > 8000')


def nested(c):
    with c.transaction():
        c.execute('INSERT INTO shop.notes (id) VALUES (8002)')
        c.execute('SELECT 1/0')
