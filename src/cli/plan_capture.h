/* `dashspv plan --capture`: the plan a client would make if a capture were all it had. */
#ifndef CLI_PLAN_CAPTURE_H
#define CLI_PLAN_CAPTURE_H

#include <stdbool.h>

/* Is --capture among the words? */
bool plan_capture_asked(int argc, char **argv);
/* argv[0] is the command's name. The exit code: 0; 1 when a file is refused; 2 when something cannot be read or understood, or
 * the capture proves no list. */
int plan_capture_main(int argc, char **argv);

#endif
