// The modes: calls, fanout, idle, handshakes, catchup. Each says what happens when a socket is ready and reads.
#define _GNU_SOURCE
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "load.h"

static int ready, lost;
static bool running, measuring;
static int64_t run_began;
static uint64_t replies, events, others;

static void count_ready(Conn *c) {
    (void)c;
    ready++;
}

static void count_lost(Conn *c) {
    (void)c;
    lost++;
}

static void ignore(Conn *c, const char *frame, size_t len) { (void)c, (void)frame, (void)len; }

// Runs the warm-up and the measured seconds by the clock; `start` is called once all sockets are ready.
static bool timed_turn(void (*start)(void)) {
    if (!running) {
        if (ready + lost < conn_count) return true;
        if (lost) return false;
        running = true;
        run_began = now;
        start();
    }
    double ran = (now - run_began) / 1e9;
    if (!measuring && ran >= plan.warmup) {
        measuring = true;
        begin_window();
    }
    if (ran < plan.warmup + plan.seconds) return true;
    measuring = false;
    end_window();
    return false;
}

// calls: every socket keeps `depth` requests in flight.

static void start_calls(void) {
    for (int i = 0; i < conn_count; i++) {
        for (int n = 0; n < plan.depth && conns[i].script->request; n++) net_request(&conns[i]);
        net_flush(&conns[i]);
    }
}

static void calls_text(Conn *c, const char *frame, size_t len) {
    if (contains(frame, len, plan.event)) {
        events += measuring;
        return;
    }
    bool refused = contains(frame, len, plan.error);
    if (refused) count_error("refused", 0);
    else if (!contains(frame, len, plan.reply)) {
        others += measuring;
        return;
    }
    if (c->got >= c->sent) return;
    int64_t sent_at = c->sent_at[c->got++ % plan.depth];
    if (measuring && !refused) {
        replies++;
        record(now - sent_at);
    }
    if (running) net_request(c);
}

static bool calls_turn(void) { return timed_turn(start_calls); }

static void print_rates(void) {
    double seconds = window_seconds();
    printf("\"replies\":%llu,\"events\":%llu,\"others\":%llu,\"per_second\":%.1f,\"events_per_second\":%.1f,",
           (unsigned long long)replies, (unsigned long long)events, (unsigned long long)others,
           seconds > 0 ? replies / seconds : 0, seconds > 0 ? events / seconds : 0);
    print_latencies();
}

// fanout: the publisher asks; the next time when every subscriber has the event (and, where told, it the reply).

static uint64_t awaited;
static bool acknowledged;
static Conn *publisher;
static Buf arrivals;

static void publish(void) {
    awaited = conn_count - 1;
    acknowledged = !plan.acknowledged;
    now = clock_now();
    net_request(publisher);
    net_flush(publisher);
}

static void start_fanout(void) {
    for (int i = 0; i < conn_count; i++)
        if (conns[i].script->publisher) publisher = &conns[i];
    publish();
}

static void note_arrival(void) {
    struct timespec t;
    char text[40];
    clock_gettime(CLOCK_REALTIME, &t);
    int len = snprintf(text, sizeof text, "%s%lld.%06ld", arrivals.len ? "," : "", (long long)t.tv_sec, t.tv_nsec / 1000);
    buf_add(&arrivals, text, len);
}

static void delivered(void) {
    if (measuring) events++;
    if (--awaited) return;
    if (plan.arrivals) note_arrival();
    if (measuring) {
        replies++;
        record(now - publisher->sent_at[0]);
    }
}

static void fanout_text(Conn *c, const char *frame, size_t len) {
    if (!running) return;
    bool done = !awaited && acknowledged;
    if (c == publisher) {
        if (contains(frame, len, plan.error)) count_error("refused", 0);
        else if (contains(frame, len, plan.reply)) acknowledged = true;
    } else if (awaited && contains(frame, len, plan.event)) delivered();
    if (!done && !awaited && acknowledged) publish();
}

static bool fanout_turn(void) { return timed_turn(start_fanout) && !lost; }

static void print_fanout(void) {
    print_rates();
    if (plan.arrivals) printf("\"arrivals\":[%.*s],", (int)arrivals.len, arrivals.data);
}

// idle: tells when all are ready, then holds them until the standard input ends.

static bool idle_turn(void) {
    if (!running && ready + lost < conn_count) return true;
    if (!running) {
        running = true;
        printf("{\"ready\":%d,\"lost\":%d}\n", ready, lost);
        fflush(stdout);
    }
    struct pollfd input = {.fd = 0, .events = POLLIN};
    char byte;
    return poll(&input, 1, 0) <= 0 || read(0, &byte, 1) > 0;
}

static void print_idle(void) { printf("\"ready\":%d,\"lost\":%d,", ready, lost); }

// handshakes: every socket is opened, made ready, closed, and opened again.

static void handshakes_ready(Conn *c) {
    if (measuring) {
        replies++;
        record(clock_now() - c->opened_at);
    }
    net_close(c);
}

static bool handshakes_turn(void) {
    if (!running) run_began = now;
    running = true;
    if (!timed_turn(NULL)) return false;
    for (int i = 0; i < conn_count; i++)
        if (conns[i].state == DEAD) net_open(&conns[i]);
    return true;
}

// catchup: all connect at once; a socket is done when it has got its number of events.

static int done_count;

static void catchup_text(Conn *c, const char *frame, size_t len) {
    bool done = c->got >= plan.events;
    size_t mark = strlen(plan.event);
    if (contains(frame, len, plan.error)) count_error("refused", 0);
    for (const char *at = frame; (at = memmem(at, frame + len - at, plan.event, mark)); at += mark) c->got++;
    if (done || c->got < plan.events) return;
    done_count++;
    events += c->got;
    record(now - c->opened_at);
}

static bool catchup_turn(void) {
    if (!running) {
        running = true;
        begin_window();
    }
    if (done_count + lost < conn_count) return true;
    end_window();
    return false;
}

static void print_catchup(void) {
    printf("\"done\":%d,\"lost\":%d,", done_count, lost);
    print_rates();
}

const Mode *find_mode(const char *name) {
    static const Mode modes[] = {
        {"calls", count_ready, calls_text, count_lost, calls_turn, print_rates},
        {"fanout", count_ready, fanout_text, count_lost, fanout_turn, print_fanout},
        {"idle", count_ready, ignore, count_lost, idle_turn, print_idle},
        {"handshakes", handshakes_ready, ignore, count_lost, handshakes_turn, print_rates},
        {"catchup", count_ready, catchup_text, count_lost, catchup_turn, print_catchup},
    };
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (!strcmp(modes[i].name, name)) return &modes[i];
    return NULL;
}
