/* Linked into a program, this is its getaddrinfo, libuv's too: it finds nothing and counts. */
#ifndef TESTS_IO_NO_DNS_H
#define TESTS_IO_NO_DNS_H

void no_dns_begin(void);
/* Calls since no_dns_begin. */
unsigned no_dns_questions(void);

#endif
