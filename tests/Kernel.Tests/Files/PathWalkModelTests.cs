using Kennel.Abi;

namespace Kennel.Tests.Files;

/// <summary>The path walk against a model that is written another way: recursion over lists of components.</summary>
public sealed class PathWalkModelTests
{
    private static readonly string[] Names = ["a", "b", "c"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void FindsWhatTheModelFinds(int seed)
    {
        using var machine = new SyscallMachine();
        TestTask task = machine.NewTask();
        var random = new Random(seed);
        var root = new Node { IsDirectory = true };
        root.Parent = root;
        Grow(task, random, root, "", 0);
        Node working = root;
        for (int i = 0; i < 3000; i++)
        {
            string path = RandomPath(random);
            bool follow = random.Next(2) == 0;
            int links = 0;
            (Errno expected, Node? node) = path.Length == 0 ? (Errno.ENOENT, null) : Walk(root, working, path, follow, ref links);
            ulong stat = task.Room(144);
            long result = task.Call(follow ? "stat" : "lstat", path, stat);
            Assert.True(expected == (result < 0 ? (Errno)(-result) : Errno.None), $"{path}: {expected}, got {result}");
            if (node == null) continue;
            ulong number = task.Get<StatStruct>(stat).Inode;
            node.Number ??= number;
            Assert.Equal(node.Number, number);
            if (!node.IsDirectory || random.Next(10) != 0 || !follow) continue;
            task.Ok("chdir", path);
            working = node;
        }
    }

    private static void Grow(TestTask task, Random random, Node directory, string path, int depth)
    {
        foreach (string name in Names)
        {
            var child = new Node { Parent = directory };
            string full = $"{path}/{name}";
            switch (random.Next(depth < 4 ? 6 : 3))
            {
                case 0:
                    continue;
                case 1:
                    task.WriteFile(full, "");
                    break;
                case 2 or 3:
                    child.Target = RandomPath(random);
                    if (child.Target.Length == 0) child.Target = ".";
                    task.Ok("symlink", child.Target, full);
                    break;
                default:
                    child.IsDirectory = true;
                    task.Ok("mkdir", full, 0x1ff);
                    Grow(task, random, child, full, depth + 1);
                    break;
            }
            directory.Children[name] = child;
        }
    }

    private static string RandomPath(Random random)
    {
        string path = random.Next(3) == 0 ? new string('/', random.Next(1, 3)) : "";
        int count = random.Next(0, 6);
        for (int i = 0; i < count; i++)
        {
            path += random.Next(8) switch { 0 => "..", 1 => ".", var n => Names[n % Names.Length] };
            if (i < count - 1 || random.Next(5) == 0) path += new string('/', random.Next(1, 3));
        }
        return path;
    }

    private static (Errno Error, Node? Node) Walk(Node root, Node start, string path, bool follow, ref int links)
    {
        Node at = path.StartsWith('/') ? root : start;
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        bool mustBeDirectory = path.EndsWith('/') || parts.Length == 0;
        for (int i = 0; i < parts.Length; i++)
        {
            if (!at.IsDirectory) return (Errno.ENOTDIR, null);
            if (parts[i] == ".") continue;
            if (parts[i] == "..")
            {
                at = at.Parent!;
                continue;
            }
            if (!at.Children.TryGetValue(parts[i], out Node? child)) return (Errno.ENOENT, null);
            bool isLast = i == parts.Length - 1;
            if (child.Target != null && (!isLast || follow || mustBeDirectory))
            {
                if (++links > 40) return (Errno.ELOOP, null);
                (Errno e, Node? target) = Walk(root, at, child.Target, follow: true, ref links);
                if (e != Errno.None) return (e, null);
                child = target!;
            }
            at = child;
        }
        return mustBeDirectory && !at.IsDirectory ? (Errno.ENOTDIR, null) : (Errno.None, at);
    }

    private sealed class Node
    {
        public Dictionary<string, Node> Children { get; } = [];

        public bool IsDirectory { get; set; }

        public string? Target { get; set; }

        public Node? Parent { get; set; }

        public ulong? Number { get; set; }
    }
}
