/* The log. Formatted on the stack and written at once; a line that is too long is cut. A failed write is not
 * reported: there is nowhere to report it to. */
#include "log.h"

#include <stdarg.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define LINE_BYTES 2048

static const char *const words[] = {"INFO", "WARNING", "ERROR"};

static size_t write_prefix(char *line, size_t room, enum hg_log_level level)
{
    struct timespec now;
    struct tm parts;
    size_t at;

    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    at = strftime(line, room, "%Y-%m-%d %H:%M:%S", &parts);
    return at + (size_t)snprintf(line + at, room - at, ".%03ld UTC [%ld] %s: ", now.tv_nsec / 1000000,
                                 (long)getpid(), words[level]);
}

void hg_log(enum hg_log_level level, const char *format, ...)
{
    char line[LINE_BYTES];
    size_t at = write_prefix(line, sizeof line, level), len;
    va_list arguments;

    va_start(arguments, format);
    (void)vsnprintf(line + at, sizeof line - at, format, arguments);
    va_end(arguments);
    len = at + strlen(line + at);
    for (size_t i = at; i < len; i++)
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
            line[i] = '?';
    line[len < sizeof line - 1 ? len++ : sizeof line - 2] = '\n';
    (void)!write(STDERR_FILENO, line, len);
}
