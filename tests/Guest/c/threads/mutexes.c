// Mutex kinds, contention, timed locks, condition variables, priorities of wake-ups left out.
#include "guest.h"
#include <pthread.h>

enum { THREADS = 8, ROUNDS = 5000 };
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_spinlock_t spin;
static long counter, spin_counter, slots[10], produced, consumed, sum;
static int head, tail, count;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER, not_empty = PTHREAD_COND_INITIALIZER;

static void *add(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        pthread_mutex_lock(&lock);
        counter++;
        pthread_mutex_unlock(&lock);
    }
    for (int i = 0; i < 200; i++) {
        pthread_spin_lock(&spin);
        spin_counter++;
        pthread_spin_unlock(&spin);
    }
    return NULL;
}
static void *producer(void *arg)
{
    for (int i = 0; i < 1000; i++) {
        pthread_mutex_lock(&lock);
        while (count == 10)
            pthread_cond_wait(&not_full, &lock);
        slots[head] = ++produced;
        head = (head + 1) % 10;
        count++;
        pthread_cond_signal(&not_empty);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}
static void *consumer(void *arg)
{
    for (int i = 0; i < 1000; i++) {
        pthread_mutex_lock(&lock);
        while (count == 0)
            pthread_cond_wait(&not_empty, &lock);
        sum += slots[tail];
        consumed++;
        tail = (tail + 1) % 10;
        count--;
        pthread_cond_broadcast(&not_full);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}
static void *try_other(void *mutex)
{
    RC(pthread_mutex_trylock(mutex));
    RC(pthread_mutex_unlock(mutex));
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += 20000000;
    if (t.tv_nsec >= 1000000000) {
        t.tv_sec++;
        t.tv_nsec -= 1000000000;
    }
    RC(pthread_mutex_timedlock(mutex, &t));
    return NULL;
}

int main(void)
{
    pthread_t t[THREADS];
    pthread_spin_init(&spin, 0);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&t[i], NULL, add, NULL);
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    SAY("counter %ld spin %ld", counter, spin_counter);
    for (int i = 0; i < 4; i++) {
        pthread_create(&t[i], NULL, producer, NULL);
        pthread_create(&t[i + 4], NULL, consumer, NULL);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(t[i], NULL);
    SAY("produced %ld consumed %ld sum %ld", produced, consumed, sum);

    pthread_mutexattr_t a;
    pthread_mutex_t m;
    pthread_mutexattr_init(&a);
    pthread_mutexattr_settype(&a, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&m, &a);
    RC(pthread_mutex_lock(&m));
    RC(pthread_mutex_lock(&m));
    RC(pthread_mutex_trylock(&m));
    pthread_create(&t[0], NULL, try_other, &m);
    pthread_join(t[0], NULL);
    RC(pthread_mutex_unlock(&m));
    RC(pthread_mutex_unlock(&m));
    pthread_mutexattr_settype(&a, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&m, &a);
    RC(pthread_mutex_lock(&m));
    RC(pthread_mutex_lock(&m));
    RC(pthread_mutex_unlock(&m));
    RC(pthread_mutex_destroy(&m));
    RC(pthread_mutex_unlock(&m));
    RC(pthread_mutex_unlock(&m));
    RC(pthread_mutex_destroy(&m));
    pthread_cond_t c;
    pthread_condattr_t ca;
    pthread_condattr_init(&ca);
    pthread_condattr_setclock(&ca, CLOCK_MONOTONIC);
    pthread_cond_init(&c, &ca);
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec -= 1;
    pthread_mutex_lock(&lock);
    RC(pthread_cond_timedwait(&c, &lock, &until));
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += (until.tv_nsec += 10000000) >= 1000000000;
    until.tv_nsec %= 1000000000;
    RC(pthread_cond_timedwait(&c, &lock, &until));
    pthread_mutex_unlock(&lock);
    // Shared between processes.
    struct { pthread_mutex_t m; long n; } *s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_init(&a);
    pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&s->m, &a);
    pid_t pid[3];
    for (int i = 0; i < 3; i++)
        pid[i] = CHILD(for (int k = 0; k < 1000; k++) { pthread_mutex_lock(&s->m); s->n++; pthread_mutex_unlock(&s->m); });
    for (int i = 0; i < 3; i++)
        reap("adder", pid[i]);
    SHOW(s->n);
    return 0;
}
