// setitimer and alarm: remaining time, repetition, replacement, the three clocks, errors.
#include "guest.h"

static volatile int hits[65];
static void handler(int sig) { hits[sig]++; }
static volatile unsigned sink;

int main(void)
{
    struct itimerval old, now;
    signal(SIGALRM, handler);
    signal(SIGVTALRM, handler);
    signal(SIGPROF, handler);
    CALL(alarm(0));
    CALL(alarm(100));
    TRUTH(alarm(50) >= 99);
    TRUTH(ualarm(0, 0) > 0);
    setitimer(ITIMER_REAL, &(struct itimerval){ { 3, 4 }, { 100, 0 } }, NULL);
    getitimer(ITIMER_REAL, &now);
    SAY("interval %ld.%06ld", now.it_interval.tv_sec, now.it_interval.tv_usec);
    TRUTH(now.it_value.tv_sec == 99 || now.it_value.tv_sec == 100);
    setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 0, 1 } }, &old);
    TRUTH(old.it_value.tv_sec >= 99);
    while (!hits[SIGALRM])
        pause();
    getitimer(ITIMER_REAL, &now);
    SAY("after one shot: %ld %ld", now.it_value.tv_sec, now.it_value.tv_usec);
    SHOW(hits[SIGALRM]);

    setitimer(ITIMER_VIRTUAL, &(struct itimerval){ { 0, 0 }, { 0, 10000 } }, NULL);
    setitimer(ITIMER_PROF, &(struct itimerval){ { 0, 0 }, { 0, 20000 } }, NULL);
    while (!hits[SIGVTALRM] || !hits[SIGPROF])
        sink++;
    SAY("virtual %d prof %d", hits[SIGVTALRM], hits[SIGPROF]);
    CALL(getitimer(3, &now));
    CALL(setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { 0, 1000000 } }, NULL));
    CALL(setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 0 }, { -1, 0 } }, NULL));
    // A timer runs on through exec and not into a child.
    alarm(100);
    reap("child", CHILD(CALL(alarm(0))));
    reap("killed by its alarm", CHILD({ signal(SIGALRM, SIG_DFL); ualarm(1000, 0); for (;;) pause(); }));
    reap("through exec", CHILD({ signal(SIGALRM, SIG_DFL); ualarm(300000, 0); execl("/bin/sleep", "sleep", "100", NULL); }));
    return 0;
}
