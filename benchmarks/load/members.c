#include "members.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "frames.h"

enum { MAX_PORTS = 16, MAX_MEMBERS = 4000, OPENING_AT_ONCE = 32, IDLE_SECONDS = 25 };

/* The key and answer that RFC 6455 gives as its example. */
#define WEBSOCKET_KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define WEBSOCKET_ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

struct members members;
static int epoll_fd;

/* ---- seats ---- */

static int read_ports(char *list, int *ports) {
    int count = 0;
    for (char *port = strtok(list, ","); port && count < MAX_PORTS; port = strtok(NULL, ","))
        ports[count++] = atoi(port);
    return count;
}

static void make_books(void) {
    size_t count = (size_t)members.count;
    uint32_t *seen = calloc(count * count, sizeof *seen);
    if (!seen)
        die("memory");
    for (size_t i = 0; i < count; i++)
        members.all[i].seen = seen + i * count;
}

void members_read(const struct dialect *dialect, char *port_list, const char *seats, int epoll) {
    int ports[MAX_PORTS], port_count = read_ports(port_list, ports);
    FILE *file = strcmp(seats, "-") ? fopen(seats, "r") : NULL;
    if (!file && strcmp(seats, "-"))
        die(seats);
    members.dialect = dialect;
    members.all = calloc(MAX_MEMBERS, sizeof *members.all);
    for (; members.count < MAX_MEMBERS; members.count++) {
        struct connection *c = &members.all[members.count];
        c->number = members.count;
        c->port = ports[members.count % port_count];
        strcpy(c->room, "hall");
        if (file && fscanf(file, "%63s %255s", c->room, c->secret) < 2)
            break;
    }
    make_books();
    epoll_fd = epoll;
}

/* ---- sending ---- */

static void connection_lost(struct connection *c) {
    if (c->state == READY)
        members.ready--;
    else
        members.opening--;
    close(c->fd);
    c->state = CLOSED;
    members.closed_by_server++;
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

/* ---- coming in ---- */

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
    c->frames = c->unreported_frames = c->unreported_bytes = 0;
    c->joining_step = c->in_flight = 0;
    members.opening++;
    struct epoll_event event = {.events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, c->fd, &event);
}

static void request_upgrade(struct connection *c) {
    const struct dialect *dialect = members.dialect;
    char request[1024], cookie[300] = "";
    if (dialect->cookie)
        snprintf(cookie, sizeof cookie, "Cookie: sessionid=%s\r\n", c->secret);
    int length = snprintf(request, sizeof request,
                          "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: http://127.0.0.1:%d\r\n"
                          "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: " WEBSOCKET_KEY "\r\n%s%s\r\n",
                          dialect->path, c->port, c->port,
                          dialect->subprotocol ? dialect->subprotocol : "", cookie);
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
    members.dialect->on_open(c);
    return head;
}

void connection_ready(struct connection *c) {
    c->state = READY;
    members.opening--;
    members.ready++;
}

static void count_listeners(void) {
    for (int i = 0; i < members.invited; i++) {
        members.all[i].listeners = -1;
        for (int j = 0; j < members.invited; j++)
            members.all[i].listeners += !strcmp(members.all[i].room, members.all[j].room);
    }
}

void members_invite(int count) {
    members.invited = count < members.count ? count : members.count;
    members.opened = 0;
    count_listeners();
}

bool members_have_arrived(void) {
    while (members.opened < members.invited && members.opening < OPENING_AT_ONCE)
        connection_open(&members.all[members.opened++]);
    return !members.opening;
}

void members_leave(void) {
    for (int i = 0; i < members.invited; i++)
        if (members.all[i].state != CLOSED) {
            send_frame(&members.all[i], CLOSE, "\x03\xe8", 2);
            close(members.all[i].fd);
            members.all[i].state = CLOSED;
        }
    members.ready = members.opening = 0;
}

/* ---- hearing ---- */

static void on_close(struct connection *c, const struct frame *frame) {
    const uint8_t *code = (const uint8_t *)frame->payload;
    fprintf(stderr, "load: %s, member %d: the server closed with %d\n", members.dialect->name, c->number,
            frame->length >= 2 ? code[0] << 8 | code[1] : 0);
    connection_lost(c);
}

static void on_frame(struct connection *c, const struct frame *frame) {
    if (frame->opcode == TEXT) {
        c->frames++;
        members.frames++;
        members.bytes += frame->length;
        members.dialect->on_text(c, frame->payload, frame->length);
    } else if (frame->opcode == PING) {
        send_frame(c, PONG, frame->payload, frame->length);
    } else if (frame->opcode == CLOSE) {
        on_close(c, frame);
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

static void make_space(struct connection *c) {
    if (c->input_size - c->input_length >= 16384)
        return;
    c->input_size = c->input_size ? c->input_size * 2 : 32768;
    if (!(c->input = realloc(c->input, c->input_size)))
        die("memory");
}

void members_on_socket(struct connection *c) {
    now = microseconds();
    if (c->state == CONNECTING)
        request_upgrade(c);
    while (c->state > CONNECTING) {
        make_space(c);
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

void members_keep_alive(void) {
    static double last;
    if (!members.dialect->on_idle || now - last < IDLE_SECONDS * 1e6)
        return;
    last = now;
    for (int i = 0; i < members.invited; i++)
        if (members.all[i].state == READY)
            members.dialect->on_idle(&members.all[i]);
}
