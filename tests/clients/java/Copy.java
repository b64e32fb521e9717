import java.io.*;
import java.nio.charset.StandardCharsets;
import java.sql.*;
import java.util.*;
import org.postgresql.PGConnection;
import org.postgresql.copy.*;

/** pgjdbc's CopyManager, of a user who may write. Prints sections (sections.py). */
public class Copy {
    interface Body {
        void run(Connection c, CopyManager m) throws Exception;
    }

    static void step(String name, Body body) {
        System.out.println("== " + name);
        Map<String, String> e = System.getenv();
        String url = "jdbc:postgresql://127.0.0.1:" + e.get("PGPORT") + "/" + e.get("PGDATABASE");
        try (Connection c = DriverManager.getConnection(url, e.get("PGUSER"), e.get("PGPASSWORD"))) {
            c.setAutoCommit(false);
            body.run(c, c.unwrap(PGConnection.class).getCopyAPI());
            c.rollback();
        } catch (Throwable t) {
            System.out.println("error " + (t instanceof SQLException ? ((SQLException) t).getSQLState() : t.getClass().getName()) + ": " + t.getMessage());
        }
        System.out.flush();
    }

    static void show(Connection c) throws SQLException {
        try (Statement s = c.createStatement(); ResultSet r = s.executeQuery("SELECT id, body, at FROM shop.notes WHERE id > 4000 ORDER BY id")) {
            while (r.next()) System.out.println(r.getInt(1) + "|" + r.getString(2) + "|" + r.getString(3));
        }
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    public static void main(String[] args) {
        step("copyIn from a reader", (c, m) -> {
            System.out.println(m.copyIn("COPY shop.notes FROM STDIN WITH CSV", new StringReader("4001,\"a,b\",2026-01-01\n4002,,\n")));
            show(c);
        });
        step("copyIn, written piece by piece", (c, m) -> {
            CopyIn in = m.copyIn("COPY shop.notes (id, body) FROM STDIN");
            System.out.println(in.getFieldCount() + " " + in.getFormat() + " " + in.getFieldFormat(0));
            for (String piece : new String[] {"40", "01\ta\\", "tb\n4002", "\t\\", "N\n"}) in.writeToCopy(bytes(piece), 0, bytes(piece).length);
            System.out.println(in.endCopy());
            show(c);
        });
        step("copyIn, cancelled", (c, m) -> {
            Savepoint before = c.setSavepoint();
            CopyIn in = m.copyIn("COPY shop.notes (id) FROM STDIN");
            in.writeToCopy(bytes("4001\n"), 0, 5);
            in.cancelCopy();
            c.rollback(before);
            show(c);
        });
        step("a stream to copyIn", (c, m) -> {
            try (PGCopyOutputStream out = new PGCopyOutputStream(c.unwrap(PGConnection.class), "COPY shop.notes (id, body) FROM STDIN", 1000)) {
                for (int i = 0; i < 5000; i++) out.write(bytes((4001 + i) + "\tbody " + i + "\n"));
            }
            try (Statement s = c.createStatement(); ResultSet r = s.executeQuery("SELECT count(*), max(body) FROM shop.notes WHERE id > 4000")) {
                r.next();
                System.out.println(r.getInt(1) + " " + r.getString(2));
            }
        });
        step("copyOut", (c, m) -> {
            StringWriter out = new StringWriter();
            System.out.println(m.copyOut("COPY (SELECT id, name FROM campaigns ORDER BY id) TO STDOUT WITH CSV HEADER", out));
            System.out.println(out);
        });
        step("copyOut, left early", (c, m) -> {
            CopyOut out = m.copyOut("COPY (SELECT generate_series(1, 1000000)) TO STDOUT");
            System.out.println(new String(out.readFromCopy(), StandardCharsets.UTF_8).trim() + " " + out.getFieldCount());
            out.cancelCopy();
        });
        step("errors", (c, m) -> m.copyIn("COPY shop.notes (id) FROM STDIN", new StringReader("4001\nx\n")));
        step("a table that is not there", (c, m) -> m.copyIn("COPY shop.nothing FROM STDIN", new StringReader("")));
        step("no copy", (c, m) -> m.copyIn("SELECT 1", new StringReader("")));
    }
}
