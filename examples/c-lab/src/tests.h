/* The problems: for each its name, its points, and the calls to make with
   their right answers, in the words of calls.c. */

#ifndef TESTS_H
#define TESTS_H

enum { MAX_STEPS = 20 };

struct problem {
    const char *name;
    int points;
    struct step {
        const char *call;
        const char *answer;
    } steps[MAX_STEPS + 1]; // ends at the first step without a call
};

static const struct problem problems[] = {
    {"Queue", 30, {
        {"new 16", "ok"},
        {"read 4", "0"},
        {"write first", "5"},
        {"write next", "4"},
        {"read 3", "3 fir"},
        {"read 6", "6 stnext"},
        {"free", "ok"},
    }},
    {"Wrap", 30, { // never full, but past the end of its memory time and again
        {"new 5", "ok"},
        {"write abc", "3"},
        {"read 2", "2 ab"},
        {"write defg", "4"},
        {"read 4", "4 cdef"},
        {"write hij", "3"},
        {"read 4", "4 ghij"},
        {"write klmno", "5"},
        {"read 5", "5 klmno"},
        {"free", "ok"},
    }},
    {"Limits", 20, {
        {"new 4", "ok"},
        {"write abcdef", "4"},
        {"write g", "0"},
        {"read 9", "4 abcd"},
        {"read 1", "0"},
        {"free", "ok"},
        {"new 0", "NULL"},
        {"free", "ok"}, // of NULL
    }},
    {"Lines", 20, {
        {"new 12", "ok"},
        {"write on", "2"},
        {"line 12", "0"},
        {"write e/two", "5"},
        {"line 12", "4 one/"},
        {"line 12", "0"},
        {"write !/three/", "8"},
        {"line 12", "5 two!/"},
        {"line 5", "0"},
        {"line 6", "6 three/"},
        {"free", "ok"},
    }},
};

enum { PROBLEMS = sizeof problems / sizeof *problems };

#endif
