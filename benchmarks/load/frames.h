/* The WebSocket frames of RFC 6455 as a client writes and reads them, without extensions. */
#pragma once
#include <stddef.h>
#include <stdint.h>

enum opcode { TEXT = 1, CLOSE = 8, PING = 9, PONG = 10 };

/* The room that a frame's header and mask take at most, before the payload. */
enum { FRAME_OVERHEAD = 8 };

struct frame {
    enum opcode opcode;
    const char *payload;
    size_t length;
};

/* Reads one whole frame from the `length` bytes at `bytes`; returns what it took, 0 when more
   must come first, -1 for what no server here should send (a fragment, a mask, an extension). */
long frame_read(const uint8_t *bytes, size_t length, struct frame *frame);

/* Writes a masked frame of at most 65535 bytes of payload to `out`; returns its length. */
size_t frame_write(uint8_t *out, enum opcode opcode, const char *payload, size_t length);
