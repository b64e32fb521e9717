/* proxy/wire: frames at their limits, each decoder against each way in which a body can be cut or padded, and
 * every encoder against its decoder or against bytes written out here. */
#include <stdlib.h>

#include "check.h"
#include "decode.h"
#include "encode.h"
#include "frame.h"

#define BYTES(literal) hg_slice_of((literal), sizeof(literal) - 1)

/* ---- frames ---- */

static enum hg_frame_status peek(struct hg_slice bytes, uint32_t max, struct hg_frame *frame)
{
    return hg_frame_peek(bytes.ptr, bytes.len, max, frame);
}

static void test_frames(void)
{
    struct hg_frame frame;

    CHECK_INT(peek(BYTES(""), 100, &frame), HG_FRAME_SHORT);
    CHECK_INT(peek(BYTES("Q\0\0\0"), 100, &frame), HG_FRAME_SHORT);
    CHECK_INT(peek(BYTES("Q\0\0\0\3"), 100, &frame), HG_FRAME_BAD);
    CHECK_INT(peek(BYTES("Q\0\0\0\0"), 100, &frame), HG_FRAME_BAD);
    CHECK_INT(peek(BYTES("Q\377\377\377\377"), UINT32_MAX, &frame), HG_FRAME_BAD);
    CHECK_INT(peek(BYTES("Q\200\0\0\0"), 1 << 30, &frame), HG_FRAME_BAD);
    CHECK_INT(peek(BYTES("S\0\0\0\4"), 100, &frame), HG_FRAME_COMPLETE);
    CHECK_INT(frame.type, 'S');
    CHECK_INT(frame.total, 5);
    CHECK_INT(frame.body.len, 0);
    CHECK_INT(peek(BYTES("Q\0\0\0\6a\0next"), 7, &frame), HG_FRAME_COMPLETE);
    CHECK_INT(frame.total, 7);
    CHECK(hg_slice_equal(frame.body, BYTES("a\0")));
    CHECK_INT(peek(BYTES("Q\0\0\0\6a\0"), 6, &frame), HG_FRAME_BAD); /* one byte above the limit */
    CHECK_INT(peek(BYTES("Q\0\0\0\6a"), 7, &frame), HG_FRAME_PARTIAL);
    CHECK_INT(frame.total, 7);
    CHECK_INT(peek(BYTES("Q\0\0\0\4"), 0, &frame), HG_FRAME_BAD);
}

static void test_startup_frames(void)
{
    struct hg_frame frame;
    char most[4 + HG_STARTUP_MAX_BYTES] = {0, 0, 0x27, 0x14};

    CHECK_INT(hg_frame_peek_startup("\0\0\0", 3, &frame), HG_FRAME_SHORT);
    CHECK_INT(hg_frame_peek_startup("\0\0\0\7", 4, &frame), HG_FRAME_BAD);
    CHECK_INT(hg_frame_peek_startup("\0\0\0\10", 4, &frame), HG_FRAME_PARTIAL);
    CHECK_INT(hg_frame_peek_startup("\0\0\0\10abcd", 8, &frame), HG_FRAME_COMPLETE);
    CHECK_TEXT(frame.body, "abcd");
    CHECK_INT(hg_frame_peek_startup(most, sizeof most, &frame), HG_FRAME_COMPLETE);
    CHECK_INT(frame.total, sizeof most);
    most[3]++;
    CHECK_INT(hg_frame_peek_startup(most, sizeof most, &frame), HG_FRAME_BAD);
    CHECK_INT(hg_frame_peek_startup("\200\0\0\0", 4, &frame), HG_FRAME_BAD);
    CHECK_INT(hg_frame_peek_startup("GET / HT", 8, &frame), HG_FRAME_BAD);
}

/* ---- every body, cut short at each byte and with one byte more, is malformed ---- */

static struct hg_arena arena;

static bool takes_startup(struct hg_slice body)
{
    struct hg_startup startup;
    return hg_decode_startup(body, &arena, &startup);
}
static bool takes_query(struct hg_slice body)
{
    struct hg_slice sql;
    return hg_decode_query(body, &sql);
}
static bool takes_parse(struct hg_slice body)
{
    struct hg_parse_msg parse;
    return hg_decode_parse(body, &parse);
}
static bool takes_bind(struct hg_slice body)
{
    struct hg_bind_msg bind;
    return hg_decode_bind(body, &bind);
}
static bool takes_target(struct hg_slice body)
{
    struct hg_target_msg target;
    return hg_decode_target(body, &target);
}
static bool takes_execute(struct hg_slice body)
{
    struct hg_execute_msg execute;
    return hg_decode_execute(body, &execute);
}
static bool takes_sasl_initial(struct hg_slice body)
{
    struct hg_sasl_initial initial;
    return hg_decode_sasl_initial(body, &initial);
}
static bool takes_password(struct hg_slice body)
{
    struct hg_slice password;
    return hg_decode_password(body, &password);
}
static bool takes_auth(struct hg_slice body)
{
    struct hg_auth_msg auth;
    return hg_decode_auth(body, &auth);
}
static bool takes_parameter_status(struct hg_slice body)
{
    struct hg_slice name, value;
    return hg_decode_parameter_status(body, &name, &value);
}
static bool takes_ready(struct hg_slice body)
{
    uint8_t status;
    return hg_decode_ready(body, &status);
}
static bool takes_error(struct hg_slice body)
{
    struct hg_error_msg error;
    return hg_decode_error(body, &error);
}
static bool takes_row(struct hg_slice body)
{
    struct hg_slice *values;
    uint16_t count;
    return hg_decode_row(body, &arena, &values, &count);
}

/* The body in memory of exactly its size, so that the sanitizer sees a byte read behind it. */
static bool takes_exactly(bool (*takes)(struct hg_slice body), const char *bytes, size_t len)
{
    char *copy = malloc(len ? len : 1);
    memcpy(copy, bytes, len);
    bool ok = takes(hg_slice_of(copy, len));
    free(copy);
    return ok;
}

static void check_exact(const char *what, bool (*takes)(struct hg_slice body), struct hg_slice body)
{
    char longer[256];

    if (!check_one(takes_exactly(takes, body.ptr, body.len), what, __FILE__, __LINE__))
        return;
    for (size_t len = 0; len < body.len; len++)
        if (!check_one(!takes_exactly(takes, body.ptr, len), what, __FILE__, __LINE__))
            fprintf(stderr, "  cut to %zu of %zu bytes\n", len, body.len);
    memcpy(longer, body.ptr, body.len);
    longer[body.len] = 0;
    check_one(!takes_exactly(takes, longer, body.len + 1), what, __FILE__, __LINE__);
}

static void test_exactness(void)
{
    check_exact("ssl", takes_startup, BYTES("\4\322\26\57"));
    check_exact("startup", takes_startup, BYTES("\0\3\0\0user\0ann\0database\0\0\0"));
    check_exact("query", takes_query, BYTES("SELECT 1\0"));
    check_exact("parse", takes_parse, BYTES("s\0SELECT $1\0\0\2\0\0\0\27\0\0\0\0"));
    check_exact("bind, nothing", takes_bind, BYTES("\0\0\0\0\0\0\0\0"));
    check_exact("bind", takes_bind, BYTES("p\0s\0\0\2\0\0\0\1\0\2\0\0\0\2ab\377\377\377\377\0\1\0\1"));
    check_exact("bind, one format for all", takes_bind,
                BYTES("\0\0\0\1\0\1\0\2\0\0\0\0\377\377\377\377\0\0"));
    check_exact("describe", takes_target, BYTES("Sname\0"));
    check_exact("close", takes_target, BYTES("P\0"));
    check_exact("execute", takes_execute, BYTES("p\0\0\0\0\5"));
    check_exact("sasl initial", takes_sasl_initial, BYTES("SCRAM-SHA-256\0\0\0\0\3n,,"));
    check_exact("sasl initial, no data", takes_sasl_initial, BYTES("SCRAM-SHA-256\0\377\377\377\377"));
    check_exact("password", takes_password, BYTES("secret\0"));
    check_exact("auth ok", takes_auth, BYTES("\0\0\0\0"));
    check_exact("auth md5", takes_auth, BYTES("\0\0\0\5salt"));
    check_exact("auth sasl", takes_auth, BYTES("\0\0\0\12SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"));
    check_exact("parameter", takes_parameter_status, BYTES("TimeZone\0UTC\0"));
    check_exact("ready", takes_ready, BYTES("T"));
    check_exact("error", takes_error, BYTES("SERROR\0C42601\0Mno\0Zunknown\0\0"));
    check_exact("row", takes_row, BYTES("\0\3\0\0\0\1a\377\377\377\377\0\0\0\0"));
    check_exact("row, no columns", takes_row, BYTES("\0\0"));
}

static void test_refused_bodies(void)
{
    CHECK(!takes_startup(BYTES("\0\3\0\0user\0ann"))); /* no terminators */
    CHECK(!takes_startup(BYTES("\0\3\0\0user\0ann\0")));
    CHECK(!takes_startup(BYTES("\4\322\26\56\0\0\0\1\0\0\0")));    /* a secret of three bytes */
    CHECK(takes_startup(BYTES("\0\2\0\0whatever")));               /* protocol 2: unread */
    CHECK(!takes_bind(BYTES("\0\0\0\2\0\0\0\0\0\1\0\0\0\0\0\0"))); /* two formats for one value */
    CHECK(!takes_bind(BYTES("\0\0\0\3\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0\0\0\0")));
    CHECK(!takes_bind(BYTES("\0\0\0\0\0\1\377\377\377\376\0\0"))); /* a length of -2 */
    CHECK(!takes_bind(BYTES("\0\0\0\0\0\1\200\0\0\0\0\0")));
    CHECK(!takes_bind(BYTES("\0\0\0\0\377\377\0\0"))); /* 65,535 values that are not there */
    CHECK(!takes_bind(BYTES("\0\0\0\0\0\0\377\377")));
    CHECK(!takes_parse(BYTES("\0\0\377\377")));
    CHECK(!takes_target(BYTES("X\0")));
    CHECK(!takes_sasl_initial(BYTES("SCRAM-SHA-256\0\377\377\377\376")));
    CHECK(!takes_password(BYTES("a\0b\0")));
    CHECK(!takes_query(BYTES("SELECT 1\0; SELECT 2\0")));
    CHECK(!takes_auth(BYTES("\0\0\0\5sal")));
    CHECK(!takes_auth(BYTES("\0\0\0\12\0"))); /* no mechanism at all */
    CHECK(takes_auth(BYTES("\0\0\0\7anything")));
    CHECK(!takes_ready(BYTES("X")));
    CHECK(takes_error(BYTES("\0")));
    CHECK(!takes_row(BYTES("\377\377\0\0\0\0")));
    CHECK(!takes_row(BYTES("\0\1\377\377\377\376")));
}

/* ---- what is decoded ---- */

static void test_startup(void)
{
    struct hg_startup startup;

    CHECK(hg_decode_startup(BYTES("\0\3\0\2database\0x\0user\0ann\0_pq_.a\0\0user\0bob\0\0"), &arena,
                            &startup));
    CHECK_INT(HG_PROTOCOL_MAJOR(startup.code), 3);
    CHECK_INT(HG_PROTOCOL_MINOR(startup.code), 2);
    CHECK_INT(startup.npairs, 4);
    CHECK_TEXT(startup.names[0], "database");
    CHECK_TEXT(hg_startup_get(&startup, "user"), "bob");
    CHECK_TEXT(hg_startup_get(&startup, "_pq_.a"), "");
    CHECK(hg_startup_get(&startup, "_pq_.a").ptr != NULL);
    CHECK(hg_startup_get(&startup, "options").ptr == NULL);
    CHECK(hg_decode_startup(BYTES("\0\3\0\0\0"), &arena, &startup) && startup.npairs == 0);

    CHECK(hg_decode_startup(BYTES("\4\322\26\56\377\377\377\376secret"), &arena, &startup));
    CHECK_INT(startup.code, HG_CODE_CANCEL);
    CHECK_INT(startup.cancel_pid, -2);
    CHECK_TEXT(startup.cancel_secret, "secret");
}

static void test_client_messages(void)
{
    struct hg_parse_msg parse;
    struct hg_bind_msg bind;
    struct hg_execute_msg execute;
    struct hg_sasl_initial initial;

    CHECK(hg_decode_parse(BYTES("s\0SELECT $1\0\0\1\0\0\0\27"), &parse));
    CHECK_TEXT(parse.name, "s");
    CHECK_TEXT(parse.sql, "SELECT $1");
    CHECK_INT(parse.ntypes, 1);
    CHECK(hg_slice_equal(parse.types, BYTES("\0\0\0\27")));

    CHECK(hg_decode_bind(BYTES("p\0s\0\0\0\0\2\0\0\0\1x\377\377\377\377\0\0"), &bind));
    CHECK_TEXT(bind.portal, "p");
    CHECK_TEXT(bind.statement, "s");
    CHECK_INT(bind.nvalues, 2);
    CHECK(hg_slice_equal(bind.rest, BYTES("\0\0\0\2\0\0\0\1x\377\377\377\377\0\0")));

    CHECK(hg_decode_execute(BYTES("\0\377\377\377\377"), &execute));
    CHECK_INT(execute.max_rows, -1);

    CHECK(hg_decode_sasl_initial(BYTES("M\0\377\377\377\377"), &initial) && initial.data.ptr == NULL);
    CHECK(hg_decode_sasl_initial(BYTES("M\0\0\0\0\0"), &initial) && initial.data.ptr && !initial.data.len);
}

/* ---- encoders ---- */

static struct hg_bytes out;

/* The one message that was encoded, and nothing behind it; clears the writer at the next call of fresh(). */
static struct hg_frame the_frame(void)
{
    struct hg_frame frame = {0};

    CHECK(!out.failed);
    CHECK_INT(hg_frame_peek(out.data, out.len, 1 << 20, &frame), HG_FRAME_COMPLETE);
    CHECK_INT(frame.total, out.len);
    return frame;
}

static struct hg_bytes *fresh(void)
{
    hg_bytes_clear(&out);
    return &out;
}

static void test_encode_startup(void)
{
    static const char *const pairs[] = {"database", "metrics", "options", "", NULL};
    struct hg_frame frame;
    struct hg_startup startup;

    hg_encode_startup(fresh(), HG_LIT("ann"), pairs);
    CHECK_INT(hg_frame_peek_startup(out.data, out.len, &frame), HG_FRAME_COMPLETE);
    CHECK_INT(frame.total, out.len);
    CHECK(hg_decode_startup(frame.body, &arena, &startup));
    CHECK_INT(startup.code, HG_PROTOCOL_3_0);
    CHECK_TEXT(hg_startup_get(&startup, "user"), "ann");
    CHECK_TEXT(hg_startup_get(&startup, "database"), "metrics");
    CHECK_INT(startup.npairs, 3);

    hg_encode_ssl_request(fresh());
    CHECK(hg_slice_equal(hg_bytes_slice(&out), BYTES("\0\0\0\10\4\322\26\57")));
    hg_encode_cancel(fresh(), 7, BYTES("\1\2\3\4"));
    CHECK(hg_slice_equal(hg_bytes_slice(&out), BYTES("\0\0\0\20\4\322\26\56\0\0\0\7\1\2\3\4")));
}

static void test_encode_to_server(void)
{
    struct hg_slice text;
    struct hg_parse_msg parse;
    struct hg_bind_msg bind;
    struct hg_target_msg target;
    struct hg_execute_msg execute;
    struct hg_sasl_initial initial;

    hg_encode_query(fresh(), HG_LIT("SELECT 1"));
    CHECK(hg_decode_query(the_frame().body, &text) && hg_slice_is(text, "SELECT 1"));
    hg_encode_parse(fresh(), HG_LIT("s"), HG_LIT("SELECT $1"), 1, BYTES("\0\0\0\27"));
    CHECK(hg_decode_parse(the_frame().body, &parse) && hg_slice_is(parse.sql, "SELECT $1") &&
          parse.ntypes == 1);
    hg_encode_bind(fresh(), HG_LIT("p"), HG_LIT("s"), BYTES("\0\0\0\0\0\0"));
    CHECK(hg_decode_bind(the_frame().body, &bind) && hg_slice_is(bind.statement, "s"));
    hg_encode_target(fresh(), HG_C_DESCRIBE, 'P', HG_LIT("p"));
    CHECK_INT(the_frame().type, 'D');
    CHECK(hg_decode_target(the_frame().body, &target) && target.kind == 'P');
    hg_encode_execute(fresh(), HG_LIT("p"), 100);
    CHECK(hg_decode_execute(the_frame().body, &execute) && execute.max_rows == 100);
    hg_encode_empty(fresh(), HG_C_SYNC);
    CHECK(hg_slice_equal(hg_bytes_slice(&out), BYTES("S\0\0\0\4")));
    hg_encode_password(fresh(), HG_LIT("secret"));
    CHECK(hg_decode_password(the_frame().body, &text) && hg_slice_is(text, "secret"));
    hg_encode_sasl_initial(fresh(), HG_LIT("SCRAM-SHA-256"), HG_LIT("n,,n=,r=x"));
    CHECK(hg_decode_sasl_initial(the_frame().body, &initial) && hg_slice_is(initial.data, "n,,n=,r=x"));
    hg_encode_sasl_response(fresh(), HG_LIT("c=biws"));
    CHECK_TEXT(the_frame().body, "c=biws");
}

static void test_encode_to_client(void)
{
    static const char *const mechanisms[] = {"SCRAM-SHA-256", NULL};
    struct hg_auth_msg auth;
    struct hg_slice name, value, *values, unknown = HG_LIT("_pq_.x");
    int32_t pid;
    uint8_t status;
    uint16_t count;

    hg_encode_auth(fresh(), HG_AUTH_SASL_FINAL, HG_LIT("v=x"));
    CHECK(hg_decode_auth(the_frame().body, &auth) && hg_slice_is(auth.data, "v=x"));
    hg_encode_auth_sasl(fresh(), mechanisms);
    CHECK(hg_decode_auth(the_frame().body, &auth) && auth.code == HG_AUTH_SASL);
    hg_encode_backend_key(fresh(), -7, HG_LIT("1234"));
    CHECK(hg_decode_backend_key(the_frame().body, &pid, &value) && pid == -7 && hg_slice_is(value, "1234"));
    hg_encode_parameter_status(fresh(), HG_LIT("TimeZone"), HG_LIT("UTC"));
    CHECK(hg_decode_parameter_status(the_frame().body, &name, &value) && hg_slice_is(value, "UTC"));
    hg_encode_ready(fresh(), 'E');
    CHECK(hg_decode_ready(the_frame().body, &status) && status == 'E');
    hg_encode_tag(fresh(), HG_LIT("SELECT 3"));
    CHECK(hg_slice_equal(the_frame().body, BYTES("SELECT 3\0")));
    hg_encode_negotiate_version(fresh(), 0, &unknown, 1);
    CHECK(hg_slice_equal(the_frame().body, BYTES("\0\3\0\0\0\0\0\1_pq_.x\0")));

    struct hg_slice row[] = {HG_LIT("a"), {NULL, 0}, HG_LIT("")};
    hg_encode_text_row(fresh(), row, 3);
    CHECK(hg_decode_row(the_frame().body, &arena, &values, &count) && count == 3);
    CHECK_TEXT(values[0], "a");
    CHECK(values[1].ptr == NULL && values[2].ptr != NULL && values[2].len == 0);
    hg_encode_text_columns(fresh(), row, 1, 0);
    CHECK(
        hg_slice_equal(the_frame().body, BYTES("\0\1a\0\0\0\0\0\0\0\0\0\0\31\377\377\377\377\377\377\0\0")));
}

static void test_encode_errors(void)
{
    struct hg_error_msg error;
    struct hg_fault fault = {0};

    hg_fault_set(&fault, &arena, HG_UNDEFINED_TABLE, "relation \"%s\" does not exist", "x");
    hg_fault_hint(&fault, &arena, "look again");
    fault.position = 15;
    hg_encode_fault(fresh(), HG_S_ERROR, "ERROR", &fault);
    CHECK(hg_decode_error(the_frame().body, &error));
    CHECK_TEXT(error.severity, "ERROR");
    CHECK_TEXT(error.severity_raw, "ERROR");
    CHECK_TEXT(error.sqlstate, "42P01");
    CHECK_TEXT(error.message, "relation \"x\" does not exist");
    CHECK_TEXT(error.hint, "look again");
    CHECK_TEXT(error.position, "15");
    CHECK(error.detail.ptr == NULL && error.where.ptr == NULL);

    const char all[] = "Sa\0Vb\0Cc\0Md\0De\0Hf\0Pg\0ph\0qi\0Wj\0sk\0tl\0cm\0dn\0no\0Fp\0Lq\0Rr\0";
    CHECK(hg_decode_error(hg_slice_of(all, sizeof all), &error));
    CHECK_TEXT(error.internal_position, "h");
    CHECK_TEXT(error.routine, "r");
    hg_encode_error(fresh(), HG_S_NOTICE, &error);
    CHECK_INT(the_frame().type, 'N');
    CHECK(hg_slice_equal(the_frame().body, hg_slice_of(all, sizeof all)));
}

static void test_encode_limits(void)
{
    struct hg_bytes small;

    hg_encode_query(fresh(), BYTES("SELECT 1\0; SELECT 2")); /* a NUL would end the text early */
    CHECK(out.failed);
    hg_encode_parse(fresh(), BYTES("a\0b"), HG_LIT(""), 0, BYTES(""));
    CHECK(out.failed);

    hg_bytes_init(&small, 12);
    hg_encode_query(&small, HG_LIT("SELECT 1"));
    CHECK(small.failed && small.len <= 12);
    hg_encode_empty(&small, HG_C_SYNC);
    CHECK(small.failed);
    hg_bytes_free(&small);
}

int main(void)
{
    hg_arena_init(&arena, 0);
    hg_bytes_init(&out, 0);
    test_frames();
    test_startup_frames();
    test_exactness();
    test_refused_bodies();
    test_startup();
    test_client_messages();
    test_encode_startup();
    test_encode_to_server();
    test_encode_to_client();
    test_encode_errors();
    test_encode_limits();
    hg_bytes_free(&out);
    hg_arena_free(&arena);
    return check_end();
}
