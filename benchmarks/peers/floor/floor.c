/* The floor: what a broadcast costs when nothing is done but the broadcast. One room, one thread,
   one send() a delivery; no accounts, no storage, no parsing beyond the frame.  floor PORT */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MAX_FDS = 20000, MAX_FRAME = 4096 };

struct client {
    int upgraded;
    size_t length, place;
    uint8_t input[MAX_FRAME];
};

/* Answers the one key that the load generator sends, the example of RFC 6455. */
static const char answer[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                             "Connection: Upgrade\r\n"
                             "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static struct client *clients[MAX_FDS];
static int members[MAX_FDS];
static size_t member_count;

static void leave(int fd) {
    struct client *client = clients[fd];
    if (client->upgraded) {
        members[client->place] = members[--member_count];
        clients[members[client->place]]->place = client->place;
    }
    free(client);
    clients[fd] = NULL;
    close(fd);
}

static void join(int fd) {
    struct client *client = clients[fd];
    client->upgraded = 1;
    client->place = member_count;
    members[member_count++] = fd;
    client->length = 0;
    send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
}

static void broadcast(int speaker, const uint8_t *payload, size_t length) {
    uint8_t frame[MAX_FRAME + 4];
    size_t header = length < 126 ? 2 : 4;
    frame[0] = 0x81;
    frame[1] = (uint8_t)(length < 126 ? length : 126);
    if (header == 4) {
        frame[2] = (uint8_t)(length >> 8);
        frame[3] = (uint8_t)length;
    }
    memcpy(frame + header, payload, length);
    for (size_t i = 0; i < member_count; i++)
        if (members[i] != speaker)
            send(members[i], frame, header + length, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Returns what the first whole frame took of the input, 0 when there is none. */
static size_t relay_frame(int fd, uint8_t *bytes, size_t length) {
    if (length < 6)
        return 0;
    size_t payload = bytes[1] & 127, header = 6;
    if (payload == 126) {
        payload = (size_t)bytes[2] << 8 | bytes[3];
        header = 8;
    }
    if (length < header + payload)
        return 0;
    for (size_t i = 0; i < payload; i++)
        bytes[header + i] ^= bytes[header - 4 + (i & 3)];
    if ((bytes[0] & 15) == 1)
        broadcast(fd, bytes + header, payload);
    return header + payload;
}

static void on_input(int fd) {
    struct client *client = clients[fd];
    ssize_t got = recv(fd, client->input + client->length, MAX_FRAME - client->length, 0);
    if (got <= 0) {
        leave(fd);
        return;
    }
    client->length += (size_t)got;
    if (!client->upgraded && memmem(client->input, client->length, "\r\n\r\n", 4)) {
        join(fd);
        return;
    }
    size_t at = 0, taken;
    while (client->upgraded &&
           (taken = relay_frame(fd, client->input + at, client->length - at)))
        at += taken;
    memmove(client->input, client->input + at, client->length -= at);
}

static int listen_on(int port) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&address, sizeof address) || listen(fd, 1024)) {
        perror("floor");
        exit(1);
    }
    return fd;
}

int main(int argc, char **argv) {
    int epoll = epoll_create1(0), listener = listen_on(argc > 1 ? atoi(argv[1]) : 8080);
    struct epoll_event events[256], event = {.events = EPOLLIN, .data.fd = listener};
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int got = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < got; i++) {
            int fd = events[i].data.fd;
            if (fd != listener) {
                on_input(fd);
            } else if ((fd = accept(listener, NULL, NULL)) >= 0 && fd < MAX_FDS) {
                clients[fd] = calloc(1, sizeof *clients[fd]);
                setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
                event.data.fd = fd;
                epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
            }
        }
    }
}
