# Ruby's pg: types, prepared statements, single row mode, cancel, transactions.
require 'pg'

$stdout.sync = true

def fail(error)
  state = error.respond_to?(:result) && error.result ? error.result.error_field(PG::Result::PG_DIAG_SQLSTATE) : error.class
  puts "error #{state}: #{error.message.strip}"
end

def attempt
  yield
rescue StandardError => e
  fail(e)
end

def step(name, refused = nil)
  puts "== #{name}#{refused ? " !#{refused}" : ''}"
  attempt do
    connection = PG.connect
    begin
      yield connection
    ensure
      connection.close
    end
  end
end

def ask(connection, sql, *parameters)
  result = parameters.empty? ? connection.exec(sql) : connection.exec_params(sql, parameters)
  puts "#{result.cmd_status} #{result.fields.join(',')}"
  result.each_row { |row| p row }
end

LONG = 'SELECT count(*) FROM messages a, messages b, messages c, messages d, messages e, messages f'.freeze

step 'connection' do |c|
  p [c.db, c.user, c.status, c.transaction_status, c.protocol_version, c.server_version >= 150_000, c.internal_encoding, c.get_client_encoding, c.ssl_in_use?]
  p %w[client_encoding DateStyle TimeZone integer_datetimes standard_conforming_strings].map { |name| c.parameter_status(name) }
  p [c.escape_literal("it's \\"), c.quote_ident('Mixed Case'), PG::Connection.ping == PG::PQPING_OK]
end

step 'types of every table' do |c|
  ['channels', 'campaigns', 'contacts', 'messages', 'events', 'audit', '"Mixed Case"', 'crm.contacts', 'materialized.daily_metrics'].each { |t| ask(c, "SELECT * FROM #{t} ORDER BY 1, 2 LIMIT 4") }
end

step 'types mapped by their numbers' do |c|
  map = PG::BasicTypeMapForResults.new(c)
  c.exec('SELECT id, cost, sent_at, took, urgent, payload, metadata, segments FROM messages ORDER BY id LIMIT 2').map_types!(map).each_row { |row| p row }
  c.exec('SELECT tags, budget, starts_on, settings FROM campaigns ORDER BY id LIMIT 2').map_types!(map).each_row { |row| p row }
  c.type_map_for_queries = PG::BasicTypeMapForQueries.new(c)
  c.exec_params('SELECT $1::int, $2::float8, $3::bool, $4::int[], $5::text', [1, 2.5, true, [1, 2], 'x']).map_types!(map).each_row { |row| p row }
end

step 'parameters and prepared statements' do |c|
  ask(c, 'SELECT id, name FROM campaigns WHERE id = $1 AND name LIKE $2', 5_500_001, 'ACME%')
  c.exec_params('SELECT id FROM campaigns WHERE id = $1', [{ value: [5_500_001].pack('q>'), format: 1, type: 20 }], 1).each_row { |row| p row }
  c.prepare('a name', 'SELECT id FROM campaigns WHERE id >= $1 ORDER BY id LIMIT 1')
  3.times { |n| c.exec_prepared('a name', [5_500_000 + n]).each_row { |row| p row } }
  described = c.describe_prepared('a name')
  p [described.paramtype(0), described.ftype(0)]
  c.exec('DEALLOCATE "a name"')
  attempt { c.exec_prepared('a name', [1]) }
  attempt { c.prepare('b', 'SELECT nothing FROM campaigns') }
end

step 'errors' do |c|
  ['SELECT nothing FROM campaigns', 'SELEC', 'SELECT 1/0', 'SELECT * FROM nothing'].each do |sql|
    c.exec(sql)
  rescue PG::Error => e
    p [e.class, %i[PG_DIAG_SEVERITY PG_DIAG_SQLSTATE PG_DIAG_MESSAGE_PRIMARY PG_DIAG_STATEMENT_POSITION PG_DIAG_TABLE_NAME].map { |f| e.result.error_field(PG::Result.const_get(f)) }]
  end
end

step 'transactions' do |c|
  c.transaction { |t| ask(t, 'SELECT count(*) FROM campaigns') }
  attempt { c.transaction { |t| t.exec('SELECT 1/0') } }
  p c.transaction_status
end

step 'single row mode' do |c|
  c.send_query('SELECT a.id FROM messages a, messages b')
  c.set_single_row_mode
  count = 0
  c.get_result.stream_each_row { count += 1 }
  p count
  ask(c, 'SELECT count(*) FROM messages')
end

step 'cancel' do |c|
  c.send_query(LONG)
  sleep 1
  p c.cancel
  attempt { c.get_last_result }
  ask(c, 'SELECT count(*) FROM messages')
end

step 'reset' do |c|
  c.exec("SET timezone = 'Asia/Tokyo'")
  c.reset
  ask(c, 'SHOW timezone')
end

step 'COPY' do |c|
  c.copy_data("COPY (SELECT id, name FROM campaigns ORDER BY id) TO STDOUT") { while (row = c.get_copy_data) do puts row end }
end
step('LISTEN', '0A000') { |c| c.exec('LISTEN x') }
step('DELETE', '42501') { |c| c.exec_params('DELETE FROM channels WHERE name = $1', ['nothing']) }
