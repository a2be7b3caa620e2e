/* A resolver whose servers do not answer, to be loaded into a program in place of the system's. */
#include <netdb.h>
#include <unistd.h>

enum { STUCK_S = 20 };

__attribute__((visibility("default"))) int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints,
                                                       struct addrinfo **res)
{
    (void)node;
    (void)service;
    (void)hints;
    (void)res;
    sleep(STUCK_S);
    return EAI_AGAIN;
}
