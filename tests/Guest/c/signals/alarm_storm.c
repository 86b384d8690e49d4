// A fast interval timer while the program computes and writes: results never change, signals are never lost for good.
#include "guest.h"

static volatile long ticks;
static void tick(int sig) { ticks++; }

static unsigned long compute(void)
{
    unsigned long x = 88172645463325252ul;
    double d = 1;
    for (int i = 0; i < 2000000; i++) {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        d += 1.0 / (i + 1);
    }
    return x ^ (unsigned long)(d * 1e9);
}

int main(void)
{
    unsigned long quiet = compute(), storm;
    struct sigaction a = { .sa_handler = tick, .sa_flags = SA_RESTART };
    sigaction(SIGALRM, &a, NULL);
    setitimer(ITIMER_REAL, &(struct itimerval){ { 0, 500 }, { 0, 500 } }, NULL);
    do
        storm = compute();
    while (ticks < 20);
    int p[2];
    TRY(pipe(p));
    pid_t pid = CHILD({
        static char block[1000];
        for (int i = 0; i < 500; i++)
            TRY(write(p[1], block, sizeof block));
    });
    close(p[1]);
    long total = 0, n;
    char buffer[777];
    while ((n = read(p[0], buffer, sizeof buffer)) > 0)
        total += n;
    reap("writer", pid);
    setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
    TRUTH(quiet == storm);
    SHOW(total);
    SAY("%lx", quiet);
    return 0;
}
