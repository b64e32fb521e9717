/* Queries: SQLite over rows that were written down for this one query.
 *
 * Each query has a database of its own, in memory, which lives as long as it runs: the tables that its text
 * names are made and filled, then SQLite is shut in and gets the text. Shut in means: an authorizer that lets
 * through reading these tables, recursion, and functions of a list, and nothing else (no PRAGMA, no ATTACH,
 * no virtual tables, no sqlite_schema); limits on lengths and depths; a limit on memory for all queries
 * together; a handler that is asked every few thousand instructions and ends a query that was cancelled or
 * took too long; and a result of bounded size. Nothing can be written, there is nothing on disk, and
 * temporary structures stay in memory.
 *
 * The type of a result column that is a column of a table is that column's. Of other expressions SQLite does
 * not know one before it has a value, so the query is run up to its first row to prepare it; what later
 * values do not fit is an error. */
#include <sqlite3.h>
#include <stdio.h>
#include <strings.h>

#include "dialog.h"
#include "encode.h"
#include "words.h"

#define PROGRESS_STEPS 4000

struct query {
    struct job *job;
    sqlite3 *database;
    sqlite3_stmt *statement;
    uint64_t deadline_us;
    bool shut; /* the client's own text is being read */
    bool late;
};

/* ---- faults ---- */

struct known_error {
    const char *begins, *sqlstate, *format; /* the format takes what stands behind */
};

/* In PostgreSQL's words where it has some. */
static const struct known_error known_errors[] = {
    {"no such table: ", HG_UNDEFINED_TABLE, "relation \"%s\" does not exist"},
    {"no such column: ", HG_UNDEFINED_COLUMN, "column \"%s\" does not exist"},
    {"no such function: ", HG_UNDEFINED_FUNCTION, "function %s does not exist"},
    {"wrong number of arguments to function ", HG_UNDEFINED_FUNCTION,
     "wrong number of arguments to function %s"},
    {"not authorized to use function: ", HG_INSUFFICIENT_PRIVILEGE, "function %s is not to be called here"},
    {"ambiguous column name: ", HG_AMBIGUOUS_COLUMN, "column reference \"%s\" is ambiguous"},
    {"unknown database ", HG_UNDEFINED_SCHEMA, "schema \"%s\" does not exist"},
};

static void fail(struct query *query, int code)
{
    struct job *job = query->job;
    const char *text = sqlite3_errmsg(query->database);
    struct hg_fault *fault = &job->fault;
    struct hg_arena *arena = &job->arena;

    job->fault_at = query->shut ? sqlite3_error_offset(query->database) : -1;
    for (size_t i = 0; i < sizeof known_errors / sizeof known_errors[0] && code == SQLITE_ERROR; i++) {
        size_t len = strlen(known_errors[i].begins);
        if (strncmp(text, known_errors[i].begins, len) == 0) {
            struct hg_slice rest = hg_arena_slice(arena, hg_slice_cstr(text + len));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
            hg_fault_set(fault, arena, known_errors[i].sqlstate, known_errors[i].format, rest.ptr);
#pragma GCC diagnostic pop
        }
    }
    if (code == SQLITE_INTERRUPT && query->late)
        hg_fault_set(fault, arena, HG_QUERY_CANCELED, "canceling statement: it took more than %u ms",
                     MOST_QUERY_MS);
    else if (code == SQLITE_INTERRUPT)
        hg_fault_set(fault, arena, HG_QUERY_CANCELED, "canceling statement due to user request");
    else if (code == SQLITE_AUTH)
        hg_fault_set(fault, arena, HG_INSUFFICIENT_PRIVILEGE, "%s", text);
    else if (code == SQLITE_NOMEM)
        hg_fault_set(fault, arena, HG_OUT_OF_MEMORY, "the statement takes too much memory");
    else if (code == SQLITE_TOOBIG)
        hg_fault_set(fault, arena, HG_STATEMENT_TOO_LONG, "a value or the statement is too large");
    else
        hg_fault_set(fault, arena, HG_SYNTAX_ERROR, "%s", text);
    hg_fault_hint(fault, arena,
                  "This is Headgate's console, which reads SQLite's dialect: SHOW HELP lists its tables.");
}

static bool check(struct query *query, int code)
{
    if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE)
        return true;
    fail(query, code);
    return false;
}

/* ---- functions ---- */

static void text_function(sqlite3_context *context, int count, sqlite3_value **values)
{
    (void)count;
    (void)values;
    sqlite3_result_text(context, sqlite3_user_data(context), -1, SQLITE_STATIC);
}

static void now_function(sqlite3_context *context, int count, sqlite3_value **values)
{
    char text[TIME_BYTES];

    (void)count;
    (void)values;
    time_text(time_now_us(), text);
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

static void pid_function(sqlite3_context *context, int count, sqlite3_value **values)
{
    const struct job *job = sqlite3_user_data(context);

    (void)count;
    (void)values;
    sqlite3_result_int64(context, job->pid);
}

static bool add_functions(struct query *query)
{
    static const char *const texts[][2] = {
        {"version", "PostgreSQL " HG_CONSOLE_SERVER_VERSION " " HG_VERSION ", the console"},
        {"current_database", HG_CONSOLE_DATABASE},
        {"current_catalog", HG_CONSOLE_DATABASE},
        {"current_schema", "headgate"},
    };
    const int flags = SQLITE_UTF8 | SQLITE_DIRECTONLY;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (!check(query, sqlite3_create_function(query->database, texts[i][0], 0, flags, (void *)texts[i][1],
                                                  text_function, NULL, NULL)))
            return false;
    return check(query,
                 sqlite3_create_function(query->database, "now", 0, flags, NULL, now_function, NULL, NULL)) &&
           check(query, sqlite3_create_function(query->database, "pg_backend_pid", 0, flags, query->job,
                                                pid_function, NULL, NULL));
}

/* ---- what is allowed ---- */

/* Nothing that goes on for long in a single call, where it cannot be stopped, as printf('%.*c', …) does. */
static bool is_harmless(const char *function)
{
    static const char *const harmless[] = {
        "abs",
        "avg",
        "coalesce",
        "count",
        "cume_dist",
        "current_catalog",
        "current_database",
        "current_date",
        "current_schema",
        "current_time",
        "current_timestamp",
        "date",
        "datetime",
        "dense_rank",
        "first_value",
        "glob",
        "group_concat",
        "hex",
        "ifnull",
        "iif",
        "instr",
        "julianday",
        "lag",
        "last_value",
        "lead",
        "length",
        "like",
        "lower",
        "ltrim",
        "max",
        "min",
        "now",
        "nth_value",
        "ntile",
        "nullif",
        "percent_rank",
        "pg_backend_pid",
        "quote",
        "rank",
        "replace",
        "round",
        "row_number",
        "rtrim",
        "sign",
        "strftime",
        "substr",
        "substring",
        "sum",
        "time",
        "total",
        "trim",
        "typeof",
        "unicode",
        "unixepoch",
        "upper",
        "version",
    };

    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
        if (strcasecmp(function, harmless[i]) == 0)
            return true;
    return false;
}

/* A table of which no column is read, as in count(*), has no database here, and may as well be one of the
 * query's own. What SQLite has of its own is not for it. */
static bool may_count(const char *table)
{
    return strncasecmp(table, "sqlite_", 7) != 0 && strncasecmp(table, "pragma_", 7) != 0;
}

static int authorize(void *argument, int action, const char *one, const char *two, const char *database,
                     const char *inside)
{
    const struct query *query = argument;

    (void)inside;
    if (!query->shut)
        return SQLITE_OK;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_RECURSIVE:
        return SQLITE_OK;
    case SQLITE_READ:
        if (two && !two[0])
            return may_count(one) ? SQLITE_OK : SQLITE_DENY;
        return database && strcmp(database, "headgate") == 0 && table_find(hg_slice_cstr(one)) ? SQLITE_OK
                                                                                               : SQLITE_DENY;
    case SQLITE_FUNCTION:
        return two && is_harmless(two) ? SQLITE_OK : SQLITE_DENY;
    default:
        return SQLITE_DENY;
    }
}

static int progress(void *argument)
{
    struct query *query = argument;

    query->late |= hg_clock_us() > query->deadline_us;
    return query->late || job_over(query->job);
}

static void set_limits(sqlite3 *database)
{
    sqlite3_limit(database, SQLITE_LIMIT_LENGTH,
                  256 << 10); /* instr(), replace() and trim() take its square */
    sqlite3_limit(database, SQLITE_LIMIT_SQL_LENGTH, MOST_STATEMENT_BYTES);
    sqlite3_limit(database, SQLITE_LIMIT_COLUMN, MOST_COLUMNS);
    sqlite3_limit(database, SQLITE_LIMIT_EXPR_DEPTH, 200);
    sqlite3_limit(database, SQLITE_LIMIT_COMPOUND_SELECT, 100);
    sqlite3_limit(database, SQLITE_LIMIT_VDBE_OP, 250000);
    sqlite3_limit(database, SQLITE_LIMIT_FUNCTION_ARG, 50);
    sqlite3_limit(database, SQLITE_LIMIT_ATTACHED, 1);
    sqlite3_limit(database, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000);
    sqlite3_limit(database, SQLITE_LIMIT_VARIABLE_NUMBER, MOST_PARAMETERS);
    sqlite3_limit(database, SQLITE_LIMIT_TRIGGER_DEPTH, 0);
    sqlite3_limit(database, SQLITE_LIMIT_WORKER_THREADS, 0);
}

void query_setup(void)
{
    (void)sqlite3_hard_heap_limit64(MOST_SQLITE_BYTES);
}

/* ---- the tables ---- */

static bool execute(struct query *query, const char *sql)
{
    return check(query, sqlite3_exec(query->database, sql, NULL, NULL, NULL));
}

static bool make_table(struct query *query, const struct table *table)
{
    struct hg_bytes sql;

    hg_bytes_init(&sql, 0);
    hg_write_format(&sql, "CREATE TABLE headgate.\"%s\" (", table->name);
    for (size_t i = 0; i < table->ncolumns; i++)
        hg_write_format(&sql, "%s\"%s\" %s", i ? ", " : "", table->columns[i].name,
                        column_type_name(table->columns[i].type));
    hg_write_cstr(&sql, HG_LIT(")"));
    bool made = execute(query, (const char *)sql.data);
    hg_bytes_free(&sql);
    return made;
}

static int bind_value(sqlite3_stmt *statement, int at, const struct value *value)
{
    switch (value->kind) {
    case VALUE_INT:
        return sqlite3_bind_int64(statement, at, value->integer);
    case VALUE_FLOAT:
        return sqlite3_bind_double(statement, at, value->real);
    case VALUE_TEXT:
        return sqlite3_bind_text64(statement, at, value->text.ptr ? value->text.ptr : "", value->text.len,
                                   SQLITE_STATIC, SQLITE_UTF8);
    default:
        return sqlite3_bind_null(statement, at);
    }
}

static bool insert_rows(struct query *query, const struct table *table, struct hg_reader rows,
                        sqlite3_stmt *insert)
{
    while (hg_reader_left(&rows) && !rows.failed && !job_over(query->job)) {
        for (size_t i = 0; i < table->ncolumns; i++) {
            struct value value = take_value(&rows);
            if (!check(query, bind_value(insert, (int)i + 1, &value)))
                return false;
        }
        if (!check(query, sqlite3_step(insert)) || !check(query, sqlite3_reset(insert)))
            return false;
    }
    return true;
}

static bool fill_table(struct query *query, const struct table *table, const struct hg_bytes *rows)
{
    struct hg_bytes sql;
    sqlite3_stmt *insert = NULL;

    if (rows->failed)
        return hg_fault_set(&query->job->fault, &query->job->arena, HG_OUT_OF_MEMORY,
                            "the rows of \"%s\" take more than %zu MiB", table->name, MOST_ROWS_BYTES >> 20);
    hg_bytes_init(&sql, 0);
    hg_write_format(&sql, "INSERT INTO headgate.\"%s\" VALUES (", table->name);
    for (size_t i = 0; i < table->ncolumns; i++)
        hg_write_text(&sql, i ? ", ?" : "?");
    hg_write_cstr(&sql, HG_LIT(")"));
    bool good =
        check(query, sqlite3_prepare_v2(query->database, (const char *)sql.data, -1, &insert, NULL)) &&
        insert_rows(query, table, hg_reader_of(rows->data, rows->len), insert);
    sqlite3_finalize(insert);
    hg_bytes_free(&sql);
    return good;
}

static bool fill_tables(struct query *query)
{
    struct job *job = query->job;

    for (size_t i = 0; i < hg_console_ntables; i++)
        if (!make_table(query, &hg_console_tables[i]))
            return false;
    for (size_t i = 0; i < hg_console_ntables; i++)
        if (job->tables >> i & 1 && !fill_table(query, &hg_console_tables[i], &job->rows[i]))
            return false;
    for (size_t i = 0; i < hg_console_ntables; i++)
        if (job->tables >> i & 1 && hg_console_tables[i].after && !execute(query, hg_console_tables[i].after))
            return false;
    return true;
}

static bool open_database(struct query *query)
{
    if (!check(query,
               sqlite3_open_v2(":memory:", &query->database,
                               SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX, NULL)))
        return false;
    sqlite3_db_config(query->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(query->database, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(query->database, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_db_config(query->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_drop_modules(query->database, NULL);
    set_limits(query->database);
    query->deadline_us = hg_clock_us() + MOST_QUERY_MS * 1000u;
    sqlite3_progress_handler(query->database, PROGRESS_STEPS, progress, query);
    return execute(query, "PRAGMA temp_store = MEMORY; PRAGMA journal_mode = OFF;"
                          "ATTACH ':memory:' AS headgate; PRAGMA headgate.journal_mode = OFF; BEGIN") &&
           add_functions(query) && fill_tables(query) && execute(query, "COMMIT");
}

/* ---- the client's statement ---- */

/* Which of the client's parameters each of SQLite's is: they are written $1, $2 … as in PostgreSQL. */
static bool number_of(const char *name, unsigned *number)
{
    *number = 0;
    if (!name || name[0] != '$' || !name[1])
        return false;
    for (const char *at = name + 1; *at; at++) {
        if (*at < '0' || *at > '9' || *number > MOST_PARAMETERS)
            return false;
        *number = *number * 10 + (unsigned)(*at - '0');
    }
    return *number >= 1 && *number <= MOST_PARAMETERS;
}

/* While a statement is prepared, what stands for a parameter: a number is 1, so that LIMIT $1 gives a row. */
static bool bind_stand_in(struct query *query, int at, unsigned number)
{
    const struct plan *plan = query->job->plan;
    bool is_number = plan->types && column_oid_is_number(plan->types[number - 1]);

    return check(query, is_number ? sqlite3_bind_int(query->statement, at, 1)
                                  : sqlite3_bind_null(query->statement, at));
}

static bool bind_parameters(struct query *query)
{
    struct job *job = query->job;
    int count = sqlite3_bind_parameter_count(query->statement);
    unsigned number;

    for (int i = 1; i <= count; i++) {
        if (!number_of(sqlite3_bind_parameter_name(query->statement, i), &number))
            return hg_fault_set(&job->fault, &job->arena, HG_SYNTAX_ERROR, "parameters are written $1, $2 …");
        if (job->task == JOB_PREPARE && number > job->plan->nparameters)
            job->plan->nparameters = number;
        if (job->task == JOB_RUN && number > job->nparameters)
            return hg_fault_set(&job->fault, &job->arena, HG_UNDEFINED_PARAMETER, "there is no parameter $%u",
                                number);
        if (job->task == JOB_PREPARE
                ? !bind_stand_in(query, i, number)
                : !check(query, bind_value(query->statement, i, &job->parameters[number - 1])))
            return false;
    }
    return true;
}

static bool prepare(struct query *query)
{
    struct job *job = query->job;
    struct hg_slice sql = job->plan->sql, rest;
    const char *tail;

    query->shut = true;
    if (!check(query, sqlite3_prepare_v2(query->database, sql.ptr, (int)sql.len, &query->statement, &tail)))
        return false;
    rest = hg_slice_of(tail, (size_t)(sql.ptr + sql.len - tail));
    if (!query->statement || word_next(&rest, NULL).kind != WORD_END)
        return hg_fault_set(&job->fault, &job->arena, HG_SYNTAX_ERROR, "syntax error");
    if (!sqlite3_stmt_readonly(query->statement) || sqlite3_stmt_isexplain(query->statement))
        return hg_fault_set(&job->fault, &job->arena, HG_INSUFFICIENT_PRIVILEGE, "only queries are allowed");
    return bind_parameters(query);
}

static struct value read_value(sqlite3_stmt *statement, int at)
{
    switch (sqlite3_column_type(statement, at)) {
    case SQLITE_INTEGER:
        return (struct value){.kind = VALUE_INT, .integer = sqlite3_column_int64(statement, at)};
    case SQLITE_FLOAT:
        return (struct value){.kind = VALUE_FLOAT, .real = sqlite3_column_double(statement, at)};
    case SQLITE_NULL:
        return (struct value){.kind = VALUE_NULL};
    default: {
        const char *text = (const char *)sqlite3_column_text(statement, at);
        size_t len = (size_t)sqlite3_column_bytes(statement, at);
        return (struct value){.kind = VALUE_TEXT, .text = hg_slice_of(text ? text : "", text ? len : 0)};
    }
    }
}

static enum column_type type_of(sqlite3_stmt *statement, int at, bool has_row)
{
    const char *declared = sqlite3_column_decltype(statement, at);

    if (declared)
        return column_type_find(hg_slice_cstr(declared));
    switch (has_row ? sqlite3_column_type(statement, at) : SQLITE_NULL) {
    case SQLITE_INTEGER:
        return COLUMN_INT8;
    case SQLITE_FLOAT:
        return COLUMN_FLOAT8;
    default:
        return COLUMN_TEXT;
    }
}

static void name_columns(struct query *query, bool has_row)
{
    struct plan *plan = query->job->plan;
    int count = sqlite3_column_count(query->statement);

    plan->columns = HG_NEW_ARRAY(&plan->arena, struct column, (size_t)count + 1);
    plan->ncolumns = (size_t)count;
    for (int i = 0; i < count; i++) {
        const char *name = sqlite3_column_name(query->statement, i);
        plan->columns[i].name = hg_arena_cstr(&plan->arena, hg_slice_cstr(name ? name : ""));
        plan->columns[i].type = type_of(query->statement, i, has_row);
    }
}

static bool add_row(struct query *query)
{
    struct job *job = query->job;
    struct value values[MOST_COLUMNS];

    for (size_t i = 0; i < job->plan->ncolumns; i++)
        values[i] = read_value(query->statement, (int)i);
    job_add_row(job, values);
    if (job->out.failed) {
        hg_fault_set(&job->fault, &job->arena, HG_STATEMENT_TOO_LONG, "the result is larger than %zu MiB",
                     MOST_RESULT_BYTES >> 20);
        hg_fault_hint(&job->fault, &job->arena, "Ask for less with WHERE, LIMIT or fewer columns.");
    }
    return !hg_fault_is_set(&job->fault);
}

static void run(struct query *query)
{
    struct job *job = query->job;
    int code = sqlite3_step(query->statement);

    /* LIMIT NULL, for want of a value: the types of expressions stay unknown. */
    bool no_value = job->task == JOB_PREPARE && code == SQLITE_MISMATCH;
    if (!no_value && !check(query, code))
        return;
    if (!job->plan->columns)
        name_columns(query, code == SQLITE_ROW);
    if (job->task == JOB_PREPARE)
        return;
    while (code == SQLITE_ROW && add_row(query)) {
        code = sqlite3_step(query->statement);
        if (!check(query, code))
            return;
    }
    if (!hg_fault_is_set(&job->fault))
        job_charge(job);
}

void query_run(struct job *job)
{
    struct query query = {.job = job};

    if (open_database(&query)) {
        sqlite3_set_authorizer(query.database, authorize, &query);
        if (prepare(&query))
            run(&query);
    }
    sqlite3_finalize(query.statement);
    sqlite3_close(query.database);
    if (hg_fault_is_set(&job->fault))
        hg_bytes_free(&job->out);
}
