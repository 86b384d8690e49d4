// A hash table with open addressing: multiplication, masks, scattered loads, growth.
#include "kernel.h"
typedef struct { uint64_t key, value; } slot;
static uint64_t work(long n)
{
    uint64_t sum = 0, x = 88172645463325252ull;
    size_t size = 1024, used = 0;
    slot *t = calloc(size, sizeof *t);
    for (long i = 0; i < n; i++) {
        x ^= x << 13; x ^= x >> 7; x ^= x << 17;
        uint64_t key = x % 60000 + 1;
        size_t at = key * 0x9e3779b97f4a7c15ull >> 40 & (size - 1);
        while (t[at].key && t[at].key != key)
            at = (at + 1) & (size - 1);
        if (!t[at].key) {
            t[at].key = key;
            if (++used * 2 > size) {
                slot *old = t;
                size_t was = size;
                t = calloc(size *= 2, sizeof *t);
                for (size_t k = 0; k < was; k++)
                    if (old[k].key) {
                        size_t to = old[k].key * 0x9e3779b97f4a7c15ull >> 40 & (size - 1);
                        while (t[to].key)
                            to = (to + 1) & (size - 1);
                        t[to] = old[k];
                    }
                free(old);
                continue;
            }
        }
        sum += ++t[at].value;
    }
    free(t);
    return sum + used;
}
KERNEL(3500000)
