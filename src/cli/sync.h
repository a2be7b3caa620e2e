/* `dashspv sync`: follow the network through the nodes that --connect names. `dashspv plan`: the same until it is synced, showing
 * the plans. */
#ifndef CLI_SYNC_H
#define CLI_SYNC_H

/* argv[0] is the command's name. The exit code. */
int sync_main(int argc, char **argv);
int plan_main(int argc, char **argv);

#endif
