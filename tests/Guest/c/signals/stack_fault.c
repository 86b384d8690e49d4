// A stack pointer that is no address: SIGBUS where the stack is used, SIGSEGV for other memory.
#include "guest.h"
#include <signal.h>
#include <sys/wait.h>

static void run(const char *name, int which)
{
    fflush(stdout);
    pid_t pid = fork();
    if (pid == 0) {
        unsigned long bad = 0x8000000000000000ul;
        if (which == 0) __asm__ volatile("mov %0, %%rsp; push %%rax" : : "r"(bad));
        if (which == 1) __asm__ volatile("mov (%0), %%rax" : : "r"(bad) : "rax");
        if (which == 2) __asm__ volatile("mov %0, %%rsp; ret" : : "r"(bad));
        if (which == 3) __asm__ volatile("mov %0, %%rsp; push %%rax" : : "r"(0xffff800000001000ul));
        _exit(0);
    }
    int status;
    waitpid(pid, &status, 0);
    printf("%s: signal %d\n", name, WTERMSIG(status));
}

int main(void)
{
    run("push", 0);
    run("load", 1);
    run("ret", 2);
    run("push to the kernel's half", 3);
    return 0;
}
