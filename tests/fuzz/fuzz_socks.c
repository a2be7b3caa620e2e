/* What a SOCKS proxy says, to each kind of question: cut into single bytes it means the same as in one piece, and it ends in DONE
 * only after every byte that it then must have said. */
#include "fuzz.h"

#include "io/socks.h"

static size_t hear(struct socks *s, const uint8_t *data, size_t n, size_t piece, enum socks_status *status)
{
    size_t taken = 0;
    *status = SOCKS_GOES_ON;
    while (taken < n && *status == SOCKS_GOES_ON) {
        const uint8_t *out;
        size_t used, now = n - taken < piece ? n - taken : piece;
        (void)socks_output(s, &out);
        *status = socks_input(s, data + taken, now, &used);
        must(used <= now && (used == now || *status != SOCKS_GOES_ON));
        must((*status == SOCKS_FAILED) == (s->why != NULL));
        taken += used;
    }
    return taken;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct socks whole, cut;
    enum socks_status first, second;
    if (n == 0)
        return 0;
    struct socks_request r = {.command = data[0] & 1 ? SOCKS_RESOLVE : SOCKS_CONNECT, .name = data[0] & 2 ? "a.example" : NULL};
    if (data[0] & 4)
        r.user = r.password = "x";
    must(socks_start(&whole, &r) && socks_start(&cut, &r));
    size_t piece = 1 + data[0] / 8, taken = hear(&whole, data + 1, n - 1, piece, &first);
    size_t taken_cut = hear(&cut, data + 1, n - 1, 1, &second);
    if (first == SOCKS_FAILED) /* what came ahead of its question shows only when it comes in one piece with what went before */
        return 0;
    must(first == second && taken == taken_cut);
    must(first != SOCKS_DONE || taken >= 2 + 4 + 1 + 2);
    must(memcmp(whole.bound, cut.bound, sizeof(cut.bound)) == 0);
    return 0;
}
