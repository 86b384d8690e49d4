// POSIX timers: signals with values, overruns, absolute times, SIGEV_NONE, SIGEV_THREAD_ID, deletion, errors.
#include "guest.h"

static volatile int total, value;
static void handler(int sig, siginfo_t *info, void *context)
{
    total += 1 + info->si_overrun;
    value = info->si_value.sival_int;
}

int main(void)
{
    struct sigaction a = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
    sigaction(SIGRTMIN, &a, NULL);
    timer_t t, u, bad = (timer_t)12345;
    struct itimerspec now;
    struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 321 };
    CALL(timer_create(CLOCK_MONOTONIC, &e, &t));
    CALL(timer_gettime(t, &now));
    SAY("disarmed %ld %ld", now.it_value.tv_sec, now.it_value.tv_nsec);
    TRY(timer_settime(t, 0, &(struct itimerspec){ { 0, 2000000 }, { 0, 1000000 } }, NULL));
    while (total < 10)
        pause();
    TRUTH(total >= 10);
    SHOW(value);
    TRY(timer_settime(t, 0, &(struct itimerspec){ { 0, 0 }, { 0, 0 } }, &now));
    SAY("interval %ld", now.it_interval.tv_nsec);

    // Expirations while the signal is blocked come as one signal with an overrun count.
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN);
    sigprocmask(SIG_BLOCK, &set, NULL);
    TRY(timer_settime(t, 0, &(struct itimerspec){ { 0, 1000000 }, { 0, 1000000 } }, NULL));
    nanosleep(&(struct timespec){ 0, 30000000 }, NULL);
    siginfo_t info;
    TRUTH(sigtimedwait(&set, &info, &(struct timespec){ 5, 0 }) == SIGRTMIN);
    TRUTH(info.si_overrun >= 10);
    TRUTH(timer_getoverrun(t) >= 10);
    CALL(timer_delete(t));
    CALL(timer_delete(t));
    while (sigtimedwait(&set, &info, &(struct timespec){ 0, 0 }) == SIGRTMIN)
        continue;

    e = (struct sigevent){ .sigev_notify = SIGEV_NONE };
    TRY(timer_create(CLOCK_REALTIME, &e, &u));
    struct timespec clock;
    clock_gettime(CLOCK_REALTIME, &clock);
    TRY(timer_settime(u, TIMER_ABSTIME, &(struct itimerspec){ { 0, 0 }, { clock.tv_sec + 100, 0 } }, NULL));
    timer_gettime(u, &now);
    TRUTH(now.it_value.tv_sec >= 98 && now.it_value.tv_sec <= 100);
    // An absolute time in the past fires at once.
    e = (struct sigevent){ .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 5 };
    TRY(timer_create(CLOCK_REALTIME, &e, &t));
    TRY(timer_settime(t, TIMER_ABSTIME, &(struct itimerspec){ { 0, 0 }, { 1, 0 } }, NULL));
    TRUTH(sigwaitinfo(&set, &info) == SIGRTMIN);
    SHOW(info.si_value.sival_int);
    // Timers are not inherited.
    reap("child", CHILD(CALL(timer_gettime(u, &now))));
    e = (struct sigevent){ .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 6 };
    e._sigev_un._tid = syscall(SYS_gettid);
    TRY(timer_create(CLOCK_PROCESS_CPUTIME_ID, &e, &t));
    TRY(timer_settime(t, 0, &(struct itimerspec){ { 0, 0 }, { 0, 5000000 } }, NULL));
    for (volatile unsigned i = 0; sigtimedwait(&set, &info, &(struct timespec){ 0, 0 }) != SIGRTMIN; i++)
        continue;
    SHOW(info.si_value.sival_int);
    CALL(timer_gettime(bad, &now));
    CALL(timer_create(99, &e, &t));
    e.sigev_signo = 77;
    CALL(timer_create(CLOCK_REALTIME, &e, &t));
    CALL(timer_settime(u, 0, &(struct itimerspec){ { 0, 0 }, { 0, 1000000000 } }, NULL));
    return 0;
}
