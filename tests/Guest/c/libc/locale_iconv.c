// iconv, regex, glob, fnmatch, wordexp, getopt, hash tables and trees of the C library; user and group databases.
#include "guest.h"
#include <fnmatch.h>
#include <getopt.h>
#include <glob.h>
#include <grp.h>
#include <iconv.h>
#include <pwd.h>
#include <regex.h>
#include <search.h>
#include <wordexp.h>

static int compare(const void *a, const void *b) { return strcmp(a, b); }
static void visit(const void *node, VISIT order, int level) { if (order == postorder || order == leaf) SAY("tree %s", *(char **)node); }

int main(int argc, char **argv)
{
    scratch();
    regex_t re;
    regmatch_t m[3];
    SHOW(regcomp(&re, "([a-z]+)=([0-9]+)", REG_EXTENDED));
    SHOW(regexec(&re, "  key=1234;", 3, m, 0));
    SAY("%d-%d %d-%d", (int)m[1].rm_so, (int)m[1].rm_eo, (int)m[2].rm_so, (int)m[2].rm_eo);
    SHOW(regexec(&re, "none", 3, m, 0));
    regfree(&re);
    for (int i = 0; i < 5; i++) {
        char name[16];
        sprintf(name, "f%d.%s", i, i % 2 ? "c" : "h");
        close(TRY(open(name, O_CREAT | O_WRONLY, 0644)));
    }
    glob_t g;
    SHOW(glob("f[1-4].?", 0, NULL, &g));
    for (size_t i = 0; i < g.gl_pathc; i++)
        SAY("%s", g.gl_pathv[i]);
    SHOW(fnmatch("*.[ch]", "x.c", 0));
    SHOW(fnmatch("a/*", "a/b/c", FNM_PATHNAME));
    wordexp_t w;
    setenv("VAR", "two words", 1);
    SHOW(wordexp("a $VAR \"$VAR\" f*.c $((3+4))", &w, 0));
    for (size_t i = 0; i < w.we_wordc; i++)
        SAY("[%s]", w.we_wordv[i]);
    char *args[] = { "prog", "-a", "-bvalue", "--long=5", "rest", NULL };
    struct option options[] = { { "long", required_argument, NULL, 'l' }, { 0 } };
    int c;
    while ((c = getopt_long(5, args, "ab:", options, NULL)) != -1)
        SAY("%c %s", c, optarg ? optarg : "-");
    SAY("%s", args[optind]);
    iconv_t cd = iconv_open("UTF-8", "ISO-8859-1");
    if (cd != (iconv_t)-1) {
        char in[] = "caf\xe9", out[16] = "", *pi = in, *po = out;
        size_t li = 4, lo = 16;
        SHOW(iconv(cd, &pi, &li, &po, &lo));
        for (char *p = out; p < po; p++)
            printf("%02x ", (unsigned char)*p);
        printf("\n");
    }
    hcreate(100);
    for (int i = 0; i < 50; i++) {
        char *key = malloc(8);
        sprintf(key, "k%d", i);
        hsearch((ENTRY){ key, (void *)(long)(i * i) }, ENTER);
    }
    SHOW((long)hsearch((ENTRY){ "k7", NULL }, FIND)->data);
    void *root = NULL;
    char *words[] = { "pear", "apple", "fig", "apple" };
    for (int i = 0; i < 4; i++)
        tsearch(words[i], &root, compare);
    twalk(root, visit);
    struct passwd *p = getpwuid(0);
    SAY("%s %s", p->pw_name, p->pw_dir);
    struct group *group = getgrgid(0);
    SAY("%s", group->gr_name);
    TRUTH(getpwnam("no-such-user-here") == NULL);
    return 0;
}
