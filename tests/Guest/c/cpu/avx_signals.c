// YMM registers over signals, faults, system calls, fork and context switches, and the signal frame's XSAVE layout.
// level: v3
// cflags: -O2 -mavx2
#include "guest.h"
#include <cpuid.h>
#include <immintrin.h>
#include <sched.h>
#include <sys/auxv.h>
#include <ucontext.h>

#define MAGIC1 0x46505853u
#define MAGIC2 0x46505845u

typedef uint64_t registers[16][4];

// Loads all registers, runs a system call, stores all of them.
static long through_syscall(registers in, registers out, long number, long a, long b, long c)
{
    register long rax __asm__("rax") = number;
    register long rdi __asm__("rdi") = a;
    register long rsi __asm__("rsi") = b;
    register long rdx __asm__("rdx") = c;
    register void *r8 __asm__("r8") = in;
    register void *r9 __asm__("r9") = out;
#define LOAD(n) "vmovdqu " #n "*32(%%r8), %%ymm" #n "\n\t"
#define STORE(n) "vmovdqu %%ymm" #n ", " #n "*32(%%r9)\n\t"
#define ALL(m) m(0) m(1) m(2) m(3) m(4) m(5) m(6) m(7) m(8) m(9) m(10) m(11) m(12) m(13) m(14) m(15)
    __asm__ volatile(ALL(LOAD) "syscall\n\t" ALL(STORE) "vzeroupper"
                     : "+r"(rax)
                     : "r"(rdi), "r"(rsi), "r"(rdx), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory", "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10",
                       "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
    return rax;
}

static void fill(registers r, uint64_t seed)
{
    for (int i = 0; i < 16; i++)
        for (int k = 0; k < 4; k++)
            r[i][k] = (seed = seed * 6364136223846793005u + 1442695040888963407u);
}

static void clobber(void)
{
    __asm__ volatile("vpcmpeqd %%ymm0, %%ymm0, %%ymm0; vmovdqa %%ymm0, %%ymm7; vmovdqa %%ymm0, %%ymm15" ::: "xmm0", "xmm7", "xmm15");
}

static int mode;
static uint64_t seen[2];
static unsigned marks;

static void on_signal(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)info;
    ucontext_t *uc = context;
    uint8_t *fp = (uint8_t *)uc->uc_mcontext.fpregs;
    uint32_t magic1, size, magic2, extended;
    uint64_t features, present;
    memcpy(&magic1, fp + 464, 4);
    memcpy(&extended, fp + 468, 4);
    memcpy(&features, fp + 472, 8);
    memcpy(&size, fp + 480, 4);
    memcpy(&magic2, fp + size, 4);
    memcpy(&present, fp + 512, 8);
    marks = magic1 == MAGIC1 && magic2 == MAGIC2 && extended == size + 4 && (features & 7) == 7 && (present & 7) == 7 && (uc->uc_flags & 1) && ((uintptr_t)fp & 63) == 0;
    memcpy(seen, fp + 576 + 5 * 16, 16);
    uint64_t bad = 1ull << 62, zero = 0;
    switch (mode) {
    case 1: // another upper half of ymm3
        memset(fp + 576 + 3 * 16, 0x5a, 16);
        break;
    case 2: // AVX state as after a reset
        present &= ~4ull;
        memcpy(fp + 512, &present, 8);
        break;
    case 3: // no marks: what FXSAVE stores is all there is
        memset(fp + 464, 0, 4);
        break;
    case 4: // the second mark missing: the same
        memset(fp + size, 0, 4);
        break;
    case 5: // a component that does not exist
        memcpy(fp + 512, &bad, 8);
        break;
    case 6: // no floating-point state at all
        uc->uc_mcontext.fpregs = NULL;
        break;
    case 7: // a header that must be zero
        memcpy(fp + 512 + 16, &bad, 8);
        break;
    case 8: // the AVX feature not asked for
        features = 3;
        memcpy(fp + 472, &features, 8);
        break;
    case 9: // MXCSR bits that do not exist
        memset(fp + 24, 0xff, 4);
        break;
    case 10: // an XSTATE_BV without SSE
        present &= ~2ull;
        memcpy(fp + 512, &present, 8);
        break;
    case 11: // a size that is too large
        size = 1 << 20;
        memcpy(fp + 480, &size, 4);
        break;
    case 12: // nothing present
        memcpy(fp + 512, &zero, 8);
        break;
    }
    clobber();
}

static void try_mode(int m)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        registers in, out;
        mode = m;
        fill(in, 77);
        through_syscall(in, out, SYS_kill, getpid(), SIGUSR1, 0);
        int low = 0, high = 0, zero = 0;
        for (int i = 0; i < 16; i++) {
            low += in[i][0] == out[i][0] && in[i][1] == out[i][1];
            high += in[i][2] == out[i][2] && in[i][3] == out[i][3];
            zero += out[i][2] == 0 && out[i][3] == 0;
        }
        SAY("mode %d: %d low halves and %d upper ones as before, %d upper ones zero; ymm3 %d; marks %d, ymm5 %d", m, low, high, zero,
            out[3][2] == 0x5a5a5a5a5a5a5a5aull, marks, seen[0] == in[5][2] && seen[1] == in[5][3]);
        fflush(stdout);
        _exit(0);
    }
    int status;
    TRY(waitpid(child, &status, 0));
    if (WIFSIGNALED(status)) SAY("mode %d: died of %s", m, sigabbrev_np(WTERMSIG(status)));
}

// A handler in assembly: what the registers are when it begins.
uint64_t at_entry[16][4];
void entry_handler(int);
__asm__(".text\nentry_handler:\n\tlea at_entry(%rip), %rax\n\tvmovdqu %ymm0, (%rax)\n\tvmovdqu %ymm9, 288(%rax)\n\tvpcmpeqd %ymm9, %ymm9, %ymm9\n\tret\n");

static uint8_t *page;
static volatile long fault_at = -1;
#define BARRIER __asm__ volatile("" ::: "memory")
#define KEPT(v) __asm__ volatile("" : "+x"(v)::"memory")

static void on_fault(int sig, siginfo_t *info, void *context)
{
    (void)sig, (void)context;
    clobber();
    fault_at = (uint8_t *)info->si_addr - page;
    TRY(mprotect(page + 4096, 4096, PROT_READ | PROT_WRITE));
}

static void faults(void)
{
    page = mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 3 * 4096; i++) page[i] = (uint8_t)(i * 7);
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    TRY(sigaction(SIGSEGV, &action, NULL));
    for (int at = -32; at <= 0; at += 8) {
        TRY(mprotect(page + 4096, 4096, PROT_NONE));
        fault_at = -1;
        __m256i one = _mm256_set1_epi8(3), got = _mm256_loadu_si256((void *)(page + 4096 + at));
        KEPT(got);
        one = _mm256_add_epi8(one, got);
        SAY("load at %d: fault at %ld, sum %d", at, fault_at, _mm256_extract_epi8(one, 31) & 0xff);
        TRY(mprotect(page + 4096, 4096, PROT_READ));
        fault_at = -1;
        _mm256_storeu_si256((void *)(page + 4096 + at), one);
        BARRIER;
        SAY("store at %d: fault at %ld, byte %d", at, fault_at, page[4096 + at + 31]);
    }
    TRY(mprotect(page + 4096, 4096, PROT_NONE));
    fault_at = -1;
    __m256i half = _mm256_setr_epi32(-1, -1, -1, -1, 0, 0, 0, 0);
    __m256i masked = _mm256_maskload_epi32((int *)(page + 4080), half);
    KEPT(masked);
    SAY("masked load: fault at %ld, %x %x", fault_at, _mm256_extract_epi32(masked, 0), _mm256_extract_epi32(masked, 7));
    _mm256_maskstore_epi32((int *)(page + 4080), half, _mm256_set1_epi32(0x01020304));
    BARRIER;
    SAY("masked store: fault at %ld, %x", fault_at, page[4095]);
    __m256i indexes = _mm256_setr_epi32(0, 4, 4088, 4092, 4096, 4100, 8, 12);
    masked = _mm256_i32gather_epi32((int *)page, indexes, 1);
    KEPT(masked);
    SAY("gather: fault at %ld, %x %x %x", fault_at, _mm256_extract_epi32(masked, 3), _mm256_extract_epi32(masked, 4), _mm256_extract_epi32(masked, 7));
}

int main(void)
{
    TRUTH(__builtin_cpu_supports("avx2"));
    TRUTH(getauxval(AT_MINSIGSTKSZ) >= 440 + 836);
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
    TRY(sigaction(SIGUSR1, &action, NULL));
    for (int m = 0; m <= 12; m++) try_mode(m);

    registers in, out;
    signal(SIGUSR2, entry_handler);
    memset(at_entry, 0xff, sizeof at_entry);
    fill(in, 5);
    through_syscall(in, out, SYS_kill, getpid(), SIGUSR2, 0);
    SAY("handler begins with ymm0 %d, ymm9 %d; kept %d", at_entry[0][0] == 0 && at_entry[0][3] == 0, at_entry[9][1] == 0 && at_entry[9][2] == 0,
        memcmp(in, out, sizeof in) == 0);

    // fork: both sides go on with the registers.
    fflush(stdout);
    fill(in, 9);
    long child = through_syscall(in, out, SYS_fork, 0, 0, 0);
    int same = memcmp(in, out, sizeof in) == 0;
    if (child == 0) _exit(same ? 42 : 1);
    int status;
    TRY(waitpid((pid_t)child, &status, 0));
    SAY("fork: parent %d, child %d", same, WEXITSTATUS(status));

    // Three processes that take turns, each with registers of its own.
    fflush(stdout);
    int bad = 0;
    pid_t pids[3];
    for (int p = 0; p < 3; p++)
        if ((pids[p] = fork()) == 0) {
            for (int i = 0; i < 2000; i++) {
                fill(in, (uint64_t)(p * 100000 + i));
                if (p == 2) memset(in, 0, sizeof in);
                through_syscall(in, out, SYS_sched_yield, 0, 0, 0);
                if (memcmp(in, out, sizeof in)) _exit(1);
            }
            _exit(0);
        }
    for (int p = 0; p < 3; p++) {
        TRY(waitpid(pids[p], &status, 0));
        bad += status != 0;
    }
    SAY("turns: %d went wrong", bad);
    faults();
    return 0;
}
