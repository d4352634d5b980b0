/* Members of chat rooms, thousands in one thread, who speak on command and count what they hear.

   load DIALECT PORT[,PORT...] SEATS|-      seats: a line "ROOM COOKIE" for each member

   Commands come on standard input; each is answered by one line of JSON on standard output:
     open COUNT REPLAY          members 0 to COUNT-1 come in (and sync REPLAY changes; -1: none)
     speak SPEAKERS SECONDS     SPEAKERS posts in flight, the members taking turns; the next goes
                                out when the last listener has heard one and it is acknowledged
     write SPEAKERS SECONDS     the same, but the next goes out on the acknowledgement alone
     rate POSTS_A_SECOND SECONDS  by the clock, whatever comes back
     close                      all leave */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "dialects.h"
#include "frames.h"
#include "histogram.h"

enum {
    MAX_PORTS = 16,
    MAX_MEMBERS = 4000,
    OPENING_AT_ONCE = 32,
    POSTS_KEPT = 1024, /* an author's newest posts whose listeners are counted */
    IDLE_SECONDS = 25,
    DRAIN_SECONDS = 30,
    OPENING_SECONDS = 120,
};

/* The key and answer that RFC 6455 gives as its example. */
#define WEBSOCKET_KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define WEBSOCKET_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

struct post {
    double sent_at;
    int phase;
    int listeners_left;
    bool acknowledged;
};

enum pace { ALL_HEARD, ACKNOWLEDGED, CLOCK };

static const struct dialect *dialect;
static int ports[MAX_PORTS], port_count;
static struct connection *connections;
static struct post *posts; /* POSTS_KEPT for each connection */
static int connection_count, open_wanted, opening, ready, closed_by_server;
static int epoll, timer;
static double now; /* microseconds */

static struct {
    bool running;
    int number;
    enum pace pace;
    int speakers, in_flight, next_speaker;
    double began_at, ends_at, last_done_at, cpu_at_start, interval;
    uint64_t ticks;
    uint64_t posts, done, acknowledged, deliveries, expected, repeats, jumps, errors, frames, bytes;
    struct histogram each, all, acknowledgement;
} phase;

static const char *const sentences[] = {
    "I think we should meet at the station before the rain starts",
    "The new draft reads much better, thank you for the patience",
    "Could somebody look at the second page, I am not sure of it",
    "Lunch is at one today because the kitchen closes early again",
    "We found the missing key under the old map in the back room",
    "Nobody knew the answer, so we asked the people next door too",
    "My train is late once more, please start without me tonight",
    "It works on my machine now, the cable had been loose all day",
};

static void die(const char *what) {
    fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
    exit(1);
}

static double microseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double own_cpu_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

/* ---- connections ---- */

static void connection_lost(struct connection *c) {
    if (c->state == READY)
        ready--;
    else
        opening--;
    close(c->fd);
    c->state = CLOSED;
    closed_by_server++;
}

/* A post is a few hundred bytes and few are in flight: a full send buffer means a stuck server. */
static void send_bytes(struct connection *c, const void *bytes, size_t length) {
    if (c->state != CLOSED && send(c->fd, bytes, length, MSG_NOSIGNAL) != (ssize_t)length)
        connection_lost(c);
}

static void send_frame(struct connection *c, enum opcode opcode, const char *text, size_t length) {
    uint8_t frame[MAX_TEXT + FRAME_OVERHEAD];
    if (length > MAX_TEXT)
        die("a text is too long");
    send_bytes(c, frame, frame_write(frame, opcode, text, length));
}

void connection_send(struct connection *c, const char *text, size_t length) {
    send_frame(c, TEXT, text, length);
}

void connection_ready(struct connection *c) {
    c->state = READY;
    opening--;
    ready++;
}

static void connection_open(struct connection *c) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)c->port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0)
        die("socket");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
    if (connect(c->fd, (struct sockaddr *)&address, sizeof address) && errno != EINPROGRESS)
        die("connect");
    c->state = CONNECTING;
    c->input_length = 0;
    c->room_seq = -1;
    c->frames = c->unreported_frames = c->unreported_bytes = 0;
    c->joining_step = c->in_flight = 0;
    opening++;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event);
}

static void request_upgrade(struct connection *c) {
    char request[1024];
    int length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\n"
                          "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: " WEBSOCKET_KEY "\r\n%s%s%s%s\r\n",
                          dialect->path, c->port, c->port,
                          dialect->subprotocol ? dialect->subprotocol : "",
                          dialect->cookie ? "Cookie: sessionid=" : "",
                          dialect->cookie ? c->cookie : "", dialect->cookie ? "\r\n" : "");
    c->state = UPGRADING;
    send_bytes(c, request, (size_t)length);
}

/* Returns the length of the answer's head, 0 when it is not whole yet. */
static size_t finish_upgrade(struct connection *c) {
    char *end = memmem(c->input, c->input_length, "\r\n\r\n", 4);
    if (!end)
        return 0;
    size_t head = (size_t)(end + 4 - (char *)c->input);
    if (!memmem(c->input, head, " 101 ", 5) || !memmem(c->input, head, WEBSOCKET_ACCEPT, 28)) {
        fprintf(stderr, "load: refused: %.*s\n", (int)head, c->input);
        connection_lost(c);
        return head;
    }
    c->state = JOINING;
    dialect->on_open(c);
    return head;
}

static void on_frame(struct connection *c, const struct frame *frame) {
    if (frame->opcode == TEXT) {
        c->frames++;
        phase.frames++;
        phase.bytes += frame->length;
        dialect->on_text(c, frame->payload, frame->length);
    } else if (frame->opcode == PING) {
        send_frame(c, PONG, frame->payload, frame->length);
    } else if (frame->opcode == CLOSE) {
        int code = frame->length >= 2 ? (uint8_t)frame->payload[0] << 8 | (uint8_t)frame->payload[1] : 0;
        fprintf(stderr, "load: member %d: the server closed with %d\n", c->number, code);
        connection_lost(c);
    }
}

static void consume_input(struct connection *c) {
    size_t at = c->state == UPGRADING ? finish_upgrade(c) : 0;
    while (c->state >= JOINING) {
        struct frame frame;
        long taken = frame_read(c->input + at, c->input_length - at, &frame);
        if (taken < 0)
            die("the server sent a frame that is not understood");
        if (!taken)
            break;
        on_frame(c, &frame);
        at += (size_t)taken;
    }
    memmove(c->input, c->input + at, c->input_length -= at);
}

static void read_input(struct connection *c) {
    while (c->state > CONNECTING) {
        if (c->input_size - c->input_length < 16384) {
            c->input_size = c->input_size ? c->input_size * 2 : 32768;
            if (!(c->input = realloc(c->input, c->input_size)))
                die("memory");
        }
        ssize_t got = recv(c->fd, c->input + c->input_length, c->input_size - c->input_length, 0);
        if (got < 0 && errno == EAGAIN)
            return;
        if (got <= 0) {
            connection_lost(c);
            return;
        }
        c->input_length += (size_t)got;
        consume_input(c);
    }
}

static void on_socket(struct connection *c) {
    now = microseconds();
    if (c->state == CONNECTING)
        request_upgrade(c);
    read_input(c);
}

/* ---- posts ---- */

static struct post *post_of(int author, uint32_t number) {
    return &posts[(size_t)author * POSTS_KEPT + number % POSTS_KEPT];
}

static void post_from(struct connection *c, double sent_at) {
    char body[128], text[MAX_TEXT];
    const char *sentence = sentences[(unsigned)c->number % (sizeof sentences / sizeof *sentences)];
    uint32_t number = ++c->posted;
    snprintf(body, sizeof body, "%d-%u %s", c->number, number, sentence);
    int listeners = c->listeners;
    *post_of(c->number, number) = (struct post){sent_at, phase.number, listeners, false};
    c->in_flight++;
    phase.in_flight++;
    phase.posts++;
    phase.expected += (uint64_t)listeners;
    connection_send(c, text, (size_t)dialect->write_post(text, c, body));
}

/* The next member whose turn it is and who has nothing in flight. */
static void post_in_turn(void) {
    for (int tried = 0; tried < open_wanted; tried++) {
        struct connection *c = &connections[phase.next_speaker++ % open_wanted];
        if (c->state == READY && !c->in_flight) {
            post_from(c, now);
            return;
        }
    }
}

static void post_done(struct connection *author) {
    author->in_flight--;
    phase.in_flight--;
    phase.done++;
    phase.last_done_at = now;
    if (phase.running && phase.pace != CLOCK && now < phase.ends_at)
        post_in_turn();
}

static bool is_done(const struct post *post) {
    bool acknowledged = post->acknowledged || !dialect->acknowledges;
    if (phase.pace == ACKNOWLEDGED && dialect->acknowledges)
        return acknowledged;
    return acknowledged && !post->listeners_left;
}

void post_arrived(struct connection *receiver, int author, uint32_t number) {
    struct connection *from = &connections[author];
    if (author < 0 || author >= open_wanted || number > from->posted)
        return;
    if (number <= receiver->seen[author]) {
        phase.repeats++;
        return;
    }
    receiver->seen[author] = number;
    struct post *post = post_of(author, number);
    if (post->phase != phase.number)
        return;
    bool was_done = is_done(post);
    if (receiver == from) {
        post->acknowledged = true;
        phase.acknowledged++;
        histogram_add(&phase.acknowledgement, now - post->sent_at);
    } else {
        phase.deliveries++;
        histogram_add(&phase.each, now - post->sent_at);
        if (!--post->listeners_left)
            histogram_add(&phase.all, now - post->sent_at);
    }
    if (!was_done && is_done(post))
        post_done(from);
}

void change_arrived(struct connection *c, long seq) {
    if (seq > c->room_seq + 1)
        phase.jumps++;
    if (seq > c->room_seq)
        c->room_seq = seq;
}

void server_refused(const struct connection *c, const char *text, size_t length) {
    if (phase.errors++ < 3)
        fprintf(stderr, "load: member %d: %.*s\n", c->number, (int)(length < 400 ? length : 400), text);
}

/* ---- phases ---- */

static bool phase_over(void) {
    if (now < phase.ends_at)
        return false;
    bool silent = phase.deliveries >= phase.expected && !phase.in_flight;
    return silent || now > phase.ends_at + DRAIN_SECONDS * 1e6;
}

static void report_phase(void) {
    double last = phase.last_done_at > phase.began_at ? phase.last_done_at : now;
    printf("{\"seconds\": %.4f, \"posts\": %llu, \"acknowledged\": %llu, \"deliveries\": %llu, "
           "\"lost\": %lld, \"repeated\": %llu, \"jumps\": %llu, \"errors\": %llu, \"closed\": %d, "
           "\"frames\": %llu, \"bytes\": %llu, \"load_cpu_seconds\": %.4f, "
           "\"each_ms\": [%.3f, %.3f], \"all_ms\": [%.3f, %.3f], \"acknowledged_ms\": [%.3f, %.3f]}\n",
           (last - phase.began_at) / 1e6, (unsigned long long)phase.posts,
           (unsigned long long)phase.acknowledged, (unsigned long long)phase.deliveries,
           (long long)(phase.expected - phase.deliveries), (unsigned long long)phase.repeats,
           (unsigned long long)phase.jumps, (unsigned long long)phase.errors, closed_by_server,
           (unsigned long long)phase.frames, (unsigned long long)phase.bytes,
           own_cpu_seconds() - phase.cpu_at_start,
           histogram_ms(&phase.each, 0.5), histogram_ms(&phase.each, 0.99),
           histogram_ms(&phase.all, 0.5), histogram_ms(&phase.all, 0.99),
           histogram_ms(&phase.acknowledgement, 0.5), histogram_ms(&phase.acknowledgement, 0.99));
    fflush(stdout);
}

static void start_clock(double posts_a_second) {
    phase.interval = 1e6 / posts_a_second;
    long nanoseconds = (long)(1e9 / posts_a_second);
    struct timespec every = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    timerfd_settime(timer, 0, &(struct itimerspec){every, every}, NULL);
}

static void on_clock(void) {
    uint64_t ticks;
    if (read(timer, &ticks, sizeof ticks) != sizeof ticks)
        return;
    for (uint64_t i = 0; i < ticks && now < phase.ends_at; i++) {
        struct connection *c = &connections[phase.next_speaker++ % open_wanted];
        double due = phase.began_at + (double)++phase.ticks * phase.interval;
        if (c->state == READY)
            post_from(c, due < now ? due : now);
    }
}

static void begin_phase(enum pace pace, double speakers_or_rate, double seconds) {
    int number = phase.number + 1;
    memset(&phase, 0, sizeof phase);
    phase.number = number;
    for (int i = 0; i < open_wanted; i++)
        connections[i].in_flight = 0;
    now = phase.began_at = microseconds();
    phase.ends_at = now + seconds * 1e6;
    phase.cpu_at_start = own_cpu_seconds();
    phase.pace = pace;
    phase.running = true;
    if (pace == CLOCK)
        start_clock(speakers_or_rate);
    for (int i = 0; pace != CLOCK && i < (int)speakers_or_rate; i++)
        post_in_turn();
}

static void end_phase(void) {
    timerfd_settime(timer, 0, &(struct itimerspec){0}, NULL);
    phase.running = false;
    report_phase();
}

/* ---- commands ---- */

static void wait_for_events(int timeout_ms);

static void count_listeners(void) {
    for (int i = 0; i < open_wanted; i++) {
        connections[i].listeners = -1;
        for (int j = 0; j < open_wanted; j++)
            connections[i].listeners += !strcmp(connections[i].room, connections[j].room);
    }
}

static void open_all(int count) {
    double began = now = microseconds();
    int closed_before = closed_by_server;
    open_wanted = count < connection_count ? count : connection_count;
    double latest = began + OPENING_SECONDS * 1e6;
    for (int next = 0; (next < open_wanted || opening) && now < latest; wait_for_events(1000))
        while (next < open_wanted && opening < OPENING_AT_ONCE)
            connection_open(&connections[next++]);
    count_listeners();
    printf("{\"ready\": %d, \"refused\": %d, \"seconds\": %.4f}\n", ready,
           closed_by_server - closed_before, (microseconds() - began) / 1e6);
    fflush(stdout);
}

static void close_all(void) {
    for (int i = 0; i < open_wanted; i++)
        if (connections[i].state != CLOSED) {
            send_frame(&connections[i], CLOSE, "\x03\xe8", 2);
            close(connections[i].fd);
            connections[i].state = CLOSED;
        }
    ready = opening = 0;
    printf("{\"closed\": %d}\n", open_wanted);
    fflush(stdout);
}

static void obey(const char *line) {
    double first, seconds;
    int count;
    if (sscanf(line, "open %d %d", &count, &replayed_changes) == 2)
        open_all(count);
    else if (sscanf(line, "speak %lf %lf", &first, &seconds) == 2)
        begin_phase(ALL_HEARD, first, seconds);
    else if (sscanf(line, "write %lf %lf", &first, &seconds) == 2)
        begin_phase(ACKNOWLEDGED, first, seconds);
    else if (sscanf(line, "rate %lf %lf", &first, &seconds) == 2)
        begin_phase(CLOCK, first, seconds);
    else if (!strncmp(line, "close", 5))
        close_all();
    else
        die("unknown command");
}

/* One command is under way at a time: the orchestrator waits for each answer. */
static void on_command(void) {
    static char line[256];
    if (!fgets(line, sizeof line, stdin))
        exit(0);
    obey(line);
}

static void keep_alive(void) {
    static double last;
    if (!dialect->on_idle || now - last < IDLE_SECONDS * 1e6)
        return;
    last = now;
    for (int i = 0; i < open_wanted; i++)
        if (connections[i].state == READY)
            dialect->on_idle(&connections[i]);
}

static void wait_for_events(int timeout_ms) {
    struct epoll_event events[512];
    int got = epoll_wait(epoll, events, 512, timeout_ms);
    now = microseconds();
    for (int i = 0; i < got; i++)
        if (events[i].data.ptr == &timer)
            on_clock();
        else if (events[i].data.ptr == stdin)
            on_command();
        else
            on_socket(events[i].data.ptr);
    keep_alive();
}

/* ---- start ---- */

static void read_ports(char *list) {
    for (char *port = strtok(list, ","); port && port_count < MAX_PORTS; port = strtok(NULL, ","))
        ports[port_count++] = atoi(port);
}

static void read_seats(const char *path) {
    FILE *file = strcmp(path, "-") ? fopen(path, "r") : NULL;
    if (!file && strcmp(path, "-"))
        die(path);
    connection_count = 0;
    connections = calloc(MAX_MEMBERS, sizeof *connections);
    for (int i = 0; i < MAX_MEMBERS; i++) {
        struct connection *c = &connections[i];
        c->number = i;
        c->port = ports[i % port_count];
        strcpy(c->room, "hall");
        if (file && fscanf(file, "%63s %255s", c->room, c->cookie) < 2)
            break;
        connection_count++;
    }
}

static void make_books(void) {
    size_t count = (size_t)connection_count;
    posts = calloc(count * POSTS_KEPT, sizeof *posts);
    uint32_t *seen = calloc(count * count, sizeof *seen);
    if (!posts || !seen)
        die("memory");
    for (size_t i = 0; i < count; i++)
        connections[i].seen = seen + i * count;
}

static void watch(int fd, void *what) {
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = what};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event))
        die("epoll_ctl");
}

int main(int argc, char **argv) {
    if (argc != 4 || !(dialect = dialect_named(argv[1]))) {
        fprintf(stderr, "usage: load DIALECT PORT[,PORT...] SEATS|-\n");
        return 2;
    }
    read_ports(argv[2]);
    read_seats(argv[3]);
    make_books();
    setvbuf(stdin, NULL, _IONBF, 0);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    watch(timer, &timer);
    watch(STDIN_FILENO, stdin);
    for (;;) {
        wait_for_events(phase.running ? 10 : 1000);
        if (phase.running && phase_over())
            end_phase();
    }
}
