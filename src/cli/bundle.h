/* The recorded chain inside the program (tests/fixtures/churn). */
#ifndef CLI_BUNDLE_H
#define CLI_BUNDLE_H

#include "dashspv/dashspv.h"
#include "devnode/chain.h"

/* The files of the chain directory, in the order of devnode/chain.h. */
void bundle_files(struct span out[DEVNODE_FILES]);
/* As devnode_chain_load. */
int bundle_chain(struct devnode_chain **out, char *error);
/* The network with the options that the chain was recorded with. NULL, or a sentence that says what is wrong. */
const char *bundle_network(dspv_network **out);

#endif
