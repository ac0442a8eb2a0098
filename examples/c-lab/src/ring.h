/* A ring buffer: a queue of bytes with room for a fixed number of them, such
   as the kernel keeps inside a pipe. You write ring.c; this file stays as it
   is. */

#ifndef RING_H
#define RING_H

#include <stddef.h>

struct ring; // yours to define, in ring.c

/* Makes an empty ring with room for `capacity` bytes. Returns NULL if
   `capacity` is 0 or there is no memory. */
struct ring *ring_new(size_t capacity);

/* Gives back all the ring's memory. Does nothing if `ring` is NULL. */
void ring_free(struct ring *ring);

/* Adds the first of the `count` bytes, as many as there is room for. Returns
   how many were added. */
size_t ring_write(struct ring *ring, const char *bytes, size_t count);

/* Takes the oldest bytes out, `count` of them or as many as there are, and
   puts them in `bytes`. Returns how many were taken. */
size_t ring_read(struct ring *ring, char *bytes, size_t count);

/* Takes the oldest line out, with the newline that ends it, and puts it in
   `line`. Returns the line's length. If no whole line is there, or it is
   longer than `size` bytes, takes nothing and returns 0. */
size_t ring_read_line(struct ring *ring, char *line, size_t size);

#endif
