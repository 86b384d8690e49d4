// Threads: create, join, values, ids, detached ones, exit of the main thread, process exit from a thread.
#include "guest.h"
#include <pthread.h>

static void *square(void *arg) { long n = (long)arg; return (void *)(n * n); }
static void *exits(void *arg) { pthread_exit((void *)7); }
static int detached_done;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static void *detached(void *arg)
{
    pthread_mutex_lock(&lock);
    detached_done++;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
    return NULL;
}
static void *ids(void *arg)
{
    pid_t *out = arg;
    out[0] = getpid();
    out[1] = gettid();
    out[2] = getppid();
    return NULL;
}
static pthread_t main_thread;
static void *outlives(void *arg)
{
    void *value;
    RC(pthread_join(main_thread, &value));
    SAY("main thread left with %ld", (long)value);
    exit(12);
}
static void *ends_all(void *arg) { _exit(21); }

int main(void)
{
    pthread_t t[50];
    long sum = 0;
    for (long i = 0; i < 50; i++)
        if (pthread_create(&t[i], NULL, square, (void *)i) != 0)
            SAY("create %ld failed", i);
    for (int i = 0; i < 50; i++) {
        void *value;
        pthread_join(t[i], &value);
        sum += (long)value;
    }
    SHOW(sum);
    void *value;
    pthread_create(&t[0], NULL, exits, NULL);
    RC(pthread_join(t[0], &value));
    SHOW((long)value);
    pid_t seen[3];
    pthread_create(&t[0], NULL, ids, seen);
    pthread_join(t[0], NULL);
    TRUTH(seen[0] == getpid() && seen[1] != getpid() && seen[2] == getppid());
    TRUTH(gettid() == getpid());
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    for (int i = 0; i < 20; i++)
        pthread_create(&t[i], &attributes, detached, NULL);
    pthread_mutex_lock(&lock);
    while (detached_done < 20)
        pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    SHOW(detached_done);
    RC(pthread_join(pthread_self(), NULL));
    reap("main thread leaves first", CHILD({
        main_thread = pthread_self();
        pthread_create(&t[0], NULL, outlives, NULL);
        pthread_exit((void *)5);
    }));
    reap("exit_group from a thread", CHILD({
        pthread_create(&t[0], NULL, ends_all, NULL);
        for (;;)
            pause();
    }));
    reap("last thread returns", CHILD({
        pthread_create(&t[0], NULL, square, NULL);
        pthread_exit(NULL);
    }));
    return 0;
}
