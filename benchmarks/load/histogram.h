/* Latencies in logarithmic buckets: 64 to a factor of two, so a figure is right within 1.1 %. */
#pragma once
#include <math.h>
#include <stdint.h>
#include <string.h>

enum { BUCKETS_PER_OCTAVE = 64, OCTAVES = 32 };

struct histogram {
    uint64_t total;
    uint64_t count[BUCKETS_PER_OCTAVE * OCTAVES];
};

static inline void histogram_add(struct histogram *h, double microseconds) {
    int bucket = microseconds <= 1 ? 0 : (int)(log2(microseconds) * BUCKETS_PER_OCTAVE);
    int last = BUCKETS_PER_OCTAVE * OCTAVES - 1;
    h->count[bucket < last ? bucket : last]++;
    h->total++;
}

/* The value, in milliseconds, below which `fraction` of what was added lies; 0 for an empty one. */
static inline double histogram_ms(const struct histogram *h, double fraction) {
    uint64_t wanted = (uint64_t)ceil(fraction * (double)h->total), seen = 0;
    for (int i = 0; wanted && i < BUCKETS_PER_OCTAVE * OCTAVES; i++)
        if ((seen += h->count[i]) >= wanted)
            return exp2((i + 0.5) / BUCKETS_PER_OCTAVE) / 1000;
    return 0;
}
