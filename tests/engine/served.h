/* Messages that the development peer makes from a recorded chain, for tests that change or withhold them. */
#ifndef TESTS_ENGINE_SERVED_H
#define TESTS_ENGINE_SERVED_H

#include "devnode/answer.h"
#include "engine/driven.h"

struct served {
    struct devnode_chain *chain;
};

void served_open(struct served *s, const char *folder);
void served_close(struct served *s);
/* Payloads; base -1 = from genesis (zeros). free(p). */
struct bytes served_diff(const struct served *s, int32_t base, int32_t target);
struct bytes served_qrinfo(const struct served *s, int32_t tip, const int32_t *bases, size_t n_bases, int32_t request,
                           bool extra_share);
/* Apply the full state of a block to an engine; must succeed. */
void served_apply_full(const struct served *s, struct engine *e, int32_t height);
/* Decode and feed a qrinfo payload, as engine_feed_qrinfo; DSPV_EFAULT also when it does not decode. */
int served_feed_qrinfo(struct engine *e, const uint8_t *payload, size_t n, dspv_fault *fault);
int served_apply_diff(struct engine *e, const uint8_t *payload, size_t n, dspv_fault *fault);

#endif
