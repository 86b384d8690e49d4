// rep movs, stos, lods, scas, cmps in every width and both directions, interrupted by faults, counts left exact.
#include "guest.h"
#include <setjmp.h>
#include <ucontext.h>

static unsigned char a[600], b[600];
static void fill(void) { for (int i = 0; i < 600; i++) { a[i] = i * 7 + 1; b[i] = i; } }
static uint32_t sum(const unsigned char *p) { uint32_t s = 1; for (int i = 0; i < 600; i++) s = s * 33 + p[i]; return s; }
static sigjmp_buf back;
static long left, at_di, at_si;
static void handler(int sig, siginfo_t *info, void *context)
{
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
    left = g[REG_RCX];
    at_di = g[REG_RDI];
    at_si = g[REG_RSI];
    siglongjmp(back, 1);
}

#define MOVE(op, d) do { fill(); void *di = b + 300, *si = a + 300; long n = 20; \
    __asm__ volatile(d "\n rep " op "\n cld" : "+D"(di), "+S"(si), "+c"(n) :: "memory", "cc"); \
    SAY("%s %s: %ld %ld %ld %08x", d, op, (long)((char *)di - (char *)b), (long)((char *)si - (char *)a), n, sum(b)); } while (0)
#define STORE(op, d) do { fill(); void *di = b + 300; long n = 20; \
    __asm__ volatile(d "\n rep " op "\n cld" : "+D"(di), "+c"(n) : "a"(0x1122334455667788) : "memory", "cc"); \
    SAY("%s %s: %ld %ld %08x", d, op, (long)((char *)di - (char *)b), n, sum(b)); } while (0)
#define SCAN(op, d, v) do { fill(); void *di = b + 100; long n = 150; unsigned char zf; \
    __asm__ volatile(d "\n " op "\n sete %2\n cld" : "+D"(di), "+c"(n), "=q"(zf) : "a"((long)(v)) : "memory", "cc"); \
    SAY("%s %s: %ld %ld %d", d, op, (long)((char *)di - (char *)b), n, zf); } while (0)
#define COMPARE(op, d) do { fill(); memcpy(a + 100, b + 100, 37); void *di = b + 100, *si = a + 100; long n = 60; unsigned char zf, cf; \
    __asm__ volatile(d "\n " op "\n sete %3\n setb %4\n cld" : "+D"(di), "+S"(si), "+c"(n), "=q"(zf), "=q"(cf) :: "memory", "cc"); \
    SAY("%s %s: %ld %ld %d %d", d, op, (long)((char *)di - (char *)b), n, zf, cf); } while (0)

int main(void)
{
    MOVE("movsb", "cld"); MOVE("movsw", "cld"); MOVE("movsl", "cld"); MOVE("movsq", "cld");
    MOVE("movsb", "std"); MOVE("movsq", "std");
    STORE("stosb", "cld"); STORE("stosw", "cld"); STORE("stosl", "cld"); STORE("stosq", "cld"); STORE("stosl", "std");
    SCAN("repne scasb", "cld", 120); SCAN("repe scasb", "cld", 100); SCAN("repne scasw", "cld", 0xaaab); SCAN("repne scasb", "std", 50);
    SCAN("repne scasl", "cld", 0x8b8a8988);
    COMPARE("repe cmpsb", "cld"); COMPARE("repe cmpsw", "cld"); COMPARE("repne cmpsb", "cld"); COMPARE("repe cmpsq", "cld");
    // Overlap: byte by byte, forwards, a pattern spreads.
    fill();
    void *di = b + 101, *si = b + 100;
    long n = 30;
    __asm__ volatile("rep movsb" : "+D"(di), "+S"(si), "+c"(n) :: "memory");
    SAY("spread %d %d %d", b[100], b[115], b[131]);
    di = b + 103, si = b + 100, n = 10;
    fill();
    __asm__ volatile("rep movsq" : "+D"(di), "+S"(si), "+c"(n) :: "memory");
    SAY("overlap %08x", sum(b));
    n = 0;
    di = NULL;
    __asm__ volatile("rep stosb" : "+D"(di), "+c"(n) : "a"(0) : "memory");
    SAY("count zero touches nothing");
    long x;
    si = a;
    fill();
    __asm__ volatile("lodsb\n lodsw\n lodsl\n lodsq" : "=a"(x), "+S"(si) : "0"(0));
    SAY("%lx %ld", x, (long)((unsigned char *)si - a));

    // A fault in the middle leaves the registers where it happened.
    char *page = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    mprotect(page + 4096, 4096, PROT_NONE);
    struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };
    sigaction(SIGSEGV, &action, NULL);
    if (sigsetjmp(back, 1) == 0) {
        di = page + 4000, n = 500;
        __asm__ volatile("rep stosb" : "+D"(di), "+c"(n) : "a"(5) : "memory");
    }
    SAY("stosb left %ld at %ld, last %d", left, (long)(at_di - (long)page), page[4095]);
    if (sigsetjmp(back, 1) == 0) {
        di = page + 8192 - 8, si = a, n = 100;
        __asm__ volatile("rep movsq" : "+D"(di), "+S"(si), "+c"(n) :: "memory");
    }
    SAY("movsq left %ld at %ld", left, (long)(at_di - (long)page));
    if (sigsetjmp(back, 1) == 0) {
        di = page + 100, si = page + 8192 + 24, n = 10;
        __asm__ volatile("std\n rep movsq\n cld" : "+D"(di), "+S"(si), "+c"(n) :: "memory");
    }
    SAY("backwards left %ld source %ld", left, (long)(at_si - (long)page));
    // The address-size prefix wraps at 32 bits, counts as well.
    fill();
    unsigned long count = 0x100000003;
    char *low = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    di = low;
    __asm__ volatile("addr32 rep stosb" : "+D"(di), "+c"(count) : "a"(9) : "memory");
    SAY("addr32 %d %d count %lx", low[2], low[3], count);
    return 0;
}
