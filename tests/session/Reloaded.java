// One transaction of a driver that saves before each statement and prepares on the server; between two of them the columns of what it
// asks for change. Reads a line of standard input where that happens.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

public class Reloaded {
    static final BufferedReader input = new BufferedReader(new InputStreamReader(System.in));

    static void ask(PreparedStatement statement) {
        StringBuilder line = new StringBuilder();
        try (ResultSet rows = statement.executeQuery()) {
            int columns = rows.getMetaData().getColumnCount();
            for (int i = 1; i <= columns; i++)
                line.append(i > 1 ? ", " : "").append(rows.getMetaData().getColumnName(i));
            while (rows.next()) {
                line.append(" |");
                for (int i = 1; i <= columns; i++)
                    line.append(' ').append(rows.getString(i));
            }
        } catch (SQLException e) {
            line.append(e.getSQLState());
        }
        System.out.println(line);
    }

    public static void main(String[] arguments) throws Exception {
        try (Connection connection = DriverManager.getConnection(arguments[0])) {
            for (boolean autocommit : new boolean[] {true, false}) {
                connection.setAutoCommit(autocommit);
                PreparedStatement wide = connection.prepareStatement("SELECT * FROM campaigns WHERE id = 3");
                PreparedStatement other = connection.prepareStatement("SELECT count(*) FROM messages");
                PreparedStatement wrong = connection.prepareStatement("SELECT 1 / (id - 1) FROM channels");
                for (int change = 0; change < 3; change++) {
                    for (int i = 0; i < 3; i++) {
                        ask(other);
                        ask(wide);
                        ask(wrong);
                    }
                    if (!autocommit)
                        connection.commit();
                    System.out.println("change");
                    input.readLine();
                }
            }
        }
    }
}
