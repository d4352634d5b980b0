/* One member of a room: a socket, and the books kept of what came over it. */
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum state { CLOSED, CONNECTING, UPGRADING, JOINING, READY };

struct connection {
    int fd;
    enum state state;
    int number;       /* its place among the members; it signs its bodies with it */
    int joining_step; /* for servers that want several exchanges before one is in the room */
    int in_flight;    /* posts of its own that are not done */
    uint32_t posted;  /* how many posts it has sent */
    uint32_t posted_before; /* of those, before this phase */
    int port;
    int listeners;    /* the others in its room */
    char room[64];    /* as the server calls it */
    char secret[256]; /* what signs it in */
    uint8_t *input;
    size_t input_length, input_size;
    long room_seq;    /* Chatsite: the room's number as far as it came here */
    uint64_t frames;  /* text frames got */
    uint64_t unreported_frames, unreported_bytes; /* since the last heartbeat */
    uint32_t *seen;   /* per author: the number of the author's last post that came here */
};

void connection_send(struct connection *c, const char *text, size_t length);

/* It is in the room. */
void connection_ready(struct connection *c);
