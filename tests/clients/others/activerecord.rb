# Ruby's ActiveRecord and Sequel: what they ask about the schema, queries, prepared statements, transactions.
require 'active_record'
require 'sequel'

$stdout.sync = true
ActiveSupport::Deprecation.silenced = true if defined?(ActiveSupport::Deprecation)

def fail(error)
  origin = error.respond_to?(:wrapped_exception) ? error.wrapped_exception : error.cause
  state = origin.respond_to?(:result) && origin.result ? origin.result.error_field(PG::Result::PG_DIAG_SQLSTATE) : error.class
  puts "error #{state}: #{error.message.strip}"
end

def attempt
  yield
rescue StandardError => e
  fail(e)
end

def step(name, refused = nil, &body)
  puts "== #{name}#{refused ? " !#{refused}" : ''}"
  attempt(&body)
end

TABLES = ['channels', 'campaigns', 'contacts', 'messages', 'events', 'audit', '"Mixed Case"', 'crm.contacts', 'materialized.daily_metrics'].freeze
SETTINGS = { adapter: 'postgresql', host: ENV['PGHOST'], port: ENV['PGPORT'], username: ENV['PGUSER'], password: ENV['PGPASSWORD'], database: ENV['PGDATABASE'] }.freeze

class Campaign < ActiveRecord::Base
  self.primary_key = 'id'
  has_many :messages
end

class Message < ActiveRecord::Base
  self.primary_key = 'id'
  belongs_to :campaign
end

class Metric < ActiveRecord::Base
  self.table_name = 'materialized.daily_metrics'
end

step 'ActiveRecord: connection' do
  ActiveRecord::Base.establish_connection(SETTINGS)
  c = ActiveRecord::Base.connection
  p [c.adapter_name, c.current_database, c.schema_search_path, c.current_schema, c.encoding, c.collation == c.ctype, c.client_min_messages, c.active?, c.max_identifier_length, c.supports_insert_returning?]
end

step 'ActiveRecord: schema' do
  c = ActiveRecord::Base.connection
  p c.schema_names.sort, c.tables.sort, c.views, c.data_sources.sort, c.extensions
  TABLES.each do |table|
    p [table, c.table_exists?(table), c.primary_key(table), c.primary_keys(table)]
    c.columns(table).each { |column| p [column.name, column.sql_type, column.type, column.null, column.default, column.default_function, column.comment, column.limit, column.precision, column.scale, column.array] }
    c.indexes(table).each { |index| p [index.name, index.columns, index.unique, index.using, index.where] }
    p c.foreign_keys(table).map(&:to_h), c.check_constraints(table).map(&:name), c.table_comment(table)
  end
  p c.table_exists?('nothing')
end

step 'ActiveRecord: foreign keys of a schema' do
  c = ActiveRecord::Base.connection
  c.schema_search_path = 'shop'
  %w[refunds orders customers].each { |table| p c.foreign_keys(table).map { |k| [k.from_table, k.to_table, k.column, k.primary_key, k.name] }, c.primary_keys(table) }
ensure
  ActiveRecord::Base.connection.schema_search_path = 'public'
end

step 'ActiveRecord: queries' do
  p Campaign.where('id > ?', 5_500_001).order(:id).limit(2).pluck(:id, :name, :budget, :starts_on, :tags, :settings)
  p Campaign.find(5_500_001).name, Campaign.find_by(name: 'nothing'), Campaign.count, Campaign.where(status: %w[active paused]).order(:id).ids
  3.times { |n| p Campaign.where(id: 5_500_000 + n).pluck(:name) }
  p Campaign.joins(:messages).group('campaigns.id').order('campaigns.id').count('messages.id')
  p Campaign.includes(:messages).order(:id).limit(2).map { |x| [x.id, x.messages.size] }
  p Message.group(:status).order(:status).sum(:cost), Message.average(:segments), Message.maximum(:sent_at)
  p Metric.order(:day, :campaign_id).limit(3).pluck(:day, :sent, :spend)
  p Message.where(trace: nil).exists?, Message.order(:id).first.took, Message.order(:id).first.attributes.keys
  attempt { Campaign.find(7_700_001) }
  attempt { Campaign.where('nothing = 1').to_a }
  p Campaign.in_batches(of: 3).map(&:count), Message.find_each(batch_size: 20).sum(&:id)
end

step 'ActiveRecord: transactions, settings' do
  Campaign.transaction do
    p Campaign.count
    attempt { Campaign.transaction(requires_new: true) { Campaign.connection.execute('SELECT 1/0') } }
    p Campaign.count
  end
  Campaign.transaction(isolation: :repeatable_read) { p Campaign.connection.select_value('SHOW transaction_isolation') }
  attempt { Campaign.transaction { Campaign.connection.execute('SELECT nothing') } }
  p Campaign.connection.select_rows('SELECT $1::int + 1', 'x', [ActiveRecord::Relation::QueryAttribute.new('n', 1, ActiveRecord::Type::Integer.new)])
  p Campaign.connection.exec_query('SELECT id, name FROM campaigns ORDER BY id LIMIT 1').to_a
  Campaign.connection.reset!
  Campaign.connection.reconnect!
  p Campaign.connection.select_value("SELECT 'there'")
end

step('ActiveRecord: a write', '42501') { Campaign.where(id: -1).delete_all }

DB = Sequel.connect(SETTINGS.merge(adapter: 'postgres', user: SETTINGS[:username], max_connections: 2))

step 'Sequel: schema' do
  p DB.server_version >= 150_000, DB.database_type
  p DB.tables.sort, DB.tables(schema: :shop).sort, DB.views
  [:campaigns, :messages, :contacts, Sequel[:crm][:contacts], Sequel[:materialized][:daily_metrics], :'Mixed Case'].each do |table|
    DB.schema(table).each { |name, info| p [name, info.reject { |k, _| %i[oid db_base_type base_oid].include?(k) }.sort.map { |k, v| [k, v] }] }
    p DB.indexes(table), DB.foreign_key_list(table), DB.primary_key(table)
  end
  p DB.check_constraints(:campaigns), DB.foreign_key_list(Sequel[:shop][:refunds])
end

step 'Sequel: queries' do
  ds = DB[:campaigns]
  p ds.where(id: 5_500_001).first, ds.count, ds.order(:id).select_map(:name), ds.where(Sequel.like(:name, 'ACME%')).max(:id)
  p DB[:messages].group_and_count(:status).order(:status).all, DB[:messages].join(:campaigns, id: :campaign_id).select_order_map(Sequel[:messages][:id]).length
  statement = ds.where(id: :$n).prepare(:first, :by_id)
  3.times { |n| p statement.call(n: 5_500_000 + n) }
  p DB['SELECT ?::int AS a', 1].first, DB.fetch('SELECT id FROM campaigns WHERE id = :id', id: 5_500_001).all
  p ds.order(:id).paged_each(rows_per_fetch: 3).map { |row| row[:id] }, ds.order(:id).use_cursor(rows_per_fetch: 2).map(:id)
  attempt { DB[:nothing].all }
  DB.transaction(isolation: :serializable, read_only: true) { p DB.get(Sequel.lit("current_setting('transaction_isolation')")) }
  attempt { DB.transaction { DB.run('SELECT 1/0') } }
  DB.transaction { DB.transaction(savepoint: true) { p ds.count } }
  p ds.explain.empty?, DB.get(1)
end
