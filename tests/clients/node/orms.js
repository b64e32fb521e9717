// Knex, Sequelize and TypeORM: what they ask about the schema, queries that they build, transactions, streams.
const { knex } = require('knex')
const { Sequelize, QueryTypes, DataTypes } = require('sequelize')
const { DataSource, EntitySchema } = require('typeorm')
const { step, attempt, show, main } = require('./steps')

const TABLES = [['public', 'campaigns'], ['public', 'contacts'], ['public', 'messages'], ['public', 'Mixed Case'], ['crm', 'contacts'], ['materialized', 'daily_metrics'], ['shop', 'refunds']]
const SERVER = { host: process.env.PGHOST, port: Number(process.env.PGPORT), user: process.env.PGUSER, password: process.env.PGPASSWORD, database: process.env.PGDATABASE }

function withKnex (name, run, refused) {
  step('knex: ' + name, async () => {
    const db = knex({ client: 'pg', connection: SERVER, pool: { min: 0, max: 2 } })
    try {
      await run(db)
    } finally {
      await db.destroy()
    }
  }, refused)
}

withKnex('schema', async (db) => {
  for (const [schema, table] of TABLES) {
    show([await db.schema.withSchema(schema).hasTable(table), await db.schema.withSchema(schema).hasColumn(table, 'id'), await db(table).withSchema(schema).columnInfo()])
  }
  show(await db.schema.hasTable('nothing'))
})

withKnex('queries', async (db) => {
  show(await db('campaigns').where('id', '>', 5500001).orderBy('id').limit(3))
  show(await db('messages as m').join('campaigns as c', 'c.id', 'm.campaign_id').groupBy('c.id').orderBy('c.id').select('c.id').count('m.id as n').sum('m.cost as cost'))
  show(await db('campaigns').whereIn('id', db('messages').where({ status: 'sent' }).select('campaign_id')).orderBy('id').pluck('name'))
  show(await db.with('w', db('campaigns').select('id')).select('*').from('w').orderBy('id').first())
  show(await db('campaigns').whereRaw("settings->>'cap' is not null and ? = any(tags)", ['tag1']).orderBy('id').select('id'))
  show(await db.withSchema('materialized').from('daily_metrics').max('day as last').avg('spend as spend'))
  show((await db.raw('SELECT ?::int AS a, ?? FROM campaigns ORDER BY id LIMIT 1', [1, 'name'])).rows)
  let count = 0
  for await (const row of db('messages').orderBy('id').stream()) count += row.id ? 1 : 0
  show(count)
  await attempt(db('campaigns').where('nothing', 1))
})

withKnex('transactions', async (db) => {
  show(await db.transaction(async (trx) => {
    await attempt(trx.transaction(async (inner) => { await inner.raw('SELECT 1/0') }))
    return trx('campaigns').count()
  }, { isolationLevel: 'repeatable read', readOnly: true }))
  await attempt(db.transaction((trx) => trx.raw('SELECT nothing')))
  await attempt(db('campaigns').count().timeout(5000, { cancel: true }))
})

withKnex('a write', (db) => db('campaigns').where({ id: -1 }).update({ name: 'x' }), '42501')

function withSequelize (name, run, refused) {
  step('sequelize: ' + name, async () => {
    const db = new Sequelize(SERVER.database, SERVER.user, SERVER.password, { dialect: 'postgres', host: SERVER.host, port: SERVER.port, logging: false, pool: { max: 2 } })
    try {
      await run(db)
    } finally {
      await db.close()
    }
  }, refused)
}

withSequelize('schema', async (db) => {
  await db.authenticate()
  const q = db.getQueryInterface()
  show([await db.databaseVersion() !== '', (await q.showAllSchemas()).sort(), (await q.showAllTables()).sort(), await q.tableExists('campaigns')])
  for (const [schema, tableName] of TABLES) {
    show(await q.describeTable({ schema, tableName }))
    show(await q.showIndex({ schema, tableName }))
    show(await q.getForeignKeyReferencesForTable({ schema, tableName }))
    show(await q.showConstraint({ schema, tableName }))
  }
  show(await q.getForeignKeysForTables(['campaigns', 'messages']))
})

withSequelize('models', async (db) => {
  const Campaign = db.define('Campaign', { id: { type: DataTypes.BIGINT, primaryKey: true }, name: DataTypes.TEXT, status: DataTypes.TEXT, budget: DataTypes.DECIMAL, tags: DataTypes.ARRAY(DataTypes.TEXT), settings: DataTypes.JSONB },
    { tableName: 'campaigns', timestamps: false })
  const Message = db.define('Message', { id: { type: DataTypes.BIGINT, primaryKey: true }, subject: DataTypes.STRING, status: DataTypes.ENUM('queued', 'sent', 'delivered', 'bounced', 'failed'), trace: DataTypes.UUID },
    { tableName: 'messages', timestamps: false })
  Campaign.hasMany(Message, { foreignKey: 'campaign_id' })
  show(await Campaign.findAll({ where: { id: [5500001, 5500002, 7700001] }, order: ['id'] }))
  show(await Campaign.findByPk(5500001, { include: [{ model: Message, separate: true, order: ['id'], limit: 2 }] }))
  show(await Campaign.findAll({ include: Message, order: ['id', [Message, 'id']], limit: 1 }))
  show(await Campaign.findAndCountAll({ where: { tags: { [Sequelize.Op.contains]: ['tag1'] } }, order: ['id'], limit: 2, offset: 1 }))
  show(await Campaign.findAll({ where: { 'settings.cap': { [Sequelize.Op.gt]: 20 } }, order: ['id'], attributes: ['id', 'settings'] }))
  show([await Message.count({ where: { status: 'sent' } }), await Message.max('id'), await Message.sum('segments')])
  show(await db.query('SELECT id FROM campaigns WHERE id > :id ORDER BY id', { replacements: { id: 5500003 }, type: QueryTypes.SELECT }))
  show(await db.query('SELECT name FROM campaigns WHERE id = $1', { bind: [5500001], type: QueryTypes.SELECT }))
  await attempt(db.query('SELECT nothing FROM campaigns'))
})

withSequelize('transactions', async (db) => {
  await attempt(db.transaction({ isolationLevel: 'SERIALIZABLE', readOnly: true }, async (transaction) => {
    show(await db.query('SELECT count(*) FROM campaigns', { transaction, type: QueryTypes.SELECT }))
    await db.query('SELECT 1/0', { transaction })
  }))
  const outer = await db.transaction()
  const inner = await db.transaction({ transaction: outer })
  await inner.rollback()
  show(await db.query('SELECT 1 AS one', { transaction: outer, type: QueryTypes.SELECT }))
  await outer.commit()
})

const Campaign = new EntitySchema({ name: 'Campaign', tableName: 'campaigns', columns: { id: { type: 'bigint', primary: true }, name: { type: 'text' }, budget: { type: 'numeric', nullable: true }, created_at: { type: 'timestamptz', nullable: true } },
  relations: { messages: { type: 'one-to-many', target: 'Message', inverseSide: 'campaign' } } })
const Message = new EntitySchema({ name: 'Message', tableName: 'messages', columns: { id: { type: 'bigint', primary: true }, subject: { type: 'varchar', nullable: true }, took: { type: 'interval', nullable: true } },
  relations: { campaign: { type: 'many-to-one', target: 'Campaign', joinColumn: { name: 'campaign_id' }, inverseSide: 'messages', nullable: true } } })

function withTypeorm (name, run, refused) {
  step('typeorm: ' + name, async () => {
    const db = new DataSource({ type: 'postgres', host: SERVER.host, port: SERVER.port, username: SERVER.user, password: SERVER.password, database: SERVER.database, entities: [Campaign, Message], installExtensions: false })
    await db.initialize()
    try {
      await run(db)
    } finally {
      await db.destroy()
    }
  }, refused)
}

withTypeorm('schema', async (db) => {
  const runner = db.createQueryRunner()
  show([await runner.getDatabases(), (await runner.getSchemas()).sort(), await runner.getCurrentDatabase(), await runner.getCurrentSchema(), await runner.hasTable('campaigns'), await runner.hasColumn('campaigns', 'name')])
  const tables = await runner.getTables(['public.campaigns', 'public.messages', 'public.contacts', 'crm.contacts', 'materialized.daily_metrics', 'shop.refunds'])
  for (const table of tables.sort((a, b) => a.name < b.name ? -1 : 1)) {
    const plain = (o) => Object.fromEntries(Object.entries(o).filter(([, v]) => v === null || typeof v !== 'object' || Array.isArray(v)))
    const sorted = (list) => list.map((x) => JSON.stringify(plain(x))).sort()
    show([table.name, sorted(table.columns), sorted(table.foreignKeys), sorted(table.indices), sorted(table.uniques), sorted(table.checks)])
  }
  await runner.release()
  // computed names with the database in front: the catalog database of a role that does not see everything is called otherwise
}, process.env.PGUSER === 'acme_masked' ? '0A000' : undefined)

withTypeorm('queries', async (db) => {
  const campaigns = db.getRepository('Campaign')
  show(await campaigns.find({ order: { id: 'ASC' }, take: 2 }))
  show(await campaigns.find({ relations: { messages: true }, order: { id: 'ASC', messages: { id: 'ASC' } }, take: 1 }))
  show(await campaigns.findAndCount({ where: { name: 'ACME campaign 1' } }))
  show(await campaigns.createQueryBuilder('c').leftJoin('c.messages', 'm').select('c.id', 'id').addSelect('COUNT(m.id)', 'n').groupBy('c.id').orderBy('c.id').getRawMany())
  show(await db.query('SELECT id FROM campaigns WHERE id = $1', [5500001]))
  let count = 0
  for await (const row of await db.getRepository('Message').createQueryBuilder('m').orderBy('m.id').stream()) count += row.m_id ? 1 : 0
  show(count)
  await attempt(db.query('SELECT nothing FROM campaigns'))
  await attempt(db.transaction('REPEATABLE READ', async (manager) => {
    show(await manager.getRepository('Campaign').count())
    await manager.query('SELECT 1/0')
  }))
})

withTypeorm('a write', (db) => db.getRepository('Campaign').delete({ id: -1 }), '42501')

main()
