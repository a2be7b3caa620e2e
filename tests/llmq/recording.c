#include "llmq/recording.h"

#include "base/endian.h"

static const char *below(const char *folder, const char *file)
{
    static char name[128];
    snprintf(name, sizeof(name), "regtest/%s/%s", folder, file);
    return name;
}

/* "-option=value" as recorded in meta.json. */
static void apply_options(struct network *net, const char *folder)
{
    json_t *meta = data_json(below(folder, "meta.json")), *option;
    size_t i;
    json_array_foreach(json_object_get(meta, "options"), i, option)
    {
        char text[128];
        snprintf(text, sizeof(text), "%s", json_string_value(option) + 1);
        char *value = strchr(text, '=');
        assert_non_null(value);
        *value++ = 0;
        const char *complaint = network_override(net, text, value);
        if (complaint)
            fail_msg("%s: %s", text, complaint);
    }
    json_decref(meta);
}

static void apply_lists(struct captured *c, const char *folder)
{
    struct bytes b = captured_file(c, below(folder, "mnlistdiff_from_genesis.bin"));
    for (size_t at = 0; at < b.n;) {
        size_t n = load_le32(b.p + at + 4);
        captured_diff(c, b.p + at + 8, n, (int32_t)load_le32(b.p + at));
        at += 8 + n;
    }
}

/* Build the new quarters of every cycle in turn; each cycle's snapshot serves the next three. */
static void derive_rotation(struct captured *c)
{
    const struct llmq_params *p = captured_llmq(c, c->net.instantsend_type);
    const struct mnstate *work;
    for (int32_t cycle = p->interval; (work = captured_find(c, llmq_work_height(cycle))); cycle += p->interval) {
        struct quarters *previous[3], *current;
        struct snapshot *snapshot;
        captured_previous(c, p, cycle, previous);
        assert_int_equal(quarters_build(&c->net, p, cycle, work, previous, &current, &snapshot), 0);
        if (snapshot)
            captured_add_snapshot(c, cycle, snapshot);
        quarters_unref(current);
    }
}

void recording_open(struct recording *r, const char *folder)
{
    captured_open(&r->c, "regtest");
    apply_options(&r->c.net, folder);
    r->hashes = captured_file(&r->c, below(folder, "hashes.bin"));
    apply_lists(&r->c, folder);
    derive_rotation(&r->c);
}

void recording_close(struct recording *r)
{
    captured_close(&r->c);
}

int32_t recording_height(const struct recording *r, const uint8_t hash[32])
{
    for (size_t h = 0; h < r->hashes.n / 32; h++)
        if (memcmp(r->hashes.p + 32 * h, hash, 32) == 0)
            return (int32_t)h;
    fail_msg("a block that is not part of the recording");
    return -1;
}

block_hash recording_hash(const struct recording *r, int32_t height)
{
    assert_true(height >= 0 && (size_t)height < r->hashes.n / 32);
    return block_hash_from(r->hashes.p + 32 * (size_t)height);
}

void recording_quorums(struct recording *r, void (*each)(struct recording *r, const struct quorum *q, void *context),
                       void *context)
{
    for (size_t i = 0; i < r->c.n_states; i++) {
        const struct quorumset *set = r->c.states[i]->quorums, *before = i ? r->c.states[i - 1]->quorums : NULL;
        for (uint32_t k = 0; set && k < set->n; k++)
            if (!before || !quorumset_find(before, set->items[k]->c.type, &set->items[k]->c.hash))
                each(r, set->items[k], context);
    }
}
