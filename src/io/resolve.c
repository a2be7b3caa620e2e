/* See resolve.h. */
#include "io/resolve.h"

#include <string.h>

static bool address_of(const struct sockaddr *from, uint16_t port, dspv_addr *out)
{
    *out = (dspv_addr){.port = port};
    if (from->sa_family == AF_INET) {
        struct sockaddr_in v4;
        memcpy(&v4, from, sizeof(v4));
        out->ip[10] = out->ip[11] = 0xff;
        memcpy(out->ip + 12, &v4.sin_addr, 4);
        return true;
    }
    if (from->sa_family == AF_INET6) {
        struct sockaddr_in6 v6;
        memcpy(&v6, from, sizeof(v6));
        memcpy(out->ip, &v6.sin6_addr, 16);
        return true;
    }
    return false;
}

static void on_resolved(uv_getaddrinfo_t *request, int status, struct addrinfo *list)
{
    struct resolve *r = request->data;
    dspv_addr addrs[RESOLVE_MOST];
    size_t n = 0;
    for (const struct addrinfo *a = list; status == 0 && a && n < RESOLVE_MOST; a = a->ai_next)
        n += address_of(a->ai_addr, r->port, &addrs[n]);
    uv_freeaddrinfo(list);
    if (status == 0 && n == 0)
        status = UV_EAI_ADDRFAMILY;
    r->done(r->context, status, addrs, n);
}

int resolve_start(struct resolve *r, uv_loop_t *loop, const struct host_port *target,
                  void (*done)(void *context, int status, const dspv_addr *addrs, size_t n), void *context)
{
    const struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM};
    *r = (struct resolve){.port = target->port, .context = context, .done = done};
    r->request.data = r;
    return uv_getaddrinfo(loop, &r->request, on_resolved, target->host, NULL, &hints);
}

void resolve_cancel(struct resolve *r)
{
    uv_cancel((uv_req_t *)&r->request);
}
