using Winnow.Inference.Files;

namespace Winnow.Inference.Graph;

/// <summary>
/// Told of every operation of a shard, to see where the time of a pass goes (<see cref="ShardOptions.Profile"/>). It takes the times itself: the
/// engine has no clock. All calls come from the thread that runs the pass, for each operation in the order of the methods here.
/// </summary>
public interface IOperationProfile
{
    /// <summary>An operation begins.</summary>
    void Begin();

    /// <summary>The calling thread has done its own part and waits for the others. Not called when there is nobody to wait for.</summary>
    void Wait();

    /// <summary>The operation that began last is done.</summary>
    /// <param name="operation">What it was.</param>
    void End(in Operation operation);
}

/// <summary>What a shard has done between two points of a pass.</summary>
/// <param name="Kind">The operation.</param>
/// <param name="Type">Element type of its weights; <see langword="null"/> without weights and for products of several types at once.</param>
/// <param name="Rows">Rows of the batch that it was done for.</param>
/// <param name="Bytes">Bytes of weights, or of keys and values, that have to come from memory once; activations are not counted.</param>
/// <param name="MultiplyAdds">Multiplications with an addition, those of padding included.</param>
public readonly record struct Operation(OperationKind Kind, GgmlType? Type, int Rows, long Bytes = 0, long MultiplyAdds = 0);

/// <summary>The operations of a pass.</summary>
public enum OperationKind
{
    /// <summary>Embedding rows decoded.</summary>
    Embedding,

    /// <summary>A norm, what is joined to the hidden state before it, and the quantisation of its result.</summary>
    Norm,

    /// <summary>Query, key and value projections.</summary>
    QueryKeyValue,

    /// <summary>Biases, head norms, rotation, and keys and values into the cache.</summary>
    RotateAndStore,

    /// <summary>Attention over keys and values.</summary>
    Attention,

    /// <summary>Attention's output projection.</summary>
    AttentionOutput,

    /// <summary>Attention's result quantised for its projection.</summary>
    AttentionResult,

    /// <summary>Gate and up projections.</summary>
    GateUp,

    /// <summary>Activation times up, and its quantisation.</summary>
    Activation,

    /// <summary>Down projection.</summary>
    Down,

    /// <summary>The router's product.</summary>
    Router,

    /// <summary>Routing, gathering and combining of experts' rows.</summary>
    Experts,

    /// <summary>The head's product.</summary>
    Head,

    /// <summary>The head's bias added and logits capped.</summary>
    LogitFinish,
}
