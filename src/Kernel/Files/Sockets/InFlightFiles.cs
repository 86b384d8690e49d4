namespace Kennel.Files.Sockets;

/// <summary>
/// Descriptors inside messages. Sockets that sit in each other's queues keep each other alive although nobody can reach
/// them; they are found by counting, as in Linux's net/unix/garbage.c: a socket all of whose references are in messages is
/// alive only if a live socket's queue leads to it.
/// </summary>
internal static class InFlightFiles
{
    /// <summary>Files go into a message for a socket; it takes over their references.</summary>
    public static void Depart(Kernel kernel, UnixSocket receiver, OpenFile[] files)
    {
        if (files.Any(static f => f is UnixSocket)) kernel.Vfs.SocketsWithRights.Add(receiver);
        foreach (OpenFile file in files)
        {
            if (file is UnixSocket socket && socket.InFlight++ == 0) kernel.Vfs.SocketsInFlight.Add(socket);
        }
    }

    /// <summary>Files come out of a message.</summary>
    public static void Arrive(OpenFile[] files)
    {
        foreach (OpenFile file in files)
        {
            if (file is UnixSocket socket) socket.InFlight--;
        }
    }

    /// <summary>A message is thrown away.</summary>
    public static void Drop(OpenFile[] files)
    {
        Arrive(files);
        Discard(files);
    }

    /// <summary>Files that are in no message are not wanted.</summary>
    public static void Discard(OpenFile[] files)
    {
        foreach (OpenFile file in files) file.Release();
    }

    /// <summary>Empties the queues of sockets that nobody can reach any more.</summary>
    public static void Collect(Kernel kernel)
    {
        HashSet<UnixSocket> all = kernel.Vfs.SocketsInFlight;
        if (all.Count == 0) return;
        all.RemoveWhere(static s => s.InFlight == 0 || s.State == UnixSocketState.Closed);
        HashSet<UnixSocket> unreachable = [.. all.Where(static s => s.References == s.InFlight)];
        if (unreachable.Count == 0) return;
        kernel.Vfs.SocketsWithRights.RemoveWhere(static s => !Inside(s).Any());
        var alive = new Stack<UnixSocket>(kernel.Vfs.SocketsWithRights.Where(s => !unreachable.Contains(s)));
        while (alive.TryPop(out UnixSocket? socket))
        {
            foreach (UnixSocket reached in Inside(socket))
            {
                if (unreachable.Remove(reached)) alive.Push(reached);
            }
        }
        foreach (UnixSocket socket in unreachable)
        {
            if (socket.State != UnixSocketState.Closed) socket.DropQueue();
        }
    }

    private static IEnumerable<UnixSocket> Inside(UnixSocket socket) =>
        socket.Queued.Where(static m => m.Rights != null).SelectMany(static m => m.Rights!).OfType<UnixSocket>();
}
