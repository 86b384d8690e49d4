using System.Runtime.CompilerServices;
using System.Text;
using Kennel.Syscalls;
using Xunit;

namespace Kennel.Architecture.Tests;

/// <summary>docs/syscalls.md is made from the system-call table. To make it anew: KENNEL_UPDATE=1 ./test Architecture.</summary>
public sealed class SyscallDocumentTests
{
    [Fact]
    public void The_document_shows_the_table()
    {
        string path = Path.GetFullPath(Path.Combine(Here(), "../../docs/syscalls.md"));
        string expected = Document();
        if (Environment.GetEnvironmentVariable("KENNEL_UPDATE") == "1") File.WriteAllText(path, expected);
        Assert.True(File.Exists(path) && File.ReadAllText(path) == expected, "docs/syscalls.md is out of date: run KENNEL_UPDATE=1 ./test Architecture");
    }

    [Fact]
    public void No_number_or_name_is_given_twice()
    {
        Assert.Equal(SyscallTable.All.Count, SyscallTable.All.Select(c => c.Number).Distinct().Count());
        Assert.Equal(SyscallTable.All.Count, SyscallTable.All.Select(c => c.Name).Distinct().Count());
    }

    private static string Document()
    {
        var text = new StringBuilder();
        text.Append("# System calls\n\n");
        text.Append("Made from the table that the kernel dispatches by; do not edit. ").Append(SyscallTable.All.Count);
        text.Append(" calls have an implementation. Any other number answers ENOSYS and leaves one line in the kernel log.\n\n");
        text.Append("| Number | Name | Arguments |\n|---:|---|---|\n");
        foreach (SyscallInfo call in SyscallTable.All)
        {
            string arguments = string.Join(", ", call.Parameters.Select(p => $"{p.Name}: {TypeName(p.Type)}"));
            text.Append($"| {call.Number} | `{call.Name}` | {arguments} |\n");
        }
        return text.ToString();
    }

    private static string TypeName(Type type) => type switch
    {
        { IsGenericType: true } => $"{type.Name[..type.Name.IndexOf('`')]}&lt;{string.Join(", ", type.GetGenericArguments().Select(TypeName))}&gt;",
        _ when type == typeof(int) => "int",
        _ when type == typeof(uint) => "uint",
        _ when type == typeof(long) => "long",
        _ when type == typeof(ulong) => "ulong",
        _ when type == typeof(byte) => "byte",
        _ => type.Name,
    };

    private static string Here([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
