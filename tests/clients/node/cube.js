// The PostgreSQL driver of a BI platform (Cube): a pool of connections, a time zone and a timeout before every query, the schema from
// information_schema, types from pg_type, rows as a stream.
const { PostgresDriver } = require('@cubejs-backend/postgres-driver')
const { step, attempt, show, main } = require('./steps')

function withDriver (name, run, refused) {
  step(name, async () => {
    const driver = new PostgresDriver({
      host: process.env.PGHOST, port: Number(process.env.PGPORT), user: process.env.PGUSER, password: process.env.PGPASSWORD,
      database: process.env.PGDATABASE, max: 2, storeTimezone: 'UTC', executionTimeout: 30, ssl: undefined
    })
    try {
      await run(driver)
    } finally {
      await driver.release()
    }
  }, refused)
}

const print = (rows) => rows.forEach(show)

withDriver('testConnection', async (driver) => {
  await driver.testConnection()
  show('connected')
})

withDriver('tablesSchema', async (driver) => {
  const schema = await driver.tablesSchema()
  for (const name of Object.keys(schema).sort()) {
    for (const table of Object.keys(schema[name]).sort()) {
      show([name, table, schema[name][table].map((c) => [c.name, c.type]).sort()])
    }
  }
})

withDriver('getSchemas, getTablesForSpecificSchemas, getColumnsForSpecificTables', async (driver) => {
  const schemas = (await driver.getSchemas()).map((s) => s.schema_name).sort()
  show(schemas)
  const tables = (await driver.getTablesForSpecificSchemas(schemas.map((s) => ({ schema_name: s })))).map((t) => [t.schema_name, t.table_name]).sort()
  print(tables)
  const wanted = tables.filter((t) => t[1] === 'campaigns').map((t) => ({ schema_name: t[0], table_name: t[1] }))
  print((await driver.getColumnsForSpecificTables(wanted)).map((c) => [c.column_name, c.data_type]).sort())
})

withDriver('tableColumnTypes', async (driver) => {
  for (const table of ['public.campaigns', 'public.messages', 'materialized.daily_metrics', 'public.nothing']) show([table, await driver.tableColumnTypes(table)])
})

withDriver('queries', async (driver) => {
  print(await driver.query('SELECT 1 AS one, now() IS NOT NULL AS two', []))
  print(await driver.query('SELECT id, name, status FROM campaigns WHERE id > $1 ORDER BY id LIMIT 3', [5500001]))
  print(await driver.query(`SELECT
      "campaigns".status "campaigns__status", (date_trunc('month', ("campaigns".created_at::timestamptz AT TIME ZONE 'UTC'))) "campaigns__month", count("campaigns".id) "campaigns__count"
    FROM
      public.campaigns AS "campaigns"
    WHERE ("campaigns".created_at >= $1::timestamptz AND "campaigns".created_at <= $2::timestamptz) GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 10000`,
  ['2020-01-01T00:00:00.000Z', '2030-01-01T00:00:00.000Z']))
  await attempt(driver.query('SELECT nothing FROM campaigns', []))
  await attempt(driver.query('SELECT 1 / $1::int', [0]))
  print(await driver.query('SELECT count(*) FROM messages', []))
})

withDriver('queries at the same time', async (driver) => {
  const results = await Promise.all([1, 2, 3, 4, 5].map((n) => driver.query('SELECT $1::int AS n, count(*) FROM campaigns', [n])))
  results.forEach(print)
})

withDriver('downloadQueryResults', async (driver) => {
  const result = await driver.downloadQueryResults('SELECT * FROM campaigns ORDER BY id LIMIT 2', [], { highWaterMark: 100 })
  show(result.types)
  print(result.rows)
})

withDriver('stream', async (driver) => {
  const tableData = await driver.stream('SELECT id, name FROM campaigns ORDER BY id', [], { highWaterMark: 2 })
  show(tableData.types)
  for await (const row of tableData.rowStream) show(row)
  await tableData.release()
})

main()
