/* Members of chat rooms, thousands in one thread, who speak on command and count what they hear.

   load DIALECT PORT[,PORT...] SEATS|-      seats: a line "ROOM SECRET" for each member

   Commands come on standard input; each is answered by one line of JSON on standard output:
     open COUNT REPLAY            the first COUNT come in (and sync REPLAY changes; -1: none)
     speak SPEAKERS SECONDS       SPEAKERS posts in flight, the members taking turns; the next goes
                                  out when all have heard one and it is acknowledged
     write SPEAKERS SECONDS       the same, but the next goes out on the acknowledgement alone
     rate POSTS_A_SECOND SECONDS  by the clock, whatever comes back
     close                        all leave */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "clock.h"
#include "dialects.h"
#include "die.h"
#include "members.h"
#include "talk.h"

enum { OPENING_SECONDS = 300 };

double now;

static struct {
    bool under_way;
    double began_at;
    int closed_before;
} arrival;

static void begin_arrival(int count) {
    arrival.under_way = true;
    arrival.began_at = microseconds();
    arrival.closed_before = members.closed_by_server;
    members_invite(count);
}

static void end_arrival_if_over(void) {
    if (!arrival.under_way)
        return;
    bool late = now > arrival.began_at + OPENING_SECONDS * 1e6;
    if (!members_have_arrived() && !late)
        return;
    arrival.under_way = false;
    printf("{\"ready\": %d, \"refused\": %d, \"seconds\": %.4f}\n", members.ready,
           members.closed_by_server - arrival.closed_before, (now - arrival.began_at) / 1e6);
    fflush(stdout);
}

static void leave(void) {
    members_leave();
    printf("{\"left\": %d}\n", members.invited);
    fflush(stdout);
}

static void obey(const char *line) {
    double speakers, seconds;
    int count;
    if (sscanf(line, "open %d %d", &count, &replayed_changes) == 2)
        begin_arrival(count);
    else if (sscanf(line, "speak %lf %lf", &speakers, &seconds) == 2)
        talk_begin(ALL_HEARD, speakers, seconds);
    else if (sscanf(line, "write %lf %lf", &speakers, &seconds) == 2)
        talk_begin(ACKNOWLEDGED, speakers, seconds);
    else if (sscanf(line, "rate %lf %lf", &speakers, &seconds) == 2)
        talk_begin(CLOCK, speakers, seconds);
    else if (!strncmp(line, "close", 5))
        leave();
    else
        die("unknown command");
}

/* One command is under way at a time: who gives them waits for each answer. */
static void on_command(void) {
    char line[256];
    if (!fgets(line, sizeof line, stdin))
        exit(0);
    obey(line);
}

static void handle_events(int epoll) {
    struct epoll_event events[512];
    int got = epoll_wait(epoll, events, 512, talk_is_on() || arrival.under_way ? 10 : 1000);
    now = microseconds();
    for (int i = 0; i < got; i++)
        if (events[i].data.ptr == &now)
            talk_on_clock();
        else if (events[i].data.ptr == stdin)
            on_command();
        else
            members_on_socket(events[i].data.ptr);
}

static void watch(int epoll, int fd, void *what) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
        die("epoll_ctl");
}

int main(int argc, char **argv) {
    const struct dialect *dialect = argc == 4 ? dialect_named(argv[1]) : NULL;
    if (!dialect) {
        fprintf(stderr, "usage: load DIALECT PORT[,PORT...] SEATS|-\n");
        return 2;
    }
    setvbuf(stdin, NULL, _IONBF, 0);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    members_read(dialect, argv[2], argv[3], epoll);
    watch(epoll, talk_prepare(), &now);
    watch(epoll, STDIN_FILENO, stdin);
    for (;;) {
        handle_events(epoll);
        end_arrival_if_over();
        talk_end_if_over();
        members_keep_alive();
    }
}
