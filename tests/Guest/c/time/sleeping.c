// nanosleep and clock_nanosleep: lengths, interruption with the remaining time, absolute deadlines, errors.
#include "guest.h"

static void nothing(int sig) { }

static long elapsed(struct timespec since, clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (now.tv_sec - since.tv_sec) * 1000 + (now.tv_nsec - since.tv_nsec) / 1000000;
}

int main(void)
{
    struct timespec start, left = { 77, 77 };
    clock_gettime(CLOCK_MONOTONIC, &start);
    CALL(nanosleep(&(struct timespec){ 0, 20000000 }, &left));
    TRUTH(elapsed(start, CLOCK_MONOTONIC) >= 20);
    SAY("left untouched: %ld", left.tv_sec);
    signal(SIGALRM, nothing);
    ualarm(20000, 0);
    CALL(nanosleep(&(struct timespec){ 100, 0 }, &left));
    TRUTH(left.tv_sec == 99);
    ualarm(20000, 0);
    RC(clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){ 100, 0 }, &left));
    TRUTH(left.tv_sec == 99);
    left.tv_sec = 5;
    clock_gettime(CLOCK_REALTIME, &start);
    struct timespec until = { start.tv_sec + 100, 0 };
    ualarm(20000, 0);
    RC(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, &left));
    SHOW(left.tv_sec);
    until.tv_sec = 1;
    RC(clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &until, NULL));
    CALL(nanosleep(&(struct timespec){ 0, 1000000000 }, NULL));
    CALL(nanosleep(&(struct timespec){ -1, 0 }, NULL));
    CALL(nanosleep((void *)8, NULL));
    RC(clock_nanosleep(99, 0, &until, NULL));
    RC(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &until, NULL));
    // A stop and a continue do not shorten a sleep: it restarts with the time that is left.
    clock_gettime(CLOCK_MONOTONIC, &start);
    pid_t pid = CHILD(CALL(nanosleep(&(struct timespec){ 0, 100000000 }, NULL)));
    kill(pid, SIGSTOP);
    TRY(waitpid(pid, NULL, WUNTRACED));
    kill(pid, SIGCONT);
    reap("sleeper", pid);
    TRUTH(elapsed(start, CLOCK_MONOTONIC) >= 100);
    return 0;
}
