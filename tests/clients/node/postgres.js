// postgres.js: pipelines by itself, prepares by itself, reads pg_type on its own.
const postgres = require('postgres')
const { step, attempt, fail, show, main, pause } = require('./steps')

const LONG = 'SELECT count(*) FROM messages a, messages b, messages c, messages d, messages e, messages f'

function withSql (name, run, refused, options = {}) {
  step(name, async () => {
    const sql = postgres({ max: 1, onnotice: (n) => console.log(n.severity + ' ' + n.code + ' ' + n.message), ...options })
    try {
      await run(sql)
    } finally {
      await sql.end({ timeout: 2 })
    }
  }, refused)
}

function print (rows) {
  console.log(rows.command + ' ' + rows.count + ' ' + (rows.columns || []).map((c) => c.name + ':' + (c.type < 16384 ? c.type : 'of the schema')).join(' '))
  rows.forEach(show)
}

withSql('types of every table', async (sql) => {
  for (const table of ['channels', 'campaigns', 'contacts', 'messages', 'events', 'audit', 'Mixed Case', 'crm.contacts', 'materialized.daily_metrics']) {
    print(await sql`SELECT * FROM ${sql(table)} ORDER BY 1, 2 LIMIT 4`)
  }
})

withSql('parameters', async (sql) => {
  for (const value of [1, 1.5, 'it\'s \\ "quoted"', null, true, new Date(0), Buffer.from([0, 255]), ['a', 'b,c', null], 'größe €😀']) await attempt(sql`SELECT ${value} AS v`.then(print))
  print(await sql`SELECT ${[1, 2, 3]}::int[] AS a, ${sql.json({ a: [1, null] })} AS j, ${sql.array(['x', 'y'])} AS t`)
  print(await sql`SELECT id, name FROM campaigns WHERE id IN ${sql([5500001, 5500002, 7700001])} ORDER BY id`)
  print(await sql`SELECT ${sql(['id', 'name'])} FROM campaigns WHERE name LIKE ${'ACME%'} AND starts_on > ${'2020-01-01'} ORDER BY id LIMIT ${2}`)
  print(await sql`SELECT count(*) FROM messages WHERE status = ${'sent'}`)
  await attempt(sql`SELECT id FROM campaigns WHERE id = ${'x'}`.then(print))
  await attempt(sql`SELECT nothing FROM campaigns WHERE id = ${1}`.then(print))
})

withSql('simple and unsafe', async (sql) => {
  for (const result of await sql.unsafe('SELECT 1 AS a; SELECT count(*) FROM campaigns').simple()) print(result)
  print(await sql.unsafe('SELECT id FROM campaigns WHERE id = $1', [5500001], { prepare: true }))
  print(await sql`SELECT id FROM campaigns WHERE id = ${5500001}`.values())
  show((await sql`SELECT 1 AS a, 'x' AS b`.raw()).map(String))
  const described = await sql`SELECT id, name FROM campaigns WHERE id = ${1}`.describe()
  show([described.types, described.columns.map((c) => [c.name, c.type])])
})

withSql('pipelined', async (sql) => {
  for (const rows of await Promise.all([1, 2, 3, 4, 5, 6].map((n) => sql`SELECT ${n}::int AS n, count(*) FROM messages`))) print(rows)
  const queries = [sql`SELECT 1 AS a`, sql`SELECT 1 / ${0}::int`, sql`SELECT count(*) FROM campaigns`, sql`SELECT nothing`, sql`SELECT 2 AS b`]
  for (const { value, reason } of await Promise.allSettled(queries)) value ? print(value) : fail(reason)
}, undefined, { max: 2 })

withSql('transactions', async (sql) => {
  print(await sql.begin(async (tx) => {
    await tx`SELECT count(*) FROM campaigns`
    await attempt(tx.savepoint(async (inner) => { await inner`SELECT 1/0` }))
    return tx`SELECT count(*) FROM contacts`
  }))
  await attempt(sql.begin(async (tx) => { await tx`SELECT nothing` }))
  for (const rows of await sql.begin('isolation level repeatable read read only', (tx) => [tx`SHOW transaction_isolation`, tx`SELECT count(*) FROM campaigns`])) print(rows)
})

withSql('a cursor', async (sql) => {
  for await (const rows of sql`SELECT id FROM messages ORDER BY id`.cursor(25)) console.log(rows.length + ' ' + rows[0].id)
  await sql`SELECT id FROM messages ORDER BY id`.cursor(10, (rows) => {
    console.log(rows.length)
    return sql.CLOSE
  })
  print(await sql`SELECT count(*) FROM messages`)
})

withSql('forEach', async (sql) => {
  let sum = 0
  await sql`SELECT a.id AS a, b.id AS b FROM messages a, messages b`.forEach((row) => { sum += row.a - row.b })
  console.log(sum)
})

withSql('cancel', async (sql) => {
  await sql`SELECT 1`
  const query = sql.unsafe(LONG).execute()
  await pause(1000)
  query.cancel()
  await attempt(query)
  print(await sql`SELECT count(*) FROM messages`)
})

withSql('errors', async (sql) => {
  for (const text of ['SELECT nothing FROM campaigns', 'SELEC', 'SELECT * FROM nothing', 'SELECT 1/0', '']) {
    try {
      print(await sql.unsafe(text))
    } catch (e) {
      show([e.name, e.severity, e.code, e.message, e.detail, e.position])
    }
  }
})

withSql('settings and notices', async (sql) => {
  print(await sql`SHOW application_name`)
  print(await sql`SHOW statement_timeout`)
  print(await sql`COMMIT`)
  show(sql.parameters.client_encoding)
}, undefined, { connection: { application_name: 'a name', statement_timeout: 5000 } })

withSql('without prepared statements', async (sql) => {
  for (let n = 0; n < 3; n++) print(await sql`SELECT id FROM campaigns WHERE id = ${5500001 + n}`)
}, undefined, { prepare: false, fetch_types: false })

withSql('TLS', async (sql) => print(await sql`SELECT count(*) FROM campaigns`), undefined, { ssl: 'require' })
withSql('COPY', async (sql) => { for await (const chunk of await sql`COPY (SELECT 1, 'a') TO STDOUT`.readable()) show(String(chunk)) })
withSql('LISTEN', async (sql) => { await sql.listen('x', () => {}) }, '0A000')
withSql('DELETE', async (sql) => { await sql`DELETE FROM campaigns WHERE id = ${1}` }, '42501')

main()
