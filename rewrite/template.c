/* See template.h. Both ways to a text go through hg_template_fill(): the one that was just printed and
 * proved, and the one that comes out of the cache; so what is proved for one caller is what all others get
 * but for their own values. */
#include "template.h"

#include "build.h"

bool hg_template_is_hole(const PgQuery__AConst *constant, void *argument)
{
    return constant->location <= HG_LOCATION_TENANT || hg_outline_literal_of(argument, constant) >= 0;
}

/* The fillings from the client's text begin behind those of the caller. */
static uint32_t first_literal(const struct hg_context *context)
{
    return HG_HOLE_ATTRIBUTE + (uint32_t)context->user->role->nattributes;
}

static uint32_t filling_of(const PgQuery__AConst *constant, const struct hg_context *context,
                           const struct hg_outline *outline)
{
    if (constant->location >= 0)
        return first_literal(context) + (uint32_t)hg_outline_literal_of(outline, constant);
    if (constant->location <= HG_LOCATION_ATTRIBUTE)
        return HG_HOLE_ATTRIBUTE + (uint32_t)(HG_LOCATION_ATTRIBUTE - constant->location);
    if (constant->location <= HG_LOCATION_END)
        return HG_HOLE_END + (uint32_t)(HG_LOCATION_END - constant->location);
    switch (constant->location) {
    case HG_LOCATION_USER:
        return HG_HOLE_USER;
    case HG_LOCATION_PID:
        return HG_HOLE_PID;
    case HG_LOCATION_TIME:
        return HG_HOLE_TIME;
    default:
        return HG_HOLE_TENANT;
    }
}

static void shift_marks(const struct hg_printed *printed, const struct hg_outline *outline)
{
    size_t cut = 0, hole = 0;
    for (size_t i = 0; i < printed->nmarks; i++) {
        while (hole < printed->nholes && printed->holes[hole].at < printed->marks[i].output)
            cut += printed->holes[hole++].len;
        printed->marks[i].output -= (uint32_t)cut;
        printed->marks[i].source = (uint32_t)hg_outline_to_skeleton(outline, printed->marks[i].source);
    }
}

void hg_template_make(const struct hg_printed *printed, const struct hg_context *context,
                      const struct hg_outline *outline, struct hg_arena *arena, struct hg_template *out)
{
    char *text = hg_arena_alloc(arena, printed->sql.len + 1);
    size_t from = 0, len = 0;
    *out = (struct hg_template){.marks = printed->marks, .nmarks = printed->nmarks};
    out->holes = HG_NEW_ARRAY(arena, struct hg_template_hole, printed->nholes);
    for (size_t i = 0; i <= printed->nholes; i++) {
        size_t to = i < printed->nholes ? printed->holes[i].at : printed->sql.len;
        memcpy(text + len, printed->sql.ptr + from, to - from);
        len += to - from;
        if (i == printed->nholes)
            break;
        out->holes[out->nholes++] =
            (struct hg_template_hole){(uint32_t)len, filling_of(printed->holes[i].node, context, outline)};
        from = to + printed->holes[i].len;
    }
    out->text = hg_slice_of(text, len);
    shift_marks(printed, outline);
}

uint32_t hg_template_literals(const struct hg_template *made, const struct hg_context *context)
{
    uint32_t literals = 0;
    for (size_t i = 0; i < made->nholes; i++)
        if (made->holes[i].filling >= first_literal(context))
            literals |= UINT32_C(1) << (made->holes[i].filling - first_literal(context));
    return literals;
}

bool hg_template_equal(const struct hg_template *a, const struct hg_template *b)
{
    if (!hg_slice_equal(a->text, b->text) || a->nholes != b->nholes)
        return false;
    for (size_t i = 0; i < a->nholes; i++)
        if (a->holes[i].at != b->holes[i].at || a->holes[i].filling != b->holes[i].filling)
            return false;
    return true;
}

/* One of the caller's literals as the printer spells it. */
static bool write_literal(struct hg_bytes *out, const struct hg_context *context, size_t filling,
                          enum hg_dialect dialect)
{
    const struct hg_user *user = context->user;
    switch (filling) {
    case HG_HOLE_TENANT:
        return hg_print_literal(out, user->tenant->value, dialect);
    case HG_HOLE_USER:
        return hg_print_literal(out, user->name, dialect);
    case HG_HOLE_PID:
        hg_write_format(out, "%d", context->pid);
        return true;
    case HG_HOLE_TIME:
        return hg_print_literal(out, context->time, dialect);
    default:
        break;
    }
    if (filling >= HG_HOLE_ATTRIBUTE)
        return hg_print_literal(out, user->attributes[filling - HG_HOLE_ATTRIBUTE], dialect);
    struct hg_slice end = context->ends[filling - HG_HOLE_END];
    if (end.ptr)
        return hg_print_literal(out, end, dialect);
    hg_write_text(out, "NULL");
    return true;
}

/* The caller's literals that the template has holes for, one after the other in `out`; `ends` says where each
 * ends. */
static bool make_literals(const struct hg_template *made, const struct hg_context *context,
                          enum hg_dialect dialect, struct hg_arena *arena, struct hg_bytes *out, size_t *ends)
{
    size_t count = first_literal(context);
    bool *wanted = HG_NEW_ARRAY(arena, bool, count);
    for (size_t i = 0; i < made->nholes; i++)
        if (made->holes[i].filling < count)
            wanted[made->holes[i].filling] = true;
    for (size_t i = 0; i < count; i++) {
        if (wanted[i] && !write_literal(out, context, i, dialect))
            return false;
        ends[i] = out->len;
    }
    return true;
}

static struct hg_slice fill(const struct hg_template *made, const struct hg_slice *literals,
                            struct hg_arena *arena)
{
    size_t total = made->text.len, from = 0, len = 0;
    for (size_t i = 0; i < made->nholes; i++)
        total += literals[made->holes[i].filling].len;
    char *text = hg_arena_alloc(arena, total + 1);
    for (size_t i = 0; i < made->nholes; i++) {
        const struct hg_slice literal = literals[made->holes[i].filling];
        size_t run = made->holes[i].at - from;
        memcpy(text + len, made->text.ptr + from, run);
        memcpy(text + len + run, literal.ptr, literal.len);
        len += run + literal.len;
        from = made->holes[i].at;
    }
    memcpy(text + len, made->text.ptr + from, made->text.len - from);
    return hg_slice_of(text, total);
}

/* The text, and how long each literal is in it. */
static void fill_all(const struct hg_template *made, const struct hg_bytes *bytes, const size_t *ends,
                     size_t count, const struct hg_outline *outline, struct hg_arena *arena,
                     struct hg_slice *sql, const struct hg_position_map **positions)
{
    struct hg_slice *literals = HG_NEW_ARRAY(arena, struct hg_slice, count + outline->count);
    size_t *filled = HG_NEW_ARRAY(arena, size_t, count + outline->count);
    for (size_t i = 0; i < outline->count; i++) {
        filled[count + i] = outline->literals[i].len;
        literals[count + i] = outline->literals[i];
    }
    for (size_t i = 0; i < count; i++) {
        size_t from = i ? ends[i - 1] : 0;
        filled[i] = ends[i] - from;
        if (filled[i]) /* one that is wanted */
            literals[i] = hg_slice_of((const char *)bytes->data + from, filled[i]);
    }
    struct hg_position_map *map = HG_NEW(arena, struct hg_position_map);
    *map = (struct hg_position_map){made->marks, made->nmarks, made->holes, made->nholes, filled, outline};
    *positions = map;
    *sql = fill(made, literals, arena);
}

bool hg_template_fill(const struct hg_template *made, const struct hg_context *context,
                      const struct hg_outline *outline, enum hg_dialect dialect, struct hg_arena *arena,
                      struct hg_slice *sql, const struct hg_position_map **positions)
{
    size_t count = first_literal(context);
    size_t *ends = HG_NEW_ARRAY(arena, size_t, count);
    struct hg_bytes bytes;
    hg_bytes_init(&bytes, 0);
    bool done = make_literals(made, context, dialect, arena, &bytes, ends);
    if (done)
        fill_all(made, &bytes, ends, count, outline, arena, sql, positions);
    hg_bytes_free(&bytes);
    return done;
}

static void *copy_of(const void *from, size_t count, size_t size, struct hg_arena *arena)
{
    void *copy = hg_arena_array(arena, count, size);
    if (count)
        memcpy(copy, from, count * size);
    return copy;
}

struct hg_template hg_template_copy(const struct hg_template *made, struct hg_arena *arena)
{
    return (struct hg_template){
        .text = hg_arena_slice(arena, made->text),
        .holes = copy_of(made->holes, made->nholes, sizeof(*made->holes), arena),
        .nholes = made->nholes,
        .marks = copy_of(made->marks, made->nmarks, sizeof(*made->marks), arena),
        .nmarks = made->nmarks,
    };
}

/* The byte at character `position` (from 1). */
static size_t byte_of(struct hg_slice text, uint32_t position)
{
    size_t at = 0;
    for (uint32_t left = position - 1; left && at < text.len; left--)
        for (at++; at < text.len && (text.ptr[at] & 0xC0) == 0x80;)
            at++;
    return at;
}

/* Where a byte of the filled text stands in the text without the holes' contents; *shift is how much further
 * it stands. */
static size_t without_holes(const struct hg_position_map *map, size_t at, size_t *shift)
{
    *shift = 0;
    for (size_t i = 0; i < map->nholes; i++) {
        size_t start = map->holes[i].at + *shift, len = map->filled[map->holes[i].filling];
        if (at < start)
            break;
        if (at < start + len)
            return map->holes[i].at;
        *shift += len;
    }
    return at - *shift;
}

uint32_t hg_verdict_position(const struct hg_verdict *verdict, struct hg_slice client_text,
                             uint32_t backend_position)
{
    const struct hg_position_map *map = verdict->positions;
    size_t shift, low = 0;
    if (!map || backend_position == 0)
        return 0;
    size_t actual = byte_of(verdict->sql, backend_position);
    size_t at = without_holes(map, actual, &shift);
    for (size_t high = map->nmarks; low < high;) {
        size_t middle = low + (high - low) / 2;
        if (map->marks[middle].output <= at)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return 0;
    /* Inside a token whose spelling did not change, keep the distance from its beginning. */
    const struct hg_print_mark *mark = &map->marks[low - 1];
    size_t distance = at - mark->output, source = hg_outline_to_text(map->outline, mark->source);
    if (source > client_text.len)
        return 0;
    bool same = distance <= actual && actual <= verdict->sql.len && distance < client_text.len - source &&
                memcmp(verdict->sql.ptr + (actual - distance), client_text.ptr + source, distance) == 0;
    return hg_position_of(client_text, source + (same ? distance : 0));
}
