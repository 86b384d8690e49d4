// A pipeline of threads over queues with condition variables, and a pool that computes primes: totals are exact.
// timeout: 120
#include "guest.h"
#include <pthread.h>

typedef struct { long item[16]; int head, count, closed; pthread_mutex_t lock; pthread_cond_t change; } queue;
static queue q[4];

static void put(queue *k, long v)
{
    pthread_mutex_lock(&k->lock);
    while (k->count == 16)
        pthread_cond_wait(&k->change, &k->lock);
    k->item[(k->head + k->count++) % 16] = v;
    pthread_cond_broadcast(&k->change);
    pthread_mutex_unlock(&k->lock);
}
static int take(queue *k, long *v)
{
    pthread_mutex_lock(&k->lock);
    while (k->count == 0 && !k->closed)
        pthread_cond_wait(&k->change, &k->lock);
    int got = k->count > 0;
    if (got) {
        *v = k->item[k->head];
        k->head = (k->head + 1) % 16;
        k->count--;
        pthread_cond_broadcast(&k->change);
    }
    pthread_mutex_unlock(&k->lock);
    return got;
}
static void finish(queue *k)
{
    pthread_mutex_lock(&k->lock);
    k->closed = 1;
    pthread_cond_broadcast(&k->change);
    pthread_mutex_unlock(&k->lock);
}
static void *stage(void *arg)
{
    long n = (long)arg, v;
    while (take(&q[n], &v))
        put(&q[n + 1], v * (n + 2) + 1);
    finish(&q[n + 1]);
    return NULL;
}

static long next_number;
static long primes;
static void *prime_worker(void *arg)
{
    long found = 0, n;
    while ((n = __atomic_fetch_add(&next_number, 1, __ATOMIC_SEQ_CST)) < 20000) {
        int prime = n > 1;
        for (long d = 2; d * d <= n && prime; d++)
            prime = n % d != 0;
        found += prime;
    }
    __atomic_fetch_add(&primes, found, __ATOMIC_SEQ_CST);
    return NULL;
}

int main(void)
{
    pthread_t t[8];
    for (int i = 0; i < 4; i++) {
        pthread_mutex_init(&q[i].lock, NULL);
        pthread_cond_init(&q[i].change, NULL);
    }
    for (long i = 0; i < 3; i++)
        pthread_create(&t[i], NULL, stage, (void *)i);
    long sum = 0, v, received = 0;
    int sent = 0, done = 0;
    while (!done) {
        if (sent < 2000) {
            put(&q[0], sent++);
            if (sent == 2000)
                finish(&q[0]);
            if (sent < 30)
                continue;
        }
        if (take(&q[3], &v)) {
            sum += v;
            received++;
        } else
            done = 1;
    }
    for (int i = 0; i < 3; i++)
        pthread_join(t[i], NULL);
    SAY("received %ld sum %ld", received, sum);
    for (int i = 0; i < 8; i++)
        pthread_create(&t[i], NULL, prime_worker, NULL);
    for (int i = 0; i < 8; i++)
        pthread_join(t[i], NULL);
    SHOW(primes);
    for (int round = 0; round < 300; round++) {
        pthread_create(&t[0], NULL, prime_worker, NULL);
        pthread_join(t[0], NULL);
    }
    SHOW(primes);
    return 0;
}
