/* See checkpoint_file.h. Blanks count for nothing, nor does what stands behind a '#', nor an empty line. */
#include "cli/checkpoint_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"

enum { LONGEST_LINE = 500, MOST_LINES = 200000 };

struct reading {
    dspv_network *net;
    FILE *file;
    const char *path;
    int line;
    char text[LONGEST_LINE + 2];
    bool any; /* checkpoint was there */
    char *error;
};

static int wrong(const struct reading *r, const char *why)
{
    snprintf(r->error, CHECKPOINT_FILE_ERROR_SIZE, "%.200s:%d: %s", r->path, r->line, why);
    return -1;
}

static int wrong_file(const struct reading *r, const char *what, const char *why)
{
    snprintf(r->error, CHECKPOINT_FILE_ERROR_SIZE, "--checkpoints=%.200s: %s%s", r->path, what, why);
    return -1;
}

/* 1; 0: the file is over; -1. */
static int next_line(struct reading *r)
{
    errno = 0;
    if (!fgets(r->text, sizeof(r->text), r->file))
        return ferror(r->file) ? wrong_file(r, "cannot read it: ", strerror(errno)) : 0;
    if (++r->line > MOST_LINES)
        return wrong(r, "it has too many lines; 200000 are read at most");
    size_t n = strlen(r->text);
    if ((n == 0 || r->text[n - 1] != '\n') && !feof(r->file))
        return wrong(r, "the line is too long, or holds a zero byte");
    r->text[strcspn(r->text, "#")] = '\0';
    return 1;
}

/* The next word, terminated; *at is behind it. */
static char *next_word(char **at)
{
    static const char blanks[] = " \t\r\n";
    char *word = *at + strspn(*at, blanks);
    *at = word + strcspn(word, blanks);
    if (**at)
        *(*at)++ = '\0';
    return word;
}

/* Nine digits reach further than any chain. */
static bool read_height(const char *word, int32_t *out)
{
    size_t n = strspn(word, "0123456789");
    if (n == 0 || n > 9 || word[n])
        return false;
    for (*out = 0; *word; word++)
        *out = *out * 10 + (*word - '0');
    return true;
}

static int take_line(struct reading *r)
{
    char *at = r->text, *height_word = next_word(&at), *hash_word = next_word(&at), *more = next_word(&at);
    int32_t height;
    dspv_block_hash hash;
    char text[200];
    if (!*height_word)
        return 0;
    if (!read_height(height_word, &height) || !hash_from_hex(hash_word, hash.b) || *more)
        return wrong(r, "a line must be \"HEIGHT HASH\", as `dashspv checkpoints` writes it");
    const char *why = dspv_network_add_checkpoint(r->net, height, &hash);
    r->any = true;
    if (!why)
        return 0;
    snprintf(text, sizeof(text), "block %d: %.100s; correct the line, or take it out", (int)height, why);
    return wrong(r, text);
}

int checkpoint_file_read(dspv_network *net, const char *path, char error[CHECKPOINT_FILE_ERROR_SIZE])
{
    struct reading r = {.net = net, .file = fopen(path, "r"), .path = path, .error = error};
    if (!r.file)
        return wrong_file(&r, "cannot read it: ", strerror(errno));
    int rc;
    while ((rc = next_line(&r)) > 0 && (rc = take_line(&r)) == 0)
        ;
    fclose(r.file);
    return rc == 0 && !r.any ? wrong_file(&r, "there is no checkpoint in it; `dashspv checkpoints` makes such a file", "") : rc;
}
