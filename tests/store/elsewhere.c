/* See elsewhere.h. */
#include "store/elsewhere.h"

#include "support/data.h"

#include <sys/wait.h>
#include <unistd.h>

enum { NOBODY = 65534, IMPOSSIBLE = 77 };

static void run(bool (*body)(void), bool drop)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        if (drop && geteuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0))
            _exit(2);
        bool good = body();
        fflush(NULL);
        _exit(good ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    if (WEXITSTATUS(status) == IMPOSSIBLE)
        skip();
    assert_int_equal(WEXITSTATUS(status), 0);
}

void elsewhere_unprivileged(bool (*body)(void))
{
    run(body, true);
}

void elsewhere(bool (*body)(void))
{
    run(body, false);
}

void elsewhere_impossible(const char *why)
{
    print_message("SKIPPED: %s\n", why);
    fflush(NULL);
    _exit(IMPOSSIBLE);
}
