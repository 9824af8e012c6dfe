// The main program: load PLAN_FILE. Opens the sockets at the plan's pace and turns the loop until the mode is done.
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "load.h"

Conn *conns;
int conn_count;
const Mode *mode;
int64_t now;

static void raise_file_limit(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

// Opens further sockets while fewer than `pace` are on their way.
static void open_more(void) {
    static int opened;
    if (opened == conn_count) return;
    int on_their_way = 0;
    for (int i = 0; i < opened; i++) on_their_way += conns[i].state >= CONNECTING && conns[i].state < READY;
    for (; opened < conn_count && on_their_way < plan.pace; opened++, on_their_way++) net_open(&conns[opened]);
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "usage: load PLAN_FILE\n");
        return 2;
    }
    raise_file_limit();
    read_plan(argv[1]);
    mode = find_mode(plan.mode);
    if (!mode) {
        fprintf(stderr, "no such mode: %s\n", plan.mode);
        return 2;
    }
    net_start();
    int64_t begun = now = clock_now();
    bool late = false;
    do {
        open_more();
        net_turn(10);
        late = now - begun > plan.limit * 1e9;
    } while (!late && mode->turn());
    printf("{");
    mode->print();
    print_end(late);
    return 0;
}
