using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Cli.Bench;

/// <summary>One kind of operation, added up.</summary>
/// <param name="kind">The operation.</param>
/// <param name="type">Element type of its weights, where it has one.</param>
/// <param name="typeName">That type for people, <c>mixed</c>, or empty without weights.</param>
internal sealed class OperationTotal(OperationKind kind, GgmlType? type, string typeName)
{
    /// <summary>The operation.</summary>
    public OperationKind Kind => kind;

    /// <summary>Element type of its weights, where it has one.</summary>
    public GgmlType? Type => type;

    /// <summary>That type for people.</summary>
    public string TypeName => typeName;

    /// <summary>Times it was done.</summary>
    public int Calls { get; set; }

    /// <summary>Time from begin to end.</summary>
    public double Seconds { get; set; }

    /// <summary>The part of it in which the calling thread waited for the others.</summary>
    public double WaitSeconds { get; set; }

    /// <summary>Bytes of weights, keys and values.</summary>
    public long Bytes { get; set; }

    /// <summary>Multiplications with an addition.</summary>
    public long MultiplyAdds { get; set; }

    /// <summary>What stands for the type of an operation that has no single one.</summary>
    public static string TypeOf(in Operation operation) =>
        operation.Kind != OperationKind.Attention && operation.MultiplyAdds > 0 ? "mixed" : "";
}
