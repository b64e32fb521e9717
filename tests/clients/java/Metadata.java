import java.lang.reflect.*;
import java.sql.*;
import java.util.*;

/** pgjdbc's DatabaseMetaData and ResultSetMetaData in full: every getter by reflection, every question with several patterns. */
public class Metadata {
    interface Body {
        void run(Connection c) throws Exception;
    }

    static Connection open() throws SQLException {
        Map<String, String> e = System.getenv();
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + e.get("PGPORT") + "/" + e.get("PGDATABASE"), e.get("PGUSER"), e.get("PGPASSWORD"));
    }

    static void fail(Throwable t) {
        String state = t instanceof SQLException ? ((SQLException) t).getSQLState() : t.getClass().getName();
        System.out.println("error " + state + ": " + t.getMessage());
    }

    static void step(String name, Body body) {
        System.out.println("== " + name);
        try (Connection c = open()) {
            body.run(c);
        } catch (Throwable t) {
            fail(t);
        }
        System.out.flush();
    }

    interface Question {
        ResultSet ask(DatabaseMetaData m) throws SQLException;
    }

    /** One question: names and types of its columns, and all rows, but for the columns in skipped. */
    static void ask(Connection c, Question question, String... skipped) {
        Set<String> skip = new HashSet<>(Arrays.asList(skipped));
        try (ResultSet rows = question.ask(c.getMetaData())) {
            ResultSetMetaData meta = rows.getMetaData();
            StringBuilder head = new StringBuilder();
            for (int i = 1; i <= meta.getColumnCount(); i++) head.append(meta.getColumnLabel(i)).append(':').append(meta.getColumnTypeName(i)).append(' ');
            System.out.println(head);
            int count = 0;
            for (; rows.next(); count++) {
                StringBuilder line = new StringBuilder();
                for (int i = 1; i <= meta.getColumnCount(); i++)
                    if (!skip.contains(meta.getColumnName(i))) line.append('|').append(rows.getString(i));
                System.out.println(line);
            }
            System.out.println("(" + count + ")");
        } catch (SQLException e) {
            fail(e);
        }
    }

    /** Everything that takes no argument and answers with a value. */
    static void scalars(Object o, Class<?> type) {
        Method[] methods = type.getMethods();
        Arrays.sort(methods, Comparator.comparing(Method::getName));
        for (Method m : methods) {
            Class<?> result = m.getReturnType();
            if (m.getParameterCount() != 0 || !(result.isPrimitive() || result == String.class) || result == void.class) continue;
            try {
                System.out.println(m.getName() + " " + m.invoke(o));
            } catch (InvocationTargetException e) {
                System.out.print(m.getName() + " ");
                fail(e.getCause());
            } catch (IllegalAccessException e) {
                fail(e);
            }
        }
    }

    static final String[][] PATTERNS = {{null, null}, {"public", null}, {"public", "%"}, {"crm", "%"}, {"materialized", "%"}, {"pub%", "c%"}, {"public", "Mixed Case"}, {"public", "m_ss%"}, {"nothing", null},
            {"public", "nothing"}, {"", "campaigns"}, {"information_schema", "s%"}, {"pg_catalog", "pg_am%"}};
    static final String[][] TABLES = {{null, "campaigns"}, {"public", "channels"}, {"public", "contacts"}, {"public", "messages"}, {"public", "events"}, {"public", "Mixed Case"}, {"crm", "contacts"},
            {"materialized", "daily_metrics"}, {"shop", "orders"}, {"shop", "lines"}, {"shop", "customers"}, {"shop", "refunds"}, {"shop", "payments"}, {"shop", "rates"}, {"public", "nothing"}, {"nothing", "x"},
            {"pg_catalog", "pg_class"}, {null, null}};

    public static void main(String[] arguments) {
        step("every getter of DatabaseMetaData", c -> scalars(c.getMetaData(), DatabaseMetaData.class));
        step("every getter of Connection", c -> {
            System.out.println(c.getAutoCommit() + " " + c.getCatalog() + " " + c.getSchema() + " " + c.getHoldability() + " " + c.getNetworkTimeout() + " " + c.getTransactionIsolation() + " " + c.getTypeMap()
                    + " " + c.getWarnings() + " " + c.isReadOnly() + " " + c.isValid(1) + " " + c.nativeSQL("{fn now()}"));
        });
        tables();
        keys();
        types();
        privileges();
        results();
    }

    static void tables() {
        step("getTables", c -> {
            for (String[] p : PATTERNS) ask(c, m -> m.getTables(null, p[0], p[1], new String[] {"TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "PARTITIONED TABLE"}));
            for (String type : new String[] {"SYSTEM TABLE", "SYSTEM VIEW", "SYSTEM INDEX", "SYSTEM TOAST TABLE", "TYPE", "TEMPORARY TABLE", "nothing"})
                ask(c, m -> m.getTables(null, null, "%a%", new String[] {type}));
            ask(c, m -> m.getTables(null, "shop", "%", new String[] {"TABLE", "INDEX"}));
            ask(c, m -> m.getTables("analytics", null, "campaigns", null));
            ask(c, m -> m.getTables("nothing", null, "campaigns", null));
            ask(c, m -> m.getTables(null, null, "c\\_%", null));
        });
        step("getTableTypes, getSchemas, getCatalogs", c -> {
            ask(c, DatabaseMetaData::getTableTypes);
            ask(c, DatabaseMetaData::getSchemas);
            for (String p : new String[] {null, "%", "c%", "pg\\_%", "nothing"}) ask(c, m -> m.getSchemas(null, p));
            ask(c, m -> m.getSchemas("analytics", "public"));
            ask(c, DatabaseMetaData::getCatalogs);
        });
        step("getColumns", c -> {
            for (String[] p : PATTERNS)
                if (p[0] != null) ask(c, m -> m.getColumns(null, p[0], p[1], null));
            ask(c, m -> m.getColumns(null, null, "campaigns", "%"));
            ask(c, m -> m.getColumns(null, null, "contacts", "e%"));
            ask(c, m -> m.getColumns(null, null, null, "tenant_id"), "COLUMN_DEF");
            ask(c, m -> m.getColumns("nothing", null, "campaigns", "%"));
        });
        step("getColumns of tables that are written to", c -> {
            for (String table : new String[] {"rates", "customers", "orders", "tickets", "stock", "payments", "refunds", "ledger", "visits", "notes", "changes", "queue"})
                ask(c, m -> m.getColumns(null, "shop", table, null), "COLUMN_DEF");
        });
        step("getPseudoColumns, getAttributes, getSuperTables, getSuperTypes", c -> {
            ask(c, m -> m.getPseudoColumns(null, "public", "campaigns", null));
            ask(c, m -> m.getAttributes(null, "public", "campaigns", null));
            ask(c, m -> m.getSuperTables(null, "public", "campaigns"));
            ask(c, m -> m.getSuperTypes(null, "public", null));
        });
    }

    static void keys() {
        step("getPrimaryKeys", c -> {
            for (String[] t : TABLES) ask(c, m -> m.getPrimaryKeys(null, t[0], t[1]));
        });
        step("getImportedKeys, getExportedKeys", c -> {
            for (String[] t : TABLES) {
                ask(c, m -> m.getImportedKeys(null, t[0], t[1]));
                ask(c, m -> m.getExportedKeys(null, t[0], t[1]));
            }
        });
        step("getCrossReference", c -> {
            ask(c, m -> m.getCrossReference(null, "shop", "customers", null, "shop", "orders"));
            ask(c, m -> m.getCrossReference(null, "shop", "orders", null, "shop", "lines"));
            ask(c, m -> m.getCrossReference(null, "shop", "lines", null, "shop", "orders"));
            ask(c, m -> m.getCrossReference(null, null, null, null, null, null));
        });
        step("getIndexInfo", c -> {
            for (String[] t : TABLES)
                if (t[1] != null && !"pg_class".equals(t[1]))
                    for (boolean unique : new boolean[] {false, true}) ask(c, m -> m.getIndexInfo(null, t[0], t[1], unique, false), "CARDINALITY", "PAGES");
        });
        step("getBestRowIdentifier, getVersionColumns", c -> {
            for (String[] t : TABLES) {
                if (t[1] == null) continue;
                for (int scope : new int[] {DatabaseMetaData.bestRowTemporary, DatabaseMetaData.bestRowTransaction, DatabaseMetaData.bestRowSession})
                    ask(c, m -> m.getBestRowIdentifier(null, t[0], t[1], scope, false));
                ask(c, m -> m.getVersionColumns(null, t[0], t[1]));
            }
        });
    }

    static void types() {
        step("getTypeInfo", c -> {
            List<String> found = new ArrayList<>();  // in the order of the type's number, and among equals as they come
            ResultSet r = c.getMetaData().getTypeInfo();
            while (r.next()) {
                StringBuilder line = new StringBuilder();
                for (int i = 1; i <= r.getMetaData().getColumnCount(); i++) line.append(r.getString(i)).append('|');
                found.add(line.toString());
            }
            Collections.sort(found);
            System.out.println(String.join("\n", found));
        });
        step("getUDTs", c -> {
            for (String[] p : new String[][] {{null, null}, {"public", "%"}, {"shop", "%"}, {"public", "delivery_status"}, {"nothing", "%"}}) {
                ask(c, m -> m.getUDTs(null, p[0], p[1], null));
                ask(c, m -> m.getUDTs(null, p[0], p[1], new int[] {Types.DISTINCT, Types.STRUCT}));
            }
        });
        step("getFunctions, getProcedures and their columns", c -> {
            for (String p : new String[] {"l%", "array\\_%", "nothing", "now"}) {
                ask(c, m -> m.getFunctions(null, "pg_catalog", p), "SPECIFIC_NAME");
                ask(c, m -> m.getFunctionColumns(null, "pg_catalog", p, null), "SPECIFIC_NAME");
                ask(c, m -> m.getProcedures(null, "pg_catalog", p), "SPECIFIC_NAME");
                ask(c, m -> m.getProcedureColumns(null, "pg_catalog", p, null), "SPECIFIC_NAME");
            }
            ask(c, m -> m.getFunctions(null, "public", null), "SPECIFIC_NAME");
        });
        step("getClientInfoProperties", c -> ask(c, DatabaseMetaData::getClientInfoProperties));
        step("RowIdLifetime, supports", c -> {
            DatabaseMetaData m = c.getMetaData();
            System.out.println(m.getRowIdLifetime());
            for (int type : new int[] {ResultSet.TYPE_FORWARD_ONLY, ResultSet.TYPE_SCROLL_INSENSITIVE, ResultSet.TYPE_SCROLL_SENSITIVE})
                System.out.println(m.supportsResultSetType(type) + " " + m.supportsResultSetConcurrency(type, ResultSet.CONCUR_UPDATABLE) + " " + m.ownInsertsAreVisible(type) + " " + m.insertsAreDetected(type));
            for (int level = 0; level <= 8; level++) System.out.println(m.supportsTransactionIsolationLevel(level));
        });
    }

    static void privileges() {
        step("getTablePrivileges", c -> {
            for (String table : new String[] {"campaigns", "contacts", "%"}) ask(c, m -> m.getTablePrivileges(null, "public", table));
            ask(c, m -> m.getTablePrivileges(null, "materialized", "%"));
            ask(c, m -> m.getTablePrivileges(null, "nothing", "%"));
        });
        step("getColumnPrivileges", c -> {
            for (String column : new String[] {"id", "%", "nothing"}) ask(c, m -> m.getColumnPrivileges(null, "public", "campaigns", column));
            ask(c, m -> m.getColumnPrivileges(null, "crm", "contacts", "%"));
        });
    }

    /** Masked columns have no table of origin. */
    static final String CONTACTS = "acme_masked".equals(System.getenv("PGUSER")) ? "SELECT contact_no, full_name, country FROM contacts" : "SELECT * FROM contacts";
    static final String[] QUERIES = {"SELECT * FROM campaigns", "SELECT * FROM messages", CONTACTS, "SELECT * FROM crm.contacts", "SELECT * FROM materialized.daily_metrics", "SELECT * FROM \"Mixed Case\"",
            "SELECT * FROM shop.customers", "SELECT * FROM shop.orders", "SELECT * FROM shop.lines", "SELECT c.id AS number, c.name, m.subject, upper(c.name) AS big, count(*) FROM campaigns c JOIN messages m ON m.campaign_id = c.id GROUP BY 1, 2, 3, 4",
            "SELECT q.n, q.name FROM (SELECT id AS n, name FROM campaigns) q", "WITH w AS (SELECT id, status FROM campaigns) SELECT * FROM w", "SELECT id FROM campaigns UNION SELECT id FROM messages",
            "SELECT 1, 'x', NULL, now(), 1.5, ARRAY[1], true, '{}'::json, ROW(1), interval '1 day', '\\x00'::bytea, 1::numeric(5, 2), 'x'::varchar(7), 'x'::char(3), date '2024-01-01', time '12:00', timestamp(3) '2024-01-01'"};

    static void results() {
        for (boolean prepared : new boolean[] {false, true})
            step("ResultSetMetaData " + (prepared ? "of a prepared statement" : "of a result"), c -> {
                for (String sql : QUERIES) {
                    try (PreparedStatement s = c.prepareStatement(sql)) {
                        ResultSetMetaData m = prepared ? s.getMetaData() : s.executeQuery().getMetaData();
                        for (int i = 1; i <= m.getColumnCount(); i++) column(m, i);
                    } catch (SQLException e) {
                        fail(e);
                    }
                }
            });
    }

    /** Every getter of a column; the base table's name is pgjdbc's own question to the catalog. */
    static void column(ResultSetMetaData m, int i) throws SQLException {
        System.out.println(m.getColumnLabel(i) + "|" + m.getColumnName(i) + "|" + m.getColumnTypeName(i) + "|" + m.getColumnType(i) + "|" + m.getColumnClassName(i) + "|" + m.getPrecision(i) + "|" + m.getScale(i) + "|"
                + m.getColumnDisplaySize(i) + "|" + m.getTableName(i) + "|" + m.getSchemaName(i) + "|" + m.getCatalogName(i) + "|" + m.isNullable(i) + "|" + m.isAutoIncrement(i) + "|" + m.isSigned(i) + "|" + m.isCaseSensitive(i)
                + "|" + m.isCurrency(i) + "|" + m.isReadOnly(i) + "|" + m.isSearchable(i) + "|" + m.isWritable(i) + "|" + m.isDefinitelyWritable(i) + "|" + ((org.postgresql.PGResultSetMetaData) m).getBaseTableName(i) + "|"
                + ((org.postgresql.PGResultSetMetaData) m).getBaseColumnName(i) + "|" + ((org.postgresql.PGResultSetMetaData) m).getBaseSchemaName(i));
    }
}
