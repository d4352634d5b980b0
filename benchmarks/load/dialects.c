#include "dialects.h"

#include <stdio.h>
#include <string.h>

#include "talk.h"
#include "texts.h"

/* koa, floor: a frame is a body. */

static void plain_on_text(struct connection *c, const char *text, size_t length) {
    (void)length;
    body_arrived(c, text);
}

static int plain_write_post(char *out, const struct connection *c, const char *body) {
    (void)c;
    return snprintf(out, MAX_TEXT, "%s", body);
}

/* The Channels tutorial: {"message": BODY}, sent to the whole group, its author included. */

static void tutorial_on_text(struct connection *c, const char *text, size_t length) {
    const char *body = after_key(text, text + length, "\"message\":");
    if (body)
        body_arrived(c, body);
}

static int tutorial_write_post(char *out, const struct connection *c, const char *body) {
    (void)c;
    return snprintf(out, MAX_TEXT, "{\"message\": \"%s\"}", body);
}

/* Socket.IO 4 over its WebSocket transport. */

static void socketio_on_text(struct connection *c, const char *text, size_t length) {
    if (text[0] == '0')
        send_text(c, "40");
    else if (text[0] == '2')
        send_text(c, "3");
    else if (length >= 2 && !memcmp(text, "40", 2))
        send_text(c, "420[\"join\",\"hall\"]");
    else if (length >= 3 && !memcmp(text, "430", 3))
        connection_ready(c);
    else if (length > 14 && !memcmp(text, "42[\"message\",\"", 14))
        body_arrived(c, text + 14);
}

static int socketio_write_post(char *out, const struct connection *c, const char *body) {
    (void)c;
    return snprintf(out, MAX_TEXT, "42[\"message\",\"%s\"]", body);
}

static const struct dialect plain = {
    .name = "plain",
    .path = "/",
    .on_open = connection_ready,
    .on_text = plain_on_text,
    .write_post = plain_write_post,
};

static const struct dialect tutorial = {
    .name = "tutorial",
    .path = "/ws/chat/hall/",
    .acknowledges = true,
    .on_open = connection_ready,
    .on_text = tutorial_on_text,
    .write_post = tutorial_write_post,
};

static const struct dialect socketio = {
    .name = "socketio",
    .path = "/socket.io/?EIO=4&transport=websocket",
    .on_open = wait_for_the_server,
    .on_text = socketio_on_text,
    .write_post = socketio_write_post,
};

const struct dialect *dialect_named(const char *name) {
    const struct dialect *const all[] = {&plain, &tutorial, &socketio, &xmpp, &chatsite};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (!strcmp(all[i]->name, name))
            return all[i];
    return NULL;
}
