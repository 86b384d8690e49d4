// The sieve of Eratosthenes: strided byte stores.
#include "kernel.h"
static uint64_t work(long n)
{
    enum { SIZE = 200000 };
    static char composite[SIZE];
    uint64_t sum = 0;
    while (n--) {
        memset(composite, 0, SIZE);
        for (long i = 2; i < SIZE; i++)
            if (!composite[i]) {
                sum += i;
                for (long k = i * i; k < SIZE; k += i)
                    composite[k] = 1;
            }
    }
    return sum;
}
KERNEL(60)
