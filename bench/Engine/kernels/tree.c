#include "start.h"
struct node { struct node *left, *right; uint32_t key; };
static struct node pool[200000];
static uint32_t kernel(void)
{
    uint32_t found = 0;
    for (int round = 0; round < 3; round++) {
        struct node *root = NULL;
        for (size_t n = 0; n < sizeof pool / sizeof *pool; n++) {
            struct node **place = &root, *fresh = &pool[n];
            uint32_t key = next_random();
            while (*place) place = key < (*place)->key ? &(*place)->left : &(*place)->right;
            fresh->left = fresh->right = NULL;
            fresh->key = key;
            *place = fresh;
        }
        for (int n = 0; n < 200000; n++) {
            uint32_t key = next_random();
            struct node *p = root;
            while (p && p->key != key) p = key < p->key ? p->left : p->right;
            if (p) found++;
        }
    }
    return found;
}
