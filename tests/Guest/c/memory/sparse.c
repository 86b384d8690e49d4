// A large address space, hardly used: 64 GiB reserved, pages touched far apart, forked, partly released.
#include "guest.h"

#define GIB (1ul << 30)

int main(void)
{
    char *p = mmap(NULL, 64 * GIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED)
        not_possible_here("no 64 GiB of address space");
    madvise(p, 64 * GIB, MADV_NOHUGEPAGE);
    for (unsigned long i = 0; i < 64; i++)
        p[i * GIB + i * 4096] = i + 1;
    long sum = 0;
    for (unsigned long i = 0; i < 64; i++)
        sum += p[i * GIB + i * 4096] + p[i * GIB + 500000000];
    SHOW(sum);
    reap("child", CHILD({
        for (unsigned long i = 0; i < 64; i += 2)
            p[i * GIB + i * 4096] = 100;
        sum = 0;
        for (unsigned long i = 0; i < 64; i++)
            sum += p[i * GIB + i * 4096];
        SHOW(sum);
    }));
    TRY(munmap(p + 10 * GIB, 44 * GIB));
    SAY("%d %d", p[9 * GIB + 9 * 4096], p[54 * GIB + 54 * 4096]);
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    // Four thousand areas of one page each, every other one with another protection: none of them merge.
    char *q = mmap(NULL, 4000 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 4000; i += 2)
        TRY(mprotect(q + i * 4096, 4096, PROT_READ));
    for (int i = 1; i < 4000; i += 2)
        q[i * 4096] = i;
    sum = 0;
    for (int i = 0; i < 4000; i++)
        sum += q[i * 4096];
    SHOW(sum);
    TRY(mprotect(q, 4000 * 4096, PROT_READ | PROT_WRITE));
    for (int i = 0; i < 4000; i++)
        q[i * 4096] = 1;
    SHOW(munmap(q, 4000 * 4096));
    return 0;
}
