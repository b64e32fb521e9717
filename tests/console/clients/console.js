// node-postgres and the console: prints lines that test_drivers.py compares.
const { Client } = require('pg')

async function main () {
  const client = new Client({ database: 'headgate' })
  await client.connect()
  const ask = async (...query) => {
    const result = await client.query(...query)
    for (const one of Array.isArray(result) ? result : [result]) console.log(one.command, one.rowCount, JSON.stringify(one.rows))
  }
  await ask('SELECT "user", tls FROM headgate.sessions WHERE "user" = $1', ['root'])
  for (let n = 0; n < 3; n++) await ask({ name: 'named', text: 'SELECT count(*) FROM tenants WHERE tenant = $1', values: ['acme'] })
  await ask('SELECT 1 AS a; SELECT 2 AS b; BEGIN; COMMIT')
  await ask('')
  await client.query('FROBNICATE').catch((error) => console.log(error.code, error.severity))
  await client.query('SELECT nobody FROM sessions').catch((error) => console.log(error.code, error.position))
  const rows = (await client.query('SELECT connected_at FROM sessions')).rows
  console.log(rows[0].connected_at instanceof Date)
  console.log((await client.query('RELOAD')).rows.length)
  await client.end()
}

main().catch((error) => { console.log('failed: ' + error.stack); process.exit(1) })
