/* See no_dns.h. The name must be seen from outside, or a shared libuv does not come here. */
#include "io/no_dns.h"

#include <netdb.h>
#include <stdatomic.h>

static atomic_uint questions;

__attribute__((visibility("default"))) int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                                                       struct addrinfo **out)
{
    (void)node, (void)service, (void)hints, (void)out;
    questions++;
    return EAI_NONAME;
}

void no_dns_begin(void)
{
    questions = 0;
}

unsigned no_dns_questions(void)
{
    return questions;
}
