/* See layout.h. Words are moved one by one, whatever the vectors of the level are: between kernels, which take each what the one before
 * leaves, nothing is left to move. */
#include "crypto/x11/layout.h"

#include <string.h>

/* Where the `word`-th 64-bit word of a header starts. */
static inline size_t at64(unsigned group, size_t header, size_t word)
{
    const size_t lanes = group > 1 ? group / 2 : 1;
    return 8 * ((header / lanes * 8 + word) * lanes + header % lanes);
}

static inline size_t at32(unsigned group, size_t header, size_t word)
{
    return 4 * (word * group + header);
}

static inline void copy4(uint8_t *to, const uint8_t *from)
{
    memcpy(to, from, 4);
}

/* `group` and the layouts are constants where this is called. */
static inline void change(uint8_t *state, unsigned group, enum x11_layout from, enum x11_layout to)
{
    uint8_t old[X11_MOST_GROUP * 64];
    memcpy(old, state, (size_t)group * 64);
    for (size_t h = 0; h < group; h++) {
        for (size_t w = 0; w < 8; w++) {
            const size_t rows = 64 * h + 8 * w, words = at64(group, h, w);
            if (from != X11_WORDS32 && to != X11_WORDS32) {
                memcpy(state + (to == X11_ROWS ? rows : words), old + (from == X11_ROWS ? rows : words), 8);
                continue;
            }
            for (size_t half = 0; half < 2; half++) {
                const size_t at[3] = {rows + 4 * half, words + 4 * half, at32(group, h, 2 * w + half)};
                copy4(state + at[to], old + at[from]);
            }
        }
    }
}

static inline void change_group(uint8_t *state, unsigned group, enum x11_layout from, enum x11_layout to)
{
    if (from == X11_ROWS && to == X11_WORDS64)
        change(state, group, X11_ROWS, X11_WORDS64);
    else if (from == X11_ROWS && to == X11_WORDS32)
        change(state, group, X11_ROWS, X11_WORDS32);
    else if (from == X11_WORDS64 && to == X11_ROWS)
        change(state, group, X11_WORDS64, X11_ROWS);
    else if (from == X11_WORDS64 && to == X11_WORDS32)
        change(state, group, X11_WORDS64, X11_WORDS32);
    else if (from == X11_WORDS32 && to == X11_ROWS)
        change(state, group, X11_WORDS32, X11_ROWS);
    else if (from == X11_WORDS32 && to == X11_WORDS64)
        change(state, group, X11_WORDS32, X11_WORDS64);
}

void x11_layout_change(void *state, unsigned group, enum x11_layout from, enum x11_layout to)
{
    if (group == 16)
        change_group(state, 16, from, to);
    else if (group == 8)
        change_group(state, 8, from, to);
    else if (group == 4)
        change_group(state, 4, from, to);
}
