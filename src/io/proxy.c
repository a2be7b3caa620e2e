/* See proxy.h. The proxy's own address must be a number: no name is asked for on the way to it. */
#include "io/proxy.h"

#include <string.h>

#include "base/hex.h"
#include "io/secret.h"

static const char *read_address(struct sockaddr_storage *out, const char *host_port)
{
    struct host_port at;
    const char *why = host_port_parse(&at, host_port, PROXY_DEFAULT_PORT);
    *out = (struct sockaddr_storage){0};
    if (why)
        return why;
    if (uv_ip4_addr(at.host, at.port, (struct sockaddr_in *)out) == 0 ||
        uv_ip6_addr(at.host, at.port, (struct sockaddr_in6 *)out) == 0)
        return NULL;
    return "the proxy must be given by its numeric address, such as 127.0.0.1:9050";
}

const char *proxy_check(const char *host_port)
{
    struct sockaddr_storage at;
    return read_address(&at, host_port);
}

static const char *read_login(struct proxy *p, const struct proxy_source *source)
{
    char password[SECRET_SIZE];
    if (!source->user)
        return NULL;
    if (strlen(source->user) > SOCKS_MOST_TEXT || source->user[0] == '\0')
        return "the user name for the proxy must have 1 to 255 bytes";
    memcpy(p->user, source->user, strlen(source->user) + 1);
    if (!source->password_file || !secret_read(source->password_file, password))
        return "the file with the proxy's password cannot be read";
    bool fits = strlen(password) <= SOCKS_MOST_TEXT;
    if (fits)
        memcpy(p->password, password, strlen(password) + 1);
    secret_wipe(password, sizeof(password));
    p->has_login = fits;
    return fits ? NULL : "the password for the proxy must have at most 255 bytes";
}

const char *proxy_init(struct proxy *out, const struct proxy_source *source)
{
    *out = (struct proxy){.randomize = source->randomize_credentials && !source->user};
    const char *why = read_address(&out->at, source->host_port);
    return why ? why : read_login(out, source);
}

void proxy_wipe(struct proxy *p)
{
    secret_wipe(p, sizeof(*p));
}

bool proxy_login(const struct proxy *p, char user[SOCKS_MOST_TEXT + 1], char password[SOCKS_MOST_TEXT + 1])
{
    enum { EACH = 16 };
    uint8_t bytes[2 * EACH];
    user[0] = password[0] = '\0';
    if (p->has_login) {
        memcpy(user, p->user, sizeof(p->user));
        memcpy(password, p->password, sizeof(p->password));
    } else if (p->randomize) {
        if (uv_random(NULL, NULL, bytes, sizeof(bytes), 0, NULL) != 0)
            return false;
        hex_encode(bytes, EACH, user);
        hex_encode(bytes + EACH, EACH, password);
    }
    return true;
}
