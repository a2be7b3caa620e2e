/* See rpc_call.h. curl does HTTP; what is decided here: no redirects (they would carry the credentials elsewhere), no proxy from
 * the environment, a bounded answer, one deadline for everything, and that the call can be cut short. */
#include "io/rpc_call.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "io/rpc_codec.h"
#include "io/secret.h"

enum { LARGEST_HEAD = 64 << 10, CONNECT_MS = 5000, LOOK_MS = 1000 };

struct rpc_call {
    CURLM *multi; /* one transfer at a time; curl_multi_wakeup reaches it from any thread */
    atomic_bool cancelled;
};

struct body {
    char *text;
    size_t n, cap, most;
    size_t head_n; /* of what comes before it */
    bool too_long, no_memory;
};

/* Both on the stack of the call only. */
struct secret {
    char user[SECRET_SIZE], password[SECRET_SIZE];
};

/* ---- addresses */

const char *rpc_url_check(const char *url)
{
    CURLU *u = curl_url();
    char *part = NULL, *scheme = NULL;
    const char *why = NULL;
    if (!u)
        return "out of memory";
    if (curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK || curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) != CURLUE_OK ||
        (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0))
        why = "the value must look like http://127.0.0.1:9998";
    else if (curl_url_get(u, CURLUPART_USER, &part, 0) == CURLUE_OK || curl_url_get(u, CURLUPART_PASSWORD, &part, 0) == CURLUE_OK)
        why = "secrets there show in ps: use --rpc-cookie, or --rpc-user and --rpc-password-file";
    curl_free(part);
    curl_free(scheme);
    curl_url_cleanup(u);
    return why;
}

/* ---- credentials */

/* NULL, or what is wrong; the file's name is for the user to know. */
static const char *read_secret(const struct rpc_source *source, struct secret *out)
{
    out->user[0] = out->password[0] = '\0';
    if (source->cookie_file) {
        if (!secret_read(source->cookie_file, out->user))
            return "the cookie file cannot be read: is the node running?";
        char *colon = strchr(out->user, ':');
        if (!colon)
            return "the cookie file does not look like Dash Core's";
        *colon = '\0';
        memcpy(out->password, colon + 1, strlen(colon + 1) + 1);
        secret_wipe(colon + 1, strlen(colon + 1));
    } else if (source->user) {
        if (strlen(source->user) >= sizeof(out->user))
            return "the user name is too long";
        memcpy(out->user, source->user, strlen(source->user) + 1);
        if (source->password_file && !secret_read(source->password_file, out->password))
            return "the password file cannot be read";
    }
    return NULL;
}

/* ---- one transfer */

static size_t on_data(char *data, size_t size, size_t n, void *context)
{
    struct body *b = context;
    size_t more = size * n;
    if (more > b->most - b->n) {
        b->too_long = true;
        return 0;
    }
    void *text = b->text;
    if (mem_grow(&text, &b->cap, b->n + more + 1, 1) != 0) {
        b->no_memory = true;
        return 0;
    }
    b->text = text;
    memcpy(b->text + b->n, data, more);
    b->n += more;
    return more;
}

/* curl keeps every line. */
static size_t on_head(char *line, size_t size, size_t n, void *context)
{
    struct body *b = context;
    (void)line;
    b->head_n += size * n;
    b->too_long |= b->head_n > LARGEST_HEAD;
    return b->too_long ? 0 : size * n;
}

static bool prepare(CURL *easy, const struct rpc_source *source, const struct secret *secret, const char *question,
                    struct curl_slist *headers, struct body *body)
{
    bool good = true;
    good &= curl_easy_setopt(easy, CURLOPT_URL, source->url) == CURLE_OK;
#if LIBCURL_VERSION_NUM >= 0x075500
    good &= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK;
#else
    good &= curl_easy_setopt(easy, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS)) == CURLE_OK;
#endif
    good &= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK;
    good &= curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK;
    good &= curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK;
    good &= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK;
    good &= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)source->timeout_ms) == CURLE_OK;
    good &= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_MS) == CURLE_OK;
    good &= curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers) == CURLE_OK;
    good &= curl_easy_setopt(easy, CURLOPT_POSTFIELDS, question) == CURLE_OK;
    good &= curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head) == CURLE_OK;
    good &= curl_easy_setopt(easy, CURLOPT_HEADERDATA, body) == CURLE_OK;
    good &= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_data) == CURLE_OK;
    good &= curl_easy_setopt(easy, CURLOPT_WRITEDATA, body) == CURLE_OK;
    if (secret->user[0]) {
        good &= curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC) == CURLE_OK;
        good &= curl_easy_setopt(easy, CURLOPT_USERNAME, secret->user) == CURLE_OK;
        good &= curl_easy_setopt(easy, CURLOPT_PASSWORD, secret->password) == CURLE_OK;
    }
    return good;
}

/* Until it is done or cancelled. */
static CURLcode run(struct rpc_call *call, CURL *easy)
{
    int running = 1, left;
    CURLcode result = CURLE_ABORTED_BY_CALLBACK;
    if (curl_multi_add_handle(call->multi, easy) != CURLM_OK)
        return CURLE_OUT_OF_MEMORY;
    while (running && !atomic_load(&call->cancelled)) {
        if (curl_multi_perform(call->multi, &running) != CURLM_OK)
            break;
        if (running)
            curl_multi_poll(call->multi, NULL, 0, LOOK_MS, NULL);
    }
    for (CURLMsg *m; (m = curl_multi_info_read(call->multi, &left)) != NULL;)
        if (m->msg == CURLMSG_DONE)
            result = m->data.result;
    curl_multi_remove_handle(call->multi, easy);
    return result;
}

static const char *judge(CURL *easy, CURLcode result, const struct body *body)
{
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (body->too_long)
        return "the answer is too long";
    if (body->no_memory)
        return "out of memory";
    if (result != CURLE_OK)
        return curl_easy_strerror(result);
    if (status == 401 || status == 403)
        return "the node refuses the credentials (--rpc-cookie, or --rpc-user and --rpc-password-file)";
    if (status != 200 && status != 404 && status != 500) /* Dash Core says what it has to say in JSON with these */
        return "the server is not a Dash Core RPC";
    return NULL;
}

static const char *transfer(struct rpc_call *call, const struct rpc_source *source, const char *question, struct body *body)
{
    struct secret secret;
    CURL *easy = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    const char *why = read_secret(source, &secret);
    if (!why && (!easy || !headers || !prepare(easy, source, &secret, question, headers, body)))
        why = "out of memory";
    secret_wipe(&secret, sizeof(secret)); /* curl has its own copy, for as long as the call */
    if (!why)
        why = judge(easy, run(call, easy), body);
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
    return why;
}

typedef const char *answer_reader(const char *text, size_t length, uint8_t **data, size_t *n);

static void ask(struct rpc_call *call, const struct rpc_source *source, const char *question, size_t most, answer_reader *read,
                struct rpc_answer *out)
{
    struct body body = {.most = most};
    *out = (struct rpc_answer){0};
    const char *why = transfer(call, source, question, &body);
    if (!why)
        why = read(body.text ? body.text : "", body.n, &out->data, &out->n);
    mem_free(body.text);
    if (why)
        snprintf(out->trouble, sizeof(out->trouble), "%s", why);
}

/* ---- calls */

struct rpc_call *rpc_call_new(void)
{
    struct rpc_call *call = mem_zalloc(sizeof(*call));
    if (!call)
        return NULL;
    call->multi = curl_multi_init();
    if (call->multi)
        return call;
    mem_free(call);
    return NULL;
}

void rpc_call_free(struct rpc_call *call)
{
    if (!call)
        return;
    curl_multi_cleanup(call->multi);
    mem_free(call);
}

void rpc_call_cancel(struct rpc_call *call)
{
    atomic_store(&call->cancelled, true);
    curl_multi_wakeup(call->multi);
}

void rpc_call_block(struct rpc_call *call, const struct rpc_source *source, const uint8_t hash[32], struct rpc_answer *out)
{
    char question[RPC_QUESTION_SIZE];
    rpc_question_block(question, hash);
    ask(call, source, question, RPC_LARGEST_ANSWER, rpc_answer_block, out);
}

void rpc_call_chainlock(struct rpc_call *call, const struct rpc_source *source, struct rpc_answer *out)
{
    char question[RPC_QUESTION_SIZE];
    rpc_question_chainlock(question);
    ask(call, source, question, RPC_LARGEST_SMALL_ANSWER, rpc_answer_chainlock, out);
}
