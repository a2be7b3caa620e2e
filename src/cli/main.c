/* The command `dashspv`: finds the subcommand and lets it run. Most share one table of commands and one of options (command.h);
 * `verify` and `plan --capture`, which take files, read their words themselves. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/plan_capture.h"
#include "cli/verify.h"
#include "io/threads.h"

static int say_version(void)
{
    puts("dashspv " DASHSPV_VERSION);
    return EXIT_GOOD;
}

static int run(int argc, char **argv)
{
    if (strcmp(argv[0], "version") == 0)
        return say_version();
    if (strcmp(argv[0], "verify") == 0)
        return verify_main(argc, argv);
    if (strcmp(argv[0], "plan") == 0 && plan_capture_asked(argc, argv))
        return plan_capture_main(argc, argv);
    return command_main(argc, argv);
}

static int help(int argc, char **argv)
{
    char ask[] = "--help";
    char *words[] = {argc > 2 ? argv[2] : NULL, ask, NULL};
    bool config = argc > 2 && strcmp(argv[2], "config") == 0;
    if (argc > 2 && !config)
        return run(2, words);
    fputs(config ? HELP_CONFIG : HELP_MAIN, stdout);
    return EXIT_GOOD;
}

static bool means(const char *word, const char *a, const char *b, const char *c)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

int main(int argc, char **argv)
{
    mem_keep_freed();
    if (argc < 2) {
        fputs(HELP_MAIN, stderr);
        return EXIT_USAGE;
    }
    if (means(argv[1], "help", "--help", "-h"))
        return help(argc, argv);
    if (means(argv[1], "version", "--version", "-V"))
        return say_version();
    threads_as_cores();
    return run(argc - 1, argv + 1);
}
