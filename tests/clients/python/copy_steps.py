"""COPY of a user who may write: psycopg2's file objects, psycopg 3's streams of rows, asyncpg's records."""
import asyncio
import datetime
import io

import asyncpg
import psycopg
import psycopg2

from steps import attempt, open_with, rows, step

NOTES = 'SELECT id, body, at FROM shop.notes WHERE id > 3000 ORDER BY id'
LATER = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)


@open_with
def connect(**options):
    return psycopg2.connect('', **options)


def show(c):
    with c.cursor() as cursor:
        cursor.execute(NOTES)
        rows(cursor.fetchall())


@step('psycopg2: copy_expert')
def _(c):
    with c.cursor() as cursor:
        cursor.copy_expert('COPY shop.notes (id, body) FROM STDIN WITH CSV HEADER', io.StringIO('id,body\n3001,"a ""quoted"" one"\n3002,\n3003,"two\nlines"\n'))
        print(cursor.rowcount, cursor.statusmessage)
        out = io.StringIO()
        cursor.copy_expert('COPY (%s) TO STDOUT WITH CSV HEADER' % NOTES, out)
        print(out.getvalue(), cursor.rowcount)
    show(c)


@step('psycopg2: copy_from and copy_to')
def _(c):
    with c.cursor() as cursor:
        cursor.execute('SET search_path = shop')
        cursor.copy_from(io.StringIO('3001;a;2026-01-01\n3002;none;none\n'), 'notes', sep=';', null='none', columns=('id', 'body', 'at'))
        show(c)
        cursor.execute('DELETE FROM notes WHERE id < 3000')
        out = io.StringIO()
        cursor.copy_to(out, 'notes', sep='|', null='-', columns=('at', 'id'))
        print(out.getvalue())


@step('psycopg2: much')
def _(c):
    with c.cursor() as cursor:
        cursor.copy_expert('COPY shop.notes FROM STDIN', io.StringIO(''.join('%d\t%s\t\\N\n' % (3001 + i, 'x' * (i % 500)) for i in range(20000))), size=777)
        cursor.execute('SELECT count(*), sum(length(body)) FROM shop.notes WHERE id > 3000')
        rows(cursor.fetchall())


@step('psycopg2: errors')
def _(c):
    for sql, data in (('COPY shop.notes FROM STDIN', '1\n'), ('COPY shop.notes (id) FROM STDIN', 'x\n'), ('COPY shop.notes (id) FROM STDIN', '1\t2\n'),
                      ('COPY shop.notes (id) FROM STDIN CSV', '"1\n'), ('COPY shop.nothing FROM STDIN', ''), ('COPY shop.notes FROM STDIN (HEADER match)', 'id\tat\tbody\n')):
        def run():
            with c.cursor() as cursor:
                cursor.copy_expert(sql, io.StringIO(data))
        attempt(run)
        c.rollback()

    class Broken(io.StringIO):
        def read(self, size=-1):
            raise OSError('the disk is on fire')

    def run():
        with c.cursor() as cursor:
            cursor.copy_expert('COPY shop.notes FROM STDIN', Broken())
    attempt(run)
    c.rollback()
    show(c)


@open_with
def connect3(**options):
    return psycopg.connect('', **options)


@step('psycopg: rows in, rows out')
def _(c):
    with c.cursor() as cursor:
        with cursor.copy('COPY shop.notes (id, body, at) FROM STDIN') as copy:
            for row in ((3001, 'tab\t, backslash \\ and newline\n', LATER), (3002, None, None), (3003, '\\.', None), (3004, '', None)):
                copy.write_row(row)
        print(cursor.rowcount)
        with cursor.copy('COPY (%s) TO STDOUT' % NOTES) as copy:
            copy.set_types(['int4', 'text', 'timestamptz'])
            rows(copy.rows())
    show(c)


@step('psycopg: parameters, binary out')
def _(c):
    with c.cursor() as cursor:
        with cursor.copy('COPY (SELECT id, name FROM campaigns WHERE id < %s ORDER BY id) TO STDOUT (FORMAT binary)', (5500003,)) as copy:
            copy.set_types(['int8', 'text'])
            rows(copy.rows())
        with cursor.copy("COPY (SELECT 1, 'a') TO STDOUT") as copy:
            print([bytes(data) for data in copy])


@step('psycopg: an error of the client')
def _(c):
    def run():
        with c.cursor() as cursor, cursor.copy('COPY shop.notes (id) FROM STDIN') as copy:
            copy.write('3001\n')
            raise ValueError('no more')
    attempt(run)
    c.rollback()
    show(c)


@step('psycopg: a copy that is left early')
def _(c):
    with c.cursor() as cursor, cursor.copy('COPY (SELECT generate_series(1, 100000)) TO STDOUT') as copy:
        print(bytes(copy.read()))
    show(c)


@step('psycopg: in a pipeline')
def _(c):
    def run():
        with c.pipeline(), c.cursor() as cursor, cursor.copy('COPY shop.notes (id) FROM STDIN') as copy:
            copy.write('3001\n')
    attempt(run)


def records(function):
    async def run():
        connection = await asyncpg.connect(ssl='disable')
        try:
            transaction = connection.transaction()
            await transaction.start()
            await function(connection)
            await transaction.rollback()
        finally:
            await connection.close()
    asyncio.run(run())


@step('asyncpg: from a file, to a file')
def _(_c):
    async def run(connection):
        print(await connection.copy_to_table('notes', schema_name='shop', source=io.BytesIO(b'id,body\n3001,x\n'), columns=['id', 'body'], format='csv', header=True))
        out = io.BytesIO()
        print(await connection.copy_from_table('tickets', schema_name='shop', output=out))
        rows(await connection.fetch(NOTES))
    records(run)


@step('asyncpg: records, which are binary', refused='0A000')
def _(_c):
    async def run(connection):
        print(await connection.copy_records_to_table('notes', schema_name='shop', records=[(3001, 'x', LATER)], columns=['id', 'body', 'at']))
    records(run)
