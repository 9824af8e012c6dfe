// Reads the plan: one `key value` a line; `socket` begins a socket, what stands before the first is for all.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

Plan plan = {.mode = "", .reply = "", .error = "", .event = "", .ping = "", .pong = "",
             .depth = 1, .pace = 100, .seconds = 3, .warmup = 1, .limit = 60};

static Script *begin_script(void) {
    plan.scripts = realloc(plan.scripts, (plan.script_count + 1) * sizeof(Script));
    Script *script = &plan.scripts[plan.script_count++];
    *script = (Script){.path = "/", .repeat = 1};
    return script;
}

static void add_step(Script *script, bool sends, const char *text) {
    script->steps = realloc(script->steps, (script->step_count + 1) * sizeof(Step));
    script->steps[script->step_count++] = (Step){.sends = sends, .text = strdup(text)};
}

static bool read_common(const char *key, char *value) {
    const struct { const char *key; char **text; int *integer; double *real; bool *flag; } known[] = {
        {"mode", .text = &plan.mode},       {"reply", .text = &plan.reply},
        {"error", .text = &plan.error},     {"event", .text = &plan.event},
        {"ping", .text = &plan.ping},       {"pong", .text = &plan.pong},
        {"port", .integer = &plan.port},    {"depth", .integer = &plan.depth},
        {"pace", .integer = &plan.pace},    {"seconds", .real = &plan.seconds},
        {"warmup", .real = &plan.warmup},   {"limit", .real = &plan.limit},
        {"arrivals", .flag = &plan.arrivals}, {"acknowledged", .flag = &plan.acknowledged},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (strcmp(key, known[i].key)) continue;
        if (known[i].text) *known[i].text = strdup(value);
        if (known[i].integer) *known[i].integer = atoi(value);
        if (known[i].real) *known[i].real = atof(value);
        if (known[i].flag) *known[i].flag = true;
        return true;
    }
    if (strcmp(key, "events")) return false;
    plan.events = strtoull(value, NULL, 10);
    return true;
}

static bool read_of_socket(Script *script, const char *key, char *value) {
    if (!strcmp(key, "path")) script->path = strdup(value);
    else if (!strcmp(key, "header")) {
        buf_add(&script->headers, value, strlen(value));
        buf_add(&script->headers, "\r\n", 2);
    }
    else if (!strcmp(key, "send")) add_step(script, true, value);
    else if (!strcmp(key, "expect")) add_step(script, false, value);
    else if (!strcmp(key, "request")) script->request = strdup(value);
    else if (!strcmp(key, "publisher")) script->publisher = true;
    else if (!strcmp(key, "repeat")) script->repeat = atoi(value);
    else if (!strcmp(key, "port")) script->port = atoi(value);
    else return false;
    return true;
}

static void read_line(char *line) {
    line[strcspn(line, "\r\n")] = 0;
    if (!*line) return;
    char *value = strchr(line, ' ');
    if (value) *value++ = 0;
    else value = line + strlen(line);
    if (!strcmp(line, "socket")) {
        begin_script();
        return;
    }
    bool known = plan.script_count ? read_of_socket(&plan.scripts[plan.script_count - 1], line, value)
                                   : read_common(line, value);
    if (!known) {
        fprintf(stderr, "plan: unknown key %s\n", line);
        exit(2);
    }
}

static void make_connections(void) {
    for (int i = 0; i < plan.script_count; i++) conn_count += plan.scripts[i].repeat;
    conns = calloc(conn_count, sizeof(Conn));
    Conn *c = conns;
    for (int i = 0; i < plan.script_count; i++)
        for (int copy = 0; copy < plan.scripts[i].repeat; copy++, c++) {
            c->fd = -1;
            c->script = &plan.scripts[i];
            c->sent_at = calloc(plan.depth, sizeof(int64_t));
        }
}

void read_plan(const char *file) {
    FILE *input = fopen(file, "r");
    if (!input) {
        perror(file);
        exit(2);
    }
    char *line = NULL;
    size_t cap = 0;
    while (getline(&line, &cap, input) > 0) read_line(line);
    free(line);
    fclose(input);
    make_connections();
}
