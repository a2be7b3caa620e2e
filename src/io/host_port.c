/* See host_port.h. */
#include "io/host_port.h"

#include <stdbool.h>
#include <string.h>

#include "wire/peer_address.h"

static bool take_port(const char *text, uint16_t *out)
{
    uint32_t value = 0;
    if (*text == '\0')
        return false;
    for (; *text; text++) {
        if (*text < '0' || *text > '9')
            return false;
        value = value * 10 + (uint32_t)(*text - '0');
        if (value > 65535)
            return false;
    }
    *out = (uint16_t)value;
    return value != 0;
}

/* Names of onion services are never asked of the DNS (RFC 7686), not even misspelt ones. */
static bool is_no_onion(const char *host)
{
    static const char suffix[] = ".onion";
    uint8_t key[32];
    size_t n = strlen(host);
    n -= n > 0 && host[n - 1] == '.';
    if (n < sizeof(suffix) - 1 || onion_host_parse(host, key))
        return false;
    const char *end = host + n - (sizeof(suffix) - 1);
    for (size_t i = 0; suffix[i]; i++)
        if (end[i] != suffix[i] && end[i] != suffix[i] - 'a' + 'A')
            return false;
    return true;
}

const char *host_port_parse(struct host_port *out, const char *text, uint16_t default_port)
{
    const char *host = text, *end = text + strlen(text), *port = NULL;
    if (*text == '[') {
        const char *bracket = strchr(text, ']');
        if (!bracket)
            return "the bracket is not closed; an IPv6 address with a port is written [ADDRESS]:PORT";
        if (bracket[1] != '\0' && bracket[1] != ':')
            return "after the bracket only :PORT may follow";
        host = text + 1;
        end = bracket;
        port = bracket[1] == ':' ? bracket + 2 : NULL;
    } else {
        const char *colon = strchr(text, ':');
        if (colon && !strchr(colon + 1, ':')) { /* two colons and more: an IPv6 address without a port */
            end = colon;
            port = colon + 1;
        }
    }
    size_t n = (size_t)(end - host);
    if (n == 0)
        return "the host is missing";
    if (n >= sizeof(out->host))
        return "the host is longer than a host name can be";
    memcpy(out->host, host, n);
    out->host[n] = '\0';
    if (is_no_onion(out->host))
        return "this is not the name of an onion service, which has 56 letters and digits before .onion";
    out->port = default_port;
    if (port && !take_port(port, &out->port))
        return "the port must be a number from 1 to 65535";
    return NULL;
}
