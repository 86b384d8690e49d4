// nice, getpriority, setpriority, scheduler policies, affinity: values kept and inherited, refusals.
#include "guest.h"
#include <sched.h>

int main(void)
{
    SHOW(getpriority(PRIO_PROCESS, 0));
    SHOW(nice(5));
    SHOW(getpriority(PRIO_PROCESS, 0));
    reap("child", CHILD({ SHOW(getpriority(PRIO_PROCESS, 0)); SHOW(nice(100)); }));
    CALL(setpriority(PRIO_PROCESS, 0, 10));
    SHOW(getpriority(PRIO_PROCESS, getpid()));
    CALL(getpriority(PRIO_PROCESS, 1 << 22));
    CALL(getpriority(9, 0));
    SHOW(sched_getscheduler(0));
    SHOW(sched_get_priority_max(SCHED_FIFO));
    SHOW(sched_get_priority_min(SCHED_RR));
    SHOW(sched_get_priority_max(SCHED_OTHER));
    CALL(sched_get_priority_max(77));
    struct sched_param p = { 0 };
    CALL(sched_setscheduler(0, SCHED_BATCH, &p));
    SHOW(sched_getscheduler(0));
    CALL(sched_setscheduler(0, SCHED_OTHER, &p));
    p.sched_priority = 5;
    CALL(sched_setscheduler(0, SCHED_OTHER, &p));
    CALL(sched_setscheduler(0, 77, &p));
    CALL(sched_getparam(0, &p));
    SHOW(p.sched_priority);
    CALL(sched_yield());
    cpu_set_t set;
    TRUTH(sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) >= 1);
    int cpu = 0;
    while (!CPU_ISSET(cpu, &set))
        cpu++;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    CALL(sched_setaffinity(0, sizeof set, &set));
    reap("child", CHILD({ sched_getaffinity(0, sizeof set, &set); SHOW(CPU_COUNT(&set)); TRUTH(sched_getcpu() == cpu); }));
    CPU_ZERO(&set);
    CALL(sched_setaffinity(0, sizeof set, &set));
    CALL(sched_getaffinity(0, 1, &set));
    unsigned c;
    CALL(syscall(SYS_getcpu, &c, NULL, NULL));
    TRUTH((int)c == cpu);
    return 0;
}
