/* A snapshot: what a store holds of the chain, as one file that another instance can read and verify again. It is written and
 * read in one go:
 *
 *   "dashspv snapshot" (16 bytes), format (LE32), length of the network's name (1 byte), name, hash of the genesis block (32);
 *   records, ascending by table and key: table (1 byte), length of the key (1), length of the value (LE32), key, value;
 *   the end: 0xff, number of records (LE64), check (32).
 *
 * check: begun with SHA-256 of all before the records; each record makes it SHA-256 of itself and the record. It detects
 * accidents; against somebody who makes a file on purpose stands that everything is verified. Addresses of nodes, bans and
 * whatever is secret are not in it. */
#ifndef CLI_STREAM_H
#define CLI_STREAM_H

#include <stdio.h>

#include "base/writer.h"
#include "dashspv/store.h"
#include "llmq/network.h"

enum { STREAM_FORMAT = 1, STREAM_MOST_RECORDS = 2000000, STREAM_ERROR_SIZE = 256 };
#define STREAM_MOST_BYTES ((uint64_t)2 << 30) /* of all records: some times what a chain of 2.5 million headers takes */

/* Does a record belong into a snapshot? */
bool stream_wants(dspv_table table, struct span key);

struct stream_writer {
    FILE *out;
    struct writer record;
    uint8_t check[32];
    uint64_t count;
};

/* 0; DSPV_ENOMEM; DSPV_ESTORE: it cannot be written, errno says why. Free in any case. */
int stream_begin(struct stream_writer *s, FILE *out, const struct network *net);
int stream_write(struct stream_writer *s, dspv_table table, struct span key, struct span value);
int stream_end(struct stream_writer *s);
void stream_writer_free(struct stream_writer *s);

/* One record, its bytes valid until it returns. 0 to go on; anything else ends the reading, which returns it. */
typedef int stream_visit(void *argument, dspv_table table, struct span key, struct span value);
/* Read a whole snapshot. 0: it was whole, in order, of this network. DSPV_EFAULT: it is not, `why` says what is wrong (what was
 * visited must be thrown away); DSPV_ENOMEM; what `visit` returned. */
int stream_read(FILE *in, const struct network *net, stream_visit *visit, void *argument, char why[STREAM_ERROR_SIZE]);

#endif
