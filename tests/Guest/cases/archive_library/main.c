#include <dlfcn.h>
#include <stdio.h>
int mul(int, int);
int main(void)
{
    printf("%d\n", mul(6, 7));
    void *p = dlopen("./plugin.so", RTLD_NOW);
    int (*run)(int) = p ? (int (*)(int))dlsym(p, "run") : 0;
    printf("%d\n", run ? run(4) : -1);
    return 0;
}
