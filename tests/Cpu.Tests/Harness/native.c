// Runs test vectors on the host's processor: each is machine code with the registers, flags, FXSAVE image and memory it is
// to start from. Everything happens in a signal handler, whose saved context is the processor's state: the handler notes
// what the last vector left, puts the next vector's state in, and returns into its code. The code runs into int3, or faults.
//
//     native INPUT OUTPUT        (files of struct vector, struct outcome)
//
// Layout shared with Harness/NativeProcessor.cs.
#define _GNU_SOURCE
#include <asm/prctl.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define CODE_BASE 0x10000000ul   // three pages, full of int3
#define CODE_PAGES 3
#define DATA_BASE 0x20000000ul   // two pages, nothing mapped around them
#define DATA_PAGES 2
#define WINDOW 512               // bytes of data that a vector sets, in the middle: half in each page
#define WINDOW_BASE (DATA_BASE + 0x1000 - WINDOW / 2)

struct vector {
    uint8_t code[64];
    uint32_t code_offset, code_length;
    uint64_t gpr[16];            // in encoding order: rax rcx rdx rbx rsp rbp rsi rdi r8..r15
    uint64_t rflags;
    uint8_t fx[512];             // FXSAVE64 image
    uint8_t ymm[256];            // upper halves of ymm0 to ymm15
    uint8_t data[WINDOW];
};

struct outcome {
    uint32_t signal, code;
    uint64_t address;
    uint64_t gpr[16];
    uint64_t rip, rflags;
    uint8_t fx[512];
    uint8_t ymm[256];
    uint8_t data[WINDOW];
};

static const int order[16] = {
    REG_RAX, REG_RCX, REG_RDX, REG_RBX, REG_RSP, REG_RBP, REG_RSI, REG_RDI,
    REG_R8, REG_R9, REG_R10, REG_R11, REG_R12, REG_R13, REG_R14, REG_R15,
};

static const struct vector *vectors;
static struct outcome *outcomes;
static size_t count, next;

// Whether the frame has the upper halves of the YMM registers, behind the FXSAVE image and a header (Linux: struct _fpx_sw_bytes).
static int has_ymm(const uint8_t *fp)
{
    uint32_t magic;
    uint64_t features;

    memcpy(&magic, fp + 464, 4);
    memcpy(&features, fp + 472, 8);
    return magic == 0x46505853 && (features & 4);
}

static void collect(int signal, const siginfo_t *info, const ucontext_t *uc)
{
    const struct vector *v = &vectors[next - 1];
    struct outcome *o = &outcomes[next - 1];
    const uint8_t *fp = (const uint8_t *)uc->uc_mcontext.fpregs;
    uint64_t present;

    o->signal = signal;
    o->code = (uint32_t)info->si_code;
    o->address = (uint64_t)info->si_addr;
    for (int i = 0; i < 16; i++) o->gpr[i] = (uint64_t)uc->uc_mcontext.gregs[order[i]];
    o->rip = (uint64_t)uc->uc_mcontext.gregs[REG_RIP];
    o->rflags = (uint64_t)uc->uc_mcontext.gregs[REG_EFL];
    memcpy(o->fx, fp, 416);
    memcpy(&present, fp + 512, 8);
    if (!(present & 1)) {        // left in its initial state
        memset(o->fx, 0, 24);
        memset(o->fx + 32, 0, 128);
        o->fx[0] = 0x7f;
        o->fx[1] = 0x03;
    }
    if (!(present & 2)) memset(o->fx + 160, 0, 256);
    memset(o->ymm, 0, 256);
    if (has_ymm(fp) && (present & 4)) memcpy(o->ymm, fp + 576, 256);
    memcpy(o->data, (void *)WINDOW_BASE, WINDOW);
    memset((void *)(CODE_BASE + v->code_offset), 0xcc, v->code_length);
}

static void on_signal(int signal, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    uint8_t *fp = (uint8_t *)uc->uc_mcontext.fpregs;
    uint64_t present;

    if (next > 0) collect(signal, info, uc);
    if (next == count) _exit(0);
    const struct vector *v = &vectors[next++];
    memcpy((void *)(CODE_BASE + v->code_offset), v->code, v->code_length);
    memcpy((void *)WINDOW_BASE, v->data, WINDOW);
    for (int i = 0; i < 16; i++) uc->uc_mcontext.gregs[order[i]] = (greg_t)v->gpr[i];
    uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(CODE_BASE + v->code_offset);
    uc->uc_mcontext.gregs[REG_EFL] = (greg_t)v->rflags;
    memcpy(fp, v->fx, 416);
    memcpy(&present, fp + 512, 8);
    present |= 3;
    if (has_ymm(fp)) {
        present |= 4;
        memcpy(fp + 576, v->ymm, 256);
    }
    memcpy(fp + 512, &present, 8);
}

static void *map_fixed(unsigned long address, size_t pages, int protection)
{
    void *p = mmap((void *)address, pages * 4096, protection, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    if (p == MAP_FAILED) {
        perror("mmap");
        exit(2);
    }
    return p;
}

int main(int argc, char **argv)
{
    static const int signals[] = {SIGTRAP, SIGSEGV, SIGILL, SIGFPE, SIGBUS};
    struct stat st;

    if (argc != 3) return 2;
    int in = open(argv[1], O_RDONLY), out = open(argv[2], O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (in < 0 || out < 0 || fstat(in, &st) != 0) {
        perror(argv[1]);
        return 2;
    }
    count = (size_t)st.st_size / sizeof(struct vector);
    if (count == 0) return 0;
    if (ftruncate(out, (off_t)(count * sizeof(struct outcome))) != 0) return 2;
    vectors = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, in, 0);
    outcomes = mmap(NULL, count * sizeof(struct outcome), PROT_READ | PROT_WRITE, MAP_SHARED, out, 0);
    if (vectors == MAP_FAILED || outcomes == MAP_FAILED) return 2;

    memset(map_fixed(CODE_BASE, CODE_PAGES, PROT_READ | PROT_WRITE | PROT_EXEC), 0xcc, CODE_PAGES * 4096);
    map_fixed(DATA_BASE, DATA_PAGES, PROT_READ | PROT_WRITE);
    syscall(SYS_arch_prctl, ARCH_SET_GS, WINDOW_BASE);

    stack_t alternate = {.ss_sp = malloc(1 << 16), .ss_size = 1 << 16};
    sigaltstack(&alternate, NULL);
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER};
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) sigaction(signals[i], &action, NULL);
    __asm__ volatile("int3");
    return 3;
}
