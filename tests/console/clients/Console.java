import java.sql.*;
import java.util.*;

/** pgjdbc and the console: prints lines that test_drivers.py compares. */
public class Console {
    static Connection open(String options) throws SQLException {
        return DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + System.getenv("PGPORT") + "/headgate?" + options,
            System.getenv("PGUSER"), System.getenv("PGPASSWORD"));
    }

    static void print(ResultSet rows) throws SQLException {
        ResultSetMetaData meta = rows.getMetaData();
        while (rows.next()) {
            StringBuilder line = new StringBuilder();
            for (int i = 1; i <= meta.getColumnCount(); i++)
                line.append(i > 1 ? "|" : "").append(meta.getColumnTypeName(i)).append(' ').append(rows.getObject(i));
            System.out.println(line);
        }
    }

    static void use(String mode) throws Exception {
        System.out.println("== " + mode);
        try (Connection c = open(mode)) {
            try (PreparedStatement p = c.prepareStatement("SELECT \"user\", tls, id > ?, kind FROM headgate.sessions WHERE \"user\" = ? ORDER BY id LIMIT ?")) {
                for (int i = 0; i < 7; i++) { // from the fifth on prepared by name, and in binary
                    p.setLong(1, 0);
                    p.setString(2, "root");
                    p.setInt(3, 1);
                    if (i == 0 || i == 6) print(p.executeQuery());
                    else p.executeQuery().close();
                }
            }
            try (Statement s = c.createStatement()) {
                s.setFetchSize(3);
                c.setAutoCommit(false);
                int count = 0;
                try (ResultSet rows = s.executeQuery("SELECT command FROM help")) {
                    while (rows.next()) count++;
                }
                c.commit();
                c.setAutoCommit(true);
                System.out.println(count > 20);
                print(s.executeQuery("SHOW version").getMetaData().getColumnCount() > 5 ? s.executeQuery("SELECT 1") : null);
                s.execute("RELOAD");
                print(s.getResultSet().getMetaData().getColumnCount() == 1 ? s.executeQuery("SELECT 'reloaded'") : null);
                try {
                    s.execute("FROBNICATE");
                } catch (SQLException e) {
                    System.out.println(e.getSQLState() + " " + c.isValid(2));
                }
                try (ResultSet rows = s.executeQuery("SELECT connected_at FROM sessions LIMIT 1")) {
                    rows.next();
                    System.out.println(Math.abs(rows.getTimestamp(1).getTime() - System.currentTimeMillis()) < 600000);
                }
            }
            System.out.println(c.getTransactionIsolation() == Connection.TRANSACTION_READ_COMMITTED);
            System.out.println(c.getCatalog() + " " + c.getSchema());
        }
    }

    public static void main(String[] arguments) throws Exception {
        for (String mode : new String[] {"sslmode=disable", "preferQueryMode=simple", "sslmode=require", "preferQueryMode=extendedForPrepared", "prepareThreshold=1&binaryTransfer=true"})
            use(mode);
    }
}
