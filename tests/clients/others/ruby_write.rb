# Ruby's pg of a user who may write: RETURNING, types encoded by maps, COPY with encoders, pipelines, errors of constraints; every step is
# rolled back. Then what the driver can ask asynchronously.
require 'pg'

$stdout.sync = true

def fail(error)
  state = error.respond_to?(:result) && error.result ? error.result.error_field(PG::Result::PG_DIAG_SQLSTATE) : error.class
  puts "error #{state}: #{error.message.strip}"
end

def attempt(connection)
  connection.exec('SAVEPOINT own')
  yield
rescue StandardError => e
  fail(e)
  connection.exec('ROLLBACK TO own')
end

def step(name)
  puts "== #{name}"
  connection = PG.connect
  begin
    connection.exec('BEGIN')
    yield connection
    connection.exec('ROLLBACK')
  rescue StandardError => e
    fail(e)
  ensure
    connection.close
  end
end

def ask(connection, sql, *parameters)
  result = connection.exec_params(sql, parameters)
  puts "#{result.cmd_status} #{result.cmd_tuples} #{result.fields.join(',')}"
  result.each_row { |row| p row }
end

step 'RETURNING' do |c|
  ask(c, 'INSERT INTO shop.notes (id, body) VALUES ($1, $2), ($3, $4) RETURNING *', 11_001, 'a', 11_002, nil)
  ask(c, 'UPDATE shop.notes SET body = $1 WHERE id = $2 RETURNING body', 'b', 11_001)
  c.prepare('insert', 'INSERT INTO shop.notes (id) VALUES ($1)')
  puts((11_003..11_012).map { |n| c.exec_prepared('insert', [n]).cmd_tuples }.sum)
  ask(c, 'DELETE FROM shop.notes WHERE id > $1', 11_000)
end

step 'types encoded and decoded' do |c|
  c.type_map_for_queries = PG::BasicTypeMapForQueries.new(c)
  c.type_map_for_results = PG::BasicTypeMapForResults.new(c)
  p c.exec_params('INSERT INTO shop.customers (id, name, tags, credit, born, active) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id, name, tags, credit, born, active', [11_001, 'name', ['a', nil], 1.5, '2001-02-03', true]).to_a
  p c.exec_params('SELECT count(*) AS n, ARRAY[1.5, NULL] AS a FROM shop.customers WHERE id = $1', [11_001]).to_a
end

step 'errors of constraints' do |c|
  ["INSERT INTO shop.customers (id, name) VALUES (11001, 'a'), (11001, 'b')", 'INSERT INTO shop.orders (id, customer_id) VALUES (11001, 11001)'].each do |sql|
    attempt(c) do
      c.exec(sql)
    rescue PG::Error => e
      p %i[PG_DIAG_SQLSTATE PG_DIAG_MESSAGE_PRIMARY PG_DIAG_MESSAGE_DETAIL PG_DIAG_SCHEMA_NAME PG_DIAG_TABLE_NAME PG_DIAG_CONSTRAINT_NAME].map { |f| e.result.error_field(PG::Result.const_get(f)) }
      raise
    end
  end
end

step 'COPY with an encoder' do |c|
  result = c.copy_data('COPY shop.notes (id, body) FROM STDIN', PG::TextEncoder::CopyRow.new) { 50.times { |n| c.put_copy_data([(11_001 + n).to_s, n.odd? ? nil : "tab\t #{n}"]) } }
  p result.cmd_status
  ask(c, 'SELECT count(*), count(body) FROM shop.notes WHERE id > 11000')
  c.copy_data('COPY (SELECT id, body FROM shop.notes WHERE id > 11000 ORDER BY id LIMIT 3) TO STDOUT', PG::TextDecoder::CopyRow.new) { while (row = c.get_copy_data) do p row end }
  attempt(c) { c.copy_data('COPY shop.notes (id) FROM STDIN') { c.put_copy_data("x\n") } }
  attempt(c) { c.copy_data('COPY shop.notes (id) FROM STDIN') { raise 'no more' } }
  ask(c, 'SELECT count(*) FROM shop.notes WHERE id > 11000')
end

step 'a pipeline' do |c|
  c.enter_pipeline_mode
  3.times { |n| c.send_query_params('INSERT INTO shop.notes (id) VALUES ($1) RETURNING id', [(11_001 + n).to_s]) }
  c.send_query_params('SELECT count(*) FROM shop.notes WHERE id > $1', ['11000'])
  c.pipeline_sync
  4.times { p c.get_result.values, c.get_result }
  p c.get_result.result_status == PG::PGRES_PIPELINE_SYNC
  c.exit_pipeline_mode
end

step 'asynchronous: prepare, describe, several results' do |c|
  c.send_prepare('a', 'SELECT id, name FROM shop.customers WHERE id > $1 ORDER BY id LIMIT 2')
  c.get_last_result
  c.send_describe_prepared('a')
  described = c.get_last_result
  p [described.nparams, described.paramtype(0), described.nfields, described.fname(1), described.ftype(1), described.ftable(0).positive?, described.ftablecol(1)]
  c.send_query_prepared('a', [0])
  p c.get_last_result.values
  c.send_query('SELECT 1; SELECT 2')
  while (result = c.get_result) do p result.values end
  c.setnonblocking(true)
  c.send_query('SELECT count(*) FROM shop.customers')
  c.flush until c.is_busy == false || c.consume_input
  p c.get_last_result.values
end

step 'notices, cursors' do |c|
  c.set_notice_processor { |text| print text }
  c.exec('BEGIN')
  c.exec('DECLARE k CURSOR FOR SELECT id FROM shop.customers ORDER BY id')
  3.times { p c.exec('FETCH 2 FROM k').values }
  c.exec('CLOSE k')
end
