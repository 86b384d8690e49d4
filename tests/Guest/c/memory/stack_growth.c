// The stack grows as it is used, up to RLIMIT_STACK; deep recursion, large frames, alloca; guard pages of threads.
#include "guest.h"
#include <alloca.h>
#include <pthread.h>

static long __attribute__((noinline)) recurse(int depth)
{
    volatile char frame[200];
    frame[depth % 200] = depth;
    return depth == 0 ? 0 : 1 + recurse(depth - 1) + frame[depth % 200] * 0;
}

static void __attribute__((noinline)) large_frame(void)
{
    volatile char frame[6 << 20];
    for (int i = 0; i < (int)sizeof frame; i += 4096)
        frame[i] = 1;
    long sum = 0;
    for (int i = 0; i < (int)sizeof frame; i += 4096)
        sum += frame[i];
    SHOW(sum);
}

static void *thread(void *arg)
{
    SHOW(recurse(1000));
    return NULL;
}

int main(void)
{
    setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
    SHOW(recurse(10000));
    large_frame();
    char *far = alloca(1 << 20);
    memset(far, 1, 1 << 20);
    reap("endless recursion", CHILD({ recurse(1 << 30); }));
    reap("limit", CHILD({
        struct rlimit small = { 64 * 1024, RLIM_INFINITY };
        TRY(setrlimit(RLIMIT_STACK, &small));
        SHOW(recurse(100));
        recurse(100000);
    }));
    reap("larger limit", CHILD({
        struct rlimit large = { 64 << 20, RLIM_INFINITY };
        TRY(setrlimit(RLIMIT_STACK, &large));
        SHOW(recurse(200000));
    }));
    pthread_t t;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    RC(pthread_attr_setstacksize(&attributes, 1 << 20));
    pthread_create(&t, &attributes, thread, NULL);
    RC(pthread_join(t, NULL));
    reap("thread overflow", CHILD({
        pthread_create(&t, &attributes, (void *(*)(void *))recurse, (void *)(long)(1 << 30));
        pthread_join(t, NULL);
    }));
    return 0;
}
