/* Running a piece of a test in a process of its own: without root's rights, or under limits. */
#ifndef TESTS_STORE_ELSEWHERE_H
#define TESTS_STORE_ELSEWHERE_H

#include <stdbool.h>

/* Runs `body` in a child, as a user without rights when this one is root; the test fails unless it returns true. In the child,
 * tell what went wrong with CHECK, not with cmocka. */
void elsewhere_unprivileged(bool (*body)(void));
void elsewhere(bool (*body)(void));
/* In the child: this cannot be tried here. The test counts as skipped. */
void elsewhere_impossible(const char *why);

#define CHECK(condition)                                                                                                         \
    do {                                                                                                                         \
        if (!(condition)) {                                                                                                      \
            fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #condition);                                        \
            return false;                                                                                                        \
        }                                                                                                                        \
    } while (0)

#endif
