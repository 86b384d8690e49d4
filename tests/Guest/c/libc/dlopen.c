// dlopen, dlsym, dladdr, dl_iterate_phdr, weak symbols, constructors in order, IFUNCs of the C library.
#include "guest.h"
#include <dlfcn.h>
#include <link.h>

static int objects, self_found;
static int each(struct dl_phdr_info *info, size_t size, void *data)
{
    objects++;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        uintptr_t from = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
        if (info->dlpi_phdr[i].p_type == PT_LOAD && (uintptr_t)each >= from && (uintptr_t)each < from + info->dlpi_phdr[i].p_memsz)
            self_found++;
    }
    return 0;
}
extern int absent_function(void) __attribute__((weak));
__attribute__((constructor(101))) static void first(void) { SAY("constructor 101"); }
__attribute__((constructor(102))) static void second(void) { SAY("constructor 102"); }
__attribute__((destructor)) static void last(void) { SAY("destructor"); }

int main(void)
{
    void *m = dlopen("libm.so.6", RTLD_NOW);
    TRUTH(m != NULL);
    double (*cosine)(double) = dlsym(m, "cos");
    SAY("%.10f", cosine(1));
    TRUTH(dlsym(m, "no_such_symbol") == NULL);
    TRUTH(dlerror() != NULL);
    TRUTH(dlerror() == NULL);
    TRUTH(dlopen("libno-such-library.so", RTLD_LAZY) == NULL);
    TRUTH(strstr(dlerror(), "cannot open shared object file") != NULL);
    Dl_info info;
    TRUTH(dladdr((void *)cosine, &info) != 0 && strstr(info.dli_fname, "libm.so.6"));
    SHOW(dlclose(m));
    void *self = dlopen(NULL, RTLD_NOW);
    TRUTH(dlsym(self, "printf") == (void *)printf);
    TRUTH(dlsym(RTLD_DEFAULT, "malloc") != NULL);
    dl_iterate_phdr(each, NULL);
    TRUTH(objects >= 3);
    SHOW(self_found);
    TRUTH(absent_function == NULL);
    // A library with its own state, loaded late, in a thread-local model that needs the loader.
    void *resolver = dlopen("libresolv.so.2", RTLD_LAZY | RTLD_LOCAL);
    TRUTH(resolver != NULL);
    TRUTH(dlsym(resolver, "ns_get16") != NULL || dlsym(resolver, "__ns_get16") != NULL);
    return 0;
}
