// Damaged ELF files, made from a good one by changing a field at a time: refused or killed, never more than that.
// cflags: -static
#include "guest.h"
#include <elf.h>

static unsigned char image[1 << 21];
static size_t size;

static void run(const char *what)
{
    int fd = TRY(open("program", O_CREAT | O_TRUNC | O_WRONLY, 0755));
    TRY(write(fd, image, size));
    close(fd);
    pid_t pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
        execl("./program", "program", "run", NULL);
        printf("%s: %s\n", what, strerrorname_np(errno));
        _exit(100);
    }
    int status;
    TRY(waitpid(pid, &status, 0));
    if (!(WIFEXITED(status) && WEXITSTATUS(status) == 100))
        show_status(what, status);
}
#define WITH(type, field, value) do { typeof(type->field) old = type->field; type->field = (value); run(#field " = " #value); type->field = old; } while (0)

int main(int argc, char **argv)
{
    if (argc > 1)
        return 42;
    scratch();
    int fd = TRY(open("/proc/self/exe", O_RDONLY));
    size = TRY(read(fd, image, sizeof image));
    close(fd);
    Elf64_Ehdr *e = (Elf64_Ehdr *)image;
    Elf64_Phdr *p = (Elf64_Phdr *)(image + e->e_phoff);
    run("unchanged");
    WITH(e, e_ident[EI_MAG0], 0x7e);
    WITH(e, e_ident[EI_CLASS], 9);
    WITH(e, e_type, ET_REL);
    WITH(e, e_type, ET_CORE);
    WITH(e, e_type, 0x7777);
    WITH(e, e_machine, EM_AARCH64);
    WITH(e, e_machine, 0);
    WITH(e, e_phentsize, 1);
    WITH(e, e_phentsize, 65535);
    WITH(e, e_phnum, 0);
    WITH(e, e_phnum, 65535);
    WITH(e, e_phoff, 1ull << 40);
    WITH(e, e_phoff, -1ull);
    WITH(e, e_entry, 0);
    WITH(e, e_entry, 0x8000000000000000);
    WITH(e, e_shoff, -1ull);
    WITH(e, e_flags, -1u);
    WITH(e, e_version, 99);
    for (int i = 0; i < e->e_phnum; i++)
        if (p[i].p_type == PT_LOAD) {
            Elf64_Phdr *load = &p[i];
            WITH(load, p_filesz, load->p_memsz + 1);
            WITH(load, p_memsz, -1ull);
            WITH(load, p_vaddr, -4096ull);
            WITH(load, p_offset, load->p_offset + 1);
            break;
        }
    size_t whole = size;
    size_t cuts[] = { 0, 1, 3, 16, 63, 64, 100 };
    for (int i = 0; i < 7; i++) {
        char name[32];
        size = cuts[i];
        sprintf(name, "cut at %zu", cuts[i]);
        run(name);
    }
    size = whole;
    // An interpreter that cannot be.
    int interp = -1;
    for (int i = 0; i < e->e_phnum; i++)
        if (p[i].p_type == PT_NOTE)
            interp = i;
    if (interp >= 0) {
        Elf64_Phdr old = p[interp];
        size_t at = p[interp].p_offset;
        char keep[64];
        memcpy(keep, image + at, 32);
        p[interp].p_type = PT_INTERP;
        p[interp].p_filesz = 16;
        memcpy(image + at, "/no/such/linker", 16);
        run("missing interpreter");
        memcpy(image + at, "/etc/passwd\0\0\0\0\0", 16);
        run("interpreter not executable");
        memcpy(image + at, "/usr/bin/ldd\0\0\0", 16);
        run("interpreter is a script");
        memset(image + at, 'x', 16);
        run("interpreter not terminated");
        p[interp].p_filesz = 1;
        run("interpreter too short");
        p[interp].p_filesz = 1 << 20;
        run("interpreter too long");
        p[interp] = old;
        memcpy(image + at, keep, 32);
    }
    run("as it was");
    return 0;
}
