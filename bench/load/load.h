// A load client for WebSocket servers: one thread, one epoll, no TLS, no compression.
// What it does is told by a plan (plan.c); what it found is printed as one JSON object (report.c).
#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNTER "%n"  // stands in a request for the number of the request on its socket

typedef struct {
    char *data;
    size_t len, cap;
} Buf;

typedef struct {
    bool sends;  // a frame to send, or one to wait for
    char *text;
} Step;

// What a socket does: its handshake, the steps that make it ready, and its request.
typedef struct {
    char *path;
    Buf headers;
    Step *steps;
    int step_count;
    char *request;
    bool publisher;
    int repeat, port;  // where no port is given, the plan's
} Script;

typedef enum { UNUSED, CONNECTING, UPGRADING, PREPARING, READY, CLOSING, DEAD } State;

typedef struct {
    int fd;
    State state;
    Script *script;
    int step;
    Buf in, out, message;
    bool writing;        // epoll watches for room to write
    uint64_t sent, got;  // requests and replies, or events, by mode
    int64_t opened_at;
    int64_t *sent_at;  // a ring of `depth` times
} Conn;

// What the plan says for all sockets together.
typedef struct {
    char *mode, *reply, *error, *event, *ping, *pong;
    int port, depth, pace;
    double seconds, warmup, limit;
    uint64_t events;
    bool arrivals, acknowledged;
    Script *scripts;
    int script_count;
} Plan;

typedef struct {
    const char *name;
    void (*ready)(Conn *);                              // its steps are done
    void (*text)(Conn *, const char *frame, size_t len);  // a text frame after that
    void (*gone)(Conn *);                               // closed, by whichever side
    bool (*turn)(void);                                 // once per turn of the loop; false ends the run
    void (*print)(void);                                // its members of the result
} Mode;

extern Plan plan;
extern Conn *conns;
extern int conn_count;
extern const Mode *mode;
extern int64_t now;  // nanoseconds, as of the last read or turn

// plan.c
void read_plan(const char *file);

// net.c
void net_start(void);
void net_turn(int timeout_ms);
void net_open(Conn *c);
void net_send(Conn *c, const char *text, size_t len);
void net_request(Conn *c);
void net_flush(Conn *c);
void net_close(Conn *c);
void net_abandon(Conn *c);
void buf_add(Buf *b, const void *data, size_t len);
bool contains(const char *frame, size_t len, const char *mark);
int64_t clock_now(void);

// modes.c
const Mode *find_mode(const char *name);

// report.c
void count_error(const char *what, int code);
void record(int64_t nanoseconds);
void begin_window(void);
void end_window(void);
double window_seconds(void);
void print_latencies(void);
void print_end(bool timed_out);

#endif
