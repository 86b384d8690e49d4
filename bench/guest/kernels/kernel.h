// A CPU kernel: work(n) is run once and its checksum and time are printed. The argument scales n, in percent.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint64_t work(long n);

static int kernel_main(int argc, char **argv, long standard)
{
    long percent = argc > 1 ? atol(argv[1]) : 100, n = standard * percent / 100;
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    uint64_t sum = work(n > 0 ? n : 1);
    clock_gettime(CLOCK_MONOTONIC, &b);
    printf("checksum %016llx\n", (unsigned long long)sum);
    printf("nanoseconds %lld\n", (b.tv_sec - a.tv_sec) * 1000000000ll + b.tv_nsec - a.tv_nsec);
    return 0;
}
#define KERNEL(standard) int main(int argc, char **argv) { return kernel_main(argc, argv, standard); }
