// node-postgres with pg-cursor and pg-query-stream.
const fs = require('fs')
const { Client, Pool, types } = require('pg')
const Cursor = require('pg-cursor')
const QueryStream = require('pg-query-stream')
const { step, attempt, show, main, pause } = require('./steps')

const TABLES = ['channels', 'campaigns', 'contacts', 'events', 'audit', '"Mixed Case"', 'crm.contacts', 'materialized.daily_metrics']
const LONG = 'SELECT count(*) FROM messages a, messages b, messages c, messages d, messages e, messages f'

function withClient (name, run, refused, options = {}) {
  step(name, async () => {
    const client = new Client(options)
    client.on('error', (error) => console.log('connection: ' + error.message))
    await client.connect()
    try {
      await run(client)
    } finally {
      await client.end()
    }
  }, refused)
}

async function ask (client, ...query) {
  const result = await client.query(...query)
  for (const one of Array.isArray(result) ? result : [result]) {
    console.log(one.command + ' ' + one.rowCount + ' ' + one.fields.map((f) => f.name + ':' + f.dataTypeID + ':' + f.dataTypeModifier + ':' + f.format).join(' '))
    one.rows.forEach(show)
  }
}

withClient('types of every table', async (c) => {
  for (const table of TABLES) await ask(c, `SELECT * FROM ${table} ORDER BY 1, 2 LIMIT 4`)
  await ask(c, 'SELECT id, subject, body, status::text, cost, segments, sent_at, scheduled_for, took, urgent, payload, metadata, trace FROM messages ORDER BY id LIMIT 4')
  await ask(c, { text: 'SELECT id, name FROM channels ORDER BY id', rowMode: 'array' })
})

withClient('parameters', async (c) => {
  const values = [1, 1.5, 'it\'s "quoted" \\', null, true, new Date(Date.UTC(2024, 1, 29, 12)), Buffer.from([0, 255, 92]), { a: [1, null] }, [1, 2], ['a', 'b,c', null], [[1, 2], [3, 4]],
    'größe €😀', '2024-02-29', "'; DROP TABLE x; --"]
  for (const value of values) await attempt(ask(c, 'SELECT $1::text', [value]))
  await ask(c, 'SELECT $1::int, $2::int[], $3::jsonb, $4::timestamptz, $5::bytea, $6::numeric, $7::bool', [1, [1, 2, null], { a: 1 }, new Date(0), Buffer.from('x'), '1.50', false])
  await ask(c, 'SELECT id, name FROM campaigns WHERE id = $1 AND name LIKE $2', ['5500001', 'ACME%'])
  await ask(c, 'SELECT id FROM campaigns WHERE id = ANY($1) ORDER BY id', [[5500001, 5500002, 7700001]])
  await ask(c, 'SELECT count(*) FROM messages WHERE status = $1 AND sent_at > $2', ['sent', new Date(0)])
  await attempt(ask(c, 'SELECT id FROM campaigns WHERE id = $1', ['x']))
  await attempt(ask(c, 'SELECT $1, $2', [1]))
  await attempt(ask(c, 'SELECT nothing FROM campaigns WHERE id = $1', [1]))
})

withClient('prepared by name', async (c) => {
  for (let n = 0; n < 4; n++) await ask(c, { name: 'a name', text: 'SELECT id, name FROM campaigns WHERE id = $1', values: [5500001 + n] })
  await attempt(ask(c, { name: 'a name', text: 'SELECT 1' }))
  for (let n = 0; n < 3; n++) await attempt(ask(c, { name: 'bad', text: 'SELECT 1 / $1::int', values: [n % 2] }))
  await attempt(ask(c, { name: 'worse', text: 'SELECT nothing' }))
  await attempt(ask(c, { name: 'worse', text: 'SELECT 1 AS better' }))
  await ask(c, 'DEALLOCATE ALL')
  await attempt(ask(c, { name: 'a name', text: 'SELECT id, name FROM campaigns WHERE id = $1', values: [5500001] }))
})

withClient('several statements at once', async (c) => {
  await ask(c, "SELECT 1 AS a; SET timezone = 'Asia/Tokyo'; SELECT count(*) FROM campaigns; SHOW timezone")
  await attempt(ask(c, 'SELECT 1; SELECT 1/0; SELECT 2'))
  await ask(c, '')
  await ask(c, ';')
})

withClient('queries queued on one connection', async (c) => {
  await Promise.all([1, 2, 3, 4, 5].map((n) => ask(c, 'SELECT $1::int AS n, count(*) FROM messages', [n])))
  await Promise.all(['SELECT 1', 'SELECT 1/0', 'SELECT count(*) FROM campaigns', 'SELEC'].map((q) => attempt(ask(c, q))))
})

withClient('transactions', async (c) => {
  for (const text of ['BEGIN', 'SELECT count(*) FROM campaigns', 'SAVEPOINT a', 'SELECT 1/0', 'SELECT 1', 'ROLLBACK TO a', 'SELECT count(*) FROM contacts', 'COMMIT', 'BEGIN', 'SELECT nothing', 'COMMIT',
    'SELECT 2 AS two', 'BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY', 'SHOW transaction_isolation', 'ROLLBACK']) await attempt(ask(c, text))
})

withClient('a cursor', async (c) => {
  const cursor = c.query(new Cursor('SELECT id, subject FROM messages WHERE id > $1 ORDER BY id', [5500010]))
  for (let rows = await cursor.read(20); rows.length; rows = await cursor.read(20)) console.log(rows.length + ' ' + rows[0].id + ' ' + rows[rows.length - 1].id)
  await cursor.close()
  await ask(c, 'SELECT count(*) FROM messages')
})

withClient('a cursor that is closed early', async (c) => {
  const cursor = c.query(new Cursor('SELECT id FROM messages ORDER BY id'))
  show(await cursor.read(3))
  await cursor.close()
  await ask(c, 'SELECT count(*) FROM messages')
  const bad = c.query(new Cursor('SELECT 1 / (5 - g) FROM generate_series(1, 10) g'))
  await attempt(bad.read(3).then(show))
  await attempt(bad.read(3).then(show))
  await ask(c, 'SELECT 1 AS one')
})

withClient('two cursors in a transaction', async (c) => {
  await c.query('BEGIN')
  const cursor = c.query(new Cursor('SELECT id FROM messages ORDER BY id', []))
  show(await cursor.read(2))
  show(await cursor.read(2))
  await cursor.close()
  const other = c.query(new Cursor('SELECT id FROM events ORDER BY id', []))
  show(await other.read(2))
  await other.close()
  await c.query('COMMIT')
})

withClient('a stream', async (c) => {
  let count = 0
  let sum = 0
  for await (const row of c.query(new QueryStream('SELECT a.id AS a, b.id AS b FROM messages a, messages b WHERE a.id >= $1', [0], { batchSize: 100 }))) {
    count++
    sum += Number(row.a - row.b)
  }
  console.log(count + ' ' + sum)
  const stream = c.query(new QueryStream('SELECT g, repeat($1, 1000) FROM generate_series(1, 100000) g', ['x'], { batchSize: 10 }))
  for await (const row of stream) if (row.g === 25) break
  await ask(c, 'SELECT count(*) FROM messages')
})

withClient('errors', async (c) => {
  for (const text of ['SELECT nothing FROM campaigns', 'SELEC', 'SELECT * FROM nothing', 'SELECT 1/0', "SELECT 'x'::int"]) {
    try {
      await c.query(text)
    } catch (e) {
      show([e.name, e.severity, e.code, e.message, e.detail, e.position, e.schema, e.table, e.column, e.constraint])
    }
  }
})

withClient('notices', async (c) => {
  c.on('notice', (n) => console.log(n.severity + ' ' + n.code + ' ' + n.message))
  await ask(c, 'COMMIT')
  await ask(c, 'BEGIN')
  await ask(c, 'BEGIN')
  await ask(c, 'ROLLBACK')
})

withClient('settings of the connection', async (c) => {
  for (const name of ['application_name', 'statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout', 'search_path', 'client_encoding']) await ask(c, 'SHOW ' + name)
  await attempt(ask(c, LONG))
  await ask(c, 'SELECT 1')
}, undefined, { application_name: 'größe', statement_timeout: 300, lock_timeout: 5000, idle_in_transaction_session_timeout: 60000, options: '-c search_path=crm,public' })

withClient('TLS', (c) => ask(c, 'SELECT count(*) FROM campaigns'), undefined, { ssl: { ca: fs.readFileSync(process.env.PGSSLROOTCERT), checkServerIdentity: () => undefined } })

withClient('the type of an enum column', async (c) => {
  await ask(c, "SELECT typname FROM pg_type WHERE oid = 'delivery_status'::regtype")
  const { fields } = await c.query('SELECT status FROM messages LIMIT 1')
  await ask(c, 'SELECT typname, typtype FROM pg_type WHERE oid = $1', [fields[0].dataTypeID])
})

step('a pool', async () => {
  const pool = new Pool({ max: 4 })
  const results = await Promise.all([...Array(20).keys()].map((n) => pool.query('SELECT $1::int AS n, count(*) AS c FROM messages WHERE id % 20 <> $1', [n])))
  results.forEach((r) => show(r.rows))
  const client = await pool.connect()
  await client.query("SET timezone = 'Asia/Tokyo'")
  client.release(true)
  console.log((await pool.query('SHOW timezone')).rows)
  await pool.end()
})

step('a wrong password and a wrong database', async () => {
  await attempt(new Client({ password: 'wrong' }).connect())
  await attempt(new Client({ database: 'nothing' }).connect())
  await attempt(new Client({ user: 'nobody' }).connect())
})

step('cancel from another connection', async () => {
  const client = new Client()
  await client.connect()
  const query = attempt(ask(client, LONG))
  await pause(1000)
  const other = new Client()
  // what pg's own cancel() does: a connection of its own that asks and is closed
  other.connection.on('connect', () => other.connection.cancel(client.processID, client.secretKey))
  other.connection.connect(Number(process.env.PGPORT), '127.0.0.1')
  await query
  await ask(client, 'SELECT count(*) FROM messages')
  await client.end()
})

withClient('COPY', (c) => ask(c, 'COPY (SELECT 1) TO STDOUT')) // whose rows it ignores
withClient('LISTEN', (c) => ask(c, 'LISTEN x'), '0A000')
withClient('INSERT', (c) => ask(c, 'INSERT INTO channels (id, name, unit_cost) SELECT 9, $1, 0 WHERE false RETURNING id', ['x']), '42501')

types.setTypeParser(20, BigInt)
main()
