/* Are the peers any good as a view of the network? Only with config.discover: an old tip, peers that lag behind it, anchors. */
#ifndef SYNC_WATCH_H
#define SYNC_WATCH_H

struct dspv;

/* 0 or DSPV_ENOMEM. */
int watch_peers(struct dspv *c);

#endif
