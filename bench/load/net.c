// Sockets and RFC 6455: the handshake, frames in and out, pings, closing.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

enum { CONTINUATION = 0, TEXT = 1, CLOSE = 8, PING = 9 };
enum { FINAL = 0x80, MASKED = 0x80, HEADER_MAX = 14 };

static int poller;
static char scratch[1 << 18];

int64_t clock_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

void buf_add(Buf *b, const void *data, size_t len) {
    if (b->len + len > b->cap) {
        b->cap = (b->len + len) * 2;
        b->data = realloc(b->data, b->cap);
    }
    if (len) memcpy(b->data + b->len, data, len);
    b->len += len;
}

// Whether a frame holds the mark; one that begins with ^ must stand at its beginning.
bool contains(const char *frame, size_t len, const char *mark) {
    if (*mark == '^') return len >= strlen(mark + 1) && !memcmp(frame, mark + 1, strlen(mark + 1));
    return *mark && memmem(frame, len, mark, strlen(mark));
}

void net_start(void) { poller = epoll_create1(0); }

static void watch(Conn *c, bool writing) {
    if (c->writing == writing) return;
    c->writing = writing;
    struct epoll_event e = {.events = EPOLLIN | (writing ? EPOLLOUT : 0), .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_MOD, c->fd, &e);
}

// Resets instead of closing in order, so that no port waits for its last segments.
static void drop(Conn *c) {
    struct linger at_once = {.l_onoff = 1};
    setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(c->fd);
    c->fd = -1;
    c->state = DEAD;
    mode->gone(c);
}

static void fail(Conn *c, const char *what, int code) {
    if (c->state != CLOSING) count_error(what, code);
    drop(c);
}

void net_abandon(Conn *c) {
    if (c->fd >= 0) drop(c);
}

static int port_of(const Conn *c) { return c->script->port ? c->script->port : plan.port; }

void net_open(Conn *c) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port_of(c))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int on = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    c->state = CONNECTING;
    c->step = 0;
    c->in.len = c->out.len = c->message.len = 0;
    c->opened_at = clock_now();
    c->writing = true;
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
    epoll_ctl(poller, EPOLL_CTL_ADD, c->fd, &e);
    if (connect(c->fd, (struct sockaddr *)&to, sizeof to) && errno != EINPROGRESS) fail(c, "connect", errno);
}

void net_flush(Conn *c) {
    if (c->fd < 0 || !c->out.len || c->state == CONNECTING) return;
    ssize_t n = send(c->fd, c->out.data, c->out.len, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) {
        fail(c, "write", errno);
        return;
    }
    if (n > 0) {
        c->out.len -= n;
        memmove(c->out.data, c->out.data + n, c->out.len);
    }
    watch(c, c->out.len > 0);
}

// Every frame of a client is masked; the key 0 leaves the payload as it is.
static void add_header(Conn *c, int opcode, size_t len) {
    unsigned char head[HEADER_MAX] = {FINAL | opcode};
    int size = 2;
    if (len < 126) head[1] = MASKED | len;
    else {
        int bytes = len < 65536 ? 2 : 8;
        head[1] = MASKED | (bytes == 2 ? 126 : 127);
        for (int i = 0; i < bytes; i++) head[2 + i] = (uint64_t)len >> 8 * (bytes - 1 - i);
        size += bytes;
    }
    memset(head + size, 0, 4);
    buf_add(&c->out, head, size + 4);
}

static void add_frame(Conn *c, int opcode, const char *data, size_t len) {
    add_header(c, opcode, len);
    buf_add(&c->out, data, len);
}

void net_send(Conn *c, const char *text, size_t len) { add_frame(c, TEXT, text, len); }

// Writes the socket's request, the number of the request in every place of the counter.
void net_request(Conn *c) {
    static Buf text;
    char number[24];
    int digits = snprintf(number, sizeof number, "%llu", (unsigned long long)c->sent);
    text.len = 0;
    for (const char *from = c->script->request; from;) {
        const char *mark = strstr(from, COUNTER);
        buf_add(&text, from, mark ? (size_t)(mark - from) : strlen(from));
        if (mark) buf_add(&text, number, digits);
        from = mark ? mark + strlen(COUNTER) : NULL;
    }
    c->sent_at[c->sent++ % plan.depth] = now;
    net_send(c, text.data, text.len);
}

void net_close(Conn *c) {
    add_frame(c, CLOSE, "\x03\xe8", 2);
    c->state = CLOSING;
    net_flush(c);
}

// Goes on with the steps of a socket: sends what is to be sent, until a frame is to be waited for.
static void prepare(Conn *c) {
    Script *s = c->script;
    for (; c->step < s->step_count && s->steps[c->step].sends; c->step++)
        net_send(c, s->steps[c->step].text, strlen(s->steps[c->step].text));
    if (c->step < s->step_count) return;
    c->state = READY;
    mode->ready(c);
}

static void take_text(Conn *c, const char *text, size_t len) {
    if (*plan.ping && len == strlen(plan.ping) && !memcmp(text, plan.ping, len))
        net_send(c, plan.pong, strlen(plan.pong));
    else if (c->state == READY) mode->text(c, text, len);
    else if (c->state == PREPARING) {
        const char *wanted = c->script->steps[c->step].text;
        if (contains(text, len, plan.error)) count_error("refused", 0);
        if (*wanted && !contains(text, len, wanted)) return;
        c->step++;
        prepare(c);
    }
}

// A server that closes is told of; one that answers our closing ends the stream itself.
static void take_close(Conn *c, const char *data, size_t len) {
    if (c->state == CLOSING) return;
    int code = len >= 2 ? (unsigned char)data[0] << 8 | (unsigned char)data[1] : 1005;
    fail(c, "close", code);
}

static void take_frame(Conn *c, int first, const char *data, size_t len) {
    int opcode = first & 15;
    if (opcode == PING) add_frame(c, 10, data, len);
    else if (opcode == CLOSE) take_close(c, data, len);
    else if (opcode == TEXT && first & FINAL) take_text(c, data, len);
    else if (opcode <= 2) {
        if (opcode != CONTINUATION) c->message.len = 0;
        buf_add(&c->message, data, len);
        if (first & FINAL) take_text(c, c->message.data, c->message.len);
    }
}

// The length of the header and of the payload of the frame at `p`; false if it is not whole yet.
static bool whole_frame(const unsigned char *p, size_t n, size_t *head, size_t *len) {
    if (n < 2) return false;
    *len = p[1] & 127;
    int extra = *len == 126 ? 2 : *len == 127 ? 8 : 0;
    *head = 2 + extra;
    if (n < *head) return false;
    if (extra) *len = 0;
    for (int i = 0; i < extra; i++) *len = *len << 8 | p[2 + i];
    return n - *head >= *len;
}

static size_t take_frames(Conn *c, const char *data, size_t n) {
    size_t used = 0, head, len;
    while (c->state != DEAD && whole_frame((const unsigned char *)data + used, n - used, &head, &len)) {
        take_frame(c, (unsigned char)data[used], data + used + head, len);
        used += head + len;
    }
    return used;
}

static size_t take_upgrade(Conn *c, const char *data, size_t n) {
    const char *end = memmem(data, n, "\r\n\r\n", 4);
    if (!end) return 0;
    size_t used = end + 4 - data;
    if (memcmp(data, "HTTP/1.1 101", 12)) {
        fail(c, "http", atoi(data + 9));
        return n;
    }
    c->state = PREPARING;
    prepare(c);
    return used;
}

static size_t take_bytes(Conn *c, const char *data, size_t n) {
    size_t used = c->state == UPGRADING ? take_upgrade(c, data, n) : 0;
    if (c->state >= PREPARING && c->state != DEAD) used += take_frames(c, data + used, n - used);
    return used;
}

static void on_readable(Conn *c) {
    ssize_t n = recv(c->fd, scratch, sizeof scratch, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
        fail(c, n ? "reset" : "end_of_stream", n ? errno : 0);
        return;
    }
    now = clock_now();
    bool kept = c->in.len > 0;
    if (kept) buf_add(&c->in, scratch, n);
    char *data = kept ? c->in.data : scratch;
    size_t len = kept ? c->in.len : (size_t)n, used = take_bytes(c, data, len);
    if (c->state == DEAD || c->state == CONNECTING) return;
    c->in.len = 0;
    if (kept) {
        c->in.len = len - used;
        memmove(data, data + used, len - used);
    } else buf_add(&c->in, data + used, len - used);
    net_flush(c);
}

static void on_connected(Conn *c) {
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) {
        fail(c, "connect", error);
        return;
    }
    char head[4096];
    int len = snprintf(head, sizeof head,
                       "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n",
                       c->script->path, port_of(c));
    buf_add(&c->out, head, len);
    buf_add(&c->out, c->script->headers.data, c->script->headers.len);
    buf_add(&c->out, "\r\n", 2);
    c->state = UPGRADING;
    net_flush(c);
}

void net_turn(int timeout_ms) {
    static struct epoll_event events[1024];
    int n = epoll_wait(poller, events, 1024, timeout_ms);
    now = clock_now();
    for (int i = 0; i < n; i++) {
        Conn *c = events[i].data.ptr;
        if (c->state == CONNECTING && events[i].events & (EPOLLOUT | EPOLLERR | EPOLLHUP)) on_connected(c);
        else if (c->state == DEAD || c->state == CONNECTING) continue;
        else if (events[i].events & (EPOLLIN | EPOLLERR | EPOLLHUP)) on_readable(c);
        else net_flush(c);
    }
}
