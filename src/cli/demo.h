/* `dashspv demo`: the development peer with the bundled chain, and the real client against it over TCP. */
#ifndef CLI_DEMO_H
#define CLI_DEMO_H

/* argv[0] is "demo". The exit code. */
int demo_main(int argc, char **argv);

#endif
