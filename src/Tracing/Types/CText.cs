namespace Kennel.Tracing.Types;

/// <summary>The strings of scripts: values, of a size at most.</summary>
public sealed class CText(int size) : CType
{
    public override int Size { get; } = size;

    public override int Alignment => 1;

    public override string Declare(string declarator) => Join("string", declarator);
}
