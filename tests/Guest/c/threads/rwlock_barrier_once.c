// Read-write locks, barriers, once, thread-specific data with destructors, thread-local variables, semaphores.
#include "guest.h"
#include <pthread.h>
#include <semaphore.h>
#include <threads.h>

static pthread_rwlock_t rw = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;
static int shared_value, torn, once_runs, serial, destroyed, phase_errors, phase[6];
static __thread int local = 5;
static __thread char buffer[10000];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sem_t sem;

static void init_once(void) { once_runs++; }
static void destructor(void *p) { pthread_mutex_lock(&lock); destroyed += (int)(long)p; pthread_mutex_unlock(&lock); }
static struct { int a, b; } pair;

static void *reader(void *arg)
{
    for (int i = 0; i < 2000; i++) {
        pthread_rwlock_rdlock(&rw);
        torn += pair.a != pair.b;
        pthread_rwlock_unlock(&rw);
    }
    return NULL;
}
static void *writer(void *arg)
{
    for (int i = 0; i < 1000; i++) {
        pthread_rwlock_wrlock(&rw);
        pair.a++;
        shared_value++;
        pair.b++;
        pthread_rwlock_unlock(&rw);
    }
    return NULL;
}
static void *phases(void *arg)
{
    pthread_once(&once, init_once);
    pthread_setspecific(key, (void *)(long)((long)arg + 1));
    local += (long)arg;
    buffer[9999] = (long)arg;
    for (int p = 0; p < 6; p++) {
        __atomic_fetch_add(&phase[p], 1, __ATOMIC_SEQ_CST);
        if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_fetch_add(&serial, 1, __ATOMIC_SEQ_CST);
        if (phase[p] != 5)
            __atomic_fetch_add(&phase_errors, 1, __ATOMIC_SEQ_CST);
    }
    if (local != 5 + (long)arg || buffer[9999] != (long)arg)
        __atomic_fetch_add(&phase_errors, 1, __ATOMIC_SEQ_CST);
    sem_post(&sem);
    return NULL;
}
static int c11(void *arg) { return *(int *)arg * 2; }

int main(void)
{
    pthread_t t[8];
    for (int i = 0; i < 8; i++)
        pthread_create(&t[i], NULL, i % 2 ? reader : writer, NULL);
    for (int i = 0; i < 8; i++)
        pthread_join(t[i], NULL);
    SAY("writes %d torn %d", shared_value, torn);
    RC(pthread_rwlock_rdlock(&rw));
    RC(pthread_rwlock_tryrdlock(&rw));
    RC(pthread_rwlock_trywrlock(&rw));
    RC(pthread_rwlock_unlock(&rw));
    RC(pthread_rwlock_unlock(&rw));
    RC(pthread_rwlock_trywrlock(&rw));
    RC(pthread_rwlock_tryrdlock(&rw));

    pthread_barrier_init(&barrier, NULL, 5);
    pthread_key_create(&key, destructor);
    sem_init(&sem, 0, 0);
    for (long i = 0; i < 5; i++)
        pthread_create(&t[i], NULL, phases, (void *)i);
    for (int i = 0; i < 5; i++)
        sem_wait(&sem);
    for (int i = 0; i < 5; i++)
        pthread_join(t[i], NULL);
    SAY("once %d serial %d destroyed %d errors %d local %d", once_runs, serial, destroyed, phase_errors, local);
    thrd_t thread;
    int n = 21, value;
    thrd_create(&thread, c11, &n);
    thrd_join(thread, &value);
    SHOW(value);
    return 0;
}
