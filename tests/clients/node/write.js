// node-postgres, pg-copy-streams and postgres.js of a user who may write: RETURNING, types there and back, COPY as streams, batches.
const { Client } = require('pg')
const { pipeline } = require('stream/promises')
const { Readable, Writable } = require('stream')
const copy = require('pg-copy-streams')
const postgres = require('postgres')
const { step, attempt, show, main } = require('./steps')

function withClient (name, run, refused) {
  step('pg: ' + name, async () => {
    const client = new Client()
    await client.connect()
    try {
      await client.query('BEGIN')
      await run(client)
      await client.query('ROLLBACK')
    } finally {
      await client.end()
    }
  }, refused)
}

async function ask (client, ...query) {
  const result = await client.query(...query)
  show([result.command, result.rowCount, result.rows])
}

withClient('statements', async (c) => {
  await ask(c, 'INSERT INTO shop.notes (id, body, at) VALUES ($1, $2, $3), ($4, $5, $6) RETURNING *', [9001, 'a', new Date(0), 9002, null, null])
  await ask(c, { name: 'update', text: 'UPDATE shop.notes SET body = $1 WHERE id = $2', values: ['b', 9001] })
  await ask(c, { name: 'update', text: 'UPDATE shop.notes SET body = $1 WHERE id = $2', values: ['c', 9009] })
  await ask(c, 'INSERT INTO shop.customers (id, name, tier, tags, profile, credit) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING RETURNING *', [9001, 'name', 'gold', ['a', null], { n: [1] }, '1.50'])
  await ask(c, 'SELECT * FROM shop.notes WHERE id > $1 ORDER BY id', [9000])
  await ask(c, 'DELETE FROM shop.notes WHERE id > $1', [9000])
  await ask(c, "INSERT INTO shop.notes (id) VALUES (9001); UPDATE shop.notes SET body = 'x' WHERE id = 9001; DELETE FROM shop.notes WHERE id = 9001".split(';')[0])
})

withClient('an error of a constraint', async (c) => {
  await c.query('SAVEPOINT s')
  try {
    await c.query("INSERT INTO shop.customers (id, name) VALUES (9001, 'a'), (9001, 'b')")
  } catch (e) {
    show([e.code, e.message, e.detail, e.schema, e.table, e.column, e.constraint])
  }
  await c.query('ROLLBACK TO s')
  await ask(c, 'SELECT count(*) FROM shop.customers')
})

withClient('copy from a stream, and to one', async (c) => {
  const lines = function * () { for (let i = 0; i < 20000; i++) yield (9001 + i) + '\tbody ' + i + '\n' }
  const into = c.query(copy.from('COPY shop.notes (id, body) FROM STDIN'))
  await pipeline(Readable.from(lines()), into)
  show(into.rowCount)
  const out = c.query(copy.to('COPY (SELECT id, body FROM shop.notes WHERE id > 9000 ORDER BY id) TO STDOUT WITH CSV'))
  let bytes = 0
  let first
  await pipeline(out, new Writable({ write (chunk, _, done) { first = first || String(chunk).split('\n')[0]; bytes += chunk.length; done() } }))
  show([first, bytes, out.rowCount])
  await ask(c, 'SELECT count(*) FROM shop.notes WHERE id > 9000')
})

withClient('copy that fails', async (c) => {
  await c.query('SAVEPOINT s')
  await attempt(pipeline(Readable.from(['9001\n', 'x\n']), c.query(copy.from('COPY shop.notes (id) FROM STDIN'))))
  await c.query('ROLLBACK TO s')
  await attempt(pipeline(Readable.from(['9001\n']), c.query(copy.from('COPY shop.nothing (id) FROM STDIN'))))
  await c.query('ROLLBACK TO s')
  await ask(c, 'SELECT count(*) FROM shop.notes WHERE id > 9000')
})

class Undone extends Error {}

function withSql (name, run, refused) {
  step('postgres.js: ' + name, async () => {
    const sql = postgres({ max: 1 })
    try {
      await sql.begin(async (tx) => {
        await run(tx)
        throw new Undone('rolled back')
      })
    } catch (e) {
      if (!(e instanceof Undone)) throw e
    } finally {
      await sql.end({ timeout: 2 })
    }
  }, refused)
}

const print = (rows) => show([rows.command, rows.count, rows])

withSql('rows and columns', async (sql) => {
  print(await sql`INSERT INTO shop.notes ${sql([{ id: 9001, body: 'a' }, { id: 9002, body: null }], 'id', 'body')} RETURNING *`)
  print(await sql`UPDATE shop.notes SET ${sql({ body: 'b' }, 'body')} WHERE id = ${9001} RETURNING id, body`)
  print(await sql`UPDATE shop.notes SET body = v.body FROM (VALUES ${sql([[9001, 'x'], [9002, 'y']])}) AS v (id, body) WHERE notes.id = (v.id)::int RETURNING notes.*`)
  print(await sql`INSERT INTO shop.customers (id, name, tags, profile) VALUES (${9001}, ${'name'}, ${['a', 'b']}, ${sql.json({ n: 1 })}) RETURNING *`)
  for (const rows of await Promise.all([1, 2, 3].map((n) => sql`INSERT INTO shop.notes (id) VALUES (${9100 + n}) RETURNING id`))) print(rows)
  await attempt(sql.savepoint((inner) => inner`INSERT INTO shop.customers (id) VALUES (${9002})`))
  print(await sql`DELETE FROM shop.notes WHERE id > ${9000}`)
})

withSql('COPY as streams', async (sql) => {
  await pipeline(Readable.from(['9001\ta\n', '9002\t\\N\n']), await sql`COPY shop.notes (id, body) FROM STDIN`.writable())
  print(await sql`SELECT id, body FROM shop.notes WHERE id > ${9000} ORDER BY id`)
  for await (const chunk of await sql`COPY (SELECT id, body FROM shop.notes WHERE id > 9000 ORDER BY id) TO STDOUT`.readable()) show(String(chunk))
})

main()
