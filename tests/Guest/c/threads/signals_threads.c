// Signals and threads: directed ones, process-wide ones to whoever does not block them, masks inherited, sigwait threads.
#include "guest.h"
#include <pthread.h>
#include <sched.h>

static volatile pid_t handled_by;
static volatile int hits;
static gate ready, go;
static void handler(int sig) { handled_by = gettid(); hits++; }
static pid_t tid_of_worker;

static void *worker(void *arg)
{
    sigset_t set;
    pthread_sigmask(SIG_SETMASK, NULL, &set);
    SAY("inherited mask: USR1 %d USR2 %d", sigismember(&set, SIGUSR1), sigismember(&set, SIGUSR2));
    tid_of_worker = gettid();
    sigdelset(&set, SIGUSR1);
    pthread_sigmask(SIG_SETMASK, &set, NULL);
    tell(ready);
    wait_told(go);
    sigpending(&set);
    SAY("worker pending USR2 %d", sigismember(&set, SIGUSR2));
    return NULL;
}
static void *waiter(void *arg)
{
    sigset_t set;
    int sig;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGRTMIN);
    tell(ready);
    wait_told(go);
    // Both are pending by now: the one directed to this thread comes first.
    for (int i = 0; i < 2; i++) {
        sigwait(&set, &sig);
        SAY("sigwait thread took %s", signame(sig));
    }
    return NULL;
}

int main(void)
{
    sigset_t set;
    pthread_t t;
    ready = new_gate();
    go = new_gate();
    signal(SIGUSR1, handler);
    signal(SIGUSR2, handler);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGRTMIN);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    pthread_create(&t, NULL, worker, NULL);
    wait_told(ready);
    // Blocked here, open there: the worker gets it.
    kill(getpid(), SIGUSR1);
    while (hits < 1)
        sched_yield();
    TRUTH(handled_by == tid_of_worker);
    RC(pthread_kill(t, SIGUSR1));
    while (hits < 2)
        sched_yield();
    TRUTH(handled_by == tid_of_worker);
    // Directed to the worker, which blocks it: pending there and not here.
    RC(pthread_kill(t, SIGUSR2));
    sigset_t pending;
    sigpending(&pending);
    SAY("main pending USR2 %d", sigismember(&pending, SIGUSR2));
    tell(go);
    pthread_join(t, NULL);
    sigpending(&pending);
    SAY("after the worker's end %d", sigismember(&pending, SIGUSR2));

    pthread_create(&t, NULL, waiter, NULL);
    wait_told(ready);
    kill(getpid(), SIGTERM);
    pthread_kill(t, SIGRTMIN);
    tell(go);
    pthread_join(t, NULL);
    RC(pthread_kill(pthread_self(), 99));
    // A fatal signal to one thread ends the process.
    reap("fatal", CHILD({
        ready = new_gate();
        go = new_gate();
        pthread_create(&t, NULL, worker, NULL);
        wait_told(ready);
        signal(SIGUSR1, SIG_DFL);
        pthread_kill(t, SIGUSR1);
        for (;;)
            pause();
    }));
    // A stop stops all threads.
    int *beat = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), status;
    pid_t pid = CHILD({
        ready = new_gate();
        pthread_create(&t, NULL, waiter, NULL);
        wait_told(ready);
        for (;;)
            __atomic_fetch_add(beat, 1, __ATOMIC_SEQ_CST);
    });
    while (__atomic_load_n(beat, __ATOMIC_SEQ_CST) == 0)
        sched_yield();
    kill(pid, SIGSTOP);
    TRY(waitpid(pid, &status, WUNTRACED));
    int then = *beat;
    usleep(20000);
    TRUTH(*beat == then);
    kill(pid, SIGKILL);
    reap("stopped threads", pid);
    return 0;
}
