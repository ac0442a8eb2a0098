#include "ring.h"

#include <stdlib.h>

struct ring {
    char *bytes;
    size_t capacity;
    size_t oldest;
    size_t used;
};

struct ring *ring_new(size_t capacity)
{
    struct ring *ring = calloc(1, sizeof *ring);
    ring->bytes = malloc(size);       // Mistake: there is no `size`.
    ring->capacity = capacity;
    return ring                       // Mistake: no semicolon.
}

void ring_free(struct ring *ring)
{
    free(ring->bytes);
    free(ring);
}
