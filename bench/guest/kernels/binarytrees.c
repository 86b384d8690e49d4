// Binary trees built and torn down: malloc, free and pointers to follow.
#include "kernel.h"
typedef struct node { struct node *left, *right; long value; } node;
static node *build(int depth, long value)
{
    node *t = malloc(sizeof *t);
    t->value = value;
    t->left = depth ? build(depth - 1, value * 2) : NULL;
    t->right = depth ? build(depth - 1, value * 2 + 1) : NULL;
    return t;
}
static long sum(const node *t) { return t ? t->value + sum(t->left) - sum(t->right) : 0; }
static void drop(node *t) { if (t) { drop(t->left); drop(t->right); free(t); } }
static uint64_t work(long n)
{
    uint64_t total = 0;
    while (n--) {
        node *t = build(12, n);
        total = total * 7 + sum(t);
        drop(t);
    }
    return total;
}
KERNEL(250)
