// Masks of memory nodes, with all sizes that a program may claim.
#include "guest.h"
#include <sys/syscall.h>

static void get(unsigned long flags, unsigned long max, void *address) {
    unsigned long mask[600];
    int mode = -1;
    memset(mask, 0xaa, sizeof mask);
    long r = syscall(SYS_get_mempolicy, &mode, max == 0 ? 0 : mask, max, address, flags);
    int touched = 0;
    while (touched < 600 && mask[touched] != 0xaaaaaaaaaaaaaaaa) touched++;
    printf("get %lx %lx: %s, mode %d, %d words, %lx\n", flags, max, r == 0 ? "0" : strerrorname_np(errno), mode, touched, touched ? mask[0] : 0);
}

static void set(int mode, unsigned long mask, unsigned long max) {
    long r = syscall(SYS_set_mempolicy, mode, &mask, max);
    printf("set %d %lx %lx: %s\n", mode, mask, max, r == 0 ? "0" : strerrorname_np(errno));
}

int main(void) {
    static const unsigned long sizes[] = {0, 1024, 1025, 1088, 1089, 32768, 32769, 32832, 1UL << 31, 1UL << 32, 1UL << 63, -65UL, -64UL, -63UL, -62UL, -2UL, -1UL};
    int here;
    for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        get(0, sizes[i], 0);
        get(4, sizes[i], 0);
    }
    get(2, 1024, &here);
    get(2, 1024, (void *)16);
    get(8, 1024, 0);
    get(5, 1024, 0);
    set(0, 0, 0);
    set(0, 0, 64);
    set(2, 1, 2);
    set(2, 1, 64);
    set(2, 1, 1);
    set(0, 0, 0);
    set(9, 0, 0);
    set(2, 1, 1UL << 40);
    set(2, 1, -1UL);
    return 0;
}
