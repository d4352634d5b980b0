#include "frames.h"

#include <string.h>

static long header_length(const uint8_t *bytes, size_t length, uint64_t *payload) {
    if (length < 2)
        return 0;
    size_t header = bytes[1] == 126 ? 4 : bytes[1] == 127 ? 10 : 2;
    if (length < header)
        return 0;
    *payload = bytes[1] < 126 ? bytes[1] : 0;
    for (size_t i = 2; i < header; i++)
        *payload = *payload << 8 | bytes[i];
    return (long)header;
}

long frame_read(const uint8_t *bytes, size_t length, struct frame *frame) {
    uint64_t payload = 0;
    if (length >= 2 && ((bytes[0] & 0xf0) != 0x80 || bytes[1] & 0x80))
        return -1;
    long header = header_length(bytes, length, &payload);
    if (!header || length - (size_t)header < payload)
        return 0;
    *frame = (struct frame){bytes[0] & 15, (const char *)bytes + header, payload};
    return header + (long)payload;
}

/* The mask is fixed: it guards proxies against hostile pages, and there are neither here. */
size_t frame_write(uint8_t *out, enum opcode opcode, const char *payload, size_t length) {
    static const uint8_t mask[4] = {0x37, 0xfa, 0x21, 0x3d};
    size_t at = 0;
    out[at++] = (uint8_t)(0x80 | opcode);
    if (length < 126) {
        out[at++] = (uint8_t)(0x80 | length);
    } else {
        out[at++] = 0x80 | 126;
        out[at++] = (uint8_t)(length >> 8);
        out[at++] = (uint8_t)length;
    }
    memcpy(out + at, mask, 4);
    at += 4;
    for (size_t i = 0; i < length; i++)
        out[at++] = (uint8_t)payload[i] ^ mask[i & 3];
    return at;
}
