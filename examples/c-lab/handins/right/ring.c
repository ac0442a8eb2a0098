#include "ring.h"

#include <stdlib.h>

struct ring {
    char *bytes;
    size_t capacity;
    size_t oldest; // where the oldest byte is
    size_t used;
};

static char *byte_at(struct ring *ring, size_t i)
{
    return &ring->bytes[(ring->oldest + i) % ring->capacity];
}

struct ring *ring_new(size_t capacity)
{
    if (capacity == 0)
        return NULL;
    struct ring *ring = malloc(sizeof *ring);
    char *bytes = malloc(capacity);
    if (!ring || !bytes) {
        free(ring);
        free(bytes);
        return NULL;
    }
    *ring = (struct ring){.bytes = bytes, .capacity = capacity};
    return ring;
}

void ring_free(struct ring *ring)
{
    if (!ring)
        return;
    free(ring->bytes);
    free(ring);
}

size_t ring_write(struct ring *ring, const char *bytes, size_t count)
{
    size_t written = 0;
    while (written < count && ring->used < ring->capacity)
        *byte_at(ring, ring->used++) = bytes[written++];
    return written;
}

size_t ring_read(struct ring *ring, char *bytes, size_t count)
{
    size_t taken = 0;
    while (taken < count && ring->used > 0) {
        bytes[taken++] = *byte_at(ring, 0);
        ring->oldest = (ring->oldest + 1) % ring->capacity;
        ring->used--;
    }
    return taken;
}

size_t ring_read_line(struct ring *ring, char *line, size_t size)
{
    for (size_t i = 0; i < ring->used && i < size; i++)
        if (*byte_at(ring, i) == '\n')
            return ring_read(ring, line, i + 1);
    return 0;
}
