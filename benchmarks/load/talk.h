/* Phases of talk: who posts when, and the books of what arrived. */
#pragma once
#include "connection.h"

/* When the next post goes out: once all have heard the last one and it is acknowledged; once it is
   acknowledged; or by the clock. */
enum pace { ALL_HEARD, ACKNOWLEDGED, CLOCK };

/* Once, after the members have their seats. Returns the descriptor that is readable on each tick
   of a phase that goes by the clock. */
int talk_prepare(void);

/* `speakers` posts in flight or, by the clock, posts a second. */
void talk_begin(enum pace pace, double speakers, double seconds);
void talk_on_clock(void);
bool talk_is_on(void);

/* Ends a phase whose time is over and of which nothing is in flight; prints its books as JSON. */
void talk_end_if_over(void);

/* The author's post with this number came to the receiver. */
void post_arrived(struct connection *receiver, int author, uint32_t number);

/* A change of the room came with this number. */
void change_arrived(struct connection *c, long seq);
void server_refused(const struct connection *c, const char *text, size_t length);
