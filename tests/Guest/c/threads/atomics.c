// Atomic operations under contention: every one of them loses nothing; a Peterson lock on sequential consistency.
// cflags: -mcx16 -latomic
#include "guest.h"
#include <pthread.h>
#include <stdatomic.h>
#include <sched.h>

enum { THREADS = 4, ROUNDS = 10000 };
static atomic_long added, subtracted, by_cas, by_xchg_sum, maximum;
static atomic_int bits;
static atomic_long slot;
static _Atomic __int128 wide;
static atomic_int want[2], turn;
static long peterson;

static void *work(void *arg)
{
    long me = (long)arg;
    for (long i = 0; i < ROUNDS; i++) {
        atomic_fetch_add(&added, i);
        atomic_fetch_sub(&subtracted, 1);
        long old = atomic_load(&by_cas);
        while (!atomic_compare_exchange_weak(&by_cas, &old, old + 3))
            continue;
        atomic_fetch_xor(&bits, 1 << me);
        atomic_fetch_add(&by_xchg_sum, atomic_exchange(&slot, 1) ? 0 : 1);
        if (atomic_exchange(&slot, 0))
            atomic_fetch_sub(&by_xchg_sum, 0);
        long m = atomic_load(&maximum), mine = i * THREADS + me;
        while (m < mine && !atomic_compare_exchange_strong(&maximum, &m, mine))
            continue;
    }
    for (int i = 0; i < 1000; i++) {
        __int128 old = wide;
        while (!__sync_bool_compare_and_swap((__int128 *)&wide, old, old + (((__int128)1 << 64) | 1)))
            old = *(volatile __int128 *)&wide;
    }
    return NULL;
}
static void *lock(void *arg)
{
    long me = (long)arg;
    for (int i = 0; i < 300; i++) {
        atomic_store(&want[me], 1);
        atomic_store(&turn, 1 - me);
        while (atomic_load(&want[1 - me]) && atomic_load(&turn) == 1 - me)
            sched_yield();
        peterson++;
        atomic_store(&want[me], 0);
    }
    return NULL;
}

int main(void)
{
    pthread_t t[THREADS];
    for (long i = 0; i < THREADS; i++)
        pthread_create(&t[i], NULL, work, (void *)i);
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    SAY("added %ld subtracted %ld cas %ld bits %d maximum %ld", (long)added, (long)subtracted, (long)by_cas, (int)bits, (long)maximum);
    SAY("wide %ld %ld", (long)(wide >> 64), (long)wide);
    for (long i = 0; i < 2; i++)
        pthread_create(&t[i], NULL, lock, (void *)i);
    for (int i = 0; i < 2; i++)
        pthread_join(t[i], NULL);
    SHOW(peterson);
    return 0;
}
