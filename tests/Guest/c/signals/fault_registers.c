// Registers, code and address as a handler sees them when an instruction faults behind others that have changed registers and memory.
// cflags: -O1
#include "guest.h"
#include <setjmp.h>
#include <ucontext.h>

#define PAGE "0x10000000"       // two pages that can be written, one that can be read, one that is not there
#define READ_ONLY "0x10002000"
#define NOTHING "0x10003000"
#define NOWHERE "0x8123456789abcdef"

void *crash_rsp;
static sigjmp_buf back;
static uintptr_t start;

#define CRASH(name, code) \
    void crash_##name(void); extern char crash_##name##_start[]; \
    __asm__(".text\ncrash_" #name ":\n" \
        "push %rbx\n push %rbp\n push %r12\n push %r13\n push %r14\n push %r15\n mov %rsp, crash_rsp(%rip)\n sub $256, %rsp\n" \
        "movabs $0x0101010101010101, %rax\n lea 2(%rax), %rbx\n lea 3(%rax), %rcx\n lea 4(%rax), %rdx\n lea 5(%rax), %rsi\n" \
        "lea 6(%rax), %rdi\n lea 7(%rax), %rbp\n lea 8(%rax), %r8\n lea 9(%rax), %r9\n lea 10(%rax), %r10\n lea 11(%rax), %r11\n" \
        "lea 12(%rax), %r12\n lea 13(%rax), %r13\n lea 14(%rax), %r14\n lea 15(%rax), %r15\n movq %rax, %xmm0\n movq %rbx, %xmm1\n" \
        "crash_" #name "_start:\n" code "\n ud2\n")

CRASH(read, "mov $" PAGE ", %edi\n inc %rax\n mov %rax, 8(%rdi)\n add %rbx, %r11\n mov 0x3008(%rdi), %rcx\n inc %rdx");
CRASH(write, "mov $" PAGE ", %r10d\n push %r15\n mov $1, %ecx\n pop %r11\n mov %r11, 0x2010(%r10,%rcx,8)");
CRASH(modify, "mov $" READ_ONLY ", %r15d\n stc\n adc %rax, %rbx\n add %rbx, 16(%r15)");
CRASH(exchange, "mov $" READ_ONLY ", %r15d\n xchg %r10, (%r15)");
CRASH(exchange_add, "mov $" READ_ONLY ", %r15d\n lock xadd %r10, (%r15)");
CRASH(compare, "mov $" READ_ONLY ", %edi\n cmpxchg %r11, (%rdi)");
CRASH(compare_pair, "mov $" PAGE "+8, %edi\n lock cmpxchg16b (%rdi)");
CRASH(straddle_read, "mov $" NOTHING "-3, %esi\n inc %rdi\n mov (%rsi), %r11");
CRASH(straddle_write, "mov $" READ_ONLY "-3, %esi\n movb $7, (%rsi)\n mov %rax, (%rsi)");
CRASH(straddle_vector, "mov $" NOTHING "-9, %esi\n paddb %xmm0, %xmm1\n movdqu (%rsi), %xmm0");
CRASH(bit_string, "mov $" READ_ONLY "-8, %edi\n mov $65, %ecx\n bts %rcx, (%rdi)");
CRASH(push, "mov $" READ_ONLY "+8, %esp\n mov %rsp, %r15\n push %rax");
CRASH(push_second, "mov $" READ_ONLY "-8, %esp\n pop %rcx\n push %rax\n pop %rcx\n pop %rdx\n push %rbx");
CRASH(push_memory, "mov $" NOTHING ", %r15d\n pushq 8(%r15)");
CRASH(pop, "mov $" NOTHING "-8, %esp\n pop %r15\n pop %r10");
CRASH(pop_memory, "mov $" READ_ONLY ", %r15d\n push %rax\n popq (%r15)");
CRASH(leave, "mov $" NOTHING ", %ebp\n leave");
CRASH(call, "mov $" READ_ONLY "+8, %esp\n call crash_read");
CRASH(call_indirect, "mov $" NOTHING ", %r11d\n call *8(%r11)");
CRASH(call_nowhere, "movabs $" NOWHERE ", %r11\n call *%r11");
CRASH(jump_nothing, "mov $" NOTHING "+5, %r11d\n jmp *%r11");
CRASH(jump_data, "mov $" PAGE "+5, %r11d\n jmp *%r11");
CRASH(jump_nowhere, "movabs $" NOWHERE ", %r11\n jmp *%r11");
CRASH(return_nothing, "mov $" NOTHING "+5, %r11d\n push %r11\n ret");
CRASH(return_nowhere, "movabs $" NOWHERE ", %r11\n push %r11\n ret");
CRASH(return_far_down, "mov $" NOTHING ", %esp\n ret $16");
CRASH(nowhere, "movabs $" NOWHERE ", %r11\n inc %rax\n mov 8(%r11), %rcx");
CRASH(nowhere_stack, "movabs $" NOWHERE ", %rbp\n mov %rbp, %rcx\n mov 8(%rbp), %rcx");
CRASH(edge, "movabs $0x7ffffffffffe, %rax\n mov (%rax), %rcx");
CRASH(edge_write, "movabs $0x800000000001, %r15\n inc %rax\n movups %xmm1, -8(%r15)");
CRASH(edge_stack, "movabs $0x800000000006, %rsp\n inc %rax\n push %rax");
CRASH(wraps, "mov $-4, %rax\n mov 2(%rax), %rcx");
CRASH(wraps_around, "mov $-4, %r10\n mov $" PAGE ", %r11d\n mov 4(%r10,%r11), %rcx\n mov 0x3004(%r10,%r11), %rcx");
CRASH(misaligned, "mov $" PAGE "+8, %esi\n paddb %xmm0, %xmm1\n movaps %xmm1, (%rsi)");
CRASH(divide, "xor %ecx, %ecx\n xor %edx, %edx\n div %rcx");
CRASH(divide_large, "mov $2, %ecx\n mov $2, %edx\n div %ecx");
CRASH(divide_minimum, "mov $0x80000000, %eax\n cltd\n mov $-1, %r15d\n idiv %r15d");
CRASH(divide_memory, "mov $" NOTHING ", %r15d\n idivl (%r15)");
CRASH(copy, "mov $" PAGE "+16, %esi\n mov $" READ_ONLY "-24, %edi\n mov $9, %ecx\n rep movsq");
CRASH(copy_from, "mov $" NOTHING "-5, %esi\n mov $" PAGE ", %edi\n mov $90, %ecx\n rep movsb");
CRASH(fill, "mov $" READ_ONLY "-7, %edi\n mov $90, %ecx\n rep stosb");
CRASH(fill_down, "std\n mov $" PAGE "+16, %edi\n mov $90, %ecx\n rep stosl");
CRASH(scan, "mov $" NOTHING "-100, %edi\n mov $900, %ecx\n mov $5, %al\n repne scasb");
CRASH(load_real, "mov $" NOTHING ", %r10d\n fldl (%r10)");
CRASH(store_real, "mov $" READ_ONLY ", %r10d\n fld1\n fstpl (%r10)\n fstp %st(0)");
CRASH(invalid, "inc %rax\n push %rax\n ud2");
CRASH(breakpoint, "inc %rax\n push %rax\n int3");
CRASH(privileged, "inc %rax\n push %rax\n hlt");

static const struct { const char *name; void (*run)(void); char *start; } crashes[] = {
#define ONE(name) { #name, crash_##name, crash_##name##_start },
    ONE(read) ONE(write) ONE(modify) ONE(exchange) ONE(exchange_add) ONE(compare) ONE(compare_pair) ONE(straddle_read) ONE(straddle_write)
    ONE(straddle_vector) ONE(bit_string) ONE(push) ONE(push_second) ONE(push_memory) ONE(pop) ONE(pop_memory) ONE(leave) ONE(call)
    ONE(call_indirect) ONE(call_nowhere) ONE(jump_nothing) ONE(jump_data) ONE(jump_nowhere) ONE(return_nothing) ONE(return_nowhere)
    ONE(return_far_down) ONE(nowhere) ONE(nowhere_stack) ONE(edge) ONE(edge_write) ONE(edge_stack) ONE(wraps) ONE(wraps_around) ONE(misaligned) ONE(divide) ONE(divide_large)
    ONE(divide_minimum) ONE(divide_memory) ONE(copy) ONE(copy_from) ONE(fill) ONE(fill_down) ONE(scan) ONE(load_real) ONE(store_real)
    ONE(invalid) ONE(breakpoint) ONE(privileged)
};

// Addresses of code and stack are told as distances, but what a register holds by another way is as it is.
static void show(const char *name, uint64_t value)
{
    if (value - (start - 4096) < 8192) printf(" %s=start%+ld", name, (long)(value - start));
    else if (value - ((uintptr_t)crash_rsp - 4096) < 8192) printf(" %s=rsp%+ld", name, (long)(value - (uintptr_t)crash_rsp));
    else printf(" %s=%#lx", name, value);
}

static void handler(int sig, siginfo_t *info, void *context)
{
    static const struct { const char *name; int index; } registers[] = {
        { "ip", REG_RIP }, { "ax", REG_RAX }, { "bx", REG_RBX }, { "cx", REG_RCX }, { "dx", REG_RDX }, { "si", REG_RSI }, { "di", REG_RDI },
        { "bp", REG_RBP }, { "sp", REG_RSP }, { "r8", REG_R8 }, { "r9", REG_R9 }, { "r10", REG_R10 }, { "r11", REG_R11 }, { "r12", REG_R12 },
        { "r13", REG_R13 }, { "r14", REG_R14 }, { "r15", REG_R15 }, { "trap", REG_TRAPNO }, { "error", REG_ERR },
    };
    ucontext_t *u = context;
    printf("%s code %d", signame(sig), info->si_code);
    show("address", (uintptr_t)info->si_addr);
    if ((intptr_t)info->si_addr < 0) u->uc_mcontext.gregs[REG_ERR] &= ~1; // whether the host's kernel has something there
    for (unsigned i = 0; i < sizeof registers / sizeof *registers; i++) show(registers[i].name, u->uc_mcontext.gregs[registers[i].index]);
    const uint64_t *xmm = (const uint64_t *)u->uc_mcontext.fpregs->_xmm;
    printf(" x0=%lx:%lx x1=%lx:%lx", xmm[1], xmm[0], xmm[3], xmm[2]);
    printf(" flags %#llx", u->uc_mcontext.gregs[REG_EFL] & ~0x8d5ull & ~0x10000ull); // status flags may be those of an instruction further on; RF
    siglongjmp(back, 1);
}

int main(void)
{
    stack_t stack = { .ss_sp = malloc(65536), .ss_size = 65536 };
    sigaltstack(&stack, NULL);
    struct sigaction a = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_ONSTACK };
    int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP };
    for (int i = 0; i < 5; i++) sigaction(signals[i], &a, NULL);
    char *page = mmap((void *)0x10000000, 3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
    for (int round = 0; round < 2; round++)
    {
        for (unsigned i = 0; i < sizeof crashes / sizeof *crashes; i++)
        {
            mprotect(page, 3 * 4096, PROT_READ | PROT_WRITE);
            for (int k = 0; k < 3 * 4096; k++) page[k] = (char)(k * 7 + 1) | 0x40; // never 5: the scan ends at the border
            mprotect(page + 8192, 4096, PROT_READ);
            start = (uintptr_t)crashes[i].start;
            printf("%s: ", crashes[i].name);
            if (sigsetjmp(back, 1) == 0) crashes[i].run();
            __asm__ volatile("cld");
            unsigned sum = 0;
            for (int k = 0; k < 3 * 4096; k++) sum = sum * 31 + (unsigned char)page[k];
            printf(" memory %#x\n", sum);
        }
    }
    return 0;
}
