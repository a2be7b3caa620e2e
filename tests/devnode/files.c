/* See files.h. */
#include "devnode/files.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"

static int read_all(FILE *f, uint8_t **p, size_t *n)
{
    if (fseek(f, 0, SEEK_END) != 0)
        return DSPV_EFAULT;
    long size = ftell(f);
    if (size < 0 || fseek(f, 0, SEEK_SET) != 0)
        return DSPV_EFAULT;
    *n = (size_t)size;
    *p = mem_alloc(*n);
    if (!*p)
        return DSPV_ENOMEM;
    return fread(*p, 1, *n, f) == *n ? 0 : DSPV_EFAULT;
}

int devnode_file_read(const char *directory, const char *name, bool optional, uint8_t **p, size_t *n)
{
    char path[4096];
    *p = NULL;
    *n = 0;
    int length = snprintf(path, sizeof(path), "%s/%s", directory, name);
    if (length < 0 || (size_t)length >= sizeof(path))
        return DSPV_EFAULT;
    FILE *f = fopen(path, "rb");
    if (!f)
        return optional ? 0 : DSPV_EFAULT;
    int rc = read_all(f, p, n);
    fclose(f);
    if (rc != 0) {
        mem_free(*p);
        *p = NULL;
    }
    return rc;
}

static const char *apply(struct network *net, const char *text)
{
    char option[128];
    const char *equals = strchr(text, '=');
    if (strncmp(text, "-vbparams", 9) == 0)
        return NULL;
    if (text[0] != '-' || !equals || (size_t)(equals - text) > sizeof(option))
        return "an option must have the form -name=value";
    size_t n = (size_t)(equals - text) - 1;
    memcpy(option, text + 1, n);
    option[n] = '\0';
    return network_override(net, option, equals + 1);
}

const char *devnode_network(struct network *out, const char *name, const json_t *options)
{
    if (!network_init(out, name))
        return "no such network";
    for (size_t i = 0; i < json_array_size(options); i++) {
        const char *text = json_string_value(json_array_get(options, i));
        const char *wrong = text ? apply(out, text) : "options must be texts";
        if (wrong)
            return wrong;
    }
    return NULL;
}
