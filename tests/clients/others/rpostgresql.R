# R's RPostgreSQL (DBI over libpq): tables and fields of the schema, queries, fetching in pieces, transactions, errors.
suppressMessages(library(RPostgreSQL))
options(digits.secs = 6, width = 200)
Sys.setenv(TZ = "UTC")
env <- Sys.getenv
con <- dbConnect(PostgreSQL(), host = env("PGHOST"), port = as.integer(env("PGPORT")), user = env("PGUSER"), password = env("PGPASSWORD"), dbname = env("PGDATABASE"))

step <- function(name, body) {
  cat("== ", name, "\n", sep = "")
  # its warnings and errors go to standard error as they like; what was said is printed here
  tryCatch(withCallingHandlers(body(con), warning = function(w) { cat("warning", conditionMessage(w), "\n"); invokeRestart("muffleWarning") }),
           error = function(e) cat("error", conditionMessage(e), "\n"))
}

step("dbGetInfo", function(con) print(dbGetInfo(con)[c("dbname", "user")]))
step("dbListTables", function(con) print(sort(dbListTables(con))))
step("dbExistsTable", function(con) print(c(dbExistsTable(con, "campaigns"), dbExistsTable(con, c("materialized", "daily_metrics")), dbExistsTable(con, "nothing"))))
step("dbListFields", function(con) { print(dbListFields(con, "campaigns")); print(dbListFields(con, "nothing")) })
step("dbReadTable", function(con) { d <- dbReadTable(con, "channels"); print(d[order(d[[1]]), ]) })
step("dbGetQuery", function(con) {
  print(dbGetQuery(con, "SELECT id, name, status, created_at FROM campaigns ORDER BY id"))
  print(dbGetQuery(con, "SELECT status, count(*), avg(id)::float8 FROM messages GROUP BY 1 ORDER BY 1"))
  print(dbGetQuery(con, "SELECT 1::int2, 2::int8, 1.5::numeric, 'x'::text, NULL::text, true, date '2024-02-29', '{1,2}'::int[]"))
  print(dbGetQuery(con, "SELECT id FROM campaigns WHERE false"))
})
step("dbColumnInfo", function(con) {
  rs <- dbSendQuery(con, "SELECT id, name, starts_on FROM campaigns")
  print(dbColumnInfo(rs)[, c("name", "Sclass", "type", "len", "precision", "scale", "nullOK")])
  dbClearResult(rs)
})
step("fetch in pieces", function(con) {
  rs <- dbSendQuery(con, "SELECT id FROM campaigns ORDER BY id")
  repeat {
    rows <- fetch(rs, n = 2)
    if (nrow(rows) == 0) break
    print(rows)
  }
  print(dbHasCompleted(rs))
  dbClearResult(rs)
})
step("parameters", function(con) {
  print(dbGetQuery(con, "SELECT id, name FROM campaigns WHERE id = $1", 5500001))
  print(dbGetQuery(con, "SELECT count(*) FROM campaigns WHERE name LIKE $1", "ACME%"))
})
step("transactions", function(con) {
  dbGetQuery(con, "BEGIN")
  print(dbGetQuery(con, "SELECT count(*) FROM campaigns"))
  dbRollback(con)
  dbGetQuery(con, "BEGIN")
  print(dbGetQuery(con, "SELECT count(*) FROM contacts"))
  dbCommit(con)
})
step("errors", function(con) {
  try(dbGetQuery(con, "SELECT nothing FROM campaigns"), silent = TRUE)
  cat(dbGetException(con)$errorMsg)
  try(dbGetQuery(con, "SELECT 1/0"), silent = TRUE)
  cat(dbGetException(con)$errorMsg)
  print(dbGetQuery(con, "SELECT 1 AS still"))
})
invisible(dbDisconnect(con))
