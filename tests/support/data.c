/* See data.h. */
#include "support/data.h"

#include <sys/stat.h>

static const char *data_folder(void)
{
    const char *named = getenv("DASHSPV_DATA");
    return named && *named ? named : DASHSPV_DATA_DEFAULT;
}

bool data_present(void)
{
    struct stat st;
    return stat(data_folder(), &st) == 0 && S_ISDIR(st.st_mode);
}

void data_or_skip(void)
{
    if (data_present())
        return;
    print_message("SKIPPED: no test data at %s (set DASHSPV_DATA)\n", data_folder());
    skip();
}

static const char *join(const char *folder, const char *name)
{
    static char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

const char *data_path(const char *name)
{
    return join(data_folder(), name);
}

const char *fixture_path(const char *name)
{
    return join(DASHSPV_FIXTURES, name);
}

static struct bytes load(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("cannot open %s", path);
    struct bytes b = {0};
    fseek(f, 0, SEEK_END);
    b.n = (size_t)ftell(f);
    rewind(f);
    b.p = malloc(b.n + 1);
    if (!b.p || fread(b.p, 1, b.n, f) != b.n)
        fail_msg("cannot read %s", path);
    b.p[b.n] = 0;
    fclose(f);
    return b;
}

struct bytes data_load(const char *name)
{
    return load(data_path(name));
}

struct bytes fixture_load(const char *name)
{
    return load(fixture_path(name));
}

static json_t *parse(struct bytes text, const char *name)
{
    json_error_t error;
    json_t *value = json_loadb((const char *)text.p, text.n, 0, &error);
    if (!value)
        fail_msg("%s: %s (line %d)", name, error.text, error.line);
    free(text.p);
    return value;
}

json_t *data_json(const char *name)
{
    return parse(data_load(name), name);
}

json_t *fixture_json(const char *name)
{
    return parse(fixture_load(name), name);
}

const char *json_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    if (!text)
        fail_msg("no text member \"%s\"", key);
    return text;
}

int64_t json_int(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value))
        fail_msg("no integer member \"%s\"", key);
    return json_integer_value(value);
}

struct bytes json_hex(const json_t *object, const char *key)
{
    const char *text = json_text(object, key);
    struct bytes b = {.n = strlen(text) / 2};
    b.p = malloc(b.n + 1);
    if (!b.p || !hex_decode(text, b.p, b.n))
        fail_msg("member \"%s\" is not hex", key);
    return b;
}

void json_hash(const json_t *object, const char *key, uint8_t out[32])
{
    if (!hash_from_hex(json_text(object, key), out))
        fail_msg("member \"%s\" is not a hash", key);
}

uint64_t test_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}
