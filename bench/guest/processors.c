// Two threads that compute and share nothing: with two processors, half the time.
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static long rounds;

static void *work(void *seed)
{
    uint64_t x = (uintptr_t)seed, sum = 0;
    static __thread uint32_t table[1024];
    for (long i = 0; i < rounds; i++)
    {
        x = x * 6364136223846793005u + 1442695040888963407u;
        sum += table[x >> 54] ^= (uint32_t)x;
    }
    return (void *)(uintptr_t)sum;
}

int main(int argc, char **argv)
{
    rounds = argc > 1 ? atol(argv[1]) : 100000000;
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    pthread_t threads[2];
    uintptr_t sum = 0;
    for (uintptr_t i = 0; i < 2; i++) pthread_create(&threads[i], NULL, work, (void *)(i + 1));
    for (int i = 0; i < 2; i++)
    {
        void *one;
        pthread_join(threads[i], &one);
        sum += (uintptr_t)one;
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%.6f %lx\n", (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9, (unsigned long)sum);
    return 0;
}
