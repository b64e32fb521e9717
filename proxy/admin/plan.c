/* A statement's text to a plan: which command of the table it is, whether the role may use it, and with which
 * arguments. A text that begins with no command's words is refused: there is no other way in. */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "dialog.h"
#include "words.h"

/* ---- which command ---- */

/* Does the text begin with these words? Then `rest` is what stands behind. */
static bool begins_with(struct hg_slice text, const char *words, struct hg_slice *rest)
{
    struct hg_slice wanted = hg_slice_cstr(words);

    *rest = text;
    for (;;) {
        struct word want = word_next(&wanted, NULL);
        if (want.kind == WORD_END)
            return true;
        struct word word = word_next(rest, NULL);
        if (word.kind != WORD_NAME || word.quoted || word.text.len != want.text.len ||
            strncasecmp(word.text.ptr, want.text.ptr, want.text.len) != 0)
            return false;
    }
}

/* The one with the most words. `VALUES(1)` and `(SELECT …)` are queries, too. */
static const struct command *find_command(struct hg_slice text, struct hg_slice *rest)
{
    const struct command *found = NULL;
    struct hg_slice behind;

    for (size_t i = 0; i < NCOMMANDS; i++) {
        const struct command *command = &hg_console_commands[i];
        if (begins_with(text, command->words, &behind) &&
            (!found || strlen(command->words) > strlen(found->words))) {
            found = command;
            *rest = behind;
        }
    }
    return found;
}

static bool unknown(struct hg_slice text, struct hg_arena *arena, struct hg_fault *fault)
{
    struct hg_slice rest = text;
    struct word word = word_next(&rest, arena);

    hg_fault_set(fault, arena, HG_SYNTAX_ERROR, "the console knows no command \"%.*s\"",
                 (int)(word.text.len > 60 ? 60 : word.text.len), word.text.ptr);
    hg_fault_hint(fault, arena, "SHOW HELP lists the commands and tables.");
    return false;
}

static bool may_use(const struct command *command, enum hg_admin_role role, struct hg_arena *arena,
                    struct hg_fault *fault)
{
    if (role >= command->role)
        return true;
    hg_fault_set(fault, arena, HG_INSUFFICIENT_PRIVILEGE, "permission denied for command %s", command->words);
    hg_fault_detail(fault, arena, "It takes the role %s; this administrator is %s.",
                    hg_admin_role_names[command->role], hg_admin_role_names[role]);
    return false;
}

/* ---- arguments ---- */

static bool bad_arguments(const struct command *command, struct hg_arena *arena, struct hg_fault *fault)
{
    hg_fault_set(fault, arena, HG_SYNTAX_ERROR, "wrong arguments of %s", command->words);
    hg_fault_hint(fault, arena, "It is written %s%s%s.", command->words, command->arguments[0] ? " " : "",
                  command->arguments);
    return false;
}

/* A name, string, number or parameter. */
static bool take_argument(struct plan *plan, struct hg_slice *rest, size_t i)
{
    struct word word = word_next(rest, &plan->arena);
    struct argument *argument = &plan->arguments[i];

    argument->text = hg_arena_slice(&plan->arena, word.text);
    if (word.kind == WORD_PARAMETER) {
        for (size_t at = 1; at < word.text.len && argument->parameter <= MOST_PARAMETERS; at++)
            argument->parameter = argument->parameter * 10 + (unsigned)(word.text.ptr[at] - '0');
        if (argument->parameter > plan->nparameters)
            plan->nparameters = argument->parameter;
        return argument->parameter >= 1 && argument->parameter <= MOST_PARAMETERS;
    }
    return word.kind == WORD_NAME || word.kind == WORD_STRING || word.kind == WORD_NUMBER;
}

/* As many arguments as the table says; a word in capitals there stands for itself. */
static bool take_arguments(struct plan *plan, struct hg_slice rest)
{
    struct hg_slice wanted = hg_slice_cstr(plan->command->arguments);
    size_t taken = 0;

    for (;;) {
        struct word want = word_next(&wanted, NULL);
        if (want.kind == WORD_END)
            return word_next(&rest, NULL).kind == WORD_END;
        if (want.text.ptr[0] >= 'A' && want.text.ptr[0] <= 'Z') {
            struct word word = word_next(&rest, NULL);
            if (!slice_is_word(word.text, "AS") || word.quoted)
                return false;
        } else if (!take_argument(plan, &rest, taken++)) {
            return false;
        }
    }
}

struct hg_slice plan_argument(const struct plan *plan, size_t i, const struct value *parameters, size_t count,
                              struct hg_arena *arena)
{
    const struct argument *argument = &plan->arguments[i];

    if (!argument->parameter)
        return argument->text;
    if (argument->parameter > count)
        return HG_LIT("");
    const struct value *value = &parameters[argument->parameter - 1];
    if (value->kind == VALUE_INT)
        return hg_arena_printf(arena, "%lld", (long long)value->integer);
    return value->kind == VALUE_TEXT ? value->text : HG_LIT("");
}

/* ---- results ---- */

/* "name type, name type" */
static void set_columns(struct plan *plan, const char *columns)
{
    struct hg_slice rest = hg_slice_cstr(columns);

    plan->columns = HG_NEW_ARRAY(&plan->arena, struct column, MOST_COLUMNS);
    while (rest.len) {
        struct word name = word_next(&rest, NULL), type = word_next(&rest, NULL);
        plan->columns[plan->ncolumns++] =
            (struct column){hg_arena_cstr(&plan->arena, name.text), column_type_find(type.text), NULL};
        (void)word_next(&rest, NULL); /* the comma */
    }
}

/* ---- queries ---- */

static bool is_symbol(const struct word *word, char symbol)
{
    return word->kind == WORD_SYMBOL && word->text.ptr[0] == symbol;
}

/* Behind `::`: a type's name, with a schema and a length if it has them. */
static void skip_type(struct hg_slice *rest)
{
    struct hg_slice ahead = *rest;
    struct word word = word_next(&ahead, NULL);

    while (word.kind == WORD_NAME) {
        *rest = ahead;
        word = word_next(&ahead, NULL);
        if (!is_symbol(&word, '.'))
            break;
        word = word_next(&ahead, NULL);
    }
    while (is_symbol(&word, '(') || is_symbol(&word, '[')) {
        while (word.kind != WORD_END && !is_symbol(&word, ')') && !is_symbol(&word, ']'))
            word = word_next(&ahead, NULL);
        *rest = ahead;
        word = word_next(&ahead, NULL);
    }
}

/* E'…' as '…': never longer. */
static void plain_string(char *at, size_t len, struct hg_arena *arena)
{
    struct hg_slice quoted = hg_slice_of(at, len);
    struct hg_slice value = word_next(&quoted, arena).text;
    size_t put = 0;

    at[put++] = '\'';
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] == '\'')
            at[put++] = '\'';
        at[put++] = value.ptr[i];
    }
    at[put++] = '\'';
    memset(at + put, ' ', len - put);
}

/* E'…'; `before` is where the word began, or blanks before it. */
static bool is_escaped(const char *before, const struct word *word)
{
    const char *at = word->text.ptr;

    return at - before >= 2 && at[-1] == '\'' && (at[-2] | 0x20) == 'e';
}

/* What drivers write into a query around values, and SQLite does not know: `::type` becomes blanks, and E'…'
 * an ordinary string. Everything keeps its place, for the places in errors. */
static struct hg_slice for_sqlite(struct hg_slice text, struct hg_arena *arena)
{
    char *sql = hg_arena_cstr(arena, text);
    struct hg_slice rest = hg_slice_of(sql, text.len);

    for (;;) {
        const char *before = rest.ptr;
        struct word word = word_next(&rest, NULL);
        if (word.kind == WORD_END)
            return hg_slice_of(sql, text.len);
        if (is_symbol(&word, ':') && rest.len && rest.ptr[0] == ':') {
            char *from = sql + (word.text.ptr - sql);
            (void)word_next(&rest, NULL);
            skip_type(&rest);
            memset(from, ' ', (size_t)(rest.ptr - from));
        } else if (word.kind == WORD_STRING && is_escaped(before, &word)) {
            char *from = sql + (word.text.ptr - sql) - 2;
            plain_string(from, (size_t)(rest.ptr - from), arena);
        }
    }
}

/* ---- SHOW ---- */

struct known_setting {
    const char *name, *value;
};

/* What drivers ask any server for; else what the settings of tenants' sessions are at first. */
static const char *setting_value(struct hg_slice name)
{
    static const struct known_setting known[] = {
        {"server_version", HG_CONSOLE_SERVER_VERSION},
        {"server_version_num", HG_CONSOLE_SERVER_VERSION_NUM},
        {"transaction_isolation", "read committed"},
        {"transaction isolation level", "read committed"},
        {"transaction_read_only", "off"},
        {"transaction_deferrable", "off"},
        {"time zone", "UTC"},
        {"lc_collate", "C"},
        {"lc_ctype", "C.UTF-8"},
    };

    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (slice_is_word(name, known[i].name))
            return known[i].value;
    for (int i = 0; i < HG_NSETTINGS; i++)
        if (hg_settings[i].initial && slice_is_word(name, hg_settings[i].name))
            return hg_settings[i].initial;
    return NULL;
}

/* The words of a name, one blank between them. */
static struct hg_slice joined(struct hg_slice rest, struct hg_arena *arena)
{
    struct hg_slice name = HG_LIT("");

    for (struct word word = word_next(&rest, arena); word.kind != WORD_END; word = word_next(&rest, arena))
        name = hg_arena_printf(arena, "%.*s%s%.*s", HG_SLICE_FMT(name), name.len ? " " : "",
                               (int)(word.text.len > 80 ? 80 : word.text.len), word.text.ptr);
    return name;
}

static bool read_show(struct plan *plan, struct hg_slice rest, struct hg_arena *arena, struct hg_fault *fault)
{
    struct hg_slice name = joined(hg_slice_of(rest.ptr, rest.len > 200 ? 200 : rest.len), &plan->arena);
    const struct table *table = table_find(name);

    if (table) {
        plan->sql = hg_arena_printf(&plan->arena, "SELECT * FROM headgate.%s", table->name);
        return true;
    }
    const char *value = setting_value(name);
    if (!value) {
        hg_fault_set(fault, arena, HG_UNDEFINED_OBJECT, "the console has no table or setting \"%.*s\"",
                     HG_SLICE_FMT(name));
        hg_fault_hint(fault, arena, "SHOW HELP lists the commands and tables.");
        return false;
    }
    plan->value = hg_slice_cstr(value);
    plan->columns = HG_NEW(&plan->arena, struct column);
    *plan->columns = (struct column){hg_arena_cstr(&plan->arena, name), COLUMN_TEXT, NULL};
    plan->ncolumns = 1;
    return true;
}

/* ---- what else is looked at ---- */

/* Text comes and goes as UTF-8, and nothing else can be had. */
static bool read_set(struct hg_slice rest, struct hg_arena *arena, struct hg_fault *fault)
{
    struct word name = word_next(&rest, arena);

    while (word_is(&name, "SESSION") || word_is(&name, "LOCAL"))
        name = word_next(&rest, arena);
    if (!slice_is_word(name.text, "client_encoding") && !slice_is_word(name.text, "names"))
        return true;
    struct word value = word_next(&rest, arena);
    if (word_is(&value, "TO") || (value.kind == WORD_SYMBOL && value.text.ptr[0] == '='))
        value = word_next(&rest, arena);
    if (value.text.len == 0 || slice_is_word(value.text, "utf8") || slice_is_word(value.text, "utf-8") ||
        slice_is_word(value.text, "unicode") || slice_is_word(value.text, "default") ||
        value.text.ptr[0] == '-' || value.kind == WORD_SYMBOL)
        return true;
    return hg_fault_set(fault, arena, HG_FEATURE_NOT_SUPPORTED, "the console speaks UTF8 only");
}

static bool read_command(struct plan *plan, struct hg_slice rest, struct hg_arena *arena,
                         struct hg_fault *fault)
{
    struct hg_slice behind;

    switch (plan->command->kind) {
    case KIND_SELECT:
        plan->sql = for_sqlite(plan->text, &plan->arena);
        plan->from_client = true;
        return true;
    case KIND_SHOW:
        return read_show(plan, rest, arena, fault);
    case KIND_IGNORED:
        return plan->command->id != COMMAND_SET || read_set(rest, arena, fault);
    case KIND_BEGIN:
    case KIND_COMMIT:
    case KIND_ROLLBACK:
        return true;
    case KIND_DEALLOCATE:
        if (begins_with(rest, "PREPARE", &behind)) /* an optional word */
            rest = behind;
        break;
    default:
        break;
    }
    if (!take_arguments(plan, rest))
        return bad_arguments(plan->command, arena, fault);
    if (plan->command->columns)
        set_columns(plan, plan->command->columns);
    return true;
}

struct plan *plan_new(struct hg_slice text, enum hg_admin_role role, struct hg_arena *arena,
                      struct hg_fault *fault)
{
    struct plan *plan = hg_calloc(1, sizeof *plan);
    struct hg_slice rest = text;
    struct word first = word_next(&rest, NULL);

    plan->references = 1;
    hg_arena_init(&plan->arena, 0);
    if (first.kind == WORD_END)
        return plan;
    plan->text = hg_arena_slice(&plan->arena, text);
    plan->command = find_command(plan->text, &rest);
    if (!plan->command && first.kind == WORD_SYMBOL && first.text.ptr[0] == '(')
        plan->command = &hg_console_commands[COMMAND_SELECT];
    if (plan->command)
        plan->tag = plan->command->tag;
    if (plan->command ? may_use(plan->command, role, arena, fault) && read_command(plan, rest, arena, fault)
                      : unknown(text, arena, fault))
        return plan;
    plan_drop(plan);
    return NULL;
}

struct plan *plan_hold(struct plan *plan)
{
    plan->references++;
    return plan;
}

void plan_drop(struct plan *plan)
{
    if (!plan || --plan->references)
        return;
    hg_arena_free(&plan->arena);
    free(plan);
}
