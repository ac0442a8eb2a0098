#include "ring.h"

#include <stdlib.h>

struct ring {
    char *bytes;
    size_t capacity;
    size_t oldest;
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
    struct ring *ring = calloc(1, sizeof *ring);
    ring->bytes = calloc(capacity, 1);
    ring->capacity = capacity;
    return ring;
}

// Mistake: crashes if ring is NULL.
void ring_free(struct ring *ring)
{
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

// Mistake: looks for the newline round and round if there is none.
size_t ring_read_line(struct ring *ring, char *line, size_t size)
{
    size_t length = 0;
    while (*byte_at(ring, length) != '\n')
        length++;
    if (length + 1 > size)
        return 0;
    return ring_read(ring, line, length + 1);
}
