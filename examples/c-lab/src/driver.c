/* Grades a handin: for each problem in tests.h runs ./calls, gives it the
   problem's calls and compares its answers with the right ones. Prints a
   report for the student and, last, the scores.

   The handin is linked into ./calls and never into this program. So whatever
   it does (crash, loop, print, exit), it does in a process of its own, costs
   only the problem at hand, and cannot write the score. */

#define _POSIX_C_SOURCE 200809L

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests.h"

enum {
    SECONDS = 2,              // for each problem
    MEMORY = 256 << 20,       // bytes
    FILE_SIZE = 64 << 10,     // bytes: a handin may print, but not without end
    OUTPUT_SHOWN = 1000,      // bytes of what it printed
};

/* Stops the job: the lab is at fault, not the handin. */
static void give_up(const char *what)
{
    perror(what);
    exit(EXIT_FAILURE);
}

static FILE *new_file(void)
{
    FILE *file = tmpfile();
    if (!file)
        give_up("tmpfile");
    return file;
}

static void set_limit(int resource, rlim_t limit)
{
    setrlimit(resource, &(struct rlimit){limit, limit});
}

/* Becomes ./calls with these files as its standard input, output and error. */
static void become_calls(FILE *calls, FILE *answers, FILE *output)
{
    setpgid(0, 0); // a group of its own, to be killed as a whole
    dup2(fileno(calls), STDIN_FILENO);
    dup2(fileno(answers), STDOUT_FILENO);
    dup2(fileno(output), STDERR_FILENO);
    set_limit(RLIMIT_AS, MEMORY);
    set_limit(RLIMIT_NPROC, 0); // no processes or threads of its own
    set_limit(RLIMIT_FSIZE, FILE_SIZE);
    set_limit(RLIMIT_CORE, 0);
    execl("./calls", "calls", (char *)NULL);
    _exit(127);
}

static bool ends_in_time(pid_t child)
{
    const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
    for (int pauses = 0; pauses < SECONDS * 100; pauses++) {
        siginfo_t info = {0};
        waitid(P_PID, child, &info, WEXITED | WNOHANG | WNOWAIT);
        if (info.si_pid == child)
            return true;
        nanosleep(&pause, NULL);
    }
    return false;
}

/* Runs ./calls to its end. Writes into `end` what was wrong about that end:
   nothing if it was as it should be. */
static void run_calls(FILE *calls, FILE *answers, FILE *output, char *end, size_t size)
{
    fflush(NULL); // else the child would inherit, and could print, our buffers
    rewind(calls);
    pid_t child = fork();
    if (child < 0)
        give_up("fork");
    if (child == 0)
        become_calls(calls, answers, output);
    setpgid(child, child); // here too: whoever comes first

    bool in_time = ends_in_time(child);
    kill(-child, SIGKILL); // and whatever it has started
    int status;
    waitpid(child, &status, 0);

    *end = '\0';
    if (!in_time)
        snprintf(end, size, "It took more than %d seconds and was stopped.", SECONDS);
    else if (WIFSIGNALED(status))
        snprintf(end, size, "It crashed: %s.", strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) != 0)
        snprintf(end, size, "It exited with status %d.", WEXITSTATUS(status));
}

/* Reads the next answer, without its newline; false if there is none. */
static bool next_answer(FILE *answers, char *answer, int size)
{
    if (!fgets(answer, size, answers))
        return false;
    answer[strcspn(answer, "\n")] = '\0';
    for (char *c = answer; *c; c++)
        if (*c < ' ' || *c > '~')
            *c = '?';
    return true;
}

/* Prints the steps up to the first that went wrong, for the ones after it may
   be wrong only because of it. Returns whether all went well. */
static bool compare(const struct step *steps, FILE *answers)
{
    rewind(answers);
    for (const struct step *step = steps; step->call; step++) {
        char answer[256];
        bool answered = next_answer(answers, answer, sizeof answer);
        printf("    %-16s %s\n", step->call, answered ? answer : "(no answer)");
        if (!answered || strcmp(answer, step->answer) != 0) {
            printf("    %-16s %s\n", "  expected:", step->answer);
            return false;
        }
    }
    return true;
}

/* Prints the first of what the handin printed, each line marked as such. */
static void show(FILE *output)
{
    rewind(output);
    int previous = '\n';
    for (int shown = 0, c; shown < OUTPUT_SHOWN && (c = getc(output)) != EOF; shown++) {
        if (previous == '\n')
            printf("    | ");
        putchar(c == '\n' || (c >= ' ' && c <= '~') ? c : '?');
        previous = c;
    }
    if (previous != '\n')
        putchar('\n');
}

/* Returns the points the handin gets for this problem: all or none. */
static int grade(const struct problem *problem)
{
    FILE *calls = new_file(), *answers = new_file(), *output = new_file();
    for (const struct step *step = problem->steps; step->call; step++)
        fprintf(calls, "%s\n", step->call);

    printf("\n%s\n", problem->name);
    char end[100];
    run_calls(calls, answers, output, end, sizeof end);
    bool right = compare(problem->steps, answers) && !*end;
    if (*end)
        printf("    %s\n", end);
    show(output);
    int points = right ? problem->points : 0;
    printf("    %d of %d points\n", points, problem->points);

    fclose(calls);
    fclose(answers);
    fclose(output);
    return points;
}

/* With --zero grades nothing and prints zero for each problem. */
int main(int argc, char **argv)
{
    bool zero = argc == 2 && strcmp(argv[1], "--zero") == 0;
    int points[PROBLEMS] = {0};

    if (zero)
        printf("\nThe handin does not compile, so no problem can be tested.\n");
    else
        for (int i = 0; i < PROBLEMS; i++)
            points[i] = grade(&problems[i]);

    printf("\n{\"scores\": {");
    for (int i = 0; i < PROBLEMS; i++)
        printf("%s\"%s\": %d", i ? ", " : "", problems[i].name, points[i]);
    printf("}}\n");
    return EXIT_SUCCESS;
}
