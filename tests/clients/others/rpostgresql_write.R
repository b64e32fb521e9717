# R's RPostgreSQL of a user who may write: statements, rows of a data frame by COPY, what it asks before; all rolled back.
suppressMessages(library(RPostgreSQL))
options(digits.secs = 6, width = 200)
Sys.setenv(TZ = "UTC")
env <- Sys.getenv

step <- function(name, body) {
  cat("== ", name, "\n", sep = "")
  con <- dbConnect(PostgreSQL(), host = env("PGHOST"), port = as.integer(env("PGPORT")), user = env("PGUSER"), password = env("PGPASSWORD"), dbname = env("PGDATABASE"))
  dbGetQuery(con, "BEGIN")
  tryCatch(withCallingHandlers(body(con), warning = function(w) { cat("warning", conditionMessage(w), "\n"); invokeRestart("muffleWarning") }),
           error = function(e) cat("error", conditionMessage(e), "\n"))
  dbRollback(con)
  invisible(dbDisconnect(con))
}

step("dbSendQuery, rows affected", function(con) {
  rs <- dbSendQuery(con, "INSERT INTO shop.notes (id, body) VALUES (13001, 'a'), (13002, NULL)")
  print(c(dbGetRowsAffected(rs), dbHasCompleted(rs)))
  print(dbGetStatement(rs))
  dbClearResult(rs)
  print(dbGetQuery(con, "UPDATE shop.notes SET body = 'b' WHERE id > 13000 RETURNING id, body"))
  print(dbGetQuery(con, "SELECT id, body FROM shop.notes WHERE id > $1 ORDER BY id", 13000))
})
step("dbWriteTable appends", function(con) {
  dbGetQuery(con, "SET LOCAL search_path = shop")
  d <- data.frame(id = c(13001L, 13002L), body = c("x\ty", NA), at = c(NA, NA))
  print(dbWriteTable(con, "notes", d, append = TRUE, row.names = FALSE))
  print(dbGetQuery(con, "SELECT id, body FROM notes WHERE id > 13000 ORDER BY id"))
})
step("errors of constraints", function(con) {
  for (sql in c("INSERT INTO shop.customers (id, name) VALUES (13001, 'a'), (13001, 'b')", "SELECT 1")) {
    try(print(dbGetQuery(con, sql)), silent = TRUE)
    cat(dbGetException(con)$errorMsg)
  }
})
step("types", function(con) {
  for (table in c("campaigns", "contacts", "events", "shop.customers", "materialized.daily_metrics")) {
    rs <- dbSendQuery(con, paste("SELECT * FROM", table, "ORDER BY 1, 2 LIMIT 3"))
    print(dbColumnInfo(rs)[, c("name", "Sclass", "type", "len", "precision", "scale", "nullOK")])
    print(fetch(rs, -1))
    dbClearResult(rs)
  }
})
