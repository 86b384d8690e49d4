// mprotect: every combination of access against every protection, splitting of areas, code written and run.
#include "guest.h"
#include <setjmp.h>

#define PAGE 4096
static sigjmp_buf back;
static volatile int code_of_fault;
static void handler(int sig, siginfo_t *info, void *context) { code_of_fault = info->si_code; siglongjmp(back, 1); }

static const char *try_access(char *p, int kind)
{
    if (sigsetjmp(back, 1))
        return code_of_fault == SEGV_MAPERR ? "unmapped" : "denied";
    if (kind == 0)
        (void)*(volatile char *)p;
    else if (kind == 1)
        *(volatile char *)(p + 16) = 1;
    else
        ((void (*)(void))p)();
    return "ok";
}

int main(void)
{
    struct sigaction a = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
    sigaction(SIGSEGV, &a, NULL);
    char *p = mmap(NULL, 8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(p, 0xc3, 8 * PAGE);
    for (int prot = 0; prot < 8; prot++) {
        TRY(mprotect(p + 2 * PAGE, PAGE, prot));
        SAY("%c%c%c: read %s, write %s, run %s", prot & PROT_READ ? 'r' : '-', prot & PROT_WRITE ? 'w' : '-', prot & PROT_EXEC ? 'x' : '-',
            // Where the processor has protection keys, execute-only pages cannot be read; elsewhere they can.
            prot == PROT_EXEC ? "not asked" : try_access(p + 2 * PAGE, 0), try_access(p + 2 * PAGE, 1), try_access(p + 2 * PAGE, 2));
    }
    SAY("neighbours: %s %s", try_access(p + PAGE, 1), try_access(p + 3 * PAGE, 1));
    TRY(munmap(p + 4 * PAGE, PAGE));
    SAY("unmapped: %s", try_access(p + 4 * PAGE, 0));
    CALL(mprotect(p + 3 * PAGE, 3 * PAGE, PROT_READ));
    SAY("before the gap it took effect: %s, behind it not: %s", try_access(p + 3 * PAGE, 1), try_access(p + 5 * PAGE, 1));
    CALL(mprotect(p + 1, PAGE, PROT_READ));
    CALL(mprotect(p, PAGE, 0x40));
    CALL(mprotect(p, 0, PROT_READ));
    // A protected page keeps its content; each process has its own protection.
    TRY(mprotect(p, PAGE, PROT_NONE));
    reap("child", CHILD({ TRY(mprotect(p, PAGE, PROT_READ | PROT_WRITE)); p[5] = 9; SAY("child %d", p[5]); }));
    TRY(mprotect(p, PAGE, PROT_READ));
    SAY("parent %d", (unsigned char)p[5]);
    // Kernel accesses honour protection: EFAULT, not a signal.
    TRY(mprotect(p, PAGE, PROT_READ));
    CALL(read(TRY(open("/dev/zero", O_RDONLY)), p, 1));
    TRY(mprotect(p, PAGE, PROT_NONE));
    int pipes[2];
    TRY(pipe(pipes));
    CALL(write(pipes[1], p, 1));

    // Code generated at run time, called, changed, called again, on the same page.
    unsigned char *code = mmap(NULL, PAGE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    unsigned char body[] = { 0xb8, 0, 0, 0, 0, 0xc3 };    // mov eax, imm32; ret
    int sum = 0;
    for (int i = 0; i < 100; i++) {
        body[1] = i;
        memcpy(code, body, sizeof body);
        sum += ((int (*)(void))code)();
    }
    SHOW(sum);
    // Written through one mapping, run through another.
    int fd = TRY(memfd_create("code", 0));
    TRY(ftruncate(fd, PAGE));
    unsigned char *w = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    unsigned char *x = mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0);
    sum = 0;
    for (int i = 0; i < 50; i++) {
        body[1] = i * 2;
        memcpy(w + i * 8, body, sizeof body);
        sum += ((int (*)(void))(x + i * 8))();
        body[1] = 1;
        memcpy(w + i * 8, body, sizeof body);
        sum += ((int (*)(void))(x + i * 8))();
    }
    SHOW(sum);
    return 0;
}
