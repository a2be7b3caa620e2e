/* `dashspv sync`: follow the network through the nodes that --connect names. */
#ifndef CLI_SYNC_H
#define CLI_SYNC_H

/* argv[0] is "sync". The exit code. */
int sync_main(int argc, char **argv);

#endif
