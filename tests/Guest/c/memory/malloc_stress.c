// malloc, realloc, calloc, aligned allocation and free in every order, checked by content; large blocks by mmap.
// timeout: 120
#include "guest.h"
#include <malloc.h>

static unsigned seed = 12345;
static unsigned next(void) { return seed = seed * 1664525 + 1013904223; }

int main(void)
{
    enum { SLOTS = 1000, ROUNDS = 30000 };
    static struct { unsigned char *p; size_t size; unsigned char fill; } slot[SLOTS];
    long damaged = 0, allocated = 0, bytes = 0;
    for (int round = 0; round < ROUNDS; round++) {
        int i = next() >> 16, kind = next() >> 24;
        i %= SLOTS;
        if (slot[i].p) {
            for (size_t k = 0; k < slot[i].size; k += 1 + slot[i].size / 16)
                damaged += slot[i].p[k] != slot[i].fill;
            damaged += slot[i].size && slot[i].p[slot[i].size - 1] != slot[i].fill;
        }
        size_t size = kind % 50 == 0 ? next() % 300000 : kind % 5 == 0 ? next() % 5000 : next() % 200;
        if (slot[i].p && kind % 3 == 0) {
            size_t keep = size < slot[i].size ? size : slot[i].size;
            slot[i].p = realloc(slot[i].p, size + 1);
            for (size_t k = 0; k < keep; k += 1 + keep / 16)
                damaged += slot[i].p[k] != slot[i].fill;
        } else {
            free(slot[i].p);
            if (kind % 7 == 1) {
                slot[i].p = calloc(1, size + 1);
                for (size_t k = 0; k < size; k += 1 + size / 16)
                    damaged += slot[i].p[k] != 0;
            } else if (kind % 7 == 2) {
                slot[i].p = aligned_alloc(256, (size + 256) & ~255ul);
                damaged += (uintptr_t)slot[i].p & 255;
            } else {
                slot[i].p = malloc(size + 1);
                damaged += (uintptr_t)slot[i].p & 15;
            }
        }
        slot[i].size = size + 1;
        slot[i].fill = next() >> 24;
        memset(slot[i].p, slot[i].fill, slot[i].size);
        allocated++;
        bytes += size;
    }
    for (int i = 0; i < SLOTS; i++)
        free(slot[i].p);
    SAY("allocated %ld bytes %ld damaged %ld", allocated, bytes, damaged);
    char *large = malloc(100 << 20);
    large[0] = large[(100 << 20) - 1] = 1;
    large = realloc(large, 150 << 20);
    SAY("%d %d", large[0], large[(100 << 20) - 1]);
    free(large);
    volatile size_t huge = 1ul << 48;
    TRUTH(malloc(huge) == NULL && errno == ENOMEM);
    TRUTH(malloc_usable_size(malloc(10)) >= 10);
    SHOW(malloc_trim(0) >= 0);
    return 0;
}
