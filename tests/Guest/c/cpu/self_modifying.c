// Code that changes itself and others: patched operands and jumps in loops, code copied and moved, freed and mapped again.
#include "guest.h"

typedef int (*function)(int);

int main(void)
{
    unsigned char *code = mmap(NULL, 128 * 1024, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    // lea eax, [rdi + disp8]; ret
    unsigned char add[] = { 0x8d, 0x47, 0x00, 0xc3 };
    memcpy(code, add, 4);
    long sum = 0;
    for (int i = 0; i < 1000; i++) {
        code[2] = i & 0x7f;
        sum += ((function)code)(i);
    }
    SHOW(sum);
    // A loop that patches its own body: inc ecx's operand becomes a different instruction halfway.
    // mov ecx,0 ; mov eax,edi ; L: add ecx,1 (patched to add ecx,2 when eax==5) ; dec eax ; jnz L ; mov eax,ecx ; ret
    unsigned char loop[] = {
        0xb9, 0, 0, 0, 0, 0x89, 0xf8,
        0x83, 0xc1, 0x01,                               // add ecx, 1     at 7
        0x83, 0xf8, 0x05, 0x75, 0x07,                   // cmp eax, 5; jne +7
        0xc6, 0x05, 0xf3, 0xff, 0xff, 0xff, 0x02,       // mov byte [rip - 13], 2
        0xff, 0xc8, 0x75, 0xed,                         // dec eax; jnz back to 7
        0x89, 0xc8, 0xc3 };
    memcpy(code + 100, loop, sizeof loop);
    SHOW(((function)(code + 100))(10));
    SHOW(((function)(code + 100))(10));
    // Code across a page border, its second half changed.
    unsigned char mov[] = { 0xb8, 1, 0, 0, 0, 0xc3 };
    memcpy(code + 4093, mov, 6);
    sum = 0;
    for (int i = 0; i < 100; i++) {
        code[4096] = i;
        sum += ((function)(code + 4093))(0) >> 16;
        code[4096] = 0;
        sum += ((function)(code + 4093))(0);
    }
    SHOW(sum);
    // The same address, other code after munmap and mmap, mremap, mprotect, and in a child after fork.
    sum = 0;
    for (int i = 0; i < 50; i++) {
        unsigned char *page = mmap(code + 65536, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        mov[1] = i;
        memcpy(page, mov, 6);
        mprotect(page, 4096, PROT_READ | PROT_EXEC);
        sum = sum * 3 % 1000003 + ((function)page)(0);
        mprotect(page, 4096, PROT_READ | PROT_WRITE);
        page[1] = i + 1;
        mprotect(page, 4096, PROT_READ | PROT_EXEC);
        sum = sum * 3 % 1000003 + ((function)page)(0);
        munmap(page, 4096);
    }
    SHOW(sum);
    mov[1] = 11;
    memcpy(code, mov, 6);
    SHOW(((function)code)(0));
    reap("child", CHILD({ code[1] = 22; SHOW(((function)code)(0)); }));
    SHOW(((function)code)(0));
    // Written by the kernel: read() straight into code.
    int p[2];
    TRY(pipe(p));
    for (int i = 0; i < 3; i++) {
        mov[1] = 50 + i;
        TRY(write(p[1], mov, 6));
        TRY(read(p[0], code, 6));
        SHOW(((function)code)(0));
    }
    return 0;
}
