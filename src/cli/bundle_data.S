/* The files of the bundled chain as read-only data; their directory is on the include path. See bundle.h. */
        .section .rodata

#define FILE(name, file)              \
        .global bundle_file_##name;   \
        .global bundle_file_##name##_end; \
        .balign 16;                   \
bundle_file_##name:                   \
        .incbin file;                 \
bundle_file_##name##_end:             \
        .byte 0

FILE(chain, "chain.json")
FILE(headers, "headers.bin")
FILE(diffs, "diffs.lp")
FILE(snapshots, "snapshots.bin")
FILE(locks, "locks.bin")

        .section .note.GNU-stack,"",%progbits
