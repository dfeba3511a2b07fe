namespace Winnow.KernelBench;

/// <summary>What is measured, in the letters of the kernels: N outputs and K inputs of a matrix, T rows, H heads, G KV heads, D head size.</summary>
internal sealed record BenchSizes
{
    /// <summary>What issues of the kernels are judged by.</summary>
    public static BenchSizes Full { get; } = new()
    {
        Vectors = [(4096, 4096), (14336, 4096), (4096, 14336), (8192, 8192), (8192, 28672), (28672, 8192)],
        FewRows = [8, 32],
        Matrices = [(4096, 4096), (14336, 4096), (8192, 8192)],
        ManyRows = 4096,
        Heads = 32,
        KvHeads = 8,
        HeadSize = 128,
        DecodeContext = 8192,
        DecodeBatch = 16,
        Prompt = 4096,
        DataBytes = 512L << 20,
        LeastLaunches = 20,
        MostLaunches = 200,
        Samples = 21,
        Shape = "llama-3-8b",
        ModelBatch = 32,
        ModelPrompt = 4096,
        ModelTokens = 64,
        ModelRuns = 7,
    };

    /// <summary>So small that a processor standing for a device is done in seconds.</summary>
    public static BenchSizes Quick { get; } = new()
    {
        Vectors = [(32, 256)],
        FewRows = [2],
        Matrices = [(32, 256)],
        ManyRows = 34,
        Heads = 2,
        KvHeads = 1,
        HeadSize = 32,
        DecodeContext = 272,
        DecodeBatch = 2,
        Prompt = 20,
        DataBytes = 1,
        LeastLaunches = 2,
        MostLaunches = 2,
        Samples = 3,
        Shape = "tiny",
        ModelBatch = 2,
        ModelPrompt = 8,
        ModelTokens = 2,
        ModelRuns = 1,
    };

    /// <summary>Matrices (N, K) that one row is multiplied with.</summary>
    public required IReadOnlyList<(int Outputs, int Inputs)> Vectors { get; init; }

    /// <summary>Numbers of rows, between one and many, that the second matrix of <see cref="Vectors"/>, or the only one, is multiplied with.</summary>
    public required IReadOnlyList<int> FewRows { get; init; }

    /// <summary>Matrices (N, K) that many rows are multiplied with.</summary>
    public required IReadOnlyList<(int Outputs, int Inputs)> Matrices { get; init; }

    /// <summary>T: those rows.</summary>
    public required int ManyRows { get; init; }

    /// <summary>H.</summary>
    public required int Heads { get; init; }

    /// <summary>G.</summary>
    public required int KvHeads { get; init; }

    /// <summary>D.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Keys of each sequence of a decode.</summary>
    public required int DecodeContext { get; init; }

    /// <summary>Sequences of a decode.</summary>
    public required int DecodeBatch { get; init; }

    /// <summary>Rows of a prompt whose attention is measured.</summary>
    public required int Prompt { get; init; }

    /// <summary>Bytes of copies of a matrix that launches take in turn, so that no cache holds what is read.</summary>
    public required long DataBytes { get; init; }

    /// <summary>Launches of a sample, at least.</summary>
    public required int LeastLaunches { get; init; }

    /// <summary>Launches of a sample, at most.</summary>
    public required int MostLaunches { get; init; }

    /// <summary>Samples of a figure.</summary>
    public required int Samples { get; init; }

    /// <summary>Shape of the whole model.</summary>
    public required string Shape { get; init; }

    /// <summary>Sequences that are compared with one.</summary>
    public required int ModelBatch { get; init; }

    /// <summary>Tokens of the whole model's prompt.</summary>
    public required int ModelPrompt { get; init; }

    /// <summary>Tokens that each sequence decodes.</summary>
    public required int ModelTokens { get; init; }

    /// <summary>Samples of the whole model's figures.</summary>
    public required int ModelRuns { get; init; }
}
