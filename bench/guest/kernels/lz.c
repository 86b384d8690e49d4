// LZ compression and expansion of text: hashing, comparing, copying bytes.
#include "kernel.h"
enum { SIZE = 200000 };
static unsigned char text[SIZE], packed[SIZE * 2], back[SIZE];
static size_t compress(const unsigned char *in, size_t size, unsigned char *out)
{
    static int head[65536];
    unsigned char *o = out;
    memset(head, -1, sizeof head);
    for (size_t i = 0; i < size;) {
        size_t best = 0;
        int at = -1;
        if (i + 4 <= size) {
            uint32_t four;
            memcpy(&four, in + i, 4);
            uint32_t h = four * 2654435761u >> 16;
            at = head[h];
            head[h] = (int)i;
            if (at >= 0 && i - at < 65535)
                while (best < 255 && i + best < size && in[at + best] == in[i + best])
                    best++;
        }
        if (best >= 4) {
            *o++ = 1;
            *o++ = (i - at) >> 8;
            *o++ = i - at;
            *o++ = best;
            i += best;
        } else {
            *o++ = 0;
            *o++ = in[i++];
        }
    }
    return o - out;
}
static size_t expand(const unsigned char *in, size_t size, unsigned char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < size;) {
        if (in[i] == 0) {
            out[n++] = in[i + 1];
            i += 2;
        } else {
            size_t from = n - (in[i + 1] << 8 | in[i + 2]);
            for (int k = in[i + 3]; k > 0; k--)
                out[n++] = out[from++];
            i += 4;
        }
    }
    return n;
}
static uint64_t work(long n)
{
    uint32_t x = 1;
    static const char *const words[] = { "the ", "quick ", "brown ", "fox ", "jumps ", "over ", "lazy ", "dogs ", "and ", "sleeps\n" };
    for (size_t at = 0; at < SIZE;) {
        x = x * 1664525 + 1013904223;
        for (const char *w = words[(x >> 16) % 10]; *w && at < SIZE; w++)
            text[at++] = *w;
    }
    uint64_t sum = 0;
    while (n--) {
        size_t size = compress(text, SIZE, packed);
        sum = sum * 31 + size + (expand(packed, size, back) == SIZE && memcmp(text, back, SIZE) == 0);
        text[(n * 7919) % SIZE] ^= 1;
    }
    return sum;
}
KERNEL(20)
