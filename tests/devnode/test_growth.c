/* The chain grows: blocks and locks are announced, locks are served. */
#include "devnode/test_client.h"

#include "wire/inventory.h"
#include "wire/locks.h"

/* A height with exactly one ChainLock of its own block, no other lock, and so for the next nine heights. */
static int32_t quiet_stretch(const struct devnode_chain *chain)
{
    int32_t from = 0, count = 0;
    for (int32_t h = 300; h < chain->tip && count < 12; h++) {
        int own = 0, all = 0;
        for (size_t i = 0; i < chain->n_locks; i++) {
            all += chain->locks[i].height == h;
            own += chain->locks[i].height == h && chain->locks[i].kind == DEVNODE_CLSIG;
        }
        count = own == 1 && all == 1 ? count + 1 : 0;
        from = h - count + 1;
    }
    assert_int_equal(count, 12);
    return from;
}

static const uint8_t *clsig_at(const struct devnode_chain *chain, int32_t height)
{
    const struct devnode_lock *l = devnode_chain_best_clsig(chain, height);
    struct clsig m;
    dspv_fault fault;
    assert_non_null(l);
    assert_int_equal(l->height, height);
    assert_int_equal(clsig_decode(l->payload.p, l->payload.n, &m, &fault), 0);
    assert_int_equal(m.height, height);
    assert_memory_equal(m.block.b, devnode_chain_hash(chain, height)->b, 32);
    return l->hash.b;
}

void test_growth(void **state)
{
    const struct devnode_chain *chain = fixture_chain("churn");
    int32_t from = quiet_stretch(chain);
    struct client c;
    (void)state;
    for (int way = 0; way < 3; way++) {
        int32_t tip = from;
        client_open(&c, chain, NULL, tip);
        client_shake(&c, 70240);
        if (way > 0)
            client_say(&c, WIRE_SENDHEADERS);
        if (way > 1)
            client_say(&c, WIRE_SENDHEADERS2); /* compressed wins */

        /* the node does not know yet that the client has the parent */
        assert_int_equal(devnode_peer_grow(c.peer, ++tip), 0);
        expect_inv(&c, INVENTORY_BLOCK, devnode_chain_hash(chain, tip)->b);
        expect_inv(&c, INVENTORY_CLSIG, clsig_at(chain, tip));

        ask_headers(&c, WIRE_GETHEADERS, devnode_chain_hash(chain, tip - 5), 1, NULL);
        expect_headers(&c, chain, false, tip - 4, tip);
        assert_int_equal(devnode_peer_grow(c.peer, tip + 2), 0);
        tip += 2;
        if (way == 0)
            expect_inv(&c, INVENTORY_BLOCK, devnode_chain_hash(chain, tip)->b);
        else
            expect_headers(&c, chain, way == 2, tip - 1, tip);
        expect_inv(&c, INVENTORY_CLSIG, clsig_at(chain, tip));
        expect_silence(&c);

        assert_int_equal(devnode_peer_grow(c.peer, tip + 9), 0); /* too many for headers */
        tip += 9;
        expect_inv(&c, INVENTORY_BLOCK, devnode_chain_hash(chain, tip)->b);
        expect_inv(&c, INVENTORY_CLSIG, clsig_at(chain, tip));
        expect_silence(&c);
        assert_int_equal(devnode_peer_grow(c.peer, tip - 1), DSPV_EMISUSE);
        assert_int_equal(devnode_peer_grow(c.peer, chain->tip + 1), DSPV_EMISUSE);
        client_close(&c);
    }
}

static void ask_item(struct client *c, uint32_t type, const uint8_t hash[32])
{
    inventory_encode(&c->w, &(struct inventory_item){type, hash256_from(hash)}, 1);
    client_say(c, WIRE_GETDATA);
}

static void expect_lock(struct client *c, const struct devnode_lock *l)
{
    struct span payload;
    assert_int_equal(client_hear(c, &payload), l->kind == DEVNODE_CLSIG ? WIRE_CLSIG : WIRE_ISDLOCK);
    assert_int_equal(payload.n, l->payload.n);
    assert_memory_equal(payload.p, l->payload.p, payload.n);
}

void test_locks(void **state)
{
    const struct devnode_chain *chain = fixture_chain("churn");
    const struct devnode_lock *islock = NULL, *best = devnode_chain_best_clsig(chain, 570);
    const struct devnode_lock *older = devnode_chain_best_clsig(chain, 560);
    struct client c;
    (void)state;
    for (size_t i = 0; i < chain->n_locks; i++)
        if (chain->locks[i].kind == DEVNODE_ISDLOCK)
            islock = &chain->locks[i];
    assert_non_null(islock);
    assert_true(best && older && best != older);

    client_open(&c, chain, NULL, 570);
    client_shake(&c, 70240);
    client_say(&c, WIRE_MEMPOOL);
    expect_inv(&c, INVENTORY_CLSIG, best->hash.b);
    ask_item(&c, INVENTORY_CLSIG, best->hash.b);
    expect_lock(&c, best);
    ask_item(&c, INVENTORY_CLSIG, older->hash.b); /* only the best is kept */
    expect(&c, WIRE_NOTFOUND);
    ask_item(&c, INVENTORY_BLOCK, devnode_chain_hash(chain, 5)->b); /* refused blocks: silence */
    ask_item(&c, 99, best->hash.b);                                 /* unknown type: dropped */
    expect_silence(&c);
    client_close(&c);

    /* InstantSend locks: announced to those who relay and did not ask for recovered signatures */
    for (int way = 0; way < 3; way++) {
        client_open(&c, chain, NULL, islock->height - 1);
        say_version(&c, 70240, 0, way != 1);
        client_say(&c, WIRE_VERACK);
        for (int i = 0; i < 7; i++) {
            struct span payload;
            client_hear(&c, &payload);
        }
        expect_silence(&c);
        if (way == 2) {
            writer_u8(&c.w, 1);
            client_say(&c, WIRE_QSENDRECSIGS);
        }
        ask_item(&c, INVENTORY_ISDLOCK, islock->hash.b); /* not yet */
        expect(&c, WIRE_NOTFOUND);
        assert_int_equal(devnode_peer_grow(c.peer, islock->height), 0);
        bool announced = false;
        struct span payload;
        for (enum wire_command got; (got = client_hear(&c, &payload)) != WIRE_UNKNOWN;) {
            struct inventory m;
            dspv_fault fault;
            assert_int_equal(got, WIRE_INV);
            assert_int_equal(inventory_decode(payload.p, payload.n, &m, &fault), 0);
            struct inventory_item item = inventory_at(&m, 0);
            announced = announced || (item.type == INVENTORY_ISDLOCK && hash256_eq(&item.hash, &islock->hash));
        }
        assert_int_equal(announced, way == 0);
        ask_item(&c, INVENTORY_ISDLOCK, islock->hash.b);
        expect_lock(&c, islock);
        client_close(&c);
    }
}
