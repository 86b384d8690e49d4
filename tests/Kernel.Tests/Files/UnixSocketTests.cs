using System.Text;
using Kennel.Abi;
using Kennel.Files.Sockets;
using Kennel.Signals;

namespace Kennel.Tests.Files;

public sealed class UnixSocketTests : IDisposable
{
    private const int Unix = 1, Stream = 1, Datagram = 2, SeqPacket = 5, NonBlock = 0x800;

    private readonly SyscallMachine _machine = new();
    private readonly TestTask _server, _client;

    public UnixSocketTests()
    {
        _server = _machine.NewTask();
        _client = _machine.NewTask(1000, 1000);
        _server.Ok("mkdir", "/tmp", 0x1ff);
        _server.Ok("chmod", "/tmp", 0x1ff);
    }

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData("/tmp/socket")]
    [InlineData("\0abstract")]
    public void ConnectAcceptAndTalk(string name)
    {
        int listener = Listen(name);
        int client = (int)_client.Ok("socket", Unix, Stream, 0);
        _client.Ok("connect", client, Address(_client, name, out int length), length);
        _client.Write(client, "early"); // before accept
        int accepted = (int)_server.Ok("accept", listener, 0, 0);
        Assert.Equal("early", _server.Read(accepted));
        _server.Write(accepted, "answer");
        Assert.Equal("answer", _client.Read(client));
        ulong credential = _server.Room(12), size = _server.Put(12);
        _server.Ok("getsockopt", accepted, 1, 17, credential, size);
        Assert.Equal(new PeerCredential(_client.Pid, 1000, 1000), _server.Get<PeerCredential>(credential));
        credential = _client.Room(12);
        _client.Ok("getsockopt", client, 1, 17, credential, _client.Put(12));
        Assert.Equal(new PeerCredential(_server.Pid, 0, 0), _client.Get<PeerCredential>(credential));
        _client.Ok("close", client);
        Assert.Equal("", _server.Read(accepted));
        _server.Fails(Errno.EPIPE, "write", accepted, _server.Room(1), 1);
        Assert.True(_server.Task.Pending.Mask.Has(Signal.SIGPIPE));
    }

    [Fact]
    public void NamesAreTold()
    {
        int listener = Listen("/tmp/s");
        int client = (int)_client.Ok("socket", Unix, Stream, 0);
        _client.Ok("connect", client, Address(_client, "/tmp/s", out int length), length);
        ulong buffer = _client.Room(110), size = _client.Put(110);
        _client.Ok("getpeername", client, buffer, size);
        Assert.Equal(9, _client.Get<int>(size));
        Assert.Equal("\u0001\0/tmp/s\0", _client.GetText(buffer, 9));
        size = _client.Put(110);
        _client.Ok("getsockname", client, buffer, size);
        Assert.Equal(2, _client.Get<int>(size));
        _client.Fails(Errno.ENOTCONN, "getpeername", (int)_client.Ok("socket", Unix, Stream, 0), buffer, _client.Put(110));
        Assert.Equal(0xc1ffu, _server.Stat("/tmp/s").Mode);
        _server.Fails(Errno.EADDRINUSE, "bind", (int)_server.Ok("socket", Unix, Stream, 0), Address(_server, "/tmp/s", out length), length);
        _server.Fails(Errno.EINVAL, "bind", listener, Address(_server, "/tmp/other", out length), length);
        _server.Fails(Errno.ENXIO, "open", "/tmp/s", OpenFlags.ReadWrite);
    }

    [Fact]
    public void ConnectRefuses()
    {
        int client = (int)_client.Ok("socket", Unix, Stream, 0);
        _client.Fails(Errno.ENOENT, "connect", client, Address(_client, "/tmp/none", out int length), length);
        _client.Fails(Errno.ECONNREFUSED, "connect", client, Address(_client, "\0none", out length), length);
        int listener = Listen("/tmp/s");
        _server.Ok("chmod", "/tmp/s", 0x1c0);
        _client.Fails(Errno.EACCES, "connect", client, Address(_client, "/tmp/s", out length), length);
        _server.Ok("chmod", "/tmp/s", 0x1ff);
        int datagram = (int)_client.Ok("socket", Unix, Datagram, 0);
        _client.Fails(Errno.EPROTOTYPE, "connect", datagram, Address(_client, "/tmp/s", out length), length);
        _server.Ok("close", listener);
        _client.Fails(Errno.ECONNREFUSED, "connect", client, Address(_client, "/tmp/s", out length), length);
        _client.WriteFile("/tmp/file", "");
        _client.Fails(Errno.ECONNREFUSED, "connect", client, Address(_client, "/tmp/file", out length), length);
    }

    [Fact]
    public void AFullBacklogMakesConnectWait()
    {
        int listener = Listen("\0full", 0);
        Connect("\0full");
        int waiting = (int)_client.Ok("socket", Unix, Stream, 0);
        PendingCall connecting = _client.Start("connect", waiting, Address(_client, "\0full", out int length), length);
        _machine.RunUntilIdle();
        Assert.False(connecting.IsCompleted);
        _server.Ok("accept", listener, 0, 0);
        _machine.RunUntilIdle();
        Assert.Equal(0, connecting.Value);
        int impatient = (int)_client.Ok("socket", Unix, Stream | NonBlock, 0);
        _client.Fails(Errno.EAGAIN, "connect", impatient, Address(_client, "\0full", out length), length);
    }

    [Fact]
    public void ClosingAListenerResetsWhoWaitsInItsQueue()
    {
        int listener = Listen("\0l");
        int client = Connect("\0l");
        _server.Ok("close", listener);
        _client.Fails(Errno.ECONNRESET, "read", client, _client.Room(1), 1);
        Assert.Equal("", _client.Read(client));
    }

    [Fact]
    public void StreamsAreBytes()
    {
        (int one, int two) = Pair(Stream);
        _server.Write(one, "abc");
        _server.Write(one, "def");
        ulong buffer = _server.Room(16);
        Assert.Equal(4, _server.Ok("recvfrom", two, buffer, 4, 2, 0, 0)); // MSG_PEEK
        Assert.Equal(4, _server.Ok("recvfrom", two, buffer, 4, 0, 0, 0));
        Assert.Equal("abcd", _server.GetText(buffer, 4));
        PendingCall waiting = _server.Start("recvfrom", two, buffer, 5, 0x100, 0, 0); // MSG_WAITALL
        Assert.False(waiting.IsCompleted);
        TestTask child = _machine.Fork(_server);
        child.Write(one, "ghi");
        _machine.RunUntilIdle();
        Assert.Equal(5, waiting.Value);
        Assert.Equal("efghi", _server.GetText(buffer, 5));
        _server.Fails(Errno.EAGAIN, "recvfrom", two, buffer, 1, 0x40, 0, 0);
    }

    [Fact]
    public void DatagramsKeepTheirBounds()
    {
        (int one, int two) = Pair(Datagram);
        _server.Write(one, "first");
        _server.Write(one, "");
        _server.Write(one, "third message");
        Assert.Equal("fir", _server.Read(two, 3));
        Assert.Equal("", _server.Read(two));
        ulong buffer = _server.Room(4);
        Assert.Equal(13, _server.Ok("recvfrom", two, buffer, 4, 0x20, 0, 0)); // MSG_TRUNC
        _server.Fails(Errno.EMSGSIZE, "write", one, _server.Room(250_000), 250_000);
    }

    [Fact]
    public void DatagramsTellTheirSender()
    {
        int receiver = (int)_server.Ok("socket", Unix, Datagram, 0);
        _server.Ok("bind", receiver, Address(_server, "\0r", out int length), length);
        int sender = (int)_client.Ok("socket", Unix, Datagram, 0);
        _client.Fails(Errno.ENOTCONN, "write", sender, _client.Room(1), 1);
        _client.Ok("bind", sender, Address(_client, "\0s", out length), length);
        ulong to = Address(_client, "\0r", out length);
        Assert.Equal(2, _client.Ok("sendto", sender, _client.Put("hi"u8), 2, 0, to, length));
        ulong from = _server.Room(110), size = _server.Put(110);
        Assert.Equal(2, _server.Ok("recvfrom", receiver, _server.Room(8), 8, 0, from, size));
        Assert.Equal("\u0001\0\0s", _server.GetText(from, _server.Get<int>(size)));
        _server.Ok("close", receiver);
        _client.Fails(Errno.ECONNREFUSED, "sendto", sender, _client.Room(1), 1, 0, Address(_client, "\0r", out length), length);
    }

    [Fact]
    public void SequencedPacketsEndRecords()
    {
        (int one, int two) = Pair(SeqPacket);
        _server.Write(one, "one");
        _server.Write(one, "two");
        Assert.Equal("one", _server.Read(two));
        (long got, MessageHeader header, string text) = Receive(_server, two, 2, 0);
        Assert.Equal((2, 0x20u | 0x80u, "tw"), (got, header.Flags, text));
        _server.Ok("close", one);
        Assert.Equal("", _server.Read(two));
    }

    [Fact]
    public void AFullBufferMakesSendersWait()
    {
        (int one, int two) = Pair(Stream, NonBlock);
        ulong buffer = _server.Room(65536);
        long sent = 0, n;
        while ((n = _server.Call("write", one, buffer, 65536)) > 0) sent += n;
        Assert.Equal(-(long)Errno.EAGAIN, n);
        Assert.InRange(sent, 100_000, 400_000);
        ulong set = _server.Put(new PollFdStruct { Fd = one, Events = 4 });
        Assert.Equal(0, _server.Ok("poll", set, 1, 0));
        long received = 0;
        while ((n = _server.Call("read", two, buffer, 65536)) > 0) received += n;
        Assert.Equal(sent, received);
        Assert.Equal(1, _server.Ok("poll", set, 1, 0));
    }

    [Fact]
    public void ShutdownEndsOneDirection()
    {
        (int one, int two) = Pair(Stream);
        _server.Ok("shutdown", one, 1);
        Assert.Equal("", _server.Read(two));
        _server.Fails(Errno.EPIPE, "write", one, _server.Room(1), 1);
        _server.Write(two, "back");
        Assert.Equal("back", _server.Read(one));
        ulong set = _server.Put(new PollFdStruct { Fd = two, Events = 0x2001 });
        Assert.Equal(1, _server.Ok("poll", set, 1, 0));
        Assert.Equal(0x2001, _server.Get<PollFdStruct>(set).ReturnedEvents);
    }

    [Fact]
    public void DescriptorsTravel()
    {
        (int one, int two) = Pair(Stream);
        (int read, int write) = _server.Pipe();
        Send(_server, one, "x", Rights(_server, write));
        _server.Ok("close", write);
        (long got, MessageHeader header, _) = Receive(_server, two, 10, 64);
        Assert.Equal((1, 24ul, 0u), (got, header.ControlLength, header.Flags));
        int copy = _server.Get<int>(header.Control + 16);
        _server.Write(copy, "through");
        Assert.Equal("through", _server.Read(read));
        _server.Ok("close", copy);
        Assert.Equal("", _server.Read(read));
    }

    [Fact]
    public void DescriptorsWithoutRoomAreDropped()
    {
        (int one, int two) = Pair(Stream);
        (int read, int write) = _server.Pipe();
        Send(_server, one, "x", Rights(_server, write));
        _server.Ok("close", write);
        (_, MessageHeader header, _) = Receive(_server, two, 10, 0);
        Assert.Equal(8u, header.Flags); // MSG_CTRUNC
        Assert.Equal("", _server.Read(read));
    }

    [Fact]
    public void DescriptorsInClosedSocketsAreReleased()
    {
        (int one, int two) = Pair(Stream);
        (int read, int write) = _server.Pipe();
        Send(_server, one, "x", Rights(_server, write));
        _server.Ok("close", write);
        _server.Ok("close", one);
        _server.Ok("close", two);
        Assert.Equal("", _server.Read(read));
    }

    [Fact]
    public void SocketsInEachOthersQueuesAreFound()
    {
        (int read, int write) = _server.Pipe();
        (int one, int two) = Pair(Stream);
        Send(_server, one, "x", Rights(_server, one, two, write));
        Send(_server, two, "y", Rights(_server, one, two));
        _server.Ok("close", write);
        _server.Ok("close", one);
        _server.Ok("close", two);
        Assert.Equal("", _server.Read(read));
    }

    [Fact]
    public void SocketsThatALiveQueueLeadsToStay()
    {
        (int one, int two) = Pair(Stream);
        (int inner, int other) = Pair(Stream);
        _server.Write(other, "still");
        Send(_server, one, "x", Rights(_server, inner));
        _server.Ok("close", inner);
        _server.Ok("close", (int)_server.Ok("socket", Unix, Stream, 0)); // a collection
        (_, MessageHeader header, _) = Receive(_server, two, 10, 64);
        Assert.Equal("still", _server.Read(_server.Get<int>(header.Control + 16)));
    }

    [Fact]
    public void CredentialsTravel()
    {
        int listener = Listen("\0c");
        int client = Connect("\0c");
        int accepted = (int)_server.Ok("accept", listener, 0, 0);
        _server.Ok("setsockopt", accepted, 1, 16, _server.Put(1), 4);
        _client.Write(client, "x");
        (_, MessageHeader header, _) = Receive(_server, accepted, 10, 64);
        Assert.Equal(32ul, header.ControlLength);
        Assert.Equal(new PeerCredential(_client.Pid, 1000, 1000), _server.Get<PeerCredential>(header.Control + 16));
        byte[] forged = new byte[32];
        BitConverter.TryWriteBytes(forged, 28L);
        BitConverter.TryWriteBytes(forged.AsSpan(8), 1);
        BitConverter.TryWriteBytes(forged.AsSpan(12), 2);
        BitConverter.TryWriteBytes(forged.AsSpan(16), _client.Pid);
        Assert.Equal(Errno.EPERM, TrySend(_client, client, "x", forged)); // uid 0
    }

    [Fact]
    public void Options()
    {
        (int one, _) = Pair(Stream);
        Assert.Equal(Stream, Option(one, 3));
        Assert.Equal(Unix, Option(one, 39));
        Assert.Equal(212_992, Option(one, 7));
        _server.Ok("setsockopt", one, 1, 7, _server.Put(10_000), 4);
        Assert.Equal(20_000, Option(one, 7));
        _server.Ok("setsockopt", one, 1, 2, _server.Put(1), 4);
        Assert.Equal(1, Option(one, 2));
        _server.Fails(Errno.ENOPROTOOPT, "getsockopt", one, 1, 999, _server.Room(4), _server.Put(4));
        _server.Ok("setsockopt", one, 1, 20, _server.Put(new TimeVal { Microseconds = 5000 }), 16);
        PendingCall reading = _server.Start("read", one, _server.Room(1), 1);
        _machine.Advance(5_000_000);
        Assert.Equal(Errno.EAGAIN, reading.Error);
    }

    [Fact]
    public void Refusals()
    {
        _server.Fails(Errno.EAFNOSUPPORT, "socket", 2, Stream, 0);
        _server.Fails(Errno.EAFNOSUPPORT, "socket", 16, 3, 0);
        _server.Fails(Errno.EINVAL, "socket", Unix, 0x1001, 0);
        _server.Fails(Errno.ESOCKTNOSUPPORT, "socket", Unix, 4, 0);
        _server.Fails(Errno.EPROTONOSUPPORT, "socket", Unix, Stream, 6);
        (int read, _) = _server.Pipe();
        _server.Fails(Errno.ENOTSOCK, "listen", read, 1);
        int socket = (int)_server.Ok("socket", Unix, Stream, 0);
        _server.Fails(Errno.EINVAL, "listen", socket, 1);
        _server.Fails(Errno.ENOTCONN, "write", socket, _server.Room(1), 1);
        _server.Fails(Errno.EINVAL, "read", socket, _server.Room(1), 1);
        _server.Fails(Errno.EINVAL, "accept", socket, 0, 0);
        _server.Fails(Errno.EOPNOTSUPP, "listen", (int)_server.Ok("socket", Unix, Datagram, 0), 1);
    }

    private int Listen(string name, int backlog = 5)
    {
        int fd = (int)_server.Ok("socket", Unix, Stream, 0);
        _server.Ok("bind", fd, Address(_server, name, out int length), length);
        _server.Ok("listen", fd, backlog);
        if (name[0] != '\0') _server.Ok("chmod", name, 0x1ff);
        return fd;
    }

    private int Connect(string name)
    {
        int fd = (int)_client.Ok("socket", Unix, Stream, 0);
        _client.Ok("connect", fd, Address(_client, name, out int length), length);
        return fd;
    }

    private (int One, int Two) Pair(int type, int flags = 0)
    {
        ulong result = _server.Room(8);
        _server.Ok("socketpair", Unix, type | flags, 0, result);
        return (_server.Get<int>(result), _server.Get<int>(result + 4));
    }

    private int Option(int fd, int option)
    {
        ulong value = _server.Room(4);
        _server.Ok("getsockopt", fd, 1, option, value, _server.Put(4));
        return _server.Get<int>(value);
    }

    private static ulong Address(TestTask task, string name, out int length)
    {
        bool isPath = name[0] != '\0';
        length = 2 + name.Length + (isPath ? 1 : 0);
        return task.Put(Encoding.Latin1.GetBytes("\u0001\0" + name + (isPath ? "\0" : "")));
    }

    private static byte[] Rights(TestTask task, params int[] files)
    {
        var bytes = new byte[(16 + (files.Length * 4) + 7) & ~7];
        BitConverter.TryWriteBytes(bytes, 16L + (files.Length * 4));
        BitConverter.TryWriteBytes(bytes.AsSpan(8), 1);
        BitConverter.TryWriteBytes(bytes.AsSpan(12), 1);
        for (int i = 0; i < files.Length; i++) BitConverter.TryWriteBytes(bytes.AsSpan(16 + (i * 4)), files[i]);
        return bytes;
    }

    private static void Send(TestTask task, int fd, string text, byte[] control) => Assert.Equal(Errno.None, TrySend(task, fd, text, control));

    private static Errno TrySend(TestTask task, int fd, string text, byte[] control)
    {
        ulong vector = task.Put(new IoVec { Base = task.Put(Encoding.Latin1.GetBytes(text)), Length = (ulong)text.Length });
        var header = new MessageHeader { Vector = vector, VectorLength = 1, Control = task.Put(control), ControlLength = (ulong)control.Length };
        long result = task.Call("sendmsg", fd, task.Put(header), 0);
        return result < 0 ? (Errno)(-result) : Errno.None;
    }

    private static (long Got, MessageHeader Header, string Text) Receive(TestTask task, int fd, int room, int control)
    {
        ulong buffer = task.Room(room);
        ulong vector = task.Put(new IoVec { Base = buffer, Length = (ulong)room });
        ulong header = task.Put(new MessageHeader
        {
            Vector = vector,
            VectorLength = 1,
            Control = control > 0 ? task.Room(control) : 0,
            ControlLength = (ulong)control,
        });
        long got = task.Ok("recvmsg", fd, header, 0);
        return (got, task.Get<MessageHeader>(header), task.GetText(buffer, got));
    }
}
