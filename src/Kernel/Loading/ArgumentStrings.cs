using Kennel.Abi;

namespace Kennel.Loading;

/// <summary>The strings that a new program finds on its stack: file name, arguments, environment.</summary>
/// <param name="FileName">AT_EXECFN.</param>
internal sealed record ArgumentStrings(byte[] FileName, IReadOnlyList<byte[]> Arguments, IReadOnlyList<byte[]> Environment)
{
    private const int LongestString = 32 * 4096; // MAX_ARG_STRLEN, with the NUL
    private const ulong LeastTotal = 32 * 4096; // ARG_MAX
    private const ulong MostTotal = (8 << 20) / 4 * 3; // three quarters of the usual stack

    /// <summary>Bytes of all strings with their NULs.</summary>
    public long TotalBytes => Length(Arguments) + Length(Environment) + FileName.Length + 1;

    /// <summary>E2BIG when a string, or all together, is too long. Linux: fs/exec.c, bprm_stack_limits and copy_strings.</summary>
    public Errno Check(ulong stackLimit)
    {
        ulong limit = Math.Max(Math.Min(MostTotal, stackLimit / 4), LeastTotal);
        ulong pointers = (ulong)(Arguments.Count + Environment.Count) * 8;
        if (pointers >= limit || (ulong)TotalBytes > limit - pointers) return Errno.E2BIG;
        return IsAnyTooLong(Arguments) || IsAnyTooLong(Environment) || FileName.Length >= LongestString ? Errno.E2BIG : Errno.None;
    }

    /// <summary>argv of a script's interpreter: its name, the argument of the "#!" line, the script, and the script's arguments.</summary>
    public ArgumentStrings ForInterpreter(ScriptLine script, byte[] scriptName)
    {
        var arguments = new List<byte[]>(Arguments.Count + 2) { script.Interpreter };
        if (script.Argument != null) arguments.Add(script.Argument);
        arguments.Add(scriptName);
        arguments.AddRange(Arguments.Skip(1));
        return this with { Arguments = arguments };
    }

    private static long Length(IReadOnlyList<byte[]> strings)
    {
        long sum = 0;
        foreach (byte[] s in strings) sum += s.Length + 1;
        return sum;
    }

    private static bool IsAnyTooLong(IReadOnlyList<byte[]> strings)
    {
        foreach (byte[] s in strings)
        {
            if (s.Length >= LongestString) return true;
        }
        return false;
    }
}
