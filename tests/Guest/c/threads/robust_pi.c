// Robust mutexes: the owner's end is noticed, state made consistent or lost; priority-inheritance mutexes.
#include "guest.h"
#include <pthread.h>

static pthread_mutex_t m;
static void *dies_holding(void *arg) { pthread_mutex_lock(&m); return NULL; }
static void *waits(void *arg) { RC(pthread_mutex_lock(&m)); RC(pthread_mutex_consistent(&m)); RC(pthread_mutex_unlock(&m)); return NULL; }

static void init(int robust, int shared, int protocol, pthread_mutex_t *mutex)
{
    pthread_mutexattr_t a;
    pthread_mutexattr_init(&a);
    if (robust)
        pthread_mutexattr_setrobust(&a, PTHREAD_MUTEX_ROBUST);
    if (shared)
        pthread_mutexattr_setpshared(&a, PTHREAD_PROCESS_SHARED);
    pthread_mutexattr_setprotocol(&a, protocol);
    pthread_mutex_init(mutex, &a);
}

int main(void)
{
    pthread_t t;
    init(1, 0, PTHREAD_PRIO_NONE, &m);
    pthread_create(&t, NULL, dies_holding, NULL);
    pthread_join(t, NULL);
    RC(pthread_mutex_trylock(&m));
    RC(pthread_mutex_consistent(&m));
    RC(pthread_mutex_unlock(&m));
    RC(pthread_mutex_lock(&m));
    RC(pthread_mutex_unlock(&m));
    pthread_create(&t, NULL, dies_holding, NULL);
    pthread_join(t, NULL);
    RC(pthread_mutex_lock(&m));
    RC(pthread_mutex_unlock(&m));
    RC(pthread_mutex_lock(&m));

    // Between processes: a waiter sleeps in the kernel when the owner is killed.
    pthread_mutex_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    init(1, 1, PTHREAD_PRIO_NONE, shared);
    gate held = new_gate();
    pid_t owner = CHILD({
        pthread_mutex_lock(shared);
        tell(held);
        for (;;)
            pause();
    });
    wait_told(held);
    RC(pthread_mutex_trylock(shared));
    pid_t waiter = CHILD({ RC(pthread_mutex_lock(shared)); RC(pthread_mutex_consistent(shared)); RC(pthread_mutex_unlock(shared)); });
    until_state(waiter, 'S');
    kill(owner, SIGKILL);
    siginfo_t info;
    TRY(waitid(P_PID, waiter, &info, WEXITED | WNOWAIT));
    reap("owner", owner);
    reap("waiter", waiter);
    RC(pthread_mutex_trylock(shared));
    // An exec gives up the locks as well.
    RC(pthread_mutex_unlock(shared));
    reap("exec", CHILD({ pthread_mutex_lock(shared); execl("/bin/true", "true", NULL); }));
    RC(pthread_mutex_trylock(shared));

    init(0, 0, PTHREAD_PRIO_INHERIT, &m);
    RC(pthread_mutex_lock(&m));
    RC(pthread_mutex_trylock(&m));
    RC(pthread_mutex_unlock(&m));
    init(1, 0, PTHREAD_PRIO_INHERIT, &m);
    pthread_create(&t, NULL, dies_holding, NULL);
    pthread_join(t, NULL);
    pthread_create(&t, NULL, waits, NULL);
    pthread_join(t, NULL);
    return 0;
}
