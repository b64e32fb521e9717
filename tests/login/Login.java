import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Properties;

/** Logins with pgjdbc, one for each line "user|password|path of certificate and key without suffix|sslmode"; prints how each ended. */
public class Login {
    public static void main(String[] arguments) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, "UTF-8"));
        for (String line; (line = lines.readLine()) != null;) {
            String[] parts = line.split("\\|", -1);
            Properties properties = new Properties();
            properties.setProperty("user", parts[0]);
            properties.setProperty("password", parts[1]);
            properties.setProperty("sslmode", parts[3]);
            if (!parts[2].isEmpty()) {
                properties.setProperty("sslcert", parts[2] + ".crt");
                properties.setProperty("sslkey", parts[2] + ".pk8");
            }
            try (Connection connection = DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + arguments[0] + "/analytics", properties);
                 ResultSet rows = connection.createStatement().executeQuery("SELECT current_user, count(*) FROM items")) {
                rows.next();
                System.out.println(rows.getString(1) + " " + rows.getLong(2));
            } catch (SQLException error) {
                System.out.println(error.getSQLState() + " " + error.getMessage().split("\n")[0]);
            }
        }
    }
}
