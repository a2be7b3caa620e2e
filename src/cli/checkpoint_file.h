/* The file that --checkpoints names: a line "HEIGHT HASH" for each block, as `dashspv checkpoints` writes them. */
#ifndef CLI_CHECKPOINT_FILE_H
#define CLI_CHECKPOINT_FILE_H

#include "dashspv/dashspv.h"

enum { CHECKPOINT_FILE_ERROR_SIZE = 512 };

/* Give all of them to the network. 0, or -1 with the file, the line and what to do about it in `error`. */
int checkpoint_file_read(dspv_network *net, const char *path, char error[CHECKPOINT_FILE_ERROR_SIZE]);

#endif
