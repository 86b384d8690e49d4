// Sums and products of long doubles on the x87.
#include "kernel.h"
static uint64_t work(long n)
{
    long double sum = 0, product = 1, third = 1.0L / 3;
    for (long i = 1; i <= n; i++) {
        sum += third / i;
        product *= 1 + 1.0L / ((long double)i * i + 3);
        sum -= product * 1e-9L;
    }
    unsigned char raw[16] = { 0 };
    memcpy(raw, &sum, 10);
    uint64_t bits;
    memcpy(&bits, raw, 8);
    return bits ^ (uint64_t)(product * 1e15L);
}
KERNEL(2500000)
