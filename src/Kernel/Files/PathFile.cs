using Kennel.Abi;

namespace Kennel.Files;

/// <summary>What open with O_PATH gives: a place, not its content (man 2 open).</summary>
public sealed class PathFile(OpenFlags flags) : OpenFile(flags);
