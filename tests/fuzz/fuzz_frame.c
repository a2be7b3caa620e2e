/* Whatever the bytes and however they are cut, the same outcomes with the same payloads come out. The first byte of the input
 * says whether magic and checksums are repaired first, the second how the stream is cut. */
#include "base/endian.h"
#include "crypto/sha256.h"
#include "fuzz.h"
#include "wire/frame.h"

static const uint8_t magic[4] = {0xbf, 0x0c, 0x6b, 0xbd};

static void repair(uint8_t *p, size_t n)
{
    while (n >= FRAME_HEADER_SIZE) {
        memcpy(p, magic, 4);
        size_t length = load_le32(p + 16);
        if (length > n - FRAME_HEADER_SIZE)
            return;
        uint8_t sum[32];
        sha256d(sum, p + FRAME_HEADER_SIZE, length);
        memcpy(p + 20, sum, 4);
        p += FRAME_HEADER_SIZE + length;
        n -= FRAME_HEADER_SIZE + length;
    }
}

/* Everything the reader told, as one transcript. */
static void transcript(struct writer *w, const uint8_t *p, size_t n, size_t chunk)
{
    struct frame_reader f;
    struct frame m;
    enum frame_outcome outcome;
    frame_reader_init(&f, magic);
    for (size_t at = 0; at < n; at += chunk) {
        struct span in = {p + at, n - at < chunk ? n - at : chunk};
        while ((outcome = frame_reader_next(&f, &in, &m)) != FRAME_NEED_MORE && outcome != FRAME_FATAL) {
            must(outcome != FRAME_NO_MEMORY);
            must(f.cap <= 2 * (n + 8));
            writer_u8(w, (uint8_t)outcome);
            writer_u8(w, (uint8_t)m.command);
            writer_u32(w, m.fault.reason);
            writer_u32(w, (uint32_t)m.payload.n);
            writer_span(w, m.payload);
        }
        if (outcome == FRAME_FATAL) {
            writer_u32(w, m.fault.reason);
            must(frame_reader_next(&f, &in, &m) == FRAME_FATAL);
            break;
        }
        must(in.n == 0);
    }
    frame_reader_free(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n < 3)
        return 0;
    uint8_t *stream = malloc(n - 2);
    must(stream != NULL);
    memcpy(stream, data + 2, n - 2);
    if (data[0] & 1)
        repair(stream, n - 2);
    struct writer whole, cut;
    writer_init(&whole);
    writer_init(&cut);
    transcript(&whole, stream, n - 2, n - 2);
    transcript(&cut, stream, n - 2, (size_t)data[1] % 40 + 1);
    must_equal(&cut, whole.data, whole.n);
    writer_free(&whole);
    free(stream);
    return 0;
}
