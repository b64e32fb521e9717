/* Diagnostics are kept in the order in which they were found and printed in the order of the files, which is
 * what a reader fixes them in. Texts come from files and may hold anything, so control bytes are not printed
 * as such. */
#include "diag.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdlib.h>

#define KEPT_MOST   1000
#define NEAREST_LEN 64 /* longer names have no nearest */

void hg_diags_init(struct hg_diags *diags)
{
    *diags = (struct hg_diags){0};
    hg_arena_init(&diags->arena, 0);
}

void hg_diags_free(struct hg_diags *diags)
{
    hg_arena_free(&diags->arena);
    free(diags->list);
    *diags = (struct hg_diags){0};
}

/* The name of a file as the diagnostics keep it: what it was named in may be gone by the time they are
 * printed. */
static const char *keep_file(struct hg_diags *diags, const char *file)
{
    const char *last = diags->count ? diags->list[diags->count - 1].place.file : NULL;
    if (!file || (last && strcmp(file, last) == 0))
        return file ? last : NULL;
    return hg_arena_cstr(&diags->arena, hg_slice_cstr(file));
}

void hg_diag_add(struct hg_diags *diags, enum hg_severity severity, struct hg_place place, const char *hint,
                 const char *format, ...)
{
    if (severity == HG_ERROR)
        diags->errors++;
    if (diags->count == KEPT_MOST) {
        diags->dropped++;
        return;
    }
    if (diags->count == diags->room) {
        diags->room = diags->room ? diags->room * 2 : 16;
        diags->list = hg_realloc(diags->list, diags->room * sizeof *diags->list);
    }
    va_list args;
    va_start(args, format);
    struct hg_slice message = hg_arena_vprintf(&diags->arena, format, args);
    va_end(args);
    place.file = keep_file(diags, place.file);
    diags->list[diags->count++] = (struct hg_diag){
        .severity = severity,
        .place = place,
        .message = message,
        .hint = hg_arena_slice(&diags->arena, hg_slice_cstr(hint)),
    };
}

static int order_of(uint32_t a, uint32_t b)
{
    return (a > b) - (a < b);
}

static int compare(const void *left, const void *right)
{
    const struct hg_diag *a = *(const struct hg_diag *const *)left,
                         *b = *(const struct hg_diag *const *)right;
    int order = strcmp(a->place.file ? a->place.file : "", b->place.file ? b->place.file : "");
    if (!order)
        order = order_of(a->place.line, b->place.line);
    if (!order)
        order = order_of(a->place.column, b->place.column);
    return order ? order : (a > b) - (a < b); /* then as found */
}

static void print_clean(struct hg_slice text, FILE *out)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        fputc(c < 0x20 || c == 0x7f ? ' ' : c, out);
    }
}

static void print_one(void *file, const struct hg_diag *diag)
{
    FILE *out = file;
    static const char *const words[] = {[HG_NOTE] = "note", [HG_WARNING] = "warning", [HG_ERROR] = "error"};
    if (diag->place.file) {
        print_clean(hg_slice_cstr(diag->place.file), out);
        if (diag->place.line)
            fprintf(out, ":%u", diag->place.line);
        if (diag->place.line && diag->place.column)
            fprintf(out, ":%u", diag->place.column);
        fputs(": ", out);
    }
    fprintf(out, "%s: ", words[diag->severity]);
    print_clean(diag->message, out);
    if (diag->hint.len) {
        fputs(" (hint: ", out);
        print_clean(diag->hint, out);
        fputc(')', out);
    }
    fputc('\n', out);
}

void hg_diags_each(const struct hg_diags *diags, void (*tell)(void *argument, const struct hg_diag *diag),
                   void *argument)
{
    if (diags->count == 0)
        return;
    const struct hg_diag **sorted = hg_calloc(diags->count, sizeof *sorted);
    for (size_t i = 0; i < diags->count; i++)
        sorted[i] = &diags->list[i];
    qsort(sorted, diags->count, sizeof *sorted, compare);
    for (size_t i = 0; i < diags->count; i++)
        tell(argument, sorted[i]);
    free(sorted);
}

void hg_diags_print(struct hg_diags *diags, FILE *out)
{
    hg_diags_each(diags, print_one, out);
    if (diags->dropped)
        fprintf(out, "note: %zu more not shown\n", diags->dropped);
}

static bool same_letter(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Insertions, deletions, replacements and swaps of neighbours that turn a into b; letter case does not count.
 */
static size_t edit_distance(struct hg_slice a, struct hg_slice b)
{
    size_t rows[3][NEAREST_LEN + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];
    for (size_t j = 0; j <= b.len; j++)
        above[j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            bool same = same_letter(a.ptr[i - 1], b.ptr[j - 1]);
            row[j] = least(above[j - 1] + !same, least(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && same_letter(a.ptr[i - 1], b.ptr[j - 2]) &&
                same_letter(a.ptr[i - 2], b.ptr[j - 1]))
                row[j] = least(row[j], before[j - 2] + 1);
        }
        size_t *spare = before;
        before = above, above = row, row = spare;
    }
    return above[b.len];
}

const char *hg_nearest(struct hg_slice name, const char *const *candidates, size_t count)
{
    const char *nearest = NULL;
    size_t bound = name.len / 3 + 1; /* exclusive while nothing was found, then the best so far */
    if (name.len == 0 || name.len > NEAREST_LEN)
        return NULL;
    if (name.len >= 2)
        bound++;
    for (size_t i = 0; i < count; i++) {
        struct hg_slice candidate = hg_slice_cstr(candidates[i]);
        size_t gap = candidate.len > name.len ? candidate.len - name.len : name.len - candidate.len;
        if (candidate.len == 0 || candidate.len > NEAREST_LEN || gap >= bound)
            continue;
        size_t distance = edit_distance(name, candidate);
        if (distance < bound && distance < least(name.len, candidate.len)) {
            bound = distance;
            nearest = candidates[i];
        }
    }
    return nearest;
}
