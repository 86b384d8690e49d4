// Four hundred threads at once with small stacks, then thousands one after another; ids are reused only after the end.
// timeout: 120
#include "guest.h"
#include <pthread.h>

enum { N = 400 };
static pthread_barrier_t barrier;
static pid_t tid[N];
static void *wait_for_all(void *arg)
{
    long i = (long)arg;
    char local[1000];
    memset(local, i, sizeof local);
    tid[i] = gettid();
    pthread_barrier_wait(&barrier);
    return (void *)(long)(unsigned char)local[999];
}
static void *short_lived(void *arg) { return arg; }
static int compare(const void *a, const void *b) { return *(pid_t *)a - *(pid_t *)b; }

int main(void)
{
    static pthread_t t[N];
    pthread_attr_t a;
    pthread_attr_init(&a);
    pthread_attr_setstacksize(&a, 64 * 1024);
    pthread_barrier_init(&barrier, NULL, N + 1);
    for (long i = 0; i < N; i++)
        if (pthread_create(&t[i], &a, wait_for_all, (void *)i) != 0)
            SAY("no thread %ld", i);
    pthread_barrier_wait(&barrier);
    long sum = 0;
    for (int i = 0; i < N; i++) {
        void *v;
        pthread_join(t[i], &v);
        sum += (long)v;
    }
    SHOW(sum);
    qsort(tid, N, sizeof *tid, compare);
    int distinct = 1;
    for (int i = 1; i < N; i++)
        distinct &= tid[i] != tid[i - 1];
    SHOW(distinct);
    sum = 0;
    for (long i = 0; i < 2000; i++) {
        void *v;
        pthread_create(&t[0], &a, short_lived, (void *)i);
        pthread_join(t[0], &v);
        sum += (long)v;
    }
    SHOW(sum);
    return 0;
}
