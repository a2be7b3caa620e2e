/* Telling the user what the engine found out: every list once, every quorum once per verdict. */
#ifndef SYNC_NEWS_H
#define SYNC_NEWS_H

struct dspv;

/* Tell what is new. 0 or DSPV_ENOMEM. */
int news_tell(struct dspv *c);
/* Forget what was told of lists and quorums that the engine no longer knows: when they come back (a reorganisation), they are news
 * again. Without memory nothing is forgotten. */
void news_forget(struct dspv *c);
/* The same once that is the greater part. */
void news_tidy(struct dspv *c);

#endif
