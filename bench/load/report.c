// What a run found: latencies, errors by kind, the share of its core that the client itself used.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "load.h"

enum { KINDS = 32 };

static struct { char name[40]; uint64_t count; } errors[KINDS];
static int error_kinds;
static int64_t *latencies;
static size_t latency_count, latency_cap;
static int64_t begun, ended, cpu_begun, cpu_used;

void count_error(const char *what, int code) {
    char name[40];
    snprintf(name, sizeof name, code ? "%s_%d" : "%s", what, code);
    for (int i = 0; i < error_kinds; i++)
        if (!strcmp(errors[i].name, name)) {
            errors[i].count++;
            return;
        }
    if (error_kinds == KINDS) return;
    strcpy(errors[error_kinds].name, name);
    errors[error_kinds++].count = 1;
}

void record(int64_t nanoseconds) {
    if (latency_count == latency_cap) {
        latency_cap = latency_cap ? latency_cap * 2 : 1 << 16;
        latencies = realloc(latencies, latency_cap * sizeof *latencies);
    }
    latencies[latency_count++] = nanoseconds;
}

static int64_t cpu_now(void) {
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000LL + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

void begin_window(void) {
    begun = clock_now();
    cpu_begun = cpu_now();
}

void end_window(void) {
    ended = clock_now();
    cpu_used = cpu_now() - cpu_begun;
}

double window_seconds(void) { return (ended - begun) / 1e9; }

static int ascending(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static double percentile(double share) { return latency_count ? latencies[(size_t)(share * (latency_count - 1))] / 1e6 : 0; }

void print_latencies(void) {
    qsort(latencies, latency_count, sizeof *latencies, ascending);
    printf("\"samples\":%zu,\"p50_ms\":%.4f,\"p99_ms\":%.4f,", latency_count, percentile(.5), percentile(.99));
}

void print_end(bool timed_out) {
    printf("\"seconds\":%.4f,\"client_cpu\":%.3f,\"timed_out\":%s,\"errors\":{", window_seconds(),
           window_seconds() > 0 ? cpu_used / 1e6 / window_seconds() : 0, timed_out ? "true" : "false");
    for (int i = 0; i < error_kinds; i++)
        printf("%s\"%s\":%llu", i ? "," : "", errors[i].name, (unsigned long long)errors[i].count);
    printf("}}\n");
}
