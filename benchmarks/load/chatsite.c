/* Chatsite: arrays of events, and heartbeats that tell how much has come. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "dialects.h"
#include "talk.h"
#include "texts.h"

int replayed_changes = -1;

enum { HEARTBEAT_FRAMES = 64, HEARTBEAT_BYTES = 256 * 1024 };

static void chatsite_heartbeat(struct connection *c) {
    char text[64];
    int length = snprintf(text, sizeof text, "{\"type\":\"heartbeat\",\"received\":%llu}",
                          (unsigned long long)c->frames);
    connection_send(c, text, (size_t)length);
    c->unreported_frames = c->unreported_bytes = 0;
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

const struct dialect chatsite = {
    .name = "chatsite",
    .path = "/ws/chat/?protocol=1",
    .cookie = true,
    .acknowledges = true,
    .on_open = wait_for_the_server,
    .on_text = chatsite_on_text,
    .write_post = chatsite_write_post,
    .on_idle = chatsite_heartbeat,
};
