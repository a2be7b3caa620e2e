/* The command `dashspv`: finds the subcommand and lets it run. Everything a subcommand does is in a file of its name. */
#include <stdio.h>
#include <string.h>

#include "cli/demo.h"
#include "cli/help.h"
#include "cli/options.h"
#include "cli/sync.h"
#include "cli/verify.h"

static int version_main(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    puts("dashspv " DASHSPV_VERSION);
    return EXIT_GOOD;
}

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} COMMANDS[] = {
    {"demo", demo_main},
    {"plan", plan_main},
    {"sync", sync_main},
    {"verify", verify_main},
    {"version", version_main},
};

static int run(const char *name, int argc, char **argv)
{
    for (size_t i = 0; i < sizeof(COMMANDS) / sizeof(COMMANDS[0]); i++)
        if (strcmp(name, COMMANDS[i].name) == 0)
            return COMMANDS[i].run(argc, argv);
    fprintf(stderr, "dashspv: there is no command \"%s\"\nTry: dashspv --help\n", name);
    return EXIT_USAGE;
}

static bool means(const char *word, const char *a, const char *b, const char *c)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0 || strcmp(word, c) == 0;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fputs(HELP_MAIN, stderr);
        return EXIT_USAGE;
    }
    if (means(argv[1], "help", "--help", "-h")) {
        char ask[] = "--help";
        char *words[] = {argv[argc > 2 ? 2 : 1], ask, NULL};
        if (argc > 2)
            return run(argv[2], 2, words);
        fputs(HELP_MAIN, stdout);
        return EXIT_GOOD;
    }
    if (means(argv[1], "version", "--version", "-V"))
        return version_main(argc, argv);
    return run(argv[1], argc - 1, argv + 1);
}
