/* The unit tests' harness: CHECK counts and goes on; the program's exit status says whether all held.
 * A test program is `int main(void) { …; return check_end(); }` and prints one line `<n> passed, <m> failed`. */
#ifndef HG_TEST_CHECK_H
#define HG_TEST_CHECK_H

#include <stdio.h>
#include <string.h>

#include "slice.h"

static int check_passed, check_failed;

#define CHECK(condition) check_one((condition), #condition, __FILE__, __LINE__)
#define CHECK_TEXT(slice, text) check_text((slice), (text), #slice, __FILE__, __LINE__)
#define CHECK_INT(value, expected) check_int((long long)(value), (long long)(expected), #value, __FILE__, __LINE__)

static inline bool check_one(bool held, const char *what, const char *file, int line)
{
    if (held) {
        check_passed++;
    } else {
        check_failed++;
        fprintf(stderr, "%s:%d: failed: %s\n", file, line, what);
    }
    return held;
}

static inline bool check_text(struct hg_slice got, const char *expected, const char *what, const char *file, int line)
{
    bool held = hg_slice_is(got, expected);
    check_one(held, what, file, line);
    if (!held)
        fprintf(stderr, "  got      %.*s\n  expected %s\n", HG_SLICE_FMT(got), expected);
    return held;
}

static inline bool check_int(long long got, long long expected, const char *what, const char *file, int line)
{
    bool held = got == expected;
    check_one(held, what, file, line);
    if (!held)
        fprintf(stderr, "  got %lld, expected %lld\n", got, expected);
    return held;
}

static inline int check_end(void)
{
    printf("%d passed, %d failed\n", check_passed, check_failed);
    return check_failed != 0 || check_passed == 0;
}

#endif
