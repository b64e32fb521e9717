/* What administrators send: any text is cut into statements that cover it, and each becomes a plan or a
 * fault. What SQLite gets has the length of what was written, so that places in errors are places in it. */
#include <stdlib.h>

#include "dialog.h"
#include "words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_one(struct hg_slice text, struct hg_arena *arena)
{
    struct hg_fault fault = {0};
    struct plan *plan = plan_new(text, HG_ADMIN_ADMIN, arena, &fault);

    if (!plan == !hg_fault_is_set(&fault))
        abort();
    if (plan && plan->from_client && plan->sql.len != plan->text.len)
        abort();
    if (plan && plan->nparameters > MOST_PARAMETERS)
        abort();
    plan_drop(plan);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hg_arena arena;
    struct hg_slice rest = hg_slice_of((const char *)data, size);

    if (size == 0)
        return 0;
    char *copy = hg_malloc(size); /* a byte beyond it is seen */
    memcpy(copy, data, size);
    rest.ptr = copy;
    hg_arena_init(&arena, 0);
    while (rest.len) {
        size_t len = statement_length(rest);
        if (len > rest.len)
            abort();
        read_one(hg_slice_of(rest.ptr, len), &arena);
        len += len < rest.len;
        rest = hg_slice_of(rest.ptr + len, rest.len - len);
    }
    hg_arena_free(&arena);
    free(copy);
    return 0;
}
