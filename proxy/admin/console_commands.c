/* The table of commands as an array. */
#include "console_commands.h"

const struct command hg_console_commands[NCOMMANDS] = {
#define COMMAND_ROW(id, kind, words, arguments, role, tag, columns, help)                                    \
    [COMMAND_##id] = {COMMAND_##id, kind, words, arguments, role, tag, columns, help},
    HG_CONSOLE_COMMANDS(COMMAND_ROW)
#undef COMMAND_ROW
};
