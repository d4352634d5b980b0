/* Time, in microseconds of the monotonic clock. */
#pragma once
#include <time.h>

/* As of the event that is being handled. */
extern double now;

static inline double microseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}
