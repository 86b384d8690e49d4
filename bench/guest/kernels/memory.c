// memcpy, memmove, memset and memcmp of sizes from a few bytes to 256 KiB.
#include "kernel.h"
static uint64_t work(long n)
{
    static unsigned char a[300000], b[300000];
    uint64_t sum = 0;
    for (int i = 0; i < 300000; i++)
        a[i] = i * 13;
    while (n--) {
        for (size_t size = 8; size <= 262144; size *= 4) {
            for (size_t times = 0; times < 262144 / size && times < 64; times++) {
                memcpy(b + (times & 15), a + (n & 15), size);
                memmove(a + 3, a, size);
                sum += memcmp(a, b, size) > 0;
                memset(b + size / 2, (int)n, size / 2);
                sum += b[size - 1] + a[size / 3];
            }
        }
    }
    return sum;
}
KERNEL(300)
