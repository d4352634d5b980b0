#include "talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "dialects.h"
#include "histogram.h"
#include "members.h"

enum {
    POSTS_KEPT = 1024, /* an author's newest posts whose listeners are counted */
    POSTS_AN_AUTHOR = 600, /* end a phase early: a thousand frames in 10 s are flooding */
    DRAIN_SECONDS = 90,
    REFUSALS_SHOWN = 3,
};

struct post {
    double sent_at;
    int phase;
    int listeners_left;
    bool acknowledged;
};

static struct post *posts; /* POSTS_KEPT for each member */
static int timer;

static struct {
    bool on;
    int number;
    enum pace pace;
    int in_flight, next_speaker;
    double began_at, ends_at, last_done_at, interval, cpu_at_start;
    uint64_t frames_at_start, bytes_at_start;
    uint64_t ticks, posts, acknowledged, deliveries, expected, repeats, jumps, errors;
    struct histogram each, all, acknowledgement;
} phase;

static const char *const sentences[] = {
    "I think we should meet at the station before the rain starts",
    "The new draft reads much better, thank you for the patience",
    "Could somebody look at the second page, I am not sure of it",
    "Lunch is at one today because the kitchen closes early again",
    "We found the missing key under the old map in the back room",
    "Nobody knew the answer, so we asked the people next door too",
    "My train is late once more, please start without me tonight",
    "It works on my machine now, the cable had been loose all day",
};

static double own_cpu_seconds(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

int talk_prepare(void) {
    posts = calloc((size_t)members.count * POSTS_KEPT, sizeof *posts);
    timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (!posts || timer < 0)
        die("talk");
    return timer;
}

/* ---- speaking ---- */

static struct post *post_of(int author, uint32_t number) {
    return &posts[(size_t)author * POSTS_KEPT + number % POSTS_KEPT];
}

static void post_from(struct connection *c, double sent_at) {
    char body[128], text[MAX_TEXT];
    const char *sentence = sentences[(unsigned)c->number % (sizeof sentences / sizeof *sentences)];
    uint32_t number = ++c->posted;
    snprintf(body, sizeof body, "%d-%u %s", c->number, number, sentence);
    *post_of(c->number, number) = (struct post){sent_at, phase.number, c->listeners, false};
    c->in_flight++;
    phase.in_flight++;
    phase.posts++;
    phase.expected += (uint64_t)c->listeners;
    if (number - c->posted_before >= POSTS_AN_AUTHOR)
        phase.ends_at = now;
    connection_send(c, text, (size_t)members.dialect->write_post(text, c, body));
}

/* From the next member whose turn it is and who has nothing in flight. */
static void post_in_turn(void) {
    for (int tried = 0; tried < members.invited; tried++) {
        struct connection *c = &members.all[phase.next_speaker++ % members.invited];
        if (c->state == READY && !c->in_flight) {
            post_from(c, now);
            return;
        }
    }
}

/* A post counts from when it was due: a generator that stalls with the server hides nothing. */
void talk_on_clock(void) {
    uint64_t ticks;
    if (read(timer, &ticks, sizeof ticks) != sizeof ticks)
        return;
    for (uint64_t i = 0; i < ticks && now < phase.ends_at; i++) {
        struct connection *c = &members.all[phase.next_speaker++ % members.invited];
        double due = phase.began_at + (double)++phase.ticks * phase.interval;
        if (c->state == READY)
            post_from(c, due < now ? due : now);
    }
}

/* ---- hearing ---- */

static bool is_done(const struct post *post) {
    bool acknowledged = post->acknowledged || !members.dialect->acknowledges;
    if (phase.pace == ACKNOWLEDGED && members.dialect->acknowledges)
        return acknowledged;
    return acknowledged && !post->listeners_left;
}

static void post_done(struct connection *author) {
    author->in_flight--;
    phase.in_flight--;
    phase.last_done_at = now;
    if (phase.on && phase.pace != CLOCK && now < phase.ends_at)
        post_in_turn();
}

static void count_acknowledgement(struct post *post) {
    post->acknowledged = true;
    phase.acknowledged++;
    histogram_add(&phase.acknowledgement, now - post->sent_at);
}

static void count_delivery(struct post *post) {
    phase.deliveries++;
    histogram_add(&phase.each, now - post->sent_at);
    if (!--post->listeners_left)
        histogram_add(&phase.all, now - post->sent_at);
}

void post_arrived(struct connection *receiver, int author, uint32_t number) {
    if (author < 0 || author >= members.invited || number > members.all[author].posted)
        return;
    if (number <= receiver->seen[author]) {
        phase.repeats++;
        return;
    }
    receiver->seen[author] = number;
    struct post *post = post_of(author, number);
    if (post->phase != phase.number)
        return;
    bool was_done = is_done(post);
    if (receiver->number == author)
        count_acknowledgement(post);
    else
        count_delivery(post);
    if (!was_done && is_done(post))
        post_done(&members.all[author]);
}

void change_arrived(struct connection *c, long seq) {
    if (seq > c->room_seq + 1)
        phase.jumps++;
    if (seq > c->room_seq)
        c->room_seq = seq;
}

void server_refused(const struct connection *c, const char *text, size_t length) {
    if (phase.errors++ < REFUSALS_SHOWN)
        fprintf(stderr, "load: member %d: %.*s\n", c->number, (int)(length < 400 ? length : 400),
                text);
}

/* ---- phases ---- */

static void start_clock(double posts_a_second) {
    phase.interval = 1e6 / posts_a_second;
    long nanoseconds = (long)(1e9 / posts_a_second);
    struct timespec every = {nanoseconds / 1000000000, nanoseconds % 1000000000};
    timerfd_settime(timer, 0, &(struct itimerspec){every, every}, NULL);
}

void talk_begin(enum pace pace, double speakers, double seconds) {
    int number = phase.number + 1;
    memset(&phase, 0, sizeof phase);
    now = microseconds();
    phase.on = true;
    phase.number = number;
    phase.pace = pace;
    phase.began_at = now;
    phase.ends_at = now + seconds * 1e6;
    phase.cpu_at_start = own_cpu_seconds();
    phase.frames_at_start = members.frames;
    phase.bytes_at_start = members.bytes;
    for (int i = 0; i < members.invited; i++) {
        members.all[i].in_flight = 0;
        members.all[i].posted_before = members.all[i].posted;
    }
    if (pace == CLOCK)
        start_clock(speakers);
    for (int i = 0; pace != CLOCK && i < (int)speakers; i++)
        post_in_turn();
}

bool talk_is_on(void) {
    return phase.on;
}

static void print_count(const char *name, uint64_t count) {
    printf("\"%s\": %llu, ", name, (unsigned long long)count);
}

static void print_times(const char *name, const struct histogram *times, const char *end) {
    printf("\"%s\": [%.3f, %.3f]%s", name, histogram_ms(times, 0.5), histogram_ms(times, 0.99), end);
}

static void print_books(void) {
    double last = phase.last_done_at > phase.began_at ? phase.last_done_at : now;
    printf("{\"seconds\": %.4f, ", (last - phase.began_at) / 1e6);
    print_count("posts", phase.posts);
    print_count("acknowledged", phase.acknowledged);
    print_count("deliveries", phase.deliveries);
    print_count("lost", phase.expected - phase.deliveries);
    print_count("repeated", phase.repeats);
    print_count("jumps", phase.jumps);
    print_count("errors", phase.errors);
    print_count("closed", (uint64_t)members.closed_by_server);
    print_count("frames", members.frames - phase.frames_at_start);
    print_count("bytes", members.bytes - phase.bytes_at_start);
    printf("\"load_cpu_seconds\": %.4f, ", own_cpu_seconds() - phase.cpu_at_start);
    print_times("each_ms", &phase.each, ", ");
    print_times("all_ms", &phase.all, ", ");
    print_times("acknowledged_ms", &phase.acknowledgement, "}\n");
    fflush(stdout);
}

void talk_end_if_over(void) {
    bool silent = phase.deliveries >= phase.expected && !phase.in_flight;
    double end = phase.ends_at + (silent ? 0 : DRAIN_SECONDS * 1e6);
    if (!phase.on || now < end)
        return;
    timerfd_settime(timer, 0, &(struct itimerspec){0}, NULL);
    phase.on = false;
    print_books();
}
