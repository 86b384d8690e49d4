// CPU time: user and system grow by themselves and through children, times and getrusage agree, page faults are counted.
#include "guest.h"
#include <sys/times.h>

static long ms(struct timeval t) { return t.tv_sec * 1000 + t.tv_usec / 1000; }

int main(void)
{
    struct rusage a, b, c;
    getrusage(RUSAGE_SELF, &a);
    struct timespec t;
    volatile unsigned long sink = 0;
    do {
        for (int i = 0; i < 20000; i++)
            sink += i;
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    } while (t.tv_sec * 1000 + t.tv_nsec / 1000000 < 100);
    getrusage(RUSAGE_SELF, &b);
    getrusage(RUSAGE_THREAD, &c);
    TRUTH(ms(b.ru_utime) + ms(b.ru_stime) >= 95);
    TRUTH(ms(c.ru_utime) + ms(c.ru_stime) >= 95);
    TRUTH(ms(b.ru_utime) >= ms(a.ru_utime));
    getrusage(RUSAGE_SELF, &a);
    volatile char *p = mmap(NULL, 256 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    madvise((void *)p, 256 * 4096, MADV_NOHUGEPAGE);
    for (int i = 0; i < 256; i++)
        p[i * 4096] = 1;
    getrusage(RUSAGE_SELF, &b);
    TRUTH(b.ru_minflt - a.ru_minflt >= 200);
    TRUTH(b.ru_maxrss >= 1024);
    SHOW(b.ru_nswap + b.ru_ixrss + b.ru_idrss + b.ru_isrss + b.ru_msgsnd + b.ru_msgrcv + b.ru_nsignals);
    getrusage(RUSAGE_SELF, &a);
    for (int i = 0; i < 5; i++)
        usleep(1000);
    getrusage(RUSAGE_SELF, &b);
    TRUTH(b.ru_nvcsw - a.ru_nvcsw >= 5);
    struct tms tms;
    times(&tms);
    TRUTH(tms.tms_utime + tms.tms_stime >= 9);
    SHOW(tms.tms_cutime + tms.tms_cstime);
    return 0;
}
