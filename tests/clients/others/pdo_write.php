<?php
// PHP of a user who may write: PDO with RETURNING, named placeholders, large values; pg_insert, pg_update, pg_select, pg_delete, pg_copy_from and
// pg_copy_to, pg_meta_data, asynchronous pg_*. Every step is rolled back.

function fail(Throwable $e): void
{
    $state = $e instanceof PDOException && $e->errorInfo ? $e->errorInfo[0] : get_class($e);
    echo "error $state: ", $e->getMessage(), "\n";
}

function show(mixed $value): void
{
    echo json_encode($value, JSON_UNESCAPED_UNICODE | JSON_PARTIAL_OUTPUT_ON_ERROR), "\n";
}

function attempt(callable $body): void
{
    try {
        $body();
    } catch (Throwable $e) {
        fail($e);
    }
}

set_error_handler(function (int $kind, string $text): bool {
    echo "warning $text\n";
    return true;
});

function with_pdo(string $name, callable $body, array $options = []): void
{
    echo "== $name\n";
    attempt(function () use ($body, $options) {
        $dsn = sprintf('pgsql:host=%s;port=%s;dbname=%s', getenv('PGHOST'), getenv('PGPORT'), getenv('PGDATABASE'));
        $db = new PDO($dsn, getenv('PGUSER'), getenv('PGPASSWORD'), $options + [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
        $db->beginTransaction();
        $body($db);
        $db->rollBack();
    });
}

function ask(PDO $db, string $sql, array $values = []): void
{
    $statement = $db->prepare($sql);
    $statement->execute($values);
    foreach ($statement->columnCount() ? $statement->fetchAll(PDO::FETCH_NUM) : [] as $row) {
        show(array_map(fn ($v) => is_resource($v) ? bin2hex(stream_get_contents($v)) : $v, $row));
    }
    echo '(', $statement->rowCount(), ")\n";
}

foreach ([0, 1] as $emulated) {
    with_pdo("writing, emulated $emulated", function (PDO $db) {
        ask($db, 'INSERT INTO shop.notes (id, body) VALUES (?, ?), (?, ?) RETURNING *', [12001, "it's \\", 12002, null]);
        ask($db, 'UPDATE shop.notes SET body = :body WHERE id = :id', ['body' => 'b', 'id' => 12001]);
        ask($db, 'INSERT INTO shop.customers (id, name, tags, profile) VALUES (?, ?, ?, ?) RETURNING id, tags, profile', [12001, 'name', '{a,"b c"}', '{"n": 1}']);
        ask($db, 'SELECT id, body FROM shop.notes WHERE id > ? ORDER BY id', [12000]);
        $statement = $db->prepare('INSERT INTO public.messages (id, payload, urgent, segments) VALUES (?, ?, ?, ?) RETURNING payload, urgent');
        echo $db->exec('DELETE FROM shop.notes WHERE id > 12000'), "\n";
        $db->exec('SAVEPOINT s');
        attempt(fn () => ask($db, 'INSERT INTO shop.customers (id) VALUES (?)', [12002]));
        $db->exec('ROLLBACK TO s');
        attempt(fn () => ask($db, 'INSERT INTO shop.orders (id, customer_id) VALUES (?, ?)', [12001, 12009]));
    }, [PDO::ATTR_EMULATE_PREPARES => (bool) $emulated]);
    with_pdo("large values, emulated $emulated", function (PDO $db) {
        $statement = $db->prepare('INSERT INTO public.messages (id, payload, urgent) VALUES (:id, :payload, :urgent) RETURNING payload, urgent');
        $statement->bindValue('id', 5576001, PDO::PARAM_INT);
        $statement->bindValue('payload', "\x00\xff\\'", PDO::PARAM_LOB);
        $statement->bindValue('urgent', true, PDO::PARAM_BOOL);
        $statement->execute();
        $row = $statement->fetch(PDO::FETCH_ASSOC);
        show([bin2hex(stream_get_contents($row['payload'])), $row['urgent']]);
    }, [PDO::ATTR_EMULATE_PREPARES => (bool) $emulated]);
}
with_pdo('columns of results', function (PDO $db) {
    foreach (['SELECT * FROM campaigns LIMIT 1', 'SELECT * FROM messages LIMIT 1', 'SELECT 1 AS one, now(), count(*) FROM shop.customers'] as $sql) {
        $statement = $db->query($sql);
        for ($i = 0; $i < $statement->columnCount(); $i++) {
            $meta = $statement->getColumnMeta($i);
            show([$meta['name'], $meta['native_type'] ?? null, $meta['table'] ?? null, $meta['len'], $meta['precision'], $meta['pdo_type']]);
        }
    }
});
with_pdo('fetching in each way', function (PDO $db) {
    foreach ([PDO::FETCH_ASSOC, PDO::FETCH_BOTH, PDO::FETCH_OBJ, PDO::FETCH_NUM] as $way) {
        show($db->query('SELECT id, name FROM channels ORDER BY id LIMIT 2')->fetchAll($way));
    }
    show($db->query('SELECT name, id FROM channels ORDER BY id')->fetchAll(PDO::FETCH_KEY_PAIR));
    show($db->query('SELECT status, id FROM campaigns ORDER BY id')->fetchAll(PDO::FETCH_GROUP | PDO::FETCH_COLUMN));
    show($db->query('SELECT count(*) FROM campaigns')->fetchColumn());
});
with_pdo('COPY by PDO', function (PDO $db) {
    show($db->pgsqlCopyFromArray('shop.notes', ["12001\ta", "12002\t\\N"], "\t", '\\\\N', 'id, body'));
    ask($db, 'SELECT id, body FROM shop.notes WHERE id > ? ORDER BY id', [12000]);
    show($db->pgsqlCopyToArray('channels', '|', 'none', 'id, name'));
});

function with_pg(string $name, callable $body): void
{
    echo "== $name\n";
    attempt(function () use ($body) {
        $c = pg_connect('host=' . getenv('PGHOST'), PGSQL_CONNECT_FORCE_NEW);
        pg_query($c, 'BEGIN');
        $body($c);
        pg_query($c, 'ROLLBACK');
        pg_close($c);
    });
}

with_pg('pg_meta_data, pg_convert', function ($c) {
    foreach (['campaigns', 'shop.customers', 'crm.contacts', 'nothing'] as $table) {
        show(pg_meta_data($c, $table));
    }
    show(array_map(fn ($column) => $column['type'], pg_meta_data($c, 'messages', true) ?: []));
    show(pg_convert($c, 'shop.notes', ['id' => '12001', 'body' => "it's"]));
});
with_pg('pg_insert, pg_select, pg_update, pg_delete', function ($c) {
    show(pg_insert($c, 'shop.notes', ['id' => 12001, 'body' => 'a']) !== false);
    show(pg_select($c, 'shop.notes', ['id' => 12001]));
    show(pg_update($c, 'shop.notes', ['body' => 'b'], ['id' => 12001]));
    show(pg_select($c, 'shop.notes', ['id' => 12001]));
    show(pg_delete($c, 'shop.notes', ['id' => 12001]));
});
with_pg('pg_copy_from, pg_copy_to', function ($c) {
    show(pg_copy_from($c, 'shop.notes', ["12001\ta\t2026-01-01\n", "12002\t\\N\t\\N\n"]));
    show(pg_copy_to($c, 'channels', ';', 'none'));
    show(pg_fetch_all(pg_query($c, 'SELECT id, body FROM shop.notes WHERE id > 12000 ORDER BY id')));
    pg_query($c, 'COPY shop.notes (id) FROM STDIN');
    pg_put_line($c, "12003\n");
    pg_put_line($c, "\\.\n");
    show(pg_end_copy($c));
    show(pg_fetch_result(pg_query($c, 'SELECT count(*) FROM shop.notes WHERE id > 12000'), 0, 0));
});
with_pg('results of pg_*', function ($c) {
    $result = pg_query($c, 'SELECT id, name, tags, settings, status FROM campaigns ORDER BY id LIMIT 2');
    for ($i = 0; $i < pg_num_fields($result); $i++) {
        show([pg_field_name($result, $i), pg_field_type($result, $i), pg_field_size($result, $i), pg_field_prtlen($result, 0, $i), pg_field_is_null($result, 0, $i), pg_field_table($result, $i)]);
    }
    show([pg_num_rows($result), pg_affected_rows($result), pg_result_status($result), pg_fetch_all_columns($result, 1), pg_fetch_assoc($result, 1)]);
    $result = pg_query($c, "INSERT INTO shop.notes (id) VALUES (12001), (12002)");
    show([pg_affected_rows($result), pg_result_status($result, PGSQL_STATUS_STRING)]);
    show([pg_escape_literal($c, "it's \\"), pg_escape_identifier($c, 'Mixed "Case"'), bin2hex(pg_unescape_bytea(pg_escape_bytea($c, "\x00\xff"))), pg_version($c)['client'] !== '', pg_options($c)]);
});
with_pg('asynchronous pg_*', function ($c) {
    pg_send_prepare($c, 'a', 'SELECT id FROM campaigns WHERE id > $1 ORDER BY id LIMIT 2');
    pg_get_result($c);
    pg_send_execute($c, 'a', [5500002]);
    show(pg_fetch_all(pg_get_result($c)));
    pg_get_result($c);
    pg_send_query_params($c, 'SELECT 1 / $1::int', [0]);
    show(pg_result_error_field(pg_get_result($c), PGSQL_DIAG_SQLSTATE));
    pg_get_result($c);
    show([pg_transaction_status($c), pg_connection_busy($c)]);
    pg_send_query($c, 'ROLLBACK');
    pg_get_result($c);
    pg_get_result($c);
    pg_send_query($c, 'SELECT count(*) FROM messages a, messages b, messages c, messages d, messages e, messages f');
    usleep(1000000);
    show(pg_cancel_query($c));
    show(pg_fetch_result(pg_query($c, 'SELECT count(*) FROM campaigns'), 0, 0));
});
