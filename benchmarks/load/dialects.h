/* How each server under test is spoken to. */
#pragma once
#include "connection.h"

enum { MAX_TEXT = 4096 };

struct dialect {
    const char *name;
    const char *path;
    const char *subprotocol; /* a request header of its own, or NULL */
    bool cookie;       /* the seat's secret goes as the session's cookie */
    bool acknowledges; /* an author's own post comes back to it, in whatever form */
    /* The socket stands: ask for the room, or say connection_ready at once. */
    void (*on_open)(struct connection *c);
    void (*on_text)(struct connection *c, const char *text, size_t length);
    /* Writes the frame's text that posts `body` to `out`; returns its length. */
    int (*write_post)(char *out, const struct connection *c, const char *body);
    void (*on_idle)(struct connection *c); /* every 25 s; may be NULL */
};

extern const struct dialect chatsite, xmpp;

const struct dialect *dialect_named(const char *name);

/* How many changes Chatsite's clients ask back with `sync` after `hello`; negative: no sync. */
extern int replayed_changes;
