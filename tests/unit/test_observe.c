/* What logs, the audit and metrics are made of: texts without literals, fingerprints, trace context, ids, the
 * chain of lines, the Prometheus text. */
#define _GNU_SOURCE 1 /* memmem */
#include <stdlib.h>

#include "bytes.h"
#include "chain.h"
#include "check.h"
#include "ident.h"
#include "json.h"
#include "metrics.h"
#include "redact.h"
#include "trace.h"

/* ---- texts ---- */

static void redacts(const char *text, const char *expected)
{
    struct hg_bytes out = {0}, again = {0};

    hg_redact(hg_slice_cstr(text), &out);
    CHECK_TEXT(hg_bytes_slice(&out), expected);
    hg_redact(hg_bytes_slice(&out), &again);
    CHECK(hg_slice_equal(hg_bytes_slice(&out), hg_bytes_slice(&again)));
    hg_bytes_free(&out);
    hg_bytes_free(&again);
}

static void redaction(void)
{
    redacts("", "");
    redacts("SELECT 1", "SELECT ?");
    redacts("  SELECT\n\t'a''b' , x ", "SELECT ? , x");
    redacts("select e'it\\'s \\\\', E'\\\\' || 'tail'", "select ?, ? || ?");
    redacts("select 'one'\n  'two', 'three' 'four'", "select ?, ? ?");
    redacts("select E'one'\n'\\'two'", "select ?");
    redacts("select b'01', X'ff', n'x', U&'d\\0061t', u&'x'", "select ?, ?, ?, ?, ?");
    redacts("select $$secret$$, $a$ $b$ $$ 'x' $a$, $1, $23", "select ?, ?, $1, $23");
    redacts("select $1$secret$1$ $secret$", "select $1?");
    redacts("select 1.5e-10, .5, 0x1f, 1_000, 12abc, 1., 1e+5", "select ?, ?, ?, ?, ?, ?, ?");
    redacts("select a1, \"Na'me 2\", \"a\"\"b\" from t2 where x=-5",
            "select a1, \"Na'me 2\", \"a\"\"b\" from t2 where x=-?");
    redacts("a -- secret\nb /* secret /* deep */ still */ c--end", "a b c");
    redacts("select 1e--secret\n", "select ?");
    redacts("select 'never closed", "select ?");
    redacts("select $x$never closed $x", "select ?");
    redacts("select \"never closed", "select ?");
    redacts("select /* never closed 'x'", "select");
    redacts("select e'\\", "select ?");
    redacts("a$b$c $b$x$b$", "a$b$c ?");
    redacts("t.5", "t?");
    redacts("'\xc3\xa9' \xc3\xa9t\xc3\xa9", "? \xc3\xa9t\xc3\xa9");
    redacts("E'a' e 'b'", "? e ?");
    redacts("$", "$");
    redacts("'", "?");
}

static bool alike(const char *a, const char *b)
{
    char first[17], second[17];

    hg_fingerprint(hg_slice_cstr(a), first);
    hg_fingerprint(hg_slice_cstr(b), second);
    return strlen(first) == 16 && strcmp(first, second) == 0;
}

static void fingerprints(void)
{
    CHECK(alike("SELECT * FROM t WHERE a = 5", "select  *\nfrom T where a='x' -- remark"));
    CHECK(alike("SELECT 1 WHERE x IN (1, 2, 3)", "SELECT 1 WHERE x IN ('a')"));
    CHECK(alike("SELECT $1", "SELECT 7;"));
    CHECK(alike("INSERT INTO t VALUES (1,2)", "INSERT INTO t VALUES ( $1 , $2 )"));
    CHECK(!alike("SELECT a FROM t", "SELECT b FROM t"));
    CHECK(!alike("SELECT a b", "SELECT ab"));
    CHECK(!alike("SELECT \"A\"", "SELECT a"));
    CHECK(!alike("SELECT a FROM t", "SELECT a FROM t WHERE b = 1"));
    CHECK(alike("", "  -- nothing"));
}

/* ---- trace context ---- */

#define TRACE  "0af7651916cd43dd8448eb211c80319c"
#define SPAN   "b7ad6b7169203331"
#define PARENT "traceparent='00-" TRACE "-" SPAN "-01'"

static bool traced(const char *text)
{
    size_t len = strlen(text);
    char *exact = malloc(len ? len : 1); /* so that a byte too far is noticed */
    memcpy(exact, text, len);
    struct hg_trace trace = hg_trace_find(hg_slice_of(exact, len));
    free(exact);
    CHECK((trace.trace_id[0] == '\0') == (trace.span_id[0] == '\0'));
    return strcmp(trace.trace_id, TRACE) == 0 && strcmp(trace.span_id, SPAN) == 0;
}

static void traces(void)
{
    CHECK(traced("SELECT 1 /*" PARENT "*/"));
    CHECK(traced("SELECT 1 /*a='b'," PARENT ",c='d'*/ ; \n"));
    CHECK(traced("/*" PARENT "*/ SELECT 1"));
    CHECK(traced("-- " PARENT "\nSELECT 1"));
    CHECK(traced("SELECT 1 -- " PARENT));
    CHECK(traced("/* none */ SELECT 1 /*" PARENT "*/"));
    CHECK(traced("/*" PARENT "*/"));
    CHECK(!traced(""));
    CHECK(!traced("/"));
    CHECK(!traced("*/"));
    CHECK(!traced("/**/"));
    CHECK(!traced("--"));
    CHECK(!traced("SELECT 1"));
    CHECK(!traced("SELECT /*" PARENT "*/ 1"));
    CHECK(!traced("SELECT 1 /*traceparent='00-" TRACE "-" SPAN "-01*/"));
    CHECK(!traced("SELECT 1 /*traceparent='01-" TRACE "-" SPAN "-01'*/"));
    CHECK(!traced("SELECT 1 /*traceparent='00-00000000000000000000000000000000-" SPAN "-01'*/"));
    CHECK(!traced("SELECT 1 /*traceparent='00-" TRACE "-0000000000000000-01'*/"));
    CHECK(!traced("SELECT 1 /*traceparent='00-0AF7651916CD43DD8448EB211C80319C-" SPAN "-01'*/"));
    CHECK(!traced("SELECT 1 /*traceparent='"));
    CHECK(!traced("SELECT 1 /*traceparent='00-" TRACE));
}

/* ---- ids ---- */

static void idents(void)
{
    const struct hg_ident ident = {UINT64_C(1577836800) + 33, 1, 32};
    char buffer[HG_IDENT_BYTES];

    CHECK_TEXT(hg_ident_write(&ident, 0, buffer), "11-1-10");
    CHECK_TEXT(hg_ident_write(&ident, 31, buffer), "11-1-10-z");
    const struct hg_ident most = {UINT64_MAX, UINT32_MAX, UINT64_MAX};
    CHECK(hg_ident_write(&most, UINT64_MAX, buffer).len < HG_IDENT_BYTES);
    const struct hg_ident none = {0, 0, 0};
    CHECK_TEXT(hg_ident_write(&none, 0, buffer), "0-0-0");
}

/* ---- JSON ---- */

static void json_is(struct hg_slice text, const char *expected)
{
    struct hg_bytes out = {0};

    hg_write_json(&out, text);
    CHECK_TEXT(hg_bytes_slice(&out), expected);
    hg_bytes_free(&out);
}

static void json(void)
{
    json_is(HG_LIT(""), "\"\"");
    json_is(HG_LIT("a\"b\\c\n\x7f\x01"), "\"a\\\"b\\\\c\\u000a\\u007f\\u0001\"");
    json_is(HG_LIT("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80"), "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"");
    json_is(HG_LIT("\xff|\xc3|\xed\xa0\x80|\xc0\xaf|\xf5\x80\x80\x80"),
            "\"\\ufffd|\\ufffd|\\ufffd\\ufffd\\ufffd|\\ufffd\\ufffd|\\ufffd\\ufffd\\ufffd\\ufffd\"");
    json_is(HG_LIT("\xe2\x82"), "\"\\ufffd\\ufffd\"");
    json_is(hg_slice_of("a\0b", 3), "\"a\\u0000b\"");
}

/* ---- the chain ---- */

static struct hg_slice line_of(struct hg_bytes *out, struct hg_chain *chain, const char *member)
{
    size_t begun = out->len;

    hg_chain_begin(chain, out);
    hg_write_text(out, member);
    hg_chain_end(chain, out, begun);
    return hg_slice_of((const char *)out->data + begun, out->len - begun - 1);
}

static void chain(void)
{
    struct hg_chain writing, reading;
    struct hg_chain_line line;
    struct hg_bytes out[3] = {{0}, {0}, {0}};
    struct hg_slice lines[3];

    hg_chain_init(&writing);
    for (int i = 0; i < 3; i++)
        lines[i] = line_of(&out[i], &writing, ",\"a\":1");
    hg_chain_init(&reading);
    for (int i = 0; i < 3; i++)
        CHECK(hg_chain_follow(&reading, lines[i], i == 0) == NULL);
    CHECK(reading.lines == 3 && strcmp(reading.last, writing.last) == 0);
    CHECK(hg_chain_follow(&reading, lines[1], false) != NULL);
    CHECK(hg_chain_follow(&reading, lines[2], false) == NULL);
    hg_chain_init(&reading);
    CHECK(hg_chain_follow(&reading, lines[1], true) == NULL); /* what came before is not known */
    for (size_t len = 0; len < lines[0].len; len++)           /* each part of a line is none */
        CHECK(hg_chain_read(&reading, hg_slice_of(lines[0].ptr, len), &line) != NULL);
    for (size_t at = 0; at < lines[0].len; at++) { /* nor is one with any byte changed */
        ((char *)lines[0].ptr)[at] ^= 1;
        CHECK(hg_chain_read(&reading, lines[0], &line) != NULL);
        ((char *)lines[0].ptr)[at] ^= 1;
    }
    CHECK(hg_chain_read(&reading, lines[0], &line) == NULL && line.number == 1);
    reading.keyed = true;
    CHECK(hg_chain_read(&reading, lines[0], &line) != NULL);
    for (int i = 0; i < 3; i++)
        hg_bytes_free(&out[i]);
}

/* ---- metrics ---- */

static bool holds(const struct hg_bytes *out, const char *text)
{
    return memmem(out->data, out->len, text, strlen(text)) != NULL;
}

static void series(void)
{
    struct hg_series *names = hg_series_new(2);

    CHECK_INT(hg_series_of(names, HG_LIT("a")), 1);
    CHECK_INT(hg_series_of(names, HG_LIT("b")), 2);
    CHECK_INT(hg_series_of(names, HG_LIT("a")), 1);
    CHECK_INT(hg_series_of(names, HG_LIT("c")), HG_SERIES_OTHER);
    CHECK_INT(hg_series_of(names, HG_LIT("other")), HG_SERIES_OTHER);
    CHECK_INT(hg_series_of(names, HG_LIT("")), HG_SERIES_OTHER);
    CHECK_INT(hg_series_count(names), 3);
    CHECK(strcmp(hg_series_name(names, 2), "b") == 0);
    hg_series_free(names);
}

static void exposition(void)
{
    struct hg_metrics *workers[] = {hg_metrics_new(2), hg_metrics_new(2)};
    struct hg_series *backends = hg_series_new(HG_MAX_SERIES - 1), *tenants = hg_series_new(2);
    struct hg_pool_reading pools[2] = {{.backend = "catalog"}, {.backend = "catalog"}};
    struct hg_scrape scrape = {workers, 2, backends, tenants, pools, 2, {0}};
    struct hg_bytes out = {0};
    unsigned backend = hg_series_of(backends, HG_LIT("aurora"));
    unsigned tenant = hg_series_of(tenants, HG_LIT("a\"b\\c\nd{}"));

    hg_count(&workers[0]->counters[HG_M_LOGINS], 2);
    hg_count(&workers[1]->counters[HG_M_LOGINS], 3);
    hg_count(&workers[1]->tenants[tenant][HG_M_TENANT_ROWS], 7);
    hg_count(&workers[0]->tenants[tenant][HG_M_TENANT_US], 1500000);
    hg_count_refusal(workers[0], "42501");
    hg_count_refusal(workers[0], "ZZZZZ");
    hg_histogram_add(&workers[0]->latency[backend][HG_ANSWERED_FORWARD], 100);
    hg_histogram_add(&workers[1]->latency[backend][HG_ANSWERED_FORWARD], 101);
    hg_histogram_add(&workers[1]->latency[backend][HG_ANSWERED_FORWARD], UINT64_C(100000000));
    pools[0].values[HG_M_POOL_IDLE] = 2;
    pools[1].values[HG_M_POOL_IDLE] = 3;
    hg_metrics_write(&scrape, &out);
    CHECK(holds(&out,
                "# HELP headgate_logins_total Clients that logged in\n# TYPE headgate_logins_total counter\n"
                "headgate_logins_total 5\n"));
    CHECK(holds(&out, "headgate_tenant_rows_total{tenant=\"a\\\"b\\\\c\\nd{}\"} 7\n"));
    CHECK(holds(&out, "headgate_tenant_statement_seconds_total{tenant=\"a\\\"b\\\\c\\nd{}\"} 1.500000\n"));
    CHECK(holds(&out, "headgate_refusals_total{sqlstate=\"42501\",reason=\"insufficient_privilege\"} 1\n"));
    CHECK(holds(&out, "headgate_refusals_total{sqlstate=\"\",reason=\"other\"} 1\n"));
    CHECK(holds(&out, "_bucket{backend=\"aurora\",verdict=\"forward\",le=\"0.0001\"} 1\n"));
    CHECK(holds(&out, "_bucket{backend=\"aurora\",verdict=\"forward\",le=\"0.00025\"} 2\n"));
    CHECK(holds(&out, "_bucket{backend=\"aurora\",verdict=\"forward\",le=\"60\"} 2\n"));
    CHECK(holds(&out, "_bucket{backend=\"aurora\",verdict=\"forward\",le=\"+Inf\"} 3\n"));
    CHECK(holds(&out, "_sum{backend=\"aurora\",verdict=\"forward\"} 100.000201\n"));
    CHECK(holds(&out, "_count{backend=\"aurora\",verdict=\"forward\"} 3\n"));
    CHECK(holds(&out, "headgate_pool_idle{backend=\"catalog\"} 5\n"));
    CHECK(!holds(&out, "verdict=\"local\",le=\"60\"} 1"));
    hg_bytes_free(&out);
    hg_metrics_free(workers[0]);
    hg_metrics_free(workers[1]);
    hg_series_free(backends);
    hg_series_free(tenants);
}

int main(void)
{
    redaction();
    fingerprints();
    traces();
    idents();
    json();
    chain();
    series();
    exposition();
    return check_end();
}
