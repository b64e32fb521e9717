"""asyncpg: everything in binary, prepared, and introspected."""
import asyncio
import datetime
import decimal
import os
import ssl
import uuid

import asyncpg

from steps import fail, header, rows

STEPS = []


def step(name, refused=None, **options):
    def note(function):
        STEPS.append((name, refused, options, function))
    return note


async def attempt(awaitable):
    try:
        return await awaitable
    except Exception as error:  # noqa: BLE001
        fail(error)


async def ask(c, query, *parameters):
    rows(await c.fetch(query, *parameters))


@step('types of every table')
async def _(c):
    for table in ('channels', 'campaigns', 'contacts', 'events', 'audit', '"Mixed Case"', 'crm.contacts', 'materialized.daily_metrics'):
        await ask(c, 'SELECT * FROM %s ORDER BY 1, 2 LIMIT 4' % table)
    await ask(c, 'SELECT id, subject, body, cost, segments, sent_at, scheduled_for, took, urgent, payload, metadata, trace FROM messages ORDER BY id LIMIT 4')


@step('an enum')
async def _(c):
    await ask(c, 'SELECT status FROM messages ORDER BY id LIMIT 3')
    await ask(c, 'SELECT count(*) FROM messages WHERE status = $1', 'sent')
    await ask(c, 'SELECT array_agg(DISTINCT status ORDER BY status) FROM messages')
    await ask(c, 'SELECT $1::delivery_status', 'sent')
    await ask(c, 'SELECT count(*) FROM messages WHERE status = ANY ($1)', ['sent', 'bounced'])
    await ask(c, 'SELECT $1::delivery_status[], ROW(status, ARRAY[status]) FROM messages ORDER BY id LIMIT 2', ['queued', None])


@step('parameters')
async def _(c):
    for cast, value in (('int', 1), ('bigint', 2 ** 40), ('float8', 1.5), ('numeric', decimal.Decimal('12.340')), ('text', "it's \\"), ('bool', True), ('bytea', b'\x00\xff'),
                        ('date', datetime.date(2024, 2, 29)), ('timestamptz', datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.timezone.utc)), ('interval', datetime.timedelta(days=3)),
                        ('uuid', uuid.UUID('00112233-4455-6677-8899-aabbccddeeff')), ('int[]', [1, 2, None]), ('text[]', ['a', None]), ('jsonb', '{"a": 1}'), ('int4range', asyncpg.Range(1, 5)),
                        ('inet', '10.0.0.1'), ('point', asyncpg.Point(1, 2)), ('text', None)):
        await attempt(ask(c, 'SELECT $1::%s' % cast, value))
    await ask(c, 'SELECT id, name FROM campaigns WHERE id = $1 AND name LIKE $2', 5500001, 'ACME%')
    await ask(c, 'SELECT id FROM campaigns WHERE id = ANY($1) ORDER BY id', [5500001, 5500002, 7700001])
    await attempt(ask(c, 'SELECT id FROM campaigns WHERE id = $1', 'x'))
    await attempt(ask(c, 'SELECT nothing FROM campaigns WHERE id = $1', 1))
    await attempt(ask(c, 'SELECT 1 / $1::int', 0))


@step('rows of composite types')
async def _(c):
    await ask(c, "SELECT ROW(1, 'a'::text, NULL::int)")
    await ask(c, 'SELECT ARRAY[ROW(1, 2), ROW(3, 4)]')


@step('fetchrow, fetchval, execute, executemany')
async def _(c):
    print(await c.fetchrow('SELECT id, name FROM campaigns ORDER BY id'), await c.fetchval('SELECT count(*) FROM campaigns'), await c.execute('SELECT 1; SELECT 2'), await c.execute("SET timezone = 'UTC'"))
    await c.executemany('SELECT $1::int', [(1,), (2,)])


@step('prepared')
async def _(c):
    s = await c.prepare('SELECT id, name, budget FROM campaigns WHERE id = $1 AND starts_on > $2')
    print([(p.name, p.kind) for p in s.get_parameters()], [(a.name, a.type.name) for a in s.get_attributes()], s.get_statusmsg())
    for n in range(4):
        rows(await s.fetch(5500001 + n, datetime.date(2020, 1, 1)))
    print(s.get_statusmsg())


@step('cursors')
async def _(c):
    async with c.transaction():
        count = 0
        async for row in c.cursor('SELECT id FROM messages WHERE id > $1 ORDER BY id', 5500010, prefetch=7):
            count += 1
        print(count)
        cursor = await c.cursor('SELECT id FROM messages ORDER BY id')
        rows(await cursor.fetch(3))
        rows([await cursor.fetchrow()])


@step('a cursor that is moved')
async def _(c):
    async with c.transaction():
        cursor = await c.cursor('SELECT id FROM messages ORDER BY id')
        print(await cursor.forward(2))


@step('transactions')
async def _(c):
    async with c.transaction(isolation='repeatable_read', readonly=True):
        await ask(c, 'SHOW transaction_isolation')
        await ask(c, 'SELECT count(*) FROM campaigns')

    async def broken():
        async with c.transaction():
            await c.fetch('SELECT 1/0')
    async with c.transaction():
        await attempt(broken())
        await ask(c, 'SELECT count(*) FROM contacts')
    print(c.is_in_transaction())


@step('timeout and cancel')
async def _(c):
    await attempt(c.fetch('SELECT count(*) FROM messages a, messages b, messages c, messages d, messages e, messages f', timeout=1))
    await ask(c, 'SELECT count(*) FROM messages')


@step('settings', server_settings={'application_name': 'a name', 'search_path': 'crm', 'statement_timeout': '5s'})
async def _(c):
    for name in ('application_name', 'search_path', 'statement_timeout'):
        await ask(c, 'SHOW ' + name)
    await ask(c, 'SELECT count(*) FROM contacts')
    print(c.get_settings().client_encoding, c.get_settings().application_name, c.get_server_version().major)


@step('TLS')
async def _(c):
    context = ssl.create_default_context(cafile=os.environ['PGSSLROOTCERT'])
    context.check_hostname = False
    tls = await asyncpg.connect(ssl=context)
    await ask(tls, 'SELECT 1')
    await tls.close()


@step('a codec')
async def _(c):
    import json
    await c.set_type_codec('json', encoder=json.dumps, decoder=json.loads, schema='pg_catalog')
    await ask(c, 'SELECT metadata FROM messages WHERE metadata IS NOT NULL ORDER BY id LIMIT 2')


@step('reset, which unlocks, closes and unlistens all')
async def _(c):
    await c.execute("SET timezone = 'Asia/Tokyo'")
    await c.reset()
    await ask(c, 'SHOW timezone')


@step('a pool, which resets')
async def _(c):
    async with asyncpg.create_pool(min_size=1, max_size=3, ssl='disable') as pool:
        rows([n] for n in await asyncio.gather(*(pool.fetchval('SELECT count(*) FROM messages WHERE id %% 10 <> %d' % n) for n in range(10))))


@step('COPY')
async def _(c):
    import io
    out = io.BytesIO()
    print(await c.copy_from_query('SELECT id, name FROM campaigns WHERE id < $1 ORDER BY id', 5500004, output=out, format='csv', header=True))
    print(out.getvalue().decode())


@step('LISTEN', refused='0A000')
async def _(c):
    await c.add_listener('x', print)


async def main():
    for name, refused, options, function in STEPS:
        header(name, refused)
        try:
            c = await asyncpg.connect(ssl='disable', **options)
            try:
                await function(c)
            finally:
                await c.close(timeout=60)
        except Exception as error:  # noqa: BLE001
            fail(error)


asyncio.run(main())
