// One program, linked in every way: what it can say of itself stays the same.
// cflags: -pie
// cflags: -no-pie
// cflags: -static
// cflags: -static-pie
// cflags: -static -s
// cflags: -pie -s -Wl,-z,now
// cflags: -no-pie -Wl,-z,norelro -Wl,--hash-style=sysv
// cflags: -static -pthread -O2
// cflags: -g -O0 -rdynamic
// cflags: -Wl,-z,max-page-size=65536
// cflags: -Wl,-z,separate-code -Wl,-z,noexecstack
// cflags: -Wl,-z,noseparate-code -no-pie
// args: one two
#include "guest.h"
#include <elf.h>
#include <pthread.h>
#include <sys/auxv.h>

static int initialised = 0x1234;
static int zeroed[5000];
static const char *const pointers[] = { "relocated", "strings" };
static __thread int per_thread = 7;
static __thread int per_thread_zero[100];
__attribute__((constructor)) static void begin(void) { SAY("constructor"); }
__attribute__((destructor)) static void end(void) { SAY("destructor"); }
static void *thread(void *arg) { per_thread += 1; return (void *)(long)per_thread; }

int main(int argc, char **argv, char **environment)
{
    SHOW(argc);
    SAY("%s %s", argv[1], argv[2]);
    SHOW(initialised);
    long sum = 0;
    for (int i = 0; i < 5000; i++)
        sum += zeroed[i];
    SHOW(sum);
    SAY("%s %s", pointers[0], pointers[1]);
    SHOW(per_thread + per_thread_zero[99]);
    pthread_t t;
    void *value;
    pthread_create(&t, NULL, thread, NULL);
    pthread_join(t, &value);
    SHOW((long)value);
    SHOW(per_thread);
    Elf64_Phdr *headers = (Elf64_Phdr *)getauxval(AT_PHDR);
    int count = getauxval(AT_PHNUM), loads = 0, stack_flags = -1;
    for (int i = 0; i < count; i++) {
        loads += headers[i].p_type == PT_LOAD;
        if (headers[i].p_type == PT_GNU_STACK)
            stack_flags = headers[i].p_flags;
    }
    TRUTH(loads >= 2);
    SHOW(stack_flags);
    TRUTH(getauxval(AT_ENTRY) != 0 && getauxval(AT_RANDOM) != 0 && getauxval(AT_SYSINFO_EHDR) + 1 != 0);
    TRUTH(((uintptr_t)__builtin_frame_address(0) & 15) == 0);
    TRUTH(environment != NULL && getenv("PATH") != NULL);
    char *copy = strdup("heap");
    SAY("%s", copy);
    free(copy);
    SAY("%.3f", strtod("3.14159", NULL));
    reap("child", CHILD({ per_thread = 50; exit(per_thread); }));
    return 0;
}
