/* Everybody who may come in, and their sockets. */
#pragma once
#include "connection.h"
#include "dialects.h"

struct members {
    const struct dialect *dialect;
    struct connection *all;
    int count;   /* those who have a seat */
    int invited; /* the first so many were asked in */
    int opened, opening, ready;
    int closed_by_server;
    uint64_t frames, bytes; /* of text that came */
};

extern struct members members;

/* `seats` is a file with a line "ROOM SECRET" for each, or "-": all in one room without secrets.
   They are spread over the ports, and their sockets told to the epoll descriptor. */
void members_read(const struct dialect *dialect, char *ports, const char *seats, int epoll);

void members_invite(int count);

/* Opens some more; true once nobody invited is on the way any longer. */
bool members_have_arrived(void);

void members_on_socket(struct connection *c);
void members_keep_alive(void);
void members_leave(void);
