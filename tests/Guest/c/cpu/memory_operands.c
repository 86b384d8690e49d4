// Addressing: every scale and displacement, unaligned and page-crossing accesses, atomics on borders, segment bases, stack forms.
// cflags: -mcx16 -no-pie
#include "guest.h"

#define PAGE 4096

int main(void)
{
    unsigned char *page = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 4 * PAGE; i++)
        page[i] = i * 13 + (i >> 8);
    uint64_t h = 0;
    for (int at = PAGE - 17; at < PAGE + 3; at++) {
        uint64_t q;
        uint32_t d;
        uint16_t w;
        memcpy(&q, page + at, 8);
        memcpy(&d, page + at, 4);
        memcpy(&w, page + at, 2);
        h = h * 31 + q + d + w;
        __asm__ volatile("movdqu (%0), %%xmm0\n movdqu %%xmm0, 5000(%0)\n addq %1, (%0)\n xorl $0x55, 1(%0)\n incw (%0)" :: "r"(page + at), "r"(h) : "xmm0", "memory", "cc");
        __asm__ volatile("lock addq $77, (%0)\n lock xaddl %k1, 3(%0)\n xchgw %w1, 1(%0)" :: "r"(page + at), "r"(h) : "memory", "cc");
    }
    for (int i = 0; i < 3 * PAGE; i++)
        h = h * 33 + page[i];
    SAY("%016lx", h);
    long base = (long)page + 256, index = 16, value = 0;
#define EA(form) { long r; unsigned char c; __asm__ volatile("lea " form ", %0\n movb " form ", %1" : "=&r"(r), "=&q"(c) : "b"(base), "c"(index)); value = value * 131 + (r - (long)page) + c; }
    EA("(%%rbx)") EA("8(%%rbx)") EA("-128(%%rbx)") EA("1000(%%rbx)") EA("(%%rbx,%%rcx)") EA("(%%rbx,%%rcx,2)") EA("7(%%rbx,%%rcx,4)") EA("-200(%%rbx,%%rcx,8)")
    EA("3000(%%rbx,%%rcx,8)")
    SAY("%lx", value);
    // Sixteen bytes at once, atomically.
    unsigned __int128 *wide = (void *)(page + 2 * PAGE), expected = *wide, fresh = ((unsigned __int128)1 << 100) + 5;
    TRUTH(__sync_bool_compare_and_swap(wide, expected, fresh));
    TRUTH(!__sync_bool_compare_and_swap(wide, expected, fresh));
    TRUTH(*wide == fresh);
    long a = 5, b = 6;
    unsigned char zf;
    __asm__ volatile("lock cmpxchgq %3, %1\n sete %2" : "+a"(a), "+m"(b), "=q"(zf) : "r"(9l) : "cc");
    SAY("%ld %ld %d", a, b, zf);
    __asm__ volatile("lock cmpxchgq %3, %1\n sete %2" : "+a"(a), "+m"(b), "=q"(zf) : "r"(9l) : "cc");
    SAY("%ld %ld %d", a, b, zf);
    unsigned lo = 1, hi = 2;
    struct { unsigned lo, hi; } pair __attribute__((aligned(8))) = { 1, 2 };
    __asm__ volatile("lock cmpxchg8b %0\n sete %1" : "+m"(pair), "=q"(zf), "+a"(lo), "+d"(hi) : "b"(7), "c"(8) : "cc");
    SAY("%u %u %d", pair.lo, pair.hi, zf);
    // Bits beyond the operand: the memory form of bt reaches further.
    memset(page, 0, 256);
    __asm__ volatile("btsq %1, (%0)\n lock btsl %k2, (%0)" :: "r"(page + 128), "r"(500l), "r"(-300l) : "memory", "cc");
    int first = -1, last = -1;
    for (int i = 0; i < 256; i++)
        if (page[i]) {
            if (first < 0)
                first = i;
            last = i;
        }
    SAY("bits in bytes %d (%#x) and %d (%#x)", first, page[first], last, page[last]);
    // Stack forms.
    long r;
    __asm__ volatile("pushq $-5\n pushq $0x12345678\n addq $1, (%%rsp)\n popq %0\n popq %%rcx\n addq %%rcx, %0" : "=r"(r) :: "rcx", "cc", "memory");
    SAY("%lx", r);
    __asm__ volatile("pushw $0x77\n pushw $0x11\n movl (%%rsp), %k0\n addq $4, %%rsp" : "=r"(r) :: "cc", "memory");
    SAY("%lx", r & 0xffffffff);
    __asm__ volatile("mov %%rsp, %%rcx\n push %%rsp\n pop %0\n sub %%rcx, %0" : "=r"(r) :: "rcx", "cc", "memory");
    SAY("%ld", r);
    __asm__ volatile("enter $32, $0\n mov %%rbp, %0\n sub %%rsp, %0\n leave" : "=r"(r) :: "memory");
    SAY("%ld", r);
    __asm__ volatile("movl $-1, %k0" : "=r"(r) : "0"(-1l));
    SAY("%lx", r);
    __asm__ volatile("movw $1, %w0\n movb $2, %b0" : "+r"(r) : );
    SAY("%lx", r);
    __asm__ volatile("mov $0x1234, %%eax\n mov $0x56, %%ah\n xchg %%al, %%ah\n movzbl %%ah, %%ecx\n shl $16, %%ecx\n or %%eax, %%ecx\n mov %%rcx, %0" : "=r"(r) :: "rax", "rcx", "cc");
    SAY("%lx", r);
    __asm__ volatile("xor %%eax, %%eax\n mov $table%=, %%rcx\n jmp 1f\n table%=: .byte 9\n 1: mov $1f, %%rcx\n call *%%rcx\n jmp 2f\n 1: add $3, %%eax\n ret\n 2: loop 3f\n 3: mov %%rax, %0"
        : "=r"(r) :: "rax", "rcx", "cc", "memory");
    SAY("%ld", r);
    __asm__ volatile("mov $page_in_table%=, %0\n .pushsection .rodata\n page_in_table%=: .quad 1\n .popsection\n mov (%0), %0" : "=r"(r));
    SAY("%ld", r);
    unsigned char table[256];
    for (int i = 0; i < 256; i++)
        table[i] = 255 - i;
    __asm__ volatile("xlatb" : "=a"(r) : "b"(table), "0"(7l));
    SAY("%ld", r & 255);
    return 0;
}
