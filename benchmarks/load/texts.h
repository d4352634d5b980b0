/* What the dialects share in reading and writing texts. */
#pragma once
#include <stdlib.h>
#include <string.h>

#include "connection.h"
#include "talk.h"

/* What stands after the key, spaces and an opening quote skipped; NULL without the key. */
static inline const char *after_key(const char *text, const char *end, const char *key) {
    const char *found = memmem(text, (size_t)(end - text), key, strlen(key));
    if (!found)
        return NULL;
    found += strlen(key);
    while (found < end && (*found == ' ' || *found == '"'))
        found++;
    return found;
}

/* Every body begins with "AUTHOR-NUMBER ". */
static inline void body_arrived(struct connection *c, const char *body) {
    char *dash;
    long author = strtol(body, &dash, 10);
    if (dash != body && *dash == '-')
        post_arrived(c, (int)author, (uint32_t)strtoul(dash + 1, NULL, 10));
}

static inline void send_text(struct connection *c, const char *text) {
    connection_send(c, text, strlen(text));
}

static inline void wait_for_the_server(struct connection *c) {
    (void)c;
}
