/* Lies about ChainLocks and InstantSend locks (protocol.md 8.1, 8.2). A client takes only what it asked for by inventory, so a
 * false lock is announced by its own hash first: state[0] is the seed it is made from again when the client asks for it. */
#include "base/endian.h"
#include "crypto/bls/sign.h"
#include "crypto/sha256.h"
#include "sim/liar_kinds.h"
#include "wire/inventory.h"
#include "wire/locks.h"

enum { OUTPOINT = 36 };

/* ---- real locks */

/* A lock of the chain announced at or below the tip: the newest, or one further back. NULL: there is none. */
static const struct devnode_lock *real_lock(const struct liar *l, enum devnode_lock_kind kind, uint64_t back)
{
    const struct devnode_chain *chain = l->world->chain;
    for (size_t i = chain->n_locks; i-- > 0;)
        if (chain->locks[i].kind == kind && chain->locks[i].height <= l->tip && back-- == 0)
            return &chain->locks[i];
    return NULL;
}

static void announce(struct liar *l, struct liar_output *out, uint32_t type, const hash256 *hash)
{
    struct writer w;
    writer_init(&w);
    inventory_encode(&w, &(struct inventory_item){type, *hash}, 1);
    liar_say_written(out, l, "inv", &w);
    writer_free(&w);
}

/* An inv or getdata names it; `hash` NULL: anything of the type. */
static bool names(const struct liar_message *m, enum wire_command command, uint32_t type, const hash256 *hash)
{
    struct inventory ask;
    dspv_fault fault;
    if (m->command != command || inventory_decode(m->payload.p, m->payload.n, &ask, &fault) != 0)
        return false;
    for (uint32_t i = 0; i < ask.n; i++) {
        struct inventory_item item = inventory_at(&ask, i);
        if (item.type == type && (!hash || hash256_eq(&item.hash, hash)))
            return true;
    }
    return false;
}

/* ---- wrong-chainlock */

/* A valid point that no quorum's key belongs to. */
static void own_signature(struct rng *r, uint8_t out[96])
{
    struct bls_secret secret;
    bls_sig sig;
    uint8_t bytes[32];
    do {
        rng_bytes(r, bytes, sizeof(bytes));
        bytes[0] &= 0x3f;
    } while (!bls_secret_decode(&secret, bytes));
    rng_bytes(r, bytes, sizeof(bytes));
    bls_secret_sign(&secret, bytes, BLS_BASIC, &sig);
    bls_sig_encode(out, &sig, BLS_BASIC);
}

/* A block that is not on the best chain, at this height if there is one. */
static block_hash other_block(const struct liar *l, struct rng *r, int32_t height)
{
    const struct devnode_chain *elsewhere = l->world->stale_chain;
    block_hash hash;
    rng_bytes(r, hash.b, sizeof(hash.b));
    if (elsewhere && height >= elsewhere->start && height <= elsewhere->tip && rng_below(r, 2) &&
        !block_hash_eq(devnode_chain_hash(elsewhere, height), devnode_chain_hash(l->world->chain, height)))
        return *devnode_chain_hash(elsewhere, height);
    return hash;
}

/* The false lock that belongs to a seed. */
static void false_chainlock(const struct liar *l, uint64_t seed, struct clsig *out)
{
    uint8_t bytes[32] = {0};
    struct rng r;
    dspv_fault fault;
    store_le64(bytes, seed);
    rng_init(&r, bytes);
    const struct devnode_chain *chain = l->world->chain;
    int32_t height = (int32_t)(seed >> 32 & 0xffffff);
    const struct devnode_lock *real = real_lock(l, DEVNODE_CLSIG, 0);
    for (uint64_t back = 0; real && real->height > height; back++)
        real = real_lock(l, DEVNODE_CLSIG, back); /* the best one when the seed was drawn */
    *out = (struct clsig){.height = height, .block = *devnode_chain_hash(chain, height)};
    own_signature(&r, out->signature);
    if (real && rng_below(&r, 4) && clsig_decode(real->payload.p, real->payload.n, out, &fault) != 0)
        real = NULL;
    switch (rng_below(&r, 9)) {
    case 0: own_signature(&r, out->signature); break;
    case 1: out->signature[rng_below(&r, 96)] ^= (uint8_t)(1 << rng_below(&r, 8)); break;
    case 2: out->height += rng_below(&r, 2) ? 1 : -1; break;
    case 3: out->block = other_block(l, &r, out->height); break;
    case 4:
        out->height += 1000;
        rng_bytes(&r, out->block.b, 32);
        break;
    case 5: memset(out->signature, 0, 96); break;
    case 6: /* the point at infinity */
        memset(out->signature, 0, 96);
        out->signature[0] = 0xc0;
        break;
    case 7: out->height = rng_below(&r, 2) ? INT32_MIN : INT32_MAX; break;
    default: /* the lock above with another block of the chain */
        out->block = *devnode_chain_hash(chain, out->height > chain->start ? out->height - 1 : out->height);
        break;
    }
}

static void announce_false_chainlock(struct liar *l, struct liar_output *out)
{
    struct clsig lock;
    if (l->tip < l->world->chain->start)
        return;
    l->state[0] = (rng_u64(&l->rng) & 0xffffffff) | (uint64_t)l->tip << 32;
    false_chainlock(l, l->state[0], &lock);
    hash256 hash = clsig_inv_hash(&lock);
    announce(l, out, INVENTORY_CLSIG, &hash);
}

static bool heard_chainlock(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    struct clsig lock;
    if (l->state[0] == 0)
        return true;
    false_chainlock(l, l->state[0], &lock);
    hash256 hash = clsig_inv_hash(&lock);
    if (!names(m, WIRE_GETDATA, INVENTORY_CLSIG, &hash))
        return true;
    struct writer w;
    writer_init(&w);
    clsig_encode(&w, &lock);
    liar_say_written(out, l, "clsig", &w);
    writer_free(&w);
    l->lies++;
    return true; /* the honest half may say notfound to that, and answers the rest */
}

/* The false one goes first, the real one perhaps never: a client that has a good lock needs no other of its height. */
static void said_chainlock(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    if (names(m, WIRE_INV, INVENTORY_CLSIG, NULL)) {
        announce_false_chainlock(l, out);
        if (liar_chance(l, 50))
            return;
    }
    liar_pass(out, l, m);
}

static void tick_chainlock(struct liar *l, struct liar_output *out)
{
    if (l->protocol != 0 && liar_chance(l, 30))
        announce_false_chainlock(l, out);
}
const struct liar_kind liar_wrong_chainlock = {
    .name = "wrong-chainlock", .said = said_chainlock, .heard = heard_chainlock, .tick = tick_chainlock};

/* ---- wrong-instantlock */

/* A real lock of the past with one part changed; false: there was none yet. The inputs live in the arena. */
static bool change_instantlock(const struct liar *l, uint64_t seed, struct arena *a, struct isdlock *out)
{
    uint8_t bytes[32] = {1};
    struct rng r;
    dspv_fault fault;
    store_le64(bytes + 8, seed);
    rng_init(&r, bytes);
    const struct devnode_lock *real = NULL;
    for (uint64_t back = rng_below(&r, 6);; back--) {
        real = real_lock(l, DEVNODE_ISDLOCK, back);
        if (real || back == 0)
            break;
    }
    if (!real || isdlock_decode(real->payload.p, real->payload.n, out, &fault) != 0)
        return false;
    uint8_t *inputs = liar_copy(a, out->inputs, out->n_inputs, 1, OUTPOINT);
    if (!inputs)
        return false;
    out->inputs = inputs;
    size_t last = (size_t)(out->n_inputs - 1) * OUTPOINT;
    switch (rng_below(&r, 9)) {
    case 0: out->txid.b[rng_below(&r, 32)] ^= 1; break;
    case 1: inputs[rng_below(&r, (uint64_t)out->n_inputs * OUTPOINT)] ^= 1; break;
    case 2: out->cycle = *devnode_chain_hash(l->world->chain, (int32_t)rng_below(&r, (uint64_t)real->height + 1)); break;
    case 3: rng_bytes(&r, out->cycle.b, 32); break;
    case 4: own_signature(&r, out->signature); break;
    case 5: memset(out->txid.b, 0, 32); break;
    case 6: out->n_inputs = 0; break;
    case 7: /* the same input twice */
        memcpy(inputs + last + OUTPOINT, inputs + last, OUTPOINT);
        out->n_inputs++;
        break;
    default: out->version = 2; break;
    }
    return true;
}

/* The false lock that belongs to a seed drawn when the tip was `tip`, as a message. */
static bool false_instantlock(const struct liar *l, uint64_t seed, int32_t tip, struct writer *w, hash256 *hash)
{
    struct liar then = *l;
    struct arena a;
    struct isdlock lock;
    then.tip = tip;
    arena_init(&a, 0);
    bool made = change_instantlock(&then, seed, &a, &lock);
    if (made)
        isdlock_encode(w, &lock);
    arena_free(&a);
    sha256d(hash->b, w->data, w->n);
    return made && !w->failed;
}

static void tick_instantlock(struct liar *l, struct liar_output *out)
{
    struct writer w;
    hash256 hash;
    if (l->protocol == 0 || !liar_chance(l, 30))
        return;
    writer_init(&w);
    uint64_t seed = rng_u64(&l->rng) | 1;
    if (false_instantlock(l, seed, l->tip, &w, &hash)) {
        l->state[0] = seed;
        l->state[1] = (uint64_t)l->tip;
        announce(l, out, INVENTORY_ISDLOCK, &hash);
    }
    writer_free(&w);
}

static bool heard_instantlock(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    struct writer w;
    hash256 hash;
    if (l->state[0] == 0 || m->command != WIRE_GETDATA)
        return true;
    writer_init(&w);
    if (false_instantlock(l, l->state[0], (int32_t)l->state[1], &w, &hash) && names(m, WIRE_GETDATA, INVENTORY_ISDLOCK, &hash)) {
        liar_say_written(out, l, "isdlock", &w);
        l->lies++;
    }
    writer_free(&w);
    return true;
}
const struct liar_kind liar_wrong_instantlock = {
    .name = "wrong-instantlock", .heard = heard_instantlock, .tick = tick_instantlock};

/* ---- announced and not delivered */

static bool heard_withheld(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    if (!names(m, WIRE_GETDATA, INVENTORY_CLSIG, NULL) && !names(m, WIRE_GETDATA, INVENTORY_ISDLOCK, NULL))
        return true;
    if (!liar_moment(l, out))
        return true;
    l->lies++;
    if (liar_chance(l, 50)) /* the request, entry for entry, is the answer */
        liar_say(out, l, "notfound", m->payload.p, m->payload.n);
    return false;
}

/* Also what nobody has. */
static void tick_withheld(struct liar *l, struct liar_output *out)
{
    hash256 hash;
    rng_bytes(&l->rng, hash.b, sizeof(hash.b));
    if (l->protocol != 0 && liar_chance(l, 20))
        announce(l, out, liar_chance(l, 50) ? INVENTORY_CLSIG : INVENTORY_ISDLOCK, &hash);
}
const struct liar_kind liar_withheld_locks = {.name = "withheld-locks", .heard = heard_withheld, .tick = tick_withheld};

/* ---- unasked, and again */

static void say_real(struct liar *l, struct liar_output *out, const struct devnode_lock *lock)
{
    liar_say(out, l, lock->kind == DEVNODE_CLSIG ? "clsig" : "isdlock", lock->payload.p, lock->payload.n);
    l->lies++;
}

static void tick_unasked(struct liar *l, struct liar_output *out)
{
    enum devnode_lock_kind kind = liar_chance(l, 50) ? DEVNODE_CLSIG : DEVNODE_ISDLOCK;
    const struct devnode_lock *lock = real_lock(l, kind, rng_below(&l->rng, 4));
    if (l->protocol != 0 && lock && liar_chance(l, 30))
        say_real(l, out, lock);
}
const struct liar_kind liar_unasked_locks = {.name = "unasked-locks", .tick = tick_unasked};

/* Old locks are announced as if they were new, every one is delivered twice. */
static void tick_replayed(struct liar *l, struct liar_output *out)
{
    const struct devnode_lock *lock = real_lock(l, liar_chance(l, 50) ? DEVNODE_CLSIG : DEVNODE_ISDLOCK, rng_below(&l->rng, 30));
    if (l->protocol == 0 || !lock || !liar_chance(l, 40))
        return;
    announce(l, out, lock->kind, &lock->hash);
    l->lies++;
}

static bool heard_replayed(struct liar *l, const struct liar_message *m, struct liar_output *out)
{
    struct inventory ask;
    dspv_fault fault;
    if (m->command != WIRE_GETDATA || inventory_decode(m->payload.p, m->payload.n, &ask, &fault) != 0)
        return true;
    for (uint32_t i = 0; i < ask.n && i < 64; i++) {
        struct inventory_item item = inventory_at(&ask, i);
        for (size_t k = 0; k < l->world->chain->n_locks; k++) {
            const struct devnode_lock *lock = &l->world->chain->locks[k];
            if (lock->kind == item.type && hash256_eq(&lock->hash, &item.hash) && lock->height <= l->tip)
                say_real(l, out, lock);
        }
    }
    return true;
}
const struct liar_kind liar_replayed_locks = {.name = "replayed-locks", .heard = heard_replayed, .tick = tick_replayed};

/* ---- floods of inventory */

static void tick_inventory(struct liar *l, struct liar_output *out)
{
    static const uint32_t types[] = {INVENTORY_TX, INVENTORY_BLOCK, INVENTORY_SPORK, INVENTORY_CLSIG, INVENTORY_ISDLOCK, 0, 77};
    static const uint32_t sizes[] = {1, 10, 300, 1000, 1000, INVENTORY_MOST, INVENTORY_MOST + 1};
    uint32_t n = sizes[rng_below(&l->rng, liar_chance(l, 3) ? 7 : 5)];
    uint32_t type = types[rng_below(&l->rng, sizeof(types) / sizeof(types[0]))];
    uint8_t entry[INVENTORY_ENTRY], seed[32];
    struct writer w;
    if (l->protocol == 0 || !liar_chance(l, 30))
        return;
    rng_bytes(&l->rng, seed, sizeof(seed));
    writer_init(&w);
    writer_compact_size(&w, n);
    for (uint32_t i = 0; i < n; i++) {
        store_le32(entry, type);
        store_le32(seed, i);
        sha256(entry + 4, seed, sizeof(seed));
        writer_bytes(&w, entry, sizeof(entry));
    }
    liar_say_written(out, l, "inv", &w);
    writer_free(&w);
    l->lies++;
}
const struct liar_kind liar_inventory_flood = {.name = "inventory-flood", .tick = tick_inventory};
