// System calls and output without a C library.
typedef unsigned long u64;
typedef unsigned int u32;
static inline long call(long n, long a, long b, long c, long d, long e, long f)
{
    long r;
    register long r10 __asm__("r10") = d, r8 __asm__("r8") = e, r9 __asm__("r9") = f;
    __asm__ volatile("syscall" : "=a"(r) : "0"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
    return r;
}
#define SYS1(n, a) call(n, (long)(a), 0, 0, 0, 0, 0)
#define SYS2(n, a, b) call(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define SYS3(n, a, b, c) call(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define SYS4(n, a, b, c, d) call(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define SYS6(n, a, b, c, d, e, f) call(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
enum { nr_read = 0, nr_write, nr_open, nr_close, nr_mmap = 9, nr_mprotect, nr_munmap, nr_brk, nr_rt_sigaction, nr_rt_sigprocmask, nr_rt_sigreturn,
    nr_pipe = 22, nr_sched_yield = 24, nr_getpid = 39, nr_clone = 56, nr_fork, nr_vfork, nr_execve, nr_exit, nr_wait4, nr_kill, nr_uname,
    nr_gettid = 186, nr_futex = 202, nr_set_tid_address = 218, nr_clock_gettime = 228, nr_exit_group = 231 };

static unsigned length(const char *s) { unsigned n = 0; while (s[n]) n++; return n; }
static void text(const char *s) { SYS3(nr_write, 1, s, length(s)); }
static void number(const char *name, long v)
{
    char b[96], *p = b + sizeof b;
    u64 u = v < 0 ? -(u64)v : (u64)v;
    *--p = '\n';
    do
        *--p = '0' + u % 10;
    while (u /= 10);
    if (v < 0)
        *--p = '-';
    *--p = ' ';
    for (unsigned n = length(name); n > 0; n--)
        *--p = name[n - 1];
    SYS3(nr_write, 1, p, b + sizeof b - p);
}
static _Noreturn void finish(int code) { for (;;) SYS1(nr_exit_group, code); }
// The compiler may call these.
void *memset(void *p, int c, u64 n) { char *q = p; while (n--) *q++ = c; return p; }
void *memcpy(void *p, const void *s, u64 n) { char *q = p; const char *r = s; while (n--) *q++ = *r++; return p; }
#ifndef OWN_START
// The program begins in this function of its own, with the stack as the kernel left it.
__attribute__((used)) static void start(long *stack);
__asm__(".globl _start\n_start: xor %ebp, %ebp\n mov %rsp, %rdi\n and $-16, %rsp\n call start\n hlt");
#endif
