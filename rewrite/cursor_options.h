/* The options of DECLARE CURSOR, as the grammar delivers them: PostgreSQL's CURSOR_OPT_*. */
#ifndef HG_CURSOR_OPTIONS_H
#define HG_CURSOR_OPTIONS_H

enum hg_cursor_option {
    HG_CURSOR_BINARY = 0x1,
    HG_CURSOR_SCROLL = 0x2,
    HG_CURSOR_NO_SCROLL = 0x4,
    HG_CURSOR_INSENSITIVE = 0x8,
    HG_CURSOR_ASENSITIVE = 0x10,
    HG_CURSOR_HOLD = 0x20,
    HG_CURSOR_FAST = 0x100, /* set for every cursor */
    HG_CURSOR_ALL = 0x13f,
};

#endif
