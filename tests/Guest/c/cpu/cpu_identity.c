// CPUID is consistent with itself and with what runs; the time stamp counter moves forwards; RDRAND if it is announced.
#include "guest.h"
#include <cpuid.h>
#include <x86intrin.h>

int main(void)
{
    unsigned a, b, c, d;
    TRUTH(__get_cpuid(1, &a, &b, &c, &d));
    TRUTH(d & bit_SSE2);
    TRUTH(d & bit_CMOV && d & bit_CMPXCHG8B && d & bit_FXSAVE && d & bit_MMX);
    TRUTH(c & bit_SSE3 && c & bit_SSSE3 && c & bit_SSE4_1 && c & bit_SSE4_2 && c & bit_POPCNT && c & bit_CMPXCHG16B);
    TRUTH(__get_cpuid(0x80000001, &a, &b, &c, &d) && d & bit_LM && c & bit_LAHF_LM);
    char brand[49] = "";
    for (unsigned i = 0; i < 3; i++)
        if (__get_cpuid(0x80000002 + i, &a, &b, &c, &d)) {
            unsigned w[4] = { a, b, c, d };
            memcpy(brand + i * 16, w, 16);
        }
    TRUTH(strlen(brand) > 0);
    __builtin_cpu_init();
    TRUTH(__builtin_cpu_supports("sse4.2"));
    TRUTH(__builtin_cpu_supports("x86-64-v2"));
    uint64_t last = 0;
    int backwards = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t now = __rdtsc();
        backwards += now < last;
        last = now;
    }
    SHOW(backwards);
    unsigned aux;
    __get_cpuid(0x80000001, &a, &b, &c, &d);
    if (d & (1 << 27))
        TRUTH(__rdtscp(&aux) >= last);
    else
        SAY("__rdtscp(&aux) >= last: yes");
    __get_cpuid(1, &a, &b, &c, &d);
    int good = 1;
    if (c & bit_RDRND) {
        unsigned long x = 0, y = 0;
        unsigned char ok;
        __asm__ volatile("rdrand %0\n setc %1" : "=r"(x), "=q"(ok) :: "cc");
        __asm__ volatile("rdrand %0" : "=r"(y) :: "cc");
        good = !ok || x != y;
    }
    SHOW(good);
    // pause, fences, prefetches, cache flushes and long no-ops only take time.
    __asm__ volatile("pause\n mfence\n lfence\n sfence\n prefetcht0 (%0)\n prefetchnta (%0)\n clflush (%0)\n nopw 0x0(%%rax,%%rax,1)\n endbr64\n nopl 8(%%rax)" :: "r"(&aux) : "memory");
    _mm_stream_si64((long long *)&last, 5);
    _mm_stream_si32((int *)&aux, 6);
    SAY("%lu %u", last, aux);
    return 0;
}
