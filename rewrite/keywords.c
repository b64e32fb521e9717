/* The words that names collide with.
 *
 * PostgreSQL 15 knows four kinds of key words (appendix "SQL Key Words" of its documentation;
 * pg_get_keywords()). Reserved words, function or type names, and column names are all quoted everywhere: to
 * know where one of them could stand bare is not worth the risk. Of the unreserved words only those are
 * quoted that the grammar reads differently at some place where this printer puts a name;
 * tests/unit/test_print.c finds them by putting every key word at every such place.
 *
 * The tables hold, for each length, the words of that length in order and without a gap, to be searched by
 * halves. */
#include "keywords.h"

/* Reserved, function or type name, column name. */
static const char *const pg_words[] = {
    [2] = "as"
          "do"
          "in"
          "is"
          "on"
          "or"
          "to",
    [3] = "all"
          "and"
          "any"
          "asc"
          "bit"
          "dec"
          "end"
          "for"
          "int"
          "not"
          "out"
          "row",
    [4] = "both"
          "case"
          "cast"
          "char"
          "desc"
          "else"
          "from"
          "full"
          "into"
          "join"
          "left"
          "like"
          "none"
          "null"
          "only"
          "real"
          "some"
          "then"
          "time"
          "trim"
          "true"
          "user"
          "when"
          "with",
    [5] = "array"
          "check"
          "cross"
          "false"
          "fetch"
          "float"
          "grant"
          "group"
          "ilike"
          "inner"
          "inout"
          "least"
          "limit"
          "nchar"
          "order"
          "outer"
          "right"
          "setof"
          "table"
          "treat"
          "union"
          "using"
          "where"
          "xmlpi",
    [6] = "bigint"
          "binary"
          "column"
          "create"
          "except"
          "exists"
          "freeze"
          "having"
          "isnull"
          "nullif"
          "offset"
          "select"
          "unique"
          "values"
          "window",
    [7] = "analyse"
          "analyze"
          "between"
          "boolean"
          "collate"
          "decimal"
          "default"
          "extract"
          "foreign"
          "integer"
          "lateral"
          "leading"
          "natural"
          "notnull"
          "numeric"
          "overlay"
          "placing"
          "primary"
          "similar"
          "varchar"
          "verbose"
          "xmlroot",
    [8] = "coalesce"
          "distinct"
          "greatest"
          "grouping"
          "interval"
          "national"
          "overlaps"
          "position"
          "smallint"
          "trailing"
          "variadic"
          "xmlparse"
          "xmltable",
    [9] = "character"
          "collation"
          "initially"
          "intersect"
          "localtime"
          "normalize"
          "precision"
          "returning"
          "substring"
          "symmetric"
          "timestamp"
          "xmlconcat"
          "xmlexists"
          "xmlforest",
    [10] = "asymmetric"
           "constraint"
           "deferrable"
           "references"
           "xmlelement",
    [11] = "tablesample",
    [12] = "concurrently"
           "current_date"
           "current_role"
           "current_time"
           "current_user"
           "session_user"
           "xmlserialize",
    [13] = "authorization"
           "xmlattributes"
           "xmlnamespaces",
    [14] = "current_schema"
           "localtimestamp",
    [15] = "current_catalog",
    [17] = "current_timestamp",
};

/* Unreserved, but syntax at some place where a name may stand: GROUP BY cube(a), OVER (rows) … And one word
 * that PostgreSQL 16 reserved. */
static const char *const pg_traps[] = {
    [4] = "cube"
          "rows",
    [5] = "range",
    [6] = "groups"
          "rollup",
    [8] = "operator",
    [9] = "partition"
          "unbounded",
    [11] = "system_user",
};

/* Redshift's own ("Reserved words" in its Database Developer Guide, and the two that its note names). */
static const char *const redshift_words[] = {
    [3] = "lun"
          "lzo"
          "new"
          "off"
          "oid"
          "old"
          "raw"
          "tag"
          "top",
    [4] = "az64"
          "gzip"
          "luns"
          "lzop"
          "open"
          "tdes",
    [5] = "bzip2"
          "delta"
          "minus"
          "nulls"
          "pivot"
          "start",
    [6] = "aes128"
          "aes256"
          "backup"
          "defrag"
          "enable"
          "encode"
          "ignore"
          "resort"
          "system"
          "unnest"
          "wallet",
    [7] = "connect"
          "deflate"
          "disable"
          "encrypt"
          "mostly8"
          "offline"
          "percent"
          "recover"
          "respect"
          "restore"
          "sysdate"
          "text255"
          "text32k"
          "unpivot"
          "without",
    [8] = "bytedict"
          "delta32k"
          "explicit"
          "identity"
          "mostly16"
          "mostly32"
          "parallel"
          "snapshot",
    [9] = "partition"
          "readratio"
          "rejectlog",
    [10] = "encryption",
    [11] = "credentials"
           "emptyasnull"
           "permissions",
    [12] = "blanksasnull",
    [13] = "globaldict256"
           "globaldict64k",
    [14] = "allowoverwrite",
    [15] = "current_user_id"
           "truncatecolumns",
};

static bool find(const char *const *table, size_t lengths, struct hg_slice word)
{
    const char *words = word.len < lengths ? table[word.len] : NULL;
    if (!words)
        return false;
    size_t from = 0, to = strlen(words) / word.len;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = memcmp(word.ptr, words + middle * word.len, word.len);
        if (order == 0)
            return true;
        if (order < 0)
            to = middle;
        else
            from = middle + 1;
    }
    return false;
}

#define COUNT(table) (sizeof(table) / sizeof *(table))

bool hg_must_quote_word(struct hg_slice word, enum hg_dialect dialect)
{
    return find(pg_words, COUNT(pg_words), word) || find(pg_traps, COUNT(pg_traps), word) ||
           (dialect == HG_DIALECT_REDSHIFT && find(redshift_words, COUNT(redshift_words), word));
}
