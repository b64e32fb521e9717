import java.math.BigDecimal;
import java.sql.*;
import java.sql.Date;
import java.time.*;
import java.util.*;

/**
 * pgjdbc, which most BI tools speak: metadata, prepared statements, fetch sizes, batches, savepoints, cancelling, in each
 * of its query modes. Prints sections (sections.py).
 */
public class Jdbc {
    interface Body {
        void run(Connection c) throws Exception;
    }

    static Connection open(String options) throws SQLException {
        Map<String, String> e = System.getenv();
        Properties p = new Properties();
        p.setProperty("user", e.get("PGUSER"));
        p.setProperty("password", e.get("PGPASSWORD"));
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + e.get("PGPORT") + "/" + e.get("PGDATABASE") + "?" + options, p);
    }

    static void fail(Throwable t) {
        String state = t instanceof SQLException ? ((SQLException) t).getSQLState() : t.getClass().getName();
        System.out.println("error " + state + ": " + t.getMessage());
    }

    static void step(String name, Body body) {
        step(name, "", body);
    }

    static void step(String name, String options, Body body) {
        System.out.println("== " + name);
        try (Connection c = open(options)) {
            body.run(c);
        } catch (Throwable t) {
            fail(t);
        }
        System.out.flush();
    }

    static String show(Object value) throws SQLException {
        if (value instanceof byte[]) return Arrays.toString((byte[]) value);
        if (value instanceof java.sql.Array) return "array " + value;
        return String.valueOf(value);
    }

    /** All columns of all rows; names in skipped (comma-separated) are left out. */
    static void print(ResultSet rows, String skipped) throws SQLException {
        Set<String> skip = new HashSet<>(Arrays.asList(skipped.split(",")));
        ResultSetMetaData meta = rows.getMetaData();
        int count = 0;
        while (rows.next()) {
            StringBuilder line = new StringBuilder();
            for (int i = 1; i <= meta.getColumnCount(); i++)
                if (!skip.contains(meta.getColumnName(i))) line.append(i > 1 ? "|" : "").append(show(rows.getObject(i)));
            System.out.println(line);
            count++;
        }
        System.out.println("(" + count + ")");
        rows.close();
    }

    static void print(ResultSet rows) throws SQLException {
        print(rows, "");
    }

    static void ask(Connection c, String sql, Object... parameters) throws SQLException {
        try (PreparedStatement s = c.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) s.setObject(i + 1, parameters[i]);
            if (s.execute()) print(s.getResultSet());
            else System.out.println("updated " + s.getUpdateCount());
        }
    }

    static void attempt(Connection c, String sql, Object... parameters) {
        try {
            ask(c, sql, parameters);
        } catch (SQLException e) {
            fail(e);
        }
    }

    static final String LONG = "SELECT count(*) FROM messages a, messages b, messages c, messages d, messages e, messages f";

    public static void main(String[] arguments) throws Exception {
        metadata();
        statements();
        transactions();
        for (String mode : new String[] {"simple", "extended", "extendedForPrepared", "extendedCacheEverything"}) {
            modes(mode, "preferQueryMode=" + mode);
            modes(mode + " in binary", "prepareThreshold=-1&preferQueryMode=" + mode);
        }
    }

    static void metadata() {
        step("product and connection", c -> {
            DatabaseMetaData m = c.getMetaData();
            System.out.println(m.getDatabaseProductName() + " " + m.getDatabaseMajorVersion() + " " + m.getUserName() + " " + c.getCatalog() + " " + c.getSchema());
            System.out.println(m.getMaxColumnNameLength() + " " + m.getMaxIndexLength() + " " + m.getDefaultTransactionIsolation() + " " + m.isReadOnly() + " " + m.getIdentifierQuoteString());
            System.out.println(c.getTransactionIsolation() + " " + c.getAutoCommit() + " " + c.isReadOnly() + " " + c.getHoldability() + " " + c.isValid(2) + " " + c.getClientInfo());
            System.out.println(m.getSQLKeywords());
            c.setSchema("crm");
            System.out.println(c.getSchema());
            c.setReadOnly(true);
            ask(c, "SELECT count(*) FROM contacts");
            c.setClientInfo("ApplicationName", "a name");
            ask(c, "SHOW application_name");
        });
        step("getTables", c -> {
            print(c.getMetaData().getTables(null, null, null, new String[] {"TABLE", "VIEW"}));
            print(c.getMetaData().getTables(null, "public", "c%", null));
            print(c.getMetaData().getTables("analytics", "pg_catalog", "pg_cl%", null));
            print(c.getMetaData().getTables(null, "information_schema", "sch%", null));
            print(c.getMetaData().getTableTypes());
        });
        step("getColumns", c -> {
            print(c.getMetaData().getColumns(null, "public", "%", "%"));
            print(c.getMetaData().getColumns(null, null, "contacts", null));
            print(c.getMetaData().getColumns(null, "materialized", null, null));
            print(c.getMetaData().getColumns(null, "pg_catalog", "pg_namespace", null));
        });
        step("getPrimaryKeys, getIndexInfo, getBestRowIdentifier, getVersionColumns", c -> {
            for (String table : new String[] {"campaigns", "contacts", "daily_metrics", "events", "Mixed Case"}) {
                print(c.getMetaData().getPrimaryKeys(null, null, table));
                print(c.getMetaData().getIndexInfo(null, null, table, false, true), "CARDINALITY,PAGES");
                print(c.getMetaData().getBestRowIdentifier(null, null, table, DatabaseMetaData.bestRowSession, true));
            }
            print(c.getMetaData().getVersionColumns(null, null, "campaigns"));
        });
        step("getImportedKeys, getExportedKeys, getCrossReference", c -> {
            print(c.getMetaData().getImportedKeys(null, "public", "messages"));
            print(c.getMetaData().getExportedKeys(null, "public", "campaigns"));
            print(c.getMetaData().getCrossReference(null, null, "campaigns", null, null, "messages"));
        });
        step("getTypeInfo", c -> {
            List<String> names = new ArrayList<>();  // in the order of the type's number, and among equals as they come
            ResultSet r = c.getMetaData().getTypeInfo();
            while (r.next()) names.add(r.getString(1) + " " + r.getInt(2) + " " + r.getBoolean(12));
            Collections.sort(names);
            System.out.println(String.join("\n", names));
        });
        step("getSchemas, getCatalogs", c -> {
            print(c.getMetaData().getSchemas());
            print(c.getMetaData().getSchemas(null, "c%"));
            print(c.getMetaData().getCatalogs());
        });
        step("getFunctions, getProcedures", c -> {
            print(c.getMetaData().getFunctions(null, null, "array_%"));
            print(c.getMetaData().getFunctionColumns(null, "pg_catalog", "upper", null));
            print(c.getMetaData().getProcedures(null, null, null));
            System.out.println(c.getMetaData().getStringFunctions());
        });
        step("getUDTs, getSuperTypes", c -> print(c.getMetaData().getUDTs(null, "public", null, null)));
        step("getTablePrivileges, getColumnPrivileges", c -> {
            print(c.getMetaData().getTablePrivileges(null, "public", "campaigns"));
            print(c.getMetaData().getColumnPrivileges(null, "public", "campaigns", "name"));
        });
        step("getClientInfoProperties", c -> print(c.getMetaData().getClientInfoProperties()));
        step("metadata of a result", c -> {
            for (String sql : new String[] {"SELECT id, campaign_id, subject, body, cost, segments, sent_at, took, urgent, payload, metadata, trace FROM messages WHERE false", "SELECT c.id AS a, upper(c.name), m.email, 1, now() FROM campaigns c JOIN contacts m ON false"}) {
                ResultSetMetaData m = c.createStatement().executeQuery(sql).getMetaData();
                for (int i = 1; i <= m.getColumnCount(); i++)
                    System.out.println(m.getColumnName(i) + "|" + m.getColumnLabel(i) + "|" + m.getColumnTypeName(i) + "|" + m.getColumnType(i) + "|" + m.getColumnClassName(i) + "|" + m.getPrecision(i)
                            + "|" + m.getScale(i) + "|" + m.getColumnDisplaySize(i) + "|" + m.isSigned(i));
            }
        });
        step("metadata of parameters", c -> {
            ParameterMetaData m = c.prepareStatement("SELECT id FROM campaigns WHERE id = ? AND name = ? AND starts_on < ? AND budget > ?").getParameterMetaData();
            for (int i = 1; i <= m.getParameterCount(); i++) System.out.println(m.getParameterTypeName(i) + "|" + m.getParameterType(i) + "|" + m.getParameterClassName(i));
        });
    }

    static void statements() {
        step("fetch size outside of a transaction", c -> {
            Statement s = c.createStatement();
            s.setFetchSize(7);
            print(s.executeQuery("SELECT id, name FROM campaigns ORDER BY id"));
        });
        step("fetch size in a transaction", c -> {
            c.setAutoCommit(false);
            Statement s = c.createStatement();
            s.setFetchSize(7);
            print(s.executeQuery("SELECT id, subject, took FROM messages ORDER BY id"));
            PreparedStatement p = c.prepareStatement("SELECT id FROM messages WHERE id > ? ORDER BY id");
            p.setFetchSize(25);
            for (int n = 0; n < 7; n++) {
                p.setLong(1, 5500000 + n);
                ResultSet rows = p.executeQuery();
                int count = 0;
                while (rows.next()) count++;
                System.out.println(count);
            }
            ResultSet one = s.executeQuery("SELECT id FROM messages ORDER BY id");
            ResultSet two = c.createStatement().executeQuery("SELECT id FROM events ORDER BY id");
            for (int n = 0; n < 20; n++) System.out.println(one.next() + " " + one.getLong(1) + " " + two.next() + " " + two.getLong(1));
            c.commit();
            try {
                int count = 0;
                while (one.next()) count++;
                System.out.println("after the commit " + count);
            } catch (SQLException e) {
                fail(e);
            }
        });
        step("fetch size, and an error on the way", c -> {
            c.setAutoCommit(false);
            Statement s = c.createStatement();
            s.setFetchSize(5);
            try {
                print(s.executeQuery("SELECT 1 / (12 - g) FROM generate_series(1, 20) g"));
            } catch (SQLException e) {
                fail(e);
            }
            attempt(c, "SELECT 1");
            c.rollback();
            ask(c, "SELECT 1");
        });
        step("maximum of rows", c -> {
            Statement s = c.createStatement();
            s.setMaxRows(3);
            print(s.executeQuery("SELECT id FROM messages ORDER BY id"));
            s.setMaxRows(0);
            s.setMaxFieldSize(5);
            print(s.executeQuery("SELECT name FROM campaigns ORDER BY id LIMIT 2"));
        });
        step("scrollable", c -> {
            Statement s = c.createStatement(ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.CONCUR_READ_ONLY);
            ResultSet r = s.executeQuery("SELECT id FROM campaigns ORDER BY id");
            r.last();
            System.out.println(r.getRow() + " " + r.getLong(1));
            r.absolute(2);
            System.out.println(r.getLong(1));
            r.previous();
            System.out.println(r.getLong(1));
        });
        step("parameters of every type", c -> {
            Object[] values = {1, 2L, 1.5, 1.5f, new BigDecimal("12.340"), "it's \\ \"quoted\"", true, (short) 3, Date.valueOf("2024-02-29"), Time.valueOf("12:30:01"), Timestamp.valueOf("2024-02-29 12:00:00"),
                LocalDate.of(2024, 2, 29), LocalDateTime.of(2024, 2, 29, 12, 0), OffsetDateTime.of(2024, 2, 29, 12, 0, 0, 0, ZoneOffset.UTC), UUID.fromString("00112233-4455-6677-8899-aabbccddeeff"),
                new byte[] {0, -1, 92}, c.createArrayOf("text", new Object[] {"a", "b,c", null}), c.createArrayOf("int4", new Object[] {1, 2}), "größe €😀"};
            for (Object value : values)
                for (int n = 0; n < 2; n++) ask(c, "SELECT ?", value);
            PreparedStatement s = c.prepareStatement("SELECT ?::text, ?::int, ? IS NULL");
            s.setNull(1, Types.VARCHAR);
            s.setNull(2, Types.INTEGER);
            s.setNull(3, Types.VARCHAR);
            print(s.executeQuery());
            ask(c, "SELECT count(*) FROM messages WHERE sent_at > ? AND cost < ?", Timestamp.valueOf("2020-01-01 00:00:00"), new BigDecimal("1000"));
            ask(c, "SELECT id FROM campaigns WHERE id = ANY (?) ORDER BY id", c.createArrayOf("int8", new Object[] {5500001L, 5500002L, 7700001L}));
            ask(c, "SELECT count(*) FROM messages WHERE status = ?::delivery_status", "sent");
        });
        step("an enum as an untyped string", "stringtype=unspecified", c -> ask(c, "SELECT count(*) FROM messages WHERE status = ? AND trace::text > ?", "sent", "0"));
        step("arrays read", c -> {
            ResultSet r = c.createStatement().executeQuery("SELECT tags, ARRAY[1, 2, NULL], ARRAY[[1.5, 2], [3, 4]] FROM campaigns ORDER BY id LIMIT 2");
            while (r.next())
                for (int i = 1; i <= 3; i++) System.out.println(r.getArray(i).getBaseTypeName() + " " + Arrays.deepToString((Object[]) r.getArray(i).getArray()));
        });
        step("an enum", c -> {
            ResultSet r = c.createStatement().executeQuery("SELECT status FROM messages ORDER BY id LIMIT 3");
            System.out.println(r.getMetaData().getColumnTypeName(1) + " " + r.getMetaData().getColumnType(1) + " " + r.getMetaData().getColumnClassName(1));
            print(r);
        });
        step("an array of enums", c -> {
            ResultSet r = c.createStatement().executeQuery("SELECT array_agg(DISTINCT status ORDER BY status) FROM messages");
            r.next();
            System.out.println(r.getArray(1).getBaseTypeName() + " " + Arrays.toString((Object[]) r.getArray(1).getArray()));
        });
        step("a batch", c -> {
            Statement s = c.createStatement();
            s.addBatch("SET application_name = 'x'");
            s.addBatch("SET timezone = 'UTC'");
            System.out.println(Arrays.toString(s.executeBatch()));
            s.addBatch("SET timezone = 'UTC'");
            s.addBatch("SET timezone = 'Nowhere/Nothing'");
            try {
                System.out.println(Arrays.toString(s.executeBatch()));
            } catch (BatchUpdateException e) {
                System.out.println(e.getSQLState() + " " + Arrays.toString(e.getUpdateCounts()));
            }
            ask(c, "SHOW timezone");
        });
        step("several results of one statement", c -> {
            Statement s = c.createStatement();
            boolean rows = s.execute("SELECT 1; SET timezone = 'Asia/Tokyo'; SELECT 2, count(*) FROM campaigns; SHOW timezone");
            while (rows || s.getUpdateCount() != -1) {
                if (rows) print(s.getResultSet());
                else System.out.println("updated " + s.getUpdateCount());
                rows = s.getMoreResults();
            }
        });
        step("queryTimeout", c -> {
            Statement s = c.createStatement();
            s.setQueryTimeout(1);
            try {
                print(s.executeQuery(LONG));
            } catch (SQLException e) {
                fail(e);
            }
            ask(c, "SELECT count(*) FROM messages");
        });
        step("cancel", c -> {
            Statement s = c.createStatement();
            Thread t = new Thread(() -> {
                try {
                    Thread.sleep(1000);
                    s.cancel();
                } catch (Exception e) {
                    fail(e);
                }
            });
            t.start();
            try {
                print(s.executeQuery(LONG));
            } catch (SQLException e) {
                fail(e);
            }
            t.join();
            ask(c, "SELECT count(*) FROM messages");
        });
        step("warnings", c -> {
            Statement s = c.createStatement();
            s.execute("COMMIT");
            for (SQLWarning w = s.getWarnings(); w != null; w = w.getNextWarning()) System.out.println(w.getSQLState() + " " + w.getMessage());
        });
        step("errors", c -> {
            for (String sql : new String[] {"SELECT nothing FROM campaigns", "SELEC", "SELECT * FROM nothing", "SELECT 1/0", "SELECT id FROM campaigns WHERE id = 'x'", "SELECT ?", ""}) attempt(c, sql);
        });
        step("settings of the URL", "ApplicationName=größe&options=-c%20statement_timeout=5s&currentSchema=crm,public&reWriteBatchedInserts=true&readOnly=true&tcpKeepAlive=true", c -> {
            for (String name : new String[] {"application_name", "statement_timeout", "search_path", "timezone", "datestyle", "client_encoding", "extra_float_digits"}) ask(c, "SHOW " + name);
            ask(c, "SELECT count(*) FROM contacts");
        });
        for (String mode : new String[] {"disable", "allow", "prefer", "require", "verify-full"})
            step("sslmode " + mode, "sslmode=" + mode + "&sslrootcert=" + System.getenv("PGSSLROOTCERT"), c -> ask(c, "SELECT 1"));
        step("targetServerType", "targetServerType=primary&loginTimeout=5", c -> ask(c, "SELECT 1"));
        step("a driver that believes in version 9", "assumeMinServerVersion=9.0", c -> {
            ask(c, "SHOW extra_float_digits");
            ask(c, "SHOW application_name");
        });
    }

    static void transactions() {
        step("commit, rollback, savepoints", c -> {
            c.setAutoCommit(false);
            ask(c, "SELECT count(*) FROM campaigns");
            Savepoint a = c.setSavepoint();
            attempt(c, "SELECT 1/0");
            attempt(c, "SELECT 1");
            c.rollback(a);
            ask(c, "SELECT 2");
            Savepoint b = c.setSavepoint("a name");
            c.releaseSavepoint(b);
            attempt(c, "SELECT nothing");
            c.rollback();
            ask(c, "SELECT count(*) FROM contacts");
            c.commit();
        });
        for (String autosave : new String[] {"always", "conservative"})
            step("autosave " + autosave, "autosave=" + autosave, c -> {
                c.setAutoCommit(false);
                ask(c, "SELECT count(*) FROM campaigns");
                attempt(c, "SELECT 1/0");
                attempt(c, "SELECT count(*) FROM contacts");
                attempt(c, "SELECT nothing");
                attempt(c, "SELECT ?", 1);
                c.commit();
            });
        step("isolation", c -> {
            for (int level : new int[] {Connection.TRANSACTION_READ_UNCOMMITTED, Connection.TRANSACTION_READ_COMMITTED, Connection.TRANSACTION_REPEATABLE_READ, Connection.TRANSACTION_SERIALIZABLE}) {
                c.setTransactionIsolation(level);
                System.out.println(c.getTransactionIsolation());
                c.setAutoCommit(false);
                ask(c, "SHOW transaction_isolation");
                ask(c, "SELECT count(*) FROM campaigns");
                c.commit();
                c.setAutoCommit(true);
            }
        });
        step("read only", c -> {
            c.setAutoCommit(false);
            c.setReadOnly(true);
            ask(c, "SHOW transaction_read_only");
            c.commit();
            c.setAutoCommit(true);
            ask(c, "SHOW transaction_read_only");
        });
        step("prepared until the server does it", c -> {
            PreparedStatement s = c.prepareStatement("SELECT id, name, budget, starts_on, created_at, tags FROM campaigns WHERE id >= ? ORDER BY id LIMIT 2");
            for (int n = 0; n < 8; n++) {
                s.setLong(1, 5500001 + n % 3);
                print(s.executeQuery());
            }
            ask(c, "DEALLOCATE ALL");
            for (int n = 0; n < 2; n++) {
                try {
                    print(s.executeQuery());
                } catch (SQLException e) {
                    fail(e);
                }
            }
        });
        step("prepared, and the types of parameters change", c -> {
            PreparedStatement s = c.prepareStatement("SELECT ?, count(*) FROM campaigns");
            for (int n = 0; n < 12; n++) {
                if (n % 3 == 0) s.setInt(1, n);
                else if (n % 3 == 1) s.setString(1, "s" + n);
                else s.setBigDecimal(1, BigDecimal.valueOf(n));
                print(s.executeQuery());
            }
        });
        step("prepared, and the search path changes", c -> {
            PreparedStatement s = c.prepareStatement("SELECT count(*) FROM contacts");
            for (int n = 0; n < 7; n++) print(s.executeQuery());
            c.createStatement().execute("SET search_path = crm");
            for (int n = 0; n < 7; n++) {
                try {
                    print(s.executeQuery());
                } catch (SQLException e) {
                    fail(e);
                }
            }
        });
        step("many prepared statements", "preparedStatementCacheQueries=5&prepareThreshold=1", c -> {
            int sum = 0;
            for (int n = 0; n < 100; n++)
                try (PreparedStatement s = c.prepareStatement("SELECT ? + " + n % 20)) {
                    s.setInt(1, n);
                    ResultSet r = s.executeQuery();
                    r.next();
                    sum += r.getInt(1);
                }
            System.out.println(sum);
        });
    }

    static void modes(String name, String options) {
        step("mode " + name, options, c -> {
            for (String table : new String[] {"channels", "campaigns", "contacts", "events", "audit", "materialized.daily_metrics"}) ask(c, "SELECT * FROM " + table + " ORDER BY 1, 2 LIMIT 4");
            ask(c, "SELECT id, subject, body, cost, segments, sent_at, scheduled_for, took, urgent, payload, metadata, trace FROM messages ORDER BY id LIMIT 4");
            for (int n = 0; n < 7; n++) ask(c, "SELECT id, name FROM campaigns WHERE id = ? AND name = ?", 5500001L, "ACME campaign 1");
            attempt(c, "SELECT 1 / ?", 0);
            attempt(c, "SELECT nothing FROM campaigns WHERE id = ?", 1);
            c.setAutoCommit(false);
            PreparedStatement s = c.prepareStatement("SELECT id, sent_at FROM messages WHERE id > ? ORDER BY id");
            s.setFetchSize(11);
            s.setLong(1, 5500010);
            print(s.executeQuery());
            c.commit();
            print(c.getMetaData().getTables(null, "public", "cam%", null));
        });
    }
}
