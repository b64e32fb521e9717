/* The console's tables of commands and tables, against its documentation: conf/console.md is what they say,
 * and `test_console --write` makes it anew. And what reads statements, values and casts. */
#include <stdlib.h>

#include "check.h"
#include "columns.h"
#include "console_commands.h"
#include "tables.h"
#include "words.h"

#define REFERENCE HG_SOURCE_DIR "/conf/console.md"

static void write_commands(struct hg_bytes *out)
{
    hg_write_text(out, "## Commands\n\n| command | role | what |\n|---|---|---|\n");
    for (size_t i = 0; i < NCOMMANDS; i++) {
        const struct command *command = &hg_console_commands[i];
        hg_write_format(out, "| `%s%s%s` | %s | %s |\n", command->words, command->arguments[0] ? " " : "",
                        command->arguments, hg_admin_role_names[command->role], command->help);
    }
    hg_write_text(out, "\nResults of commands:\n\n| command | columns |\n|---|---|\n");
    for (size_t i = 0; i < NCOMMANDS; i++)
        if (hg_console_commands[i].columns)
            hg_write_format(out, "| `%s` | %s |\n", hg_console_commands[i].words,
                            hg_console_commands[i].columns);
}

static void write_tables(struct hg_bytes *out)
{
    hg_write_text(out, "\n## Tables\n");
    for (size_t i = 0; i < hg_console_ntables; i++) {
        const struct table *table = &hg_console_tables[i];
        hg_write_format(out, "\n### %s\n%s.\n\n| column | type | what |\n|---|---|---|\n", table->name,
                        table->help);
        for (size_t j = 0; j < table->ncolumns; j++)
            hg_write_format(out, "| `%s` | %s | %s |\n", table->columns[j].name,
                            column_type_name(table->columns[j].type), table->columns[j].help);
    }
}

static void write_reference(struct hg_bytes *out)
{
    hg_write_text(out, "# The console\n"
                       "The database `headgate`, at the address and port that clients use, for the "
                       "administrators of `admin:` in\n"
                       "`headgate.yaml`; with any client of PostgreSQL, and without a password by the Unix "
                       "socket in `admin.socket`\n"
                       "for root and Headgate's own user:\n"
                       "\n"
                       "    psql -h HOST -p PORT -U root headgate -c \"SELECT * FROM headgate.sessions WHERE "
                       "tenant = 'acme' ORDER BY "
                       "statement_at\"\n"
                       "    psql -h /run/headgate -p PORT headgate -c \"SHOW HELP\"\n"
                       "    headgate reload -c FILE [--dry-run]\n"
                       "\n"
                       "Queries are read by SQLite, in its dialect, over rows that are collected for each of "
                       "them; `::type` is read over.\n"
                       "A query may take 5 seconds, 256 MiB and 16 MiB of result. Parameters are written "
                       "`$1`. Errors of a reload stand in\n"
                       "the error's DETAIL, a line each. BEGIN and COMMIT are accepted and change nothing: "
                       "what a command did stays done.\n"
                       "This page is made from the tables in `proxy/admin`.\n\n");
    write_commands(out);
    write_tables(out);
}

static struct hg_bytes read_file(const char *path)
{
    struct hg_bytes bytes;
    char block[4096];
    FILE *file = fopen(path, "rb");

    hg_bytes_init(&bytes, 0);
    for (size_t len; file && (len = fread(block, 1, sizeof block, file)) > 0;)
        hg_write(&bytes, block, len);
    if (file)
        fclose(file);
    return bytes;
}

static void test_reference(bool write)
{
    struct hg_bytes wanted;

    hg_bytes_init(&wanted, 0);
    write_reference(&wanted);
    if (write) {
        FILE *file = fopen(REFERENCE, "wb");
        CHECK(file && fwrite(wanted.data, 1, wanted.len, file) == wanted.len && fclose(file) == 0);
    }
    struct hg_bytes found = read_file(REFERENCE);
    CHECK(hg_slice_equal(hg_bytes_slice(&found), hg_bytes_slice(&wanted)));
    if (!hg_slice_equal(hg_bytes_slice(&found), hg_bytes_slice(&wanted)))
        fprintf(stderr, "conf/console.md is not what the code says: run test_console --write\n");
    hg_bytes_free(&found);
    hg_bytes_free(&wanted);
}

/* Names are distinct and plain, roles are what they should be, every table fits into the mask of tables. */
static void test_tables(void)
{
    CHECK(hg_console_ntables <= MOST_TABLES);
    for (size_t i = 0; i < hg_console_ntables; i++) {
        const struct table *table = &hg_console_tables[i];
        CHECK(table_find(hg_slice_cstr(table->name)) == table);
        CHECK(table->fill && table->ncolumns && table->help[0]);
        CHECK(!table->needs || table_find(hg_slice_cstr(table->needs)));
        for (size_t j = 0; j < table->ncolumns; j++) {
            CHECK(table->columns[j].type != COLUMN_UNKNOWN && table->columns[j].help[0]);
            for (size_t k = 0; k < j; k++)
                CHECK(strcmp(table->columns[j].name, table->columns[k].name) != 0);
        }
    }
    CHECK(tables_named(HG_LIT("SELECT 1")) == 0);
    CHECK(tables_named(HG_LIT("select * from TENANTS")) ==
          (UINT32_C(1) << (table_find(HG_LIT("tenants")) - hg_console_tables) |
           UINT32_C(1) << (table_find(HG_LIT("sessions")) - hg_console_tables)));
}

static void test_commands(void)
{
    for (size_t i = 0; i < NCOMMANDS; i++) {
        const struct command *command = &hg_console_commands[i];
        CHECK(command->id == (enum command_id)i && command->tag[0] && command->help[0]);
        if (command->kind == KIND_MAIN || command->kind == KIND_KILL || command->kind == KIND_REWRITE)
            CHECK(command->role > HG_ADMIN_VIEWER);
        for (size_t j = 0; j < i; j++)
            CHECK(strcmp(command->words, hg_console_commands[j].words) != 0);
    }
    CHECK(hg_console_commands[COMMAND_RELOAD].role == HG_ADMIN_ADMIN);
    CHECK(hg_console_commands[COMMAND_ROLLBACK_TO_GENERATION].role == HG_ADMIN_ADMIN);
    CHECK(hg_console_commands[COMMAND_DRAIN].role == HG_ADMIN_ADMIN);
}

static void test_words(void)
{
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {
        {"a; b", 1},
        {"';' ; b", 4},
        {"\";\"; b", 3},
        {"-- ;\nx; y", 6},
        {"/* ; */; y", 7},
        {"$$;$$; y", 5},
        {"$t$;$$;$t$; y", 10},
        {"E'\\';'; y", 6},
        {"';", 2},
        {"$x$;", 4},
        {"/* ;", 4},
        {"", 0},
        {";", 0},
        {"a", 1},
        {"$1;", 2},
        {"'it''s;'; y", 8},
        {"`;`; y", 3},
    };
    struct hg_arena arena;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        CHECK(statement_length(hg_slice_cstr(cases[i].text)) == cases[i].length);
    hg_arena_init(&arena, 0);
    struct hg_slice text = HG_LIT("KILL 'it''s' E'\\'x' \"a \"\"b\" $12 $$q$$ x.y");
    static const char *const words[] = {"KILL", "it's", "'x", "a \"b", "$12", "q", "x", ".", "y"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        CHECK(hg_slice_is(word_next(&text, &arena).text, words[i]));
    CHECK(word_next(&text, &arena).kind == WORD_END);
    hg_arena_free(&arena);
}

static bool encodes(struct value value, enum column_type type, bool binary, const char *wanted, size_t len)
{
    struct hg_bytes out;

    hg_bytes_init(&out, 0);
    bool good = encode_value(&out, &value, type, binary) && out.len == len + 4 &&
                memcmp(out.data + 4, wanted, len) == 0;
    hg_bytes_free(&out);
    return good;
}

static void test_values(void)
{
    const struct value one = {.kind = VALUE_INT, .integer = 1}, half = {.kind = VALUE_FLOAT, .real = 0.5};
    const struct value text = {.kind = VALUE_TEXT, .text = HG_LIT("x")};
    const struct value epoch = {.kind = VALUE_TEXT, .text = HG_LIT("2000-01-01 00:00:01.000002")};
    struct hg_bytes out;
    char time[TIME_BYTES];

    CHECK(encodes(one, COLUMN_INT8, false, "1", 1));
    CHECK(encodes(one, COLUMN_INT8, true, "\0\0\0\0\0\0\0\1", 8));
    CHECK(encodes(one, COLUMN_BOOL, false, "t", 1) && encodes(one, COLUMN_BOOL, true, "\1", 1));
    CHECK(encodes(one, COLUMN_FLOAT8, false, "1", 1) && encodes(half, COLUMN_FLOAT8, false, "0.5", 3));
    CHECK(encodes(half, COLUMN_TEXT, true, "0.5", 3) && encodes(text, COLUMN_TEXT, false, "x", 1));
    CHECK(encodes(epoch, COLUMN_TIMESTAMPTZ, false, "2000-01-01 00:00:01.000002+00", 29));
    CHECK(encodes(epoch, COLUMN_TIMESTAMPTZ, true, "\0\0\0\0\0\x0f\x42\x42", 8));
    hg_bytes_init(&out, 0);
    CHECK(!encode_value(&out, &text, COLUMN_INT8, false) && !encode_value(&out, &half, COLUMN_INT8, false));
    CHECK(!encode_value(&out, &text, COLUMN_TIMESTAMPTZ, true) &&
          !encode_value(&out, &text, COLUMN_BOOL, false));
    CHECK(!encode_value(&out, &text, COLUMN_FLOAT8, false));
    hg_bytes_clear(&out);
    put_int(&out, -5);
    put_text(&out, HG_LIT(""));
    put_null(&out);
    put_float(&out, 1.5);
    put_time(&out, 0);
    struct hg_reader rows = hg_reader_of(out.data, out.len);
    CHECK(take_value(&rows).integer == -5 && take_value(&rows).kind == VALUE_TEXT);
    CHECK(take_value(&rows).kind == VALUE_NULL && take_value(&rows).real == 1.5);
    CHECK(take_value(&rows).kind == VALUE_NULL && hg_reader_left(&rows) == 0 && !rows.failed);
    hg_bytes_free(&out);
    time_text(UINT64_C(1767225600123456), time);
    CHECK(strcmp(time, "2026-01-01 00:00:00.123456") == 0);
}

int main(int argc, char **argv)
{
    test_reference(argc > 1 && strcmp(argv[1], "--write") == 0);
    test_tables();
    test_commands();
    test_words();
    test_values();
    return check_end();
}
