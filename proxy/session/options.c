/* Words are separated by white space; a backslash takes the next character as it is (PostgreSQL docs,
 * "Connection Parameters": options). In a name a dash means an underscore. */
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
    return hg_fault_set(fault, arena, HG_SYNTAX_ERROR,
                        "invalid command-line argument for server process: %.*s", HG_SLICE_FMT(word));
}

/* name=value */
static bool split(struct hg_slice word, struct hg_slice text, struct hg_arena *arena,
                  struct hg_option *option, struct hg_fault *fault)
{
    const char *equal = text.len ? memchr(text.ptr, '=', text.len) : NULL;

    if (!equal || equal == text.ptr)
        return refuse(fault, arena, word);
    char *name = hg_arena_cstr(arena, hg_slice_of(text.ptr, (size_t)(equal - text.ptr)));
    for (char *at = name; *at; at++)
        if (*at == '-')
            *at = '_';
    option->name = hg_slice_of(name, (size_t)(equal - text.ptr));
    option->value = hg_slice_of(equal + 1, (size_t)(text.ptr + text.len - equal) - 1);
    return true;
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
        if (word.len < 2 || word.ptr[0] != '-' || (word.ptr[1] != '-' && word.ptr[1] != 'c'))
            return refuse(fault, arena, word);
        if (word.ptr[1] == 'c' && word.len == 2)
            setting = next_word(&text, arena);
        else
            setting = hg_slice_of(word.ptr + 2, word.len - 2);
        if (!split(word, setting, arena, option, fault))
            return false;
        *last = option;
        last = &option->next;
    }
    return true;
}
