// Cancellation: deferred and asynchronous, points, handlers in order, disabled state, cancelled in cond_wait and read.
#include "guest.h"
#include <pthread.h>
#include <sched.h>

static int p[2];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static gate started;

static void clean(void *text) { SAY("cleanup %s", (char *)text); }
static void unlock(void *m) { pthread_mutex_unlock(m); SAY("unlocked"); }

static void *in_read(void *arg)
{
    char c;
    pthread_cleanup_push(clean, "outer");
    pthread_cleanup_push(clean, "inner");
    tell(started);
    ssize_t n = read(p[0], &c, 1);
    SAY("not reached %zd", n);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return NULL;
}
static void *in_wait(void *arg)
{
    pthread_mutex_lock(&lock);
    pthread_cleanup_push(unlock, &lock);
    tell(started);
    pthread_cond_wait(&never, &lock);
    pthread_cleanup_pop(1);
    return NULL;
}
static void *disabled(void *arg)
{
    int old;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    tell(started);
    wait_told(*(gate *)arg);
    SAY("still here while disabled");
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
    pthread_testcancel();
    SAY("not reached");
    return NULL;
}
static volatile int spinning;
static void *asynchronous(void *arg)
{
    int old;
    pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
    spinning = 1;
    for (;;)
        continue;
}
static void *popped(void *arg)
{
    pthread_cleanup_push(clean, "runs at pop");
    pthread_cleanup_pop(1);
    pthread_cleanup_push(clean, "runs at exit");
    pthread_exit("value");
    pthread_cleanup_pop(0);
}

static void join(const char *what, pthread_t t)
{
    void *value;
    pthread_join(t, &value);
    SAY("%s: %s", what, value == PTHREAD_CANCELED ? "cancelled" : value ? (char *)value : "returned");
}

int main(void)
{
    pthread_t t;
    TRY(pipe(p));
    started = new_gate();
    pthread_create(&t, NULL, in_read, NULL);
    wait_told(started);
    pthread_cancel(t);
    join("read", t);
    pthread_create(&t, NULL, in_wait, NULL);
    wait_told(started);
    pthread_cancel(t);
    join("cond_wait", t);
    RC(pthread_mutex_trylock(&lock));
    gate go = new_gate();
    pthread_create(&t, NULL, disabled, &go);
    wait_told(started);
    pthread_cancel(t);
    tell(go);
    join("disabled", t);
    pthread_create(&t, NULL, asynchronous, NULL);
    while (!spinning)
        sched_yield();
    pthread_cancel(t);
    join("asynchronous", t);
    pthread_create(&t, NULL, popped, NULL);
    join("popped", t);
    return 0;
}
