/* Random SELECTs, INSERTs, UPDATEs and DELETEs from a seed: a grammar as data, expanded by chance.
 *
 * A rule is a list of alternatives; `{rule}` in one expands that rule, `{rule*}` one to three times with
 * commas between,
 * `{rule?}` every other time. The first `leaves` alternatives of a rule do not recurse; below the depth limit
 * only they are chosen. What comes out is meant to be odd rather than useful, and need not parse: precedence
 * is left to chance. */
#ifndef HG_TEST_RANDOM_SELECT_H
#define HG_TEST_RANDOM_SELECT_H

#include <stdlib.h>

#include "bytes.h"

struct random_select {
    uint64_t state;
    struct hg_bytes out;
};

struct random_rule {
    const char *name;
    unsigned leaves; /* 0 = all alternatives */
    const char *alternatives[64];
};

static const struct random_rule random_rules[] = {
    {"name",
     0,
     {"a",
      "b",
      "c",
      "d1",
      "t",
      "u",
      "_x",
      "\"Mixed Case\"",
      "\"q\"\"uote\"",
      "\"select\"",
      "\"from\"",
      "\"новый\"",
      "\"a;-- b\"",
      "\"/* c\"",
      "\"it's\"",
      "\"back\\slash\"",
      "\"$1\"",
      "\"new\nline\"",
      "\"rows\"",
      "\"cube\"",
      "\"left\"",
      "\"time\"",
      "\"unbounded\"",
      "name",
      "value",
      "type",
      "text",
      "\"1\"",
      "\"x := 1), s.* FROM o.s s -- \"",
      "été",
      "U&\"d\\0061ta\"",
      "\"a.b\"",
      "\"current_user\"",
      "FoldMe",
      "x$y"}},
    {"column", 0, {"{name}", "{name}", "t.{name}", "{name}.{name}", "s.t.{name}", "d.s.t.{name}"}},
    {"string",
     0,
     {"'abc'", "''", "'it''s'", "'back\\slash'", "E'tab\\t\\'quote\\\\'", "U&'d\\0061t'",
      "$$dollar 'quoted'$$", "$x$ $$ $x$", "'-- no comment'", "'/*'", "'две'", "'a\nb'",
      "'{\"k\": [1, \"\\\\\"]}'", "'2020-01-01'"}},
    {"constant", 0, {"0",        "1",      "42",    "2147483647", "2147483648", "99999999999999999999",
                     "1.5",      ".5",     "3.",    "1e10",       "1.5e-7",     "{string}",
                     "{string}", "TRUE",   "FALSE", "NULL",       "b'1010'",    "x'1Ff'",
                     "B''",      "N'nat'", "-1",    "- 2.5"}},
    {"symbol", 0, {"+",    "-",   "*",  "/",   "%",  "^",  "<",  ">",   "=",  "<=",  ">=", "<>", "!=",  "||",
                   "->",   "->>", "#>", "#>>", "@>", "<@", "?",  "?|",  "?&", "~",   "!~", "~*", "!~*", "~~",
                   "!~~*", "&&",  "&",  "|",   "#",  "<<", ">>", "-|-", "@@", "<->", "|/", "^@"}},
    {"operator",
     0,
     {"{symbol}", "{symbol}", "{symbol}", "OPERATOR(pg_catalog.{symbol})", "OPERATOR({symbol})"}},
    {"prefix", 0, {"-", "+", "@", "|/", "~", "!!", "OPERATOR(pg_catalog.-)", "OPERATOR(-)", "OPERATOR(=)"}},
    {"fields",
     0,
     {"YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND", "YEAR TO MONTH", "DAY TO HOUR", "DAY TO MINUTE",
      "DAY TO SECOND", "HOUR TO MINUTE", "HOUR TO SECOND", "MINUTE TO SECOND", "SECOND(3)",
      "DAY TO SECOND(0)"}},
    {"type",
     0,
     {"int",
      "smallint",
      "bigint",
      "integer",
      "int4",
      "real",
      "float",
      "float(20)",
      "float(40)",
      "double precision",
      "numeric",
      "numeric(10)",
      "decimal(10, 2)",
      "boolean",
      "bool",
      "text",
      "char",
      "char(3)",
      "character varying",
      "varchar(10)",
      "bpchar",
      "\"char\"",
      "date",
      "time",
      "time(3) with time zone",
      "timestamp",
      "timestamp(0)",
      "timestamptz",
      "timestamp with time zone",
      "interval",
      "interval(2)",
      "interval {fields}",
      "bit",
      "bit(4)",
      "bit varying(5)",
      "json",
      "jsonb",
      "uuid",
      "pg_catalog.int4",
      "pg_catalog.numeric(3, -1)",
      "s.{name}",
      "{name}",
      "regclass",
      "xml",
      "varbit"}},
    {"arraytype",
     0,
     {"{type}", "{type}", "{type}", "{type}[]", "{type}[3][]", "{type} ARRAY", "{type} ARRAY[4]"}},
    {"function", 0, {"f", "pg_catalog.lower", "sum", "{name}", "\"left\"", "s.{name}", "coalesce_"}},
    {"argument", 1, {"{column}", "{expr}", "{expr}", "{name} => {expr}", "{name} := {expr}"}},
    {"arguments",
     3,
     {"", "*", "{column}", "{expr*}", "{expr*}", "{argument}", "DISTINCT {expr*}", "VARIADIC {expr}",
      "{expr}, VARIADIC {expr}", "ALL {expr}", "{expr*} {order}", "DISTINCT {expr} {order}"}},
    {"bound",
     2,
     {"UNBOUNDED {way}", "CURRENT ROW", "{primary} PRECEDING", "{primary} FOLLOWING",
      "'1 day'::interval PRECEDING"}},
    {"way", 0, {"PRECEDING", "FOLLOWING"}},
    {"mode", 0, {"ROWS", "RANGE", "GROUPS"}},
    {"exclude", 0, {"EXCLUDE CURRENT ROW", "EXCLUDE GROUP", "EXCLUDE TIES", "EXCLUDE NO OTHERS"}},
    {"frame",
     1,
     {"{mode} CURRENT ROW", "{mode} {bound} {exclude?}", "{mode} BETWEEN {bound} AND {bound} {exclude?}"}},
    {"partition", 0, {"PARTITION BY {expr*}"}},
    {"window", 1, {"w", "{name?} {partition?} {order?} {frame?}", "{partition?} {order?}", ""}},
    {"over", 2, {"OVER w", "OVER {name}", "OVER ({window})", "OVER ({window})"}},
    {"filter", 0, {"FILTER (WHERE {expr})"}},
    {"call",
     1,
     {"{function}({column})", "{function}({arguments}) {filter?} {over?}", "{function}({arguments})",
      "{function}({expr*}) WITHIN GROUP ({order}) {filter?}"}},
    {"trim", 0, {"", "BOTH", "LEADING", "TRAILING"}},
    {"field", 0, {"epoch", "YEAR", "day", "'dow'", "\"Odd One\"", "timezone_hour", "second"}},
    {"form", 0, {"NFC", "NFD", "NFKC", "NFKD"}},
    {"special",
     1,
     {"CURRENT_DATE",
      "CURRENT_TIMESTAMP",
      "CURRENT_TIMESTAMP(3)",
      "LOCALTIME(0)",
      "CURRENT_TIME",
      "CURRENT_USER",
      "SESSION_USER",
      "EXTRACT({field} FROM {expr})",
      "POSITION({primary} IN {primary})",
      "SUBSTRING({expr} FROM {expr} FOR {expr})",
      "SUBSTRING({expr} FROM {expr})",
      "SUBSTRING({expr} FOR {expr})",
      "SUBSTRING({expr} SIMILAR {expr} ESCAPE {expr})",
      "SUBSTRING({expr}, 1)",
      "OVERLAY({expr} PLACING {expr} FROM {expr})",
      "OVERLAY({expr} PLACING {expr} FROM {expr} FOR {expr})",
      "TRIM({trim} {expr} FROM {expr})",
      "TRIM({trim} FROM {expr})",
      "TRIM({trim} {expr*})",
      "NORMALIZE({expr})",
      "NORMALIZE({expr}, {form})",
      "COLLATION FOR ({expr})",
      "XMLEXISTS({primary} PASSING BY REF {primary})",
      "NULLIF({expr}, {expr})",
      "COALESCE({expr*})",
      "GREATEST({expr*})",
      "LEAST({expr*})",
      "GROUPING({expr*})",
      "CAST({expr} AS {arraytype})",
      "TREAT({expr} AS {type})"}},
    {"when", 0, {"WHEN {expr} THEN {expr}"}},
    {"else", 0, {"ELSE {expr}"}},
    {"subscript", 0, {"[1]", "[{expr}]", "[{expr}:{expr}]", "[:]", "[{expr}:]", "[:{expr}]"}},
    {"primary",
     2,
     {"{column}",
      "{constant}",
      "$1",
      "({expr})",
      "{call}",
      "{special}",
      "CASE {expr?} {when} {else?} END",
      "CASE {when} {when} {else?} END",
      "ARRAY[{expr*}]",
      "ARRAY[[{expr}], [{expr}]]",
      "ARRAY[]",
      "ROW({expr*})",
      "ROW()",
      "({expr}, {expr*})",
      "({select})",
      "EXISTS ({select})",
      "ARRAY({select})",
      "{column}{subscript}",
      "({expr}){subscript}{subscript}",
      "({expr}).{name}",
      "$2.{name}",
      "({primary}).{name}.{name}",
      "({select}).{name}",
      "{type} {string}",
      "interval {string} {fields}"}},
    {"is",
     0,
     {"IS NULL", "IS NOT NULL", "ISNULL", "NOTNULL", "IS TRUE", "IS NOT TRUE", "IS FALSE", "IS NOT FALSE",
      "IS UNKNOWN", "IS NOT UNKNOWN", "IS DOCUMENT", "IS NOT DOCUMENT", "IS NORMALIZED", "IS NFKC NORMALIZED",
      "IS NOT NFD NORMALIZED"}},
    {"not", 0, {"NOT"}},
    {"like", 0, {"LIKE", "ILIKE", "SIMILAR TO"}},
    {"quantifier", 0, {"ANY", "ALL", "SOME"}},
    {"expr",
     2,
     {"{column}",
      "{constant}",
      "{primary}",
      "{primary}",
      "{primary}",
      "({expr})",
      "{expr} {operator} {expr}",
      "{expr} {operator} {expr}",
      "{primary} {operator} {primary}",
      "{prefix} {expr}",
      "{expr} AND {expr}",
      "{expr} AND ({expr} AND {expr})",
      "{expr} OR {expr}",
      "NOT {expr}",
      "{expr} {is}",
      "{primary} {is}",
      "{primary} {not?} {like} {primary}",
      "{primary} {not?} {like} {primary} ESCAPE {primary}",
      "{expr} {not?} LIKE {expr}",
      "{primary} {not?} BETWEEN {primary} AND {primary}",
      "{primary} {not?} BETWEEN SYMMETRIC {primary} AND {primary}",
      "{primary} {not?} IN ({expr*})",
      "{primary} {not?} IN ({select})",
      "({expr}, {expr}) IN (({expr}, {expr}), ({expr}, {expr}))",
      "{primary} {operator} {quantifier} ({expr})",
      "{primary} {operator} {quantifier} ({select})",
      "{primary} {not?} LIKE {quantifier} ({expr})",
      "{primary} ILIKE {quantifier} ({select})",
      "{primary} IS {not?} DISTINCT FROM {primary}",
      "{expr}::{arraytype}",
      "{expr}::{type}::{type}",
      "- {expr}::{type}",
      "{expr} COLLATE \"C\"",
      "{primary} COLLATE s.{name}",
      "{expr} AT TIME ZONE {expr}",
      "({expr}, {expr}) OVERLAPS ({expr}, {expr})",
      "{primary} < {primary}",
      "{primary} || {primary} || {primary}"}},
    {"direction", 0, {"ASC", "DESC", "USING <", "USING OPERATOR(pg_catalog.>)"}},
    {"nulls", 0, {"NULLS FIRST", "NULLS LAST"}},
    {"sort", 0, {"{expr} {direction?} {nulls?}"}},
    {"order", 0, {"ORDER BY {sort*}"}},
    {"target",
     2,
     {"{column}", "*", "{name}.*", "{expr}", "{expr}", "{expr} AS {name}", "{primary} AS {name}",
      "({expr}).*"}},
    {"aliascolumns", 0, {"({name*})"}},
    {"alias", 0, {"AS {name} {aliascolumns?}", "{name}"}},
    {"definition", 0, {"{name} {arraytype}", "{name} text COLLATE \"C\""}},
    {"tablefunction",
     1,
     {"{function}({column})", "{function}({expr*})", "generate_series({expr}, {expr})", "CURRENT_DATE",
      "CAST({expr} AS {type})", "COALESCE({expr*})", "NULLIF({expr}, {expr})", "EXTRACT(day FROM {expr})"}},
    {"rowsfrom", 1, {"{tablefunction}", "{tablefunction} AS ({definition*})"}},
    {"ordinality", 0, {"WITH ORDINALITY"}},
    {"lateral", 0, {"LATERAL"}},
    {"only", 0, {"ONLY"}},
    {"repeatable", 0, {"REPEATABLE ({expr})"}},
    {"relation", 0, {"{name}", "{name}", "s.{name}", "d.s.{name}"}},
    {"jointype", 0, {"", "INNER", "LEFT", "RIGHT OUTER", "FULL"}},
    {"usingalias", 0, {"AS {name}"}},
    {"table",
     2,
     {"{relation}", "{relation} {alias}", "{only?} {relation} {alias?}", "{relation} * {alias?}",
      "{relation} {alias?} TABLESAMPLE bernoulli ({expr}) {repeatable?}", "{lateral?} ({select}) {alias}",
      "{lateral?} {tablefunction} {ordinality?} {alias?}", "{tablefunction} AS ({definition*})",
      "{tablefunction} AS {name} ({definition*})",
      "{lateral?} ROWS FROM ({rowsfrom*}) {ordinality?} {alias?}",
      "{table} {jointype} JOIN {table} ON {expr}",
      "{table} {jointype} JOIN {table} USING ({name*}) {usingalias?}", "{table} CROSS JOIN {table}",
      "{table} NATURAL {jointype} JOIN {table}", "({table} JOIN {table} ON {expr}) {alias?}",
      "{table} JOIN ({table} LEFT JOIN {table} ON {expr}) ON {expr}"}},
    {"from", 0, {"FROM {table*}"}},
    {"where", 0, {"WHERE {expr}"}},
    {"grouping",
     2,
     {"{column}", "()", "{expr}", "({expr}, {expr})", "ROLLUP ({expr*})", "CUBE ({expr*}, ({expr}, {expr}))",
      "GROUPING SETS ({grouping*})"}},
    {"group",
     0,
     {"GROUP BY {grouping*}", "GROUP BY {expr*}", "GROUP BY DISTINCT {grouping*}", "GROUP BY ALL {expr}"}},
    {"having", 0, {"HAVING {expr}"}},
    {"windows", 0, {"WINDOW w AS ({window})", "WINDOW w AS ({window}), {name} AS ({window})"}},
    {"distinct", 0, {"DISTINCT", "ALL", "DISTINCT ON ({expr*})"}},
    {"set",
     0,
     {"UNION", "UNION ALL", "INTERSECT", "EXCEPT", "EXCEPT ALL", "UNION DISTINCT", "INTERSECT ALL"}},
    {"values", 0, {"VALUES ({expr*})", "VALUES ({expr}, {expr}), ({expr}, {expr})"}},
    {"arm",
     1,
     {"SELECT {target*}", "SELECT {distinct?} {target*} {from?} {where?} {group?} {having?} {windows?}",
      "{values}", "TABLE {relation}", "({select})", "SELECT {from}"}},
    {"limit",
     0,
     {"LIMIT {expr}", "LIMIT ALL", "LIMIT 10 OFFSET {expr}", "OFFSET {expr} ROWS", "FETCH FIRST ROW ONLY",
      "OFFSET 1 FETCH NEXT {primary} ROWS ONLY"}},
    {"tail",
     0,
     {"{order?} {limit?}", "{order} {limit?}", "{order} FETCH FIRST 3 ROWS WITH TIES", "{limit}",
      "{order} FETCH FIRST ({expr}) ROWS WITH TIES"}},
    {"lock",
     0,
     {"FOR UPDATE", "FOR SHARE OF {name*}", "FOR NO KEY UPDATE NOWAIT",
      "FOR KEY SHARE SKIP LOCKED FOR UPDATE"}},
    {"materialized", 0, {"MATERIALIZED", "NOT MATERIALIZED"}},
    {"cte",
     0,
     {"{name} {aliascolumns?} AS {materialized?} ({select})",
      "{name} {aliascolumns?} AS {materialized?} ({select})", "{name} {aliascolumns?} AS ({write})"}},
    {"search", 0, {"SEARCH DEPTH FIRST BY {name*} SET {name}", "SEARCH BREADTH FIRST BY {name} SET {name}"}},
    {"cycle",
     0,
     {"CYCLE {name*} SET {name} USING {name}",
      "CYCLE {name} SET {name} TO {string} DEFAULT interval '1' DAY USING {name}",
      "CYCLE {name} SET {name} TO text {string} DEFAULT 1.5 USING {name}"}},
    {"with", 0, {"WITH {cte*}", "WITH RECURSIVE {cte*}", "WITH RECURSIVE {cte} {search?} {cycle?}"}},
    {"select",
     2,
     {"SELECT {target*}", "SELECT {target*} FROM {relation}", "{arm} {tail?}", "{arm} {tail?}",
      "{arm} {set} {arm} {tail?}", "{arm} {set} {arm} {set} {arm}", "({select}) {set} ({select}) {tail?}",
      "{with} {arm} {tail?}", "{with} {arm} {set} {arm} {tail?}"}},
    {"written", 0, {"{relation}", "{relation} AS {name}"}},
    {"into", 0, {"{name}", "{name}", "{name}[{expr}]", "{name}[1][:{expr}]", "{name}.{name}"}},
    {"columns", 0, {"({into*})"}},
    {"overriding", 0, {"OVERRIDING USER VALUE", "OVERRIDING SYSTEM VALUE"}},
    {"given", 2, {"DEFAULT", "{constant}", "{expr}"}},
    {"source",
     3,
     {"VALUES ({given*})", "VALUES ({given}, {given}), ({given}, {given})", "SELECT {target*}",
      "{arm} {tail?}", "{select}", "({select})", "{arm} {set} {arm}"}},
    {"inserted",
     2,
     {"DEFAULT VALUES", "{columns?} {source}", "{columns} {overriding?} {source}", "{overriding} {source}"}},
    {"assigned",
     2,
     {"{into} = DEFAULT", "{into} = {constant}", "{into} = {expr}", "({into}) = ({select})",
      "({into}, {into}) = ({given}, {given})", "({into}, {into}) = ROW({given}, {expr})",
      "({into}, {into}, {into}) = ({select})", "({into}, {into}) = {primary}"}},
    {"conflict",
     0,
     {"ON CONFLICT DO NOTHING", "ON CONFLICT ({name*}) DO NOTHING",
      "ON CONFLICT ON CONSTRAINT {name} DO NOTHING",
      "ON CONFLICT ({name*}) DO UPDATE SET {assigned*} {where?}",
      "ON CONFLICT ON CONSTRAINT {name} DO UPDATE SET {assigned} {where?}"}},
    {"returning", 0, {"RETURNING {target*}", "RETURNING *"}},
    {"using", 0, {"USING {table*}"}},
    {"write",
     0,
     {"{with?} INSERT INTO {written} {inserted} {conflict?} {returning?}",
      "{with?} UPDATE {only?} {written} SET {assigned*} {from?} {where?} {returning?}",
      "{with?} DELETE FROM {only?} {written} {using?} {where?} {returning?}"}},
    {"option", 0, {"VERBOSE", "COSTS off", "FORMAT json", "SETTINGS true", "WAL 1", "{name} {string}"}},
    {"statement",
     0,
     {"{select}", "{select}", "{select}", "{select}", "{select}", "{select}", "{select} {lock}", "{write}",
      "{write}", "{write}", "EXPLAIN {write}", "EXPLAIN {select}", "EXPLAIN ({option*}) {select}",
      "/* lead */ {select} -- trail"}},
};

static uint32_t random_below(struct random_select *g, uint32_t bound)
{
    g->state += 0x9e3779b97f4a7c15u;
    uint64_t z = g->state;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (uint32_t)((z ^ z >> 31) >> 32) % bound;
}

static const struct random_rule *random_rule_of(struct hg_slice name)
{
    for (size_t i = 0; i < sizeof random_rules / sizeof *random_rules; i++)
        if (hg_slice_is(name, random_rules[i].name))
            return &random_rules[i];
    fprintf(stderr, "no rule %.*s\n", HG_SLICE_FMT(name));
    abort();
}

static void random_expand(struct random_select *g, struct hg_slice name, unsigned depth);

/* One `{…}` of an alternative, without its braces. */
static void random_part(struct random_select *g, struct hg_slice part, unsigned depth)
{
    char last = part.ptr[part.len - 1];
    if (last == '*' || last == '?')
        part.len--;
    if (last == '?' && random_below(g, 2))
        return;
    unsigned times = last == '*' ? 1 + random_below(g, 3) : 1;
    for (unsigned i = 0; i < times; i++) {
        if (i)
            hg_write_text(&g->out, ", ");
        random_expand(g, part, depth);
    }
}

static void random_expand(struct random_select *g, struct hg_slice name, unsigned depth)
{
    const struct random_rule *rule = random_rule_of(name);
    unsigned count = 0;
    while (count < 64 && rule->alternatives[count])
        count++;
    if (rule->leaves && (depth == 0 || g->out.len > 4000))
        count = rule->leaves;
    const char *text = rule->alternatives[random_below(g, count)];
    while (*text) {
        size_t run = strcspn(text, "{");
        hg_write(&g->out, text, run);
        text += run;
        if (*text == '{' && text[1] >= 'a' && text[1] <= 'z') {
            size_t len = strcspn(text, "}") - 1;
            random_part(g, hg_slice_of(text + 1, len), depth ? depth - 1 : 0);
            text += len + 2;
        } else if (*text) {
            hg_write_u8(&g->out, (uint8_t)*text++);
        }
    }
}

/* The statement of the seed; points into the generator until the next call. */
static inline struct hg_slice random_statement(struct random_select *g, uint64_t seed)
{
    g->state = seed;
    hg_bytes_clear(&g->out);
    random_expand(g, HG_LIT("statement"), 4 + (unsigned)(seed % 5));
    return hg_bytes_slice(&g->out);
}

#endif
