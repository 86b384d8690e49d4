// The vDSO as the dynamic linker and a program see it.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/time.h>
#include <time.h>

static int list(struct dl_phdr_info *info, size_t size, void *data)
{
    (void)size;
    if (info->dlpi_addr != getauxval(AT_SYSINFO_EHDR))
        return 0;
    int loads = 0, dynamic = 0, unwind = 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        loads += info->dlpi_phdr[i].p_type == PT_LOAD;
        dynamic += info->dlpi_phdr[i].p_type == PT_DYNAMIC;
        unwind += info->dlpi_phdr[i].p_type == PT_GNU_EH_FRAME;
    }
    printf("%s: load %d dynamic %d unwind %d\n", info->dlpi_name, loads, dynamic, unwind);
    *(int *)data = 1;
    return 0;
}

static int in_maps(const char *name)
{
    char line[512];
    int found = 0;
    FILE *f = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, f))
        found += strstr(line, name) != NULL && strstr(line, " r-xp ") != NULL;
    fclose(f);
    return found;
}

int main(void)
{
    int found = 0;
    dl_iterate_phdr(list, &found);
    printf("found %d, in maps %d\n", found, in_maps("[vdso]"));
    void *vdso = dlopen("linux-vdso.so.1", RTLD_NOW | RTLD_NOLOAD);
    printf("open %d\n", vdso != NULL);
    static const char *names[] = { "__vdso_clock_gettime", "__vdso_gettimeofday", "__vdso_time", "__vdso_getcpu", "__vdso_clock_getres", "clock_gettime", "nothing" };
    for (int i = 0; i < 7; i++)
        printf("%s %d\n", names[i], dlvsym(vdso, names[i], "LINUX_2.6") != NULL);

    int (*gettime)(int, struct timespec *) = dlvsym(vdso, "__vdso_clock_gettime", "LINUX_2.6");
    int (*getday)(struct timeval *, struct timezone *) = dlvsym(vdso, "__vdso_gettimeofday", "LINUX_2.6");
    long (*gettime_t)(long *) = dlvsym(vdso, "__vdso_time", "LINUX_2.6");
    unsigned (*getcpu)(unsigned *, unsigned *, void *) = dlvsym(vdso, "__vdso_getcpu", "LINUX_2.6");
    struct timespec t = { -1, -1 };
    for (int clock = 0; clock < 8; clock++) {
        int result = gettime(clock, &t);
        printf("clock %d: %d %d\n", clock, result, t.tv_sec >= 0 && t.tv_nsec >= 0 && t.tv_nsec < 1000000000);
    }
    printf("bad clock %d %d\n", gettime(99, &t), gettime(-1, &t) <= 0);
    struct timeval day;
    struct timezone zone = { 7, 7 };
    printf("%d\n", getday(&day, &zone));
    long a = gettime_t(NULL), b = 0;
    gettime_t(&b);
    gettime(CLOCK_REALTIME, &t);
    printf("%d %d %d %d\n", day.tv_usec >= 0 && day.tv_usec < 1000000, a - day.tv_sec <= 1, b - a <= 1, t.tv_sec - b <= 1);
    printf("zone %d %d\n", zone.tz_minuteswest, zone.tz_dsttime);
    unsigned cpu = 4096;
    printf("cpu %u %d\n", getcpu(&cpu, NULL, NULL), cpu < 4096);
    return 0;
}
