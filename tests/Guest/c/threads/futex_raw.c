// Raw futex operations: WAIT, WAKE, time-outs, REQUEUE, CMP_REQUEUE, BITSET, WAKE_OP, private and shared, errors.
#include "guest.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>

static int word, other;
static long futex(int *at, int op, int value, const void *timeout_or_count, int *at2, int value3)
{
    return syscall(SYS_futex, at, op, value, timeout_or_count, at2, value3);
}
static volatile int asleep[4], woken;
static void *sleeper(void *arg)
{
    long i = (long)arg;
    asleep[i] = gettid();
    futex(&word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    __atomic_fetch_add(&woken, 1, __ATOMIC_SEQ_CST);
    return NULL;
}
static void *bit_sleeper(void *arg)
{
    long i = (long)arg;
    asleep[i] = gettid();
    futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, 1 << i);
    __atomic_fetch_add(&woken, 1 << (8 * i), __ATOMIC_SEQ_CST);
    return NULL;
}
static void until_asleep(int n)
{
    for (int i = 0; i < n; i++) {
        char path[64], text[512] = "";
        while (!asleep[i])
            sched_yield();
        do {
            usleep(500);
            sprintf(path, "/proc/self/task/%d/stat", asleep[i]);
            int fd = TRY(open(path, O_RDONLY));
            text[TRY(read(fd, text, sizeof text - 1))] = 0;
            close(fd);
        } while (strrchr(text, ')')[2] != 'S');
    }
}
static void until_woken(int n) { while (__atomic_load_n(&woken, __ATOMIC_SEQ_CST) != n) usleep(500); }

int main(void)
{
    pthread_t t[4];
    struct timespec soon = { 0, 10000000 }, bad = { 0, 1000000000 }, past = { 1, 0 };
    CALL(futex(&word, FUTEX_WAIT, 1, NULL, NULL, 0));
    CALL(futex(&word, FUTEX_WAIT, 0, &soon, NULL, 0));
    CALL(futex(&word, FUTEX_WAIT, 0, &bad, NULL, 0));
    CALL(futex(&word, FUTEX_WAIT_BITSET, 0, &past, NULL, FUTEX_BITSET_MATCH_ANY));
    CALL(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &past, NULL, FUTEX_BITSET_MATCH_ANY));
    CALL(futex(&word, FUTEX_WAIT_BITSET, 0, NULL, NULL, 0));
    CALL(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0));
    CALL(futex((int *)((char *)&word + 1), FUTEX_WAKE, 1, NULL, NULL, 0));
    CALL(futex((int *)8, FUTEX_WAIT, 1, NULL, NULL, 0));
    CALL(futex(&word, 99, 1, NULL, NULL, 0));

    for (long i = 0; i < 4; i++)
        pthread_create(&t[i], NULL, sleeper, (void *)i);
    until_asleep(4);
    CALL(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
    until_woken(1);
    CALL(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)1l, &other, 5));
    CALL(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)1l, &other, 0));
    until_woken(2);
    CALL(futex(&other, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
    until_woken(3);
    CALL(futex(&word, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
    until_woken(4);
    for (int i = 0; i < 4; i++)
        pthread_join(t[i], NULL);

    woken = 0;
    memset((void *)asleep, 0, sizeof asleep);
    for (long i = 0; i < 3; i++)
        pthread_create(&t[i], NULL, bit_sleeper, (void *)i);
    until_asleep(3);
    CALL(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 10, NULL, NULL, 2));
    until_woken(0x100);
    CALL(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 10, NULL, NULL, 8));
    CALL(futex(&word, FUTEX_WAKE_BITSET_PRIVATE, 10, NULL, NULL, 5));
    until_woken(0x10101);
    for (int i = 0; i < 3; i++)
        pthread_join(t[i], NULL);

    // WAKE_OP: other = other + 7, wake on word; also on other when its old value was 0.
    CALL(futex(&word, FUTEX_WAKE_OP_PRIVATE, 1, (void *)1l, &other, FUTEX_OP(FUTEX_OP_ADD, 7, FUTEX_OP_CMP_EQ, 0)));
    SHOW(other);

    // A shared futex in memory common to two processes.
    int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pid = CHILD({
        while (__atomic_load_n(&shared[0], __ATOMIC_SEQ_CST) == 0)
            futex(shared, FUTEX_WAIT, 0, NULL, NULL, 0);
        _exit(shared[0]);
    });
    until_state(pid, 'S');
    __atomic_store_n(&shared[0], 3, __ATOMIC_SEQ_CST);
    CALL(futex(shared, FUTEX_WAKE, 1, NULL, NULL, 0));
    reap("child", pid);
    // A private wake does not reach a shared waiter of a shared page's address in another process, a signal does.
    shared[0] = 0;
    pid = CHILD({
        struct sigaction a;
        memset(&a, 0, sizeof a);
        a.sa_handler = (void (*)(int))exit;
        sigaction(SIGUSR1, &a, NULL);
        CALL(futex(shared, FUTEX_WAIT, 0, NULL, NULL, 0));
    });
    until_state(pid, 'S');
    CALL(futex(shared, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
    kill(pid, SIGUSR1);
    reap("interrupted", pid);
    return 0;
}
