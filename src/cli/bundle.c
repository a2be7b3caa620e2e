/* See bundle.h. The bytes come from bundle_data.S, which the assembler fills from the files at build time. */
#include "cli/bundle.h"

#include <jansson.h>
#include <string.h>

#define FILE_BYTES(name) extern const uint8_t bundle_file_##name[], bundle_file_##name##_end[]
FILE_BYTES(chain);
FILE_BYTES(headers);
FILE_BYTES(diffs);
FILE_BYTES(snapshots);
FILE_BYTES(locks);

void bundle_files(struct span out[DEVNODE_FILES])
{
#define FILE_SPAN(name) ((struct span){bundle_file_##name, (size_t)(bundle_file_##name##_end - bundle_file_##name)})
    out[DEVNODE_DESCRIPTION] = FILE_SPAN(chain);
    out[DEVNODE_HEADERS] = FILE_SPAN(headers);
    out[DEVNODE_DIFFS] = FILE_SPAN(diffs);
    out[DEVNODE_SNAPSHOTS] = FILE_SPAN(snapshots);
    out[DEVNODE_LOCKS] = FILE_SPAN(locks);
#undef FILE_SPAN
}

int bundle_chain(struct devnode_chain **out, char *error)
{
    struct span files[DEVNODE_FILES];
    bundle_files(files);
    return devnode_chain_load_memory(out, "bundled chain", files, error);
}

/* "-name=value" */
static const char *apply(dspv_network *net, const char *text)
{
    char name[64];
    const char *equals = text ? strchr(text, '=') : NULL;
    if (!equals || text[0] != '-' || (size_t)(equals - text) > sizeof(name))
        return "an option of the bundled chain is malformed";
    size_t n = (size_t)(equals - text) - 1;
    memcpy(name, text + 1, n);
    name[n] = '\0';
    return dspv_network_override(net, name, equals + 1);
}

static const char *make_network(dspv_network **out, const json_t *chain)
{
    const char *name = json_string_value(json_object_get(chain, "network"));
    const json_t *options = json_object_get(chain, "options");
    if (!name)
        return "the bundled chain names no network";
    int rc = dspv_network_new(out, name);
    if (rc != 0)
        return dspv_error_text(rc);
    for (size_t i = 0; i < json_array_size(options); i++) {
        const char *wrong = apply(*out, json_string_value(json_array_get(options, i)));
        if (wrong)
            return wrong;
    }
    return dspv_network_check(*out);
}

const char *bundle_network(dspv_network **out)
{
    struct span files[DEVNODE_FILES];
    bundle_files(files);
    *out = NULL;
    json_t *chain = json_loadb((const char *)files[DEVNODE_DESCRIPTION].p, files[DEVNODE_DESCRIPTION].n, 0, NULL);
    const char *wrong = chain ? make_network(out, chain) : "the bundled chain has no description";
    json_decref(chain);
    if (wrong) {
        dspv_network_free(*out);
        *out = NULL;
    }
    return wrong;
}
