// XGETBV, XSAVE, XSAVEC, XSAVEOPT and XRSTOR for x87, SSE and AVX.
// level: v3
// cflags: -O1 -mxsave -mxsavec -mxsaveopt -mavx2
#include "guest.h"
#include <cpuid.h>
#include <immintrin.h>
#include <setjmp.h>

static uint8_t area[8192] __attribute__((aligned(64)));
static sigjmp_buf back;
static int died;

static void on_signal(int sig)
{
    died = sig;
    siglongjmp(back, 1);
}

static uint64_t word(int at)
{
    uint64_t v;
    memcpy(&v, area + at, 8);
    return v;
}

static void put(int at, uint64_t v) { memcpy(area + at, &v, 8); }

static void load_registers(uint64_t seed)
{
    uint64_t v[4] = { seed, seed * 3, seed * 5, seed * 7 };
    __asm__ volatile("vmovdqu %0, %%ymm2; vpaddd %%ymm2, %%ymm2, %%ymm13" ::"m"(v) : "xmm2", "xmm13");
}

static void show_registers(const char *what)
{
    uint64_t a[4], b[4];
    __asm__ volatile("vmovdqu %%ymm2, %0; vmovdqu %%ymm13, %1" : "=m"(a), "=m"(b));
    SAY("%s: ymm2 %lx %lx %lx %lx ymm13 %lx %lx", what, a[0], a[1], a[2], a[3], b[0], b[3]);
}

static void try_restore(const char *what, uint64_t mask)
{
    died = 0;
    if (sigsetjmp(back, 1) == 0) {
        load_registers(0x1111);
        uint32_t low = (uint32_t)mask, high = (uint32_t)(mask >> 32);
        uint64_t a[4];
        __asm__ volatile("xrstor64 %1; vmovdqu %%ymm2, %0" : "=m"(a) : "m"(area), "a"(low), "d"(high) : "memory");
        SAY("%s: %lx %lx %lx %lx mxcsr %x", what, a[0], a[1], a[2], a[3], _mm_getcsr());
        _mm_setcsr(0x1f80);
    } else {
        SAY("%s: %s", what, sigabbrev_np(died));
    }
}

#define SAVE(instruction, mask) __asm__ volatile(instruction " %0" : "+m"(area) : "a"((uint32_t)(mask)), "d"(0) : "memory")

int main(void)
{
    unsigned a, b, c, d;
    TRUTH(__get_cpuid(1, &a, &b, &c, &d) && c & bit_OSXSAVE && c & bit_AVX && c & bit_FMA && c & bit_F16C && c & bit_MOVBE);
    TRUTH(__get_cpuid_count(7, 0, &a, &b, &c, &d) && b & bit_AVX2 && b & bit_BMI && b & bit_BMI2);
    TRUTH(__get_cpuid_count(0xd, 0, &a, &b, &c, &d) && (a & 7) == 7 && b >= 832);
    TRUTH(__get_cpuid_count(0xd, 2, &a, &b, &c, &d) && a == 256 && b == 576);
    SHOW(_xgetbv(0) & 7);
    signal(SIGSEGV, on_signal);
    signal(SIGILL, on_signal);

    memset(area, 0xcc, sizeof area);
    load_registers(0x123456789abcdef);
    _mm_setcsr(0x1fa0);
    put(512, 0);
    SAVE("xsave64", 6);
    SAY("xsave: header %lx, fcw %x, mxcsr %x, xmm2 %lx, ymm2 %lx, untouched %lx %lx %lx", word(512) & 7, area[0], area[24] | area[25] << 8, word(160 + 32), word(576 + 32), word(416), word(520), word(832));
    for (int at = 520; at < 576; at += 8) put(at, 0);
    load_registers(1);
    try_restore("all", 7);
    try_restore("only SSE", 2);
    try_restore("only AVX", 4);
    put(512, 2);
    try_restore("AVX not there", 6);
    put(512, 0);
    try_restore("nothing there", 6);
    put(512, 6 | 1ull << 40);
    try_restore("unknown component", 6);
    put(512, 6);
    put(520, 1);
    try_restore("compaction mark without bit 63", 6);
    put(520, 0);
    put(528, 1);
    try_restore("reserved header", 6);
    put(528, 0);
    area[26] = 1;
    try_restore("MXCSR bit", 6);
    try_restore("MXCSR bit, x87 only", 1);
    area[26] = 0;

    memset(area, 0xcc, sizeof area);
    _mm_setcsr(0x1f80);
    load_registers(0xfeedface12345);
    SAVE("xsavec64", 6);
    SAY("xsavec: header %lx %lx, xmm2 %lx, ymm2 %lx, untouched %lx", word(512) & 4, word(520), word(160 + 32), word(576 + 32), word(832));
    for (int at = 528; at < 576; at += 8) put(at, 0);
    put(512, word(512) | 2); // in use or not, the image has it
    if (!(word(512) & 2)) return 1;
    try_restore("compacted", 6);
    put(520, 1ull << 63 | 2);
    try_restore("compacted, a component too many", 6);

    memset(area, 0, sizeof area);
    _mm256_zeroupper();
    load_registers(0x42);
    SAVE("xsaveopt64", 7);
    show_registers("after");
    SAY("xsaveopt: header %lx, xmm2 %lx", word(512) & 6, word(160 + 32));

    died = 0;
    if (sigsetjmp(back, 1) == 0) __asm__ volatile("xsave64 8(%0)" ::"r"(area), "a"(7), "d"(0) : "memory");
    SAY("misaligned: %s", died ? sigabbrev_np(died) : "nothing");
    died = 0;
    if (sigsetjmp(back, 1) == 0) __asm__ volatile("xgetbv" ::"c"(7) : "rax", "rdx");
    SAY("xgetbv of 7: %s", died ? sigabbrev_np(died) : "nothing");
    died = 0;
    if (sigsetjmp(back, 1) == 0) __asm__ volatile("xsetbv" ::"c"(0), "a"(7), "d"(0));
    SAY("xsetbv: %s", died ? sigabbrev_np(died) : "nothing");
    return 0;
}
