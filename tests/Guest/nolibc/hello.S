// The smallest program: write and exit, nothing else.
        .globl _start
        .text
_start: mov     $1, %eax
        mov     $1, %edi
        lea     text(%rip), %rsi
        mov     $length, %edx
        syscall
        cmp     $length, %rax
        setne   %dil
        movzbl  %dil, %edi
        mov     $60, %eax
        syscall
        ud2
        .section .rodata
text:   .ascii  "hello from assembly\n"
        .set    length, . - text
        .section .note.GNU-stack, "", @progbits
