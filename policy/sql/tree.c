/* The one file that calls libpg_query.
 *
 * The library parses into PostgreSQL's raw tree and encodes that into protobuf-c structs, which it then
 * packs. Packing is nearly all of the cost, so two link-time wraps stop it there: while a thread captures,
 * "how many bytes" answers 0 and keeps the message, and "pack" writes nothing. All of it lives in one memory
 * context of the library.
 *
 * An open is guarded in two ways, and each leaves by a jump to the open's own frame.
 *
 * The budget: malloc and realloc are wrapped for the whole program (a check of one thread-local pointer);
 * while a parse runs they are counted against the tree's limit. At the limit the wrap jumps before anything
 * was allocated. The library's contexts are in order at every call of malloc, since they must survive its
 * failure. Returning NULL instead would make the library print statistics to stderr, and crash in its own
 * error path, which does not check.
 *
 * PG_exception_stack, PostgreSQL's innermost handler: without one an error raised by the encoder calls
 * exit(). Errors of the parser itself come back as values; a callback on PostgreSQL's error context stack
 * picks up their SQLSTATE, which those values lack.
 *
 * The library is initialised per thread, one thread at a time, because it writes a process-wide key without a
 * lock. Closing a thread frees its memory; pg_query_exit() is never called. */
#include "tree.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdlib.h>
#include <unistd.h>

#include "lexical.h"
#include "reflect.h"

#define MEMORY_DEFAULT ((size_t)64 << 20)
/* Text longer or deeper than these is refused whatever the limits say. */
#define BYTES_MOST   ((size_t)64 << 20)
#define NESTING_MOST (HG_TREE_DEPTH_MOST / 2)

/* Of the encoder's stack, per byte of text: 125 bytes for each level, for which two bytes are needed
 * (`a+a+a`). */
#define STACK_PER_BYTE ((size_t)64)
/* For all else: our own recursion over trees of HG_TREE_DEPTH_MOST levels, with the large frames of a debug
 * build. */
#define STACK_MARGIN ((size_t)16 << 20)

/* Exported by the archive, but in none of the headers that it installs. */
struct raw_parse_result {
    void *tree;
    char *stderr_buffer;
    PgQueryError *error;
};
struct error_context {
    struct error_context *previous;
    void (*callback)(void *argument);
    void *argument;
};
extern void *pg_query_enter_memory_context(void);
extern void pg_query_exit_memory_context(void *context);
extern struct raw_parse_result pg_query_raw_parse(const char *text);
extern PgQueryProtobuf pg_query_nodes_to_protobuf(const void *tree);
extern void pg_query_free_error(PgQueryError *error);
extern void *palloc(size_t size);
extern int geterrcode(void);
extern void FlushErrorState(void);
extern __thread sigjmp_buf *PG_exception_stack;
extern __thread struct error_context *error_context_stack;

/* The originals and the wraps, as the linker's --wrap names them. */
size_t __real_pg_query__parse_result__get_packed_size(const PgQuery__ParseResult *message);
size_t __wrap_pg_query__parse_result__get_packed_size(const PgQuery__ParseResult *message);
size_t __real_pg_query__parse_result__pack(const PgQuery__ParseResult *message, uint8_t *out);
size_t __wrap_pg_query__parse_result__pack(const PgQuery__ParseResult *message, uint8_t *out);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_realloc(void *ptr, size_t size);
void *__wrap_realloc(void *ptr, size_t size);

/* One parse under way. The wraps find it through the thread's `current`. */
struct parse {
    sigjmp_buf jump;
    size_t budget;     /* bytes that may still be allocated */
    bool overdrawn;    /* the budget is why it jumped */
    unsigned captures; /* how often a message was taken; 1 when all is well */
    PgQuery__ParseResult *result;
    PgQueryError *error; /* the parser's; malloc'ed */
    int error_code;      /* its SQLSTATE, packed as PostgreSQL does; 0 = none */
};

static _Thread_local struct parse *current;
static _Thread_local bool initialised;
static pthread_mutex_t initialising = PTHREAD_MUTEX_INITIALIZER;

size_t __wrap_pg_query__parse_result__get_packed_size(const PgQuery__ParseResult *message)
{
    if (!current)
        return __real_pg_query__parse_result__get_packed_size(message);
    current->captures++;
    current->result = palloc(sizeof *message); /* the message itself is on the library's stack */
    *current->result = *message;
    return 0;
}

size_t __wrap_pg_query__parse_result__pack(const PgQuery__ParseResult *message, uint8_t *out)
{
    return current ? 0 : __real_pg_query__parse_result__pack(message, out);
}

static _Noreturn void overdraw(void)
{
    struct parse *parse = current;
    current = NULL;
    parse->overdrawn = true;
    siglongjmp(parse->jump, 1);
}

static void *spent(void *ptr)
{
    if (!ptr && current)
        overdraw();
    return ptr;
}

static void spend(size_t size)
{
    if (!current)
        return;
    if (size > current->budget)
        overdraw();
    current->budget -= size;
}

void *__wrap_malloc(size_t size)
{
    spend(size);
    return spent(__real_malloc(size));
}

void *__wrap_realloc(void *ptr, size_t size)
{
    spend(size);
    return spent(__real_realloc(ptr, size));
}

static void keep_error_code(void *argument)
{
    struct parse *parse = argument;
    parse->error_code = geterrcode();
}

static void parse_and_capture(struct parse *parse, struct hg_slice text)
{
    char *terminated = palloc(text.len + 1);
    if (text.len)
        memcpy(terminated, text.ptr, text.len);
    terminated[text.len] = '\0';
    struct raw_parse_result raw = pg_query_raw_parse(terminated);
    free(raw.stderr_buffer);
    parse->error = raw.error;
    if (raw.error)
        return;
    PgQueryProtobuf packed = pg_query_nodes_to_protobuf(raw.tree);
    free(packed.data);
}

/* Runs the parse with its guards on. False when it was left by a jump. */
static bool parse_guarded(struct parse *parse, struct hg_slice text)
{
    sigjmp_buf *outer_handler = PG_exception_stack;
    struct error_context *outer_context = error_context_stack;
    struct error_context context = {outer_context, keep_error_code, parse};
    bool jumped = sigsetjmp(parse->jump, 0) != 0;
    if (!jumped) {
        PG_exception_stack = &parse->jump;
        error_context_stack = &context;
        current = parse;
        parse_and_capture(parse, text);
    }
    current = NULL;
    PG_exception_stack = outer_handler;
    error_context_stack = outer_context;
    if (jumped)
        FlushErrorState();
    return !jumped;
}

/* PostgreSQL packs the five characters of a SQLSTATE into six bits each, the first one lowest. */
static void unpack_sqlstate(int code, char sqlstate[6])
{
    for (int i = 0; i < 5; i++)
        sqlstate[i] = (char)('0' + ((code >> (6 * i)) & 0x3f));
    sqlstate[5] = '\0';
}

/* The lexer cuts the token that it complains of anywhere, also within a character. */
static void drop_broken(char *message)
{
    size_t len = strlen(message);
    for (size_t at = 0; (at += hg_lexical_valid(hg_slice_of(message + at, len - at))) < len; len--)
        memmove(message + at, message + at + 1, len - at);
}

static bool refuse_syntax(struct parse *parse, struct hg_arena *arena, struct hg_fault *fault)
{
    char sqlstate[6] = "";
    const PgQueryError *error = parse->error;
    if (strncmp(error->message, "memory exhausted", strlen("memory exhausted")) == 0)
        memcpy(sqlstate, HG_STATEMENT_TOO_COMPLEX, sizeof sqlstate); /* the grammar's stack is full */
    else if (parse->error_code)
        unpack_sqlstate(parse->error_code, sqlstate);
    else
        memcpy(sqlstate, HG_SYNTAX_ERROR, sizeof sqlstate);
    drop_broken(error->message);
    hg_fault_set(fault, arena, sqlstate, "%s", error->message);
    fault->position = error->cursorpos > 0 ? (uint32_t)error->cursorpos : 0;
    pg_query_free_error(parse->error);
    return false;
}

static bool refuse_jump(const struct parse *parse, size_t budget, struct hg_arena *arena,
                        struct hg_fault *fault)
{
    if (!parse->overdrawn)
        return hg_fault_set(fault, arena, HG_STATEMENT_TOO_COMPLEX, "statement cannot be analyzed");
    hg_fault_set(fault, arena, HG_STATEMENT_TOO_COMPLEX, "statement is too complex");
    hg_fault_detail(fault, arena, "Analyzing it would take more than %zu kB of memory.", budget / 1024);
    return false;
}

static bool refuse_too_long(struct hg_slice text, size_t most, struct hg_arena *arena, struct hg_fault *fault)
{
    hg_fault_set(fault, arena, HG_STATEMENT_TOO_LONG, "statement is too long");
    hg_fault_detail(fault, arena, "It has %zu bytes; the limit is %zu.", text.len, most);
    return false;
}

static void initialise_thread(void)
{
    if (initialised)
        return;
    pthread_mutex_lock(&initialising);
    pg_query_init();
    pthread_mutex_unlock(&initialising);
    initialised = true;
}

/* Fills the tree, whose context is open. */
static bool tree_fill(struct hg_tree *tree, struct hg_slice text, size_t budget, struct hg_arena *arena,
                      struct hg_fault *fault)
{
    struct parse parse = {.budget = budget};
    if (!parse_guarded(&parse, text))
        return refuse_jump(&parse, budget, arena, fault);
    if (parse.error)
        return refuse_syntax(&parse, arena, fault);
    if (parse.captures != 1)
        return hg_fault_set(fault, arena, HG_INTERNAL_ERROR, "the parse tree was not captured");
    tree->result = parse.result;
    return true;
}

bool hg_tree_open(struct hg_tree *tree, struct hg_slice text, const struct hg_tree_limits *limits,
                  struct hg_arena *arena, struct hg_fault *fault)
{
    *tree = (struct hg_tree){0};
    size_t max_bytes = limits->max_bytes < BYTES_MOST ? limits->max_bytes : BYTES_MOST;
    size_t max_nesting = limits->max_nesting < NESTING_MOST ? limits->max_nesting : NESTING_MOST;
    if (text.len > max_bytes)
        return refuse_too_long(text, max_bytes, arena, fault);
    if (!hg_lexical_check(text, max_nesting, arena, fault))
        return false;
    initialise_thread();
    tree->context = pg_query_enter_memory_context();
    if (!tree_fill(tree, text, limits->max_memory ? limits->max_memory : MEMORY_DEFAULT, arena, fault)) {
        hg_tree_close(tree);
        return false;
    }
    if (!hg_tree_within_depth(&tree->result->base, max_nesting)) {
        hg_tree_close(tree);
        return hg_fault_set(fault, arena, HG_STATEMENT_TOO_COMPLEX, "statement is nested too deeply");
    }
    return true;
}

void hg_tree_close(struct hg_tree *tree)
{
    if (tree->context)
        pg_query_exit_memory_context(tree->context);
    *tree = (struct hg_tree){0};
}

size_t hg_tree_stack_bytes(size_t max_bytes)
{
    size_t bytes = max_bytes < BYTES_MOST ? max_bytes : BYTES_MOST;
    return bytes * STACK_PER_BYTE + STACK_MARGIN;
}

struct stack_run {
    void (*run)(void *);
    void *argument;
};

static void *stack_run_start(void *start)
{
    const struct stack_run *what = start;
    what->run(what->argument);
    return NULL;
}

bool hg_tree_run_with_stack(size_t stack_bytes, void (*run)(void *), void *argument)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t size = (stack_bytes + page - 1) / page * page;
    struct stack_run what = {run, argument};
    pthread_attr_t attributes;
    pthread_t thread;
    if (pthread_attr_init(&attributes) != 0)
        return false;
    bool started = pthread_attr_setstacksize(&attributes, size) == 0 &&
                   pthread_create(&thread, &attributes, stack_run_start, &what) == 0;
    pthread_attr_destroy(&attributes);
    return started && pthread_join(thread, NULL) == 0;
}

/* The tree of the self-test's statement. */
static bool self_test_tree(const PgQuery__ParseResult *result)
{
    if (result->n_stmts != 1 || !result->stmts[0]->stmt ||
        result->stmts[0]->stmt->node_case != PG_QUERY__NODE__NODE_SELECT_STMT)
        return false;
    const PgQuery__SelectStmt *select = result->stmts[0]->stmt->select_stmt;
    if (select->n_target_list != 2 || select->n_from_clause != 1 || !select->where_clause ||
        select->from_clause[0]->node_case != PG_QUERY__NODE__NODE_RANGE_VAR ||
        select->where_clause->node_case != PG_QUERY__NODE__NODE_A_EXPR)
        return false;
    const PgQuery__RangeVar *table = select->from_clause[0]->range_var;
    const PgQuery__Node *right = select->where_clause->a_expr->rexpr;
    return strcmp(table->schemaname, "s") == 0 && strcmp(table->relname, "t") == 0 && table->location == 19 &&
           right && right->node_case == PG_QUERY__NODE__NODE_PARAM_REF && right->param_ref->number == 7;
}

#define SIXTEEN "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,"

static bool self_test_in(struct hg_arena *arena, const char **why)
{
    const struct hg_tree_limits limits = {.max_bytes = 1000, .max_nesting = 100};
    const struct hg_tree_limits poor = {.max_bytes = 1000, .max_nesting = 100, .max_memory = 16 << 10};
    struct hg_tree tree, none;
    struct hg_fault fault = {0}, expected = {0};
    *why = "the parser's allocations are not counted";
    if (hg_tree_open(&none, HG_LIT("SELECT " SIXTEEN SIXTEEN SIXTEEN SIXTEEN "1"), &poor, arena, &expected)) {
        hg_tree_close(&none);
        return false;
    }
    if (strcmp(expected.sqlstate, HG_STATEMENT_TOO_COMPLEX) != 0)
        return false;
    *why = "the parser's tree is not captured";
    if (!hg_tree_open(&tree, HG_LIT("SELECT a, 'b' FROM s.t WHERE c = $7"), &limits, arena, &fault))
        return false;
    *why = "the parser's tree is not as expected";
    bool right = self_test_tree(tree.result);
    hg_tree_close(&tree);
    if (!right)
        return false;
    *why = "the parser's errors are not as expected";
    if (hg_tree_open(&tree, HG_LIT("SELECT FROM FROM"), &limits, arena, &fault)) {
        hg_tree_close(&tree);
        return false;
    }
    return strcmp(fault.sqlstate, HG_SYNTAX_ERROR) == 0 && fault.position == 13;
}

bool hg_tree_self_test(const char **why)
{
    struct hg_arena arena;
    hg_arena_init(&arena, 0);
    bool passed = self_test_in(&arena, why);
    hg_arena_free(&arena);
    if (passed)
        *why = NULL;
    return passed;
}
