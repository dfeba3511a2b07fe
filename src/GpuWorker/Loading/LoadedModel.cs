using Winnow.Inference.Drafting.CrossVocabulary;
using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Drafting.Heads;
using Winnow.Inference.Drafting.Stopping;
using Winnow.Inference.Files;
using Winnow.Inference.Grammar;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Loading;

/// <summary>A loaded layer range with the file that it computes from, and the memory reserved for both.</summary>
/// <param name="shard">The layers.</param>
/// <param name="file">Model file; stays open as long as the shard.</param>
/// <param name="reservedBytes">Bytes reserved in the worker's budget.</param>
public sealed class LoadedModel(IShard shard, ModelFile file, long reservedBytes) : IDisposable
{
    /// <summary>The layers.</summary>
    public IShard Shard { get; } = shard;

    /// <summary>Bytes reserved in the worker's budget.</summary>
    public long ReservedBytes { get; } = reservedBytes;

    /// <summary>The vocabulary of grammars, read from the file when the first is followed.</summary>
    public Lazy<GrammarVocabulary> Grammars { get; } = GrammarVocabulary.Of(file);

    /// <summary>What a draft model translates by; <see langword="null"/> when it has the target's tokens, and for a target.</summary>
    public VocabularyBridge? Bridge { get; init; }

    /// <summary>What ends a draft model's chains; <see langword="null"/> leaves that to its table, and for a target.</summary>
    public StopHead? StopHead { get; init; }

    /// <summary>The last shard's trained head, or <see langword="null"/>.</summary>
    public HeadDrafter? Head { get; init; }

    /// <summary>Its file, which it computes from.</summary>
    public ModelFile? HeadFile { get; init; }

    /// <summary>The first shard's early exit, or <see langword="null"/>.</summary>
    public ExitDrafter? Exit { get; init; }

    /// <summary>Its file, which it computes from.</summary>
    public ModelFile? ExitFile { get; init; }

    /// <summary>What was rounded when it was loaded; <see langword="null"/> where nothing was.</summary>
    internal RoundedWeights? Rounded { get; init; }

    /// <summary>Which kernels attend on a device, for people; <see langword="null"/> on the processor.</summary>
    internal string? AttentionKernels { get; init; }

    /// <summary>Frees weights and KV cache and closes the file.</summary>
    public void Dispose()
    {
        Shard.Dispose();
        Head?.Dispose();
        Exit?.Dispose();
        HeadFile?.Dispose();
        ExitFile?.Dispose();
        file.Dispose();
    }
}
