import java.io.*;
import java.math.BigDecimal;
import java.sql.*;
import java.time.*;
import java.util.*;
import org.postgresql.util.*;

/** pgjdbc writing: batches in each way, generated keys, updatable results, types there and back. Prints sections (sections.py). */
public class Write {
    interface Body {
        void run(Connection c) throws Exception;
    }

    static void fail(Throwable t) {
        String state = t instanceof SQLException ? ((SQLException) t).getSQLState() : t.getClass().getName();
        System.out.println("error " + state + ": " + t.getMessage());
    }

    /** In a transaction that is rolled back. */
    static void step(String name, String options, Body body) {
        System.out.println("== " + name + (options.isEmpty() ? "" : " with " + options));
        Map<String, String> e = System.getenv();
        String url = "jdbc:postgresql://127.0.0.1:" + e.get("PGPORT") + "/" + e.get("PGDATABASE") + "?" + options;
        try (Connection c = DriverManager.getConnection(url, e.get("PGUSER"), e.get("PGPASSWORD"))) {
            c.setAutoCommit(false);
            try {
                body.run(c);
            } finally {
                c.rollback();
            }
        } catch (Throwable t) {
            fail(t);
        }
        System.out.flush();
    }

    static void print(ResultSet rows) throws SQLException {
        int columns = rows.getMetaData().getColumnCount();
        while (rows.next()) {
            StringBuilder line = new StringBuilder();
            for (int i = 1; i <= columns; i++) line.append(i > 1 ? "|" : "").append(rows.getString(i));
            System.out.println(line);
        }
    }

    static void ask(Connection c, String sql) throws SQLException {
        try (Statement s = c.createStatement()) {
            if (s.execute(sql)) print(s.getResultSet());
            else System.out.println("updated " + s.getUpdateCount());
        }
    }

    static void attempt(Connection c, Body body) throws SQLException {
        Savepoint before = c.setSavepoint();
        try {
            body.run(c);
        } catch (Throwable t) {
            fail(t);
            c.rollback(before);
        }
    }

    static void batch(Connection c, String sql, Object[]... rows) throws SQLException {
        try (PreparedStatement s = c.prepareStatement(sql)) {
            for (Object[] row : rows) {
                for (int i = 0; i < row.length; i++) s.setObject(i + 1, row[i]);
                s.addBatch();
            }
            System.out.println(Arrays.toString(s.executeBatch()));
        } catch (BatchUpdateException e) {
            System.out.println(e.getSQLState() + " " + e.getMessage().replaceAll("\\s+", " ") + " " + Arrays.toString(e.getUpdateCounts()));
            throw e;
        }
    }

    static final String[] OPTIONS = {"", "reWriteBatchedInserts=true", "preferQueryMode=simple", "preferQueryMode=extendedCacheEverything&prepareThreshold=-1", "autosave=always", "prepareThreshold=1"};

    public static void main(String[] arguments) {
        for (String options : OPTIONS) batches(options);
        for (String options : new String[] {"", "preferQueryMode=simple", "binaryTransfer=false", "prepareThreshold=-1"}) types(options);
        keys();
        updatable();
    }

    static void batches(String options) {
        step("batches", options, c -> {
            Object[][] rows = new Object[40][];
            for (int i = 0; i < rows.length; i++) rows[i] = new Object[] {7000 + i, "body " + i};
            batch(c, "INSERT INTO shop.notes (id, body) VALUES (?, ?)", rows);
            batch(c, "UPDATE shop.notes SET body = body || '!' WHERE id = ? AND body <> ?", new Object[] {7001, ""}, new Object[] {7002, ""}, new Object[] {1, "x"});
            batch(c, "DELETE FROM shop.notes WHERE id = ?", new Object[] {7003}, new Object[] {7003});
            ask(c, "SELECT count(*), sum(length(body)) FROM shop.notes WHERE id >= 7000");
        });
        step("a batch that fails", options, c -> {
            attempt(c, x -> batch(c, "INSERT INTO shop.ledger (entry, account, amount) VALUES (?, ?, ?)", new Object[] {7001, "a", new BigDecimal("1")}, new Object[] {7001, "b", new BigDecimal("2")},
                    new Object[] {7002, "c", new BigDecimal("3")}));
            ask(c, "SELECT count(*) FROM shop.ledger WHERE entry > 7000");
        });
        step("a batch against a check, whose row Headgate does not show", options, c -> {
            try (Statement s = c.createStatement()) {
                s.addBatch("INSERT INTO shop.orders (id, state) VALUES (7001, 'open')");
                s.addBatch("INSERT INTO shop.orders (id, state) VALUES (7002, 'nothing')");
                s.executeBatch();
            } catch (BatchUpdateException e) {
                System.out.println(e.getSQLState() + " " + Arrays.toString(e.getUpdateCounts()));
            }
        });
        step("statements in a batch", options, c -> {
            Statement s = c.createStatement();
            s.addBatch("INSERT INTO shop.notes (id) VALUES (7001), (7002)");
            s.addBatch("UPDATE shop.notes SET body = 'x' WHERE id = 7001");
            s.addBatch("DELETE FROM shop.notes WHERE id > 7000");
            System.out.println(Arrays.toString(s.executeBatch()));
            System.out.println(s.executeUpdate("INSERT INTO shop.notes (id) VALUES (7003)") + " " + s.executeLargeUpdate("UPDATE shop.notes SET id = 7004 WHERE id = 7003"));
        });
    }

    static void types(String options) {
        step("types there and back", options, c -> {
            UUID id = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
            for (int n = 0; n < 6; n++)
                try (PreparedStatement s = c.prepareStatement("INSERT INTO public.messages (id, campaign_id, subject, body, status, cost, segments, sent_at, scheduled_for, took, urgent, payload, metadata, trace)"
                        + " VALUES (?, ?, ?, ?, ?::delivery_status, ?, ?, ?, ?, ?, ?, ?, ?, ?)")) {
                    s.setLong(1, 5579000 + n);
                    s.setNull(2, Types.BIGINT);
                    s.setString(3, "größe €😀");
                    s.setCharacterStream(4, new StringReader("a reader"), 8);
                    s.setString(5, "sent");
                    s.setBigDecimal(6, new BigDecimal("12.3400"));
                    s.setShort(7, (short) 3);
                    s.setObject(8, OffsetDateTime.of(2024, 2, 29, 12, 30, 1, 123456000, ZoneOffset.ofHours(2)));
                    s.setTimestamp(9, Timestamp.valueOf("2024-02-29 23:59:59.999"));
                    s.setObject(10, new PGInterval("1 day 02:03:04.5"));
                    s.setBoolean(11, n % 2 == 0);
                    s.setBytes(12, new byte[] {0, -1, 92, 39});
                    PGobject json = new PGobject();
                    json.setType("json");
                    json.setValue("{\"a\": [1, null]}");
                    s.setObject(13, json);
                    s.setObject(14, id);
                    System.out.println(s.executeUpdate());
                }
            try (PreparedStatement s = c.prepareStatement("SELECT * FROM public.messages WHERE id >= ? ORDER BY id")) {
                for (int n = 0; n < 6; n++) {
                    s.setLong(1, 5579004);
                    ResultSet r = s.executeQuery();
                    while (r.next())
                        System.out.println(r.getLong("id") + " " + r.getObject("campaign_id") + " " + r.getString("subject") + " " + r.getString("body") + " " + r.getString("status") + " " + r.getBigDecimal("cost") + " "
                                + r.getShort("segments") + " " + r.getObject("sent_at", OffsetDateTime.class) + " " + r.getObject("scheduled_for", LocalDateTime.class) + " " + r.getObject("took") + " " + r.getBoolean("urgent")
                                + " " + Arrays.toString(r.getBytes("payload")) + " " + r.getObject("metadata") + " " + r.getObject("trace", UUID.class));
                }
            }
        });
        step("arrays, enums, jsonb, dates there and back", options, c -> {
            try (PreparedStatement s = c.prepareStatement("INSERT INTO shop.customers (id, name, tier, tags, profile, born, credit) VALUES (?, ?, ?, ?, ?::jsonb, ?, ?)")) {
                for (int n = 0; n < 6; n++) {
                    s.setLong(1, 7000 + n);
                    s.setString(2, "name");
                    s.setObject(3, "gold", Types.OTHER);
                    s.setArray(4, c.createArrayOf("text", new String[] {"a", "b,\"c\"", null}));
                    s.setString(5, "{\"n\": " + n + "}");
                    s.setObject(6, LocalDate.of(2000, 1, 1 + n));
                    s.setObject(7, n * 1.5, Types.NUMERIC);
                    System.out.println(s.executeUpdate());
                }
            }
            ask(c, "SELECT id, name, tier, tags, profile, born, credit FROM shop.customers WHERE id >= 7000 ORDER BY id");
        });
    }

    static void keys() {
        step("getGeneratedKeys", "", c -> {
            try (PreparedStatement s = c.prepareStatement("INSERT INTO shop.tickets (no, title) VALUES (?, ?)", Statement.RETURN_GENERATED_KEYS)) {
                s.setInt(1, 7001);
                s.setString(2, "a title");
                System.out.println(s.executeUpdate());
                ResultSet r = s.getGeneratedKeys();
                System.out.println(r.getMetaData().getColumnCount() + " " + r.next() + " " + r.getInt("no") + " " + r.getString("state"));
            }
            for (String[] columns : new String[][] {{"no"}, {"no", "state"}, {"nothing"}})
                attempt(c, x -> {
                    try (PreparedStatement s = c.prepareStatement("INSERT INTO shop.tickets (no) VALUES (?)", columns)) {
                        s.setInt(1, 7001 + columns.length);
                        s.executeUpdate();
                        print(s.getGeneratedKeys());
                    }
                });
            try (PreparedStatement s = c.prepareStatement("INSERT INTO shop.notes (id) VALUES (?)", new String[] {"id", "body"})) {
                for (int i = 0; i < 3; i++) {
                    s.setInt(1, 7000 + i);
                    s.addBatch();
                }
                System.out.println(Arrays.toString(s.executeBatch()));
                print(s.getGeneratedKeys());
            }
            attempt(c, x -> {
                Statement s = c.createStatement();
                System.out.println(s.executeUpdate("UPDATE shop.notes SET body = 'y' WHERE id >= 7000", Statement.RETURN_GENERATED_KEYS));
                print(s.getGeneratedKeys());
            });
        });
        step("INSERT ON CONFLICT, RETURNING, WITH", "", c -> {
            ask(c, "INSERT INTO shop.customers (id, name) VALUES (7001, 'a') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id, name");
            ask(c, "INSERT INTO shop.customers (id, name) VALUES (7001, 'b') ON CONFLICT (id) DO UPDATE SET name = excluded.name RETURNING id, name");
            ask(c, "WITH gone AS (DELETE FROM shop.customers WHERE id = 7001 RETURNING *) SELECT id, name FROM gone");
        });
    }

    static void updatable() {
        step("an updatable result", "", c -> {
            ask(c, "INSERT INTO shop.ledger (entry, account, amount) VALUES (7001, 'a', 1), (7002, 'b', 2), (7003, 'c', 3)");
            Statement s = c.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_UPDATABLE);
            ResultSet r = s.executeQuery("SELECT entry, account, amount FROM shop.ledger WHERE entry > 7000 ORDER BY entry");
            r.next();
            r.updateString("account", "changed");
            r.updateRow();
            r.refreshRow();
            System.out.println(r.getString("account"));
            r.next();
            r.deleteRow();
            r.moveToInsertRow();
            r.updateLong("entry", 7004);
            r.updateString("account", "new");
            r.updateBigDecimal("amount", new BigDecimal("4.50"));
            r.insertRow();
            r.moveToCurrentRow();
            ask(c, "SELECT * FROM shop.ledger WHERE entry > 7000 ORDER BY entry");
        });
        step("a result that cannot be updated", "", c -> {
            Statement s = c.createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_UPDATABLE);
            attempt(c, x -> {
                ResultSet r = s.executeQuery("SELECT id, body FROM shop.notes ORDER BY id LIMIT 1");
                r.next();
                r.updateString(2, "x");
                r.updateRow();
            });
        });
    }
}
