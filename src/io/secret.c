/* See secret.h. */
#include "io/secret.h"

#include <stdio.h>
#include <string.h>

void secret_wipe(void *p, size_t n)
{
    volatile unsigned char *bytes = p;
    while (n-- > 0)
        *bytes++ = 0;
}

bool secret_read(const char *path, char out[SECRET_SIZE])
{
    FILE *f = fopen(path, "r");
    if (!f)
        return false;
    setvbuf(f, NULL, _IONBF, 0); /* no copy in a buffer of its own */
    bool good = fgets(out, SECRET_SIZE, f) != NULL;
    fclose(f);
    if (good)
        out[strcspn(out, "\r\n")] = '\0';
    return good && out[0] != '\0';
}
