/* See address_set.h. Every holder of an index outside the peers: requests (such an address stays), blame and locks (told to
 * forget). */
#include "sync/address_set.h"

#include "base/mem.h"
#include "sync/client.h"

size_t address_set_find(const struct dspv *c, const dspv_addr *addr)
{
    for (size_t i = 0; i < c->n_addresses; i++)
        if (address_eq(&c->addresses[i].addr, addr))
            return i;
    return ADDRESS_SET_MOST;
}

/* A request's answer is still awaited from it, or held. */
static bool is_asked(const struct dspv *c, size_t address)
{
    for (size_t i = 0; i < c->mn.n_requests; i++) {
        const struct request *r = &c->mn.requests[i];
        bool open = r->state == REQUEST_SENT || r->state == REQUEST_HELD;
        if (open && (r->address == address || (r->hedge.conn != 0 && r->hedge.address == address)))
            return true;
    }
    return false;
}

/* Something is held against it that would be forgotten. */
static bool matters(const struct dspv *c, size_t address)
{
    const struct address *a = &c->addresses[address];
    return a->header_stalls > 0 || a->failures > 1 || a->conduct.no_extra_until > c->now || blame_remembers(c, address) ||
           whom_failures(c, address, PLAN_QR_INFO) > 0 || whom_failures(c, address, PLAN_MN_DIFF) > 0;
}

/* The one that has been idle longest of those that do not matter, else of all. */
static size_t least_missed(const struct dspv *c)
{
    size_t best = ADDRESS_SET_MOST;
    bool best_matters = true;
    for (size_t i = 0; i < c->n_addresses; i++) {
        const struct address *a = &c->addresses[i];
        if (a->in_use || address_of_user(a) || is_asked(c, i))
            continue;
        bool this_matters = matters(c, i);
        bool older = best == ADDRESS_SET_MOST || a->idle_since < c->addresses[best].idle_since;
        if ((this_matters == best_matters && older) || (!this_matters && best_matters)) {
            best = i;
            best_matters = this_matters;
        }
    }
    return best;
}

static size_t reuse(struct dspv *c)
{
    size_t i = least_missed(c);
    if (i == ADDRESS_SET_MOST)
        return i;
    blame_forget(c, i);
    locks_forget_address(c, i);
    return i;
}

int address_set_take(struct dspv *c, const dspv_addr *addr, size_t *index)
{
    *index = address_set_find(c, addr);
    if (*index != ADDRESS_SET_MOST)
        return 0;
    if (c->n_addresses == ADDRESS_SET_MOST) {
        *index = reuse(c);
    } else {
        void *addresses = c->addresses;
        int rc = mem_grow(&addresses, &c->cap_addresses, c->n_addresses + 1, sizeof(*c->addresses));
        c->addresses = addresses;
        if (rc != 0)
            return rc;
        *index = c->n_addresses++;
    }
    if (*index != ADDRESS_SET_MOST)
        c->addresses[*index] =
            (struct address){.addr = *addr, .source = address_group(addr), .retry_at = c->now, .idle_since = c->now};
    return 0;
}
