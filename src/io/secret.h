/* Passwords from files. */
#ifndef IO_SECRET_H
#define IO_SECRET_H

#include <stdbool.h>
#include <stddef.h>

enum { SECRET_SIZE = 1024 };

/* The first line of a file; false when it cannot be read or is empty. */
bool secret_read(const char *path, char out[SECRET_SIZE]);
/* Overwrite; the compiler does not leave it out. */
void secret_wipe(void *p, size_t n);

#endif
