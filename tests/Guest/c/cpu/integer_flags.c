// Arithmetic flags after integer instructions, over edge operands in every width, folded into one sum per instruction.
#include "guest.h"

#define MASK 0x8d5ul    // CF PF AF ZF SF OF
static const uint64_t edge[] = { 0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
    0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0x123456789abcdef0, 0x0f0f0f0f0f0f0f0f };
enum { N = sizeof edge / sizeof *edge };
static uint64_t fold(uint64_t h, uint64_t v) { return (h ^ v) * 0x9e3779b97f4a7c15 + (h >> 29); }

#define TWO_OPERANDS(op, type, mask) do { \
    uint64_t h = 0; \
    for (int i = 0; i < N; i++) for (int j = 0; j < N; j++) for (int c = 0; c < 2; c++) { \
        type a = edge[i], b = edge[j]; uint64_t f; \
        __asm__ volatile("bt $0, %k3\n" op " %2, %0\n pushfq\n popq %1" : "+r"(a), "=&r"(f) : "r"(b), "r"((unsigned long)c) : "cc"); \
        h = fold(fold(h, (uint64_t)a), f & (mask)); } \
    printf("%-12s %016lx\n", op " " #type, h); } while (0)
#define ONE_OPERAND(op, type, mask) do { \
    uint64_t h = 0; \
    for (int i = 0; i < N; i++) for (int c = 0; c < 2; c++) { \
        type a = edge[i]; uint64_t f; \
        __asm__ volatile("bt $0, %k2\n" op " %0\n pushfq\n popq %1" : "+r"(a), "=&r"(f) : "r"((unsigned long)c) : "cc"); \
        h = fold(fold(h, (uint64_t)a), f & (mask)); } \
    printf("%-12s %016lx\n", op " " #type, h); } while (0)
#define SHIFT(op, type, mask) do { \
    uint64_t h = 0; \
    for (int i = 0; i < N; i++) for (int n = 0; n < 70; n++) for (int c = 0; c < 2; c++) { \
        type a = edge[i]; uint64_t f; int width = sizeof(type) * 8, count = n & (width == 64 ? 63 : 31); \
        __asm__ volatile("bt $0, %k3\n" op " %%cl, %0\n pushfq\n popq %1" : "+r"(a), "=&r"(f) : "c"(n), "r"((unsigned long)c) : "cc"); \
        /* overflow is defined for one, adjust never; carry is not beyond the width for shifts */ \
        uint64_t defined = (mask) & ~0x10ul; \
        if (count != 1) defined &= ~0x800ul; \
        if (count >= width) defined &= ~1ul; \
        if (count == 0) defined = 1; \
        h = fold(fold(h, (uint64_t)a), f & defined); } \
    printf("%-12s %016lx\n", op " " #type, h); } while (0)
#define WIDTHS(macro, op, mask) macro(op, uint8_t, mask); macro(op, uint16_t, mask); macro(op, uint32_t, mask); macro(op, uint64_t, mask)

int main(void)
{
    WIDTHS(TWO_OPERANDS, "add", MASK);
    WIDTHS(TWO_OPERANDS, "adc", MASK);
    WIDTHS(TWO_OPERANDS, "sub", MASK);
    WIDTHS(TWO_OPERANDS, "sbb", MASK);
    WIDTHS(TWO_OPERANDS, "cmp", MASK);
    WIDTHS(TWO_OPERANDS, "and", MASK & ~0x10);
    WIDTHS(TWO_OPERANDS, "or", MASK & ~0x10);
    WIDTHS(TWO_OPERANDS, "xor", MASK & ~0x10);
    WIDTHS(TWO_OPERANDS, "test", MASK & ~0x10);
    TWO_OPERANDS("imul", uint16_t, 0x801);
    TWO_OPERANDS("imul", uint32_t, 0x801);
    TWO_OPERANDS("imul", uint64_t, 0x801);
    TWO_OPERANDS("bt", uint32_t, 1);
    TWO_OPERANDS("bts", uint64_t, 1);
    TWO_OPERANDS("btr", uint16_t, 1);
    TWO_OPERANDS("btc", uint64_t, 1);
    WIDTHS(TWO_OPERANDS, "xadd", MASK);
    WIDTHS(ONE_OPERAND, "inc", MASK);
    WIDTHS(ONE_OPERAND, "dec", MASK);
    WIDTHS(ONE_OPERAND, "neg", MASK);
    WIDTHS(ONE_OPERAND, "not", 1);
    WIDTHS(SHIFT, "shl", MASK);
    WIDTHS(SHIFT, "shr", MASK);
    WIDTHS(SHIFT, "sar", MASK);
    WIDTHS(SHIFT, "rol", 0x801);
    WIDTHS(SHIFT, "ror", 0x801);
    SHIFT("rcl", uint32_t, 0x801);
    SHIFT("rcr", uint64_t, 0x801);
    uint64_t h = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++)
            for (int n = 0; n < 64; n++) {
                uint64_t a = edge[i];
                __asm__ volatile("shld %%cl, %1, %0" : "+r"(a) : "r"(edge[j]), "c"(n) : "cc");
                h = fold(h, a);
                __asm__ volatile("shrd %%cl, %1, %0" : "+r"(a) : "r"(edge[j]), "c"(n) : "cc");
                h = fold(h, a);
                uint32_t w = edge[i];
                __asm__ volatile("shld %%cl, %1, %0" : "+r"(w) : "r"((uint32_t)edge[j]), "c"(n) : "cc");
                h = fold(h, w);
            }
    SAY("shld shrd    %016lx", h);
    h = 0;
    for (int i = 0; i < N; i++)
        for (int j = 1; j < N; j++) {
            unsigned __int128 p = (unsigned __int128)edge[i] * edge[j];
            __int128 s = (__int128)(int64_t)edge[i] * (int64_t)edge[j];
            h = fold(fold(fold(fold(h, p), p >> 64), s), s >> 64);
            h = fold(fold(h, edge[i] / edge[j]), edge[i] % edge[j]);
            if (!(edge[i] == 0x8000000000000000 && edge[j] == 0xffffffffffffffff))
                h = fold(fold(h, (int64_t)edge[i] / (int64_t)edge[j]), (int64_t)edge[i] % (int64_t)edge[j]);
            h = fold(h, (uint64_t)(p / 1000003));
        }
    SAY("mul div      %016lx", h);
    h = 0;
    for (int i = 0; i < N; i++) {
        uint64_t v = edge[i], r = 77, f;
        __asm__ volatile("bsf %2, %0\n pushfq\n popq %1" : "+r"(r), "=&r"(f) : "r"(v) : "cc");
        h = fold(h, (v ? r : 0) + (f & 0x40));
        __asm__ volatile("bsr %2, %0\n pushfq\n popq %1" : "+r"(r), "=&r"(f) : "r"(v) : "cc");
        h = fold(h, (v ? r : 0) + (f & 0x40));
        h = fold(h, __builtin_bswap64(v) ^ __builtin_bswap32(v));
        h = fold(h, (int64_t)(int8_t)v + (int64_t)(int16_t)v * 3 + (int64_t)(int32_t)v * 5);
        __asm__ volatile("movq %1, %%rax\n cbw\n cwde\n cdqe\n cqo\n xorq %%rdx, %%rax\n movq %%rax, %0" : "=r"(r) : "r"(v) : "rax", "rdx");
        h = fold(h, r);
        __asm__ volatile("movq %1, %%rax\n sahf\n lahf\n movq %%rax, %0" : "=r"(r) : "r"(v) : "rax", "cc");
        h = fold(h, r);
    }
    SAY("bit scans    %016lx", h);
    // Every condition against every flag state that a comparison can make.
    h = 0;
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            uint64_t a = edge[i], b = edge[j], bits = 0;
#define CC(n, cc) { uint8_t r; uint64_t m = a; __asm__ volatile("cmp %2, %1\n set" cc " %0\n cmov" cc " %2, %1" : "=&r"(r), "+r"(m) : "r"(b) : "cc"); bits = bits * 2 + r; h = fold(h, m); }
            CC(0, "o") CC(1, "no") CC(2, "b") CC(3, "ae") CC(4, "e") CC(5, "ne") CC(6, "be") CC(7, "a")
            CC(8, "s") CC(9, "ns") CC(10, "p") CC(11, "np") CC(12, "l") CC(13, "ge") CC(14, "le") CC(15, "g")
            h = fold(h, bits);
        }
    SAY("conditions   %016lx", h);
    return 0;
}
