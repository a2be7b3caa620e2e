/* Addresses as people write them. Parsing is strict: what is not exactly one of the forms is a name for others to look up. */
#include "peers/address.h"

#include <stdio.h>

#include "base/endian.h"
#include "wire/peer_address.h"

void dspv_addr_text(const dspv_addr *addr, char *out, size_t size)
{
    char text[PEER_ADDRESS_TEXT_SIZE];
    peer_address_text(addr, text);
    if (size > 0)
        snprintf(out, size, "%s", text);
}

bool dspv_addr_parse(const char *text, uint16_t default_port, dspv_addr *out)
{
    return address_parse(text, default_port, out);
}

/* ---- parsing; each function moves *p past what it took */

static bool take_decimal(const char **p, const char *end, uint32_t most, uint32_t *out)
{
    const char *start = *p;
    *out = 0;
    while (*p < end && **p >= '0' && **p <= '9' && *p - start < 5)
        *out = *out * 10 + (uint32_t)(*(*p)++ - '0');
    return *p > start && *out <= most && (*start != '0' || *p == start + 1);
}

static bool take_ipv4(const char **p, const char *end, uint8_t out[4])
{
    for (int i = 0; i < 4; i++) {
        uint32_t value;
        if (i > 0 && (*p == end || *(*p)++ != '.'))
            return false;
        if (!take_decimal(p, end, 255, &value))
            return false;
        out[i] = (uint8_t)value;
    }
    return true;
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool take_group(const char **p, const char *end, uint8_t out[2])
{
    const char *start = *p;
    uint32_t value = 0;
    while (*p < end && *p - start < 4 && hex_digit(**p) >= 0)
        value = value << 4 | (uint32_t)hex_digit(*(*p)++);
    store_be16(out, (uint16_t)value);
    return *p > start;
}

/* RFC 4291 2.2: groups, at most one "::", an IPv4 address as the last two groups. All of `text` .. `end`. */
static bool read_ipv6(const char *text, const char *end, uint8_t out[16])
{
    uint8_t bytes[16] = {0};
    size_t n = 0, gap = 16;
    const char *p = text;
    while (p < end) {
        if (end - p >= 2 && p[0] == ':' && p[1] == ':') {
            if (gap != 16)
                return false;
            gap = n;
            p += 2;
            continue;
        }
        if (n > 0 && gap != n && (*p != ':' || ++p == end))
            return false;
        const char *dotted = p;
        if (n <= 12 && take_ipv4(&dotted, end, bytes + n) && dotted == end) {
            n += 4;
            p = end;
        } else if (n > 14 || !take_group(&p, end, bytes + n)) {
            return false;
        } else {
            n += 2;
        }
    }
    if (gap == 16 ? n != 16 : n > 14)
        return false;
    memset(out, 0, 16);
    size_t tail = gap == 16 ? 0 : n - gap;
    memcpy(out, bytes, n - tail);
    memcpy(out + 16 - tail, bytes + n - tail, tail);
    return true;
}

/* "….onion", up to a colon or the end. */
static bool read_onion(const char **p, uint8_t key[32])
{
    char host[ONION_HOST_SIZE];
    size_t n = strcspn(*p, ":");
    if (n != sizeof(host) - 1)
        return false;
    memcpy(host, *p, n);
    host[n] = 0;
    *p += n;
    return onion_host_parse(host, key);
}

/* ":port" up to the end of the text, or nothing. */
static bool read_port(const char *p, uint16_t *port)
{
    const char *end = p + strlen(p);
    uint32_t value;
    if (p == end)
        return true;
    if (*p++ != ':' || !take_decimal(&p, end, 65535, &value) || value == 0 || p != end)
        return false;
    *port = (uint16_t)value;
    return true;
}

bool address_parse(const char *text, uint16_t default_port, dspv_addr *out)
{
    const char *end = text + strlen(text), *p = text;
    uint8_t v4[4];
    dspv_addr a;
    memset(&a, 0, sizeof(a));
    a.port = default_port;
    if (read_onion(&p, a.onion)) {
        a.is_onion = true;
    } else if (take_ipv4(&p, end, v4)) {
        a.ip[10] = a.ip[11] = 0xff;
        memcpy(a.ip + 12, v4, 4);
    } else {
        const char *bracket = *text == '[' ? strchr(text, ']') : NULL;
        if (!read_ipv6(bracket ? text + 1 : text, bracket ? bracket : end, a.ip))
            return false;
        p = bracket ? bracket + 1 : end;
    }
    if (!read_port(p, &a.port))
        return false;
    *out = a;
    return true;
}
