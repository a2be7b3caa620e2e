/* How large the program and the shared library are, and what they consist of: what is loaded, which is what remains when they are
 * stripped. The linker's map says whose it is. */
#define _GNU_SOURCE /* getline */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "group.h"

enum { MOST_OWNERS = 32, OWNER_SIZE = 32 };

static const char RECORDED[] = "the demo's recorded chain";

struct owner {
    char name[OWNER_SIZE];
    uint64_t bytes;
};

struct owners {
    struct owner items[MOST_OWNERS];
    size_t n;
};

static void add(struct owners *o, const char *name, size_t name_n, uint64_t bytes)
{
    size_t i = 0;
    while (i < o->n && (strncmp(o->items[i].name, name, name_n) != 0 || o->items[i].name[name_n] != 0))
        i++;
    bench_need(i < MOST_OWNERS && name_n < OWNER_SIZE, "too many folders");
    memcpy(o->items[i].name, name, name_n);
    o->items[i].bytes += bytes;
    o->n = i == o->n ? i + 1 : o->n;
}

/* The folder an object is from: ".../NAME.dir/FOLDER/...", "libdspv_FOLDER.a(...)", or, where the source was written by the
 * build,
 * ".../dspv_FOLDER.dir/...". Start files and what the compiler calls by itself are none of ours. */
static void add_object(struct owners *o, const char *object, uint64_t bytes)
{
    const char *from = "the compiler's own", *here;
    size_t n = strlen(from);
    if (strstr(object, "bundle_data")) {
        from = RECORDED;
        n = strlen(from);
    } else if (strstr(object, "blst")) {
        from = "blst";
        n = strlen(from);
    } else if ((here = strstr(object, ".dir/")) && strchr(here + strlen(".dir/"), '/')) {
        from = here + strlen(".dir/");
        n = strcspn(from, "/");
    } else if ((here = strstr(object, "dspv_"))) {
        from = here + strlen("dspv_");
        n = strcspn(from, ".");
    }
    add(o, from, n, bytes);
}

/* Of an object: the index of .eh_frame is the linker's. */
static bool is_loaded(const char *section)
{
    static const char *const kinds[] = {".text",       ".rodata",          ".data", ".eh_frame", ".init_array",
                                        ".fini_array", ".gcc_except_table"};
    if (strncmp(section, ".eh_frame_hdr", 13) == 0)
        return false;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (strncmp(section, kinds[i], strlen(kinds[i])) == 0)
            return true;
    return false;
}

/* " .text.sha256d  0x00000000000f2c40  0x1b5 src/libdspv_crypto.a(sha256.c.o)", broken after a long name. What was left out comes
 * before the memory map. */
static bool read_map(struct owners *o, const char *path)
{
    char *line = NULL, section[512] = "", object[1024];
    size_t cap = 0;
    bool inside = false;
    FILE *f = fopen(path, "r");
    if (!f)
        return false;
    while (getline(&line, &cap, f) > 0) {
        unsigned long long at, bytes;
        inside = inside || strncmp(line, "Linker script and memory map", 28) == 0;
        if (line[0] == ' ' && line[1] == '.')
            sscanf(line, " %511s", section);
        const char *rest = strstr(line, " 0x");
        if (inside && rest && sscanf(rest, " 0x%llx 0x%llx %1023[^\n]", &at, &bytes, object) == 3 && is_loaded(section))
            add_object(o, object, bytes);
        if (line[0] != ' ' || rest)
            section[0] = 0;
    }
    free(line);
    fclose(f);
    return o->n > 0;
}

/* Bytes of a file up to the end of what is loaded; 0: not a file of this kind. */
static uint64_t loaded_size(const char *path)
{
    Elf64_Ehdr head;
    Elf64_Phdr part;
    uint64_t end = 0;
    FILE *f = fopen(path, "rb");
    if (f && fread(&head, sizeof(head), 1, f) == 1 && memcmp(head.e_ident, ELFMAG, SELFMAG) == 0 &&
        head.e_ident[EI_CLASS] == ELFCLASS64)
        for (long i = 0; i < head.e_phnum; i++)
            if (fseek(f, (long)head.e_phoff + i * head.e_phentsize, SEEK_SET) == 0 && fread(&part, sizeof(part), 1, f) == 1 &&
                part.p_type == PT_LOAD && part.p_offset + part.p_filesz > end)
                end = part.p_offset + part.p_filesz;
    if (f)
        fclose(f);
    return end;
}

static void report_part(const struct bench *b, const char *part, const char *of, uint64_t bytes)
{
    char name[128];
    snprintf(name, sizeof(name), "%s, %s", part, of);
    report_row(b->report, &(struct row){.name = name, .unit = "kB", .value = (double)bytes / 1e3});
}

static int by_size(const void *a, const void *b)
{
    const struct owner *x = a, *y = b;
    return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

static void report(const struct bench *b, const char *path, const char *what)
{
    char map[4096];
    struct owners owners = {0};
    uint64_t rest = loaded_size(path);
    if (rest == 0) {
        report_skipped(b->report, what, "it is not there, or no 64-bit ELF file");
        return;
    }
    report_part(b, "all", what, rest);
    snprintf(map, sizeof(map), "%s.link-map", path);
    if (!read_map(&owners, map)) {
        report_skipped(b->report, what, "the linker wrote no map");
        return;
    }
    qsort(owners.items, owners.n, sizeof(owners.items[0]), by_size);
    for (size_t i = 0; i < owners.n; i++) {
        report_part(b, owners.items[i].name, what, owners.items[i].bytes);
        rest -= owners.items[i].bytes < rest ? owners.items[i].bytes : rest;
    }
    report_part(b, "symbols, relocations, indexes, padding", what, rest);
}

static void run(const struct bench *b)
{
    report(b, BENCH_PROGRAM, "dashspv");
    report(b, BENCH_LIBRARY, "libdashspv.so");
}

const struct group group_size = {"size", "the library and the program without symbols, and what they consist of", run};
