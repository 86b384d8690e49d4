// Exit statuses: eight bits only, atexit order, _exit skips handlers, quick_exit, abort, return from main by exit.
// status: 42
#include "guest.h"

static void first(void) { SAY("first registered, last run"); }
static void second(void) { SAY("second registered"); }
static void quick(void) { SAY("quick"); }
static void on(int code, void *arg) { SAY("on_exit %d %s", code, (char *)arg); }
__attribute__((destructor)) static void end(void) { SAY("destructor"); }

int main(void)
{
    int codes[] = { 0, 1, 127, 128, 255, 256, 257, -1, 0x12345 };
    for (int i = 0; i < 9; i++) {
        char name[32];
        sprintf(name, "_exit(%d)", codes[i]);
        reap(name, CHILD(_exit(codes[i])));
    }
    reap("exit(3)", CHILD({ atexit(first); atexit(second); on_exit(on, "arg"); exit(3); }));
    reap("_exit(4)", CHILD({ atexit(first); _exit(4); }));
    reap("quick_exit(5)", CHILD({ atexit(first); at_quick_exit(quick); quick_exit(5); }));
    reap("abort", CHILD({ atexit(first); abort(); }));
    reap("exit_group", CHILD({ atexit(first); syscall(SYS_exit_group, 6); }));
    reap("exit of a lone thread", CHILD({ atexit(first); syscall(SYS_exit, 7); }));
    reap("unflushed", CHILD({ setvbuf(stdout, NULL, _IOFBF, 4096); printf("lost\n"); _exit(0); }));
    reap("flushed", CHILD({ setvbuf(stdout, NULL, _IOFBF, 4096); printf("kept\n"); exit(0); }));
    return 42;
}
