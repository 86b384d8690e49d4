// Fault signals: number, code and address for each kind, seen in a handler that leaves by siglongjmp.
// cflags: -O0
#include "guest.h"
#include <setjmp.h>
#include <ucontext.h>

static sigjmp_buf back;
static siginfo_t seen;
static uintptr_t seen_ip;

static void handler(int sig, siginfo_t *info, void *context)
{
    seen = *info;
    seen_ip = ((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
    siglongjmp(back, 1);
}

static const char *code(void)
{
    static char text[16];
    if (seen.si_signo == SIGSEGV && seen.si_code == SEGV_MAPERR) return "SEGV_MAPERR";
    if (seen.si_signo == SIGSEGV && seen.si_code == SEGV_ACCERR) return "SEGV_ACCERR";
    if (seen.si_signo == SIGBUS && seen.si_code == BUS_ADRERR) return "BUS_ADRERR";
    if (seen.si_signo == SIGFPE && seen.si_code == FPE_INTDIV) return "FPE_INTDIV";
    if (seen.si_signo == SIGILL && seen.si_code == ILL_ILLOPN) return "ILL_ILLOPN";
    if (seen.si_signo == SIGTRAP && seen.si_code == TRAP_TRACE) return "TRAP_TRACE";
    if (seen.si_code == SI_KERNEL) return "SI_KERNEL";
    sprintf(text, "%d", seen.si_code);
    return text;
}

#define FAULT(what, base, ...) do { \
    memset(&seen, 0, sizeof seen); \
    if (sigsetjmp(back, 1) == 0) { __VA_ARGS__; SAY("%s: no fault", what); } \
    else SAY("%s: %s %s address base%+ld", what, signame(seen.si_signo), code(), (long)((uintptr_t)seen.si_addr - (uintptr_t)(base))); \
} while (0)

int main(void)
{
    struct sigaction a = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
    int sigs[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
    for (int i = 0; i < 5; i++)
        sigaction(sigs[i], &a, NULL);
    scratch();
    volatile char sink;
    char *page = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    munmap(page + 8192, 4096);
    mprotect(page + 4096, 4096, PROT_READ);
    page[0] = 0xc3;

    FAULT("read of null", 0, sink = *(volatile char *)0);
    FAULT("write to null + 8", 0, *(volatile long *)8 = 1);
    FAULT("read past a mapping", page, sink = page[8192 + 5]);
    FAULT("write to read-only", page, page[4096 + 77] = 1);
    FAULT("write across into read-only", page, *(volatile long *)(page + 4096 - 3) = 1);
    FAULT("execute data", page, ((void (*)(void))page)());
    FAULT("execute nothing", 0x1000, ((void (*)(void))0x1000)());
    FAULT("non-canonical read", 0, sink = *(volatile char *)0x8000000000000000);
    FAULT("kernel half", 0, sink = *(volatile char *)0xffffffff80000000);
    FAULT("call into the kernel half", 0, ((void (*)(void))0xffffffff80000000)());
    mprotect(page, 4096, PROT_NONE);
    FAULT("no access", page, sink = page[0]);
    FAULT("read of text as write", (char *)main, *(volatile char *)main = 0);

    volatile int zero = 0, result;
    volatile long long_zero = 0;
    FAULT("divide by zero", seen_ip, result = 7 / zero);
    FAULT("long remainder", seen_ip, result = 5L % long_zero);
    volatile int minimum = INT_MIN, minus = -1;
    FAULT("INT_MIN / -1", seen_ip, result = minimum / minus);
    FAULT("ud2", seen_ip, __builtin_trap());
    FAULT("int3", 0, __asm__ volatile("int3"));
    FAULT("hlt", 0, __asm__ volatile("hlt"));
    FAULT("cli", 0, __asm__ volatile("cli"));
    FAULT("in", 0, __asm__ volatile("inb $0x10, %%al" ::: "rax"));
    FAULT("mov cr0", 0, __asm__ volatile("mov %%cr0, %%rax" ::: "rax"));
    FAULT("int 0x90", 0, __asm__ volatile("int $0x90"));
    FAULT("invalid opcode in 64-bit", seen_ip, __asm__ volatile(".byte 0x06"));
    FAULT("misaligned movaps", 0, __asm__ volatile("movaps 1(%0), %%xmm0" :: "r"(__builtin_frame_address(0)) : "xmm0"));

    int fd = TRY(open("short", O_RDWR | O_CREAT, 0600));
    TRY(ftruncate(fd, 100));
    char *file = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    file[4095] = 1;
    FAULT("file mapping past its last page", file, sink = file[4096 + 3]);
    TRY(ftruncate(fd, 0));
    FAULT("file truncated away", file, sink = file[10]);
    FAULT("write after truncation", file, file[11] = 1);
    (void)sink; (void)result;
    return 0;
}
