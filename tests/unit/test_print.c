/* rewrite/print: what is printed parses back to the tree it was printed from. Proved on written statements
 * (tests/cases/print.sql, print_write.sql), on every key word and hostile names at every place of a name
 * (print_names.sql, print_write_names.sql, keywords.txt), and on random statements; then the exact text of
 * the known traps, marks, holes, and refusals. */
#include "check.h"
#include "keywords.h"
#include "print.h"
#include "random_select.h"
#include "reflect.h"
#include "tree.h"

static const struct hg_tree_limits limits = {.max_bytes = 1 << 20, .max_nesting = 500};
static const struct hg_tree_limits printed_limits = {.max_bytes = 8 << 20, .max_nesting = 3000};

/* ---- round trip ---- */

struct messages {
    ProtobufCMessage *list[20000];
    size_t count;
};

static enum hg_walk collect(ProtobufCMessage *message, ProtobufCMessage *parent,
                            const ProtobufCFieldDescriptor *field, void *argument)
{
    (void)parent;
    (void)field;
    struct messages *messages = argument;
    if (messages->count == sizeof messages->list / sizeof *messages->list)
        return HG_WALK_STOP;
    messages->list[messages->count++] = message;
    return HG_WALK_INTO;
}

static bool has_mark(const struct hg_printed *printed, int32_t output, int32_t source)
{
    for (size_t i = 0; i < printed->nmarks; i++)
        if (printed->marks[i].output == (uint32_t)output && printed->marks[i].source == (uint32_t)source)
            return true;
    return false;
}

/* Marks stand exactly where the parser says that the printed node is. Targets have no mark of their own: they
 * begin with their expression. What the grammar adds on its own has no location in one of the trees. */
static bool marks_hold(const struct hg_printed *printed, PgQuery__Node *source, PgQuery__Node *again)
{
    static struct messages ours, theirs;
    ours.count = theirs.count = 0;
    for (size_t i = 1; i < printed->nmarks; i++)
        if (printed->marks[i].output < printed->marks[i - 1].output)
            return false;
    if (!hg_tree_walk(&source->base, 4000, collect, &ours) ||
        !hg_tree_walk(&again->base, 4000, collect, &theirs) || ours.count != theirs.count)
        return false;
    for (size_t i = 0; i < ours.count; i++) {
        int32_t from = hg_message_location(ours.list[i]), to = hg_message_location(theirs.list[i]);
        if (from < 0 || to < 0 || ours.list[i]->descriptor == &pg_query__res_target__descriptor)
            continue;
        if (!has_mark(printed, to, from)) {
            fprintf(stderr, "no mark for %s at %d\n", ours.list[i]->descriptor->short_name, from);
            return false;
        }
    }
    return true;
}

enum outcome { SAME, UNPARSED, REFUSED, DIFFERENT };

static enum outcome round_trip(struct hg_slice text, enum hg_dialect dialect)
{
    struct hg_arena arena;
    struct hg_tree source = {0}, again = {0};
    struct hg_fault fault = {0};
    struct hg_printed printed = {0};
    struct hg_slice why = {0};
    enum outcome outcome = DIFFERENT;

    hg_arena_init(&arena, 0);
    if (!hg_tree_open(&source, text, &limits, &arena, &fault)) {
        outcome = UNPARSED;
    } else if (source.result->n_stmts != 1) {
        outcome = UNPARSED;
    } else if (!hg_print(source.result->stmts[0]->stmt, dialect, NULL, NULL, &arena, &printed, &fault)) {
        outcome = REFUSED;
    } else if (hg_tree_open(&again, printed.sql, &printed_limits, &arena, &fault) &&
               again.result->n_stmts == 1 &&
               hg_tree_equal(&source.result->stmts[0]->stmt->base, &again.result->stmts[0]->stmt->base,
                             &arena, &why) &&
               marks_hold(&printed, source.result->stmts[0]->stmt, again.result->stmts[0]->stmt)) {
        outcome = SAME;
    }
    if (outcome != SAME && outcome != UNPARSED)
        fprintf(stderr, "%.*s\n  gave %.*s\n  %.*s %.*s\n", HG_SLICE_FMT(text), HG_SLICE_FMT(printed.sql),
                HG_SLICE_FMT(fault.message), HG_SLICE_FMT(why));
    hg_tree_close(&again);
    hg_tree_close(&source);
    hg_arena_free(&arena);
    return outcome;
}

/* ---- statements of files ---- */

static char *read_whole(const char *path)
{
    char full[4096];
    snprintf(full, sizeof full, "%s/tests/cases/%s", HG_SOURCE_DIR, path);
    FILE *file = fopen(full, "rb");
    if (!CHECK(file != NULL)) {
        perror(full);
        exit(1);
    }
    static const size_t room = 1 << 20;
    char *text = malloc(room);
    size_t len = fread(text, 1, room - 1, file);
    fclose(file);
    text[len] = '\0';
    return text;
}

/* The next line that is neither empty nor a comment; NULL at the end. Cuts the text up. */
static char *next_line(char **at, const char *comment)
{
    while (**at) {
        char *line = *at;
        size_t len = strcspn(line, "\n");
        *at += len + (line[len] != '\0');
        line[len] = '\0';
        if (*line && strncmp(line, comment, strlen(comment)) != 0)
            return line;
    }
    return NULL;
}

/* How many there are. */
static unsigned test_file(const char *path, bool redshift)
{
    char *text = read_whole(path), *at = text;
    unsigned count = 0;
    for (char *line; (line = next_line(&at, "--")); count++) {
        CHECK(round_trip(hg_slice_cstr(line), HG_DIALECT_POSTGRESQL) == SAME);
        if (redshift && !strchr(line, '\\'))
            CHECK(round_trip(hg_slice_cstr(line), HG_DIALECT_REDSHIFT) == SAME);
    }
    free(text);
    return count;
}

static void test_cases(void)
{
    CHECK(test_file("print.sql", true) > 300);
    CHECK(test_file("print_write.sql", false) > 45);
}

/* ---- names ---- */

static const char *const hostile_names[] = {
    "q\"uote",
    "it's",
    "new\nline",
    "$1",
    "a$b",
    "x := 1), s.* FROM other.secret s -- ",
    "; DROP TABLE t; --",
    "/*",
    "*/",
    "--",
    "back\\slash",
    "tab\t",
    "две",
    "\xf0\x9f\x98\x80",
    "Mixed",
    " ",
    ".",
    "a.b",
    "*",
    "1a",
    "0",
    "''",
    "\"",
    "\"\"",
    "[",
    "(",
    "$$",
    "%s",
    "{}",
    "=>",
    "::",
    "U&",
    "E'",
    "\x01",
    "\x7f",
    "ǆ",
    "ß",
    "a-b",
    "é",
};

/* The template with `"name"` for each %s. */
static struct hg_slice with_name(struct hg_bytes *out, const char *template, const char *name)
{
    hg_bytes_clear(out);
    for (const char *found; (found = strstr(template, "%s")); template = found + 2) {
        hg_write(out, template, (size_t)(found - template));
        for (const char *c = name; *c; c++)
            hg_write(out, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    }
    hg_write_text(out, template);
    return hg_bytes_slice(out);
}

static void test_name(const char *template, const char *name, enum hg_dialect dialect)
{
    struct hg_bytes text;
    hg_bytes_init(&text, 0);
    if (!CHECK(round_trip(with_name(&text, template, name), dialect) == SAME))
        fprintf(stderr, "  with the name %s\n", name);
    hg_bytes_free(&text);
}

static void test_names(const char *path, bool redshift, unsigned least)
{
    char *templates = read_whole(path), *words = read_whole("keywords.txt"), *at = templates;
    unsigned count = 0;
    for (char *template; (template = next_line(&at, "--"));) {
        char *copy = strdup(words), *word_at = copy;
        for (char *word; (word = next_line(&word_at, "#")); count++) {
            *strchr(word, ' ') = '\0';
            test_name(template, word, HG_DIALECT_POSTGRESQL);
        }
        free(copy);
        for (size_t i = 0; i < sizeof hostile_names / sizeof *hostile_names; i++) {
            test_name(template, hostile_names[i], HG_DIALECT_POSTGRESQL);
            /* The first names of EXTRACT and the options of EXPLAIN become strings. */
            bool string = strstr(template, "EXTRACT") || strstr(template, "EXPLAIN");
            if (redshift && (!string || !strchr(hostile_names[i], '\\')))
                test_name(template, hostile_names[i], HG_DIALECT_REDSHIFT);
        }
    }
    CHECK(count > least);
    free(templates);
    free(words);
}

static void test_keywords(void)
{
    char *words = read_whole("keywords.txt"), *at = words;
    for (char *word; (word = next_line(&at, "#"));) {
        size_t len = strcspn(word, " ");
        bool unreserved = word[len + 1] == 'U';
        bool quoted = hg_must_quote_word(hg_slice_of(word, len), HG_DIALECT_POSTGRESQL);
        if (!CHECK(unreserved || quoted))
            fprintf(stderr, "  %s\n", word);
        CHECK(!quoted || hg_must_quote_word(hg_slice_of(word, len), HG_DIALECT_REDSHIFT));
    }
    CHECK(!hg_must_quote_word(HG_LIT("name"), HG_DIALECT_POSTGRESQL));
    CHECK(!hg_must_quote_word(HG_LIT("tag"), HG_DIALECT_POSTGRESQL));
    CHECK(hg_must_quote_word(HG_LIT("tag"), HG_DIALECT_REDSHIFT));
    CHECK(hg_must_quote_word(HG_LIT("truncatecolumns"), HG_DIALECT_REDSHIFT));
    CHECK(!hg_must_quote_word(HG_LIT("a_word_longer_than_all_key_words"), HG_DIALECT_REDSHIFT));
    free(words);
}

/* ---- random statements ---- */

static void test_random(void)
{
    struct random_select generator = {0};
    unsigned same = 0, unparsed = 0;
    hg_bytes_init(&generator.out, 0);
    for (uint64_t seed = 1; same < 3000 && seed < 10000; seed++) {
        enum outcome outcome = round_trip(random_statement(&generator, seed), HG_DIALECT_POSTGRESQL);
        if (outcome == UNPARSED)
            unparsed++;
        else if (CHECK(outcome == SAME))
            same++;
        else
            fprintf(stderr, "  with seed %llu\n", (unsigned long long)seed);
    }
    CHECK_INT(same, 3000);
    CHECK(unparsed < same / 4);
    hg_bytes_free(&generator.out);
}

/* ---- texts ---- */

static bool print_text(struct hg_slice text, enum hg_dialect dialect, struct hg_arena *arena,
                       struct hg_slice *sql, struct hg_fault *fault)
{
    struct hg_tree tree;
    struct hg_printed printed = {0};
    *fault = (struct hg_fault){0};
    if (!CHECK(hg_tree_open(&tree, text, &limits, arena, fault))) {
        fprintf(stderr, "  %.*s\n", HG_SLICE_FMT(text));
        return false;
    }
    bool done = hg_print(tree.result->stmts[0]->stmt, dialect, NULL, NULL, arena, &printed, fault);
    *sql = printed.sql;
    hg_tree_close(&tree);
    return done;
}

/* What the library's own deparser gets wrong, and what this printer promises. */
static const struct {
    const char *from, *to;
} texts[] = {
    {"SELECT f(\"x := 1), s.* FROM other.secret s -- \" := 2)",
     "SELECT f(\"x := 1), s.* FROM other.secret s -- \" => 2)"},
    {"SELECT 1 FROM a JOIN b USING (x) AS \"j, other.secret\"",
     "SELECT 1 FROM a JOIN b USING (x) AS \"j, other.secret\""},
    {"SELECT sum(a) OVER \"w) FROM s\" FROM t", "SELECT sum(a) OVER \"w) FROM s\" FROM t"},
    {"SELECT 1 WHERE (true OR x)::bool AND tenant_id = 42",
     "SELECT 1 WHERE (TRUE OR x)::bool AND (tenant_id = 42)"},
    {"SELECT (a OR b) IS NULL", "SELECT (a OR b) IS NULL"},
    {"SELECT (a OR b) COLLATE \"C\"", "SELECT (a OR b) COLLATE \"C\""},
    {"SELECT (a || b) = ANY (c)", "SELECT (a || b) = ANY (c)"},
    {"SELECT (a AND b) BETWEEN c AND d", "SELECT (a AND b) BETWEEN c AND d"},
    {"SELECT (a || b) AT TIME ZONE c", "SELECT (a || b) AT TIME ZONE c"},
    {"SELECT (a || b)[1]", "SELECT (a || b)[1]"},
    {"SELECT (a).b, a.b, (a.b).c, a[1].b", "SELECT (a).b, a.b, (a.b).c, a[1].b"},
    {"SELECT 2 - -1, -(-1), - - x", "SELECT 2 - (-1), 1, - (- x)"},
    {"SELECT -1::int, (-1)::int", "SELECT - 1::integer, (-1)::integer"},
    {"SELECT OPERATOR(-) 1, OPERATOR(=) x", "SELECT OPERATOR(-) 1, OPERATOR(=) x"},
    {"SELECT E'a\\\\b''\\'', $$it's$$, U&'\\0041'", "SELECT 'a\\b''''', 'it''s', 'A'"},
    {"SELECT a AS \"Name\", b AS name, c AS \"user\"", "SELECT a AS \"Name\", b AS name, c AS \"user\""},
    {"SELECT cube(a) FROM t GROUP BY cube(a), (cube(a))",
     "SELECT \"cube\"(a) FROM t GROUP BY CUBE (a), \"cube\"(a)"},
    {"SELECT extract(year FROM x), trim(x), x AT TIME ZONE 'UTC'",
     "SELECT EXTRACT(year FROM x), TRIM(BOTH x), x AT TIME ZONE 'UTC'"},
    {"SELECT interval '1' day, int '1', 1::varchar(3), timestamptz '2020-01-01'",
     "SELECT '1'::interval day, '1'::integer, 1::character varying(3), '2020-01-01'::timestamptz"},
    {"SELECT a FROM t LIMIT ALL", "SELECT a FROM t LIMIT NULL"},
    {"(SELECT 1 LIMIT 1) UNION ALL SELECT 2 UNION ALL SELECT 3 LIMIT 4",
     "(SELECT 1 LIMIT 1) UNION ALL SELECT 2 UNION ALL SELECT 3 LIMIT 4"},
    {"SELECT 1 UNION (SELECT 2 INTERSECT SELECT 3)", "SELECT 1 UNION (SELECT 2 INTERSECT SELECT 3)"},
    {"TABLE t", "SELECT * FROM t"},
    {"SELECT 1 FROM ONLY t, u * AS x (y)", "SELECT 1 FROM ONLY t, u AS x (y)"},
    {"SELECT a NOT IN (SELECT 1), a = ANY (SELECT 1)", "SELECT NOT (a IN (SELECT 1)), a = ANY (SELECT 1)"},
    {"explain (costs off) select 1 -- x", "EXPLAIN (costs 'off') SELECT 1"},
    {"insert into t as x (a, \"B\") values (1, default) on conflict do nothing returning *",
     "INSERT INTO t AS x (a, \"B\") VALUES (1, DEFAULT) ON CONFLICT DO NOTHING RETURNING *"},
    {"update t set (a, b) = (select 1, 2), c = -1 from u where t.a = u.a or u.b",
     "UPDATE t SET (a, b) = (SELECT 1, 2), c = -1 FROM u WHERE (t.a = u.a) OR u.b"},
    {"delete from t x using u where x.a = 'p' and (x.b or x.c)",
     "DELETE FROM t AS x USING u WHERE (x.a = 'p') AND (x.b OR x.c)"},
};

static void test_texts(void)
{
    struct hg_arena arena;
    struct hg_fault fault;
    struct hg_slice sql;
    hg_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        CHECK(print_text(hg_slice_cstr(texts[i].from), HG_DIALECT_POSTGRESQL, &arena, &sql, &fault));
        CHECK_TEXT(sql, texts[i].to);
    }
    CHECK(print_text(HG_LIT("SELECT tag, \"open\", name FROM t"), HG_DIALECT_REDSHIFT, &arena, &sql, &fault));
    CHECK_TEXT(sql, "SELECT \"tag\", \"open\", name FROM t");
    CHECK(!print_text(HG_LIT("SELECT 'a\\b'"), HG_DIALECT_REDSHIFT, &arena, &sql, &fault));
    CHECK_TEXT(hg_slice_cstr(fault.sqlstate), HG_FEATURE_NOT_SUPPORTED);
    CHECK_TEXT(fault.hint, "Build the string with chr(92).");
    hg_arena_free(&arena);
}

static void test_literals(void)
{
    struct hg_bytes out;
    hg_bytes_init(&out, 0);
    hg_print_identifier(&out, HG_LIT("plain_1"));
    hg_print_identifier(&out, HG_LIT("select"));
    hg_print_identifier(&out, HG_LIT("a\"b"));
    CHECK(hg_print_literal(&out, HG_LIT("it's\\"), HG_DIALECT_POSTGRESQL));
    CHECK_TEXT(hg_bytes_slice(&out), "plain_1\"select\"\"a\"\"b\"'it''s\\'");
    CHECK(!hg_print_literal(&out, HG_LIT("\\"), HG_DIALECT_REDSHIFT));
    CHECK(!hg_print_literal(&out, HG_LIT("a\0b"), HG_DIALECT_POSTGRESQL));
    static const char *const broken[] = {"\x80",     "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                         "\xe2\x82", "\xff"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++)
        CHECK(!hg_print_literal(&out, hg_slice_cstr(broken[i]), HG_DIALECT_POSTGRESQL));
    hg_bytes_clear(&out);
    CHECK(hg_print_literal(&out, HG_LIT("\xf4\x8f\xbf\xbf\xed\x9f\xbf\xc2\x80"), HG_DIALECT_REDSHIFT));
    CHECK(hg_print_literal(&out, (struct hg_slice){0}, HG_DIALECT_REDSHIFT));
    CHECK_TEXT(hg_bytes_slice(&out), "'\xf4\x8f\xbf\xbf\xed\x9f\xbf\xc2\x80'''");
    hg_bytes_free(&out);
}

/* ---- refusals ---- */

static const struct {
    const char *text, *message;
} refused[] = {
    {"MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE", "MergeStmt is not supported here"},
    {"DELETE FROM t WHERE CURRENT OF c", "CurrentOfExpr is not supported here"},
    {"INSERT INTO t VALUES (1) ON CONFLICT (a) WHERE b DO NOTHING",
     "this target of ON CONFLICT is not supported"},
    {"INSERT INTO t VALUES (1) ON CONFLICT (lower(a)) DO NOTHING",
     "this target of ON CONFLICT is not supported"},
    {"INSERT INTO t VALUES (1) ON CONFLICT (a COLLATE \"C\") DO NOTHING",
     "this target of ON CONFLICT is not supported"},
    {"INSERT INTO t VALUES (1) ON CONFLICT (a text_ops) DO NOTHING",
     "this target of ON CONFLICT is not supported"},
    {"INSERT INTO t VALUES (1) ON CONFLICT (a DESC) DO NOTHING",
     "this target of ON CONFLICT is not supported"},
    {"SELECT 1 INTO t", "SELECT INTO is not supported here"},
    {"SELECT * FROM XMLTABLE('/x' PASSING a COLUMNS b text)", "RangeTableFunc is not supported here"},
    {"SELECT 1::SETOF int", "SETOF is not supported here"},
    {"SELECT b'12'", "a bit string constant with other than binary digits is not supported"},
    {"SELECT x'g'", "a bit string constant with other than hexadecimal digits is not supported"},
    {"(SELECT 1 ORDER BY 1 FETCH FIRST 1 ROW WITH TIES) FOR UPDATE SKIP LOCKED",
     "SKIP LOCKED and WITH TIES cannot be used together"},
};

static void test_refused(void)
{
    struct hg_arena arena;
    hg_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct hg_fault fault;
        struct hg_slice sql;
        CHECK(!print_text(hg_slice_cstr(refused[i].text), HG_DIALECT_POSTGRESQL, &arena, &sql, &fault));
        CHECK_TEXT(fault.message, refused[i].message);
        CHECK_TEXT(hg_slice_cstr(fault.sqlstate), HG_FEATURE_NOT_SUPPORTED);
        CHECK_INT(sql.len, 0);
    }
    hg_arena_free(&arena);
}

/* Nothing is written in the other dialect. */
static void test_read_only_dialect(void)
{
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"INSERT INTO t VALUES (1)", "writing is not supported on this backend"},
        {"UPDATE t SET a = 1", "writing is not supported on this backend"},
        {"WITH a AS (DELETE FROM t RETURNING *) SELECT * FROM a", "writing is not supported on this backend"},
        {"SELECT a FROM t FOR UPDATE", "locking rows is not supported on this backend"},
    };
    struct hg_arena arena;
    hg_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct hg_fault fault;
        struct hg_slice sql;
        CHECK(print_text(hg_slice_cstr(cases[i].text), HG_DIALECT_POSTGRESQL, &arena, &sql, &fault));
        CHECK(!print_text(hg_slice_cstr(cases[i].text), HG_DIALECT_REDSHIFT, &arena, &sql, &fault));
        CHECK_TEXT(fault.message, cases[i].message);
        CHECK_TEXT(hg_slice_cstr(fault.sqlstate), HG_FEATURE_NOT_SUPPORTED);
    }
    hg_arena_free(&arena);
}

/* Each enumeration of a tree in turn gets a value that nothing means, each text becomes hostile: the printer
 * must refuse, or print what parses back to the changed tree, and never print something else. */
struct mutation {
    size_t at, seen;
    bool done;
};

static enum hg_walk mutate(ProtobufCMessage *message, ProtobufCMessage *parent,
                           const ProtobufCFieldDescriptor *field, void *argument)
{
    (void)parent;
    (void)field;
    struct mutation *mutation = argument;
    for (unsigned i = 0; i < message->descriptor->n_fields; i++) {
        const ProtobufCFieldDescriptor *member = &message->descriptor->fields[i];
        char *value = (char *)message + member->offset;
        if (member->label == PROTOBUF_C_LABEL_REPEATED ||
            (member->type != PROTOBUF_C_TYPE_ENUM && member->type != PROTOBUF_C_TYPE_STRING))
            continue;
        if (mutation->seen++ != mutation->at)
            continue;
        static char hostile[] = "a\"; SELECT 'x";
        static char *const hostile_text = hostile;
        if (member->type == PROTOBUF_C_TYPE_ENUM)
            memcpy(value, &(int){99}, sizeof(int));
        else
            memcpy(value, &hostile_text, sizeof hostile_text);
        mutation->done = true;
        return HG_WALK_STOP;
    }
    return HG_WALK_INTO;
}

/* False when there is no such field any more. */
static bool test_mutation(struct hg_slice text, size_t at)
{
    struct hg_arena arena;
    struct hg_tree tree, again = {0};
    struct hg_fault fault = {0};
    struct hg_printed printed;
    struct hg_slice why;
    struct mutation mutation = {.at = at};
    hg_arena_init(&arena, 0);
    if (!CHECK(hg_tree_open(&tree, text, &limits, &arena, &fault)))
        return false;
    PgQuery__Node *statement = tree.result->stmts[0]->stmt;
    if (!hg_tree_walk(&statement->base, 1000, mutate, &mutation) && mutation.done &&
        hg_print(statement, HG_DIALECT_POSTGRESQL, NULL, NULL, &arena, &printed, &fault)) {
        if (!CHECK(hg_tree_open(&again, printed.sql, &limits, &arena, &fault) && again.result->n_stmts == 1 &&
                   hg_tree_equal(&statement->base, &again.result->stmts[0]->stmt->base, &arena, &why)))
            fprintf(stderr, "  field %zu of %.*s gave %.*s\n", at, HG_SLICE_FMT(text),
                    HG_SLICE_FMT(printed.sql));
    }
    hg_tree_close(&again);
    hg_tree_close(&tree);
    hg_arena_free(&arena);
    return mutation.done;
}

static void test_mutations(void)
{
    static const char *const statements[] = {
        "SELECT a.b AS c, f(x => 1, VARIADIC y) OVER (w ORDER BY z USING < NULLS FIRST ROWS 1 PRECEDING), "
        "g(DISTINCT a ORDER BY b)",
        "SELECT a LIKE b ESCAPE 'x', a IN (1, 1.5), a BETWEEN 1 AND 2, a = ANY (b), a IS NULL, a IS TRUE, "
        "NOT a, a AND b",
        "SELECT (SELECT 1), EXISTS (SELECT 1), a = ALL (SELECT 1), CASE a WHEN 1 THEN 2 END, ROW(a), "
        "GREATEST(1, 2), b'1', a[1]",
        "SELECT CURRENT_DATE, a COLLATE \"C\", a::numeric(3), GROUPING(a), EXTRACT(day FROM a), a SIMILAR TO "
        "b, a.*, NULLIF(a, b)",
        "SELECT 1 FROM s.t AS a (b) LEFT JOIN u USING (x) AS j, ONLY v TABLESAMPLE system (1), (SELECT 1) AS "
        "q, f(1) AS r (a int)",
        "SELECT 1 FROM ROWS FROM (f(1) AS (a int), CAST(1 AS int)) WITH ORDINALITY GROUP BY ROLLUP (a) ORDER "
        "BY 1 LIMIT 2",
        "SELECT 1 FOR UPDATE OF t NOWAIT",
        "WITH RECURSIVE a (b) AS MATERIALIZED (SELECT 1) SEARCH DEPTH FIRST BY b SET c CYCLE b SET d TO int "
        "'1' DEFAULT 2 USING e "
        "SELECT 1 UNION ALL VALUES (2)",
        "EXPLAIN (FORMAT json, a 1) SELECT 1",
        "WITH a AS (INSERT INTO u DEFAULT VALUES) INSERT INTO s.t AS x (a, b[1]) OVERRIDING USER VALUE "
        "VALUES (1, DEFAULT) "
        "ON CONFLICT (a, b) DO UPDATE SET a = 1, (b, c) = (SELECT 1, 2) WHERE d RETURNING e AS f",
        "INSERT INTO t VALUES (1) ON CONFLICT ON CONSTRAINT a DO NOTHING",
        "UPDATE ONLY t AS x SET (a, b) = (1, DEFAULT), c[1] = d FROM u WHERE e RETURNING f AS g",
        "DELETE FROM s.t AS x USING u AS v WHERE e RETURNING *",
        "SELECT xmlelement(NAME a, xmlattributes(b AS c), d), xmlroot(a, VERSION '1', STANDALONE YES), "
        "xmlparse(CONTENT a), "
        "a IS DOCUMENT, xmlserialize(CONTENT a AS text)",
    };
    unsigned count = 0;
    for (size_t i = 0; i < sizeof statements / sizeof *statements; i++)
        for (size_t at = 0; test_mutation(hg_slice_cstr(statements[i]), at); at++)
            count++;
    CHECK(count > 200);
}

/* ---- holes ---- */

static bool is_hole(const PgQuery__AConst *constant, void *argument)
{
    return constant->val_case == PG_QUERY__A__CONST__VAL_SVAL && strcmp(constant->sval->sval, argument) == 0;
}

static void test_holes(void)
{
    char value[] = "ac'me";
    struct hg_arena arena;
    struct hg_tree tree;
    struct hg_fault fault = {0};
    struct hg_printed printed;
    hg_arena_init(&arena, 0);
    CHECK(hg_tree_open(&tree, HG_LIT("SELECT 'ac''me', 'other', x = 'ac''me'"), &limits, &arena, &fault));
    CHECK(hg_print(tree.result->stmts[0]->stmt, HG_DIALECT_POSTGRESQL, is_hole, value, &arena, &printed,
                   &fault));
    if (CHECK_INT(printed.nholes, 2)) {
        CHECK_TEXT(hg_slice_of(printed.sql.ptr + printed.holes[0].at, printed.holes[0].len), "'ac''me'");
        CHECK_TEXT(hg_slice_of(printed.sql.ptr + printed.holes[1].at, printed.holes[1].len), "'ac''me'");
        CHECK(printed.holes[0].at < printed.holes[1].at);
    }
    hg_tree_close(&tree);
    hg_arena_free(&arena);
}

static void run(void *argument)
{
    (void)argument;
    const char *why;
    CHECK(hg_tree_self_test(&why));
    test_keywords();
    test_literals();
    test_texts();
    test_refused();
    test_read_only_dialect();
    test_mutations();
    test_holes();
    test_cases();
    test_names("print_names.sql", true, 15000);
    test_names("print_write_names.sql", false, 3500);
    test_random();
}

int main(void)
{
    CHECK(hg_tree_run_with_stack(hg_tree_stack_bytes(limits.max_bytes), run, NULL));
    return check_end();
}
