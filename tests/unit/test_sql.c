/* policy/sql: what is refused before and after the parse, the captured tree, and reflection over it. */
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "check.h"
#include "lexical.h"
#include "reflect.h"
#include "tree.h"

#define MAX_BYTES 1000000

static const struct hg_tree_limits limits = {.max_bytes = MAX_BYTES, .max_nesting = 500};

static bool opens(struct hg_slice text)
{
    struct hg_arena arena;
    struct hg_fault fault = {0};
    struct hg_tree tree;
    hg_arena_init(&arena, 0);
    bool opened = hg_tree_open(&tree, text, &limits, &arena, &fault);
    CHECK(opened == (tree.result != NULL) && opened != hg_fault_is_set(&fault));
    if (!opened)
        fprintf(stderr, "  %.60s: %s %.*s\n", text.ptr, fault.sqlstate, HG_SLICE_FMT(fault.message));
    hg_tree_close(&tree);
    hg_arena_free(&arena);
    return opened;
}

/* Refused with this SQLSTATE, message (NULL = any) and position (-1 = any); and the library works afterwards.
 */
static void refused(struct hg_slice text, const char *sqlstate, const char *message, int position)
{
    struct hg_arena arena;
    struct hg_fault fault = {0};
    struct hg_tree tree;
    hg_arena_init(&arena, 0);
    CHECK(!hg_tree_open(&tree, text, &limits, &arena, &fault));
    CHECK(tree.result == NULL && tree.context == NULL);
    if (!CHECK_TEXT(hg_slice_cstr(fault.sqlstate), sqlstate))
        fprintf(stderr, "  in %.60s: %.*s\n", text.ptr, HG_SLICE_FMT(fault.message));
    if (message)
        CHECK_TEXT(fault.message, message);
    if (position >= 0)
        CHECK_INT(fault.position, position);
    hg_tree_close(&tree);
    hg_arena_free(&arena);
    CHECK(opens(HG_LIT("SELECT 1")));
}

/* before + count times unit + after, in the arena. */
static struct hg_slice repeat(struct hg_arena *arena, const char *before, const char *unit, size_t count,
                              const char *after)
{
    size_t head = strlen(before), each = strlen(unit), tail = strlen(after);
    char *text = hg_arena_alloc(arena, head + each * count + tail + 1);
    memcpy(text, before, head);
    for (size_t i = 0; i < count; i++)
        memcpy(text + head + i * each, unit, each);
    memcpy(text + head + each * count, after, tail);
    return hg_slice_of(text, head + each * count + tail);
}

static void test_self(void)
{
    const char *why;
    CHECK(hg_tree_self_test(&why));
    CHECK(why == NULL);
}

static void test_encoding(void)
{
    static const char *const bad[] = {"\xff",
                                      "\x80",
                                      "\xc0\x80",
                                      "\xc1\xbf",
                                      "\xe0\x80\x80",
                                      "\xed\xa0\x80",
                                      "\xe2\x82",
                                      "\xf0\x80\x80\x80",
                                      "\xf4\x90\x80\x80",
                                      "\xf5\x80\x80\x80",
                                      "\xc3(",
                                      "\xf0\x9f\x98",
                                      ("12345678\xfe"
                                       "12345678")};
    static const char *const good[] = {"\xc2\x80",         "\xdf\xbf",         "\xe0\xa0\x80",
                                       "\xed\x9f\xbf",     "\xee\x80\x80",     "\xf0\x90\x80\x80",
                                       "\xf4\x8f\xbf\xbf", "12345678é12345678"};
    struct hg_arena arena;
    hg_arena_init(&arena, 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        refused(hg_arena_printf(&arena, "SELECT '%s'", bad[i]), "22021", NULL, 0);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        CHECK(opens(hg_arena_printf(&arena, "SELECT '%s'", good[i])));
    refused(hg_slice_of("SELECT 1\0, 2 FROM secrets", 25), "22021",
            "invalid byte sequence for encoding \"UTF8\": 0x00", 0);
    refused(HG_LIT("SELECT '\xe2\x28'"), "22021",
            "invalid byte sequence for encoding \"UTF8\": 0xe2 0x28 0x27", 0);
    refused(HG_LIT("SELECT '\xe2"), "22021", "invalid byte sequence for encoding \"UTF8\": 0xe2", 0);
    hg_arena_free(&arena);
}

static void test_length(void)
{
    struct hg_arena arena;
    hg_arena_init(&arena, 0);
    CHECK(opens(repeat(&arena, "SELECT 1", " ", MAX_BYTES - 8, "")));
    refused(repeat(&arena, "SELECT 1", " ", MAX_BYTES - 7, ""), "54000", "statement is too long", 0);
    hg_arena_free(&arena);
}

static void test_nesting(void)
{
    struct hg_arena arena;
    hg_arena_init(&arena, 0);
    CHECK(opens(repeat(&arena, "SELECT ", "(", 400, repeat(&arena, "1", ")", 400, "").ptr)));
    refused(repeat(&arena, "SELECT ", "(", 501, "1"), "54001", "statement is nested too deeply", 508);
    refused(repeat(&arena, "SELECT ", "[", 501, "1"), "54001", NULL, -1);
    refused(repeat(&arena, "SELECT ", "CASE WHEN ", 501, "1"), "54001", NULL, -1);
    refused(repeat(&arena, "SELECT ", "/*", 501, "1"), "54001", NULL, -1);
    refused(repeat(&arena, "SELECT a", "+a", 501, ""), "54001", "statement is nested too deeply", 0);
    refused(repeat(&arena, "SELECT ", "- ", 20000, "1"), "54001", NULL, -1); /* the grammar's own stack */
    refused(repeat(&arena, "SELECT ", "NOT ", 600, "true"), "54001", NULL, -1);
    refused(repeat(&arena, "SELECT 1", " UNION SELECT 1", 600, ""), "54001", NULL, -1);
    CHECK(opens(repeat(&arena, "SELECT ", "CASE WHEN a THEN b END,", 3000, "1")));
    CHECK(opens(repeat(&arena, "SELECT ", "/* x */(1),", 3000, "1")));
    CHECK(opens(repeat(&arena, "", "SELECT a AS case;", 3000, "")));
    CHECK(opens(repeat(&arena, "SELECT a", " OR a", 3000, ""))); /* the grammar makes these flat */
    hg_arena_free(&arena);
}

/* Whether the text is refused for its nesting. Where it is not, it need not be valid. */
static bool too_deep(struct hg_slice text)
{
    struct hg_arena arena;
    struct hg_fault fault = {0};
    struct hg_tree tree;
    hg_arena_init(&arena, 0);
    bool opened = hg_tree_open(&tree, text, &limits, &arena, &fault);
    hg_tree_close(&tree);
    hg_arena_free(&arena);
    return !opened && strcmp(fault.sqlstate, "54001") == 0;
}

/* Brackets inside of these do not count; a scan that lost track would count them, or the ones after. */
static void test_lexical_boundaries(void)
{
    struct hg_arena arena;
    hg_arena_init(&arena, 0);
    const char *deep = repeat(&arena, "", "(", 501, "").ptr;
    static const char *const hides[] = {
        "SELECT '%s'",
        "SELECT 'it''s %s'",
        "SELECT '\\', '%s'",
        "SELECT E'\\'%s'",
        "SELECT e'a''%s'",
        "SELECT E'a'\n'\\'%s'",
        "SELECT E'a' \t\r\n \n '\\'%s'",
        "SELECT U&'\\0041%s'",
        "SELECT B'0' /* %s */",
        "SELECT \"%s\" FROM t",
        "SELECT \"a\"\"%s\" FROM t",
        "SELECT U&\"%s\" FROM t",
        "SELECT $$%s$$",
        "SELECT $x$ $y$ $ %s$x$",
        "SELECT $x$ $$x$, 'x%s'",
        "SELECT 1e5$x$%s$x$",
        "SELECT .5e-3$x$%s$x$",
        "SELECT 1.$x$%s$x$",
        "SELECT a$b$, '%s$b$'",
        "SELECT 1 -- %s",
        "SELECT 1 -- %s\r+ 1",
        "SELECT 1 /* /* */ %s */",
        "SELECT 1 +/* %s */ 1",
        "SELECT 1 +-- %s\n 1",
        "SELECT 1 /*/ %s */",
    };
    for (size_t i = 0; i < sizeof hides / sizeof *hides; i++) {
        char text[1000];
        const char *at = strstr(hides[i], "%s");
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - hides[i]), hides[i], deep, at + 2);
        CHECK(!too_deep(hg_slice_cstr(text)));
    }
    static const char *const shows[] = {
        "SELECT '\\' %s",     "SELECT 'a'\n'\\' %s",     "SELECT E'\\\\' %s", "SELECT $x$ $$x$ %s",
        "SELECT a$b$ %s",     "SELECT 1 /* /* */ */ %s", "SELECT 1 -- x\n%s", "SELECT 1 -- x\r%s",
        "SELECT $x$ $$x$ %s", "SELECT \"a\\\" %s",       "SELECT /**/%s",     "SELECT fooe'\\' %s",
        "SELECT $x$a$y$x$%s", "SELECT E'a' '\\' %s",
    };
    for (size_t i = 0; i < sizeof shows / sizeof *shows; i++) {
        char text[1000];
        const char *at = strstr(shows[i], "%s");
        snprintf(text, sizeof text, "%.*s%s%s", (int)(at - shows[i]), shows[i], deep, at + 2);
        CHECK(too_deep(hg_slice_cstr(text)));
    }
    hg_arena_free(&arena);
}

static void test_parameters(void)
{
    CHECK(opens(HG_LIT("SELECT $1, $65535, '$99999999', a$99999999, $$ $99999999 $$")));
    refused(HG_LIT("SELECT $65536"), "42P02", "there is no parameter $65536", 8);
    refused(HG_LIT("SELECT 'é', $99999999999"), "42P02", "there is no parameter $99999999999", 13);
    refused(HG_LIT("SELECT $4294967297"), "42P02", NULL, 8);
}

#define A63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static size_t truncated(const char *text, const char *first)
{
    struct hg_arena arena;
    struct hg_slice *said;
    hg_arena_init(&arena, 0);
    size_t count = hg_lexical_truncated(hg_slice_cstr(text), SIZE_MAX, &arena, &said);
    if (count && first)
        CHECK_TEXT(said[0], first);
    hg_arena_free(&arena);
    return count;
}

static void test_truncated(void)
{
    CHECK_INT(truncated("", NULL), 0);
    CHECK_INT(truncated("SELECT " A63, NULL), 0);
    CHECK_INT(
        truncated("SELECT " A63 "B, " A63 "b", "identifier \"" A63 "b\" will be truncated to \"" A63 "\""),
        2);
    CHECK_INT(
        truncated("SELECT \"" A63 "\"\"B\"", "identifier \"" A63 "\"B\" will be truncated to \"" A63 "\""),
        1);
    CHECK_INT(truncated("SELECT \"\"\"" A63 "\"",
                        "identifier \"\"" A63 "\" will be truncated to \"\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""),
              1);
    /* not within a character */
    CHECK_INT(truncated("SELECT \303\244" A63,
                        "identifier \"\303\244" A63
                        "\" will be truncated to \"\303\244aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""),
              1);
    CHECK_INT(truncated("SELECT '" A63 "b', E'\\'" A63 "b', $x$" A63 "b$x$, U&\"" A63 "b\" /* " A63
                        "b */ -- " A63 "b",
                        NULL),
              0);
    CHECK_INT(truncated("SELECT \"" A63 "b", NULL), 0);
    CHECK_INT(truncated("SELECT " A63 "$1", NULL), 1);
}

static void test_errors(void)
{
    refused(HG_LIT("SELECT 'é' FROM FROM"), "42601", "syntax error at or near \"FROM\"", 17);
    refused(HG_LIT("SELECT 1é, 2"), "42601", "trailing junk after numeric literal at or near \"1\"", 8);
    refused(HG_LIT("SELECT 1 +"), "42601", "syntax error at end of input", 11);
    refused(HG_LIT("SELECT 'a"), "42601", "unterminated quoted string at or near \"'a\"", 8);
    refused(HG_LIT("SELECT sum(a) OVER (ROWS UNBOUNDED FOLLOWING)"), "42P20", NULL, 26);
    refused(HG_LIT("CREATE ROLE none"), "42939", NULL, 13);
    CHECK(opens(HG_LIT("")));
    CHECK(opens(HG_LIT(" -- nothing")));
    CHECK(opens(hg_slice_of(NULL, 0)));
}

/* Statements that are cheap to send and dear to read: each must be refused, and soon. */
static void test_poison(void)
{
    struct hg_arena arena;
    struct timespec before, after;
    hg_arena_init(&arena, 0);
    clock_gettime(CLOCK_MONOTONIC, &before);
    refused(repeat(&arena, "SELECT a", "+a", 400000, ""), "54001", "statement is too complex", 0);
    refused(repeat(&arena, "SELECT 1", ",1", 400000, ""), "54001", "statement is too complex", 0);
    refused(repeat(&arena, "SELECT ", "-+", 400000, "1"), "54001", NULL, -1);
    refused(repeat(&arena, "SELECT ", "/**/", 200000, "1"), "54001", NULL, -1);
    refused(repeat(&arena, "SELECT 1 ", "$x", 400000, ""), "42601", NULL, -1);
    const char *statement = "UPDATE t SET a = 1";
    for (int i = 0; i < 7; i++)
        statement = hg_arena_printf(&arena,
                                    "UPDATE t SET (c0,c1,c2,c3,c4,c5,c6,c7,c8,c9) = "
                                    "(WITH x AS (%s RETURNING 1) SELECT 1)",
                                    statement)
                        .ptr;
    refused(hg_slice_cstr(statement), "54001", "statement is too complex", 0);
    clock_gettime(CLOCK_MONOTONIC, &after);
    CHECK(after.tv_sec - before.tv_sec <
          20); /* a fraction of a second; sanitizers and a busy machine take more */
    CHECK(opens(
        repeat(&arena, "/*", "*", 100000, "*/ SELECT 1 -------------------------------------------------")));
    hg_arena_free(&arena);
}

static void test_nested_trees(void)
{
    struct hg_arena arena;
    struct hg_fault fault = {0};
    struct hg_tree outer, inner, failed, last;
    hg_arena_init(&arena, 0);
    CHECK(hg_tree_open(&outer, HG_LIT("SELECT a FROM outer_table"), &limits, &arena, &fault));
    CHECK(hg_tree_open(&inner, HG_LIT("SELECT b FROM inner_table"), &limits, &arena, &fault));
    CHECK(!hg_tree_open(&failed, HG_LIT("SELECT FROM FROM"), &limits, &arena, &fault));
    hg_tree_close(&inner);
    hg_tree_close(&inner);
    CHECK(hg_tree_open(&last, HG_LIT("SELECT c FROM last_table"), &limits, &arena, &fault));
    const PgQuery__SelectStmt *select = outer.result->stmts[0]->stmt->select_stmt;
    CHECK_TEXT(hg_slice_cstr(select->from_clause[0]->range_var->relname), "outer_table");
    hg_tree_close(&last);
    CHECK_TEXT(hg_slice_cstr(select->from_clause[0]->range_var->relname), "outer_table");
    hg_tree_close(&outer);
    hg_arena_free(&arena);
}

static void *parse_often(void *result)
{
    struct hg_arena arena;
    hg_arena_init(&arena, 0);
    struct hg_slice long_list = repeat(&arena, "SELECT 1", ",1", 2000, "");
    const struct hg_tree_limits poor = {.max_bytes = MAX_BYTES, .max_nesting = 500, .max_memory = 100000};
    size_t right = 0;
    for (int i = 0; i < 300; i++) {
        struct hg_fault none = {0}, syntax = {0}, budget = {0};
        struct hg_tree tree;
        right += hg_tree_open(&tree, HG_LIT("SELECT a FROM t WHERE b = $1"), &limits, &arena, &none);
        hg_tree_close(&tree);
        right +=
            !hg_tree_open(&tree, HG_LIT("SELECT a b c"), &limits, &arena, &syntax) && syntax.position == 12;
        right +=
            !hg_tree_open(&tree, long_list, &poor, &arena, &budget) && strcmp(budget.sqlstate, "54001") == 0;
    }
    hg_arena_free(&arena);
    *(size_t *)result = right;
    return NULL;
}

static void test_threads(void)
{
    pthread_t threads[4];
    size_t right[4] = {0};
    for (int i = 0; i < 4; i++)
        CHECK(pthread_create(&threads[i], NULL, parse_often, &right[i]) == 0);
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], NULL);
        CHECK_INT(right[i], 900);
    }
}

struct counted {
    size_t messages, tables, over;
    const char *parent, *field; /* of the last table */
    const char *stop_at;
};

static enum hg_walk count(ProtobufCMessage *message, ProtobufCMessage *parent,
                          const ProtobufCFieldDescriptor *field, void *argument)
{
    struct counted *counted = argument;
    counted->messages++;
    if (counted->stop_at && strcmp(message->descriptor->short_name, counted->stop_at) == 0)
        return HG_WALK_STOP;
    if (message->descriptor == &pg_query__sub_link__descriptor && counted->over)
        return HG_WALK_OVER;
    if (message->descriptor == &pg_query__range_var__descriptor) {
        counted->tables++;
        counted->parent = parent->descriptor->short_name;
        counted->field = field->name;
    }
    return HG_WALK_INTO;
}

static void test_walk(void)
{
    struct hg_arena arena;
    struct hg_fault fault = {0};
    struct hg_tree tree;
    hg_arena_init(&arena, 0);
    CHECK(hg_tree_open(
        &tree,
        HG_LIT("WITH a AS (TABLE t1) SELECT (SELECT 1 FROM t2), ARRAY(TABLE t3) FROM t4 JOIN t5 ON "
               "EXISTS (TABLE t6), LATERAL (TABLE t7) x, f((TABLE t8)) WHERE a IN (TABLE t9) GROUP BY "
               "(TABLE t10) HAVING (TABLE t11) ORDER BY (TABLE t12) LIMIT (TABLE t13) OFFSET (TABLE t14)"),
        &limits, &arena, &fault));
    struct counted all = {0}, over = {.over = 1}, stop = {.stop_at = "JoinExpr"}, outer = {0};
    CHECK(hg_tree_walk(&tree.result->base, 100, count, &all));
    CHECK_INT(all.tables, 14);
    CHECK(hg_tree_walk(&tree.result->base, 100, count, &over));
    CHECK_INT(over.tables, 4); /* t1, t4, t5, t7 */
    CHECK(!hg_tree_walk(&tree.result->base, 100, count, &stop));
    CHECK(!hg_tree_walk(&tree.result->base, 3, count, &outer));
    CHECK(outer.messages < all.messages);
    hg_tree_close(&tree);

    struct counted table = {0};
    CHECK(hg_tree_open(&tree, HG_LIT("SELECT 1 FROM s.t"), &limits, &arena, &fault));
    CHECK(hg_tree_walk(&tree.result->base, 100, count, &table));
    CHECK_TEXT(hg_slice_cstr(table.parent), "SelectStmt");
    CHECK_TEXT(hg_slice_cstr(table.field), "from_clause");
    CHECK(hg_tree_within_depth(&tree.result->base,
                               6)); /* result, statement, select, target, constant, integer */
    CHECK(!hg_tree_within_depth(&tree.result->base, 5));
    PgQuery__Node *from = tree.result->stmts[0]->stmt->select_stmt->from_clause[0];
    CHECK(hg_node_message(from) == &from->range_var->base);
    CHECK_INT(hg_message_location(hg_node_message(from)), 14);
    CHECK_INT(hg_message_location(&tree.result->base), -1);
    hg_tree_close(&tree);
    hg_arena_free(&arena);
}

/* Whether the trees of two texts are equal; the way to the difference is `why` unless NULL. */
static bool equal_texts(const char *a, const char *b, const char *why)
{
    struct hg_arena arena;
    struct hg_fault fault = {0};
    struct hg_tree left, right;
    struct hg_slice difference = {0};
    hg_arena_init(&arena, 0);
    CHECK(hg_tree_open(&left, hg_slice_cstr(a), &limits, &arena, &fault));
    CHECK(hg_tree_open(&right, hg_slice_cstr(b), &limits, &arena, &fault));
    bool equal = hg_tree_equal(&left.result->base, &right.result->base, &arena, &difference);
    CHECK(equal == (difference.len == 0));
    if (why)
        CHECK_TEXT(difference, why);
    hg_tree_close(&right);
    hg_tree_close(&left);
    hg_arena_free(&arena);
    return equal;
}

static void test_equal(void)
{
    static const char *const pairs[][2] = {
        {"SELECT 1", "SELECT 2"},
        {"SELECT 1", "SELECT 1.0"},
        {"SELECT 1", "SELECT '1'"},
        {"SELECT NULL", "SELECT ''"},
        {"SELECT 0", "SELECT false"},
        {"SELECT a", "SELECT a, a"},
        {"SELECT a", "SELECT \"A\""},
        {"SELECT a", "SELECT a AS a"},
        {"SELECT a FROM t", "SELECT a FROM ONLY t"},
        {"SELECT a FROM t", "SELECT a FROM s.t"},
        {"SELECT a UNION SELECT b", "SELECT a UNION ALL SELECT b"},
        {"SELECT a ORDER BY a", "SELECT a ORDER BY a DESC"},
        {"SELECT a LIMIT 1", "SELECT a OFFSET 1"},
        {"SELECT a AND b OR c", "SELECT a AND (b OR c)"},
        {"SELECT DISTINCT a", "SELECT a"},
        {"SELECT a FROM t", "SELECT a FROM t; SELECT a FROM t"},
        {"SELECT count(*)", "SELECT count()"},
        {"SELECT a::int", "SELECT a::int8"},
        {"SELECT B'1'", "SELECT X'1'"},
    };
    CHECK(equal_texts("SELECT a, 'b' FROM t -- x", "select  a,\n'b' from/**/ t", ""));
    CHECK(equal_texts("SELECT 'a'", "SELECT $$a$$", ""));
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        CHECK(equal_texts(pairs[i][0], pairs[i][0], ""));
        CHECK(!equal_texts(pairs[i][0], pairs[i][1], NULL));
        CHECK(!equal_texts(pairs[i][1], pairs[i][0], NULL));
    }
    equal_texts("SELECT a, b FROM t", "SELECT a, c FROM t",
                "stmts[0] RawStmt.stmt SelectStmt.target_list[1] ResTarget.val ColumnRef.fields[0] "
                "String.sval: different "
                "values");
}

static void test_copy(void)
{
    struct hg_arena arena;
    struct hg_fault fault = {0};
    struct hg_tree tree;
    struct hg_slice why;
    hg_arena_init(&arena, 0);
    CHECK(hg_tree_open(
        &tree,
        HG_LIT("SELECT DISTINCT a.*, CASE WHEN x THEN 1.5 ELSE 'y' END, f(VARIADIC b => 2) FILTER (WHERE c) "
               "OVER w FROM t AS q (r, s) TABLESAMPLE system (1) WINDOW w AS (PARTITION BY p) FOR UPDATE"),
        &limits, &arena, &fault));
    PgQuery__ParseResult *copy = (PgQuery__ParseResult *)hg_tree_copy(&tree.result->base, &arena);
    CHECK(hg_tree_equal(&tree.result->base, &copy->base, &arena, &why));
    CHECK_INT(
        hg_message_location(&copy->stmts[0]->stmt->select_stmt->from_clause[0]->range_table_sample->base),
        hg_message_location(
            &tree.result->stmts[0]->stmt->select_stmt->from_clause[0]->range_table_sample->base));
    hg_tree_close(&tree); /* the copy holds nothing of it: the address sanitizer would tell */
    struct counted counted = {0};
    CHECK(hg_tree_walk(&copy->base, 100, count, &counted));
    CHECK_INT(counted.tables, 1);
    copy->stmts[0]->stmt->select_stmt->n_from_clause = 0;
    hg_arena_free(&arena);
}

/* An empty text that the library made is not protobuf's static one and goes away with the tree. */
static void test_copy_empty_texts(void)
{
    struct hg_arena arena;
    struct hg_fault fault = {0};
    struct hg_tree tree;
    struct hg_slice why;
    hg_arena_init(&arena, 0);
    CHECK(hg_tree_open(&tree, HG_LIT("SELECT '', E'' AS a"), &limits, &arena, &fault));
    ProtobufCMessage *copy = hg_tree_copy(&tree.result->base, &arena);
    hg_tree_close(&tree);
    CHECK(hg_tree_open(&tree, HG_LIT("SELECT '', '' AS a"), &limits, &arena, &fault));
    CHECK(hg_tree_equal(copy, &tree.result->base, &arena, &why));
    hg_tree_close(&tree);
    hg_arena_free(&arena);
}

/* Recursion is bounded even where a rewriter made a tree deeper than any text. */
static void test_depth(void)
{
    struct hg_arena arena;
    struct hg_slice why;
    hg_arena_init(&arena, 0);
    PgQuery__Node *top = NULL;
    for (int i = 0; i < HG_TREE_DEPTH_MOST + 10; i++) {
        PgQuery__Node *node = HG_NEW(&arena, PgQuery__Node);
        pg_query__node__init(node);
        node->node_case = PG_QUERY__NODE__NODE_NULL_TEST;
        node->null_test = HG_NEW(&arena, PgQuery__NullTest);
        pg_query__null_test__init(node->null_test);
        node->null_test->arg = top;
        top = node;
        if (i == HG_TREE_DEPTH_MOST - 10) {
            CHECK(hg_tree_within_depth(&top->base, HG_TREE_DEPTH_MOST));
            CHECK(hg_tree_copy(&top->base, &arena) != NULL);
            CHECK(hg_tree_equal(&top->base, &top->base, &arena, &why));
        }
    }
    CHECK(!hg_tree_within_depth(&top->base, SIZE_MAX));
    CHECK(hg_tree_copy(&top->base, &arena) == NULL);
    CHECK(!hg_tree_equal(&top->base, &top->base, &arena, &why));
    CHECK(why.len > 0 && why.len < 1000);
    hg_arena_free(&arena);
}

static void run(void *argument)
{
    (void)argument;
    test_self();
    test_encoding();
    test_length();
    test_nesting();
    test_lexical_boundaries();
    test_parameters();
    test_truncated();
    test_errors();
    test_poison();
    test_nested_trees();
    test_threads();
    test_walk();
    test_equal();
    test_copy();
    test_copy_empty_texts();
    test_depth();
}

int main(void)
{
    CHECK(hg_tree_run_with_stack(hg_tree_stack_bytes(MAX_BYTES), run, NULL));
    return check_end();
}
