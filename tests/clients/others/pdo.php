<?php
// PHP: PDO with native and emulated prepares, column metadata, and the pg_* functions.

function fail(Throwable $e): void
{
    $state = $e instanceof PDOException && $e->errorInfo ? $e->errorInfo[0] : get_class($e);
    echo "error $state: ", $e->getMessage(), "\n";
}

function attempt(callable $body): void
{
    try {
        $body();
    } catch (Throwable $e) {
        fail($e);
    }
}

function connect(array $options = []): PDO
{
    $dsn = sprintf('pgsql:host=%s;port=%s;dbname=%s', getenv('PGHOST'), getenv('PGPORT'), getenv('PGDATABASE'));
    return new PDO($dsn, getenv('PGUSER'), getenv('PGPASSWORD'), $options + [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
}

function step(string $name, callable $body, string $refused = '', array $options = []): void
{
    echo "== $name", $refused ? " !$refused" : '', "\n";
    attempt(fn () => $body(connect($options)));
}

function show(mixed $value): void
{
    echo json_encode($value, JSON_UNESCAPED_UNICODE | JSON_PARTIAL_OUTPUT_ON_ERROR), "\n";
}

function ask(PDO $db, string $sql, array $values = []): PDOStatement
{
    $statement = $db->prepare($sql);
    $statement->execute($values);
    foreach ($statement->fetchAll(PDO::FETCH_NUM) as $row) {
        show(array_map(fn ($v) => is_resource($v) ? bin2hex(stream_get_contents($v)) : $v, $row));
    }
    echo '(', $statement->rowCount(), ")\n";
    return $statement;
}

const TABLES = ['channels', 'campaigns', 'contacts', 'messages', 'events', 'audit', '"Mixed Case"', 'crm.contacts', 'materialized.daily_metrics'];

step('types of every table', function (PDO $db) {
    foreach (TABLES as $table) {
        ask($db, "SELECT * FROM $table ORDER BY 1, 2 LIMIT 4");
    }
});
foreach ([0, 1] as $emulated) {
    step("parameters, emulated $emulated", function (PDO $db) {
        ask($db, 'SELECT id, name FROM campaigns WHERE id = ? AND name LIKE ?', [5500001, 'ACME%']);
        ask($db, 'SELECT id FROM campaigns WHERE id > :id AND status = :status ORDER BY id', ['id' => 5500001, 'status' => 'active']);
        ask($db, 'SELECT ?::text, ?::int, ?::bool, ?::text', ["it's \\ \"x\"", 5, 'true', null]);
        ask($db, 'SELECT count(*) FROM messages WHERE status = ?', ['sent']);
        attempt(fn () => ask($db, 'SELECT id FROM campaigns WHERE id = ?', ['x']));
        attempt(fn () => ask($db, 'SELECT nothing FROM campaigns WHERE id = ?', [1]));
        $statement = $db->prepare('SELECT id FROM campaigns WHERE id >= ? ORDER BY id LIMIT 1');
        for ($n = 0; $n < 4; $n++) {
            $statement->execute([5500000 + $n]);
            show($statement->fetch(PDO::FETCH_ASSOC));
        }
    }, '', [PDO::ATTR_EMULATE_PREPARES => (bool) $emulated]);
}
step('attributes', function (PDO $db) {
    show([$db->getAttribute(PDO::ATTR_DRIVER_NAME), $db->getAttribute(PDO::ATTR_CONNECTION_STATUS), $db->inTransaction(), $db->quote("it's \\"), $db->pgsqlGetPid() > 0]);
});
step('transactions', function (PDO $db) {
    $db->beginTransaction();
    ask($db, 'SELECT count(*) FROM campaigns');
    attempt(fn () => ask($db, 'SELECT 1/0'));
    attempt(fn () => ask($db, 'SELECT 1'));
    $db->rollBack();
    $db->beginTransaction();
    ask($db, 'SELECT count(*) FROM contacts');
    $db->commit();
});
step('pg_* functions', function (PDO $db) {
    $c = pg_connect('host=' . getenv('PGHOST'));
    show([pg_dbname($c), pg_parameter_status($c, 'client_encoding'), pg_client_encoding($c), pg_transaction_status($c), pg_ping($c)]);
    $result = pg_query_params($c, 'SELECT id, name, tags FROM campaigns WHERE id = $1', [5500001]);
    show([pg_fetch_all($result), pg_field_type($result, 0), pg_field_type($result, 2), pg_field_size($result, 0)]);
    pg_prepare($c, 'a name', 'SELECT count(*) FROM messages WHERE id > $1');
    show(pg_fetch_row(pg_execute($c, 'a name', [5500010])));
    pg_send_query($c, 'SELECT 1 AS a; SELECT 2 AS b');
    while ($result = pg_get_result($c)) {
        show(pg_fetch_all($result));
    }
    show(array_keys(pg_meta_data($c, 'campaigns')));
    pg_close($c);
});
step('metadata of an enum column', function (PDO $db) {
    $meta = $db->query('SELECT status FROM messages LIMIT 1')->getColumnMeta(0);
    show([$meta['native_type'] ?? null, $meta['name'], $meta['len']]);
});
step('metadata of columns', function (PDO $db) {
    $statement = $db->query('SELECT id, name, budget, created_at FROM campaigns LIMIT 1');
    for ($i = 0; $i < $statement->columnCount(); $i++) {
        $meta = $statement->getColumnMeta($i);
        show([$meta['native_type'], $meta['name'], $meta['len'], $meta['precision'], $meta['pdo_type']]);
    }
});
step('a scrollable cursor', function (PDO $db) {
    $statement = $db->prepare('SELECT id FROM campaigns ORDER BY id', [PDO::ATTR_CURSOR => PDO::CURSOR_SCROLL]);
    $statement->execute();
    show($statement->fetch());
});
step('COPY', function (PDO $db) {
    show($db->pgsqlCopyToArray('campaigns', ';', 'nothing', 'id, name'));
});
step('DELETE', fn (PDO $db) => ask($db, 'DELETE FROM campaigns WHERE id = ?', [1]), '42501');
