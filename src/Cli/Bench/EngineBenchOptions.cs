using Winnow.Inference.Files;

namespace Winnow.Cli.Bench;

/// <summary>What <c>winnow bench</c> measures of the engine alone, and how.</summary>
internal sealed record EngineBenchOptions
{
    /// <summary>Sequences that decode side by side, a figure each.</summary>
    public IReadOnlyList<int> Decode { get; init; } = [];

    /// <summary>Prompt lengths in tokens, a figure each.</summary>
    public IReadOnlyList<int> Prefill { get; init; } = [];

    /// <summary>Rows of a block of draft tokens of one sequence, a figure each.</summary>
    public IReadOnlyList<int> Verify { get; init; } = [];

    /// <summary>Tokens of each sequence before what is decoded or verified.</summary>
    public required int Depth { get; init; }

    /// <summary>Tokens that each sequence decodes.</summary>
    public required int Tokens { get; init; }

    /// <summary>Samples of each figure.</summary>
    public required int Runs { get; init; }

    /// <summary>Tokens of context at which the resident memory is measured; <see langword="null"/> takes 2048, or the model's own if that is shorter.</summary>
    public int? Context { get; init; }

    /// <summary>Fill that context before the resident memory is read.</summary>
    public bool FillContext { get; init; }

    /// <summary>A model of random weights in place of the file, or <see langword="null"/>.</summary>
    public RandomModelShape? Shape { get; init; }

    /// <summary>Type of the random weights.</summary>
    public GgmlType Weights { get; init; } = GgmlType.Q4_0;

    /// <summary>Say where the time goes.</summary>
    public bool Profile { get; init; }

    /// <summary>Measure what the machine can do at most.</summary>
    public bool Roofline { get; init; }
}
