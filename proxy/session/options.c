/* Words are separated by white space; a backslash takes the next character as it is (PostgreSQL docs,
 * "Connection Parameters": options). In a name a dash means an underscore. The other switches of a server's
 * command line are refused. */
#include "options.h"

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next word, unescaped; ptr NULL at the end. */
static struct hg_slice next_word(struct hg_slice *rest, struct hg_arena *arena)
{
    while (rest->len && is_space(rest->ptr[0]))
        *rest = hg_slice_of(rest->ptr + 1, rest->len - 1);
    if (rest->len == 0)
        return hg_slice_of(NULL, 0);
    char *word = hg_arena_alloc(arena, rest->len + 1);
    size_t len = 0, at = 0;
    while (at < rest->len && !is_space(rest->ptr[at])) {
        if (rest->ptr[at] == '\\' && at + 1 < rest->len)
            at++;
        word[len++] = rest->ptr[at++];
    }
    *rest = hg_slice_of(rest->ptr + at, rest->len - at);
    return hg_slice_of(word, len);
}

static bool refuse(struct hg_fault *fault, struct hg_arena *arena, struct hg_slice word)
{
    hg_fault_set(fault, arena, HG_SYNTAX_ERROR, "invalid command-line argument for server process: %.*s",
                 HG_SLICE_FMT(word));
    hg_fault_hint(fault, arena, "Try \"postgres --help\" for more information.");
    return false;
}

/* name=value, behind `-c` or `--` */
static bool split(struct hg_slice text, bool dashes, struct hg_arena *arena, struct hg_option *option,
                  struct hg_fault *fault)
{
    const char *equal = text.len ? memchr(text.ptr, '=', text.len) : NULL;

    if (!equal)
        return hg_fault_set(fault, arena, HG_SYNTAX_ERROR, "%s%.*s requires a value", dashes ? "--" : "-c ",
                            HG_SLICE_FMT(text));
    size_t len = (size_t)(equal - text.ptr);
    char *name = hg_arena_cstr(arena, hg_slice_of(text.ptr, len));
    for (char *at = name; *at; at++)
        if (*at == '-')
            *at = '_';
    option->name = hg_slice_of(name, len);
    option->value = hg_slice_of(equal + 1, text.len - len - 1);
    return true;
}

/* Behind `--` alone no options stand any more, and nothing else may. */
static bool is_end(struct hg_slice text, struct hg_arena *arena, struct hg_fault *fault)
{
    struct hg_slice word = next_word(&text, arena);

    return !word.ptr || refuse(fault, arena, word);
}

bool hg_options_parse(struct hg_slice text, struct hg_arena *arena, struct hg_option **first,
                      struct hg_fault *fault)
{
    struct hg_option **last = first;
    struct hg_slice word;

    *first = NULL;
    while ((word = next_word(&text, arena)).ptr) {
        struct hg_option *option = HG_NEW(arena, struct hg_option);
        struct hg_slice setting;
        if (hg_slice_is(word, "--"))
            return is_end(text, arena, fault);
        if (word.len < 2 || word.ptr[0] != '-' || (word.ptr[1] != '-' && word.ptr[1] != 'c'))
            return refuse(fault, arena, word);
        if (word.ptr[1] == 'c' && word.len == 2)
            setting = next_word(&text, arena);
        else
            setting = hg_slice_of(word.ptr + 2, word.len - 2);
        if (!setting.ptr)
            return refuse(fault, arena, word);
        if (!split(setting, word.ptr[1] == '-', arena, option, fault))
            return false;
        *last = option;
        last = &option->next;
    }
    return true;
}
