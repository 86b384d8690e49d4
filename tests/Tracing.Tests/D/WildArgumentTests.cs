namespace Kennel.Tracing.Tests.D;

/// <summary>Functions, actions and formats with arguments that make no sense: a value, a fault or a diagnosis, and nothing else.</summary>
public sealed class WildArgumentTests
{
    private static readonly string[] _numbers = ["0", "1", "-1", "7", "4096", "0x7fffffff", "0x80000000", "0x7fffffffffffffff", "0x8000000000000000", "arg1", "(uintptr_t)curthread"];
    private static readonly string[] _texts = ["\"\"", "\"a\"", "\"%s%n%d\"", "\"-99999999999999999999\"", "\"/../..//.\"", "\"[{\\\"a\\\":[1,{}]\"", "execname", "probefunc", "stringof(arg1)", "lots"];

    // N is a number, T a text, A an aggregation.
    private static readonly string[] _calls =
    [
        "alloca(N)", "bcopy(alloca(8), alloca(8), N)", "bcopy((void *)N, alloca(8), 8)", "copyin(N, N)", "copyinstr(N)", "copyinstr(N, N)", "copyinto(N, N, alloca(16))", "copyinto(0x1000, N, (void *)N)",
        "basename(T)", "cleanpath(T)", "dirname(T)", "getmajor(N)", "getminor(N)", "htonl(N)", "htons(N)", "htonll(N)", "index(T, T, N)", "rindex(T, T, N)", "index(T, T)", "lltostr(N)", "lltostr(N, N)",
        "strtoll(T)", "strtoll(T, N)", "progenyof(N)", "strchr(T, N)", "strrchr(T, N)", "strjoin(T, T)", "strlen(T)", "strstr(T, T)", "strtok(T, T)", "strtok(NULL, T)", "substr(T, N)", "substr(T, N, N)",
        "tolower(T)", "toupper(T)", "json(T, T)", "d_path((struct path *)N)", "link_ntop(N, (void *)N)", "inet_ntop(N, (void *)N)", "inet_ntoa((ipaddr_t *)N)", "inet_ntoa6((in6_addr_t *)N)",
        "mutex_owned((kmutex_t *)N)", "ddi_pathname(N, N)", "msgsize((mblk_t *)N)", "sym(N)", "usym(N)", "ufunc(N)", "umod(N)", "func(N)", "stringof(N)", "((struct task_struct *)N)->pid", "((char *)N)[N]",
        "*(int *)N", "N / N", "N % N", "N << N", "curpsinfo->pr_psargs[N]", "args[0]", "fds[N].fi_name", "rand()",
    ];

    private static readonly string[] _actions =
    [
        "trace(N)", "tracemem(N, 64)", "tracemem(N, 64, N)", "print(*curthread)", "printf(\"%*d %-*s %.*s\\n\", N, N, N, T, N, T)", "printf(\"%Y %T %y %a %A %p %k\", N, N, N, N, N, N, N)", "printf(\"%wc %C %S %s\", N, T, T, T)",
        "printf(\"%d %x %c %E\", N, N, N, N)", "stack(5)", "ustack(3, 7)", "@a = quantize(N, N)", "@b = lquantize(N, 0, 1000, 10, N)", "@c = llquantize(N, 10, 0, 6, 20)", "@d[T, N] = sum(N)", "@e = stddev(N)", "@f = avg(N)",
        "@g[ustack(2)] = min(N); normalize(@g, N)", "@h[N] = max(N); trunc(@h, N)", "@i[T] = count(); printa(\"%s %@d %@*d\\n\", @i)", "speculate(N)", "commit(N)", "discard(N)", "self->x[N, T] = N", "y[T] = T", "setopt(T, T)",
        "raise(N)", "chill(N % 1000)", "copyout(alloca(8), N, N)", "copyoutstr(T, N, N)",
    ];

    [Fact]
    public void Wild_arguments_do_no_harm()
    {
        var random = new Random(1);
        List<string> failures = [];
        int ran = 0;
        foreach (string call in _calls.Concat(_actions))
        {
            for (int i = 0; i < (call.Contains('N') || call.Contains('T') ? 6 : 1); i++)
            {
                string statement = Filled(call, random);
                string script = $"BEGIN {{ lots = \"0123456789012345678901234567890123456789\"; }} syscall:::entry {{ {(_actions.Contains(call) ? statement : $"x{random.Next()} = {statement}")}; }}";
                try
                {
                    (_, string errors, int status) = DScript.Run(script, "quiet destructive strsize=300");
                    Assert.True(status == 0 || errors.StartsWith("dtrace: ", StringComparison.Ordinal), errors);
                    if (status == 0) ran++;
                }
                catch (Exception e)
                {
                    failures.Add($"{script}\n{e}\n");
                }
            }
        }
        Assert.True(failures.Count == 0, string.Join("\n", failures));
        Assert.True(ran > 250, $"{ran} compiled");
    }

    private static string Filled(string call, Random random) =>
        string.Concat(call.Select((c, i) => c is 'N' or 'T' && (i == 0 || !char.IsAsciiLetter(call[i - 1]) && call[i - 1] != '%') && (i + 1 == call.Length || !char.IsAsciiLetter(call[i + 1])) ? Pick(c == 'N' ? _numbers : _texts, random) : $"{c}"));

    private static string Pick(string[] from, Random random) => from[random.Next(from.Length)];
}
