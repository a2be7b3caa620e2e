/* See incoming.h. */
#include "sync/incoming.h"

#include "sync/answer.h"
#include "sync/client.h"

static int route(struct dspv *c, struct peer *p, const struct frame *f)
{
    int rc;
    if (peer_message(c, p, f, &rc))
        return rc;
    switch (f->command) {
    case WIRE_HEADERS:
    case WIRE_HEADERS2: return header_sync_message(c, p, f);
    case WIRE_MNLISTDIFF:
    case WIRE_QRINFO: return answer_message(c, p, f);
    case WIRE_INV: return locks_inventory(c, p, f);
    case WIRE_ADDR:
    case WIRE_ADDRV2: return discovery_message(c, p, f);
    case WIRE_NOTFOUND: return locks_not_found(c, p, f);
    case WIRE_CLSIG:
    case WIRE_ISDLOCK: return locks_message(c, p, f);
    default: return 0;
    }
}

/* What was asked for ahead does not. */
static bool must_wait(const struct peer *p)
{
    return p->headers_hashing && !p->overrun && !p->ahead.open;
}

int incoming_held(struct dspv *c, struct peer *p)
{
    struct writer held = p->held;
    if (held.n == 0)
        return 0;
    writer_init(&p->held);
    int rc = incoming_bytes(c, p, (struct span){held.data, held.n});
    writer_free(&held);
    return rc;
}

/* What comes behind headers waits until they are hashed, so that a peer's messages take effect in their order; but not for one
 * who goes on and on. */
static int hold(struct dspv *c, struct peer *p, struct span in)
{
    if (p->held.n + in.n <= PEER_MOST_HELD) {
        writer_span(&p->held, in);
        return p->held.failed ? DSPV_ENOMEM : 0;
    }
    p->overrun = true;
    int rc = incoming_held(c, p);
    return rc == 0 ? incoming_bytes(c, p, in) : rc;
}

/* Some wait already: those before `in`. */
static int after_held(struct dspv *c, struct peer *p, struct span in)
{
    int rc = hold(c, p, in);
    return rc == 0 && !must_wait(p) ? incoming_held(c, p) : rc;
}

int incoming_bytes(struct dspv *c, struct peer *p, struct span in)
{
    int rc = 0;
    if (p->held.n > 0)
        return after_held(c, p, in);
    while (rc == 0 && !p->closing) {
        struct frame f;
        if (must_wait(p))
            return hold(c, p, in);
        switch (frame_reader_next(&p->in, &in, &f)) {
        case FRAME_NEED_MORE: return 0;
        case FRAME_UNKNOWN: break;
        case FRAME_MESSAGE: rc = route(c, p, &f); break;
        case FRAME_DROPPED: rc = peer_score(c, p, 10, &f.fault, "frame"); break;
        case FRAME_FATAL: rc = peer_score(c, p, PEER_MOST_SCORE, &f.fault, "frame"); break;
        default: rc = DSPV_ENOMEM; break;
        }
    }
    return rc;
}
