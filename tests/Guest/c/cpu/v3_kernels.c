// Loops that the compiler turns into vector code for x86-64-v3, with lengths and alignments of all kinds.
// level: v3
// cflags: -O3 -march=x86-64-v3 -ffast-math
// cflags: -O2 -march=x86-64-v3
// cflags: -O3 -march=haswell -funroll-loops -static
#include "guest.h"
#include <math.h>

#define N 1000
static float fa[N + 64], fb[N + 64];
static double da[N + 64], db[N + 64];
static int32_t ia[N + 64], ib[N + 64];
static int64_t la[N + 64];
static uint8_t ba[N + 64], bb[N + 64];
static uint16_t ha[N + 64];

static uint64_t state = 1;
static uint64_t next(void) { return (state = state * 6364136223846793005u + 1442695040888963407u) >> 16; }

static uint64_t hash(const void *p, size_t n)
{
    uint64_t h = 14695981039346656037u;
    for (size_t i = 0; i < n; i++) h = (h ^ ((const uint8_t *)p)[i]) * 1099511628211u;
    return h;
}

static void reset(void)
{
    for (int i = 0; i < N + 64; i++) {
        ia[i] = (int32_t)next();
        ib[i] = (int32_t)next() % 500;
        la[i] = (int64_t)(next() * next());
        ba[i] = (uint8_t)next();
        bb[i] = (uint8_t)next();
        ha[i] = (uint16_t)next();
        fa[i] = (float)(ia[i] % 1000);
        fb[i] = (float)(ib[i] % 100);
        da[i] = ia[i] % 777;
        db[i] = ib[i];
    }
}

__attribute__((noinline)) static void saxpy(float *restrict y, const float *restrict x, float a, int n) { for (int i = 0; i < n; i++) y[i] += a * x[i]; }
__attribute__((noinline)) static void choose(int32_t *restrict y, const int32_t *restrict x, int n) { for (int i = 0; i < n; i++) if (x[i] & 1) y[i] = x[i] * 3; }
__attribute__((noinline)) static void gather(int32_t *restrict y, const int32_t *restrict x, const int32_t *restrict at, int n) { for (int i = 0; i < n; i++) y[i] = x[(unsigned)at[i] % 500u]; }
__attribute__((noinline)) static int64_t sum(const int32_t *x, int n) { int64_t s = 0; for (int i = 0; i < n; i++) s += x[i]; return s; }
__attribute__((noinline)) static uint64_t difference(const uint8_t *x, const uint8_t *y, int n) { uint64_t s = 0; for (int i = 0; i < n; i++) s += (uint64_t)abs(x[i] - y[i]); return s; }
__attribute__((noinline)) static void shifts(int32_t *restrict y, const int32_t *restrict x, int n) { for (int i = 0; i < n; i++) y[i] = (int32_t)((uint32_t)y[i] << (x[i] & 31)); }
__attribute__((noinline)) static void convert(double *restrict y, const int32_t *restrict x, int n) { for (int i = 0; i < n; i++) y[i] = x[i] * 0.5; }
__attribute__((noinline)) static void roots(double *restrict y, const double *restrict x, int n) { for (int i = 0; i < n; i++) y[i] = floor(fabs(x[i]) * 4 + y[i]); }
__attribute__((noinline)) static int bits(const int64_t *x, int n)
{
    int s = 0;
    for (int i = 0; i < n; i++) s += __builtin_ctzll((uint64_t)x[i] | 1ull << 63) + __builtin_clzll((uint64_t)x[i] | 1) + __builtin_popcountll((uint64_t)x[i]);
    return s;
}
__attribute__((noinline)) static uint64_t tricks(const int64_t *x, int n)
{
    uint64_t s = 0;
    for (int i = 0; i < n; i++) {
        uint64_t v = (uint64_t)x[i];
        s += (v & (v - 1)) ^ (v & -v) ^ (~v & s) ^ (v >> (s & 63)) ^ ((v >> 7) | (v << 57)) ^ __builtin_bswap64(v);
        s ^= (uint64_t)((unsigned __int128)v * s >> 64);
    }
    return s;
}
__attribute__((noinline)) static void reverse(uint16_t *x, int n) { for (int i = 0; i < n; i++) x[i] = (uint16_t)((x[i] << 8) | (x[i] >> 8)); }

int main(void)
{
    TRUTH(__builtin_cpu_supports("x86-64-v3"));
    int lengths[] = { 1, 3, 7, 8, 15, 16, 31, 33, 64, 100, 255, 999, 1000 };
    for (unsigned k = 0; k < sizeof lengths / sizeof *lengths; k++)
        for (int shift = 0; shift < 9; shift += 4) {
            int n = lengths[k];
            reset();
            saxpy(fa + shift, fb + 1, 3, n);
            choose(ia + shift, ib, n);
            gather(ib + shift, ia, ia + 3, n);
            shifts(ia, ib + shift, n);
            convert(da + shift, ib, n);
            roots(db, da + shift, n);
            reverse(ha + shift, n);
            SAY("%d %d: %lx %lx %lx %lx %lx %lx %lld %llu %d %llx", n, shift, hash(fa, sizeof fa), hash(ia, sizeof ia), hash(ib, sizeof ib), hash(da, sizeof da),
                hash(db, sizeof db), hash(ha, sizeof ha), (long long)sum(ib, n), (unsigned long long)difference(ba + shift, bb, n), bits(la, n), (unsigned long long)tricks(la, n));
        }
    // The C library's own.
    char *text = malloc(100000), *copy = malloc(100000);
    for (int i = 0; i < 99999; i++) text[i] = (char)('a' + next() % 26);
    text[99999] = 0;
    size_t total = 0;
    for (int i = 0; i < 300; i++) {
        size_t from = next() % 50000, length = next() % 40000;
        memcpy(copy + next() % 1000, text + from, length);
        memmove(copy + 5, copy, length);
        total += strlen(text + from) + (size_t)(strchr(text + from, 'q') - text) + (size_t)abs(memcmp(text + from, copy, length) > 0) + (size_t)((char *)memrchr(text, 'z', 99999) - text);
        memset(copy + from, (int)(i & 0xff), length / 2);
        total += (size_t)(strstr(text + from / 2, "ab") - text);
    }
    SAY("%zu %lx", total, hash(copy, 95000));
    SAY("%.17g %.17g %.17g %.9g", sin(1.5), exp(2.25), pow(1.1, 7.7), (double)sinf(3.25f));
    return 0;
}
