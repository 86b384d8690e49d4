// Calls through function pointers, chosen by data.
#include "kernel.h"
static uint64_t f0(uint64_t x) { return x + 1; }
static uint64_t f1(uint64_t x) { return x ^ x >> 7; }
static uint64_t f2(uint64_t x) { return x * 3; }
static uint64_t f3(uint64_t x) { return x - (x >> 3); }
static uint64_t f4(uint64_t x) { return x << 5 | x >> 59; }
static uint64_t f5(uint64_t x) { return ~x; }
static uint64_t f6(uint64_t x) { return x + (x & 0xff); }
static uint64_t f7(uint64_t x) { return x ^ 0x5555555555555555; }
static uint64_t (*volatile table[8])(uint64_t) = { f0, f1, f2, f3, f4, f5, f6, f7 };
static uint64_t work(long n)
{
    uint64_t x = 12345, r = 1;
    while (n--) {
        r = r * 1664525 + 1013904223;
        x = table[r >> 20 & 7](x);
    }
    return x;
}
KERNEL(4000000)
