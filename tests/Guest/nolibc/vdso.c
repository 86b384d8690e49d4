// The vDSO, if there is one, is an ELF image whose clock agrees with the system call.
#include "nolibc.h"

static int same(const char *a, const char *b) { while (*a && *a == *b) a++, b++; return *a == *b; }

static void start(long *stack)
{
    long argc = *stack;
    char **e = (char **)(stack + argc + 2);
    while (*e)
        e++;
    u64 base = 0;
    for (long *aux = (long *)(e + 1); aux[0]; aux += 2)
        if (aux[0] == 33)
            base = aux[1];
    int ok = 1;
    if (base) {
        unsigned char *image = (unsigned char *)base;
        ok &= image[0] == 0x7f && image[1] == 'E' && image[4] == 2;
        u64 phoff = *(u64 *)(image + 32);
        int phnum = *(unsigned short *)(image + 56);
        u64 *dynamic = 0;
        u64 load = 0;
        for (int i = 0; i < phnum; i++) {
            unsigned char *p = image + phoff + i * 56;
            if (*(u32 *)p == 1)
                load = base - *(u64 *)(p + 16);
            if (*(u32 *)p == 2)
                dynamic = (u64 *)(base + *(u64 *)(p + 8));
        }
        char *strings = 0;
        unsigned char *symbols = 0;
        u32 *hash = 0;
        for (; dynamic && dynamic[0]; dynamic += 2) {
            if (dynamic[0] == 5) strings = (char *)(load + dynamic[1]);
            if (dynamic[0] == 6) symbols = (unsigned char *)(load + dynamic[1]);
            if (dynamic[0] == 4) hash = (u32 *)(load + dynamic[1]);
        }
        // Newer kernels only have the GNU hash; then the names are looked for until the strings begin.
        u64 count = hash ? hash[1] : ((u64)strings - (u64)symbols) / 24;
        for (u64 i = 0; strings && symbols && i < count && i < 64; i++)
            if (same(strings + *(u32 *)(symbols + i * 24), "__vdso_clock_gettime")) {
                int (*clock)(int, long *) = (int (*)(int, long *))(load + *(u64 *)(symbols + i * 24 + 8));
                long a[2], b[2], c[2];
                SYS2(nr_clock_gettime, 1, a);
                ok &= clock(1, b) == 0;
                SYS2(nr_clock_gettime, 1, c);
                long x = a[0] * 1000000000 + a[1], y = b[0] * 1000000000 + b[1], z = c[0] * 1000000000 + c[1];
                ok &= x <= y + 1000000 && y <= z + 1000000;
            }
    }
    number("consistent", ok);
    long t[2];
    number("system call", SYS2(nr_clock_gettime, 0, t));
    number("bad clock", SYS2(nr_clock_gettime, 4000, t));
    finish(0);
}
