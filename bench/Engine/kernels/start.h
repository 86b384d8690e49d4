// What a kernel without libc needs: it runs until exit, and the exit code is a checksum.
#include <stddef.h>
#include <stdint.h>

static uint32_t kernel(void);

__attribute__((noreturn)) static void leave(uint32_t code)
{
    __asm__ volatile("syscall" : : "a"(231), "D"((uint64_t)code & 0xff) : "rcx", "r11", "memory");
    __builtin_unreachable();
}

__attribute__((used, noreturn)) static void begin(void)
{
    uint32_t sum = kernel();
    leave((sum ^ sum >> 8 ^ sum >> 16 ^ sum >> 24) & 0xff);
}

__asm__(".globl _start\n_start:\n  and $-16, %rsp\n  call begin\n");

void *memset(void *to, int value, size_t n)
{
    unsigned char *p = to;
    while (n-- > 0) {
        *p++ = (unsigned char)value;
        __asm__ volatile("");
    }
    return to;
}

void *memcpy(void *to, const void *from, size_t n)
{
    unsigned char *p = to;
    const unsigned char *q = from;
    while (n-- > 0) {
        *p++ = *q++;
        __asm__ volatile("");
    }
    return to;
}

static uint32_t seed = 12345;
static inline uint32_t next_random(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}
