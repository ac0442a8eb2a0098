/* Makes calls on a ring. It is linked with the handin, reads one call a line
   from standard input, and answers each with one line on standard output:

       new CAPACITY    ok, or NULL
       free            ok
       write TEXT      how many bytes were added
       read COUNT      how many bytes were taken, and the bytes
       line SIZE       the length of the line taken, and the line

   In TEXT and in the answers, / stands for a newline. */

#define _POSIX_C_SOURCE 200809L

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ring.h"

static void replace(char *text, size_t length, char from, char to)
{
    for (size_t i = 0; i < length; i++)
        if (text[i] == from)
            text[i] = to;
}

static void answer_bytes(FILE *answers, char *bytes, size_t taken, size_t size)
{
    fprintf(answers, "%zu", taken);
    if (taken > 0 && taken <= size) { // a wrong count must not lead us astray
        replace(bytes, taken, '\n', '/');
        fprintf(answers, " %.*s", (int)taken, bytes);
    }
    fputc('\n', answers);
}

int main(void)
{
    /* Keep standard output for the answers: what the handin prints itself
       goes to standard error instead. Buffer neither, for a crash in the
       next call would lose what is in the buffer. */
    FILE *answers = fdopen(dup(STDOUT_FILENO), "w");
    dup2(STDERR_FILENO, STDOUT_FILENO);
    setvbuf(answers, NULL, _IOLBF, BUFSIZ);
    setvbuf(stdout, NULL, _IONBF, 0);

    struct ring *ring = NULL;
    char call[256];
    while (fgets(call, sizeof call, stdin)) {
        call[strcspn(call, "\n")] = '\0';
        char *argument = call + strcspn(call, " ");
        if (*argument == ' ')
            *argument++ = '\0';

        char bytes[256] = "";
        size_t size = strtoul(argument, NULL, 10);
        if (size > sizeof bytes)
            size = sizeof bytes;

        if (strcmp(call, "new") == 0) {
            ring = ring_new(size);
            fputs(ring ? "ok\n" : "NULL\n", answers);
        } else if (strcmp(call, "free") == 0) {
            ring_free(ring);
            ring = NULL;
            fputs("ok\n", answers);
        } else if (strcmp(call, "write") == 0) {
            size_t length = strlen(argument);
            replace(argument, length, '/', '\n');
            fprintf(answers, "%zu\n", ring_write(ring, argument, length));
        } else if (strcmp(call, "read") == 0) {
            answer_bytes(answers, bytes, ring_read(ring, bytes, size), size);
        } else if (strcmp(call, "line") == 0) {
            answer_bytes(answers, bytes, ring_read_line(ring, bytes, size), size);
        } else {
            fputs("no such call\n", answers);
        }
    }
    return 0;
}
