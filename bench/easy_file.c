/* See easy_file.h. */
#include "easy_file.h"

#include <stdio.h>
#include <stdlib.h>

#include "easy_chain.h"

enum { APART = 2000 /* blocks from one checkpoint to the next */ };

static struct easy_chain make(int32_t n)
{
    struct chain_params regtest;
    struct easy_chain chain;
    bench_need(chain_params_init(&regtest, "regtest"), "a network");
    easy_chain_make(&chain, &regtest, n);
    return chain;
}

static void write_chain(const struct bench *b, void *easy_file)
{
    const struct easy_file *f = easy_file;
    struct easy_chain chain = make(f->n);
    FILE *out = fopen(f->path, "wb");
    (void)b;
    bench_need(out && fwrite(chain.raw, 80, (size_t)f->n, out) == (size_t)f->n && fclose(out) == 0, "a chain cannot be written");
    free(chain.raw);
}

/* The hash of a block is in the header after it. */
static void read_checkpoints(struct easy_file *f)
{
    const size_t n = (size_t)(f->n - 2) / APART;
    FILE *in = fopen(f->path, "rb");
    f->checkpoints = malloc(n * sizeof(*f->checkpoints));
    bench_need(in && f->checkpoints, "a chain cannot be read");
    for (size_t i = 0; i < n; i++) {
        struct checkpoint *c = &f->checkpoints[i];
        c->height = (int32_t)(i + 1) * APART;
        bench_need(fseek(in, ((long)c->height + 1) * 80 + 4, SEEK_SET) == 0 && fread(c->hash.b, 32, 1, in) == 1, "a short chain");
    }
    fclose(in);
    f->params.checkpoints = f->checkpoints;
    f->params.n_checkpoints = n;
}

void easy_file_new(struct easy_file *f, const struct bench *b, const char *folder, int32_t n)
{
    struct easy_chain shortest = make(1);
    *f = (struct easy_file){.n = n, .params = shortest.params};
    free(shortest.raw);
    snprintf(f->path, sizeof(f->path), "%s/headers.bin", folder);
    bench_in_process(b, write_chain, f);
    read_checkpoints(f);
}

void easy_file_remove(struct easy_file *f)
{
    remove(f->path);
    free(f->checkpoints);
}

struct devnode_chain *easy_file_load(const struct easy_file *f)
{
    char error[DEVNODE_ERROR_SIZE];
    struct devnode_chain *chain;
    bench_need(devnode_chain_load_headers(&chain, "regtest", f->path, 0, error) == 0, error);
    return chain;
}
