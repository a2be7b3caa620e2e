/* What the liar_*.c files share: the list of kinds, and the tools of their trade. */
#ifndef SIM_LIAR_KINDS_H
#define SIM_LIAR_KINDS_H

#include "devnode/answer.h"
#include "sim/liar.h"

/* X(identifier): `liar_IDENTIFIER` is defined in one of the files. */
#define LIAR_KINDS(X)                                                                                                            \
    /* liar_lists.c, liar_proofs.c, liar_answers.c */                                                                            \
    X(wrong_list) X(wrong_quorums) X(wrong_clsigs) X(reordered_diff) X(wrong_proof) X(forged_roots) X(swapped_diff)              \
    X(stale_diff) X(foreign_diff) X(malformed) X(unknown_blocks) X(fat_answers)                                                  \
    /* liar_quorums.c */                                                                                                         \
    X(forged_commitment) X(old_commitment) X(wrong_last) X(forged_snapshot) X(swapped_snapshots) X(swapped_qrinfo)               \
    X(wrong_extra_share) X(wrong_older)                                                                                          \
    /* liar_headers.c */                                                                                                         \
    X(stale_chain) X(foreign_chain) X(broken_work) X(wrong_bits) X(wrong_time) X(wrong_block_version) X(header_gaps)             \
    X(header_repeats) X(looping_headers) X(empty_headers) X(unconnecting_headers) X(branches) X(withheld_headers)                \
    X(header_flood) X(header_form)                                                                                               \
    /* liar_ranges.c */                                                                                                          \
    X(range_changed) X(range_torn) X(range_foreign) X(range_other) X(range_long) X(range_short) X(range_half) X(range_twice)     \
    X(range_missing) X(range_order) X(range_slow) X(range_late)                                                                  \
    /* liar_locks.c */                                                                                                           \
    X(wrong_chainlock) X(wrong_instantlock) X(withheld_locks) X(unasked_locks) X(replayed_locks) X(inventory_flood)              \
    /* liar_transport.c, liar_handshake.c, liar_chatter.c */                                                                     \
    X(silent) X(no_handshake) X(silent_lists) X(silent_qrinfo) X(silent_headers) X(flees_requests) X(stalls) X(drips)            \
    X(trickles) X(cuts_off) X(dries_up) X(leaves) X(hangs_up) X(wrong_magic) X(wrong_checksum) X(wrong_length)                   \
    X(wrong_command) X(noise) X(old_protocol) X(new_protocol) X(other_protocol) X(no_services) X(absurd_height) X(boasts)        \
    X(broken_version) X(echoes_nonce) X(early_verack) X(twice_handshake) X(babbles) X(ping_flood) X(wrong_pong)                  \
    X(address_flood) X(repeats_answers) X(late_answers) X(unasked_answers) X(asks_much) X(echoes)

#define LIAR_DECLARE(id) extern const struct liar_kind liar_##id;
LIAR_KINDS(LIAR_DECLARE)
#undef LIAR_DECLARE

/* ---- when to lie */

/* True `percent` times in a hundred. */
bool liar_chance(struct liar *l, unsigned percent);
/* Is this occasion one to lie at? Some liars always lie, some now and then, some gain trust first, some behave until their first
 * connection broke (they see to it that it breaks). The mood is kept in state[3]. */
bool liar_moment(struct liar *l, struct liar_output *out);

/* ---- messages */

/* The writer's content as a message; empties the writer. */
void liar_say_written(struct liar_output *out, const struct liar *l, const char *command, struct writer *w);
bool liar_is_request(enum wire_command c);
bool liar_is_answer(enum wire_command c);
/* `hear`, which a kind's heard() may return; what is not heard counts as a lie. */
bool liar_hears(struct liar *l, bool hear);
/* The chain its honest half serves, and what a node with the liar's tip and protocol would answer from it. */
struct devnode_view liar_view(const struct liar *l);

/* `n` items and room for `extra` more; NULL when memory ran out. */
void *liar_copy(struct arena *a, const void *items, size_t n, size_t extra, size_t size);
uint8_t *liar_random_bytes(struct liar *l, struct arena *a, size_t n);
/* A copy with one bit turned. */
uint8_t *liar_turn_bit(struct liar *l, struct arena *a, const uint8_t *bytes, size_t n);

/* Change a decoded answer; what it leads to may live in the arena. False: there is nothing to lie about. */
typedef bool liar_diff_lie(struct liar *l, struct arena *a, struct mnlistdiff *d);
typedef bool liar_qrinfo_lie(struct liar *l, struct arena *a, struct qrinfo *q);
/* Pass the message on, changed if it is such an answer, this is the moment, and the lie makes a difference. */
void liar_lie_in_diff(struct liar *l, const struct liar_message *m, struct liar_output *out, liar_diff_lie *lie);
void liar_lie_in_qrinfo(struct liar *l, const struct liar_message *m, struct liar_output *out, liar_qrinfo_lie *lie);
/* As the first, in any mnlistdiff and in one of the diffs of any qrinfo. A liar may keep to one of the two messages. */
void liar_lie_in_diffs(struct liar *l, const struct liar_message *m, struct liar_output *out, liar_diff_lie *lie);

#endif
