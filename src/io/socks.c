/* See socks.h. The proxy is a stranger too: it must say nothing before it is asked, choose only what it was offered, and nothing
 * it says is shown. Its reply is read to the last byte, because after it come the peer's own. */
#include "io/socks.h"

#include <string.h>

#include "base/endian.h"

enum { VERSION = 5, LOGIN_VERSION = 1 };
enum { METHOD_NONE = 0, METHOD_PASSWORD = 2, METHOD_REFUSED = 0xff };
enum { KIND_IPV4 = 1, KIND_NAME = 3, KIND_IPV6 = 4 };
enum { REPLY_HEAD = 4, PORT_SIZE = 2 };

static const uint8_t MAPPED[12] = {[10] = 0xff, [11] = 0xff}; /* IPv4 in IPv6 */

/* ---- what we say */

/* Its length, then the text; false when it does not fit or is empty. */
static bool put_text(uint8_t *out, size_t *n, const char *text)
{
    size_t length = strlen(text);
    if (length == 0 || length > SOCKS_MOST_TEXT)
        return false;
    out[(*n)++] = (uint8_t)length;
    memcpy(out + *n, text, length);
    *n += length;
    return true;
}

static bool write_request(struct socks *s, const struct socks_request *r)
{
    uint8_t *out = s->request;
    size_t n = REPLY_HEAD;
    bool v4 = memcmp(r->ip, MAPPED, sizeof(MAPPED)) == 0;
    memcpy(out, (const uint8_t[]){VERSION, (uint8_t)r->command, 0, r->name ? KIND_NAME : v4 ? KIND_IPV4 : KIND_IPV6}, REPLY_HEAD);
    if (r->name) {
        if (!put_text(out, &n, r->name))
            return false;
    } else {
        size_t skip = v4 ? sizeof(MAPPED) : 0;
        memcpy(out + n, r->ip + skip, 16 - skip);
        n += 16 - skip;
    }
    store_be16(out + n, r->port);
    s->request_n = n + PORT_SIZE;
    return true;
}

static bool write_login(struct socks *s, const struct socks_request *r)
{
    if (!r->user)
        return true;
    s->login[s->login_n++] = LOGIN_VERSION;
    return put_text(s->login, &s->login_n, r->user) && put_text(s->login, &s->login_n, r->password);
}

static void say(struct socks *s, const uint8_t *out, size_t n, enum socks_state next)
{
    s->out = out;
    s->out_n = n;
    s->in_n = 0;
    s->state = next;
}

bool socks_start(struct socks *s, const struct socks_request *request)
{
    static const uint8_t without[] = {VERSION, 1, METHOD_NONE}, with[] = {VERSION, 2, METHOD_NONE, METHOD_PASSWORD};
    *s = (struct socks){.command = request->command};
    if (!write_request(s, request) || !write_login(s, request))
        return false;
    if (s->login_n)
        say(s, with, sizeof(with), SOCKS_STATE_METHOD);
    else
        say(s, without, sizeof(without), SOCKS_STATE_METHOD);
    return true;
}

size_t socks_output(struct socks *s, const uint8_t **out)
{
    size_t n = s->out_n;
    *out = s->out;
    s->out_n = 0;
    return n;
}

/* ---- what the proxy says */

static void fail(struct socks *s, const char *why)
{
    s->state = SOCKS_STATE_FAILED;
    s->why = why;
}

static const char *reply_text(uint8_t reply)
{
    switch (reply) {
    case 1: return "the proxy could not do it";
    case 2: return "the proxy's rules forbid it";
    case 3: return "the proxy cannot reach that network";
    case 4: return "the proxy cannot reach that host";
    case 5: return "the host refuses the connection";
    case 6: return "the way to the host took too long";
    case SOCKS_REPLY_NO_COMMAND: return "the proxy does not know this command";
    case 8: return "the proxy does not know this kind of address";
    case 0xf0: return "the onion service is not to be found";
    case 0xf1: return "the onion service's description is invalid";
    case 0xf2: return "the onion service cannot be introduced to";
    case 0xf3: return "the onion service cannot be met";
    case 0xf4: return "the onion service wants its clients to be known to it";
    case 0xf5: return "the onion service does not accept us";
    case 0xf6: return "the onion service's name is invalid";
    case 0xf7: return "the onion service did not answer in time";
    default: return "the proxy refuses, with a code that says nothing";
    }
}

static void take_method(struct socks *s)
{
    if (s->in[0] != VERSION)
        fail(s, "what answers there is not a SOCKS 5 proxy");
    else if (s->in_n < 2)
        return;
    else if (s->in[1] == METHOD_NONE)
        say(s, s->request, s->request_n, SOCKS_STATE_REPLY);
    else if (s->in[1] == METHOD_PASSWORD && s->login_n)
        say(s, s->login, s->login_n, SOCKS_STATE_LOGIN);
    else if (s->in[1] == METHOD_REFUSED)
        fail(s, "the proxy wants us to log in in another way");
    else
        fail(s, "the proxy chose a way to log in that it was not offered");
}

static void take_login(struct socks *s)
{
    if (s->in[0] != LOGIN_VERSION)
        fail(s, "the proxy's answer to the log-in is malformed");
    else if (s->in_n < 2)
        return;
    else if (s->in[1] != 0)
        fail(s, "the proxy refuses the user name or the password");
    else
        say(s, s->request, s->request_n, SOCKS_STATE_REPLY);
}

/* Bytes of the bound address behind the head, 0: the next byte will say. */
static size_t bound_size(const struct socks *s)
{
    switch (s->in[3]) {
    case KIND_IPV4: return 4;
    case KIND_IPV6: return 16;
    default: return s->in_n > REPLY_HEAD ? 1 + (size_t)s->in[REPLY_HEAD] : 0;
    }
}

/* Where the proxy says it is bound means nothing to us, except as the answer to RESOLVE. */
static void take_bound(struct socks *s)
{
    const uint8_t *at = s->in + REPLY_HEAD;
    if (s->in[3] == KIND_IPV6)
        memcpy(s->bound, at, 16);
    else if (s->in[3] == KIND_IPV4) {
        memcpy(s->bound, MAPPED, sizeof(MAPPED));
        memcpy(s->bound + sizeof(MAPPED), at, 4);
    } else if (s->command == SOCKS_RESOLVE) {
        fail(s, "the proxy answers a name with a name");
        return;
    }
    s->state = SOCKS_STATE_DONE;
}

/* A refusal counts as soon as it is there: some proxies end it right after the code. */
static void take_reply(struct socks *s)
{
    uint8_t kind = s->in[3];
    if (s->in[0] != VERSION) {
        fail(s, "the proxy's reply is malformed");
    } else if (s->in_n >= 2 && s->in[1] != 0) {
        s->reply = s->in[1];
        fail(s, reply_text(s->reply));
    } else if (s->in_n >= 3 && s->in[2] != 0) {
        fail(s, "the proxy's reply is malformed");
    } else if (s->in_n >= REPLY_HEAD) {
        size_t size = bound_size(s);
        if (kind != KIND_IPV4 && kind != KIND_IPV6 && kind != KIND_NAME)
            fail(s, "the proxy's reply is malformed");
        else if (size != 0 && s->in_n == REPLY_HEAD + size + PORT_SIZE)
            take_bound(s);
    }
}

enum socks_status socks_input(struct socks *s, const uint8_t *data, size_t n, size_t *used)
{
    for (*used = 0; *used < n && s->state < SOCKS_STATE_DONE;) {
        if (s->out_n != 0) {
            fail(s, "the proxy answers before it is asked");
            break;
        }
        s->in[s->in_n++] = data[(*used)++];
        switch (s->state) {
        case SOCKS_STATE_METHOD: take_method(s); break;
        case SOCKS_STATE_LOGIN: take_login(s); break;
        default: take_reply(s); break;
        }
    }
    return s->state == SOCKS_STATE_DONE ? SOCKS_DONE : s->state == SOCKS_STATE_FAILED ? SOCKS_FAILED : SOCKS_GOES_ON;
}
