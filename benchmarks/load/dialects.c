#include "dialects.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int replayed_changes = -1;

/* Every body begins with "AUTHOR-NUMBER ". */
static void body_arrived(struct connection *c, const char *body) {
    char *dash;
    long author = strtol(body, &dash, 10);
    if (dash != body && *dash == '-')
        post_arrived(c, (int)author, (uint32_t)strtoul(dash + 1, NULL, 10));
}

static const char *after_key(const char *text, const char *end, const char *key) {
    const char *found = memmem(text, (size_t)(end - text), key, strlen(key));
    if (!found)
        return NULL;
    found += strlen(key);
    while (found < end && (*found == ' ' || *found == '"'))
        found++;
    return found;
}

static void send_text(struct connection *c, const char *text) {
    connection_send(c, text, strlen(text));
}

static void join_by_connecting(struct connection *c) {
    connection_ready(c);
}

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

static void socketio_on_open(struct connection *c) {
    (void)c; /* the server speaks first */
}

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

/* XMPP over WebSocket (RFC 7395): sign in, bind, enter the room. The seat's cookie is what SASL
   PLAIN wants, in base64. */

enum xmpp_step { XMPP_OPENED, XMPP_SIGNED_IN, XMPP_BOUND };

static void xmpp_on_open(struct connection *c) {
    send_text(c, "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>");
}

static void xmpp_sign_in(struct connection *c) {
    char text[512];
    snprintf(text, sizeof text,
             "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>%s</auth>",
             c->cookie);
    send_text(c, text);
}

static void xmpp_enter_room(struct connection *c) {
    char text[256];
    snprintf(text, sizeof text,
             "<presence to='%s/member%d'><x xmlns='http://jabber.org/protocol/muc'>"
             "<history maxstanzas='0'/></x></presence>",
             c->room, c->number);
    send_text(c, text);
}

static void xmpp_join(struct connection *c, const char *text, const char *end) {
    if (after_key(text, end, "<mechanisms")) {
        xmpp_sign_in(c);
    } else if (after_key(text, end, "<success")) {
        c->joining_step = XMPP_SIGNED_IN;
        xmpp_on_open(c);
    } else if (c->joining_step == XMPP_SIGNED_IN && after_key(text, end, "xmpp-bind")) {
        c->joining_step = XMPP_BOUND;
        send_text(c, "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
    } else if (c->joining_step == XMPP_BOUND && after_key(text, end, "type='result'")) {
        xmpp_enter_room(c);
    } else if (after_key(text, end, "code='110'")) {
        connection_ready(c);
    }
}

static void xmpp_on_text(struct connection *c, const char *text, size_t length) {
    const char *body = after_key(text, text + length, "<body>");
    if (c->state == JOINING)
        xmpp_join(c, text, text + length);
    else if (body)
        body_arrived(c, body);
    else if (after_key(text, text + length, "type='error'"))
        server_refused(c, text, length);
}

static int xmpp_write_post(char *out, const struct connection *c, const char *body) {
    return snprintf(out, MAX_TEXT,
                    "<message to='%s' type='groupchat' id='%u'><body>%s</body></message>", c->room,
                    c->posted, body);
}

/* Chatsite: arrays of events. */

enum { HEARTBEAT_FRAMES = 64, HEARTBEAT_BYTES = 256 * 1024 };

static void chatsite_heartbeat(struct connection *c) {
    char text[64];
    int length = snprintf(text, sizeof text, "{\"type\":\"heartbeat\",\"received\":%llu}",
                          (unsigned long long)c->frames);
    connection_send(c, text, (size_t)length);
    c->unreported_frames = c->unreported_bytes = 0;
}

static void chatsite_on_open(struct connection *c) {
    (void)c; /* hello comes by itself */
}

static void chatsite_join(struct connection *c, const char *text, const char *end) {
    const char *head = after_key(text, end, "\"last_seq\":");
    if (after_key(text, end, "\"type\":\"hello\"") && head) {
        c->room_seq = atol(head);
        if (replayed_changes < 0) {
            connection_ready(c);
            return;
        }
        char sync[128];
        long after = c->room_seq > replayed_changes ? c->room_seq - replayed_changes : 0;
        snprintf(sync, sizeof sync, "{\"type\":\"sync\",\"room\":%s,\"after\":%ld,\"ref\":1}",
                 c->room, after);
        send_text(c, sync);
    } else if (after_key(text, end, "\"type\":\"synced\"")) {
        connection_ready(c);
    }
}

/* `posted` and `message` both carry the whole message, whose body tells the author: only an
   author's own `posted` brings the author's own body back over this connection. */
static void chatsite_events(struct connection *c, const char *text, const char *end) {
    for (const char *at = text; (at = after_key(at, end, "\"changed_seq\":"));)
        change_arrived(c, atol(at));
    bool any = false;
    for (const char *at = text; (at = after_key(at, end, "\"body\":")); any = true)
        body_arrived(c, at);
    if (!any && after_key(text, end, "\"type\":\"error\""))
        server_refused(c, text, (size_t)(end - text));
}

static void chatsite_on_text(struct connection *c, const char *text, size_t length) {
    c->unreported_frames++;
    c->unreported_bytes += length;
    if (c->state == JOINING)
        chatsite_join(c, text, text + length);
    else
        chatsite_events(c, text, text + length);
    if (c->unreported_frames >= HEARTBEAT_FRAMES || c->unreported_bytes >= HEARTBEAT_BYTES)
        chatsite_heartbeat(c);
}

static int chatsite_write_post(char *out, const struct connection *c, const char *body) {
    return snprintf(out, MAX_TEXT,
                    "{\"type\":\"post\",\"room\":%s,\"client_id\":\"load-%d-%d-%u\",\"body\":\"%s\","
                    "\"ref\":%u}",
                    c->room, (int)getpid(), c->number, c->posted, body, c->posted);
}

static const struct dialect dialects[] = {
    {
        .name = "plain",
        .path = "/",
        .on_open = join_by_connecting,
        .on_text = plain_on_text,
        .write_post = plain_write_post,
    },
    {
        .name = "tutorial",
        .path = "/ws/chat/hall/",
        .acknowledges = true,
        .on_open = join_by_connecting,
        .on_text = tutorial_on_text,
        .write_post = tutorial_write_post,
    },
    {
        .name = "socketio",
        .path = "/socket.io/?EIO=4&transport=websocket",
        .on_open = socketio_on_open,
        .on_text = socketio_on_text,
        .write_post = socketio_write_post,
    },
    {
        .name = "xmpp",
        .path = "/ws",
        .subprotocol = "Sec-WebSocket-Protocol: xmpp\r\n",
        .acknowledges = true,
        .on_open = xmpp_on_open,
        .on_text = xmpp_on_text,
        .write_post = xmpp_write_post,
    },
    {
        .name = "chatsite",
        .path = "/ws/chat/?protocol=1",
        .cookie = true,
        .acknowledges = true,
        .on_open = chatsite_on_open,
        .on_text = chatsite_on_text,
        .write_post = chatsite_write_post,
        .on_idle = chatsite_heartbeat,
    },
};

const struct dialect *dialect_named(const char *name) {
    for (size_t i = 0; i < sizeof dialects / sizeof *dialects; i++)
        if (!strcmp(dialects[i].name, name))
            return &dialects[i];
    return NULL;
}
