/* Message framing (protocol.md 3.1): bytes in any chunks to complete messages, and messages to bytes. */
#ifndef WIRE_FRAME_H
#define WIRE_FRAME_H

#include "base/writer.h"
#include "wire/command.h"

enum { FRAME_HEADER_SIZE = 24, FRAME_KEPT_MEMORY = 128 << 10 /* 2000 compressed headers */ };

enum frame_outcome {
    FRAME_NEED_MORE, /* all input was taken; feed more when it arrives */
    FRAME_MESSAGE,   /* a complete message with a good checksum */
    FRAME_UNKNOWN,   /* a message nobody here understands begins; its payload will be skipped unseen */
    FRAME_DROPPED,   /* a message with a bad checksum or command was or will be skipped; `fault` says which. Goes on. */
    FRAME_FATAL,     /* wrong magic or too large: nothing after this can be trusted; every later call says the same */
    FRAME_NO_MEMORY  /* the input not yet taken may be fed again */
};

struct frame {
    enum wire_command command;
    char name[13];       /* as received; "" when malformed */
    struct span payload; /* FRAME_MESSAGE: valid until the next call on the reader */
    dspv_fault fault;    /* FRAME_DROPPED, FRAME_FATAL */
};

/* Reassembles the messages of one direction of one connection. It holds what has arrived of one message, never what a length
 * field promises, and between messages at most FRAME_KEPT_MEMORY bytes. */
struct frame_reader {
    uint8_t magic[4];
    uint8_t header[FRAME_HEADER_SIZE];
    size_t header_n; /* bytes of the header that have arrived */
    uint8_t *payload;
    size_t n, cap; /* payload bytes that have arrived, memory for them */
    size_t left;   /* payload bytes still to come */
    bool skipping; /* the payload is not kept */
    bool done;     /* the message was handed out */
    enum wire_command command;
    dspv_reason fatal;
};

void frame_reader_init(struct frame_reader *f, const uint8_t magic[4]);
void frame_reader_free(struct frame_reader *f);
/* Take bytes from the front of *in until something is to be told. Call until FRAME_NEED_MORE, FRAME_FATAL or FRAME_NO_MEMORY. */
enum frame_outcome frame_reader_next(struct frame_reader *f, struct span *in, struct frame *out);

/* Append one message. */
void frame_write(struct writer *w, const uint8_t magic[4], enum wire_command command, const uint8_t *payload, size_t n);

#endif
